"""The page about one surrogate: whether it is good enough, what each parameter does, and what was asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic._core import number, plural, write_text
from faradaic.performance import (
    Interpolant,
    InverseDesign,
    Sensitivity,
    SensitivityDisplay,
    Surrogate,
    SurrogateDisplay,
)

from ._figures import Picture, drawn
from ._html import page
from ._references import references
from ._tables import NumberTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 4.8


@dataclass(frozen=True, eq=False)
class SurrogateFinding:
    """One surrogate, as a page tells it.

    Attributes
    ----------
    surrogate : Surrogate
    sensitivities : tuple of Sensitivity
    designs : tuple of InverseDesign
    within : float
        Share of a response's spread within which the surrogate is good enough.
    title : str
        Default: the responses.
    """

    surrogate: Surrogate
    sensitivities: tuple[Sensitivity, ...] = ()
    designs: tuple[InverseDesign, ...] = ()
    within: float = 0.005
    title: str = ""

    @property
    def heading(self) -> str:
        """The title, or the responses."""
        return self.title or f"Surrogate of {', '.join(self.surrogate.responses)}"

    @property
    def state(self) -> str:
        """``"good"`` or ``"large"`` (the error is)."""
        return "good" if self.surrogate.good(self.within) else "large"

    @property
    def headline(self) -> str:
        """The verdict in one line."""
        return self.surrogate.summary(self.within).splitlines()[-1]

    @property
    def lines(self) -> list[str]:
        """The rest in words."""
        told = [line for one in self.designs for line in one.summary().splitlines()]
        return [*self.surrogate.summary(self.within).splitlines()[:-1], *map(str, self.sensitivities), *told]

    @cached_property
    def pictures(self) -> list[Picture]:
        """The pictures, drawn when first asked for."""
        return [*map(_parity, self.surrogate.parts), *map(_bars, self.sensitivities)]

    @cached_property
    def tables(self) -> list[NumberTable]:
        """The tables."""
        return [
            _errors(self.surrogate),
            _ranges(self.surrogate),
            *map(_indices, self.sensitivities),
            *map(_tried, self.surrogate.parts),
        ]


def write_surrogate(
    path: str | Path, findings: SurrogateFinding | Sequence[SurrogateFinding], *, command: str = ""
) -> Path:
    """Write one self-contained HTML page about surrogates.

    Parameters
    ----------
    path : path
    findings : SurrogateFinding or sequence of SurrogateFinding
        One section each.
    command : str
        The command that made it; empty: called from Python.

    Raises
    ------
    ArgumentError
        The page cannot be written; nothing is left behind.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from faradaic.performance import simulate, simulation_design, surrogate
    >>> design = simulation_design({"a": (0, 1), "b": (0, 1)}, 16)
    >>> found = surrogate(simulate(lambda p: p["a"] * p["b"], design))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = write_surrogate(pathlib.Path(folder) / "s.html", SurrogateFinding(found, (found.sobol(),)))
    ...     page.read_text(encoding="utf-8").count("<img ")
    2
    """
    several = [findings] if isinstance(findings, SurrogateFinding) else list(findings)
    text = page(
        "_identifiability.html",
        title=several[0].heading if len(several) == 1 else "Surrogates",
        command=command,
        maker="write_surrogate",
        references=references(*(part.trend for each in several for part in each.surrogate.parts)),
        inquiries=several,
    )
    return write_text(path, text)


def _parity(part: Interpolant) -> Picture:
    display = SurrogateDisplay.from_interpolant(part)

    def draw(ax: Axes) -> None:
        display.plot(ax)
        ax.set_title("")

    name = part.trend.response.name
    return Picture(
        title=f"Rows left out: {name}",
        caption=f"What the other rows say of each row, with two standard deviations, against the row. "
        f"{number(100 * part.covered)} % of the rows lie within.",
        alt=f"{plural(len(part.observed), 'point')} near a line, missing it by {number(100 * part.share)} % of the "
        "spread.",
        svg=drawn(draw, (WIDTH, 4.4)),
    )


def _bars(one: Sensitivity) -> Picture:
    def draw(ax: Axes) -> None:
        SensitivityDisplay(one).plot(ax)
        ax.set_title("")

    return Picture(
        title=f"What {one.response} depends on",
        caption="Share of the variance over the ranges: of each parameter alone (full), and with its interactions "
        "(pale).",
        alt=str(one),
        svg=drawn(draw, (WIDTH, 1.3 + 0.35 * len(one.parameters))),
    )


def _errors(surrogate: Surrogate) -> NumberTable:
    rows = tuple(
        (
            part.trend.response.header,
            *(number(v) for v in (part.error, part.worst, part.spread, 100 * part.share, 100 * part.unexplained)),
            number(100 * part.covered),
        )
        for part in surrogate.parts
    )
    head = ("response", "error", "worst", "spread", "% of spread", "% of std", "% within 2 std")
    note = "Of rows that are left out, in closed form with the hyper-parameters of all rows; root mean square."
    return NumberTable("Errors", head, rows, note=note)


def _ranges(surrogate: Surrogate) -> NumberTable:
    rows = tuple(
        (one.header, number(one.low, 4), number(one.high, 4), "logarithmic" if one.log else "even")
        for one in surrogate.ranges
    )
    return NumberTable("Parameters", ("parameter", "from", "to", "spread"), rows)


def _indices(one: Sensitivity) -> NumberTable:
    rows = tuple(
        (name, number(float(first)), number(float(total)))
        for name, first, total in zip(one.parameters, one.first, one.total, strict=True)
    )
    how = "In closed form." if one.method == "analytic" else f"By Saltelli's sampling, {one.n:,} base samples."
    return NumberTable(f"Sobol' indices of {one.response}", ("parameter", "alone", "in all"), rows, note=how)


def _tried(part: Interpolant) -> NumberTable:
    rows = tuple((label, number(error)) for label, error in part.tried)
    note = " ".join(f"Left out: {label}: {reason}" for label, reason in part.failures)
    return NumberTable(f"Tried for {part.trend.response.header}", ("trend", "error"), rows, marked=0, note=note)
