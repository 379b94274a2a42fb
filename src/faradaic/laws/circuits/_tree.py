"""The tree of a circuit: elements, in series and in parallel. Frozen, and without a chain inside a chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ._elements import Element


@dataclass(frozen=True)
class Leaf:
    """One element, with the label that tells it from others of its kind."""

    element: Element
    label: str

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its parameters: the label, followed by the name in the element where there are several."""
        return tuple(f"{self.label}_{p.name}" if p.name else self.label for p in self.element.parameters)

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True)
class Series:
    """Parts in series: their impedances add."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return "-".join(map(str, self.parts))


@dataclass(frozen=True)
class Parallel:
    """Parts in parallel: their admittances add."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return f"p({','.join(map(str, self.parts))})"


Node = Leaf | Series | Parallel


def series(parts: list[Node]) -> Node:
    """Return the parts in series; a series among them is opened up, and a single part stays what it is."""
    return _combined(Series, parts)


def parallel(parts: list[Node]) -> Node:
    """Return the parts in parallel, with the same simplifications."""
    return _combined(Parallel, parts)


def _combined(kind: type[Series] | type[Parallel], parts: list[Node]) -> Node:
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else [part]
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def leaves(node: Node) -> Iterator[Leaf]:
    """Yield the elements, in the order in which they are written."""
    if isinstance(node, Leaf):
        yield node
        return
    for part in node.parts:
        yield from leaves(part)
