"""What the first cycles of a cell show, in a few numbers that mean something."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import ArgumentError, number

from ._cell import Cell

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray
Feature = Callable[[Cell], float]
# one cycle, or the first and the last of several over which a mean is taken
Cycles = float | tuple[float, float]
LIFE = "life [cycles]"
CELL = "cell"


def delta_q(cell: Cell, late: Cycles = 100, early: Cycles = 10) -> Array:
    """Return ΔQ(V) = Q_late(V) − Q_early(V), A h, shape (v,): how the discharge curve moved between two cycles.

    Parameters
    ----------
    cell : Cell
    late, early : float, or (first, last)
        One cycle, or the mean of those from the first to the last that were measured: single cycles carry the scatter
        of the record and of the room's temperature.

    Raises
    ------
    ArgumentError
        The cell has no curves, or not of these cycles.

    References
    ----------
    Severson et al. 2019, 10.1038/s41560-019-0356-8.

    Examples
    --------
    >>> cell = Cell("a", [10, 100], [1.1, 1.0], voltage=[3.6, 2.0], curves=[[0.0, 1.1], [0.0, 1.0]])
    >>> delta_q(cell).round(9).tolist(), delta_q(cell, late=(90, 100), early=(10, 20)).round(9).tolist()
    ([0.0, -0.1], [0.0, -0.1])
    """
    return curve_of(cell, late) - curve_of(cell, early)


def log_variance(cell: Cell, late: Cycles = 100, early: Cycles = 10) -> float:
    """Return log10 of the variance of ΔQ(V), of A² h²: the one feature of the "variance" model (Severson et al. 2019).

    Raises ArgumentError as `delta_q` does.

    Examples
    --------
    >>> cell = Cell("a", [10, 100], [1.1, 1.0], voltage=[3.6, 2.0], curves=[[0.0, 1.1], [0.0, 0.9]])
    >>> round(log_variance(cell), 9)
    -2.0
    """
    return _log(np.var(delta_q(cell, late, early)))


def log_minimum(cell: Cell, late: Cycles = 100, early: Cycles = 10) -> float:
    """Return log10 of the absolute minimum of ΔQ(V), of A h; raises ArgumentError as `delta_q` does."""
    return _log(abs(delta_q(cell, late, early).min()))


def log_mean(cell: Cell, late: Cycles = 100, early: Cycles = 10) -> float:
    """Return log10 of the absolute mean of ΔQ(V), of A h; raises ArgumentError as `delta_q` does."""
    return _log(abs(delta_q(cell, late, early).mean()))


def log_skewness(cell: Cell, late: Cycles = 100, early: Cycles = 10) -> float:
    """Return log10 of the absolute skewness of ΔQ(V), a pure number; raises ArgumentError as `delta_q` does."""
    from scipy.stats import skew

    return _log(abs(float(skew(delta_q(cell, late, early)))))


def log_kurtosis(cell: Cell, late: Cycles = 100, early: Cycles = 10) -> float:
    """Return log10 of the kurtosis of ΔQ(V) (a normal distribution has 3), a pure number; raises as `delta_q` does."""
    from scipy.stats import kurtosis

    return _log(float(kurtosis(delta_q(cell, late, early), fisher=False)))


def capacity_at(cell: Cell, cycle: float = 2) -> float:
    """Return the discharge capacity of one cycle, A h; raises ArgumentError where it was not measured."""
    value = cell.capacity[_place(cell, cycle)]
    if not np.isfinite(value):
        raise ArgumentError(f"The capacity of cycle {number(cycle)} of cell {cell.name!r} was not measured.")
    return float(value)


def capacity_gain(cell: Cell, last: float = 100, first: float = 2) -> float:
    """Return the largest capacity of cycles ``first`` to ``last`` less that of cycle ``first``, A h.

    Raises ArgumentError where cycle ``first`` was not measured.

    Examples
    --------
    >>> capacity_gain(Cell("a", [2, 3, 4], [1.0, 1.25, 1.1]))
    0.25
    """
    span = (cell.cycle >= first) & (cell.cycle <= last)
    return float(np.nanmax(cell.capacity[span], initial=-np.inf)) - capacity_at(cell, first)


def fade_slope(cell: Cell, first: float = 2, last: float = 100) -> float:
    """Return the slope of a straight line through the capacities of cycles ``first`` to ``last``, A h per cycle.

    Raises ArgumentError where fewer than two of them were measured.

    Examples
    --------
    >>> round(fade_slope(Cell("a", [2, 3, 5], [1.0, 0.9, 0.7])), 9)
    -0.1
    """
    return _line(cell, first, last)[0]


def fade_intercept(cell: Cell, first: float = 2, last: float = 100) -> float:
    """Return where that line (see `fade_slope`) meets cycle 0, A h; raises ArgumentError likewise."""
    return _line(cell, first, last)[1]


def features(cells: Sequence[Cell], which: Mapping[str, Feature]) -> pd.DataFrame:
    """Return a table of features, one row for each cell.

    Parameters
    ----------
    cells : sequence of Cell
    which : mapping from header to function
        A function takes a cell and returns one number, in the unit that its header states. Another choice of cycles
        than the usual one: ``partial(log_variance, late=50)``. Presets bring theirs: ``severson2019("full").features``.

    Returns
    -------
    DataFrame
        The column ``cell``, the features, and ``life [cycles]`` where every cell has a ``"life"`` among its conditions:
        ready for `faradaic.read` and for `lifetime`.

    Raises
    ------
    ArgumentError
        There is no cell, a cell lacks what a feature needs, or a feature is not finite.

    Examples
    --------
    >>> cells = [Cell("a", [2, 3], [1.0, 0.9], conditions={"life": 500}), Cell("b", [2, 3], [1.1, 1.0])]
    >>> features(cells[:1], {"Q2 [Ah]": capacity_at}).to_dict("records")
    [{'cell': 'a', 'Q2 [Ah]': 1.0, 'life [cycles]': 500.0}]
    >>> features(cells, {"Q2 [Ah]": capacity_at}).columns.tolist()
    ['cell', 'Q2 [Ah]']
    """
    import pandas as pd

    cells = list(cells)
    if not cells:
        raise ArgumentError("There is no cell to take features of; give at least one.")
    rows = []
    for cell in cells:
        row: dict[str, object] = {CELL: cell.name}
        for header, of in which.items():
            value = float(of(cell))
            if not np.isfinite(value):
                raise ArgumentError(f"{header} of cell {cell.name!r} is {value:g}; leave out the cell or the feature.")
            row[header] = value
        rows.append(row)
    table = pd.DataFrame(rows)
    if all("life" in cell.conditions for cell in cells):
        table[LIFE] = [float(cell.conditions["life"]) for cell in cells]
    return table


def _place(cell: Cell, cycle: float) -> int:
    found = np.flatnonzero(cell.cycle == cycle)
    if not len(found):
        nearest = cell.cycle[np.abs(cell.cycle - cycle).argmin()]
        raise ArgumentError(
            f"Cell {cell.name!r} has no cycle {number(cycle)}; the nearest is {number(float(nearest))}."
        )
    return int(found[0])


def curve_of(cell: Cell, cycle: Cycles) -> Array:
    """Return the discharged capacity of a cycle, or the mean of several, at the cell's voltages, A h.

    Raises ArgumentError where there is none.
    """
    if cell.curves is None:
        raise ArgumentError(f"Cell {cell.name!r} has no curves of capacity against voltage; this feature needs them.")
    if isinstance(cycle, tuple):
        first, last = cycle
        span = (cell.cycle >= first) & (cell.cycle <= last)
        measured = cell.curves[span][np.isfinite(cell.curves[span]).all(axis=1)]
        if not len(measured):
            raise ArgumentError(f"Cell {cell.name!r} has no curve from cycle {number(first)} to {number(last)}.")
        return measured.mean(axis=0)
    curve = cell.curves[_place(cell, cycle)]
    if not np.isfinite(curve).all():
        raise ArgumentError(f"The curve of cycle {number(cycle)} of cell {cell.name!r} was not measured.")
    return curve


def _line(cell: Cell, first: float, last: float) -> tuple[float, float]:
    span = (cell.cycle >= first) & (cell.cycle <= last) & np.isfinite(cell.capacity)
    if span.sum() < 2:
        raise ArgumentError(
            f"Cell {cell.name!r} has {int(span.sum())} measured capacities from cycle {number(first)} to "
            f"{number(last)}; a line needs two."
        )
    slope, intercept = np.polyfit(cell.cycle[span], cell.capacity[span], 1)
    return float(slope), float(intercept)


def _log(value: Any) -> float:
    with np.errstate(divide="ignore"):
        return float(np.log10(value))
