"""Capacities of many cells against time and conditions, made ready for ageing laws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import ArgumentError, joined, number, plural
from faradaic.data import Column, Dataset, parse_header, read, read_table
from faradaic.laws import YEAR, same_dimension

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray
# so many rows of each cell, evenly over its record, tell a smooth law; rows of one cell are not independent anyway
MOST_ROWS = 40
FEWEST_CELLS = 3
RELATIVE = "relative capacity"
_STRESS_UNITS = {
    "T": ("temperature", "K", "a unit of temperature"),
    "U": ("potential", "V", "a unit of voltage"),
    "s": ("soc", "1", "% or a pure number"),
}


@dataclass(frozen=True, eq=False)
class AgeingRows:
    """Relative capacities with what the laws may use.

    Attributes
    ----------
    data : Dataset
        Inputs are time or throughput and the conditions that vary; the response is the relative capacity; the groups
        are the cells.
    variables : tuple of str
        The laws' variable that each input holds: ``"t"``, then some of ``"T"``, ``"U"``, ``"s"``.
    per : float
        Reference of time, SI.
    constants : tuple of (Column, float)
        Conditions that are the same in all rows, SI.
    notes : tuple of str
        What was done to the table, in words.
    """

    data: Dataset
    variables: tuple[str, ...]
    per: float
    constants: tuple[tuple[Column, float], ...]
    notes: tuple[str, ...]

    @property
    def time(self) -> Column:
        """The column of time or throughput."""
        return self.data.inputs[0]

    @property
    def cells(self) -> Array:
        """Number of the cell of each row, (n,)."""
        assert self.data.groups is not None
        return np.unique(self.data.groups, return_inverse=True)[1]

    @property
    def reference(self) -> str:
        """The reference of time in words."""
        return (
            "a year" if self.per == YEAR else f"{number(float(self.time.from_si(self.per)))} {self.time.unit}".strip()
        )


def ageing_rows(
    table: pd.DataFrame | str | Path, time: str, capacity: str, stresses: dict[str, str | None], cell: str,
    per: float | None,
) -> AgeingRows:  # fmt: skip
    """Read the table; capacities in a unit of charge are divided by the first of their cell.

    Parameters
    ----------
    table : DataFrame or path
    time, capacity, cell : str
        Headers.
    stresses : dict
        Headers of temperature ``"T"``, potential ``"U"`` and state of charge ``"s"``; None where there is none.
    per : float, optional
        Reference of time in its own unit.

    Raises
    ------
    InputError
        The table cannot be used.
    """
    frame = table if hasattr(table, "columns") else read_table(table)  # pyright: ignore[reportArgumentType]
    asked = {name: header for name, header in stresses.items() if header is not None}
    if "U" in asked and "s" in asked:
        raise ArgumentError("Give the potential or the state of charge, not both: one follows from the other.")
    data = read(frame, [time, *asked.values()], capacity, groups=cell, name="cells")
    _check_units(data, list(asked))
    notes: list[str] = []
    data = _relative(data, notes)
    _check_values(data)
    data, variables, constants = _varying(data, ("t", *asked), notes)
    data = _thinned(data, notes)
    column = data.inputs[0]
    if per is not None and not per > 0:
        raise ArgumentError(f"per must be positive, got {per!r}.")
    reference = _reference(column, float(data.X[:, 0].max())) if per is None else float(column.to_si(per))
    return AgeingRows(data, variables, reference, constants, tuple(notes))


def _check_units(data: Dataset, names: list[str]) -> None:
    for name, column in zip(names, data.inputs[1:], strict=True):
        words, unit, usual = _STRESS_UNITS[name]
        if not same_dimension(column.si_unit, unit):
            raise ArgumentError(f"{words} must be in {usual}; the header {column.header!r} says otherwise.")
        values = data.X[:, 1 + names.index(name)]
        if name == "s" and not ((values >= 0) & (values <= 1)).all():
            raise ArgumentError(f"The state of charge in {column.header!r} must lie between 0 and 1, or 0 and 100 %.")
        if name == "T" and not (values > 0).all():
            raise ArgumentError(f"The temperature in {column.header!r} must be above absolute zero; name its unit.")


def _relative(data: Dataset, notes: list[str]) -> Dataset:
    """Return relative capacities, and times since the first capacity where that is what they are relative to."""
    response = parse_header(RELATIVE)
    if same_dimension(data.response.si_unit, "1"):
        return replace(data, response=response)
    assert data.groups is not None
    X, y, kept = data.X.copy(), data.y.copy(), np.ones(len(data), dtype=bool)
    for group in np.unique(data.groups):
        rows = np.flatnonzero(data.groups == group)
        first = rows[data.X[rows, 0].argmin()]
        if not data.y[first] > 0:
            raise ArgumentError(
                f"The first capacity of a cell is {number(float(data.y_user[first]))}; it must be positive."
            )
        y[rows] = data.y[rows] / data.y[first]
        X[rows, 0] = data.X[rows, 0] - data.X[first, 0]
        kept[first] = False
    if not kept.any():
        raise ArgumentError("Every cell has a single capacity; a law needs at least two of each.")
    notes.append(
        f"Capacities in {data.response.unit} were divided by the first of their cell, and {data.inputs[0].name} counts "
        f"from there."
    )
    return replace(data, X=X, y=y, response=response).take(np.flatnonzero(kept))


def _check_values(data: Dataset) -> None:
    assert data.groups is not None
    if (data.X[:, 0] < 0).any() or not (data.X[:, 0] > 0).any():
        raise ArgumentError(f"{data.inputs[0].header!r} must not be negative, and must not be zero everywhere.")
    low, high = float(data.y.min()), float(data.y.max())
    if low < 0 or high > 2:
        raise ArgumentError(
            f"Relative capacities must lie between 0 and 2, got {number(low)} to {number(high)}; name the unit, "
            f"e.g. 'Q [Ah]' (divided by the first of its cell) or 'q [%]'."
        )
    cells = len(np.unique(data.groups))
    if cells < FEWEST_CELLS:
        raise ArgumentError(
            f"Laws are chosen by cells that were left out: at least {FEWEST_CELLS} are needed, there "
            f"{'is' if cells == 1 else 'are'} {cells}."
        )


def _varying(
    data: Dataset, names: tuple[str, ...], notes: list[str]
) -> tuple[Dataset, tuple[str, ...], tuple[tuple[Column, float], ...]]:
    """Leave out conditions that never vary: the data say nothing of what they do."""
    kept, constants = [0], []
    for j in range(1, len(names)):
        if np.ptp(data.X[:, j]) > 0:
            kept.append(j)
            continue
        column, value = data.inputs[j], float(data.X[0, j])
        constants.append((column, value))
        unknown = "activation energy" if names[j] == "T" else f"dependence on {column.name}"
        here = f"{number(float(column.from_si(value)), 4)} {column.unit}".strip()
        notes.append(
            f"All cells are at one {column.name}, {here}: no {unknown} can be known, and the law holds there alone."
        )
    data = replace(data, X=data.X[:, kept], inputs=tuple(data.inputs[j] for j in kept))
    return data, tuple(names[j] for j in kept), tuple(constants)


def _thinned(data: Dataset, notes: list[str]) -> Dataset:
    assert data.groups is not None
    kept: list[Any] = []
    for group in np.unique(data.groups):
        rows = np.flatnonzero(data.groups == group)
        rows = rows[np.argsort(data.X[rows, 0], kind="stable")]
        some = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MOST_ROWS)).astype(int))
        kept.append(rows[some])
    rows = np.sort(np.concatenate(kept))
    if len(rows) == len(data):
        return data
    notes.append(
        f"Of {plural(len(data), 'row')}, {len(rows):,} were used: at most {MOST_ROWS} of a cell, evenly over its rows."
    )
    return data.take(rows)


def _reference(column: Column, longest: float) -> float:
    if same_dimension(column.si_unit, "s"):
        return YEAR
    value = float(column.from_si(longest))
    digit = 10.0 ** np.floor(np.log10(value))
    return float(column.to_si(round(value / digit) * digit))


def conditions_in_words(rows: AgeingRows) -> str:
    """Return the range of every input."""
    X = rows.data.X
    said = []
    for j, column in enumerate(rows.data.inputs):
        low, high = (number(float(column.from_si(end)), 4) for end in (X[:, j].min(), X[:, j].max()))
        said.append(f"{column.header} from {low} to {high}")
    return joined(said)
