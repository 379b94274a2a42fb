"""The smallest values of many smooth functions at once, inside bounds: quasi-Newton searches that run in step.

Each search begins with the loss's own account of its curvature and goes on with the BFGS method, with Powell's damping
and backtracking by cubic interpolation (Nocedal & Wright, Numerical Optimization, 2006, chapters 3, 6 and 18,
10.1007/978-0-387-40065-5); a parameter on a bound that the gradient presses outwards is left out of the step. All
searches that still run are evaluated together, which is what makes many small problems cheap. What one search does
depends on no other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Array = np.ndarray
# takes points (q, d), which searches they belong to (q,) and whether a curvature is asked for; gives values (q,), +∞
# where there are none, gradients and, if asked, some positive approximation of the second derivatives
Loss = Callable[[Array, Array, bool], tuple[Array, Array, Array]]

_GRADIENT, _FALLS = 1e-6, 1e-11  # the gradient, or the relative decrease, that ends a search
_ENOUGH = 1e-4  # of the decrease that the slope promises
_GUIDED = 6  # steps whose curvature is the loss's own; from then on it is learned from the gradients
_RIDGE = 1e-2  # added to that curvature, which need not be regular
_LONGEST = 1.0  # change of a parameter in one step
_MOST_TRIALS, _MOST_STEPS = 12, 400


@dataclass(frozen=True, eq=False)
class Ends:
    """Where the searches ended: ``at`` (k, d), and the ``value`` (k,) there, +∞ where there was none to start from."""

    at: Array
    value: Array


def least(loss: Loss, starts: Array, lower: Array, upper: Array) -> Ends:
    """Return where each search ends; ``starts``, ``lower`` and ``upper`` have the shape (k, d).

    Examples
    --------
    >>> import numpy as np
    >>> goal = np.array([[1.0, 2.0], [3.0, 9.0]])
    >>> def loss(x, which, curved):
    ...     off = x - goal[which]
    ...     return (off**2).sum(1), 2.0 * off, np.tile(np.eye(2), (len(x), 1, 1))
    >>> least(loss, np.zeros((2, 2)), np.full((2, 2), -5.0), np.full((2, 2), 5.0)).at.round(6).tolist()
    [[1.0, 2.0], [3.0, 5.0]]
    """
    search = _Searches(loss, np.clip(starts, lower, upper), lower, upper)
    for _ in range(_MOST_STEPS):
        if not len(search.running):
            break
        search.step()
    return Ends(search.x, search.value)


class _Searches:
    """The state of the searches: place, value, gradient, and the model of the curvature with the step it proposes."""

    def __init__(self, loss: Loss, x: Array, lower: Array, upper: Array) -> None:
        k, d = x.shape
        self.loss, self.x, self.lower, self.upper = loss, x, lower, upper
        self.value, self.gradient, self.curvature = loss(x, np.arange(k), True)
        self.curvature += _RIDGE * np.eye(d)
        self.plain = np.zeros(k, dtype=bool)  # whether nothing is known of the curvature
        self.taken = np.zeros(k, dtype=int)  # steps
        self.move, self.share, self.trials = np.zeros((k, d)), np.ones(k), np.zeros(k, dtype=int)
        self.running = np.flatnonzero(np.isfinite(self.value))
        self.running = self.running[self._propose(self.running)]

    def step(self) -> None:
        """Try one point of every search that runs."""
        i = self.running
        trial = np.clip(self.x[i] + self.share[i, None] * self.move[i], self.lower[i], self.upper[i])
        guided = self.taken[i] < _GUIDED
        value, gradient, curvature = self.loss(trial, i, bool(guided.any()))
        step = trial - self.x[i]
        slope = (self.gradient[i] * step).sum(1)
        with np.errstate(invalid="ignore"):
            good = (slope < 0) & (value <= self.value[i] + _ENOUGH * slope)  # bounds may turn a step uphill
        goes_on = np.ones(len(i), dtype=bool)
        if not good.all():
            bad = ~good
            at_end = (gradient[bad] * step[bad]).sum(1)
            goes_on[bad] = self._shorten(i[bad], value[bad], slope[bad], at_end)
        if good.any():
            known = good & guided
            fallen = self.value[i] - value
            self._learn(i[good & ~guided], step[good & ~guided], (gradient - self.gradient[i])[good & ~guided])
            self.curvature[i[known]] = curvature[known] + _RIDGE * np.eye(step.shape[1])
            self.plain[i[known]] = False
            self.x[i[good]], self.value[i[good]], self.gradient[i[good]] = trial[good], value[good], gradient[good]
            self.taken[i[good]] += 1
            falls = fallen[good] > _FALLS * np.maximum(np.abs(value[good]), 1.0)
            goes_on[good] = falls & self._propose(i[good])
        self.running = i[goes_on]

    def _learn(self, i: Array, step: Array, change: Array) -> None:
        """Update the curvature so that it explains how the gradient changed along the step, and stays positive."""
        along = (step * change).sum(1)
        first = self.plain[i] & (along > 0)
        scale = (change[first] ** 2).sum(1) / along[first]
        self.curvature[i[first]] = scale[:, None, None] * np.eye(step.shape[1])
        self.plain[i[first]] = False
        known = ~self.plain[i]
        i, step, change, along = i[known], step[known], change[known], along[known]
        bent = (self.curvature[i] @ step[:, :, None])[:, :, 0]
        model = (step * bent).sum(1)
        with np.errstate(divide="ignore", invalid="ignore"):
            damping = np.where(along < 0.1 * model, 0.9 * model / (model - along), 1.0)[:, None]
        change = damping * change + (1.0 - damping) * bent
        along = (step * change).sum(1)
        usable = (model > 0) & (along > 0)
        outer = (a[usable][:, :, None] * a[usable][:, None, :] for a in (change, bent))
        new, old = (each / b[usable][:, None, None] for each, b in zip(outer, (along, model), strict=True))
        self.curvature[i[usable]] += new - old

    def _propose(self, i: Array) -> Array:
        """Set out the next step of the searches ``i``; return which of them are not at a stationary point."""
        x, g = self.x[i], self.gradient[i]
        free = ~((x <= self.lower[i]) & (g >= 0) | (x >= self.upper[i]) & (g <= 0))
        g = np.where(free, g, 0.0)
        both = free[:, :, None] & free[:, None, :]
        system = np.where(both, self.curvature[i], 0.0)
        # regular to rounding, and one where a parameter is not free
        largest = system.diagonal(axis1=1, axis2=2).max(1)[:, None, None]
        system += np.eye(x.shape[1]) * np.where(free[:, :, None], 1e-12 * largest, 1.0)
        move = np.where(
            self.plain[i, None],
            g / np.maximum(np.sqrt((g * g).sum(1)), 1e-300)[:, None],
            np.linalg.solve(system, g[:, :, None])[:, :, 0],
        )
        largest = np.maximum(np.abs(move).max(1), 1e-300)
        self.move[i] = -move * np.minimum(1.0, _LONGEST / largest)[:, None]
        self.share[i], self.trials[i] = 1.0, 0
        return np.abs(g).max(1) > _GRADIENT

    def _shorten(self, i: Array, value: Array, slope: Array, at_end: Array) -> Array:
        """Shorten steps that did not pay, or forget the curvature that proposed them; return which searches go on."""
        with np.errstate(divide="ignore", invalid="ignore"):
            theta = 3.0 * (self.value[i] - value) + slope + at_end
            root = np.sqrt(theta**2 - slope * at_end)
            share = (root - slope + theta) / (2.0 * root - slope + at_end)
        self.share[i] *= np.clip(np.where(np.isfinite(share), share, 0.3), 0.1, 0.6)
        self.trials[i] += 1
        spent = self.trials[i] >= _MOST_TRIALS
        again = spent & ~self.plain[i]
        if again.any():
            self.plain[i[again]] = True
            self._propose(i[again])
        return ~spent | again
