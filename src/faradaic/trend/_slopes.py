"""Slopes in any coordinates, d g(response) / d f(input), with what is known of their spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import ArgumentError, number
from faradaic.approximations import Identity, Log, Reciprocal, Transform, transform

from ._estimate import Estimate
from ._spread import spread_of, unknown_spread

if TYPE_CHECKING:
    from faradaic.data import Column

    from ._trend import Trend

Array = np.ndarray


def slope(
    trend: Trend, X: Array, wrt: int, coordinates: tuple[Transform, Transform], scales: tuple[float, float] = (1.0, 1.0)
) -> tuple[Array, Array, float, str]:
    """Return d g(y/a) / d f(x/b), its standard deviation, the degrees of freedom behind it, and why there are none.

    The delta method on the joint covariance of value and slope. Where rows of one group may err together, the
    standard deviation is at least that of the jackknife over groups; where it takes hyper-parameters for known that
    were fitted to a few rows, the variance of the jackknife, in which they are fitted again, is added.

    Parameters
    ----------
    trend : Trend
    X : array of shape (n, p)
        SI.
    wrt : int
        Number of the input x.
    coordinates : (Transform, Transform)
        g and f.
    scales : (float, float)
        a and b: the units in which the coordinates are taken, in SI.
    """
    g, f = coordinates
    a, b = scales
    stretch = f.slope(X[:, wrt] / b)

    def read(y: Array, dy: Array) -> Array:
        return g.slope(y / a) * dy * (b / a) / stretch

    if trend.domain.constant[wrt]:
        y, dy = trend.design.predict(X), trend.design.derivative(X, wrt)
        _check_response(trend, g, y)
        return read(y, dy), np.full(len(y), np.nan), float("nan"), _never_varied(trend, wrt)
    y, dy, covariance = trend.design.value_and_slope(X, wrt)
    _check_response(trend, g, y)
    towards = np.stack([g.curvature(y / a) / a * dy * (b / a), g.slope(y / a) * (b / a)], axis=1) / stretch[:, None]
    variance = np.einsum("ni,nij,nj->n", towards, covariance, towards)
    std, freedom = np.sqrt(np.maximum(variance, 0.0)), trend.design.freedom_
    if np.isnan(freedom) or not np.isfinite(std).all():
        return read(y, dy), np.full(len(y), np.nan), float("nan"), unknown_spread(trend)
    std, freedom, reason = spread_of(trend, std, lambda one: read(one.predict(X), one.derivative(X, wrt)))
    return read(y, dy), std, freedom, reason


def derivative(trend: Trend, X: Array, wrt: int, in_coordinates: Any, level: float | None) -> Any:
    """Return the slope in the user's units, or with its interval; see `Trend.derivative`."""
    coordinates = _coordinates(in_coordinates)
    columns = trend.response, trend.inputs[wrt]
    check_zero(coordinates[0], trend.response)
    scales = tuple(_scale(column, one) for column, one in zip(columns, coordinates, strict=True))
    coordinates[1].check(X[:, wrt] / scales[1], trend.inputs[wrt].name)
    value, std, freedom, reason = slope(trend, X, wrt, coordinates, scales)  # pyright: ignore[reportArgumentType]
    if level is None:
        return value
    return value, *Estimate("the slope", "", value, std, freedom, reason).interval(level)


class Magnitude(Log):
    """ln |y|: its slope and its curvature are those of the logarithm on either side of zero."""

    def symbol(self, name: str) -> str:
        return f"ln |{name}|"


def _coordinates(pair: Any) -> tuple[Transform, Transform]:
    if pair is None:
        return Identity(), Identity()
    if isinstance(pair, str) or not isinstance(pair, tuple | list) or len(pair) != 2:
        raise ArgumentError(
            "in_coordinates must be a pair, the coordinate of the response and that of the input, such as "
            f"('log', 'reciprocal') for d ln y / d(1/x), got {pair!r}."
        )
    found = tuple(transform(one) if isinstance(one, str) else one for one in pair)
    for one in found:
        if not isinstance(one, Transform):
            raise ArgumentError(f"in_coordinates must hold names of transforms or transforms, got {one!r}.")
    return found[0], found[1]


def _scale(column: Column, coordinate: Transform) -> float:
    """Return the unit of a coordinate: the user's, or SI where a coordinate needs a true zero and the unit has none."""
    return column.scale if isinstance(coordinate, Identity) or column.offset == 0.0 else 1.0


def check_zero(coordinate: Transform, response: Column) -> None:
    if not isinstance(coordinate, Identity) and response.offset != 0.0:
        raise ArgumentError(
            f"The response {response.header} has a zero of its own, so its {coordinate.name.replace('_', ' ')} means "
            f"nothing; use a response in {response.si_unit}, or the slope of the response itself."
        )


def _check_response(trend: Trend, g: Transform, y: Array) -> None:
    if isinstance(g, Identity):
        return
    bad = (y == 0) if isinstance(g, Magnitude | Reciprocal) else ~(y > 0)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        value = number(float(trend.response.from_si(y[row])))
        raise ArgumentError(
            f"The slope of {g.symbol(trend.response.name)} does not exist at row {row + 1}, where the trend gives "
            f"{value} {trend.response.unit}".rstrip()
            + "; ask for it where the trend is "
            f"{'not zero' if isinstance(g, Magnitude | Reciprocal) else 'positive'}, or fit the logarithm."
        )


def _never_varied(trend: Trend, wrt: int) -> str:
    column = trend.inputs[wrt]
    value = f"{number(float(column.from_si(trend.domain.low[wrt])))} {column.unit}".rstrip()
    return (
        f"There is no interval: {column.header} is {value} in all rows, which tell nothing of a slope along it; "
        f"add rows at another value."
    )
