"""The picture of degradation modes: a bar with its interval for each that is identified, words for the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from ._modes import DegradationModes
    from ._told import Told

Array = np.ndarray
BAR, LINE = "#2a6f97", "#222222"


class ModesDisplay:
    """Losses in percent.

    Parameters
    ----------
    names : sequence of str
    value, low, high : arrays of shape (m,)
        In percent; NaN for modes that are open.
    """

    def __init__(self, *, names: Sequence[str], value: Array, low: Array, high: Array) -> None:
        self.names, self.value, self.low, self.high = list(names), value, low, high

    @classmethod
    def from_modes(cls, found: DegradationModes) -> Self:
        """Take the modes."""
        return cls.from_told(found.quantities)

    @classmethod
    def from_told(cls, told: Sequence[Told]) -> Self:
        """Take quantities that are shares."""
        value, low, high = (100.0 * np.array([getattr(one, end) for one in told]) for end in ("value", "low", "high"))
        return cls(names=[one.name for one in told], value=value, low=low, high=high)

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw on ``ax`` (or a new figure); stores ``figure_``, ``ax_`` and ``bars_``."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(4.6, 2.4), layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        places = np.arange(len(self.names))[::-1]
        told = np.isfinite(self.value)
        self.bars_ = ax.barh(places[told], self.value[told], height=0.6, **{"color": BAR, "alpha": 0.5, **style})
        for place, low, high in zip(places[told], self.low[told], self.high[told], strict=True):
            ax.plot([low, high], [place, place], color=LINE, lw=1.6, solid_capstyle="butt")
        for place in places[~told]:
            ax.text(0.0, place, "  open", va="center", style="italic", color=LINE)
        ax.axvline(0.0, color=LINE, lw=0.6)
        ax.set(yticks=places, yticklabels=self.names, xlabel="loss [%]", ylim=(-0.6, len(self.names) - 0.4))
        if not told.any():
            ax.set_xlim(0.0, 1.0)
        return self
