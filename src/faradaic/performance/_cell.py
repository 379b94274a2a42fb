"""A cell: what it showed, cycle by cycle, and under which conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError, ColumnError, joined, nearest, plural

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Cell:
    """What one cell showed.

    Positive current charges the cell, and voltages are the cell's. Capacities are in A h, the field's unit.

    Attributes
    ----------
    name : str
    cycle : array of shape (k,)
        Numbers of the cycles, increasing; they need not follow one another.
    capacity : array of shape (k,)
        Discharge capacity of each cycle, A h; NaN where it was not measured.
    voltage : array of shape (v,), optional
        Voltages at which curves are given, V.
    curves : array of shape (k, v), optional
        Discharged capacity of each cycle at these voltages, A h.
    conditions : mapping
        What the cell was put through, by name, in SI or in words.

    Examples
    --------
    >>> Cell("a", [1, 2, 3], [1.1, 1.09, 1.07])
    <Cell 'a': 3 cycles, 1.1 to 1.07 A h>
    """

    name: str
    cycle: Array
    capacity: Array
    voltage: Array | None = None
    curves: Array | None = None
    conditions: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        cycle, capacity = _frozen(self.cycle), _frozen(self.capacity)
        if cycle.ndim != 1 or cycle.shape != capacity.shape or not len(cycle):
            raise ArgumentError(
                f"Cell {self.name!r} needs one capacity for each cycle, got shapes {cycle.shape} and {capacity.shape}."
            )
        if not (np.isfinite(cycle).all() and (np.diff(cycle) > 0).all()):
            raise ArgumentError(
                f"The cycles of cell {self.name!r} must increase; sort them, and leave out repeated ones."
            )
        if np.isinf(capacity).any() or (capacity < 0).any():
            raise ArgumentError(f"The capacities of cell {self.name!r} must be finite and not negative, or NaN.")
        object.__setattr__(self, "cycle", cycle)
        object.__setattr__(self, "capacity", capacity)
        object.__setattr__(self, "conditions", MappingProxyType(dict(self.conditions)))
        if (self.voltage is None) != (self.curves is None):
            raise ArgumentError(f"Cell {self.name!r} has curves without voltages, or voltages without curves.")
        if self.voltage is not None and self.curves is not None:
            voltage, curves = _frozen(self.voltage), _frozen(self.curves)
            if curves.shape != (len(cycle), len(voltage)):
                raise ArgumentError(
                    f"The curves of cell {self.name!r} need shape ({len(cycle)}, {len(voltage)}), got {curves.shape}."
                )
            object.__setattr__(self, "voltage", voltage)
            object.__setattr__(self, "curves", curves)

    def __len__(self) -> int:
        return len(self.cycle)

    def __repr__(self) -> str:
        measured = self.capacity[np.isfinite(self.capacity)]
        span = f"{measured[0]:.4g} to {measured[-1]:.4g} A h" if len(measured) else "no capacity"
        return f"<Cell {self.name!r}: {plural(len(self), 'cycle')}, {span}>"

    def up_to(self, cycle: float) -> Cell:
        """Return what the cell had shown when this cycle ended.

        Raises
        ------
        ArgumentError
            There is no cycle up to it.
        """
        seen = self.cycle <= cycle
        if not seen.any():
            raise ArgumentError(f"Cell {self.name!r} has no cycle up to {cycle:g}; its first is {self.cycle[0]:g}.")
        curves = None if self.curves is None else self.curves[seen]
        return Cell(self.name, self.cycle[seen], self.capacity[seen], self.voltage, curves, self.conditions)


def cells_from(table: pd.DataFrame, *, cell: str | None, cycle: str, capacity: str) -> list[Cell]:
    """Return the cells of a table with one row for each cycle.

    Parameters
    ----------
    table : DataFrame
    cell : str or None
        Column that names the cell; None: all rows are of one cell.
    cycle, capacity : str
        Columns of the cycle's number and of its discharge capacity in A h.

    Raises
    ------
    ColumnError
        A column is missing or holds text.
    ArgumentError
        A cell has two rows for one cycle.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"cell": ["a", "a", "b"], "n": [1, 2, 1], "Q": [1.1, 1.0, 1.2]})
    >>> cells_from(table, cell="cell", cycle="n", capacity="Q")
    [<Cell 'a': 2 cycles, 1.1 to 1 A h>, <Cell 'b': 1 cycle, 1.2 to 1.2 A h>]
    """
    import pandas as pd

    for name in (one for one in (cell, cycle, capacity) if one is not None):
        if name not in table.columns:
            close = nearest(name, [str(column) for column in table.columns])
            there = f"the table has {joined(repr(str(column)) for column in table.columns)}."
            raise ColumnError(f"There is no column {name!r}; " + (f"did you mean {close[0]!r}?" if close else there))
    for name in (cycle, capacity):
        if not pd.api.types.is_numeric_dtype(table[name]):
            raise ColumnError(f"The column {name!r} must hold numbers, it holds {table[name].dtype}.")
    parts = [("cell", table)] if cell is None else table.groupby(cell, sort=False)
    made = []
    for name, part in parts:
        rows = part.sort_values(cycle)
        made.append(Cell(str(name), rows[cycle].to_numpy(np.float64), rows[capacity].to_numpy(np.float64)))
    return made


def _frozen(values: ArrayLike) -> Array:
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array
