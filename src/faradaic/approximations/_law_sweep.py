"""Where the searches of one law on many sets of rows end, all of them followed in one batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from faradaic.laws import Law, padded_rows

from ._group_problem import GroupProblem
from ._group_search import NEGLIGIBLE, searched
from ._law_fit import TRIED_FOR_EACH_RESTART, Near, drawn_starts

Array = np.ndarray
# rows up to which one batch is faster than fits made alone: these judge starts by some of their rows
TOGETHER = 256


class Prepared(NamedTuple):
    """The rows of one fit as a law sees them."""

    X: Array
    y: Array
    root_precision: Array


@dataclass(frozen=True, eq=False)
class _Ends:
    u: Array
    cost: Array
    held: Array
    good: Array
    agreeing: Array


def ends_together(
    law: Law, parts: Sequence[Prepared], *, log: bool, restarts: int, random: Generator
) -> list[Near | None]:
    """Search the best parameters of a law for every set of rows at once.

    Starts are drawn as `fit_law` draws them. Two of each set are followed, and the others of those sets whose two did
    not end together, as it does one after the other.

    Parameters
    ----------
    law : Law
        Not linear in all its parameters, or compared by logarithms.
    parts : sequence of Prepared
        Sets of rows, of at most `TOGETHER` rows to be fast.
    log, restarts, random
        As for `fit_law`.

    Returns
    -------
    list of Near or None
        None where no search converged: `fit_law` alone then says what is wrong.
    """
    length = padded_rows(max(len(one.y) for one in parts))
    spare = [length - len(one.y) for one in parts]  # filled up by the first row, of weight zero
    X = np.array([np.concatenate([p.X, np.repeat(p.X[:1], n, axis=0)]) for p, n in zip(parts, spare, strict=True)])
    y = np.array([np.concatenate([p.y, np.repeat(p.y[:1], n)]) for p, n in zip(parts, spare, strict=True)])
    weight = [np.concatenate([p.root_precision, np.zeros(n)]) for p, n in zip(parts, spare, strict=True)]
    problem = GroupProblem.of(law, X, y, np.array(weight), log)
    tried = np.vstack([law.start, drawn_starts(law, TRIED_FOR_EACH_RESTART * restarts, random)])
    starts, finite = problem.starts(tried, restarts)
    found = _followed(problem, starts[:, :2], finite[:, :2])
    alone = np.flatnonzero(
        (found.agreeing < 2) & ~(found.good & (found.cost <= NEGLIGIBLE)) & finite[:, 2:].any(axis=1)
    )
    followed = np.full(len(parts), min(2, starts.shape[1]))
    if len(alone):
        more = _followed(problem.of_groups(alone), starts[alone, 2:], finite[alone, 2:])
        better = more.good & ~(found.good[alone] & (found.cost[alone] <= more.cost))
        for name in ("u", "cost", "held", "good", "agreeing"):
            getattr(found, name)[alone[better]] = getattr(more, name)[better]
        followed[alone] = starts.shape[1]
    return [
        Near(found.u[j], found.held[j], int(followed[j]), int(found.agreeing[j])) if found.good[j] else None
        for j in range(len(parts))
    ]


def _followed(problem: GroupProblem, starts: Array, finite: Array) -> _Ends:
    best = searched(problem, starts, finite)
    return _Ends(best.u, best.cost, best.held, best.converged, best.agreeing)
