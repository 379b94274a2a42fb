"""Intervals of a trend: of new observations, calibrated on rows that were left out, and of the trend itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import IntervalError, number
from faradaic.approximations import Design, Identity, Reciprocal

from ._calibration import coordinate_of, in_coordinate, or_none, parts_of
from ._estimate import quantile_of
from ._extension import widening
from ._scores import check_number, highest_level, scatter_at, scores_of
from ._spread import spread_of, unknown_spread

if TYPE_CHECKING:
    from ._trend import Trend

Array = np.ndarray
# numbers held at once: rows left out times points asked for
MOST_NUMBERS = 2_000_000


def interval(trend: Trend, X: Array, level: float, of: str, beyond: Array | None, widen: bool) -> tuple[Array, Array]:
    """Return lower and upper ends at ``X`` (q, p), SI; see `Trend.interval`.

    ``beyond`` (q,) says which points lie outside the data, None that all are inside; ``widen``, whether these get an
    interval at all.
    """
    low, high = (observation_interval if of == "observation" else mean_interval)(trend, X, level)
    if beyond is not None and widen:
        reach = widening(trend, X[beyond], level)
        low[beyond] -= reach
        high[beyond] += reach
    low, high = from_coordinate(trend.design, low, high)
    if beyond is not None and not widen:
        low, high = np.where(beyond, np.nan, low), np.where(beyond, np.nan, high)
    return low, high


def observation_interval(trend: Trend, X: Array, level: float) -> tuple[Array, Array]:
    """Return lower and upper ends for new observations at ``X`` (q, p), SI, in the design's coordinate.

    Cross-validation+ with scores in units of the local scale: the ends are quantiles, over the left-out rows i, of
    ``z₋ᵢ(x) ± scoreᵢ s(x)`` with the fits ``z₋ᵢ`` that did not see row i, and ``s(x)² = var z(x) + scatter(x)²``:
    the stated noise, or what the scores show, an amount or a share of the response. Every cluster (group, condition,
    row) has the same weight. Of a time series, whose parts are cut forwards, z itself is the middle.

    References
    ----------
    Barber, Candès, Ramdas & Tibshirani 2021, Ann. Statist. 49, 486, 10.1214/20-AOS1965.
    """
    calibration = trend.calibration
    scores = scores_of(calibration, trend.design, trend.data)
    share = scores.share(level)
    z, std = in_coordinate(trend.design, X)
    if trend.data.ordered:  # what the first stretches say of all others is no draw of what the whole series says
        at, std = np.broadcast_to(z, (len(calibration.models), len(X))), or_none(std)
    else:
        at, std = calibration.spread(X, std)
    scale = np.sqrt(std**2 + scatter_at(scores, trend.design, trend.data.judged, X) ** 2)
    low, high = np.empty(len(X)), np.empty(len(X))
    step = max(1, MOST_NUMBERS // len(scores.score))
    for begin in range(0, len(X), step):
        part = slice(begin, begin + step)
        with np.errstate(invalid="ignore"):  # infinite where a part says nothing finite; NaN counts as beyond all ends
            reach = scores.score[:, None] * scale[part]
            low[part] = -_upper(reach - at[scores.part, part], scores.weight, share)
            high[part] = _upper(at[scores.part, part] + reach, scores.weight, share)
    return low, high


def _upper(ends: Array, weight: Array, share: float) -> Array:
    """Return the smallest end, of each column of ``ends`` (m, q), that ``share`` of the weight does not exceed."""
    order = np.argsort(ends, axis=0)
    reached = (np.cumsum(weight[order], axis=0) < share - 1e-12).sum(0)
    return np.take_along_axis(ends, order, axis=0)[np.minimum(reached, len(ends) - 1), np.arange(ends.shape[1])]


def mean_interval(trend: Trend, X: Array, level: float) -> tuple[Array, Array]:
    """Return lower and upper ends for the trend itself at ``X`` (q, p), SI, in the design's coordinate.

    Student's t times the standard deviation of `spread_of`; where the design has none of its own (as many parameters
    as rows, or more) there is no interval, as there is none of its slopes and parameters.
    """

    def at(design: Design) -> Array:
        return in_coordinate(design, X)[0]

    z, std = in_coordinate(trend.design, X)
    if np.isnan(trend.design.freedom_) or not np.isfinite(std).all():
        raise IntervalError(unknown_spread(trend))
    std, freedom, reason = spread_of(trend, std, at)
    if reason:
        raise IntervalError(reason)
    reach = quantile_of(level, freedom) * std
    return z - reach, z + reach


def from_coordinate(design: Design, low: Array, high: Array) -> tuple[Array, Array]:
    """Return the ends in the response itself, SI; where a reciprocal runs through zero there is no end."""
    coordinate = coordinate_of(design)
    if isinstance(coordinate, Identity):
        return low, high
    ends = np.sort(np.array([coordinate.inverse(low), coordinate.inverse(high)]), axis=0)
    if isinstance(coordinate, Reciprocal):
        open_ended = (low <= 0) & (high >= 0)
        return np.where(open_ended, -np.inf, ends[0]), np.where(open_ended, np.inf, ends[1])
    return ends[0], ends[1]


def promise(trend: Trend) -> str:
    """Return in a sentence for what an interval of a new observation holds."""
    data = trend.data
    try:
        made, cluster, unit = parts_of(data)
    except IntervalError as error:
        return str(error)
    if data.groups is not None:
        what = f"new groups of {data.group_column}"
    elif data.ordered:
        what = "rows that come later"
    else:
        what = f"new {unit}s like these"
    count = len(np.unique(cluster[made.fold[0] >= 0]))
    try:
        check_number(count, 0.95, "")
    except IntervalError:
        highest = number(highest_level(count))
        return f"Intervals of new observations hold for {what}, up to a level of {highest} % (from {count})."
    return f"Intervals of new observations hold for {what}."
