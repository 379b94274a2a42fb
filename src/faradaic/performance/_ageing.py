"""Which ageing law cells follow: nested hierarchies, chosen by their error on cells that were left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import ArgumentError, FitError
from faradaic.approximations import Design, LawRegressor
from faradaic.identifiability import identify
from faradaic.landscape import Exploration, Landscape, explore
from faradaic.laws import Law, ageing_hierarchies
from faradaic.trend import fit

from ._ageing_draws import FittedLaw, fitted_law
from ._ageing_result import Ageing
from ._ageing_rows import AgeingRows, ageing_rows
from ._features import CELL

if TYPE_CHECKING:
    import pandas as pd


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
        if law == chosen or difference.mean() <= reach * one.standard_error(difference) + 1e-9 * least.mean():
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
