"""The labelled arrays of a sweep, filled in as its fits are done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import plural
from faradaic.data import Splits

from ._sweep import Task, Unit, units_of

if TYPE_CHECKING:
    import xarray as xr

Array = np.ndarray
NUMBERS = ("train_error", "test_error", "effective", "worst", "seconds")
ROWS = ("prediction", "residual")


class Record:
    """What is known of every fit; nothing is held twice, so a long sweep needs the memory of its result."""

    def __init__(self, sizes: Sequence[Any], counts: Array, splits: Splits, n: int) -> None:
        self.sizes, self.counts, self.splits, self.units = list(sizes), counts, splits, units_of(splits)
        shape = (len(sizes), splits.n_repeats, splits.n_folds)
        self.numbers = {name: np.full(shape, np.nan) for name in NUMBERS}
        self.failure = np.full(shape, "", dtype=object)
        self.rows = {name: np.full((len(sizes), splits.n_repeats, n), np.nan) for name in ROWS}

    def place(self, task: Task, found: Sequence[Unit]) -> None:
        """Fill in the fits of one task."""
        for u, unit in zip(task.units, found, strict=True):
            (r, f), ks = self.units[u], list(task.sizes)
            errors = unit.train, np.sqrt(mean_of(squared(unit.residual), 1)), unit.effective, unit.worst, unit.seconds
            for name, values in zip(NUMBERS, errors, strict=True):
                self.numbers[name][ks, r, f] = values
            self.failure[ks, r, f] = unit.reasons
            place = np.ix_(ks, [r], self.splits.test(r, f).tolist())
            for name, values in zip(ROWS, (unit.prediction, unit.residual), strict=True):
                self.rows[name][place] = values[:, None]

    def again(self, stored: xr.Dataset) -> xr.Dataset:
        """Return the arrays of a finished landscape that was read from a file, with the labels of this one."""
        for name in NUMBERS:
            self.numbers[name] = stored[name].values
        for name in ROWS:
            self.rows[name] = stored[name].values
        self.failure = stored["failure"].values.astype(str)
        return self.labelled()

    def labelled(self) -> xr.Dataset:
        """Return the arrays with their labels."""
        import xarray as xr

        fits, left_out = ("size", "repeat", "fold"), ("size", "repeat", "row")
        return xr.Dataset(
            {name: (fits, values) for name, values in self.numbers.items()}
            | {"failure": (fits, self.failure.astype(str))}
            | {name: (left_out, values) for name, values in self.rows.items()},
            coords={"size": self.sizes, "parameters": ("size", self.counts)},
            attrs={"splits": self.splits.kind, "fits": plural(self.failure.size, "fit")},
        )


def squared(residual: Array) -> Array:
    """Return the squares; a polynomial far past n may miss by more than 1e154, whose square is infinite."""
    with np.errstate(over="ignore"):
        return residual**2


def mean_of(losses: Array, axis: int) -> Array:
    """Return the mean along an axis, infinite where the sum is."""
    with np.errstate(over="ignore"):
        return losses.mean(axis)
