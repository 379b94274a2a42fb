"""Run a model at every point of a design, on many cores, keeping what is finished."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import Progress, joined, plural, run_each

from ._ranges import SimulationDesign
from ._simulation_run import Outcome, SimulationRun

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray
Model = Callable[[dict[str, float]], Any]
RESPONSE = "response"


@dataclass(frozen=True, eq=False)
class Simulations:
    """What a model said at the points of a design; made by `simulate`.

    Attributes
    ----------
    design : SimulationDesign
    responses : tuple of str
        Headers of the responses.
    Y : array of shape (n, r)
        The responses; NaN in the rows of simulations that failed.
    reasons : tuple of str
        Why each simulation failed; empty for those that did not.
    seconds : array of shape (n,)
        What each took.
    """

    design: SimulationDesign
    responses: tuple[str, ...]
    Y: Array
    reasons: tuple[str, ...]
    seconds: Array

    @property
    def finished(self) -> Array:
        """Which simulations have responses, shape (n,)."""
        return np.array([not reason for reason in self.reasons], dtype=bool)

    @property
    def failures(self) -> dict[int, str]:
        """Place of each simulation that failed, with the reason."""
        return {place: reason for place, reason in enumerate(self.reasons) if reason}

    def table(self) -> pd.DataFrame:
        """Return parameters and responses of the simulations that did not fail, a row for each."""
        import pandas as pd

        responses = pd.DataFrame(self.Y, columns=list(self.responses))
        return pd.concat([self.design.table(), responses], axis=1)[self.finished]

    def summary(self) -> str:
        """Return how many were made and how many failed, with the reasons."""
        done = int(self.finished.sum())
        lines = [f"{done:,} of {plural(len(self.design), 'simulation')} finished, {self.seconds.sum():.3g} s of work."]
        counts: dict[str, int] = {}
        for reason in self.failures.values():
            counts[reason] = counts.get(reason, 0) + 1
        lines += [f"{plural(count, 'simulation')} failed: {reason}" for reason, count in counts.items()]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.summary()


def simulate(
    model: Model,
    design: SimulationDesign,
    *,
    run: str | Path | None = None,
    n_jobs: int | None = None,
    progress: bool = False,
) -> Simulations:
    """Run a model at every point of a design.

    Parameters
    ----------
    model : callable
        Takes a dict of parameters (header to value, in the units of the design) and returns a dict of responses (header
        to number), or one number. What it raises is recorded as the reason of a failed simulation.
    design : SimulationDesign
    run : path, optional
        Folder that keeps each simulation as soon as it is finished. Given again after an interruption, with the same
        model and the same design, only those that are missing are made; workers must see the folder.
    n_jobs : int, optional
        Workers for joblib; default what ``joblib.parallel_config`` says, else 1.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    Simulations

    Raises
    ------
    ArgumentError
        The folder holds another run or something else.
    WorkerError
        Workers were lost again and again.

    Examples
    --------
    >>> from faradaic.performance import simulation_design
    >>> design = simulation_design({"L [um]": (50, 80), "C-rate": (0.5, 2)}, 4)
    >>> found = simulate(lambda p: {"Q [mAh]": p["L [um]"] / p["C-rate"]}, design)
    >>> found.table().columns.tolist(), len(found.failures)
    (['L [um]', 'C-rate', 'Q [mAh]'], 0)
    """
    kept = None if run is None else SimulationRun.opened(run, model, design)
    found: dict[int, Outcome] = {}
    if kept is not None:
        found = {place: one for place in range(len(design)) if (one := kept.read(place)) is not None}
    left = [place for place in range(len(design)) if place not in found]
    tasks = [partial(_one, model, _point(design, place), place, kept) for place in left]
    with Progress(len(design), "simulations", progress) as bar:
        for _ in found:
            bar.tick()
        for k, outcome in run_each(tasks, n_jobs):
            found[left[k]] = outcome
            if kept is not None:  # workers elsewhere may not see the folder
                kept.keep(left[k], outcome)
            bar.tick()
    return _together(design, [found[place] for place in range(len(design))])


def _point(design: SimulationDesign, place: int) -> dict[str, float]:
    return dict(zip(design.headers, design.X[place].tolist(), strict=True))


def _one(model: Model, point: dict[str, float], place: int, kept: SimulationRun | None) -> Outcome:
    """Make one simulation; in a run it is written before it is returned."""
    begin = time.perf_counter()
    try:
        made: Any = model(dict(point))
        outcome = _outcome(made, time.perf_counter() - begin)
    except Exception as error:  # whatever a user's model raises is the reason of this one simulation
        words = " ".join(str(error).split())
        outcome = Outcome({}, f"{type(error).__name__}: {words}" if words else type(error).__name__, _since(begin))
    if kept is not None:
        kept.keep(place, outcome)
    return outcome


def _since(begin: float) -> float:
    return time.perf_counter() - begin


def _outcome(made: Any, seconds: float) -> Outcome:
    responses = made if isinstance(made, Mapping) else {RESPONSE: made}
    if not responses:
        return Outcome({}, "the model returned no response", seconds)
    values = {str(header): float(value) for header, value in responses.items()}
    wrong = [header for header, value in values.items() if not np.isfinite(value)]
    if wrong:
        return Outcome({}, f"{joined(wrong)} came out as {joined(values[header] for header in wrong)}", seconds)
    return Outcome(values, "", seconds)


def _together(design: SimulationDesign, outcomes: list[Outcome]) -> Simulations:
    """Put outcomes side by side; one with other responses than the first that finished has failed."""
    headers = next((tuple(one.responses) for one in outcomes if not one.reason), ())
    Y, reasons = np.full((len(outcomes), len(headers)), np.nan), []
    for place, one in enumerate(outcomes):
        reason = one.reason
        if not reason and set(one.responses) != set(headers):
            reason = f"the model returned {joined(one.responses)}, not {joined(headers)} as before"
        if not reason:
            Y[place] = [one.responses[header] for header in headers]
        reasons.append(reason)
    return Simulations(design, headers, Y, tuple(reasons), np.array([one.seconds for one in outcomes]))
