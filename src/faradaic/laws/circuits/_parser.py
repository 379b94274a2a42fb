"""From the string of a circuit to its tree, by recursive descent.

circuit  = part { "-" part }
part     = "p(" circuit { "," circuit } ")" | element
element  = symbol [ "_" ] [ digits ]
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from faradaic._core import ArgumentError, joined, nearest

from ._elements import ELEMENTS
from ._tree import Leaf, Node, leaves, parallel, series

_LABEL = re.compile(r"([A-Za-z]+)(?:_?\d+)?")
_DEEPEST = 50  # a circuit nested deeper is a mistake, and recursion has to end


def parse(text: str) -> Node:
    """Return the tree of a circuit such as ``"R0-p(R1,CPE1)-W1"``; spaces do not count.

    Raises
    ------
    ArgumentError
        It is not a circuit; the message says at which character, and why.

    Examples
    --------
    >>> str(parse("R0 - p(R1, CPE1)"))
    'R0-p(R1,CPE1)'
    """
    if not isinstance(text, str):
        raise ArgumentError(f"A circuit is a text such as 'R0-p(R1,CPE1)-W1', got {type(text).__name__}.")
    reader = _Reader(text)
    reader.blanks()
    if reader.here == "":
        raise ArgumentError("The circuit is empty; write for example 'R0-p(R1,CPE1)-W1'.")
    tree = reader.circuit(0)
    if reader.here:
        wrong = "no '(' was opened for it" if reader.here == ")" else "expected '-' or the end"
        raise reader.error(f"has {reader.here!r}", wrong)
    return tree


@dataclass
class _Reader:
    """A place in the text, and what may stand there."""

    text: str
    place: int = 0

    def __post_init__(self) -> None:
        self.labels: dict[str, int] = {}

    @property
    def here(self) -> str:
        return self.text[self.place : self.place + 1]

    def error(self, what: str, why: str, place: int | None = None) -> ArgumentError:
        place = self.place if place is None else place
        shown = f"{self.text[:place]}»{self.text[place:]}"
        return ArgumentError(f"The circuit {self.text!r} {what} at character {place + 1} ({shown}): {why}.")

    def blanks(self) -> None:
        while self.here.isspace():
            self.place += 1

    def taken(self, character: str) -> bool:
        """Go past the character and what is blank behind it, if it stands here."""
        if self.here != character:
            return False
        self.place += 1
        self.blanks()
        return True

    def circuit(self, depth: int) -> Node:
        parts = [self.part(depth)]
        while self.taken("-"):
            parts.append(self.part(depth))
        return series(parts)

    def part(self, depth: int) -> Node:
        opened = self.place
        found = _LABEL.match(self.text, self.place)
        if found is None:
            came = f"has {self.here!r}" if self.here else "ends"
            raise self.error(came, "expected an element such as R0, or p(...)")
        if found[0] != "p":
            return self.leaf(found)
        self.place = found.end()
        self.blanks()
        if not self.taken("("):
            raise self.error("has 'p' without '('", "write p(R1,CPE1) for parts in parallel", opened)
        if depth >= _DEEPEST:
            raise self.error("is nested too deep", f"at most {_DEEPEST} levels are read", opened)
        branches = [self.circuit(depth + 1)]
        while self.taken(","):
            branches.append(self.circuit(depth + 1))
        if not self.taken(")"):
            came = f"has {self.here!r}" if self.here else "ends"
            raise self.error(came, f"expected ',' or ')' for the p( at character {opened + 1}")
        if len(branches) < 2:
            raise self.error("has one branch", "parts in parallel are two or more, separated by commas", opened)
        return parallel(branches)

    def leaf(self, found: re.Match[str]) -> Node:
        label, symbol = found[0], found[1]
        if symbol not in ELEMENTS:
            alike = nearest(symbol, ELEMENTS)
            advice = f"did you mean {joined(alike, 'or')}" if alike else f"the elements are {joined(ELEMENTS)}"
            raise self.error(f"has the unknown element {label!r}", advice)
        if label in self.labels:
            first = self.labels[label] + 1
            raise self.error(f"names {label!r} again", f"it stands already at character {first}, number them apart")
        self.labels[label] = self.place
        self.place = found.end()
        self.blanks()
        return Leaf(ELEMENTS[symbol], label)


def labels(tree: Node) -> list[str]:
    """Return the labels of the elements, in order."""
    return [leaf.label for leaf in leaves(tree)]
