"""Picture of a learning curve, after scikit-learn's Display protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ._display import CHOICE, FLOOR, TEST, TRAIN

if TYPE_CHECKING:
    from ._learning_curve import LearningCurve

Array = np.ndarray
POINTS = 120
# how far past all units the curve is drawn
BEYOND = 3.0


class LearningCurveDisplay:
    """Train and test error against the number of training rows or groups, with the fitted curve.

    Parameters
    ----------
    sizes, train_error, test_error, standard_error : arrays of shape (k,)
        Measured errors, NaN where a fit failed.
    grid, curve, low, high : arrays of shape (q,)
        The fitted curve and its interval; empty where there is none.
    limit : tuple of float
        Value, low and high end of the error that the curve comes down to; NaN where unknown.
    units : int
        Units in all.
    floor : float
        Noise floor, NaN if unknown.
    level : float
        Of the intervals.
    noun, unit, label : str
        What a unit is; unit of the errors; the design in words.
    """

    def __init__(
        self,
        *,
        sizes: Array,
        train_error: Array,
        test_error: Array,
        standard_error: Array,
        grid: Array,
        curve: Array,
        low: Array,
        high: Array,
        limit: tuple[float, float, float],
        units: int,
        floor: float,
        level: float,
        noun: str,
        unit: str,
        label: str,
    ) -> None:
        self.sizes, self.train_error, self.test_error = sizes, train_error, test_error
        self.standard_error, self.grid, self.curve, self.low, self.high = standard_error, grid, curve, low, high
        self.limit, self.units, self.floor, self.level = limit, units, floor, level
        self.noun, self.unit, self.label = noun, unit, label

    @classmethod
    def from_curve(cls, curve: LearningCurve, level: float = 0.95) -> Self:
        """Collect what is drawn from a learning curve."""
        usable = curve.sizes[curve.used] if curve.used.any() else curve.sizes
        grid = np.geomspace(usable[0], BEYOND * curve.units, POINTS)
        limit, value, low, high = (np.nan, np.nan, np.nan), np.zeros(0), np.zeros(0), np.zeros(0)
        if len(curve.draws):
            value, low, high = curve.predict(grid, level, of="expected")
            limit = (curve.a, *curve.parameter_interval(level)["a"])
        elif curve.a == curve.a:
            value = curve.at(grid)
        return cls(
            sizes=curve.sizes,
            train_error=curve.train_error,
            test_error=curve.test_error,
            standard_error=curve.standard_error,
            grid=grid if len(value) else np.zeros(0),
            curve=value,
            low=low,
            high=high,
            limit=limit,
            units=curve.units,
            floor=curve.floor.value,
            level=level,
            noun=curve.noun,
            unit=curve.unit,
            label=curve.label,
        )

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw on ``ax`` (or a new figure); stores ``figure_``, ``ax_`` and ``lines_``."""
        import matplotlib.pyplot as plt
        from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, ScalarFormatter

        if ax is None:
            _, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        bars = ax.errorbar(
            self.sizes, self.test_error, self.standard_error, fmt="s", ms=4.5, color=TEST, lw=1.2, capsize=2,
            label="left-out " + self.noun + "s (± 1 standard error)",
        )  # fmt: skip
        train = ax.plot(self.sizes, self.train_error, "o-", ms=3.5, lw=1.2, color=TRAIN, label="training rows")
        self.lines_ = [bars.lines[0], *train]
        if len(self.grid):
            self.lines_ += ax.plot(self.grid, self.curve, color=TEST, lw=1.6, label="a + b/n^γ", **style)
        if len(self.low):
            ax.fill_between(
                self.grid, self.low, self.high, color=TEST, alpha=0.16, lw=0, label=f"{100 * self.level:.3g} % interval"
            )
        if np.isfinite(self.limit[0]):
            place = self.grid[-1] * 1.12
            ends = [[self.limit[0] - self.limit[1]], [self.limit[2] - self.limit[0]]]
            ax.errorbar([place], [self.limit[0]], np.maximum(ends, 0.0), fmt="D", ms=5, color=CHOICE, capsize=3,
                        label="limit a")  # fmt: skip
        if np.isfinite(self.floor) and self.floor > 0.02 * np.nanmin(self.test_error):
            self.lines_.append(ax.axhline(self.floor, color=FLOOR, ls="--", lw=1.2, label="noise floor"))
        self.lines_.append(
            ax.axvline(self.units, color="0.55", ls=":", lw=1.2, label=f"all {self.units:,} {self.noun}s")
        )
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        ax.xaxis.set_major_formatter(ScalarFormatter())
        ax.xaxis.set_minor_formatter(NullFormatter())
        self._ends(ax, MaxNLocator)
        ax.set(xlabel=f"training {self.noun}s n", ylabel=f"error [{self.unit or '1'}]")
        ax.set_title(self.label, fontsize=10)
        ax.legend(frameon=False, fontsize=8)
        return self

    def _ends(self, ax: Any, locator: Any) -> None:
        """Set the axis of errors: logarithmic where they span more than a decade, else from zero."""
        shown = self.test_error[np.isfinite(self.test_error)]
        if shown.max() > 10.0 * shown.min():
            ax.set_yscale("log")
            train = self.train_error[np.isfinite(self.train_error)]
            ax.set_ylim(0.4 * min(shown.min(), max(train.min(), 0.2 * shown.min())), 2.0 * shown.max())
        else:
            top = max(float(shown.max()), float(self.high.max()) if len(self.high) else 0.0)
            ax.set_ylim(0.0, 1.12 * min(top, 1.8 * float(shown.max())))
            ax.yaxis.set_major_locator(locator(nbins=6))
