"""A formula as a small graph: numbers, variables and a few operations, on one value or on a vector of values.

All that a trend computes for one row is such a formula. Families write theirs once; the exports read it: as NumPy text
(vectors stay vectors), and unrolled into plain operations as BPX text or PyBaMM symbols.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray
BINARY = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": np.power}
COMPARISONS = {"<": np.less, "<=": np.less_equal}
LOGICAL: dict[str, Callable[..., Any]] = {"and": np.logical_and, "or": np.logical_or, "not": np.logical_not}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(np, name)
    for name in ("exp", "log", "log1p", "expm1", "sqrt", "tanh", "sinh", "cosh", "sin", "cos", "abs", "sign")
}
EXTREMES = {"maximum": np.maximum, "minimum": np.minimum}


@dataclass(frozen=True, eq=False)
class Expression:
    """One operation and what it is applied to.

    Attributes
    ----------
    op : str
        ``number``, ``variable``, an operator, a function, ``where``, ``stack`` (values and
        vectors to one vector), ``take`` (entries
        of a vector) or ``dot`` (a vector times a vector or a matrix of numbers).
    parts : tuple of Expression
        The operands.
    value : float, int or array
        Of a number, the index of a variable, the entries to take, or the right side of a dot product.
    size : int or None
        Length of a vector; None: one value for each row.
    """

    op: str
    parts: tuple[Expression, ...] = ()
    value: Any = None
    size: int | None = None

    def __add__(self, other: Expression | float) -> Expression:
        return binary("+", self, other)

    def __radd__(self, other: float) -> Expression:
        return binary("+", other, self)

    def __sub__(self, other: Expression | float) -> Expression:
        return binary("-", self, other)

    def __rsub__(self, other: float) -> Expression:
        return binary("-", other, self)

    def __mul__(self, other: Expression | float) -> Expression:
        return binary("*", self, other)

    def __rmul__(self, other: float) -> Expression:
        return binary("*", other, self)

    def __truediv__(self, other: Expression | float) -> Expression:
        return binary("/", self, other)

    def __rtruediv__(self, other: float) -> Expression:
        return binary("/", other, self)

    def __pow__(self, other: float) -> Expression:
        return binary("**", self, other)

    def __neg__(self) -> Expression:
        return number(-self.value) if self.op == "number" else Expression("neg", (self,), size=self.size)

    @property
    def plain(self) -> bool:
        """Whether it is one number."""
        return self.op == "number" and self.size is None


def number(value: Any) -> Expression:
    """Return a number, or a vector of numbers."""
    array = np.asarray(value, dtype=np.float64)
    return Expression(
        "number", value=float(array) if array.ndim == 0 else array, size=len(array) if array.ndim else None
    )


def variable(index: int) -> Expression:
    """Return the input of this number."""
    return Expression("variable", value=index)


def binary(op: str, left: Any, right: Any) -> Expression:
    """Return an operation on two values, computed where both are numbers and left out where it changes nothing.

    Examples
    --------
    >>> x = variable(0)
    >>> binary("*", x, 1.0) is x, binary("+", 2.0, 3.0).value
    (True, 5.0)
    """
    a, b = _expression(left), _expression(right)
    if a.op == b.op == "number":
        with np.errstate(all="ignore"):
            return number(BINARY[op](a.value, b.value))
    if b.plain and b.value == {"+": 0.0, "-": 0.0, "*": 1.0, "/": 1.0, "**": 1.0}[op]:
        return a
    if a.plain and a.value == {"+": 0.0, "*": 1.0}.get(op):
        return b
    return Expression(op, (a, b), size=_size(a, b))


def apply(name: str, *parts: Any) -> Expression:
    """Return a function, a comparison, a logical operation or an extreme of some values."""
    operands = tuple(_expression(part) for part in parts)
    if all(one.op == "number" for one in operands) and name in FUNCTIONS:
        with np.errstate(all="ignore"):
            return number(FUNCTIONS[name](*(one.value for one in operands)))
    return Expression(name, operands, size=_size(*operands))


def where(condition: Expression, yes: Any, no: Any) -> Expression:
    """Return one value or the other."""
    parts = (condition, _expression(yes), _expression(no))
    return Expression("where", parts, size=_size(*parts))


def stack(parts: Sequence[Any]) -> Expression:
    """Return the vector of some values and vectors, one after the other."""
    operands = tuple(_expression(part) for part in parts)
    return Expression("stack", operands, size=sum(one.size or 1 for one in operands))


def take(vector: Expression, places: Array) -> Expression:
    """Return some entries of a vector."""
    return Expression("take", (vector,), np.asarray(places, dtype=int), len(places))


def dot(vector: Expression, weights: Array) -> Expression:
    """Return Σ_i v_i w_i, or for a matrix (k, m) of weights the vector of m such sums."""
    array = np.asarray(weights, dtype=np.float64)
    return Expression("dot", (vector,), array, array.shape[1] if array.ndim == 2 else None)


def in_order(root: Expression) -> Iterator[Expression]:
    """Yield every part once, each after its own parts."""
    seen: set[int] = set()
    waiting: list[tuple[Expression, bool]] = [(root, False)]
    while waiting:
        node, ready = waiting.pop()
        if id(node) in seen:
            continue
        if ready:
            seen.add(id(node))
            yield node
            continue
        waiting.append((node, True))
        waiting.extend((part, False) for part in node.parts)


def _expression(value: Any) -> Expression:
    return value if isinstance(value, Expression) else number(value)


def _size(*parts: Expression) -> int | None:
    sizes = {part.size for part in parts} - {None}
    assert len(sizes) <= 1, "vectors of different length"
    return sizes.pop() if sizes else None
