"""Degradation modes learned from synthetic curves: from a curve to its losses without a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from faradaic._core import ArgumentError, IntervalError, OutsideDomainWarning
from faradaic.approximations import Approximation, GaussianProcess
from faradaic.data import read
from faradaic.landscape import explore
from faradaic.trend import Trend, fit

from ._align import Alignment
from ._cell_model import POINTS, reduced_shares
from ._curve_noise import CurveNoise
from ._modes import MODES
from ._open_circuit import OpenCircuit
from ._synthetic import SyntheticCurves
from ._told import Told

Array = np.ndarray
COMPONENTS = 6
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
        low, high = self.window
        if curve.voltage.min() > low + SHORT or curve.voltage.max() < high - SHORT:
            ends = f"{curve.voltage.min():.3g} to {curve.voltage.max():.3g} V"
            raise ArgumentError(f"The curve of {curve.name!r} must go from {low:g} to {high:g} V, it goes from {ends}.")
        part, voltage = reduced_shares(curve, POINTS)
        # where the smoothed curve crosses the two voltages; noise must not move the ends to its first spike
        rising, charge = np.maximum.accumulate(voltage), part * curve.capacity
        begin, end = (_crossing(charge, rising, at) for at in (low, high))
        V = np.interp(begin + (end - begin) * self.share, charge, voltage)
        return self._named(np.log((end - begin) / self.capacity), V)

    def _named(self, ratio: float, voltage: Array) -> dict[str, float]:
        scores = self.directions @ (voltage - self.mean)
        return {"ln capacity": float(ratio), **{f"score {k + 1}": float(v) for k, v in enumerate(scores)}}

    def predict(self, curve: OpenCircuit, *, level: float = 0.9) -> tuple[Told, ...]:
        """Return the modes of a curve, with the intervals of a new curve like those that were learned from.

        A mode is open where the curve lies outside of those, or where too few were learned from.
        """
        import warnings

        import pandas as pd

        at = pd.DataFrame([self.features(curve)])
        made = []
        for name, trend in self.trends.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", OutsideDomainWarning)  # said by `why`
                value = float(trend.predict(at)[0])
                outside = trend.where(at)[0] == "outside"
                try:
                    low, high = (float(end[0]) for end in trend.interval(at, level))
                    why = ""
                except IntervalError as error:
                    low = high = float("nan")
                    why = str(error).rstrip(".")
            why = "the curve lies outside those that were learned from" if outside else why
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
    noisy = curves.with_noise(fresh.noise if noise is None else noise, seed)
    mean = curves.voltage.mean(axis=0)
    directions = np.linalg.svd(curves.voltage - mean, full_matrices=False)[2][:components]
    capacity = float(curves.capacity.max())
    blank = ModeInverse(curves.window, curves.share, mean, directions, capacity, {})
    rows = [blank._named(np.log(C / capacity), V) for C, V in zip(noisy.capacity, noisy.voltage, strict=True)]
    table = pd.DataFrame(rows)
    one: Any = GaussianProcess(kernel="rbf", restarts=1) if designs is None else designs
    trends = {}
    for name in MODES:
        data = read(table.assign(**{name: curves.modes[name].to_numpy()}), list(table.columns), name, name=name)
        trends[name] = fit(one if isinstance(one, Approximation) else explore(data, one, seed=seed), data)
    return ModeInverse(curves.window, curves.share, mean, directions, capacity, trends)


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
