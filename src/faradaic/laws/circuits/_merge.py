"""Elements of one kind beside each other, merged: what stays of them is one combination.

In series the sizes of R, L and W add, and those of C by their reciprocals; in parallel it is the other way round.
A merged element can meet another one of its kind a level up, so this goes on until nothing merges.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ._tree import Leaf, Node, Parallel, Series, leaves, parallel, series

_ADD_IN_SERIES = {"R": True, "C": False, "L": True, "W": True}


@dataclass(frozen=True)
class Merged:
    """Elements that became one.

    Attributes
    ----------
    symbol : str
        What they are.
    where : str
        "series" or "parallel": how the last of them met.
    names : tuple of str
        All of them, in the order of the circuit.
    value : str
        The value of the one that replaces them, as a formula.
    """

    symbol: str
    where: str
    names: tuple[str, ...]
    value: str


def merged(tree: Node) -> tuple[Node, tuple[Merged, ...]]:
    """Return the tree with its mergeable elements merged into the first of each, and what was merged.

    Examples
    --------
    >>> from faradaic.laws.circuits import Circuit
    >>> tree, found = merged(Circuit("R0-p(R1,R2)-C3").tree)
    >>> str(tree), found[0].value
    ('R0-C3', 'R0 + 1/(1/R1 + 1/R2)')
    """
    found: dict[str, Merged] = {}
    order = {leaf.label: place for place, leaf in enumerate(leaves(tree))}
    return _walked(tree, found, order), tuple(found.values())


def _walked(node: Node, found: dict[str, Merged], order: dict[str, int]) -> Node:
    if isinstance(node, Leaf):
        return node
    join, where = (series, "series") if isinstance(node, Series) else (parallel, "parallel")
    # a child that collapsed may bring parts of this kind up to here
    flat = join([_walked(part, found, order) for part in node.parts])
    if not isinstance(flat, Series | Parallel) or isinstance(flat, Series) != isinstance(node, Series):
        return flat
    kept: list[Node] = []
    for part in flat.parts:
        alike = _first(kept, part)
        if alike is None:
            kept.append(part)
        else:
            assert isinstance(part, Leaf)
            _merge(alike, part, where, found, order)
    return join(kept)


def _first(kept: list[Node], part: Node) -> Leaf | None:
    if not isinstance(part, Leaf) or part.element.symbol not in _ADD_IN_SERIES:
        return None
    alike = (one for one in kept if isinstance(one, Leaf) and one.element == part.element)
    return next(alike, None)


def _merge(one: Leaf, other: Leaf, where: str, found: dict[str, Merged], order: dict[str, int]) -> None:
    symbol = one.element.symbol
    adds = _ADD_IN_SERIES[symbol] == (where == "series")
    before = [found.pop(leaf.label, None) or Merged(symbol, where, (leaf.label,), leaf.label) for leaf in (one, other)]
    names = tuple(sorted((name for part in before for name in part.names), key=order.__getitem__))
    joined: Callable[[list[str]], str] = _sum if adds else _harmonic
    found[one.label] = Merged(symbol, where, names, joined([part.value for part in before]))


def _sum(values: list[str]) -> str:
    return " + ".join(values)


def _harmonic(values: list[str]) -> str:
    return f"1/({' + '.join(map(reciprocal, values))})"


def reciprocal(value: str) -> str:
    """Return one over a value that `_sum` or `_harmonic` wrote.

    Examples
    --------
    >>> reciprocal("R1"), reciprocal("R1 + R2"), reciprocal("1/(1/R1 + 1/R2)")
    ('1/R1', '1/(R1 + R2)', '1/R1 + 1/R2')
    """
    if is_harmonic(value):
        return value[3:-1]
    return f"1/({value})" if " " in value else f"1/{value}"


def is_harmonic(value: str) -> bool:
    """Whether a value is one over a sum as a whole."""
    if not (value.startswith("1/(") and value.endswith(")")):
        return False
    depth = 0
    for place, character in enumerate(value):
        depth += (character == "(") - (character == ")")
        if character == ")" and depth == 0:
            return place == len(value) - 1
    return False
