"""Noise of a Gaussian process: independent for each row, and shared by the rows of one group.

Rows of one group (one cell, one batch of electrolyte) err together: the group has an error function of its own,
smooth in the inputs, with covariance τ² exp(−|x − x'|²/2λ²) inside the group and none between groups. It is noise
and not trend: a new group comes without it. Left out, a process explains it by short length scales.
The covariance N is block diagonal; groups are padded to one length and treated as one batch of small matrices.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Groups:
    """The rows of each group, ``rows`` (g, s) padded with −1, and squared distances inside it (g, s, s)."""

    rows: Array
    distance: Array

    @classmethod
    def of(cls, labels: Array, X: Array) -> Groups:
        """Collect the rows with equal ``labels`` (n,); ``X`` (n, p) are the scaled inputs."""
        order = np.argsort(labels, kind="stable")
        codes, counts = np.unique(labels, return_counts=True)
        within = np.arange(len(labels)) - np.repeat(np.cumsum(counts) - counts, counts)
        rows = np.full((len(codes), counts.max()), -1)
        rows[np.repeat(np.arange(len(codes)), counts), within] = order
        members = X[rows]
        distance = ((members[:, :, None, :] - members[:, None, :, :]) ** 2).sum(-1)
        return cls(rows, distance)

    @cached_property
    def present(self) -> Array:
        """Which places of ``rows`` hold a row, (g, s)."""
        return self.rows >= 0

    @cached_property
    def labels(self) -> Array:
        """Number of the group of each row, (n,)."""
        out = np.empty(int(self.sizes.sum()), dtype=int)
        out[self.rows[self.present]] = np.nonzero(self.present)[0]
        return out

    @cached_property
    def places(self) -> Array:
        """Place of each row in its group, (n,)."""
        out = np.empty(int(self.sizes.sum()), dtype=int)
        out[self.rows[self.present]] = np.nonzero(self.present)[1]
        return out

    @cached_property
    def sizes(self) -> Array:
        """Rows of each group, (g,)."""
        return self.present.sum(1)

    @cached_property
    def pairs(self) -> Array:
        """Which places of a block hold a pair of rows, (g, s, s)."""
        return self.present[:, :, None] & self.present[:, None, :]

    def gather(self, B: Array) -> Array:
        """Return the rows of ``B`` (n, ...) group by group, (g, s, ...), zero where padded."""
        return np.where(self.present.reshape(*self.rows.shape, *[1] * (B.ndim - 1)), B[self.rows], 0.0)

    def scatter(self, blocks: Array, n: int) -> Array:
        """Return what `gather` collected as rows again, (n, ...)."""
        out = np.empty((n, *blocks.shape[2:]))
        out[self.rows[self.present]] = blocks[self.present]
        return out


@dataclass(frozen=True, eq=False)
class Noise:
    """Covariance N of the noise: ``diagonal`` (n,) plus, for ``groups``, a shared part of variance τ² and length λ."""

    diagonal: Array
    groups: Groups | None = None
    shared: float = 0.0
    length: float = 1.0

    @cached_property
    def shared_blocks(self) -> Array:
        """Covariance of the shared part inside each group, (g, s, s), zero where padded."""
        assert self.groups is not None
        return np.where(self.groups.pairs, self.shared * np.exp(-0.5 * self.groups.distance / self.length**2), 0.0)

    @cached_property
    def _inverse_roots(self) -> Array:
        """R of each block with RᵀR = N⁻¹, (g, s, s)."""
        assert self.groups is not None
        own = np.where(self.groups.present, self.diagonal[self.groups.rows], 1.0)
        blocks = self.shared_blocks + own[:, :, None] * np.eye(own.shape[1])
        return np.linalg.inv(np.linalg.cholesky(blocks))

    def whiten(self, B: Array) -> Array:
        """Return R B for ``B`` (n, m), so that its Gram matrix is Bᵀ N⁻¹ B; the order of rows is the groups'."""
        if self.groups is None:
            return B / np.sqrt(self.diagonal)[:, None]
        return self.groups.scatter(self._inverse_roots @ self.groups.gather(B), len(B))

    def whiten_back(self, B: Array) -> Array:
        """Return Rᵀ B for ``B`` (n, m); after `whiten` this makes N⁻¹ B."""
        if self.groups is None:
            return B / np.sqrt(self.diagonal)[:, None]
        return self.groups.scatter(self._inverse_roots.transpose(0, 2, 1) @ self.groups.gather(B), len(B))

    def solve(self, B: Array) -> Array:
        """Return N⁻¹ B for ``B`` (n,) or (n, m)."""
        columns = B[:, None] if B.ndim == 1 else B
        out = self.whiten_back(self.whiten(columns))
        return out[:, 0] if B.ndim == 1 else out

    def log_determinant(self) -> float:
        """Return log |N|."""
        if self.groups is None:
            return float(np.log(self.diagonal).sum())
        roots = np.diagonal(self._inverse_roots, axis1=1, axis2=2)
        return float(-2.0 * np.log(roots).sum())

    def inverse_diagonal(self) -> Array:
        """Return diag(N⁻¹), shape (n,)."""
        if self.groups is None:
            return 1.0 / self.diagonal
        return self.groups.scatter((self._inverse_roots**2).sum(1), len(self.diagonal))

    @cached_property
    def _inverse_blocks(self) -> Array:
        return self._inverse_roots.transpose(0, 2, 1) @ self._inverse_roots

    def variances(self) -> Array:
        """Return diag(N), shape (n,)."""
        return self.diagonal + (self.shared if self.groups is not None else 0.0)

    def inverse_blocks(self) -> Array:
        """Return N⁻¹ block by block, (g, s, s)."""
        return self._inverse_blocks

    def inverse_among(self, rows: Array) -> Array:
        """Return the block of N⁻¹ that belongs to some ``rows`` (r,), shape (r, r)."""
        if self.groups is None:
            return np.diag(1.0 / self.diagonal[rows])
        label, place = self.groups.labels[rows], self.groups.places[rows]
        block = self.inverse_blocks()[label[:, None], place[:, None], place]
        return np.where(label[:, None] == label, block, 0.0)

    def added_to(self, K: Array) -> Array:
        """Return K + N for ``K`` (n, n), which is overwritten."""
        K[np.diag_indices_from(K)] += self.diagonal
        if self.groups is not None:
            for rows, block, size in zip(self.groups.rows, self.shared_blocks, self.groups.sizes, strict=True):
                K[np.ix_(rows[:size], rows[:size])] += block[:size, :size]
        return K

    def dense(self) -> Array:
        """Return N, shape (n, n)."""
        return self.added_to(np.zeros((len(self.diagonal), len(self.diagonal))))

    def pull_back(self, blocks: Array) -> Array:
        """Return dL/d(log τ², log λ) for a function L with derivatives ``blocks`` (g, s, s) to N's blocks."""
        assert self.groups is not None
        weighted = blocks * self.shared_blocks
        return np.array([weighted.sum(), (weighted * self.groups.distance).sum() / self.length**2])
