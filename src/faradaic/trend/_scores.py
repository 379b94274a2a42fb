"""Leave-out errors in units of the local scale, and the quantile of them that covers a new row."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import Literal

import numpy as np

from faradaic._core import IntervalError, number, plural
from faradaic.approximations import Design, Transform
from faradaic.data import Dataset

from ._calibration import Calibration, coordinate_of
from ._estimate import checked_level

Array = np.ndarray
# the share of the leave-out error that counts as scatter even where the trend's own spread seems to explain it all
LEAST_SCATTER = 0.1


@dataclass(frozen=True, eq=False)
class Scores:
    """How far off the left-out rows were.

    Attributes
    ----------
    score : array of shape (m,)
        |residual| over the scale √(variance of the trend + variance of one observation), of the m rows left out.
    part : int array of shape (m,)
        The part in which each was left out.
    cluster : int array of shape (m,)
        What belongs together, from 0.
    scatter : float
        Standard deviation of one new observation about the trend.
    scatter_in : {"coordinate", "response", "share"}
        Whether that is one in the design's coordinate, one of the response (SI), or a share of the response.
    unit : str
        What a cluster is.
    """

    score: Array
    part: Array
    cluster: Array
    scatter: float
    scatter_in: Literal["coordinate", "response", "share"]
    unit: str

    @property
    def weight(self) -> Array:
        """Weight of each row: every cluster counts alike; they sum to one."""
        count = np.bincount(self.cluster)
        return 1.0 / (len(count) * count[self.cluster])

    def scatter_at(self, z: Array, coordinate: Transform) -> Array:
        """Return the standard deviation of one new observation where the trend is ``z`` (q,), in its coordinate."""
        if self.scatter_in == "coordinate":
            return np.full(len(z), self.scatter)
        y = coordinate.inverse(z)
        return self.scatter * (np.abs(y) if self.scatter_in == "share" else 1.0) * np.abs(coordinate.slope(y))

    def effective_number(self, level: float) -> float:
        """Return how many independent scores there are: between the number of clusters and that of rows.

        From the intra-cluster correlation of the event "beyond the quantile of this level" (Kish's design effect).
        """
        size = np.bincount(self.cluster)
        clusters, rows = len(size), len(self.cluster)
        if rows == clusters:
            return float(rows)
        miss = 1.0 - level
        beyond = np.bincount(self.cluster, self.score > self._at(level)) / size
        between = float(beyond.var(ddof=1) - (miss * level / size).mean()) / (miss * level)
        effect = 1.0 + (rows / clusters - 1.0) * min(max(between, 0.0), 1.0)
        return float(np.clip(rows / effect, clusters, rows))

    def share(self, level: float) -> float:
        """Return the share of the scores to keep below so that a new row is covered with probability ``level``.

        Raises
        ------
        IntervalError
            There are too few clusters for this level.
        """
        clusters = len(np.bincount(self.cluster))
        check_number(clusters, level, self.unit)
        number_of = self.effective_number(level)
        return min(level * (number_of + 1.0) / number_of, 1.0)

    def _at(self, share: float) -> float:
        order = np.argsort(self.score)
        reached = np.searchsorted(np.cumsum(self.weight[order]), share - 1e-12)
        return float(self.score[order][min(int(reached), len(order) - 1)])


def check_number(clusters: int, level: float, unit: str) -> None:
    """Raise IntervalError if so few clusters cannot carry an interval of this level; say how many more would."""
    needed = ceil(checked_level(level) / (1.0 - level) - 1e-9)
    if clusters < needed:
        what, _, of = unit.partition(" ")
        words = [f"{plural(k, what)} {of}".rstrip() for k in (needed, clusters)]
        more = f"{needed - clusters:,} more {'is' if needed - clusters == 1 else 'are'} needed"
        raise IntervalError(
            f"A calibrated {number(100 * level)} % interval of a new observation needs {words[0]} and "
            f"{'there is' if clusters == 1 else 'there are'} {words[1]}: {more}, or a level of at most "
            f"{number(highest_level(clusters))} %."
        )


def highest_level(clusters: int) -> float:
    """Return the highest level that so many clusters carry, in % and rounded down to a tenth.

    Examples
    --------
    >>> highest_level(8)
    88.8
    """
    return floor(1000 * clusters / (clusters + 1)) / 10


def scores_of(calibration: Calibration, design: Design, data: Dataset) -> Scores:
    """Return the scores of all rows that were left out."""
    rows = np.flatnonzero(calibration.part >= 0)
    residual, variance = calibration.residual[rows], calibration.std[rows] ** 2
    squares = float((residual**2).mean())
    known = data.noise_std
    if known is not None and known.any():
        own = (known * np.abs(coordinate_of(design).slope(data.y)))[rows]
        scatter, scatter_in = _of_a_new_row(known[rows], data.y[rows])
    else:
        scatter = own = np.sqrt(max(squares - float(variance.mean()), LEAST_SCATTER * squares))
        scatter_in = "coordinate"
    scale = np.sqrt(variance + own**2)
    score = np.abs(residual) / np.where(scale > 0, scale, 1.0)
    cluster = np.unique(calibration.cluster[rows], return_inverse=True)[1]
    return Scores(score, calibration.part[rows], cluster, float(scatter), scatter_in, calibration.unit)


def _of_a_new_row(noise: Array, y: Array) -> tuple[float, Literal["response", "share"]]:
    """Return the stated noise of a new row: the amount or the share of the response, whichever varies less."""
    share = noise / np.maximum(np.abs(y), np.finfo(np.float64).tiny)
    if share.std() / share.mean() < noise.std() / noise.mean():
        return float(np.median(share)), "share"
    return float(np.median(noise)), "response"
