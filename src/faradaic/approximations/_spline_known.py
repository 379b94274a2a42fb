"""What is known, as equations for the coefficients of a tensor product of splines."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np

from ._equalities import Array, Equations
from ._known import Known, Slope, Value

Line = Callable[[int, float | None, bool], Array]


def tensor_equations(facts: tuple[Known, ...], line: Line, offset: float) -> Equations:
    """Return the equations of points and of faces.

    Along a face every coefficient of what remains is fixed: the functions sum to one, so equal coefficients are the
    constant, and nothing else is.

    Parameters
    ----------
    facts : tuple of Value or Slope
        What is known.
    line : callable (axis, place or None, slope) -> array of shape (1 or more, m)
        The functions (or their slopes) at a place of one axis; for None every function of its own.
    offset : float
        What the coefficients are added to.
    """
    blocks, right = [], []
    for fact in facts:
        along = [line(axis, place, isinstance(fact, Slope) and fact.wrt == axis) for axis, place in enumerate(fact.at)]
        blocks.append(reduce(np.kron, along))
        right.append(np.full(len(blocks[-1]), fact.value - offset * isinstance(fact, Value)))
    return Equations(np.vstack(blocks), np.concatenate(right))


def independent(facts: tuple[Known, ...], m: int) -> int:
    """Return how many of the ``m**p`` coefficients the facts fix: those of overlapping faces count once.

    Along each axis every distinct place (and slope) is one function of its own, so a fact fixes the coefficients
    whose numbers along its fixed axes are those; in general position this is the rank of the equations.

    Examples
    --------
    >>> from faradaic.approximations import Value
    >>> independent((Value(0.0, at=(0.0, None)), Value(0.0, at=(None, 0.0))), 4)
    7
    """
    if not facts:
        return 0
    p = len(facts[0].at)
    seen: list[dict[tuple[float | None, bool], int]] = [{} for _ in range(p)]
    fixed = np.zeros((m,) * p, dtype=bool)
    for fact in facts:
        index: list[int | slice] = []
        for axis, place in enumerate(fact.at):
            sloped = isinstance(fact, Slope) and fact.wrt == axis
            if place is None:
                index.append(slice(1, None) if sloped else slice(None))
                continue
            number = seen[axis].setdefault((place, sloped), len(seen[axis]))
            if number >= m:
                return m**p
            index.append(number)
        fixed[tuple(index)] = True
    return int(fixed.sum())


def fewest(left: Callable[[int], int]) -> int:
    """Return the smallest number of functions that leaves a parameter free; ``left`` counts these."""
    size = 1
    while left(size) < 1:
        size += 1
    return size
