"""The Tafel region: where the logarithm of the current is straight, and how much its slope hangs on the choice."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from scipy import stats

from faradaic._core import ArgumentError, IntervalError, number, plural
from faradaic.data import Dataset
from faradaic.laws import FARADAY, GAS_CONSTANT

Array = np.ndarray
BACKWARD = 100.0  # the reverse reaction is below a hundredth of the current from here on
FEWEST = 5  # rows of a region: two for the line, one for its curvature, and two to judge them by
MOST_ENDS = 40  # places between which regions are tried
COMPARED = 0.5  # of the span of the chosen region: regions at least that long are asked for the same slope


@dataclass(frozen=True, eq=False)
class TafelRegion:
    """The chosen region and what others would say.

    Attributes
    ----------
    branch : {"anodic", "cathodic"}
    low, high : float
        Ends of the region, V; both positive, magnitudes of the overpotential.
    alpha : float
        Transfer coefficient, RT/F times the slope of the logarithm of the current in the overpotential.
    alpha_low, alpha_high : float
        Its interval at `level`, by Student's t within the region.
    slope : float
        V per decade.
    exchange : float
        Current density at η = 0 by extrapolation, in SI.
    rows : int
    decades : float
        Of the current, that the region spans.
    others : array of shape (q, 4)
        Low and high end, alpha, and half its interval (for all of them at once, after Bonferroni) of every straight
        region at least half as long.
    level : float
    """

    branch: str
    low: float
    high: float
    alpha: float
    alpha_low: float
    alpha_high: float
    slope: float
    exchange: float
    rows: int
    decades: float
    others: Array
    level: float

    @property
    def stable(self) -> bool:
        """Whether the other straight regions say the same, within their intervals."""
        return bool((np.abs(self.others[:, 2] - self.alpha) <= self.others[:, 3]).all())

    @property
    def verdict(self) -> str:
        """The answer in words."""
        said = (
            f"{self.branch} transfer coefficient {number(self.alpha)} ({number(self.alpha_low)} to "
            f"{number(self.alpha_high)}), {number(1e3 * self.slope)} mV per decade, from {plural(self.rows, 'row')} "
            f"between {number(1e3 * self.low)} and {number(1e3 * self.high)} mV, {number(self.decades, 2)} decades of "
            f"current."
        )
        low, high = float(self.others[:, 2].min()), float(self.others[:, 2].max())
        others = f"straight ones at least half as long say {number(low)} to {number(high)}"
        if self.stable:
            more = f"It does not hang on the region: {others}."
        else:
            more = f"It hangs on the region: {others}, and these data identify it no better than that."
        few = "" if self.decades >= 1 else " The region spans less than one decade of current, little for a slope."
        return f"{said} {more}{few}"

    def __str__(self) -> str:
        return self.verdict


def tafel_region(
    data: Dataset,
    *,
    branch: Literal["anodic", "cathodic"] = "anodic",
    temperature: float = 298.15,
    level: float = 0.95,
    onset: float | None = None,
) -> TafelRegion:
    """Find the longest region in which the logarithm of the current is straight in the overpotential.

    And say how much its slope hangs on the choice.

    A region is straight where a parabola fits no better than the line (Student's t of its curvature within the level).
    Regions begin where the reverse reaction is negligible, and the one that spans most decades of current is taken.

    Parameters
    ----------
    data : Dataset
        One input, the overpotential, and the current density; from `faradaic.read`.
    branch : {"anodic", "cathodic"}
        Positive or negative overpotentials.
    temperature : float
        K.
    level : float
        Of the interval and of the test of straightness.
    onset : float, optional
        Smallest magnitude of the overpotential, V; default (RT/F) ln 100, where the reverse reaction of a one-electron
        step is a hundredth of the current.

    Returns
    -------
    TafelRegion

    Raises
    ------
    ArgumentError
        The data have several inputs, or an argument is out of range.
    IntervalError
        There is no straight region: too few rows beyond the onset, or all of them are bent.

    References
    ----------
    Bard & Faulkner, *Electrochemical Methods*, 2nd ed. 2001, section 3.4.3.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> import faradaic as fd
    >>> from faradaic.laws import butler_volmer
    >>> eta = np.linspace(0.02, 0.3, 40)
    >>> noise = 0.01 * np.random.default_rng(0).normal(size=40)
    >>> j = butler_volmer(298.15)(eta[:, None], [1.0, 0.4, 0.6]) * np.exp(noise)
    >>> table = pd.DataFrame({"eta [V]": eta, "j [A/m**2]": j})
    >>> found = tafel_region(fd.read(table, x=["eta [V]"], y="j [A/m**2]"))
    >>> round(found.alpha, 2), found.stable
    (0.4, True)
    """
    _check(data, branch, temperature, level, onset)
    thermal = GAS_CONSTANT * temperature / FARADAY
    begin = thermal * np.log(BACKWARD) if onset is None else onset
    sign = 1.0 if branch == "anodic" else -1.0
    eta, current = sign * data.X[:, 0], sign * data.y
    kept = (eta >= begin) & (current > 0)
    order = np.argsort(eta[kept])
    x, y = eta[kept][order], np.log(current[kept][order])
    if len(x) < FEWEST:
        raise IntervalError(
            f"There is no Tafel region: {plural(len(x), 'row')} of the {branch} branch lie beyond "
            f"{number(1e3 * begin)} mV, and it takes {FEWEST}; measure at larger overpotentials."
        )
    found = _straight(x, y, level)
    if not found:
        raise IntervalError(
            f"There is no Tafel region: ln |j| is bent everywhere beyond {number(1e3 * begin)} mV; ohmic drop or "
            f"transport may limit the current, fit a law that has them."
        )
    best = max(found, key=lambda one: abs(one.span))
    others = [one for one in found if abs(one.span) >= COMPARED * abs(best.span)]
    reach = float(stats.t.ppf(0.5 * (1 + level), best.rows - 2)) * best.std
    return TafelRegion(
        branch=branch,
        low=best.low,
        high=best.high,
        alpha=thermal * best.slope,
        alpha_low=thermal * (best.slope - reach),
        alpha_high=thermal * (best.slope + reach),
        slope=float(np.log(10.0)) / best.slope,
        exchange=float(np.exp(best.offset)),
        rows=best.rows,
        decades=best.span / float(np.log(10.0)),
        others=_others(others, thermal, level),
        level=level,
    )


def _others(lines: list[_Line], thermal: float, level: float) -> Array:
    """Return the rows of `TafelRegion.others`."""
    each = 0.5 * (1.0 - level) / len(lines)
    reach = [float(stats.t.isf(each, one.rows - 2)) * one.std for one in lines]
    return np.array(
        [[one.low, one.high, thermal * one.slope, thermal * far] for one, far in zip(lines, reach, strict=True)]
    )


@dataclass(frozen=True)
class _Line:
    low: float
    high: float
    slope: float
    std: float
    offset: float
    span: float
    rows: int


def _straight(x: Array, y: Array, level: float) -> list[_Line]:
    """Return the line of every region that is straight and rises."""
    ends = np.unique(np.linspace(0, len(x) - 1, min(len(x), MOST_ENDS)).astype(int))
    made = []
    for first, last in combinations(ends, 2):
        some = slice(first, last + 1)
        n = last + 1 - first
        if n < FEWEST or x[first] == x[last]:
            continue
        line, bent = _fitted(x[some], y[some], 1), _fitted(x[some], y[some], 2)
        curved = abs(bent[0][0]) > stats.t.ppf(0.5 * (1 + level), n - 3) * bent[1][0]
        slope, offset = map(float, line[0])
        if not curved and slope > 0:
            span = slope * float(x[last] - x[first])
            made.append(_Line(float(x[first]), float(x[last]), slope, float(line[1][0]), offset, span, int(n)))
    return made


def _fitted(x: Array, y: Array, degree: int) -> tuple[Array, Array]:
    """Return the coefficients of a polynomial, highest first, and their standard deviations."""
    columns = np.vander(x, degree + 1)
    coefficients = np.linalg.lstsq(columns, y, rcond=None)[0]
    left = len(x) - degree - 1
    variance = float(((columns @ coefficients - y) ** 2).sum()) / left
    return coefficients, np.sqrt(variance * np.diag(np.linalg.inv(columns.T @ columns)))


def _check(data: Dataset, branch: str, temperature: float, level: float, onset: float | None) -> None:
    if data.n_features != 1:
        raise ArgumentError(f"A Tafel region needs one input, the overpotential, got {data.n_features}.")
    if branch not in ("anodic", "cathodic"):
        raise ArgumentError(f"branch must be 'anodic' or 'cathodic', got {branch!r}.")
    if not temperature > 0:
        raise ArgumentError(f"temperature must be positive, in K, got {temperature!r}.")
    if not 0.0 < level < 1.0:
        raise ArgumentError(f"level must lie between 0 and 1, got {level!r}.")
    if onset is not None and not onset > 0:
        raise ArgumentError(f"onset must be a positive overpotential in V, got {onset!r}.")
