"""Families whose smaller members are made of the first columns of larger ones: all sizes from one factorisation."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import numpy as np
from scipy.linalg import solve_triangular
from scipy.linalg.lapack import dtrcon

from ._factors import Factors, triangular
from ._job import Job, Swept

Array = np.ndarray
# leading blocks whose reciprocal condition is above this are solved from the common triangle, the others on their own
WELL_CONDITIONED = 1e-7


class Prefixes:
    """Weighted columns M (n, K) = Q R; the least-squares problems of the first k columns are those of R's corner.

    Attributes
    ----------
    most : int
        The largest of the asked numbers of columns that is well conditioned; 0 where none is.
    Q, R : arrays of shape (n, most), (most, most)
    """

    def __init__(self, matrix: Array, counts: Iterable[int]) -> None:
        n = len(matrix)
        asked = sorted({k for k in counts if 1 <= k <= n})
        self.most, self.Q, self.R = 0, np.zeros((n, 0)), np.zeros((0, 0))
        if not asked or not np.isfinite(matrix[:, : asked[-1]]).all():
            return
        Q, R = triangular(matrix[:, : asked[-1]])
        low, high = 0, len(asked)  # more columns are never better conditioned
        if dtrcon(R)[0] > WELL_CONDITIONED:
            low = high
        while high - low > 1:
            middle = (low + high) // 2
            corner = R[: asked[middle - 1], : asked[middle - 1]]
            low, high = (middle, high) if dtrcon(corner)[0] > WELL_CONDITIONED else (low, middle)
        if low:
            self.most = asked[low - 1]
            self.Q, self.R = Q[:, : self.most], R[: self.most, : self.most]

    def rows(self, columns: Array) -> Array:
        """Return T (m, most): the first k of its columns times those of Qᵀy are the prediction by k columns."""
        return solve_triangular(self.R, columns[:, : self.most].T, trans="T", check_finite=False).T


def sweep_alike(
    jobs: Sequence[Job], found: Sequence[Swept], columns: Array, at: Array, counts: Sequence[int], offsets: Array
) -> None:
    """Fill in the fits of jobs that differ in their responses alone.

    Parameters
    ----------
    jobs, found : sequences of length r
        The jobs and what is found.
    columns, at : arrays of shape (n, K) and (m, K)
        Columns of the largest member at the rows and at the points.
    counts : sequence of int
        Number of columns of each size.
    offsets : array of shape (r,)
        What is taken out of each response before, and put back after.
    """
    begin = time.perf_counter()
    precision = jobs[0].rows.root_precision
    matrix = columns * precision[:, None]
    right = np.column_stack([(job.rows.y - offset) * precision for job, offset in zip(jobs, offsets, strict=True)])
    prefixes = Prefixes(matrix, counts)
    together = [k for k, count in enumerate(counts) if 1 <= count <= prefixes.most]
    if together:
        places = np.array([counts[k] for k in together]) - 1
        T, z = prefixes.rows(at), prefixes.Q.T @ right
        with np.errstate(over="ignore", invalid="ignore"):
            for one, offset, each in zip(found, offsets, z.T, strict=True):
                one.prediction[together] = offset + np.cumsum(T * each, axis=1)[:, places].T
                one.effective[together] = places + 1.0
    share = (time.perf_counter() - begin) / max(len(together), 1) / len(jobs)
    for one in found:
        one.seconds[together] += share
    for k in (k for k in range(len(counts)) if k not in set(together)):
        _one_size(k, matrix[:, : counts[k]], at[:, : counts[k]], right, found, offsets)


def _one_size(k: int, matrix: Array, at: Array, right: Array, found: Sequence[Swept], offsets: Array) -> None:
    begin = time.perf_counter()
    first = found[0]
    with first.recording(k), np.errstate(over="ignore", invalid="ignore"):
        factors = Factors.of(matrix)
        predictions = at @ factors.solve(right)
        for one, offset, prediction in zip(found, offsets, predictions.T, strict=True):
            one.prediction[k], one.effective[k] = offset + prediction, factors.rank
    share = (time.perf_counter() - begin) / len(found)
    for one in found:
        one.seconds[k], one.reasons[k] = share, first.reasons[k]


def alike(jobs: Sequence[Job]) -> list[list[int]]:
    """Return the places of jobs that agree in everything but the response."""
    groups: dict[tuple[bytes, ...], list[int]] = {}
    for place, job in enumerate(jobs):
        parts = (job.rows.X, job.rows.root_precision, job.at, np.array([job.seed]))
        groups.setdefault(tuple(np.ascontiguousarray(one).tobytes() for one in parts), []).append(place)
    return list(groups.values())
