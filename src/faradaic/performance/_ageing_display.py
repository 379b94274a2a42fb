"""The picture of an ageing law: capacities of cells, the law at each condition, and its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from ._ageing_result import Ageing

Array = np.ndarray
MOST_CURVES = 6  # conditions that get a curve of their own


class AgeingDisplay:
    """Relative capacity against time.

    Parameters
    ----------
    time, capacity : arrays of shape (n,)
        The rows, time in its own unit.
    condition : int array of shape (n,)
        Which curve a row belongs to, -1 for none.
    curves : list of (str, array, array, array, array)
        Label, time, law, and the ends of its interval.
    label : str
        The axis of time.
    last : float
        Where the record ends.
    """

    def __init__(
        self, *, time: Array, capacity: Array, condition: Array, curves: list[tuple[str, Array, Array, Array, Array]],
        label: str, last: float,
    ) -> None:  # fmt: skip
        self.time, self.capacity, self.condition = time, capacity, condition
        self.curves, self.label, self.last = curves, label, last

    @classmethod
    def from_ageing(cls, found: Ageing, until: float | None = None) -> Self:
        """Take the law at up to six conditions, up to ``until`` (in the unit of time; default: the record's end)."""
        import pandas as pd

        column, data = found.rows.time, found.rows.data
        places, condition = np.unique(data.X[:, 1:], axis=0, return_inverse=True)
        shown = np.unique(np.linspace(0, len(places) - 1, min(len(places), MOST_CURVES)).astype(int))
        last = float(column.from_si(data.X[:, 0].max()))
        grid = np.linspace(0.0, last if until is None else until, 81)
        curves = []
        for place in shown:
            fixed = {c.header: c.from_si(places[place, j]) for j, c in enumerate(data.inputs[1:])}
            told = found.predict(pd.DataFrame({column.header: grid, **fixed}))
            words = ", ".join(f"{c.name} {float(fixed[c.header]):.4g} {c.unit}".strip() for c in data.inputs[1:])
            ends = (told[name].to_numpy() for name in (data.response.header, "low law", "high law"))
            curves.append((words, grid, *ends))
        order = {int(place): k for k, place in enumerate(shown)}
        colour = np.array([order.get(int(one), -1) for one in np.ravel(condition)])
        time = column.from_si(data.X[:, 0])
        return cls(time=time, capacity=data.y, condition=colour, curves=curves, label=column.header, last=last)

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw on ``ax`` (or a new figure); stores ``figure_``, ``ax_`` and ``lines_``."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(5.4, 3.8), layout="constrained")
        self.ax_, self.figure_, self.lines_ = ax, ax.figure, []
        rest = self.condition < 0
        ax.plot(self.time[rest], self.capacity[rest], ".", ms=3, color="0.7")
        for k, (label, grid, middle, low, high) in enumerate(self.curves):
            colour, own = f"C{k}", self.condition == k
            ax.plot(self.time[own], self.capacity[own], ".", ms=4, color=colour, alpha=0.6)
            self.lines_ += ax.plot(grid, middle, "-", label=label or None, **{"color": colour, "lw": 1.4, **style})
            ax.fill_between(grid, low, high, color=colour, alpha=0.15, lw=0)
        if self.curves and self.curves[0][1][-1] > self.last:
            ax.axvline(self.last, color="0.4", lw=0.8, ls=":")
        if any(curve[0] for curve in self.curves):
            ax.legend(fontsize=8)
        ax.set(xlabel=self.label, ylabel="relative capacity")
        return self
