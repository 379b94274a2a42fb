"""Least squares under shape constraints: increasing, decreasing, convex, concave, positive.

A sequence of B-spline coefficients with one of these shapes is a combination of a few *generators* (steps, hinges,
tents) whose weights are not negative. Fitting the weights makes the constraint hold by construction.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.optimize import nnls

from faradaic._core import ArgumentError, FitError

Array = np.ndarray

RIDGE = 1e-7  # relative to the largest column: picks the smallest solution where the data leave a choice


@dataclass(frozen=True)
class Shape:
    """Which constraints hold along one axis.

    Raises
    ------
    ArgumentError
        ``monotone`` or ``convex`` is not one of the words.
    """

    monotone: str | None = None
    convex: str | None = None
    positive: bool = False

    def __post_init__(self) -> None:
        if self.monotone not in (None, "increasing", "decreasing"):
            raise ArgumentError(f"monotone must be None, 'increasing' or 'decreasing', got {self.monotone!r}.")
        if self.convex not in (None, "convex", "concave"):
            raise ArgumentError(f"convex must be None, 'convex' or 'concave', got {self.convex!r}.")

    @property
    def free(self) -> bool:
        """Whether there is no constraint at all."""
        return not (self.monotone or self.convex or self.positive)

    def holds(self, lines: Array, spans: Array) -> bool:
        """Return whether every column of ``lines`` has this shape, decided without rounding.

        Parameters
        ----------
        lines : array of shape (m, lines)
            Coefficients along the axis.
        spans : array of shape (m - 1, 2)
            First and last knot of each function in which the slope is expanded; its coefficients are the
            differences along the axis over the lengths of these spans.
        """
        if self.positive and (lines < 0).any():
            return False
        if self.monotone and (np.diff(lines, axis=0) * _sign(self.monotone) < 0).any():
            return False
        return self.convex is None or _bends(lines, spans, _sign(self.convex))

    def inequalities(self, gaps: Array) -> Array:
        """Return the rows H of the inequalities ``H @ c >= 0`` that say this shape, shape (q, m).

        Examples
        --------
        >>> Shape(monotone="increasing", positive=True).inequalities(np.ones(1)).tolist()
        [[1.0, 0.0], [0.0, 1.0], [-1.0, 1.0]]
        """
        m = len(gaps) + 1
        slopes = np.diff(np.eye(m), axis=0) / gaps[:, None]
        parts = [np.eye(m)] if self.positive else []
        if self.monotone:
            parts.append(_sign(self.monotone) * slopes)
        if self.convex:
            parts.append(_sign(self.convex) * np.diff(slopes, axis=0))
        return np.vstack(parts) if parts else np.zeros((0, m))

    def polished(self, lines: Array, gaps: Array) -> Array:
        """Return lines that have this shape up to rounding with slopes that never turn back.

        Where a steep end was put together from larger numbers, its rounding is large against the curvature elsewhere;
        summing ordered slopes outward from the lowest (for concave: the highest) point leaves roundings of the
        coefficients themselves only.
        """
        if self.convex is None or len(lines) < 3:
            return lines
        sign = _sign(self.convex)
        slopes = np.maximum.accumulate(sign * np.diff(lines, axis=0) / gaps[:, None], axis=0)
        if self.monotone:
            slopes = np.maximum(slopes, 0.0) if sign == _sign(self.monotone) else np.minimum(slopes, 0.0)
        zero = np.zeros((1, lines.shape[1]))
        right = np.cumsum(np.maximum(slopes, 0.0) * gaps[:, None], axis=0)
        left = np.cumsum((np.maximum(-slopes, 0.0) * gaps[:, None])[::-1], axis=0)[::-1]
        lowest = (sign * lines).min(axis=0)
        return sign * (lowest + np.vstack([zero, right]) + np.vstack([left, zero]))

    def generators(self, gaps: Array) -> tuple[Array, Array]:
        """Return the generators of all sequences of this shape and which of them may have either sign.

        Parameters
        ----------
        gaps : array of shape (m - 1,)
            Distances between the points to which the coefficients belong.

        Returns
        -------
        generators : array of shape (m, g)
        free : boolean array of shape (g,)

        Examples
        --------
        >>> generators, free = Shape(monotone="increasing").generators(np.ones(2))
        >>> generators.tolist(), free.tolist()
        ([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]], [True, False, False])
        """
        if self.monotone == "decreasing":
            matrix, free = Shape("increasing", self.convex, self.positive).generators(gaps[::-1])
            return matrix[::-1], free
        m, one = len(gaps) + 1, np.ones((len(gaps) + 1, 1))
        if self.monotone:
            return np.hstack([one, _rising(gaps, self.convex)]), np.arange(m) < (0 if self.positive else 1)
        if self.convex is None:
            return np.eye(m), np.full(m, not self.positive)
        hinges = _rising(gaps, "convex")
        if not self.positive:
            line, bends = hinges[:, :1], hinges[:, 1:] * _sign(self.convex)
            return np.hstack([one, line, bends]), np.arange(m) < 2
        if self.convex == "convex":
            matrix = np.hstack([one, hinges, _rising(gaps[::-1], "convex")[::-1]])
        else:
            matrix = one if m < 2 else _tents(gaps)
        return matrix, np.zeros(matrix.shape[1], dtype=bool)


def _sign(word: str) -> int:
    return 1 if word in ("increasing", "convex") else -1


def _rising(gaps: Array, convex: str | None) -> Array:
    """Return the m - 1 generators of what starts at zero and rises (steps, hinges, slopes that end), shape (m, m - 1).

    Each is summed from its own kink, so that it is as exact where the points are dense as where they are not.
    """
    m = len(gaps) + 1
    after = np.tri(m, m - 1, -1)  # row i lies after kink j
    if convex is None:
        return after
    if convex == "convex":
        slopes = np.tri(m - 1) * gaps[:, None]
    else:
        slopes = np.tri(m - 1).T * gaps[:, None]
    return np.vstack([np.zeros((1, m - 1)), np.cumsum(slopes, axis=0)])


def _tents(gaps: Array) -> Array:
    """Return the m generators of what is concave and nowhere negative: zero at both ends but for two lines."""
    left = np.concatenate([[0.0], np.cumsum(gaps)])
    right = np.concatenate([[0.0], np.cumsum(gaps[::-1])])[::-1]
    inner = slice(1, len(gaps))
    tents = np.minimum(np.outer(left, right[inner]), np.outer(right, left[inner]))
    return np.column_stack([left, right, tents / max(left[-1], np.finfo(np.float64).tiny)])


def _bends(lines: Array, spans: Array, sign: int) -> bool:
    """Return whether the slopes never fall (sign 1) or never rise (-1); what is too close for floats goes to fractions.

    Two roundings at most stand between a slope and its float, all relative, so 8 units decide what is clear.
    """
    gaps = spans[:, 1] - spans[:, 0]
    steps = np.diff(lines, axis=0) * sign
    left, right = steps[:-1] * gaps[1:, None], steps[1:] * gaps[:-1, None]
    bend, doubt = right - left, 8.0 * np.finfo(np.float64).eps * (np.abs(left) + np.abs(right))
    if (bend < -doubt).any():
        return False
    exact = [Fraction(float(end)) - Fraction(float(start)) for start, end in spans]
    for i, j in zip(*np.nonzero(bend <= doubt), strict=True):
        a, b, c = (sign * Fraction(float(lines[i + k, j])) for k in range(3))
        if (c - b) * exact[i] < (b - a) * exact[i + 1]:
            return False
    return True


@dataclass(frozen=True, eq=False)
class ConeFit:
    """A constrained solution.

    Attributes
    ----------
    coefficients : array of shape (k,)
        The coefficients, which have the shape.
    active : array of shape (k, g)
        The generators that take part; to first order the solution moves within their span only.
    """

    coefficients: Array
    active: Array


def cone_least_squares(
    columns: Array, y: Array, root_precision: Array, generators: Array, free: Array, *, centre: float
) -> ConeFit:
    """Minimise ``sum((root_precision (columns @ c - y))²)`` over ``c = generators @ v`` with ``v >= 0`` where not free.

    Where the data leave a choice, the coefficients closest to ``centre`` are taken (a ridge of 1e-7 of the largest
    column). Free weights are eliminated by the QR decomposition; the rest is one problem of non-negative least squares.

    Raises
    ------
    FitError
        The active-set method did not end.

    References
    ----------
    Lawson, Hanson: Solving Least Squares Problems (1995), chapter 23, https://doi.org/10.1137/1.9781611971217
    """
    weighted, k = columns * root_precision[:, None], columns.shape[1]
    ridge = RIDGE * np.sqrt((weighted**2).sum(axis=0).max())
    stacked = np.vstack([weighted, ridge * np.eye(k)])
    right = np.concatenate([y * root_precision, np.full(k, ridge * centre)])
    order = np.argsort(~free, kind="stable")
    system = _triangle(np.column_stack([stacked, right]))
    rotated = _triangle(np.column_stack([system[:, :-1] @ generators[:, order], system[:, -1]]))
    g, f = len(free), int(free.sum())
    try:
        bounded = nnls(rotated[f:, f:g], rotated[f:, g], maxiter=max(200, 10 * g))[0] if g > f else np.zeros(0)
    except RuntimeError as error:
        raise FitError(f"the constrained fit of {g} weights did not end; lower n_basis.") from error
    unbounded = np.linalg.solve(rotated[:f, :f], rotated[:f, g] - rotated[:f, f:g] @ bounded)
    weights = np.zeros(g)
    weights[order] = np.concatenate([unbounded, bounded])
    return ConeFit(generators @ weights, generators[:, free | (weights > 0)])


def _triangle(matrix: Array) -> Array:
    return np.asarray(np.linalg.qr(matrix, mode="r"))
