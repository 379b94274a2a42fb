"""How many combinations of its parameters a circuit can show at all: the rank of its sensitivities, almost everywhere.

The impedance is analytic in the parameters, so the rank at a random point is the largest one with probability one. At
parameters and frequencies of order one the sensitivities are far from rounding errors; of several points the one that
shows most counts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._evaluate import value_and_sensitivities
from ._tree import Node, Parallel, Series, leaves, parallel, series

Array = np.ndarray

_POINTS = 6
_FREQUENCIES = 80
# Rounding leaves less than 1e-13, a sound circuit more than 1e-10: a test holds both for random circuits.
_ZERO = 1e-12
_TAKES_PART = 1e-5


class Rank(NamedTuple):
    """The generic rank of a tree, its number of parameters, and which parameters (p,) are not identified alone."""

    rank: int
    count: int
    loose: Array

    @property
    def lost(self) -> int:
        """Parameters too many."""
        return self.count - self.rank


def generic_rank(tree: Node) -> Rank:
    """Return the rank of the scaled sensitivities at the most telling of a few random points.

    Examples
    --------
    >>> from faradaic.laws.circuits import Circuit
    >>> generic_rank(Circuit("R0-p(R1,R2-C2)").tree)[:2]
    (3, 4)
    """
    found = list(leaves(tree))
    exponents = np.array([not parameter.log for leaf in found for parameter in leaf.element.parameters])
    random = np.random.default_rng(0)
    best: tuple[int, float, Array] | None = None
    for _ in range(_POINTS):
        theta = np.where(exponents, random.uniform(0.55, 0.95, len(exponents)), 0.0)
        theta = np.where(exponents, theta, 10 ** random.uniform(-0.7, 0.7, len(exponents)))
        omega = np.sort(10 ** random.uniform(-3.0, 3.0, _FREQUENCIES))
        z, slopes = value_and_sensitivities(tree, omega, theta)
        matrix = np.concatenate([(slopes / z).real, (slopes / z).imag], axis=1).T
        matrix = matrix / np.linalg.norm(matrix, axis=0)
        singular, right = np.linalg.svd(matrix, full_matrices=False)[1:]
        rank = int((singular > _ZERO * singular[0]).sum())
        loose = np.asarray((np.abs(right[rank:]) > _TAKES_PART).any(axis=0))
        if best is None or (rank, singular[-1]) > best[:2]:
            best = (rank, float(singular[-1]), loose)
        if rank == len(exponents):  # no point can show more
            break
    assert best is not None
    return Rank(best[0], len(exponents), best[2])


def without(tree: Node, label: str) -> Node | None:
    """Return the tree without one element: shorted out of a series, cut out of a parallel; None if nothing is left."""
    if not isinstance(tree, Series | Parallel):
        return None if getattr(tree, "label", "") == label else tree
    left = [part for part in (without(part, label) for part in tree.parts) if part is not None]
    if not left:
        return None
    return series(left) if isinstance(tree, Series) else parallel(left)
