"""Random nested subsets of whole groups, and what the losses on left-out groups say about the scatter of a curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faradaic._core import ArgumentError, generator, plural
from faradaic.approximations import Design
from faradaic.data import Dataset

from ._landscape import distinct

Array = np.ndarray
# sizes of a curve: from a quarter of the largest training set to all of it, evenly in the logarithm; a power law is
# what errors come down to, and what they do far below says little about what they will do above
SIZES, SHARE = 8, 4
# smallest training set in parameters of the design: nearer to one, the error blows up and is no power law
PER_PARAMETER = 2.0


@dataclass(frozen=True, eq=False)
class Pool:
    """The units that are left out and trained on together.

    Attributes
    ----------
    unit : int array of shape (n,)
        The unit of each row: a group, a condition with its replicates, or the row itself; −1 for rows of a source that
        is not the target of a stack, which are always trained on and never tested.
    noun : str
        What a unit is.
    fold : int array of shape (repeats, units)
        In which fold each unit is tested.
    order : int array of shape (repeats, units)
        The order in which units enter the training sets of a repeat.
    """

    unit: Array
    noun: str
    fold: Array
    order: Array

    @property
    def units(self) -> int:
        """Number of units."""
        return self.fold.shape[1]

    @property
    def folds(self) -> int:
        """Number of folds."""
        return int(self.fold.max()) + 1

    @property
    def most(self) -> int:
        """Units of the smallest full training set."""
        return self.units - int(np.bincount(self.fold[0]).max())

    def train(self, repeat: int, fold: int, size: int) -> Array:
        """Return the rows of the first ``size`` units that this fold does not test."""
        order = self.order[repeat]
        chosen = order[self.fold[repeat][order] != fold][:size]
        return np.flatnonzero(np.isin(self.unit, chosen) | (self.unit < 0))

    def test(self, repeat: int, fold: int) -> Array:
        """Return the rows that this fold tests."""
        return np.flatnonzero((self.fold[repeat][self.unit] == fold) & (self.unit >= 0))

    @property
    def rows(self) -> Array:
        """Number of rows of each unit, shape (units,)."""
        return np.bincount(self.unit[self.unit >= 0])


def check_unordered(data: Dataset) -> None:
    """Refuse a time series, which has no learning curve."""
    if data.ordered:
        raise ArgumentError(
            "A time series has no random subsets: fewer rows of it are a shorter time. Read it without ordered=True "
            "if its rows may be taken in any order."
        )


def pool_of(data: Dataset, *, folds: int, repeats: int, seed: int) -> Pool:
    """Deal the units of a data set into folds, anew in each repeat."""
    check_unordered(data)
    together = data.judged.condition_groups
    unit = np.full(len(data), -1)
    own = np.arange(len(data.judged)) if together is None else np.unique(together, return_inverse=True)[1]
    unit[data.on_target] = own
    noun = "group" if data.groups is not None else "row" if together is None else "condition"
    count = int(unit.max()) + 1
    for name, value in (("folds", folds), ("repeats", repeats)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 2:
            raise ArgumentError(f"{name} must be a whole number of at least 2, got {value!r}.")
    if count < 2 * folds:
        raise ArgumentError(
            f"A learning curve in {folds} folds needs at least {2 * folds} {noun}s, there are {count}; "
            f"ask for fewer folds or add data."
        )
    fold, order = np.empty((repeats, count), dtype=np.int64), np.empty((repeats, count), dtype=np.int64)
    for r in range(repeats):
        random = generator(seed, 23, r)
        fold[r, random.permutation(count)] = np.arange(count) % folds
        order[r] = random.permutation(count)
    return Pool(unit, noun, fold, order)


def usual_sizes(pool: Pool, design: Design, data: Dataset) -> list[int]:
    """Return training sizes in units: enough conditions for the design's parameters, up to all that can be had."""
    each = distinct(data, np.arange(len(data))) / pool.units
    parameters = design.count(data.n_features)
    # a design with more parameters than there are rows does not need them all: a process, a least-norm solution
    wanted = np.ceil(PER_PARAMETER * parameters / each) if parameters <= each * pool.most else 0
    low = max(2, int(np.ceil(pool.most / SHARE)), min(int(wanted), int(np.ceil(pool.most / 2))))
    return sorted({round(float(s)) for s in np.geomspace(min(low, pool.most), pool.most, SIZES)})


def checked_sizes(sizes: object, pool: Pool) -> list[int]:
    """Return the given sizes, increasing, without repeats."""
    given = [int(s) for s in np.atleast_1d(np.asarray(sizes, dtype=np.float64))]
    if not given or min(given) < 1 or max(given) > pool.most:
        raise ArgumentError(
            f"sizes must be numbers of training {pool.noun}s from 1 to {pool.most} ({plural(pool.units, pool.noun)} "
            f"less those that a fold tests), got {sizes!r}."
        )
    return sorted(set(given))


@dataclass(frozen=True, eq=False)
class Scatter:
    """Covariance (k, k) of the logarithms of the root-mean-square errors of k sizes.

    ``tested``: from which units happen to be tested; ``trained``: from which happen to be trained on.
    """

    tested: Array
    trained: Array

    @property
    def total(self) -> Array:
        """Their sum."""
        return self.tested + self.trained


def scatter_of(losses: Array, rows: Array, pool: Pool, sizes: Array) -> Scatter:
    r"""Split the scatter of a learning curve into that of its test units and that of its training sets.

    The loss of unit v under the training set b of one repeat and fold is taken as 1 + α_v + τ_b + ε_bv times the
    mean. The units of the pool are a sample of all units, so that Var(α)/G stays in every point, and in all of them
    alike. The training sets overlap, so that the mean over them scatters from pool to pool far more than their number
    says. What a fit adds to the smallest possible error is a square of its deviation: for such a statistic of n out
    of G units the variance from pool to pool is n²/(G² − n²) times that over the subsets of one pool, Var(τ).

    Parameters
    ----------
    losses : array of shape (k, repeats, units)
        Sum of the squared residuals of each unit when it was left out.
    rows : array of shape (units,)
        Rows of each unit.
    sizes : array of shape (k,)
        Training units.

    References
    ----------
    Hoeffding, *A class of statistics with asymptotically normal distribution*, Annals of Mathematical Statistics 19
    (1948) 293 (U-statistics; here of degree two, degenerate).
    """
    k, repeats, units = losses.shape
    share = rows / rows.mean()
    relative = losses / losses.mean((1, 2), keepdims=True) - share
    own = relative.mean(1)
    tested = own @ own.T / (units * (units - 1))
    rest = relative - own[:, None]
    folds = pool.folds
    effect, remainder = np.empty((k, repeats, folds)), np.empty_like(rest)
    for r in range(repeats):
        members = np.bincount(pool.fold[r], minlength=folds)
        for i in range(k):
            effect[i, r] = np.bincount(pool.fold[r], rest[i, r], minlength=folds) / members
        remainder[:, r] = rest[:, r] - effect[:, r][:, pool.fold[r]]
    flat, left = effect.reshape(k, -1), remainder.reshape(k, -1)
    freedom = max((repeats - 1) * units - repeats * folds, 1)
    noise = left @ left.T / freedom
    # taking out the mean over repeats takes some of τ and ε with it; the other repeats' part of τ spreads over folds
    kept = 1.0 - 1.0 / repeats
    over_subsets = flat @ flat.T / flat.shape[1] - noise * kept * folds / units
    over_subsets /= kept**2 + kept / (repeats * folds)
    values, vectors = np.linalg.eigh(over_subsets)
    over_subsets = (vectors * np.maximum(values, 0.0)) @ vectors.T
    factor = sizes / np.sqrt(units**2 - sizes**2)
    trained = over_subsets * np.outer(factor, factor) + over_subsets / flat.shape[1]
    return Scatter(tested / 4.0, trained / 4.0)  # a root has half the relative scatter of its square
