"""Whether a table can hold a trend at all."""

from __future__ import annotations

from faradaic._core import InputError, number, plural

from ._dataset import Dataset

FEWEST_ROWS = 3


def check_enough(data: Dataset, fewest: int = FEWEST_ROWS) -> None:
    """Refuse a table that holds no trend: too few rows to leave one out, or a response that never changes.

    Raises
    ------
    InputError

    Examples
    --------
    >>> import pandas as pd
    >>> from faradaic.data import read
    >>> check_enough(read(pd.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0]}), x=["x"], y="y", name="two"))
    Traceback (most recent call last):
    faradaic._core._errors.InputError: two has only 2 rows of data; at least 3 are needed.
    """
    judged = data.judged
    if len(judged) < fewest:
        raise InputError(f"{data.name} has only {plural(len(judged), 'row')} of data; at least {fewest} are needed.")
    if judged.y.min() == judged.y.max():
        raise InputError(
            f"The response {data.response.header!r} is {number(float(judged.y_user[0]))} in every row; "
            "a trend needs a response that varies."
        )
