"""Units of one build beside each other: a fit may end with any two exchanged, so an order has to be agreed on."""

from __future__ import annotations

import numpy as np

from ._circuit import Circuit
from ._tree import Leaf, Node, Series

Array = np.ndarray
Unit = tuple[Node, slice]

_DECADES = 4.0  # beyond the window of the data that the time constant of a unit is looked for
_POINTS = 120


def exchangeable(circuit: Circuit) -> tuple[tuple[Unit, ...], ...]:
    """Return groups of units that can change places, each with the places of its parameters; inner groups first.

    Examples
    --------
    >>> from faradaic.laws.circuits import Circuit
    >>> [[(str(unit), places) for unit, places in group] for group in exchangeable(Circuit("R0-Wo1-Wo2"))]
    [[('Wo1', slice(1, 3, None)), ('Wo2', slice(3, 5, None))]]
    """
    groups: list[tuple[Unit, ...]] = []

    def walked(node: Node, at: int) -> int:
        if isinstance(node, Leaf):
            return at + node.element.count
        alike: dict[str, list[Unit]] = {}
        for part in node.parts:
            end = walked(part, at)
            alike.setdefault(_build(part), []).append((part, slice(at, end)))
            at = end
        groups.extend(tuple(units) for units in alike.values() if len(units) > 1)
        return at

    walked(circuit.tree, 0)
    return tuple(groups)


def _build(node: Node) -> str:
    if isinstance(node, Leaf):
        return node.element.symbol
    parts = map(_build, node.parts)
    return f"({'-'.join(parts)})" if isinstance(node, Series) else f"p({','.join(parts)})"


def in_order(circuit: Circuit, frequency: Array, theta: Array) -> Array:
    """Return places (k, p) that bring the parameters ``theta`` (k, p) into the agreed order: fast units first.

    The time constant of a unit is the mean of -ln(omega), weighted by the modulus of its imaginary part, over a window
    wider than that of the data.
    """
    grid = np.geomspace(frequency.min() / 10**_DECADES, frequency.max() * 10**_DECADES, _POINTS)
    places = np.tile(np.arange(circuit.count), (len(theta), 1))
    rows = np.arange(len(theta))[:, None]
    for group in exchangeable(circuit):
        now = np.take_along_axis(theta, places, axis=1)
        slowness = []
        for unit, part in group:
            loss = np.abs(np.imag(Circuit.from_tree(unit)(grid, now[:, part])))
            slowness.append(-(loss @ np.log(grid)) / (loss.sum(axis=1) + 1e-300))
        order = np.argsort(np.stack(slowness, axis=1), axis=1, kind="stable")
        spots = np.array([range(part.start, part.stop) for _, part in group])
        places[:, spots.ravel()] = places[rows, spots[order].reshape(len(theta), -1)]
    return places
