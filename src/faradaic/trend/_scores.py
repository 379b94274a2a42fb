"""Leave-out errors in units of the local scale, and the quantile of them that covers a new row."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from faradaic._core import IntervalError, number, plural
from faradaic.approximations import Design, Identity
from faradaic.data import Dataset

from ._calibration import Calibration, coordinate_of
from ._estimate import checked_level
from ._scatter import Scatter, stated_noise

Array = np.ndarray


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
    scatter : Scatter
        Of one new observation about the trend, in the design's coordinate.
    unit : str
        What a cluster is.
    """

    score: Array
    part: Array
    cluster: Array
    scatter: Scatter
    unit: str

    @property
    def weight(self) -> Array:
        """Weight of each row: every cluster counts alike; they sum to one."""
        count = np.bincount(self.cluster)
        return 1.0 / (len(count) * count[self.cluster])

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
    cluster = np.unique(calibration.cluster[rows], return_inverse=True)[1]
    coordinate, known = coordinate_of(design), data.noise_std
    value = data.y[rows] - residual if isinstance(coordinate, Identity) else None
    scatter = Scatter.of(residual, variance, value, int(cluster.max()) + 1)
    if known is not None and known.any():
        own = known[rows] * np.abs(coordinate.slope(data.y[rows]))
    else:
        own = scatter.at(residual if value is None else value)
    scale = np.sqrt(variance + own**2)
    score = np.abs(residual) / np.where(scale > 0, scale, 1.0)
    return Scores(score, calibration.part[rows], cluster, scatter, calibration.unit)


def scatter_at(scores: Scores, design: Design, data: Dataset, X: Array) -> Array:
    """Return the standard deviation of a new observation at ``X`` (q, p), SI, in the design's coordinate."""
    value = design.predict(X)
    stated = stated_noise(data, value)
    return scores.scatter.at(value) if stated is None else stated * np.abs(coordinate_of(design).slope(value))
