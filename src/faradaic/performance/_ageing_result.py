"""What cells say of how they age: the law, its parameters, and capacities to come."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import ArgumentError, FitError, joined, plural
from faradaic.approximations import LawRegressor
from faradaic.data import read_inputs, read_table
from faradaic.identifiability import Identifiability
from faradaic.landscape import Exploration
from faradaic.laws import Law
from faradaic.trend import Trend

from ._ageing_draws import FittedLaw
from ._ageing_rows import AgeingRows

if TYPE_CHECKING:
    import pandas as pd

    from ._ageing_display import AgeingDisplay

Array = np.ndarray
# a parameter whose standard deviation over the draws is a larger share of its value is not three of them from nought
VAGUE = 1 / 3


@dataclass(frozen=True)
class AgeingParameter:
    """A parameter of the chosen law.

    Attributes
    ----------
    name : str
    value : float
        SI.
    low, high : float
        Interval by the differences between cells; NaN where the rows do not determine the parameter, or too many draws
        failed.
    unit : str
        SI unit.
    status : {"identified", "vague", "together", "not felt"}
        Determined by the rows; determined, but not to within a third of its size; only together with others; felt by
        no row.
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    status: str


@dataclass(frozen=True, eq=False)
class Ageing:
    """What cells say of how they age; made by `ageing`.

    Attributes
    ----------
    rows : AgeingRows
        Relative capacities and the conditions that vary.
    exploration : Exploration
        The hierarchies of laws, the choice by left-out cells, and its error on cells that took no part in choosing.
    trend : Trend
        The chosen law fitted to all rows; it knows its domain and saves itself.
    chosen : FittedLaw
        The same law with its draws.
    rivals : tuple of FittedLaw
        Laws that miss left-out cells by no more than the best of all, beyond chance at `level`: the data do not tell
        them apart, and beyond the data they part.
    identifiability : Identifiability
        Of the chosen law's parameters, from these rows.
    level : float
        Of the intervals.
    notes : tuple of str
        What the table does not say, and laws that could not be fitted.
    """

    rows: AgeingRows
    exploration: Exploration
    trend: Trend
    chosen: FittedLaw
    rivals: tuple[FittedLaw, ...]
    identifiability: Identifiability
    level: float
    notes: tuple[str, ...]

    @property
    def law(self) -> Law:
        """The chosen law."""
        return self.chosen.law

    @property
    def parameters(self) -> tuple[AgeingParameter, ...]:
        """The parameters of the chosen law with their intervals."""
        return tuple(self._parameter(j) for j in range(self.law.count))

    def __getitem__(self, name: str) -> AgeingParameter:
        if name not in self.law.names:
            raise ArgumentError(f"The chosen law has no parameter {name!r}; it has {joined(self.law.names)}.")
        return self._parameter(self.law.names.index(name))

    def _parameter(self, j: int) -> AgeingParameter:
        one, value = self.law.parameters[j], float(self.chosen.theta[j])
        status = str(self.identifiability[one.name].status)
        low, high = (np.nan, np.nan)
        if status in ("identified", "vague") and len(self.chosen.draws):
            low, high = self.chosen.parameter_interval(j, self.level)
            status = "vague" if float(self.chosen.draws[:, j].std()) > VAGUE * abs(value) else "identified"
        return AgeingParameter(one.name, value, low, high, one.unit or "", status)

    def predict(self, table: pd.DataFrame | str | Path) -> pd.DataFrame:
        """Return the relative capacity at other times and conditions, with intervals.

        Parameters
        ----------
        table : DataFrame or path
            With the columns of `rows`; units may differ, e.g. years for days. Time counts as it does there: from a
            cell's first capacity, where capacities were divided by that.

        Returns
        -------
        DataFrame
            The inputs, ``relative capacity``, ``low law`` and ``high law`` (of the trend of all cells), ``low cell``
            and ``high cell`` (of a measurement of a new cell), and ``domain``: ``"inside"`` or ``"outside"`` the times
            and conditions that the rows cover. Outside, the intervals span those of all laws that the data do not tell
            apart, and are NaN where a condition differs that never varied.

        Raises
        ------
        InputError
            A column is missing, or holds no numbers.
        """
        import pandas as pd

        frame: Any = table if isinstance(table, pd.DataFrame) else read_table(table)
        X = read_inputs(frame, self.trend.inputs)
        domain = self._where(X)
        unknown = self._elsewhere(frame)
        domain[unknown] = "outside"
        made = {c.header: c.from_si(X[:, j]) for j, c in enumerate(self.trend.inputs)}
        made[self.trend.response.header] = self.chosen.mean(X)
        for words, new_cell in (("law", False), ("cell", True)):
            low, high = self._interval(X, domain == "outside", new_cell)
            made |= {f"low {words}": np.where(unknown, np.nan, low), f"high {words}": np.where(unknown, np.nan, high)}
        return pd.DataFrame(made | {"domain": domain})

    def _where(self, X: Array) -> Array:
        # before the first measurement lies the fresh cell, of which every law says the same
        at = X.copy()
        at[:, 0] = np.where(X[:, 0] >= 0, np.maximum(X[:, 0], self.trend.domain.low[0]), X[:, 0])
        return np.where(self.trend.domain.inside(at), "inside", "outside")

    def _elsewhere(self, frame: Any) -> Array:
        """Return which rows name another value of a condition that never varied, (n,)."""
        unknown = np.zeros(len(frame), dtype=bool)
        for column, value in self.rows.constants:
            if column.header in frame.columns:
                unknown |= np.abs(read_inputs(frame, [column])[:, 0] - value) > 1e-9 * max(abs(value), 1.0)
        return unknown

    def _interval(self, X: Array, outside: Array, new_cell: bool) -> tuple[Array, Array]:
        low, high = self.chosen.interval(X, self.level, new_cell=new_cell)
        if outside.any():
            for one in self.rivals:
                below, above = one.interval(X[outside], self.level, new_cell=new_cell)
                low[outside], high[outside] = np.fmin(low[outside], below), np.fmax(high[outside], above)
        return low, high

    def hindcast(self, share: float = 0.5) -> pd.DataFrame:
        """Fit each law to the first part of the record alone and ask it for the rest: an extrapolation with answers.

        Parameters
        ----------
        share : float
            Of the longest time; the laws see rows up to there.

        Returns
        -------
        DataFrame
            For the chosen law and its rivals: ``law``, ``rows`` and ``later rows``, ``rmse`` and ``mean error`` of the
            later ones; NaN, with ``failure``, where a law cannot be fitted to the first part.

        Raises
        ------
        ArgumentError
            ``share`` is not between 0 and 1, or leaves no rows on one side.
        """
        import pandas as pd

        from ._ageing_words import law_in_words

        if not 0 < share < 1:
            raise ArgumentError(f"share must lie between 0 and 1, got {share!r}.")
        X, y = self.rows.data.X, self.rows.data.y
        early = X[:, 0] <= share * X[:, 0].max()
        if early.sum() < 2 or early.all():
            raise ArgumentError(
                f"share={share:g} leaves {plural(int(early.sum()), 'row')} to learn from; take another."
            )
        found = []
        for one in (self.chosen, *self.rivals):
            error, failure = np.full(1, np.nan), ""
            seen = X[:, list(one.columns)]
            try:
                model = LawRegressor(0, laws=(one.law,)).fit(seen[early], y[early])
                error = model.predict(seen[~early]) - y[~early]
            except FitError as reason:
                failure = str(reason)
            numbers = {"rmse": float(np.sqrt((error**2).mean())), "mean error": float(error.mean()), "failure": failure}
            found.append(
                {
                    "law": law_in_words(one.law, self.rows.time.name),
                    "rows": int(early.sum()),
                    "later rows": int((~early).sum()),
                }
                | numbers
            )
        return pd.DataFrame(found)

    def summary(self) -> str:
        """Return the choice, its parameters, and what the data do not say, in words."""
        from ._ageing_words import sentences

        return "\n".join(sentences(self))

    def __str__(self) -> str:
        return self.summary()

    def plot(self, ax: Any = None, **style: Any) -> AgeingDisplay:
        """Draw the capacities and the law with its interval, one colour for each condition."""
        from ._ageing_display import AgeingDisplay

        return AgeingDisplay.from_ageing(self).plot(ax=ax, **style)
