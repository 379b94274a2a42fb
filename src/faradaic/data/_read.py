"""`read`: from a table to a Dataset, with every problem of the input named in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import ArgumentError, ColumnError, InputError, UnitError, joined, number

from ._column import Column, parse_header
from ._conditions import conditions, largest_spread
from ._dataset import Dataset, Source
from ._files import Table, table
from ._reliability import Deterministic, Experiment, Reliability, ReliabilityName, Stochastic, as_reliability
from ._values import located, numbers

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike


def read(
    source: str | Path | pd.DataFrame,
    x: Sequence[str] | str,
    y: str,
    reliability: ReliabilityName | Reliability = "experiment",
    *,
    groups: str | Sequence[str] | ArrayLike | None = None,
    sigma: float | str | None = None,
    ordered: bool = False,
    name: str | None = None,
) -> Dataset:
    """Read a table of observations into SI.

    Parameters
    ----------
    source : path or DataFrame
        A .csv, .tsv, .txt, .parquet or .xlsx file, or a DataFrame.
    x : list of str
        Headers of the inputs, as they stand in the table: ``"T [K]"``, ``"T / K"``, ``"T (degC)"``, ``"r"``.
    y : str
        Header of the response.
    reliability : {"experiment", "stochastic", "deterministic"} or Reliability
        How the responses came about; an object carries numbers, e.g. ``Experiment(sigma=0.3)``.
    groups : str, list of str, or array of shape (n,), optional
        Header(s) of the columns that say which rows belong together (jointly), or one label per row.
    sigma : float or str, optional
        Standard deviation (standard error) of the responses, > 0: one number in the response's unit, or the header
        of a column. A header without a unit means the response's unit.
    ordered : bool
        The rows are a time series.
    name : str, optional
        What to call the source; default: the file's name without its extension.

    Returns
    -------
    Dataset

    Raises
    ------
    InputError
        The file cannot be read, has no rows, or its numbers make no sense together.
    ColumnError
        A column is missing, misspelt or ambiguous, or holds something that is not a finite number.
    UnitError
        A unit is unknown, or the unit of ``sigma`` does not fit the response.
    ArgumentError
        An argument contradicts another.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"T [degC]": [0.0, 25.0, 50.0], "k [mS/cm]": [3.0, 5.0, 8.0]})
    >>> data = read(table, x=["T [degC]"], y="k [mS/cm]", sigma=0.1)
    >>> data.X.ravel().tolist(), data.y.round(12).tolist(), data.noise_std.round(12).tolist()
    ([273.15, 298.15, 323.15], [0.3, 0.5, 0.8], [0.01, 0.01, 0.01])
    """
    headers = [x] if isinstance(x, str) else list(x)
    found = table(source)
    headers, response_header = _asked_for(found, headers, y)
    kind, sigma = _with_sigma(as_reliability(reliability), sigma)
    inputs = tuple(parse_header(header) for header in headers)
    response = parse_header(response_header)
    X = np.column_stack([column.to_si(numbers(found, header)) for column, header in zip(inputs, headers, strict=True)])
    y_user = numbers(found, response_header)
    codes, column, labels = _groups(found, groups)
    data = Dataset(
        X=X,
        y=response.to_si(y_user),
        inputs=inputs,
        response=response,
        noise=_noise(found, response, kind, sigma),
        source=np.zeros(len(X), dtype=np.int64),
        sources=(Source(name or _default_name(source), kind),),
        groups=codes,
        group_column=column,
        group_labels=labels,
        ordered=bool(ordered),
    )
    check_deterministic(data, found.frame.index)
    return data


def check_deterministic(data: Dataset, row_labels: Any = None) -> None:
    """Raise InputError if deterministic rows of equal inputs disagree by more than their tolerance."""
    rows = np.flatnonzero(data.deterministic)
    if not len(rows):
        return
    worst, pair = largest_spread(data.y[rows], conditions(data.X[rows])[0])
    if worst <= data.tolerance:
        return
    places = rows[list(pair)]
    one, other = places if row_labels is None else (row_labels[place] for place in places)
    first, second = (f"{value:.6g}" for value in data.y_user[places])
    raise InputError(
        f"Rows {one} and {other} have equal inputs but {data.response.header!r} is {first} and {second}, which "
        "deterministic data cannot be; state a larger tolerance, add the missing input, or call them an experiment."
    )


def _default_name(source: Any) -> str:
    return Path(source).name.split(".")[0] if isinstance(source, str | Path) else "table"


def _asked_for(found: Table, x: list[str], y: str) -> tuple[list[str], str]:
    if not x:
        raise ArgumentError("x names no column; give the header of at least one input.")
    inputs, response = [located(found, header) for header in x], located(found, y)
    twice = sorted({header for header in inputs if inputs.count(header) > 1})
    if twice:
        raise ArgumentError(f"x names {joined(map(repr, twice))} more than once; name every input once.")
    if response in inputs:
        raise ArgumentError(f"{response!r} is both an input (x) and the response (y); take it out of x.")
    return inputs, response


def _with_sigma(kind: Reliability, sigma: float | str | None) -> tuple[Reliability, float | str | None]:
    """Bring the number given as ``sigma`` and the one inside the reliability together."""
    if isinstance(kind, Deterministic):
        if sigma is not None:
            raise ArgumentError("Deterministic data have no sigma; leave it out, or give Deterministic(tolerance=...).")
        return kind, None
    stated = kind.sigma if isinstance(kind, Experiment) else kind.standard_error
    if sigma is None:
        if stated is None and isinstance(kind, Stochastic):
            raise ArgumentError(
                "Stochastic data need their standard errors; give sigma, a number or the header of their column."
            )
        return kind, stated
    if stated is not None:
        raise ArgumentError(f"The noise is given twice, sigma={sigma!r} and {kind}; give it once.")
    if isinstance(sigma, str):
        return kind, sigma
    if isinstance(sigma, bool) or not isinstance(sigma, int | float | np.number) or not 0 < sigma < np.inf:
        raise ArgumentError(f"sigma must be a positive number or the header of a column, got {sigma!r}.")
    return type(kind)(float(sigma)), float(sigma)


def _noise(found: Table, response: Column, kind: Reliability, sigma: float | str | None) -> np.ndarray:
    n = len(found.frame)
    if isinstance(kind, Deterministic):
        return np.zeros(n)
    if not isinstance(sigma, str):
        return np.full(n, np.nan if sigma is None else response.spread_to_si(sigma))
    header = located(found, sigma)
    column = parse_header(header)
    values = numbers(found, header)
    if not (values > 0).all():
        place = int((values <= 0).argmax())
        raise ColumnError(
            f"Row {found.frame.index[place]} of column {header!r} in {found.name} holds {number(values[place])}; "
            "a standard error must be positive."
        )
    if not column.unit:
        return response.spread_to_si(values)
    if column.dimension != response.dimension:
        raise UnitError(
            f"The unit of {header!r} ({column.unit}) does not fit the response {response.header!r}; "
            f"give the standard errors in {response.unit or 'pure numbers'} or a unit of the same dimension."
        )
    return column.spread_to_si(values)


def _groups(found: Table, groups: Any) -> tuple[np.ndarray | None, str | None, tuple[str, ...]]:
    """Return the code of each row's group, what the groups are called, and the label of each code."""
    import pandas as pd

    if groups is None:
        return None, None, ()
    headers = _group_headers(found, groups)
    if headers is None:
        labels, column = pd.Series(np.asarray(groups)), "groups"
        missing = labels.isna()
        if missing.any():
            raise ArgumentError(f"groups has no label for row {found.frame.index[int(missing.argmax())]}; label it.")
        codes, names = pd.factorize(labels)
        return codes.astype(np.int64), column, tuple(str(label) for label in names)
    frame = found.frame[headers]
    for header in headers:
        missing = frame[header].isna().to_numpy()
        if missing.any():
            row = found.frame.index[int(missing.argmax())]
            raise ColumnError(f"Row {row} of the group column {header!r} is empty; give every row a group.")
    codes = frame.groupby(headers, sort=False, observed=True).ngroup().to_numpy(dtype=np.int64)
    first = np.unique(codes, return_index=True)[1]
    names = tuple(", ".join(map(str, row)) for row in frame.iloc[first].itertuples(index=False, name=None))
    return codes, joined(_quantity(header) for header in headers), names


def _group_headers(found: Table, groups: Any) -> list[str] | None:
    """Return the headers that ``groups`` names, or None where it holds one label per row."""
    if isinstance(groups, str):
        return [located(found, groups)]
    labels = list(groups)
    columns = set(map(str, found.frame.columns))
    words = bool(labels) and all(isinstance(label, str) for label in labels)
    if words and (columns.issuperset(labels) or len(labels) != len(found.frame)):
        return [located(found, label) for label in dict.fromkeys(labels)]
    if len(labels) != len(found.frame):
        raise ArgumentError(f"groups must have one label for each of the {len(found.frame)} rows, got {len(labels)}.")
    return None


def _quantity(header: str) -> str:
    try:
        return parse_header(header).name
    except UnitError:
        return header
