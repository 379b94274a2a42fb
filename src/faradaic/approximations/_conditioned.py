"""A Gaussian process that knows values and slopes beforehand.

What is known, v = ℓ(f) with the covariance F = ℓℓ'k + noise, is conditioned on before any row is seen: the process has
the mean c(x) F⁻¹ v and the covariance k(x, x') − c(x) F⁻¹ c(x')ᵀ with c(x) = ℓ'k(x, ·) (Rasmussen & Williams 2006,
sections 2.2 and 9.4). Whatever is then learned, on all rows or on centres, keeps it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from ._kernels import CURVATURES, KERNELS, Array, Covariance
from ._known import Known, Slope

# on the diagonal of F, relative: two facts close to one another would be singular to rounding
_JITTER = 1e-12


@dataclass(frozen=True, eq=False)
class Facts:
    """Known values and slopes of a standardised function.

    ``points`` (m, p); ``wrt`` (m,) the feature of a slope, −1 for a value; ``values`` and ``variance`` (m,).
    """

    points: Array
    wrt: Array
    values: Array
    variance: Array

    @classmethod
    def of(cls, known: Sequence[Known], x: tuple[Array, Array], y: tuple[float, float]) -> Facts:
        """Standardise what is known at points by the means and the scales of ``x`` and ``y``."""
        wrt = np.array([fact.wrt if isinstance(fact, Slope) else -1 for fact in known])
        unit = np.where(wrt < 0, 1.0, x[1][wrt]) / y[1]
        return cls(
            (np.array([fact.at for fact in known], dtype=np.float64) - x[0]) / x[1],
            wrt,
            unit * (np.array([fact.value for fact in known]) - np.where(wrt < 0, y[0], 0.0)),
            (unit * np.array([fact.std for fact in known])) ** 2,
        )

    def covariance(self, cov: Covariance, A: Array, wrt: int = -1) -> Array:
        """Return the covariances of f(a), or of its slope along ``wrt``, with what is known, shape (n, m)."""
        return np.column_stack([_Pair(cov, A, wrt, b, j).value() for b, j in zip(self.points, self.wrt, strict=True)])

    def own(self, cov: Covariance) -> Array:
        """Return the covariance of what is known, without its noise, shape (m, m)."""
        rows = [self.covariance(cov, a[None], int(i)) for a, i in zip(self.points, self.wrt, strict=True)]
        return np.vstack(rows)

    def pull_back(self, cov: Covariance, A: Array, wrt: Array, G: Array) -> Array:
        """Return dL/d(log l) for dL/d(covariance) = ``G`` (n, m); row i is a value or a slope by ``wrt`` (n,)."""
        out = np.zeros(len(cov.lengthscale))
        for k in np.unique(wrt):
            rows = wrt == k
            for column, (b, j) in enumerate(zip(self.points, self.wrt, strict=True)):
                out += _Pair(cov, A[rows], int(k), b, int(j)).by_log_length(G[rows, column])
        return out


class _Pair:
    """The covariance of f or ∂f/∂a_i at the rows of A with f or ∂f/∂b_j at one point, and its derivatives."""

    def __init__(self, cov: Covariance, A: Array, i: int, b: Array, j: int) -> None:
        self.i, self.j, self.l2 = i, j, cov.lengthscale**2
        self.d = A - b
        r2 = (self.d**2 / self.l2).sum(1)
        k, k1 = KERNELS[cov.kernel](r2)
        k2, k3 = CURVATURES[cov.kernel](r2)
        self.k, self.k1, self.k2, self.k3 = (cov.amplitude * each for each in (k, k1, k2, k3))

    def _slope(self, feature: int) -> Array:
        """Return ½ ∂r²/∂a."""
        return self.d[:, feature] / self.l2[feature]

    def value(self) -> Array:
        """Return the covariance, shape (n,)."""
        if self.i < 0 and self.j < 0:
            return self.k
        if self.i < 0:
            return -2.0 * self.k1 * self._slope(self.j)
        if self.j < 0:
            return 2.0 * self.k1 * self._slope(self.i)
        out = -4.0 * self.k2 * self._slope(self.i) * self._slope(self.j)
        return out - 2.0 * self.k1 / self.l2[self.i] if self.i == self.j else out

    def by_log_length(self, weight: Array) -> Array:
        """Return Σ weight d(covariance)/d(log l_q) for every feature q, shape (p,)."""
        stretch = -2.0 * self.d**2 / self.l2  # ∂r²/∂ log l
        if self.i < 0 and self.j < 0:
            return (weight * self.k1) @ stretch
        if self.i < 0 or self.j < 0:
            feature, sign = (self.i, 2.0) if self.j < 0 else (self.j, -2.0)
            slope = sign * self._slope(feature)
            out = (weight * self.k2 * slope) @ stretch
            out[feature] -= 2.0 * float(weight @ (self.k1 * slope))
            return out
        product = -4.0 * self._slope(self.i) * self._slope(self.j)
        out = (weight * self.k3 * product) @ stretch
        for feature in (self.i, self.j):
            out[feature] -= 2.0 * float(weight @ (self.k2 * product))
        if self.i == self.j:
            own = -2.0 / self.l2[self.i]
            out += own * ((weight * self.k2) @ stretch)
            out[self.i] -= 2.0 * own * float(weight @ self.k1)
        return out


@dataclass(frozen=True, eq=False)
class Conditioned(Covariance):
    """The covariance of a process that is conditioned on facts, and its mean.

    It stands wherever a `Covariance` stands.
    """

    facts: Facts

    @classmethod
    def on(cls, cov: Covariance, facts: Facts) -> Conditioned:
        """Condition a stationary process on ``facts``."""
        return cls(cov.kernel, cov.amplitude, cov.lengthscale, facts)

    @cached_property
    def plain(self) -> Covariance:
        """The process without the facts."""
        return Covariance(self.kernel, self.amplitude, self.lengthscale)

    @cached_property
    def _own(self) -> Array:
        own = self.facts.own(self.plain)
        return own + _JITTER * np.diag(np.diag(own))

    @cached_property
    def _root(self) -> tuple[Array, bool]:
        return cho_factor(self._own + np.diag(self.facts.variance), lower=True)

    @cached_property
    def _inverse(self) -> Array:
        return cho_solve(self._root, np.eye(len(self.facts.values)))

    @cached_property
    def _share(self) -> Array:
        """F⁻¹ v."""
        return cho_solve(self._root, self.facts.values)

    def missed(self) -> float:
        """Return by how much exact facts are missed, of the largest of them (or of the data's spread, if that is more).

        What is added to the diagonal for rounding would let a process average facts that contradict one another.
        """
        exact, values = self.facts.variance == 0, self.facts.values
        off = np.abs(self.facts.own(self.plain) @ self._share - values)[exact]
        return float(off.max(initial=0.0) / max(1.0, np.abs(values).max()))

    def _explained(self, A: Array, wrt: int, B: Array) -> Array:
        left = self.facts.covariance(self.plain, A, wrt)
        return left @ cho_solve(self._root, self.facts.covariance(self.plain, B).T)

    def shares(self, centres: Array, weights: Array) -> Array:
        """Return the weights of the facts where mean + k weights is written with the plain covariance, shape (m,)."""
        return self._share - cho_solve(self._root, self.facts.covariance(self.plain, centres).T @ weights)

    def mean(self, A: Array) -> Array:
        """Return the mean at the rows of ``A``, shape (n,)."""
        return self.facts.covariance(self.plain, A) @ self._share

    def mean_by_shift(self, A: Array) -> Array:
        """Return the derivative of the mean by a shift of the zero of the responses, shape (n,).

        With the zero at m the process returns to m far from what is known, and still goes through it.
        """
        values = np.where(self.facts.wrt < 0, 1.0, 0.0)
        return 1.0 - self.facts.covariance(self.plain, A) @ cho_solve(self._root, values)

    def mean_slope(self, A: Array, feature: int) -> Array:
        """Return the slope of the mean, shape (n,)."""
        return self.facts.covariance(self.plain, A, feature) @ self._share

    def variance(self, A: Array) -> Array:
        """Return the variance before any row is seen, shape (n,)."""
        c = self.facts.covariance(self.plain, A)
        return self.amplitude - (c * cho_solve(self._root, c.T).T).sum(1)

    def joint_variance(self, A: Array, feature: int) -> Array:
        """Return the covariance of value and slope before any row is seen, shape (n, 2, 2)."""
        both = np.stack([self.facts.covariance(self.plain, A), self.facts.covariance(self.plain, A, feature)], axis=1)
        return self.plain.joint_variance(A, feature) - both @ self._inverse @ both.transpose(0, 2, 1)

    def __call__(self, A: Array, B: Array) -> Array:
        """Return the covariances, shape (n, m)."""
        return self.plain(A, B) - self._explained(A, -1, B)

    def with_slope(self, A: Array, B: Array) -> tuple[Array, Array]:
        """Return the covariances, and the derivatives of those of the plain process with respect to r²."""
        k, slope = self.plain.with_slope(A, B)
        return k - self._explained(A, -1, B), slope

    def derivative(self, A: Array, B: Array, feature: int) -> Array:
        """Return d k(a, b)/d a_feature, shape (n, m)."""
        return self.plain.derivative(A, B, feature) - self._explained(A, feature, B)

    def pull_back(self, A: Array, B: Array, K: Array, slope: Array, G: Array) -> Array:
        """Return dL/d(log s², log l_1, ..., log l_p) for a function L of K with G = dL/dK."""
        a, b = self.facts.covariance(self.plain, A), self.facts.covariance(self.plain, B)
        out = self.plain.pull_back(A, B, K + a @ self._inverse @ b.T, slope, G)
        of_a, of_b = -G @ b @ self._inverse, -G.T @ a @ self._inverse
        out += self._pulled(A, a, of_a) + self._pulled(B, b, of_b)
        return out + self._pulled_own(-self._inverse @ a.T @ of_a)

    def evidence(self, X: Array, residual: Array) -> tuple[float, Array]:
        """Return the log density of the facts, and the gradient of that and of the rows' evidence through the mean.

        Parameters
        ----------
        X : array of shape (n, p)
            Inputs of the rows.
        residual : array of shape (n,)
            Minus the derivative of the rows' log evidence with respect to their responses.

        Returns
        -------
        float, array of shape (p + 1,)
            The gradient is with respect to (log s², log l).
        """
        log_root = np.log(np.diag(self._root[0])).sum()
        value = -0.5 * self.facts.values @ self._share - log_root - 0.5 * len(self._share) * np.log(2.0 * np.pi)
        c = self.facts.covariance(self.plain, X)
        G = 0.5 * (np.outer(self._share, self._share) - self._inverse)
        G = G - np.outer(self._inverse @ (c.T @ residual), self._share)
        return float(value), self._pulled(X, c, np.outer(residual, self._share)) + self._pulled_own(G)

    def _pulled(self, A: Array, c: Array, G: Array) -> Array:
        lengths = self.facts.pull_back(self.plain, A, np.full(len(A), -1), G)
        return np.concatenate([[(G * c).sum()], lengths])

    def _pulled_own(self, G: Array) -> Array:
        lengths = self.facts.pull_back(self.plain, self.facts.points, self.facts.wrt, G)
        return np.concatenate([[(G * self._own).sum()], lengths])
