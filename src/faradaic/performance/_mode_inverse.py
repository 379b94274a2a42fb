"""Degradation modes learned from synthetic curves: from a curve to its losses without a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import ArgumentError, IntervalError, OutsideDomainWarning
from faradaic.approximations import Approximation, GaussianProcess
from faradaic.data import read
from faradaic.landscape import explore
from faradaic.trend import Trend, fit

from ._align import Alignment
from ._cell_model import reduced_shares
from ._curve_noise import CurveNoise
from ._modes import MODES
from ._open_circuit import OpenCircuit
from ._synthetic import SyntheticCurves
from ._told import Told

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray
COMPONENTS = 6
MEANS = 1000  # to which a curve is reduced: noise averages out, and a steep end keeps its place
FAR = 0.15  # share of the range of a feature by which a curve may lie beyond those that were learned from
MARGIN = 0.02  # V by which the window lies within the curves that are learned from, so that errors can move its ends
# a curve may end so many volts before the window of those that were learned from, and is continued straight
SHORT = 0.01


@dataclass(frozen=True, eq=False)
class ModeInverse:
    """Trends from the features of a curve to its modes; made by `learn_modes`.

    Features are the logarithm of the charge between two voltages, relative to the fresh cell, and the scores of V over
    the share of this charge in the directions in which the synthetic curves differ most.

    Attributes
    ----------
    window : (float, float)
        Voltages between which a curve is looked at.
    share, mean : arrays of shape (k,)
        Shares of the charge, and the mean curve there, V.
    directions : array of shape (c, k)
        In which the curves differ.
    capacity : float
        Of the fresh cell in this window, A h.
    trends : dict of str to Trend
        One for each mode.
    """

    window: tuple[float, float]
    share: Array
    mean: Array
    directions: Array
    capacity: float
    trends: Mapping[str, Trend]

    def features(self, curve: OpenCircuit) -> dict[str, float]:
        """Return the features of a curve.

        Raises
        ------
        ArgumentError
            The curve does not reach both voltages.
        """
        ratio, V = _cut(curve, self.window, self.share)
        scores = self.directions @ (V - self.mean)
        names = [f"score {k + 1}" for k in range(len(scores))]
        return {
            "ln capacity": float(np.log(ratio / self.capacity)),
            **dict(zip(names, map(float, scores), strict=True)),
        }

    def predict(self, curve: OpenCircuit, *, level: float = 0.9) -> tuple[Told, ...]:
        """Return the modes of a curve, with the intervals of a new curve like those that were learned from.

        A mode is open where the curve lies far outside of those, or where too few were learned from. A little outside,
        where the errors of a curve can take it, its interval is wider.
        """
        import warnings

        import pandas as pd

        at = pd.DataFrame([self.features(curve)])
        made = []
        for name, trend in self.trends.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", OutsideDomainWarning)  # said by `why`
                value = float(trend.predict(at)[0])
                try:
                    low, high = (float(end[0]) for end in trend.interval(at, level, outside="widen"))
                    why = ""
                except IntervalError as error:
                    low = high = float("nan")
                    why = str(error).rstrip(".")
            why = "the curve lies outside those that were learned from" if _excess(trend, at) > FAR else why
            made.append(Told(name, why=why) if why else Told(name, value, low, high))
        return tuple(made)


def learn_modes(
    fresh: Alignment,
    curves: SyntheticCurves,
    *,
    noise: CurveNoise | None = None,
    components: int = COMPONENTS,
    designs: Approximation | Sequence[Any] | None = None,
    seed: int = 0,
) -> ModeInverse:
    """Learn the modes of synthetic curves as trends of their features.

    The curves are given the errors of the fresh cell's alignment first: what is learned must bear those of real curves.
    The window in which curves are looked at lies 0.02 V within that of the synthetic ones.

    Parameters
    ----------
    fresh : Alignment
        Of the cell before, from which the curves were made.
    curves : SyntheticCurves
        From `synthetic_curves`, without noise.
    noise : CurveNoise, optional
        Errors that the curves are given; default: those of the alignment.
    components : int
        Number of scores.
    designs : Approximation or sequence of them, optional
        Fit this one by `faradaic.fit`, or explore several by `faradaic.explore`, for each mode; default: a Gaussian
        process with one length scale for each feature.
    seed : int
        Of the errors, and of the exploration.

    Returns
    -------
    ModeInverse

    Raises
    ------
    ArgumentError
        There are fewer than 20 curves, or more scores than curves.

    References
    ----------
    Dubarry & Beck 2020, 10.1016/j.jpowsour.2020.228806 (learning from synthetic curves).

    Examples
    --------
    >>> from faradaic.approximations import Polynomial
    >>> from faradaic.performance import OpenCircuit, align, chen2020, mode_grid, synthetic_curves
    >>> graphite, oxide = chen2020()
    >>> share = np.linspace(0.0, 1.0, 200)
    >>> V = oxide.at(0.9084 - 0.6423 * share) - graphite.at(0.0279 + 0.8735 * share)
    >>> fresh = align(OpenCircuit("fresh", 5.0 * share, V), graphite, oxide, intervals="student")
    >>> curves = synthetic_curves(fresh, mode_grid(0.2, count=64), window=(2.8, 4.15))
    >>> learned = learn_modes(fresh, curves, designs=Polynomial(degree=1), components=3)
    >>> aged = synthetic_curves(fresh, [[0.1, 0.05, 0.0]], window=(2.7, 4.17)).curve(0)
    >>> {one.name: round(one.value, 2) for one in learned.predict(aged)}["LLI"]
    0.1
    """
    import pandas as pd

    if len(curves) < 20 or not 1 <= components < len(curves):
        raise ArgumentError(
            f"It takes at least 20 curves and 1 to {len(curves) - 1} components, got {len(curves)} and {components}."
        )
    low, high = curves.window
    window = (low + MARGIN, high - MARGIN)
    if not window[0] < window[1]:
        raise ArgumentError(
            f"The curves must reach over more than {2 * MARGIN:g} V, they go from {low:g} to {high:g} V."
        )
    clean = [_cut(curves.curve(k), window, curves.share) for k in range(len(curves))]
    V = np.array([one for _, one in clean])
    mean = V.mean(axis=0)
    directions = np.linalg.svd(V - mean, full_matrices=False)[2][:components]
    capacity = max(one for one, _ in clean)
    blank = ModeInverse(window, curves.share, mean, directions, capacity, {})
    noisy = curves.with_noise(fresh.noise if noise is None else noise, seed)
    # errors move the ends of the window as well: noisy curves go the way that measured ones will go
    table = pd.DataFrame([blank.features(noisy.curve(k)) for k in range(len(noisy))])
    one: Any = GaussianProcess(kernel="rbf", restarts=1) if designs is None else designs
    trends = {}
    for name in MODES:
        data = read(table.assign(**{name: curves.modes[name].to_numpy()}), list(table.columns), name, name=name)
        trends[name] = fit(one if isinstance(one, Approximation) else explore(data, one, seed=seed), data)
    return replace(blank, trends=trends)


def _cut(curve: OpenCircuit, window: tuple[float, float], share: Array) -> tuple[float, Array]:
    """Return the charge between two voltages, A h, and V at shares of it.

    Raises
    ------
    ArgumentError
        The curve does not reach both voltages.
    """
    low, high = window
    if curve.voltage.min() > low + SHORT or curve.voltage.max() < high - SHORT:
        ends = f"{curve.voltage.min():.3g} to {curve.voltage.max():.3g} V"
        raise ArgumentError(f"The curve of {curve.name!r} must go from {low:g} to {high:g} V, it goes from {ends}.")
    part, voltage = reduced_shares(curve, MEANS)
    charge, rising = part * curve.capacity, np.maximum.accumulate(voltage)
    begin, end = (_crossing(charge, rising, at) for at in window)
    return end - begin, np.interp(begin + (end - begin) * share, charge, voltage)


def _excess(trend: Trend, at: pd.DataFrame) -> float:
    """Return how far a point lies beyond the ranges of what was learned from, as a share of them."""
    X, (x,) = trend.data.X, at.to_numpy(np.float64)
    low, high = X.min(axis=0), X.max(axis=0)
    return float((np.maximum(low - x, x - high) / (high - low)).max())


def _crossing(charge: Array, rising: Array, voltage: float) -> float:
    """Return the charge at which a rising curve has a voltage, continued straight beyond its ends."""
    if voltage < rising[0]:
        ends = (0, 1)
    elif voltage > rising[-1]:
        ends = (-2, -1)
    else:
        return float(np.interp(voltage, rising, charge))
    a, b = ends
    slope = (rising[b] - rising[a]) / (charge[b] - charge[a])
    near = rising[a] if voltage < rising[0] else rising[b]
    place = charge[a] if voltage < rising[0] else charge[b]
    return float(place + (voltage - near) / slope) if slope > 0 else float(place)
