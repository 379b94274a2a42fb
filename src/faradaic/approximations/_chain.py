"""A chain of processes, f_t = ρ_t f_(t−1) + c_t + δ_t: the joint covariance of sources of different worth.

Kennedy & O'Hagan 2000. Written out, f_t = Σ_(s ≤ t) a_ts (c_s + δ_s) with a_ts = ρ_(s+1) … ρ_t, so that rows of any
two levels have the covariance Σ_s a_ts a_us (v_s + k_s): a sum of ordinary covariances, and rows need not coincide.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cho_solve, solve_triangular

from ._kernels import Array, Covariance
from ._marginal_likelihood import _refined, _root
from ._noise import Noise
from ._slope import _solved, from_factor


@dataclass(frozen=True)
class Step:
    """One level: its ratio ρ to the level below, its process δ (None: zero), and the prior variance of its offset."""

    ratio: float
    process: Covariance | None
    offset: float


@dataclass(frozen=True, eq=False)
class Chain:
    """The steps from the lowest level to the highest, in standardised inputs and responses."""

    steps: tuple[Step, ...]

    @cached_property
    def share(self) -> Array:
        """Return a, the share of the step s in the level t, shape (levels, levels), lower triangular."""
        count = len(self.steps)
        share = np.eye(count)
        for t in range(1, count):
            share[t, :t] = self.steps[t].ratio * share[t - 1, :t]
        return share

    def __call__(self, A: Array, a: Array, B: Array, b: Array) -> Array:
        """Return the covariances of the rows A (n, p) on levels a (n,) with B (m, p) on levels b (m,), shape (n, m)."""
        offsets = np.array([step.offset for step in self.steps])
        return self.of_processes(A, a, B, b) + (self.share[a] * offsets) @ self.share[b].T

    def of_processes(self, A: Array, a: Array, B: Array, b: Array) -> Array:
        """Return what the processes δ alone contribute to the covariances, shape (n, m)."""
        out = np.zeros((len(A), len(B)))
        for s, step in enumerate(self.steps):
            if step.process is not None:
                out += np.outer(self.share[a, s], self.share[b, s]) * step.process(A, B)
        return out

    def offset(self, level: int, b: Array, weights: Array) -> float:
        """Return the mean of one level's offset under ``weights`` of rows on levels b (n,)."""
        offsets = np.array([step.offset for step in self.steps])
        return float((self.share[level] * offsets) @ (weights @ self.share[b]))

    def derivative(self, A: Array, a: Array, B: Array, b: Array, feature: int) -> Array:
        """Return the derivative of the covariances to ``feature`` of the rows of A, shape (n, m)."""
        out = np.zeros((len(A), len(B)))
        for s, step in enumerate(self.steps):
            if step.process is not None:
                out += np.outer(self.share[a, s], self.share[b, s]) * step.process.derivative(A, B, feature)
        return out

    def variance(self, level: int) -> float:
        """Return the prior variance of one level, the same everywhere."""
        own = [step.offset + (0.0 if step.process is None else step.process.amplitude) for step in self.steps]
        return float(self.share[level] ** 2 @ own)

    def slope_variance(self, level: int, feature: int) -> float:
        """Return the prior variance of the slope of one level along ``feature``, the same everywhere."""
        own = [0.0 if step.process is None else step.process.slope_variance(feature) for step in self.steps]
        return float(self.share[level] ** 2 @ own)


@dataclass(frozen=True, eq=False)
class ChainPosterior:
    """The chain given rows X on ``level``: weights, the Cholesky root of their covariance, all arrays."""

    chain: Chain
    X: Array
    level: Array
    weights: Array
    root: Array

    @classmethod
    def of(cls, chain: Chain, X: Array, level: Array, y: Array, noise: Array) -> ChainPosterior:
        """Condition on rows with the noise covariance ``noise`` (n, n); rows without noise are met."""
        C = chain(X, level, X, level) + noise
        factor = _root(C, 1.0)[1]
        weights = cho_solve((factor, True), y, check_finite=False)
        if not np.diag(noise).all():
            weights = _refined(C, factor, y, weights)
        return cls(chain, X, level, weights, factor)

    def _with_rows(self, at: Array, level: int) -> Array:
        return self.chain(at, np.full(len(at), level), self.X, self.level)

    def mean(self, at: Array, level: int) -> Array:
        """Return the mean of one level at (q, p), shape (q,)."""
        own = np.full(len(at), level)
        # the offset apart: its large prior variance would bring its rounding into differences between points
        varying = self.chain.of_processes(at, own, self.X, self.level) @ self.weights
        return varying + self.chain.offset(level, self.level, self.weights)

    def slope(self, at: Array, level: int, feature: int) -> Array:
        """Return the derivative of `mean` to one feature, shape (q,)."""
        return self.chain.derivative(at, np.full(len(at), level), self.X, self.level, feature) @ self.weights

    def covariance(self, A: Array, B: Array, level: int) -> Array:
        """Return the covariance of one level between the rows of A (n, p) and of B (m, p), shape (n, m)."""
        prior = self.chain(A, np.full(len(A), level), B, np.full(len(B), level))
        return prior - self._explained(A, level).T @ self._explained(B, level)

    def variance(self, at: Array, level: int) -> Array:
        """Return the diagonal of `covariance`, shape (q,)."""
        explained = self._explained(at, level)
        return np.maximum(self.chain.variance(level) - (explained**2).sum(0), 0.0)

    def with_slope(self, at: Array, level: int, feature: int) -> Array:
        """Return the joint covariance of one level and its slope along ``feature`` at each row, shape (q, 2, 2)."""
        own = np.full(len(at), level)
        rows = (self._with_rows(at, level), self.chain.derivative(at, own, self.X, self.level, feature))
        joint = np.diag([self.chain.variance(level), self.chain.slope_variance(level, feature)])
        joint = joint - from_factor(_solved(self.root, np.stack(rows, axis=1)))
        places = np.arange(2)
        joint[:, places, places] = np.maximum(joint[:, places, places], 0.0)
        return joint

    def _explained(self, at: Array, level: int) -> Array:
        return solve_triangular(self.root, self._with_rows(at, level).T, lower=True, check_finite=False)

    def effective(self, level: int) -> float:
        """Return the trace of the smoother of one level's own rows: what they moved beyond the levels below."""
        rows = np.flatnonzero(self.level == level)
        prior = self.chain(self.X, self.level, self.X[rows], self.level[rows])
        smoother = cho_solve((self.root, True), prior, check_finite=False)
        return float(smoother[rows, np.arange(len(rows))].sum())


@dataclass(frozen=True, eq=False)
class Lower:
    """What the levels below say at a level's rows: ``mean`` (n,) and ``covariance`` (n, n)."""

    mean: Array
    covariance: Array


@dataclass(frozen=True, eq=False)
class StepEvidence:
    """Log likelihood of one level's rows given those below, and its derivatives.

    ``ratio``: to ρ; ``process``: to (log s², log l), empty without a process; ``diagonal`` (n,): to the rows' own
    noise; ``shared``: to (log τ², log λ) of errors shared by groups.
    """

    value: float
    ratio: float
    process: Array
    diagonal: Array
    shared: Array


def step_evidence(step: Step, X: Array, y: Array, lower: Lower, noise: Noise) -> StepEvidence:
    """Return log p(y | rows of the levels below), y ~ N(ρ m, ρ² V + v + K_δ + N), with its closed-form gradient.

    This is exact however the rows of the levels lie; with equal rows and no noise it is the recursion of
    Le Gratiet & Garnier 2014.
    """
    C = step.ratio**2 * lower.covariance + step.offset + noise.dense()
    K = slope = None
    if step.process is not None:
        K, slope = step.process.with_slope(X, X)
        C = C + K
    factor = _root(C, 1.0)[1]
    inverse = cho_solve((factor, True), np.eye(len(y)), check_finite=False)
    alpha = inverse @ (y - step.ratio * lower.mean)
    value = -0.5 * (y - step.ratio * lower.mean) @ alpha - np.log(np.diag(factor)).sum()
    G = 0.5 * (np.outer(alpha, alpha) - inverse)
    process = np.zeros(0)
    if step.process is not None and K is not None and slope is not None:
        process = step.process.pull_back(X, X, K, slope, G)
    return StepEvidence(
        value=float(value - 0.5 * len(y) * np.log(2 * np.pi)),
        ratio=float(2.0 * step.ratio * (G * lower.covariance).sum() + alpha @ lower.mean),
        process=process,
        diagonal=np.diag(G).copy(),
        shared=shared_gradient(noise, G),
    )


def shared_gradient(noise: Noise, G: Array) -> Array:
    """Return the derivatives to (log τ², log λ) for derivatives ``G`` (n, n) to N; empty without groups."""
    groups = noise.groups
    if groups is None:
        return np.zeros(0)
    return noise.pull_back(G[groups.rows[:, :, None], groups.rows[:, None, :]])
