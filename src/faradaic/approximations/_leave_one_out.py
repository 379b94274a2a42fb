"""Exact leave-one-out errors of families that are linear in their parameters, without a refit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import qr, solve_triangular
from scipy.linalg.lapack import dtrcon
from sklearn.utils.validation import check_X_y

from faradaic._core import ArgumentError, FitError, plural

from ._base import Array
from ._factors import Factors
from ._linear import LinearApproximation
from ._nested import WELL_CONDITIONED, Prefixes
from ._rows import Rows

# a row whose leverage is closer to one than this is met whatever it says: what the others say of it is not known, and
# its quotient would have lost all but the last eight digits
DECIDED = 1e-7


@dataclass(frozen=True, eq=False)
class LeaveOneOut:
    """What each row is missed by when it is left out.

    Attributes
    ----------
    sizes : list
        The sizes that were asked for.
    residual : array of shape (s, n)
        Prediction from all other rows, less the response; NaN for rows that alone decide some parameter.
    generalised : array of shape (s,)
        Generalised cross-validation, n RSS/(n - t)² of weighted squares (weights of mean one) with the trace t of the
        smoother: a mean squared error. NaN where no row is free to miss.
    reasons : list of str
        Why a size has residuals that are NaN; empty where it has none.

    References
    ----------
    Allen, Technometrics 16, 125 (1974), https://doi.org/10.1080/00401706.1974.10489157
    Golub, Heath, Wahba, Technometrics 21, 215 (1979), https://doi.org/10.1080/00401706.1979.10489751
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
    groups: ArrayLike | None = None,
) -> LeaveOneOut:
    r"""Return the leave-one-out residuals of every size, from one factorisation where columns are nested.

    With the smoother's projection H in weighted coordinates and the offset μ, the weighted mean of the response,

    .. math:: \hat y_{-i} - y_i = \frac{[(H - 1)(y - \mu_{-i})]_i}{1 - h_i}, \quad
        \mu_{-i} = \mu - \frac{w_i (y_i - \mu)}{\sum w - w_i}

    The interpolant of least norm, where there are as many columns as rows or more, has
    :math:`-[K^{-1}(y - \mu_{-i})]_i / [K^{-1}]_{ii}` with K = A Aᵀ of its columns A. For rows left out together the
    quotients become solutions with the block of the group.

    Scales, knots and inner weights are those of all rows. A polynomial up to n parameters predicts the same with any
    scales, so that its residuals are those of refits; those of the others are of refits with the columns held.

    Parameters
    ----------
    approximation : Polynomial, PolynomialTerms, Spline or RandomFeatures
        Without known values and without a shape.
    X, y : arrays of shape (n, p) and (n,)
    sizes : sequence, optional
        Default: the approximation's own size.
    sample_weight, noise_std : arrays of shape (n,), optional
        As for `Approximation.fit`; no weight may be zero.
    groups : array of shape (n,), optional
        Rows of one group are left out together.

    Raises
    ------
    ArgumentError
        The family is not linear in its parameters or something is known of it, a weight is zero, or there is one group.

    Examples
    --------
    >>> import numpy as np
    >>> from faradaic.approximations import Polynomial
    >>> x = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> leave_one_out(Polynomial(degree=1), x, [0.0, 1.0, 2.0, 6.0]).residual.round(3).tolist()
    [[-2.0, 0.429, 1.714, -3.0]]
    """
    family = approximation
    if not isinstance(family, LinearApproximation) or not family._is_plain():
        raise ArgumentError(
            f"leave_one_out takes a polynomial, spline or random features of which nothing is known, got {family!r}."
        )
    checked_X, checked_y = check_X_y(X, y, dtype=np.float64, y_numeric=True)
    rows = Rows.checked(checked_X, np.asarray(checked_y, dtype=np.float64), sample_weight, noise_std, groups)
    given, asked = _Given.of(rows, len(checked_y)), [family.size] if sizes is None else list(sizes)
    members = [family.at_size(size) for size in asked]
    found = LeaveOneOut(
        asked, np.full((len(asked), len(rows.y)), np.nan), np.full(len(asked), np.nan), [""] * len(asked)
    )
    together = _nested(members, rows, given, found) if family.nested and members else set()
    for k in (k for k in range(len(asked)) if k not in together):
        try:
            _alone(_columns(members[k], rows), given, k, found)
        except FitError as error:
            found.reasons[k] = str(error)
    return found


@dataclass(frozen=True, eq=False)
class _Given:
    """The response and what of its mean goes with each row."""

    precision: Array  # square roots of the weights, whose mean is one
    y: Array  # less the mean
    shift: Array  # the mean less that without the row and its group
    groups: list[Array] | None

    @classmethod
    def of(cls, rows: Rows, n: int) -> _Given:
        if len(rows.y) < n:
            raise ArgumentError(
                "sample_weight is zero for some rows, which say nothing to leave out; drop them before."
            )
        labels = np.arange(n) if rows.groups is None else rows.groups
        if labels.max() == 0:
            raise ArgumentError("All rows would be left out together; leave_one_out takes two rows or groups and more.")
        weight = rows.root_precision**2 / (rows.root_precision**2).mean()
        y = rows.y - np.average(rows.y, weights=weight)
        shift = (np.bincount(labels, weight * y) / (n - np.bincount(labels, weight)))[labels]
        groups = None if rows.groups is None else [np.flatnonzero(labels == one) for one in range(labels.max() + 1)]
        return cls(np.sqrt(weight), y, shift, groups)


def _columns(member: LinearApproximation, rows: Rows) -> Array:
    member._set_basis(rows)
    return member._columns(rows.X)


def _nested(members: list[LinearApproximation], rows: Rows, given: _Given, found: LeaveOneOut) -> set[int]:
    """Fill in the sizes that the common triangle serves, and return their places."""
    p = rows.X.shape[1]
    for member in members:
        member._check(p)
    counts = [member.count(p) for member in members]
    columns = _columns(members[int(np.argmax(counts))], rows)
    prefixes = Prefixes(columns * given.precision[:, None], [count for count in counts if count < len(rows.y)])
    together = {k for k, count in enumerate(counts) if 1 <= count <= prefixes.most}
    if together:
        Q, right = prefixes.Q, np.column_stack([given.y * given.precision, given.precision])
        z = Q.T @ right
        fitted, constant, leverage = (np.cumsum(each, axis=1) for each in (Q * z[:, 0], Q * z[:, 1], Q**2))
        for k in together:
            last = counts[k] - 1
            off, free = fitted[:, last] - right[:, 0], right[:, 1] - constant[:, last]
            _fill(found, k, given, off, free, leverage[:, last], Q[:, : counts[k]])
    return together


def _alone(columns: Array, given: _Given, k: int, found: LeaveOneOut) -> None:
    """Fill in one size from its own factors."""
    n, right = len(given.y), np.column_stack([given.y * given.precision, given.precision])
    if columns.shape[1] >= n and np.isfinite(columns).all():
        T = qr(columns.T, mode="r", check_finite=False)[0][:n]
        if dtrcon(T)[0] > WELL_CONDITIONED:
            _interpolant(T, given, k, found)
            return
    Q = Factors.of(columns * given.precision[:, None]).range()
    fitted = Q @ (Q.T @ right)
    _fill(found, k, given, fitted[:, 0] - right[:, 0], right[:, 1] - fitted[:, 1], (Q**2).sum(axis=1), Q)


def _fill(found: LeaveOneOut, k: int, given: _Given, off: Array, free: Array, leverage: Array, Q: Array) -> None:
    """Fill in one size from an orthonormal basis Q of its weighted columns.

    ``off`` is the weighted residual of the response, and ``free`` what Q leaves of a constant one.
    """
    moved, n = off - given.shift * free, len(off)
    if given.groups is None:
        spare = 1.0 - leverage
        left = np.divide(moved, spare, out=np.full(n, np.nan), where=spare > DECIDED)
    else:
        left = np.full(n, np.nan)
        for rows in given.groups:
            block = np.eye(len(rows)) - Q[rows] @ Q[rows].T
            if np.linalg.eigvalsh(block)[0] > DECIDED:
                left[rows] = np.linalg.solve(block, moved[rows])
    found.residual[k] = left / given.precision
    undecided = int(np.isnan(left).sum())
    if undecided:
        found.reasons[k] = f"some parameter hangs on {plural(undecided, 'row')} of {n} alone"
    trace = Q.shape[1] + float(given.precision @ free) / n
    if n - trace > DECIDED * n:
        found.generalised[k] = n * float(off @ off) / (n - trace) ** 2


def _interpolant(T: Array, given: _Given, k: int, found: LeaveOneOut) -> None:
    """Fill in the interpolant of least norm, K = Tᵀ T; weights say nothing to it but in the mean."""
    inverse = solve_triangular(T, np.eye(len(T)), check_finite=False)
    response, constant = (inverse @ (inverse.T @ each) for each in (given.y, np.ones(len(T))))
    moved = -(response + given.shift * constant)
    if given.groups is None:
        found.residual[k] = moved / (inverse**2).sum(axis=1)
        return
    for rows in given.groups:
        found.residual[k, rows] = np.linalg.solve(inverse[rows] @ inverse[rows].T, moved[rows])
