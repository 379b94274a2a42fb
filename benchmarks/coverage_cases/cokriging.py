"""Coverage of the intervals of co-kriging: of the trend on draws from its own prior, and of left-out compositions.

`cases(smoke)` returns one row for each case: what was asked, the level, how often the truth was inside, the median
width, and the number of repeats.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

import faradaic as fd
from faradaic.approximations import CoKriging
from faradaic.approximations._chain import Chain, ChainPosterior, Step
from faradaic.approximations._kernels import Covariance

sys.path.insert(0, str(Path(__file__).parents[1]))
import multi_fidelity

Array = np.ndarray
LEVEL, BOUND = 0.95, 1.959964
MODEL = CoKriging(kernel="rbf")
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
        found = [drawn(repeats, how) for how in INTERVALS]
        return found if smoke else [*found, left_out_compositions()]


def drawn(repeats: int, how: str) -> Case:
    """Count how often the 95 % interval of the trend at one random point holds a truth drawn from the prior.

    The chain it was drawn from is given; or everything is fitted (ratio, length scales, amplitudes and noise) and then
    taken for known; or it is the interval that a `Trend` gives, with the variance of fitting it without each row.
    """
    rng = np.random.default_rng(17)
    inside, widths = [], []
    level = np.repeat([0, 1, 1], [CHEAP, DEAR, 1])
    while len(inside) < repeats:
        x = np.concatenate([np.linspace(0, 1, CHEAP), rng.uniform(0, 1, DEAR + 1)])[:, None]
        C = TRUTH(x, level, x, level) + 1e-9 * np.eye(len(x))
        f = np.linalg.cholesky(C) @ rng.standard_normal(len(x))
        X, y, rows, at, truth = x[:-1], f[:-1].copy(), level[:-1], x[-1:], f[-1]
        y[rows == 1] += NOISE * rng.standard_normal(DEAR)
        if how == "interval of the trend" and not np.ptp(X[rows == 1]) > np.ptp(np.append(X[rows == 1], at)) - 1e-12:
            continue  # outside the dear rows there is no interval
        low, high = INTERVALS[how](X, y, rows, at)
        inside.append(low < truth < high)
        widths.append(high - low)
    return _case(f"co-kriging, {CHEAP} cheap and {DEAR} dear rows, {how}", inside, widths)


def _given(X: Array, y: Array, rows: Array, at: Array) -> tuple[float, float]:
    post = ChainPosterior.of(TRUTH, X, rows, y, np.diag(np.where(rows == 1, NOISE**2, 1e-9)))
    return _ends(post.mean(at, 1)[0], np.sqrt(post.variance(at, 1)[0]))


def _fitted(X: Array, y: Array, rows: Array, at: Array) -> tuple[float, float]:
    known = np.where(rows == 1, np.nan, 0.0)
    return _ends(*(each[0] for each in MODEL.fit(X, y, noise_std=known, source=rows).predict(at, return_std=True)))


def _of_a_trend(X: Array, y: Array, rows: Array, at: Array) -> tuple[float, float]:
    sources = [
        fd.read(pd.DataFrame({"x": X[rows == k, 0], "y": y[rows == k]}), x=["x"], y="y", reliability=one, name=one)
        for k, one in enumerate(("deterministic", "experiment"))
    ]
    low, high = fd.fit(MODEL, fd.data.stack(*sources)).interval(at, LEVEL, of="mean")
    return float(low[0]), float(high[0])


def _ends(mean: float, std: float) -> tuple[float, float]:
    return mean - BOUND * std, mean + BOUND * std


INTERVALS = {"its prior given": _given, "fitted, then taken for known": _fitted, "interval of the trend": _of_a_trend}


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
