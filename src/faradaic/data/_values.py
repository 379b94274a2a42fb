"""Columns of a table by their header, and their numbers: finite, or a message that says which row is in the way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import ColumnError, UnitError, joined, nearest, plural

from ._column import Column, parse_header
from ._files import Table, table

if TYPE_CHECKING:
    import pandas as pd

_SAME = str.maketrans({"μ": "µ", "Ω": "Ω"})


def read_inputs(source: str | Path | pd.DataFrame, columns: Sequence[Column]) -> np.ndarray:
    """Read the inputs of a data set from another table, e.g. the points at which to predict.

    Parameters
    ----------
    source : path or DataFrame
        A table with a column for each input; the unit may differ (``T [degC]`` for ``T [K]``). Further columns are
        left alone.
    columns : sequence of Column
        The inputs wanted, in this order, e.g. ``data.inputs``.

    Returns
    -------
    array of shape (n, p)
        SI.

    Raises
    ------
    ColumnError
        An input is missing or holds something that is not a finite number.
    UnitError
        An input has another dimension.
    InputError
        The file cannot be read.

    Examples
    --------
    >>> import pandas as pd
    >>> read_inputs(pd.DataFrame({"T [degC]": [0.0, 25.0]}), [parse_header("T [K]")]).ravel().tolist()
    [273.15, 298.15]
    """
    found = table(source)
    return np.column_stack([_input(found, column) for column in columns])


def _input(found: Table, wanted: Column) -> np.ndarray:
    headers = [str(name) for name in found.frame.columns]
    if wanted.header in headers:
        return wanted.to_si(numbers(found, wanted.header))
    same_name = [header for header in headers if _named(header, wanted.name)]
    if not same_name:
        return wanted.to_si(numbers(found, located(found, wanted.header)))
    if len(same_name) > 1:
        raise ColumnError(
            f"{found.name} has several columns for {wanted.name!r} ({joined(same_name)}); "
            f"call one of them {wanted.header!r}."
        )
    column = parse_header(same_name[0])
    if column.dimension != wanted.dimension:
        raise UnitError(
            f"Column {column.header!r} of {found.name} is in {column.unit or 'no unit'}, but {wanted.header!r} is "
            "needed; correct the unit."
        )
    return column.to_si(numbers(found, same_name[0]))


def _named(header: str, name: str) -> bool:
    try:
        return parse_header(header).name == name
    except UnitError:
        return False


def located(found: Table, header: str) -> str:
    """Return the table's own spelling of a header: blanks at the ends and look-alike letters do not matter."""
    columns = [str(name) for name in found.frame.columns]
    if header in columns:
        return header
    plain = {name.strip().translate(_SAME): name for name in columns}
    wanted = str(header).strip().translate(_SAME)
    if wanted in plain:
        return plain[wanted]
    named = [name for name in columns if name]
    close = nearest(str(header), named) or named[:8]
    raise ColumnError(
        f"{found.name} has no column {header!r}; did you mean {joined(map(repr, close), 'or')}? "
        "Write the header as it stands in the table, with its unit."
    )


def numbers(found: Table, header: str) -> np.ndarray:
    """Return one column as finite float64, or say which row is in the way."""
    import pandas as pd

    series = found.frame[header]
    if series.dtype.kind in "mMc":
        raise ColumnError(f"Column {header!r} of {found.name} holds {series.dtype} values; convert them to numbers.")
    values = pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    finite = np.isfinite(values)
    if finite.all():
        return values
    unreadable = np.isnan(values) & series.notna().to_numpy()
    if unreadable.any():
        place, what = int(unreadable.argmax()), "which is not a number"
        what = f"{str(series.iloc[place])!r}, {what}{_and_more(unreadable)}; correct it or leave the row out"
    else:
        place = int((~finite).argmax())
        kind = "no number (empty or NaN)" if np.isnan(values[place]) else f"{values[place]}, which is not finite"
        what = f"{kind}{_and_more(~finite)}; fill it in or leave the row out"
    raise ColumnError(f"Row {found.frame.index[place]} of column {header!r} in {found.name} holds {what}.")


def _and_more(bad: np.ndarray) -> str:
    others = int(bad.sum()) - 1
    return f" ({plural(others, 'other row')} like it)" if others else ""
