"""A tree evaluated: the impedance, and its derivatives by the coordinates of a fit.

The impedance of a part in parallel enters as dZ/dZ_part = (Z/Z_part)**2, one in series as it is; so one walk up gives
the impedance and one walk down the derivatives by all parameters. For a few parameters this is faster in NumPy than
compiled forward or reverse differentiation, and nothing is compiled (see `benchmarks/impedance_spectra.py`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ._tree import Leaf, Node, Series

Array = np.ndarray


def value(xp: Any, node: Node, omega: Any, values: dict[str, tuple[Any, ...]]) -> Any:
    """Return the impedance of a tree with the array library ``xp``; ``values`` are those of each label."""
    if isinstance(node, Leaf):
        return node.element.formula(xp, omega, *values[node.label])
    parts = [value(xp, part, omega, values) for part in node.parts]
    if isinstance(node, Series):
        return sum(parts[1:], parts[0])
    admittance = 1.0 / parts[0]
    for part in parts[1:]:
        admittance = admittance + 1.0 / part
    return 1.0 / admittance


def by_label(node: Node, theta: Any) -> dict[str, tuple[Any, ...]]:
    """Return the parameters ``theta`` (..., p) by the label of their element, each of shape (..., 1)."""
    from ._tree import leaves

    values, at = {}, 0
    for leaf in leaves(node):
        values[leaf.label] = tuple(theta[..., at + i, None] for i in range(leaf.element.count))
        at += leaf.element.count
    return values


def value_and_sensitivities(node: Node, omega: Array, theta: Array) -> tuple[Array, Array]:
    """Return the impedance (..., m) and its derivatives (..., p, m) by ln of positive parameters, or by exponents."""
    values = by_label(node, theta)
    known: dict[int, Any] = {}

    def up(node: Node) -> Any:
        if isinstance(node, Leaf):
            z = node.element.formula(np, omega, *values[node.label])
        elif isinstance(node, Series):
            z = sum(up(part) for part in node.parts)
        else:
            z = 1.0 / sum(1.0 / up(part) for part in node.parts)
        known[id(node)] = z
        return z

    z = up(node)
    derivatives = np.empty((*theta.shape[:-1], theta.shape[-1], len(omega)), dtype=np.complex128)
    at = 0

    def down(node: Node, weight: Any) -> None:
        nonlocal at
        z = known[id(node)]
        if isinstance(node, Leaf):
            for slope in node.element.sensitivities(omega, z, *values[node.label]):
                derivatives[..., at, :] = slope if weight is None else weight * slope
                at += 1
            return
        for part in node.parts:
            if isinstance(node, Series):
                down(part, weight)
                continue
            share = (z / known[id(part)]) ** 2
            down(part, share if weight is None else weight * share)

    down(node, None)
    return z, derivatives
