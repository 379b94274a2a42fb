"""Where the electrodes of one curve are by least squares, and where they might be as well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._cell_model import Electrodes, located, reduced_shares
from ._open_circuit import OpenCircuit

Array = np.ndarray
CAPACITIES = ("Cn", "Cp", "inventory")


@dataclass(frozen=True, eq=False)
class Place:
    """Where the electrodes of a curve are by least squares.

    Attributes
    ----------
    curve : OpenCircuit
    electrodes : Electrodes
    share, voltage : arrays of shape (n,)
        The curve, reduced to means of its rows.
    minima : tuple of array
        x0, x100, y0, y100 (and the offset) of each minimum, best first.
    """

    curve: OpenCircuit
    electrodes: Electrodes
    share: Array
    voltage: Array
    minima: tuple[Array, ...]

    @classmethod
    def of(cls, curve: OpenCircuit, electrodes: Electrodes, offset: bool, points: int) -> Place:
        """Return the place of a curve; FitError where there is none."""
        share, voltage = reduced_shares(curve, points)
        return cls(curve, electrodes, share, voltage, tuple(located(electrodes, share, voltage, offset)))

    def computed(self, p: Array) -> Array:
        """Return the voltages at parameters like those of a minimum, shape (n,)."""
        return self.electrodes.voltage(self.share, *p[:4]) + (p[4] if len(p) > 4 else 0.0)

    def squares(self, p: Array) -> float:
        """Return the sum of squares, V²."""
        return float(((self.computed(p) - self.voltage) ** 2).sum())

    def rivals(self, reach: float) -> list[Array]:
        """Return the other minima whose misfit rises by no more than ``reach`` V (root of the sum of squares)."""
        least = self.squares(self.minima[0])
        return [p for p in self.minima[1:] if self.squares(p) <= least + reach**2]

    @staticmethod
    def capacities(p: Array) -> dict[str, float]:
        """Return Cn, Cp and the inventory at parameters like those of a minimum, as shares of the curve's capacity."""
        Cn, Cp = 1.0 / (p[1] - p[0]), 1.0 / (p[2] - p[3])
        return {"Cn": Cn, "Cp": Cp, "inventory": p[0] * Cn + p[2] * Cp}

    @property
    def along(self) -> Array:
        """Lithiation of the negative electrode at the rows, along which errors of half-cell curves go together."""
        x0, x100 = self.minima[0][:2]
        return x0 + (x100 - x0) * self.share

    @staticmethod
    def ends(x0: float, Cn: float, Cp: float, inventory: float) -> tuple[float, float, float, float]:
        """Return x0, x100, y0 and y100 of capacities as shares of the curve's; the inverse of `capacities`."""
        y0 = (inventory - x0 * Cn) / Cp
        return x0, x0 + 1.0 / Cn, y0, y0 - 1.0 / Cp

    def beyond(self) -> list[str]:
        """Return sentences on electrodes that the fit continues beyond their half-cell curves."""
        x0, x100, y0, y100 = self.minima[0][:4]
        made = []
        for which, cell, low, high in (
            ("negative", self.electrodes.negative, x0, x100),
            ("positive", self.electrodes.positive, y100, y0),
        ):
            ends = cell.lithiation[[0, -1]]
            if low < ends[0] - 1e-3 or high > ends[1] + 1e-3:
                made.append(
                    f"The {which} electrode goes beyond its half-cell curve, which is continued straight there."
                )
        return made
