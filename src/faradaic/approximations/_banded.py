"""Splines of one feature fitted to many sets of rows at once: banded normal equations, refined against the rows.

A row has degree + 1 B-splines that are not zero, so that AᵀA is a band and its factor costs next to nothing. What the
normal equations lose in digits the refinement brings back (corrected semi-normal equations); where it does not
converge, or the band has no factor, the problem is left to `least_squares`.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dpbtrf, dpbtrs

from ._bspline import Compact

Array = np.ndarray
REFINEMENTS = 3
# what the last refinement may still change, relative to the coefficients
SETTLED = 1e-12
INDEPENDENT = 1e-9


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
    coefficients, settled = np.zeros((b, k)), np.zeros(b, dtype=bool)
    left = y
    for _ in range(1 + REFINEMENTS):
        step, open_ = projected(left), np.flatnonzero(good & ~settled)
        for problem in open_:
            step[problem] = dpbtrs(factors[problem][0], step[problem], lower=1)[0]
        # one that is settled stays: what a problem gives does not hang on those beside it
        coefficients[open_] += step[open_]
        with np.errstate(invalid="ignore"):
            settled[open_] = (np.abs(step) <= SETTLED * np.abs(coefficients).max(axis=1, keepdims=True))[open_].all(1)
        if (settled | ~good).all():
            break
        left = y - (values * coefficients.ravel()[place]).sum(axis=2)
    return coefficients, settled
