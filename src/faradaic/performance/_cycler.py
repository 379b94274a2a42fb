"""Records of battery cyclers in the Battery Data Format, and what a cell showed in them, cycle by cycle."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError, ColumnError, InputError, OptionalImportError, joined
from faradaic.data import read_table

from ._cell import Cell

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray
TIME, VOLTAGE, CURRENT, CYCLE = "Test Time / s", "Voltage / V", "Current / A", "Cycle Count / 1"
# the format's names for machines
LABELS = {"test_time_second": TIME, "voltage_volt": VOLTAGE, "current_ampere": CURRENT, "cycle_count": CYCLE}
NEEDED = (TIME, VOLTAGE, CURRENT)
PLAIN = (".csv", ".tsv", ".txt", ".bdf", ".parquet")
SECONDS = 3600.0
# a discharge ends at its cut-off, and the last row lies a little above it: so much may be missing to a voltage, V
CUT_OFF = 0.01


def read_records(path: str | Path) -> pd.DataFrame:
    """Return the records of a cycler as a table in the Battery Data Format (BDF), a row for each moment.

    A table (.csv, .bdf, .parquet) whose headers are those of the format (``Test Time / s``, ``Voltage / V``,
    ``Current / A``, ``Cycle Count / 1`` ..., or ``test_time_second`` ...) is read as it is. Every other file is read by
    the package ``batterydf``, of the extra ``cells``: BioLogic .mpt, Neware .csv, .nda and .ndax, Digatron, Landt,
    Novonix and BaSyTec text, MATLAB, and spreadsheets whose headers it recognises, such as Arbin's. Version 0.1.0 has
    no reader for Maccor's files.

    Parameters
    ----------
    path : path

    Returns
    -------
    DataFrame
        At least time in s, voltage in V and current in A, under the format's headers.

    Raises
    ------
    InputError
        The file is missing, or no record of a cycler that can be read.
    OptionalImportError
        It is no table of the format, and ``batterydf`` is not installed.

    References
    ----------
    Battery Data Alliance, Battery Data Format, https://github.com/battery-data-alliance/battery-data-format.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import pandas as pd
    >>> table = pd.DataFrame({"test_time_second": [0, 60], "voltage_volt": [3.5, 3.4], "current_ampere": [-1, -1]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "a.bdf.csv"
    ...     table.to_csv(path, index=False)
    ...     read_records(path).columns.tolist()
    ['Test Time / s', 'Voltage / V', 'Current / A']
    """
    path = Path(path)
    if path.is_dir() or not path.exists():
        read_table(path)  # says so in its own words
    plain = _plain(path)
    return _by_package(path) if plain is None else plain


def read_cycler(
    source: str | Path | pd.DataFrame,
    *,
    name: str | None = None,
    positive: Literal["charge", "discharge"] = "charge",
    voltage: ArrayLike | None = None,
) -> Cell:
    """Return what a cell showed, cycle by cycle, from the records of a cycler.

    The capacity of a cycle is the charge that left the cell while it was discharged: the current over the time, by
    trapezoids between neighbouring rows that are both of a discharge of this cycle. At most one interval between rows
    is lost at either end of a discharge.

    Parameters
    ----------
    source : path or DataFrame
        See `read_records`; a DataFrame has the format's headers. ``Cycle Count / 1`` is needed here.
    name : str, optional
        Of the cell; default: the file's name.
    positive : {"charge", "discharge"}
        What a positive current does. The format says charge; some cyclers count the other way, and their files keep it.
    voltage : array of shape (v,), optional
        Voltages, V, at which the discharged capacity of each cycle is wanted as curves; NaN where a discharge ended
        more than 10 mV above.

    Returns
    -------
    Cell

    Raises
    ------
    ColumnError
        A column is missing or holds no finite numbers.
    InputError
        The time runs backwards, no cycle has a discharge, or the voltage falls while the current is said to charge.
    OptionalImportError
        As `read_records`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> time = np.arange(0.0, 7201.0, 60.0)
    >>> records = pd.DataFrame(
    ...     {"Test Time / s": time, "Voltage / V": 3.0 + 1e-4 * np.minimum(time, 7200 - time),
    ...      "Current / A": np.where(time <= 3600, 1.0, -1.0), "Cycle Count / 1": 1}
    ... )
    >>> cell = read_cycler(records, name="a", voltage=[3.3, 3.1])
    >>> cell, cell.curves.round(2).tolist()
    (<Cell 'a': 1 cycle, 0.9833 to 0.9833 A h>, [[0.15, 0.71]])
    """
    if positive not in ("charge", "discharge"):
        raise ArgumentError(f"positive must be 'charge' or 'discharge', got {positive!r}.")
    if isinstance(source, str | Path):
        title, records = Path(source).name, read_records(source)
    else:
        title, records = "the DataFrame", source.rename(columns=LABELS)
    t, V, current, cycle = (_numbers(records, header, title) for header in (TIME, VOLTAGE, CURRENT, CYCLE))
    current = current if positive == "charge" else -current
    _check(t, V, current, title, positive)
    at = None if voltage is None else np.asarray(voltage, dtype=np.float64)
    numbers = np.unique(cycle)
    discharges = [_discharge(t, V, current, cycle == n) for n in numbers]
    capacity = np.array([Q[-1] if len(Q) else np.nan for _, Q in discharges])
    if not np.isfinite(capacity).any():
        raise InputError(f"No cycle of {title} has a discharge: no two neighbouring rows have a negative current.")
    curves = None if at is None else np.stack([_curve(*one, at) for one in discharges])
    called = name or (Path(source).name.split(".")[0] if isinstance(source, str | Path) else "cell")
    return Cell(called, numbers, capacity, at, curves)


def _plain(path: Path) -> pd.DataFrame | None:
    """Return the table of a file that is one of the format, else None."""
    if path.suffix.lower() not in PLAIN:
        return None
    try:
        table = read_table(path)
    except InputError:
        return None  # a vendor's file with a preamble, for instance
    table = table.rename(columns=LABELS)
    return table.reset_index(drop=True) if set(NEEDED) <= set(table.columns) else None


def _by_package(path: Path) -> pd.DataFrame:
    try:
        from bdf import read  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise OptionalImportError("bdf", "cells") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of old labels, which it translates, and of the time, which is checked here
        try:
            return read(str(path)).rename(columns=LABELS)
        except Exception as error:  # it raises whatever its many readers do
            reason = " ".join(str(error).split())
            raise InputError(
                f"{path.name!r} cannot be read as a record of a cycler ({reason[:200].rstrip('.')}); give a file of a "
                f"cycler that batterydf knows, or a table with the columns {joined(map(repr, NEEDED))}."
            ) from error


def _numbers(records: pd.DataFrame, header: str, title: str) -> Array:
    import pandas as pd

    if header not in records.columns:
        raise ColumnError(f"There is no column {header!r} in {title}; it has {joined(map(repr, records.columns))}.")
    values = pd.to_numeric(records[header], errors="coerce").to_numpy(np.float64)
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values))[0])
        raise ColumnError(f"The column {header!r} of {title} must hold finite numbers; row {row} does not.")
    return values


def _check(t: Array, V: Array, current: Array, title: str, positive: str) -> None:
    if len(t) < 2 or (np.diff(t) < 0).any():
        raise InputError(f"The time of {title} must not run backwards, and needs two rows; repair the record first.")
    rises = np.diff(V)
    charging = (current[1:] > 0) & (current[:-1] > 0)
    discharging = (current[1:] < 0) & (current[:-1] < 0)
    # over a record what is charged is discharged again: the signs of the two sums are those of the current's meaning
    if rises[charging].sum() < 0 < rises[discharging].sum():
        other = "discharge" if positive == "charge" else "charge"
        raise InputError(
            f"The voltage of {title} falls where its current is said to charge the cell; give positive={other!r}."
        )


def _discharge(t: Array, V: Array, current: Array, mine: Array) -> tuple[Array, Array]:
    """Return voltages, and the charge in A h that had left by then, of the rows of a discharge; empty: none."""
    out = np.where(mine & (current < 0), -current, np.nan)
    step = 0.5 * (out[1:] + out[:-1]) * np.diff(t) / SECONDS  # NaN unless both rows are of the discharge
    counted = np.flatnonzero(np.isfinite(step))
    return V[counted + 1], np.cumsum(step[counted])


def _curve(V: Array, Q: Array, at: Array) -> Array:
    if not len(Q):
        return np.full(len(at), np.nan)
    falling = np.minimum.accumulate(V)  # a pulse or a rest lets it rise for a while: what had left by then stays
    curve = np.interp(at, falling[::-1], Q[::-1], right=0.0)
    return np.where(at < falling[-1] - CUT_OFF, np.nan, curve)
