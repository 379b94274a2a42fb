"""Coverage of the intervals of slopes: activation energies, a kinetic Monte Carlo barrier, a process from its prior.

`cases(smoke)` returns one row for each case: what was asked, the level, how often the truth was inside, the median
width, and the number of repeats.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import faradaic as fd
from faradaic._core import IntervalError
from faradaic.approximations import Approximation, Design, GaussianProcess, LawRegressor, Log, Polynomial, Reciprocal
from faradaic.approximations._kernels import Covariance, KernelName
from faradaic.laws import FARADAY, GAS_CONSTANT, arrhenius, constant

sys.path.insert(0, str(Path(__file__).parents[1] / "make_examples"))
import kinetic_monte_carlo

LEVEL = 0.95
ENERGY = 0.30  # eV
SCATTER = 0.15  # in ln D
LAW = LawRegressor(order=1, laws=(constant, arrhenius), residuals="log")
LINE = Design(Polynomial(degree=1), x=Reciprocal(), y=Log())
CURVE = Design(Polynomial(degree=2), x=Reciprocal(), y=Log())
PROCESS = Design(GaussianProcess(kernel="rbf"), x=Reciprocal(), y=Log())

Case = dict[str, Any]


def cases(smoke: bool = False) -> list[Case]:
    """Return all cases; ``smoke`` runs a few repeats of each, to see that they run."""
    repeats = 20 if smoke else 2000
    found = [_arrhenius(f"Ea, law, {n} temperatures", LAW, n, repeats) for n in (3, 4, 5, 8)] + [
        _arrhenius(f"Ea, straight line, {n} temperatures", LINE, n, repeats) for n in (3, 4, 5, 8)
    ]
    found += [
        _arrhenius("Ea at 310 K, parabola, 8 temperatures", CURVE, 8, repeats),
        _arrhenius("Ea at 310 K, fitted Gaussian process, 8 temperatures", PROCESS, 8, 5 if smoke else 200),
        _two_temperatures(),
        *_monte_carlo(4 if smoke else 200),
    ]
    for kernel in ("rbf", "matern52", "matern32"):
        found.append(_process(kernel, repeats, given=True))
        found.append(_process(kernel, 5 if smoke else 200, given=False))
    return found


def _counted(case: str, draws: Iterator[tuple[float, float, float]]) -> Case:
    """Count how often the truth lies between the ends; ``draws`` yields (truth, low, high)."""
    truth, low, high = np.array(list(draws)).T
    return {
        "case": case,
        "level": LEVEL,
        "nominal": LEVEL,
        "measured": float(((low <= truth) & (truth <= high)).mean()),
        "width": float(np.median(high - low)),
        "repeats": len(truth),
    }


def _diffusivity(n: int, seed: int) -> fd.data.Dataset:
    T = np.linspace(280.0, 340.0, n)
    ln_D = -ENERGY * FARADAY / GAS_CONSTANT * (1.0 / T - 1.0 / 310.0)
    D = 1e-14 * np.exp(ln_D + SCATTER * np.random.default_rng([n, seed]).standard_normal(n))
    return _read(pd.DataFrame({"T [K]": T, "D [m**2/s]": D}))


def _read(frame: pd.DataFrame, **arguments: Any) -> fd.data.Dataset:
    return fd.read(frame, x=["T [K]"], y="D [m**2/s]", **arguments)


def _arrhenius(case: str, design: Approximation, n: int, repeats: int) -> Case:
    def draws() -> Iterator[tuple[float, float, float]]:
        for seed in range(repeats):
            low, high = fd.fit(design, _diffusivity(n, seed)).activation_energy(310.0, unit="eV").interval(LEVEL)
            yield ENERGY, low[0], high[0]

    return _counted(case, draws())


def _two_temperatures() -> Case:
    """Two temperatures and two parameters: there must be no interval, and the reason."""
    refused = 0
    for seed in range(20):
        try:
            fd.fit(LAW, _diffusivity(3, seed).take([0, 2])).activation_energy().interval(LEVEL)
        except IntervalError:
            refused += 1
    return {
        "case": "Ea, law, 2 temperatures: refused",
        "level": LEVEL,
        "nominal": 1.0,
        "measured": refused / 20,
        "width": float("nan"),
        "repeats": 20,
    }


def _monte_carlo(repeats: int) -> list[Case]:
    """The barrier behind kinetic Monte Carlo diffusivities with their own standard errors, new walkers each time."""
    tables = [
        _read(_walked(seed), reliability="stochastic", sigma="standard error [m**2/s]") for seed in range(repeats)
    ]

    def draws(design: Approximation) -> Iterator[tuple[float, float, float]]:
        for data in tables:
            low, high = fd.fit(design, data).activation_energy(unit="eV").interval(LEVEL)
            yield kinetic_monte_carlo.BARRIER, low[0], high[0]

    absolute = LawRegressor(order=1, laws=(constant, arrhenius))
    return [
        _counted("barrier from kinetic Monte Carlo, law", draws(absolute)),
        _counted("barrier from kinetic Monte Carlo, straight line", draws(LINE)),
    ]


def _walked(seed: int) -> pd.DataFrame:
    module = kinetic_monte_carlo
    seeds = np.random.SeedSequence([module.SEED, seed]).spawn(len(module.TEMPERATURES))
    found = np.array(
        [module.diffusivity(T, np.random.default_rng(s)) for T, s in zip(module.TEMPERATURES, seeds, strict=True)]
    )
    return pd.DataFrame(
        {"T [K]": module.TEMPERATURES, "D [m**2/s]": found[:, 0], "standard error [m**2/s]": found[:, 1]}
    )


def _process(kernel: KernelName, repeats: int, *, given: bool) -> Case:
    """Slopes of functions drawn from a process with a length scale of 0.3, seen at 12 places with noise of 0.1."""
    model = GaussianProcess(kernel=kernel, lengthscale=0.3, amplitude=1.0) if given else GaussianProcess(kernel=kernel)
    prior, noise = Covariance(kernel, 1.0, np.array([0.3])), 0.1

    def draws() -> Iterator[tuple[float, float, float]]:
        random = np.random.default_rng(6)
        for _ in range(repeats):
            x = random.random((12, 1))
            at = random.uniform(x.min(), x.max(), (1, 1))
            joint = np.empty((13, 13))
            joint[:12, :12], joint[12, 12] = prior(x, x), prior.slope_variance(0)
            joint[12, :12] = joint[:12, 12] = prior.derivative(at, x, 0)[0]
            values, vectors = np.linalg.eigh(joint)
            drawn = vectors @ (np.sqrt(np.maximum(values, 0.0)) * random.standard_normal(13))
            frame = pd.DataFrame({"x": x[:, 0], "y": drawn[:12] + noise * random.standard_normal(12)})
            trend = fd.fit(model, fd.read(frame, x=["x"], y="y", sigma=noise))
            _, low, high = trend.derivative(at, "x", level=LEVEL)
            yield drawn[12], low[0], high[0]

    words = "its hyper-parameters given" if given else "hyper-parameters fitted"
    return _counted(f"slope of a {kernel} process, {words}", draws())


def main() -> None:
    """Print the table; with ``--smoke`` a few repeats only."""
    for row in cases("--smoke" in sys.argv):
        counted = f"nominal {row['nominal']:.3f}  measured {row['measured']:.3f}  repeats {row['repeats']:5d}"
        print(f"{row['case']:58s} level {row['level']:.2f}  {counted}  width {row['width']:.3g}", flush=True)


if __name__ == "__main__":
    main()
