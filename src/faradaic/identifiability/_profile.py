"""Profiles: how far one parameter may move while the others make the best of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import brentq

from faradaic._core import FitError

from ._problem import Problem, Reduced
from ._solve import Solution, solve

Array = np.ndarray
MOST_DOUBLINGS = 40
LOWER = 1e-6  # share of the least sum of squares by which another minimum is lower than the estimate
CLOSE = 1e-4  # of the rise at which an end is looked for
BETWEEN = (0.25, 0.5, 0.75)  # of the way to an end: the profile is known there as well, for its picture
FAR = 1e9  # times the first step: an end beyond that is none


@dataclass(frozen=True, eq=False)
class Profile:
    """The profile of one parameter.

    Attributes
    ----------
    name : str
    values : array of shape (q,)
        In increasing order.
    rise : array of shape (q,)
        Root of the rise of the sum of squares above its least, in standard deviations of the noise, and negative below
        the estimate: a straight line for a linear model.
    quantile : float
        The rise at which the interval ends.
    low, high : float
        Ends of the interval; infinite, or a bound, where it is open.
    shape : {"closed", "open below", "open above", "flat"}
        Whether the rise reaches the quantile on both sides.
    failed : str
        Why an end is not known (it is NaN then): the refits fail before the rise reaches the quantile.
    better : array of shape (k,) or None
        Parameters of a lower minimum than the estimate, if the profile ran into one.
    """

    name: str
    values: Array
    rise: Array
    quantile: float
    low: float
    high: float
    shape: Literal["closed", "open below", "open above", "flat"]
    failed: str = ""
    better: Array | None = None


class _Along:
    """The others, fitted again for each value of one parameter; each search begins where the last one ended."""

    def __init__(self, problem: Problem, at: Solution, place: int, sigma: float) -> None:
        self.problem, self.place, self.sigma = problem, place, sigma
        self.least = at.squares
        self.name = problem.names[place]
        self.better: Array | None = None
        self.others = tuple(p for j, p in enumerate(problem.parameters) if j != place)
        self.known: dict[float, tuple[float, Array]] = {at.theta[place]: (0.0, np.delete(at.theta, place))}

    def rise(self, value: float) -> float:
        """Return the root of the rise at a value.

        Raises
        ------
        FitError
            The others have no fit there: how far the misfit rises is not known.
        """
        if value not in self.known:
            nearest = min(self.known, key=lambda other: abs(other - value))
            held = Reduced(self.others, self.problem.known_noise, self.problem, {self.name: value})
            found = solve(held, self.known[nearest][1], near=True)
            if not found.converged:
                raise FitError("the search for the other parameters did not converge.")
            if found.squares < self.least * (1.0 - LOWER) - LOWER**2 * self.sigma**2:
                self.better = np.insert(found.theta, self.place, value)
            more = np.sqrt(max(found.squares - self.least, 0.0)) / self.sigma
            self.known[value] = (float(more), found.theta)
        return self.known[value][0]


def profile(problem: Problem, at: Solution, place: int, std: float, sigma: float, quantile: float) -> Profile:
    """Return the profile of the parameter in one place.

    Parameters
    ----------
    problem : Problem
    at : Solution
        The estimate.
    place : int
    std : float
        Its standard deviation by the sensitivities: the first step.
    sigma : float
        Standard deviation of a residual.
    quantile : float
        Rise at which the interval ends, of the normal distribution or of Student's t.

    References
    ----------
    Bates & Watts, *Nonlinear Regression Analysis and Its Applications*, 1988, section 6.1.2, 10.1002/9780470316757.
    Raue et al. 2009, Bioinformatics 25, 1923, 10.1093/bioinformatics/btp358.
    """
    along, middle = _Along(problem, at, place, sigma), float(at.theta[place])
    lower, upper = (float(ends[place]) for ends in problem.bounds)
    logarithmic = bool(problem.log[place]) and middle > 0
    low, below, why = _end(along, middle, -1.0, std, quantile, lower, logarithmic)
    high, above, other = _end(along, middle, 1.0, std, quantile, upper, logarithmic)
    for share in BETWEEN:
        for end in (low, high):
            if np.isfinite(end) and end != middle:
                with suppress(FitError):  # a point of the picture; the ends are known
                    along.rise(middle + share * (end - middle))
    values = np.array(sorted(v for v in along.known if np.isfinite(along.known[v][0])))
    rise = np.array([np.sign(v - middle) * along.known[v][0] for v in values])
    shape = ("closed" if below else "open below") if above else ("open above" if below else "flat")
    return Profile(along.name, values, rise, quantile, low, high, shape, why or other, along.better)


def _end(
    along: _Along, middle: float, side: float, std: float, quantile: float, bound: float, logarithmic: bool
) -> tuple[float, bool, str]:
    """Return where the rise reaches the quantile on one side, whether it does, and why that is not known (then NaN)."""

    def at(t: float) -> float:
        value = middle * np.exp(side * t) if logarithmic else middle + side * t
        return min(value, bound) if side > 0 else max(value, bound)

    first = quantile * std / middle if logarithmic else quantile * std
    first = min(first, 2.0) if logarithmic else first
    before, t, beyond, why = 0.0, first, float("inf"), ""
    for _ in range(MOST_DOUBLINGS):
        value = at(t)
        try:
            if along.rise(value) >= quantile:
                found = brentq(lambda s: along.rise(at(s)) - quantile, before, t, xtol=CLOSE * t, rtol=CLOSE)
                return at(float(found)), True, ""
        except FitError as error:  # the rise may still reach the quantile before the fits fail
            beyond, why = t, str(error)
        else:
            if value == bound or t > FAR * first or (logarithmic and t > 600):
                break
            before = t
        t = 0.5 * (before + beyond) if np.isfinite(beyond) else 2.0 * t
        if np.isfinite(beyond) and beyond - before <= CLOSE * beyond:
            break
    if why:
        return float("nan"), False, why
    return (bound if np.isfinite(bound) else side * float("inf")), False, ""
