"""The picture in which an activated process is a straight line, after scikit-learn's Display protocol."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from faradaic._core import OutsideDomainWarning

from ._curves import POINTS, bands_of, colours, placed, settings_of
from ._named_slopes import ACTIVATION_ENERGY

if TYPE_CHECKING:
    from ._trend import Trend

Array = np.ndarray


class ArrheniusDisplay:
    """The logarithm of the response against 1000/T, with the activation energy that its slope is.

    Parameters
    ----------
    inverse : array of shape (q,)
        1000/T in 1/K.
    curves, low, high : arrays of shape (k, q)
        Trend and the ends of its interval, one curve for each setting of the other inputs; NaN where there is none.
    labels : list of str
        Setting and activation energy of each curve.
    x, y : arrays
        Data: 1000/T and response; ``curve``, to which they belong (−1: none).
    words : tuple of three str
        Label of the y axis, title, and what the band is (empty: no band).
    """

    def __init__(
        self,
        *,
        inverse: Array,
        curves: Array,
        band: tuple[Array, Array],
        labels: list[str],
        points: tuple[Array, Array, Array],
        words: tuple[str, str, str],
    ) -> None:
        self.inverse, self.curves, self.labels = inverse, curves, labels
        self.low, self.high = band
        self.x, self.y, self.curve = points
        self.ylabel, self.title, self.band = words

    @classmethod
    def from_trend(cls, trend: Trend, settings: int = 4, level: float = 0.95) -> Self:
        """Compute the curves and their activation energies in the middle of the temperatures.

        Raises
        ------
        ArgumentError
            No input is a temperature, or the trend is not positive there.
        """
        j = next((k for k, c in enumerate(trend.inputs) if ACTIVATION_ENERGY.input.fits(c)), 0)
        shown, of_row = settings_of(trend, j, settings)
        low, high = trend.domain.low[j], trend.domain.high[j]
        grid = 1.0 / np.linspace(1.0 / high, 1.0 / low, POINTS)
        Z = [placed(row, j, grid) for row in shown]
        middle = np.array([placed(row, j, np.array([grid[POINTS // 2]]))[0] for row in shown])
        at = np.column_stack([c.from_si(middle[:, k]) for k, c in enumerate(trend.inputs)])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OutsideDomainWarning)
            energy = trend.activation_energy(at, wrt=j)
        ends = bands_of(trend, Z, level)
        names = [c for k, c in enumerate(trend.inputs) if k != j]
        labels = []
        for row, words in zip(shown, energy.lines(), strict=True):
            setting = [
                f"{c.name} = {float(c.from_si(v)):.3g} {c.unit}".strip() for c, v in zip(names, row, strict=True)
            ]
            labels.append(": ".join([*([", ".join(setting)] if setting else []), words]))
        return cls(
            inverse=1e3 / grid,
            curves=np.array([trend.response.from_si(trend.design.predict(each)) for each in Z]),
            band=ends[:2],
            labels=labels,
            points=(1e3 / trend.X[:, j], trend.response.from_si(trend.y), of_row),
            words=(trend.response.header, trend.label, ends[2]),
        )

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw on ``ax`` (or a new figure); stores ``figure_``, ``ax_`` and ``lines_``."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
        self.ax_, self.figure_, self.lines_ = ax, ax.figure, []
        for k, colour in enumerate(colours(len(self.curves))):
            mean = np.where(self.curves[k] > 0, self.curves[k], np.nan)
            self.lines_ += ax.plot(self.inverse, mean, color=colour, lw=1.5, label=self.labels[k], **style)
            if self.band:  # an end that is not positive has no place on this axis: far below the picture will do
                ax.fill_between(
                    self.inverse, np.maximum(self.low[k], 1e-3 * mean), self.high[k], color=colour, alpha=0.2, lw=0
                )
            mine = self.curve == k
            ax.plot(self.x[mine], self.y[mine], "o", ms=4, color=colour, mec="white", mew=0.5)
        shown = np.concatenate([self.y[self.curve >= 0], self.curves[self.curves > 0]])
        shown = shown[shown > 0]
        ax.set_yscale("log")
        ax.set_ylim(shown.min() / 1.3, shown.max() * 1.3)
        ax.set(xlabel="1000/T [1/K]", ylabel=self.ylabel)
        ax.set_title("\n".join([self.title, *([f"(band: {self.band})"] if self.band else [])]), fontsize=9)
        ax.legend(frameon=False, fontsize=8)
        return self
