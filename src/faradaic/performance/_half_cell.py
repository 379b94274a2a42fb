"""The open-circuit potential of an electrode against its lithiation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError, InputError

from ._curve_table import curve_table

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray
KNOTS = 300  # of an interpolant, equally far from one another along the curve


@dataclass(frozen=True, eq=False)
class HalfCell:
    """The open-circuit potential of an electrode, U against its lithiation.

    The lithiation is 0 at one end of the curve and 1 at the other, unless the table states stoichiometries: of both
    electrodes it rises while the electrode takes up lithium, and U falls. Between the points a monotone cubic goes
    through them (PCHIP); beyond the ends U goes on along a straight line, which is an extrapolation.

    Attributes
    ----------
    name : str
    lithiation : array of shape (k,)
        Increasing; x of a negative electrode, y of a positive one.
    potential : array of shape (k,)
        V against lithium, never rising.
    capacity : float
        A h between the ends of the curve; NaN where the table does not say.

    Raises
    ------
    ArgumentError
        The arrays do not fit, or U rises.

    References
    ----------
    Fritsch & Carlson 1980, SIAM J. Numer. Anal. 17, 238, 10.1137/0717021.

    Examples
    --------
    >>> cell = HalfCell("a", [0.0, 0.5, 1.0], [1.0, 0.2, 0.1])
    >>> cell.at([0.5, 1.0]).tolist(), bool(cell.slope(0.2) < 0)
    ([0.2, 0.1], True)
    """

    name: str
    lithiation: Array
    potential: Array
    capacity: float = float("nan")

    def __post_init__(self) -> None:
        x, U = (np.array(values, dtype=np.float64) for values in (self.lithiation, self.potential))
        if x.ndim != 1 or x.shape != U.shape or len(x) < 2 or not np.isfinite([x, U]).all():
            raise ArgumentError(
                f"The curve of {self.name!r} needs two finite columns of one length, got {x.shape} and {U.shape}."
            )
        if not ((np.diff(x) > 0).all() and (np.diff(U) <= 0).all()):
            raise ArgumentError(f"Along the curve of {self.name!r} the lithiation must rise and the potential fall.")
        for name, values in (("lithiation", x), ("potential", U)):
            values.flags.writeable = False
            object.__setattr__(self, name, values)

    def __repr__(self) -> str:
        U = self.potential
        return f"<HalfCell {self.name!r}: {U[0]:.3f} to {U[-1]:.3f} V, {len(U)} points>"

    @cached_property
    def _curve(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        from scipy.interpolate import PchipInterpolator

        curve = PchipInterpolator(self.lithiation, self.potential)
        return curve, curve.derivative()

    def at(self, lithiation: ArrayLike) -> Array:
        """Return U at lithiations of any shape, V."""
        x = np.asarray(lithiation, dtype=np.float64)
        curve, slope = self._curve
        inside = np.clip(x, self.lithiation[0], self.lithiation[-1])
        U = curve(inside)
        beyond = x != inside
        if np.any(beyond):
            U = U + np.where(beyond, slope(inside) * (x - inside), 0.0)
        return U

    def slope(self, lithiation: ArrayLike) -> Array:
        """Return dU/dx at lithiations of any shape, V."""
        x = np.asarray(lithiation, dtype=np.float64)
        return self._curve[1](np.clip(x, self.lithiation[0], self.lithiation[-1]))


def half_cell(
    source: str | Path | pd.DataFrame,
    *,
    capacity: str | None = None,
    voltage: str | None = None,
    n_basis: int | None = None,
    name: str | None = None,
) -> HalfCell:
    """Read the open-circuit potential of an electrode from a table.

    Points that rise are made level with their neighbours (the closest curve that never rises, by least squares), and
    the curve is thinned to points that are equally far from one another along it.

    Parameters
    ----------
    source : path or DataFrame
        A .csv, .tsv, .txt, .parquet or .xlsx file, or a DataFrame: one branch, lithiation or delithiation.
    capacity : str, optional
        Header of a capacity, ``Q [mAh]``, of which the ends become 0 and 1, or of a pure number within 0 and 1, which
        is taken for the lithiation (turned round where the potential rises with it). Default: the only such column.
    voltage : str, optional
        Header of the potential, ``U [V]``. Default: the only column in volts.
    n_basis : int, optional
        Smooth a noisy curve by a falling spline of so many functions (`faradaic.approximations.Spline`), instead of
        passing through its points.
    name : str, optional
        Default: of the file.

    Raises
    ------
    InputError
        The table cannot be read as one branch of a curve; ColumnError and UnitError say why.

    Examples
    --------
    >>> import pandas as pd
    >>> Q = np.linspace(0.0, 2.0, 50)
    >>> read = half_cell(pd.DataFrame({"Q [Ah]": Q, "U [V]": 4.2 - 0.3 * Q}))
    >>> round(read.capacity, 6), read.at([0.0, 1.0]).round(6).tolist()
    (2.0, [4.2, 3.6])
    """
    found = curve_table(source, capacity, voltage, name)
    q, U = found.along, found.voltage
    share = not found.unit and q[0] >= 0 and q[-1] <= 1
    span = float(q[-1] - q[0])
    x = q if share else (q - q[0]) / span
    if found.rises:
        x, U = 1.0 - x[::-1], U[::-1]
    x, U = _falling(x, U, found.name) if n_basis is None else _smooth(x, U, n_basis)
    return HalfCell(found.name, *_thinned(x, U), span if found.unit else float("nan"))


def _falling(x: Array, U: Array, name: str) -> tuple[Array, Array]:
    from sklearn.isotonic import IsotonicRegression

    places, inverse = np.unique(x, return_inverse=True)
    means = np.bincount(inverse, U) / np.bincount(inverse)
    if len(places) < 3:
        raise InputError(f"The curve of {name} has fewer than 3 different capacities; give more of it.")
    return places, IsotonicRegression(increasing=False).fit_transform(places, means)


def _smooth(x: Array, U: Array, n_basis: int) -> tuple[Array, Array]:
    from faradaic.approximations import Spline

    spline = Spline(n_basis=n_basis, monotone="decreasing", knots="quantile").fit(x[:, None], U)
    places = np.linspace(x[0], x[-1], 20 * KNOTS)
    return places, np.minimum.accumulate(spline.predict(places[:, None]))


def _thinned(x: Array, U: Array) -> tuple[Array, Array]:
    """Return points of a curve at equal distances along it, in shares of its two spans."""
    along = np.concatenate([[0.0], np.cumsum(np.diff(x) / (x[-1] - x[0]) - np.diff(U) / (np.ptp(U) or 1.0))])
    places = np.interp(np.linspace(0.0, along[-1], KNOTS), along, x)
    places[[0, -1]] = x[[0, -1]]  # rounding must not move the ends
    places = np.unique(places)
    return places, np.minimum.accumulate(np.interp(places, x, U))
