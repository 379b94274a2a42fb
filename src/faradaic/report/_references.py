"""What to cite: the software, the data where their source is known, the laws and the methods that were used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import singledispatch
from typing import Any

import faradaic
from faradaic._core import ArgumentError
from faradaic.approximations import Approximation, Design, LawRegressor, Spline, Symmetric
from faradaic.data import CATALOGUE, EXAMPLES, Dataset, example
from faradaic.identifiability import Identifiability
from faradaic.landscape import Exploration, Landscape, Selection
from faradaic.laws import BUNDLED, Law
from faradaic.performance import Ageing, DegradationModes, Knees, Prognosis, Surrogate
from faradaic.trend import Trend

from ._bibliography import BIRKL, CHANDLER_BATE, ECKER, ENTRIES, FERMIN_CUETO, SULZER

_OF_EXAMPLES = {"experiment": [ECKER], "deterministic": [SULZER]}


def cite(*things: Any) -> str:
    """Return BibTeX entries for what was actually used: the software, data, laws and methods.

    Parameters
    ----------
    *things : Trend, Selection, Exploration, Landscape, Identifiability, Dataset, Law, Approximation, or a list of them
        Answers of the room for performance (`Knees`, `DegradationModes`, `Ageing`, `Surrogate` and others) as well.
        Public data are recognised by the name of the catalogue or as the bundled examples; a law is cited as its
        source is stated there; methods by what the choice and the fit made use of.

    Returns
    -------
    str
        The entries, each once, with empty lines between them.

    Raises
    ------
    ArgumentError
        One of them is something else.

    Examples
    --------
    >>> import faradaic as fd
    >>> from faradaic.approximations import Spline
    >>> trend = fd.fit(Spline(n_basis=6), fd.data.example("experiment"))
    >>> [line for line in fd.cite(trend).splitlines() if line.startswith("@")]
    ['@software{faradaic,', '@article{Ecker2015,', '@book{deBoor1978,']
    """
    return "\n\n".join(references(*things))


def references(*things: Any) -> list[str]:
    """Return the entries of `cite` as a list: first the software, then data, laws and methods of each thing.

    Examples
    --------
    >>> references()[0].splitlines()[0]
    '@software{faradaic,'
    """
    return list(dict.fromkeys([_software(), *(entry for thing in things for entry in _entries(thing))]))


def _software() -> str:
    return f"""@software{{faradaic,
  author = {{{{The faradaic developers}}}},
  title = {{faradaic: from a table of electrochemical observations to the approximation that the data support}},
  version = {{{faradaic.__version__}}},
}}"""


@singledispatch
def _entries(thing: Any) -> Iterator[str]:
    raise ArgumentError(
        "Cited can be trends, selections, explorations, landscapes, answers of identify, data sets, laws, "
        "approximations, and answers of faradaic.performance, "
        f"got {type(thing).__name__}."
    )


@_entries.register(list)
@_entries.register(tuple)
def _(things: list[Any] | tuple[Any, ...]) -> Iterator[str]:
    for thing in things:
        yield from _entries(thing)


@_entries.register
def _(data: Dataset) -> Iterator[str]:
    for source in data.sources:
        if source.name in EXAMPLES and example(source.name).fingerprint == data.fingerprint:
            yield from _OF_EXAMPLES.get(source.name, [])
            continue
        for entry in CATALOGUE.values():
            if _plain(source.name).startswith(_plain(entry.name)):
                yield entry.citation


@_entries.register
def _(found: Knees) -> Iterator[str]:
    yield FERMIN_CUETO


@_entries.register
def _(found: DegradationModes) -> Iterator[str]:
    yield from (BIRKL, CHANDLER_BATE)


@_entries.register(Ageing)
@_entries.register(Prognosis)
def _(found: Ageing | Prognosis) -> Iterator[str]:
    yield from _entries(found.exploration)
    yield from _entries(found.trend)


@_entries.register
def _(found: Surrogate) -> Iterator[str]:
    for part in found.parts:
        yield from _entries(part.trend)


@_entries.register
def _(law: Law) -> Iterator[str]:
    if not law.doi and (law in BUNDLED or not law.source):
        return  # a constant or a plane has no author
    key = re.sub(r"\W+", "_", law.name).strip("_")
    lines = [f"@misc{{law_{key},", f"  title = {{The law {law.name.replace('_', ' ')}}},"]
    lines += [f"  note = {{{law.source}}},"] if law.source else []
    lines += [f"  doi = {{{law.doi}}},"] if law.doi else []
    yield "\n".join([*lines, "}"])


@_entries.register
def _(model: Approximation) -> Iterator[str]:
    if type(model).__name__ in ENTRIES:
        yield ENTRIES[type(model).__name__]
    root = getattr(model, "data_root_", None)
    if root is not None and root.size:  # a process on fewer centres than rows
        yield ENTRIES["centres"]
    if isinstance(model, Spline) and (model.monotone or model.convex or model.positive):
        yield ENTRIES["shape"]


@_entries.register(Design)
@_entries.register(Symmetric)
def _(model: Design | Symmetric) -> Iterator[str]:
    if isinstance(model, Symmetric):
        yield ENTRIES["Symmetric"]
    yield from _entries(getattr(model, "approximation_", model.approximation))


@_entries.register
def _(model: LawRegressor) -> Iterator[str]:
    law = model.laws[model.order] if model.laws is not None else None
    if law is not None:
        yield from _entries(law)
        if set(law.linear) != set(law.names) or model.residuals == "log":
            yield ENTRIES["search"]


@_entries.register
def _(choice: Selection) -> Iterator[str]:
    if choice.floor.source.startswith("replicates"):
        yield ENTRIES["draper"]
    if "standard error" in choice.reason:
        yield ENTRIES["breiman"]
    yield from _entries(choice.design)


@_entries.register
def _(one: Landscape) -> Iterator[str]:
    yield from _entries(one.data)
    if one.floor.source.startswith("replicates"):
        yield ENTRIES["draper"]
    if one.data.groups is not None:
        yield ENTRIES["roberts"]
    if one.regimes.threshold is not None:
        yield ENTRIES["belkin"]
    yield from _entries(one.design)


@_entries.register
def _(one: Exploration) -> Iterator[str]:
    yield from _entries(one.data)
    if one.data.groups is not None:
        yield ENTRIES["roberts"]
    if one.outer is not None:
        yield ENTRIES["varma"]
    if one.best.regimes.threshold is not None:
        yield ENTRIES["belkin"]
    yield from _entries(one.selection)


@_entries.register
def _(trend: Trend) -> Iterator[str]:
    yield from _entries(trend.data)
    chosen = trend.quality.selection
    if "(replicates" in chosen:
        yield ENTRIES["draper"]
    if chosen and trend.data.groups is not None:
        yield ENTRIES["roberts"]
    if "within one standard error" in chosen:
        yield ENTRIES["breiman"]
    yield from _entries(trend.design)
    if "calibration" in vars(trend):  # it stands there once an interval was asked for
        yield ENTRIES["calibration"]


@_entries.register
def _(one: Identifiability) -> Iterator[str]:
    if one.data is not None:
        yield from _entries(one.data)
    law = getattr(one.inner, "law", None)
    if law is not None:
        yield from _entries(law)
    if one.profiles:
        yield ENTRIES["profile"]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def law_source(one: Exploration) -> str:
    """Return the source of the chosen law as it is stated there; empty if the choice is no law."""
    design = one.selection.design
    laws = getattr(design.approximation, "laws", None)
    return str(laws[design.size].source) if laws else ""
