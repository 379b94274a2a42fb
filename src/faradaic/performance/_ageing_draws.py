"""How sure an ageing law is when cells differ: the law refitted to cells of random weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faradaic._core import FitError, generator
from faradaic.approximations import LawRegressor, fit_groups
from faradaic.laws import Law

Array = np.ndarray
# half of the draws of a normal distribution lie within so many standard deviations: ends of the middle 68.27 %
LOWER, UPPER = 0.158655, 0.841345
# fewer good draws than this share, and what they say of the spread is not believed
ENOUGH = 0.8
# weight of a cell that is left out: it still says what no other cell does, so that every fit has an answer
GONE = 1e-6


@dataclass(frozen=True, eq=False)
class FittedLaw:
    """An ageing law fitted to all cells, and how it spreads.

    Attributes
    ----------
    law : Law
    columns : tuple of int
        Columns of the inputs that are the law's variables, in its order.
    theta : array of shape (k,)
        Parameters, SI.
    draws : array of shape (b, k)
        The same with cells of random weight, which say how lopsided an interval is; empty where too many of these fits
        failed.
    left_out : array of shape (g, k)
        The same without each cell in turn, which say how wide it is; empty where one of these fits failed.
    asked : int
        How many draws were asked for.
    cells : int
    between : float
        Standard deviation of a cell's loss relative to the law's.
    within : float
        Standard deviation of a row about its cell's own curve.
    error : float
        Root-mean-square error of left-out cells.
    """

    law: Law
    columns: tuple[int, ...]
    theta: Array
    draws: Array
    left_out: Array
    asked: int
    cells: int
    between: float
    within: float
    error: float

    @property
    def freedom(self) -> int:
        """Cells less parameters, at least one."""
        return max(self.cells - self.law.count, 1)

    def quantile(self, level: float) -> float:
        """Return Student's quantile for two ends at this level."""
        from scipy.stats import t

        return float(t.ppf(0.5 + 0.5 * level, self.freedom))

    def arms(self, drawn: Array, without: Array, level: float) -> tuple[Array, Array]:
        """Return how far an interval reaches below and above, from draws (b, ...) and fits less a cell (g, ...).

        Few cells pull a law their way, so that fits with other weights spread too little; fits less a cell do not.
        """
        if not len(drawn):
            return np.full(drawn.shape[1:], np.nan), np.full(drawn.shape[1:], np.nan)
        low, middle, high = np.quantile(drawn, [LOWER, 0.5, UPPER], axis=0)
        wide = 0.5 * (high - low) * np.sqrt(self.cells / self.freedom)
        if len(without):
            jackknife = np.sqrt((self.cells - 1) / self.cells * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
            wide = np.maximum(wide, jackknife)
        stretch = self.quantile(level) * wide / np.where(high > low, 0.5 * (high - low), 1.0)
        return stretch * (middle - low), stretch * (high - middle)

    def parameter_interval(self, j: int, level: float) -> tuple[float, float]:
        """Return the interval of one parameter; of a positive one its logarithm is what spreads."""
        columns = [self.draws[:, j], self.left_out[:, j], self.theta[j]]
        log = self.law.parameters[j].log and all((np.asarray(one) > 0).all() for one in columns)
        drawn, without, at = (np.log(one) for one in columns) if log else columns
        below, above = self.arms(drawn, without, level)
        low, high = float(at - below), float(at + above)
        return (float(np.exp(low)), float(np.exp(high))) if log else (low, high)

    def _drawn(self, thetas: Array, X: Array) -> Array:
        if not len(thetas):
            return np.zeros((0, len(X)))
        at = np.broadcast_to(X[:, self.columns], (len(thetas), len(X), len(self.columns)))
        return self.law.groups_and_jacobians(at, thetas)[0]

    def mean(self, X: Array) -> Array:
        """Return the relative capacity at inputs (m, p), SI."""
        return self.law(X[:, self.columns], self.theta)

    def interval(self, X: Array, level: float, *, new_cell: bool) -> tuple[Array, Array]:
        """Return the interval of the law, or of a row of a new cell, at inputs (m, p), SI."""
        middle = self.mean(X)
        below, above = self.arms(self._drawn(self.draws, X), self._drawn(self.left_out, X), level)
        if new_cell:
            own = self.quantile(level) * np.hypot(self.between * (1.0 - middle), self.within)
            below, above = np.hypot(below, own), np.hypot(above, own)
        return middle - below, middle + above


def fitted_law(
    law: Law, columns: tuple[int, ...], X: Array, y: Array, cells: Array, *, draws: int, seed: int, error: float
) -> FittedLaw:
    """Fit a law to all rows and draw its spread.

    Intervals are as wide as the jackknife over cells says (or the draws, if that is more), with Student's quantile of
    as many degrees of freedom as cells less parameters; the draws give them their shape. Every draw gives the cells
    independent weights from the exponential distribution, of mean one: no cell and with it no condition ever drops out,
    as happens when few cells are drawn with replacement.

    Parameters
    ----------
    law : Law
    columns : tuple of int
        Columns of X that are the law's variables.
    X, y : arrays of shape (n, p), (n,)
        Inputs and relative capacities, SI.
    cells : int array of shape (n,)
        From 0.
    draws, seed : int
    error : float
        Of left-out cells; kept with the law.

    Raises
    ------
    FitError
        The law does not fit the rows.

    References
    ----------
    Efron and Stein, Ann. Statist. 9 (1981) 586, 10.1214/aos/1176345462 (the jackknife);
    Rubin, Ann. Statist. 9 (1981) 130, 10.1214/aos/1176345338;
    Xu, Gotwalt, Hong, King and Meeker, Am. Stat. 74 (2020) 345, 10.1080/00031305.2020.1731599.
    """
    seen = X[:, list(columns)]
    theta = LawRegressor(0, laws=(law,), random_state=seed).fit(seen, y).theta_
    count = int(cells.max()) + 1
    weight = np.maximum(generator(seed, 61).exponential(size=(draws, count)), GONE)
    weight = np.vstack([weight, np.where(np.eye(count) > 0, GONE, 1.0)])
    n, fits = len(y), len(weight)
    found = fit_groups(
        law, np.tile(seen, (fits, 1)), np.tile(y, fits), np.repeat(np.arange(fits), n),
        noise_std=(1.0 / np.sqrt(weight[:, cells])).ravel(), restarts=2, seed=seed,
    )  # fmt: skip
    drawn = found.theta[:draws][~found.failed[:draws]]
    drawn = drawn if len(drawn) >= ENOUGH * draws else drawn[:0]
    without = found.theta[draws:] if not found.failed[draws:].any() else found.theta[:0]
    between, within = _scatter(1.0 - law(seen, theta), 1.0 - y, cells, law.count)
    if not np.isfinite(theta).all():
        raise FitError(f"the fit of {law.name} did not end at a finite value.")
    return FittedLaw(law, columns, theta, drawn, without, draws, count, between, within, error)


def _scatter(loss: Array, seen: Array, cells: Array, parameters: int) -> tuple[float, float]:
    """Return how cells scatter about the law (relative to its loss), and rows about their cell's own curve."""
    square = np.bincount(cells, loss**2)
    factor = np.bincount(cells, loss * seen) / np.where(square > 0, square, np.inf)
    residual = seen - factor[cells] * loss
    count = len(factor)
    within = float((residual**2).sum() / max(len(seen) - count - parameters, 1))
    # a factor is itself uncertain by the scatter of its rows, which is counted already
    spread = ((factor - 1.0) ** 2).sum() / max(count - parameters, 1)
    own = float(np.mean(within / np.where(square > 0, square, np.inf)))
    return float(np.sqrt(max(spread - own, 0.0))), float(np.sqrt(within))
