"""How far an interval must widen outside the data: by the bend that the leave-out errors leave room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import IntervalError, plural
from faradaic.approximations import Transform, transform
from faradaic.laws import natural_transforms

from ._calibration import Calibration
from ._estimate import quantile_of

if TYPE_CHECKING:
    from ._trend import Trend

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Extension:
    """A parabola in the input coordinates, fitted to the leave-out errors.

    A straight line drawn on past its data errs by the bend that it could not see. What the data say of that bend, and
    what they cannot exclude, is the parabola and its standard error; outside, its value is added to the interval.

    Attributes
    ----------
    transforms : tuple of Transform
        The input coordinates.
    centre, scale : arrays of shape (p,)
        Middle and half range of the input coordinates.
    coefficients : array of shape (2 p + 1,)
        Of 1, u and u² in the scaled coordinates.
    covariance : array of shape (2 p + 1, 2 p + 1)
    freedom : float
        Clusters less coefficients.
    """

    transforms: tuple[Transform, ...]
    centre: Array
    scale: Array
    coefficients: Array
    covariance: Array
    freedom: float

    @classmethod
    def of(cls, transforms: tuple[Transform, ...], X: Array, calibration: Calibration) -> Extension:
        """Fit the parabola in these coordinates of the rows ``X`` (n, p), rows of one cluster counting together.

        Raises
        ------
        IntervalError
            There are too few clusters to tell a bend from scatter.
        """
        rows = np.flatnonzero(calibration.part >= 0)
        T = _transformed(transforms, X[rows])
        low, high = T.min(0), T.max(0)
        centre, half = 0.5 * (low + high), 0.5 * (high - low)
        scale = np.where(half > 0, half, 1.0)
        A = _columns(T, centre, scale)
        cluster = np.unique(calibration.cluster[rows], return_inverse=True)[1]
        varies = np.append(True, np.tile(half > 0, 2))
        clusters, k = int(cluster.max()) + 1, int(varies.sum())
        if clusters <= k:
            raise IntervalError(
                f"There is no interval outside the data: telling a bend from scatter takes more than "
                f"{plural(k, calibration.unit)} and there are {clusters}."
            )
        A[:, ~varies] = 0.0
        residual = calibration.residual[rows]
        inverse = np.linalg.pinv(A.T @ A)
        coefficients = inverse @ (A.T @ residual)
        left = (residual - A @ coefficients)[:, None] * A
        together = np.zeros((clusters, A.shape[1]))
        np.add.at(together, cluster, left)
        covariance = inverse @ (together.T @ together) @ inverse * clusters / (clusters - k)
        return cls(transforms, centre, scale, coefficients, covariance, float(clusters - k))

    def allowance(self, X: Array, level: float) -> Array:
        """Return what is added to either side at ``X`` (q, p), SI, in the response's coordinate."""
        A = _columns(_transformed(self.transforms, X), self.centre, self.scale)
        std = np.sqrt(np.maximum(((A @ self.covariance) * A).sum(1), 0.0))
        return np.abs(A @ self.coefficients) + quantile_of(level, self.freedom) * std


def widening(trend: Trend, X: Array, level: float) -> Array:
    """Return what an interval of ``trend`` gains to either side at points ``X`` (q, p) outside the data, SI.

    The bend is looked for in the design's own input coordinates and in the natural ones (1/T), the larger counts: a
    law knows no coordinates, and its errors bend least in one of the two. Away from the only value that an input has
    in the data nothing is known, and the interval has no end.
    """
    natural = tuple(transform(name) for name in natural_transforms(trend.inputs))
    choices = dict.fromkeys([tuple(trend.design.x_), natural])
    with np.errstate(all="ignore"):  # a coordinate that is not finite at some row is left out below
        usable = [each for each in choices if np.isfinite(_transformed(each, np.vstack([trend.data.X, X]))).all()]
    extensions = [Extension.of(each, trend.data.X, trend.calibration) for each in usable]
    reach = np.max([each.allowance(X, level) for each in extensions], axis=0)
    constant = trend.domain.constant
    off = ~np.isclose(X[:, constant], trend.domain.low[constant], rtol=1e-9, atol=0.0)
    return np.where(off.any(axis=1), np.inf, reach)


def _transformed(transforms: tuple[Transform, ...], X: Array) -> Array:
    return np.column_stack([each.forward(X[:, j]) for j, each in enumerate(transforms)])


def _columns(T: Array, centre: Array, scale: Array) -> Array:
    u = (T - centre) / scale
    return np.column_stack([np.ones(len(u)), u, u**2])
