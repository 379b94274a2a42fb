"""The page about one question of identifiability: the answer in words, pictures, and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import ArgumentError, number, plural, write_text
from faradaic.identifiability import (
    Estimate,
    Identifiability,
    ImplicitProblem,
    Profile,
    ProfileDisplay,
    RelationDisplay,
)

from ._figures import Picture, drawn
from ._html import page
from ._references import references
from ._tables import NumberTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = np.ndarray
WIDTH = 4.8
STATUS = {
    "identified": "identified",
    "vague": "felt, but vague",
    "together": "only together with others",
    "not felt": "not felt",
    "known": "known",
}


@dataclass(frozen=True, eq=False)
class Inquiry:
    """One question and its answer, as a page tells it.

    Attributes
    ----------
    result : Identifiability
        From `faradaic.identify`.
    title : str
        Default: the model.
    family : tuple of Identifiability
        Other answers to the same rows, drawn thinly beside that of a relation.
    window : ((low, high), (low, high)), optional
        What is shown of a relation.
    """

    result: Identifiability
    title: str = ""
    family: tuple[Identifiability, ...] = ()
    window: tuple[tuple[float, float], tuple[float, float]] | None = None

    @property
    def heading(self) -> str:
        """The title, or the model."""
        return self.title or self.result.model

    @property
    def state(self) -> str:
        """``"good"`` where every parameter is identified and none is vague, else ``"open"``."""
        open_ = self.result.free or any(one.status == "vague" for one in self.result.estimates)
        return "open" if open_ else "good"

    @property
    def headline(self) -> str:
        """The answer in one line."""
        return _headline(self.result)

    @property
    def lines(self) -> list[str]:
        """The answer in words."""
        return self.result.summary().splitlines()

    @cached_property
    def pictures(self) -> list[Picture]:
        """The pictures, drawn when first asked for."""
        relation = isinstance(self.result.inner, ImplicitProblem) and self.result.inner.Z.shape[1] == 2
        first = [_relation(self)] if relation and self.result.solution is not None else []
        return first + inquiry_pictures(self.result)

    @cached_property
    def tables(self) -> list[NumberTable]:
        """The tables."""
        return [_estimates(self.result), *_spectrum(self.result), *_smaller(self.result)]


def write_inquiry(
    path: str | Path,
    inquiries: Identifiability | Inquiry | Sequence[Inquiry],
    *,
    command: str = "",
    title: str = "",
) -> Path:
    """Write one self-contained HTML page about which parameters some rows identify.

    Parameters
    ----------
    path : path
    inquiries : Identifiability, Inquiry, or sequence of Inquiry
        One section each.
    command : str
        The command that made it; empty: called from Python.
    title : str
        Of the page; default: that of the only inquiry.

    Returns
    -------
    Path

    Raises
    ------
    ArgumentError
        The page cannot be written (nothing is left behind), or there is no inquiry.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import faradaic as fd
    >>> found = fd.identify(fd.laws.arrhenius, fd.data.example("stochastic"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = write_inquiry(pathlib.Path(folder) / "i.html", found)
    ...     page.read_text(encoding="utf-8").count("<img ") > 1
    True
    """
    one = Inquiry(inquiries) if isinstance(inquiries, Identifiability) else inquiries
    several = [one] if isinstance(one, Inquiry) else list(one)
    if not several:
        raise ArgumentError("A page needs at least one inquiry, got none; ask faradaic.identify first.")
    text = page(
        "_identifiability.html",
        title=title or (several[0].heading if len(several) == 1 else "Identifiability"),
        command=command,
        maker="write_inquiry",
        references=references(*(each.result for each in several)),
        inquiries=several,
    )
    return write_text(path, text)


def _relation(inquiry: Inquiry) -> Picture:
    display = RelationDisplay.from_result(inquiry.result, inquiry.family, inquiry.window)

    def draw(ax: Axes) -> None:
        display.plot(ax)

    others = f" Thin: {plural(len(inquiry.family), 'other')} that meet the rows as well." if inquiry.family else ""
    return Picture(
        title="The relation and the rows",
        caption=f"The curve on which it holds, and the {plural(inquiry.result.rows, 'row')}.{others}",
        alt=f"A curve through or along {plural(inquiry.result.rows, 'point')}.",
        svg=drawn(draw, (WIDTH, WIDTH)),
    )


def _headline(result: Identifiability) -> str:
    if result.free:
        return (
            f"These rows identify {len(result.identified)} of {len(result.estimates)} parameters; what stays free: "
            f"{', '.join(result.free)}."
        )
    vague = [one.name for one in result.estimates if one.status == "vague"]
    if vague:
        return f"Every parameter is felt; too vague to be of use: {', '.join(vague)}."
    return "These rows identify every parameter."


def inquiry_pictures(result: Identifiability) -> list[Picture]:
    """Draw the uncertainties and the profiles."""
    if result.solution is None:
        return []
    names = [e.name for e in result.estimates]

    def draw(ax: Axes) -> None:
        result.plot(ax)

    made = [
        Picture(
            title="How well each is known",
            caption="Standard deviation as a share of the value. Dotted: the tolerance above which it counts as vague.",
            alt=f"Bars of relative standard deviations of {', '.join(names)}.",
            svg=drawn(draw, (WIDTH, 1.3 + 0.35 * (len(names) + len(result.combinations)))),
        )
    ]
    return made + [_profile(one, result) for one in result.profiles]


def _profile(one: Profile, result: Identifiability) -> Picture:
    def draw(ax: Axes) -> None:
        ProfileDisplay(one).plot(ax)

    return Picture(
        title=f"Profile of {one.name}",
        caption=f"How the misfit rises while the others make the best of it ({one.shape}). Dotted: where the "
        f"{number(100 * result.level)} % interval ends.",
        alt=f"A curve with its lowest point at {number(result[one.name].value)}, from {number(one.low)} to "
        f"{number(one.high)}.",
        svg=drawn(draw, (WIDTH, 3.2)),
    )


def _estimates(result: Identifiability) -> NumberTable:
    def row(one: Estimate) -> tuple[str, ...]:
        numbers = (one.value, one.std, one.low, one.high)
        return (one.name, STATUS[one.status], *(_shown(v) for v in numbers), one.unit)

    return NumberTable(
        "Parameters and combinations",
        ("parameter", "what the rows say", "value", "std", "low", "high", "unit"),
        tuple(row(one) for one in (*result.estimates, *result.combinations)),
        words=2,
        note="In SI units. What the rows do not determine has no number.",
    )


def _spectrum(result: Identifiability) -> list[NumberTable]:
    if result.spectrum is None:
        return []
    singular = result.spectrum.singular
    rows = tuple(
        (str(k + 1), number(float(s), 4), _shown(result.sigma / s if s > 0 else float("inf")))
        for k, s in enumerate(singular)
    )
    return [
        NumberTable(
            "Singular values of the scaled sensitivities",
            ("combination", "singular value", "relative std"),
            rows,
            note=f"Rank {result.rank} of {result.count}: smaller ones are rounding. Condition number "
            f"{number(result.spectrum.condition)}.",
        )
    ]


def _smaller(result: Identifiability) -> list[NumberTable]:
    if result.problem is None or len(result.problem.names) < 2:
        return []
    ranked = result.reduced_models()
    if not any(np.isfinite(one.aicc) for one in ranked):
        return []  # too few rows to compare them
    rows = tuple(
        (
            ", ".join(f"{name} = {number(value)}" for name, value in one.held.items()) or "nothing",
            str(one.count),
            _shown(one.squares),
            _shown(one.aicc),
            _shown(one.p_value),
        )
        for one in ranked
    )
    return [
        NumberTable(
            "Smaller models",
            ("held", "felt", "squares", "AICc", "p"),
            rows,
            marked=0,
            note="One parameter held at a time, best first; a small p says that the rows miss it.",
        )
    ]


def _shown(value: float) -> str:
    if np.isnan(value):
        return "\N{EN DASH}"
    return number(float(value), 4) if np.isfinite(value) else "none"
