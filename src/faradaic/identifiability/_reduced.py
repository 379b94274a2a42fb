"""Smaller models: which parameters could be held, and what the rows say of that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from faradaic._core import FitError

from ._problem import Problem, Reduced
from ._sensitivity import scale_of, spectrum
from ._solve import Solution, search

Array = np.ndarray


@dataclass(frozen=True)
class ReducedModel:
    """The model with some parameters held.

    Attributes
    ----------
    held : dict of str to float
        Which, and at what value; empty for the model itself.
    count : int
        Combinations of the others that the rows feel.
    squares : float
        Weighted sum of squared residuals.
    aicc : float
        Akaike's criterion, corrected for few rows; the smallest is best. Infinite where there are too few rows for it.
    p_value : float
        Of the likelihood ratio (F where the noise is estimated) against the model itself: small, and the held
        parameters are missed. NaN where the held ones were not felt.
    """

    held: dict[str, float]
    count: int
    squares: float
    aicc: float
    p_value: float


def reduced_models(problem: Problem, at: Solution, rank: int) -> tuple[ReducedModel, ...]:
    """Return the model itself and those with one parameter held, best first by Akaike's criterion.

    Held at zero where the model has a value there, else at its start.

    References
    ----------
    Burnham & Anderson, *Model Selection and Multimodel Inference*, 2002, section 2.4, 10.1007/b97636.
    """
    found = [ReducedModel({}, rank, at.squares, aicc(problem, at.squares, rank), float("nan"))]
    for place, parameter in enumerate(problem.parameters):
        others = tuple(p for j, p in enumerate(problem.parameters) if j != place)
        if not others:
            continue
        begin = np.delete(at.theta, place)
        for value in dict.fromkeys([0.0, parameter.start]):
            if not parameter.lower <= value <= parameter.upper or (parameter.log and value == 0.0):
                continue
            held = Reduced(others, problem.known_noise, problem, {parameter.name: value})
            try:
                best = search(held, [begin])[0][0]
            except (FitError, IndexError):
                continue
            if not np.isfinite(best.squares):
                continue
            size = scale_of(best.theta, held.start, held.log, best.jacobian, held.rounding)
            left = spectrum(best.jacobian, np.zeros((0, len(size))), size, held.rounding).rank
            found.append(
                ReducedModel(
                    {parameter.name: value},
                    left,
                    best.squares,
                    aicc(problem, best.squares, left),
                    _p_value(problem, at.squares, best.squares, rank, left),
                )
            )
            break
    return tuple(sorted(found, key=lambda one: (one.aicc, one.count, len(one.held) == 0)))


def aicc(problem: Problem, squares: float, count: int) -> float:
    """Return Akaike's corrected criterion."""
    n = problem.rows
    k = count + (0 if problem.known_noise else 1)
    if n - k - 1 <= 0:
        return float("inf")
    with np.errstate(divide="ignore"):
        fit = squares if problem.known_noise else float(n * np.log(squares / n))
    return fit + 2.0 * k + 2.0 * k * (k + 1) / (n - k - 1)


def _p_value(problem: Problem, full: float, held: float, rank: int, left: int) -> float:
    fewer, freedom = rank - left, problem.rows - rank
    if fewer < 1:
        return float("nan")
    rise = max(held - full, 0.0)
    if problem.known_noise:
        return float(stats.chi2.sf(rise, fewer))
    if freedom < 1 or not full > 0:
        return float("nan")
    return float(stats.f.sf(rise / fewer / (full / freedom), fewer, freedom))
