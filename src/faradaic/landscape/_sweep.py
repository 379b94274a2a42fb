"""One design over its sizes, on every split: the fits behind a landscape."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.linalg import LinAlgError
from threadpoolctl import threadpool_limits

from faradaic._core import ArgumentError, FitError, generator
from faradaic.approximations import Approximation
from faradaic.data import Dataset, Splits, collapse

from ._measure import Measure

Array = np.ndarray
# what may go wrong in a fit that is the fit's own fault; anything else is a bug and is raised
FIT_FAILURES = (FitError, LinAlgError, FloatingPointError, OverflowError)


@dataclass(frozen=True)
class Unit:
    """The fits of all sizes on one split.

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
    if design.models_sources and len(data.sources) > 1:
        return _fitted_to_sources(design, data)
    data = data.judged
    noise = data.noise_std
    # equal rows of one group are one condition; without groups any equal rows are
    rows = collapse(data.X, data.y, noise_std=noise, groups=data.groups)
    try:
        if noise is None:
            return design.fit(rows.X, rows.y, rows.weight, groups=rows.groups)
        return design.fit(rows.X, rows.y, noise_std=rows.noise_std, groups=rows.groups)
    except (LinAlgError, FloatingPointError, OverflowError) as error:
        raise FitError(f"{type(error).__name__}: {error}") from error


def _fitted_to_sources(design: Approximation, data: Dataset) -> Approximation:
    if data.target is None:
        raise ArgumentError(
            f"Several sources ({data.name}) and no target: say which of them is the truth, stack(..., target=...), "
            f"or take a family that treats all rows as one trend."
        )
    rows = collapse(data.X, data.y, noise_std=data.noise, groups=data.groups, source=data.rank)
    assert rows.noise_std is not None
    # the noise of a mean is already that of a mean; where it is unknown, the mean of k rows weighs k
    weight = np.where(np.isnan(rows.noise_std), rows.weight, 1.0)
    try:
        return design.fit(rows.X, rows.y, weight, noise_std=rows.noise_std, groups=rows.groups, source=rows.source)
    except (LinAlgError, FloatingPointError, OverflowError) as error:
        raise FitError(f"{type(error).__name__}: {error}") from error


def seeded(design: Approximation, seed: int) -> Approximation:
    """Return the design with every ``random_state`` in it set to ``seed``."""
    names = [name for name in design.get_params(deep=True) if name.split("__")[-1] == "random_state"]
    return design.set_params(**dict.fromkeys(names, seed)) if names else design


def run_unit(
    design: Approximation, sizes: list[Any], data: Dataset, train: Array, test: Array, measure: Measure, seed: int
) -> Unit:
    """Fit every size to the training rows and predict the test rows; one BLAS thread, so that results repeat."""
    with threadpool_limits(1):
        return fits_of(design, sizes, data, train, test, measure, seed)


def fits_of(
    design: Approximation, sizes: list[Any], data: Dataset, train: Array, test: Array, measure: Measure, seed: int
) -> Unit:
    """Do what `run_unit` does, with as many threads as there are."""
    given, held = data.take(train), data.take(test).judged
    seen = given.judged
    s, scale = len(sizes), measure.scale(data)
    errors = np.full((4, s), np.nan)
    prediction, residual = np.full((s, len(test)), np.nan), np.full((s, len(test)), np.nan)
    reasons = [""] * s
    for k, size in enumerate(sizes):
        begin = time.perf_counter()
        try:
            model = fitted(seeded(design.at_size(size), seed), given)
            at_train, at_test = _predicted(model, seen, measure), _predicted(model, held, measure)
        except FIT_FAILURES as error:
            reasons[k] = str(error)
            errors[3, k] = time.perf_counter() - begin
            continue
        errors[:, k] = (
            scale * np.sqrt((at_train[1] ** 2).mean()),
            model.effective_parameters_,
            np.abs(at_train[0] - seen.y).max(),
            time.perf_counter() - begin,
        )
        prediction[k], residual[k] = at_test[0], scale * at_test[1]
    return Unit(errors[0], errors[1], errors[3], errors[2], prediction, residual, reasons)


def _predicted(model: Approximation, data: Dataset, measure: Measure) -> tuple[Array, Array]:
    with np.errstate(over="ignore", invalid="ignore"):
        prediction = model.predict(data.X)
        residual = measure.residual(prediction, data.y, data.noise_std)
    if not np.isfinite(prediction).all():
        raise FitError("the fit predicts a value that is not finite")
    if not np.isfinite(residual).all():
        raise FitError("the fit predicts a value that is not positive, which has no relative error")
    return prediction, residual


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
