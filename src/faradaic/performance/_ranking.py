"""Which inputs matter, by the length scales of a Gaussian process, and how sure the ranking is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from faradaic._core import ArgumentError, FitError, generator, run_all
from faradaic.approximations import GaussianProcess
from faradaic.data import Dataset

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray
Kernel = Literal["rbf", "matern32", "matern52"]


@dataclass(frozen=True, eq=False)
class InputRanking:
    """Length scales of all inputs, once for all rows and once for every resampling of the cells.

    Attributes
    ----------
    headers : tuple of str
    lengthscale : array of shape (p,)
        In standard deviations of each input, fitted to all cells; a short one matters.
    resampled : array of shape (b, p)
        The same for cells drawn with replacement.
    failures : tuple of str
        Why resamplings have no result.
    """

    headers: tuple[str, ...]
    lengthscale: Array
    resampled: Array
    failures: tuple[str, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """One row for each input, the most relevant first.

        Columns are the place (from 1) of the input among the inputs, its length scale, its rank, the 5 to 95 %
        range of its rank over resamplings, and the share of resamplings in which it came first, and among the first
        five.
        """
        import pandas as pd

        rank = _ranks(self.lengthscale[None])[0]
        others = _ranks(self.resampled)
        low, high = np.percentile(others, [5, 95], axis=0, method="nearest")
        made = pd.DataFrame(
            {
                "input": self.headers,
                "place": np.arange(1, len(rank) + 1),
                "length scale": self.lengthscale,
                "rank": rank,
                "rank low": low.astype(int),
                "rank high": high.astype(int),
                "first": (others == 1).mean(axis=0),
                "among five": (others <= 5).mean(axis=0),
            }
        )
        return made.sort_values("rank", ignore_index=True)

    @property
    def sure(self) -> bool:
        """Whether the same input comes first in 90 % of the resamplings."""
        return bool((_ranks(self.resampled) == 1).mean(axis=0).max() >= 0.9)

    def summary(self) -> str:
        """Return the first inputs and how sure their order is, in words."""
        first = self.table.iloc[0]
        sure = "" if self.sure else " The ranking is not sure: other cells would give another one."
        return (
            f"{first['input']} comes first, and in {first['first']:.0%} of {len(self.resampled)} resamplings of the "
            f"cells; its rank lies between {first['rank low']} and {first['rank high']} in nine of ten.{sure}"
        )

    def __str__(self) -> str:
        return self.summary()

    def plot(self, ax: Any = None, **style: Any) -> Any:
        """Draw the share of resamplings in which each input is among the first five; returns the axes."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
        share = (_ranks(self.resampled) <= 5).mean(axis=0)
        ax.bar(np.arange(1, len(share) + 1), share, **{"color": "#2a6f97", "width": 1.0, **style})
        ax.set(xlabel="place of the input", ylabel="share of resamplings\namong the first five", ylim=(0, 1))
        return ax


def input_ranking(
    data: Dataset,
    *,
    resamplings: int = 50,
    rows: int = 300,
    kernel: Kernel = "rbf",
    seed: int = 0,
    n_jobs: int | None = None,
) -> InputRanking:
    """Rank inputs by automatic relevance determination, and ask how sure the ranking is.

    A Gaussian process with one length scale for each input is fitted to rows that are spread evenly over each cell.
    Then cells are drawn with replacement and everything is done again: inputs that vary together, such as neighbouring
    frequencies of a spectrum, take turns, and only a rank that survives is one.

    Parameters
    ----------
    data : Dataset
        With groups (cells), at least 3.
    resamplings : int
        >= 2.
    rows : int
        Most rows for one fit, shared by its cells.
    kernel : str
        Of `faradaic.approximations.GaussianProcess`.
    seed : int
        Same seed, same draws.
    n_jobs : int, optional
        Workers.

    Raises
    ------
    ArgumentError
        There are fewer than 3 groups, or a number is out of its range.
    FitError
        No fit succeeded.

    References
    ----------
    Rasmussen & Williams 2006, section 5.1; Zhang et al. 2020, 10.1038/s41467-020-15235-7.

    Examples
    --------
    >>> import pandas as pd
    >>> from faradaic.data import read
    >>> rng = np.random.default_rng(0)
    >>> table = pd.DataFrame(rng.normal(size=(60, 3)), columns=["a", "b", "c"])
    >>> table["y"], table["cell"] = np.sin(2.0 * table["b"]), np.repeat(range(6), 10)
    >>> input_ranking(read(table, x=["a", "b", "c"], y="y", groups="cell"), resamplings=3).table["input"][0]
    'b'
    """
    from functools import partial

    cells = [] if data.groups is None else [np.flatnonzero(data.groups == g) for g in np.unique(data.groups)]
    if len(cells) < 3:
        raise ArgumentError(
            f"A ranking needs at least 3 cells to resample, got {len(cells)}; read the data with groups."
        )
    if resamplings < 2 or rows < 10:
        raise ArgumentError(f"There must be at least 2 resamplings and 10 rows, got {resamplings} and {rows}.")
    rng = generator(seed)
    draws = [np.arange(len(cells)), *(rng.integers(len(cells), size=len(cells)) for _ in range(resamplings))]
    tasks = [partial(_lengthscale, data, [cells[k] for k in draw], rows, kernel) for draw in draws]
    found = run_all(tasks, n_jobs)
    kept = [one for one in found[1:] if not isinstance(one, str)]
    if isinstance(found[0], str) or not kept:
        raise FitError(f"no process could be fitted: {next(one for one in found if isinstance(one, str))}")
    reasons = tuple(one for one in found if isinstance(one, str))
    return InputRanking(tuple(c.header for c in data.inputs), found[0], np.array(kept), reasons)


def _lengthscale(data: Dataset, cells: list[Array], rows: int, kernel: Kernel) -> Array | str:
    each = max(rows // len(cells), 2)
    # a cell that is drawn twice gives twice as many rows, all different: equal ones would say that there is no noise
    times = Counter(int(cell[0]) for cell in cells)
    chosen = [
        cell[np.unique(np.linspace(0, len(cell) - 1, min(len(cell), times[first] * each)).astype(int))]
        for first, cell in {int(cell[0]): cell for cell in cells}.items()
    ]
    some = np.concatenate(chosen)
    try:
        return GaussianProcess(kernel=kernel).fit(data.X[some], data.y[some]).lengthscale_
    except FitError as error:
        return str(error)


def _ranks(lengthscale: Array) -> Array:
    """Return the rank of each column in its row, from 1."""
    return lengthscale.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable") + 1
