"""The spread of anything read off a trend, with what its own standard deviation does not know of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import IntervalError, number, plural
from faradaic.approximations import Design

from ._calibration import FEW_CLUSTERS

if TYPE_CHECKING:
    from ._trend import Trend

Array = np.ndarray


def spread_of(trend: Trend, std: Array, functional: Callable[[Design], Array]) -> tuple[Array, float, str]:
    """Return the standard deviation of a functional of the fit, its degrees of freedom, and why there are none.

    Where rows of one group may err together, it is at least that of the jackknife over groups; where the design takes
    hyper-parameters for known that were fitted to a few rows, the variance of the jackknife, in which they are fitted
    again, is added; where the design has no spread of its own, there is none.

    Parameters
    ----------
    trend : Trend
    std : array of shape (n,)
        What the design itself says.
    functional : callable
        From a fitted design to an array of shape (n,), by `predict` and `derivative` only.
    """
    freedom, together = trend.design.freedom_, trend.data.groups is not None
    # fits to ever longer stretches of a time series are no jackknife of the whole
    again = trend.design.conditional_ and len(trend.data) <= FEW_CLUSTERS and not trend.data.ordered
    if not (together or again):
        return std, freedom, ""
    try:
        jackknife, parts = trend.calibration.jackknife(functional)
    except IntervalError as error:
        return np.full(len(std), np.nan), float("nan"), str(error)
    return np.maximum(std, jackknife) if together else np.hypot(std, jackknife), min(freedom, parts), ""


def unknown_spread(trend: Trend) -> str:
    """Return in a sentence why nothing read off a trend has an interval."""
    n, used = len(trend.y), trend.design.effective_parameters_
    noun = "row" if n == len(trend.data.judged) else "condition"  # repeats of a condition do not tell of the trend
    if n - used < 1.0 - 1e-9:
        return (
            f"There is no interval: {plural(n, noun)} and {number(used)} effective parameters leave nothing "
            f"to tell the scatter from; add at least {plural(int(np.ceil(used + 1.0 - n - 1e-9)), noun)}, take "
            f"fewer parameters, or state the noise of the response."
        )
    return "There is no interval: this family has no measure of the spread; use another one."
