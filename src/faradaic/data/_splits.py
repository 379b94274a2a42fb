"""Which rows are trained on and which are tested: scikit-learn's splitters, chosen by what the data are."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import ArgumentError, generator, plural

from ._dataset import Dataset
from ._leaks import warn_of_copies

if TYPE_CHECKING:
    from sklearn.model_selection import BaseCrossValidator

SMALL = 20  # up to so many rows each is left out in turn
USUAL_FOLDS = 5


@dataclass(frozen=True, eq=False)
class Splits:
    """The fold of every row in every repeat.

    Attributes
    ----------
    fold : int array of shape (repeats, n)
        The fold in which a row is tested; -1: never (the first stretch of a time series, and rows of a source that is
        not the target of a stack).
    ordered : bool
        Train only on rows that come before the tested ones.
    kind : str
        The splits in plain words.
    """

    fold: np.ndarray
    ordered: bool
    kind: str

    def __post_init__(self) -> None:
        fold = np.array(self.fold, dtype=np.int64)
        fold.flags.writeable = False
        object.__setattr__(self, "fold", fold)

    @property
    def n_repeats(self) -> int:
        """Number of repeats."""
        return self.fold.shape[0]

    @property
    def n_folds(self) -> int:
        """Number of folds of each repeat."""
        return int(self.fold.max()) + 1

    def train(self, repeat: int, fold: int) -> np.ndarray:
        """Return the rows to train on, increasing."""
        folds = self.fold[repeat]
        return np.flatnonzero(folds < fold if self.ordered else folds != fold)

    def test(self, repeat: int, fold: int) -> np.ndarray:
        """Return the rows to test on, increasing."""
        return np.flatnonzero(self.fold[repeat] == fold)


def splits(data: Dataset, *, folds: int | BaseCrossValidator | None = None, repeats: int = 1, seed: int = 0) -> Splits:
    """Choose the splits that suit the data.

    A time series is split forwards; rows that belong together (groups, or else replicates) stay together; up to
    20 rows are left out one at a time; everything else is split at random. Forward and leave-one-out splits have
    nothing random in them and are made once, whatever ``repeats`` says. Of a stack with a target only the rows of the
    target are split; those of the other sources are always trained on.

    Parameters
    ----------
    data : Dataset
        The observations.
    folds : int or scikit-learn splitter, optional
        At least 2; default 5, or as many groups as there are if fewer. A splitter object is used as it is.
    repeats : int
        How many times, >= 1.
    seed : int
        Same seed, same splits.

    Raises
    ------
    ArgumentError
        There are fewer groups (or rows) than folds, or a number is out of range.

    Warns
    -----
    LeakWarning
        Rows of one group occur in another one as well.

    References
    ----------
    Roberts et al. 2017, Ecography 40, 913, 10.1111/ecog.02881 (why rows that belong together must stay together).

    Examples
    --------
    >>> import pandas as pd
    >>> from faradaic.data import read
    >>> table = pd.DataFrame({"x": range(30), "y": [i % 7 for i in range(30)], "cell": [i // 5 for i in range(30)]})
    >>> made = splits(read(table, x=["x"], y="y", groups="cell"), folds=3, repeats=2)
    >>> made.kind, made.fold.shape
    ('grouped 3-fold by cell, 2 repeats', (2, 30))
    """
    if data.target is not None:
        made = splits(data.judged, folds=folds, repeats=repeats, seed=seed)
        fold = np.full((made.n_repeats, len(data)), -1)
        fold[:, data.on_target] = made.fold
        return Splits(fold, made.ordered, made.kind)
    warn_of_copies(data)
    if folds is not None and hasattr(folds, "get_n_splits"):
        return _made_by(folds, data, repeats, seed)
    if folds is not None and (isinstance(folds, bool) or not isinstance(folds, int | np.integer) or folds < 2):
        raise ArgumentError(f"folds must be a whole number of at least 2, or a scikit-learn splitter, got {folds!r}.")
    folds = None if folds is None else int(folds)
    if repeats < 1:
        raise ArgumentError(f"repeats must be at least 1, got {repeats!r}.")
    if data.ordered:
        return _forward(data, folds)
    together = data.condition_groups
    if together is not None:
        return _grouped(data, together, folds, repeats, seed)
    n = len(data)
    count = folds or (n if n <= SMALL else USUAL_FOLDS)
    if count > n:
        raise ArgumentError(f"{count} folds need at least {count} rows, there are {n}; ask for at most {n} folds.")
    if count == n:
        return Splits(np.arange(n)[None], False, "leave-one-out")
    from sklearn.model_selection import KFold

    made = [KFold(count, shuffle=True, random_state=_state(seed, repeat)) for repeat in range(repeats)]
    return Splits(np.stack([_folds(one, n) for one in made]), False, f"{count}-fold{_repeated(repeats)}")


def _grouped(data: Dataset, together: np.ndarray, folds: int | None, repeats: int, seed: int) -> Splits:
    from sklearn.model_selection import GroupKFold

    present = len(np.unique(together))
    by_group = data.groups is not None
    what = f"group of {data.group_column}" if by_group else "condition"
    many = f"groups of {data.group_column}" if by_group else "conditions"
    _check_folds(folds, present, plural(present, what, many))
    count = folds or min(USUAL_FOLDS, present)
    if count == present:
        fold = np.unique(together, return_inverse=True)[1][None]
        kind = f"leave-one-{data.group_column}-out" if by_group else "leave-one-condition-out"
        return Splits(fold, False, kind)
    made = [GroupKFold(count, shuffle=True, random_state=_state(seed, repeat)) for repeat in range(repeats)]
    fold = np.stack([_folds(one, len(data), together) for one in made])
    kind = f"grouped {count}-fold by {data.group_column}" if by_group else f"{count}-fold with replicates kept together"
    return Splits(fold, False, kind + _repeated(repeats))


def _forward(data: Dataset, folds: int | None) -> Splits:
    """Split a time series; groups, if there are any, follow one another as they first appear."""
    from sklearn.model_selection import TimeSeriesSplit

    if data.groups is None:
        place, what = np.arange(len(data)), plural(len(data), "row")
    else:
        _, first, code = np.unique(data.groups, return_index=True, return_inverse=True)
        place, what = np.argsort(np.argsort(first))[code], plural(len(first), f"group of {data.group_column}", "groups")
    steps = int(place.max()) + 1
    _check_folds(folds, steps - 1, f"{what} in time order")
    count = folds or min(USUAL_FOLDS, steps - 1)
    fold = _folds(TimeSeriesSplit(count), steps, ordered=True)
    return Splits(fold[place][None], True, f"{count} forward splits in time order")


def _check_folds(folds: int | None, most: int, what: str) -> None:
    if most < 2:
        raise ArgumentError(f"A split needs at least 2 parts but has only {what}; give other groups or more data.")
    if folds is not None and folds > most:
        raise ArgumentError(f"{folds} folds are too many for {what}; ask for at most {most} folds.")


def _made_by(splitter: Any, data: Dataset, repeats: int, seed: int) -> Splits:
    """Use a scikit-learn splitter as it is; one that shuffles is given the seed of each repeat."""
    from sklearn.model_selection import TimeSeriesSplit

    ordered = isinstance(splitter, TimeSeriesSplit)
    shuffles = bool(getattr(splitter, "shuffle", False)) and getattr(splitter, "random_state", 0) is None
    together = data.condition_groups
    rows = []
    for repeat in range(repeats if shuffles else 1):
        one = copy(splitter)
        if shuffles:
            one.random_state = _state(seed, repeat)
        rows.append(_folds(one, len(data), together, ordered=ordered))
    if together is not None and not (ordered and data.groups is None):
        _check_together(rows, together, splitter, data.group_column or "replicates")
    return Splits(np.stack(rows), ordered, f"{splitter!r}{_repeated(len(rows))}")


def _check_together(rows: list[np.ndarray], together: np.ndarray, splitter: Any, what: str) -> None:
    first = np.unique(together, return_index=True, return_inverse=True)[1:]
    if any((row != row[first[0]][first[1]]).any() for row in rows):
        raise ArgumentError(
            f"The splitter {splitter!r} puts rows that belong together ({what}) on both sides; "
            "use one that knows groups, such as GroupKFold, or leave folds to the data."
        )


def _folds(splitter: Any, n: int, groups: np.ndarray | None = None, *, ordered: bool = False) -> np.ndarray:
    """Return the fold in which the splitter tests each row, -1 where it never does."""
    asks = (
        splitter.get_metadata_routing().split.requests if hasattr(splitter, "get_metadata_routing") else {"groups": 1}
    )
    fold = np.full(n, -1)
    try:
        parts = list(splitter.split(np.empty((n, 1)), groups=groups if asks.get("groups") else None))
    except ValueError as error:
        raise ArgumentError(f"The splitter {splitter!r} cannot split {n} rows: {str(error).rstrip('.')}.") from error
    for number, (_, test) in enumerate(parts):
        fold[test] = number
    for number, (train, test) in enumerate(parts):
        rest = np.flatnonzero(fold < number if ordered else fold != number)
        if not (np.array_equal(np.sort(train), rest) and (fold[test] == number).all()):
            raise ArgumentError(
                f"The splitter {splitter!r} does not test every row once and train on all the others; "
                "use one such as KFold, GroupKFold or TimeSeriesSplit."
            )
    return fold


def _state(seed: int, repeat: int) -> int:
    return int(generator(seed, repeat).integers(2**31))


def _repeated(repeats: int) -> str:
    return "" if repeats == 1 else f", {repeats} repeats"
