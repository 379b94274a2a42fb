"""The marginal likelihood of many Gaussian processes of one shape at once, in memory that is reused.

It is that of `faradaic.approximations._marginal_likelihood` for noise that is independent from row to row and for
processes of which nothing is known beforehand. What is done to every element of a covariance is done to several
processes together, as many as stay in the cache; beyond some hundred rows to one process in panels of its rows. What
LAPACK does is done process by process: that is as fast as NumPy's stacks, and its inverse is faster. Of symmetric
matrices only the lower half is made. The numbers of one process do not depend on those that stand beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.linalg import blas, lapack

from ._kernels import IN_PLACE, Array, KernelName
from ._marginal_likelihood import JITTERS

# elements of an array that is worked on in one go: a third of a megabyte
_TOGETHER = 200**2
_LEAST_ROWS = 16


@dataclass(frozen=True)
class Shape:
    """What processes must have in common to be stacked."""

    kernel: KernelName
    rows: int
    features: int
    centres: int | None


@dataclass(frozen=True, eq=False)
class Terms:
    """Log marginal likelihood (k,), and its gradient (k, p + 2) to log s², log l and log σ².

    The value is −∞ where the covariance is singular. ``curvature`` (k, p + 2, p + 2) is the average information, the
    mean of the observed and the expected one but for what vanishes on average: ½ uᵢᵀ C⁻¹ uⱼ with uᵢ = (dC/dθᵢ) C⁻¹ y.
    It is positive and costs next to nothing beside the gradient (Gilmour, Thompson & Cullis 1995, 10.2307/2533274).
    """

    value: Array
    gradient: Array
    curvature: Array


class _Centred(NamedTuple):
    """Of processes on centres: R (its diagonal), R y, C⁻¹ y, the weights, L⁻¹ and B⁻¹."""

    root: Array
    white: Array
    alpha: Array
    weights: Array
    back: Array
    inverse: Array


class Stack:
    """Processes of one shape.

    Parameters
    ----------
    shape : Shape
    X, y : arrays of shape (k, n, p) and (k, n)
        Standardised rows.
    Z : array of shape (k, m, p) or None
        Centres; None: the exact process.
    most : int
        How many are evaluated in one call at most.
    """

    def __init__(self, shape: Shape, X: Array, y: Array, Z: Array | None, most: int) -> None:
        self.shape, self.X, self.y, self.Z = shape, X, y, Z
        columns = shape.rows if shape.centres is None else shape.centres
        self.together = max(1, min(_TOGETHER // (shape.rows * columns), most))
        self.step = max(_LEAST_ROWS, _TOGETHER // (self.together * columns))
        k = self.together
        self._K, self._S = np.empty((2, k, shape.rows, columns))
        # the centres among themselves
        self._Kz, self._Sz = np.empty((2, k, columns, columns)) if Z is not None else (self._K, self._S)
        self._lower = np.tri(columns)
        self._columns_x, self._columns_z = _columns(X), None if Z is None else _columns(Z)
        self._panel = np.empty(k * min(self.step, max(shape.rows, columns)) * columns)

    def terms(self, which: Array, amplitude: Array, length: Array, diagonal: Array, *, curved: bool = False) -> Terms:
        """Return the evidence of the processes ``which`` (q,), some perhaps several times.

        Parameters
        ----------
        which : int array of shape (q,)
        amplitude, length : arrays of shape (q,) and (q, p)
            s² and l.
        diagonal : array of shape (q, n)
            Variance of the noise of each row.
        curved : bool
            Whether the curvature is asked for; zero where it is not. Up to 200 rows only: one panel must hold them.
        """
        q, d = len(length), length.shape[1] + 2
        out = Terms(np.full(q, -np.inf), np.zeros((q, d)), np.zeros((q, d, d)))
        one = self._exact if self.Z is None else self._on_centres
        for first in range(0, q, self.together):
            some = slice(first, first + self.together)
            with np.errstate(all="ignore"):  # a singular one leaves what it was given
                found = one(which[some], amplitude[some], length[some], diagonal[some], curved)
            for kept, new in zip((out.value, out.gradient, out.curvature), found, strict=True):
                kept[some] = new
        singular = ~(np.isfinite(out.value) & np.isfinite(out.gradient).all(1))
        out.value[singular], out.gradient[singular], out.curvature[singular] = -np.inf, 0.0, 0.0
        return out

    def _panels(self, rows: int) -> Iterator[slice]:
        return (slice(first, min(first + self.step, rows)) for first in range(0, rows, self.step))

    def _scratch(self, *shape: int) -> Array:
        return self._panel[: math.prod(shape)].reshape(shape)

    def _fill(self, K: Array, S: Array, A: Array, B: Array, amplitude: Array) -> None:
        """Write the covariances of A (q, n, p) with B (q, m, p), both over l, and dk/d(r²); lower half if A is B."""
        squares, others = (A * A).sum(2)[:, :, None], (B * B).sum(2)[:, None, :]
        fill, scale = IN_PLACE[self.shape.kernel], amplitude[:, None, None]
        for rows in self._panels(A.shape[1]):
            end = rows.stop if A is B else B.shape[1]
            k, s = K[: len(A), rows, :end], S[: len(A), rows, :end]
            np.matmul(-2.0 * A[:, rows], B[:, :end].transpose(0, 2, 1), out=k)
            k += squares[:, rows]
            k += others[:, :, :end]
            np.maximum(k, 0.0, out=k)
            fill(k, s, self._scratch(*k.shape))
            k *= scale
            s *= scale

    def _factors(self, K: Array, S: Array, A: Array, amplitude: Array, own: Array) -> Array:
        """Turn covariances of A, with ``own`` (q, n) added to the diagonal, into lower factors; say which there are."""
        self._fill(K, S, A, A, amplitude)
        _diagonal(K[: len(A)])[...] += own + JITTERS[0] * amplitude[:, None]
        failed = [b for b in range(len(A)) if lapack.dpotrf(K[b].T, lower=0, clean=0, overwrite_a=1)[1]]
        usable = np.ones(len(A), dtype=bool)
        for b in failed:
            usable[b] = self._nudged(*(each[b : b + 1] for each in (K, S, A, amplitude, own)))
        return usable

    def _nudged(self, K: Array, S: Array, A: Array, amplitude: Array, own: Array) -> bool:
        """Do what `_factors` does to one process with the larger jitters."""
        for jitter in JITTERS[1:]:
            self._fill(K, S, A, A, amplitude)  # what a factorisation leaves is no covariance any more
            _diagonal(K)[...] += own + jitter * amplitude[:, None]
            if not lapack.dpotrf(K[0].T, lower=0, clean=0, overwrite_a=1)[1]:
                return True
        return False

    def _exact(
        self, which: Array, amplitude: Array, length: Array, own: Array, curved: bool
    ) -> tuple[Array, Array, Array | float]:
        X, y, K, S, columns = self.X[which], self.y[which], self._K, self._S, self._columns_x[which]
        q, n, p = X.shape
        usable = self._factors(K, S, X / length[:, None, :], amplitude, own)
        places = np.flatnonzero(usable)
        diagonal = _diagonal(K[:q])
        log_root = np.log(diagonal).sum(1)
        alpha = np.zeros((q, n))
        for b in places:
            alpha[b] = lapack.dpotrs(K[b].T, y[b], lower=0)[0]
        weighted = alpha[:, None] * (columns if curved else columns[:, : 1 + p])
        bent = np.zeros(weighted.shape)
        for b in places:
            bent[b] = blas.dsymm(1.0, S[b].T, weighted[b].T, lower=0).T
        curvature = self._information(y, own * alpha, columns, bent, length, places) if curved else 0.0
        for b in places:
            lapack.dpotri(K[b].T, lower=0, overwrite_c=1)
        trace = (diagonal * own).sum(1)
        for rows in self._panels(n):
            S[:q, rows, : rows.stop] *= K[:q, rows, : rows.stop]
        # Σ_ij α_i S_ij α_j (x_i − x_j)²/2 − Σ_(i > j) (S C⁻¹)_ij (x_i − x_j)²
        x, ones = columns[:, 1 : 1 + p], bent[:, :1]
        with_data = (weighted[:, 1 : 1 + p] * (x * ones - bent[:, 1 : 1 + p])).sum(2)
        lengths = with_data - self._spread(S, columns, places)
        fit, noisy = (alpha * y).sum(1), (alpha * alpha * own).sum(1)
        value = np.where(usable, -0.5 * fit - log_root - 0.5 * n * np.log(2.0 * np.pi), -np.inf)
        gradient = _gradient(0.5 * (fit - noisy - n + trace), -2.0 * lengths / length**2, 0.5 * (noisy - trace))
        return value, gradient, curvature

    def _information(self, y: Array, noisy: Array, columns: Array, bent: Array, length: Array, places: Array) -> Array:
        """Return the curvature of exact processes whose factors stand in K; ``bent`` is dk/d(r²) times α columns."""
        lengths = _each(columns, bent, self.shape.features) * (-2.0 / length[:, :, None] ** 2)
        moved = _moved(y, noisy, lengths)
        solved = np.zeros(moved.shape)
        for b in places:
            solved[b] = lapack.dpotrs(self._K[b].T, moved[b].T, lower=0)[0].T
        return 0.5 * moved @ solved.transpose(0, 2, 1)

    def _spread(self, M: Array, columns: Array, places: Array) -> Array:
        """Return Σ_(i > j) M_ij (a_i − a_j)² for each feature, shape (q, p); M has its lower half."""
        p, found = self.shape.features, np.zeros(columns.shape)
        for b in places:
            found[b] = blas.dtrmm(1.0, M[b].T, columns[b].T, lower=0, trans_a=1).T
        return _squares(columns, found, p)

    def _on_centres(
        self, which: Array, amplitude: Array, length: Array, own: Array, curved: bool
    ) -> tuple[Array, Array, Array | float]:
        assert self.Z is not None
        assert self._columns_z is not None
        X, Z, y, columns = self._columns_x[which], self.Z[which], self.y[which], self._columns_z[which]
        (q, n), m = y.shape, Z.shape[1]
        usable = self._factors(self._Kz, self._Sz, Z / length[:, None, :], amplitude, np.zeros((q, m)))
        self._fill(self._K, self._S, self.X[which] / length[:, None, :], Z / length[:, None, :], amplitude)
        root, places = 1.0 / np.sqrt(own), np.flatnonzero(usable)
        c, log_root = self._centred(places, root, root * y)
        fit, noisy = (c.alpha * y).sum(1), (c.alpha * c.alpha * own).sum(1)
        trace = _diagonal(c.inverse).sum(1)
        curvature = self._information_on_centres(X, columns, c, own, length) if curved else 0.0
        lengths = self._across(X, columns, c)
        # L⁻ᵀ (I − B⁻¹) L⁻¹ − w wᵀ; its half, for both halves of a symmetric matrix
        kept = -c.inverse
        _diagonal(kept)[...] += 1.0
        inner = c.back.transpose(0, 2, 1) @ (kept @ c.back)
        inner -= c.weights[:, :, None] * c.weights[:, None, :]
        self._Sz[:q] *= inner
        lengths += self._spread(self._Sz, columns, places)
        value = -0.5 * (fit + np.log(own).sum(1) + n * np.log(2.0 * np.pi)) - log_root
        amount, share = 0.5 * (fit - noisy - m + trace), 0.5 * (noisy - n + m - trace)
        gradient = _gradient(amount, -2.0 * lengths / length**2, share)
        return np.where(usable, value, -np.inf), gradient, curvature

    def _centred(self, places: Array, root: Array, white: Array) -> tuple[_Centred, Array]:
        """Turn K_nz into Vᵀ; return what follows from the factors, and ½ log |B| with B = I + V Vᵀ."""
        V, L, q, m = self._K[: len(root)], self._Kz, len(root), self._Kz.shape[1]
        for rows in self._panels(V.shape[1]):
            V[:, rows] *= root[:, rows, None]
        back = np.zeros((q, m, m))
        for b in places:
            blas.dtrsm(1.0, L[b].T, V[b].T, lower=0, trans_a=1, overwrite_b=1)
            back[b] = lapack.dtrtri(L[b].T, lower=0)[0].T
        back *= self._lower
        B = V.transpose(0, 2, 1) @ V
        diagonal = _diagonal(B)
        diagonal += 1.0
        solved = (white[:, None] @ V)[:, 0]
        for b in places:
            lapack.dpotrf(B[b].T, lower=0, clean=1, overwrite_a=1)
            solved[b] = lapack.dpotrs(B[b].T, solved[b], lower=0)[0]
        log_root = np.log(diagonal).sum(1)
        for b in places:
            lapack.dpotri(B[b].T, lower=0, overwrite_c=1)
        inverse = B + B.transpose(0, 2, 1)
        _diagonal(inverse)[...] *= 0.5
        alpha = root * (white - (V @ solved[:, :, None])[:, :, 0])
        return _Centred(root, white, alpha, (solved[:, None] @ back)[:, 0], back, inverse), log_root

    def _information_on_centres(self, X: Array, Z: Array, c: _Centred, own: Array, length: Array) -> Array:
        """Return the curvature from (dQ/dθ) α, where Q = K_nz K_zz⁻¹ K_zn is the covariance of rank m."""
        q, p = len(X), self.shape.features
        S, V, weighted = self._S[:q], self._K[:q], c.weights[:, None] * Z
        across = _each(X, weighted @ S.transpose(0, 2, 1), p)
        among = _each(Z, (c.alpha[:, None] * X) @ S - weighted @ self._Sz[:q], p)
        lengths = c.root[:, None] * across + among @ c.back.transpose(0, 2, 1) @ V.transpose(0, 2, 1)
        moved = _moved(c.white, c.root * own * c.alpha, lengths * (-2.0 / length[:, :, None] ** 2))
        seen = moved @ V
        return 0.5 * (moved @ moved.transpose(0, 2, 1) - seen @ c.inverse @ seen.transpose(0, 2, 1))

    def _across(self, X: Array, Z: Array, c: _Centred) -> Array:
        """Return Σ_ij M_ij (x_i − z_j)² for each feature, M = dk/d(r²) times the derivative to k(x_i, z_j)."""
        q, p, out, E = len(X), self.shape.features, 0.0, c.inverse @ c.back
        for rows in self._panels(X.shape[2]):
            M = self._scratch(q, rows.stop - rows.start, Z.shape[2])
            np.matmul(self._K[:q, rows], E, out=M)
            M *= -c.root[:, rows, None]
            M += c.alpha[:, rows, None] * c.weights[:, None, :]
            M *= self._S[:q, rows]
            out = out + _squares(X[:, :, rows], Z @ M.transpose(0, 2, 1), p)
        return np.asarray(out)


def _diagonal(A: Array) -> Array:
    """Return the diagonals of matrices (q, n, n) that lie side by side, as a view (q, n)."""
    return A.reshape(len(A), -1)[:, :: A.shape[1] + 1]


def _columns(A: Array) -> Array:
    """Return 1, a and a² of points (k, n, p) as rows, (k, 1 + 2 p, n)."""
    points = A.transpose(0, 2, 1)
    return np.concatenate([np.ones((len(A), 1, A.shape[1])), points, points**2], axis=1)


def _squares(columns: Array, found: Array, p: int) -> Array:
    """Return Σ_ij M_ij (a_i − b_j)² (q, p) from the `_columns` of a, (q, 1 + 2 p, n), and those of b times Mᵀ."""
    return _each(columns, found, p).sum(2)


def _each(columns: Array, found: Array, p: int) -> Array:
    """Return the parts of `_squares` that belong to each point a, (q, p, n)."""
    a, squares = columns[:, 1 : 1 + p], columns[:, 1 + p :]
    return squares * found[:, :1] + found[:, 1 + p :] - 2.0 * a * found[:, 1 : 1 + p]


def _moved(y: Array, noisy: Array, lengths: Array) -> Array:
    """Return (dC/dθ) C⁻¹ y for log s², log l and log σ², (q, p + 2, n), from N C⁻¹ y and the middle ones."""
    return np.concatenate([(y - noisy)[:, None], lengths, noisy[:, None]], axis=1)


def _gradient(amplitude: Array, length: Array, noise: Array) -> Array:
    return np.concatenate([amplitude[:, None], length, noise[:, None]], axis=1)
