"""Explore designs until the error is as small as the noise, and report an error that took no part in choosing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic._core import ArgumentError, identity
from faradaic.approximations import Approximation, Design
from faradaic.data import Dataset, Splits, check_enough

from ._landscape import Landscape
from ._measure import Measure, MeasureName, NoiseFloor, is_deterministic, noise_floor
from ._outer import OuterError, judge, outer_splits
from ._run import Run
from ._search import Search, large
from ._selection import Selection

if TYPE_CHECKING:
    from ._display import ComparisonDisplay


@dataclass(frozen=True, eq=False)
class Exploration:
    """The landscapes of several designs, the chosen optimum and its honest error.

    Attributes
    ----------
    data : Dataset
    landscapes : tuple of Landscape
        The scan of every design that was tried, in the order they were tried.
    best : Landscape
        The chosen design, swept in full.
    selection : Selection
        The chosen optimum.
    outer : OuterError or None
        Its error from outer splits; None where it was not asked for.
    floor : NoiseFloor
        The error of a perfect trend.
    failures : dict of str to str
        Designs of which every fit failed, with the reason.
    story : tuple of str
        What was tried and why it went on or stopped, one sentence each.
    seed : int
    """

    data: Dataset
    landscapes: tuple[Landscape, ...]
    best: Landscape
    selection: Selection
    outer: OuterError | None
    floor: NoiseFloor
    failures: dict[str, str] = field(default_factory=dict)
    story: tuple[str, ...] = ()
    seed: int = 0

    @property
    def selections(self) -> list[Selection]:
        """The optimum of every design that was tried."""
        return [one.select() for one in self.landscapes]

    @property
    def unit(self) -> str:
        """Unit of the errors."""
        return self.best.unit

    @property
    def error(self) -> float:
        """The error to quote: the outer one where there is one, else the chosen test error."""
        return self.outer.rmse if self.outer is not None else self.selection.test_error

    @property
    def large(self) -> bool:
        """Whether the error is large against the noise floor, beyond its own standard error.

        False where the floor is unknown. Deterministic data: whether the trend misses a row by more than the tolerance.
        """
        if is_deterministic(self.data):
            return not self.selection.interpolates
        error = self.selection.standard_error if self.outer is None else self.outer.standard_error
        return self.floor.known and large(self.error, error, self.floor)

    def summary(self) -> str:
        """Return the verdict in plain words."""
        from ._verdict import verdict

        return "\n".join(verdict(self))

    def __str__(self) -> str:
        return self.summary()

    def plot(self, ax: Any = None, **style: Any) -> ComparisonDisplay:
        """Draw the test error of every design beside the noise floor."""
        from ._display import ComparisonDisplay

        return ComparisonDisplay.from_exploration(self).plot(ax=ax, **style)


def explore(
    data: Dataset,
    designs: Sequence[Approximation] | None = None,
    *,
    splits: Splits | int | Any = None,
    outer: Splits | int | Any | None = 5,
    measure: Measure | MeasureName | None = None,
    seed: int = 0,
    n_jobs: int | None = None,
    progress: bool = False,
    run: Run | str | Path | None = None,
) -> Exploration:
    """Find the design and size that suit the data best, and how good they are on data not used to find them.

    Designs are scanned at a few sizes, rung by rung (laws and polynomials; splines and Gaussian processes; networks
    and others), as long as the best test error is large against the noise floor. The best design is swept in full
    and its size chosen. Then all of this is done again on each outer training set, and the error quoted is that on
    the outer test sets. (There the sweep ends at n parameters, unless the data are deterministic or the choice lies
    beyond n: it costs most and never holds the choice otherwise.)

    Parameters
    ----------
    data : Dataset
        From `faradaic.read`.
    designs : sequence of Approximation or Design, optional
        Try exactly these. Default: the ladder above.
    splits : int or scikit-learn splitter, optional
        Inner splits, used to choose; default: what suits the data. An int is the number of folds.
    outer : int, scikit-learn splitter, Splits or None, default 5
        Outer splits, used to judge; None: none, and no error is claimed beyond the one used to choose.
    measure : {"absolute", "relative", "standardised"}, optional
        In what errors are counted; default: what suits the data.
    seed : int
        Same seed, same result, on any number of workers.
    n_jobs : int, optional
        Workers for joblib; default what ``joblib.parallel_config`` says, else 1.
    progress : bool
        Show bars on standard error.
    run : path, optional
        Folder that keeps finished fits as they come. Given again after an interruption, with the same data and the
        same other arguments, the exploration goes on where it was, to the same result; workers must see the folder.

    Returns
    -------
    Exploration

    Raises
    ------
    InputError
        There are fewer than 3 rows, or the response never changes.
    ArgumentError
        No design could be fitted, a split cannot be made, or the folder of the run holds something else.
    WorkerError
        Workers were lost again and again.

    References
    ----------
    Varma & Simon 2006, 10.1186/1471-2105-7-91; Cawley & Talbot 2010, JMLR 11, 2079 (nested cross-validation).

    Examples
    --------
    >>> import faradaic as fd
    >>> from faradaic.approximations import Polynomial, Design, Log
    >>> found = fd.explore(fd.data.example("experiment"), [Design(Polynomial(), y=Log())], outer=3)
    >>> found.selection.parameters < 23
    True
    """
    check_enough(data)
    measure = measure if isinstance(measure, Measure) else Measure(measure) if measure else Measure.suited_to(data)
    given = None if designs is None else tuple(d if isinstance(d, Design) else Design(d) for d in designs)
    if given == ():
        raise ArgumentError("designs is empty; give at least one design, or leave it out for the usual ones.")
    if isinstance(splits, Splits):
        raise ArgumentError("splits of an exploration must be a number of folds or a splitter: it splits twice.")
    made = outer_splits(data, outer, seed)
    kept = Run.of(run, card_of(data, given, splits, outer, measure, seed))
    search = Search(given, splits, measure, seed, n_jobs, progress, kept)
    found = search.run(data, far=True)
    selection = found.best.select()
    far = selection.parameters > found.best.n_train
    judged = None if made is None else judge(search, data, made, far)
    return Exploration(
        data=data,
        landscapes=tuple(found.landscapes),
        best=found.best,
        selection=selection,
        outer=judged,
        floor=noise_floor(data, measure),
        failures=found.failures,
        story=tuple(found.story),
        seed=seed,
    )


def card_of(
    data: Dataset, designs: Sequence[Design] | None, splits: Any, outer: Any, measure: Measure, seed: int
) -> dict[str, Any]:
    """Return what decides the results of an exploration; see `Run.opened`."""
    words = "the usual ones" if designs is None else [f"{one.label} ({identity(one)[:16]})" for one in designs]
    inner, judges = (one if one is None or isinstance(one, int) else identity(one)[:16] for one in (splits, outer))
    return {
        "data": data.fingerprint, "designs": words, "splits": inner, "outer": judges, "measure": measure.name,
        "seed": seed,
    }  # fmt: skip
