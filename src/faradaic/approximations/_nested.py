"""Families whose smaller members are made of the first columns of larger ones: all sizes from one factorisation."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import numpy as np
from scipy.linalg import solve_triangular
from scipy.linalg.lapack import dpocon, dpotrf, dpotrs, dtrcon

from ._factors import Factors, triangular
from ._job import Job, Swept

Array = np.ndarray
# leading blocks whose reciprocal condition is above this are solved from the common triangle, the others on their own
WELL_CONDITIONED = 1e-7
# beyond n the reciprocal condition is that of M Mᵀ, and each refinement gains about four digits at this limit
INTERPOLATES, REFINEMENTS = 1e-11, 2


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


class Interpolants:
    """Problems with more columns than rows, by increasing number k of columns: M Mᵀ grows by what is added.

    The solution of least norm is Mᵀ a with M Mᵀ a = b. Its factor has the square of M's condition; refinement against
    M itself brings the digits back.
    """

    def __init__(self, matrix: Array) -> None:
        self.matrix, self.taken = matrix, 0
        self.gram = np.zeros((len(matrix), len(matrix)))

    def solve(self, k: int, right: Array) -> Array | None:
        """Return the coefficients (k, r) of the first ``k`` columns, no fewer than before; None if ill conditioned."""
        added, self.taken = self.matrix[:, self.taken : k], k
        if not np.isfinite(added).all():
            self.gram[:] = np.nan
        self.gram += added @ added.T
        if not np.isfinite(self.gram).all():
            return None
        factor, failed = dpotrf(self.gram, lower=1)
        if failed or dpocon(factor, np.abs(self.gram).sum(axis=0).max(), uplo="L")[0] < INTERPOLATES:
            return None
        M = self.matrix[:, :k]
        dual = dpotrs(factor, right, lower=1)[0]
        for _ in range(REFINEMENTS):
            dual += dpotrs(factor, right - M @ (M.T @ dual), lower=1)[0]
        return M.T @ dual


def solved_alone(matrix: Array, right: Array, wide: Interpolants) -> tuple[Array, int]:
    """Return the least-squares solution of least norm, and the rank, of columns that no common triangle serves.

    Raises
    ------
    FitError
        A column is not finite.
    """
    n, k = matrix.shape
    coefficients = wide.solve(k, right) if k > n else None
    if coefficients is not None:
        return coefficients, n
    factors = Factors.of(matrix)
    return factors.solve(right), factors.rank


def sweep_alike(
    jobs: Sequence[Job], found: Sequence[Swept], sizes: Sequence[int], columns: Array, at: Array, counts: Array
) -> None:
    """Fill in the fits of jobs that differ in their responses alone.

    The weighted mean of each response is taken out before and put back after, as in a single fit.

    Parameters
    ----------
    jobs, found : sequences of length r
        The jobs and what is found.
    sizes : sequence of int
        The places of the sizes in what is found.
    columns, at : arrays of shape (n, K) and (m, K)
        Columns of the largest of these sizes at the rows and at the points.
    counts : array of shape (s,)
        Number of columns of each of these sizes.
    """
    begin = time.perf_counter()
    precision = jobs[0].rows.root_precision
    offsets = np.array([np.average(job.rows.y, weights=precision**2) for job in jobs])
    matrix = columns * precision[:, None]
    right = np.column_stack([(job.rows.y - offset) * precision for job, offset in zip(jobs, offsets, strict=True)])
    prefixes = Prefixes(matrix, counts.tolist())
    together = np.flatnonzero((counts >= 1) & (counts <= prefixes.most))
    if len(together):
        places = [sizes[each] for each in together.tolist()]
        T, z = prefixes.rows(at), prefixes.Q.T @ right
        with np.errstate(over="ignore", invalid="ignore"):
            for one, offset, each in zip(found, offsets, z.T, strict=True):
                one.prediction[places] = offset + np.cumsum(T * each, axis=1)[:, counts[together] - 1].T
                one.effective[places] = counts[together]
        for one in found:
            one.seconds[places] = (time.perf_counter() - begin) / len(together) / len(jobs)
    wide = Interpolants(matrix)
    for each in np.argsort(counts, kind="stable").tolist():
        if each not in together:
            _one_size(sizes[each], wide, matrix[:, : counts[each]], at[:, : counts[each]], right, found, offsets)


def _one_size(
    k: int, wide: Interpolants, matrix: Array, at: Array, right: Array, found: Sequence[Swept], offsets: Array
) -> None:
    begin = time.perf_counter()
    first = found[0]
    with first.recording(k), np.errstate(over="ignore", invalid="ignore"):
        coefficients, rank = solved_alone(matrix, right, wide)
        predictions = at @ coefficients
        for one, offset, prediction in zip(found, offsets, predictions.T, strict=True):
            one.prediction[k], one.effective[k] = offset + prediction, rank
    share = (time.perf_counter() - begin) / len(found)
    for one in found:
        one.seconds[k], one.reasons[k] = share, first.reasons[k]


def alike(jobs: Sequence[Job], random: bool) -> list[list[int]]:
    """Return the places of jobs that agree in everything but the response, and the seed if it does not matter."""
    groups: dict[tuple[bytes, ...], list[int]] = {}
    for place, job in enumerate(jobs):
        seed = np.array([job.seed if random else 0])
        parts = (job.rows.X, job.rows.weight, job.rows.root_precision, job.at, seed)
        groups.setdefault(tuple(one.tobytes() for one in parts), []).append(place)
    return list(groups.values())
