"""The picture of a prognosis: predicted against observed, each row when its cell was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from ._prognosis import Prognosis

Array = np.ndarray
POINTS, LINE = "#2a6f97", "#444444"


class PrognosisDisplay:
    """Predicted against observed values.

    Parameters
    ----------
    observed, predicted : arrays of shape (n,)
        In the response's unit; NaN for rows that have no prediction.
    label : str
        The response with its unit.
    title : str
    scale : {"log", "linear"}
        Of both axes.
    """

    def __init__(
        self, *, observed: Array, predicted: Array, label: str, title: str = "", scale: str = "linear"
    ) -> None:
        self.observed, self.predicted, self.label, self.title, self.scale = observed, predicted, label, title, scale

    @classmethod
    def from_prognosis(cls, found: Prognosis) -> Self:
        """Take each prediction from the outer split that left the cell out, or else from the inner one."""
        one = found.exploration
        if one.outer is not None:
            off, title = one.outer.residual, "each cell left out of everything"
        else:
            place = one.best.sizes.index(one.selection.size)
            off = one.best.errors["residual"].values[place].mean(axis=0)
            title = "each cell left out of the fit, not of the choice"
        column, relative = one.data.response, found.what != one.data.response.name
        predicted = one.data.y * np.exp(off) if relative else one.data.y + off
        return cls(
            observed=one.data.y_user,
            predicted=column.from_si(predicted),
            label=column.header,
            title=title,
            scale="log" if relative else "linear",
        )

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw on ``ax`` (or a new figure); stores ``figure_``, ``ax_`` and ``points_``."""
        import matplotlib.pyplot as plt
        from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

        if ax is None:
            _, ax = plt.subplots(figsize=(4.6, 4.4), layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        told = np.isfinite(self.predicted)
        observed, predicted = self.observed[told], self.predicted[told]
        self.points_ = ax.plot(observed, predicted, "o", ms=4, alpha=0.7, mew=0, **{"color": POINTS, **style})
        ends = [min(observed.min(), predicted.min()), max(observed.max(), predicted.max())]
        ax.plot(ends, ends, "-", color=LINE, lw=0.8)
        ax.set(xscale=self.scale, yscale=self.scale, xlabel=f"observed {self.label}", ylabel=f"predicted {self.label}")
        if self.scale == "log":  # a range of less than a decade has few powers of ten to name
            for axis in (ax.xaxis, ax.yaxis):
                axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
                axis.set_major_formatter(ScalarFormatter())
                axis.set_minor_formatter(NullFormatter())
        ax.set_title(self.title, fontsize=9)
        return self
