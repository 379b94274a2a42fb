"""The parameters that rows and information determine: least squares under equations, from several starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.linalg import null_space
from scipy.optimize import least_squares

from faradaic._core import FitError

from ._problem import Problem

Array = np.ndarray
TOLERANCE = 1e-13
MOST_EVALUATIONS = 400
POLISHING = 30
NEAR_STEPS, GAINED = 20, 1e-13  # full steps, and the share of the cost below which a further one gains nothing
ROUNDING = 1e-9  # of a sum of squares: less tells no two answers apart
SAME = 1e-6  # of the size of what is predicted: two answers that close are one
_SMALLEST, _LARGEST = 1e-300, 1e300


@dataclass(frozen=True, eq=False)
class Equations:
    """What the parameters satisfy exactly, h(θ) = 0, with derivatives; nothing, by default."""

    functions: tuple[tuple[Callable[..., Any], tuple[int, ...]], ...] = ()

    def both(self, theta: Array) -> tuple[Array, Array]:
        """Return h (q,) and its derivatives (q, k)."""
        h, H = np.zeros(len(self.functions)), np.zeros((len(self.functions), len(theta)))
        for i, (function, places) in enumerate(self.functions):
            h[i], H[i, places] = value_and_gradient(function, theta[list(places)])
        return h, H


def value_and_gradient(function: Callable[..., Any], values: Array) -> tuple[float, Array]:
    """Return a scalar function of a few numbers and its derivatives by them."""
    import jax

    with jax.enable_x64(True):
        value, gradient = jax.value_and_grad(lambda v: function(*v))(np.asarray(values, dtype=np.float64))
        return float(value), np.array(gradient)


@dataclass(frozen=True, eq=False)
class Solution:
    """Where a search ended.

    Attributes
    ----------
    theta : array of shape (k,)
    residuals : array of shape (m,)
    jacobian : array of shape (m, k)
    converged : bool
    agreeing : int
        How many of the searches ended here.
    """

    theta: Array
    residuals: Array
    jacobian: Array
    converged: bool = True
    agreeing: int = 1

    @property
    def squares(self) -> float:
        """Sum of the squared residuals."""
        return float(self.residuals @ self.residuals)


class _Coordinates:
    """u = ln θ for parameters that are searched in their logarithm, θ itself for the others."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.log = problem, problem.log
        lower, upper = problem.bounds
        safe = np.where(self.log, np.clip(lower, _SMALLEST, None), 1.0)
        self.lower = np.where(self.log, np.log(safe), lower)
        self.upper = np.where(self.log, np.log(np.where(self.log, np.minimum(upper, _LARGEST), 1.0)), upper)

    def inward(self, theta: Array) -> Array:
        u = np.where(self.log, np.log(np.where(self.log, np.maximum(theta, _SMALLEST), 1.0)), theta)
        return np.clip(u, self.lower, self.upper)

    def outward(self, u: Array) -> Array:
        return np.where(self.log, np.exp(np.where(self.log, u, 0.0)), u)

    def both(self, u: Array) -> tuple[Array, Array]:
        theta = self.outward(u)
        r, J = self.problem.both(theta)
        return r, J * np.where(self.log, theta, 1.0)


def solve(problem: Problem, start: Array, equations: Equations | None = None, *, near: bool = False) -> Solution:
    """Minimise |r(θ)|² within the bounds from one start, under equations if there are any.

    From a start ``near`` the answer, full steps of Gauss and Newton are tried before the search with a trust region.

    Raises
    ------
    FitError
        The residuals are not finite at the start, or the search did not converge.
    """
    at = _Coordinates(problem)
    u = at.inward(start)
    r, J = at.both(u)
    if not (np.isfinite(r).all() and np.isfinite(J).all()):
        raise FitError("the model is not finite where the search starts; give another start.")
    if equations is not None and equations.functions:
        return _under(at, equations, u)
    if not len(u):
        return Solution(start, r, J)
    if near and (short := _stepped(at, u, r, J)) is not None:
        return short
    unit = float(np.sqrt(r @ r)) or 1.0  # costs of 1e-40 would end the search by its absolute tolerances

    def in_units(v: Array) -> tuple[Array, Array]:
        s, K = at.both(v)
        return s / unit, K / unit

    # a gain below the rounding of the derivatives is chance, and a simulator is slow
    last, end = _Last(in_units), max(TOLERANCE, problem.rounding**2)
    with np.errstate(all="ignore"):
        found = least_squares(
            lambda v: _finite(last(v)[0]), u, jac=lambda v: last(v)[1], bounds=(at.lower, at.upper), x_scale="jac",
            ftol=end, xtol=end, gtol=end, max_nfev=MOST_EVALUATIONS,
        )  # fmt: skip
    return _polished(at, _undrifted(at, u, found.x), found.status > 0)


def _stepped(at: _Coordinates, u: Array, r: Array, J: Array) -> Solution | None:
    """Follow full steps of Gauss and Newton until they gain nothing; None where one does not lower the cost."""
    for _ in range(NEAR_STEPS):
        length = np.linalg.norm(J, axis=0)
        length[length == 0] = 1.0
        left, singular, right = np.linalg.svd(J / length, full_matrices=False)
        kept = singular > at.problem.rounding * singular[0]
        along = left[:, kept].T @ r
        if along @ along <= GAINED * (r @ r):
            theta = at.outward(u)
            return Solution(theta, *at.problem.both(theta))
        u = u - right[kept].T @ (along / singular[kept]) / length
        if not ((at.lower <= u) & (u <= at.upper)).all():
            return None
        before = r @ r
        r, J = at.both(u)
        with np.errstate(over="ignore"):
            lower = np.isfinite(r).all() and np.isfinite(J).all() and r @ r < before
        if not lower:
            return None
    return None


def _finite(r: Array) -> Array:
    return np.where(np.isfinite(r), r, 1e150)  # a trial step only: the search shortens it


class _Last:
    """Residuals and Jacobian of a point come together; the last are remembered."""

    def __init__(self, function: Callable[[Array], tuple[Array, Array]]) -> None:
        self.function, self.at = function, None

    def __call__(self, u: Array) -> tuple[Array, Array]:
        if self.at is None or not np.array_equal(u, self.at):
            self.result, self.at = self.function(u), u.copy()
        return self.result


def _undrifted(at: _Coordinates, begin: Array, end: Array) -> Array:
    """Take back what rounding moved along directions that no row feels: every machine rounds otherwise."""
    r, J = at.both(end)
    if not (np.isfinite(r).all() and np.isfinite(J).all()):
        return end
    length = np.linalg.norm(J, axis=0)
    length[length == 0] = 1.0
    singular, right = np.linalg.svd(J / length, full_matrices=True)[1:]
    felt = int((singular > at.problem.rounding * singular.max(initial=0.0)).sum())
    free = right[felt:]
    if not len(free):
        return end
    back = np.clip(end - free.T @ (free @ ((end - begin) * length)) / length, at.lower, at.upper)
    with np.errstate(all="ignore"):
        s = at.both(back)[0]
        return back if s @ s <= r @ r * (1.0 + ROUNDING) else end


def _polished(at: _Coordinates, u: Array, converged: bool) -> Solution:
    """Follow full, shortest steps of Gauss and Newton as long as they lower the cost."""
    r, J = at.both(u)
    for _ in range(POLISHING):
        length = np.linalg.norm(J, axis=0)
        length[length == 0] = 1.0
        step = -np.linalg.lstsq(J / length, r, rcond=at.problem.rounding)[0] / length
        trial = np.clip(u + step, at.lower, at.upper)
        s, K = at.both(trial)
        with np.errstate(over="ignore"):
            less = s @ s < r @ r * (1.0 - at.problem.rounding**2)
            lower = less and np.isfinite(s).all() and np.isfinite(K).all()
        if not lower:
            break
        u, r, J = trial, s, K
    theta = at.outward(u)
    return Solution(theta, *at.problem.both(theta), converged=converged)


def _under(at: _Coordinates, equations: Equations, u: Array) -> Solution:
    """Search under equations: each step meets them to first order, and lowers the residuals along what they leave."""
    damping = 1e-3

    def both(v: Array) -> tuple[Array, Array, Array, Array]:
        theta = at.outward(v)
        h, H = equations.both(theta)
        return *at.both(v), h, H * np.where(at.log, theta, 1.0)

    r, J, h, H = both(u)
    size, penalty = float(np.sqrt(r @ r)) or 1.0, 10.0
    for _ in range(MOST_EVALUATIONS):
        back = -np.linalg.lstsq(H, h, rcond=None)[0]
        Z = null_space(H)
        A = J @ Z
        heavy = np.sqrt(damping) * np.maximum(np.linalg.norm(A, axis=0), 1e-300)
        along = np.linalg.lstsq(
            np.vstack([A, np.diag(heavy)]), np.concatenate([-(r + J @ back), np.zeros(len(heavy))]), rcond=None
        )[0]
        step = back + Z @ along
        trial = np.clip(u + step, at.lower, at.upper)
        with np.errstate(all="ignore"):
            s, K, g, G = both(trial)
        merit = r @ r + penalty * size**2 * (h @ h)
        better = np.isfinite(s).all() and s @ s + penalty * size**2 * (g @ g) < merit
        if better:
            u, r, J, h, H = trial, s, K, g, G
            damping = max(damping / 5.0, 1e-16)
        else:
            damping *= 4.0
        if np.abs(step).max() <= 1e-14 * (1.0 + np.abs(u).max()) or damping > 1e16:
            break
    theta = at.outward(u)
    met = np.abs(h).max(initial=0.0) <= 1e-8 * (1.0 + np.abs(theta).max())
    if not met:
        raise FitError("no parameters satisfy the equalities that are known; check them for contradictions.")
    return Solution(theta, *at.problem.both(theta))


def starts(problem: Problem, restarts: int, random: np.random.Generator) -> list[Array]:
    """Return the start of the model and random ones about it: decades about a logarithmic parameter."""
    start, (lower, upper) = problem.start, problem.bounds
    made = [start]
    for _ in range(restarts - 1):
        near = start + random.standard_normal(len(start)) * np.where(start == 0, 1.0, np.abs(start))
        decades = np.abs(start) * 10 ** random.uniform(-2, 2, len(start))
        made.append(np.clip(np.where(problem.log, decades, near), lower, upper))
    return made


def search(
    problem: Problem, begin: Sequence[Array], equations: Equations | None = None
) -> tuple[list[Solution], list[str]]:
    """Return the distinct optima from these starts, best first, and why the other searches failed."""
    found: list[Solution] = []
    reasons: list[str] = []
    for start in begin:
        try:
            one = solve(problem, start, equations)
        except FitError as error:
            reasons.append(str(error))
            continue
        for place, other in enumerate(found):
            if _same(one, other):
                # as good but for rounding: the earlier, since rounding differs between machines
                best = one if one.squares < (1 - ROUNDING) * other.squares else other
                either = one.converged or other.converged
                found[place] = replace(best, converged=either, agreeing=other.agreeing + 1)
                break
        else:
            found.append(one)
    return sorted(found, key=lambda each: each.squares), reasons


def _same(one: Solution, other: Solution) -> bool:
    """Whether two answers say the same of all rows: where parameters are left free, these differ all the same."""
    size = np.linalg.norm(one.residuals) + np.linalg.norm(other.residuals)
    spread = max(np.linalg.norm(one.jacobian * one.theta), np.linalg.norm(other.jacobian * other.theta), size)
    return bool(np.linalg.norm(one.residuals - other.residuals) <= SAME * spread)
