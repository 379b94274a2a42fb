"""How many parameters the rows identify against how many there are, after scikit-learn's Display protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from ._landscape import Landscape

Array = np.ndarray
FEW = 20.0  # counted parameters up to which the axes are not logarithmic


class IdentifiedDisplay:
    """Identified against counted parameters: along the diagonal while the rows suffice, and level from n on.

    Parameters
    ----------
    counted, identified : arrays of shape (s,)
        Of each size; NaN where every fit failed.
    n_train : int
        Distinct training conditions: no more combinations than that can be identified.
    chosen : int
        Place of the chosen size.
    label : str
        The design in words.
    """

    def __init__(self, *, counted: Array, identified: Array, n_train: int, chosen: int, label: str) -> None:
        self.counted, self.identified, self.n_train = np.asarray(counted), np.asarray(identified), n_train
        self.chosen, self.label = chosen, label

    @classmethod
    def from_landscape(cls, landscape: Landscape) -> Self:
        """Collect what is drawn from a landscape."""
        counted, identified = landscape.identified.T
        chosen = landscape.sizes.index(landscape.select().size)
        return cls(
            counted=counted, identified=identified, n_train=landscape.n_train, chosen=chosen, label=landscape.label
        )

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw on ``ax`` (or a new figure); stores ``figure_``, ``ax_`` and ``lines_``; ``style`` goes to the line."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(4.8, 4.2), layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        order = np.argsort(self.counted, kind="stable")
        x, y = self.counted[order], self.identified[order]
        ends = np.array([1.0, max(float(x.max()), 2.0)])
        (diagonal,) = ax.plot(ends, ends, color="0.6", lw=1.0, label="all identified")
        (line,) = ax.plot(x, y, **{"marker": "o", "ms": 3.5, "lw": 1.2, "color": "#1b6ca8", "label": "identified"}
                          | style)  # fmt: skip
        self.lines_ = [diagonal, line]
        if x.max() >= 0.6 * self.n_train:
            self.lines_.append(ax.axhline(self.n_train, color="0.55", ls=":", lw=1.2, label="n"))
        place = (self.counted[self.chosen], self.identified[self.chosen])
        ax.plot(*place, "o", ms=11, mfc="none", mec="#333333", mew=1.5, label="chosen")
        if x.max() > FEW:
            ax.set(xscale="log", yscale="log")
        ax.set(xlabel="number of parameters", ylabel="number of identified parameters")
        ax.set_title(self.label, fontsize=10)
        ax.legend(frameon=False, fontsize=8)
        return self
