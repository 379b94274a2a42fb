"""A trend as a function of the Battery Parameter eXchange format: an expression, or a table of known error."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from faradaic._core import ArgumentError, joined, number

from ._families import design_expression, inputs_of
from ._infix import Text, call, infix, literal, minus
from ._python import checked
from ._table import linear_table
from ._unroll import TextNotation, evaluate, operations, unroll

if TYPE_CHECKING:
    from faradaic.trend import Trend

Form = Literal["auto", "expression", "table"]
Ends = Literal["extend", "clamp"]
MOST_OPERATIONS = 400  # of an expression that anyone would want in a file


@dataclass(frozen=True, eq=False)
class BpxFunction:
    """What stands in a BPX file for one parameter, SI.

    Attributes
    ----------
    value : str or dict
        An expression in ``x``, or a table ``{"x": [...], "y": [...]}`` that is interpolated by straight lines.
    error : float
        Largest difference to the trend inside the range: of rounding, or of the interpolation.
    relative : bool
        Whether `error` is relative to each value; else to the range of the values.
    low, high : float
        The range of the data.
    outside : {"extend", "clamp"}
        What a reader finds outside of it: the expression or the last straight line goes on, or the end's value.
    said : str
        The response and the input with their units.
    """

    value: str | dict[str, list[float]]
    error: float
    relative: bool
    low: float
    high: float
    outside: Ends
    said: str

    def __str__(self) -> str:
        of = "each value" if self.relative else "the range of its values"
        if isinstance(self.value, str):
            what = f"an expression of {len(self.value):,} characters, exact to {number(self.error, 2)} of {of}"
        else:
            points = len(self.value["x"])
            what = f"a table of {points:,} points, interpolated to {number(self.error, 2)} of {of}"
        ends = {"extend": "goes on", "clamp": "stays at its end value"}[self.outside]
        return f"{self.said}: {what}, from {number(self.low)} to {number(self.high)}; outside it {ends}."


def to_bpx(
    trend: Trend,
    path: str | Path | None = None,
    *,
    into: str | Path | dict[str, Any] | None = None,
    field: str | None = None,
    form: Form = "auto",
    outside: Ends = "extend",
    tolerance: float = 1e-4,
) -> BpxFunction:
    """Return the trend as a BPX function, and write it into a BPX file; see `Trend.to_bpx`."""
    checked(form, ("auto", "expression", "table"), "form")
    checked(outside, ("extend", "clamp"), "outside")
    if not 0 < tolerance < 1:
        raise ArgumentError(f"tolerance must be between 0 and 1, got {tolerance!r}.")
    if len(trend.inputs) != 1:
        names = joined(column.name for column in trend.inputs)
        raise ArgumentError(f"A BPX function has one variable and the trend has {len(trend.inputs)} ({names}).")
    if (path is not None and into is None) or (into is None) != (field is None):
        raise ArgumentError("A BPX file is written into another: give both into (the file) and field (the parameter).")
    made = _function(trend, form, outside, tolerance)
    if into is not None and field is not None:
        from ._bpx_file import write_into

        write_into(made, trend, path, into, field)
    return made


class NotInGrammar(Exception):
    """The expression needs a function that BPX does not have."""


class BpxText(TextNotation):
    """BPX's grammar: numbers, ``+ - * / **``, ``exp``, ``tanh`` and the variable ``x``."""

    def number(self, value: float) -> Text:
        if not np.isfinite(value):
            raise NotInGrammar(f"the number {value}")
        return literal(value)

    def binary(self, op: str, a: Text, b: Text) -> Text:
        if op in ("<", "<="):
            raise NotInGrammar("a comparison")
        return infix(op, a, b)

    def call(self, name: str, *parts: Text) -> Text:
        one = literal(1.0)
        if name == "neg":
            return minus(*parts)
        if name in ("exp", "tanh"):
            return call(name, *parts)
        if name == "sqrt":
            return infix("**", parts[0], literal(0.5))
        if name == "expm1":
            return infix("-", call("exp", *parts), one)
        if name in ("sinh", "cosh"):
            grows, falls = call("exp", *parts), call("exp", minus(*parts))
            return infix("/", infix("-" if name == "sinh" else "+", grows, falls), literal(2.0))
        raise NotInGrammar(name)


def _function(trend: Trend, form: Form, outside: Ends, tolerance: float) -> BpxFunction:
    low, high = float(trend.domain.low[0]), float(trend.domain.high[0])
    column, response = trend.inputs[0], trend.response
    said = f"{response.name} [{response.si_unit}] of x = {column.name} [{column.si_unit}]"
    common = {"low": low, "high": high, "outside": outside, "said": said}
    if form != "table":
        made = _expression(trend, outside, tolerance)
        if not isinstance(made, str):
            return BpxFunction(made[0], made[1], relative=made[2], **common)
        if form == "expression":
            raise ArgumentError(f"The trend {trend.label} is no expression of BPX: {made}; use form='table' or 'auto'.")
    table = linear_table(trend, tolerance)
    x, y = table.x, table.y
    if outside == "clamp":  # readers go on along the last straight line: make it level
        x = np.concatenate([[low - (high - low)], x, [high + (high - low)]])
        y = np.concatenate([y[:1], y, y[-1:]])
    return BpxFunction({"x": x.tolist(), "y": y.tolist()}, table.error, relative=table.relative, **common)


def _expression(trend: Trend, outside: Ends, tolerance: float) -> tuple[str, float, bool] | str:
    """Return the text, its error and whether that is relative; or why there is none."""
    if outside == "clamp":
        return "its grammar has no minimum and maximum, so it cannot stay at the end values"
    formula = design_expression(trend.design, inputs_of(trend.design), flat=True)
    count = operations(formula)
    if count > MOST_OPERATIONS:
        return f"it would need {count:,} operations"
    try:
        text = unroll(formula, [Text("x")], BpxText()).text
    except NotInGrammar as reason:
        return f"its grammar does not have {reason}"
    x = np.linspace(trend.domain.low[0], trend.domain.high[0], 1001)[:, None]
    want = trend.design.predict(x)
    off = np.abs(evaluate(formula, x) - want)
    relative = bool((want > 0).all() or (want < 0).all())
    error = float((off / np.abs(want)).max() if relative else off.max() / (float(np.ptp(want)) or 1.0))
    if not error <= tolerance:
        return f"written by powers it differs by {number(error)} from the trend"
    return text, error, relative
