"""One design over its sizes, on every split: the fits behind a landscape."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import ThreadpoolController

from faradaic._core import ArgumentError, FitError, generator
from faradaic.approximations import FIT_FAILURES, Approximation, Job, Swept, failure
from faradaic.data import Dataset, Splits, collapse

from ._measure import Measure

Array = np.ndarray
# into so many the splits of a landscape are divided at most, for workers to share
MOST_PARTS = 8


class Part(NamedTuple):
    """Rows to train on, rows to test on, and the seed of the fits."""

    train: Array
    test: Array
    seed: int


@dataclass(frozen=True)
class Unit:
    """The fits of some sizes on one split.

    ``train`` (s,), ``effective`` (s,), ``seconds`` (s,), ``worst`` (s,) the largest training residual in SI,
    ``residual`` and ``prediction`` (s, n_test), ``reasons`` (s,) empty where the fit succeeded.
    """

    train: Array
    effective: Array
    seconds: Array
    worst: Array
    prediction: Array
    residual: Array
    reasons: list[str]


def fitted(design: Approximation, data: Dataset) -> Approximation:
    """Fit a design to a data set: replicates become means, known noise becomes weights, groups share errors.

    Of a stack with a target (see `faradaic.data.stack`), a family that tells sources apart sees all rows, any other
    those of the target alone.

    Raises
    ------
    FitError
        The fit did not succeed; the message is the reason.
    ArgumentError
        A family that tells sources apart was given several of them and no target.
    """
    rows = _conditions(design, data)
    try:
        return design.fit(rows.pop("X"), rows.pop("y"), **rows)
    except FIT_FAILURES as error:
        raise FitError(failure(error)) from error


def _conditions(design: Approximation, data: Dataset) -> dict[str, Any]:
    """Return what a design is fitted to, as the arguments of `Approximation.fit`."""
    if design.models_sources and len(data.sources) > 1:
        return _conditions_of_sources(data)
    data = data.judged
    noise = data.noise_std
    # equal rows of one group are one condition; without groups any equal rows are
    rows = collapse(data.X, data.y, noise_std=noise, groups=data.groups)
    spread = {"sample_weight": rows.weight} if noise is None else {"noise_std": rows.noise_std}
    return {"X": rows.X, "y": rows.y, "groups": rows.groups} | spread


def _conditions_of_sources(data: Dataset) -> dict[str, Any]:
    if data.target is None:
        raise ArgumentError(
            f"Several sources ({data.name}) and no target: say which of them is the truth, stack(..., target=...), "
            f"or take a family that treats all rows as one trend."
        )
    rows = collapse(data.X, data.y, noise_std=data.noise, groups=data.groups, source=data.rank)
    assert rows.noise_std is not None
    # the noise of a mean is already that of a mean; where it is unknown, the mean of k rows weighs k
    weight = np.where(np.isnan(rows.noise_std), rows.weight, 1.0)
    return {
        "X": rows.X, "y": rows.y, "groups": rows.groups,
        "sample_weight": weight, "noise_std": rows.noise_std, "source": rows.source,
    }  # fmt: skip


def run_units(
    design: Approximation, sizes: Sequence[Any], data: Dataset, parts: Sequence[Part], measure: Measure
) -> list[Unit]:
    """Fit every size on every part; one BLAS thread, so that results repeat."""
    with _pools().limit(limits=1):
        return fits_of(design, sizes, data, parts, measure)


@cache
def _pools() -> ThreadpoolController:
    """Return the thread pools of this process, whose search takes longer than some fits do."""
    return ThreadpoolController()


def fits_of(
    design: Approximation, sizes: Sequence[Any], data: Dataset, parts: Sequence[Part], measure: Measure
) -> list[Unit]:
    """Do what `run_units` does, with as many threads as there are."""
    given = [data.take(part.train) for part in parts]
    held = [data.take(part.test).judged for part in parts]
    jobs = [
        Job.of(**_conditions(design, rows), at=np.concatenate([rows.judged.X, tested.X]), seed=part.seed)
        for part, rows, tested in zip(parts, given, held, strict=True)
    ]
    found = design.sweep(sizes, jobs)
    scale = measure.scale(data)
    return [_unit(one, rows.judged, test, measure, scale) for one, rows, test in zip(found, given, held, strict=True)]


def _unit(found: Swept, seen: Dataset, held: Dataset, measure: Measure, scale: float) -> Unit:
    """Return the errors of what was swept; a prediction that has none is a failed fit."""
    n, s = len(seen), len(found.reasons)
    reasons, errors = list(found.reasons), np.full((3, s), np.nan)
    prediction, residual = np.full((s, len(held)), np.nan), np.full((s, len(held)), np.nan)
    for k in (k for k in range(s) if not reasons[k]):
        at_train, at_test = found.prediction[k, :n], found.prediction[k, n:]
        try:
            off, missed = _residual(at_train, seen, measure), _residual(at_test, held, measure)
        except FitError as error:
            reasons[k] = str(error)
            continue
        errors[:, k] = scale * np.sqrt((off**2).mean()), found.effective[k], np.abs(at_train - seen.y).max()
        prediction[k], residual[k] = at_test, scale * missed
    return Unit(errors[0], errors[1], found.seconds, errors[2], prediction, residual, reasons)


def _residual(prediction: Array, data: Dataset, measure: Measure) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        residual = measure.residual(prediction, data.y, data.noise_std)
    if not np.isfinite(prediction).all():
        raise FitError("the fit predicts a value that is not finite")
    if not np.isfinite(residual).all():
        raise FitError("the fit predicts a value that is not positive, which has no relative error")
    return residual


def run_all(tasks: Iterable[Callable[[], Any]], n_jobs: int | None, tick: Callable[[], None]) -> list[Any]:
    """Run the tasks by joblib (its back end and worker count), in order; ``tick`` is called after each."""
    done = []
    with _deaf_workers():
        results = Parallel(n_jobs=n_jobs, return_as="generator")(delayed(task)() for task in tasks)
    for result in results:
        done.append(result)
        tick()
    return done


@contextmanager
def _deaf_workers() -> Iterator[None]:
    """Start workers that do not hear Ctrl-C: it stops this process, which ends them.

    A worker that is interrupted while it starts prints its own traceback. What is ignored here is ignored by the
    processes that are started meanwhile; the signal can only be set in the main thread.
    """
    foreign = signal.getsignal(signal.SIGINT) is None  # not set by Python, which could not put it back
    if foreign or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def split_seed(seed: int, repeat: int) -> int:
    """Return the seed of the fits of one repeat."""
    return int(generator(seed, 7, repeat).integers(2**31 - 1))


def units_of(splits: Splits) -> list[tuple[int, int]]:
    """Return (repeat, fold) of every unit that has test rows and training rows."""
    pairs = ((r, f) for r in range(splits.n_repeats) for f in range(splits.n_folds))
    return [(r, f) for r, f in pairs if len(splits.test(r, f)) and len(splits.train(r, f))]


def sizes_of_tasks(design: Approximation, sizes: int) -> list[tuple[int, ...]]:
    """Return which of ``sizes`` are fitted in one call: all together where their fits share something."""
    return [tuple(range(sizes))] if design.shares_sizes else [(k,) for k in range(sizes)]


def tasks_of(design: Approximation, sizes: int, units: int) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return the places of the sizes and of the units of each task.

    How the work is divided depends on the work alone, not on the number of workers, so that results repeat bit for bit.
    """
    some = np.array_split(np.arange(units), min(units, MOST_PARTS))
    return [(k, tuple(u.tolist())) for k in sizes_of_tasks(design, sizes) for u in some]
