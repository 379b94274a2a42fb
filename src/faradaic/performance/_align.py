"""Half-cell alignment: where on their own curves the two electrodes of a cell work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import ArgumentError, joined, number

from ._cell_model import NAMES, POINTS, Electrodes
from ._curve_intervals import CurveFit, Intervals, judged
from ._curve_noise import CurveNoise
from ._curve_table import FEWEST
from ._half_cell import HalfCell
from ._open_circuit import OpenCircuit
from ._place import CAPACITIES, Place
from ._told import Answers, Told, told

if TYPE_CHECKING:
    from ._alignment_display import AlignmentDisplay

Array = np.ndarray
# what a capacity that is open leaves open of a change
MODE_OF = {"inventory": "LLI", "Cn": "LAM_NE", "Cp": "LAM_PE"}
OFFSET = "offset"
FITS = 0.010  # V root mean square, above which the electrodes are not those of the cell
ANY_OFFSET = 1.0  # V: an offset is no quantity of interest, whatever its interval


@dataclass(frozen=True, eq=False)
class Alignment(Answers):
    """Where on their half-cell curves the electrodes of a cell work; made by `align`.

    Attributes
    ----------
    place : Place
        The curve, the electrodes and the least squares.
    quantities : tuple of Told
        ``x0``, ``x100``, ``y0``, ``y100``: lithiation of the negative and the positive electrode at the lower and the
        upper end of the curve; ``Cn``, ``Cp``: capacities of the electrodes between the ends of their half-cell curves,
        A h; ``inventory``: lithium in both electrodes, above these ends, A h; and ``offset``, V, if it was fitted.
    noise : CurveNoise
        Of the errors, along the lithiation of the negative electrode.
    freedom : float
        Degrees of freedom that the residuals are worth.
    level, tolerance : float
        Of the intervals; and half a width of them above which a quantity counts as open.
    """

    place: Place
    quantities: tuple[Told, ...]
    noise: CurveNoise
    freedom: float
    level: float
    tolerance: float

    @property
    def curve(self) -> OpenCircuit:
        """The curve that was aligned."""
        return self.place.curve

    @property
    def residual(self) -> Array:
        """Computed less observed voltage of the reduced curve, V."""
        return self.place.computed(self.place.minima[0]) - self.place.voltage

    @property
    def rms(self) -> float:
        """Root mean square of the residuals, V."""
        return float(np.sqrt((self.residual**2).mean()))

    @property
    def fits(self) -> bool:
        """Whether `rms` is below 10 mV: above, the half-cell curves are not those of this cell."""
        return self.rms <= FITS

    @property
    def open_modes(self) -> tuple[str, ...]:
        """Degradation modes of which this curve cannot tell its part: LLI, LAM_NE, LAM_PE."""
        return tuple(mode for name, mode in MODE_OF.items() if not self[name].identified)

    def voltage(self, charge: Any) -> Array:
        """Return the computed voltage at charges above the lower end of the curve, in A h; V, of the shape of them."""
        p = self.place.minima[0]
        share = np.asarray(charge, dtype=np.float64) / self.curve.capacity
        return self.place.electrodes.voltage(share, *p[:4]) + (p[4] if len(p) > 4 else 0.0)

    def summary(self) -> str:
        """Return the answer in words."""
        low, high = self.curve.voltage[[0, -1]]
        lines = [
            f"{self.curve.name}, {number(float(low))} to {number(float(high))} V: the electrodes meet the curve to "
            f"{number(1e3 * self.rms)} mV (root mean square)."
        ]
        if not self.fits:
            lines.append(
                f"That is more than {number(1e3 * FITS)} mV: the half-cell curves are not those of this cell, and the "
                f"numbers mean little."
            )
        lines += [f"{one}." for one in self.quantities if one.identified]
        lines += [f"{one}." for one in self.quantities if not one.identified]
        if self.open_modes:
            lines.append(f"This window leaves open what it takes to know {joined(self.open_modes)}.")
        lines += self.place.beyond()
        lines.append(
            f"In brackets: {number(100 * self.level)} % intervals, of errors that go together over "
            f"{number(self.noise.length, 2)} of the negative electrode's lithiation; the curve is worth "
            f"{number(self.freedom, 2)} independent residuals."
        )
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.summary()

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready record."""
        return {
            "curve": self.curve.name,
            "window": self.curve.voltage[[0, -1]].tolist(),
            "capacity": self.curve.capacity,
            "rms": self.rms,
            "fits": self.fits,
            "quantities": [one.to_dict() for one in self.quantities],
            "open_modes": list(self.open_modes),
            "level": self.level,
        }

    def plot(self, ax: Any = None, **style: Any) -> AlignmentDisplay:
        """Draw the curve, its two electrodes and the residual."""
        from ._alignment_display import AlignmentDisplay

        return AlignmentDisplay.from_alignment(self).plot(ax=ax, **style)


def align(
    curve: OpenCircuit,
    negative: HalfCell,
    positive: HalfCell,
    *,
    offset: bool = False,
    level: float = 0.95,
    tolerance: float = 0.05,
    intervals: Intervals = "profile",
    points: int = POINTS,
) -> Alignment:
    """Find where on their half-cell curves the electrodes of a cell work, and what of it the curve identifies.

    V(Q) = U₊(y0 + (y100 - y0) Q/C) - U₋(x0 + (x100 - x0) Q/C) by least squares from many starts, where C is the charge
    between the ends of the curve. Errors of such fits are those of the half-cell curves: they go together over long
    stretches, so that a thousand points are worth a few. Their correlation is estimated, and the intervals are as wide
    as it demands (`docs/modes.md`).

    Parameters
    ----------
    curve : OpenCircuit
        A slow charge or discharge; part of one will do, and says less.
    negative, positive : HalfCell
    offset : bool
        Fit a constant voltage as well: the polarisation of a constant current.
    level : float
        Of the intervals, between 0 and 1.
    tolerance : float
        Half a width of an interval above which a quantity counts as open: of lithiations as it is, of capacities
        relative to their size.
    intervals : {"profile", "student"}
        By profiles, or quickly by the covariance alone.
    points : int
        Means of rows to which the curve is reduced.

    Returns
    -------
    Alignment

    Raises
    ------
    ArgumentError
        An argument is out of range, or the electrodes are exchanged.
    FitError
        No place fits.

    References
    ----------
    Bloom et al. 2005, 10.1016/j.jpowsour.2004.07.021; Dahn, Smith & Dahn 2012, 10.1149/2.022209jes; Mohtat et al. 2019,
    10.1016/j.jpowsour.2019.03.104 (identifiability); Weng, Siegel & Stefanopoulou 2023, 10.3389/fenrg.2023.1087269.

    Examples
    --------
    >>> x = np.linspace(0.0, 1.0, 200)
    >>> graphite = HalfCell("n", x, 0.1 + 0.8 * np.exp(-30 * x) - 0.04 * np.tanh(20 * (x - 0.5)) - 0.02 * x)
    >>> oxide = HalfCell("p", x, 4.4 - 0.6 * x - 0.4 * x**2 - 0.4 * np.exp(-30 * (1 - x)))
    >>> Q = np.linspace(0.0, 2.0, 400)
    >>> V = oxide.at(0.95 - 0.35 * Q) - graphite.at(0.03 + 0.4 * Q)
    >>> V = V + 1e-4 * np.random.default_rng(0).normal(size=400)
    >>> found = align(OpenCircuit("a", Q, V), graphite, oxide, intervals="student")
    >>> round(found["Cn"].value, 2), found.open, found.rms < 1e-3
    (2.5, (), True)
    """
    checked(level, tolerance, points)
    place = Place.of(curve, Electrodes(negative, positive), offset, points)
    first = judged(_lithiations(place), level=level, intervals=intervals)
    second = judged(_capacities(place), level=level, intervals=intervals, noise=first.noise)
    rivals = place.rivals(first.reach)
    quantities = [told(first[name], name, [float(p[j]) for p in rivals], tolerance) for j, name in enumerate(NAMES)]
    C = curve.capacity
    for name in CAPACITIES:
        others = [place.capacities(p)[name] for p in rivals]
        one = second[name]
        limit = tolerance * one.value if np.isfinite(one.value) else tolerance
        quantities.append(told(one, name, others, limit, factor=C, unit="A h"))
    if offset:
        quantities.append(told(first[OFFSET], OFFSET, [float(p[4]) for p in rivals], ANY_OFFSET, unit="V"))
    return Alignment(place, tuple(quantities), first.noise.typical, first.freedom, level, tolerance)


def checked(level: float, tolerance: float, points: int) -> None:
    """Raise ArgumentError where an argument is out of range."""
    if not 0.0 < level < 1.0:
        raise ArgumentError(f"level must lie between 0 and 1, got {level!r}.")
    if not tolerance > 0:
        raise ArgumentError(f"tolerance must be positive, got {tolerance!r}.")
    if not points >= FEWEST:
        raise ArgumentError(f"points must be at least {FEWEST}, got {points!r}.")


def _lithiations(place: Place) -> CurveFit:
    """Return the fit in its own parameters."""
    best = place.minima[0]
    names = [*NAMES, *[OFFSET] * (len(best) > 4)]

    def voltage(**p: float) -> Array:
        return place.computed(np.array([p[name] for name in names]))

    x, y = place.electrodes.bounds
    bounds = dict(zip(NAMES, (x, x, y, y), strict=True))
    at = {name: float(value) for name, value in zip(names, best, strict=True)}
    return CurveFit(voltage, at, place.voltage, place.along, np.zeros(len(place.share), dtype=int), bounds)


def _capacities(place: Place) -> CurveFit:
    """Return the fit in the capacities, which degradation changes, and in where the curve begins."""
    best = place.minima[0]
    offset = [OFFSET] * (len(best) > 4)

    def voltage(**p: float) -> Array:
        ends = place.ends(p["x0"], p["Cn"], p["Cp"], p["inventory"])
        return place.computed(np.array([*ends, *(p[name] for name in offset)]))

    at = {"x0": float(best[0]), **place.capacities(best), **({OFFSET: float(best[4])} if offset else {})}
    return CurveFit(voltage, at, place.voltage, place.along, np.zeros(len(place.share), dtype=int))
