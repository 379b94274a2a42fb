"""Pictures of identifiability, after scikit-learn's Display protocol: computed arrays in, `plot` draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from ._profile import Profile
    from ._result import Identifiability

Array = np.ndarray


class IdentifiabilityDisplay:
    """Relative uncertainty of each parameter and combination; what is left free has none and is named.

    Parameters
    ----------
    names : sequence of str
    relative : array of shape (q,)
        Standard deviation as a share of the value; NaN where it is left free, or where nothing tells the scatter.
    tolerance : float
        Above, a parameter counts as vague.
    free : sequence of bool
        Which are left free; the others without a number are determined, and nothing tells their scatter.
    """

    def __init__(self, names: Sequence[str], relative: Array, tolerance: float, free: Sequence[bool]) -> None:
        self.names, self.relative, self.tolerance = list(names), np.asarray(relative), tolerance
        self.free = list(free)

    @classmethod
    def from_result(cls, result: Identifiability) -> Self:
        """Take the numbers of an answer."""
        formulas = [e for e in result.combinations if e.status != "together"]
        shown = [*(e for e in result.estimates if e.status != "known"), *formulas]
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = np.array([e.std / abs(e.value) if e.value else np.nan for e in shown])
        free = [e.status in ("together", "not felt") for e in shown]
        return cls([e.name for e in shown], relative, result.tolerance, free)

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw one bar for each; ``style`` goes to the bars."""
        import matplotlib.pyplot as plt

        if ax is None:
            ax = plt.subplots(figsize=(6.0, 0.45 * len(self.names) + 1.2), layout="constrained")[1]
        at = np.arange(len(self.names))[::-1]
        known = np.isfinite(self.relative) & (self.relative > 0)
        self.bars_ = ax.barh(at[known], self.relative[known], **{"color": "C0", "height": 0.6} | style)
        if known.any():
            ax.set_xscale("log")
            low, high = ax.get_xlim()
            ax.set_xlim(min(low, 0.5 * self.tolerance), max(high, 2.0 * self.tolerance))
        label = f"{100 * self.tolerance:.3g} % of the value"
        self.limit_ = ax.axvline(self.tolerance, color="0.5", linestyle=":", label=label)
        self.texts_ = []
        for place in np.flatnonzero(~known):
            free = self.free[place]
            said = "left free" if free else "exact" if self.relative[place] == 0 else "determined, scatter not known"
            self.texts_.append(
                ax.text(
                    0.02, at[place], said, transform=ax.get_yaxis_transform(), va="center",
                    color="C3" if free else "0.3",
                )
            )  # fmt: skip
        ax.set_yticks(at, self.names)
        ax.set_ylim(-0.6, len(self.names) - 0.4)
        if known.any():
            ax.set_xlabel("standard deviation / value")
            ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0))
        else:
            ax.xaxis.set_visible(False)
            self.limit_.set_visible(False)
        self.ax_, self.figure_ = ax, ax.figure
        return self


class ProfileDisplay:
    """A profile: how the misfit rises as one parameter is moved and the others make the best of it.

    Parameters
    ----------
    profile : Profile
    """

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw the rise and the level at which the interval ends."""
        import matplotlib.pyplot as plt

        one = self.profile
        if ax is None:
            ax = plt.subplots(figsize=(4.8, 3.4), layout="constrained")[1]
        shown = np.abs(one.rise) <= 2.5 * one.quantile
        (self.line_,) = ax.plot(one.values[shown], np.abs(one.rise[shown]), **{"color": "C0", "marker": "."} | style)
        self.level_ = ax.axhline(one.quantile, color="0.5", linestyle=":")
        for end in (one.low, one.high):
            if np.isfinite(end):
                ax.axvline(end, color="C1", linewidth=0.8)
        ax.set_xlabel(one.name)
        ax.set_ylabel("rise of the misfit / standard deviations")
        ax.set_title(one.shape)
        self.ax_, self.figure_ = ax, ax.figure
        return self
