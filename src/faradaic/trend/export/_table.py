"""A trend of one input as a table whose interpolation error is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import ArgumentError, number

if TYPE_CHECKING:
    from faradaic.trend import Trend

Array = np.ndarray
WIDE = 10.0  # values of one sign that differ by more than this factor are compared by their ratio
MOST_POINTS = 10_000
BETWEEN = np.linspace(0.0, 1.0, 26)[1:-1]  # where the error is measured inside each interval


@dataclass(frozen=True, eq=False)
class Table:
    """Points of a trend of one input, SI.

    Attributes
    ----------
    x, y : arrays of shape (q,)
        In increasing order of ``x``.
    error : float
        Largest difference between the interpolated table and the trend, measured between all points.
    relative : bool
        Whether the error is relative to each value; else to the range of the values.
    """

    x: Array
    y: Array
    error: float
    relative: bool


def linear_table(trend: Trend, tolerance: float) -> Table:
    """Return the table that a straight line between its points follows to the tolerance, with few points.

    Parameters
    ----------
    trend : Trend
        Of one input.
    tolerance : float
        Of the range of the response; of each value where all have one sign and differ more than tenfold.

    Raises
    ------
    ArgumentError
        The tolerance cannot be met with 10,000 points.
    """
    predict, x = _predict(trend), np.linspace(float(trend.domain.low[0]), float(trend.domain.high[0]), 17)
    relative, span = _scale(predict(np.linspace(x[0], x[-1], 1001)))
    while True:
        y, worst = predict(x), np.zeros(len(x) - 1)
        left, width = x[:-1], np.diff(x)
        for part in BETWEEN:
            want = predict(left + part * width)
            off = np.abs((1 - part) * y[:-1] + part * y[1:] - want)
            worst = np.maximum(worst, off / np.abs(want) if relative else off / span)
        if (worst <= tolerance).all():
            return Table(x, y, float(worst.max()), relative)
        split = worst > tolerance
        if len(x) + split.sum() > MOST_POINTS:
            raise ArgumentError(
                f"A table of {MOST_POINTS:,} points does not follow the trend to {number(tolerance)}; allow a larger "
                "tolerance."
            )
        x = np.sort(np.concatenate([x, (left + 0.5 * width)[split]]))


def cubic_table(trend: Trend, tolerance: float = 1e-7) -> Table:
    """Return evenly spaced points between which cubic interpolation follows the trend to the tolerance, or nearly so.

    The points are doubled until the tolerance is met or nothing is gained; the error that was reached is stated.
    """
    from scipy.interpolate import CubicSpline

    predict, (low, high) = _predict(trend), (float(trend.domain.low[0]), float(trend.domain.high[0]))
    relative, span = _scale(predict(np.linspace(low, high, 1001)))
    best: Table | None = None
    for power in range(6, 13):
        x = np.linspace(low, high, 2**power + 1)
        between = (x[:-1, None] + np.diff(x)[:, None] * BETWEEN).ravel()
        want = predict(between)
        off = np.abs(CubicSpline(x, predict(x))(between) - want)
        error = float((off / np.abs(want) if relative else off / span).max())
        if best is None or error < best.error:
            best = Table(x, predict(x), error, relative)
        if error <= tolerance:
            break
    assert best is not None
    return best


def _predict(trend: Trend) -> Callable[[Array], Array]:
    return lambda x: trend.design.predict(np.asarray(x)[:, None])


def _scale(values: Array) -> tuple[bool, float]:
    size = np.abs(values)
    one_sign = (values > 0).all() or (values < 0).all()
    relative = bool(one_sign and size.max() > WIDE * size.min())
    return relative, float(np.ptp(values)) or float(size.max()) or 1.0
