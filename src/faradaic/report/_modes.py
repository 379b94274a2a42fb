"""The page about degradation modes: the losses in words, pictures of both alignments, and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic._core import number, write_text
from faradaic.performance import Alignment, AlignmentDisplay, DegradationModes, ModesDisplay, Told

from ._figures import Picture, drawn
from ._html import page
from ._references import references
from ._tables import NumberTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 5.2


@dataclass(frozen=True, eq=False)
class _Section:
    """The answer as the page of an inquiry shows it."""

    result: DegradationModes
    heading: str

    @property
    def state(self) -> str:
        return "good" if self.result.fits and not self.result.open else "open"

    @property
    def headline(self) -> str:
        told = [
            f"{one.name} {number(100 * one.value, 3)} % ({number(100 * one.low, 3)} to {number(100 * one.high, 3)} %)"
            for one in self.result.quantities
            if one.identified
        ]
        left = f"left open: {', '.join(self.result.open)}" if self.result.open else ""
        return "; ".join([*told, *filter(None, [left])]) + "."

    @property
    def lines(self) -> list[str]:
        return self.result.summary().splitlines()

    @cached_property
    def pictures(self) -> list[Picture]:
        each = [one for which in (self.result.fresh, self.result.aged) for one in _alignment(which)]
        return [_losses(self.result), *each]

    @property
    def tables(self) -> list[NumberTable]:
        names = (("Fresh", self.result.fresh), ("Aged", self.result.aged))
        return [
            _table("Modes", self.result.quantities, self.result.level),
            *(_table(f"{name}: {one.curve.name}", one.quantities, one.level) for name, one in names),
        ]


def write_modes(path: str | Path, found: DegradationModes, *, command: str = "", title: str = "") -> Path:
    """Write one self-contained HTML page about what a cell has lost.

    Parameters
    ----------
    path : path
    found : DegradationModes
        From `faradaic.performance.modes`.
    command : str
        The command that made it; empty: called from Python.
    title : str
        Of the page.

    Returns
    -------
    Path

    Raises
    ------
    ArgumentError
        The page cannot be written; nothing is left behind.
    """
    heading = title or f"Degradation modes of {found.aged.curve.name} since {found.fresh.curve.name}"
    text = page(
        "_identifiability.html",
        title=heading,
        command=command,
        maker="write_modes",
        references=references(found),
        inquiries=[_Section(found, heading)],
    )
    return write_text(path, text)


def _losses(found: DegradationModes) -> Picture:
    def draw(ax: Axes) -> None:
        ModesDisplay.from_modes(found).plot(ax)

    return Picture(
        title="What was lost",
        caption=f"Shares of what the fresh cell had, with {number(100 * found.level)} % intervals.",
        alt="Bars of the losses: " + "; ".join(str(one) for one in found.quantities) + ".",
        svg=drawn(draw, (WIDTH, 2.4)),
    )


def _alignment(found: Alignment) -> list[Picture]:
    display = AlignmentDisplay.from_alignment(found)

    def curves(ax: Axes) -> None:
        display.plot(ax)

    def left(ax: Axes) -> None:
        display.plot_residual(ax)

    name, rms = found.curve.name, number(1e3 * found.rms, 3)
    return [
        Picture(
            title=f"Alignment of {name}",
            caption="The curve, the potentials of both electrodes where they fit it best, and their difference.",
            alt=f"The voltage of {name}, met by the difference of two half-cell curves to {rms} mV.",
            svg=drawn(curves, (WIDTH, 3.8)),
        ),
        Picture(
            title=f"What is left of {name}",
            caption=f"Root mean square {rms} mV. Errors go together over {number(found.noise.length, 2)} of the "
            f"negative electrode's lithiation.",
            alt=f"A line around zero with a root mean square of {rms} mV.",
            svg=drawn(left, (WIDTH, 2.4)),
        ),
    ]


def _table(title: str, told: tuple[Told, ...], level: float) -> NumberTable:
    dash = "\N{EN DASH}"

    def row(one: Told) -> tuple[str, ...]:
        numbers = (number(v, 4) if one.identified else dash for v in (one.value, one.low, one.high))
        return (one.name, one.why or "identified", *numbers, one.unit)

    return NumberTable(
        title,
        ("quantity", "what the curve says", "value", "low", "high", "unit"),
        tuple(row(one) for one in told),
        words=2,
        note=f"{number(100 * level)} % intervals. What the curve does not determine has no number.",
    )
