"""The procedure that chooses a design and a size: a function of the training data alone."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from faradaic._core import ArgumentError, InputError, number, plural
from faradaic.approximations import Design
from faradaic.data import Dataset, Splits
from faradaic.data import splits as make_splits

from ._ladder import Rung, ladder, response_transforms
from ._landscape import Landscape, distinct, landscape
from ._measure import Measure, NoiseFloor, is_deterministic, noise_floor, shown
from ._run import Run
from ._selection import ROUNDING
from ._sweep import units_of

Array = np.ndarray
# an error up to so many times the noise floor is as good as the noise
LARGE = 1.2
# sizes of each design in the scan that picks one, evenly in the logarithm of their parameters
SCANNED = 7
# folds of the scan, where the data alone would call for more (leave-one-out)
SCAN_FOLDS = 5
# with more conditions than this, where sizes cost most, a scan ends when a size of more than a tenth of n parameters
# brings nothing, or when two in a row bring nothing
COSTLY, PATIENT_UP_TO = 200, 0.1


@dataclass
class Found:
    landscapes: list[Landscape]
    failures: dict[str, str]
    story: list[str]
    best: Landscape


@dataclass(frozen=True)
class Search:
    """The procedure that chooses: a function of the training data alone, so that it can be judged from outside."""

    designs: tuple[Design, ...] | None
    splits: Any
    measure: Measure
    seed: int
    n_jobs: int | None = 1
    progress: bool = False
    kept: Run | None = None

    def run(self, data: Dataset, *, far: bool) -> Found:
        """Scan the designs, then sweep the best: up to n parameters, and with ``far`` as far as the family goes."""
        splits = make_splits(data, folds=self.splits, seed=self.seed)
        coarse = splits if splits.n_folds <= SCAN_FOLDS else make_splits(data, folds=SCAN_FOLDS, seed=self.seed)
        floor = noise_floor(data, self.measure)
        order = list(response_transforms(data, self.measure))
        rungs = ladder(data, self.measure) if self.designs is None else (only(self.designs),)
        tried: list[Landscape] = []
        failures: dict[str, str] = {}
        story: list[str] = []
        for place, rung in enumerate(rungs):
            for design in rung.designs(order):
                try:
                    tried.append(self._scan(design, data, coarse))
                except InputError as error:
                    failures[_words(design, data)] = str(error)
            if not tried:
                continue
            best = _best_of(tried)
            order.sort(key=lambda y: min((_best_error(t) for t in tried if t.design.y == y), default=np.inf))
            enough = self._enough(best, floor, data)
            story.append(_sentence(rung, best, floor, enough, last=place == len(rungs) - 1))
            if enough:
                break
        if not tried:
            raise ArgumentError(f"No design could be fitted: {next(iter(failures.values()), 'none was given')}")
        winner = _best_of(tried).design
        most = None if far or is_deterministic(data) else _conditions(data, splits)
        sizes = winner.sizes(_conditions(data, splits), data.n_features, most)
        return Found(tried, failures, story, self._sweep(winner, data, splits, sizes))

    def _scan(self, design: Design, data: Dataset, splits: Splits) -> Landscape:
        """Sweep a few sizes by increasing number of parameters until they bring nothing any more."""
        n, found, idle = _conditions(data, splits), None, 0
        sizes, thrifty = _thinned(design, n, data), n > COSTLY and not is_deterministic(data)
        if not thrifty and sizes:
            with suppress(ArgumentError):  # one size may be to blame, or all
                found = self._sweep(design, data, splits, sizes)
                found.select()
                return found
        reason = ArgumentError(f"{_words(design, data)} has no size for {plural(n, 'condition')}.")
        for size in sizes:
            try:
                more = self._sweep(design, data, splits, [size])
            except ArgumentError as error:
                reason = error
                continue
            before = np.inf if found is None else np.nanmin(np.append(found.test_error, np.inf))
            found = more if found is None else found.joined(more)
            idle = 0 if more.test_error[0] < before else idle + 1
            passed = more.parameters[0] > PATIENT_UP_TO * n
            if thrifty and (idle > 1 or (idle and passed)):
                break
        if found is None:
            raise reason
        found.select()
        return found

    def _sweep(self, design: Design, data: Dataset, splits: Splits, sizes: list[Any]) -> Landscape:
        return landscape(
            design,
            data,
            sizes=sizes,
            splits=splits,
            measure=self.measure,
            seed=self.seed,
            n_jobs=self.n_jobs,
            progress=self.progress,
            run=self.kept,
        )

    def _enough(self, best: Landscape, floor: NoiseFloor, data: Dataset) -> bool:
        chosen = best.select()
        if is_deterministic(data):
            return chosen.interpolates and chosen.test_error <= floor.value
        return floor.known and not large(chosen.test_error, chosen.standard_error, floor)


def only(designs: tuple[Design, ...]) -> Rung:
    return Rung("the given designs", lambda order: designs)


def _best_error(one: Landscape) -> float:
    return one.select().test_error


def large(error: float, standard_error: float, floor: NoiseFloor) -> bool:
    """Return whether an error is large against the noise by more than its own uncertainty."""
    return error - standard_error > LARGE * floor.value


def _best_of(tried: Sequence[Landscape]) -> Landscape:
    """Return the landscape with the fewest parameters within one standard error of the smallest error of all.

    The rule that picks a size picks the design too, on the same left-out rows; of equals, the one that was tried first
    (known laws are). Exact data ask for a trend that meets every row with the smallest error.
    """
    meeting = [one for one in tried if one.select().interpolates]
    best = min(meeting or tried, key=_best_error)
    if is_deterministic(best.data):
        return best
    least = _chosen_losses(best)

    def close(one: Landscape) -> bool:
        difference = _chosen_losses(one) - least
        return one is best or difference.mean() <= one.standard_error(difference) + ROUNDING * least.mean()

    return min(filter(close, tried), key=lambda one: one.select().parameters)


def _chosen_losses(one: Landscape) -> Array:
    return one.row_losses[one.sizes.index(one.select().size)]


def _words(design: Design, data: Dataset) -> str:
    return design.describe([c.name for c in data.inputs], data.response.name, swept=True)


def _conditions(data: Dataset, splits: Splits) -> int:
    """Return the number of distinct conditions in the largest training set."""
    return max(distinct(data, splits.train(r, f)) for r, f in units_of(splits))


def _thinned(design: Design, n: int, data: Dataset) -> list[Any]:
    """Return a few sizes of a design over its range up to n parameters (2 n where data are interpolated)."""
    most = 2 * n if is_deterministic(data) and design.beyond_n else n
    sizes = design.sizes(n, data.n_features, most)
    counts = np.array([design.at_size(size).count(data.n_features) for size in sizes])
    wanted = np.geomspace(counts.min(), counts.max(), SCANNED)
    return [sizes[k] for k in sorted({int(np.abs(np.log(counts / w)).argmin()) for w in wanted})]


def _sentence(rung: Rung, best: Landscape, floor: NoiseFloor, enough: bool, *, last: bool) -> str:
    found = f"After {rung.name} the best is {best.label}, test error {shown(_best_error(best), best.unit)}"
    if not floor.known:
        return f"{found}; the noise floor is unknown" + ("." if last else ", so it went on.")
    if not floor.value > 0:
        return f"{found}; the data are exact" + ("." if last else ", so it went on.")
    against = f"{number(_best_error(best) / floor.value)} times the noise floor"
    if enough:
        return f"{found}, {against}: as good as the noise allows, so it stopped."
    return f"{found}, {against}: still large" + ("; the ladder ends here." if last else ", so it went on.")
