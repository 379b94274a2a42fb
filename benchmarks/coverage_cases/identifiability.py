"""Coverage of the intervals of parameters: a curved law at few temperatures, a circle, and a combination.

`cases(smoke)` returns one row for each parameter of each case: what was asked, the level, how often the truth was
inside, the median width (infinite where most intervals are open), and the number of repeats.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

import faradaic as fd
from faradaic._core import FitError
from faradaic.identifiability import Identifiability, Implicit
from faradaic.laws import vogel_fulcher_tammann

LEVEL = 0.95
TRUTH = {"A": 100.0, "B": 600.0, "T0": 180.0}  # S/m, K, K
RELATIVE, ABSOLUTE = 0.02, 0.02  # scatter of a conductivity: of its value where it is stated, in S/m where it is not
CIRCLE = Implicit(lambda x, y, x0, y0, r: (x - x0) ** 2 + (y - y0) ** 2 - r**2, bounds={"r": (0, np.inf)})

Case = dict[str, Any]


def cases(smoke: bool = False) -> list[Case]:
    """Return all cases; ``smoke`` runs a few repeats of each, to see that they run."""
    repeats = 4 if smoke else 500
    found: list[Case] = []
    found += _counted("3 temperatures, noise stated", TRUTH, _stated, 3, 3 * repeats)  # the hardest: counted better
    for n in (4, 5, 6, 8):
        found += _counted(f"{n} temperatures, noise stated", TRUTH, _stated, n, repeats)
    for n in (4, 5, 6, 8):
        found += _counted(f"{n} temperatures, noise not stated", TRUTH, _not_stated, n, repeats)
    found += _counted("circle through 50 points", {"r": 2.0}, _circle, 50, repeats)
    found += _counted("a + c + m x at 20 points", {"a + c": 3.0, "m": 2.0}, _line, 20, repeats)
    return found


def _counted(
    case: str, truth: dict[str, float], ask: Callable[[int, int], Identifiability], n: int, repeats: int
) -> list[Case]:
    """Count how often the truth is inside; an answer that is refused counts as outside."""
    ends = np.array(
        Parallel(n_jobs=min(2, os.cpu_count() or 1))(delayed(_ends)(ask, list(truth), n, r) for r in range(repeats))
    )
    return [
        {
            "case": f"{name}, {case}",
            "level": LEVEL,
            "nominal": LEVEL,
            "measured": float(((ends[:, j, 0] <= value) & (value <= ends[:, j, 1])).mean()),
            "width": float(np.nanmedian(ends[:, j, 1] - ends[:, j, 0])),
            "repeats": repeats,
        }
        for j, (name, value) in enumerate(truth.items())
    ]


def _ends(ask: Callable[[int, int], Identifiability], names: list[str], n: int, seed: int) -> list[tuple[float, float]]:
    try:
        found = ask(n, seed)
    except FitError:
        return [(float("nan"), float("nan"))] * len(names)
    return [(found[name].low, found[name].high) for name in names]


def _conductivity(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    T = np.linspace(260.0, 360.0, n)
    return T, vogel_fulcher_tammann(T[:, None], list(TRUTH.values())), np.random.default_rng([n, seed]).normal(size=n)


def _stated(n: int, seed: int) -> Identifiability:
    T, k, random = _conductivity(n, seed)
    table = pd.DataFrame({"T [K]": T, "k [S/m]": k * (1.0 + RELATIVE * random), "s [S/m]": RELATIVE * k})
    return fd.identify(vogel_fulcher_tammann, fd.read(table, x=["T [K]"], y="k [S/m]", sigma="s [S/m]"), level=LEVEL)


def _not_stated(n: int, seed: int) -> Identifiability:
    T, k, random = _conductivity(n, seed)
    table = pd.DataFrame({"T [K]": T, "k [S/m]": k + ABSOLUTE * random})
    return fd.identify(vogel_fulcher_tammann, fd.read(table, x=["T [K]"], y="k [S/m]"), level=LEVEL)


def _circle(n: int, seed: int) -> Identifiability:
    angles = np.linspace(0.0, 2.0 * np.pi, n, endpoint=False)
    off = 0.05 * np.random.default_rng([n, seed]).normal(size=(2, n))
    table = pd.DataFrame({"x": 1.0 + 2.0 * np.cos(angles) + off[0], "y": -1.0 + 2.0 * np.sin(angles) + off[1]})
    return fd.identify(CIRCLE, fd.read(table, x=["x"], y="y"), level=LEVEL)


def _offsets(x: Any, a: Any, c: Any, m: Any) -> Any:
    return a + c + m * x


def _line(n: int, seed: int) -> Identifiability:
    x = np.linspace(0.0, 5.0, n)
    table = pd.DataFrame({"x": x, "y": 3.0 + 2.0 * x + 0.1 * np.random.default_rng([n, seed]).normal(size=n)})
    return fd.identify(_offsets, fd.read(table, x=["x"], y="y"), level=LEVEL)


if __name__ == "__main__":
    print(pd.DataFrame(cases("--smoke" in sys.argv)).to_string(index=False, float_format="{:.3f}".format))
