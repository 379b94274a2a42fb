"""Error against the number of rows or groups, and what more of them would bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError, FitError, IntervalError, Progress, generator, joined, number, run_all
from faradaic.approximations import Approximation, Design
from faradaic.data import Dataset, check_enough

from ._explore import Exploration
from ._learning_fit import NUMBERS, Least, constant_error, fit_curve, tails
from ._measure import Measure, MeasureName, NoiseFloor, noise_floor
from ._power_law import PowerLaws
from ._selection import Selection
from ._subsets import Pool, checked_sizes, pool_of, usual_sizes
from ._sweep import Part, Unit, run_units, split_seed

if TYPE_CHECKING:
    from ._learning_display import LearningCurveDisplay

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class LearningCurve:
    r"""The error of one design against the number of training rows, or of groups where the data have groups.

    .. math:: e(n) = a + b\,n^{-\gamma}, \qquad a, b \ge 0, \; 0.2 \le \gamma \le 3

    is fitted to the root-mean-square errors on left-out rows. All sizes are measured on one pool of rows, so their
    errors rise and fall together: the intervals come from curves fitted to errors drawn anew with the covariance that
    the losses of the units (groups, or rows) and of the training subsets show, with heavier tails for few units. They
    hold for further units of the kind that the pool is a sample of.

    Attributes
    ----------
    design : Design
        The design at its fixed size.
    data : Dataset
        The observations.
    measure : Measure
        In what errors are counted.
    floor : NoiseFloor
        The error of a perfect trend.
    sizes : int array of shape (k,)
        Training units: groups, conditions (with their replicates), or rows.
    rows : array of shape (k,)
        Mean number of training rows.
    train_error, test_error, standard_error : arrays of shape (k,)
        Root-mean-square errors over all subsets, and the standard error of the test error; NaN for a size at which
        a fit failed, the standard error also for one that was not used.
    used : bool array of shape (k,)
        The sizes that the curve is fitted to: those from the first at which the error is below twice that of a
        constant, and the four largest at least, where no fit failed.
    a, b, gamma : float
        The fitted curve, a and b in `unit`; NaN with fewer than three sizes.
    draws : array of shape (m, 3)
        a, b and γ of curves fitted to errors drawn anew; empty where no interval can be given.
    scatter : array of shape (2, k, k)
        Covariance of the logarithms of the test errors of the fitted sizes, from the units tested and from those
        trained on.
    units : int
        Units in all.
    noun : {"group", "condition", "row"}
        What a unit is.
    folds, repeats : int
        How the subsets were made.
    failures : dict of int to str
        The sizes at which a fit failed, with the reason.
    seed : int

    References
    ----------
    Cortes, Jackel, Solla, Vapnik & Denker, *Learning curves: asymptotic values and rate of convergence*, Advances in
    Neural Information Processing Systems 6 (1993) 327. Viering & Loog 2023, 10.1109/TPAMI.2022.3220744.
    """

    design: Design
    data: Dataset
    measure: Measure
    floor: NoiseFloor
    sizes: Array
    rows: Array
    train_error: Array
    test_error: Array
    standard_error: Array
    used: Array
    a: float
    b: float
    gamma: float
    draws: Array
    scatter: Array
    units: int
    noun: str
    folds: int
    repeats: int
    failures: dict[int, str] = field(default_factory=dict)
    seed: int = 0

    @property
    def unit(self) -> str:
        """Unit of the errors."""
        return self.measure.unit(self.data)

    @property
    def label(self) -> str:
        """The design in words, with the data's names."""
        return self.design.describe([c.name for c in self.data.inputs], self.data.response.name)

    @property
    def _own(self) -> PowerLaws:
        return PowerLaws(np.array([self.a]), np.array([self.b]), np.array([self.gamma]))

    @property
    def _drawn(self) -> PowerLaws:
        return PowerLaws(self.draws[:, 0], self.draws[:, 1], self.draws[:, 2])

    def at(self, n: ArrayLike) -> Array:
        """Return the fitted curve at ``n`` training units, shape (q,)."""
        return self._own.at(_numbers(n))[0]

    def predict(
        self,
        n: ArrayLike,
        level: float = 0.95,
        *,
        of: Literal["measured", "expected"] = "measured",
        tested: int | None = None,
    ) -> tuple[Array, Array, Array]:
        """Return the error at ``n`` training units and its interval.

        Parameters
        ----------
        n : array of shape (q,) or number
            Training units (`noun`), positive.
        level : float
            Of the interval, between 0 and 1.
        of : {"measured", "expected"}
            The error that a cross-validation would find at ``n``, with the scatter of its own finite data, or the
            error expected over all data of that number.
        tested : int, optional
            Units that the cross-validation tests, for "measured"; default: as many as this curve's number of folds
            calls for, ``n folds / (folds - 1)``.

        Returns
        -------
        value, low, high : arrays of shape (q,)
            In `unit`.

        Raises
        ------
        IntervalError
            There are too few sizes for an interval.
        """
        sizes, (low, high) = _numbers(n), self._levels(level)
        if of not in ("measured", "expected"):
            raise ArgumentError(f"of must be 'measured' or 'expected', got {of!r}.")
        drawn = self._drawn.at(sizes)
        if of == "measured":
            drawn = drawn * self._measured(sizes, tested)
        value = self.at(sizes)
        ends = np.quantile(drawn, [low, high], axis=0)
        return value, np.minimum(ends[0], value), np.maximum(ends[1], value)

    def parameter_interval(self, level: float = 0.95) -> dict[str, tuple[float, float]]:
        """Return the interval of ``a``, ``b`` and ``gamma``.

        Raises
        ------
        IntervalError
            There are too few sizes for an interval.
        """
        ends = np.quantile(self.draws, self._levels(level), axis=0)
        return {name: (float(ends[0, j]), float(ends[1, j])) for j, name in enumerate(("a", "b", "gamma"))}

    def rows_for(self, error: float, level: float = 0.95) -> tuple[float, float, float]:
        """Return how many training units (`noun`) it takes to bring the expected error to ``error``, with an interval.

        Infinite where the curve never comes down so far.

        Parameters
        ----------
        error : float
            In `unit`, positive.
        level : float
            Of the interval.

        Returns
        -------
        value, low, high : float

        Raises
        ------
        IntervalError
            There are too few sizes for an interval.
        """
        if not error > 0:
            raise ArgumentError(f"error must be positive, got {error!r}.")
        low, high = self._levels(level)
        reach = np.sort(self._drawn.reach(error))
        ends = [float(reach[round(p * (len(reach) - 1))]) for p in (low, high)]
        return float(self._own.reach(error)[0]), ends[0], ends[1]

    def summary(self, level: float = 0.95) -> str:
        """Return what more rows or groups would bring, in plain words."""
        from ._learning_words import describe

        return describe(self, level)

    def __str__(self) -> str:
        return self.summary()

    def plot(self, ax: Any = None, **style: Any) -> LearningCurveDisplay:
        """Draw the errors, the fitted curve with its interval, its limit and the noise floor."""
        from ._learning_display import LearningCurveDisplay

        return LearningCurveDisplay.from_curve(self).plot(ax=ax, **style)

    def _levels(self, level: float) -> tuple[float, float]:
        if not 0.0 < level < 1.0:
            raise ArgumentError(f"level must lie between 0 and 1, got {level!r}.")
        if not len(self.draws):
            fitted, left = int(self.used.sum()), int((~self.used).sum())
            failed = f" ({left} more failed)" if left else ""
            raise IntervalError(
                f"A curve of {NUMBERS} numbers needs the errors of at least {NUMBERS + 1} sizes for an interval, "
                f"there are {fitted}{failed}; ask for more sizes, or add data."
            )
        return 0.5 * (1.0 - level), 0.5 * (1.0 + level)

    def _measured(self, sizes: Array, tested: int | None) -> Array:
        """Return the factors by which a finite test and a finite training set move each draw, shape (m, q)."""
        if tested is not None and not tested >= 2:
            raise ArgumentError(f"tested must be at least 2, got {tested!r}.")
        judged = sizes * self.folds / (self.folds - 1) if tested is None else np.full(len(sizes), float(tested))
        largest = self.sizes[self.used][-1]
        from_test, from_training = self.scatter[:, -1, -1]
        std = np.sqrt(from_test * self.units / judged + from_training * np.minimum(1.0, largest / sizes))
        random = generator(self.seed, 31)
        normal = random.standard_normal((len(self.draws), 1)) * tails(random, len(self.draws), self.units)
        return np.exp(normal * std)


def learning_curve(
    design: Approximation | Selection | Exploration,
    data: Dataset,
    *,
    sizes: Sequence[int] | None = None,
    folds: int = 5,
    repeats: int = 4,
    measure: Measure | MeasureName | None = None,
    seed: int = 0,
    n_jobs: int | None = None,
    progress: bool = False,
) -> LearningCurve:
    """Measure the error of one design on random subsets of the data and fit a + b n^−γ.

    In every repeat the groups (or rows) are dealt into folds; each fold is predicted from the first n of the others
    in a random order, for every size n. So all sizes are judged on all groups, and the subsets are nested.

    Parameters
    ----------
    design : Approximation, Selection or Exploration
        At the size that it has: a family or `Design`, or what was chosen.
    data : Dataset
        From `faradaic.read`.
    sizes : sequence of int, optional
        Numbers of training groups (or rows); default: eight from a quarter of the largest training set, or enough
        for the parameters of the design, to all of it.
    folds : int
        At least 2; the largest training set is all but one fold.
    repeats : int
        At least 2.
    measure : {"absolute", "relative", "standardised"} or Measure, optional
        Default: what suits the data (`Measure.suited_to`).
    seed : int
        Same seed, same curve, on any number of workers.
    n_jobs : int, optional
        Workers for joblib; default what ``joblib.parallel_config`` says, else 1.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    LearningCurve

    Raises
    ------
    ArgumentError
        The data are a time series, there are too few groups or rows for the folds, or a size is out of range.
    FitError
        A fit failed at every size; the message holds the reasons.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> import faradaic as fd
    >>> from faradaic.approximations import Polynomial
    >>> rng = np.random.default_rng(0)
    >>> x = rng.uniform(0, 1, 60)
    >>> table = pd.DataFrame({"x": x, "y": 1 + 2 * x + 0.1 * rng.normal(size=60)})
    >>> curve = fd.learning_curve(Polynomial(degree=1), fd.read(table, x=["x"], y="y"))
    >>> value, low, high = curve.predict(100, level=0.9)
    >>> bool(low[0] < 0.1 < high[0])
    True
    """
    chosen = design.selection if isinstance(design, Exploration) else design
    family = chosen.design if isinstance(chosen, Selection) else chosen
    if not isinstance(family, Approximation):
        raise ArgumentError(
            f"learning_curve takes an approximation, a selection or an exploration, got {type(design).__name__}."
        )
    check_enough(data)
    one = family if isinstance(family, Design) else Design(family)
    measure = measure if isinstance(measure, Measure) else Measure(measure) if measure else Measure.suited_to(data)
    floor = noise_floor(data, measure)
    pool = pool_of(data, folds=folds, repeats=repeats, seed=seed)
    steps = usual_sizes(pool, one, data) if sizes is None else checked_sizes(sizes, pool)
    places = [(r, f) for r in range(repeats) for f in range(folds)]
    tasks = [partial(_run, one, data, pool, (r, f), steps, measure, split_seed(seed, r)) for r, f in places]
    label = one.describe([c.name for c in data.inputs], data.response.name)
    with Progress(len(tasks), f"learning curve of {label}", progress) as bar:
        done = dict(zip(places, run_all(tasks, n_jobs, bar.tick), strict=True))
    measured = _measured(done, pool, steps)
    if not np.isfinite(measured["test_error"]).any():
        raise FitError(f"a fit failed at every size: {joined(list(measured['failures'].values())[:3])}")
    least = Least.of(data, floor)
    found = fit_curve(measured, pool, np.array(steps), least, constant_error(data.judged, measure), seed)
    fixed = {"units": pool.units, "noun": pool.noun, "folds": folds, "repeats": repeats, "seed": seed}
    del measured["losses"], measured["train"]
    return LearningCurve(one, data, measure, floor, np.array(steps), **measured, **found, **fixed)


def _run(
    design: Design, data: Dataset, pool: Pool, place: tuple[int, int], steps: list[int], measure: Measure, seed: int
) -> list[Unit]:
    """Fit the design to every size of one repeat and fold."""
    test = pool.test(*place)
    return run_units(design, [design.size], data, [Part(pool.train(*place, n), test, seed) for n in steps], measure)


def _measured(done: dict[tuple[int, int], list[Unit]], pool: Pool, steps: list[int]) -> dict[str, Any]:
    """Collect the errors of each size; a size at which a fit failed has none."""
    shape = (len(steps), len(pool.fold))
    train, rows = np.full((*shape, pool.folds), np.nan), np.full((*shape, pool.folds), np.nan)
    losses, failures = np.full((*shape, pool.units), np.nan), {}
    for (r, f), k in ((place, k) for place in done for k in range(len(steps))):
        unit, n, test = done[r, f][k], steps[k], pool.test(r, f)
        train[k, r, f], rows[k, r, f] = unit.train[0], len(pool.train(r, f, n))
        if unit.reasons[0]:
            failures.setdefault(n, unit.reasons[0])
            continue
        members = np.unique(pool.unit[test])
        with np.errstate(over="ignore"):
            sums = np.bincount(pool.unit[test], unit.residual[0] ** 2, minlength=pool.units)
        losses[k, r, members] = sums[members]
    whole = np.array([n not in failures for n in steps])
    count = pool.rows
    test_error = np.where(whole, np.sqrt(losses.sum(2).mean(1) / count.sum()), np.nan)
    train_error = np.where(whole, np.sqrt((train**2).mean((1, 2))), np.nan)
    return {
        "rows": rows.mean((1, 2)),
        "train": train,
        "train_error": train_error,
        "test_error": test_error,
        "losses": losses,
        "failures": failures,
    }


def _numbers(n: ArrayLike) -> Array:
    sizes = np.atleast_1d(np.asarray(n, dtype=np.float64))
    if sizes.ndim != 1 or not (np.isfinite(sizes).all() and (sizes > 0).all()):
        shown = number(float(sizes.min())) if sizes.size else "nothing"
        raise ArgumentError(f"n must be one or more positive numbers of training rows or groups, got {shown}.")
    return sizes
