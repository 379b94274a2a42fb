"""Which ageing law cells follow, what they say of its parameters, and how far into years it reaches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import ArgumentError, FitError, joined, plural
from faradaic.approximations import Design, LawRegressor
from faradaic.data import read_inputs, read_table
from faradaic.identifiability import Identifiability, identify
from faradaic.landscape import Exploration, Landscape, explore
from faradaic.laws import Law, ageing_hierarchies
from faradaic.trend import Trend, fit

from ._ageing_draws import FittedLaw, fitted_law
from ._ageing_rows import AgeingRows, ageing_rows
from ._features import CELL

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
            With the columns of `rows`; units may differ, e.g. years for days.

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


def ageing(
    table: pd.DataFrame | str | Path,
    *,
    time: str = "t [d]",
    capacity: str = "q",
    temperature: str | None = None,
    soc: str | None = None,
    potential: str | None = None,
    cell: str = CELL,
    per: float | None = None,
    level: float = 0.9,
    draws: int = 200,
    outer: int | None = 5,
    seed: int = 0,
    n_jobs: int | None = None,
    progress: bool = False,
) -> Ageing:
    """Choose the law by which cells age, by its error on cells that were left out, and say what it is worth.

    Nested hierarchies of laws (`faradaic.laws.ageing_hierarchies`) are swept with splits by cell: square root, power
    law and sigmoidal; linear and square root plus linear; each with every choice of the conditions given, by Arrhenius,
    Tafel and exponential factors of the rate. Chosen is the law with the fewest parameters within one standard error of
    the smallest error. Intervals come from the differences between cells, not between rows, which are not independent.

    Parameters
    ----------
    table : DataFrame or path
        One row for each measurement.
    time : str
        Header of time, cycles or throughput.
    capacity : str
        Header of the capacity: relative (a pure number, or %), or in a unit of charge, which is divided by the first
        of its cell while time counts from there.
    temperature, soc, potential : str, optional
        Headers of conditions on which the rate may depend; ``potential`` is that of the negative electrode against
        lithium, instead of ``soc``.
    cell : str
        Header of the cell.
    per : float, optional
        Reference of the rate in the unit of ``time``: k is the loss then. Default: a year, or the length of the record.
    level : float
        Of the intervals, between 0 and 1.
    draws : int
        Random weightings of the cells behind the intervals, at least 20.
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
    Ageing

    Raises
    ------
    InputError
        The table cannot be used: a column is missing, a capacity makes no sense, or there are fewer than three cells.
    ArgumentError
        An argument has a value outside what is accepted.
    FitError
        The chosen law does not fit all rows together.

    References
    ----------
    Gasper, Gering, Dufek and Smith, J. Electrochem. Soc. 168 (2021) 020502, 10.1149/1945-7111/abdde1.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> t = np.tile([100.0, 200.0, 400.0, 600.0], 6)
    >>> q = 1 - np.repeat(rng.normal(0.03, 0.001, 6), 4) * np.sqrt(t / 365.25) + rng.normal(0, 3e-4, 24)
    >>> table = pd.DataFrame({"t [d]": t, "q": q, "cell": np.repeat(list("abcdef"), 4)})
    >>> found = ageing(table, draws=40, outer=None)
    >>> found.law.names, round(found["k"].value, 3)
    (('k',), 0.03)
    """
    if not 0 < level < 1:
        raise ArgumentError(f"level must lie between 0 and 1, got {level!r}.")
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 20:
        raise ArgumentError(f"draws must be a whole number of at least 20, got {draws!r}.")
    stresses = {"T": temperature, "U": potential, "s": soc}
    rows = ageing_rows(table, time, capacity, stresses, cell, per)
    designs = [Design(LawRegressor(0, laws=laws, inputs=rows.variables)) for laws in _hierarchies(rows)]
    shared: dict[str, Any] = {"seed": seed, "n_jobs": n_jobs, "progress": progress}
    found = explore(rows.data, designs, outer=outer, measure="absolute", **shared)
    trend = fit(found, rows.data)
    law = trend.design.approximation_.law  # pyright: ignore[reportAttributeAccessIssue]
    notes = [*rows.notes, *(f"Left out: {words}: {reason}" for words, reason in found.failures.items())]
    chosen, rivals = _fitted(law, _close(found, law, level, int(rows.cells.max()) + 1), rows, draws, seed, notes)
    columns = list(chosen.columns)
    seen = replace(rows.data, X=rows.data.X[:, columns], inputs=tuple(rows.data.inputs[j] for j in columns))
    identified = identify(law, seen, level=level, intervals="student", seed=seed)
    return Ageing(rows, found, trend, chosen, rivals, identified, float(level), tuple(notes))


def _hierarchies(rows: AgeingRows) -> list[tuple[Law, ...]]:
    unit = rows.time.si_unit
    return [laws for _, laws in ageing_hierarchies(rows.variables[1:], rows.per, unit)]


def _close(found: Exploration, chosen: Law, level: float, cells: int) -> dict[Law, float]:
    """Return the chosen law and those that the left-out cells do not tell from the best of all, with their errors.

    All were swept on the same splits. Student's one-sided test of the paired losses of the cells: a law that is a
    little worse on what was measured may yet be the one that holds for years.
    """
    from scipy.stats import t

    places = [(one, k, _law_of(one, k)) for one in found.landscapes for k in range(len(one.sizes))]
    places = [place for place in places if np.isfinite(place[0].test_error[place[1]])]
    best, at, _ = min(places, key=lambda place: float(place[0].test_error[place[1]]))
    least = best.row_losses[at]
    close = {}
    reach = float(t.ppf(level, cells - 1))
    for one, k, law in places:
        difference = one.row_losses[k] - least
        if law == chosen or difference.mean() <= reach * one.standard_error(difference):
            close[law] = float(one.test_error[k])
    return close


def _law_of(one: Landscape, place: int) -> Law:
    inner: Any = one.design.approximation
    return inner.laws[one.sizes[place]]


def _fitted(
    law: Law, close: dict[Law, float], rows: AgeingRows, draws: int, seed: int, notes: list[str]
) -> tuple[FittedLaw, tuple[FittedLaw, ...]]:
    X, y, cells = rows.data.X, rows.data.y, rows.cells

    def made(one: Law) -> FittedLaw:
        columns = tuple(rows.variables.index(name) for name in one.valid)
        return fitted_law(one, columns, X, y, cells, draws=draws, seed=seed, error=close.get(one, np.nan))

    chosen, rivals = made(law), []
    for one in close:
        if one == law:
            continue
        try:
            rivals.append(made(one))
        except FitError as error:
            notes.append(f"Left out of the extrapolation: {one.name}: {error}")
    bare = [one.law.name for one in (chosen, *rivals) if not len(one.draws)]
    notes += [f"Too many of the {draws} draws of {name} failed, so it has no interval." for name in bare]
    return chosen, tuple(rivals)
