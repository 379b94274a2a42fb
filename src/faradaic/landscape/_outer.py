"""The error of the whole procedure on rows that took no part in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from faradaic._core import ArgumentError, FitError, Progress, run_all
from faradaic.data import Dataset, Splits
from faradaic.data import splits as make_splits

from ._landscape import clustered_error
from ._measure import noise_floor
from ._search import Search
from ._selection import Selection
from ._sweep import fitted, units_of

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class OuterError:
    """Error of the whole procedure (exploring, choosing, fitting) on rows that took no part in it.

    Attributes
    ----------
    residual : array of shape (n,)
        Residual of each row in the shown unit; NaN for rows never left out.
    rmse, mae, standard_error : float
        Root mean square and mean absolute residual, and the standard error of the former.
    between : float
        Share of the squared error beyond the noise that all rows of a group have in common; NaN without groups.
    choices : tuple of Selection
        What was chosen on each outer training set.
    kind : str
        The outer splits in words.
    failures : tuple of str
        Reasons of outer splits that failed; their rows have no residual.
    """

    residual: Array
    rmse: float
    mae: float
    standard_error: float
    between: float
    choices: tuple[Selection, ...]
    kind: str
    failures: tuple[str, ...] = ()


def outer_splits(data: Dataset, outer: Any, seed: int) -> Splits | None:
    if outer is None or isinstance(outer, Splits):
        return outer
    if isinstance(outer, int):
        together = data.judged.condition_groups
        parts = len(data.judged) if together is None else len(np.unique(together))
        if parts < 3:
            raise ArgumentError(
                f"Outer splits need at least 3 rows or groups, there are {parts}; pass outer=None to go without."
            )
        outer = min(outer, parts)
    return make_splits(data, folds=outer, seed=seed + 1)


def judge(search: Search, data: Dataset, splits: Splits, far: bool) -> OuterError:
    units = units_of(splits)
    inside = replace(search, n_jobs=1, progress=False)
    tasks = [partial(_outer_unit, inside, data, splits.train(r, f), splits.test(r, f), far) for r, f in units]
    with Progress(len(tasks), "outer splits: choosing again without the rows that judge", search.progress) as bar:
        done = run_all(tasks, search.n_jobs, bar.tick)
    residual = np.full((splits.n_repeats, len(data)), np.nan)
    reasons = tuple(one for one in done if isinstance(one, str))
    if len(reasons) == len(done):
        raise FitError(f"every outer split failed: {reasons[0]}")
    for (r, f), one in zip(units, done, strict=True):
        if not isinstance(one, str):
            residual[r, splits.test(r, f)] = one[1]
    tested = ~np.isnan(residual).all(0)
    losses = np.nanmean(residual[:, tested] ** 2, axis=0)
    rmse = float(np.sqrt(losses.mean()))
    labels = np.arange(len(data)) if data.condition_groups is None else data.condition_groups
    clusters = np.unique(labels[tested], return_inverse=True)[1]
    counts = np.bincount(clusters)
    spread = clustered_error(losses, clusters)
    mean = np.full(len(data), np.nan)
    mean[tested] = np.nanmean(residual[:, tested], axis=0)
    common = np.bincount(clusters, mean[tested]) / counts
    floor = noise_floor(data, search.measure)
    beyond = rmse**2 - (floor.value**2 if floor.known else 0.0)
    between = (counts * common**2).sum() / len(losses) / beyond if beyond > 0 else float("nan")
    return OuterError(
        residual=mean,
        rmse=rmse,
        mae=float(np.nanmean(np.abs(residual))),
        standard_error=spread / (2.0 * rmse) if rmse > 0 else 0.0,
        between=min(float(between), 1.0) if data.groups is not None else float("nan"),
        choices=tuple(one[0] for one in done if not isinstance(one, str)),
        kind=splits.kind,
        failures=reasons,
    )


def _outer_unit(search: Search, data: Dataset, train: Array, test: Array, far: bool) -> tuple[Selection, Array] | str:
    """Return the choice on the training rows and its residuals on the test rows, or why there are none."""
    given, held = data.take(train), data.take(test).judged
    with threadpool_limits(1):
        try:
            selection = search.run(given, far=far).best.select()
            model = fitted(selection.design, given)
        except (FitError, ArgumentError) as error:
            return str(error)
        prediction = model.predict(held.X)
    residual = search.measure.residual(prediction, held.y, held.noise_std)
    if not np.isfinite(residual).all():
        return f"{selection.label} predicts values outside the response's range on an outer test set"
    return selection, residual * search.measure.scale(data)
