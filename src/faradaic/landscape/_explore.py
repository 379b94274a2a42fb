"""Explore designs until the error is as small as the noise, and report an error that took no part in choosing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from faradaic._core import ArgumentError, FitError, InputError, Progress, number, plural
from faradaic.approximations import Approximation, Design, Transform
from faradaic.data import Dataset, Splits
from faradaic.data import splits as make_splits

from ._ladder import Rung, ladder, response_transforms
from ._landscape import Landscape, clustered_error, distinct, landscape
from ._measure import Measure, MeasureName, NoiseFloor, is_deterministic, noise_floor, shown
from ._selection import Rule, Selection
from ._sweep import FIT_FAILURES, fitted, run_all, seeded, split_seed, units_of

if TYPE_CHECKING:
    from ._display import ComparisonDisplay

Array = np.ndarray
# an error up to so many times the noise floor is as good as the noise
LARGE = 1.2
# sizes of each design in the scan that picks one, evenly in the logarithm of their parameters
SCANNED = 7
# folds of the scan, where the data alone would call for more (leave-one-out)
SCAN_FOLDS = 5
# a scan ends when this share of n parameters is passed and a size brings nothing, or when two in a row bring nothing
PATIENT_UP_TO = 0.1


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
        Share of the squared error that all rows of a group have in common; NaN without groups.
    choices : tuple of Selection
        What was chosen on each outer training set.
    kind : str
        The outer splits in words.
    """

    residual: Array
    rmse: float
    mae: float
    standard_error: float
    between: float
    choices: tuple[Selection, ...]
    kind: str


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
        """Whether the error is large against the noise floor; False where the floor is unknown."""
        if is_deterministic(self.data):
            return not self.selection.interpolates
        return bool(self.floor.known and self.error > LARGE * self.floor.value)

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

    Returns
    -------
    Exploration

    Raises
    ------
    ArgumentError
        No design could be fitted, or a split cannot be made.

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
    measure = measure if isinstance(measure, Measure) else Measure(measure) if measure else Measure.suited_to(data)
    given = None if designs is None else tuple(d if isinstance(d, Design) else Design(d) for d in designs)
    if given == ():
        raise ArgumentError("designs is empty; give at least one design, or leave it out for the usual ones.")
    if isinstance(splits, Splits):
        raise ArgumentError("splits of an exploration must be a number of folds or a splitter: it splits twice.")
    made = _outer_splits(data, outer, seed)
    search = _Search(given, splits, measure, seed, n_jobs, progress)
    found = search.run(data, far=True)
    selection = found.best.select()
    far = selection.parameters > found.best.n_train
    judged = None if made is None else _judge(search, data, made, far)
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


@dataclass
class _Found:
    landscapes: list[Landscape]
    failures: dict[str, str]
    story: list[str]
    best: Landscape


@dataclass(frozen=True)
class _Search:
    """The procedure that chooses: a function of the training data alone, so that it can be judged from outside."""

    designs: tuple[Design, ...] | None
    splits: Any
    measure: Measure
    seed: int
    n_jobs: int | None = 1
    progress: bool = False

    def run(self, data: Dataset, *, far: bool) -> _Found:
        """Scan the designs, then sweep the best: up to n parameters, and with ``far`` as far as the family goes."""
        splits = make_splits(data, folds=self.splits, seed=self.seed)
        coarse = splits if splits.n_folds <= SCAN_FOLDS else make_splits(data, folds=SCAN_FOLDS, seed=self.seed)
        floor = noise_floor(data, self.measure)
        order = list(response_transforms(data, self.measure))
        rungs = ladder(data, self.measure) if self.designs is None else (_only(self.designs),)
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
            best = min(tried, key=_best_error)
            order.sort(key=lambda y: min((_best_error(t) for t in tried if t.design.y == y), default=np.inf))
            enough = self._enough(best, floor, data)
            story.append(_sentence(rung, best, floor, enough, last=place == len(rungs) - 1))
            if enough:
                break
        if not tried:
            raise ArgumentError(f"No design could be fitted: {next(iter(failures.values()), 'none was given')}")
        winner = min(tried, key=_best_error).design
        most = None if far or is_deterministic(data) else _conditions(data, splits)
        sizes = winner.sizes(_conditions(data, splits), data.n_features, most)
        return _Found(tried, failures, story, self._sweep(winner, data, splits, sizes))

    def _scan(self, design: Design, data: Dataset, splits: Splits) -> Landscape:
        """Sweep a few sizes by increasing number of parameters until they bring nothing any more."""
        n, found, idle = _conditions(data, splits), None, 0
        reason = ArgumentError(f"{_words(design, data)} has no size for {plural(n, 'condition')}.")
        for size in _thinned(design, n, data):
            try:
                more = self._sweep(design, data, splits, [size])
            except ArgumentError as error:
                reason = error
                continue
            before = np.inf if found is None else np.nanmin(np.append(found.test_error, np.inf))
            found = more if found is None else found.joined(more)
            idle = 0 if more.test_error[0] < before else idle + 1
            passed = more.parameters[0] > PATIENT_UP_TO * n
            if not is_deterministic(data) and (idle > 1 or (idle and passed)):
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
        )

    def _enough(self, best: Landscape, floor: NoiseFloor, data: Dataset) -> bool:
        if is_deterministic(data):
            return best.select().interpolates and _best_error(best) <= floor.value
        return floor.known and _best_error(best) <= LARGE * floor.value


def _only(designs: tuple[Design, ...]) -> Rung:
    return Rung("the given designs", lambda order: designs)


def _best_error(one: Landscape) -> float:
    return one.select().test_error


def _words(design: Design, data: Dataset) -> str:
    return design.describe([c.name for c in data.inputs], data.response.name)


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
    against = f"{number(_best_error(best) / floor.value)} times the noise floor"
    if enough:
        return f"{found}, {against}: as good as the noise allows, so it stopped."
    return f"{found}, {against}: still large" + ("; the ladder ends here." if last else ", so it went on.")


def _outer_splits(data: Dataset, outer: Any, seed: int) -> Splits | None:
    if outer is None or isinstance(outer, Splits):
        return outer
    if isinstance(outer, int):
        together = data.condition_groups
        parts = len(data) if together is None else len(np.unique(together))
        if parts < 3:
            raise ArgumentError(
                f"Outer splits need at least 3 rows or groups, there are {parts}; pass outer=None to go without."
            )
        outer = min(outer, parts)
    return make_splits(data, folds=outer, seed=seed + 1)


def _judge(search: _Search, data: Dataset, splits: Splits, far: bool) -> OuterError:
    units = units_of(splits)
    inside = replace(search, n_jobs=1, progress=False)
    tasks = [partial(_outer_unit, inside, data, splits.train(r, f), splits.test(r, f), far) for r, f in units]
    with Progress(len(tasks), "outer splits: choosing again without the rows that judge", search.progress) as bar:
        done = run_all(tasks, search.n_jobs, bar.tick)
    residual = np.full((splits.n_repeats, len(data)), np.nan)
    for (r, f), (_, values) in zip(units, done, strict=True):
        residual[r, splits.test(r, f)] = values
    tested = ~np.isnan(residual).all(0)
    losses = np.nanmean(residual[:, tested] ** 2, axis=0)
    rmse = float(np.sqrt(losses.mean()))
    labels = np.arange(len(data)) if data.condition_groups is None else data.condition_groups
    clusters = np.unique(labels[tested], return_inverse=True)[1]
    counts = np.bincount(clusters)
    spread = clustered_error(losses, clusters)
    mean = np.nanmean(residual, axis=0)[tested]
    common = np.bincount(clusters, mean) / counts
    return OuterError(
        residual=np.nanmean(residual, axis=0) if tested.all() else np.where(tested, residual[0], np.nan),
        rmse=rmse,
        mae=float(np.nanmean(np.abs(residual))),
        standard_error=spread / (2.0 * rmse) if rmse > 0 else 0.0,
        between=float((counts * common**2).sum() / (mean**2).sum()) if data.groups is not None else float("nan"),
        choices=tuple(selection for selection, _ in done),
        kind=splits.kind,
    )


def _outer_unit(search: _Search, data: Dataset, train: Array, test: Array, far: bool) -> tuple[Selection, Array]:
    given, held = data.take(train), data.take(test)
    with threadpool_limits(1):
        selection = search.run(given, far=far).best.select()
        model = fitted(seeded(selection.design, split_seed(search.seed, 0)), given)
    residual = search.measure.residual(model.predict(held.X), held.y, held.noise_std)
    if not np.isfinite(residual).all():
        raise FitError(f"{selection.label} predicts values outside the response's range on an outer test set")
    return selection, residual * search.measure.scale(data)
