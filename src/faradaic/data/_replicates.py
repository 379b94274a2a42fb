"""Replicates: the pure-error noise floor, and one row per condition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError

from ._conditions import conditions
from ._dataset import Dataset


@dataclass(frozen=True, eq=False)
class Replicates:
    """Rows taken under equal conditions and how much they scatter.

    Attributes
    ----------
    condition : int array of shape (n,)
        Condition of each row.
    X : array of shape (m, p)
        The distinct conditions, SI.
    mean : array of shape (m,)
        Mean response of each, SI.
    count : int array of shape (m,)
        Rows of each.
    std : float
        Pooled standard deviation of one response about its condition's mean (pure error), SI; NaN without replicates.
    dof : int
        Degrees of freedom of ``std``.
    """

    condition: np.ndarray
    X: np.ndarray
    mean: np.ndarray
    count: np.ndarray
    std: float
    dof: int


@dataclass(frozen=True, eq=False)
class Collapsed:
    """One row per condition: the mean of its replicates.

    Attributes
    ----------
    X : array of shape (m, p)
    y : array of shape (m,)
        Means, weighted by inverse variance where the noise is known.
    weight : array of shape (m,)
        Number of rows of each.
    noise_std : array of shape (m,) or None
        Standard deviation of each mean.
    groups : array of shape (m,) or None
    condition : int array of shape (n,)
        Where each of the original rows went.
    source : int array of shape (m,) or None
    """

    X: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    noise_std: np.ndarray | None
    groups: np.ndarray | None
    condition: np.ndarray
    source: np.ndarray | None = None


def replicates(data: Dataset) -> Replicates:
    r"""Find rows of equal inputs and their pooled scatter.

    .. math:: s^2 = \sum_c \sum_{i \in c} (y_i - \bar y_c)^2 / \sum_c (n_c - 1)

    Rows of different sources (a measurement and a simulation) share a condition but not a scatter: the sum runs
    within each source, and over experiments and stochastic values only where there are any.

    Parameters
    ----------
    data : Dataset
        The observations.

    References
    ----------
    Draper & Smith, Applied Regression Analysis (1998), section 2.1, 10.1002/9781118625590.

    Examples
    --------
    >>> import pandas as pd
    >>> from faradaic.data import read
    >>> table = pd.DataFrame({"x": [0.0, 0.0, 1.0, 1.0], "y [V]": [1.0, 3.0, 5.0, 7.0]})
    >>> found = replicates(read(table, x=["x"], y="y [V]"))
    >>> found.mean.tolist(), round(found.std, 4), found.dof
    ([2.0, 6.0], 1.4142, 2)
    """
    condition, first = conditions(data.X)
    count = np.bincount(condition, minlength=len(first))
    mean = _means(data.y, condition, count)
    noisy = ~data.deterministic
    rows = np.flatnonzero(noisy) if noisy.any() else np.arange(len(data))
    cell, firsts = conditions(data.X[rows], data.source[rows])
    residual = data.y[rows] - _means(data.y[rows], cell, np.bincount(cell, minlength=len(firsts)))[cell]
    dof = len(rows) - len(firsts)
    std = float(np.sqrt(residual @ residual / dof)) if dof else float("nan")
    return Replicates(condition, data.X[first], mean, count, std, dof)


def collapse(
    X: ArrayLike,
    y: ArrayLike,
    *,
    noise_std: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    source: ArrayLike | None = None,
) -> Collapsed:
    """Replace rows of equal inputs (and the same group and source) by their mean, in O(n log n).

    Parameters
    ----------
    X : array of shape (n, p)
        Inputs.
    y : array of shape (n,)
        Responses.
    noise_std : array of shape (n,), optional
        Known standard deviations: means are weighted by 1/sigma², and theirs is (sum 1/sigma²)^(-1/2). Zero
        everywhere means exact data.
    groups : array of shape (n,), optional
        Rows of different groups are kept apart.
    source : int array of shape (n,), optional
        Rows of different sources are kept apart, and ``noise_std`` is known (positive), zero or unknown (NaN) source
        by source.

    Raises
    ------
    ArgumentError
        Shapes do not match, or ``noise_std`` is negative, not finite, or zero for some rows (of a source) only.

    Examples
    --------
    >>> small = collapse([[1.0], [2.0], [1.0]], [3.0, 5.0, 4.0])
    >>> small.X.ravel().tolist(), small.y.tolist(), small.weight.tolist()
    ([1.0, 2.0], [3.5, 5.0], [2.0, 1.0])
    """
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise ArgumentError(f"X must be (n, p) and y (n,), got shapes {X.shape} and {y.shape}.")
    given = {"groups": groups, "source": source}
    labels = [_of_length(each, len(y), name) for name, each in given.items() if each is not None]
    condition, first = conditions(X, *(np.unique(each, return_inverse=True)[1] for each in labels))
    count = np.bincount(condition, minlength=len(first))
    kept = [None if each is None else np.asarray(each)[first] for each in given.values()]
    if source is None or noise_std is None:
        means, noise = _combined(y, noise_std, condition, count)
    else:
        means, noise = _by_source(y, noise_std, np.asarray(source), condition, len(first))
    return Collapsed(X[first], means, count.astype(np.float64), noise, kept[0], condition, kept[1])


def _by_source(y: np.ndarray, noise_std: ArrayLike, source: np.ndarray, condition: np.ndarray, m: int):
    """Return mean and noise of each of ``m`` conditions, none of which spans two sources."""
    known = np.asarray(_of_length(noise_std, len(y), "noise_std"), dtype=np.float64)
    means, noise = np.empty(m), np.full(m, np.nan)
    for one in np.unique(source):
        rows = np.flatnonzero(source == one)
        cells, inverse = np.unique(condition[rows], return_inverse=True)
        own = None if np.isnan(known[rows]).all() else known[rows]
        means[cells], found = _combined(y[rows], own, inverse, np.bincount(inverse))
        if found is not None:
            noise[cells] = found
    return means, noise


def _combined(y: np.ndarray, noise_std: ArrayLike | None, condition: np.ndarray, count: np.ndarray):
    if noise_std is None:
        return _means(y, condition, count), None
    noise = np.asarray(_of_length(noise_std, len(y), "noise_std"), dtype=np.float64)
    if not (np.isfinite(noise).all() and (noise >= 0).all()) or (noise.any() and not noise.all()):
        raise ArgumentError("noise_std must be positive for every row, or zero for every row (exact data).")
    if not noise.any():
        return _means(y, condition, count), np.zeros(len(count))
    unit = noise.min()  # weights relative to the best row, so that tiny noise does not overflow
    weight = (unit / noise) ** 2
    total = np.bincount(condition, weight, minlength=len(count))
    return np.bincount(condition, weight * y, minlength=len(count)) / total, unit / np.sqrt(total)


def _means(y: np.ndarray, condition: np.ndarray, count: np.ndarray) -> np.ndarray:
    return np.bincount(condition, y, minlength=len(count)) / count


def _of_length(values: ArrayLike, n: int, name: str) -> np.ndarray:
    array = np.asarray(values)
    if array.shape != (n,):
        raise ArgumentError(f"{name} must have one entry for each of the {n} rows, got shape {array.shape}.")
    return array
