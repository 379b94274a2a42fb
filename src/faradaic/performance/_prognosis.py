"""What a table of features says of cells: a design chosen on those that are known, its error on cells that took no
part, and predictions with intervals for others.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone

from faradaic._core import ArgumentError, ColumnError, IntervalError, OutsideDomainWarning, joined, nearest, number
from faradaic.approximations import Inputs
from faradaic.data import Dataset, read, read_inputs, read_table
from faradaic.landscape import Exploration, verdict
from faradaic.trend import Trend, fit

from ._features import CELL

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ._prognosis_display import PrognosisDisplay

Array = np.ndarray
# with more inputs than these the best single one is left to the elastic net, which finds it without a design for each
SINGLES = 12


@dataclass(frozen=True, eq=False)
class Prognosis:
    """What a table of features says of a property of cells.

    Attributes
    ----------
    exploration : Exploration
        Which designs were tried on the cells that are known, what was chosen, and its error on cells that took no part.
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
        """Return the property of other rows, with intervals.

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
        import pandas as pd

        frame = as_frame(table)
        X = read_inputs(frame, self.trend.inputs)
        at = pd.DataFrame({c.header: c.from_si(X[:, j]) for j, c in enumerate(self.trend.inputs)})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OutsideDomainWarning)  # the column `domain` says it, row by row
            told = self.trend.predict(at)
            try:
                low, high = self.trend.interval(at, self.level, outside="widen")
            except IntervalError:
                low, high = self._inside_only(at)
        unit = self.trend.response.header
        made = pd.DataFrame({unit: told, f"low {unit}": low, f"high {unit}": high, "domain": self.trend.where(at)})
        if CELL in frame.columns:
            made.insert(0, CELL, [str(name) for name in frame[CELL].tolist()])
        return made

    def _inside_only(self, at: pd.DataFrame) -> tuple[Array, Array]:
        try:
            return self.trend.interval(at, self.level)
        except IntervalError:
            return np.full(len(at), np.nan), np.full(len(at), np.nan)

    @property
    def what(self) -> str:
        """The property in the scale in which errors count."""
        return self.trend.response.name

    @property
    def baseline(self) -> float:
        """Error of the mean of the other cells, in the response's unit: what features must beat."""
        data = self.exploration.data
        return float(data.response.spread_from_si(left_out_mean(data.y, data.condition_groups)))

    @property
    def learned(self) -> bool:
        """Whether the error on cells that took no part is smaller than `baseline`, by more than its standard error."""
        one = self.exploration
        error = one.selection.standard_error if one.outer is None else one.outer.standard_error
        return one.error + error < self.baseline

    @property
    def against_the_mean(self) -> str:
        """Whether the features tell more than the mean of the other cells, in words."""
        told = "the features tell more." if self.learned else "the features tell no more than that."
        return f"The mean of the other cells errs by {number(self.baseline)} in {self.what}: {told}"

    def summary(self) -> str:
        """Return the choice, its error on cells that took no part in it, and what holds for new cells, in words."""
        return "\n".join([*verdict(self.exploration), self.against_the_mean, *self.trend.summary().splitlines()[-2:]])

    def __str__(self) -> str:
        return self.summary()

    def plot(self, ax: Any = None, **style: Any) -> PrognosisDisplay:
        """Draw what is known against what was predicted of each row when its cell was left out."""
        from ._prognosis_display import PrognosisDisplay

        return PrognosisDisplay.from_prognosis(self).plot(ax=ax, **style)


def left_out_mean(y: Array, groups: Array | None) -> float:
    """Return the root mean square of each value from the mean of those of other groups; NaN if there is one group.

    Examples
    --------
    >>> left_out_mean(np.array([0.0, 1.0]), None), left_out_mean(np.array([0.0, 1.0]), np.array([0, 0]))
    (1.0, nan)
    """
    labels = np.arange(len(y)) if groups is None else np.unique(groups, return_inverse=True)[1]
    counts, sums = np.bincount(labels), np.bincount(labels, y)
    if len(counts) < 2:
        return float("nan")
    others = (y.sum() - sums) / (len(y) - counts)
    return float(np.sqrt(np.mean((y - others[labels]) ** 2)))


def as_frame(table: pd.DataFrame | str | Path) -> pd.DataFrame:
    """Return the table itself, or that of a file."""
    return read_table(table) if isinstance(table, str | Path) else table


def known_rows(table: pd.DataFrame, header: str, what: str) -> pd.DataFrame:
    """Return the rows whose response is known.

    Raises
    ------
    ColumnError
        There is no such column.
    ArgumentError
        No row has a value.
    """
    if header not in table.columns:
        close = nearest(header, [str(name) for name in table.columns]) or list(map(str, table.columns[:8]))
        raise ColumnError(f"There is no column {header!r}; did you mean {joined(map(repr, close), 'or')}?")
    known = table[table[header].notna()]
    if not len(known):
        raise ArgumentError(f"The column {header!r} is empty; it must hold the {what} of some cells.")
    return known


def dataset_of(frame: pd.DataFrame, y: str, inputs: Sequence[str] | None, cell: str | None) -> Dataset:
    """Return the rows as data, those of one cell as a group; inputs are all columns of numbers unless named."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    named = cell is not None and cell in frame.columns
    if inputs is None:
        plain = [str(c) for c in frame.columns if is_numeric_dtype(frame[c]) and not is_bool_dtype(frame[c])]
        inputs = [c for c in plain if c != y and not (named and c == cell)]
        if not inputs:
            raise ArgumentError(f"The table has no column of numbers beside {y!r}; give at least one feature.")
    return read(frame, list(inputs), y, groups=cell if named else None, name="cells")


def refitted(found: Exploration, data: Dataset) -> Trend:
    """Fit the choice to the features that it sees, so that its domain is theirs alone."""
    design = found.selection.design
    seen = list(design.seen(data.n_features))
    if len(seen) == data.n_features:
        return fit(found, data)
    inner = design.approximation
    alone = clone(inner.approximation if isinstance(inner, Inputs) else inner)
    x = None if not isinstance(design.x, tuple | list) else [design.x[j] for j in seen]
    some = replace(data, X=data.X[:, seen], inputs=tuple(data.inputs[j] for j in seen))
    return fit(replace(found.selection, design=replaced(design, alone, x)), some)


def replaced(design: Any, alone: Any, x: Any) -> Any:
    """Return the design with another approximation and other transforms of inputs."""
    return clone(design).set_params(approximation=alone, x=x)
