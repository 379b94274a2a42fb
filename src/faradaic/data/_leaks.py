"""Rows that are trained on and tested on: what is then measured is memory."""

from __future__ import annotations

import warnings
from collections import Counter
from itertools import combinations

import numpy as np

from faradaic._core import LeakWarning, plural

from ._dataset import Dataset

# so many rows must be equal, lest rounded readings of few inputs that happen to agree are taken for a copied file
FEWEST, SHARE = 3, 0.02
FEWEST_OF_GROUP, COPIED = (
    5,
    0.9,
)  # of the rows of the smaller group: readings of a few inputs, rounded, agree here and there


def shared_rows(train: Dataset, test: Dataset) -> np.ndarray:
    """Return the places of rows of ``test`` that occur in ``train`` with equal inputs and an equal response.

    Parameters
    ----------
    train, test : Dataset
        With the same inputs.

    Returns
    -------
    int array of shape (k,)

    Examples
    --------
    >>> import pandas as pd
    >>> from faradaic.data import read
    >>> one = read(pd.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0]}), x=["x"], y="y")
    >>> two = read(pd.DataFrame({"x": [5.0, 2.0], "y": [3.0, 4.0]}), x=["x"], y="y")
    >>> shared_rows(one, two).tolist()
    [1]
    """
    known = {row.tobytes() for row in _rows(train)}
    return np.array([k for k, row in enumerate(_rows(test)) if row.tobytes() in known], dtype=np.int64)


def leaks(train: Dataset, test: Dataset) -> np.ndarray:
    """Warn if rows of ``test`` occur in ``train``, and return their places; see `shared_rows`.

    Warns
    -----
    LeakWarning
        At least 3 rows do, and 2 % of the tested ones.

    Examples
    --------
    >>> import pandas as pd
    >>> from faradaic.data import read
    >>> one = read(pd.DataFrame({"x": range(9), "y": range(9)}), x=["x"], y="y")
    >>> with warnings.catch_warnings(record=True) as said:
    ...     warnings.simplefilter("always")
    ...     leaks(one, one.take([3, 4, 5])).tolist()
    [0, 1, 2]
    >>> str(said[0].message)
    'All 3 rows of table that are tested occur in the training rows: their error is that of memory; leave them out.'
    """
    found = shared_rows(train, test)
    if len(found) >= max(FEWEST, SHARE * len(test)):
        some = f"All {len(test):,}" if len(found) == len(test) else f"{len(found):,} of {len(test):,}"
        warnings.warn(
            f"{some} rows of {test.name} that are tested occur in the training rows: their error is that of memory; "
            "leave them out.",
            LeakWarning,
            stacklevel=2,
        )
    return found


def warn_of_copies(data: Dataset) -> None:
    """Warn if nearly all rows of one group stand in another one too: splits by group then leak.

    Warns
    -----
    LeakWarning
        At least 5 rows do, and nine of ten of the smaller group, equal in inputs and response.
    """
    if data.groups is None:
        return
    code = np.unique(_rows(data), axis=0, return_inverse=True)[1].ravel()
    pairs = np.unique(np.column_stack([code, data.groups]), axis=0)
    sizes = Counter(pairs[:, 1].tolist())
    shared: Counter[tuple[int, int]] = Counter()
    for groups in np.split(pairs[:, 1], np.flatnonzero(np.diff(pairs[:, 0])) + 1):
        shared.update(combinations(groups.tolist(), 2))
    copied = [(a, b) for (a, b), n in shared.items() if n >= max(FEWEST_OF_GROUP, COPIED * min(sizes[a], sizes[b]))]
    if not copied:
        return
    one, other = (data.group_labels[g] if data.group_labels else str(g) for g in copied[0])
    more = f", and of {plural(len(copied) - 1, 'further pair')}" if len(copied) > 1 else ""
    warnings.warn(
        f"{shared[copied[0]]} rows of {data.name} stand in both {one} and {other}{more}, equal in inputs and response: "
        f"split by {data.group_column}, a test row occurs in training; is a file there twice?",
        LeakWarning,
        stacklevel=3,
    )


def _rows(data: Dataset) -> np.ndarray:
    return np.column_stack([data.X, data.y]) + 0.0  # no negative zeros
