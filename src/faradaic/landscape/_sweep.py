"""One design over its sizes, on every split: the fits behind a landscape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import ThreadpoolController

from faradaic._core import ArgumentError, FitError, generator
from faradaic.approximations import FIT_FAILURES, Approximation, Job, Swept, failure
from faradaic.data import Dataset, Splits, collapse

from ._measure import Measure

Array = np.ndarray


NOT_FINITE = "the fit predicts a value that is not finite"
NOT_POSITIVE = "the fit predicts a value that is not positive, which has no relative error"


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
    n = len(seen)
    at_train, at_test = found.prediction[:, :n], found.prediction[:, n:]
    with np.errstate(over="ignore", invalid="ignore"):
        off = measure.residual(at_train, seen.y, seen.noise_std)
        missed = scale * measure.residual(at_test, held.y, held.noise_std)
        train = scale * np.sqrt((off**2).mean(axis=1))
        worst = np.abs(at_train - seen.y).max(axis=1)
    finite, counted = (np.all(np.isfinite(np.hstack(each)), axis=1) for each in ([found.prediction], [off, missed]))
    reasons = [
        reason or (NOT_FINITE if not finite[k] else "" if counted[k] else NOT_POSITIVE)
        for k, reason in enumerate(found.reasons)
    ]
    good = np.array([not reason for reason in reasons])
    train, effective, worst = (np.where(good, each, np.nan) for each in (train, found.effective, worst))
    prediction, residual = (np.where(good[:, None], each, np.nan) for each in (at_test, missed))
    return Unit(train, effective, found.seconds, worst, prediction, residual, reasons)


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


class Task(NamedTuple):
    """Places of the sizes and of the units that are fitted in one call."""

    sizes: tuple[int, ...]
    units: tuple[int, ...]

    @property
    def name(self) -> str:
        """A name for a file."""
        return "-".join(f"{each[0]}_{each[-1]}" for each in self)


def tasks_of(design: Approximation, sizes: int, units: int, rows: int) -> list[Task]:
    """Divide the work; how depends on the work alone, not on the workers, so that results repeat bit for bit."""
    some = np.array_split(np.arange(units), min(units, design.parts(rows)))
    return [Task(k, tuple(u.tolist())) for k in sizes_of_tasks(design, sizes) for u in some]
