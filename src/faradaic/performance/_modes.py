"""Degradation modes: what a cell has lost of its lithium and of either active material, from two curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import joined, number

from ._align import OFFSET, Alignment, align, checked
from ._cell_model import NAMES, POINTS
from ._curve_intervals import CurveFit, Intervals, judged
from ._curve_noise import CurveNoise
from ._half_cell import HalfCell
from ._open_circuit import OpenCircuit
from ._place import Place
from ._told import Answers, Told, told

if TYPE_CHECKING:
    import pandas as pd

    from ._modes_display import ModesDisplay

Array = np.ndarray
MODES = ("LLI", "LAM_NE", "LAM_PE")
IN_WORDS = {
    "LLI": "loss of lithium inventory",
    "LAM_NE": "loss of active material of the negative electrode",
    "LAM_PE": "loss of active material of the positive electrode",
}


@dataclass(frozen=True, eq=False)
class DegradationModes(Answers):
    """What a cell has lost between two curves; made by `modes`.

    Attributes
    ----------
    fresh, aged : Alignment
        Of each curve alone, its intervals by the covariance.
    quantities : tuple of Told
        ``LLI``, ``LAM_NE``, ``LAM_PE``: losses as shares of what the fresh cell had.
    noise : CurveNoise
        Of the errors of both curves; what they share tells how far errors of the half-cell curves cancel.
    freedom : float
        Degrees of freedom that the residuals of both are worth.
    level, tolerance : float
    """

    fresh: Alignment
    aged: Alignment
    quantities: tuple[Told, ...]
    noise: CurveNoise
    freedom: float
    level: float
    tolerance: float

    @property
    def fits(self) -> bool:
        """Whether both curves are met to within 10 mV."""
        return self.fresh.fits and self.aged.fits

    def table(self) -> pd.DataFrame:
        """Return one row for each mode: ``mode``, ``value``, ``low``, ``high``, ``why`` it is open."""
        import pandas as pd

        columns = ("mode", "value", "low", "high", "why")
        rows = [(one.name, one.value, one.low, one.high, one.why) for one in self.quantities]
        return pd.DataFrame(rows, columns=list(columns))

    def summary(self) -> str:
        """Return the answer in words."""
        lines = []
        for one in self.quantities:
            said = IN_WORDS[one.name]
            if one.identified:
                value, low, high = (number(100 * v, 3) for v in (one.value, one.low, one.high))
                lines.append(f"{one.name}, the {said}: {value} % ({low} to {high} %).")
            else:
                lines.append(f"{one.name}, the {said}, is open: {one.why}.")
        if self.open:
            lines.append(f"What would settle {joined(self.open)}: a wider window of voltage.")
        lines += [self._fit(which, one) for which, one in (("fresh", self.fresh), ("aged", self.aged))]
        lines += [one for each in (self.fresh, self.aged) for one in each.place.beyond()]
        lines.append(
            f"In brackets: {number(100 * self.level)} % intervals. Errors go together over "
            f"{number(self.noise.length, 2)} of the negative electrode's lithiation, with a correlation of "
            f"{number(self.noise.shared, 2)} between the two curves, which are worth {number(self.freedom, 2)} "
            f"independent residuals."
        )
        return "\n".join(lines)

    @staticmethod
    def _fit(which: str, one: Alignment) -> str:
        low, high = (number(float(v)) for v in one.curve.voltage[[0, -1]])
        said = f"The {which} curve ({one.curve.name}, {low} to {high} V) is met to {number(1e3 * one.rms)} mV"
        return f"{said}." if one.fits else f"{said}: the half-cell curves are not those of this cell."

    def __str__(self) -> str:
        return self.summary()

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready record."""
        return {
            "modes": [one.to_dict() for one in self.quantities],
            "open": list(self.open),
            "fresh": self.fresh.to_dict(),
            "aged": self.aged.to_dict(),
            "errors": {
                "drift": self.noise.drift,
                "scatter": self.noise.scatter,
                "length": self.noise.length,
                "shared": self.noise.shared,
                "freedom": self.freedom,
            },
            "level": self.level,
            "tolerance": self.tolerance,
        }

    def plot(self, ax: Any = None, **style: Any) -> ModesDisplay:
        """Draw the modes with their intervals; those left open as words."""
        from ._modes_display import ModesDisplay

        return ModesDisplay.from_modes(self).plot(ax=ax, **style)


def modes(
    fresh: OpenCircuit,
    aged: OpenCircuit,
    negative: HalfCell,
    positive: HalfCell,
    *,
    window: tuple[float, float] | None = None,
    offset: bool = False,
    level: float = 0.95,
    tolerance: float = 0.05,
    intervals: Intervals = "profile",
    points: int = POINTS,
) -> DegradationModes:
    """Tell what a cell has lost of its lithium inventory and of its active materials, from two curves.

    Both curves are aligned together, with the modes themselves as parameters, so that their intervals are profiles of
    the misfit and errors that the two alignments share cancel. A mode that the curves leave open is named, and has no
    number.

    LAM_NE = 1 - Cn'/Cn, LAM_PE = 1 - Cp'/Cp, LLI = 1 - n'/n, where n is the lithium in both electrodes, counted from
    where the lithiation of their half-cell curves is 0. Lithium that active material took with it counts as lost.

    Parameters
    ----------
    fresh, aged : OpenCircuit
        Of the same cell, or of two of the same kind.
    negative, positive : HalfCell
    window : (float, float), optional
        Lower and upper voltage, V, to which both curves are cut; default: as they are.
    offset : bool
        Fit a constant voltage to each curve as well.
    level : float
        Of the intervals, between 0 and 1.
    tolerance : float
        Half a width of an interval above which a mode counts as open.
    intervals : {"profile", "student"}
        By profiles, or quickly by the covariance alone.
    points : int
        Means of rows to which each curve is reduced.

    Returns
    -------
    DegradationModes

    Raises
    ------
    ArgumentError
        An argument is out of range, or too few points lie in the window.
    FitError
        No place fits.

    References
    ----------
    Birkl et al. 2017, 10.1016/j.jpowsour.2016.12.011 (modes from half-cell curves); Dubarry, Truchot & Liaw 2012,
    10.1016/j.jpowsour.2012.07.016 (the modes); Mohtat et al. 2019, 10.1016/j.jpowsour.2019.03.104.

    Examples
    --------
    >>> x = np.linspace(0.0, 1.0, 200)
    >>> graphite = HalfCell("n", x, 0.1 + 0.8 * np.exp(-30 * x) - 0.04 * np.tanh(20 * (x - 0.5)) - 0.02 * x)
    >>> oxide = HalfCell("p", x, 4.4 - 0.6 * x - 0.4 * x**2 - 0.4 * np.exp(-30 * (1 - x)))
    >>> def curve(name, C, Cn, Cp, x0, y0):
    ...     Q = np.linspace(0.0, C, 300)
    ...     V = oxide.at(y0 - Q / Cp) - graphite.at(x0 + Q / Cn)
    ...     return OpenCircuit(name, Q, V + 1e-4 * np.random.default_rng(0).normal(size=300))
    >>> fresh = curve("fresh", 2.0, 2.5, 2.8, 0.03, 0.95)
    >>> aged = curve("aged", 1.8, 2.5, 2.52, 0.03, 0.95)
    >>> found = modes(fresh, aged, graphite, oxide, intervals="student")
    >>> round(found["LAM_PE"].value, 2), abs(round(found["LAM_NE"].value, 2)), found.open
    (0.1, 0.0, ())
    """
    checked(level, tolerance, points)
    if window is not None:
        fresh, aged = fresh.between(*window), aged.between(*window)
    shared: Any = {"offset": offset, "level": level, "intervals": "student", "points": points}
    first, last = (align(one, negative, positive, **shared) for one in (fresh, aged))
    found = judged(_joint(first.place, last.place), level=level, intervals=intervals)
    rivals = _rivals(first.place, last.place, found.reach)
    quantities = tuple(told(found[name], name, [one[name] for one in rivals], tolerance) for name in MODES)
    return DegradationModes(first, last, quantities, found.noise.typical, found.freedom, level, tolerance)


def losses(before: Mapping[str, float], after: Mapping[str, float], scale: float) -> dict[str, float]:
    """Return the modes between capacities before and after, as shares of two curves' capacities in the ratio ``scale``.

    Examples
    --------
    >>> before, after = {"Cn": 1.2, "Cp": 1.3, "inventory": 1.3}, {"Cn": 1.5, "Cp": 1.3, "inventory": 1.3}
    >>> {name: round(loss, 2) for name, loss in losses(before, after, 0.8).items()}
    {'LLI': 0.2, 'LAM_NE': 0.0, 'LAM_PE': 0.2}
    """
    kept = {name: scale * after[name] / before[name] for name in before}
    return {"LLI": 1.0 - kept["inventory"], "LAM_NE": 1.0 - kept["Cn"], "LAM_PE": 1.0 - kept["Cp"]}


def _between(fresh: Place, p: Array, aged: Place, q: Array) -> dict[str, float]:
    return losses(fresh.capacities(p), aged.capacities(q), aged.curve.capacity / fresh.curve.capacity)


def _joint(fresh: Place, aged: Place) -> CurveFit:
    """Return the fit of both curves in the parameters of the fresh one and the modes."""
    p, q = fresh.minima[0], aged.minima[0]
    scale = fresh.curve.capacity / aged.curve.capacity
    offset = [OFFSET] * (len(p) > 4)

    def voltage(**k: float) -> Array:
        begin = [k[name] for name in NAMES]
        before = fresh.capacities(np.array(begin))
        kept = {"Cn": 1.0 - k["LAM_NE"], "Cp": 1.0 - k["LAM_PE"], "inventory": 1.0 - k["LLI"]}
        after = {name: scale * kept[name] * before[name] for name in kept}
        end = aged.ends(k["x0_aged"], **after)
        return np.concatenate(
            [
                fresh.computed(np.array([*begin, *(k[name] for name in offset)])),
                aged.computed(np.array([*end, *(k[f"{name}_aged"] for name in offset)])),
            ]
        )

    at = dict(zip([*NAMES, *offset], map(float, p), strict=True))
    at |= {"x0_aged": float(q[0]), **_between(fresh, p, aged, q)} | ({f"{OFFSET}_aged": float(q[4])} if offset else {})
    return CurveFit(
        voltage,
        at,
        np.concatenate([fresh.voltage, aged.voltage]),
        np.concatenate([fresh.along, aged.along]),
        np.repeat([0, 1], [len(fresh.share), len(aged.share)]),
    )


def _rivals(fresh: Place, aged: Place, reach: float) -> list[dict[str, float]]:
    """Return the modes of other pairs of places whose misfits together rise by no more than ``reach``."""
    pairs = []
    for p in (fresh.minima[0], *fresh.rivals(reach)):
        for q in (aged.minima[0], *aged.rivals(reach)):
            rise = fresh.squares(p) + aged.squares(q) - fresh.squares(fresh.minima[0]) - aged.squares(aged.minima[0])
            if rise <= reach**2:
                pairs.append(_between(fresh, p, aged, q))
    return pairs
