"""Knees of capacity curves: where the fade gets steeper, how sure that is, and whether there is one at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError, number, plural

from ._cell import Cell, cells_from
from ._knee_search import COLUMNS, KNEE, SHARP, find

if TYPE_CHECKING:
    import pandas as pd

    from ._knees_display import KneesDisplay

Array = np.ndarray
FEWEST = 20  # measured cycles: two breaks take six parameters, and the scatter needs rows of its own
TOGETHER = 128  # curves that are searched at once: bounds the memory
UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class Knees:
    """Knee point and knee onset of each cell; made by `knees`.

    Attributes
    ----------
    table : DataFrame
        One row for each cell: ``cell``; ``verdict`` ("knee", "no knee", or "unknown" where too few cycles were
        measured); ``knee [cycles]`` and ``onset [cycles]`` with the ends of their intervals; what was left at either,
        ``at knee [%]`` and ``at onset [%]`` of the reference; the slopes of the line with one break; ``reason`` where
        there is no knee, or no onset. Numbers are NaN where there is none.
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
    transition), the onset the first break of a line with two (double Bacon-Watts), where two are better than one.
    Intervals are profiles of the misfit over the break; neighbouring rows of a record resemble each other, so they
    count as fewer than they are (as many as the correlation of what the line leaves lets them say). Where a curve
    bends gradually, what the line leaves is mostly the bend, and the interval says how far the break may be moved along
    it.

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
        found = find([measured[k] for k in batch], reference, -1.0 if rising else 1.0, level)
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


def _one(row: Any, kind: str, level: float) -> list[str]:
    def said(name: str) -> str:
        low, high = row[f"low {name} [cycles]"], row[f"high {name} [cycles]"]
        return (
            f"cycle {number(row[f'{name} [cycles]'])} ({number(100 * level)} % interval {number(low)} to "
            f"{number(high)}), at {row[f'at {name} [%]']:.1f} %"
        )

    steeper = row["slope after [%/cycle]"] / row["slope before [%/cycle]"]
    more = f", {number(steeper)} times as steep behind it" if steeper > 0 else ""
    lines = [f"The {kind} lies at {said('knee')}{more}."]
    sharp = row["reason"] == SHARP
    return [*lines, f"It is sharp: {SHARP}." if sharp else f"Its onset lies at {said('onset')}."]


def _many(found: pd.DataFrame, kind: str, level: float) -> list[str]:
    def said(table: pd.DataFrame, name: str) -> str:
        at = table[f"{name} [cycles]"]
        width = (table[f"high {name} [cycles]"] - table[f"low {name} [cycles]"]).median()
        return (
            f"at cycle {number(at.mean())} in the mean ({number(at.min())} to {number(at.max())}), at "
            f"{table[f'at {name} [%]'].mean():.1f} %; the {number(100 * level)} % intervals are {number(width)} cycles "
            "wide in the median."
        )

    lines = [f"The {kind} lies {said(found, 'knee')}"]
    gradual = found[found["reason"] != SHARP]
    if len(gradual) < len(found):
        count = len(found) - len(gradual)
        lines.append(f"{plural(count, kind)} {'is' if count == 1 else 'are'} sharp: {SHARP}.")
    if len(gradual):
        apart = (gradual["knee [cycles]"] - gradual["onset [cycles]"]).mean()
        lines += [
            f"Its onset lies {said(gradual, 'onset')}",
            f"Onset and {kind} are {number(apart)} cycles apart in the mean.",
        ]
    return lines
