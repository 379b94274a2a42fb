"""Pictures of a trend, after scikit-learn's Display protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ._curves import bands_of, colours, curves_of, dilated, placed, settings_of

if TYPE_CHECKING:
    from ._trend import Trend

Array = np.ndarray
DATA, LINE, OUTSIDE = "#333333", "#1b6ca8", "#8a8f94"


class TrendDisplay:
    """The trend along one input, with the others at a few of their measured values.

    Parameters
    ----------
    grid : array of shape (q,)
        Values of the input drawn along, a little past the data on either side.
    curves, low, high : arrays of shape (k, q)
        Trend and the ends of its interval, one curve for each setting of the other inputs; NaN where there is none.
    inside : bool array of shape (k, q)
        Whether the domain of the data reaches there.
    ends : tuple of float
        Where the data begin and end along the input.
    labels : list of str
        The settings in words; empty strings without other inputs.
    x, y : arrays
        Data drawn as points, and which curve they belong to in ``curve`` (−1: none of them, not drawn).
    curve : int array
    words : tuple of four str
        Labels of the axes, title, and what the band is (empty: no band).
    """

    def __init__(
        self,
        *,
        grid: Array,
        curves: Array,
        band: tuple[Array, Array],
        inside: Array,
        ends: tuple[float, float],
        labels: list[str],
        points: tuple[Array, Array, Array],
        words: tuple[str, str, str, str],
    ) -> None:
        self.grid, self.curves, self.inside, self.ends, self.labels = grid, curves, inside, ends, labels
        self.low, self.high = band
        self.x, self.y, self.curve = points
        self.xlabel, self.ylabel, self.title, self.band = words

    @classmethod
    def from_trend(cls, trend: Trend, along: str | int = 0, settings: int = 4, level: float = 0.95) -> Self:
        """Compute the curves along one input, at up to ``settings`` measured values of the other inputs.

        The band is the interval of a new observation of this ``level``, or of the trend where there are too few rows
        for that.
        """
        j = trend._input(along)
        shown, of_row = settings_of(trend, j, settings)
        ends = trend.domain.low[j], trend.domain.high[j]
        grid, curves = curves_of(trend, j, shown, ends)
        Z = [placed(row, j, grid) for row in shown]
        inside = np.array([trend.domain.inside(each) for each in Z])
        low, high, band = bands_of(trend, Z, level)
        names = [c for k, c in enumerate(trend.inputs) if k != j]
        labels = [
            ", ".join(f"{c.name} = {float(c.from_si(v)):.3g} {c.unit}".strip() for c, v in zip(names, row, strict=True))
            for row in shown
        ]
        column = trend.inputs[j]
        return cls(
            grid=column.from_si(grid),
            curves=curves,
            band=(low, high),
            inside=inside,
            ends=(float(column.from_si(ends[0])), float(column.from_si(ends[1]))),
            labels=labels,
            points=(column.from_si(trend.X[:, j]), trend.response.from_si(trend.y), of_row),
            words=(column.header, trend.response.header, trend.label, band),
        )

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw on ``ax`` (or a new figure); stores ``figure_``, ``ax_`` and ``lines_``."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
        self.ax_, self.figure_, self.lines_ = ax, ax.figure, []
        for k, colour in enumerate(colours(len(self.curves))):
            mean, within = self.curves[k], self.inside[k]
            solid = np.where(within, mean, np.nan)
            self.lines_ += ax.plot(self.grid, solid, color=colour, lw=1.5, label=self.labels[k] or "trend", **style)
            ax.plot(self.grid, np.where(dilated(~within), mean, np.nan), ":", color=colour, lw=1.2)
            if self.band:
                ax.fill_between(self.grid, self.low[k], self.high[k], color=colour, alpha=0.2, lw=0)
            mine = self.curve == k
            ax.plot(self.x[mine], self.y[mine], "o", ms=4, color=colour, mec="white", mew=0.5)
        self._frame(ax)
        ax.set(xlabel=self.xlabel, ylabel=self.ylabel)
        ax.set_title("\n".join([self.title, *([f"(band: {self.band})"] if self.band else [])]), fontsize=9)
        ax.legend(frameon=False, fontsize=8)
        return self

    def _frame(self, ax: Any) -> None:
        """Shade what lies outside the data, and let the data and the trend inside them set the range of y."""
        left, right = sorted((self.grid[0], self.grid[-1]))
        for begin, end in ((left, min(self.ends)), (max(self.ends), right)):
            if end > begin:
                ax.axvspan(begin, end, color=OUTSIDE, alpha=0.15, lw=0, zorder=0)
        if right > left:  # not of a single condition
            ax.set_xlim(left, right)
        kept = [self.y[self.curve >= 0], self.curves[self.inside]]
        if self.band:
            kept += [self.low[self.inside], self.high[self.inside]]
        values = np.concatenate(kept)
        values = values[np.isfinite(values)]
        if self._logarithmic and values.max(initial=0.0) > 0:
            values = values[values > 0]
            ax.set_yscale("log")
            ax.set_ylim(values.min() / 1.3, values.max() * 1.3)
        elif np.ptp(values) > 0:
            room = 0.06 * np.ptp(values)
            ax.set_ylim(values.min() - room, values.max() + room)

    @property
    def _logarithmic(self) -> bool:
        shown = self.y[self.curve >= 0]
        return bool(len(shown) and shown.min() > 0 and shown.max() / shown.min() > 30)


class ParityDisplay:
    """Predicted against observed responses.

    Parameters
    ----------
    observed, predicted : arrays of shape (n,)
        In the response's unit.
    label : str
        The response with its unit.
    """

    def __init__(self, *, observed: Array, predicted: Array, label: str) -> None:
        self.observed, self.predicted, self.label = observed, predicted, label

    @classmethod
    def from_trend(cls, trend: Trend) -> Self:
        """Compute the predictions at the conditions that the trend was fitted to."""
        response = trend.response
        return cls(
            observed=response.from_si(trend.y),
            predicted=response.from_si(trend.design.predict(trend.X)),
            label=response.header,
        )

    @classmethod
    def from_predictions(cls, observed: Array, predicted: Array, label: str) -> Self:
        """Take predictions made elsewhere, e.g. on rows that were left out."""
        return cls(observed=observed, predicted=predicted, label=label)

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw on ``ax`` (or a new figure); stores ``figure_``, ``ax_`` and ``points_``."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(4.6, 4.4), layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        self.points_ = ax.plot(self.observed, self.predicted, "o", ms=3.5, alpha=0.6, color=LINE, mew=0, **style)
        ends = [min(self.observed.min(), self.predicted.min()), max(self.observed.max(), self.predicted.max())]
        ax.plot(ends, ends, "-", color=DATA, lw=0.8)
        if ends[0] > 0 and ends[1] / ends[0] > 30:
            ax.set(xscale="log", yscale="log")
        ax.set(xlabel=f"observed {self.label}", ylabel=f"predicted {self.label}", aspect="equal")
        return self
