"""The pictures of a surrogate: each row left out against what the model said, and what each parameter does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from faradaic._core import number

if TYPE_CHECKING:
    from ._interpolant import Interpolant
    from ._sensitivity import Sensitivity

Array = np.ndarray
POINTS, LINE, PALE = "#2a6f97", "#444444", "#a9c7d8"


class SurrogateDisplay:
    """What the other rows say of each row, against what the model said.

    Parameters
    ----------
    observed, predicted, std : arrays of shape (n,)
    label : str
        The response with its unit.
    title : str
    """

    def __init__(self, *, observed: Array, predicted: Array, std: Array, label: str, title: str = "") -> None:
        self.observed, self.predicted, self.std, self.label, self.title = observed, predicted, std, label, title

    @classmethod
    def from_interpolant(cls, part: Interpolant) -> Self:
        """Take the rows of one response of a `Surrogate`."""
        title = f"each row left out: {number(100 * part.share)} % of the spread"
        header = part.trend.response.header
        return cls(observed=part.observed, predicted=part.prediction, std=part.std, label=header, title=title)

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw on ``ax`` (or a new figure), with two standard deviations; stores ``figure_``, ``ax_``, ``points_``."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(4.6, 4.4), layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        given = {"color": POINTS, "fmt": "o", "ms": 3.5, "mew": 0, "elinewidth": 0.7, **style}
        self.points_ = ax.errorbar(self.observed, self.predicted, 2.0 * self.std, **given)
        ends = [float(self.observed.min()), float(self.observed.max())]
        ax.plot(ends, ends, "-", color=LINE, lw=0.8, zorder=0)
        ax.set(xlabel=f"model: {self.label}", ylabel=f"surrogate: {self.label}")
        ax.set_title(self.title, fontsize=9)
        return self


class SensitivityDisplay:
    """Sobol' indices as bars, the largest total on top.

    Parameters
    ----------
    sensitivity : Sensitivity
    """

    def __init__(self, sensitivity: Sensitivity) -> None:
        self.sensitivity = sensitivity

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw on ``ax`` (or a new figure); stores ``figure_``, ``ax_``, ``first_`` and ``total_``."""
        import matplotlib.pyplot as plt

        one = self.sensitivity
        if ax is None:
            _, ax = plt.subplots(figsize=(5.4, 1.3 + 0.35 * len(one.parameters)), layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        order = np.argsort(one.total)
        names = [one.parameters[j] for j in order]
        self.total_ = ax.barh(names, one.total[order], color=PALE, label="with interactions")
        self.first_ = ax.barh(names, one.first[order], height=0.4, **{"color": POINTS, "label": "alone", **style})
        ax.set(xlabel="share of the variance", xlim=(0, None))
        ax.set_title(one.response, fontsize=9)
        ax.legend(fontsize=8, loc="lower right")
        return self
