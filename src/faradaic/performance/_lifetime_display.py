"""The picture of a lifetime prediction: predicted against observed life, each cell when it was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from ._lifetime import Lifetime

Array = np.ndarray
POINTS, LINE = "#2a6f97", "#444444"


class LifetimeDisplay:
    """Predicted against observed lives.

    Parameters
    ----------
    observed, predicted : arrays of shape (n,)
        In the unit of the life; NaN for cells that have no prediction.
    label : str
        The life with its unit.
    title : str
    """

    def __init__(self, *, observed: Array, predicted: Array, label: str, title: str = "") -> None:
        self.observed, self.predicted, self.label, self.title = observed, predicted, label, title

    @classmethod
    def from_lifetime(cls, found: Lifetime) -> Self:
        """Take each cell's prediction from the outer split that left it out, or else from the inner one."""
        one = found.exploration
        observed = one.data.y_user
        if one.outer is not None:
            off, title = one.outer.residual, "each cell left out of everything"
        else:
            place = one.best.sizes.index(one.selection.size)
            residual = one.best.errors["residual"].values[place]
            off, title = residual.mean(axis=0), "each cell left out of the fit, not of the choice"
        return cls(observed=observed, predicted=observed * np.exp(off), label=one.data.response.header, title=title)

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw on ``ax`` (or a new figure); stores ``figure_``, ``ax_`` and ``points_``."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(4.6, 4.4), layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        told = np.isfinite(self.predicted)
        observed, predicted = self.observed[told], self.predicted[told]
        self.points_ = ax.plot(observed, predicted, "o", ms=4, alpha=0.7, mew=0, **{"color": POINTS, **style})
        ends = [min(observed.min(), predicted.min()), max(observed.max(), predicted.max())]
        ax.plot(ends, ends, "-", color=LINE, lw=0.8)
        ax.set(xscale="log", yscale="log", xlabel=f"observed {self.label}", ylabel=f"predicted {self.label}")
        ax.set_title(self.title, fontsize=9)
        return self
