"""The report: one HTML page that needs nothing but itself."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import faradaic
from faradaic._core import ArgumentError, number, shortened, write_text
from faradaic.landscape import Exploration, LearningCurve, verdict
from faradaic.trend import Trend

from ._figures import Picture, pictures
from ._references import law_source, references
from ._tables import NumberTable, failures, tables

PACKAGES = ("numpy", "scipy", "pandas", "xarray", "scikit-learn", "joblib", "jax", "pint", "matplotlib")


@dataclass(frozen=True, eq=False)
class Finding:
    """What was found for one data set, as a report tells it.

    Attributes
    ----------
    exploration : Exploration
    trend : Trend
        Its chosen design, fitted to all rows.
    seconds : float
        Time the work took; NaN: not known, and not told.
    title : str
        What the data are; default: the response against its inputs.
    curve : LearningCurve, optional
        The learning curve of the chosen design, if it was measured.
    notes : tuple of str
        Further sentences for the verdict.
    """

    exploration: Exploration
    trend: Trend
    seconds: float = float("nan")
    title: str = ""
    curve: LearningCurve | None = None
    notes: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """The title, or the response against its inputs."""
        data = self.exploration.data
        return self.title or f"{data.response.header} against {shortened((column.header for column in data.inputs), 6)}"

    @property
    def state(self) -> str:
        """``"large"``, ``"good"`` or ``"open"`` (the noise floor is not known)."""
        if self.exploration.large:
            return "large"
        return "good" if self.exploration.floor.known else "open"

    @property
    def headline(self) -> str:
        """The verdict in one line."""
        one = self.exploration
        error = f"{number(one.error)} {one.unit}".strip()
        if self.state == "open":
            return f"Error {error}. The noise floor is not known, so how good a trend can be is not known either."
        if self.state == "large":
            return f"Error {error}, large against the noise: a better trend is possible."
        if one.selection.interpolates:
            return f"Every row is met within the tolerance; rows that were left out are missed by {error}."
        return f"Error {error}, as good as the noise allows."

    @property
    def verdict(self) -> list[str]:
        """The verdict without the story and the failures, which have places of their own."""
        story = set(self.exploration.story)
        said = [line for line in verdict(self.exploration) if line not in story and not line.startswith("Left out: ")]
        return [*said, *self.notes]

    @property
    def trend_words(self) -> list[str]:
        """What the fitted trend says of itself, without the choice, which the verdict tells."""
        lines = self.trend.summary().splitlines()[1:]
        kept = [line for line in lines if line != self.trend.quality.selection]
        return kept if self.curve is None else [*kept, self.curve.summary()]

    @cached_property
    def pictures(self) -> list[Picture]:
        """The pictures, drawn when first asked for."""
        return pictures(self.exploration, self.trend, self.curve)

    @cached_property
    def tables(self) -> list[NumberTable]:
        """The tables."""
        return tables(self.exploration)

    @property
    def failures(self) -> list[str]:
        """What failed, one sentence each."""
        return failures(self.exploration)

    @property
    def law_source(self) -> str:
        """The source of the chosen law; empty if the choice is no law."""
        return law_source(self.exploration)


def render(findings: Finding | Sequence[Finding], *, command: str = "", title: str = "") -> str:
    """Return the page as text; see `write_report`."""
    several = [findings] if isinstance(findings, Finding) else list(findings)
    if not several:
        raise ArgumentError("A report needs at least one finding, got none; explore a data set first.")
    return page(
        "_template.html",
        title=title or (several[0].heading if len(several) == 1 else "Trends"),
        findings=several,
        command=command,
        maker="write_report",
        references=references(*(one.exploration for one in several)),
    )


def page(template: str, **contents: Any) -> str:
    """Return a page as text, from one of the templates of this room."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    pages = Environment(
        loader=PackageLoader("faradaic.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return pages.get_template(template).render(
        versions=_versions(),
        number=number,
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        version=faradaic.__version__,
        **contents,
    )


def write_report(
    path: str | Path, findings: Finding | Sequence[Finding], *, command: str = "", title: str = ""
) -> Path:
    """Write one self-contained HTML page: the verdict in words, pictures, numbers, and how to repeat it.

    Parameters
    ----------
    path : path
        Where; see `check_writable` for finding out beforehand.
    findings : Finding or sequence of Finding
        One section each.
    command : str
        The command that made it; empty: called from Python.
    title : str
        Of the page; default: that of the only finding.

    Returns
    -------
    Path

    Raises
    ------
    ArgumentError
        The page cannot be written (nothing is left behind), or there is no finding.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import faradaic as fd
    >>> from faradaic.approximations import Design, Log, Polynomial, Reciprocal
    >>> data = fd.data.example("stochastic")
    >>> found = fd.explore(data, [Design(Polynomial(), x=Reciprocal(), y=Log())], outer=None, splits=3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = write_report(pathlib.Path(folder) / "r.html", Finding(found, fd.fit(found, data)))
    ...     page.read_text(encoding="utf-8").startswith("<!doctype html>")
    True
    """
    return write_text(path, render(findings, command=command, title=title))


def _versions() -> list[tuple[str, str]]:
    rows = [("faradaic", faradaic.__version__), ("Python", platform.python_version()), ("system", platform.system())]
    for name in PACKAGES:
        try:
            rows.append((name, version(name)))
        except PackageNotFoundError:  # an installation without metadata
            continue
    return rows
