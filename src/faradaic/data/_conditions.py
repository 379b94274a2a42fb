"""Equal rows: which rows were taken under the same conditions, found by one sort."""

from __future__ import annotations

import numpy as np

Array = np.ndarray

# Equal to 40 binary digits (1e-12) is equal: a temperature converted from degrees Celsius is the one given in kelvin.
_DIGITS = 40


def conditions(X: Array, *labels: Array) -> tuple[Array, Array]:
    """Number the distinct rows of ``X``, and of any further label columns, in sorted order.

    Parameters
    ----------
    X : array of shape (n, p)
        Inputs, finite.
    *labels : arrays of shape (n,)
        Integer codes that must be equal as well.

    Returns
    -------
    condition : int array of shape (n,)
        From 0 to m - 1.
    first : int array of shape (m,)
        The first row of each condition.

    Examples
    --------
    >>> condition, first = conditions(np.array([[2.0], [1.0], [2.0]]))
    >>> condition.tolist(), first.tolist()
    ([1, 0, 1], [1, 0])
    """
    n = len(X)
    keys = np.column_stack([_rounded(np.asarray(X, dtype=np.float64)), *labels])
    order = np.lexsort(keys.T[::-1])
    keys = keys[order]
    new = np.ones(n, dtype=bool)
    new[1:] = (keys[1:] != keys[:-1]).any(axis=1)
    condition = np.empty(n, dtype=np.int64)
    condition[order] = np.cumsum(new) - 1
    return condition, order[new]


def _rounded(X: Array) -> Array:
    mantissa, exponent = np.frexp(X)
    return np.ldexp(np.rint(np.ldexp(mantissa, _DIGITS)), exponent - _DIGITS) + 0.0


def largest_spread(y: Array, condition: Array) -> tuple[float, tuple[int, int]]:
    """Return the largest difference of ``y`` within one condition, and the two rows that show it."""
    order = np.lexsort((y, condition))
    starts = np.flatnonzero(np.r_[True, np.diff(condition[order]) > 0])
    ends = np.r_[starts[1:], len(y)] - 1
    low, high = order[starts], order[ends]
    spread = y[high] - y[low]
    worst = int(spread.argmax())
    rows = sorted((int(low[worst]), int(high[worst])))
    return float(spread[worst]), (rows[0], rows[1])
