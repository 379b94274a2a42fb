"""Splines of one feature fitted to many sets of rows at once: banded normal equations, refined against the rows.

A row has degree + 1 B-splines that are not zero, so that AᵀA is a band and its factor costs next to nothing. What the
normal equations lose in digits the refinement brings back (corrected semi-normal equations); where it does not
converge, or the band has no factor, the problem is left to `least_squares`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BSpline
from scipy.linalg.lapack import dpbtrf, dpbtrs

from ._bspline import spline_columns

Array = np.ndarray
REFINEMENTS = 3
# what the last refinement may still change, relative to the coefficients
SETTLED = 1e-12
INDEPENDENT = 1e-9


@dataclass(frozen=True, eq=False)
class Compact:
    """B-splines at points: ``values`` (q, degree + 1) of the functions from number ``first`` (q,) on, of ``count``."""

    values: Array
    first: Array
    count: int

    @classmethod
    def at(cls, u: Array, knots: Array, degree: int) -> Compact:
        """Return what `spline_columns` does, without the zeros."""
        inside = np.clip(u, -1.0, 1.0)
        matrix = BSpline.design_matrix(inside, knots, degree)
        first = matrix.indices.reshape(len(u), degree + 1)[:, 0]
        values = matrix.data.reshape(len(u), degree + 1)
        beyond = np.flatnonzero(u != inside)
        if len(beyond):
            dense = spline_columns(u[beyond], knots, degree)
            values = values.copy()
            values[beyond] = np.take_along_axis(dense, first[beyond][:, None] + np.arange(degree + 1), axis=1)
        return cls(values, first, len(knots) - degree - 1)

    def places(self) -> Array:
        """Return the numbers of the functions, (q, degree + 1)."""
        return self.first[:, None] + np.arange(self.values.shape[1])

    def times(self, coefficients: Array) -> Array:
        """Return the splines at the points, (q, m), from coefficients (count, m)."""
        return np.einsum("qd,qdm->qm", self.values, coefficients[self.places()])


def solve(compact: Compact, rows: Array, y: Array, weight: Array) -> tuple[Array, Array]:
    """Return weighted least-squares coefficients (b, k) of many problems, and which of them are solved (b,).

    Parameters
    ----------
    compact : Compact
        B-splines at all points.
    rows : int array of shape (b, n)
        The points of each problem.
    y, weight : arrays of shape (b, n)
        Responses, and weights of the squares; zero for a row that is only there to fill up.
    """
    b, k, d = len(rows), compact.count, compact.values.shape[1]
    values, place = compact.values[rows], compact.places()[rows] + k * np.arange(b)[:, None, None]
    weighted = values * weight[:, :, None]
    band = np.zeros((b, d, k))  # lower form: band[:, j - i, i] holds element (j, i)
    for i in range(d):
        for j in range(i, d):
            sums = np.bincount(place[:, :, i].ravel(), (weighted[:, :, i] * values[:, :, j]).ravel(), b * k)
            band[:, j - i] += sums.reshape(b, k)

    def projected(right: Array) -> Array:
        return np.bincount(place.ravel(), (weighted * right[:, :, None]).ravel(), b * k).reshape(b, k)

    factors = [dpbtrf(one, lower=1) for one in band]
    # what each function adds to those before it, as a share of itself
    own = np.array([factor[0] ** 2 for factor, _ in factors]) / np.maximum(band[:, 0], np.finfo(np.float64).tiny)
    good = np.array([info == 0 for _, info in factors]) & (own > INDEPENDENT).all(axis=1)
    coefficients, settled, left = np.zeros((b, k)), np.zeros(b, dtype=bool), y
    for _ in range(1 + REFINEMENTS):
        step = projected(left)
        for problem in np.flatnonzero(good):
            step[problem] = dpbtrs(factors[problem][0], step[problem], lower=1)[0]
        coefficients = coefficients + np.where(good[:, None], step, 0.0)
        settled = good & (np.abs(step).max(axis=1) <= SETTLED * np.abs(coefficients).max(axis=1))
        if settled[good].all():
            break
        left = y - (values * coefficients.ravel()[place]).sum(axis=2)
    return coefficients, settled
