"""Exact leave-one-out errors of families that are linear in their parameters, without a refit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from sklearn.base import clone

from faradaic._core import ArgumentError

from ._base import Array
from ._factors import Factors
from ._known import listed
from ._linear import LinearApproximation
from ._nested import Prefixes
from ._rows import Rows

# a row whose leverage is closer to one than this is met whatever it says: what the others say of it is not known
DECIDED = 1e-9


@dataclass(frozen=True, eq=False)
class LeaveOneOut:
    """What each row is missed by when it is left out.

    Attributes
    ----------
    sizes : list
        The sizes that were asked for.
    residual : array of shape (s, n)
        Prediction from all other rows, less the response; NaN for a row that alone decides some parameter.
    generalised : array of shape (s,)
        Generalised cross-validation, n RSS/(n - k)² of weighted squares (weights of mean one): a mean squared error;
        infinite from n parameters on.
    reasons : list of str
        Why a size has no residuals; empty where it has.

    References
    ----------
    Allen, Technometrics 16, 125 (1974), 10.1080/00401706.1974.10489157;
    Golub, Heath and Wahba, Technometrics 21, 215 (1979), 10.1080/00401706.1979.10489751.
    """

    sizes: list[Any]
    residual: Array
    generalised: Array
    reasons: list[str]


def leave_one_out(
    approximation: LinearApproximation,
    X: ArrayLike,
    y: ArrayLike,
    sizes: Sequence[Any] | None = None,
    sample_weight: ArrayLike | None = None,
    *,
    noise_std: ArrayLike | None = None,
) -> LeaveOneOut:
    """Return the leave-one-out residuals of every size, from one factorisation where columns are nested.

    Scales and knots are those of all rows; for a polynomial of full rank they make no difference. The offset, the
    weighted mean of the response, is worked out again without the row. Up to n parameters the residual is r/(1 - h)
    with the leverage h; beyond, of the interpolant of least norm, it is (K⁻¹(y - μ))/(K⁻¹)ᵢᵢ with K = A Aᵀ.

    Parameters
    ----------
    approximation : Polynomial, PolynomialTerms, Spline or RandomFeatures
        Without known values and without a shape.
    X, y : arrays of shape (n, p) and (n,)
    sizes : sequence, optional
        Default: the approximation's own size.
    sample_weight, noise_std : arrays of shape (n,), optional
        As for `Approximation.fit`; interpolants beyond n take no weights.

    Raises
    ------
    ArgumentError
        The family is not linear in its parameters, or something is known of it.

    Examples
    --------
    >>> import numpy as np
    >>> from faradaic.approximations import Polynomial
    >>> x = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> leave_one_out(Polynomial(degree=1), x, [0.0, 1.0, 2.0, 6.0]).residual.round(3).tolist()
    [[-2.0, 0.429, 1.714, -3.0]]
    """
    family = approximation
    shape = [getattr(family, name, None) for name in ("monotone", "convex", "positive")]
    if not isinstance(family, LinearApproximation) or listed(family.known) or any(shape):
        raise ArgumentError(
            f"leave_one_out takes a polynomial, spline or random features of which nothing is known, got {family!r}."
        )
    rows = Rows.checked(
        np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64), sample_weight, noise_std, None
    )
    asked = [family.size] if sizes is None else list(sizes)
    found = LeaveOneOut(
        asked, np.full((len(asked), len(rows.y)), np.nan), np.full(len(asked), np.inf), [""] * len(asked)
    )
    counts = [family.at_size(size).count(rows.X.shape[1]) for size in asked]
    precision = rows.root_precision / np.sqrt((rows.root_precision**2).mean())
    together = _nested(family, rows, precision, counts, found) if family.nested else set()
    for k in (k for k in range(len(asked)) if k not in together):
        _one(family.at_size(asked[k]), rows, precision, k, found)
    return found


def _columns(member: LinearApproximation, rows: Rows) -> Array:
    member._set_basis(rows)
    return member._columns(rows.X)


def _nested(
    family: LinearApproximation, rows: Rows, precision: Array, counts: list[int], found: LeaveOneOut
) -> set[int]:
    """Fill in the sizes that the common triangle serves, and return their places."""
    largest = family.at_size(found.sizes[int(np.argmax(counts))])
    prefixes = Prefixes(_columns(clone(largest), rows) * precision[:, None], counts)
    together = [k for k, count in enumerate(counts) if 1 <= count <= prefixes.most]
    if not together:
        return set()
    places = np.array([counts[k] for k in together]) - 1
    right = rows.y * precision
    fitted = np.cumsum(prefixes.Q * (prefixes.Q.T @ right), axis=1)[:, places].T
    leverage = np.cumsum(prefixes.Q**2, axis=1)[:, places].T
    _fill(found, together, fitted - right, leverage, places + 1, precision)
    return set(together)


def _fill(
    found: LeaveOneOut, places: Sequence[int], off: Array, leverage: Array, counts: Array, precision: Array
) -> None:
    n = len(precision)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(1.0 - leverage > DECIDED, off / (1.0 - leverage), np.nan)
        found.residual[places] = left / precision
        found.generalised[places] = np.where(counts < n, n * (off**2).sum(axis=1) / (n - counts) ** 2, np.inf)


def _one(member: LinearApproximation, rows: Rows, precision: Array, k: int, found: LeaveOneOut) -> None:
    """Fill in one size from its own factors."""
    columns = _columns(member, rows)
    factors, n = Factors.of(columns * precision[:, None]), len(rows.y)
    if factors.rank == n and columns.shape[1] > n:
        if np.ptp(precision) > 1e-12:
            found.reasons[k] = "an interpolant beyond n has no weights to leave a row out with"
            return
        _interpolant(columns, rows.y, k, found)
        return
    if factors.rank < columns.shape[1]:
        found.reasons[k] = (
            f"rank {factors.rank} of {columns.shape[1]} columns: the solution of least norm turns as rows go"
        )
        return
    Q = factors.range()
    right = rows.y * precision
    off, leverage = Q @ (Q.T @ right) - right, (Q**2).sum(axis=1)
    _fill(found, [k], off[None], leverage[None], np.array([factors.rank]), precision)


def _interpolant(columns: Array, y: Array, k: int, found: LeaveOneOut) -> None:
    n = len(y)
    try:
        factor = cho_factor(columns @ columns.T, lower=True, check_finite=False)
    except LinAlgError:
        found.reasons[k] = "the rows are too alike for an interpolant"
        return
    inverse = cho_solve(factor, np.eye(n), check_finite=False)
    mean_of_others = (y.sum() - y) / (n - 1)
    found.residual[k] = -(inverse @ y - mean_of_others * inverse.sum(axis=1)) / np.diag(inverse)
