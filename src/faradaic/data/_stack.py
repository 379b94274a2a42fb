"""`stack`: sources of different reliability in one data set."""

from __future__ import annotations

import numpy as np

from faradaic._core import ArgumentError, ColumnError, UnitError, joined

from ._column import Column
from ._dataset import Dataset, Source
from ._read import check_deterministic
from ._reliability import Experiment, rescaled


def stack(*datasets: Dataset, target: str | int | None = None) -> Dataset:
    """Join data sets of the same quantities; every row keeps the reliability of its source.

    Columns are matched by name and shown in the units of the first data set. Groups of different sources are different
    groups, unless they have the same label in a group column of the same name.

    One source may be the *target*: the truth that a trend shall predict, of which the others are cheaper accounts.
    Only its rows are ever left out, and errors and noise floor are theirs. A family that tells sources apart
    (`faradaic.approximations.CoKriging`) then learns from all rows, the others from those of the target alone.
    Without a target all rows are rows of one trend, weighted by their noise.

    Parameters
    ----------
    *datasets : Dataset
        At least one; with a target, the cheapest first.
    target : str, int or None, optional
        Name or number (from 0) of the source that is the truth, or ``"all"``: every row counts alike. Default: the only
        `Experiment` beside sources that were sampled or computed; where there is no such, ``"all"``.

    Raises
    ------
    ArgumentError
        Nothing was given, or there is no such target.
    ColumnError
        The quantities are not the same.
    UnitError
        A quantity has another dimension in another data set.
    InputError
        There is no target, and deterministic rows of equal inputs disagree.

    Examples
    --------
    >>> import pandas as pd
    >>> from faradaic.data import read
    >>> warm = pd.DataFrame({"T [degC]": [10.0, 20.0, 30.0], "U [V]": [1.0, 2.0, 3.0]})
    >>> cold = pd.DataFrame({"T [K]": [100.0, 200.0, 250.0], "U [mV]": [10.0, 20.0, 30.0]})
    >>> both = stack(
    ...     read(warm, x=["T [degC]"], y="U [V]", name="cell"),
    ...     read(cold, x=["T [K]"], y="U [mV]", reliability="deterministic", name="model"),
    ... )
    >>> both.source.tolist(), both.y.round(3).tolist()
    ([0, 0, 0, 1, 1, 1], [1.0, 2.0, 3.0, 0.01, 0.02, 0.03])
    >>> both.sources[both.target].name
    'cell'
    """
    if not datasets:
        raise ArgumentError("stack needs at least one data set, got none.")
    first = datasets[0]
    orders = [_order(first, other) for other in datasets]
    sources, source, shift = [], [], 0
    for data in datasets:
        factor = data.response.scale / first.response.scale
        sources += [Source(one.name, rescaled(one.reliability, factor)) for one in data.sources]
        source.append(data.source + shift)
        shift += len(data.sources)
    codes, column, labels = _groups(datasets)
    stacked = Dataset(
        X=np.concatenate([data.X[:, order] for data, order in zip(datasets, orders, strict=True)]),
        y=np.concatenate([data.y for data in datasets]),
        inputs=first.inputs,
        response=first.response,
        noise=np.concatenate([data.noise for data in datasets]),
        source=np.concatenate(source),
        sources=tuple(sources),
        groups=codes,
        group_column=column,
        group_labels=labels,
        ordered=all(data.ordered for data in datasets),
        target=_target(target, sources),
    )
    if stacked.target is None:  # accounts of different worth may differ under equal conditions
        check_deterministic(stacked)
    return stacked


def _target(target: str | int | None, sources: list[Source]) -> int | None:
    """Return the place of the source that is meant, None for all."""
    names = [source.name for source in sources]
    if target is None:
        measured = [place for place, source in enumerate(sources) if isinstance(source.reliability, Experiment)]
        return measured[0] if len(measured) == 1 and len(sources) > 1 else None
    if isinstance(target, str) and names.count(target) == 1:
        return names.index(target)
    if target == "all":
        return None
    if isinstance(target, int | np.integer) and not isinstance(target, bool) and 0 <= target < len(names):
        return int(target)
    raise ArgumentError(
        f"target must be the name of one source ({joined(map(repr, names), 'or')}), its number from 0, or 'all', "
        f"got {target!r}."
    )


def _order(first: Dataset, other: Dataset) -> list[int]:
    """Return where each input of ``first`` stands in ``other``."""
    names = [column.name for column in other.inputs]
    wanted = [column.name for column in first.inputs]
    if sorted(names) != sorted(wanted) or other.response.name != first.response.name:
        raise ColumnError(
            f"{other.name} holds {other.response.name} against {joined(names)}, but {first.name} holds "
            f"{first.response.name} against {joined(wanted)}; give equal quantities equal names."
        )
    order = [names.index(name) for name in wanted]
    _check_dimension(first.response, other.response)
    for column, place in zip(first.inputs, order, strict=True):
        _check_dimension(column, other.inputs[place])
    return order


def _check_dimension(one: Column, other: Column) -> None:
    if one.dimension != other.dimension:
        raise UnitError(
            f"{one.header!r} and {other.header!r} have the same name but different dimensions "
            f"({one.si_unit} and {other.si_unit}); correct the unit or rename one."
        )


def _groups(datasets: tuple[Dataset, ...]) -> tuple[np.ndarray | None, str | None, tuple[str, ...]]:
    """Join the groups; rows of a source without groups stay with their replicates, each condition a group."""
    if all(data.groups is None for data in datasets):
        return None, None, ()
    known: dict[tuple[object, ...], int] = {}
    labels: list[str] = []
    codes, columns = [], dict.fromkeys(data.group_column for data in datasets if data.groups is not None)
    for place, data in enumerate(datasets):
        own = data.condition_groups
        own = np.arange(len(data)) if own is None else own
        present, inverse = np.unique(own, return_inverse=True)
        new = np.empty(len(present), dtype=np.int64)
        for i, code in enumerate(present):
            key, label = _key(data, place, int(code))
            new[i] = known.setdefault(key, len(known))
            if new[i] == len(labels):
                labels.append(label)
        codes.append(new[inverse])
    return np.concatenate(codes), joined(map(str, columns), "or"), tuple(labels)


def _key(data: Dataset, place: int, code: int) -> tuple[tuple[object, ...], str]:
    if data.groups is None:
        return (place, code), f"{data.name}, condition {code}"
    label = data.group_labels[code] if code < len(data.group_labels) else str(code)
    return (data.group_column, label), label
