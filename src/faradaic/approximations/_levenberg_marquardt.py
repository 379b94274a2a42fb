"""Levenberg–Marquardt for least squares, in the smaller of the two systems (parameters or rows).

The damped step solves (JᵀJ + μI) δ = −Jᵀr, or, with more parameters than rows, δ = −Jᵀ (JJᵀ + μI)⁻¹ r, which is the
same vector. Damping follows Nielsen 1999 (IMM-REP-1999-05); Marquardt 1963, 10.1137/0111030.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.linalg import LinAlgError
from scipy.linalg import cho_factor, cho_solve

Array = np.ndarray


class Linearisation(Protocol):
    """The Jacobian J of the residuals at one point, as far as the algorithm needs it."""

    shape: tuple[int, int]

    def gram(self) -> Array:
        """Return JᵀJ (p, p) if J has no more columns than rows, else JJᵀ (n, n)."""
        ...

    def transposed(self, r: Array) -> Array:
        """Return Jᵀ r, shape (p,)."""
        ...


class Problem(Protocol):
    """Residuals r(θ), and their linearisation."""

    def residual(self, theta: Array) -> Array:
        """Return the residuals at ``theta``, shape (n,)."""
        ...

    def linearised(self, theta: Array) -> tuple[Array, Linearisation]:
        """Return the residuals at ``theta`` and their linearisation."""
        ...


@dataclass(frozen=True)
class Minimum:
    """Where the search ended: parameters, half the sum of squares, iterations, and why it stopped."""

    theta: Array
    cost: float
    iterations: int
    reason: str
    converged: bool


def levenberg_marquardt(
    problem: Problem,
    start: Array,
    *,
    iterations: int = 300,
    tolerance: float = 1e-9,
    floor: float = 0.0,
    settled: Callable[[Array], Array] | None = None,
) -> Minimum:
    """Minimise half the sum of squared residuals.

    Parameters
    ----------
    problem : Problem
        Residuals and linearisation.
    start : array of shape (p,)
        First guess.
    iterations : int
        Most steps tried.
    tolerance : float
        Stop when three accepted steps in a row each lower the cost by less than this fraction (or the gradient
        vanishes).
    floor : float
        Stop when the cost is at or below this value (interpolation reached).
    settled : callable, optional
        Takes parameters to those of the same residuals from which the search goes on (back onto what must hold).
    """
    settled = settled or _as_they_are
    theta = settled(np.array(start, dtype=np.float64))
    r, J = problem.linearised(theta)
    cost, gradient, gram = 0.5 * float(r @ r), J.transposed(r), J.gram()
    dual = J.shape[1] > J.shape[0]
    damping, growth, idle = 1e-3 * max(float(np.diag(gram).max(initial=0.0)), 1e-12), 2.0, 0
    for iteration in range(1, iterations + 1):
        if cost <= floor:
            return Minimum(theta, cost, iteration - 1, "the residuals vanish", True)
        if np.abs(gradient).max(initial=0.0) <= 1e-14 * (1.0 + cost):
            return Minimum(theta, cost, iteration - 1, "the gradient vanishes", True)
        step = _step(gram, damping, r, gradient, J if dual else None)
        trial = np.inf
        if step is not None:
            residual = problem.residual(theta + step)
            trial = 0.5 * float(residual @ residual)
        expected = 0.0 if step is None else 0.5 * float(step @ (damping * step - gradient))
        if not trial < cost:
            if damping > 1e20 or (step is not None and np.abs(step).max() <= 1e-15 * (1.0 + np.abs(theta).max())):
                return Minimum(theta, cost, iteration, "no step lowers the cost", True)
            damping, growth = damping * growth, growth * 2.0
            continue
        assert step is not None
        idle = idle + 1 if cost - trial <= tolerance * cost else 0
        ratio = (cost - trial) / expected if expected > 0 else 1.0
        theta = settled(theta + step)
        r, J = problem.linearised(theta)
        cost, gradient, gram = trial, J.transposed(r), J.gram()
        damping, growth = damping * max(1.0 / 3.0, 1.0 - (2.0 * min(ratio, 1.0) - 1.0) ** 3), 2.0
        if idle >= 3:
            return Minimum(theta, cost, iteration, "the cost no longer falls", True)
    return Minimum(theta, cost, iterations, f"stopped after {iterations} iterations", False)


def _as_they_are(theta: Array) -> Array:
    return theta


def _step(gram: Array, damping: float, r: Array, gradient: Array, dual: Linearisation | None) -> Array | None:
    damped = gram.copy()
    damped[np.diag_indices_from(damped)] += damping
    try:
        factor = cho_factor(damped, lower=True, overwrite_a=True, check_finite=False)
    except LinAlgError:
        return None
    step = (
        -dual.transposed(cho_solve(factor, r, check_finite=False))
        if dual is not None
        else -cho_solve(factor, gradient, check_finite=False)
    )
    return step if np.isfinite(step).all() else None
