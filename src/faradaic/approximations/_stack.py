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

import numpy as np
from scipy.linalg import blas, lapack

from ._kernels import IN_PLACE, Array, KernelName
from ._marginal_likelihood import JITTERS

# elements of an array that is worked on in one go: a quarter of a megabyte
_TOGETHER = 2**15
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
    """Log marginal likelihood (k,), and its gradient to log s² (k,), log l (k, p) and log σ² (k,).

    The value is −∞ where the covariance is singular.
    """

    value: Array
    amplitude: Array
    length: Array
    noise: Array


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

    def terms(self, which: Array, amplitude: Array, length: Array, diagonal: Array) -> Terms:
        """Return the evidence of the processes ``which`` (q,), some perhaps several times.

        Parameters
        ----------
        which : int array of shape (q,)
        amplitude, length : arrays of shape (q,) and (q, p)
            s² and l.
        diagonal : array of shape (q, n)
            Variance of the noise of each row.
        """
        q, p = length.shape
        out = Terms(np.full(q, -np.inf), np.zeros(q), np.zeros((q, p)), np.zeros(q))
        one = self._exact if self.Z is None else self._on_centres
        for first in range(0, q, self.together):
            some = slice(first, first + self.together)
            with np.errstate(all="ignore"):  # a singular one leaves what it was given
                found = one(which[some], amplitude[some], length[some], diagonal[some])
            for kept, new in zip((out.value, out.amplitude, out.length, out.noise), found, strict=True):
                kept[some] = new
        singular = ~np.isfinite(out.value)
        out.value[singular], out.amplitude[singular], out.noise[singular] = -np.inf, 0.0, 0.0
        out.length[singular] = 0.0
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

    def _exact(self, which: Array, amplitude: Array, length: Array, own: Array) -> tuple[Array, ...]:
        X, y, K, S, columns = self.X[which], self.y[which], self._K, self._S, self._columns_x[which]
        q, n, p = X.shape
        usable = self._factors(K, S, X / length[:, None, :], amplitude, own)
        places = np.flatnonzero(usable)
        diagonal = _diagonal(K[:q])
        log_root = np.log(diagonal).sum(1)
        alpha, bent = np.zeros((q, n)), np.zeros((q, 1 + p, n))
        for b in places:
            alpha[b] = lapack.dpotrs(K[b].T, y[b], lower=0)[0]
        weighted = alpha[:, None] * columns[:, : 1 + p]
        for b in places:
            bent[b] = blas.dsymm(1.0, S[b].T, weighted[b].T, lower=0).T
            lapack.dpotri(K[b].T, lower=0, overwrite_c=1)
        trace = (diagonal * own).sum(1)
        for rows in self._panels(n):
            S[:q, rows, : rows.stop] *= K[:q, rows, : rows.stop]
        # Σ_ij α_i S_ij α_j (x_i − x_j)²/2 − Σ_(i > j) (S C⁻¹)_ij (x_i − x_j)²
        with_data = (weighted[:, 1:] * (columns[:, 1 : 1 + p] * bent[:, :1] - bent[:, 1:])).sum(2)
        lengths = with_data - self._spread(S, columns, places)
        fit, noisy = (alpha * y).sum(1), (alpha * alpha * own).sum(1)
        value = np.where(usable, -0.5 * fit - log_root - 0.5 * n * np.log(2.0 * np.pi), -np.inf)
        return value, 0.5 * (fit - noisy - n + trace), -2.0 * lengths / length**2, 0.5 * (noisy - trace)

    def _spread(self, M: Array, columns: Array, places: Array) -> Array:
        """Return Σ_(i > j) M_ij (a_i − a_j)² for each feature, shape (q, p); M has its lower half."""
        p, found = self.shape.features, np.zeros(columns.shape)
        for b in places:
            found[b] = blas.dtrmm(1.0, M[b].T, columns[b].T, lower=0, trans_a=1).T
        return _squares(columns, found, p)

    def _on_centres(self, which: Array, amplitude: Array, length: Array, own: Array) -> tuple[Array, ...]:
        assert self.Z is not None
        assert self._columns_z is not None
        X, Z, y, columns = self.X[which], self.Z[which], self.y[which], self._columns_z[which]
        (q, n, _), m = X.shape, Z.shape[1]
        V, L = self._K, self._Kz
        usable = self._factors(L, self._Sz, Z / length[:, None, :], amplitude, np.zeros((q, m)))
        self._fill(V, self._S, X / length[:, None, :], Z / length[:, None, :], amplitude)
        root = 1.0 / np.sqrt(own)
        for rows in self._panels(n):
            V[:q, rows] *= root[:, rows, None]
        white, places = root * y, np.flatnonzero(usable)
        solved, inverse, back, log_root = self._reduced(places, q, white)
        E = inverse @ back
        trace = _diagonal(inverse).sum(1)
        weights = (solved[:, None] @ back)[:, 0]
        alpha = root * (white - (V[:q] @ solved[:, :, None])[:, :, 0])
        lengths = self._across(self._columns_x[which], columns, root, alpha, weights, E)
        # L⁻ᵀ (I − B⁻¹) L⁻¹ − w wᵀ; its half, for both halves of a symmetric matrix
        inverse *= -1.0
        _diagonal(inverse)[...] += 1.0
        inner = back.transpose(0, 2, 1) @ (inverse @ back)
        inner -= weights[:, :, None] * weights[:, None, :]
        self._Sz[:q] *= inner
        lengths += self._spread(self._Sz, columns, places)
        fit, noisy = (alpha * y).sum(1), (alpha * alpha * own).sum(1)
        value = -0.5 * (fit + np.log(own).sum(1) + n * np.log(2.0 * np.pi)) - log_root
        amount = 0.5 * (fit - noisy - m + trace)
        return np.where(usable, value, -np.inf), amount, -2.0 * lengths / length**2, 0.5 * (noisy - n + m - trace)

    def _reduced(self, places: Array, q: int, white: Array) -> tuple[Array, ...]:
        """Turn R K_nz into Vᵀ; with B = I + V Vᵀ return B⁻¹ V y, B⁻¹, L⁻¹ and ½ log |B|."""
        V, L, m = self._K[:q], self._Kz, self._Kz.shape[1]
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
        return solved, inverse, back, log_root

    def _across(self, X: Array, Z: Array, root: Array, alpha: Array, weights: Array, E: Array) -> Array:
        """Return Σ_ij M_ij (x_i − z_j)² for each feature, M = dk/d(r²) times the derivative to k(x_i, z_j)."""
        q, p, out = len(X), self.shape.features, 0.0
        for rows in self._panels(X.shape[2]):
            M = self._scratch(q, rows.stop - rows.start, Z.shape[2])
            np.matmul(self._K[:q, rows], E, out=M)
            M *= -root[:, rows, None]
            M += alpha[:, rows, None] * weights[:, None, :]
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
    a, squares = columns[:, 1 : 1 + p], columns[:, 1 + p :]
    return (squares * found[:, :1] + found[:, 1 + p :] - 2.0 * a * found[:, 1 : 1 + p]).sum(2)
