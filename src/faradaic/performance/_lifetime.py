"""How long cells will last, from a table of features: a design chosen on the cells whose life is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import ArgumentError
from faradaic.approximations import Components, Design, ElasticNet, Inputs, Log, Polynomial
from faradaic.landscape import explore

from ._features import CELL, LIFE
from ._prognosis import SINGLES, Prognosis, as_frame, dataset_of, known_rows, left_out_mean, refitted

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Lifetime(Prognosis):
    """What a table of features says of the life of cells; made by `lifetime`. Errors count in ln life."""

    @property
    def what(self) -> str:
        """The logarithm of the life."""
        return f"ln {self.trend.response.name}"

    @property
    def baseline(self) -> float:
        """Error of the mean of ln life of the other cells: what features must beat."""
        data = self.exploration.data
        return left_out_mean(np.log(data.y), data.condition_groups)


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
    data = dataset_of(known_rows(as_frame(table), life, "life"), life, inputs, cell)
    if not (data.y > 0).all():
        raise ArgumentError(f"{life!r} must be positive; leave out cells whose life is not known.")
    if designs is None:
        designs = lifetime_designs(data.n_features)
    shared: dict[str, Any] = {"seed": seed, "n_jobs": n_jobs, "progress": progress}
    found = explore(data, designs, outer=outer, measure="relative", **shared)
    return Lifetime(found, refitted(found, data), float(level))


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
