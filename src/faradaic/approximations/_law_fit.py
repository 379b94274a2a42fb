"""Weighted least squares for a law: solved directly where it is linear, else searched from several starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy import optimize

from faradaic._core import FitError, joined
from faradaic.laws import Law

from ._group_problem import GroupProblem
from ._group_search import searched
from ._linear import LinearFit, least_squares

Array = np.ndarray

_TOLERANCE = 1e-12  # of cost, step and gradient: the search ends at the optimum, not near it
_SAME_COST = 1e-8  # two starts that end this close together found the same optimum
_MOST_EVALUATIONS = 500
TRIED_FOR_EACH_RESTART = 12
_MOST_FULL_STEPS = 20  # of Gauss and Newton, before the search with a trust region takes over
_ROWS_FOR_STARTS = 1024  # so many rows tell a good start from a bad one
_UNMOVED = 1e-7  # of the scatter: a parameter that moves the law by less when multiplied by e runs towards zero
_LARGEST = 1e300
_ABSURD = 1e100  # times the scatter: as good as infinite, and its square can still be formed


@dataclass(frozen=True, eq=False)
class LawFit:
    """The best parameters of a law and what the search says about them.

    Attributes
    ----------
    linear : LinearFit
        The parameters, the rank of the weighted sensitivities of those not held by a bound, the factor of their
        covariance for rows of unit variance, and the weighted sum of squared residuals.
    held : tuple of str
        Parameters that ended on a bound (logarithmic ones: so near to zero that they no longer matter).
    restarts : int
        Searches that were run, 0 where the law was solved directly.
    agreeing : int
        How many of them ended at the best cost.
    """

    linear: LinearFit
    held: tuple[str, ...]
    restarts: int
    agreeing: int


@dataclass(frozen=True, eq=False)
class Near:
    """Where a search in a batch ended, in the coordinates u, and what it says of itself; see `ends_together`."""

    u: Array
    held: Array
    restarts: int
    agreeing: int


def fit_law(
    law: Law, X: Array, y: Array, root_precision: Array, *, log: bool = False, restarts: int = 6, random: Generator,
    near: Near | None = None,
) -> LawFit:  # fmt: skip
    """Minimise the weighted squares of ``law(X, theta) - y``, or of the difference of their logarithms.

    A law that is linear in all its parameters is solved directly. Otherwise starts are drawn around the law's own
    (its linear parameters are solved for, given the others), and the best of them are followed by a trust-region
    search with the law's Jacobian, inside the bounds, until two of them end at the same lowest cost.

    Parameters
    ----------
    law : Law
    X : array of shape (n, p)
        One column for each variable of the law, SI.
    y, root_precision : arrays of shape (n,)
        Responses, and square roots of the weights (1/sigma of y, or of ln y where ``log``).
    log : bool
        Compare logarithms; all of ``y`` must be positive.
    restarts : int
        Searches at most, 1 and above.
    random : numpy.random.Generator
        Source of the random starts.
    near : Near, optional
        Where a search has ended already; used if all that the law has is determined there.

    Raises
    ------
    FitError
        No start gave finite residuals, or the search did not converge.

    References
    ----------
    Branch, Coleman and Li, SIAM J. Sci. Comput. 21 (1999) 1, 10.1137/S1064827595289108 (the search);
    Golub and Pereyra, SIAM J. Numer. Anal. 10 (1973) 413, 10.1137/0710036 (solving for the linear parameters).

    Examples
    --------
    >>> import numpy as np
    >>> from faradaic.laws import arrhenius
    >>> T = np.linspace(280.0, 340.0, 7)[:, None]
    >>> fit = fit_law(arrhenius, T, arrhenius(T, [2e-9, 3e4]), np.ones(7), random=np.random.default_rng(0))
    >>> fit.linear.coefficients.round(12).tolist()
    [2e-09, 30000.0]
    """
    problem = _Problem(law, X, y, root_precision, log)
    if len(law.linear) == law.count and not log:
        theta, held = problem.solved_directly()
        return problem.result(theta, held, 0, 0)
    if near is not None and (done := problem.from_near(near)) is not None:
        return done
    found: list[tuple[float, Array, bool]] = []
    for u in problem.starts(restarts, random):
        found.append(problem.search(u))
        best = min(cost for cost, _, _ in found)
        agreeing = sum(cost <= best * (1 + _SAME_COST) + problem.negligible for cost, _, _ in found)
        if agreeing > 1 or best <= problem.negligible:  # nothing can be better than an exact fit
            break
    best = min(cost for cost, _, _ in found)
    agreeing = [(u, good) for cost, u, good in found if cost <= best * (1 + _SAME_COST) + problem.negligible]
    converged = [u for u, good in agreeing if good] or problem.along_the_valley([u for _, u, _ in found])
    if not converged:
        raise FitError(
            f"the fit of {law.name} did not converge within {_MOST_EVALUATIONS} evaluations from "
            f"{len(found)} starts; the data may not determine {joined(law.names)}."
        )
    theta, held = problem.on_bounds(converged[0])
    return problem.result(theta, held, len(found), len(agreeing))


class _Problem:
    """A fit in coordinates u of order one: u = ln theta for logarithmic parameters, theta itself for the others."""

    def __init__(self, law: Law, X: Array, y: Array, root_precision: Array, log: bool) -> None:
        self.law, self.X, self.y, self.weight, self.log = law, X, y, root_precision, log
        self.logarithmic = np.array([p.log for p in law.parameters])
        self.linear = np.isin(law.names, law.linear)
        lower, upper = law.bounds
        # Far below any start, instead of minus infinity, the logarithm of zero.
        smallest = np.where(self.logarithmic, np.maximum(lower, 1e-30 * np.abs(law.start)), lower)
        smallest = np.where(self.logarithmic & self.linear, np.maximum(lower, 1e-300), smallest)
        largest = np.where(self.logarithmic, np.minimum(upper, _LARGEST), upper)
        self.lower, self.upper = self.inward(smallest), self.inward(largest)
        self.target = np.log(y) if log else y
        scatter = self.weight * (self.target - np.average(self.target, weights=self.weight**2))
        whole = float(((self.weight * self.target) ** 2).sum()) or 1.0
        size = max(float(scatter @ scatter), 1e-20 * whole)  # a constant response has no scatter
        self.unit = 1.0 / np.sqrt(size)
        self.unmoved = max(_UNMOVED * np.sqrt(size), 1e-9 * np.sqrt(whole))
        self.negligible = 1e-22  # of the scatter: an exact fit up to rounding

    def inward(self, theta: Array) -> Array:
        safe = np.where(self.logarithmic, theta, 1.0)
        return np.where(self.logarithmic, np.log(safe), theta)

    def outward(self, u: Array) -> Array:
        return np.where(self.logarithmic, np.exp(np.where(self.logarithmic, u, 0.0)), u)

    def residuals(self, u: Array) -> Array:
        return self.both(u)[0]

    def both(self, u: Array) -> tuple[Array, Array]:
        """Return the weighted residuals (n,) in units of the scatter, and their derivatives by u (n, k)."""
        theta = self.outward(u)
        return self._weighted(theta, *self.law.value_and_jacobian(self.X, theta))

    def _weighted(self, theta: Array, value: Array, jacobian: Array) -> tuple[Array, Array]:
        """Return residuals (..., n) and their derivatives by u (..., n, k), for one or more ``theta`` (..., k)."""
        with np.errstate(all="ignore"):
            jacobian = jacobian * np.where(self.logarithmic, theta, 1.0)[..., None, :]
            if self.log:
                jacobian = jacobian / value[..., None]
                value = np.where(value > 0, np.log(value), np.nan)
            weight = self.weight * self.unit
            residuals = weight * (value - self.target)
            return np.where(np.abs(residuals) < _ABSURD, residuals, np.nan), weight[:, None] * jacobian

    def search(self, u: Array) -> tuple[float, Array, bool]:
        """Follow one start; return the cost, where it ended, and whether it converged."""
        short = self._gauss_newton(u)
        if short is not None:
            return *short, True
        remembered = _Last(self.both)
        with np.errstate(all="ignore"):  # a trial step may overflow; the search then shortens it
            found = optimize.least_squares(
                lambda u: remembered(u)[0],
                u,
                jac=lambda u: remembered(u)[1],
                bounds=(self.lower, self.upper),
                x_scale="jac",
                ftol=_TOLERANCE,
                xtol=_TOLERANCE,
                gtol=_TOLERANCE,
                max_nfev=_MOST_EVALUATIONS,
            )
        return 2.0 * float(found.cost), found.x, found.status > 0

    def along_the_valley(self, ends: list[Array]) -> list[Array]:
        """Go on from where the searches stopped, by many more steps; return the optimum if that finds it."""
        one = GroupProblem.of(self.law, self.X[None], self.y[None], self.weight[None], self.log)
        best = searched(one, np.array(ends)[None], np.ones((1, len(ends)), dtype=bool))
        return [best.u[0]] if best.converged[0] else []

    def from_near(self, near: Near) -> LawFit | None:
        """Take the last steps from where a search in a batch ended; None where rows leave a parameter free."""
        last = self._gauss_newton(near.u, near.held)
        if last is None:
            return None
        fit = self.result(*self.on_bounds(last[1]), near.restarts, near.agreeing)
        return fit if fit.linear.rank + len(fit.held) == self.law.count else None

    def _gauss_newton(self, u: Array, held: Array | None = None) -> tuple[float, Array] | None:
        """Follow full steps as long as they pay: most laws near their optimum need a few.

        None as soon as a step does not lower the cost or leaves the bounds: the search with a trust region is for that.
        Parameters that are ``held`` (k,) stay where they are.
        """
        residuals, jacobian = self.both(u)
        cost = float(residuals @ residuals)
        for _ in range(_MOST_FULL_STEPS):
            if not (np.isfinite(cost) and np.isfinite(jacobian).all()):
                return None
            free = jacobian if held is None else np.where(held, 0.0, jacobian)
            left, singular, right = np.linalg.svd(free, full_matrices=False)
            kept = singular > max(jacobian.shape) * np.finfo(np.float64).eps * singular[0]
            along = left[:, kept].T @ residuals
            gain = float(along @ along)
            if gain <= _TOLERANCE * 1e-2 * cost or gain <= 1e-4 * self.negligible:
                return cost, u
            u = u - right[kept].T @ (along / singular[kept])
            if not ((self.lower <= u) & (u <= self.upper)).all():
                return None
            residuals, jacobian = self.both(u)
            before, cost = cost, float(residuals @ residuals)
            if not cost < before + self.negligible:
                return None
        return None

    def starts(self, restarts: int, random: Generator) -> Iterator[Array]:
        """Yield the most promising starts, best first; many rows are judged by some of them."""
        tried = np.vstack([self.law.start, drawn_starts(self.law, TRIED_FOR_EACH_RESTART * restarts, random)])
        few = np.unique(np.linspace(0, len(self.y) - 1, _ROWS_FOR_STARTS).astype(int))
        if len(few) < len(self.y):
            judge = _Problem(self.law, self.X[few], self.y[few], self.weight[few], self.log)
            ranked = judge._ranked(tried)
            ranked = [u for u in ranked if all(np.isfinite(part).all() for part in self.both(u))]
        else:
            ranked = self._ranked(tried)
        if not len(ranked):
            raise FitError(f"the law {self.law.name} is not finite at any start; check the units and the range of X.")
        yield from ranked[:restarts]

    def _ranked(self, tried: Array) -> Array:
        """Return those of ``tried`` (m, k) at which all is finite, in the coordinates u, best first."""
        with np.errstate(all="ignore"):
            U = self.inward(self._projected(tried))
        # what is not finite stays in place: one number of starts, one compilation
        finite = np.asarray(np.isfinite(U).all(axis=1))
        U = np.clip(np.where(finite[:, None], U, self.inward(self.law.start)), self.lower, self.upper)
        theta = self.outward(U)
        residuals, jacobian = self._weighted(theta, *self.law.values_and_jacobians(self.X, theta))
        good = finite & np.isfinite(residuals).all(axis=1) & (np.abs(jacobian) < _ABSURD).all(axis=(1, 2))
        return U[good][np.argsort((residuals[good] ** 2).sum(axis=1), kind="stable")]

    def _projected(self, tried: Array) -> Array:
        """Solve for the linear parameters of each of ``tried`` (m, k); logarithms are met by relative residuals."""
        linear = self.linear
        if not linear.any():
            return tried
        base = np.where(linear, 0.0, tried)
        offset, jacobian = self.law.values_and_jacobians(self.X, base)
        weight = self.weight / self.y if self.log else self.weight
        with np.errstate(all="ignore"):
            columns, wanted = weight[:, None] * jacobian[:, :, linear], weight * (self.y - offset)
        length = np.abs(columns).max(axis=1)
        usable = np.isfinite(columns).all(axis=(1, 2)) & np.isfinite(wanted).all(axis=1)
        usable &= (length >= 1.0 / _LARGEST).all(axis=1)
        columns, wanted, length = columns[usable], wanted[usable], length[usable]
        solved = (np.linalg.pinv(columns / length[:, None, :]) @ wanted[:, :, None])[:, :, 0] / length
        floor = np.where(self.logarithmic[linear], 1e-3 * np.abs(wanted).max(axis=1)[:, None] / length, -np.inf)
        base[~usable] = np.nan
        base[np.ix_(usable, linear)] = np.maximum(solved, floor)
        return base

    def solved_directly(self) -> tuple[Array, Array]:
        """Return the parameters of a law that is linear in all of them, and which of them a bound holds."""
        offset, columns = self.law.value_and_jacobian(self.X, np.zeros(self.law.count))
        if not (np.isfinite(offset).all() and np.isfinite(columns).all()):
            raise FitError(f"the law {self.law.name} is not finite at every row; check the units and the range of X.")
        length = np.linalg.norm(columns * self.weight[:, None], axis=0)
        length[~(length > 0)] = 1.0
        theta = least_squares(columns / length, self.y - offset, self.weight).coefficients / length
        lower, upper = self.law.bounds
        held = np.zeros(self.law.count, dtype=bool)
        if ((theta < lower) | (theta > upper)).any():
            weighted = columns / length * self.weight[:, None]
            wanted = (self.y - offset) * self.weight
            found = optimize.lsq_linear(weighted, wanted, (lower * length, upper * length), method="bvls")
            theta, held = np.clip(found.x / length, lower, upper), found.active_mask != 0
        return theta, held

    def on_bounds(self, u: Array) -> tuple[Array, Array]:
        """Put parameters that ran into a bound onto it, where that costs nothing; return theta and which these are."""
        reach = 1e-4 * np.where(np.isfinite(self.upper - self.lower), self.upper - self.lower, 1.0)
        low, high = u - self.lower < reach, self.upper - u < reach
        snapped = np.where(low, self.lower, np.where(high, self.upper, u))
        before, after = self.residuals(u), self.residuals(snapped)
        if (low | high).any() and after @ after <= (before @ before) * (1 + _SAME_COST) + self.negligible:
            return self.outward(snapped), low | high
        return self.outward(u), np.zeros(len(u), dtype=bool)

    def result(self, theta: Array, held: Array, restarts: int, agreeing: int) -> LawFit:
        """Gather rank, covariance and cost at the solution."""
        law = self.law
        at_zero = self.logarithmic & (theta <= 0)
        stretch = np.where(self.logarithmic & ~at_zero, theta, 1.0)
        value, jacobian = law.value_and_jacobian(self.X, theta)
        difference = np.log(value) - self.target if self.log else value - self.target
        columns = self.weight[:, None] * (jacobian / value[:, None] if self.log else jacobian) * stretch
        if not (np.isfinite(columns).all() and np.isfinite(difference).all()):
            raise FitError(
                f"the fit of {law.name} ended where the law is not finite; check the units and the range of X."
            )
        length = np.linalg.norm(columns, axis=0)
        held = held | (self.logarithmic & (length < self.unmoved))
        columns[:, held] = 0.0
        length[held | (length == 0)] = 1.0
        _, singular, right = np.linalg.svd(columns / length, full_matrices=False)
        rank = int((singular > max(columns.shape) * np.finfo(np.float64).eps * max(singular[0], 1e-300)).sum())
        root = (stretch / length)[:, None] * right[:rank].T / singular[:rank]
        squares = float(((self.weight * difference) ** 2).sum())
        names = tuple(name for name, one in zip(law.names, held, strict=True) if one)
        return LawFit(LinearFit(theta, rank, root, squares), names, restarts, agreeing)


def drawn_starts(law: Law, number: int, random: Generator) -> Array:
    """Return random parameters around the law's own start, shape (number, k)."""
    start, (lower, upper) = law.start, law.bounds
    logarithmic = np.array([p.log for p in law.parameters])
    shape, bounded = (number, len(start)), np.isfinite(upper - lower)
    spread = np.where(bounded, 0.1 * (upper - lower), 1.0)
    near = start + random.standard_normal(shape) * np.where(start == 0, spread, 0.7 * np.abs(start))
    decades = np.abs(start) * 10 ** random.uniform(-2, 2, shape)
    low, reach = np.where(bounded, lower, 0.0), np.where(bounded, upper - lower, 0.0)
    anywhere = low + random.uniform(size=shape) * reach
    wide = np.where(bounded & (random.random((number, 1)) < 0.5), anywhere, near)
    return np.clip(np.where(logarithmic, decades, wide), lower, upper)


class _Last:
    """A function that remembers its last result: the residuals and the Jacobian of a point come together."""

    def __init__(self, function: Callable[[Array], tuple[Array, Array]]) -> None:
        self.function = function
        self.at: Array | None = None
        self.result: tuple[Array, Array]

    def __call__(self, u: Array) -> tuple[Array, Array]:
        if self.at is None or not np.array_equal(u, self.at):
            self.result, self.at = self.function(u), u.copy()
        return self.result
