"""The search for the optima of many groups from several starts each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._batched_search import NOT_FINITE, RUNNING, batched_search
from ._group_problem import GroupProblem

Array = np.ndarray
SAME_COST = 1e-8  # two starts that end this close together found the same optimum
NEGLIGIBLE = 1e-22  # of the scatter: an exact fit up to rounding
# a narrow range hardly tells the parameters of some laws apart, and the way along such a valley is long
MOST_STEPS, MOST_STEPS_OF_THE_BEST = 200, 5000
LONGEST = 3.0  # step of the logarithm of a positive parameter


@dataclass(frozen=True, eq=False)
class Best:
    """The best search of each group: where it ended, its cost, what bounds hold, why it stopped, and how many agree."""

    u: Array
    cost: Array
    held: Array
    stop: Array
    agreeing: Array

    @property
    def converged(self) -> Array:
        """Which groups have an optimum, (b,)."""
        return np.isfinite(self.cost) & (self.stop != RUNNING) & (self.stop != NOT_FINITE)


def searched(problem: GroupProblem, starts: Array, finite: Array) -> Best:
    """Follow the starts (b, r, k) that are finite; a best one that is still on its way goes on alone."""
    b, r, k = starts.shape
    u, cost, held = starts.copy(), np.full((b, r), np.inf), np.zeros((b, r, k), dtype=bool)
    stop = np.full((b, r), NOT_FINITE)
    reach = np.where(problem.logarithmic, LONGEST, np.inf)

    def follow(rows: Array, columns: Array, most: int) -> None:
        if not len(rows):
            return
        lower, upper = (np.broadcast_to(one, (len(rows), k)) for one in problem.bounds)
        found = batched_search(
            lambda at, index: problem.linearised(at, rows[index]), u[rows, columns], lower, upper, reach,
            negligible=np.full(len(rows), 0.5 * NEGLIGIBLE), most=most,
        )  # fmt: skip
        u[rows, columns], cost[rows, columns] = found.u, found.cost
        held[rows, columns], stop[rows, columns] = found.held, found.stop

    each = np.arange(b)
    rows, columns = np.nonzero(finite)
    follow(rows, columns, MOST_STEPS)
    best = cost.argmin(axis=1)
    late = np.flatnonzero((stop[each, best] == RUNNING) & np.isfinite(cost[each, best]))
    follow(late, best[late], MOST_STEPS_OF_THE_BEST)
    best = cost.argmin(axis=1)
    least = cost[each, best]
    agreeing = (cost <= least[:, None] * (1 + SAME_COST) + NEGLIGIBLE).sum(axis=1)
    return Best(u[each, best], least, held[each, best], stop[each, best], agreeing)
