"""Plain splines of one feature at many sizes on many splits."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from ._banded import Compact, solve
from ._bspline import clamped_knots, spline_degree
from ._factors import Factors
from ._job import Job, Swept
from ._scaling import range_scale

Array = np.ndarray


def sweep_lines(sizes: Sequence[int], degree: int, jobs: Sequence[Job]) -> list[Swept]:
    """Fit splines with uniform knots and no constraint: each size for all jobs at once.

    The points of all jobs are scaled by the range of each job's rows; those that fall together (most do: jobs are
    splits of one table) are worked out once.
    """
    found = [Swept.empty(len(sizes), len(job.at)) for job in jobs]
    n = max(len(job.rows.y) for job in jobs)
    scaled = [_scaled(job) for job in jobs]
    u, place = np.unique(np.concatenate([part for pair in scaled for part in pair]), return_inverse=True)
    rows, ats, start = np.zeros((len(jobs), n), dtype=np.int64), [], 0
    y, weight = np.zeros((len(jobs), n)), np.zeros((len(jobs), n))
    offsets = [0.0] * len(jobs)
    for j, (job, (inner, outer)) in enumerate(zip(jobs, scaled, strict=True)):
        rows[j, : len(inner)] = place[start : start + len(inner)]
        ats.append(place[start + len(inner) : start + len(inner) + len(outer)])
        start += len(inner) + len(outer)
        weight[j, : len(inner)] = job.rows.root_precision**2
        offsets[j] = float(np.average(job.rows.y, weights=weight[j, : len(inner)]))
        y[j, : len(inner)] = job.rows.y - offsets[j]
    for k, size in enumerate(sizes):
        begin = time.perf_counter()
        least = spline_degree(size, degree)
        compact = Compact.at(u, clamped_knots(u, size, least, "uniform"), least)
        coefficients, solved = solve(compact, rows, y, weight)
        predictions = compact.times(coefficients.T)
        for j in np.flatnonzero(solved).tolist():
            found[j].prediction[k], found[j].effective[k] = offsets[j] + predictions[ats[j], j], float(size)
        for one in found:
            one.seconds[k] = (time.perf_counter() - begin) / len(jobs)
        for j in np.flatnonzero(~solved).tolist():
            with found[j].recording(k):
                m = len(jobs[j].rows.y)
                _alone(found[j], k, compact, rows[j, :m], ats[j], y[j, :m], np.sqrt(weight[j, :m]), offsets[j])
    return found


def _alone(
    found: Swept, k: int, compact: Compact, rows: Array, at: Array, y: Array, precision: Array, offset: float
) -> None:
    """Solve one problem by its orthogonal decomposition, whatever its rank."""
    used, place = np.unique(np.concatenate([rows, at]), return_inverse=True)
    dense = np.zeros((len(used), compact.count))
    np.put_along_axis(dense, compact.places()[used], compact.values[used], axis=1)
    factors = Factors.of(dense[place[: len(rows)]] * precision[:, None])
    found.prediction[k] = offset + dense[place[len(rows) :]] @ factors.solve(y * precision)
    found.effective[k] = factors.rank


def _scaled(job: Job) -> tuple[Array, Array]:
    """Return the rows and the points of a job, scaled as `Spline` does."""
    x, at = job.rows.X[:, 0], job.at[:, 0]
    low, high = x.min(), x.max()
    centre, scale = range_scale(x)

    def one(values: Array) -> Array:
        u = (values - centre) / scale
        return np.where((low <= values) & (values <= high), np.clip(u, -1.0, 1.0), u)

    return one(x), one(at)
