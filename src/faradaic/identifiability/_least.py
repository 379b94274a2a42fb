"""Of all answers that the rows allow, the one with the least value of a criterion."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.linalg import null_space
from scipy.optimize import minimize

from faradaic._core import FitError

from ._problem import Problem
from ._sensitivity import scale_of
from ._solve import Equations, Solution

Array = np.ndarray
Criterion = Callable[[Array], tuple[float, Array]]  # its value and its derivatives by all parameters
MOST_STEPS = 60


def least(problem: Problem, at: Solution, rank: int, criterion: Criterion, equations: Equations) -> Solution:
    """Minimise a criterion over the parameters that leave the residuals, as far as the rows feel them, what they are.

    Sequential quadratic programming finds the place, Newton's method in the directions that are left makes it exact.

    Raises
    ------
    FitError
        The criterion has no least value there.
    """
    unit = scale_of(at.theta, problem.start, problem.log, at.jacobian, problem.rounding)
    left = np.linalg.svd(at.jacobian * unit, full_matrices=False)[0][:, :rank]

    def constraint(theta: Array) -> tuple[Array, Array]:
        r, J = problem.both(theta)
        h, H = equations.both(theta)
        return np.concatenate([left.T @ (r - at.residuals), h]), np.vstack([left.T @ J, H])

    lower, upper = problem.bounds
    ends = [
        tuple(None if not np.isfinite(e) else e for e in pair) for pair in zip(lower / unit, upper / unit, strict=True)
    ]
    with np.errstate(all="ignore"):
        found = minimize(
            lambda v: criterion(v * unit)[0], at.theta / unit, jac=lambda v: criterion(v * unit)[1] * unit, bounds=ends,
            method="SLSQP", options={"maxiter": 500, "ftol": 1e-14},
            constraints={
                "type": "eq",
                "fun": lambda v: constraint(v * unit)[0],
                "jac": lambda v: constraint(v * unit)[1] * unit,
            },
        )  # fmt: skip
    theta = _exact(np.asarray(found.x) * unit, unit, constraint, criterion, (lower, upper))
    r, J = problem.both(theta)
    missed = np.linalg.norm(constraint(theta)[0])
    if not (np.isfinite(theta).all() and missed <= 1e-7 * (1.0 + np.linalg.norm(J * unit))):
        raise FitError("the criterion has no least value among the answers that the rows allow; give it a bound.")
    return Solution(theta, r, J)


def _exact(
    theta: Array,
    unit: Array,
    constraint: Callable[[Array], tuple[Array, Array]],
    criterion: Criterion,
    bounds: tuple[Array, Array],
) -> Array:
    """Return the place at which the criterion is stationary along all directions that the constraints leave."""
    best = theta
    held = (theta - bounds[0] <= 1e-9 * unit) | (bounds[1] - theta <= 1e-9 * unit)  # at their ends they stay
    theta = np.where(held, np.clip(np.where(held, theta, 0.0), *bounds), theta)
    fixed = np.eye(len(theta))[held]

    def everything(v: Array) -> tuple[Array, Array]:
        g, G = constraint(v)
        return np.concatenate([g, np.zeros(len(fixed))]), np.vstack([G, fixed])

    for _ in range(MOST_STEPS):
        g, G = everything(theta)
        theta = theta - unit * np.linalg.lstsq(G * unit, g, rcond=1e-12)[0]
        G = everything(theta)[1] * unit
        Z, gradient = null_space(G, rcond=1e-9), criterion(theta)[1] * unit
        multipliers = np.linalg.lstsq(G.T, -gradient, rcond=1e-12)[0]

        def lagrangian(v: Array, multipliers: Array = multipliers) -> Array:
            return (criterion(v)[1] + multipliers @ everything(v)[1]) * unit

        slope, reach = Z.T @ gradient, 1e-5 * unit
        bends = [lagrangian(theta + reach * z) - lagrangian(theta - reach * z) for z in Z.T]
        curvature = Z.T @ np.column_stack(bends) / 2e-5 if bends else np.zeros((0, 0))
        if not np.isfinite(curvature).all():
            return best
        move = -np.linalg.lstsq(curvature, slope, rcond=1e-12)[0] if Z.size else np.zeros(0)
        if np.linalg.norm(move) > 0.5:  # Newton's method is for the last digits only
            return best
        theta = np.clip(theta + unit * (Z @ move), *bounds)
        best = theta
        if np.linalg.norm(move) <= 1e-15 and np.linalg.norm(g) <= 1e-15:
            break
    g, G = everything(best)
    return best - unit * np.linalg.lstsq(G * unit, g, rcond=1e-12)[0]
