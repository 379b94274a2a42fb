"""The curves of a picture: at which settings, over which grid, with which bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import InputError, IntervalError, number

if TYPE_CHECKING:
    from ._trend import Trend

Array = np.ndarray
POINTS = 200
# how far past the data a curve is drawn, in ranges of the input
BEYOND = 0.08


def colours(number_of: int) -> Array:
    """Return that many colours in order."""
    import matplotlib.pyplot as plt

    return plt.get_cmap("viridis")(np.linspace(0.1, 0.85, max(number_of, 1)))[:number_of]


def settings_of(trend: Trend, j: int, most: int) -> tuple[Array, Array]:
    """Return the best covered settings of the other inputs (k, p − 1) over their range, and each row's place."""
    others = np.delete(trend.X, j, axis=1)
    levels, of_row, counts = np.unique(others, axis=0, return_inverse=True, return_counts=True)
    often = np.flatnonzero(counts >= np.sort(counts)[::-1][: 4 * most].min())
    shown = often[np.unique(np.round(np.linspace(0, len(often) - 1, min(most, len(often)))).astype(int))]
    if others.shape[1] == 0:
        shown = np.array([0])
    place = np.full(len(levels), -1)
    place[shown] = np.arange(len(shown))
    return levels[shown], place[of_row.ravel()]


def placed(setting: Array, j: int, grid: Array) -> Array:
    """Return rows with input ``j`` along the grid and the others at the setting, SI."""
    return np.insert(np.tile(setting, (len(grid), 1)), j, grid, axis=1)


def curves_of(trend: Trend, j: int, shown: Array, ends: tuple[float, float]) -> tuple[Array, Array]:
    """Return a grid a little past the data, or within them where the trend ends there, and the trend along it."""
    room = BEYOND * (ends[1] - ends[0])
    for begin, end in ((ends[0] - room, ends[1] + room), (ends[0], ends[1] + room), ends):
        grid = np.unique(np.concatenate([np.linspace(begin, end, POINTS), ends]))
        try:
            with np.errstate(all="ignore"):
                curves = np.array([trend.design.predict(placed(row, j, grid)) for row in shown])
        except InputError:  # a logarithm or a reciprocal ends before the picture does
            continue
        return grid, trend.response.from_si(curves)
    raise AssertionError("a trend is defined on its data")


def bands_of(trend: Trend, Z: list[Array], level: float) -> tuple[Array, Array, str]:
    """Return the ends of the intervals along each curve in the user's unit, and what they are in words."""
    from ._interval import interval

    X = np.concatenate(Z)
    beyond = ~trend.domain.inside(X)
    for of, what in (("observation", "new observations"), ("mean", "the trend")):
        try:
            with np.errstate(all="ignore"):
                ends = interval(trend, X, level, of, beyond if beyond.any() else None, False)
        except IntervalError:
            continue
        low, high = (trend.response.from_si(each).reshape(len(Z), -1) for each in ends)
        if np.isfinite(low[~beyond.reshape(low.shape)]).any():
            return low, high, f"{number(100 * level)} % interval of {what}"
    nothing = np.full((len(Z), len(Z[0])), np.nan)
    return nothing, nothing, ""


def dilated(mask: Array) -> Array:
    """Return the mask with its neighbours, so that dotted and solid pieces of a line meet."""
    wide = mask.copy()
    wide[1:] |= mask[:-1]
    wide[:-1] |= mask[1:]
    return wide
