"""Polynomials of a total degree, in products of orthonormal Legendre polynomials."""

from __future__ import annotations

from math import comb
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.polynomial.legendre import legvander

from faradaic._core import ArgumentError

from ._base import Array, counts_to_sweep, swept_sizes
from ._known import listed, reached
from ._linear import LinearApproximation
from ._rows import Rows
from ._scaling import range_scale, scaled

_MOST_COLUMNS = 50_000


class Polynomial(LinearApproximation):
    """A polynomial of total degree ``degree`` in all features.

    The columns are products of Legendre polynomials of the features scaled to [-1, 1], each normalised to a mean
    square of one over the range of the data and of what is known: the problem stays well conditioned at degrees of 100
    and above. Beyond n parameters the solution of least norm in these columns is taken.

    Parameters
    ----------
    degree : int
        Highest total degree, 0 and above. In p features there are C(p + degree, degree) parameters, less one for
        each known value or slope.
    known : Value, Slope, or sequence of them
        Values and slopes at points that hold exactly.

    Examples
    --------
    >>> import numpy as np
    >>> from faradaic.approximations import Value
    >>> x = np.linspace(0.0, 2.0, 9)[:, None]
    >>> cubic = Polynomial(degree=3).fit(x, x.ravel() ** 3)
    >>> cubic.count(1), cubic.derivative([[2.0]], 0).round(9).tolist()
    (4, [12.0])
    >>> through = Polynomial(degree=3, known=Value(1.0, at=0.0)).fit(x, x.ravel() ** 3)
    >>> through.count(1), through.predict([[0.0]]).round(12).tolist()
    (3, [1.0])
    """

    size_name: ClassVar[str] = "degree"
    beyond_n: ClassVar[bool] = True
    nested: ClassVar[bool] = True

    def __init__(self, degree: int = 1, known: Any = ()) -> None:
        self.degree = degree
        self.known = known

    def count(self, n_features: int) -> int:
        """Return C(p + degree, degree), less what is known."""
        return max(comb(n_features + self.degree, n_features) - len(listed(self.known)), 0)

    def sizes(self, n_rows: int, n_features: int, most: int | None = None) -> list[Any]:
        """Return the degrees worth sweeping; see `Approximation.sizes`."""
        most = 4 * n_rows if most is None else most
        known, degrees, counts = len(listed(self.known)), [], []
        degree = 0
        while (count := comb(n_features + degree, n_features) - known) <= most or not counts:
            if count >= 1:
                degrees.append(degree)
                counts.append(count)
            degree += 1
        return swept_sizes(degrees, counts, n_rows, most)

    def _set_basis(self, rows: Rows) -> None:
        p = rows.X.shape[1]
        self._check(p)
        self.centre_, self.scale_ = range_scale(reached(self._facts(p), rows.X))
        self.exponents_ = self._exponents(p)

    def _exponents(self, p: int) -> Array:
        """Return the degree of each term in each of the ``p`` features."""
        return total_degree_exponents(p, int(self.degree))

    def _check(self, p: int) -> None:
        if not isinstance(self.degree, Integral) or self.degree < 0:
            raise ArgumentError(f"degree must be a whole number of 0 and above, got {self.degree!r}.")
        _check_columns(self.count(p), f"degree {self.degree} in {p} inputs", "degree")

    def _columns(self, X: Array) -> Array:
        return self._product(scaled(X, self.centre_, self.scale_), None)

    def _slope_columns(self, X: Array, wrt: int) -> Array:
        return self._product(scaled(X, self.centre_, self.scale_), wrt) / self.scale_[wrt]

    def _product(self, u: Array, wrt: int | None) -> Array:
        """Return the products of Legendre polynomials, that of feature ``wrt`` replaced by its slope."""
        degree = int(self.exponents_.max())
        columns = np.ones((len(u), len(self.exponents_)))
        for j in range(u.shape[1]):
            values = legvander(u[:, j], degree)
            if j == wrt:
                values = _legendre_slopes(values)
            values = values * np.sqrt(2.0 * np.arange(degree + 1) + 1.0)
            columns *= values[:, self.exponents_[:, j]]
        return columns


class PolynomialTerms(Polynomial):
    """A polynomial of the first ``terms`` products in all features, ordered by their total degree.

    In several features a `Polynomial` grows by whole degrees (of three: 1, 4, 10, 20, 35, ... parameters). Here each
    term is a step of the size axis, so that a landscape can be dense around n. Terms of equal degree follow one another
    by the degree in the first feature, then in the second, and so on.

    Parameters
    ----------
    terms : int
        Number of terms, 1 and above.
    known : Value, Slope, or sequence of them
        Values and slopes at points that hold exactly; each takes one parameter away.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).uniform(size=(20, 2))
    >>> plane = PolynomialTerms(terms=3).fit(X, 1.0 + X[:, 0] - 2.0 * X[:, 1])
    >>> plane.count(2), plane.predict([[1.0, 1.0]]).round(12).tolist()
    (3, [0.0])
    """

    size_name: ClassVar[str] = "terms"

    def __init__(self, terms: int = 1, known: Any = ()) -> None:
        self.terms = terms
        self.known = known

    def count(self, n_features: int) -> int:
        """Return the number of terms, less what is known."""
        return max(int(self.terms) - len(listed(self.known)), 0)

    def sizes(self, n_rows: int, n_features: int, most: int | None = None) -> list[Any]:
        """Return the numbers of terms worth sweeping; see `Approximation.sizes`."""
        most = 4 * n_rows if most is None else most
        counts, known = counts_to_sweep(n_rows, most), len(listed(self.known))
        return swept_sizes([count + known for count in counts], counts, n_rows, most)

    def _check(self, p: int) -> None:
        if not isinstance(self.terms, Integral) or self.terms < 1:
            raise ArgumentError(f"terms must be a whole number of 1 and above, got {self.terms!r}.")
        _check_columns(int(self.terms), f"terms {self.terms}", "terms")

    def _exponents(self, p: int) -> Array:
        degree = 0
        while comb(p + degree, p) < self.terms:
            degree += 1
        return total_degree_exponents(p, degree)[: int(self.terms)]


def total_degree_exponents(n_features: int, degree: int) -> Array:
    """Return all exponents of total degree up to ``degree``, shape (C(p + d, d), p), by increasing total.

    Examples
    --------
    >>> total_degree_exponents(2, 1).tolist()
    [[0, 0], [0, 1], [1, 0]]
    """
    rows = np.zeros((1, 0), dtype=int)
    for _ in range(n_features):
        left = degree - rows.sum(axis=1)
        parents = np.repeat(np.arange(len(rows)), left + 1)
        starts = np.repeat(np.cumsum(left + 1) - (left + 1), left + 1)
        rows = np.column_stack([rows[parents], np.arange(len(parents)) - starts])
    return rows[np.argsort(rows.sum(axis=1), kind="stable")]


def _check_columns(count: int, what: str, name: str) -> None:
    if count > _MOST_COLUMNS:
        raise ArgumentError(
            f"{what} has {count:,} parameters, more than the {_MOST_COLUMNS:,} that can be solved for; lower the "
            f"{name} or use fewer inputs."
        )


def _legendre_slopes(values: Array) -> Array:
    """Return P_k' from P_k by P'_{k+1} = P'_{k-1} + (2k + 1) P_k."""
    slopes = np.zeros_like(values)
    for k in range(values.shape[1] - 1):
        slopes[:, k + 1] = (2 * k + 1) * values[:, k] + (slopes[:, k - 1] if k else 0.0)
    return slopes
