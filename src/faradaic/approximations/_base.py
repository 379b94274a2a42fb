"""What every approximation is: a scikit-learn regressor with a size axis."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.utils.validation import check_is_fitted, validate_data

from faradaic._core import ArgumentError, FitError

from ._job import Job, Swept, one_by_one
from ._rows import Rows

Array = np.ndarray
# into so many the splits of a landscape are divided at most, for workers to share
MOST_PARTS = 8


class Approximation(RegressorMixin, BaseEstimator, ABC):
    """A regressor whose degree of parameterisation is one constructor argument, its *size*.

    A family implements `count`, `sizes` and the three private steps ``_fit``, ``_predict`` and ``_derivative``;
    validation, weights and the scikit-learn protocol are done once, here.

    Attributes
    ----------
    size_name : str
        The constructor argument that is swept (``"degree"``, ``"width"``, ...).
    beyond_n : bool
        Whether sizes with more parameters than rows mean something (a least-norm or an interpolating solution).
    shares_sizes : bool
        Whether `sweep` makes the fits of several sizes from common parts, so that they belong in one call.
    models_sources : bool
        Whether rows of different sources are told apart (see `fit`).
    effective_parameters_ : float
        Parameters the data really moved: the trace of the smoother or the rank of the sensitivities.
    freedom_ : float
        Degrees of freedom of the noise estimate behind the standard deviation of the trend: infinite where the noise
        is declared or the spread is a posterior, NaN where there is no spread.
    conditional_ : bool
        Whether that standard deviation takes for known what was fitted to the same rows, such as a length scale.
    """

    size_name: ClassVar[str]
    beyond_n: ClassVar[bool] = False
    shares_sizes: ClassVar[bool] = False
    models_sources: ClassVar[bool] = False
    effective_parameters_: float
    freedom_: float = float("nan")
    conditional_: bool = False

    @classmethod
    @cache
    def _get_param_names(cls) -> list[str]:
        # scikit-learn reads the signature each time that an estimator is copied, which costs more than many a fit
        return super()._get_param_names()

    @abstractmethod
    def count(self, n_features: int) -> int:
        """Return the number of adjustable parameters for ``n_features`` inputs, before any fit."""

    @abstractmethod
    def sizes(self, n_rows: int, n_features: int, most: int | None = None) -> list[Any]:
        """Return the sizes worth sweeping for ``n_rows`` distinct rows, by increasing number of parameters.

        The list starts at the smallest member of the family and goes on to ``most`` parameters
        (default: ``4 n_rows`` where `beyond_n` holds, else ``n_rows``); it is dense around ``n_rows``.
        """

    def at_size(self, size: Any) -> Self:
        """Return an unfitted copy of this approximation at another size."""
        return clone(self).set_params(**{self.size_name: size})

    def seen(self, n_features: int) -> tuple[int, ...]:
        """Return the places of the inputs that the family sees: all, for most families."""
        return tuple(range(n_features))

    def for_rows(self, n_swept: int, n_rows: int) -> Self:
        """Return the member that a choice made on ``n_swept`` rows means on ``n_rows``: this one, for most families."""
        return self

    def parts(self, n_rows: int) -> int:
        """Return into how many tasks the splits of a landscape of ``n_rows`` rows are divided at most.

        Workers share the tasks; a family that makes the fits of several splits together gains from few.
        """
        return MOST_PARTS

    @property
    def size(self) -> Any:
        """The present value of the swept argument."""
        return getattr(self, self.size_name)

    @property
    def label(self) -> str:
        """The family in plain words, with the choices that give it another shape."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(self).__name__).lower()

    @property
    def swept_label(self) -> str:
        """The family in plain words, whatever its present size."""
        return self.label

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        noise_std: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        source: ArrayLike | None = None,
    ) -> Self:
        """Fit to the rows.

        Parameters
        ----------
        X : array of shape (n, p)
            Inputs.
        y : array of shape (n,)
            Response.
        sample_weight : array of shape (n,), optional
            Relative precision of each row (for a mean of k replicates: k). Rows of weight zero are left out.
        noise_std : array of shape (n,), optional
            Known standard deviation of each response, in units of ``y``; zero everywhere: exact data.
            Without it the noise is unknown and, where the family needs it, estimated.
        groups : array of shape (n,), optional
            Rows of one group share an error of their own (one cell, one batch of electrolyte). Families that
            can model this do; the others leave it alone.
        source : int array of shape (n,), optional
            Rank of the source of each row; the highest is the truth, the others are cheaper accounts of it. Families
            that tell sources apart (`models_sources`) predict the highest, and take ``noise_std`` source by source:
            positive, zero (exact) or NaN (unknown). The others leave it alone: all rows are rows of one trend.

        Raises
        ------
        ArgumentError
            A constructor argument is outside its range.
        ValueError
            ``X`` or ``y`` is not finite or has the wrong shape.
        FitError
            The fit did not succeed; the message is the reason.
        """
        checked_X, checked_y = validate_data(self, X, y, y_numeric=True, dtype=np.float64)
        checked_y = np.asarray(checked_y, dtype=np.float64)
        rank = source if self.models_sources else None
        return self.fit_rows(Rows.checked(np.asarray(checked_X), checked_y, sample_weight, noise_std, groups, rank))

    def fit_rows(self, rows: Rows) -> Self:
        """Fit to rows that are checked already; raises as `fit` does."""
        self.n_features_in_ = rows.X.shape[1]
        self._fit(rows)
        return self

    def sweep(self, sizes: Sequence[Any], jobs: Sequence[Job]) -> list[Swept]:
        """Fit every size to the rows of every job and predict the job's points, sharing what can be shared.

        Equal to one `fit` and `predict` for each size and job, within rounding. A fit that fails is recorded with its
        reason; what `fit` says of arguments and inputs that cannot be used is raised.

        Examples
        --------
        >>> import numpy as np
        >>> from faradaic.approximations import Job, Polynomial
        >>> x = np.linspace(0.0, 1.0, 5)[:, None]
        >>> found = Polynomial().sweep([0, 1], [Job.of(x, 2.0 * x[:, 0], at=np.array([[2.0]]))])
        >>> found[0].prediction.round(12).tolist()
        [[1.0], [4.0]]
        """
        return [one_by_one(self.at_size, sizes, job) for job in jobs]

    def predict(self, X: ArrayLike, return_std: bool = False) -> Any:
        """Return the trend at ``X`` and, if asked, the standard deviation of the trend (not of an observation)."""
        check_is_fitted(self)
        checked = np.asarray(validate_data(self, X, reset=False, dtype=np.float64))
        return self._predict_std(checked) if return_std else self._predict(checked)

    def derivative(self, X: ArrayLike, wrt: int) -> Array:
        """Return the partial derivative of the prediction with respect to feature number ``wrt``, shape (n,)."""
        return self._derivative(self._differentiable(X, wrt), wrt)

    def value_and_slope(self, X: ArrayLike, wrt: int) -> tuple[Array, Array, Array]:
        """Return the trend, its slope along feature number ``wrt``, and how uncertain the two are together.

        Returns
        -------
        value, slope : arrays of shape (n,)
            As `predict` and `derivative` give them.
        covariance : array of shape (n, 2, 2)
            Joint covariance of value and slope at each row; NaN where no spread can be known.
        """
        return self._value_and_slope(self._differentiable(X, wrt), wrt)

    def _differentiable(self, X: ArrayLike, wrt: int) -> Array:
        check_is_fitted(self)
        checked = np.asarray(validate_data(self, X, reset=False, dtype=np.float64))
        if not 0 <= wrt < checked.shape[1]:
            raise ArgumentError(f"wrt must be a feature number from 0 to {checked.shape[1] - 1}, got {wrt!r}.")
        return checked

    def _value_and_slope(self, X: Array, wrt: int) -> tuple[Array, Array, Array]:
        """Return value, slope and their covariance; a family that knows its spread gives more than NaN."""
        return self._predict(X), self._derivative(X, wrt), np.full((len(X), 2, 2), np.nan)

    def covariance(self, A: ArrayLike, B: ArrayLike) -> Array:
        """Return how uncertain the trend at ``A`` (n, p) and at ``B`` (m, p) is together, shape (n, m).

        Its diagonal at equal points is the square of the standard deviation; NaN where no spread can be known.
        """
        check_is_fitted(self)
        rows = (np.asarray(validate_data(self, each, reset=False, dtype=np.float64)) for each in (A, B))
        return self._covariance_between(*rows)

    def _covariance_between(self, A: Array, B: Array) -> Array:
        """Return the covariance of the trend; a family that knows its spread gives more than NaN."""
        return np.full((len(A), len(B)), np.nan)

    def held(self) -> Self:
        """Return an unfitted copy, with hyper-parameters (where the family has any) held at those of this fit."""
        return clone(self)

    def forget_spread(self) -> None:
        """Drop what only the standard deviation needs, which then is NaN: for fits of which many are kept."""
        self.freedom_ = float("nan")

    @abstractmethod
    def _fit(self, rows: Rows) -> None: ...

    @abstractmethod
    def _predict(self, X: Array) -> Array: ...

    @abstractmethod
    def _predict_std(self, X: Array) -> tuple[Array, Array]: ...

    @abstractmethod
    def _derivative(self, X: Array, wrt: int) -> Array: ...


def counts_to_sweep(n_rows: int, most: int) -> list[int]:
    """Return parameter counts from 1 to ``most``: geometric, and dense around ``n_rows``."""
    geometric = np.unique(np.round(np.geomspace(1, max(most, 1), num=13)).astype(int))
    around = np.round(n_rows * np.array([0.6, 0.75, 0.85, 0.92, 0.97, 1.0, 1.03, 1.08, 1.15, 1.3, 1.6])).astype(int)
    counts = np.unique(np.concatenate([geometric, around]))
    return [int(c) for c in counts if 1 <= c <= most]


def nearest_sizes(counts: Sequence[int], wanted: Sequence[int]) -> list[int]:
    """Return positions in the increasing ``counts`` that lie closest to each wanted count, without repeats."""
    available = np.asarray(counts)
    if not len(available):
        raise FitError("the family has no member of the sizes that were asked for.")
    picked = {int(np.abs(available - w).argmin()) for w in wanted}
    return sorted(picked)


def swept_sizes(sizes: Sequence[Any], counts: Sequence[int], n_rows: int, most: int) -> list[Any]:
    """Return the sizes whose counts lie closest to those of `counts_to_sweep`, and the neighbours of ``n_rows``.

    Parameters
    ----------
    sizes, counts : sequences
        All members of the family, by increasing number of parameters, and that number; those above ``most`` are left
        out, but for the smallest member.

    Examples
    --------
    >>> swept_sizes([0, 1, 2, 3], [1, 4, 10, 20], n_rows=12, most=48)
    [0, 1, 2, 3]
    """
    allowed = [position for position, count in enumerate(counts) if count <= most] or [0]
    available = np.asarray([counts[position] for position in allowed])
    picked = set(nearest_sizes(available.tolist(), counts_to_sweep(n_rows, most)))
    picked.add(0)
    picked.update(np.flatnonzero(available <= n_rows)[-1:].tolist())
    picked.update(np.flatnonzero(available >= n_rows)[:1].tolist())
    return [sizes[allowed[position]] for position in sorted(picked)]
