"""The complete orthogonal decomposition behind every least-squares problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.linalg import qr, solve_triangular

from faradaic._core import FitError

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Factors:
    """A matrix A (n, k) as Q [R 0; 0 0] Zᵀ: pivoted QR shows the rank, a second QR gives the least norm.

    With more columns than rows the columns are first compressed to a square of the rows' size.

    Attributes
    ----------
    rank : int
        Numerical rank: diagonal elements of the pivoted factor below ``max(n, k) eps`` of the first count as zero.

    References
    ----------
    Golub, van Loan: Matrix Computations, 4th ed. (2013), sections 5.4 and 5.5.
    """

    rank: int
    columns: int
    _q: Array
    _r: Array  # (rank, rank) upper triangle of A's pivots; the transpose of a lower one below full rank
    _pivots: Array
    _z: Array | None
    _compressed: Array | None

    @classmethod
    def of(cls, matrix: Array) -> Self:
        """Factorise.

        Raises
        ------
        FitError
            An element is not finite.
        """
        if not np.isfinite(matrix).all():
            raise FitError(
                "the columns of the least-squares problem are not finite; lower the size or scale the inputs."
            )
        n, k = matrix.shape
        compressed = None
        if k > n and matrix.any():
            compressed, lower = triangular(matrix.T)
            matrix = lower.T
        q, r, pivots = qr(matrix, mode="economic", pivoting=True, check_finite=False)
        diagonal = np.abs(np.diag(r))
        rank = int((diagonal > max(n, k) * np.finfo(np.float64).eps * diagonal.max(initial=0.0)).sum())
        if rank == matrix.shape[1]:
            return cls(rank, k, q[:, :rank], r, pivots, None, compressed)
        z, t = triangular(r[:rank].T)
        return cls(rank, k, q[:, :rank], t, pivots, z, compressed)

    def solve(self, right: Array) -> Array:
        """Return the least-squares solution of least norm for ``right`` (n,) or (n, m)."""
        return self._back(self._q.T @ right)

    def range(self) -> Array:
        """Return an orthonormal basis of what the columns span, (n, rank)."""
        return self._q

    def root(self) -> Array:
        """Return W (k, rank) with W Wᵀ = (AᵀA)⁺."""
        return self._back(np.eye(self.rank))

    def _back(self, projected: Array) -> Array:
        out = np.zeros((len(self._pivots), *projected.shape[1:]))
        if self._z is None:
            out[self._pivots] = solve_triangular(self._r, projected, check_finite=False)
        elif self.rank:
            out[self._pivots] = self._z @ solve_triangular(self._r, projected, trans="T", check_finite=False)
        return out if self._compressed is None else self._compressed @ out


def triangular(matrix: Array) -> tuple[Array, Array]:
    """Return the economic factors Q and R."""
    q, r = qr(matrix, mode="economic", check_finite=False)  # pyright: ignore[reportAssignmentType]
    return q, r
