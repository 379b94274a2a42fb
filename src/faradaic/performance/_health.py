"""The state of a cell now, or what is left of it, from features of a charge or of an impedance spectrum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import ArgumentError
from faradaic.approximations import Components, Design, ElasticNet, GaussianProcess, Inputs, Polynomial
from faradaic.data import leaks
from faradaic.landscape import explore

from ._features import CELL
from ._prognosis import SINGLES, Prognosis, as_frame, dataset_of, known_rows, refitted

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray
# so many inputs are points of a curve, which move together: choosing among them takes minutes and tells nothing
CURVE = 60


@dataclass(frozen=True, eq=False)
class Health(Prognosis):
    """What features say of the state of cells; made by `health`. Errors count in the unit of the response."""

    def judge(self, table: pd.DataFrame | str | Path) -> dict[str, float]:
        """Return how well rows that took no part are told.

        Parameters
        ----------
        table : DataFrame or path
            With the features and the response; rows whose response is empty are left out.

        Returns
        -------
        dict
            ``rmse`` (unit of the response), ``r2``, ``mape`` (share of the response; NaN if it reaches 0),
            ``told`` (share of rows that have an interval), ``coverage`` of these intervals, ``width`` (their median, in
            the unit of the response), ``outside`` (share of rows outside the domain) and ``rows``.

        Warns
        -----
        LeakWarning
            Rows of the table are rows that were trained on.

        Raises
        ------
        InputError
            A column is missing or holds no number.
        """
        header = self.trend.response.header
        frame = known_rows(as_frame(table), header, "response")
        data = dataset_of(frame, header, self.inputs, None)
        leaks(self.trend.data, data)
        said, y = self.predict(frame), data.y_user
        off = said[header].to_numpy() - y
        low, high = said[f"low {header}"].to_numpy(), said[f"high {header}"].to_numpy()
        told = np.isfinite(low) & np.isfinite(high)
        inside = (low[told] <= y[told]) & (y[told] <= high[told])
        return {
            "rmse": float(np.sqrt(np.mean(off**2))),
            "r2": float(1.0 - (off**2).sum() / ((y - y.mean()) ** 2).sum()) if np.ptp(y) > 0 else float("nan"),
            "mape": float(np.mean(np.abs(off / y))) if (y != 0).all() else float("nan"),
            "told": float(told.mean()),
            "coverage": float(inside.mean()) if told.any() else float("nan"),
            "width": float(np.median((high - low)[told])) if told.any() else float("nan"),
            "outside": float((said["domain"] == "outside").mean()),
            "rows": float(len(y)),
        }


def health(
    table: pd.DataFrame | str | Path,
    y: str,
    *,
    inputs: Sequence[str] | None = None,
    cell: str | None = CELL,
    designs: Sequence[Any] | None = None,
    level: float = 0.9,
    splits: Any = None,
    outer: Any = 5,
    seed: int = 0,
    n_jobs: int | None = None,
    progress: bool = False,
) -> Health:
    """Choose, on cells that are known, how features tell a capacity or a remaining life, and how well for new cells.

    Rows of one cell stay together in every split, so that all errors and intervals are those of cells that were never
    seen.

    Parameters
    ----------
    table : DataFrame or path
        One row for each charge or spectrum: features, the response, and the cell.
    y : str
        Header of the response, such as ``"capacity [mAh]"``. Rows where it is empty are left out.
    inputs : sequence of str, optional
        Headers of the features; default: every column of numbers but the response and the cell.
    cell : str or None
        Header of the column that names the cell.
    designs : sequence of Approximation or Design, optional
        Try exactly these; default `health_designs`.
    level : float
        Of the intervals of new cells, between 0 and 1.
    splits : int or scikit-learn splitter, optional
        Inner splits; default as `faradaic.explore` chooses them: by cell.
    outer : int, splitter or None
        Splits that judge the choice; None: none.
    seed : int
        Same seed, same result.
    n_jobs : int, optional
        Workers.
    progress : bool
        Show bars on standard error.

    Returns
    -------
    Health

    Raises
    ------
    InputError
        The table cannot be used: a column is missing, or there are too few cells.

    References
    ----------
    Zhang et al. 2020, 10.1038/s41467-020-15235-7 (impedance); Wang et al. 2024, 10.1038/s41467-024-48779-z (charges).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> R = rng.uniform(10.0, 20.0, 48)
    >>> table = pd.DataFrame({"cell": np.repeat(list("abcdef"), 8), "R1 [mohm]": R, "Q [mAh]": 50 - R})
    >>> table["Q [mAh]"] += 0.1 * rng.normal(size=48)
    >>> found = health(table, "Q [mAh]", outer=None, designs=[Polynomial()])
    >>> found.learned, found.predict(table.head(1)).columns.tolist()
    (True, ['cell', 'Q [mAh]', 'low Q [mAh]', 'high Q [mAh]', 'domain'])
    """
    if not 0 < level < 1:
        raise ArgumentError(f"level must lie between 0 and 1, got {level!r}.")
    data = dataset_of(known_rows(as_frame(table), y, "response"), y, inputs, cell)
    if designs is None:
        designs = health_designs(data.n_features)
    found = explore(
        data, designs, splits=splits, outer=outer, measure="absolute", seed=seed, n_jobs=n_jobs, progress=progress
    )
    return Health(found, refitted(found, data), float(level))


def health_designs(n_features: int) -> list[Design]:
    """Return the designs that `health` tries for so many features.

    Examples
    --------
    >>> [design.approximation.label for design in health_designs(120)]
    ['partial least squares', 'principal components']
    """
    if n_features == 1:
        return [Design(Polynomial()), Design(GaussianProcess())]
    components = [Design(Components()), Design(Components(kind="pca"))]
    if n_features > CURVE:
        return components
    many = [Design(ElasticNet()), *components[:1]]
    if n_features > SINGLES:
        return [*many, *components[1:]]
    alone = [Design(Inputs(Polynomial(), columns=(j,))) for j in range(n_features)]
    return [*alone, *many, Design(Polynomial()), Design(GaussianProcess())]
