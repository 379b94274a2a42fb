"""Coverage of the intervals of new observations: new rows, new cells, and far outside the data.

`cases(smoke)` returns one row for each case: what was asked, the level, how often a new observation was inside, the
median width, and the number of repeats.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

import faradaic as fd
from faradaic._core import OutsideDomainWarning
from faradaic.approximations import Approximation, Design, GaussianProcess, LawRegressor, Log, Polynomial, Reciprocal
from faradaic.laws import arrhenius, constant

Case = dict[str, Any]
Draws = Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]
LINE = Design(Polynomial(degree=1), x=Reciprocal(), y=Log())
LAW = LawRegressor(order=1, laws=(constant, arrhenius), residuals="log")
PROCESS = Design(GaussianProcess(restarts=1), x=Reciprocal(), y=Log())


def cases(smoke: bool = False) -> list[Case]:
    """Return all cases; ``smoke`` runs a few repeats of each, to see that they run."""
    repeats = 3 if smoke else 200
    found = [
        _counted("new rows of a line, 40 rows", 0.90, repeats, lambda r: _rows(r, 0.90)),
        _counted("new rows of a line, 40 rows", 0.95, repeats, lambda r: _rows(r, 0.95)),
        _counted("the line itself, 40 rows", 0.95, repeats, lambda r: _rows(r, 0.95, "mean")),
        _counted("new cells, 12 cells × 60 cycles, quadratic", 0.90, repeats, lambda r: _cells(r, Polynomial(2))),
        _counted("new cells, 12 cells × 60 cycles, plane", 0.90, repeats, lambda r: _cells(r, Polynomial(1))),
        _counted(
            "new cells, the same rows taken as independent", 0.90, repeats, lambda r: _cells(r, Polynomial(2), False)
        ),
    ]
    for name, design in (("straight line", LINE), ("law", LAW), ("Gaussian process", PROCESS)):
        count = repeats if design is not PROCESS else min(repeats, 50)
        found.append(
            _counted(f"260 K from 300–360 K, curved, {name}, widened", 0.95, count, lambda r, d=design: _cold(r, d))
        )
    return found


def _counted(case: str, level: float, repeats: int, draws: Callable[[int], Draws]) -> Case:
    """Count the share of new observations inside, the mean over repeats; ``draws`` yields (new, low, high)."""
    shares, widths = [], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideDomainWarning)
        for new, low, high in draws(repeats):
            shares.append(((low <= new) & (new <= high)).mean())
            widths.append(np.median(high - low))
    return {
        "case": case,
        "level": level,
        "nominal": level,
        "measured": float(np.mean(shares)),
        "width": float(np.median(widths)),
        "repeats": repeats,
    }


def _rows(repeats: int, level: float, of: Any = "observation") -> Draws:
    at = np.linspace(0.0, 1.0, 60)
    for seed in range(repeats):
        random = np.random.default_rng(seed)
        x = np.linspace(0.0, 1.0, 40)
        table = pd.DataFrame({"x": x, "y": 1.0 + x + 0.1 * random.normal(size=40)})
        trend = fd.fit(Polynomial(degree=1), fd.read(table, x=["x"], y="y"))
        new = 1.0 + at + (0.1 * random.normal(size=60) if of == "observation" else 0.0)
        yield new, *trend.interval(at[:, None], level, of)


def _fade(random: np.random.Generator, cells: int) -> pd.DataFrame:
    """Return y = 1 − 0.2 k n + 0.003 ε of cells with k ~ N(1, 0.25) and a noisy copy of k."""
    k = random.normal(1.0, 0.25, cells)
    seen = k + 0.05 * random.normal(size=cells)
    n, cell = np.tile(np.arange(1, 61) / 60.0, cells), np.repeat(np.arange(cells), 60)
    y = 1.0 - 0.2 * k[cell] * n + 0.003 * random.normal(size=len(n))
    return pd.DataFrame({"n": n, "k": seen[cell], "y": y, "cell": cell})


def _cells(repeats: int, design: Approximation, grouped: bool = True) -> Draws:
    for seed in range(repeats):
        random = np.random.default_rng(seed)
        data = fd.read(_fade(random, 12), x=["n", "k"], y="y", groups="cell" if grouped else None)
        trend = fd.fit(design, data)
        new = _fade(random, 40)
        new = new[trend.inside(new[["n", "k"]])]  # elsewhere the interval is refused
        yield new["y"].to_numpy(), *trend.interval(new[["n", "k"]], 0.90)


def _cold(repeats: int, design: Approximation) -> Draws:
    for seed in range(repeats):
        random = np.random.default_rng(seed)
        T = np.linspace(300.0, 360.0, 25)
        table = pd.DataFrame({"T [K]": T, "k [S/m]": 1e2 * np.exp(-900 / (T - 160) + 0.03 * random.normal(size=25))})
        trend = fd.fit(design, fd.read(table, x=["T [K]"], y="k [S/m]"))
        assert trend.where([[260.0]])[0] == "outside"
        yield 1e2 * np.exp(-9.0 + 0.03 * random.normal(size=1)), *trend.interval([[260.0]], 0.95, outside="widen")


if __name__ == "__main__":
    print(pd.DataFrame(cases("--smoke" in sys.argv)).to_string(index=False, float_format="{:.3f}".format))
