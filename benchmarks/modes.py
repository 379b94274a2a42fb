"""How often the intervals of degradation modes hold, where the modes are known: `python benchmarks/modes.py [--smoke]`.

Cells with planted losses are drawn, their curves are given errors of five kinds, and `modes` is asked. The errors are
independent scatter; a drift of each curve's own, rough or smooth; a drift that both curves share; and half-cell curves
that are not quite those of the cell (their lithiations are off by a smooth function), as with real cells. The
half-cell curves are those of Chen et al. 2020, and with FARADAIC_DATA also those of ampworks. Prints one line for each
kind: how often 95 % intervals held, of modes that were identified, and how wide they were.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from faradaic.performance import (
    CurveNoise,
    HalfCell,
    OpenCircuit,
    SyntheticCurves,
    align,
    chen2020,
    half_cell,
    mode_grid,
    modes,
    synthetic_curves,
)

MODES = ("LLI", "LAM_NE", "LAM_PE")


def cells() -> dict[str, tuple[HalfCell, HalfCell, OpenCircuit]]:
    """Return half cells and a fresh full cell, by name."""
    negative, positive = chen2020()
    share = np.linspace(0.0, 1.0, 400)
    V = positive.at(0.9084 - 0.6423 * share) - negative.at(0.0279 + 0.8735 * share)
    made = {"Chen 2020": (negative, positive, OpenCircuit("fresh", 5.0 * share, V))}
    folder = Path(os.environ.get("FARADAIC_DATA", "")) / "ocv_halfcell" / "ampworks_dqdv"
    if folder.is_dir():
        negative, positive = half_cell(folder / "gr_smooth.csv"), half_cell(folder / "nmc_smooth.csv")
        V = positive.at(0.97 - 0.85 * share) - negative.at(0.03 + 0.8 * share)
        made["ampworks"] = (negative, positive, OpenCircuit("fresh", 0.022 * share, V))
    return made


def warped(cell: HalfCell, random: np.random.Generator, size: float) -> HalfCell:
    """Return a half cell whose lithiations are off by a smooth random function of standard deviation ``size``."""
    x = cell.lithiation
    near = np.exp(-0.5 * ((x[:, None] - x[None, :]) / 0.1) ** 2) + 1e-8 * np.eye(len(x))
    off = size * np.linalg.cholesky(near) @ random.normal(size=len(x))
    taper = np.minimum(1.0, 10.0 * np.minimum(x - x[0], x[-1] - x) / (x[-1] - x[0]))
    return HalfCell(cell.name, np.maximum.accumulate(x + taper * off) + 1e-9 * np.arange(len(x)), cell.potential)


def planted(
    kind: str, cell: tuple[HalfCell, HalfCell, OpenCircuit], losses: np.ndarray, seed: int
) -> tuple[OpenCircuit, OpenCircuit] | None:
    """Return the curves of a fresh and an aged cell with errors."""
    random = np.random.default_rng(seed)
    negative, positive, fresh = cell
    if kind == "half cells":
        negative, positive = warped(negative, random, 0.003), warped(positive, random, 0.003)
    base = align(fresh, negative, positive, intervals="student")
    both = synthetic_curves(base, np.vstack([np.zeros(3), losses]))
    if len(both) < 2:
        return None
    scatter = CurveNoise(0.0, 2e-4, 0.1)
    drift = CurveNoise(1e-3, 2e-4, 0.1, smooth=kind == "smooth drift")
    noisy: SyntheticCurves = both.with_noise(scatter if kind in ("scatter", "half cells") else drift, seed)
    if kind == "shared drift":
        noisy = both.with_noise(scatter, seed)
        one = drift.draw(both.along[0], random)
        common = np.array([np.interp(along, both.along[0], one) for along in both.along])
        noisy = SyntheticCurves(both.modes, both.capacity, both.share, noisy.voltage + common, both.along, both.window)
    return noisy.curve(0), noisy.curve(1)


def study(kind: str, cell: tuple[HalfCell, HalfCell, OpenCircuit], count: int, intervals: Any) -> str:
    """Return how often intervals held, in words."""
    held, widths, left_open = [], [], 0
    for seed, losses in enumerate(mode_grid(0.2, count=count, seed=1).to_numpy()):
        curves = planted(kind, cell, losses, seed)
        if curves is None:
            continue
        found = modes(*curves, cell[0], cell[1], intervals=intervals)
        for name, truth in zip(MODES, losses, strict=True):
            one = found[name]
            left_open += not one.identified
            if one.identified:
                held.append(one.low <= truth <= one.high)
                widths.append(one.half_width)
    return (
        f"{100 * np.mean(held):5.1f} % of {len(held)} held, median half-width {100 * np.median(widths):.2f} %, "
        f"{left_open} open"
    )


def main() -> None:
    """Print the study."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a few cells only")
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--intervals", default="student", choices=("student", "profile"))
    asked = parser.parse_args()
    count = 4 if asked.smoke else asked.count
    for name, cell in cells().items():
        for kind in ("scatter", "drift", "smooth drift", "shared drift", "half cells"):
            begin = time.perf_counter()
            said = study(kind, cell, count, asked.intervals)
            print(f"{name:10s} {kind:13s} {said}; {time.perf_counter() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    main()
