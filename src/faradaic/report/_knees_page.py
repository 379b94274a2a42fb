"""The page about knees: how many cells have one, where, and why the others have none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic._core import number, plural, write_text
from faradaic.performance import Knees

from ._figures import Picture, drawn
from ._html import page
from ._references import references
from ._tables import NumberTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE = (6.4, 4.2)
DASH = "\N{EN DASH}"


@dataclass(frozen=True, eq=False)
class _Section:
    found: Knees

    @property
    def heading(self) -> str:
        return f"{'Elbows' if self.found.rising else 'Knees'} of {plural(len(self.found), 'cell')}"

    @property
    def state(self) -> str:
        return "good" if len(self.found.found) else "open"

    @property
    def headline(self) -> str:
        return self.found.summary().splitlines()[0]

    @property
    def lines(self) -> list[str]:
        return self.found.summary().splitlines()[1:]

    @cached_property
    def pictures(self) -> list[Picture]:
        return [_curves(self.found)]

    @cached_property
    def tables(self) -> list[NumberTable]:
        return [_table(self.found)]


def write_knees(path: str | Path, found: Knees, *, command: str = "", title: str = "") -> Path:
    """Write one self-contained HTML page about knees: the verdict in words, the curves, and a row for each cell.

    Parameters
    ----------
    path : path
    found : Knees
        From `faradaic.performance.knees`.
    command : str
        The command that made it; empty: called from Python.
    title : str
        Of the page; default: how many cells were asked.

    Returns
    -------
    Path

    Raises
    ------
    ArgumentError
        The page cannot be written; nothing is left behind.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import numpy as np
    >>> from faradaic.performance import knee
    >>> cycle = np.arange(1.0, 101.0)
    >>> found = knee(cycle, 1.0 - 1e-3 * np.maximum(0, cycle - 60) + 1e-4 * np.cos(cycle))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     text = write_knees(pathlib.Path(folder) / "k.html", found).read_text(encoding="utf-8")
    >>> "1 of 1 cell has a knee." in text
    True
    """
    section = _Section(found)
    text = page(
        "_identifiability.html",
        title=title or section.heading,
        command=command,
        maker="write_knees",
        references=references(found),
        inquiries=[section],
    )
    return write_text(path, text)


def _curves(found: Knees) -> Picture:
    kind = "elbow" if found.rising else "knee"

    def draw(ax: Axes) -> None:
        found.plot(ax)

    return Picture(
        title="The curves",
        caption=f"Share of the reference against the cycle. Squares: the {kind}, where a line with one break bends. "
        "Circles: its onset, the first break of a line with two. Bars, where they are drawn: "
        f"{number(100 * found.level)} % intervals.",
        alt=f"Curves of {plural(len(found), 'cell')}, {len(found.found)} of them with a {kind}.",
        svg=drawn(draw, SIZE),
    )


def _table(found: Knees) -> NumberTable:
    names = [str(name) for name in found.table.columns]
    words = ["cell", "verdict"]
    numbers = [name for name in names if name not in (*words, "reason")]
    rows = tuple(
        (*(str(row[name]) for name in words), *(_shown(row[name]) for name in numbers))
        for row in found.table.to_dict("records")
    )
    return NumberTable(
        "Each cell",
        (*words, *numbers),
        rows,
        words=len(words),
        note=f"Low and high: ends of {number(100 * found.level)} % intervals. An end that is the first or the last "
        "cycle is one that the record does not tell.",
    )


def _shown(value: float) -> str:
    return DASH if value != value else number(float(value), 4)
