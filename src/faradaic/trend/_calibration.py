"""The same design fitted without each part of the data in turn: what intervals are calibrated on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from sklearn.base import clone

from faradaic._core import IntervalError, plural
from faradaic.approximations import FIT_FAILURES, Design, Identity, Log, Standardise, Transform
from faradaic.data import Dataset, Splits, splits
from faradaic.landscape import fitted

Array = np.ndarray
# up to so many rows, or groups, each is left out in turn; more are left out in so many parts
MOST_PARTS = 20
# more clusters than these determine hyper-parameters so well that fitting them again would only take time
FEW_CLUSTERS = 100


@dataclass(frozen=True, eq=False)
class Calibration:
    """Fits that leave out one part of the data each.

    Attributes
    ----------
    models : tuple of Design
        Fitted without part 0, 1, ...
    part : int array of shape (n,)
        The part in which each row was left out; −1: never (the first stretch of a time series, and rows of
        a source that is not the target of a stack).
    cluster : int array of shape (n,)
        The group of each row, or its condition where there are replicates, or the row itself: what is independent; −1
        for rows of a source that is not the target.
    unit : str
        What a cluster is, e.g. ``"group of cell"``, ``"condition"`` or ``"row"``.
    grouped : bool
        Whether rows of one group may err together, so that only groups count as independent.
    residual, std : arrays of shape (n,)
        Residual of each row when it was left out, NaN where it never was, and the standard deviation of the trend
        there (see `spread`), in the coordinate of `coordinate_of`.
    """

    models: tuple[Design, ...]
    part: Array
    cluster: Array
    unit: str
    grouped: bool
    residual: Array
    std: Array

    @property
    def clusters(self) -> int:
        """Number of independent clusters that were left out."""
        return len(np.unique(self.cluster[self.part >= 0]))

    def jackknife(self, functional: Callable[[Design], Array]) -> tuple[Array, float]:
        """Return the delete-a-part jackknife standard deviation of anything computed from a fitted design.

        Parameters
        ----------
        functional : callable
            From a fitted design to an array of shape (n,).

        Returns
        -------
        std : array of shape (n,)
        freedom : float
            Parts less one.

        References
        ----------
        Efron & Tibshirani, *An Introduction to the Bootstrap*, 1993, chapter 11, 10.1007/978-1-4899-4541-9.
        """
        return _jackknife(np.array([functional(model) for model in self.models])), float(len(self.models) - 1)

    def spread(self, X: Array, std: Array) -> tuple[Array, Array]:
        """Return what each model says at ``X`` (q, p), SI, shape (parts, q), and how far the trend may be off there.

        The larger of ``std`` (q,), the design's own standard deviation, and that of the jackknife, which also knows
        of groups and of fits that hang on single rows.
        """
        at = np.array([in_coordinate(model, X)[0] for model in self.models])
        return at, np.fmax(std, _jackknife(at))


def parts_of(data: Dataset) -> tuple[Splits, Array, str]:
    """Return the parts that are left out in turn, and of each row what it is independent by; see `Calibration`.

    Raises
    ------
    IntervalError
        There are fewer than two parts.
    """
    judged = data.judged
    together = judged.condition_groups
    labels = np.arange(len(judged)) if together is None else together
    cluster = np.full(len(data), -1)
    cluster[data.on_target] = np.unique(labels, return_inverse=True)[1]
    most = int(cluster.max()) + 1 - data.ordered
    unit = "row" if together is None else f"group of {data.group_column}" if data.groups is not None else "condition"
    if most < 2:
        raise IntervalError(
            f"There is no calibrated interval: {plural(most, unit)} cannot be left out in turn; add some."
        )
    return splits(data, folds=min(MOST_PARTS, most), seed=0), cluster, unit


def calibrate(design: Design, data: Dataset) -> Calibration:
    """Fit the design again without each part of the data.

    Groups stay together, replicates stay together, a time series is cut forwards; up to 20 clusters each is a part.
    Hyper-parameters are fitted again up to 100 clusters, and held beyond.

    Raises
    ------
    IntervalError
        There are fewer than two parts, or one of the fits failed.
    """
    made, cluster, unit = parts_of(data)
    again = design.held() if cluster.max() + 1 - data.ordered > FEW_CLUSTERS else clone(design)
    models, residual, std = [], np.full(len(data), np.nan), np.full(len(data), np.nan)
    for part in range(made.n_folds):
        rows = made.test(0, part)
        try:
            model = fitted(clone(again), data.take(made.train(0, part)))
            at, std[rows] = in_coordinate(model, data.X[rows])
        except FIT_FAILURES as error:
            raise IntervalError(
                f"There is no calibrated interval: the fit without part {part + 1} of {made.n_folds} failed ({error})."
            ) from error
        residual[rows] = coordinate_of(model).forward(data.y[rows]) - at
        if not np.isfinite(residual[rows]).all():
            raise IntervalError(
                f"There is no calibrated interval: the fit without part {part + 1} of {made.n_folds} predicts a value "
                f"there that is not finite, or has no place on the coordinate {coordinate_of(model).symbol('y')}."
            )
        model.forget_spread()
        models.append(model)
    made_of = Calibration(tuple(models), made.fold[0], cluster, unit, data.groups is not None, residual, std)
    # fits to ever longer stretches of a time series differ by far more than fits that miss one part
    return replace(made_of, std=or_none(std) if data.ordered else made_of.spread(data.X, std)[1])


def _jackknife(values: Array) -> Array:
    """Return the jackknife standard deviation over the first axis; infinite where a part says nothing finite."""
    parts, finite = len(values), np.isfinite(values).all(0)
    kept = np.where(finite, values, 0.0)
    return np.where(finite, np.sqrt((parts - 1) / parts * ((kept - kept.mean(0)) ** 2).sum(0)), np.inf)


def or_none(std: Array) -> Array:
    """Return zero where a standard deviation is unknown: the scale of the scores is then that of the scatter alone."""
    return np.where(np.isnan(std), 0.0, std)


def coordinate_of(design: Design) -> Transform:
    """Return the coordinate of the response in which scatter is alike everywhere.

    It is the design's own, or that of the residuals of a law; one that only shifts and scales changes nothing, and
    its constants differ from fit to fit: left out.
    """
    if isinstance(design.y_, Identity | Standardise):
        return Log() if getattr(design.approximation_, "residuals", "absolute") == "log" else Identity()
    return design.y_


def in_coordinate(design: Design, X: Array) -> tuple[Array, Array]:
    """Return the trend and its standard deviation in the coordinate of `coordinate_of`, each of shape (n,)."""
    coordinate = coordinate_of(design)
    if coordinate == design.y_:
        return design.predict_coordinate(X)
    y, std = design.predict(X, return_std=True)
    with np.errstate(divide="ignore", invalid="ignore"):  # a law may run below zero, where there is no logarithm
        return coordinate.forward(y), std * np.abs(coordinate.slope(y))
