"""How long cells will last, from a table of features: a design chosen on the cells whose life is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone

from faradaic._core import ArgumentError, ColumnError, IntervalError, OutsideDomainWarning, joined, nearest, number
from faradaic.approximations import Components, Design, ElasticNet, Inputs, Log, Polynomial
from faradaic.data import Dataset, read, read_table
from faradaic.landscape import Exploration, explore, verdict
from faradaic.trend import Trend, fit

from ._features import CELL, LIFE

if TYPE_CHECKING:
    import pandas as pd

    from ._lifetime_display import LifetimeDisplay

Array = np.ndarray
# with more inputs than these the best single one is left to the elastic net, which finds it without a design for each
SINGLES = 12


@dataclass(frozen=True, eq=False)
class Lifetime:
    """What a table of features says of the life of cells; made by `lifetime`.

    Attributes
    ----------
    exploration : Exploration
        Which designs were tried on the cells of known life, what was chosen, and its error on cells that took no part.
    trend : Trend
        The chosen design fitted to these cells, in the features that it sees; it predicts, knows its intervals and
        its domain, and saves itself.
    level : float
        Of the intervals.
    """

    exploration: Exploration
    trend: Trend
    level: float

    @property
    def inputs(self) -> list[str]:
        """Headers of the features that the chosen design sees."""
        return [column.header for column in self.trend.inputs]

    def predict(self, table: pd.DataFrame | str | Path) -> pd.DataFrame:
        """Return the life of other cells, with intervals.

        Parameters
        ----------
        table : DataFrame or path
            With the features of `inputs`; a column ``cell`` is taken over if it is there.

        Returns
        -------
        DataFrame
            One row for each row of the table: ``cell``, the prediction, ``low`` and ``high`` of the interval of a new
            cell, ``domain`` (``"inside"``, ``"edge"`` or ``"outside"``). Outside, the interval is wider, and not
            calibrated; it is NaN where too few cells are known for one.

        Raises
        ------
        InputError
            A feature is missing or is no number.
        """
        import warnings

        import pandas as pd

        from faradaic.data import read_inputs

        frame: Any = table if isinstance(table, pd.DataFrame) else read_table(table)
        X = read_inputs(frame, self.trend.inputs)
        at = pd.DataFrame({c.header: c.from_si(X[:, j]) for j, c in enumerate(self.trend.inputs)})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OutsideDomainWarning)  # the column `domain` says it, row by row
            life = self.trend.predict(at)
            try:
                low, high = self.trend.interval(at, self.level, outside="widen")
            except IntervalError:
                low, high = self._inside_only(at)
        unit = self.trend.response.header
        made = pd.DataFrame({unit: life, f"low {unit}": low, f"high {unit}": high, "domain": self.trend.where(at)})
        if CELL in frame.columns:
            made.insert(0, CELL, [str(name) for name in frame[CELL].tolist()])
        return made

    def _inside_only(self, at: pd.DataFrame) -> tuple[Array, Array]:
        try:
            return self.trend.interval(at, self.level)
        except IntervalError:
            return np.full(len(at), np.nan), np.full(len(at), np.nan)

    @property
    def baseline(self) -> float:
        """Error of the mean life of the other cells: what features must beat, in ln life."""
        logs = np.log(self.exploration.data.y)
        return float(logs.std() * len(logs) / (len(logs) - 1))

    @property
    def learned(self) -> bool:
        """Whether the error on cells that took no part is smaller than `baseline`, by more than its standard error."""
        one = self.exploration
        error = one.selection.standard_error if one.outer is None else one.outer.standard_error
        return one.error + error < self.baseline

    def summary(self) -> str:
        """Return the choice, its error on cells that took no part in it, and what holds for new cells, in words."""
        name = self.trend.response.name
        against = f"The mean life of the other cells errs by {number(self.baseline)} in ln {name}"
        told = "the features tell more." if self.learned else "the features tell no more than that."
        lines = [*verdict(self.exploration), f"{against}: {told}", *self.trend.summary().splitlines()[-2:]]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.summary()

    def plot(self, ax: Any = None, **style: Any) -> LifetimeDisplay:
        """Draw the life of the known cells against what was predicted of each when it was left out."""
        from ._lifetime_display import LifetimeDisplay

        return LifetimeDisplay.from_lifetime(self).plot(ax=ax, **style)


def lifetime(
    table: pd.DataFrame | str | Path,
    *,
    life: str = LIFE,
    inputs: Sequence[str] | None = None,
    cell: str | None = CELL,
    designs: Sequence[Any] | None = None,
    level: float = 0.9,
    outer: int | None = 5,
    seed: int = 0,
    n_jobs: int | None = None,
    progress: bool = False,
) -> Lifetime:
    """Choose, on cells whose life is known, how features tell the life, and how well they do for new cells.

    Designs of ln life are explored by `faradaic.explore`: each feature alone, an elastic net of all of them, and
    partial least squares. Errors count in ln life, that is as shares of it. Rows of one cell stay together.

    Parameters
    ----------
    table : DataFrame or path
        One row for each cell (or several, named by ``cell``), such as `features` makes. Rows without a life (empty, or
        NaN) are left out: `Lifetime.predict` tells it.
    life : str
        Header of the life.
    inputs : sequence of str, optional
        Headers of the features; default: every column of numbers but the life and the cell.
    cell : str or None
        Header of the column that names the cell, if it is there.
    designs : sequence of Approximation or Design, optional
        Try exactly these instead.
    level : float
        Of the intervals of new cells, between 0 and 1.
    outer : int or None
        Outer splits that judge the choice; None: none.
    seed : int
        Same seed, same result.
    n_jobs : int, optional
        Workers.
    progress : bool
        Show bars on standard error.

    Returns
    -------
    Lifetime

    Raises
    ------
    InputError
        The table cannot be used: a column is missing, a life is not positive, or there are too few cells.

    References
    ----------
    Severson et al. 2019, 10.1038/s41560-019-0356-8; Attia et al. 2021, 10.1149/1945-7111/ac2704.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> variance = rng.uniform(-5.0, -3.0, 20)
    >>> life = 10 ** (1.3 - 0.4 * variance + 0.02 * rng.normal(size=20))
    >>> table = pd.DataFrame({"log var": variance, "Q2 [Ah]": rng.normal(1.05, 0.01, 20), "life [cycles]": life})
    >>> found = lifetime(table, outer=None)
    >>> found.predict(table.head(2)).columns.tolist()
    ['life [cycles]', 'low life [cycles]', 'high life [cycles]', 'domain']
    """
    import pandas as pd

    frame = table if isinstance(table, pd.DataFrame) else read_table(table)
    frame = known_cells(frame, life)
    data = _dataset(frame, life, inputs, cell)
    if designs is None:
        designs = lifetime_designs(data.n_features)
    shared: dict[str, Any] = {"seed": seed, "n_jobs": n_jobs, "progress": progress}
    found = explore(data, designs, outer=outer, measure="relative", **shared)
    return Lifetime(found, _refitted(found, data), float(level))


def known_cells(table: pd.DataFrame, life: str = LIFE) -> pd.DataFrame:
    """Return the rows whose life is known.

    Raises
    ------
    ColumnError
        There is no such column.
    ArgumentError
        No row has a life.
    """
    if life not in table.columns:
        close = nearest(life, [str(name) for name in table.columns]) or list(map(str, table.columns[:8]))
        raise ColumnError(f"There is no column {life!r}; did you mean {joined(map(repr, close), 'or')}?")
    known = table[table[life].notna()]
    if not len(known):
        raise ArgumentError(f"The column {life!r} is empty; it must hold the life of some cells.")
    return known


def lifetime_designs(n_features: int) -> list[Design]:
    """Return the designs that `lifetime` tries for so many features.

    Examples
    --------
    >>> [design.approximation.label for design in lifetime_designs(2)]
    ['polynomial', 'polynomial', 'elastic net', 'partial least squares']
    """
    many = [ElasticNet(), Components()] if n_features > 1 else []
    singles = range(n_features) if n_features <= SINGLES else ()
    return [
        *(Design(Inputs(Polynomial(), columns=(j,)), y=Log()) for j in singles),
        *(Design(each, y=Log()) for each in many),
    ]


def _dataset(frame: pd.DataFrame, life: str, inputs: Sequence[str] | None, cell: str | None) -> Dataset:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    named = cell is not None and cell in frame.columns
    if inputs is None:
        plain = [str(c) for c in frame.columns if is_numeric_dtype(frame[c]) and not is_bool_dtype(frame[c])]
        inputs = [c for c in plain if c != life and not (named and c == cell)]
        if not inputs:
            raise ArgumentError("The table has no column of numbers beside the life; give at least one feature.")
    data = read(frame, list(inputs), life, groups=cell if named else None, name="cells")
    if not (data.y > 0).all():
        raise ArgumentError(f"{life!r} must be positive; leave out cells whose life is not known.")
    return data


def _refitted(found: Exploration, data: Dataset) -> Trend:
    """Fit the choice to the features that it sees, so that its domain is theirs alone."""
    design = found.selection.design
    seen = list(design.seen(data.n_features))
    if len(seen) == data.n_features:
        return fit(found, data)
    inner = design.approximation
    alone = clone(inner.approximation if isinstance(inner, Inputs) else inner)
    x = None if not isinstance(design.x, tuple | list) else [design.x[j] for j in seen]
    some = replace(data, X=data.X[:, seen], inputs=tuple(data.inputs[j] for j in seen))
    return fit(replace(found.selection, design=Design(alone, x=x, y=design.y)), some)
