"""Plain splines of one feature at many sizes on many splits."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from ._banded import solve
from ._bspline import Compact, clamped_knots, spline_degree
from ._job import Job, Swept
from ._nested import Interpolants, solved_alone
from ._scaling import range_scale

Array = np.ndarray


def sweep_lines(sizes: Sequence[int], degree: int, jobs: Sequence[Job]) -> list[Swept]:
    """Fit splines with uniform knots and no constraint: each size for all jobs at once.

    The points of all jobs are scaled by the range of each job's rows; those that fall together (most do: jobs are
    splits of one table) are worked out once.
    """
    found = [Swept.empty(len(sizes), len(job.at)) for job in jobs]
    u, rows, at = _points(jobs)
    y, weight, offsets = np.zeros(rows.shape), np.zeros(rows.shape), np.zeros(len(jobs))
    for j, job in enumerate(jobs):
        m = len(job.rows.y)
        weight[j, :m] = job.rows.root_precision**2
        offsets[j] = np.average(job.rows.y, weights=weight[j, :m])
        y[j, :m] = job.rows.y - offsets[j]
    for k, size in enumerate(sizes):
        begin = time.perf_counter()
        least = spline_degree(size, degree)
        compact = Compact.at(u, clamped_knots(u, size, least, "uniform"), least)
        coefficients, solved = solve(compact, rows, y, weight)
        place = compact.places()[at] + size * np.arange(len(jobs))[:, None, None]
        predictions = (compact.values[at] * coefficients.ravel()[place]).sum(axis=2)
        columns = np.zeros((0, size)) if solved.all() else compact.dense()
        share = (time.perf_counter() - begin) / len(jobs)
        for j, (job, one) in enumerate(zip(jobs, found, strict=True)):
            m, q = len(job.rows.y), len(job.at)
            one.seconds[k] = share
            if solved[j]:
                one.prediction[k], one.effective[k] = offsets[j] + predictions[j, :q], float(size)
                continue
            with one.recording(k):
                precision = job.rows.root_precision
                matrix, right = columns[rows[j, :m]] * precision[:, None], (y[j, :m] * precision)[:, None]
                alone, one.effective[k] = solved_alone(matrix, right, Interpolants(matrix))
                one.prediction[k] = offsets[j] + columns[at[j, :q]] @ alone[:, 0]
    return found


def _points(jobs: Sequence[Job]) -> tuple[Array, Array, Array]:
    """Return the distinct scaled points of all jobs, and the places among them of rows and points, (jobs, most)."""
    scaled = [part for job in jobs for part in _scaled(job)]
    u, place = np.unique(np.concatenate(scaled), return_inverse=True)
    filled = np.zeros((len(scaled), max(len(part) for part in scaled)), dtype=np.int64)
    lengths = np.array([len(part) for part in scaled])
    filled[np.arange(filled.shape[1]) < lengths[:, None]] = place
    return u, filled[::2, : lengths[::2].max()], filled[1::2, : lengths[1::2].max()]


def _scaled(job: Job) -> tuple[Array, Array]:
    """Return the rows and the points of a job, scaled as `Spline` does."""
    x, at = job.rows.X[:, 0], job.at[:, 0]
    low, high = x.min(), x.max()
    centre, scale = range_scale(x)

    def one(values: Array) -> Array:
        u = (values - centre) / scale
        return np.where((low <= values) & (values <= high), np.clip(u, -1.0, 1.0), u)

    return one(x), one(at)
