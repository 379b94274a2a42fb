"""The numbers of a report as rows of text: designs tried, the winner's landscape, outer choices, failures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from faradaic._core import number, plural
from faradaic.landscape import Exploration, Landscape, Selection


@dataclass(frozen=True)
class NumberTable:
    """A table of text.

    Attributes
    ----------
    title : str
    head : tuple of str
    rows : tuple of tuples of str
    marked : int
        Row to be emphasised; -1: none.
    words : int
        How many of the first columns are words rather than numbers.
    note : str
        One sentence below the table.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marked: int = -1
    words: int = 1
    note: str = ""


def design_labels(landscapes: tuple[Landscape, ...]) -> list[str]:
    """Return each design in words; designs of equal words are told apart by the arguments in which they differ."""
    plain = [one.label for one in landscapes]
    times = Counter(plain)
    labels = []
    for one, label in zip(landscapes, plain, strict=True):
        if times[label] > 1:
            same = [other for other in landscapes if other.label == label]
            label = f"{label}{_apart(one, same)}"
        labels.append(label)
    return labels


def _apart(one: Landscape, same: list[Landscape]) -> str:
    arguments = [landscape.design.approximation.get_params(deep=False) for landscape in same]
    size = one.design.approximation.size_name
    own = one.design.approximation.get_params(deep=False)
    differing = [
        str(value)
        for name, value in own.items()
        if name != size and len({str(other.get(name)) for other in arguments}) > 1 and len(str(value)) < 30
    ]
    return f" ({', '.join(differing)})" if differing else ""


def tables(exploration: Exploration) -> list[NumberTable]:
    """Return the tables of one exploration, in the order in which they are read."""
    made = [_designs(exploration), _winner(exploration)]
    if exploration.outer is not None:
        made.append(_choices(exploration))
    return made


def failures(exploration: Exploration) -> list[str]:
    """Return what failed, one sentence each; empty if nothing did."""
    lines = [f"{label}: {reason}" for label, reason in exploration.failures.items()]
    swept = [*zip(design_labels(exploration.landscapes), exploration.landscapes, strict=True)]
    swept.append((f"{exploration.best.label}, full sweep", exploration.best))
    for label, one in swept:
        reasons = one.errors["failure"].values.ravel()
        failed = Counter(str(reason) for reason in reasons if reason)
        if failed:
            most = "; ".join(f"{reason} ({count}×)" for reason, count in failed.most_common(3))
            lines.append(f"{label}: {int(failed.total()):,} of {plural(len(reasons), 'fit')} failed: {most}")
    return lines


def _error(unit: str) -> str:
    return f" [{unit}]" if unit else ""


def _row(label: str, choice: Selection) -> tuple[str, ...]:
    return (
        label,
        f"{choice.design.size_name} {_size(choice.size)}",
        f"{choice.parameters:,}",
        number(choice.effective),
        number(choice.train_error),
        f"{number(choice.test_error)} ± {number(choice.standard_error, 2)}",
    )


def _size(size: object) -> str:
    return " × ".join(map(str, size)) if isinstance(size, list | tuple) else str(size)


def _designs(exploration: Exploration) -> NumberTable:
    pairs = list(zip(design_labels(exploration.landscapes), exploration.selections, strict=True))
    pairs.sort(key=lambda pair: pair[1].test_error)
    unit = _error(exploration.unit)
    return NumberTable(
        title="Designs that were tried",
        head=("design", "size", "parameters", "effective", f"train error{unit}", f"test error{unit}"),
        rows=tuple(_row(label, choice) for label, choice in pairs),
        marked=0,
        words=2,
        note=f"Each at its chosen size, scanned at a few sizes; test error ± its standard error, {_kind(exploration)}.",
    )


def _kind(exploration: Exploration) -> str:
    return f"splits: {exploration.best.splits.kind}"


def _winner(exploration: Exploration) -> NumberTable:
    best, unit = exploration.best, _error(exploration.unit)
    order = np.argsort(best.parameters, kind="stable")
    chosen = best.sizes.index(exploration.selection.size)
    seconds = best.errors["seconds"].sum(("repeat", "fold")).values
    rows = tuple(
        (
            _size(best.sizes[k]),
            best.regimes.names[k],
            f"{int(best.parameters[k]):,}",
            number(float(best.effective[k])),
            number(float(best.train_error[k])) if not best.failed[k] else "–",
            number(float(best.test_error[k])) if not best.failed[k] else "–",
            f"{seconds[k]:.2f}",
            str(int(best.failed[k])),
        )
        for k in order
    )
    return NumberTable(
        title=f"Landscape of the chosen design: {best.label}",
        head=(best.design.size_name, "regime", "parameters", "effective", f"train error{unit}", f"test error{unit}",
              "time [s]", "failed"),
        rows=rows,
        marked=int(np.flatnonzero(order == chosen)[0]),
        words=2,
        note=f"n = {best.n_train:,} distinct conditions in the smallest training set; {_kind(exploration)}.",
    )  # fmt: skip


def _choices(exploration: Exploration) -> NumberTable:
    outer = exploration.outer
    assert outer is not None
    unit = _error(exploration.unit)
    return NumberTable(
        title="What was chosen on each outer training set",
        head=("design", "size", "parameters", "effective", f"train error{unit}", f"inner test error{unit}"),
        rows=tuple(_row(choice.label, choice) for choice in outer.choices),
        words=2,
        note=f"Outer splits: {outer.kind}. The rows they leave out took no part in choosing.",
    )
