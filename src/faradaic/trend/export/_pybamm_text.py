"""A function of PyBaMM symbols as the source text of a module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from faradaic._core import joined, number

from ._infix import Text, call, infix, literal, minus
from ._python import identifier
from ._table import Table
from ._unroll import balanced, unroll

if TYPE_CHECKING:
    from ._pybamm import PybammFunction


class PybammText:
    """Python text that calls PyBaMM's functions."""

    def number(self, value: float) -> Text:
        return literal(value)

    def binary(self, op: str, a: Text, b: Text) -> Text:
        return infix(op, a, b)

    def call(self, name: str, *parts: Text) -> Text:
        one = literal(1.0)
        if name == "neg":
            return minus(*parts)
        if name == "abs":
            return call("abs", *parts)
        if name == "log1p":
            return call("pybamm.log", infix("+", one, *parts))
        if name == "expm1":
            return infix("-", call("pybamm.exp", *parts), one)
        if name == "and":
            return infix("*", *parts)
        if name == "not":
            return infix("-", one, *parts)
        if name == "or":
            a, b = (infix("-", one, part) for part in parts)
            return infix("-", one, infix("*", a, b))
        if name == "where":
            condition, yes, no = parts
            return infix("+", infix("*", condition, yes), infix("*", infix("-", one, condition), no))
        return call(f"pybamm.{name}", *parts)

    def total(self, parts: Sequence[Text]) -> Text:
        return balanced(parts, lambda a, b: infix("+", a, b))


def source(function: PybammFunction) -> str:
    """Return the function as the source text of a module that imports PyBaMM, and NumPy for a table."""
    response = function.name.split(" [")[0]
    title = identifier(response, "trend", ("pybamm", "np"))
    inputs: list[str] = []
    for j, header in enumerate(function.inputs):
        inputs.append(identifier(header.rsplit(" [", 1)[0], f"x{j + 1}", ("pybamm", "np", title, *inputs)))
    passed = [f"unused_{k + 1}" if j is None else inputs[j] for k, j in enumerate(function.arguments)]
    ranges = joined(
        f"{header} from {number(float(low))} to {number(float(high))}"
        for header, low, high in zip(function.inputs, function.low, function.high, strict=True)
    )
    policy = {
        "clamp": "is moved to the nearer end",
        "extend": "is followed by the formula, unsupported by data",
        "raise": "gives infinity, at which a solver stops",
    }[function.outside]
    said = f"Return {function.name} of {ranges}; an input outside {policy}.".replace("\\", "\\\\").replace('"', "'")
    body, result = [], Text("")
    for name, low, high in zip(inputs, function.low, function.high, strict=True):
        if function.outside == "clamp":
            least, most = float(low), float(high)
            body.append(
                f"{name} = ({name} >= {least!r}) * ({name} <= {most!r}) * {name} "
                f"+ {least!r} * ({name} < {least!r}) + {most!r} * ({name} > {most!r})"
            )
    table = isinstance(function.formula, Table)
    if isinstance(function.formula, Table):
        x, y = (", ".join(map(repr, values.tolist())) for values in (function.formula.x, function.formula.y))
        at, values = (identifier(word, word, tuple(inputs)) for word in ("points", "values"))
        body += [f"{at} = np.array([{x}])", f"{values} = np.array([{y}])"]
        result = Text(
            f'pybamm.Interpolant({at}, {values}, {inputs[0]}, name="trend", interpolator="cubic", extrapolate=True)'
        )
    else:
        result = unroll(function.formula, [Text(name) for name in inputs], PybammText())
    if function.outside == "raise":
        for j, name in enumerate(inputs):
            low, high = function.limits(j)
            inside = infix("*", Text(f"({name} >= {low!r})"), Text(f"({name} <= {high!r})"))
            result = infix("/", result, inside)
    head = ["import numpy as np"] if table else []
    lines = [*head, "import pybamm", "", "", f"def {title}({', '.join(passed)}):", f'    """{said}"""']
    return "\n".join([*lines, *(f"    {line}" for line in [*body, f"return {result.text}"])]) + "\n"
