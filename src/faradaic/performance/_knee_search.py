"""The search for knees: lines with one and two breaks, how much better they are, and how far the breaks may lie off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ._break_limits import allowance, free_rows, limits, with_second
from ._breaks import Curves, Misfit, best_one, best_two, parabola, residuals

Array = np.ndarray
PLACES, PLACES_TWO = 200, 40  # of the first search of a limit
# How much better than a straight line or a parabola a broken line must be. These numbers are measured, not derived:
# `benchmarks/knees.py` counts how often lines and parabolas with white or correlated noise or random walks pass.
SURE = 0.999  # quantile of F ...
WALK = 6.0  # ... with at least so many free rows: random walks exceed 1 + 2 F(0.999; 2, 6) / 6 = 10 in 1 of 100
EVENLY, EVENLY_MOST = 6.0, 0.5  # a parabola must be worse by the first over the free rows, or by the second
ONSET_WALK = 12.0  # likewise of two breaks against one: two must leave less than a third, where the noise may be a walk
EXACT = 1e-16  # mean square of what is left, as a share of the spread's square, that is rounding
KNEE, NONE = "knee", "no knee"
ONLY_LINE, SLOWS, END, BENDS = (
    "a straight line does as well",
    "its slope gets flatter, not steeper",
    "only its first or last cycles lie off a line",
    "it bends evenly, as a parabola does",
)
SHARP = "one break does as well as two, so there is no onset apart from it"
COLUMNS = (
    "cell",
    "verdict",
    "knee [cycles]",
    "low knee [cycles]",
    "high knee [cycles]",
    "onset [cycles]",
    "low onset [cycles]",
    "high onset [cycles]",
    "at knee [%]",
    "at onset [%]",
    "slope before [%/cycle]",
    "slope after [%/cycle]",
    "reason",
)


@dataclass(frozen=True, eq=False)
class _Lines:
    """Broken lines of least squares: their breaks (m, k), what they leave, and what that is worth."""

    breaks: Array
    coefficients: Array  # (m, 2 + k), see `residuals`
    least: Array  # (m,) sums of squares
    free: Array  # (m,) see `free_rows`

    @classmethod
    def fitted(cls, misfit: Misfit, count: int) -> _Lines:
        curves = misfit.curves
        breaks = np.stack([best_one(misfit)] if count == 1 else best_two(misfit), axis=1)
        rest, coefficients = residuals(curves, breaks)
        least = misfit.one(breaks)[:, 0] if count == 1 else misfit.two(breaks[:, 0], breaks[:, 1])
        free = free_rows(rest, curves.count, 2 + 2 * count)
        return cls(breaks, coefficients, np.maximum(least, EXACT * curves.count), free)

    def some(self, which: Array) -> _Lines:
        """Return those of some curves (m,)."""
        return _Lines(self.breaks[which], self.coefficients[which], self.least[which], self.free[which])

    def most(self, level: float) -> Array:
        """Return the largest sums of squares (m,) within an interval of this level."""
        return self.least * allowance(self.free, self.breaks.shape[1], level)


def find(
    measured: list[tuple[Array, Array]], reference: float | None, sign: float, level: float
) -> list[dict[str, Any]]:
    """Return a row of the table for each curve of (cycles, capacities).

    Parameters
    ----------
    measured : list of (cycles, capacities)
    reference : float or None
        What is 100 %; None: each curve's first capacity.
    sign : float
        1 for knees of a falling curve, -1 for elbows of a rising one.
    level : float
        Of the intervals.
    """
    curves, scale = Curves.of([at for at, _ in measured], [sign * Q for _, Q in measured])
    misfit = Misfit(curves)
    one, two = _Lines.fitted(misfit, 1), _Lines.fitted(misfit, 2)
    slopes = np.cumsum(one.coefficients[:, 1:], axis=1)
    rows = [{"verdict": NONE if why else KNEE, "reason": why} for why in _why_none(misfit, one, two, slopes)]
    bent = np.array([row["verdict"] == KNEE for row in rows])
    if not bent.any():
        return rows
    places, sharp = _places(curves.some(bent), one.some(bent), two.some(bent), level)
    for k, shares, alone in zip(np.flatnonzero(bent), places, sharp, strict=True):
        at, Q = measured[k]
        length, whole = at[-1] - at[0], Q[0] if reference is None else reference
        cycles = at[0] + length * shares
        left = np.where(np.isnan(cycles[[0, 3]]), np.nan, 100 * np.interp(cycles[[0, 3]], at, Q) / whole)
        fades = sign * 100 * scale[k] * slopes[k] / (length * whole)
        rows[k] |= dict(zip(COLUMNS[2:12], [*cycles, *left, *fades], strict=True))
        rows[k]["reason"] = SHARP if alone else ""
    return rows


def _places(curves: Curves, one: _Lines, two: _Lines, level: float) -> tuple[Array, Array]:
    """Return knee, limits, onset and limits (m, 6) as shares of the records, and which knees have no onset (m,)."""
    misfit = Misfit(curves)
    c, first = one.breaks[:, 0], two.breaks[:, 0]
    point = limits(misfit.one, c, curves, one.most(level), PLACES)
    onset = limits(lambda a: with_second(misfit, a), first, curves, two.most(level), PLACES_TWO)
    sharp = one.least / two.least - 1 <= _needed(two.free, 2, ONSET_WALK)
    places = np.stack([c, *point, *np.where(sharp, np.nan, [first, *onset])], axis=1)
    return places, sharp


def _why_none(misfit: Misfit, one: _Lines, two: _Lines, slopes: Array) -> list[str]:
    """Return for each curve why it has no knee; empty: it has one."""
    curves, c = misfit.curves, one.breaks[:, 0]
    line = misfit.line / one.least - 1 <= _needed(one.free, 2)
    slows = ~((slopes[:, 1] < slopes[:, 0]) & (slopes[:, 1] < 0))
    end = (c <= curves.low) | (c >= curves.high)
    even = parabola(curves)
    # a fade with two breaks is far from a line with one, and may be as far from it as a parabola is
    evenly = (even / one.least - 1 <= np.minimum(EVENLY / np.maximum(one.free, 1.0), EVENLY_MOST)) & (
        even / two.least - 1 <= _needed(two.free, 3)
    )
    told = np.select([line, slows, end, evenly], [ONLY_LINE, SLOWS, END, BENDS], default="")
    return [str(each) for each in told]


def _needed(free: Array, more: int, walk: float = WALK) -> Array:
    """Return by which share (m,) the misfit must exceed that of a fit with so many parameters more."""
    from scipy.stats import f

    freedom = np.maximum(free, walk)
    return more * f.ppf(SURE, more, freedom) / freedom
