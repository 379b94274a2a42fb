"""How the cost of a landscape grows with rows, sizes and splits, and what a second worker brings.

    python benchmarks/scaling.py [--smoke] [--plot scaling.png] [--largest 10000]

For each family a landscape is timed on one core while one of three numbers grows and the others stay: rows n (from
100), splits, and sizes. Printed is the exponent of a power law fitted to the times (of n to its upper half: below, what
every call costs hides it). Then the same landscape of networks is made by one and by two workers of a Dask cluster, and
by one and two processes of joblib, in one run; the landscapes must be equal.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import pandas as pd

import faradaic as fd
from faradaic.approximations import Approximation, GaussianProcess, Network, Polynomial, Spline
from faradaic.data import Dataset, splits
from faradaic.landscape import Landscape

FEATURES = 3
# a family, its sizes, and the most rows that it is timed with
FAMILIES: dict[str, tuple[Approximation, list[int], int]] = {
    "polynomial": (Polynomial(), [1, 2, 3, 4, 5, 6, 7, 8], 10_000),
    "spline": (Spline(), [2, 3, 4, 5, 6], 10_000),
    "network": (Network(iterations=50), [1, 2, 4, 8], 10_000),
    "process on centres": (GaussianProcess(), [5, 10, 20, 40, 80], 10_000),
    "exact process": (GaussianProcess(centres=10**6), [10**6], 1_000),
}


def table(n: int) -> Dataset:
    """Return a smooth function of three inputs with noise."""
    rng = np.random.default_rng(n)
    X = rng.uniform(-1.0, 1.0, (n, FEATURES))
    y = np.sin(3.0 * X[:, 0]) + X[:, 1] * X[:, 2] + 0.1 * rng.normal(size=n)
    return fd.read(pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], "y": y}), x=["a", "b", "c"], y="y")


def timed(work: Callable[..., Any], *given: Any, **more: Any) -> tuple[float, Any]:
    """Return the time of one call and what it returned."""
    begin = time.perf_counter()
    result = work(*given, **more)
    return time.perf_counter() - begin, result


def swept(family: Approximation, data: Dataset, **more: Any) -> float:
    """Return the time of a landscape."""
    return timed(fd.landscape, family, data, **more)[0]


def exponent(numbers: list[int], times: list[float]) -> float:
    """Return the slope of ln t in ln n."""
    return float(np.polyfit(np.log(numbers), np.log(times), 1)[0]) if len(numbers) > 1 else float("nan")


def growth(rows: list[int], parts: list[int]) -> dict[str, dict[str, tuple[list[int], list[float]]]]:
    """Time each family as rows, splits and sizes grow."""
    found: dict[str, dict[str, tuple[list[int], list[float]]]] = {}
    for name, (family, sizes, most) in FAMILIES.items():
        counts = [n for n in rows if n <= most]
        data = {n: table(n) for n in {*counts, 200}}
        few = data[200]
        swept(family, few, sizes=sizes[:1], splits=2)  # imports
        many = list(range(1, len(sizes) + 1))
        found[name] = {
            "rows": (counts, [swept(family, data[n], sizes=sizes, splits=5) for n in counts]),
            "splits": (
                [5 * r for r in parts],
                [swept(family, few, sizes=sizes, splits=splits(few, folds=5, repeats=r)) for r in parts],
            ),
            "sizes": (many, [swept(family, few, sizes=sizes[:k], splits=5) for k in many]),
        }
    return found


def say(found: dict[str, dict[str, tuple[list[int], list[float]]]]) -> None:
    """Print times and exponents."""
    for name, ways in found.items():
        counts, times = ways["rows"]
        upper = slice(len(counts) // 2 - (len(counts) < 3), None)
        listed = ", ".join(f"{n:,}: {t:.2f}" for n, t in zip(counts, times, strict=True))
        print(f"{name:19s} n {exponent(counts[upper], times[upper]):5.2f}   splits {exponent(*ways['splits']):5.2f}"
              f"   seconds for n = {listed}")  # fmt: skip


def draw(found: dict[str, dict[str, tuple[list[int], list[float]]]], path: str) -> None:
    """Draw the times against rows, splits and sizes."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 3, figsize=(11, 3.4), layout="constrained", sharey=True)
    for ax, way in zip(axes, ("rows", "splits", "sizes"), strict=True):
        for name, ways in found.items():
            ax.plot(*ways[way], "o-", label=name, markersize=4)
        ax.set(xlabel=f"{way} of the landscape", xscale="log", yscale="log")
    axes[0].set_ylabel("time / s")
    axes[0].legend(frameon=False, fontsize="small")
    figure.savefig(path, dpi=150)


def workers(smoke: bool) -> None:
    """Make one landscape by one and by two workers, of a Dask cluster and of joblib."""
    from distributed import Client, LocalCluster

    data = table(120 if smoke else 300)
    asked: dict[str, Any] = {
        "sizes": [2, 4] if smoke else [2, 4, 8, 16, 32],
        "splits": splits(data, folds=5, repeats=2 if smoke else 20),
    }
    family = Network(iterations=50 if smoke else 300)
    warm = {"sizes": [0, 1, 2, 3], "splits": splits(data, folds=5, repeats=4)}  # imports, in every worker
    found: dict[str, list[tuple[float, Landscape]]] = {"Dask": [], "joblib": []}
    for count in (1, 2):
        with (
            LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None) as cluster,
            Client(cluster) as client,
            joblib.parallel_config("dask", client=client, n_jobs=-1),
        ):
            fd.landscape(family, data, **warm)
            found["Dask"].append(timed(fd.landscape, family, data, **asked))
        fd.landscape(family, data, **warm, n_jobs=count)
        found["joblib"].append(timed(fd.landscape, family, data, **asked, n_jobs=count))
    for kind, ((one, first), (two, second)) in found.items():
        assert first.errors.drop_vars("seconds").identical(second.errors.drop_vars("seconds"))
        print(f"{kind}: one worker {one:.1f} s, two workers {two:.1f} s, {one / two:.2f} times as fast; equal errors")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="small numbers, in seconds")
    parser.add_argument("--plot", metavar="F.png")
    parser.add_argument("--largest", type=int, default=10_000, help="rows")
    asked = parser.parse_args()
    rows = [100, 200, 400] if asked.smoke else [n for n in (100, 300, 1000, 3000, 10_000) if n <= asked.largest]
    found = growth(rows, [1, 2] if asked.smoke else [1, 2, 4, 8])
    say(found)
    if asked.plot:
        draw(found, asked.plot)
    workers(asked.smoke)


if __name__ == "__main__":
    main()
