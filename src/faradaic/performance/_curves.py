"""Incremental capacity and differential voltage: slopes of a monotone spline, not differences of noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError
from faradaic.approximations import Spline
from faradaic.data import read
from faradaic.landscape import landscape

from ._cell import Cell
from ._features import curve_of

Array = np.ndarray
FOLDS = 5
# functions that are compared where their number is left to the data
SIZES = (6, 9, 13, 19, 28, 40)


@dataclass(frozen=True, eq=False)
class SlopeCurve:
    """A smoothed monotone curve and its slope.

    Attributes
    ----------
    x, y, slope : arrays of shape (n,)
        Points of the abscissa, the smoothed curve and dy/dx there.
    spline : Spline
        The fitted spline.
    xlabel, ylabel, slope_label : str
        What the three are, with units.
    """

    x: Array
    y: Array
    slope: Array
    spline: Spline
    xlabel: str
    ylabel: str
    slope_label: str

    def plot(self, ax: Any = None, **style: Any) -> Any:
        """Draw the slope against the abscissa on ``ax`` (or a new figure) and return the axes."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(4.8, 3.4), layout="constrained")
        ax.plot(self.x, self.slope, **style)
        ax.set(xlabel=self.xlabel, ylabel=self.slope_label)
        return ax


def incremental_capacity(
    voltage: ArrayLike, capacity: ArrayLike, *, n_basis: int | None = None, points: int = 400
) -> SlopeCurve:
    """Return dQ/dV (A h/V) of a charge or discharge curve, the slope of a monotone spline of Q against V.

    Parameters
    ----------
    voltage : array of shape (n,)
        V.
    capacity : array of shape (n,)
        Charge that has passed, A h: it rises with the voltage on charge, and falls with it on discharge. Which of the
        two it is, the ends say.
    n_basis : int, optional
        Number of B-splines; default: chosen by cross-validation among 6 to 40.
    points : int
        At so many voltages, evenly over the range of the data.

    Raises
    ------
    ArgumentError
        The arrays do not fit each other, hold fewer than 10 points, or numbers that are not finite.

    References
    ----------
    Dubarry, Svoboda, Hwu & Liaw 2006, 10.1149/1.2221767 (incremental capacity).

    Examples
    --------
    >>> V = np.linspace(3.0, 4.0, 60)
    >>> Q = np.tanh((V - 3.5) / 0.1)
    >>> found = incremental_capacity(V, Q, n_basis=28)
    >>> round(float(found.x[found.slope.argmax()]), 2), bool((found.slope >= 0).all())
    (3.5, True)
    """
    labels = ("V [V]", "Q [Ah]", "dQ/dV [Ah/V]")
    return _slope(voltage, capacity, n_basis, points, labels)


def differential_voltage(
    capacity: ArrayLike, voltage: ArrayLike, *, n_basis: int | None = None, points: int = 400
) -> SlopeCurve:
    """Return dV/dQ (V/(A h)) of a charge or discharge curve, the slope of a monotone spline of V against Q.

    Parameters and errors as those of `incremental_capacity`.

    References
    ----------
    Bloom et al. 2005, 10.1016/j.jpowsour.2004.07.021.

    Examples
    --------
    >>> Q = np.linspace(0.0, 1.0, 40)
    >>> found = differential_voltage(Q, 4.0 - 0.5 * Q, n_basis=6)
    >>> found.slope.round(6).min(), found.slope.round(6).max()
    (np.float64(-0.5), np.float64(-0.5))
    """
    labels = ("Q [Ah]", "V [V]", "dV/dQ [V/Ah]")
    return _slope(capacity, voltage, n_basis, points, labels)


def cell_incremental_capacity(cell: Cell, cycle: float, **options: Any) -> SlopeCurve:
    """Return dQ/dV of the curve of one cycle of a cell; see `incremental_capacity` for the options.

    Raises
    ------
    ArgumentError
        The cell has no curve of this cycle.

    Examples
    --------
    >>> V = np.linspace(3.6, 2.0, 50)
    >>> cell = Cell("a", [10], [1.0], voltage=V, curves=[np.linspace(0.0, 1.0, 50)])
    >>> cell_incremental_capacity(cell, 10, n_basis=6).slope.round(6).tolist()[0]
    -0.625
    """
    curve = curve_of(cell, cycle)
    assert cell.voltage is not None
    return incremental_capacity(cell.voltage, curve, **options)


def _slope(x: ArrayLike, y: ArrayLike, n_basis: int | None, points: int, labels: tuple[str, str, str]) -> SlopeCurve:
    along, values = (np.asarray(each, dtype=np.float64) for each in (x, y))
    if along.ndim != 1 or along.shape != values.shape or len(along) < 10:
        raise ArgumentError(
            f"A curve needs at least 10 voltages and as many capacities, got shapes {along.shape} and {values.shape}."
        )
    if not (np.isfinite(along).all() and np.isfinite(values).all()) or np.ptp(along) == 0:
        raise ArgumentError("The voltages and capacities of a curve must be finite, and not all the same.")
    if points < 2:
        raise ArgumentError(f"points must be at least 2, got {points!r}.")
    rises = (values[along.argmax()] - values[along.argmin()]) >= 0
    spline = Spline(monotone="increasing" if rises else "decreasing")
    if n_basis is None:
        n_basis = _number(spline, along, values)
    fitted = spline.at_size(n_basis).fit(along[:, None], values)
    grid = np.linspace(along.min(), along.max(), points)
    at = grid[:, None]
    return SlopeCurve(grid, fitted.predict(at), fitted.derivative(at, 0), fitted, *labels)


def _number(spline: Spline, x: Array, y: Array) -> int:
    import pandas as pd

    data = read(pd.DataFrame({"x": x, "y": y}), x=["x"], y="y", name="curve")
    sizes = [size for size in SIZES if size <= len(x) // 2] or [4]
    return int(landscape(spline, data, sizes=sizes, splits=FOLDS).select().size)
