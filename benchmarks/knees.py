"""Knees: coverage of the intervals, false alarms of the verdict, Attia's 45 curves, speed, and knees from early cycles.

    FARADAIC_DATA=... python benchmarks/knees.py [--smoke] [--repeats 1000]

Coverage: lines with one or two sharp breaks and known noise (white; correlated from row to row by 0.5, 0.8, 0.95; a
random walk; white noise plus a slow drift), and a gradual bend, whose knee is where the broken line fits the curve
without noise best. ``strong`` noise is a tenth of what the fade loses behind the knee, ``weak`` a hundredth.

False alarms: how often straight lines, square roots and parabolas with noise pass for a knee; and how often true knees
are found.

Attia et al. 2020 (the data set ``attia2020_capacity``): where knee and onset lie, relative to what, and how far apart
they are. Knees of these cells from their first 100 cycles by `lifetime`: this table has capacities only, no curves
Q(V), so the protocol's currents are asked as well.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.signal import lfilter

import faradaic as fd
from faradaic.performance import (
    Cell,
    capacity_at,
    capacity_gain,
    fade_slope,
    features,
    knees,
    lifetime,
)

KINDS = ("white", "0.5", "0.8", "0.95", "drift", "walk")
BEFORE = 50  # rows of correlated noise that are thrown away, times its memory


def noise(kind: str, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Return noise of unit variance (a random walk: of unit variance in the middle of the record)."""
    white = rng.normal(size=shape)
    if kind == "white":
        return white
    if kind == "walk":
        return np.cumsum(white, axis=1) / np.sqrt(shape[1] / 2)
    if kind == "drift":
        return 0.8 * white + 0.6 * correlated(0.9, shape, rng)
    return correlated(float(kind), shape, rng)


def correlated(rho: float, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    longer = rng.normal(size=(shape[0], shape[1] + int(BEFORE / (1 - rho))))
    return lfilter([np.sqrt(1 - rho**2)], [1, -rho], longer, axis=1)[:, -shape[1] :]


def found(t: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    """Return the table of curves y (m, n) at cycles 0 to 1000, places given as shares of the record."""
    cells = [Cell(str(k), 1000 * t, 10 + one) for k, one in enumerate(y)]
    table = knees(cells).table
    places = [name for name in table if name.endswith("[cycles]")]
    return table.assign(**(table[places] / 1000))


def covered(table: pd.DataFrame, name: str, truth: np.ndarray) -> tuple[float, float, float]:
    """Return the share of cells with a knee or onset, how many of these hold the truth, and their median width."""
    there = table[f"{name} [cycles]"].notna().to_numpy()
    if not there.any():
        return 0.0, float("nan"), float("nan")
    low, high = table[f"low {name} [cycles]"].to_numpy()[there], table[f"high {name} [cycles]"].to_numpy()[there]
    inside = (low <= truth[there]) & (truth[there] <= high)
    return float(there.mean()), float(inside.mean()), float(np.median(high - low))


def coverage(repeats: int) -> None:
    print("\ncoverage of 95 % intervals, of cells that are said to have one (share of these; median width)")
    print("noise   rows  size    |  knee, one break           |  onset, two breaks         |  knee, gradual bend")
    rng = np.random.default_rng(0)
    all_of = {"knee": [], "onset": [], "bend": []}
    for kind in KINDS:
        for n in (60, 200, 800):
            for size, name in ((0.1, "strong"), (0.01, "weak")):
                t = np.linspace(0.0, 1.0, n)
                off = size * noise(kind, (repeats, n), rng)
                c = rng.uniform(0.4, 0.85, repeats)[:, None]
                a = rng.uniform(0.35, 0.6, repeats)[:, None]
                b = a + rng.uniform(0.1, 0.3, repeats)[:, None]
                sharp = -0.3 * t - np.maximum(0, t - c) / (1 - c)
                twice = -0.3 * t - (0.8 * np.maximum(0, t - a) + np.maximum(0, t - b)) / (1.8 - a)
                bend = -0.3 * t - 0.05 * np.logaddexp(0, (t - c) / 0.05) / (1 - c)
                best = bend_knees(bend, t)
                words = []
                for what, one, truth in (("knee", sharp, c[:, 0]), ("onset", twice, a[:, 0]), ("bend", bend, best)):
                    share, inside, width = covered(found(t, one + off), "onset" if what == "onset" else "knee", truth)
                    all_of[what].append((share, inside))
                    words.append(f"{inside:.3f} ({share:.2f}; {width:.3f})")
                print(f"{kind:6s} {n:5d}  {name:7s} |  " + "  |  ".join(f"{word:22s}" for word in words), flush=True)
    for what, rows in all_of.items():
        weights, inside = np.array(rows).T
        kept = weights > 0
        print(f"all {what}: {np.average(inside[kept], weights=weights[kept]):.3f}")


def bend_knees(bend: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return the knees of curves without noise."""
    return found(t, bend)["knee [cycles]"].to_numpy()


SHAPES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "straight line": lambda t: 0 * t,
    "square root": lambda t: -20 * np.sqrt(t),
    "parabola, 3 noises": lambda t: -3 * t**2,
    "parabola, 10 noises": lambda t: -10 * t**2,
    "parabola, 50 noises": lambda t: -50 * t**2,
    "knee, 10 noises": lambda t: -10 * np.maximum(0, t - 0.65) / 0.35,
    "knee, 30 noises": lambda t: -30 * np.maximum(0, t - 0.65) / 0.35,
}


def alarms(repeats: int) -> None:
    print("\nshare of curves that are said to have a knee")
    print(f"{'shape':22s} {'rows':>5s} " + " ".join(f"{kind:>6s}" for kind in KINDS))
    rng = np.random.default_rng(1)
    for name, shape in SHAPES.items():
        for n in (50, 200, 800):
            t = np.linspace(0.0, 1.0, n)
            shares = []
            for kind in KINDS:
                table = found(t, (shape(t) + noise(kind, (repeats, n), rng)) / 50)
                shares.append((table["verdict"] == "knee").mean())
            print(f"{name:22s} {n:5d} " + " ".join(f"{share:6.3f}" for share in shares), flush=True)


def attia(repeats: int) -> None:
    cells = list(fd.data.load("attia2020_capacity").groupby("cell", sort=False))
    made = [
        Cell(
            name,
            part["cycle"].to_numpy(float),
            part["Q [Ah]"].to_numpy(),
            conditions={"protocol": part["protocol"].iloc[0]},
        )
        for name, part in cells
    ]
    print("\nAttia et al. 2020, 45 cells")
    for title, reference in (("first cycle", None), ("nominal 1.1 A h", 1.1)):
        table = knees(made, reference=reference).found
        at, on = table["at knee [%]"], table["at onset [%]"]
        print(
            f"of {title}: knee at {at.mean():.2f} % (median {at.median():.2f}), onset at {on.mean():.2f} % "
            f"(median {on.median():.2f}), {len(table)} of 45 have a knee"
        )
    apart = table["knee [cycles]"] - table["onset [cycles]"]
    width = (table["high knee [cycles]"] - table["low knee [cycles]"]).median()
    wide = (table["high onset [cycles]"] - table["low onset [cycles]"]).median()
    print(f"apart by {apart.mean():.1f} cycles (median {apart.median():.1f}); widths {width:.0f} and {wide:.0f} cycles")
    young(made, table, repeats)


def young(cells: list[Cell], table: pd.DataFrame, repeats: int) -> None:
    """Tell knees from the first 100 cycles, with cells or whole protocols left out."""
    which = {
        "Q2 [Ah]": capacity_at,
        "Qmax-Q2 [Ah]": capacity_gain,
        "slope [Ah/cycle]": lambda c: fade_slope(c, 20, 100),
    }
    early = features([one.up_to(100) for one in cells], which)
    early["protocol"] = [str(one.conditions["protocol"]) for one in cells]
    steps = early["protocol"].str.split("-", expand=True)
    for k, name in enumerate(("C1", "C2", "C3")):
        early[name] = steps[k].str.rstrip("C").astype(float)
    told = early.merge(table[["cell", "knee [cycles]"]], on="cell")
    print("\nknees from the first 100 cycles: error in ln cycles of what was left out, against the mean of the others")
    for title, more, group in (
        ("capacity, cells left out", [], "cell"),
        ("capacity and protocol, cells left out", ["C1", "C2", "C3"], "cell"),
        ("capacity and protocol, protocols left out", ["C1", "C2", "C3"], "protocol"),
    ):
        outer = 5 if repeats > 100 else None
        said = lifetime(told, life="knee [cycles]", inputs=[*which, *more], cell=group, outer=outer)
        one = said.exploration
        error = one.selection.standard_error if one.outer is None else one.outer.standard_error
        print(f"{title:42s} {one.error:.3f} ± {error:.3f} against {said.baseline:.3f}; learned: {said.learned}")


def speed() -> None:
    rng = np.random.default_rng(2)
    n, at = 1000, np.arange(1.0, 1001.0)
    bends = rng.uniform(400, 900, (1000, 1))
    y = 1.1 - 1e-4 * at - 5e-4 * np.maximum(0, at - bends) + 1e-3 * rng.normal(size=(1000, n))
    cells = [Cell(str(k), at, one) for k, one in enumerate(y)]
    begin, used = time.perf_counter(), time.process_time()
    knees(cells)
    print(
        f"\n1,000 curves of 1,000 cycles: {time.perf_counter() - begin:.2f} s, {time.process_time() - used:.2f} s of "
        "one processor"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=1000)
    parser.add_argument("--smoke", action="store_true", help="20 repeats")
    given = parser.parse_args()
    repeats = 20 if given.smoke else given.repeats
    speed()
    attia(repeats)
    alarms(repeats)
    coverage(repeats)


if __name__ == "__main__":
    main()
