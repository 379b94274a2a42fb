"""One response of a table of simulations as a trend, with what it says of each row when that row is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from faradaic._core import FitError, number
from faradaic.approximations import Design, GaussianProcess, Log
from faradaic.data import Dataset, collapse
from faradaic.trend import Trend, fit

Array = np.ndarray
KERNELS = ("rbf", "matern52")


@dataclass(frozen=True, eq=False)
class Interpolant:
    """One response of a `Surrogate`.

    Attributes
    ----------
    trend : Trend
        A Gaussian process through the rows (or along them, where they scatter).
    observed, prediction, std : arrays of shape (n,)
        Each row, what the others say of it, and the standard deviation that they give with it; in the response's unit.
        Rows of one group are left out together. In closed form, with the hyper-parameters of all rows.
    stretch : float
        By how much the process's own standard deviations were stretched, so that the leave-out errors have a mean
        square of one in units of ``std`` (Bachoc 2013): the likelihood alone is often too sure of a smooth response.
    tried : tuple of (str, float)
        What was tried, and the leave-out error of each, the chosen one first.
    failures : tuple of (str, str)
        What could not be fitted, and why.
    """

    trend: Trend
    observed: Array
    prediction: Array
    std: Array
    stretch: float
    tried: tuple[tuple[str, float], ...]
    failures: tuple[tuple[str, str], ...] = ()

    @property
    def error(self) -> float:
        """Root-mean-square leave-out error, in the response's unit."""
        return float(np.sqrt(((self.prediction - self.observed) ** 2).mean()))

    @property
    def worst(self) -> float:
        """Largest leave-out error, in the response's unit."""
        return float(np.abs(self.prediction - self.observed).max())

    @property
    def spread(self) -> float:
        """Largest response less the smallest."""
        return float(np.ptp(self.observed))

    @property
    def share(self) -> float:
        """Leave-out error as a share of the spread."""
        return self.error / self.spread

    @property
    def unexplained(self) -> float:
        """Leave-out error as a share of the standard deviation of the responses; its square is 1 − Q²."""
        return self.error / float(self.observed.std())

    @property
    def covered(self) -> float:
        """Share of rows that lie within two of their standard deviations when they are left out."""
        return float((np.abs(self.prediction - self.observed) <= 2.0 * self.std).mean())

    def sentence(self) -> str:
        """Return how good it is, in words."""
        response = self.trend.response
        unit = f" {response.unit}" if response.unit else ""
        return (
            f"{response.name}: a row that is left out is missed by {number(self.error)}{unit} (root mean square; worst "
            f"{number(self.worst)}{unit}), {number(100 * self.share)} % of the spread and "
            f"{number(100 * self.unexplained)} % of the standard deviation; {number(100 * self.covered)} % lie within "
            f"two of their standard deviations. {self.trend.label}."
        )


def interpolant(data: Dataset, log: Sequence[bool]) -> Interpolant:
    """Fit Gaussian processes with a length scale for each input and keep the one that misses left-out rows least.

    Tried are the squared-exponential and the Matérn 5/2 covariance, of the response and, where it is positive, of its
    logarithm.

    Parameters
    ----------
    data : Dataset
    log : sequence of bool
        Which inputs are seen in their logarithm.

    Raises
    ------
    FitError
        None of them could be fitted.

    References
    ----------
    Bachoc 2013, 10.1016/j.csda.2013.03.016 (the variance by leaving out).
    """
    x = [Log() if one else None for one in log]
    responses = (None, Log()) if (data.y > 0).all() else (None,)
    exact = data.deterministic.all()
    tried: list[tuple[float, str, Trend, tuple[Array, Array, Array, float]]] = []
    failures = []
    for y in responses:
        for kernel in KERNELS:
            process = GaussianProcess(centres=max(1000, len(data)), kernel=kernel, noise="none" if exact else "fitted")
            design = Design(process, x=x, y=y)
            label = design.describe([one.name for one in data.inputs], data.response.name)
            try:
                trend = fit(design, data)
                rows = _left_out(trend)
            except FitError as error:
                failures.append((label, str(error)))
                continue
            error = float(np.sqrt(((rows[1] - rows[0]) ** 2).mean()))
            tried.append((error, label, trend, rows))
    if not tried:
        raise FitError(f"{data.response.header!r}: no Gaussian process could be fitted: {failures[0][1]}")
    tried.sort(key=lambda one: one[0])
    _, _, trend, rows = tried[0]
    return Interpolant(trend, *rows, tuple((label, error) for error, label, *_ in tried), tuple(failures))


def _left_out(trend: Trend) -> tuple[Array, Array, Array, float]:
    """Return each row, what the others say of it, its standard deviation, and by how much that was stretched."""
    data, design = trend.data, cast("Design", trend.design)
    found = cast("GaussianProcess", design.approximation_).leave_out()
    # rows of equal inputs (and group) were fitted as one
    place = collapse(data.X, data.y, noise_std=data.noise_std, groups=data.groups).condition
    said = design.y_.inverse(found.prediction)
    std = found.observation_std / np.abs(design.y_.slope(said))
    if not (np.isfinite(said).all() and np.isfinite(std).all()):
        raise FitError("what it says of rows that are left out is not finite.")
    off, std = said[place] - data.y, std[place]
    if data.deterministic.all():  # of a very smooth response rounding leaves no variance; no row is known better
        std = np.maximum(std, data.tolerance)
    stretch = float(np.sqrt(((off / std) ** 2).mean()))
    column = trend.response
    return data.y_user, column.from_si(said)[place], stretch * column.spread_from_si(std), stretch
