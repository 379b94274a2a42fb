"""Levenberg–Marquardt for many least-squares problems of one shape at once, without bounds.

The damped step solves (JᵀJ + μI) δ = −Jᵀr, or, with more parameters than rows, δ = −Jᵀ (JJᵀ + μI)⁻¹ r, which is the
same vector. Damping follows Nielsen 1999 (IMM-REP-1999-05); Marquardt 1963, 10.1137/0111030. What becomes of one member
of a batch does not depend on the others. `begin` and `advance` are written for the array library of their inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
from scipy.linalg.lapack import dposv

Array = np.ndarray

RUNNING, VANISHED, COST, STUCK = range(4)
_REASONS = {
    VANISHED: "the residuals vanish",
    COST: "the cost no longer falls",
    STUCK: "no step lowers the cost",
}
_FALLS = 1e-9  # relative decrease of the cost; three accepted steps in a row that bring less end the search
_IDLE = 3
_FUTILE = 1e-16  # relative decrease that a step promises; less is lost in rounding, and a shorter step promises less
_MOST_DAMPING = 1e20


class Point(NamedTuple):
    """Where b problems stand: half the sum of squares (b,), its gradient (b, p), the smaller Gram matrix (b, m, m).

    ``back`` holds what takes a solution in the rows back to the parameters, the residuals first; empty where m = p.
    """

    cost: Array
    gradient: Array
    gram: Array
    back: tuple[Array, ...] = ()


class Problem(Protocol):
    """How residuals answer to parameters, alike for all members of a batch; ``rows`` is what they differ in."""

    def linearised(self, rows: Any, theta: Array) -> Point:
        """Return where the members stand at ``theta`` (b, p)."""
        ...

    def transposed(self, back: tuple[Array, ...], v: Array) -> Array:
        """Return Jᵀ v of each member, (b, p), for v (b, n)."""
        ...

    def settled(self, rows: Any, theta: Array) -> Array:
        """Return parameters of the same residuals, (b, p), from which the search goes on."""
        ...


class State(NamedTuple):
    """A batch between two steps; all arrays begin with the axis of its members."""

    theta: Array
    point: Point
    damping: Array
    growth: Array
    idle: Array
    steps: Array
    stop: Array


@dataclass(frozen=True, eq=False)
class Minima:
    """Where the searches ended.

    Attributes
    ----------
    theta : array of shape (b, p)
        Parameters.
    cost : array of shape (b,)
        Half the sum of squares.
    steps : int array of shape (b,)
        Steps tried.
    stop : int array of shape (b,)
        Why they stopped; zero: for want of steps.
    """

    theta: Array
    cost: Array
    steps: Array
    stop: Array

    @classmethod
    def joined(cls, parts: Sequence[Minima]) -> Minima:
        """Return several batches as one."""
        names = ("theta", "cost", "steps", "stop")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    @property
    def converged(self) -> Array:
        """Which searches ended for a reason other than the want of steps, shape (b,)."""
        return self.stop != RUNNING

    def part(self, members: Array) -> Minima:
        """Return some of the searches."""
        return Minima(self.theta[members], self.cost[members], self.steps[members], self.stop[members])

    def reason(self, k: int) -> str:
        """Return in words why search number ``k`` stopped."""
        return _REASONS.get(int(self.stop[k]), f"stopped after {self.steps[k]} iterations")


def levenberg_marquardt(problem: Problem, rows: Any, start: Array, floor: Array, *, iterations: int) -> Minima:
    """Minimise half the sum of squared residuals of b problems.

    A search ends when the residuals vanish, when no step lowers the cost (of those tried the last promised less than
    rounding), or when three accepted steps in a row each lower it by less than 1e-9 of it; it then leaves the batch.

    Parameters
    ----------
    problem : Problem
        Residuals and linearisation.
    rows : tuple of arrays
        What is the members' own, each array with b as its first axis.
    start : array of shape (b, p)
        First guesses.
    floor : array of shape (b,)
        A cost that counts as none (interpolation reached).
    iterations : int
        Most steps tried.
    """
    b = len(start)
    found = Minima(np.array(start), np.full(b, np.nan), np.zeros(b, dtype=int), np.zeros(b, dtype=int))
    live = np.arange(b)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # a step too far is no step
        state = begin(problem, rows, start, floor)
        for step in range(iterations + 1):
            done = (state.stop != RUNNING) | (step == iterations)
            if done.any():
                place = live[done]
                found.theta[place], found.cost[place] = state.theta[done], state.point.cost[done]
                found.steps[place], found.stop[place] = state.steps[done], state.stop[done]
                live, rows, state, floor = live[~done], _taken(rows, ~done), _taken(state, ~done), floor[~done]
            if not len(live):
                break
            state = advance(problem, rows, state, floor)
    return found


def begin(problem: Problem, rows: Any, start: Array, floor: Array) -> State:
    """Return the state of a batch before its first step."""
    theta = problem.settled(rows, start)
    point = problem.linearised(rows, theta)
    xp = theta.__array_namespace__()
    damping = 1e-3 * xp.maximum(xp.linalg.diagonal(point.gram).max(axis=-1), 1e-12)
    none = xp.zeros(len(theta), dtype=int)
    return State(theta, point, damping, xp.full(len(theta), 2.0), none, none, _vanished(point, floor))


def advance(problem: Problem, rows: Any, state: State, floor: Array) -> State:
    """Try one step of every member that is still running."""
    theta, point, damping = state.theta, state.point, state.damping
    xp = theta.__array_namespace__()
    step = _step(problem, point, damping)
    trial = problem.settled(rows, theta + step)
    there = problem.linearised(rows, trial)
    falls = point.cost - there.cost
    running = state.stop == RUNNING
    better = running & (falls > 0)
    expected = 0.5 * _inner(step, damping[:, None] * step - point.gradient)
    excess = 2.0 * xp.minimum(xp.where(expected > 0, falls / expected, 1.0), 1.0) - 1.0
    shrink = xp.maximum(1.0 - excess * excess * excess, 1.0 / 3.0)
    idle = xp.where(better, xp.where(falls <= _FALLS * point.cost, state.idle + 1, 0), state.idle)
    # less than nothing is promised only by a step that rounding spoiled, which more damping mends
    stuck = ~better & ((abs(expected) <= _FUTILE * point.cost) | (damping > _MOST_DAMPING))
    point = _chosen(better, there, point)
    vanished = _vanished(point, floor)
    stop = xp.where(vanished != RUNNING, vanished, xp.where(stuck, STUCK, xp.where(idle >= _IDLE, COST, RUNNING)))
    return State(
        _chosen(better, trial, theta),
        point,
        damping * xp.where(better, shrink, state.growth),
        xp.where(better, 2.0, 2.0 * state.growth),
        idle,
        state.steps + running,
        xp.where(running, stop, state.stop),
    )


def _step(problem: Problem, point: Point, damping: Array) -> Array:
    """Return the damped step of each member; not finite where the system is not positive definite."""
    if point.back:
        return -problem.transposed(point.back, _solved(point.gram, damping, point.back[0]))
    return -_solved(point.gram, damping, point.gradient)


def _solved(gram: Array, damping: Array, right: Array) -> Array:
    """Return (gram + damping I)⁻¹ right of each member, (b, m)."""
    if not isinstance(gram, np.ndarray):
        xp = gram.__array_namespace__()
        damped = gram + damping[:, None, None] * xp.eye(gram.shape[-1])
        return xp.linalg.solve(damped, right[:, :, None])[:, :, 0]
    # in a loop: NumPy has no batched solution by Cholesky, and at 2 µs a call this is as fast as its LU for any size
    out, damped = np.empty_like(right), np.empty_like(gram[0])
    for k, matrix in enumerate(gram):
        damped[...] = matrix
        damped.ravel()[:: len(damped) + 1] += damping[k]
        _, out[k], failed = dposv(damped.T, right[k], lower=1, overwrite_a=1)
        if failed:
            out[k] = np.nan
    return out


def _vanished(point: Point, floor: Array) -> Array:
    return point.cost.__array_namespace__().where(point.cost <= floor, VANISHED, RUNNING)


def _inner(a: Array, b: Array) -> Array:
    return (a[:, None, :] @ b[:, :, None])[:, 0, 0]


def _chosen(better: Array, new: Any, old: Any) -> Any:
    """Return each array of ``new`` where ``better`` (b,), else of ``old``; ``new`` is used up."""
    if isinstance(better, np.ndarray):  # most steps are better: few members are copied
        worse = np.flatnonzero(~better)
        return _each(partial(_put, worse), new, old) if len(worse) else new
    xp = better.__array_namespace__()
    return _each(lambda n, o: xp.where(better.reshape(-1, *(1,) * (n.ndim - 1)), n, o), new, old)


def _put(places: Array, into: Array, given: Array) -> Array:
    into[places] = given[places]
    return into


def _taken(arrays: Any, keep: Array) -> Any:
    """Return the members of ``keep`` (b,) of each array."""
    return _each(lambda array: array[keep], arrays)


def _each(function: Callable[..., Array], *trees: Any) -> Any:
    """Return what a function of arrays gives for each array of tuples of tuples that are alike."""
    first = trees[0]
    if not isinstance(first, tuple):
        return function(*trees)
    parts = [_each(function, *alike) for alike in zip(*trees, strict=True)]
    return type(first)(*parts) if hasattr(first, "_fields") else tuple(parts)
