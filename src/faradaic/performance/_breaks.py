"""Broken lines through many curves at once: sums from which every misfit follows, and the search for the breaks.

With the line fitted away, a break at c adds the hinge max(0, t - c). Its products with the rows, with itself and with
another hinge are polynomials in c whose coefficients are sums over the rows behind c; so the least squares of a trial
cost a few multiplications, whatever the number of rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

Array = np.ndarray
COARSE = 64  # places of one break in the first search; pairs of them for two
ROUNDS = 14  # of the search around the best pair, each on half the step
FEWEST_BEYOND = 2  # rows that must lie beyond a break on either side ...
SHARE_BEYOND = 0.02  # ... and the share of all rows


@dataclass(frozen=True, eq=False)
class Curves:
    """Curves of unequal length, each scaled to itself.

    Attributes
    ----------
    t : array of shape (m, n)
        Cycles from 0 (the first) to 1 (the last); rows beyond a curve's own are 1.
    y : array of shape (m, n)
        Capacities over the spread of the curve's own; rows beyond are 0.
    count : array of shape (m,)
        Rows of each curve.
    """

    t: Array
    y: Array
    count: Array

    @classmethod
    def of(cls, cycles: list[Array], capacities: list[Array]) -> tuple[Curves, Array]:
        """Return the curves and the scale (m,) of their capacities."""
        count = np.array([len(one) for one in cycles])
        t, y = np.ones((len(cycles), count.max())), np.zeros((len(cycles), count.max()))
        scale = np.ones(len(cycles))
        for k, (cycle, capacity) in enumerate(zip(cycles, capacities, strict=True)):
            t[k, : count[k]] = (cycle - cycle[0]) / (cycle[-1] - cycle[0])
            scale[k] = np.ptp(capacity) or 1.0
            y[k, : count[k]] = (capacity - capacity.mean()) / scale[k]
        return cls(t, y, count), scale

    def some(self, which: Array) -> Curves:
        """Return some of the curves, by a mask (m,)."""
        longest = self.count[which].max()
        return Curves(self.t[which, :longest], self.y[which, :longest], self.count[which])

    @cached_property
    def there(self) -> Array:
        """Which rows (m, n) are a curve's own."""
        return np.arange(self.t.shape[1]) < self.count[:, None]

    @cached_property
    def low(self) -> Array:
        """First place (m,) where a break may lie."""
        return self._row(self._beyond - 1)

    @cached_property
    def high(self) -> Array:
        """Last place (m,) where a break may lie."""
        return self._row(self.count - self._beyond)

    @cached_property
    def apart(self) -> Array:
        """How far two breaks must lie from each other (m,)."""
        return np.maximum(FEWEST_BEYOND / (self.count - 1), SHARE_BEYOND)

    @cached_property
    def _beyond(self) -> Array:
        return np.maximum(FEWEST_BEYOND + 1, np.ceil(SHARE_BEYOND * self.count).astype(int))

    def _row(self, place: Array) -> Array:
        return np.take_along_axis(self.t, place[:, None], 1)[:, 0]


class Misfit:
    """Sums of squares of broken lines through curves, at any breaks.

    Parameters
    ----------
    curves : Curves
    """

    def __init__(self, curves: Curves) -> None:
        self.curves = curves
        there = curves.there.astype(float)
        n = curves.count[:, None]
        self._mean = (curves.t * there).sum(1, keepdims=True) / n
        centred = (curves.t - self._mean) * there
        self._norm = np.sqrt((centred**2).sum(1, keepdims=True))
        self.rest = curves.y - (curves.y * centred).sum(1, keepdims=True) / self._norm**2 * centred
        self.line = (self.rest**2).sum(1)
        # the five sums of one place lie side by side: they are asked for together, and memory is slow
        kinds = (there, curves.t * there, curves.t**2 * there, self.rest, curves.t * self.rest)
        self._sums = np.stack([_behind(one) for one in kinds], axis=-1).reshape(-1, len(kinds))
        offset = 2.0 * np.arange(len(curves.t))[:, None]
        self._offset, self._sorted = offset, (curves.t + offset).ravel()

    def hinges(self, c: Array) -> tuple[Array, Array, Array]:
        """Return what is needed of hinges at c (m, ...): their sums behind, products with q, and with rows."""
        shape = (-1,) + (1,) * (c.ndim - 1)
        behind = np.searchsorted(self._sorted, (c + self._offset.reshape(shape)).ravel(), side="right").reshape(c.shape)
        s0, s1, s2, y0, y1 = np.moveaxis(self._sums[behind + np.arange(len(c)).reshape(shape)], -1, 0)
        first = (s1 - c * s0) / np.sqrt(self.curves.count.reshape(shape))
        second = (s2 - c * s1 - self._mean.reshape(shape) * (s1 - c * s0)) / self._norm.reshape(shape)
        return np.stack([s0, s1, s2]), np.stack([first, second]), y1 - c * y0

    def one(self, c: Array) -> Array:
        """Return the sums of squares (m, k) with one break at c (m, k)."""
        sums, q, g = self.hinges(c)
        return self.line[:, None] - g**2 / _product(c, c, sums, q, q)

    def two(self, a: Array, b: Array) -> Array:
        """Return the sums of squares with breaks at a and b (m, ...), broadcast; infinite where they are too close."""
        return self._two(a, self.hinges(a), b, self.hinges(b))

    def pairs(self, a: Array, b: Array) -> Array:
        """Return the sums of squares (m, j, k) with breaks at each of a (m, j) and each of b (m, k)."""
        return self.two(a[:, :, None], b[:, None, :])

    def _two(self, a: Array, first: tuple[Array, ...], b: Array, second: tuple[Array, ...]) -> Array:
        (sa, qa, ga), (sb, qb, gb) = first, second
        aa, bb, ab = _product(a, a, sa, qa, qa), _product(b, b, sb, qb, qb), _product(a, b, sb, qa, qb)
        shape = (-1,) + (1,) * (ab.ndim - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            less = (ga**2 * bb - 2 * ga * gb * ab + gb**2 * aa) / (aa * bb - ab**2)
        return np.where(b - a >= self.curves.apart.reshape(shape) * (1 - 1e-9), self.line.reshape(shape) - less, np.inf)


def _behind(values: Array) -> Array:
    """Return the sums (m, n + 1) over the rows from each one on."""
    sums = np.zeros((len(values), values.shape[1] + 1))
    sums[:, :-1] = np.cumsum(values[:, ::-1], axis=1)[:, ::-1]
    return sums


def _product(a: Array, b: Array, behind_b: Array, qa: Array, qb: Array) -> Array:
    """Return the product of hinges at a and b >= a once the line is fitted away."""
    s0, s1, s2 = behind_b
    return s2 - (a + b) * s1 + a * b * s0 - qa[0] * qb[0] - qa[1] * qb[1]


def best_one(misfit: Misfit) -> Array:
    """Return the break (m,) of least squares."""
    curves = misfit.curves
    grid = spread(curves.low, curves.high, 4 * COARSE)
    c = _least(grid, misfit.one(grid))
    step = (curves.high - curves.low) / (4 * COARSE - 1)
    for _ in range(2 * ROUNDS):
        grid = np.clip(c[:, None] + step[:, None] * np.array([0.0, -1, -0.5, 0.5, 1]), *_ends(curves))
        c, step = _least(grid, misfit.one(grid)), step / 2
    return c


def best_two(misfit: Misfit) -> tuple[Array, Array]:
    """Return the two breaks (m,) of least squares."""
    curves = misfit.curves
    grid = spread(curves.low, curves.high, COARSE)
    a, b = _least_pair(grid, grid, misfit.pairs(grid, grid))
    step = (curves.high - curves.low) / (COARSE - 1)
    around = np.array([0.0, -1, -0.5, 0.5, 1])
    for _ in range(2 * ROUNDS):
        first, second = (np.clip(c[:, None] + step[:, None] * around, *_ends(curves)) for c in (a, b))
        a, b = _least_pair(first, second, misfit.pairs(first, second))
        step = step / 1.5
    return a, b


def spread(low: Array, high: Array, count: int) -> Array:
    """Return ``count`` places (m, count) from low to high (m,)."""
    return low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, count)


def _ends(curves: Curves) -> tuple[Array, Array]:
    return curves.low[:, None], curves.high[:, None]


def _least(places: Array, squares: Array) -> Array:
    return np.take_along_axis(places, squares.argmin(1)[:, None], 1)[:, 0]


def _least_pair(a: Array, b: Array, squares: Array) -> tuple[Array, Array]:
    row, column = np.unravel_index(squares.reshape(len(a), -1).argmin(1), squares.shape[1:])
    rows = np.arange(len(a))
    return a[rows, row], b[rows, column]


def residuals(curves: Curves, breaks: Array) -> tuple[Array, Array]:
    """Return what broken lines with these breaks (m, k) leave (m, n), and their coefficients (m, 2 + k).

    The coefficients are of a constant, of t, and of the hinges: of the capacity over its spread.
    """
    columns = [np.ones_like(curves.t), curves.t, *(np.maximum(0.0, curves.t - c[:, None]) for c in breaks.T)]
    A = np.stack(columns, axis=-1) * curves.there[..., None]
    At = np.swapaxes(A, 1, 2)
    coefficients = np.linalg.solve(At @ A, At @ curves.y[..., None])
    return (curves.y - (A @ coefficients)[..., 0]) * curves.there, coefficients[..., 0]


def parabola(curves: Curves) -> Array:
    """Return the sums of squares (m,) of parabolas: of curves that bend evenly."""
    columns = [np.ones_like(curves.t), curves.t - 0.5, (curves.t - 0.5) ** 2]
    A = np.stack(columns, axis=-1) * curves.there[..., None]
    At = np.swapaxes(A, 1, 2)
    rest = (curves.y - (A @ np.linalg.solve(At @ A, At @ curves.y[..., None]))[..., 0]) * curves.there
    return (rest**2).sum(1)
