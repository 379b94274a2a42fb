"""Means of groups of cells, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import ArgumentError, ColumnError, nearest, number

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class GroupMean:
    """Mean of one group.

    Attributes
    ----------
    group : tuple
        The group's values of the columns that name it.
    count : int
        Cells in it.
    mean, std : float
        Mean and standard deviation of one cell, in the unit of the column; the latter NaN for a single cell.
    low, high : float
        Interval of the mean by Student's t; NaN for a single cell.
    level : float
    """

    group: tuple
    count: int
    mean: float
    std: float
    low: float
    high: float
    level: float

    def __str__(self) -> str:
        return (
            f"{', '.join(map(str, self.group))}: {number(self.mean)} ± {number(self.std, 2)} (n = {self.count}), mean "
            f"from {number(self.low)} to {number(self.high)} at {number(100 * self.level)} %"
        )


def group_means(table: pd.DataFrame, by: list[str], y: str, level: float = 0.95) -> list[GroupMean]:
    """Return mean, scatter and Student's interval of the mean of each group of cells.

    Parameters
    ----------
    table : DataFrame
        One row for each cell.
    by : list of str
        Columns that name the group, jointly.
    y : str
        Column of what is averaged, e.g. cycles to 70 %.
    level : float
        Between 0 and 1.

    Raises
    ------
    ColumnError
        A column is missing.
    ArgumentError
        The level lies outside, or a value is not finite.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"T": [25, 25, 25, 45], "life": [350.0, 360.0, 370.0, 380.0]})
    >>> print(group_means(table, ["T"], "life")[0])
    25: 360 ± 10 (n = 3), mean from 335 to 385 at 95 %
    """
    from scipy.stats import t

    for name in (*by, y):
        if name not in table.columns:
            close = nearest(name, [str(column) for column in table.columns])
            raise ColumnError(f"There is no column {name!r}{f'; did you mean {close[0]!r}?' if close else '.'}")
    if not 0 < level < 1:
        raise ArgumentError(f"level must lie between 0 and 1, got {level!r}.")
    if not np.isfinite(table[y].to_numpy(np.float64)).all():
        raise ArgumentError(f"The column {y!r} must hold a number in every row; leave out the others.")
    made = []
    for group, rows in table.groupby(by, sort=True):
        values = rows[y].to_numpy(np.float64)
        count, mean = len(values), float(values.mean())
        std, reach = float("nan"), float("nan")
        if count > 1:
            std = float(values.std(ddof=1))
            reach = float(t.ppf(0.5 + 0.5 * level, count - 1)) * std / np.sqrt(count)
        made.append(GroupMean(tuple(group), count, mean, std, mean - reach, mean + reach, level))
    return made
