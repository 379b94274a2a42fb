"""A family that sees some of the inputs only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import clone

from faradaic._core import ArgumentError, joined

from ._base import Approximation, Array
from ._job import Job, Swept
from ._rows import Rows


class Inputs(Approximation):
    """A family of some of the inputs, so that designs on different inputs can be compared on the same rows.

    Parameters
    ----------
    approximation : Approximation
        The family and its choices; its size is the size. What it is told to be known is meant of the inputs it sees.
    columns : sequence of int, optional
        Places of the inputs that it sees, in this order, each once; None: all.

    Attributes
    ----------
    approximation_ : Approximation
        The fitted family, of these inputs.

    Examples
    --------
    >>> import numpy as np
    >>> from faradaic.approximations import Inputs, Polynomial
    >>> X = np.random.default_rng(0).uniform(size=(20, 3))
    >>> fit = Inputs(Polynomial(degree=1), columns=(2,)).fit(X, 4.0 * X[:, 2])
    >>> fit.count(3), fit.derivative(X[:1], 2).round(9).tolist(), fit.derivative(X[:1], 0).tolist()
    (2, [4.0], [0.0])
    """

    approximation_: Approximation

    def __init__(self, approximation: Approximation, columns: Sequence[int] | None = None) -> None:
        self.approximation = approximation
        self.columns = columns

    @property
    def size_name(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The family's swept argument."""
        return self.approximation.size_name

    @property
    def beyond_n(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Whether the family means something with more parameters than rows."""
        return self.approximation.beyond_n

    @property
    def shares_sizes(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Whether the family makes the fits of several sizes from common parts."""
        return self.approximation.shares_sizes

    @property
    def models_sources(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Whether the family tells rows of different sources apart."""
        return isinstance(self.approximation, Approximation) and self.approximation.models_sources

    @property
    def size(self) -> Any:
        """The present size of the family."""
        return self.approximation.size

    @property
    def label(self) -> str:
        """The family in words; `Design.describe` names the inputs it sees."""
        return self.approximation.label

    @property
    def swept_label(self) -> str:
        """The family in words, whatever its present size."""
        return self.approximation.swept_label

    def seen(self, n_features: int) -> tuple[int, ...]:
        """Return the places of the inputs that the family sees.

        Raises
        ------
        ArgumentError
            There is no such input, or one is named twice.
        """
        if self.columns is None:
            return tuple(range(n_features))
        places = tuple(int(j) for j in self.columns)
        wrong = [j for j in places if not 0 <= j < n_features]
        if wrong or not places or len(set(places)) < len(places):
            came = joined(map(str, places)) or "none"
            raise ArgumentError(f"columns must name inputs from 0 to {n_features - 1}, each once, got {came}.")
        return places

    def at_size(self, size: Any) -> Self:
        """Return an unfitted copy with its family at another size."""
        return clone(self).set_params(approximation=self.approximation.at_size(size))

    def for_rows(self, n_swept: int, n_rows: int) -> Self:
        """Return the family's member for another number of rows; see `Approximation.for_rows`."""
        return clone(self).set_params(approximation=self.approximation.for_rows(n_swept, n_rows))

    def count(self, n_features: int) -> int:
        """Return the number of adjustable parameters of the family for the inputs it sees."""
        return self.approximation.count(self._number(n_features))

    def sizes(self, n_rows: int, n_features: int, most: int | None = None) -> list[Any]:
        """Return the sizes of the family worth sweeping; see `Approximation.sizes`."""
        return self.approximation.sizes(n_rows, self._number(n_features), most)

    def _number(self, n_features: int) -> int:
        return n_features if self.columns is None else len(self.columns)

    def sweep(self, sizes: Sequence[Any], jobs: Sequence[Job]) -> list[Swept]:
        """Sweep the family on the inputs it sees; see `Approximation.sweep`."""
        return self.approximation.sweep(
            sizes, [Job(self._rows(job.rows), self._some(job.at), job.seed) for job in jobs]
        )

    def _rows(self, rows: Rows) -> Rows:
        return Rows(self._some(rows.X), rows.y, rows.weight, rows.noise_std, rows.groups, rows.source)

    def _fit(self, rows: Rows) -> None:
        if not isinstance(self.approximation, Approximation):
            raise ArgumentError(f"approximation must be an Approximation, got {self.approximation!r}.")
        self.approximation_ = clone(self.approximation).fit_rows(self._rows(rows))
        self.effective_parameters_ = self.approximation_.effective_parameters_
        self.freedom_ = self.approximation_.freedom_
        self.conditional_ = self.approximation_.conditional_

    def held(self) -> Self:
        """Return an unfitted copy with the family's hyper-parameters held; see `Approximation.held`."""
        return clone(self).set_params(approximation=self.approximation_.held())

    def forget_spread(self) -> None:
        """Drop what only the standard deviation needs; see `Approximation.forget_spread`."""
        super().forget_spread()
        self.approximation_.forget_spread()

    def _some(self, X: Array) -> Array:
        return X[:, list(self.seen(X.shape[1]))]

    def _predict(self, X: Array) -> Array:
        return self.approximation_.predict(self._some(X))

    def _predict_std(self, X: Array) -> tuple[Array, Array]:
        return self.approximation_.predict(self._some(X), return_std=True)

    def _derivative(self, X: Array, wrt: int) -> Array:
        places = self.seen(X.shape[1])
        if wrt not in places:
            return np.zeros(len(X))
        return self.approximation_.derivative(self._some(X), places.index(wrt))

    def _value_and_slope(self, X: Array, wrt: int) -> tuple[Array, Array, Array]:
        places = self.seen(X.shape[1])
        if wrt in places:
            return self.approximation_.value_and_slope(self._some(X), places.index(wrt))
        value, std = self._predict_std(X)
        covariance = np.zeros((len(X), 2, 2))
        covariance[:, 0, 0] = std**2
        return value, np.zeros(len(X)), covariance

    def _covariance_between(self, A: Array, B: Array) -> Array:
        return self.approximation_.covariance(self._some(A), self._some(B))
