"""A formula as the body of a NumPy function: one statement for each part that is used twice or grows long."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ._expression import BINARY, COMPARISONS, Expression, in_order
from ._infix import Text, call, infix, literal, minus, uses

Array = np.ndarray
LONG = 80
WIDTH = 118

ERF = '''\
def {name}(x):
    """Return the error function by its series, exact to rounding; beyond 6 it is 1 to rounding."""
    x = np.clip(x, -6.0, 6.0)
    term = total = x
    for k in range(1, 130):
        term = term * (2.0 * x * x) / (2 * k + 1)
        total = total + term
    return 2.0 / np.sqrt(np.pi) * np.exp(-x * x) * total
'''


class NumpyText:
    """The statements that compute a formula, and the arrays and helpers they need.

    Attributes
    ----------
    statements : list of str
        Assignments, in order.
    result : Text
        What to return.
    arrays : dict of str to array
        Constants, by their names.
    """

    def __init__(self, root: Expression, names: Sequence[str], prefix: str) -> None:
        self.names, self.prefix = list(names), prefix
        self.statements: list[str] = []
        self.arrays: dict[str, Array] = {}
        self.erf = f"{prefix}_erf"
        self.uses_erf = False
        self._texts: dict[int, Text] = {}
        self._uses = uses(root)
        for node in in_order(root):
            self._texts[id(node)] = self._named(node, self._written(node), node is root)
        self.result = self._texts[id(root)]

    def _named(self, node: Expression, text: Text, last: bool) -> Text:
        if node.op in ("number", "variable") or last:
            return text
        if self._uses[id(node)] < 2 and len(text.text) < LONG:
            return text
        name = self._fresh("v", len(self.statements))
        self.statements.append(f"{name} = {text.text}")
        return Text(name)

    def _fresh(self, letter: str, count: int) -> str:
        name = f"{letter}{count + 1}"
        while name in self.names:
            name += "_"
        return name

    def _array(self, values: Array) -> Text:
        for name, known in self.arrays.items():
            if known.dtype == values.dtype and np.array_equal(known, values):
                return Text(name)
        name = f"{self.prefix}_{len(self.arrays) + 1}"
        self.arrays[name] = values
        return Text(name)

    def _operand(self, part: Expression, vector: bool) -> Text:
        text = self._texts[id(part)]
        if vector and part.size is None and part.op != "number":
            return Text(f"{text.within(9)}[..., None]")
        return text

    def _written(self, node: Expression) -> Text:
        op = node.op
        if op == "number":
            return literal(node.value) if node.size is None else self._array(node.value)
        if op == "variable":
            return Text(self.names[node.value])
        parts = [self._operand(part, node.size is not None) for part in node.parts]
        if op in BINARY or op in COMPARISONS:
            return infix(op, parts[0], parts[1])
        if op == "neg":
            return minus(parts[0])
        if op == "dot":
            return infix("@", self._texts[id(node.parts[0])], self._array(node.value))
        if op == "take":
            return Text(f"{parts[0].within(9)}[..., {self._array(node.value).text}]")
        if op == "stack":
            return self._stacked(node)
        return self._called(op, parts)

    def _called(self, op: str, parts: list[Text]) -> Text:
        if op == "erf":
            self.uses_erf = True
            return call(self.erf, *parts)
        if op in ("and", "or", "not"):
            return call(f"np.logical_{op}", *parts)
        return call(f"np.{op}", *parts)

    def _stacked(self, node: Expression) -> Text:
        pieces = []
        for part in node.parts:
            text = self._texts[id(part)]
            if part.plain:
                text = call("np.full_like", Text(self.names[0]), text)
            pieces.append(text.text if part.size else f"{text.within(9)}[..., None]")
        return Text(f"np.concatenate([{', '.join(pieces)}], axis=-1)")

    def constants(self) -> list[str]:
        """Return the assignments of the arrays, broken into lines."""
        return [f"{name} = np.array({_nested(values, len(name) + 12)})" for name, values in self.arrays.items()]


def _nested(values: Array, indent: int) -> str:
    if values.ndim == 2:
        rows = ",\n    ".join(_nested(row, 4) for row in values)
        return f"[\n    {rows},\n]"
    words = [str(int(v)) if values.dtype.kind == "i" else literal(v).text for v in values]
    lines, line = [], ""
    for word in words:
        if line and indent + len(line) + len(word) > WIDTH:
            lines.append(line.rstrip())
            line = ""
        line += word + ", "
    text = "\n    ".join([*lines, line.rstrip(", ")])
    return f"[{text}]"
