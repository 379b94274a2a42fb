"""Which directions of the parameters the rows feel, and which not: the scaled sensitivity matrix and its spectrum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import null_space

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The singular values of the sensitivities of the rows to relative changes of the parameters.

    Attributes
    ----------
    singular : array of shape (min(m, q),)
        Largest first. With known noise, 1/s is the relative standard deviation of a combination.
    rank : int
        How many of them are more than rounding.
    root : array of shape (k, rank)
        ``root @ root.T`` is the covariance of the parameters for residuals of unit variance, without what is free.
    free : array of shape (k, q - rank)
        Directions in which the parameters move and no row feels it, in their own units.
    scale : array of shape (k,)
        What a relative change is relative to.
    """

    singular: Array
    rank: int
    root: Array
    free: Array
    scale: Array

    @property
    def condition(self) -> float:
        """Ratio of the largest singular value to the smallest that is more than rounding."""
        return float(self.singular[0] / self.singular[self.rank - 1]) if self.rank else float("nan")

    def practical(self, sigma: float, tolerance: float) -> int:
        """Return how many combinations are known to within ``tolerance`` of their size, for a noise of ``sigma``."""
        return int((self.singular[: self.rank] * tolerance >= sigma).sum())


def scale_of(theta: Array, start: Array) -> Array:
    """Return the size of each parameter: its own, or that of its start where it is zero."""
    size = np.where(theta != 0, np.abs(theta), np.abs(start))
    return np.where(size > 0, size, 1.0)


def spectrum(jacobian: Array, equations: Array, scale: Array, rounding: float) -> Spectrum:
    """Return the spectrum of sensitivities (m, k), where the parameters satisfy equations with derivatives (q, k).

    The rank is that of columns of equal length: a parameter that hardly matters is known badly, but known.

    Examples
    --------
    >>> x = np.linspace(0.0, 1.0, 5)
    >>> found = spectrum(np.column_stack([np.ones(5), np.ones(5), x]), np.zeros((0, 3)), np.ones(3), 1e-9)
    >>> found.rank, (found.free / found.free[0]).ravel().round(12).tolist()
    (2, [1.0, -1.0, -0.0])
    """
    J, H = jacobian * scale, equations * scale
    Z = null_space(H) if len(H) else np.eye(J.shape[1])
    A = J @ Z
    length = np.linalg.norm(A, axis=0)
    felt = length > rounding * length.max(initial=0.0) * 1e-3
    length[~felt] = 1.0
    _, even, turned = np.linalg.svd(np.where(felt, A / length, 0.0), full_matrices=True)
    rank = int((even > rounding * even.max(initial=0.0)).sum()) if felt.any() else 0
    singular = np.linalg.svd(A, compute_uv=False)
    directions = turned[:rank].T / even[:rank]
    free = Z @ (turned[rank:].T / length[:, None])
    return Spectrum(
        singular=singular,
        rank=rank,
        root=scale[:, None] * (Z @ (directions / length[:, None])),
        free=scale[:, None] * free / np.maximum(np.abs(free).max(axis=0, initial=0.0), 1e-300),
        scale=scale,
    )
