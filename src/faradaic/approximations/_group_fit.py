"""A law fitted to every group of a table in one call."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError, InputError, generator, number, plural
from faradaic.laws import Law, padded_rows

from ._batched_search import STOPS
from ._group_problem import GroupProblem
from ._group_search import searched
from ._law_fit import TRIED_FOR_EACH_RESTART, drawn_starts

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class GroupFits:
    """One law fitted to many groups of rows.

    A group whose fit failed has NaN in place of its numbers, and its reason in `failures`.

    Attributes
    ----------
    law : Law
    labels : array of shape (g,)
        The groups.
    rows : array of shape (g,), int
        Rows of each group.
    theta : array of shape (g, k)
        Parameters in the order of ``law.names``, SI.
    std : array of shape (g, k)
        Their standard deviations; NaN where a bound holds a parameter, where the rows leave some parameter free, or
        where the noise is not stated and there are no more rows than parameters.
    rank : array of shape (g,), int
        How many parameters the rows determine.
    rms : array of shape (g,)
        Root mean square residual: of y, or of ln y.
    agreeing : array of shape (g,), int
        Starts that ended at the lowest cost.
    failures : dict
        The reason for each group whose fit failed, by its label.
    seconds : float
        Wall time.
    """

    law: Law
    labels: Array
    rows: Array
    theta: Array
    std: Array
    rank: Array
    rms: Array
    agreeing: Array
    failures: dict[Any, str]
    seconds: float

    @property
    def failed(self) -> Array:
        """Which fits failed, (g,)."""
        return np.asarray(np.isnan(self.theta).any(axis=1))

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each group: parameters, their standard deviations, rank, residual, and why it failed."""
        import pandas as pd

        columns: dict[str, Any] = {"group": self.labels, "rows": self.rows}
        for j, name in enumerate(self.law.names):
            columns |= {name: self.theta[:, j], f"std {name}": self.std[:, j]}
        reasons = [self.failures.get(label, "") for label in self.labels.tolist()]
        return pd.DataFrame(columns | {"rank": self.rank, "rms": self.rms, "failure": reasons})

    def __str__(self) -> str:
        good = ~self.failed
        lines = [
            f"{self.law.name}: {plural(len(self.labels), 'group')} in {number(self.seconds)} s, "
            f"{plural(len(self.failures), 'fit')} failed."
        ]
        for j, name in enumerate(self.law.names if good.any() else ()):
            low, middle, high = np.quantile(self.theta[good, j], [0.05, 0.5, 0.95])
            lines.append(f"  {name}: median {number(middle)}, 5 to 95 %: {number(low)} to {number(high)}")
        return "\n".join(lines)


def fit_groups(
    law: Law,
    X: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike,
    *,
    noise_std: ArrayLike | None = None,
    residuals: Literal["absolute", "log"] = "absolute",
    restarts: int = 4,
    seed: int = 0,
) -> GroupFits:
    """Fit a law to each group of rows: all groups and starts in one search.

    Starts are drawn around the law's own, with its linear parameters solved for; the best of each group are followed by
    Levenberg and Marquardt's method inside the law's bounds.

    Parameters
    ----------
    law : Law
    X : array of shape (n, p)
        One column for each variable of the law, SI.
    y : array of shape (n,)
        Responses, SI.
    groups : array of shape (n,)
        Which group each row is of.
    noise_std : array of shape (n,), optional
        Known standard deviation of each response, positive. Without it the residuals of each group tell it.
    residuals : {"absolute", "log"}
        What is squared: y less the law, or the difference of their logarithms.
    restarts : int
        Starts that are followed for each group.
    seed : int
        Seed of the starts.

    Raises
    ------
    InputError
        The shapes do not fit, a number is not finite, or a logarithm is asked for of a response that is not positive.
    ArgumentError
        An argument has a value outside what is accepted.

    References
    ----------
    Marquardt, SIAM J. Appl. Math. 11 (1963) 431, 10.1137/0111030 (the search).

    Examples
    --------
    >>> import numpy as np
    >>> from faradaic.approximations import fit_groups
    >>> from faradaic.laws import arrhenius
    >>> T, cell = np.tile(np.linspace(280.0, 340.0, 7), 2), np.repeat(["a", "b"], 7)
    >>> D = np.concatenate([arrhenius(T[:7, None], [1e-9, 30e3]), arrhenius(T[:7, None], [5e-9, 20e3])])
    >>> fits = fit_groups(arrhenius, T[:, None], D, cell)
    >>> fits.to_frame()[["group", "rows", "E"]].round(3).values.tolist()
    [['a', 7, 30000.0], ['b', 7, 20000.0]]
    """
    began = time.perf_counter()
    log = residuals == "log"
    X, y, labels, place, noise = _checked(law, X, y, groups, noise_std, residuals, restarts, seed)
    g, k = len(labels), law.count
    rows = np.bincount(place, minlength=g)
    found = GroupFits(
        law, labels, rows, np.full((g, k), np.nan), np.full((g, k), np.nan), np.zeros(g, dtype=int),
        np.full(g, np.nan), np.zeros(g, dtype=int), {}, 0.0,
    )  # fmt: skip
    order = np.argsort(place, kind="stable")
    members = np.split(order, np.cumsum(rows)[:-1])
    enough = np.array([len(np.unique(X[m], axis=0)) >= k for m in members])
    for c in np.flatnonzero(~enough).tolist():
        found.failures[labels.tolist()[c]] = (
            f"{plural(int(rows[c]), 'row')} at too few conditions for the {plural(k, 'parameter')} of {law.name}"
        )
    weight = np.ones(len(y)) if noise is None else 1.0 / noise
    tried = np.vstack([law.start, drawn_starts(law, TRIED_FOR_EACH_RESTART * restarts, generator(seed, 53))])
    lengths = np.array([padded_rows(int(n)) for n in rows])
    for length in np.unique(lengths[enough]).tolist():
        some = np.flatnonzero(enough & (lengths == length))
        index = np.array([np.concatenate([members[c], np.repeat(members[c][-1:], length - rows[c])]) for c in some])
        filled = np.arange(length) < rows[some, None]
        w = np.where(filled, (weight * y if log and noise is not None else weight)[index], 0.0)
        problem = GroupProblem.of(law, X[index], y[index], w, log)
        _fit(found, some, problem, tried, restarts, noise is not None)
    return GroupFits(**{**vars(found), "seconds": time.perf_counter() - began})


def _fit(found: GroupFits, some: Array, problem: GroupProblem, tried: Array, restarts: int, known: bool) -> None:
    """Fit the groups of one padded length and put what is found at its places."""
    starts, finite = problem.starts(tried, restarts)
    best = searched(problem, starts, finite)
    good = best.converged
    labels = found.labels.tolist()
    for c in np.flatnonzero(~good).tolist():
        found.failures[labels[some[c]]] = (
            f"no start of {starts.shape[1]} converged; the best {STOPS[best.stop[c]]}"
            if np.isfinite(best.cost[c])
            else "the law is not finite at any start; check the units and the range of X"
        )
    if not good.any():
        return
    kept, at, part = some[good], best.u[good], problem.of_groups(good)
    rank, unit_std = part.spread(at, best.held[good])
    residual = part.residuals(at)
    left = found.rows[kept] - rank
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = ((part.weight * residual) ** 2).sum(axis=1)
        noise = np.ones(len(kept)) if known else np.sqrt(np.where(left > 0, squares / left, np.nan))
    found.theta[kept], found.std[kept] = part.outward(at), unit_std * noise[:, None]
    found.rank[kept], found.agreeing[kept] = rank, best.agreeing[good]
    found.rms[kept] = np.sqrt((residual**2).sum(axis=1) / found.rows[kept])


def _checked(
    law: Law, X: ArrayLike, y: ArrayLike, groups: ArrayLike, noise_std: ArrayLike | None, residuals: str, restarts: int,
    seed: int,
) -> tuple[Array, Array, Array, Array, Array | None]:  # fmt: skip
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    given = np.asarray(groups)
    if X.ndim != 2 or X.shape != (len(y), len(law.variables)) or given.shape != y.shape or not len(y):
        raise InputError(
            f"X must have shape (n, {len(law.variables)}), y and groups (n,), got {X.shape}, {y.shape}, {given.shape}."
        )
    if not (np.isfinite(X).all() and np.isfinite(y).all()):
        raise InputError("X and y must be finite; leave out the rows that are not.")
    if residuals not in ("absolute", "log"):
        raise ArgumentError(f"residuals must be 'absolute' or 'log', got {residuals!r}.")
    if residuals == "log" and not (y > 0).all():
        raise InputError(f"residuals='log' needs positive responses, got {y.min():g}; use 'absolute'.")
    for name, value, least in (("restarts", restarts, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ArgumentError(f"{name} must be a whole number of at least {least}, got {value!r}.")
    noise = None if noise_std is None else np.broadcast_to(np.asarray(noise_std, dtype=np.float64), y.shape)
    if noise is not None and not (np.isfinite(noise).all() and (noise > 0).all()):
        raise InputError("noise_std must be positive and finite for every row.")
    labels, place = np.unique(given, return_inverse=True)
    return X, y, labels, place, noise
