"""A trend as the source text of one NumPy function."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING, Literal

from faradaic._core import ArgumentError, joined, number, plural
from faradaic.data import Column

from ._families import design_expression, inputs_of
from ._infix import Text, infix, literal
from ._numpy import ERF, NumpyText

if TYPE_CHECKING:
    from faradaic.trend import Trend

Outside = Literal["clamp", "extend", "raise"]
SLACK = 1e-9  # of the range: rounding of converted units


def to_python(
    trend: Trend, *, outside: Outside = "clamp", units: Literal["user", "SI"] = "user", name: str | None = None
) -> str:
    """Return the source text of a function of NumPy that predicts as the trend does; see `Trend.to_python`."""
    checked(outside, ("clamp", "extend", "raise"), "outside")
    checked(units, ("user", "SI"), "units")
    if name is not None and not (name.isidentifier() and not keyword.iskeyword(name)):
        raise ArgumentError(f"name must be a name that Python allows for a function, got {name!r}.")
    function = name or identifier(trend.response.name, "trend", ())
    arguments = argument_names(trend.inputs, (function, "np"))
    text = NumpyText(design_expression(trend.design, inputs_of(trend.design)), arguments, f"_{function}")
    body = [*_arguments(trend, arguments, units), *_guard(trend, arguments, outside, units)]
    body += [*text.statements, f"return {_returned(text.result, trend.response, units)}"]
    head = [f"def {function}({', '.join(arguments)}):", *_indented(_docstring(trend, arguments, outside, units))]
    parts = ["import numpy as np", *text.constants()]
    if text.uses_erf:
        parts.append("\n" + ERF.format(name=text.erf).rstrip())
    return "\n".join([*parts, "", "", *head, *_indented(body)]) + "\n"


def checked(value: str, options: tuple[str, ...], name: str) -> None:
    """Raise ArgumentError where a choice is none of those offered."""
    if value not in options:
        raise ArgumentError(f"{name} must be {joined(map(repr, options), 'or')}, got {value!r}.")


def identifier(name: str, otherwise: str, taken: tuple[str, ...]) -> str:
    """Return a Python name that looks like ``name`` and is not taken.

    Examples
    --------
    >>> identifier("C-rate", "x", ()), identifier("lambda", "x", ()), identifier("T", "x", ("T",))
    ('C_rate', 'lambda_', 'T_')
    """
    made = re.sub(r"\W+", "_", name).strip("_")
    made = made if made.isidentifier() else otherwise
    while keyword.iskeyword(made) or made in taken:
        made += "_"
    return made


def argument_names(inputs: tuple[Column, ...], taken: tuple[str, ...]) -> list[str]:
    """Return a Python name for each input."""
    names: list[str] = []
    for j, column in enumerate(inputs):
        names.append(identifier(column.name, f"x{j + 1}", (*taken, *names)))
    return names


def bounds(trend: Trend, j: int, units: str) -> tuple[float, float]:
    """Return the range of an input, in SI or in the user's unit."""
    low, high = float(trend.domain.low[j]), float(trend.domain.high[j])
    if units == "SI":
        return low, high
    low, high = sorted(float(trend.inputs[j].from_si(end)) for end in (low, high))
    return low, high


def unit_of(column: Column, units: str) -> str:
    """Return the unit in which a column is stated."""
    return (column.si_unit if units == "SI" else column.unit) or "dimensionless"


def _arguments(trend: Trend, names: list[str], units: str) -> list[str]:
    if len(names) == 1:
        lines = [f"{names[0]} = np.asarray({names[0]}, dtype=float)"]
    else:
        ours = ", ".join(names)
        each = ", ".join(f"np.asarray({name}, dtype=float)" for name in names)
        lines = [f"{ours} = np.broadcast_arrays({each})"]
    for name, column in zip(names, trend.inputs, strict=True):
        if units == "user" and (column.scale, column.offset) != (1.0, 0.0):
            factor = "" if column.scale == 1.0 else f" * {literal(column.scale).text}"
            shift = f" + {literal(column.offset).text}" if column.offset else ""
            lines.append(f"{name} = {name}{factor}{shift}  # in {column.si_unit}")
    return lines


def _guard(trend: Trend, names: list[str], outside: Outside, units: str) -> list[str]:
    lines = []
    for j, name in enumerate(names):
        low, high = float(trend.domain.low[j]), float(trend.domain.high[j])
        if outside == "clamp":
            lines.append(f"{name} = np.clip({name}, {low!r}, {high!r})")
        elif outside == "raise":
            slack = SLACK * ((high - low) or abs(high) or 1.0)
            stated = " to ".join(number(end) for end in bounds(trend, j, units))
            unit = unit_of(trend.inputs[j], units).replace("dimensionless", "")
            says = repr(f"{trend.inputs[j].name} must be from {stated} {unit}".rstrip() + ", the range of the data.")
            lines += [
                f"if not np.all(({name} >= {low - slack!r}) & ({name} <= {high + slack!r})):",
                f"    raise ValueError({says})",
            ]
    return lines


def _returned(result: Text, response: Column, units: str) -> str:
    if units == "SI":
        return result.text
    shifted = infix("-", result, literal(response.offset)) if response.offset else result
    return (shifted if response.scale == 1.0 else infix("/", shifted, literal(response.scale))).text


def _docstring(trend: Trend, names: list[str], outside: Outside, units: str) -> list[str]:
    policy = {
        "clamp": "Outside this range an input is moved to the nearer end of it.",
        "extend": "Outside this range the formula goes on, unsupported by data.",
        "raise": "Outside this range a ValueError is raised.",
    }[outside]
    response, quality = trend.response, trend.quality
    lines = [f'"""Return {response.name} [{unit_of(response, units)}]: {trend.label}.', ""]
    for j, (name, column) in enumerate(zip(names, trend.inputs, strict=True)):
        low, high = bounds(trend, j, units)
        said = name if name == column.name else f"{name}: {column.name}"
        lines.append(f"{said} [{unit_of(column, units)}] from {number(low)} to {number(high)}.")
    sources = joined(trend.provenance.get("sources", ())) or "unknown"
    lines += [
        policy,
        "",
        f"Fitted to {plural(quality.rows, 'row')} ({sources});",
        f"training residuals {number(quality.rmse)} {quality.unit}".rstrip() + " root mean square.",
        f"Written by faradaic {trend.provenance.get('faradaic', '')}".rstrip()
        + f"; fingerprint of the data {str(trend.provenance.get('data', 'unknown'))[:16]}.",
        '"""',
    ]
    quotes = '"""'
    return [quotes + _plain(lines[0][3:]), *(_plain(line) for line in lines[1:-1]), quotes]


def _plain(line: str) -> str:
    return line.replace("\\", "\\\\").replace('"', "'")


def _indented(lines: list[str]) -> list[str]:
    return [("    " + line).rstrip() for line in lines]
