"""The (pseudo-)open-circuit curve of a full cell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import ArgumentError, number

from ._curve_table import FEWEST, curve_table, mean_of_parts

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class OpenCircuit:
    """The voltage of a cell against the charge that was put in, without (much) current.

    Attributes
    ----------
    name : str
    charge : array of shape (n,)
        A h above the first point, rising; positive current charges the cell.
    voltage : array of shape (n,)
        V; on the whole rising.

    Raises
    ------
    ArgumentError
        The arrays do not fit, there are fewer than 20 points, or the charge does not rise.

    Examples
    --------
    >>> curve = OpenCircuit("a", np.linspace(0.0, 2.0, 50), np.linspace(3.0, 4.2, 50))
    >>> curve, curve.between(3.3, 3.9)
    (<OpenCircuit 'a': 2 A h, 3 to 4.20 V, 50 points>, <OpenCircuit 'a': 0.939 A h, 3.32 to 3.88 V, 24 points>)
    """

    name: str
    charge: Array
    voltage: Array

    def __post_init__(self) -> None:
        Q, V = (np.array(values, dtype=np.float64) for values in (self.charge, self.voltage))
        if Q.ndim != 1 or Q.shape != V.shape or len(Q) < FEWEST or not np.isfinite([Q, V]).all():
            raise ArgumentError(
                f"The curve of {self.name!r} needs two finite columns of one length, at least {FEWEST}, got {Q.shape} "
                f"and {V.shape}."
            )
        if not ((np.diff(Q) >= 0).all() and Q[-1] > Q[0] and V[-1] > V[0]):
            raise ArgumentError(f"Along the curve of {self.name!r} the charge and the voltage must rise.")
        Q = Q - Q[0]
        for name, values in (("charge", Q), ("voltage", V)):
            values.flags.writeable = False
            object.__setattr__(self, name, values)

    @property
    def capacity(self) -> float:
        """A h between the ends."""
        return float(self.charge[-1])

    def __repr__(self) -> str:
        ends = f"{number(float(self.voltage[0]))} to {number(float(self.voltage[-1]))} V"
        return f"<OpenCircuit {self.name!r}: {number(self.capacity)} A h, {ends}, {len(self.charge)} points>"

    def between(self, low: float, high: float) -> OpenCircuit:
        """Return the part between two voltages: after the last point below ``low``, before the first above ``high``.

        Raises
        ------
        ArgumentError
            Fewer than 20 points lie between.
        """
        if not low < high:
            raise ArgumentError(f"A window needs a lower and a higher voltage, got {low:g} and {high:g} V.")
        above = np.flatnonzero(self.voltage < low)
        first = int(above[-1]) + 1 if len(above) else 0
        beyond = np.flatnonzero(self.voltage[first:] > high)
        last = first + int(beyond[0]) if len(beyond) else len(self.voltage)
        if last - first < FEWEST:
            raise ArgumentError(
                f"Only {last - first} points of {self.name!r} lie between {low:g} and {high:g} V; widen the window."
            )
        return OpenCircuit(self.name, self.charge[first:last], self.voltage[first:last])

    def reduced(self, points: int) -> OpenCircuit:
        """Return means of equally many neighbouring points, so many of them; the curve itself if it has no more."""
        return OpenCircuit(self.name, mean_of_parts(self.charge, points), mean_of_parts(self.voltage, points))

    def slopes(self, n_basis: int = 60) -> tuple[Array, Array, Array]:
        """Return Q, dV/dQ and V of a rising spline through the curve.

        Parameters
        ----------
        n_basis : int
            Functions of the spline (`faradaic.approximations.Spline`): more show more and smooth less.

        Returns
        -------
        charge, slope, voltage : arrays of shape (400,)
            A h, V/(A h), V. dQ/dV is 1/slope.
        """
        from faradaic.approximations import Spline

        small = self.reduced(400)
        spline = Spline(n_basis=n_basis, monotone="increasing").fit(small.charge[:, None], small.voltage)
        Q = np.linspace(small.charge[0], small.charge[-1], 400)[:, None]
        return Q[:, 0], spline.derivative(Q, 0), spline.predict(Q)


def open_circuit(
    source: str | Path | pd.DataFrame,
    *,
    capacity: str | None = None,
    voltage: str | None = None,
    name: str | None = None,
) -> OpenCircuit:
    """Read the (pseudo-)open-circuit curve of a full cell: a slow charge or discharge, or rests.

    Parameters
    ----------
    source : path or DataFrame
        A .csv, .tsv, .txt, .parquet or .xlsx file, or a DataFrame: one branch. Of a discharge, whose voltage falls
        with the capacity, the curve is turned round, so that the charge counts from its lowest voltage.
    capacity, voltage : str, optional
        Headers, ``Q [mAh]`` and ``V [V]``; default: the only columns of such units.
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
    >>> open_circuit(pd.DataFrame({"Q [Ah]": Q, "V [V]": 4.2 - 0.6 * Q}), name="a discharge")
    <OpenCircuit 'a discharge': 2 A h, 3 to 4.2 V, 50 points>
    """
    from faradaic._core import UnitError

    found = curve_table(source, capacity, voltage, name)
    if not found.unit:
        raise UnitError(f"The capacity of {found.name} needs its unit, e.g. Q [Ah]: shares tell no loss.")
    Q, V = found.along, found.voltage
    if not found.rises:
        Q, V = Q[-1] - Q[::-1], V[::-1]
    return OpenCircuit(found.name, Q - Q[0], V)
