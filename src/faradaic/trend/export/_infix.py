"""Operations as text, with the brackets that are needed and no others."""

from __future__ import annotations

from typing import NamedTuple

from ._expression import Expression

ATOM = 9
_LEVEL = {"<": 1, "<=": 1, "or": 2, "and": 3, "+": 4, "-": 4, "*": 5, "/": 5, "@": 5, "neg": 6, "**": 7}


class Text(NamedTuple):
    """A piece of text and how tightly it holds together."""

    text: str
    level: int = ATOM

    def within(self, level: int) -> str:
        """Return the text, in brackets where it holds together less tightly than asked."""
        return self.text if self.level >= level else f"({self.text})"


def literal(value: float) -> Text:
    """Return a number as Python reads it back to the last bit.

    Examples
    --------
    >>> literal(-0.5), literal(float("inf")).text
    (Text(text='-0.5', level=6), 'float("inf")')
    """
    value = float(value)
    if value != value or value in (float("inf"), float("-inf")):
        return Text(f'float("{value}")')
    return Text(repr(value), _LEVEL["neg"] if repr(value).startswith("-") else ATOM)


def infix(op: str, a: Text, b: Text) -> Text:
    """Return ``a op b``, computed in this order and no other.

    Examples
    --------
    >>> x = Text("x")
    >>> infix("*", infix("+", x, literal(1.0)), infix("**", x, literal(2.0))).text
    '(x + 1.0)*x**2.0'
    """
    level = _LEVEL[op]
    left = a.within(level + (op in ("**", "<", "<=")))
    right = b.within(level + (op != "**" or b.text.startswith("-")))
    return Text(f"{left}{op}{right}" if op in ("*", "/", "**") else f"{left} {op} {right}", level)


def minus(a: Text) -> Text:
    """Return ``-a``."""
    return Text(f"-{a.within(_LEVEL['neg'] + 1)}", _LEVEL["neg"])


def call(name: str, *parts: Text) -> Text:
    """Return ``name(a, b, ...)``."""
    return Text(f"{name}({', '.join(part.text for part in parts)})")


def uses(root: Expression) -> dict[int, int]:
    """Return how often each part of a formula is used, by its ``id``."""
    from ._expression import in_order

    counts: dict[int, int] = {}
    for node in in_order(root):
        for part in node.parts:
            counts[id(part)] = counts.get(id(part), 0) + 1
    return counts
