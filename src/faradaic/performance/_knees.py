"""Knees of capacity curves: where the fade gets steeper, how sure that is, and whether there is one at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError, number, plural

from ._break_limits import allowance, free_rows, limits, with_second
from ._breaks import Curves, Misfit, best_one, best_two, parabola, residuals
from ._cell import Cell, cells_from

if TYPE_CHECKING:
    import pandas as pd

    from ._knees_display import KneesDisplay

Array = np.ndarray
FEWEST = 20  # measured cycles: two breaks take six parameters, and the scatter needs rows of its own
TOGETHER = 128  # curves that are searched at once: bounds the memory
PLACES, PLACES_TWO = 200, 40  # of the first search of a limit
# How much better than a straight line or a parabola a broken line must be. These numbers are measured, not derived:
# `benchmarks/knees.py` counts how often lines and parabolas with white or correlated noise or random walks pass.
SURE = 0.999  # quantile of F ...
WALK = 6.0  # ... with at least so many free rows: random walks exceed 1 + 2 F(0.999; 2, 6) / 6 = 10 in 1 of 100
EVENLY, EVENLY_MOST = 6.0, 0.5  # a parabola must be worse by the first over the free rows, or by the second
EXACT = 1e-16  # mean square of what is left, as a share of the spread's square, that is rounding
KNEE, NONE, UNKNOWN = "knee", "no knee", "unknown"
ONLY_LINE, SLOWS, END, BENDS = (
    "a straight line does as well",
    "its slope gets flatter, not steeper",
    "only its first or last cycles lie off a line",
    "it bends evenly, as a parabola does",
)
COLUMNS = (
    "cell",
    "verdict",
    "knee [cycles]",
    "low knee [cycles]",
    "high knee [cycles]",
    "onset [cycles]",
    "low onset [cycles]",
    "high onset [cycles]",
    "at knee [%]",
    "at onset [%]",
    "slope before [%/cycle]",
    "slope after [%/cycle]",
    "reason",
)


@dataclass(frozen=True, eq=False)
class Knees:
    """Knee point and knee onset of each cell; made by `knees`.

    Attributes
    ----------
    table : DataFrame
        One row for each cell: ``cell``; ``verdict`` ("knee", "no knee", or "unknown" where too few cycles were
        measured); ``knee [cycles]`` and ``onset [cycles]`` with the ends of their intervals; what was left at either,
        ``at knee [%]`` and ``at onset [%]`` of the reference; the slopes of the line with one break; ``reason`` where
        there is no knee. Numbers are NaN where there is none.
    cells : tuple of Cell
        What was looked at, in the table's order.
    level : float
        Of the intervals.
    reference : float or None
        What is 100 %; None: each cell's first measured cycle.
    rising : bool
        Whether elbows of a rising quantity were looked for.
    """

    table: pd.DataFrame
    cells: tuple[Cell, ...]
    level: float
    reference: float | None = None
    rising: bool = False

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def found(self) -> pd.DataFrame:
        """The rows of cells that have a knee."""
        return self.table[self.table["verdict"] == KNEE]

    def summary(self) -> str:
        """Return how many cells have a knee, where, and why the others have none, in words."""
        kind, found = "elbow" if self.rising else "knee", self.found
        lines = [f"{len(found)} of {plural(len(self), 'cell')} {'has' if len(found) == 1 else 'have'} a {kind}."]
        lines[0] = lines[0].replace("a elbow", "an elbow")
        if len(found) == 1:
            lines += _one(found.iloc[0], kind, self.level)
        elif len(found):
            lines += _many(found, kind, self.level)
        for reason, rows in self.table[self.table["verdict"] != KNEE].groupby("reason", sort=False):
            names = [str(name) for name in rows["cell"]]
            shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
            lines.append(f"{rows['verdict'].iloc[0].capitalize()}, for {reason}: {shown}.")
        return "\n".join(lines).replace("No knee,", f"No {kind},")

    def __str__(self) -> str:
        return self.summary()

    def plot(self, ax: Any = None, **style: Any) -> KneesDisplay:
        """Draw the curves with knees, onsets and their intervals."""
        from ._knees_display import KneesDisplay

        return KneesDisplay.from_knees(self).plot(ax=ax, **style)


def knees(
    source: Cell | Sequence[Cell] | pd.DataFrame | str | Path,
    *,
    cell: str | None = "cell",
    cycle: str = "cycle",
    capacity: str = "Q [Ah]",
    reference: float | None = None,
    rising: bool = False,
    level: float = 0.95,
) -> Knees:
    """Find the knee point and the knee onset of each cell, with intervals, or say that there is no knee.

    The knee point is the break of a line with one break fitted by least squares (the Bacon-Watts model with a sharp
    transition), the onset the first break of a line with two (double Bacon-Watts). Intervals are profiles of the misfit
    over the break; neighbouring rows of a record resemble each other, so they count as fewer than they are (as many as
    the correlation of what the line leaves lets them say). Where a curve bends gradually, what the line leaves is
    mostly the bend, and the interval says how far the break may be moved along it.

    There is a knee where the broken line is better than a straight one by more than noise does, where it gets
    steeper, and where a parabola, which bends evenly and has no place of a knee, is worse. The docs say how often lines
    and parabolas with noise pass for knees.

    Parameters
    ----------
    source : Cell, sequence of Cell, DataFrame or path
        Cells, or a table with one row for each cycle.
    cell, cycle, capacity : str
        Columns of a table; ``cell`` may be None or absent: one cell.
    reference : float, optional
        What is 100 %, in the unit of the capacity, such as a nominal capacity; default: the first measured cycle's.
    rising : bool
        Look for the elbow of a rising quantity, such as the resistance, instead.
    level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    Knees

    Raises
    ------
    ColumnError
        A column is missing or holds no numbers.
    ArgumentError
        No cell has 20 measured cycles, or an argument has a value that it cannot have.

    References
    ----------
    Fermín-Cueto et al. 2020, 10.1016/j.egyai.2020.100006; Bacon and Watts 1971, 10.1093/biomet/58.3.525.

    Examples
    --------
    >>> import numpy as np
    >>> cycle = np.arange(1.0, 801.0)
    >>> fade = 1.1 - 1e-4 * cycle - 6e-4 * np.maximum(0, cycle - 600)
    >>> noise = 5e-4 * np.random.default_rng(0).normal(size=800)
    >>> found = knees([Cell("bent", cycle, fade + noise), Cell("straight", cycle, 1.1 - 1e-4 * cycle + noise)])
    >>> found.table[["verdict", "knee [cycles]"]].round(-1).values.tolist()
    [['knee', 600.0], ['no knee', nan]]
    """
    import pandas as pd

    cells = _cells(source, cell, cycle, capacity)
    _check(reference, level, cells)
    measured = [_measured(one) for one in cells]
    enough = [k for k, (at, _) in enumerate(measured) if len(at) >= FEWEST]
    if not enough:
        most = max(len(at) for at, _ in measured)
        raise ArgumentError(
            f"A knee needs {FEWEST} measured cycles or more of a cell, got {most} at most; give more of the record."
        )
    rows: list[dict[str, Any]] = [
        {"cell": one.name, "verdict": UNKNOWN, "reason": f"fewer than {FEWEST} measured cycles"} for one in cells
    ]
    enough.sort(key=lambda k: len(measured[k][0]))  # curves of like length waste no room together
    for start in range(0, len(enough), TOGETHER):
        batch = enough[start : start + TOGETHER]
        found = _batch([measured[k] for k in batch], reference, -1.0 if rising else 1.0, level)
        for k, row in zip(batch, found, strict=True):
            rows[k] = {"cell": cells[k].name, **row}
    return Knees(pd.DataFrame(rows, columns=list(COLUMNS)), tuple(cells), level, reference, rising)


def knee(cycle: ArrayLike, capacity: ArrayLike, *, name: str = "cell", **options: Any) -> Knees:
    """Find the knee of one curve that is given as arrays; see `knees`.

    Parameters
    ----------
    cycle, capacity : arrays of shape (k,)
        Increasing numbers of the cycles, and the capacity of each, A h; NaN where it was not measured.
    name : str
        Of the cell.
    **options
        ``reference``, ``rising`` and ``level`` of `knees`.

    Raises
    ------
    ArgumentError
        As `knees` and `Cell` do.

    Examples
    --------
    >>> import numpy as np
    >>> cycle = np.arange(1.0, 301.0)
    >>> noise = 1e-3 * np.random.default_rng(1).normal(size=300)
    >>> print(knee(cycle, 1.1 - 1e-3 * np.maximum(0, cycle - 200) + noise, name="a").summary().splitlines()[0])
    1 of 1 cell has a knee.
    """
    return knees([Cell(name, np.asarray(cycle), np.asarray(capacity))], **options)


def _cells(source: Any, cell: str | None, cycle: str, capacity: str) -> list[Cell]:
    import pandas as pd

    from faradaic.data import read_table

    if isinstance(source, Cell):
        return [source]
    if isinstance(source, str | Path):
        source = read_table(source)
    if isinstance(source, pd.DataFrame):
        # the default name of the cell's column is an offer: a table of one cell needs none
        named = cell if cell in source.columns or cell != "cell" else None
        return cells_from(source, cell=named, cycle=cycle, capacity=capacity)
    cells = list(source)
    if not cells or not all(isinstance(one, Cell) for one in cells):
        raise ArgumentError("Knees need cells, a table or its path; see `cells_from` for making cells of a table.")
    return cells


def _check(reference: float | None, level: float, cells: list[Cell]) -> None:
    if not 0 < level < 1:
        raise ArgumentError(f"level must lie between 0 and 1, got {level:g}.")
    if reference is not None and not (np.isfinite(reference) and reference > 0):
        raise ArgumentError(f"reference must be a positive capacity, got {reference:g}.")
    if reference is None and any(len(_measured(one)[1]) and _measured(one)[1][0] <= 0 for one in cells):
        raise ArgumentError("The first measured cycle of a cell has no capacity; give a reference, or leave it out.")


def _measured(cell: Cell) -> tuple[Array, Array]:
    there = np.isfinite(cell.capacity)
    return cell.cycle[there], cell.capacity[there]


@dataclass(frozen=True, eq=False)
class _Lines:
    """Broken lines of least squares: their breaks (m, k), what they leave, and what that is worth."""

    breaks: Array
    coefficients: Array  # (m, 2 + k), see `residuals`
    least: Array  # (m,) sums of squares
    free: Array  # (m,) see `free_rows`

    @classmethod
    def fitted(cls, misfit: Misfit, count: int) -> _Lines:
        curves = misfit.curves
        breaks = np.stack([best_one(misfit)] if count == 1 else best_two(misfit), axis=1)
        rest, coefficients = residuals(curves, breaks)
        least = misfit.one(breaks)[:, 0] if count == 1 else misfit.two(breaks[:, 0], breaks[:, 1])
        free = free_rows(rest, curves.count, 2 + 2 * count)
        return cls(breaks, coefficients, np.maximum(least, EXACT * curves.count), free)

    def most(self, level: float) -> Array:
        """Return the largest sums of squares (m,) within an interval of this level."""
        return self.least * allowance(self.free, self.breaks.shape[1], level)


def _batch(
    measured: list[tuple[Array, Array]], reference: float | None, sign: float, level: float
) -> list[dict[str, Any]]:
    curves, scale = Curves.of([at for at, _ in measured], [sign * Q for _, Q in measured])
    misfit = Misfit(curves)
    one, two = _Lines.fitted(misfit, 1), _Lines.fitted(misfit, 2)
    c, first = one.breaks[:, 0], two.breaks[:, 0]
    slopes = np.cumsum(one.coefficients[:, 1:], axis=1)
    point = limits(misfit.one, c, curves, one.most(level), PLACES)
    onset = limits(lambda a: with_second(misfit, a), first, curves, two.most(level), PLACES_TWO)
    rows = []
    for k, ((at, Q), reason) in enumerate(zip(measured, _why_none(misfit, one, two, slopes), strict=True)):
        if reason:
            rows.append({"verdict": NONE, "reason": reason})
            continue
        length = at[-1] - at[0]
        whole = Q[0] if reference is None else reference
        places = at[0] + length * np.array([c[k], *point[:, k], first[k], *onset[:, k]])
        left = 100 * np.interp(places[[0, 3]], at, Q) / whole
        fades = sign * 100 * scale[k] * slopes[k] / (length * whole)
        numbers = dict(zip(COLUMNS[2:12], [*places, *left, *fades], strict=True))
        rows.append({"verdict": KNEE, **numbers, "reason": ""})
    return rows


def _why_none(misfit: Misfit, one: _Lines, two: _Lines, slopes: Array) -> list[str]:
    """Return for each curve why it has no knee; empty: it has one."""
    curves, c = misfit.curves, one.breaks[:, 0]
    line = misfit.line / one.least - 1 <= _needed(one.free, 2)
    slows = ~((slopes[:, 1] < slopes[:, 0]) & (slopes[:, 1] < 0))
    end = (c <= curves.low) | (c >= curves.high)
    even = parabola(curves)
    # a fade with two breaks is far from a line with one, and may be as far from it as a parabola is
    evenly = (even / one.least - 1 <= np.minimum(EVENLY / np.maximum(one.free, 1.0), EVENLY_MOST)) & (
        even / two.least - 1 <= _needed(two.free, 3)
    )
    told = np.select([line, slows, end, evenly], [ONLY_LINE, SLOWS, END, BENDS], default="")
    return [str(each) for each in told]


def _needed(free: Array, more: int) -> Array:
    """Return by which share (m,) the misfit must exceed that of a fit with so many parameters more."""
    from scipy.stats import f

    freedom = np.maximum(free, WALK)
    return more * f.ppf(SURE, more, freedom) / freedom


def _one(row: Any, kind: str, level: float) -> list[str]:
    def said(name: str) -> str:
        low, high = row[f"low {name} [cycles]"], row[f"high {name} [cycles]"]
        return (
            f"cycle {number(row[f'{name} [cycles]'])} ({number(100 * level)} % interval {number(low)} to "
            f"{number(high)}), at {row[f'at {name} [%]']:.1f} %"
        )

    steeper = row["slope after [%/cycle]"] / row["slope before [%/cycle]"]
    more = f", {number(steeper)} times as steep behind it" if steeper > 0 else ""
    return [f"The {kind} lies at {said('knee')}{more}.", f"Its onset lies at {said('onset')}."]


def _many(found: pd.DataFrame, kind: str, level: float) -> list[str]:
    def said(name: str) -> str:
        at = found[f"{name} [cycles]"]
        width = (found[f"high {name} [cycles]"] - found[f"low {name} [cycles]"]).median()
        return (
            f"at cycle {number(at.mean())} in the mean ({number(at.min())} to {number(at.max())}), at "
            f"{found[f'at {name} [%]'].mean():.1f} %; the {number(100 * level)} % intervals are {number(width)} cycles "
            "wide in the median."
        )

    apart = (found["knee [cycles]"] - found["onset [cycles]"]).mean()
    return [
        f"The {kind} lies {said('knee')}",
        f"Its onset lies {said('onset')}",
        f"Onset and {kind} are {number(apart)} cycles apart in the mean.",
    ]
