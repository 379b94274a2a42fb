"""Centres and scales: every family works on inputs of size one, whatever their units."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def standard_scale(values: Array, weight: Array | None = None) -> tuple[Array, Array]:
    """Return the weighted mean and standard deviation of each column (of the values, when one-dimensional).

    A column that is constant up to rounding gets the scale 1.

    Examples
    --------
    >>> import numpy as np
    >>> centre, scale = standard_scale(np.array([[1.0, 5.0], [3.0, 5.0]]))
    >>> centre.tolist(), scale.tolist()
    ([2.0, 5.0], [1.0, 1.0])
    """
    centre = np.average(values, axis=0, weights=weight)
    scale = np.sqrt(np.average((values - centre) ** 2, axis=0, weights=weight))
    return centre, _floored(scale, centre)


def range_scale(values: Array) -> tuple[Array, Array]:
    """Return the middle and the half width of each column's range, so that the scaled column spans [-1, 1].

    A column that is constant up to rounding gets the scale 1.

    Examples
    --------
    >>> import numpy as np
    >>> centre, scale = range_scale(np.array([[1.0], [2.0], [5.0]]))
    >>> scaled(np.array([[1.0], [5.0]]), centre, scale).ravel().tolist()
    [-1.0, 1.0]
    """
    low, high = values.min(axis=0), values.max(axis=0)
    centre = low + 0.5 * (high - low)
    return centre, _floored(0.5 * (high - low), centre)


def scaled(values: Array, centre: Array, scale: Array) -> Array:
    """Return (values - centre)/scale, column by column."""
    return (values - centre) / scale


def _floored(scale: Array, centre: Array) -> Array:
    constant = ~(scale > 8 * np.finfo(np.float64).eps * np.abs(centre))
    return np.where(constant, 1.0, scale)
