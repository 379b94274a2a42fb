"""The regimes of a landscape: underfit, classical optimum, interpolation threshold, second descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import number, plural

from ._measure import shown

if TYPE_CHECKING:
    from ._landscape import Landscape

Array = np.ndarray
# a peak counts when test error there exceeds the lowest error before it by this factor, and the error behind it is
# lower than the peak by the same
PEAK = 1.5
# where an interpolation threshold can lie, in parameters over training conditions
THRESHOLD_WINDOW = (0.5, 2.0)


@dataclass(frozen=True)
class Regimes:
    """Where the regimes of one landscape lie.

    Attributes
    ----------
    optimum : int
        Place of the classical optimum: the smallest test error up to the threshold (or of all sizes without one).
    threshold : int or None
        Place of the peak of test error near parameters = n.
    second_descent : bool
        Whether test error falls again, by a factor of 1.5 or more, behind the threshold.
    far_enough : bool
        Whether the sweep answers the question: the family ends at n or before, or was followed to 2 n or more,
        and the smallest error is not at the largest size swept.
    text : str
        The same in words.
    names : tuple of str
        Regime of each size.
    """

    optimum: int
    threshold: int | None
    second_descent: bool
    far_enough: bool
    text: str
    names: tuple[str, ...]

    def of(self, place: int) -> str:
        """Return the regime of a size."""
        return self.names[place]


def find_regimes(landscape: Landscape) -> Regimes:
    """Find and name the regimes of a landscape."""
    counts, test, n = landscape.parameters, landscape.test_error, landscape.n_train
    order = np.argsort(counts, kind="stable")
    order = order[np.isfinite(test[order])]
    curve, ratio = test[order], counts[order] / n
    # where other sources share the parameters, no number of them is the one that meets every row
    peak = None if landscape.design.models_sources else _peak(curve, ratio)
    before = order[:peak] if peak is not None else order
    optimum = int(before[np.argmin(test[before])]) if len(before) else int(order[np.argmin(curve)])
    descent = peak is not None and peak + 1 < len(curve) and curve[peak] / curve[peak + 1 :].min() >= PEAK
    threshold = None if peak is None else int(order[peak])
    best = int(order[np.argmin(curve)])
    reached = float(counts.max() / n)  # what was tried, also where it failed
    far = (not landscape.design.beyond_n or reached >= 2.0) and (best != order[-1] or not landscape.design.beyond_n)
    level = _level(landscape, optimum)
    names = tuple(_name(k, counts, optimum, threshold, n, bool(level[k])) for k in range(len(counts)))
    return Regimes(
        optimum, threshold, bool(descent), bool(far), _text(landscape, optimum, threshold, descent, far), names
    )


def _peak(curve: Array, ratio: Array) -> int | None:
    """Return the place of the peak near parameters = n, if there is one that stands out."""
    inside = np.flatnonzero((ratio >= THRESHOLD_WINDOW[0]) & (ratio <= THRESHOLD_WINDOW[1]))
    if not len(inside):
        return None
    top = int(inside[np.argmax(curve[inside])])
    if top == 0 or top == len(curve) - 1:
        return None
    stands_out = curve[top] >= PEAK * curve[:top].min() and curve[top] >= PEAK * curve[top + 1 :].min()
    return top if stands_out else None


def _level(landscape: Landscape, optimum: int) -> Array:
    """Return which sizes have a test error within one standard error (of the difference) of the optimum's."""
    losses = landscape.row_losses
    level = np.zeros(len(losses), dtype=bool)
    for k in np.flatnonzero(np.isfinite(landscape.test_error)):
        difference = losses[k] - losses[optimum]
        level[k] = difference.mean() <= landscape.standard_error(difference)
    level[optimum] = True
    return level


def _name(place: int, counts: Array, optimum: int, threshold: int | None, n: int, level: bool) -> str:
    count = counts[place]
    if place == threshold:
        return "interpolation threshold"
    if threshold is not None and count > counts[threshold]:
        return "second descent"
    if level:
        return "classical optimum" if count <= n else "optimum past the interpolation threshold"
    if count < counts[optimum]:
        return "underfit"
    return "overfit" if count <= n or threshold is not None else "past the interpolation threshold"


def _text(landscape: Landscape, optimum: int, threshold: int | None, descent: bool, far: bool) -> str:
    counts, test, unit = landscape.parameters, landscape.test_error, landscape.unit
    where = plural(int(counts[optimum]), "parameter")
    parts = [f"Smallest test error {'before the threshold ' if threshold is not None else ''}at {where}"]
    if threshold is not None:
        parts.append(
            f"interpolation threshold: test error peaks at {shown(test[threshold], unit)} with "
            f"{plural(int(counts[threshold]), 'parameter')} for n = {landscape.n_train:,}"
        )
        past = test[counts > counts[threshold]]
        past = past[np.isfinite(past)]
        parts.append(
            f"second descent behind it to {shown(past.min(), unit)}" if descent else "no second descent behind it"
        )
    elif counts.max() >= THRESHOLD_WINDOW[1] * landscape.n_train:
        parts.append(f"no peak near parameters = n = {landscape.n_train:,}")
    text = "; ".join(parts) + "."
    if not far:
        reached = number(counts.max() / landscape.n_train, 2)
        text += f" The sweep ended at {reached} n: sweep further before trusting the optimum."
    return text
