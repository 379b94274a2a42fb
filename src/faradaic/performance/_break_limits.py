"""How far a break may lie from the best one: profiles of the misfit, and how many rows noise leaves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ._breaks import Curves, Misfit, spread

Array = np.ndarray
BLOCKS = 50  # means of blocks show slow drift that neighbouring rows hide
INNER = 32  # places of the second break in its first search ...
INNER_ROUNDS = 10  # ... and rounds around the best of them
HALVINGS = 16

# A random walk is the noise that says least: however many rows it has, the misfit of a break behaves as if so many
# were free. Of true breaks under random walks 95 % had a misfit below 1.7 to 1.9 times the least one with one break,
# and 1.4 to 1.5 times with two: 1 + F(0.95; 1, free) / free here. `benchmarks/knees.py` shows that the intervals cover.
WALK = {1: 7.0, 2: 10.0}


def free_rows(rest: Array, count: Array, parameters: int) -> Array:
    """Return how many independent rows (m,) say as much as these, less the parameters that were fitted.

    Noise whose neighbours resemble each other says less than its rows: the ratio is that of the variance to the
    long-run variance, estimated by the correlation of neighbours (corrected for what the fit took away), of rows and
    of means of blocks, whichever leaves fewer.

    Parameters
    ----------
    rest : array of shape (m, n)
        What the fit left.
    count : array of shape (m,)
        Rows of each curve.
    parameters : int
        That were fitted.
    """
    made = np.empty(len(rest))
    for k, n in enumerate(count):
        row = rest[k, :n]
        variance = (row @ row) / (n - parameters)
        longest = _long_run(row, 1, parameters)
        if n // BLOCKS >= 2:
            longest = max(longest, _long_run(row, n // BLOCKS, parameters))
        made[k] = (n * variance / longest if longest > 0 else n) - parameters
    return made


def _long_run(row: Array, length: int, parameters: int) -> float:
    count = len(row) // length
    mean = row[: count * length].reshape(count, length).mean(1)
    squares = float(mean @ mean)
    if squares == 0.0:
        return 0.0
    lag = float(mean[1:] @ mean[:-1]) / squares
    lag = min(max(lag + (1 + parameters * lag) / count, 0.0), 1 - 1 / count)
    return length * squares / (count - parameters) * (1 + lag) / (1 - lag)


def allowance(free: Array, breaks: int, level: float) -> Array:
    """Return by which factor (m,) the misfit may exceed the least one within an interval of this level."""
    from scipy.stats import f

    freedom = np.maximum(free, WALK[breaks])
    return 1 + f.ppf(level, 1, freedom) / freedom


def limits(profile: Callable[[Array], Array], best: Array, curves: Curves, most: Array, places: int) -> Array:
    """Return the outermost places (2, m) at which a profile is no more than ``most``.

    Where it stays below up to the first or the last place that was searched, the limit is 0 or 1: the curve's end.

    Parameters
    ----------
    profile : callable
        From places (m, k) to least sums of squares (m, k).
    best : array of shape (m,)
        Where it is least.
    most : array of shape (m,)
        The largest sum of squares within the interval.
    places : int
        Of the first search.
    """
    grid = np.sort(np.concatenate([spread(curves.low, curves.high, places), best[:, None]], axis=1), axis=1)
    inside = (profile(grid) <= most[:, None]) | (grid == best[:, None])
    first, last = inside.argmax(1), places - inside[:, ::-1].argmax(1)
    lower = _edge(profile, grid, first, first - 1, most)
    upper = _edge(profile, grid, last, last + 1, most)
    return np.stack([np.where(first == 0, 0.0, lower), np.where(last == places, 1.0, upper)])


def _edge(profile: Callable[[Array], Array], grid: Array, inner: Array, outer: Array, most: Array) -> Array:
    rows = np.arange(len(grid))
    within, beyond = grid[rows, inner], grid[rows, np.clip(outer, 0, grid.shape[1] - 1)]
    for _ in range(HALVINGS):
        middle = (within + beyond) / 2
        fits = profile(middle[:, None])[:, 0] <= most
        within, beyond = np.where(fits, middle, within), np.where(fits, beyond, middle)
    return within


def with_second(misfit: Misfit, first: Array) -> Array:
    """Return the least sums of squares (m, k) of two breaks, the first at (m, k) and the other wherever it is best."""
    curves = misfit.curves
    a = first[..., None]
    # where there is no room for a second break behind the first, all of its places are too close, and count as infinite
    end = np.broadcast_to(curves.high[:, None, None], a.shape)
    start = np.minimum(a + curves.apart[:, None, None], end)
    step = (end - start) / (INNER - 1)
    best, least = _second(misfit, a, start + (end - start) * np.linspace(0.0, 1.0, INNER))
    around = np.array([0.0, -1, -0.5, 0.5, 1])
    for _ in range(INNER_ROUNDS):
        best, least = _second(misfit, a, np.clip(best + step * around, start, end))
        step = step / 2
    return least[..., 0]


def _second(misfit: Misfit, first: Array, place: Array) -> tuple[Array, Array]:
    squares = misfit.two(first, place)
    where = squares.argmin(2)[..., None]
    return np.take_along_axis(place, where, 2), np.take_along_axis(squares, where, 2)
