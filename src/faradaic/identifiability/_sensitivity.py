"""Which directions of the parameters the rows feel, and which not: the scaled sensitivity matrix and its spectrum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import null_space

Array = np.ndarray
UNFELT = 1e-3  # times the rounding: a column that is shorter than this share of the longest is none


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
    blur : float
        How well directions are known: the rounding of the sensitivities, times the condition of their columns.
    """

    singular: Array
    rank: int
    root: Array
    free: Array
    scale: Array
    blur: float = 0.0

    @property
    def relative_free(self) -> Array:
        """The free directions in relative changes, (k, q - rank)."""
        return self.free / self.scale[:, None]

    @property
    def condition(self) -> float:
        """Ratio of the largest singular value to the smallest that is more than rounding."""
        return float(self.singular[0] / self.singular[self.rank - 1]) if self.rank else float("nan")

    def practical(self, sigma: float, tolerance: float) -> int:
        """Return how many combinations are known to within ``tolerance`` of their size, for a noise of ``sigma``."""
        return int((self.singular[: self.rank] * tolerance >= sigma).sum())


def scale_of(theta: Array, start: Array, log: Array, jacobian: Array, rounding: float) -> Array:
    """Return the size of each parameter: its own, or that of its start where it is zero.

    One that is zero but for rounding (an offset of exact rows) is as large as what rounding leaves of it, lest it
    should look as if no row felt it.

    Examples
    --------
    >>> scale_of(np.array([2.0, 1e-18]), np.ones(2), np.zeros(2, dtype=bool), np.ones((3, 2)), 1e-9).tolist()
    [2.0, 2e-09]
    """
    size, begin = np.abs(theta), np.where(start != 0, np.abs(start), 1.0)
    slope = np.linalg.norm(jacobian, axis=0)
    most = (slope * size).max(initial=0.0)
    # a column that would not matter at the start either is rounding itself
    matters = ~log & (slope * np.maximum(size, begin) > UNFELT * rounding * most)
    least = np.where(matters, rounding * most / np.where(slope > 0, slope, 1.0), 0.0)
    return np.where(theta != 0, np.maximum(size, least), begin)


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
    felt = length > UNFELT * rounding * length.max(initial=0.0)
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
        blur=float(rounding * even[0] / even[rank - 1]) if rank else 0.0,
    )
