"""Train and test error against the number of parameters: the record of one design's sweep, and the sweep itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import ArgumentError, Progress, joined, plural
from faradaic.approximations import Approximation, Design
from faradaic.data import Dataset, Splits, check_enough
from faradaic.data import splits as make_splits

from ._measure import Measure, MeasureName, NoiseFloor, noise_floor
from ._sweep import Part, Unit, run_all, run_units, split_seed, tasks_of, units_of

if TYPE_CHECKING:
    import xarray as xr

    from ._decompose import Decomposition
    from ._display import LandscapeDisplay
    from ._identified_display import IdentifiedDisplay
    from ._regimes import Regimes
    from ._selection import Rule, Selection

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Landscape:
    """The errors of one design over its sizes.

    Attributes
    ----------
    design : Design
        The design; its own size is not used.
    data : Dataset
        The observations.
    splits : Splits
        Who was trained and tested when.
    measure : Measure
        In what errors are counted.
    floor : NoiseFloor
        The error of a perfect trend.
    errors : xarray.Dataset
        ``train_error``, ``test_error``, ``effective``, ``worst`` (largest training residual, SI), ``seconds`` and
        ``failure`` over (size, repeat, fold); ``prediction`` (SI) and ``residual`` of every row when it was left
        out, over (size, repeat, row). ``parameters`` is a coordinate along size. Failed fits are NaN with a reason.
    n_train : int
        Distinct training conditions, mean over the training sets: where parameters = n lies. Of a stack with a target
        only those of the target count, unless the design tells sources apart and learns from all.
    seed : int
        Seed of the sweep.
    """

    design: Design
    data: Dataset
    splits: Splits
    measure: Measure
    floor: NoiseFloor
    errors: xr.Dataset
    n_train: int
    seed: int

    @property
    def sizes(self) -> list[Any]:
        """The swept sizes."""
        return list(self.errors["size"].values.tolist())

    @property
    def parameters(self) -> Array:
        """Counted parameters of each size, shape (s,)."""
        return self.errors["parameters"].values

    @property
    def unit(self) -> str:
        """Unit of the errors."""
        return self.measure.unit(self.data)

    @property
    def label(self) -> str:
        """The design in words, with the data's names."""
        return self.design.describe([c.name for c in self.data.inputs], self.data.response.name, swept=True)

    @cached_property
    def failed(self) -> Array:
        """Number of failed fits of each size, shape (s,)."""
        return (self.errors["failure"] != "").sum(("repeat", "fold")).values

    @cached_property
    def train_error(self) -> Array:
        """Root mean square of the train errors over all splits, shape (s,); NaN for a size with a failed fit."""
        mean = (self.errors["train_error"] ** 2).mean(("repeat", "fold")).values
        return np.where(self.failed == 0, np.sqrt(mean), np.nan)

    @cached_property
    def test_error(self) -> Array:
        """Root mean square of the residuals of rows that were left out, shape (s,)."""
        return np.sqrt(mean_of(self.row_losses, 1))

    @cached_property
    def effective(self) -> Array:
        """Mean effective parameters of each size, shape (s,)."""
        return self.errors["effective"].mean(("repeat", "fold")).values

    @property
    def identified(self) -> Array:
        """Counted parameters of each size and how many of them the rows identify, shape (s, 2).

        Identified are the combinations of parameters that the training rows feel: the rank of the fit's
        sensitivities, mean over the splits, never more than distinct rows. Families that shrink what they fit have
        their effective parameters here. NaN for a size of which every fit failed.

        Examples
        --------
        >>> import pandas as pd
        >>> import faradaic as fd
        >>> from faradaic.approximations import Polynomial
        >>> table = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0, 4.0], "y": [1.0, 2.0, 2.0, 5.0, 4.0]})
        >>> data = fd.read(table, x=["x"], y="y")
        >>> fd.landscape(Polynomial(), data, sizes=[1, 3, 9]).identified.tolist()  # four rows in each training set
        [[2.0, 2.0], [4.0, 4.0], [10.0, 4.0]]
        """
        return np.column_stack([self.parameters, self.effective]).astype(np.float64)

    @cached_property
    def row_losses(self) -> Array:
        """Squared residual of each left-out row, averaged over repeats, shape (s, rows tested)."""
        tested = (self.splits.fold >= 0).any(0)
        losses = mean_of(squared(self.errors["residual"].values[:, :, tested]), 1)
        return np.where((self.failed == 0)[:, None], losses, np.nan)

    @cached_property
    def _clusters(self) -> Array:
        together = self.data.condition_groups
        labels = np.arange(len(self.data)) if together is None else together
        return np.unique(labels[(self.splits.fold >= 0).any(0)], return_inverse=True)[1]

    def standard_error(self, losses: Array) -> float:
        """Return the standard error of the mean of row losses (rows,), rows of one group counting together."""
        return clustered_error(losses, self._clusters)

    def clustered(self, losses: Array) -> Array:
        """Return the mean of row losses (rows,) over each group, or condition, or row: what is independent."""
        return np.bincount(self._clusters, losses) / np.bincount(self._clusters)

    def joined(self, other: Landscape) -> Landscape:
        """Return the landscape with the sizes of another sweep of the same design on the same splits added."""
        import xarray as xr

        errors = xr.concat([self.errors, other.errors], dim="size", join="outer", combine_attrs="override")
        return replace(self, errors=errors.sortby("parameters"))

    def select(self, rule: Rule | None = None) -> Selection:
        """Choose a size; see `OneStandardError`, `SmallestError` and `Interpolating`.

        By default: deterministic data are interpolated (`Interpolating`), all others get the fewest parameters
        within one standard error of the smallest test error (`OneStandardError`).
        """
        from ._selection import select

        return select(self, rule)

    @cached_property
    def regimes(self) -> Regimes:
        """Where the landscape underfits, has its optimum, its interpolation threshold and its second descent."""
        from ._regimes import find_regimes

        return find_regimes(self)

    def decompose(self, *, rounds: int = 40, n_jobs: int | None = None) -> Decomposition:
        """Split the expected error of every size into bias², variance and noise; see `Decomposition`."""
        from ._decompose import decompose

        return decompose(self, rounds=rounds, n_jobs=n_jobs)

    def summary(self) -> str:
        """Return the landscape in plain words."""
        from ._selection import describe

        return describe(self)

    def __str__(self) -> str:
        return self.summary()

    def plot(self, ax: Any = None, **style: Any) -> LandscapeDisplay:
        """Draw train and test error against the number of parameters."""
        from ._display import LandscapeDisplay

        return LandscapeDisplay.from_landscape(self).plot(ax=ax, **style)

    def plot_identified(self, ax: Any = None, **style: Any) -> IdentifiedDisplay:
        """Draw how many parameters the rows identify against how many there are."""
        from ._identified_display import IdentifiedDisplay

        return IdentifiedDisplay.from_landscape(self).plot(ax=ax, **style)

    def to_xarray(self) -> xr.Dataset:
        """Return the labelled errors."""
        return self.errors.copy()


def landscape(
    approximation: Approximation,
    data: Dataset,
    *,
    sizes: Sequence[Any] | None = None,
    splits: Splits | int | Any = None,
    measure: Measure | MeasureName | None = None,
    seed: int = 0,
    n_jobs: int | None = None,
    progress: bool = False,
) -> Landscape:
    """Sweep one design over its sizes on every split and keep the errors of every fit.

    Parameters
    ----------
    approximation : Approximation
        A family, or a `Design` (a family in transformed coordinates).
    data : Dataset
        From `faradaic.read`.
    sizes : sequence, optional
        Sizes to fit; default: from one parameter to well past n, dense around it (`Approximation.sizes`).
    splits : Splits, int or scikit-learn splitter, optional
        Default: what suits the data (`faradaic.data.splits`); an int is the number of folds.
    measure : {"absolute", "relative", "standardised"} or Measure, optional
        Default: what suits the data (`Measure.suited_to`).
    seed : int
        Same seed, same landscape, on any number of workers.
    n_jobs : int, optional
        Workers for joblib; default what ``joblib.parallel_config`` says, else 1.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    Landscape

    Raises
    ------
    InputError
        There are fewer than 3 rows, or the response never changes.
    ArgumentError
        A size or split cannot be used with these data.

    References
    ----------
    Belkin et al. 2019, 10.1073/pnas.1903070116 (double descent).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> import faradaic as fd
    >>> from faradaic.approximations import Polynomial
    >>> x = np.linspace(0, 1, 30)
    >>> y = 1 + 2 * x + 0.1 * np.random.default_rng(0).normal(size=30)
    >>> data = fd.read(pd.DataFrame({"x": x, "y": y}), x=["x"], y="y")
    >>> fd.landscape(Polynomial(), data, sizes=[0, 1, 2, 3, 5]).select().parameters
    2
    """
    check_enough(data)
    design = approximation if isinstance(approximation, Design) else Design(approximation)
    splits = splits if isinstance(splits, Splits) else make_splits(data, folds=splits, seed=seed)
    measure = measure if isinstance(measure, Measure) else Measure(measure) if measure else Measure.suited_to(data)
    floor = noise_floor(data, measure)
    units = units_of(splits)
    seen = [data.take(splits.train(r, f)) for r, f in units]
    trained = [len(np.unique((rows if design.models_sources else rows.judged).X, axis=0)) for rows in seen]
    n_train = round(float(np.mean(trained)))
    swept = list(sizes) if sizes is not None else design.sizes(max(trained), data.n_features)
    if not swept:
        raise ArgumentError("sizes is empty; give at least one size, or leave it out for the usual ones.")
    counts = np.array([design.at_size(size).count(data.n_features) for size in swept])
    parts = [Part(splits.train(r, f), splits.test(r, f), split_seed(seed, r)) for r, f in units]
    places = tasks_of(design, len(swept), len(units), len(data))
    tasks = [
        partial(run_units, design, [swept[k] for k in sizes], data, [parts[u] for u in some], measure)
        for sizes, some in places
    ]
    names = [c.name for c in data.inputs]
    with Progress(len(tasks), design.describe(names, data.response.name, swept=True), progress) as bar:
        done = run_all(tasks, n_jobs, bar.tick)
    errors = _labelled(
        swept,
        counts,
        splits,
        len(data),
        [
            (sizes, units[u], unit)
            for (sizes, some), found in zip(places, done, strict=True)
            for u, unit in zip(some, found, strict=True)
        ],
    )
    failures = errors["failure"].values
    if (failures != "").all():
        reasons = sorted({str(reason) for reason in failures.ravel()})
        raise ArgumentError(f"Every fit of this design failed: {joined(reasons[:3])}. Choose another design.")
    return Landscape(design, data, splits, measure, floor, errors, n_train, seed)


def squared(residual: Array) -> Array:
    """Return the squares; a polynomial far past n may miss by more than 1e154, whose square is infinite."""
    with np.errstate(over="ignore"):
        return residual**2


def mean_of(losses: Array, axis: int) -> Array:
    """Return the mean along an axis, infinite where the sum is."""
    with np.errstate(over="ignore"):
        return losses.mean(axis)


def clustered_error(losses: Array, clusters: Array) -> float:
    """Return the standard error of the mean of ``losses`` (n,) whose rows err together within ``clusters`` (n,).

    NaN with a single cluster, or where a loss is not finite.
    """
    counts = np.bincount(clusters)
    if len(counts) < 2 or not np.isfinite(losses).all():
        return float("nan")
    with np.errstate(over="ignore", invalid="ignore"):
        totals = np.bincount(clusters, losses - losses.mean())
        g = len(counts)
        return float(np.sqrt(g / (g - 1) * (totals**2).sum()) / len(losses))


def distinct(data: Dataset, rows: Array) -> int:
    """Return the number of distinct conditions among these rows, of a stack those of its target."""
    return len(np.unique(data.take(rows).judged.X, axis=0))


def _labelled(
    sizes: list[Any], counts: Array, splits: Splits, n: int, done: list[tuple[tuple[int, ...], tuple[int, int], Unit]]
) -> xr.Dataset:
    import xarray as xr

    shape = (len(sizes), splits.n_repeats, splits.n_folds)
    numbers = {name: np.full(shape, np.nan) for name in ("train_error", "test_error", "effective", "worst", "seconds")}
    failure = np.full(shape, "", dtype=object)
    rows = {name: np.full((len(sizes), splits.n_repeats, n), np.nan) for name in ("prediction", "residual")}
    for ks, (r, f), unit in done:
        numbers["train_error"][ks, r, f] = unit.train
        numbers["test_error"][ks, r, f] = np.sqrt(mean_of(squared(unit.residual), 1))
        numbers["effective"][ks, r, f] = unit.effective
        numbers["worst"][ks, r, f] = unit.worst
        numbers["seconds"][ks, r, f] = unit.seconds
        failure[ks, r, f] = unit.reasons
        place = np.ix_(ks, [r], splits.test(r, f).tolist())
        rows["prediction"][place] = unit.prediction[:, None]
        rows["residual"][place] = unit.residual[:, None]
    fits, left_out = ("size", "repeat", "fold"), ("size", "repeat", "row")
    return xr.Dataset(
        {name: (fits, values) for name, values in numbers.items()}
        | {"failure": (fits, failure.astype(str))}
        | {name: (left_out, values) for name, values in rows.items()},
        coords={"size": sizes, "parameters": ("size", counts)},
        attrs={"splits": splits.kind, "fits": plural(failure.size, "fit")},
    )
