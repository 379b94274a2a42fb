"""A linear trend that leaves inputs out: the elastic net, whose size is the number of inputs it may keep."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from numbers import Integral
from typing import Any, ClassVar

import numpy as np

from faradaic._core import ArgumentError

from ._base import Approximation, Array, swept_sizes
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
        self._check()
        w = rows.root_precision**2
        w = w / w.mean()
        self.centre_, self.scale_ = standard_scale(rows.X, w)
        self.mean_ = float(np.average(rows.y, weights=w))
        Z, y = (rows.X - self.centre_) / self.scale_, rows.y - self.mean_
        self.weights_, self.penalty_, self.mixture_ = self._chosen(Z, y, w, rows.groups)
        self.effective_parameters_ = 1.0 + float(np.count_nonzero(self.weights_))
        self.freedom_ = float("nan")

    def _check(self) -> None:
        if not isinstance(self.inputs, Integral) or self.inputs < 1:
            raise ArgumentError(f"inputs must be a whole number of 1 and above, got {self.inputs!r}.")
        if not isinstance(self.folds, Integral) or self.folds < 2:
            raise ArgumentError(f"folds must be a whole number of 2 and above, got {self.folds!r}.")
        if not len(self.mixtures) or not all(0 < float(r) <= 1 for r in self.mixtures):
            raise ArgumentError(f"mixtures must lie above 0 and up to 1, got {self.mixtures!r}.")

    def _chosen(self, Z: Array, y: Array, w: Array, groups: Array | None) -> tuple[Array, float, float]:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import enet_path
        from sklearn.model_selection import GroupKFold, KFold

        parts = np.arange(len(y)) if groups is None else groups
        count = min(int(self.folds), len(np.unique(parts)))
        nothing = np.zeros(Z.shape[1]), float("nan"), float("nan")
        if count < 2 or not (Z.any() and y.any()):
            return nothing
        lone = len(np.unique(parts)) == len(y)
        splits = list(KFold(count).split(Z) if lone else GroupKFold(count).split(Z, groups=parts))
        root = np.sqrt(w)[:, None]
        best, chosen = np.inf, nothing
        for mixture in map(float, self.mixtures):
            with warnings.catch_warnings():  # far down a path that the error has left long before
                warnings.simplefilter("ignore", ConvergenceWarning)
                penalties = _penalties(Z, y, w, mixture)
                path = enet_path(Z * root, y * root[:, 0], l1_ratio=mixture, alphas=penalties)[1]
                errors = np.mean([_left_out(Z, y, w, mixture, penalties, *split) for split in splits], axis=0)
            few = np.count_nonzero(path, axis=0) <= self.inputs
            place = int(np.where(few, errors, np.inf).argmin())
            if few[place] and errors[place] < best:
                best, chosen = float(errors[place]), (path[:, place].copy(), float(penalties[place]), mixture)
        return chosen

    def _predict(self, X: Array) -> Array:
        with np.errstate(over="ignore", invalid="ignore"):
            return self.mean_ + (X - self.centre_) / self.scale_ @ self.weights_

    def _predict_std(self, X: Array) -> tuple[Array, Array]:
        return self._predict(X), np.full(len(X), np.nan)

    def _derivative(self, X: Array, wrt: int) -> Array:
        return np.full(len(X), self.weights_[wrt] / self.scale_[wrt])


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
