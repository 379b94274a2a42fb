"""Two columns of a table as a curve: a capacity or a share, and a voltage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import ColumnError, InputError, UnitError, joined
from faradaic.data import parse_header, read, read_table

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray
COULOMBS = 3600.0  # in one A h
FEWEST = 20  # rows of a curve: four stoichiometries, an offset, and enough to judge them by
MOST_BACKWARD = 0.05  # share of the whole way that may lead back: noise, but not a second branch
MOST_JUMPING = 0.005  # root mean square of the steps between sorted rows, as a share of the span
# headers of common exports whose unit is the whole name, or that state none
_BARE = {"ah": 1.0, "mah": 1e-3}
_VOLTS = ("v", "volt", "volts", "voltage_v", "voltage_aligned")
_SHARES = ("x", "y", "z", "soc", "soc_aligned", "sto", "stoichiometry", "lithiation", "normalizedcapacity")


@dataclass(frozen=True, eq=False)
class CurveTable:
    """A curve as it stood in a table, in the order of its first column.

    Attributes
    ----------
    along : array of shape (n,)
        Capacity in A h, or a pure number (`unit` is empty).
    voltage : array of shape (n,)
        V.
    unit : {"A h", ""}
    name : str
    """

    along: Array
    voltage: Array
    unit: str
    name: str

    @property
    def rises(self) -> bool:
        """Whether the voltage rises with the first column."""
        return bool(self.voltage[-1] > self.voltage[0])


def curve_table(
    source: str | Path | pd.DataFrame,
    capacity: str | None = None,
    voltage: str | None = None,
    name: str | None = None,
) -> CurveTable:
    """Read a curve.

    Parameters
    ----------
    source : path or DataFrame
    capacity, voltage : str, optional
        Headers; default: the only column of such a unit, e.g. ``Q [Ah]`` and ``V [V]``.
    name : str, optional
        Default: of the file.

    Raises
    ------
    InputError
        The file cannot be read, there are too few rows, or the voltage goes up and down.
    ColumnError
        A column is missing, or several could be meant.
    UnitError
        A column has a unit of another kind.

    Examples
    --------
    >>> import pandas as pd
    >>> found = curve_table(pd.DataFrame({"Q [mAh]": np.arange(20.0), "V [mV]": 3000.0 + np.arange(20.0)}))
    >>> found.unit, float(found.along[-1]), float(found.voltage[-1])
    ('A h', 0.019, 3.019)
    """
    by_path = isinstance(source, str | Path)
    frame = read_table(source) if by_path else source
    where, table = Path(source).name if by_path else "the table", [str(column) for column in frame.columns]
    along = capacity or _capacity(table, where)
    across = voltage or _only([h for h in table if _is_voltage(h)], table, "voltage", "V [V]", where)
    data = read(frame, [along], across, name=name or (Path(source).name.split(".")[0] if by_path else None))
    label = data.sources[0].name
    if len(data) < FEWEST:
        raise InputError(f"A curve needs at least {FEWEST} rows, {label} has {len(data)}; give more of it.")
    if not _is_voltage(across):
        raise UnitError(f"The column {across!r} must be a voltage with its unit, e.g. V [V].")
    return _ordered(*_amount(along, data.X[:, 0]), data.y, label)


def _amount(header: str, values: Array) -> tuple[Array, str]:
    column, bare = parse_header(header), _BARE.get(header.strip().lower())
    if bare is not None:
        return values * bare, "A h"
    if column.si_unit == "C":
        return values / COULOMBS, "A h"
    if column.si_unit == "dimensionless":
        return values, ""
    raise UnitError(f"The column {header!r} must be a capacity (Q [Ah]) or a share (x), it is in {column.unit}.")


def _ordered(along: Array, unit: str, voltage: Array, name: str) -> CurveTable:
    order = np.argsort(along, kind="stable")
    q, v = along[order], voltage[order]
    if q[-1] == q[0]:
        raise InputError(f"The capacity of {name} does not change; give a curve that goes somewhere.")
    # of a charge and a discharge over the same capacities the rows alternate once they are sorted
    if _backward(along) > MOST_BACKWARD and np.sqrt(np.mean(np.diff(v) ** 2)) > MOST_JUMPING * np.ptp(v):
        raise InputError(f"The rows of {name} go there and back; give one branch, a charge or a discharge.")
    # what leads back is summed over means of some rows, between which noise averages out
    means = np.array([part.mean() for part in np.array_split(v, min(len(v) // 4, 50))])
    if _backward(means) > MOST_BACKWARD:
        raise InputError(
            f"The voltage of {name} goes up and down with its capacity; give one branch, a charge or a discharge."
        )
    return CurveTable(q, v, unit, name)


def _backward(values: Array) -> float:
    """Return which share of the whole way of some values leads back."""
    steps = np.diff(values)
    return float(min(steps[steps > 0].sum(), -steps[steps < 0].sum()) / (np.abs(steps).sum() or 1.0))


def _capacity(table: list[str], where: str) -> str:
    charges = [h for h in table if h.strip().lower() in _BARE or _si_unit(h) == "C"]
    shares = [h for h in table if h.strip().lower() in _SHARES]
    return _only(charges or shares, table, "capacity", "Q [Ah]", where)


def _only(found: list[str], table: list[str], what: str, example: str, where: str) -> str:
    if len(found) > 1:
        raise ColumnError(f"Several columns of {where} could be its {what}: {joined(map(repr, found))}; name one.")
    if not found:
        raise ColumnError(
            f"There is no column of a {what} with its unit in {where}, e.g. {example}; its columns are "
            f"{joined(map(repr, table))}."
        )
    return found[0]


def _is_voltage(header: str) -> bool:
    return header.strip().lower() in _VOLTS or _si_unit(header) == "V"


def _si_unit(header: str) -> str:
    try:
        return parse_header(header).si_unit
    except UnitError:
        return ""


def mean_of_parts(values: Array, parts: int) -> Array:
    """Return the means of equally many rows, shape (parts,); all rows where there are no more than that.

    Examples
    --------
    >>> mean_of_parts(np.arange(6.0), 3).tolist()
    [0.5, 2.5, 4.5]
    """
    if len(values) <= parts:
        return values
    edges = np.linspace(0, len(values), parts + 1).astype(int)
    return np.add.reduceat(values, edges[:-1]) / np.diff(edges)
