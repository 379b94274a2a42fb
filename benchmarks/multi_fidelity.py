"""Co-kriging against the expensive source alone: the Forrester benchmark, and a robot's runs beside simulations.

    FARADAIC_DATA=... python benchmarks/multi_fidelity.py [--smoke] [--explore] [--workers 2]

Forrester, Sobester & Keane 2007 (10.1098/rspa.2007.1900): 11 cheap and 4 expensive rows of one input; the error is
that on a dense grid, and that of each expensive row when it is left out: of these four, and of five and eight evenly
spaced ones, since three rows left of four do not tell the three numbers apart by which the sources differ.
Dave et al. 2022 (10.1038/s41467-022-32938-1): conductivities of 38 compositions measured by a robot beside 197
simulated ones; each composition is left out in turn, with all its replicates, and the error is that of the mean of its
runs. The process of the measurements alone has the same kernel, inputs, response coordinate, weights and restarts.
Nothing was tuned; ``faradaic.data.load`` says which runs are left out.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

import faradaic as fd
from faradaic.approximations import Approximation, CoKriging, Design, GaussianProcess, SquareRoot, Transform
from faradaic.data import Dataset, stack
from faradaic.landscape import fitted

FOUR = np.array([0.0, 0.4, 0.6, 1.0])
KERNELS = ("rbf", "matern52", "matern32")
COORDINATES: dict[str, Transform | None] = {"k": None, "√k": SquareRoot()}


def dear(x: np.ndarray) -> np.ndarray:
    """Return the expensive function on [0, 1]."""
    return (6.0 * x - 2.0) ** 2 * np.sin(12.0 * x - 4.0)


def cheap(x: np.ndarray) -> np.ndarray:
    """Return the cheap one."""
    return 0.5 * dear(x) + 10.0 * (x - 0.5) - 5.0


def forrester_data(at: np.ndarray = FOUR) -> Dataset:
    """Return the 11 cheap rows and the expensive ones, the published four unless others are asked for."""
    rows = {"cheap": (np.linspace(0, 1, 11), cheap), "expensive": (at, dear)}
    tables = [
        fd.read(pd.DataFrame({"x": x, "y": f(x)}), x=["x"], y="y", reliability="deterministic", name=name)
        for name, (x, f) in rows.items()
    ]
    return stack(*tables, target="expensive")


def alone_and_together(kernel: str, y: Transform | None, restarts: int | None) -> tuple[Design, Design]:
    """Return the process of the target's rows alone and the co-kriging of all, equal in everything else."""
    alone, together = GaussianProcess(kernel=kernel, restarts=restarts), CoKriging(kernel=kernel, restarts=restarts)  # pyright: ignore[reportArgumentType]
    return Design(alone, y=y), Design(together, y=y)


@dataclass(frozen=True)
class LeftOut:
    """What is said of each group of the target when it is left out: SI, each of shape (groups,)."""

    observed: np.ndarray
    predicted: np.ndarray
    std: np.ndarray
    rows: np.ndarray

    @property
    def rmse(self) -> float:
        """Root mean square of the errors."""
        return float(np.sqrt(((self.predicted - self.observed) ** 2).mean()))

    def covered(self, noise: float) -> np.ndarray:
        """Return whether each mean of k runs lies in its 95 % interval, the noise of one run being ``noise``."""
        return np.abs(self.predicted - self.observed) < self.width(noise) / 2

    def width(self, noise: float) -> np.ndarray:
        """Return the widths of these intervals."""
        return 2 * 1.96 * np.sqrt(self.std**2 + noise**2 / self.rows)


def leave_out(design: Approximation, data: Dataset, workers: int, parts: int | None = None) -> LeftOut:
    """Leave out each group (or row) of the target in turn, or so many parts of them."""
    judged = data.judged
    cluster = np.arange(len(judged)) if judged.condition_groups is None else judged.condition_groups
    splits = fd.data.splits(data, folds=parts or len(np.unique(cluster)))
    tasks = [
        delayed(partial(_rows, design, data))(splits.train(0, f), splits.test(0, f)) for f in range(splits.n_folds)
    ]
    mean, std = np.full(len(data), np.nan), np.full(len(data), np.nan)
    for f, found in enumerate(Parallel(n_jobs=workers)(tasks)):
        mean[splits.test(0, f)], std[splits.test(0, f)] = found  # pyright: ignore[reportGeneralTypeIssues]
    code = np.unique(cluster, return_inverse=True)[1]
    rows = np.bincount(code)
    mine = data.on_target
    observed, predicted, spread = (np.bincount(code, each) / rows for each in (judged.y, mean[mine], std[mine]))
    return LeftOut(observed, predicted, spread, rows)


def _rows(design: Approximation, data: Dataset, train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    with threadpool_limits(1):
        model = fitted(design, data.take(train))
    return model.predict(data.X[test], return_std=True)


def forrester(kernels: Sequence[str], restarts: int | None) -> dict[str, tuple[float, ...]]:
    """Return, for each kernel, the errors alone and together: on a grid, and of left-out rows of 4, 5 and 8."""
    data, grid = forrester_data(), np.linspace(0, 1, 1001)
    designs_of = FOUR, np.linspace(0, 1, 5), np.linspace(0, 1, 8)
    found = {}
    for kernel in kernels:
        designs = alone_and_together(kernel, None, restarts)
        found[kernel] = tuple(
            np.sqrt(np.mean((fitted(d, data).predict(grid[:, None]) - dear(grid)) ** 2)) for d in designs
        ) + tuple(leave_out(d, forrester_data(at), 1).rmse for at in designs_of for d in designs)
    return found


def clio(
    kernels: Sequence[str], coordinates: Sequence[str], restarts: int | None, workers: int, parts: int | None = None
) -> dict[tuple[str, str], tuple[LeftOut, LeftOut]]:
    """Return what is said of left-out compositions alone and together, for each kernel and response coordinate."""
    data = fd.data.load("clio2022")
    return {
        (kernel, name): tuple(
            leave_out(design, data, workers, parts)
            for design in alone_and_together(kernel, COORDINATES[name], restarts)
        )  # pyright: ignore[reportReturnType]
        for kernel in kernels
        for name in coordinates
    }


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Print both comparisons and return their numbers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="one kernel, one start, compositions in ten parts")
    parser.add_argument("--explore", action="store_true", help="also the default exploration of the stack, in words")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args(arguments)
    kernels, restarts, parts = (("rbf",), 1, 10) if options.smoke else (KERNELS, None, None)
    print("Forrester: RMSE, expensive rows alone -> with 11 cheap ones: on a grid; of rows left out of 4, 5 and 8")
    found: dict[str, Any] = {"forrester": forrester(kernels, restarts)}
    for kernel, numbers in found["forrester"].items():
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        print(f"  {kernel:10s} {';  '.join(f'{a:.3f} -> {b:.3f}' for a, b in pairs)}", flush=True)
    data = fd.data.load("clio2022")
    unit, noise = data.response.scale, fd.data.replicates(data.judged).std
    print(
        f"Clio: RMSE of left-out compositions, mS/cm; noise of one run {noise / unit:.3f}; coverage of 95 % intervals"
    )
    found["clio"] = clio(kernels, ["k"] if options.smoke else list(COORDINATES), restarts, options.workers, parts)
    for (kernel, name), pair in found["clio"].items():
        one, two = (f"{each.rmse / unit:.3f} ({each.covered(noise).mean():.2f})" for each in pair)
        print(f"  {kernel:10s} of {name:3s} {one} -> {two}", flush=True)
    if options.explore:
        print(fd.explore(data, n_jobs=options.workers))
    return found


if __name__ == "__main__":
    main()
