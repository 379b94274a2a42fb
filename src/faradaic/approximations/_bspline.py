"""B-splines on [-1, 1] with a linear continuation: columns, slopes and knots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray

_UNIFORM_PART = 0.01


def spline_degree(n_basis: int, degree: int) -> int:
    """Return the degree that ``n_basis`` functions allow: a constant for one, a line for two, and so on."""
    return min(degree, n_basis - 1)


def clamped_knots(values: Array, n_basis: int, degree: int, placement: str) -> Array:
    """Return the knots of ``n_basis`` B-splines on [-1, 1], the ends repeated ``degree + 1`` times.

    Parameters
    ----------
    values : array of shape (n,)
        Scaled data; used when ``placement`` is "quantile", where each distinct value counts once.
    placement : {"uniform", "quantile"}
        Where the inner knots lie; quantiles are moved by a hundredth of the way to uniform knots, so that no two meet.

    Examples
    --------
    >>> clamped_knots(np.array([-1.0, 1.0]), 3, 1, "uniform").tolist()
    [-1.0, -1.0, 0.0, 1.0, 1.0]
    """
    degree = spline_degree(n_basis, degree)
    fractions = np.linspace(0.0, 1.0, n_basis - degree + 1)
    breaks = 2.0 * fractions - 1.0
    if placement == "quantile" and len(distinct := np.unique(values)) > 1:
        breaks = _UNIFORM_PART * breaks + (1.0 - _UNIFORM_PART) * np.quantile(distinct, fractions)
    return np.concatenate([np.full(degree + 1, -1.0), breaks[1:-1], np.full(degree + 1, 1.0)])


@dataclass(frozen=True, eq=False)
class Compact:
    """B-splines at points, without the zeros.

    Attributes
    ----------
    values : array of shape (q, degree + 1)
        Of the functions from number ``first`` on.
    first : int array of shape (q,)
    count : int
        Number of functions.
    """

    values: Array
    first: Array
    count: int

    @classmethod
    def at(cls, u: Array, knots: Array, degree: int) -> Compact:
        """Return the B-splines at ``u``; beyond the ends each goes on as its tangent.

        Inside they come from sums of products of numbers that are not negative, so none is negative.

        References
        ----------
        de Boor: A Practical Guide to Splines (1978), chapter X, https://doi.org/10.1007/978-1-4612-6333-3

        Examples
        --------
        >>> line = Compact.at(np.array([0.0, 2.0]), np.array([-1.0, -1.0, 1.0, 1.0]), 1)
        >>> line.values.tolist()
        [[0.5, 0.5], [-0.5, 1.5]]
        """
        inside, count = np.clip(u, -1.0, 1.0), len(knots) - degree - 1
        first = np.searchsorted(knots[degree + 1 : count], inside, side="right")
        near = knots[first + np.arange(1, 2 * degree + 1)[:, None]]
        values = np.ones((degree + 1, len(u)))
        for j in range(1, degree + 1):
            right, left = near[degree : degree + j] - inside, inside - near[degree - j : degree]
            share = values[:j] / (right + left)
            values[:j] = right * share
            values[j] = 0.0
            values[1 : j + 1] += left * share
        beyond = u - inside
        if degree and beyond.any():
            gaps = greville_gaps(knots, degree)
            low, high = np.minimum(beyond, 0.0) / gaps[0], np.maximum(beyond, 0.0) / gaps[-1]
            values[:2] += [-low, low]
            values[-2:] += [-high, high]
        return cls(values.T, first, count)

    def places(self) -> Array:
        """Return the numbers of the functions, (q, degree + 1)."""
        return self.first[:, None] + np.arange(self.values.shape[1])

    def dense(self) -> Array:
        """Return the functions with their zeros, (q, count)."""
        columns = np.zeros((len(self.values), self.count))
        np.put_along_axis(columns, self.places(), self.values, axis=1)
        return columns


def spline_columns(u: Array, knots: Array, degree: int) -> Array:
    """Return the B-splines at ``u``, shape (n, n_basis); beyond the ends each goes on as its tangent."""
    return Compact.at(u, knots, degree).dense()


def slope_columns(u: Array, knots: Array, degree: int) -> Array:
    """Return the B-splines of one degree less, in which the slope is expanded, shape (n, n_basis - 1).

    They are nowhere negative, so a slope whose coefficients have one sign has that sign everywhere, without rounding.
    """
    return Compact.at(np.clip(u, -1.0, 1.0), knots[1:-1], degree - 1).dense()


def slope_differences(knots: Array, degree: int) -> Array:
    """Return the matrix from the coefficients to those of the slope, shape (n_basis - 1, n_basis).

    Row i is ``(c[i + 1] - c[i]) / gap[i]`` with the gaps of `greville_gaps`.
    """
    gaps = greville_gaps(knots, degree)
    matrix = np.zeros((len(gaps), len(gaps) + 1))
    rows = np.arange(len(gaps))
    matrix[rows, rows + 1] = 1.0 / gaps
    matrix[rows, rows] = -1.0 / gaps
    return matrix


def slope_spans(knots: Array, degree: int) -> Array:
    """Return the first and the last knot of each function in which the slope is expanded, shape (n_basis - 1, 2)."""
    n_basis = len(knots) - degree - 1
    return np.column_stack([knots[1:n_basis], knots[degree + 1 : degree + n_basis]])


def greville_gaps(knots: Array, degree: int) -> Array:
    """Return the distances between the knot averages (Greville points) that belong to the coefficients."""
    spans = slope_spans(knots, degree)
    return (spans[:, 1] - spans[:, 0]) / max(degree, 1)
