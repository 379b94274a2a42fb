"""Least squares with equations that must hold, alone or together with inequalities.

Equations A c = b are eliminated: c = c₀ + Z a with the shortest solution c₀ and a basis Z of the null space. What
remains under H c ≥ 0 is a least-distance problem, whose dual is one of non-negative least squares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import nnls

from faradaic._core import FitError

from ._cone import RIDGE, ConeFit

Array = np.ndarray

_INDEPENDENT = 1e-10  # smaller singular values of the scaled equations count as none
_CONSISTENT = 1e-8
_CLOSE = 1e-12  # to zero, among numbers of size one
_ROUNDS = 20


@dataclass(frozen=True, eq=False)
class Equations:
    """Equations ``matrix @ c = right`` for the coefficients, shapes (q, k) and (q,)."""

    matrix: Array
    right: Array

    def solved(self) -> tuple[Array, Array]:
        """Return the shortest solution (k,) and an orthonormal basis of the directions left free, (k, k - rank).

        Raises
        ------
        FitError
            No coefficients satisfy all equations.

        Examples
        --------
        >>> shortest, free = Equations(np.array([[1.0, 1.0]]), np.array([2.0])).solved()
        >>> shortest.round(12).tolist(), free.shape
        ([1.0, 1.0], (2, 1))
        """
        size = np.linalg.norm(self.matrix, axis=1)
        size[size == 0] = 1.0
        matrix, right = self.matrix / size[:, None], self.right / size
        u, s, vt = np.linalg.svd(matrix)
        rank = int((s > _INDEPENDENT * s.max(initial=0.0)).sum())
        shortest = vt[:rank].T @ ((u[:, :rank].T @ right) / s[:rank])
        missed = np.abs(matrix @ shortest - right).max(initial=0.0)
        if missed > _CONSISTENT * np.abs(right).max(initial=0.0):
            raise FitError(
                f"no member of {len(shortest)} functions satisfies all that is known; raise the size, or check what is "
                f"known for contradictions."
            )
        return shortest, vt[rank:].T

    def restored(self, coefficients: Array) -> Array:
        """Return the closest coefficients that satisfy the equations: what rounding lost of them comes back."""
        missing = self.right - self.matrix @ coefficients
        return coefficients + np.linalg.lstsq(self.matrix, missing, rcond=_INDEPENDENT)[0]

    def cone_least_squares(
        self, columns: Array, y: Array, root_precision: Array, above: Array, *, centre: float
    ) -> ConeFit:
        """Minimise ``sum((root_precision (columns @ c - y))²)`` where the equations and ``above @ c >= 0`` hold.

        Where the data leave a choice, the coefficients closest to ``centre`` are taken, as in the cone without
        equations. The dual says which inequalities bind; these are then solved for as equations, to rounding.

        Raises
        ------
        FitError
            What is known contradicts the inequalities.

        References
        ----------
        Lawson, Hanson: Solving Least Squares Problems (1995), chapter 23, https://doi.org/10.1137/1.9781611971217
        """
        shortest, free = self.solved()
        above = above / np.linalg.norm(above, axis=1, keepdims=True)
        weighted = columns * root_precision[:, None]
        ridge = RIDGE * np.sqrt((weighted**2).sum(axis=0).max())
        system = np.vstack([weighted, ridge * np.eye(len(shortest))])
        right = np.concatenate([y * root_precision, np.full(len(shortest), ridge * centre)])
        binds = _binding(system @ free, right - system @ shortest, above @ free, -(above @ shortest))
        for _ in range(_ROUNDS):
            pinned = Equations(np.vstack([self.matrix, above[binds]]), np.r_[self.right, np.zeros(binds.sum())])
            start, active = pinned.solved()
            moved = np.linalg.lstsq(system @ active, right - system @ start)[0] if active.shape[1] else np.zeros(0)
            found = ConeFit(start + active @ moved, active)
            violated = above @ found.coefficients < -_CLOSE * np.abs(found.coefficients).max(initial=0.0)
            if not (violated & ~binds).any():
                return found
            binds |= violated  # a constraint so weak that the dual's rounding hid it
        raise FitError("the fit under what is known did not end; lower the size.")


def _binding(system: Array, right: Array, above: Array, bound: Array) -> Array:
    """Return which rows of ``above @ a >= bound`` (none longer than one) bind where |system a − right|² is least."""
    usable = np.linalg.norm(above, axis=1) > _CLOSE
    if (bound[~usable] > _CONSISTENT * np.abs(bound).max(initial=0.0)).any():
        raise _contradiction()
    binds = np.zeros(len(above), dtype=bool)
    if not usable.any():
        return binds
    q, r = np.linalg.qr(system)
    turned = solve_triangular(r, above[usable].T, trans="T").T
    size = np.linalg.norm(turned, axis=1)
    gap = (bound[usable] - turned @ (q.T @ right)) / size
    unit = max(float(np.abs(gap).max()), np.finfo(np.float64).tiny)
    matrix = np.vstack([(turned / size[:, None]).T, gap / unit])
    target = np.zeros(len(matrix))
    target[-1] = 1.0
    try:
        dual = nnls(matrix, target, maxiter=max(200, 20 * matrix.shape[1]))[0]
    except RuntimeError as error:
        raise FitError("the fit under what is known did not end; lower the size.") from error
    if 1.0 - matrix[-1] @ dual <= 1e-12:
        raise _contradiction()
    binds[np.flatnonzero(usable)[dual > 0]] = True
    return binds


def _contradiction() -> FitError:
    return FitError("what is known contradicts the shape that is asked for; raise the size, or check both.")
