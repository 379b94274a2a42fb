"""Weighted least squares for every family that is linear in its parameters."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from sklearn.base import clone

from ._base import Approximation, Array
from ._equalities import Equations
from ._factors import Factors
from ._job import Job, Swept, seeded
from ._known import Known, Value, listed, usable
from ._nested import alike, sweep_alike
from ._rows import Rows
from ._slope import from_factor

SMALL = 1000


@dataclass(frozen=True, eq=False)
class LinearFit:
    """The least-norm least-squares solution and what it says about itself.

    Attributes
    ----------
    coefficients : array of shape (k,)
        The coefficients; of all that fit equally well, those with the smallest sum of squares.
    rank : int
        Number of independent columns, and the trace of the smoother.
    root : array of shape (k, rank)
        ``root @ root.T`` is the covariance of the coefficients for rows of unit variance.
    squares : float
        Weighted sum of squared residuals.
    """

    coefficients: Array
    rank: int
    root: Array
    squares: float


def least_squares(columns: Array, y: Array, root_precision: Array) -> LinearFit:
    """Minimise ``sum((root_precision (columns @ c - y))²)``, and ``c @ c`` among the minimisers; see `Factors`.

    Parameters
    ----------
    columns : array of shape (n, k)
        Design matrix.
    y : array of shape (n,)
        Responses.
    root_precision : array of shape (n,)
        Square roots of the weights, 1/sigma where the noise is known.

    Raises
    ------
    FitError
        A column is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> fit = least_squares(np.array([[1.0, 1.0]]), np.array([4.0]), np.ones(1))
    >>> fit.coefficients.tolist(), fit.rank
    ([2.0, 2.0], 1)
    """
    factors = Factors.of(columns * root_precision[:, None])
    coefficients = factors.solve(y * root_precision)
    squares = float(((columns @ coefficients - y) ** 2 * root_precision**2).sum())
    return LinearFit(coefficients, factors.rank, factors.root(), squares)


def least_squares_under(equations: Equations, columns: Array, y: Array, root_precision: Array) -> LinearFit:
    """Return what `least_squares` does among the coefficients that satisfy the equations.

    Raises
    ------
    FitError
        No coefficients satisfy them.

    Examples
    --------
    >>> import numpy as np
    >>> fit = least_squares_under(Equations(np.array([[1.0, 0.0]]), np.array([2.0])), np.eye(2), np.ones(2), np.ones(2))
    >>> fit.coefficients.tolist(), fit.rank
    ([2.0, 1.0], 1)
    """
    shortest, free = equations.solved()
    fit = least_squares(columns @ free, y - columns @ shortest, root_precision)
    found = equations.restored(shortest + free @ fit.coefficients)
    return LinearFit(found, fit.rank, free @ fit.root, fit.squares)


def noise_variance(rows: Rows, fit: LinearFit) -> float:
    """Return the factor from unit variance to the variance of a row of weight one; nan where it is unknown.

    Known noise is taken as declared (the rows are already divided by it: 1). Otherwise it is the residual variance
    with n - rank degrees of freedom; exact rows scatter about a trend that does not meet them in the same sense.
    """
    if rows.noise_std is not None and not rows.exact:
        return 1.0
    freedom = len(rows.y) - fit.rank
    return fit.squares / freedom if freedom > 0 else float("nan")


def noise_freedom(rows: Rows, rank: float) -> float:
    """Return the degrees of freedom of `noise_variance`: infinite for declared noise, NaN where none is left."""
    if rows.noise_std is not None and not rows.exact:
        return float("inf")
    left = len(rows.y) - rank
    return float(left) if left > 1e-9 else float("nan")


class LinearApproximation(Approximation):
    """A family that is linear in its parameters once its scales, knots or inner weights are fixed.

    The weighted mean of the response is taken out before, and put back after, the least-squares problem, so that
    the least-norm solution beyond n does not depend on the zero of ``y``.

    What is known (``known``, see `Value` and `Slope`) holds by construction: the coefficients are sought among those
    that satisfy it, and each independent fact takes one parameter away.

    Attributes
    ----------
    nested : bool
        Whether the columns of a size are the first ones of every larger size.
    coefficients_ : array of shape (k,)
        Coefficients of the columns, for the response less `offset_`.
    offset_ : float
        What the columns are added to.
    rank_ : int
        Rank of the design matrix; `effective_parameters_` is the same number.
    spread_ : array of shape (k, rank) or None
        Factor of the coefficients' covariance; None where the noise cannot be known (no degree of freedom left).
    pull_, lift_ : arrays of shape (k,)
        By how much the coefficients give way to a shift of the offset, and by how much they follow a shift of the
        response; the same where nothing is known.
    offset_variance_ : float
        Variance of the offset, the mean of the response.
    """

    shares_sizes: ClassVar[bool] = True
    nested: ClassVar[bool] = False

    known: Any
    coefficients_: Array
    offset_: float
    rank_: int
    spread_: Array | None
    pull_: Array
    lift_: Array
    offset_variance_: float

    @abstractmethod
    def _check(self, p: int) -> None:
        """Raise ArgumentError for an argument that is outside its range with ``p`` features."""

    @abstractmethod
    def _set_basis(self, rows: Rows) -> None:
        """Check the arguments and fix what the columns depend on."""

    @abstractmethod
    def _columns(self, X: Array) -> Array:
        """Return the design matrix, shape (n, k)."""

    @abstractmethod
    def _slope_columns(self, X: Array, wrt: int) -> Array:
        """Return the derivative of the design matrix with respect to feature ``wrt``, shape (n, k)."""

    def _fit(self, rows: Rows) -> None:
        self._set_basis(rows)
        self._solve(rows, self._columns(rows.X))

    def parts(self, n_rows: int) -> int:
        """Return 2 for small tables: most of what their fits cost is shared by all splits."""
        return 2 if n_rows <= SMALL else super().parts(n_rows)

    def sweep(self, sizes: Sequence[Any], jobs: Sequence[Job]) -> list[Swept]:
        """Fit all sizes to each job from shared factors; see `Approximation.sweep`."""
        if not (len(sizes) and len(jobs) and self._is_plain()):
            return super().sweep(sizes, jobs)
        found, p = [Swept.empty(len(sizes), len(job.at)) for job in jobs], jobs[0].rows.X.shape[1]
        members = [self.at_size(size) for size in sizes]
        for member in members:
            member._check(p)
        counts = np.array([member.count(p) for member in members])
        together = [list(range(len(sizes)))] if self.nested else [[k] for k in range(len(sizes))]
        for places in alike(jobs, "random_state" in self.get_params()):
            some, filled = [jobs[place] for place in places], [found[place] for place in places]
            for some_sizes in together:
                largest = members[max(some_sizes, key=lambda k: counts[k])]
                columns, at = seeded(clone(largest), some[0].seed)._columns_of(some[0])
                widths = counts[some_sizes] if self.nested else np.array([columns.shape[1]])
                sweep_alike(some, filled, some_sizes, columns, at, widths)
        return found

    def _is_plain(self) -> bool:
        """Whether a fit is least squares in the columns and nothing else, which a class with its own fit may add."""
        return type(self)._fit is LinearApproximation._fit and not listed(self.known)

    def _columns_of(self, job: Job) -> tuple[Array, Array]:
        """Return the columns at the rows and at the points of a job."""
        self._set_basis(job.rows)
        with np.errstate(over="ignore", invalid="ignore"):
            columns = self._columns(np.concatenate([job.rows.X, job.at]))
        return columns[: len(job.rows.y)], columns[len(job.rows.y) :]

    def _facts(self, n_features: int) -> tuple[Known, ...]:
        return usable(self.known, n_features, self.swept_label)

    def _equations(self, n_features: int, offset: float) -> Equations | None:
        """Return what is known as equations for the coefficients of the response less ``offset``, if anything is."""
        facts = self._facts(n_features)
        if not facts:
            return None
        rows, right = [], []
        for fact in facts:
            at = np.array([fact.at], dtype=np.float64)
            rows.append(self._columns(at) if isinstance(fact, Value) else self._slope_columns(at, fact.wrt))
            right.append(fact.value - offset * isinstance(fact, Value))
        return Equations(np.vstack(rows), np.array(right))

    def _solve(self, rows: Rows, columns: Array) -> None:
        precision = rows.root_precision
        self.offset_ = float(np.average(rows.y, weights=precision**2))
        equations = self._equations(rows.X.shape[1], self.offset_)
        if equations is None:
            fit = least_squares(columns, rows.y - self.offset_, precision)
        else:
            fit = least_squares_under(equations, columns, rows.y - self.offset_, precision)
        self.coefficients_ = fit.coefficients
        self._keep_spread(rows, columns, fit, equations)

    def _keep_spread(self, rows: Rows, columns: Array, fit: LinearFit, equations: Equations | None = None) -> None:
        self.rank_ = fit.rank
        self.effective_parameters_ = float(fit.rank)
        variance = noise_variance(rows, fit)
        self.freedom_ = noise_freedom(rows, fit.rank)
        self.spread_ = None if np.isnan(variance) else fit.root * np.sqrt(variance)
        # the least-squares solution for a response of one everywhere: root rootᵀ Aᵀ W² 1
        squared = rows.root_precision**2
        self.lift_ = self.pull_ = fit.root @ (fit.root.T @ (columns.T @ squared))
        if equations is not None:
            # what is known does not move with the offset; the coefficients that meet it take up its shift first
            p = rows.X.shape[1]
            unit = Equations(equations.matrix, self._right(p, 0.0) - self._right(p, 1.0)).solved()[0]
            self.pull_ = self.lift_ + unit - fit.root @ (fit.root.T @ (columns.T @ (squared * (columns @ unit))))
        self.offset_variance_ = variance / float(squared.sum())

    def _right(self, n_features: int, offset: float) -> Array:
        equations = self._equations(n_features, offset)
        return np.zeros(0) if equations is None else equations.right

    def forget_spread(self) -> None:
        """Drop the covariance of the coefficients; see `Approximation.forget_spread`."""
        super().forget_spread()
        self.spread_ = None

    def _predict(self, X: Array) -> Array:
        with np.errstate(over="ignore", invalid="ignore"):
            return self.offset_ + self._columns(X) @ self.coefficients_

    def _predict_std(self, X: Array) -> tuple[Array, Array]:
        with np.errstate(over="ignore", invalid="ignore"):
            columns = self._columns(X)
            mean = self.offset_ + columns @ self.coefficients_
            if self.spread_ is None:
                return mean, np.full(len(mean), np.nan)
            variance = ((columns @ self.spread_) ** 2).sum(axis=1)
            # the offset moves the trend where the columns cannot follow it, and with what the coefficients follow
            left, along = 1.0 - columns @ self.pull_, columns @ self.lift_
            free = left * (left + 2.0 * along) * self.offset_variance_
            return mean, np.sqrt(np.maximum(variance + free, 0.0))

    def _covariance_between(self, A: Array, B: Array) -> Array:
        if self.spread_ is None:
            return super()._covariance_between(A, B)
        with np.errstate(over="ignore", invalid="ignore"):
            a, b = self._columns(A), self._columns(B)
            # the offset's share as in `_predict_std`
            (left, along), (right, beside) = (((1.0 - c @ self.pull_), c @ self.lift_) for c in (a, b))
            free = np.outer(left, right) + np.outer(left, beside) + np.outer(along, right)
            return (a @ self.spread_) @ (b @ self.spread_).T + self.offset_variance_ * free

    def _derivative(self, X: Array, wrt: int) -> Array:
        with np.errstate(over="ignore", invalid="ignore"):
            return self._slope_columns(X, wrt) @ self.coefficients_

    def _value_and_slope(self, X: Array, wrt: int) -> tuple[Array, Array, Array]:
        with np.errstate(over="ignore", invalid="ignore"):
            value, slope = self._predict(X), self._derivative(X, wrt)
            if self.spread_ is None:
                return value, slope, np.full((len(X), 2, 2), np.nan)
            columns = np.stack([self._columns(X), self._slope_columns(X, wrt)], axis=1)
            # the offset's share as in `_predict_std`; a shift of the response moves the value by one, no slope
            left, along = np.array([1.0, 0.0]) - columns @ self.pull_, columns @ self.lift_
            both = left[:, :, None] * along[:, None, :]
            free = left[:, :, None] * left[:, None, :] + both + both.transpose(0, 2, 1)
            return value, slope, from_factor(columns @ self.spread_) + self.offset_variance_ * free
