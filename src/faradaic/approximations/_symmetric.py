"""Any family made even or odd about a point of one input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, Self

import numpy as np
from sklearn.base import clone

from faradaic._core import ArgumentError, FitError

from ._base import Approximation, Array
from ._job import Job, Swept
from ._known import Known, Slope, Value, as_told, named, told
from ._rows import Rows


class Symmetric(Approximation):
    """A family that is even or odd about a point, by construction and without a kink.

    With u = x − ``about`` along one input, an even trend is f = g(u²) and an odd one f = ``value`` + u g(u²), and
    the family is fitted to g: every smooth even or odd function has this form. Odd rows are divided by u and weighted
    by u², which leaves least squares as it was; a row at the point itself says nothing.

    A shape of the family (monotone, convex) is one of g: for an even trend "increasing" means away from the point.
    What the family is told to be known is meant of f.

    Parameters
    ----------
    approximation : Approximation
        The family and its choices; its size is the size.
    kind : {"even", "odd"}
        f(−u) = f(u), or f(−u) − ``value`` = ``value`` − f(u).
    about : float
        The point, in the coordinate in which the family sees the data: in SI for a table that `faradaic.read` made
        (298.15 for 25 °C), and through the transform of a `Design`.
    axis : int
        Number of the input.
    value : float
        Value of an odd trend at the point.

    Attributes
    ----------
    approximation_ : Approximation
        The fitted family, of u².

    References
    ----------
    Whitney: Differentiable even functions, Duke Math. J. 10, 159 (1943),
    https://doi.org/10.1215/S0012-7094-43-01015-4

    Examples
    --------
    >>> import numpy as np
    >>> from faradaic.approximations import Polynomial, Symmetric
    >>> x = np.linspace(0.0, 2.0, 9)[:, None]
    >>> even = Symmetric(Polynomial(degree=1)).fit(x, x.ravel() ** 2)
    >>> even.predict([[-3.0]]).round(12).tolist(), even.count(1)
    ([9.0], 2)
    """

    approximation_: Approximation

    def __init__(
        self,
        approximation: Approximation,
        kind: Literal["even", "odd"] = "even",
        about: float = 0.0,
        axis: int = 0,
        value: float = 0.0,
    ) -> None:
        self.approximation = approximation
        self.kind = kind
        self.about = about
        self.axis = axis
        self.value = value

    @property
    def size_name(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The family's swept argument."""
        return self.approximation.size_name

    @property
    def beyond_n(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Whether the family means something with more parameters than rows."""
        return self.approximation.beyond_n

    @property
    def models_sources(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Whether the family tells rows of different sources apart."""
        return isinstance(self.approximation, Approximation) and self.approximation.models_sources

    @property
    def shares_sizes(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Whether the family makes the fits of several sizes from common parts."""
        return isinstance(self.approximation, Approximation) and self.approximation.shares_sizes

    def parts(self, n_rows: int) -> int:
        """Return into how many tasks the family's splits are divided; see `Approximation.parts`."""
        return self.approximation.parts(n_rows)

    @property
    def size(self) -> Any:
        """The present size of the family."""
        return self.approximation.size

    def at_size(self, size: Any) -> Self:
        """Return an unfitted copy with its family at another size."""
        return clone(self).set_params(approximation=self.approximation.at_size(size))

    def for_rows(self, n_swept: int, n_rows: int) -> Self:
        """Return the family's member for another number of rows; see `Approximation.for_rows`."""
        return clone(self).set_params(approximation=self.approximation.for_rows(n_swept, n_rows))

    def count(self, n_features: int) -> int:
        """Return the number of adjustable parameters of the family."""
        return self._inner().count(n_features)

    def sizes(self, n_rows: int, n_features: int, most: int | None = None) -> list[Any]:
        """Return the sizes of the family worth sweeping; see `Approximation.sizes`."""
        return self._inner().sizes(n_rows, n_features, most)

    @property
    def label(self) -> str:
        """The family with its symmetry."""
        return f"{self.kind} {self.approximation.label}"

    @property
    def swept_label(self) -> str:
        """The family with its symmetry, whatever its present size."""
        return f"{self.kind} {self.approximation.swept_label}"

    def _inner(self) -> Approximation:
        """Return the unfitted family of u², which knows what is known of it."""
        fresh = clone(self.approximation)
        name, facts = told(fresh)
        if facts:
            folded = [self._folded(fact, facts) for fact in facts]
            fresh.set_params(**{name: tuple(fact for fact in folded if fact is not None)})
        return fresh

    def _fit(self, rows: Rows) -> None:
        self._check(rows.X.shape[1])
        self.approximation_ = self._inner().fit_rows(self._folded_rows(rows))
        self.effective_parameters_ = self.approximation_.effective_parameters_
        self.freedom_ = self.approximation_.freedom_
        self.conditional_ = self.approximation_.conditional_

    def _check(self, p: int) -> None:
        if not isinstance(self.approximation, Approximation):
            raise ArgumentError(f"approximation must be an Approximation, got {self.approximation!r}.")
        if self.kind not in ("even", "odd"):
            raise ArgumentError(f"kind must be 'even' or 'odd', got {self.kind!r}.")
        if not 0 <= self.axis < p:
            raise ArgumentError(f"axis must be a feature number from 0 to {p - 1}, got {self.axis!r}.")

    def _folded_rows(self, rows: Rows) -> Rows:
        """Return the rows of g."""
        X, u = self._squared(rows.X)
        y, weight, noise, groups, source = rows.y, rows.weight, rows.noise_std, rows.groups, rows.source
        if self.kind == "odd":
            kept = u != 0
            if not kept.any():
                raise FitError("every row lies at the point of symmetry, where an odd trend is known already.")
            X, u, y, weight = X[kept], u[kept], y[kept], weight[kept]
            y = (y - self.value) / u
            groups = None if groups is None else groups[kept]
            source = None if source is None else source[kept]
            relative = weight * (u / np.abs(u).max()) ** 2
            if noise is None:
                weight = relative
            else:  # rows that are exact, or of unknown noise, have no size of it to divide: their weight says it
                declared = noise[kept] > 0
                weight = np.where(declared, weight, relative)
                noise = np.where(declared, noise[kept] / np.abs(u), noise[kept])
        return Rows.checked(X, y, weight, noise, groups, source if self.models_sources else None)

    def sweep(self, sizes: Sequence[Any], jobs: Sequence[Job]) -> list[Swept]:
        """Sweep the family of u²; see `Approximation.sweep`."""
        if not jobs:
            return []
        self._check(jobs[0].rows.X.shape[1])
        inner: list[Job | None] = []
        found = [Swept.empty(len(sizes), len(job.at)) for job in jobs]
        for job, one in zip(jobs, found, strict=True):
            inner.append(None)
            for k in range(len(sizes)):
                with one.recording(k):
                    if inner[-1] is None:
                        inner[-1] = Job(self._folded_rows(job.rows), self._squared(job.at)[0], job.seed)
        usable = [place for place, each in enumerate(inner) if each is not None]
        swept = self._inner().sweep(sizes, [each for each in inner if each is not None])
        for place, one in zip(usable, swept, strict=True):
            u = self._squared(jobs[place].at)[1]
            with np.errstate(over="ignore", invalid="ignore"):
                prediction = one.prediction if self.kind == "even" else self.value + u * one.prediction
            found[place] = replace(one, prediction=prediction, seconds=one.seconds + found[place].seconds)
        return found

    def held(self) -> Self:
        """Return an unfitted copy with the family's hyper-parameters held; see `Approximation.held`."""
        return clone(self).set_params(approximation=as_told(self.approximation_.held(), self.approximation))

    def forget_spread(self) -> None:
        """Drop what only the standard deviation needs; see `Approximation.forget_spread`."""
        super().forget_spread()
        self.approximation_.forget_spread()

    def _squared(self, X: Array) -> tuple[Array, Array]:
        """Return the inputs with u² for the one of the symmetry, and u."""
        u = X[:, self.axis] - self.about
        X = X.copy()
        X[:, self.axis] = u**2
        return X, u

    def _predict(self, X: Array) -> Array:
        X, u = self._squared(X)
        inner = self.approximation_.predict(X)
        return inner if self.kind == "even" else self.value + u * inner

    def _predict_std(self, X: Array) -> tuple[Array, Array]:
        X, u = self._squared(X)
        inner, std = self.approximation_.predict(X, return_std=True)
        return (inner, std) if self.kind == "even" else (self.value + u * inner, np.abs(u) * std)

    def _derivative(self, X: Array, wrt: int) -> Array:
        X, u = self._squared(X)
        jacobian = self._unfolding(u, wrt)
        slope = jacobian[:, 1, 1] * self.approximation_.derivative(X, wrt)
        return slope + jacobian[:, 1, 0] * self.approximation_.predict(X) if jacobian[:, 1, 0].any() else slope

    def _value_and_slope(self, X: Array, wrt: int) -> tuple[Array, Array, Array]:
        squared, u = self._squared(X)
        covariance = self.approximation_.value_and_slope(squared, wrt)[2]
        jacobian = self._unfolding(u, wrt)
        return self._predict(X), self._derivative(X, wrt), jacobian @ covariance @ jacobian.transpose(0, 2, 1)

    def _covariance_between(self, A: Array, B: Array) -> Array:
        (a, u), (b, v) = self._squared(A), self._squared(B)
        covariance = self.approximation_.covariance(a, b)
        return covariance if self.kind == "even" else u[:, None] * covariance * v

    def _unfolding(self, u: Array, wrt: int) -> Array:
        """Return d(f, ∂f/∂x)/d(g, ∂g/∂x'), shape (n, 2, 2), with x' the inputs of g."""
        even, along = self.kind == "even", wrt == self.axis
        out = np.zeros((len(u), 2, 2))
        out[:, 0, 0] = 1.0 if even else u
        out[:, 1, 1] = out[:, 0, 0] * (2.0 * u if along else 1.0)
        out[:, 1, 0] = float(along and not even)
        return out

    def _folded(self, fact: Known, facts: tuple[Known, ...]) -> Known | None:
        """Return what a fact about f says of g; None where the symmetry says it already."""
        if not self.axis < len(fact.at):
            return fact  # the family's own check says what is wrong
        place = fact.at[self.axis]
        along = isinstance(fact, Slope) and fact.wrt == self.axis
        if place is None:
            if along or self.kind == "odd":
                raise ArgumentError(f"{named(fact)} runs across the point of symmetry; give it at points.")
            return fact
        u = place - self.about
        at = tuple(u**2 if j == self.axis else part for j, part in enumerate(fact.at))
        if u == 0 and (along if self.kind == "even" else not along):
            given = self.value if isinstance(fact, Value) else 0.0
            if fact.value == given:
                return None
            raise ArgumentError(f"{named(fact)} contradicts the symmetry, which makes it {given:g}; leave one out.")
        if self.kind == "even":
            factor = 2.0 * u if along else 1.0
            return replace(fact, value=fact.value / factor, at=at, std=fact.std / abs(factor))
        if u == 0:  # the slope of an odd trend at its point
            return Value(fact.value, at=at, std=fact.std)
        if isinstance(fact, Value):
            return Value((fact.value - self.value) / u, at=at, std=fact.std / abs(u))
        if not along:
            return replace(fact, value=fact.value / u, at=at, std=fact.std / abs(u))
        values = [other.value for other in facts if isinstance(other, Value) and other.at == fact.at]
        if not values:
            raise ArgumentError(f"{named(fact)} needs the value at the same place in an odd trend; add Value(...).")
        slope = (fact.value - (values[0] - self.value) / u) / (2.0 * u**2)
        return replace(fact, value=slope, at=at, std=fact.std / (2.0 * u**2))
