"""B-splines on [-1, 1] with a linear continuation: columns, slopes and knots."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import BSpline

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
    distinct = np.unique(values)
    breaks = 2.0 * fractions - 1.0
    if placement == "quantile" and len(distinct) > 1:
        breaks = _UNIFORM_PART * breaks + (1.0 - _UNIFORM_PART) * np.quantile(distinct, fractions)
    return np.concatenate([np.full(degree + 1, -1.0), breaks[1:-1], np.full(degree + 1, 1.0)])


def spline_columns(u: Array, knots: Array, degree: int) -> Array:
    """Return the B-splines at ``u``, shape (n, n_basis); beyond the ends each goes on as its tangent."""
    inside = _inside(u)
    columns = BSpline.design_matrix(inside, knots, degree).toarray()
    beyond = (u - inside)[:, None]
    if degree and beyond.any():
        columns = columns + beyond * (slope_columns(u, knots, degree) @ slope_differences(knots, degree))
    return columns


def slope_columns(u: Array, knots: Array, degree: int) -> Array:
    """Return the B-splines of one degree less, in which the slope is expanded, shape (n, n_basis - 1).

    They are nowhere negative, so a slope whose coefficients have one sign has that sign everywhere, without rounding.
    """
    return BSpline.design_matrix(_inside(u), knots[1:-1], degree - 1).toarray()


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


def _inside(u: Array) -> Array:
    return np.clip(u, -1.0, 1.0)
