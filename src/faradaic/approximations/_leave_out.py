"""What a Gaussian process says at rows that are left out, from the fit to all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.linalg import LinAlgError
from numpy.typing import ArrayLike
from scipy.linalg import cho_solve, solve_triangular

from faradaic._core import ArgumentError

from ._kernels import Array, Covariance
from ._marginal_likelihood import JITTERS, OnCentres, _inverse, _root
from ._noise import Noise

# what solves with the covariance C of the responses, and what gives (C⁻¹)_gg of some rows (of None: the diagonal);
# beside them stands the variance of the trend at each row that is not in C, or is there without being the trend's
Solve = Callable[[Array], Array]
Among = Callable[[Array | None], Array]


@dataclass(frozen=True, eq=False)
class LeftOut:
    """What is said of each row by the others.

    Attributes
    ----------
    prediction : array of shape (n,)
        The trend.
    std : array of shape (n,)
        Standard deviation of the trend, with the hyper-parameters taken as known.
    residual : array of shape (n,)
        Response less prediction.
    observation_std : array of shape (n,)
        Standard deviation of the response: that of the trend and the noise of the row.
    """

    prediction: Array
    std: Array
    residual: Array
    observation_std: Array


def parts_of(n: int, groups: ArrayLike | None, shared: Array) -> list[Array]:
    """Return the rows that are left out together; ``shared`` (n,) are the groups whose rows share errors, −1: none."""
    if groups is None:
        labels = np.arange(n) if (shared < 0).any() else shared
    else:
        labels = np.asarray(groups)
        if labels.shape != (n,):
            raise ArgumentError(f"groups must have one label for each of the {n} rows, got shape {labels.shape}.")
    codes = np.unique(labels, return_inverse=True)[1]
    if codes.max() == 0:
        raise ArgumentError("all rows are of one group; there must be two, so that something is left to learn from.")
    if (shared >= 0).all() and len(np.unique(np.column_stack([codes, shared]), axis=0)) > len(np.unique(shared)):
        raise ArgumentError("rows of one group of the fit share an error, so they must be left out together.")
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.cumsum(np.bincount(codes))[:-1])


def left_out(
    cov: Covariance, X: Array, y: Array, Z: Array | None, noise: Noise, weight: Array, parts: Sequence[Array]
) -> LeftOut:
    """Leave out each of the ``parts`` in turn, in standardised coordinates; rows of two parts share no error.

    Parameters
    ----------
    X, y : arrays of shape (n, p) and (n,)
        The rows; the mean of ``y`` under ``weight`` (n,) is zero.
    Z : array of shape (m, p) or None
        Centres; None: the exact process.
    """
    right = np.column_stack([y - cov.mean(X), cov.mean_by_shift(X)])
    if Z is not None:
        solve, among, unseen = _on_centres(cov, X, Z, noise)
    else:
        solve, among, unseen = _exact(cov, X, noise, JITTERS)
    residual, variance = _residuals(right, solve, among, y, weight, parts)
    if Z is None and not noise.diagonal.any():
        # a fit to exact data refines the jitter away from what it says, though not from how sure it is
        with suppress(LinAlgError):
            residual = _residuals(right, *_exact(cov, X, noise, (0.0,))[:2], y, weight, parts)[0]
    trend = np.maximum(variance - noise.variances() + unseen, 0.0)
    return LeftOut(y - residual, np.sqrt(trend), residual, np.sqrt(trend + noise.variances()))


def _residuals(
    right: Array, solve: Solve, among: Among, y: Array, weight: Array, parts: Sequence[Array]
) -> tuple[Array, Array]:
    """Return the residual of each row, and the variance of its response given the rows of the other parts."""
    (alpha, shift), residual, variance = solve(right).T, np.empty(len(y)), np.empty(len(y))
    if len(parts) == len(y):
        spread, mean = 1.0 / among(None), -weight * y / (weight.sum() - weight)
        return spread * (alpha - mean * shift), spread
    for rows in parts:
        spread = np.linalg.inv(among(rows))
        mean = -(weight[rows] @ y[rows]) / (weight.sum() - weight[rows].sum())
        residual[rows], variance[rows] = spread @ (alpha[rows] - mean * shift[rows]), np.diag(spread)
    return residual, variance


def _exact(cov: Covariance, X: Array, noise: Noise, jitters: Sequence[float]) -> tuple[Solve, Among, Array]:
    jitter, L = _root(noise.added_to(cov(X, X)), cov.amplitude, jitters)
    inverse = _inverse(L)

    def among(rows: Array | None) -> Array:
        return np.diag(inverse) if rows is None else inverse[np.ix_(rows, rows)]

    return lambda B: cho_solve((L, True), B, check_finite=False), among, np.full(len(X), -jitter)


def _on_centres(cov: Covariance, X: Array, Z: Array, noise: Noise) -> tuple[Solve, Among, Array]:
    knz = cov(X, Z)
    c = OnCentres(cov(Z, Z), cov.amplitude, knz, np.zeros(len(X)), noise)
    through = noise.whiten_back(c.V.T)
    half = through @ c.B_inverse

    def solve(B: Array) -> Array:
        white = noise.whiten(B)
        return noise.whiten_back(white - c.V.T @ (c.B_inverse @ (c.V @ white)))

    def among(rows: Array | None) -> Array:
        if rows is None:
            return noise.inverse_diagonal() - (half * through).sum(1)
        return noise.inverse_among(rows) - half[rows] @ through[rows].T

    in_span = (solve_triangular(c.L, knz.T, lower=True, check_finite=False) ** 2).sum(0)
    return solve, among, cov.variance(X) - in_span
