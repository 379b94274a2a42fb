"""Coverage of the intervals of co-kriging: of the trend on draws from its own prior, and of left-out compositions.

`cases(smoke)` returns one row for each case: what was asked, the level, how often the truth was inside, the median
width, and the number of repeats.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

import faradaic as fd
from faradaic.approximations import CoKriging
from faradaic.approximations._chain import Chain, ChainPosterior, Step
from faradaic.approximations._kernels import Covariance

sys.path.insert(0, str(Path(__file__).parents[1]))
import multi_fidelity

LEVEL, BOUND = 0.95, 1.959964
CHEAP, DEAR, NOISE = 25, 12, 0.1
# f = 1.5 f_cheap + c + δ with a slower δ: what the draws are made of
TRUTH = Chain(
    (
        Step(0.0, Covariance("rbf", 1.0, np.array([0.25])), 0.0),
        Step(1.5, Covariance("rbf", 0.25, np.array([0.5])), 0.25),
    )
)

Case = dict[str, Any]


def cases(smoke: bool = False) -> list[Case]:
    """Return all cases; ``smoke`` runs a few repeats of each, to see that they run."""
    repeats = 10 if smoke else 200
    with threadpool_limits(1):
        found = [drawn(repeats, given=given) for given in (True, False)]
        return found if smoke else [*found, left_out_compositions()]


def drawn(repeats: int, *, given: bool) -> Case:
    """Count how often the 95 % interval of the trend at one random point holds a truth drawn from the prior.

    Either the chain it was drawn from is given, or everything is fitted: ratio, length scales, amplitudes and noise.
    """
    rng = np.random.default_rng(17)
    inside, widths = [], []
    level = np.repeat([0, 1, 1], [CHEAP, DEAR, 1])
    for _ in range(repeats):
        x = np.concatenate([np.linspace(0, 1, CHEAP), rng.uniform(0, 1, DEAR + 1)])[:, None]
        C = TRUTH(x, level, x, level) + 1e-9 * np.eye(len(x))
        f = np.linalg.cholesky(C) @ rng.standard_normal(len(x))
        X, y, rows, at, truth = x[:-1], f[:-1].copy(), level[:-1], x[-1:], f[-1]
        y[rows == 1] += NOISE * rng.standard_normal(DEAR)
        if given:
            post = ChainPosterior.of(TRUTH, X, rows, y, np.diag(np.where(rows == 1, NOISE**2, 1e-9)))
            mean, std = post.mean(at, 1)[0], np.sqrt(post.variance(at, 1)[0])
        else:
            known = np.where(rows == 1, np.nan, 0.0)
            model = CoKriging(kernel="rbf").fit(X, y, noise_std=known, source=rows)
            mean, std = (each[0] for each in model.predict(at, return_std=True))
        inside.append(abs(mean - truth) < BOUND * std)
        widths.append(2 * BOUND * std)
    name = "its prior given" if given else "everything fitted"
    return _case(f"co-kriging, {CHEAP} cheap and {DEAR} dear rows, {name}", inside, widths)


def left_out_compositions() -> Case:
    """Count how often the interval of the mean of a composition's runs holds it when the composition is left out."""
    data = fd.data.load("clio2022")
    unit, noise = data.response.scale, fd.data.replicates(data.judged).std
    design = multi_fidelity.alone_and_together("matern52", None, None)[1]
    found = multi_fidelity.leave_out(design, data, 1)
    return _case("co-kriging, Clio, compositions left out", found.covered(noise), found.width(noise) / unit)


def _case(name: str, inside: Any, widths: Any) -> Case:
    return {
        "case": name,
        "level": LEVEL,
        "nominal": LEVEL,
        "measured": float(np.mean(inside)),
        "width": float(np.median(widths)),
        "repeats": len(inside),
    }


if __name__ == "__main__":
    for case in cases("--smoke" in sys.argv):
        print(case)
