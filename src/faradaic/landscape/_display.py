"""Pictures of landscapes, after scikit-learn's Display protocol: computed arrays in, `plot` draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from ._explore import Exploration
    from ._landscape import Landscape

Array = np.ndarray
TRAIN, TEST, FLOOR, CHOICE = "#1b6ca8", "#c8502d", "#5b8c5a", "#333333"


class LandscapeDisplay:
    """Train and test error against the number of parameters.

    Parameters
    ----------
    parameters, train_error, test_error, standard_error : arrays of shape (s,)
        Errors of each size, NaN where fits failed.
    n_train : int
        Where parameters = n lies.
    chosen : int
        Place of the chosen size.
    threshold : int or None
        Place of the interpolation threshold.
    floor : float
        Noise floor, NaN if unknown.
    unit, label : str
        Unit of the errors; the design in words.
    """

    def __init__(
        self,
        *,
        parameters: Array,
        train_error: Array,
        test_error: Array,
        standard_error: Array,
        n_train: int,
        chosen: int,
        threshold: int | None,
        floor: float,
        unit: str,
        label: str,
    ) -> None:
        self.parameters, self.train_error, self.test_error = parameters, train_error, test_error
        self.standard_error, self.n_train, self.chosen, self.threshold = standard_error, n_train, chosen, threshold
        self.floor, self.unit, self.label = floor, unit, label

    @classmethod
    def from_landscape(cls, landscape: Landscape) -> Self:
        """Collect what is drawn from a landscape."""
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = np.array([landscape.standard_error(row) for row in landscape.row_losses])
            standard_error = spread / (2.0 * landscape.test_error)
        return cls(
            parameters=landscape.parameters,
            train_error=landscape.train_error,
            test_error=landscape.test_error,
            standard_error=standard_error,
            n_train=landscape.n_train,
            chosen=landscape.sizes.index(landscape.select().size),
            threshold=landscape.regimes.threshold,
            floor=landscape.floor.value,
            unit=landscape.unit,
            label=landscape.label,
        )

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw on ``ax`` (or a new figure); stores ``figure_``, ``ax_`` and ``lines_``."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        order = np.argsort(self.parameters, kind="stable")
        x = self.parameters[order]
        smallest = self._smallest_shown()
        shown = np.maximum(self.train_error[order], smallest)
        train = ax.plot(x, shown, "o-", ms=3.5, lw=1.2, color=TRAIN, label="train")
        test = ax.plot(x, self.test_error[order], "s-", ms=3.5, lw=1.2, color=TEST, label="test", **style)
        low = np.maximum((self.test_error - self.standard_error)[order], smallest)
        ax.fill_between(x, low, (self.test_error + self.standard_error)[order], color=TEST, alpha=0.18, lw=0)
        self.lines_ = [*train, *test]
        if np.isfinite(self.floor) and self.floor > smallest:
            self.lines_.append(ax.axhline(self.floor, color=FLOOR, ls="--", lw=1.2, label="noise floor"))
        if x.max() >= 0.6 * self.n_train:
            self.lines_.append(ax.axvline(self.n_train, color="0.55", ls=":", lw=1.2, label="parameters = n"))
        if self.threshold is not None:
            ax.annotate(
                "interpolation\nthreshold", (self.parameters[self.threshold], self.test_error[self.threshold]),
                xytext=(8, -4), textcoords="offset points", fontsize=8, va="top",
            )  # fmt: skip
        place = (self.parameters[self.chosen], self.test_error[self.chosen])
        ax.plot(*place, "o", ms=11, mfc="none", mec=CHOICE, mew=1.5, label="chosen")
        ax.set(xscale="log", yscale="log", xlabel="number of parameters", ylabel=f"error [{self.unit or '1'}]")
        ax.set_title(self.label, fontsize=10)
        ax.legend(frameon=False, fontsize=8)
        return self

    def _smallest_shown(self) -> float:
        """Interpolating fits have train errors of rounding size; the axis ends four decades below the test error."""
        shown = self.test_error[np.isfinite(self.test_error) & (self.test_error > 0)]
        return float(shown.min()) * 1e-4 if len(shown) else 1e-16


class ComparisonDisplay:
    """Smallest test error of each design beside the noise floor.

    Parameters
    ----------
    labels : list of str
        Designs in words, best first.
    test_error, standard_error, train_error : arrays of shape (d,)
        Errors of each design's chosen size.
    parameters : array of shape (d,)
        Parameters of each design's chosen size.
    floor : float
        Noise floor, NaN if unknown.
    unit : str
        Unit of the errors.
    """

    def __init__(
        self,
        *,
        labels: list[str],
        test_error: Array,
        standard_error: Array,
        train_error: Array,
        parameters: Array,
        floor: float,
        unit: str,
    ) -> None:
        self.labels, self.test_error, self.standard_error = labels, test_error, standard_error
        self.train_error, self.parameters, self.floor, self.unit = train_error, parameters, floor, unit

    @classmethod
    def from_exploration(cls, exploration: Exploration) -> Self:
        """Collect what is drawn from an exploration."""
        choices = sorted(exploration.selections, key=lambda s: s.test_error)
        return cls(
            labels=[s.label for s in choices],
            test_error=np.array([s.test_error for s in choices]),
            standard_error=np.array([s.standard_error for s in choices]),
            train_error=np.array([s.train_error for s in choices]),
            parameters=np.array([s.parameters for s in choices]),
            floor=exploration.floor.value,
            unit=exploration.unit,
        )

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw on ``ax`` (or a new figure); stores ``figure_`` and ``ax_``."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(7.2, 0.32 * len(self.labels) + 1.2), layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        y = np.arange(len(self.labels))[::-1]
        ax.errorbar(
            self.test_error, y, xerr=self.standard_error, fmt="s", ms=5, color=TEST, capsize=2, label="test", **style
        )
        floor = self.test_error.min() * 1e-4
        ax.plot(np.maximum(self.train_error, floor), y, "o", ms=4, color=TRAIN, label="train")
        if np.isfinite(self.floor) and self.floor > floor:
            ax.axvline(self.floor, color=FLOOR, ls="--", lw=1.2, label="noise floor")
        labels = [f"{label} ({p:,})" for label, p in zip(self.labels, self.parameters, strict=True)]
        ax.set_yticks(y, labels, fontsize=8)
        ax.set(xscale="log", xlabel=f"error [{self.unit or '1'}] (parameters in brackets)")
        ax.legend(frameon=False, fontsize=8)
        return self
