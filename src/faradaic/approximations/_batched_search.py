"""Levenberg–Marquardt for many small problems at once, inside bounds: one loop, all problems in it as one array.

Damping follows Nielsen 1999 (IMM-REP-1999-05) with the scaling of Marquardt 1963, 10.1137/0111030; a parameter on a
bound that the gradient presses outwards is left out of the step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Array = np.ndarray

STOPS = (
    "stopped after the most steps allowed",
    "the residuals vanish",
    "the gradient vanishes",
    "the cost no longer falls",
    "no step lowers the cost",
    "not finite at the start",
)
RUNNING, VANISHED, GRADIENT, COST, STUCK, NOT_FINITE = range(6)
_LEAST_DAMPING, _MOST_DAMPING = 1e-9, 1e12
_SLOPE = 1e-7  # cosine between the residuals and the step that would pay most
_FLAT = 1e-3  # the same, where rounding no longer lets a step pay
_FALLS = 1e-11  # relative decrease of the cost


@dataclass(frozen=True, eq=False)
class Found:
    """Where the searches ended.

    Attributes
    ----------
    u : array of shape (n, p)
        Parameters.
    cost : array of shape (n,)
        Half the sum of squares.
    gram : array of shape (n, p, p)
        The Jacobian's gram matrix there.
    held : array of shape (n, p)
        Parameters on a bound that the gradient presses outwards.
    stop : array of shape (n,)
        Index into `STOPS`.
    steps : array of shape (n,)
        Steps tried.
    """

    u: Array
    cost: Array
    gram: Array
    held: Array
    stop: Array
    steps: Array

    @property
    def converged(self) -> Array:
        """Which searches reached an optimum, shape (n,)."""
        return (self.stop != RUNNING) & (self.stop != NOT_FINITE)


def batched_search(
    linearised: Callable[[Array, Array], tuple[Array, Array, Array]],
    start: Array,
    lower: Array,
    upper: Array,
    reach: Array,
    *,
    negligible: Array,
    most: int = 400,
) -> Found:
    """Minimise half the sum of squares of many problems.

    Parameters
    ----------
    linearised : callable
        Takes parameters (b, p) and the indices (b,) of their problems; returns the cost (b,), its gradient (b, p) and
        the gram matrix of the Jacobian (b, p, p).
    start, lower, upper : arrays of shape (n, p)
        First guess, and bounds; equal bounds hold a parameter.
    reach : array of shape (p,)
        The longest step of each parameter.
    negligible : array of shape (n,)
        A cost that counts as none.
    most : int
        Steps tried at most.
    """
    u = np.clip(start, lower, upper)
    n = len(u)
    cost, gradient, gram = linearised(u, np.arange(n))
    damping, growth = np.full(n, 1e-2), np.full(n, 2.0)
    stop, steps = np.full(n, RUNNING), np.zeros(n, dtype=int)
    finite = np.isfinite(cost) & np.isfinite(gradient).all(axis=1) & np.isfinite(gram).all(axis=(1, 2))
    stop[~finite] = NOT_FINITE
    stop[finite & (cost <= negligible)] = VANISHED
    for _ in range(most):
        live = np.flatnonzero(stop == RUNNING)
        if not len(live):
            break
        steps[live] += 1
        held = _held(u[live], gradient[live], lower[live], upper[live])
        slope = np.where(held, 0.0, gradient[live])
        scale = np.einsum("npp->np", gram[live])
        scale = np.maximum(scale, 1e-12 * scale.max(axis=1, keepdims=True) + 1e-300)
        cosine = (np.abs(slope) / np.sqrt(scale)).max(axis=1) / np.sqrt(2 * cost[live])
        still = cosine <= _SLOPE
        stop[live[still]] = GRADIENT
        stop[live[~still & (damping[live] >= _MOST_DAMPING)]] = STUCK
        stop[live[~still & (damping[live] >= _MOST_DAMPING) & (cosine > _FLAT)]] = RUNNING
        moving = ~still & (damping[live] < _MOST_DAMPING)
        if not moving.any():
            break
        live, held, slope, scale = live[moving], held[moving], slope[moving], scale[moving]
        step = _step(gram[live], damping[live], scale, slope, held, reach)
        trial = np.clip(u[live] + step, lower[live], upper[live])
        step = trial - u[live]
        pays = -((slope * step).sum(axis=1) + 0.5 * np.einsum("np,npq,nq->n", step, gram[live], step))
        new_cost, new_gradient, new_gram = linearised(trial, live)
        good = np.isfinite(new_gradient).all(axis=1) & np.isfinite(new_gram).all(axis=(1, 2))
        better = good & (new_cost < cost[live])
        ratio = np.where(pays > 0, (cost[live] - new_cost) / np.where(pays > 0, pays, 1.0), 1.0)
        falls = cost[live] - new_cost
        small = (pays <= _FALLS * cost[live]) & (np.abs(falls) <= 10 * _FALLS * cost[live])
        stop[live[small & (damping[live] < 1.0)]] = COST  # a damped step is short wherever it stands
        taken = live[better]
        u[taken], cost[taken] = trial[better], new_cost[better]
        gradient[taken], gram[taken] = new_gradient[better], new_gram[better]
        stop[taken[cost[taken] <= negligible[taken]]] = VANISHED
        shrink = np.maximum(1.0 / 5.0, 1.0 - (2.0 * np.clip(ratio[better], 0.0, 1.0) - 1.0) ** 3)
        damping[taken], growth[taken] = np.maximum(damping[taken] * shrink, _LEAST_DAMPING), 2.0
        kept = live[~better]
        damping[kept], growth[kept] = damping[kept] * growth[kept], growth[kept] * 2.0
    return Found(u, cost, gram, _held(u, gradient, lower, upper), stop, steps)


def _held(u: Array, gradient: Array, lower: Array, upper: Array) -> Array:
    return ((u <= lower) & (gradient >= 0)) | ((u >= upper) & (gradient <= 0))


def _step(gram: Array, damping: Array, scale: Array, slope: Array, held: Array, reach: Array) -> Array:
    """Return the damped step of each problem (n, p), shortened to the reach of its parameters."""
    free = ~held
    matrix = gram * (free[:, :, None] & free[:, None, :])
    diagonal = np.arange(gram.shape[1])
    matrix[:, diagonal, diagonal] += np.where(held, 1.0, damping[:, None] * scale)
    root = 1.0 / np.sqrt(np.einsum("npp->np", matrix))  # solved with a unit diagonal: parameters differ in effect
    scaled = matrix * root[:, :, None] * root[:, None, :]
    step = -root * np.linalg.solve(scaled, (root * slope)[:, :, None])[:, :, 0]
    return step / np.maximum(1.0, (np.abs(step) / reach).max(axis=1, keepdims=True))
