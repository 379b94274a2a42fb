"""A linear trend that leaves inputs out: the elastic net, whose size is the number of inputs it may keep."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from numbers import Integral
from typing import Any, ClassVar, NamedTuple

import numpy as np

from faradaic._core import ArgumentError

from ._base import Approximation, Array, swept_sizes
from ._job import Job, Swept
from ._rows import Rows
from ._scaling import standard_scale

# the mixtures of absolute and squared weights that are usual (Attia et al. 2021)
MIXTURES = (0.1, 0.5, 0.7, 0.9, 0.95, 0.99, 1.0)


class ElasticNet(Approximation):
    """A linear trend with penalised weights, of which at most ``inputs`` are not zero.

    The inputs are standardised, and the weights w minimise ``mean((y - Zw)²)/2 + a (r Σ|w| + (1 - r) Σw²/2)``. The
    penalty a and the mixture r are those of the smallest cross-validated error within the rows, among those that keep
    at most ``inputs`` inputs. Rows of one group stay together in that cross-validation.

    Parameters
    ----------
    inputs : int
        Largest number of inputs with a weight, 1 and above.
    mixtures : sequence of float
        Values of r to choose from, above 0 and up to 1 (the lasso).
    folds : int
        Of the inner cross-validation, 2 and above; fewer where there are fewer rows or groups. They are consecutive
        rows, as scikit-learn's ``ElasticNetCV`` makes them.

    Attributes
    ----------
    weights_ : array of shape (p,)
        Weights of the standardised inputs.
    penalty_, mixture_ : float
        What was chosen; both NaN where too few rows are there to choose by, and the trend is the mean.
    effective_parameters_ : float
        Inputs with a weight, and the mean: an unbiased count for the lasso, an upper bound for other mixtures.

    References
    ----------
    Zou & Hastie, J. R. Stat. Soc. B 67, 301 (2005), https://doi.org/10.1111/j.1467-9868.2005.00503.x
    Zou, Hastie & Tibshirani, Ann. Stat. 35, 2173 (2007), https://doi.org/10.1214/009053607000000127 (its parameters)

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(40, 5))
    >>> fit = ElasticNet(inputs=1).fit(X, 3.0 * X[:, 2] + 0.1 * X[:, 0])
    >>> np.flatnonzero(fit.weights_).tolist(), fit.count(5)
    ([2], 2)
    """

    size_name: ClassVar[str] = "inputs"
    shares_sizes: ClassVar[bool] = True

    def __init__(self, inputs: int = 1, mixtures: Sequence[float] = MIXTURES, folds: int = 4) -> None:
        self.inputs = inputs
        self.mixtures = mixtures
        self.folds = folds

    @property
    def label(self) -> str:
        """The family in words."""
        return "elastic net"

    def count(self, n_features: int) -> int:
        """Return one weight for each input that may be kept, and the mean."""
        return min(int(self.inputs), n_features) + 1

    def sizes(self, n_rows: int, n_features: int, most: int | None = None) -> list[Any]:
        """Return the numbers of inputs worth sweeping; see `Approximation.sizes`."""
        most = n_rows if most is None else min(most, n_rows)
        numbers = list(range(1, max(min(n_features, most - 1), 1) + 1))
        return swept_sizes(numbers, [k + 1 for k in numbers], n_rows, most)

    def _fit(self, rows: Rows) -> None:
        self._set(rows, self._paths(rows))

    def sweep(self, sizes: Sequence[Any], jobs: Sequence[Job]) -> list[Swept]:
        """Follow the paths of each job once for all sizes; see `Approximation.sweep`."""
        made = []
        for job in jobs:
            found, paths = Swept.empty(len(sizes), len(job.at)), None
            for k, size in enumerate(sizes):
                with found.recording(k):
                    model = self.at_size(size)
                    paths = model._paths(job.rows) if paths is None else paths
                    model._set(job.rows, paths)
                    found.prediction[k], found.effective[k] = model._predict(job.at), model.effective_parameters_
            found.seconds[:] = found.seconds.mean() if len(sizes) else 0.0
            made.append(found)
        return made

    def _set(self, rows: Rows, paths: list[_Path]) -> None:
        """Take the weights of smallest error that the size allows."""
        self.centre_, self.scale_, self.mean_ = _scales(rows)
        self.weights_, self.penalty_, self.mixture_ = np.zeros(rows.X.shape[1]), float("nan"), float("nan")
        self.n_features_in_ = rows.X.shape[1]
        best = np.inf
        for path in paths:
            few = np.count_nonzero(path.weights, axis=0) <= self.inputs
            place = int(np.where(few, path.errors, np.inf).argmin())
            if few[place] and path.errors[place] < best:
                best, self.mixture_ = float(path.errors[place]), path.mixture
                self.weights_, self.penalty_ = path.weights[:, place].copy(), float(path.penalties[place])
        self.effective_parameters_ = 1.0 + float(np.count_nonzero(self.weights_))
        self.freedom_ = float("nan")

    def _check(self) -> None:
        if not isinstance(self.inputs, Integral) or self.inputs < 1:
            raise ArgumentError(f"inputs must be a whole number of 1 and above, got {self.inputs!r}.")
        if not isinstance(self.folds, Integral) or self.folds < 2:
            raise ArgumentError(f"folds must be a whole number of 2 and above, got {self.folds!r}.")
        if not len(self.mixtures) or not all(0 < float(r) <= 1 for r in self.mixtures):
            raise ArgumentError(f"mixtures must lie above 0 and up to 1, got {self.mixtures!r}.")

    def _paths(self, rows: Rows) -> list[_Path]:
        """Return the weights and the cross-validated errors along the penalties, one record for each mixture."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import enet_path
        from sklearn.model_selection import GroupKFold, KFold

        self._check()
        centre, scale, mean = _scales(rows)
        Z, y, w = (rows.X - centre) / scale, rows.y - mean, _weights(rows)
        parts = np.arange(len(y)) if rows.groups is None else rows.groups
        number = len(np.unique(parts))
        count = min(int(self.folds), number)
        if count < 2 or not (Z.any() and y.any()):
            return []
        splits = list(KFold(count).split(Z) if number == len(y) else GroupKFold(count).split(Z, groups=parts))
        root, made = np.sqrt(w)[:, None], []
        with warnings.catch_warnings():  # far down a path, which the smallest error has left long before
            warnings.simplefilter("ignore", ConvergenceWarning)
            for mixture in map(float, self.mixtures):
                penalties = _penalties(Z, y, w, mixture)
                weights = enet_path(Z * root, y * root[:, 0], l1_ratio=mixture, alphas=penalties)[1]
                errors = [_left_out(Z, y, w, mixture, penalties, *split) for split in splits]
                made.append(_Path(mixture, penalties, weights, np.mean(errors, axis=0)))
        return made

    def _predict(self, X: Array) -> Array:
        with np.errstate(over="ignore", invalid="ignore"):
            return self.mean_ + (X - self.centre_) / self.scale_ @ self.weights_

    def _predict_std(self, X: Array) -> tuple[Array, Array]:
        return self._predict(X), np.full(len(X), np.nan)

    def _derivative(self, X: Array, wrt: int) -> Array:
        return np.full(len(X), self.weights_[wrt] / self.scale_[wrt])


class _Path(NamedTuple):
    mixture: float
    penalties: Array
    weights: Array
    errors: Array


def _weights(rows: Rows) -> Array:
    squared = rows.root_precision**2
    return squared / squared.mean()


def _scales(rows: Rows) -> tuple[Array, Array, float]:
    """Return the centre and scale of each input, and the mean of the response."""
    w = _weights(rows)
    return *standard_scale(rows.X, w), float(np.average(rows.y, weights=w))


def _penalties(Z: Array, y: Array, w: Array, mixture: float) -> Array:
    """Return a hundred penalties from the smallest that leaves no weight down to a thousandth of it."""
    largest = np.abs(Z.T @ (w * y)).max() / (len(y) * mixture)
    return np.geomspace(largest, 1e-3 * largest, 100)


def _left_out(Z: Array, y: Array, w: Array, mixture: float, penalties: Array, train: Array, test: Array) -> Array:
    """Return the weighted mean square error on the rows ``test`` for each penalty, shape (a,)."""
    from sklearn.linear_model import enet_path

    inner = w[train] / w[train].mean()
    centre, mean = np.average(Z[train], axis=0, weights=inner), float(np.average(y[train], weights=inner))
    root = np.sqrt(inner)[:, None]
    path = enet_path((Z[train] - centre) * root, (y[train] - mean) * root[:, 0], l1_ratio=mixture, alphas=penalties)[1]
    residual = mean + (Z[test] - centre) @ path - y[test][:, None]
    return np.average(residual**2, axis=0, weights=w[test])
