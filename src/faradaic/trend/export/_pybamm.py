"""A trend as a function of PyBaMM symbols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import ArgumentError, OptionalImportError, joined, nearest, number

from ._expression import Expression
from ._families import design_expression, inputs_of
from ._python import Outside, checked
from ._table import Table, cubic_table
from ._unroll import ArithmeticNotation, balanced, evaluate, operations, unroll

if TYPE_CHECKING:
    from faradaic.trend import Trend

Array = np.ndarray
MOST_OPERATIONS = 20_000  # of a formula; PyBaMM copies it into every place where the parameter occurs
EXACT = 1e-8  # relative difference of formula and trend up to which the formula is taken
SLACK = 1e-9


@dataclass(frozen=True, eq=False)
class PybammFunction:
    """A parameter for `pybamm.ParameterValues`: SI in, SI out.

    Attributes
    ----------
    name : str
        The response with its SI unit.
    inputs : tuple of str
        The trend's inputs with their SI units.
    arguments : tuple of int or None
        The input that each argument is; None: an argument that is not used.
    low, high : arrays of shape (p,)
        The range of the inputs, SI.
    outside : {"clamp", "extend", "raise"}
    formula : Expression or Table
        What is computed.
    error : float
        Largest difference to the trend inside the range, relative to the size of its values: rounding, or the error of
        interpolation where the formula is a table.
    """

    name: str
    inputs: tuple[str, ...]
    arguments: tuple[int | None, ...]
    low: Array
    high: Array
    outside: Outside
    formula: Expression | Table = field(repr=False)
    error: float = 0.0

    def __call__(self, *arguments: Any) -> Any:
        """Return the response as a symbol (or a scalar) of PyBaMM."""
        pybamm = imported()
        values = self._chosen(arguments)
        kept = [self._kept(pybamm, j, value) for j, value in enumerate(values)]
        if isinstance(self.formula, Table):
            made = pybamm.Interpolant(
                self.formula.x, self.formula.y, kept[0], name="trend", interpolator="cubic", extrapolate=True
            )
        else:
            made = unroll(self.formula, kept, SymbolNotation(pybamm))
        if self.outside == "raise":
            for j, value in enumerate(values):
                if not pybamm.convert_to_symbol(value).is_constant():
                    low, high = self.limits(j)
                    made = made / ((value >= low) * (value <= high))  # infinite outside: the solver stops
        return made

    def event(self, *arguments: Any) -> Any:
        """Return a `pybamm.Event` that stops a simulation where an input leaves the range of the data.

        Parameters
        ----------
        *arguments : pybamm.Symbol
            The same as in a call, e.g. ``model.variables["Negative particle surface stoichiometry"]``.
        """
        pybamm = imported()
        margins = [
            pybamm.min(pybamm.minimum(value - self.low[j], self.high[j] - value))
            for j, value in enumerate(self._chosen(arguments))
        ]
        least = margins[0]
        for margin in margins[1:]:
            least = pybamm.minimum(least, margin)
        return pybamm.Event(f"{joined(self.inputs)} inside the range of the data of {self.name}", least)

    @property
    def source(self) -> str:
        """The same function as the source text of a Python module that imports PyBaMM and NumPy."""
        from ._pybamm_text import source

        return source(self)

    def _chosen(self, arguments: Sequence[Any]) -> list[Any]:
        if len(arguments) != len(self.arguments):
            raise ArgumentError(
                f"PyBaMM passes {len(arguments)} arguments and {self.name} takes {len(self.arguments)}; say with "
                "to_pybamm(arguments=[...]) which input each of them is, None for one that the trend does not use."
            )
        return [arguments[self.arguments.index(j)] for j in range(len(self.inputs))]

    def limits(self, j: int) -> tuple[float, float]:
        """Return the range of an input, wider by rounding."""
        low, high = float(self.low[j]), float(self.high[j])
        slack = SLACK * ((high - low) or abs(high) or 1.0)
        return low - slack, high + slack

    def _kept(self, pybamm: Any, j: int, value: Any) -> Any:
        low, high = float(self.low[j]), float(self.high[j])
        symbol = pybamm.convert_to_symbol(value)
        if self.outside == "clamp":
            # by comparisons, through which a value that is no number stays none; minimum and maximum would hide it
            inside = (symbol >= low) * (symbol <= high)
            return inside * symbol + low * (symbol < low) + high * (symbol > high)
        if self.outside == "raise" and symbol.is_constant():
            known, (least, most) = np.ravel(symbol.evaluate()), self.limits(j)
            wrong = known[~((known >= least) & (known <= most))]
            if len(wrong):
                raise ArgumentError(
                    f"{self.inputs[j]} must be from {number(low)} to {number(high)}, the range of the data, "
                    f"got {number(float(wrong[0]))}; stay inside, or export with outside='clamp' or 'extend'."
                )
        return symbol


def to_pybamm(
    trend: Trend, *, outside: Outside = "clamp", arguments: Sequence[str | int | None] | None = None
) -> PybammFunction:
    """Return a function of PyBaMM symbols that predicts as the trend does; see `Trend.to_pybamm`."""
    checked(outside, ("clamp", "extend", "raise"), "outside")
    formula, error = _formula(trend)
    return PybammFunction(
        name=f"{trend.response.name} [{trend.response.si_unit}]",
        inputs=tuple(f"{column.name} [{column.si_unit}]" for column in trend.inputs),
        arguments=_arguments(trend, arguments),
        low=trend.domain.low,
        high=trend.domain.high,
        outside=outside,
        formula=formula,
        error=error,
    )


def imported() -> Any:
    """Return the package PyBaMM.

    Raises
    ------
    OptionalImportError
        It is not installed.
    """
    try:
        import pybamm  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise OptionalImportError("pybamm", "cells") from error
    return pybamm


def _formula(trend: Trend) -> tuple[Expression | Table, float]:
    formula = design_expression(trend.design, inputs_of(trend.design), flat=True)
    low, high = trend.domain.low, trend.domain.high
    Z = low + (high - low) * np.random.default_rng(0).uniform(size=(500, len(low)))
    want = trend.design.predict(Z)
    count, error = operations(formula), np.inf
    if count <= MOST_OPERATIONS:
        off = np.abs(evaluate(formula, Z, ArithmeticNotation()) - want).max()
        error = float(off / max(np.abs(want).max(), np.finfo(float).tiny))
        if error <= EXACT:
            return formula, error
    if len(low) == 1:
        table = cubic_table(trend)
        return table, table.error
    if count > MOST_OPERATIONS:
        why = f"needs {count:,} operations"
    elif np.isfinite(error):
        why = f"rounds to {number(error)} of its values"
    else:  # PyBaMM computes both branches of a condition and adds them
        why = "is not finite in a branch that it does not take, or overflows,"
    raise ArgumentError(f"The trend {trend.label} {why} in PyBaMM; fit it at a smaller size, or as a law.")


def _arguments(trend: Trend, given: Sequence[str | int | None] | None) -> tuple[int | None, ...]:
    p = len(trend.inputs)
    if given is None:
        return tuple(range(p))
    names = [column.name for column in trend.inputs]
    places: list[int | None] = []
    for one in given:
        if isinstance(one, str) and one not in names:
            close = nearest(one, names) or names
            raise ArgumentError(f"arguments names {one!r}, which is no input; did you mean {joined(close, 'or')}?")
        places.append(names.index(one) if isinstance(one, str) else one)
    if sorted(place for place in places if place is not None) != list(range(p)):
        raise ArgumentError(
            f"arguments must hold each of {joined(names)} once, and None for others, got {list(given)}."
        )
    return tuple(places)


class SymbolNotation:
    """Symbols of PyBaMM."""

    def __init__(self, pybamm: Any) -> None:
        self.pybamm = pybamm

    def number(self, value: float) -> float:
        return value

    def binary(self, op: str, a: Any, b: Any) -> Any:
        operations = {
            "+": lambda: a + b,
            "-": lambda: a - b,
            "*": lambda: a * b,
            "/": lambda: a / b,
            "**": lambda: a**b,
            "<": lambda: a < b,
            "<=": lambda: a <= b,
        }
        return operations[op]()

    def call(self, name: str, *parts: Any) -> Any:
        if name in ("maximum", "minimum", "erf", "exp", "log", "sqrt", "tanh", "sinh", "cosh", "sin", "cos", "sign"):
            return getattr(self.pybamm, name)(*parts)
        return {**_BY_OTHERS, "log1p": lambda a: self.pybamm.log(1.0 + a), "expm1": lambda a: self.pybamm.exp(a) - 1.0}[
            name
        ](*parts)

    def total(self, parts: Sequence[Any]) -> Any:
        return balanced(parts, lambda a, b: a + b)


# conditions are 0 or 1 there
_BY_OTHERS = {
    "neg": lambda a: -a,
    "abs": abs,
    "and": lambda a, b: a * b,
    "or": lambda a, b: 1.0 - (1.0 - a) * (1.0 - b),
    "not": lambda a: 1.0 - a,
    "where": lambda condition, yes, no: condition * yes + (1.0 - condition) * no,
}
