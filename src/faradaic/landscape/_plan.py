"""All fits of a landscape: divided into tasks, done by workers, and kept where a run keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import Progress, identity, run_each
from faradaic.approximations import Design
from faradaic.data import Dataset, Splits

from ._measure import Measure
from ._record import Record
from ._run import Run
from ._sweep import Part, Task, Unit, run_units, split_seed, tasks_of, units_of

if TYPE_CHECKING:
    import xarray as xr

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Plan:
    """What is fitted: one design of all sizes on all splits of the data."""

    design: Design
    data: Dataset
    splits: Splits
    measure: Measure
    sizes: tuple[Any, ...]
    seed: int

    @property
    def label(self) -> str:
        """The design in words, with the data's names."""
        return self.design.describe([c.name for c in self.data.inputs], self.data.response.name, swept=True)

    @property
    def card(self) -> dict[str, Any]:
        """What decides the results; see `Run.opened`."""
        return {
            "data": self.data.fingerprint,
            "design": f"{self.label} ({identity(self.design)[:16]})",
            "sizes": [str(size) for size in self.sizes],
            "splits": f"{self.splits.kind} ({identity(self.splits)[:16]})",
            "measure": self.measure.name,
            "seed": self.seed,
        }

    @cached_property
    def key(self) -> str:
        """A name for the files of this landscape."""
        parts = self.data.fingerprint, self.design, self.splits, self.measure, self.sizes, self.seed
        return identity(*parts)[:24]

    def do(self, task: Task, run: Run | None) -> list[Unit]:
        """Make the fits of one task; in a run they are written before they are returned."""
        found = run_units(self.design, [self.sizes[k] for k in task.sizes], self.data, self._parts(task), self.measure)
        if run is not None:
            run.keep(self.key, task.name, found)
        return found

    def _parts(self, task: Task) -> list[Part]:
        units, splits = units_of(self.splits), self.splits
        return [
            Part(splits.train(r, f), splits.test(r, f), split_seed(self.seed, r))
            for r, f in (units[u] for u in task.units)
        ]


def errors_of(plan: Plan, counts: Array, n_jobs: int | None, progress: bool, run: Run | None) -> xr.Dataset:
    """Make all fits of a plan, but for those that a run has kept, and return their errors; see `Landscape.errors`."""
    record = Record(plan.sizes, counts, plan.splits, len(plan.data))
    done = None if run is None else run.finished(plan.key)
    if done is not None:
        return record.again(done)
    tasks, left = tasks_of(plan.design, len(plan.sizes), len(units_of(plan.splits)), len(plan.data)), []
    with Progress(len(tasks), plan.label, progress) as bar:
        for task in tasks:
            kept = None if run is None else run.read(plan.key, task.name)
            if kept is None:
                left.append(task)
                continue
            record.place(task, kept)
            bar.tick()
        for place, found in run_each([partial(plan.do, task, run) for task in left], n_jobs):
            if run is not None:  # workers elsewhere may not see the folder
                run.keep(plan.key, left[place].name, found)
            record.place(left[place], found)
            bar.tick()
    errors = record.labelled()
    if run is not None:
        run.finish(plan.key, errors)
    return errors
