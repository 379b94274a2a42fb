"""The steps from a question to its answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from faradaic._core import FitError, joined, number, plural, run_all
from faradaic.data import conditions

from ._circuits import simpler, structure
from ._combinations import Combination, around, combinations, components, free_of, sentence, zero_of
from ._estimates import Estimates, known_estimates, quantile_of
from ._information import Information, in_words
from ._least import Criterion, least
from ._next import settle
from ._problem import ExplicitProblem, ImplicitProblem, Problem
from ._profile import Profile, profile
from ._question import Question
from ._result import Estimate, Identifiability
from ._sensitivity import Spectrum, scale_of, spectrum
from ._solve import Equations, Solution, search

Array = np.ndarray
POINTS = 4  # beside the estimate, at which a combination is told from an accident of the estimate
RUNAWAY = 1e5  # times the size of the data or the start: a relation's parameters that far away have no finite value
CLOSE = 4.0  # times the least sum of squares: another minimum up to there is worth knowing of


@dataclass(frozen=True, eq=False)
class Answer:
    """A question with what is known built in.

    Attributes
    ----------
    question : Question
    problem : Problem
        With what is known built in.
    known : tuple of Information
    equations : Equations
    criterion : callable or None
        What shall be least where the rows leave a choice.
    level, tolerance : float
    """

    question: Question
    problem: Problem
    known: tuple[Information, ...]
    equations: Equations
    criterion: Criterion | None
    level: float
    tolerance: float

    def given(
        self,
        intervals: Literal["profile", "student"],
        restarts: int,
        random: np.random.Generator,
        n_jobs: int | None,
        *,
        begin: list[Array] | None = None,
        again: int = 2,
    ) -> Identifiability:
        """Return the answer; where profiles run into a lower minimum, that is begun with, ``again`` times at most.

        Raises
        ------
        FitError
            No search came to an end, or a criterion has no least value.
        """
        begin = [*(begin or []), *self.question.begins(restarts, random, self.problem)]
        optima, reasons = search(self.problem, begin, self.equations)
        if not optima:
            raise FitError(f"No search came to an end: {reasons[0]}")
        best = optima[0]
        found = felt = self._spectrum(best)
        if far := self._runaway(best):
            return self._unanswered(found, far)
        if found.free.shape[1] and self.criterion is not None:
            best = least(self.problem, best, found.rank, self.criterion, self.equations)
            felt = self._spectrum(best)
            found = replace(felt, free=np.zeros((len(best.theta), 0)))
        sigma, freedom = self._scatter(best, felt.rank)
        profiles = self._profiles(best, found, sigma, freedom, n_jobs) if intervals == "profile" else ()
        lower = [one.better for one in profiles if one.better is not None]
        if lower and again > 0:  # the searches missed a minimum that a profile ran into
            return self.given(intervals, restarts, random, n_jobs, begin=lower, again=again - 1)
        groups, formulas = self._groups(best, found, random)
        return self._result(optima, best, felt, found, sigma, freedom, groups, formulas, profiles)

    def _spectrum(self, at: Solution) -> Spectrum:
        H = self.equations.both(at.theta)[1]
        return spectrum(at.jacobian, H, self._scale(at.theta, at.jacobian), self.problem.rounding)

    def _scale(self, theta: Array, jacobian: Array) -> Array:
        return scale_of(theta, self.problem.start, self.problem.log, jacobian, self.problem.rounding)

    def _scatter(self, at: Solution, rank: int) -> tuple[float, float]:
        """Return the standard deviation of a residual and its degrees of freedom; NaN where nothing tells them."""
        if self.problem.known_noise:
            return 1.0, float("inf")
        left = self.problem.rows - rank
        return (float(np.sqrt(at.squares / left)), float(left)) if left > 0 else (float("nan"), float("nan"))

    def _distinct(self) -> int:
        return len(conditions(self.question.places)[1])

    def _runaway(self, at: Solution) -> list[str]:
        """Return which parameters of a relation run off to infinity."""
        inner = self.question.problem
        if not isinstance(inner, ImplicitProblem):
            return []
        size = max(float(np.abs(inner.Z).max()), float(np.abs(self.problem.start).max()), 1e-300)
        return [name for name, value in zip(self.problem.names, at.theta, strict=True) if abs(value) > RUNAWAY * size]

    def _unanswered(self, found: Spectrum, far: list[str]) -> Identifiability:
        names, points = self.problem.names, self.question.places
        n, p = points.shape
        singular = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
        flat = int((singular > 1e-9 * singular[0]).sum()) < p
        on = "a line" if p == 2 else "a plane"
        why = (
            f"The {plural(n, 'point')} lie on {on}, and say no more of a curved relation than {p} of them would"
            if flat
            else "The relation is met ever better the farther they go"
        )
        rank = p if flat else found.rank
        return Identifiability(
            model=self.question.label,
            rows=self.question.rows,
            distinct=self._distinct(),
            count=len(names),
            rank=rank,
            practical_rank=rank,
            case="under-determined" if rank < len(names) else "over-determined",
            estimates=(*(Estimate(name, "together") for name in names), *known_estimates(self.known)),
            groups=(names,),
            level=self.level,
            tolerance=self.tolerance,
            information=in_words(self.known),
            reason=f"No finite answer: {joined(far)} grow without bound. {why}.",
            next=(f"a point off the {on[2:]}" if flat else "a point where the relation bends",),
        )

    def _groups(
        self, at: Solution, found: Spectrum, random: np.random.Generator
    ) -> tuple[list[list[int]], list[list[Combination]]]:
        """Return the groups of parameters that are left free together, and what is determined of each."""
        if not found.free.shape[1]:
            return [], []
        groups = components(found.relative_free, zero_of(found.blur))
        if all(len(group) == 1 for group in groups):
            return groups, [[] for _ in groups]  # not felt, wherever one looks; a simulator is slow
        problem, points = self.problem, [(at.theta, found.free)]
        for theta in around(at.theta, problem.start, problem.bounds, 3 * POINTS, random):
            r, J = problem.both(theta)
            if len(points) > POINTS or not (np.isfinite(r).all() and np.isfinite(J).all()):
                continue
            H = self.equations.both(theta)[1]
            other = spectrum(J, H, self._scale(theta, J), problem.rounding).free
            if other.shape == found.free.shape:
                points.append((theta, other))
        return groups, [combinations(problem.names, group, points, found.scale, found.blur) for group in groups]

    def _profiles(
        self, at: Solution, found: Spectrum, sigma: float, freedom: float, n_jobs: int | None
    ) -> tuple[Profile, ...]:
        """Return the profiles of what is determined; none where Student's intervals are exact, or nothing scatters."""
        inner = self.question.problem
        linear = isinstance(inner, ExplicitProblem) and set(inner.law.linear) == set(inner.law.names)
        if linear or self.equations.functions or self.criterion is not None or not (sigma > 0 and freedom > 0):
            return ()
        moving = free_of(found.relative_free, zero_of(found.blur))
        std, quantile = sigma * np.linalg.norm(found.root, axis=1), quantile_of(self.level, freedom)
        tasks = [
            partial(profile, self.problem, at, j, float(std[j]), sigma, quantile)
            for j in range(len(at.theta))
            if not moving[j] and std[j] > 0
        ]
        return tuple(run_all(tasks, n_jobs))

    def _result(
        self,
        optima: list[Solution],
        at: Solution,
        felt: Spectrum,
        found: Spectrum,
        sigma: float,
        freedom: float,
        groups: list[list[int]],
        formulas: list[list[Combination]],
        profiles: tuple[Profile, ...],
    ) -> Identifiability:
        problem, names, rank = self.problem, self.problem.names, felt.rank
        count = len(names) - len(self.equations.functions)
        exact = problem.rows == rank
        practical = felt.practical(sigma, self.tolerance) if sigma > 0 else rank
        made = Estimates(problem, at, found, sigma, freedom, profiles, self.level, self.tolerance)
        return Identifiability(
            model=self.question.label,
            rows=self.question.rows,
            distinct=self._distinct(),
            count=count,
            rank=rank,
            practical_rank=practical,
            case="under-determined" if rank < count else "exactly determined" if exact else "over-determined",
            estimates=(*made.parameters(groups), *known_estimates(self.known)),
            combinations=tuple(made.combination(one) for each in formulas for one in each),
            groups=tuple(tuple(names[j] for j in group) for group in groups),
            sentences_of_groups=tuple(
                sentence([names[j] for j in group], each, at.theta[group], found.free[group])
                for group, each in zip(groups, formulas, strict=True)
            ),
            spectrum=found,
            solution=at,
            optima=tuple(optima),
            profiles=profiles,
            sigma=sigma,
            freedom=freedom,
            level=self.level,
            tolerance=self.tolerance,
            information=in_words(self.known),
            reason=self._no_interval(rank, freedom),
            notes=(
                *self._notes(optima, at, rank, count, freedom),
                *(
                    f"An end of the interval of {one.name} is not known: {one.failed}."
                    for one in profiles
                    if one.failed
                ),
            ),
            next=(
                *settle(self.question.data, self.question.problem, problem, at, found, self.tolerance),
                *simpler(self.question.problem, practical < count),
            ),
            data=self.question.data,
            problem=problem,
            inner=self.question.problem,
        )

    def _no_interval(self, rank: int, freedom: float) -> str:
        if freedom > 0:
            return ""
        rows = self.problem.rows
        return (
            f"No interval: {plural(rows, 'row')} and a rank of {rank} leave nothing to tell the scatter from; add "
            f"{plural(rank + 1 - rows, 'row')}, or state the noise of the response."
        )

    def _notes(self, optima: list[Solution], at: Solution, rank: int, count: int, freedom: float) -> list[str]:
        notes, names = list(structure(self.question.problem)), self.problem.names
        if not at.converged:
            notes.append("The search did not converge: the numbers are those at which it stopped.")
        distinct, rows = self._distinct(), self.question.rows
        if rank < count and distinct < rows and rank >= distinct:
            notes.append(f"{plural(rows, 'row')} at {plural(distinct, 'condition')} count as {distinct}.")
        if self.criterion is not None and rank == count:
            notes.append("The rows determine everything; the criterion had nothing to choose.")
        elif self.criterion is not None and freedom > 0:
            notes.append("The intervals take the criterion for right.")
        close = [one for one in optima[1:] if one.converged and one.squares <= CLOSE * optima[0].squares]
        if close and rank == count:
            told = [
                joined([f"{name} = {number(float(v), 4)}" for name, v in zip(names, one.theta, strict=True)])
                for one in close[:3]
            ]
            notes.append(f"Other minima that fit almost as well: {'; '.join(told)}.")
        return notes
