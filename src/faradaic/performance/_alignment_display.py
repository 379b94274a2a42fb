"""The picture of an alignment: the curve, its two electrodes, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from ._align import Alignment

Array = np.ndarray
CELL, NEGATIVE, POSITIVE, FIT = "#222222", "#2a6f97", "#bc4b51", "#e9a23b"


class AlignmentDisplay:
    """Voltages of a cell and of its electrodes against charge.

    Parameters
    ----------
    charge, voltage, computed, negative, positive : arrays of shape (n,)
        A h above the lower end of the curve; observed and computed voltage, and potentials of the two electrodes, V.
    title : str
    """

    def __init__(
        self, *, charge: Array, voltage: Array, computed: Array, negative: Array, positive: Array, title: str = ""
    ) -> None:
        self.charge, self.voltage, self.computed = charge, voltage, computed
        self.negative, self.positive, self.title = negative, positive, title

    @classmethod
    def from_alignment(cls, found: Alignment) -> Self:
        """Take the reduced curve and the electrodes where they fit best."""
        place = found.place
        best, share = place.minima[0], place.share
        return cls(
            charge=share * found.curve.capacity,
            voltage=place.voltage,
            computed=place.computed(best),
            negative=place.electrodes.negative.at(best[0] + (best[1] - best[0]) * share),
            positive=place.electrodes.positive.at(best[2] + (best[3] - best[2]) * share),
            title=f"{found.curve.name}: {1e3 * found.rms:.2g} mV",
        )

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw on ``ax`` (or a new figure); stores ``figure_``, ``ax_`` and ``lines_``."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(5.2, 3.8), layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        self.lines_ = [
            *ax.plot(self.charge, self.positive, color=POSITIVE, lw=1.2, label="positive electrode"),
            *ax.plot(self.charge, self.voltage, "o", color=CELL, ms=2.5, label="cell", **style),
            *ax.plot(self.charge, self.computed, color=FIT, lw=1.2, label="positive less negative"),
            *ax.plot(self.charge, self.negative, color=NEGATIVE, lw=1.2, label="negative electrode"),
        ]
        ax.set(xlabel="charge [A h]", ylabel="V [V]")
        ax.locator_params(axis="x", nbins=6)
        ax.set_title(self.title, fontsize=9)
        ax.legend(fontsize=8, frameon=False)
        return self

    def plot_residual(self, ax: Any = None, **style: Any) -> Self:
        """Draw what is left on ``ax`` (or a new figure), in mV; stores ``figure_``, ``ax_`` and ``lines_``."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(5.2, 2.4), layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        ax.axhline(0.0, color=CELL, lw=0.6)
        self.lines_ = ax.plot(self.charge, 1e3 * (self.computed - self.voltage), **{"color": FIT, "lw": 1.2, **style})
        ax.set(xlabel="charge [A h]", ylabel="computed less observed [mV]")
        ax.locator_params(axis="x", nbins=6)
        return self
