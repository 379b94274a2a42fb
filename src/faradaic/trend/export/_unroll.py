"""A formula unrolled into plain operations on single values, in whatever notation the reader speaks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any, Protocol

import numpy as np

from ._expression import BINARY, COMPARISONS, EXTREMES, FUNCTIONS, LOGICAL, Expression, in_order
from ._infix import Text, call, infix, literal, minus


class Notation(Protocol):
    """How single values are written."""

    def number(self, value: float) -> Any:
        """Return a number."""

    def binary(self, op: str, a: Any, b: Any) -> Any:
        """Return ``a op b``, op being arithmetic or a comparison."""

    def call(self, name: str, *parts: Any) -> Any:
        """Return a function, an extreme, a logical operation or ``where``; ``neg`` is the minus sign."""

    def total(self, parts: Sequence[Any]) -> Any:
        """Return the sum."""


def unroll(root: Expression, variables: Sequence[Any], notation: Notation) -> Any:
    """Return the formula in a notation, with these values for its variables.

    Examples
    --------
    >>> from faradaic.trend.export._expression import dot, number, variable
    >>> formula = dot(number([1.0, 2.0]) * variable(0), [3.0, 0.5])
    >>> unroll(formula, [Text("x")], TextNotation()).text
    '1.0*x*3.0 + 2.0*x*0.5'
    """
    known: dict[int, list[Any]] = {}
    for node in in_order(root):
        known[id(node)] = _entries(node, [known[id(part)] for part in node.parts], variables, notation)
    (result,) = known[id(root)]
    return result


def operations(root: Expression) -> int:
    """Return the number of single operations of the unrolled formula when nothing is shared."""
    counts: dict[int, np.ndarray] = {}
    for node in in_order(root):
        parts = [counts[id(part)] for part in node.parts]
        size = node.size or 1
        if node.op == "take":
            counts[id(node)] = parts[0][node.value]
        elif node.op == "stack":
            counts[id(node)] = np.concatenate(parts)
        elif node.op == "dot":
            counts[id(node)] = np.full(size, float((parts[0] + 2).sum()))
        else:
            counts[id(node)] = sum(parts, np.ones(size))
    return int(min(counts[id(root)].sum(), 1e15))


def _entries(node: Expression, parts: list[list[Any]], variables: Sequence[Any], notation: Notation) -> list[Any]:
    op = node.op
    if op == "number":
        return [notation.number(float(one)) for one in np.atleast_1d(node.value)]
    if op == "variable":
        return [variables[node.value]]
    if op == "stack":
        return [one for part in parts for one in part]
    if op == "take":
        return [parts[0][place] for place in node.value]
    if op == "dot":
        columns = node.value if node.value.ndim == 2 else node.value[:, None]
        return [_weighted(parts[0], column, notation) for column in columns.T]
    size = node.size or 1
    rows = [part * size if len(part) == 1 else part for part in parts]
    if op in BINARY or op in COMPARISONS:
        return [notation.binary(op, *one) for one in zip(*rows, strict=True)]
    return [notation.call(op, *one) for one in zip(*rows, strict=True)]


def _weighted(values: list[Any], weights: np.ndarray, notation: Notation) -> Any:
    terms = [
        value if weight == 1.0 else notation.binary("*", value, notation.number(float(weight)))
        for value, weight in zip(values, weights, strict=True)
        if weight != 0.0
    ]
    return notation.total(terms) if terms else notation.number(0.0)


def balanced(parts: Sequence[Any], add: Any) -> Any:
    """Return the sum of many parts, added in pairs: a tree of little depth."""
    terms = list(parts)
    while len(terms) > 1:
        paired = [add(a, b) for a, b in zip(terms[::2], terms[1::2], strict=False)]
        terms = paired + terms[2 * len(paired) :]
    return terms[0]


class TextNotation:
    """Python text; functions are called by the names that they have here."""

    def number(self, value: float) -> Text:
        return literal(value)

    def binary(self, op: str, a: Text, b: Text) -> Text:
        return infix(op, a, b)

    def call(self, name: str, *parts: Text) -> Text:
        return minus(*parts) if name == "neg" else call(name, *parts)

    def total(self, parts: Sequence[Text]) -> Text:
        return reduce(lambda a, b: infix("+", a, b), parts)


class ArrayNotation:
    """NumPy arrays: the value of a formula at many rows, with the rounding of plain operations."""

    def number(self, value: float) -> np.ndarray:
        return np.asarray(value)

    def binary(self, op: str, a: Any, b: Any) -> Any:
        return {**BINARY, **COMPARISONS}[op](a, b)

    def call(self, name: str, *parts: Any) -> Any:
        if name == "erf":
            from scipy.special import erf

            return erf(*parts)
        return {**FUNCTIONS, **EXTREMES, **LOGICAL, "neg": np.negative, "where": np.where}[name](*parts)

    def total(self, parts: Sequence[Any]) -> Any:
        return balanced(parts, np.add)


class ArithmeticNotation(ArrayNotation):
    """NumPy arrays where conditions are 0 or 1, and of two branches both are computed."""

    def call(self, name: str, *parts: Any) -> Any:
        if name == "where":
            condition, yes, no = parts
            return condition * yes + (1.0 - condition) * no
        return super().call(name, *parts)


def evaluate(root: Expression, X: np.ndarray, notation: Notation | None = None) -> np.ndarray:
    """Return the value of a formula at each row of ``X`` (n, p), shape (n,), with the rounding of a notation.

    Examples
    --------
    >>> from faradaic.trend.export._expression import dot, stack, variable
    >>> x = variable(0)
    >>> evaluate(dot(stack([1.0, x, x * x]), [1.0, 2.0, 3.0]), np.array([[2.0]])).tolist()
    [17.0]
    """
    with np.errstate(all="ignore"):
        return np.broadcast_to(unroll(root, list(X.T), notation or ArrayNotation()), len(X))
