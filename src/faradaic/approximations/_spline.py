"""Splines, with shapes that hold exactly where they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any, ClassVar, Literal

import numpy as np
from scipy.linalg import block_diag

from faradaic._core import ArgumentError, FitError

from ._base import Array, swept_sizes
from ._bspline import (
    clamped_knots,
    greville_gaps,
    slope_columns,
    slope_differences,
    slope_spans,
    spline_columns,
    spline_degree,
)
from ._cone import Shape, cone_least_squares
from ._equalities import Equations
from ._job import Job, Swept
from ._known import Known, listed, placed, reached, usable
from ._linear import LinearApproximation, LinearFit, least_squares
from ._rows import Rows
from ._scaling import range_scale, scaled
from ._spline_known import fewest, independent, tensor_equations
from ._spline_sweep import sweep_lines

_TENSOR_FEATURES = 3


class Spline(LinearApproximation):
    """A spline with ``n_basis`` B-splines along each feature, optionally monotone, convex or positive.

    Up to three features it is a tensor product with ``n_basis**p`` parameters; with more features it is a sum of
    one spline for each feature, with ``p (n_basis - 1) + 1`` parameters. Beyond the data's range it goes on
    linearly, without a kink. One basis function is a constant, two a line; the degree grows with the size up to
    ``degree``. Beyond n the solution of least norm is taken.

    A constraint is put on the B-spline coefficients, whose signs, differences and second differences bound the
    spline, its slope and its curvature from one side: it holds at every point between the data's ends, not only at
    the rows, and the coefficients are checked without rounding. Monotone and convex hold along feature number
    ``axis``, at every position of the other features within their range, and go on beyond the ends of that feature;
    positive holds within the range of all features. For a spline of degree two and above the constraint on the
    coefficients is slightly stricter than the one on the function, and equal to it in the limit of many functions.
    The standard deviation of a constrained trend holds the active constraints fixed: where they bind it is a lower
    bound, and `effective_parameters_` counts the weights that are free to move.

    Known values and slopes hold to rounding, alone or together with the shape; the splines then reach over the rows
    and the places where something is known, so a limit outside the rows is approached by curved pieces and not by a
    straight line.

    Parameters
    ----------
    n_basis : int
        Number of B-splines along each feature, 1 and above.
    degree : int
        Highest degree of the pieces, 1 and above (3: cubic).
    monotone : {None, "increasing", "decreasing"}
        Sign of the slope along ``axis``.
    convex : {None, "convex", "concave"}
        Sign of the curvature along ``axis``.
    positive : bool
        Whether the spline may nowhere fall below zero.
    axis : int
        Number of the feature along which the constraints hold.
    knots : {"uniform", "quantile"}
        Inner knots at equal distances, or with equally many distinct values of the feature between them.
    known : Value, Slope, or sequence of them
        What is known beside the rows, at points and, with up to three features, along faces (None in ``at``).

    References
    ----------
    de Boor: A Practical Guide to Splines (1978), https://doi.org/10.1007/978-1-4612-6333-3
    Pya, Wood: Shape constrained additive models, Stat. Comput. 25, 543 (2015),
    https://doi.org/10.1007/s11222-013-9448-7

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(0.0, 1.0, 30)[:, None]
    >>> y = np.tanh(4.0 * x.ravel()) + 0.1 * np.random.default_rng(0).standard_normal(30)
    >>> rising = Spline(n_basis=12, monotone="increasing").fit(x, y)
    >>> bool((rising.derivative(np.linspace(-1.0, 2.0, 999)[:, None], 0) >= 0.0).all())
    True
    """

    size_name: ClassVar[str] = "n_basis"
    beyond_n: ClassVar[bool] = True

    def __init__(
        self,
        n_basis: int = 4,
        degree: int = 3,
        monotone: Literal["increasing", "decreasing"] | None = None,
        convex: Literal["convex", "concave"] | None = None,
        positive: bool = False,
        axis: int = 0,
        knots: Literal["uniform", "quantile"] = "uniform",
        known: Any = (),
    ) -> None:
        self.n_basis = n_basis
        self.degree = degree
        self.monotone = monotone
        self.convex = convex
        self.positive = positive
        self.axis = axis
        self.knots = knots
        self.known = known

    @property
    def label(self) -> str:
        """The family in words, with its constraints."""
        words = [self.monotone, self.convex, "positive" if self.positive else None]
        return ", ".join(word for word in words if word) + (" spline" if any(words) else "spline")

    def count(self, n_features: int) -> int:
        """Return n_basis**p, or p (n_basis - 1) + 1 with more than three features, less what is known."""
        return _count(int(self.n_basis), n_features, placed(self.known, n_features))

    def sizes(self, n_rows: int, n_features: int, most: int | None = None) -> list[Any]:
        """Return the numbers of basis functions worth sweeping; see `Approximation.sizes`."""
        most = 4 * n_rows if most is None else most
        facts = placed(self.known, n_features)
        sizes = [fewest(lambda size: _count(size, n_features, facts))]
        while _count(sizes[-1] + 1, n_features, facts) <= most:
            sizes.append(sizes[-1] + 1)
        return swept_sizes(sizes, [_count(size, n_features, facts) for size in sizes], n_rows, most)

    def _check(self, p: int) -> None:
        for name in ("n_basis", "degree"):
            if not isinstance(getattr(self, name), Integral) or getattr(self, name) < 1:
                raise ArgumentError(f"{name} must be a whole number of 1 and above, got {getattr(self, name)!r}.")
        if self.knots not in ("uniform", "quantile"):
            raise ArgumentError(f"knots must be 'uniform' or 'quantile', got {self.knots!r}.")
        if not 0 <= self.axis < p:
            raise ArgumentError(f"axis must be a feature number from 0 to {p - 1}, got {self.axis!r}.")

    def _set_basis(self, rows: Rows) -> None:
        p = rows.X.shape[1]
        self._check(p)
        n_basis = int(self.n_basis)
        reach = reached(self._facts(p), rows.X)
        self.low_, self.high_ = reach.min(axis=0), reach.max(axis=0)
        self.centre_, self.scale_ = range_scale(reach)
        self.degree_ = spline_degree(n_basis, int(self.degree))
        u = self._scaled(rows.X)
        self.knots_ = [clamped_knots(u[:, j], n_basis, self.degree_, self.knots) for j in range(p)]

    def _fit(self, rows: Rows) -> None:
        self._set_basis(rows)
        shape = self._shape()
        columns = self._columns(rows.X)
        self._solve(rows, columns)
        # the functions of one feature sum to one, so the offset goes into the coefficients
        blocks = len(self.knots_) if len(self.knots_) > _TENSOR_FEATURES else 1
        self.coefficients_ = self.coefficients_ + self.offset_ / blocks
        self.offset_ = 0.0
        if not self._holds(shape, self.coefficients_):
            self._solve_in_cone(rows, columns, shape, float(np.average(rows.y, weights=rows.weight)) / blocks)

    def sweep(self, sizes: Sequence[Any], jobs: Sequence[Job]) -> list[Swept]:
        """Fit plain splines of one feature to all jobs at once; see `Approximation.sweep`."""
        lines = self.knots == "uniform" and all(job.rows.X.shape[1] == 1 for job in jobs)
        if not (lines and len(jobs) and self._is_plain()):
            return super().sweep(sizes, jobs)
        for size in sizes:
            self.at_size(size)._check(1)
        return sweep_lines([int(size) for size in sizes], int(self.degree), jobs)

    def _is_plain(self) -> bool:
        free = self._shape() == Shape(None, None, False) and not listed(self.known)
        return type(self)._fit is Spline._fit and free

    def _facts(self, n_features: int) -> tuple[Known, ...]:
        return usable(self.known, n_features, "a sum of splines", faces=n_features <= _TENSOR_FEATURES)

    def _equations(self, n_features: int, offset: float) -> Equations | None:
        facts = self._facts(n_features)
        if not facts or n_features > _TENSOR_FEATURES:
            return super()._equations(n_features, offset)
        return tensor_equations(facts, self._line, offset)

    def _line(self, axis: int, place: float | None, slope: bool) -> Array:
        """Return the functions of one feature, or their slopes, at a place; see `tensor_equations`."""
        knots, degree = self.knots_[axis], self.degree_
        if slope and degree == 0:
            return np.zeros((1, 1))
        steps = slope_differences(knots, degree) / self.scale_[axis] if slope else np.eye(int(self.n_basis))
        if place is None:
            return steps
        lone = np.zeros((1, len(self.knots_)))
        lone[0, axis] = place
        u = self._scaled(lone)[:, axis]
        return slope_columns(u, knots, degree) @ steps if slope else spline_columns(u, knots, degree)

    def _shape(self) -> Shape:
        return Shape(self.monotone, self.convex, bool(self.positive))

    def _solve_in_cone(self, rows: Rows, columns: Array, shape: Shape, centre: float) -> None:
        generators, free = self._generators(shape)
        equations = self._equations(rows.X.shape[1], 0.0)
        inward = generators[:, ~free]
        directions = [inward.sum(axis=1)]
        if equations is None:
            found = cone_least_squares(columns, rows.y, rows.root_precision, generators, free, centre=centre)
        else:
            above = self._inequalities(shape)
            found = equations.cone_least_squares(columns, rows.y, rows.root_precision, above, centre=centre)
            still = inward[:, ~(equations.matrix @ inward).any(axis=0)]  # moves that leave alone what is known
            directions = [still.sum(axis=1), *directions]
        self.coefficients_ = self._certified(shape, found.coefficients, directions)
        within = least_squares(columns @ found.active, rows.y, rows.root_precision)
        squares = float((rows.root_precision**2 * (columns @ self.coefficients_ - rows.y) ** 2).sum())
        self._keep_spread(
            rows, columns, LinearFit(self.coefficients_, within.rank, found.active @ within.root, squares)
        )
        self.offset_variance_ = 0.0

    def _certified(self, shape: Shape, coefficients: Array, directions: list[Array]) -> Array:
        """Return the coefficients, moved inward by as many roundings as it takes for the shape to hold."""
        if self._holds(shape, coefficients):
            return coefficients
        gaps = greville_gaps(self.knots_[self.axis], self.degree_)
        coefficients = self._with_lines(coefficients, shape.polished(self._lines(coefficients), gaps))
        for step in (0.0, *2.0 ** np.arange(-52, -29, 2)):
            for inward in directions:
                size = np.abs(coefficients).max() / max(np.abs(inward).max(), np.finfo(float).tiny)
                moved = coefficients + step * size * inward
                if self._holds(shape, moved):
                    return moved
        raise FitError(f"the {self.label} of {self.n_basis} functions could not be certified; lower n_basis.")

    def _holds(self, shape: Shape, coefficients: Array) -> bool:
        if shape.positive and (coefficients < 0).any():
            return False
        return shape.holds(self._lines(coefficients), slope_spans(self.knots_[self.axis], self.degree_))

    def _lines(self, coefficients: Array) -> Array:
        """Return the coefficients along ``axis`` first and all else second, shape (n_basis, lines)."""
        p, m = len(self.knots_), int(self.n_basis)
        if p > _TENSOR_FEATURES:
            return coefficients.reshape(p, m)[self.axis][:, None]
        return np.moveaxis(coefficients.reshape((m,) * p), self.axis, 0).reshape(m, -1)

    def _with_lines(self, coefficients: Array, lines: Array) -> Array:
        """Return the coefficients with those of `_lines` replaced."""
        p, m = len(self.knots_), int(self.n_basis)
        if p > _TENSOR_FEATURES:
            replaced = coefficients.copy()
            replaced.reshape(p, m)[self.axis] = lines[:, 0]
            return replaced
        return np.moveaxis(lines.reshape((m,) * p), 0, self.axis).ravel()

    def _generators(self, shape: Shape) -> tuple[Array, Array]:
        p, m = len(self.knots_), int(self.n_basis)
        along, free = shape.generators(greville_gaps(self.knots_[self.axis], self.degree_))
        if p <= _TENSOR_FEATURES:
            before, after = m**self.axis, m ** (p - 1 - self.axis)
            matrix = np.kron(np.kron(np.eye(before), along), np.eye(after))
            return matrix, np.tile(np.repeat(free, after), before)
        blocks = [along if j == self.axis else np.eye(m) for j in range(p)]
        flags = [free if j == self.axis else np.full(m, not shape.positive) for j in range(p)]
        return block_diag(*blocks), np.concatenate(flags)

    def _inequalities(self, shape: Shape) -> Array:
        """Return the rows that say the shape of all coefficients; see `Shape.inequalities`."""
        p, m = len(self.knots_), int(self.n_basis)
        along = shape.inequalities(greville_gaps(self.knots_[self.axis], self.degree_))
        if p <= _TENSOR_FEATURES:
            return np.kron(np.kron(np.eye(m**self.axis), along), np.eye(m ** (p - 1 - self.axis)))
        others = np.eye(m) if shape.positive else np.zeros((0, m))
        return block_diag(*(along if j == self.axis else others for j in range(p)))

    def _scaled(self, X: Array) -> Array:
        u = scaled(X, self.centre_, self.scale_)
        within = (self.low_ <= X) & (self.high_ >= X)  # rounding must not push the data's own ends out
        return np.where(within, np.clip(u, -1.0, 1.0), u)

    def _columns(self, X: Array) -> Array:
        u = self._scaled(X)
        parts = [spline_columns(u[:, j], knots, self.degree_) for j, knots in enumerate(self.knots_)]
        return np.hstack(parts) if len(parts) > _TENSOR_FEATURES else _tensor(parts)

    def _slope_columns(self, X: Array, wrt: int) -> Array:
        u, p, m = self._scaled(X), len(self.knots_), int(self.n_basis)
        if self.degree_ == 0:
            return np.zeros((len(X), p if p > _TENSOR_FEATURES else 1))
        slopes = slope_columns(u[:, wrt], self.knots_[wrt], self.degree_)
        slopes = slopes @ slope_differences(self.knots_[wrt], self.degree_) / self.scale_[wrt]
        if p > _TENSOR_FEATURES:
            return np.hstack([slopes if j == wrt else np.zeros((len(X), m)) for j in range(p)])
        columns = [spline_columns(u[:, j], knots, self.degree_) for j, knots in enumerate(self.knots_)]
        return _tensor([slopes if j == wrt else each for j, each in enumerate(columns)])

    def _derivative(self, X: Array, wrt: int) -> Array:
        # from the coefficients of the slope, not from `_slope_columns`: the sign of a constrained slope stays exact
        if self.degree_ == 0:
            return np.zeros(len(X))
        u, p, m = self._scaled(X), len(self.knots_), int(self.n_basis)
        slopes = slope_columns(u[:, wrt], self.knots_[wrt], self.degree_)
        gaps = greville_gaps(self.knots_[wrt], self.degree_)
        if p > _TENSOR_FEATURES:
            steps = np.diff(self.coefficients_.reshape(p, m)[wrt]) / gaps
            return slopes @ steps / self.scale_[wrt]
        grid = np.moveaxis(self.coefficients_.reshape((m,) * p), wrt, -1)
        steps = np.moveaxis(np.diff(grid, axis=-1) / gaps, -1, wrt)
        parts = [
            slopes if j == wrt else spline_columns(u[:, j], knots, self.degree_) for j, knots in enumerate(self.knots_)
        ]
        return _tensor(parts) @ steps.ravel() / self.scale_[wrt]


def _count(n_basis: int, n_features: int, facts: tuple[Known, ...]) -> int:
    if n_features <= _TENSOR_FEATURES:
        return n_basis**n_features - independent(facts, n_basis)
    return max(n_features * (n_basis - 1) + 1 - len(facts), 0)


def _tensor(parts: list[Array]) -> Array:
    """Return all products of one column from each part, shape (n, product of their numbers)."""
    columns = parts[0]
    for part in parts[1:]:
        columns = (columns[:, :, None] * part[:, None, :]).reshape(len(columns), -1)
    return columns
