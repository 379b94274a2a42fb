"""Marginal likelihood of a Gaussian process and its closed-form gradient, exact or on m centres.

Exact: Rasmussen & Williams 2006, eqs. 2.30 and 5.9. On m < n centres: the process of rank m that the centres span
(deterministic training conditional; Quiñonero-Candela & Rasmussen 2005, JMLR 6, 1939), which is the exact one at m = n.
NumPy and LAPACK with the gradient written out beat automatic differentiation here and compile nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.linalg import LinAlgError
from scipy.linalg import cho_solve, cholesky, lapack, solve_triangular

from ._kernels import Array, Covariance
from ._noise import Noise

# added to K's diagonal relative to the amplitude: the first that makes it positive definite in float64
JITTERS = (1e-10, 1e-9, 1e-8, 1e-7, 1e-6)

SINGULAR = "the covariance stays singular with every jitter up to 1e-6 of the amplitude"

# exact data are met to this fraction of their spread: no further, since rounding errors then grow in the weights
MET = 1e-7
MOST_STEPS = 100


def _root(K: Array, amplitude: float, jitters: Sequence[float] = JITTERS) -> tuple[float, Array]:
    """Return the smallest sufficient jitter and the lower Cholesky factor of K with it on the diagonal."""
    for jitter in jitters:
        nudged = K.copy()
        nudged[np.diag_indices_from(nudged)] += jitter * amplitude
        # the transposed view is in LAPACK's order: nothing is copied again
        upper, failed = lapack.dpotrf(nudged.T, lower=0, clean=1, overwrite_a=1)
        if not failed:
            return jitter * amplitude, upper.T
    raise LinAlgError(SINGULAR)


def _inverse(L: Array) -> Array:
    """Return (L Lᵀ)⁻¹ from the lower factor; a third of the work of solving for the columns of the identity."""
    lower = lapack.dpotri(L.T, lower=0)[0].T
    out = lower + lower.T
    out[np.diag_indices_from(out)] *= 0.5
    return out


class OnCentres:
    """The factors of a process on centres, with nothing formed that rounding would spoil.

    V = L⁻¹ K_zn Rᵀ with K_zz = L Lᵀ and N⁻¹ = Rᵀ R, and B = I + V Vᵀ, whose eigenvalues are at least one however
    small the noise is; every quantity follows from L, B and V.
    """

    def __init__(self, Kzz: Array, amplitude: float, Knz: Array, y: Array, noise: Noise) -> None:
        self.jitter, self.L = _root(Kzz, amplitude)
        self.V = solve_triangular(self.L, noise.whiten(Knz).T, lower=True, check_finite=False)
        B = self.V @ self.V.T
        B[np.diag_indices_from(B)] += 1.0
        self.B_root = cholesky(B, lower=True, overwrite_a=True, check_finite=False)
        self.B_inverse = _inverse(self.B_root)
        self.y = noise.whiten(y[:, None])[:, 0]
        projected = cho_solve((self.B_root, True), self.V @ self.y, check_finite=False)
        self.residual = self.y - self.V.T @ projected
        self.weights = self.back(projected)

    def back(self, M: Array) -> Array:
        """Return L⁻ᵀ M."""
        return solve_triangular(self.L, M, lower=True, trans=1, check_finite=False)


@dataclass(frozen=True)
class Evidence:
    """Log marginal likelihood and its derivatives.

    ``covariance``: to (log s², log l); ``diagonal`` (n,): to the rows' own noise; ``shared``: to (log τ², log λ);
    ``response`` (n,): to the responses.
    """

    value: float
    covariance: Array
    diagonal: Array
    shared: Array
    response: Array


def exact(cov: Covariance, X: Array, y: Array, noise: Noise) -> Evidence:
    """Return the log marginal likelihood of the rows ``X`` (n, p), ``y`` (n,) and its gradient."""
    K, slope = cov.with_slope(X, X)
    jitter, L = _root(noise.added_to(K.copy()), cov.amplitude)
    alpha = cho_solve((L, True), y, check_finite=False)
    value = -0.5 * y @ alpha - np.log(np.diag(L)).sum() - 0.5 * len(y) * np.log(2 * np.pi)
    G = np.outer(0.5 * alpha, alpha)
    G -= 0.5 * _inverse(L)
    shared = np.zeros(0)
    if noise.groups is not None:
        rows = noise.groups.rows
        shared = noise.pull_back(G[rows[:, :, None], rows[:, None, :]])
    gradient = cov.pull_back(X, X, K, slope, G)
    gradient[0] += jitter * np.trace(G)  # the jitter grows with the amplitude; on smooth exact data it counts
    return Evidence(float(value), gradient, np.diag(G).copy(), shared, -alpha)


def on_centres(cov: Covariance, X: Array, y: Array, Z: Array, noise: Noise) -> Evidence:
    """Return the log marginal likelihood of f(x) = Σ_j w_j k(x, z_j) on centres ``Z`` (m, p), and its gradient."""
    Kzz, slope_zz = cov.with_slope(Z, Z)
    Knz, slope_nz = cov.with_slope(X, Z)
    c = OnCentres(Kzz, cov.amplitude, Knz, y, noise)
    log_det = noise.log_determinant() + 2 * np.log(np.diag(c.B_root)).sum()
    value = -0.5 * (c.residual @ c.y + log_det + len(y) * np.log(2 * np.pi))

    through = noise.whiten_back(c.V.T)
    half = through @ c.B_inverse
    alpha = noise.whiten_back(c.residual[:, None])[:, 0]
    G_nz = np.outer(alpha, c.weights) - c.back(half.T).T
    taken = c.back(c.back(np.eye(len(Z)) - c.B_inverse).T)
    G_zz = 0.5 * (taken - np.outer(c.weights, c.weights))
    with_jitter = Kzz + c.jitter * np.eye(len(Z))
    gradient = cov.pull_back(X, Z, Knz, slope_nz, G_nz) + cov.pull_back(Z, Z, with_jitter, slope_zz, G_zz)
    diagonal = 0.5 * (alpha**2 - noise.inverse_diagonal() + (half * through).sum(1))
    shared = np.zeros(0)
    if noise.groups is not None:
        a, left, right = (noise.groups.gather(each) for each in (alpha, half, through))
        C_inv = noise.inverse_blocks() - left @ right.transpose(0, 2, 1)
        shared = noise.pull_back(0.5 * (a[:, :, None] * a[:, None, :] - C_inv))
    return Evidence(float(value), gradient, diagonal, shared, -alpha)


@dataclass(frozen=True)
class Posterior:
    """Posterior of the trend: mean m(x) + k(x, Z) weights, variance v(x) − |V1 k|² (+ |V2 k|²); all arrays."""

    centres: Array
    weights: Array
    prior_root: Array
    data_root: Array
    effective: float


def posterior(cov: Covariance, X: Array, y: Array, Z: Array | None, noise: Noise) -> Posterior:
    """Return the posterior on the rows themselves (``Z`` None) or on the centres ``Z``.

    ``prior_root`` R1 and ``data_root`` R2 give the variance v − |R1⁻¹k|² + |R2⁻¹k|² (R2 is empty for the exact one),
    with the variance v beforehand. ``y`` is the response less the mean beforehand.
    """
    if Z is None:
        K = cov(X, X)
        L = _root(noise.added_to(K.copy()), cov.amplitude)[1]
        weights = cho_solve((L, True), y, check_finite=False)
        if not noise.diagonal.any():
            weights = _refined(K, L, y, weights)
        effective = float(np.vdot(_inverse(L), K))  # the trace of C⁻¹ K
        return Posterior(X, weights, L, np.zeros((0, 0)), effective)
    c = OnCentres(cov(Z, Z), cov.amplitude, cov(X, Z), y, noise)
    return Posterior(Z, c.weights, c.L, c.L @ c.B_root, float(len(Z) - np.trace(c.B_inverse)))


def _refined(K: Array, L: Array, y: Array, weights: Array) -> Array:
    """Return weights that meet exact data, K w = y, without the jitter: iterative refinement, the best kept."""
    goal = MET * float(np.ptp(y))
    residual = y - K @ weights
    worst = np.abs(residual).max()
    for _ in range(MOST_STEPS):
        if worst <= goal:
            break
        trial = weights + cho_solve((L, True), residual, check_finite=False)
        residual = y - K @ trial
        if not np.abs(residual).max() < worst:
            break
        weights, worst = trial, np.abs(residual).max()
    return weights


def variance(prior: Array, post: Posterior, k: Array) -> Array:
    """Return the posterior variance (q,) from that beforehand, ``prior`` (q,), and the covariances ``k`` (q, m)."""
    explained = solve_triangular(post.prior_root, k.T, lower=True, check_finite=False)
    out = prior - (explained**2).sum(0)
    if post.data_root.size:
        kept = solve_triangular(post.data_root, k.T, lower=True, check_finite=False)
        out = out + (kept**2).sum(0)
    return np.maximum(out, 0.0)


def between(prior: Array, post: Posterior, left: Array, right: Array) -> Array:
    """Return the posterior covariance (q, r) of two sets of points, from their ``prior`` covariance (q, r).

    ``left`` (q, m) and ``right`` (r, m) are their covariances with the centres; see `variance`.
    """

    def explained(root: Array) -> Array:
        one, other = (solve_triangular(root, k.T, lower=True, check_finite=False) for k in (left, right))
        return one.T @ other

    out = prior - explained(post.prior_root)
    return out + explained(post.data_root) if post.data_root.size else out
