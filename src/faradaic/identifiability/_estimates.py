"""The numbers of an answer: estimates of parameters and combinations, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from faradaic._core import number

from ._combinations import Combination
from ._information import Information, Known
from ._problem import Problem
from ._profile import Profile
from ._result import Estimate
from ._sensitivity import Spectrum
from ._solve import Solution

Array = np.ndarray


def quantile_of(level: float, freedom: float) -> float:
    """Return the two-sided quantile of Student's t, of the normal distribution for infinite freedom.

    Examples
    --------
    >>> round(quantile_of(0.95, float("inf")), 3), round(quantile_of(0.95, 1.0), 2)
    (1.96, 12.71)
    """
    at = 0.5 * (1.0 + level)
    return float(stats.t.ppf(at, freedom) if np.isfinite(freedom) else stats.norm.ppf(at))


@dataclass(frozen=True, eq=False)
class Estimates:
    """What estimates are made of.

    Attributes
    ----------
    problem : Problem
    at : Solution
    found : Spectrum
    sigma, freedom : float
        Standard deviation of a residual, and its degrees of freedom; NaN where nothing tells them.
    profiles : tuple of Profile
    level, tolerance : float
    """

    problem: Problem
    at: Solution
    found: Spectrum
    sigma: float
    freedom: float
    profiles: tuple[Profile, ...]
    level: float
    tolerance: float

    def parameters(self, groups: list[list[int]]) -> list[Estimate]:
        """Return one for each parameter that is asked for; those of the ``groups`` are left free together."""
        made = []
        unfelt, together = {g[0] for g in groups if len(g) == 1}, {j for g in groups for j in g}
        std = self.sigma * np.linalg.norm(self.found.root, axis=1)
        profiled = {one.name: one for one in self.profiles}
        for j, parameter in enumerate(self.problem.parameters):
            name, unit = parameter.name, parameter.unit or ""
            if j in together:
                made.append(Estimate(name, "not felt" if j in unfelt else "together", unit=unit))
                continue
            value, spread = float(self.at.theta[j]), float(std[j])
            one = profiled.get(name)
            low, high = (one.low, one.high) if one else self._ends(value, spread, bool(self.problem.log[j]))
            vague = np.isfinite(spread) and spread > self.tolerance * self.found.scale[j]
            made.append(Estimate(name, "vague" if vague else "identified", value, spread, low, high, unit))
        return made

    def combination(self, one: Combination) -> Estimate:
        """Return the estimate of a combination; one that is no formula has none."""
        names = list(self.problem.names)
        places = [names.index(name) for name in one.names]
        if not one.formula:
            parts = [
                f"{number(float(c))} {n}" if c != 1 else n
                for c, n in zip(one.coefficients, one.names, strict=True)
                if c
            ]
            return Estimate(f"{' + '.join(parts).replace('+ -', '- ')} near the answer", "together")
        theta = self.at.theta[places]
        value, gradient = one.value(theta), one.gradient(theta)
        std = self.sigma * float(np.linalg.norm(gradient @ self.found.root[places]))
        low, high = self._ends(value, std, one.is_product)
        return Estimate(one.formula, "identified", value, std, low, high)

    def _ends(self, value: float, std: float, log: bool) -> tuple[float, float]:
        if not (np.isfinite(std) and self.freedom > 0):
            return float("nan"), float("nan")
        reach = quantile_of(self.level, self.freedom) * std
        if log and value > 0:  # symmetric in the logarithm
            with np.errstate(over="ignore"):
                return value * float(np.exp(-reach / value)), value * float(np.exp(reach / value))
        return value - reach, value + reach


def known_estimates(known: Sequence[Information]) -> list[Estimate]:
    """Return the parameters whose values are known."""
    return [
        Estimate(one.name, "known", float(one.value), 0.0, float(one.value), float(one.value))
        for one in known
        if isinstance(one, Known)
    ]
