"""Pictures of a trend, after scikit-learn's Display protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from ._trend import Trend

Array = np.ndarray
DATA, LINE = "#333333", "#1b6ca8"
POINTS = 200


class TrendDisplay:
    """The trend along one input, with the others at a few of their measured values.

    Parameters
    ----------
    grid : array of shape (q,)
        Values of the input drawn along.
    curves, stds : arrays of shape (k, q)
        Trend and its standard deviation, one curve for each setting of the other inputs.
    labels : list of str
        The settings in words; empty strings without other inputs.
    x, y : arrays
        Data drawn as points, and which curve they belong to in ``curve`` (−1: none of them, not drawn).
    curve : int array
    xlabel, ylabel, title : str
    """

    def __init__(
        self,
        *,
        grid: Array,
        curves: Array,
        stds: Array,
        labels: list[str],
        x: Array,
        y: Array,
        curve: Array,
        words: tuple[str, str, str],
    ) -> None:
        self.grid, self.curves, self.stds, self.labels = grid, curves, stds, labels
        self.x, self.y, self.curve = x, y, curve
        self.xlabel, self.ylabel, self.title = words

    @classmethod
    def from_trend(cls, trend: Trend, along: str | int = 0, settings: int = 4) -> Self:
        """Compute the curves along one input, at up to ``settings`` measured values of the other inputs."""
        j = trend._input(along)
        others = np.delete(trend.X, j, axis=1)
        levels, of_row, counts = np.unique(others, axis=0, return_inverse=True, return_counts=True)
        of_row = of_row.ravel()
        # the best covered settings, spread over their range
        often = np.flatnonzero(counts >= np.sort(counts)[::-1][: 4 * settings].min())
        shown = often[np.unique(np.round(np.linspace(0, len(often) - 1, min(settings, len(often)))).astype(int))]
        if others.shape[1] == 0:
            shown = np.array([0])
        grid = np.linspace(trend.domain.low[j], trend.domain.high[j], POINTS)
        curves, stds = [], []
        for level in levels[shown]:
            Z = np.insert(np.tile(level, (POINTS, 1)), j, grid, axis=1)
            mean, std = trend.design.predict(Z, return_std=True)
            curves.append(trend.response.from_si(mean))
            stds.append(trend.response.spread_from_si(std))
        names = [c for k, c in enumerate(trend.inputs) if k != j]
        labels = [
            ", ".join(f"{c.name} = {float(c.from_si(v)):.3g} {c.unit}".strip() for c, v in zip(names, row, strict=True))
            for row in levels[shown]
        ]
        place = np.full(len(levels), -1)
        place[shown] = np.arange(len(shown))
        return cls(
            grid=trend.inputs[j].from_si(grid),
            curves=np.array(curves),
            stds=np.array(stds),
            labels=labels,
            x=trend.inputs[j].from_si(trend.X[:, j]),
            y=trend.response.from_si(trend.y),
            curve=place[of_row],
            words=(trend.inputs[j].header, trend.response.header, trend.label),
        )

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw on ``ax`` (or a new figure); stores ``figure_``, ``ax_`` and ``lines_``."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
        self.ax_, self.figure_, self.lines_ = ax, ax.figure, []
        colours = plt.get_cmap("viridis")(np.linspace(0.1, 0.85, max(len(self.curves), 1)))
        for k, (mean, std) in enumerate(zip(self.curves, self.stds, strict=True)):
            self.lines_ += ax.plot(self.grid, mean, color=colours[k], lw=1.5, label=self.labels[k] or "trend", **style)
            if np.isfinite(std).all():
                ax.fill_between(self.grid, *self._band(mean, std), color=colours[k], alpha=0.2, lw=0)
            mine = self.curve == k
            ax.plot(self.x[mine], self.y[mine], "o", ms=4, color=colours[k], mec="white", mew=0.5)
        shown = self.y[self.curve >= 0]
        if self._logarithmic:
            ax.set_yscale("log")
            ax.set_ylim(shown.min() / 2, shown.max() * 2)
        ax.set(xlabel=self.xlabel, ylabel=self.ylabel)
        ax.set_title(f"{self.title}\n(band: one standard deviation of the trend)", fontsize=9)
        ax.legend(frameon=False, fontsize=8)
        return self

    @property
    def _logarithmic(self) -> bool:
        shown = self.y[self.curve >= 0]
        return bool(len(shown) and shown.min() > 0 and shown.max() / shown.min() > 30)

    def _band(self, mean: Array, std: Array) -> tuple[Array, Array]:
        """Return one standard deviation to either side; on a logarithmic axis, of the logarithm."""
        if not (self._logarithmic and (mean > 0).all()):
            return mean - std, mean + std
        factor = np.exp(np.minimum(std / mean, 50.0))
        return mean / factor, mean * factor


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
