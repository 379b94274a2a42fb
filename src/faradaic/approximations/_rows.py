"""The checked rows of one fit."""

from __future__ import annotations

from typing import Any

import numpy as np

from faradaic._core import ArgumentError

Array = np.ndarray


class Rows:
    """The validated rows of one fit; rows of weight zero are already gone."""

    __slots__ = ("X", "groups", "noise_std", "source", "weight", "y")

    def __init__(
        self,
        X: Array,
        y: Array,
        weight: Array,
        noise_std: Array | None,
        groups: Array | None,
        source: Array | None = None,
    ) -> None:
        self.X, self.y, self.weight, self.noise_std, self.groups, self.source = X, y, weight, noise_std, groups, source

    @classmethod
    def checked(cls, X: Array, y: Array, sample_weight: Any, noise_std: Any, groups: Any, source: Any = None) -> Rows:
        n = len(y)
        weight = np.ones(n) if sample_weight is None else _per_row(sample_weight, n, "sample_weight")
        rank = None if source is None else _codes(source, n, "source")
        noise = None if noise_std is None else _noise(noise_std, n, rank)
        labels = None if groups is None else _codes(groups, n, "groups")
        keep = weight > 0
        if not keep.any():
            raise ArgumentError("sample_weight is zero for every row; at least one row must count.")
        if rank is not None and rank[keep].max() < rank.max():
            raise ArgumentError("sample_weight is zero for every row of the highest source; that is the one predicted.")
        if keep.all():
            return cls(X, y, weight, noise, labels, rank)
        return cls(
            X[keep],
            y[keep],
            weight[keep],
            None if noise is None else noise[keep],
            None if labels is None else labels[keep],
            None if rank is None else np.unique(rank[keep], return_inverse=True)[1],
        )

    @property
    def exact(self) -> bool:
        """Whether the responses are known to carry no noise."""
        return self.noise_std is not None and not self.noise_std.any()

    @property
    def root_precision(self) -> Array:
        """Square root of each row's weight in least squares: 1/sigma where known, else sqrt(weight)."""
        if self.noise_std is None or self.exact:
            return np.sqrt(self.weight)
        return np.sqrt(self.weight) / self.noise_std


def _per_row(values: Any, n: int, name: str) -> Array:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 0:
        array = np.broadcast_to(array, (n,))
    if array.shape != (n,):
        raise ArgumentError(f"{name} must be one number or one for each of the {n} rows, got shape {array.shape}.")
    if not np.isfinite(array).all() or (array < 0).any():
        raise ArgumentError(f"{name} must be finite and not negative.")
    return array


def _codes(labels: Any, n: int, name: str) -> Array:
    """Return labels as whole numbers from 0, in their order."""
    codes = np.unique(np.asarray(labels), return_inverse=True)[1]
    if codes.shape != (n,):
        raise ArgumentError(f"{name} must have one entry for each of the {n} rows, got {len(codes)}.")
    return codes


def _noise(values: Any, n: int, rank: Array | None) -> Array:
    """Return the known noise: alike for every row or, with a ``rank``, for every row of one source."""
    if rank is None:
        noise = _per_row(values, n, "noise_std")
        if noise.any() and not noise.all():
            raise ArgumentError("noise_std must be positive for every row, or zero for every row (exact data).")
        return noise
    given = np.asarray(values, dtype=np.float64)
    unknown = np.isnan(given)
    noise = np.where(unknown, np.nan, _per_row(np.where(unknown, 1.0, given), n, "noise_std"))
    kind = np.where(np.isnan(noise), 2, np.sign(noise))
    if any(np.ptp(kind[rank == t]) for t in range(int(rank.max()) + 1)):
        raise ArgumentError(
            "noise_std must be positive, zero (exact data) or NaN (unknown) for every row of one source alike."
        )
    return noise
