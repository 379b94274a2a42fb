"""The picture of knees: curves, the breaks on them, and how far these may lie off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from ._knees import Knees

Array = np.ndarray
CURVE, POINT, ONSET = "#6b7680", "#c8502d", "#2a6f97"
APART = 12  # curves with more company than this are drawn without intervals: they would hide each other


class KneesDisplay:
    """Curves with their knees and onsets.

    Parameters
    ----------
    curves : list of (cycle, share) arrays
        Each cell's cycles, and what was left as % of the reference.
    knee, onset : arrays of shape (k, 4)
        Of cells that have one: cycle, low and high end of the interval, and what was left there, %.
    rising : bool
    level : float
    """

    def __init__(
        self, *, curves: list[tuple[Array, Array]], knee: Array, onset: Array, rising: bool, level: float
    ) -> None:
        self.curves, self.knee, self.onset, self.rising, self.level = curves, knee, onset, rising, level

    @classmethod
    def from_knees(cls, found: Knees) -> Self:
        """Collect what is drawn."""
        curves = []
        for cell in found.cells:
            there = np.isfinite(cell.capacity)
            if there.any():
                whole = cell.capacity[there][0] if found.reference is None else found.reference
                curves.append((cell.cycle[there], 100 * cell.capacity[there] / whole))
        points = [
            found.found[[f"{name} [cycles]", f"low {name} [cycles]", f"high {name} [cycles]", f"at {name} [%]"]]
            for name in ("knee", "onset")
        ]
        knee, onset = (one.to_numpy(np.float64) for one in points)
        return cls(curves=curves, knee=knee, onset=onset, rising=found.rising, level=found.level)

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw on ``ax`` (or a new figure); stores ``figure_``, ``ax_``, ``curves_`` and ``points_``."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        thin = {"color": CURVE, "lw": 0.8, "alpha": 0.7, **style}
        self.curves_ = [ax.plot(at, left, **thin)[0] for at, left in self.curves]
        self.points_ = []
        for points, colour, mark, name in (
            (self.onset, ONSET, "o", "onset"),
            (self.knee, POINT, "s", "elbow" if self.rising else "knee"),
        ):
            points = points[np.isfinite(points[:, 0])]  # a sharp knee has no onset
            if not len(points):
                continue
            cycle, low, high, left = points.T
            if len(self.curves) <= APART:
                ax.hlines(left, low, high, color=colour, lw=1.6, alpha=0.8)
            self.points_ += ax.plot(cycle, left, mark, color=colour, ms=4.5, mec="white", mew=0.5, label=name)
        if self.points_:
            ax.legend(frameon=False, fontsize=9)
        ax.set(xlabel="cycle", ylabel="share of the reference [%]")
        return self
