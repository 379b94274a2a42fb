"""A design: in which coordinates a family of approximations sees the data."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Self

import numpy as np
from sklearn.base import clone

from faradaic._core import ArgumentError, InputError, plural, shortened

from ._base import Approximation, Array
from ._job import Job, Swept
from ._known import as_told, carried, in_words, told
from ._rows import Rows
from ._slope import back_through
from ._transforms import Identity, Transform


class Design(Approximation):
    """An approximation of a transformed response in transformed inputs.

    With input coordinates ``t_j = f_j(x_j)`` and the response coordinate ``z = g(y)``, the family is fitted to
    ``z(t)``. Predictions and derivatives come back in the user's own variables:
    ``dy/dx_j = (dz/dt_j) f_j'(x_j) / g'(y)``.

    What the family is told to be known (`Value`, `Slope`) is meant in the user's variables too, and is carried over; a
    shape (monotone, convex, positive) is meant in the coordinates in which the family sees the data.

    Known noise goes through the response transform by the delta method, ``std(z) = |g'(y)| std(y)``; unknown noise
    is taken as equal for all rows in the coordinate z. The prediction is ``g⁻¹`` of the fitted z, which is the
    median, not the mean, of y where the noise is symmetric in z.

    Parameters
    ----------
    approximation : Approximation
        The family and its choices; its size is the design's size.
    x : Transform or sequence of Transform, optional
        One transform for every input, or one for each. Default: the inputs as they came.
    y : Transform, optional
        Transform of the response. Default: the response as it came.

    Attributes
    ----------
    approximation_ : Approximation
        The fitted family, in the transformed coordinates.
    x_, y_ : tuple of Transform, Transform
        The transforms with their constants.
    effective_parameters_ : float
        Effective parameters of the fitted family.

    Examples
    --------
    >>> import numpy as np
    >>> from faradaic.approximations import Design, Log, Polynomial, Reciprocal
    >>> T = np.linspace(280.0, 340.0, 7)[:, None]
    >>> k = 5e3 * np.exp(-2000.0 / T.ravel())
    >>> arrhenius = Design(Polynomial(degree=1), x=Reciprocal(), y=Log()).fit(T, k)
    >>> arrhenius.describe(["T"], "k")
    'polynomial of ln k in 1/T'
    >>> slope = arrhenius.derivative(T, 0)
    >>> bool(np.allclose(slope, k * 2000.0 / T.ravel() ** 2))
    True
    """

    approximation_: Approximation

    def __init__(self, approximation: Approximation, x: Any = None, y: Transform | None = None) -> None:
        self.approximation = approximation
        self.x = x
        self.y = y

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

    def at_size(self, size: Any) -> Self:
        """Return an unfitted copy of this design with its family at another size."""
        return clone(self).set_params(approximation=self.approximation.at_size(size))

    def for_rows(self, n_swept: int, n_rows: int) -> Self:
        """Return the design with the family's member for another number of rows; see `Approximation.for_rows`."""
        return clone(self).set_params(approximation=self.approximation.for_rows(n_swept, n_rows))

    def parts(self, n_rows: int) -> int:
        """Return into how many tasks the family's splits are divided; see `Approximation.parts`."""
        return self.approximation.parts(n_rows)

    def seen(self, n_features: int) -> tuple[int, ...]:
        """Return the places of the inputs that the family sees; see `Approximation.seen`."""
        return self.approximation.seen(n_features)

    def count(self, n_features: int) -> int:
        """Return the number of adjustable parameters of the family; transforms add none."""
        return self.approximation.count(n_features)

    def sizes(self, n_rows: int, n_features: int, most: int | None = None) -> list[Any]:
        """Return the sizes of the family worth sweeping; see `Approximation.sizes`."""
        return self.approximation.sizes(n_rows, n_features, most)

    @property
    def label(self) -> str:
        """The design in words, with x1, x2, ... for the inputs and y for the response."""
        return self.describe()

    def describe(self, names: Sequence[str] | None = None, response: str = "y", *, swept: bool = False) -> str:
        """Return the design in words, e.g. ``"rbf Gaussian process of ln y in 1/T, c, r"``.

        Parameters
        ----------
        names : sequence of str, optional
            Names of the inputs; default x1, x2, ... as far as their number is known.
        response : str
            Name of the response.
        swept : bool
            Whether all sizes are meant, not the present one.
        """
        if names is None:
            names = self._default_names()
        transforms = self._transforms(len(names))
        symbols = [each.symbol(name) for each, name in zip(transforms, names, strict=True)]
        several = isinstance(self.approximation, Approximation) and len(symbols) > 1
        seen = self.approximation.seen(len(symbols)) if several else range(len(symbols))
        inputs = shortened(symbols[j] for j in seen)
        family = self.approximation.swept_label if swept else self.approximation.label
        return f"{family} of {(self.y or Identity()).symbol(response)} in {inputs}{in_words(self.approximation)}"

    def _default_names(self) -> list[str]:
        if "n_features_in_" in vars(self):
            p = self.n_features_in_
        elif self.x is None or isinstance(self.x, Transform):
            return ["x"]
        else:
            p = len(self.x)
        return ["x"] if p == 1 else [f"x{j + 1}" for j in range(p)]

    def _transforms(self, p: int) -> tuple[Transform, ...]:
        if self.x is None:
            return (Identity(),) * p
        if isinstance(self.x, Transform):
            return (self.x,) * p
        transforms = tuple(Identity() if each is None else each for each in self.x)
        wrong = [each for each in transforms if not isinstance(each, Transform)]
        if wrong:
            raise ArgumentError(f"x must hold transforms such as Log() or Reciprocal(), got {wrong[0]!r}.")
        if len(transforms) != p:
            raise ArgumentError(
                f"x holds {plural(len(transforms), 'transform')} and the data have {plural(p, 'input')}; "
                f"give one transform for each input, or a single one for all."
            )
        return transforms

    def _fit(self, rows: Rows) -> None:
        inner, fresh = self._inner(rows), clone(self.approximation)
        name, facts = told(fresh)
        if facts:
            fresh.set_params(**{name: carried(facts, self.x_, self.y_)})
        self.approximation_ = fresh.fit_rows(inner)
        self.effective_parameters_ = self.approximation_.effective_parameters_
        self.freedom_ = self.approximation_.freedom_
        self.conditional_ = self.approximation_.conditional_

    def _inner(self, rows: Rows) -> Rows:
        """Fix the transforms, and return the rows in the coordinates."""
        if not isinstance(self.approximation, Approximation):
            raise ArgumentError(f"approximation must be an Approximation, got {self.approximation!r}.")
        if not (self.y is None or isinstance(self.y, Transform)):
            raise ArgumentError(f"y must be a transform such as Log(), got {self.y!r}.")
        transforms = self._transforms(rows.X.shape[1])
        _check(transforms, rows.X, self._names(rows.X.shape[1]))
        response = self.y or Identity()
        response.check(rows.y, "the response")
        self.x_ = tuple(each.fitted(rows.X[:, j]) for j, each in enumerate(transforms))
        self.y_ = response.fitted(rows.y)
        X, y = self._forward(rows.X), self.y_.forward(rows.y)
        if not (np.isfinite(X).all() and np.isfinite(y).all()):
            raise InputError("a transform gives a value that is not finite; use the column without it.")
        noise = None if rows.noise_std is None else self._noise(rows.y, rows.noise_std)
        return Rows.checked(X, y, rows.weight, noise, rows.groups, rows.source)

    def sweep(self, sizes: Sequence[Any], jobs: Sequence[Job]) -> list[Swept]:
        """Sweep the family in the coordinates of each job; see `Approximation.sweep`."""
        if told(self.approximation)[1]:  # carried over by transforms that differ from job to job
            return super().sweep(sizes, jobs)
        seen = [copy(self) for _ in jobs]  # each fixes transforms of its own
        inner = [Job(one._inner(job.rows), one._inputs(job.at), job.seed) for one, job in zip(seen, jobs, strict=True)]
        found = zip(seen, self.approximation.sweep(sizes, inner), strict=True)
        with np.errstate(over="ignore", invalid="ignore"):
            return [replace(each, prediction=one.y_.inverse(each.prediction)) for one, each in found]

    def _noise(self, y: Array, noise_std: Array) -> Array:
        with np.errstate(invalid="ignore"):
            noise = np.where(noise_std == 0, 0.0, noise_std * np.abs(self.y_.slope(y)))
        broken = ~np.isfinite(noise) & ~np.isnan(noise_std)  # noise that is not known stays so
        if broken.any():
            row = int(np.flatnonzero(broken)[0])
            raise InputError(
                f"the known noise of the response {y[row]:g} in row {row + 1} (the first row is row 1) is not finite "
                f"as noise of {self.y_.symbol('y')}; use the response without the transform, or leave the row out."
            )
        return noise

    def _names(self, p: int) -> list[str]:
        if "feature_names_in_" in vars(self):
            return [f"the column {name!r}" for name in self.feature_names_in_]  # pyright: ignore[reportAttributeAccessIssue]
        return [f"input {j + 1}" for j in range(p)]

    def _forward(self, X: Array) -> Array:
        return np.column_stack([each.forward(X[:, j]) for j, each in enumerate(self.x_)])

    def _inputs(self, X: Array) -> Array:
        _check(self.x_, X, self._names(X.shape[1]))
        return self._forward(X)

    def predict_coordinate(self, X: Array) -> tuple[Array, Array]:
        """Return the trend and its standard deviation in the coordinate that was fitted, z = g(y), each (n,)."""
        return self.approximation_.predict(self._inputs(X), return_std=True)

    def held(self) -> Self:
        """Return an unfitted copy with the family's hyper-parameters held; see `Approximation.held`."""
        return clone(self).set_params(approximation=as_told(self.approximation_.held(), self.approximation))

    def forget_spread(self) -> None:
        """Drop what only the standard deviation needs; see `Approximation.forget_spread`."""
        super().forget_spread()
        self.approximation_.forget_spread()

    def _predict(self, X: Array) -> Array:
        return self.y_.inverse(self.approximation_.predict(self._inputs(X)))

    def _predict_std(self, X: Array) -> tuple[Array, Array]:
        z, std = self.approximation_.predict(self._inputs(X), return_std=True)
        y = self.y_.inverse(z)
        with np.errstate(divide="ignore", invalid="ignore"):  # the response itself may have run off to infinity
            return y, std / np.abs(self.y_.slope(y))

    def _covariance_between(self, A: Array, B: Array) -> Array:
        a, b = self._inputs(A), self._inputs(B)
        with np.errstate(divide="ignore", invalid="ignore"):
            left, right = (np.abs(self.y_.slope(self.y_.inverse(self.approximation_.predict(each)))) for each in (a, b))
            return self.approximation_._covariance_between(a, b) / np.outer(left, right)

    def _derivative(self, X: Array, wrt: int) -> Array:
        inputs = self._inputs(X)
        inner = self.approximation_.derivative(inputs, wrt) * self.x_[wrt].slope(X[:, wrt])
        if isinstance(self.y_, Identity):
            return inner
        with np.errstate(divide="ignore", invalid="ignore"):
            return inner / self.y_.slope(self.y_.inverse(self.approximation_.predict(inputs)))

    def _value_and_slope(self, X: Array, wrt: int) -> tuple[Array, Array, Array]:
        inputs = self._inputs(X)
        z, slope, covariance = self.approximation_._value_and_slope(inputs, wrt)
        stretch = self.x_[wrt].slope(X[:, wrt])
        y = self.y_.inverse(z)
        with np.errstate(divide="ignore", invalid="ignore"):
            inner = slope * stretch
            outer = inner if isinstance(self.y_, Identity) else inner / self.y_.slope(y)
        return y, outer, back_through(self.y_, y, inner, stretch, covariance)


def _check(transforms: Sequence[Transform], X: Array, names: Sequence[str]) -> None:
    for j, each in enumerate(transforms):
        each.check(X[:, j], names[j])
