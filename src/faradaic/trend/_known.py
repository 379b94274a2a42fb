"""What a trend was told beside its rows, in the user's units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faradaic._core import joined, number
from faradaic.approximations import Slope, Value, told

if TYPE_CHECKING:
    from ._trend import Trend


def known_sentences(trend: Trend) -> list[str]:
    """Return what was given as known in one sentence, or nothing: a slip in the units shows there at once."""
    facts = told(trend.design.approximation)[1]
    if not facts:
        return []
    return [f"Given as known: {joined(_in_words(trend, fact) for fact in facts)}."]


def _in_words(trend: Trend, fact: Value | Slope) -> str:
    response = trend.response
    if isinstance(fact, Slope):
        column = trend.inputs[fact.wrt]
        value = fact.value * column.scale / response.scale
        what, unit = f"∂{response.name}/∂{column.name}", f"{response.unit or '1'}/{column.unit or '1'}"
    else:
        value, what, unit = float(response.from_si(fact.value)), response.name, response.unit
    places = [
        f"{c.name} = {number(float(c.from_si(part)), 4)} {c.unit}".rstrip()
        for c, part in zip(trend.inputs, fact.at, strict=True)
        if part is not None
    ]
    return f"{what} = {number(value, 4)} {unit}".rstrip() + f" at {joined(places)}"
