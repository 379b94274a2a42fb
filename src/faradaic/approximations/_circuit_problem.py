"""The least squares behind a fit of a circuit: many spectra in the coordinates in which they are searched."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from faradaic._core import ArgumentError, generator, joined, nearest
from faradaic.laws.circuits import Circuit, in_order

from ._batched_search import Found, batched_search
from ._circuit_result import Weighting, interval_ends
from ._circuit_starts import starts as drawn_starts

Array = np.ndarray

_SAME_COST = 1e-5  # two starts that end this close together, relative, found the same optimum
_EXACT = 1e-13  # relative residuals as small as this are none
_BEYOND = 1e6  # bounds reach this factor beyond what the window of the data can show
_AT_ONCE = 4  # starts that are followed before it is asked how many agree
_AGREEING = 2
_REWEIGHTED = 3
_UNKNOWN = 1e-13  # eigenvalue of the scaled gram matrix below which a direction is not determined
_ROWS_AT_ONCE = 30_000  # complex rows in one array: more than the caches hold only slows down


@dataclass(frozen=True, eq=False)
class Problem:
    """Spectra with their weights, in the coordinates u: ln of positive parameters, exponents as they are.

    Attributes
    ----------
    circuit : Circuit
    frequency : array of shape (m,)
    Z, weight : arrays of shape (k, m)
    weighting : str
    lower, upper : arrays of shape (k, p)
        Bounds of u.
    """

    circuit: Circuit
    frequency: Array
    Z: Array
    weight: Array
    weighting: Weighting
    lower: Array
    upper: Array

    @classmethod
    def made(
        cls,
        circuit: Circuit,
        frequency: Array,
        Z: Array,
        weighting: Weighting,
        bounds: Mapping[str, tuple[float, float]] | None,
    ) -> Self:
        """Weight the spectra and find the bounds."""
        # with equal weights of the size of the data, costs are relative too
        size = np.broadcast_to(np.abs(Z).max(axis=1, keepdims=True), Z.shape) if weighting == "unit" else np.abs(Z)
        lower, upper = _bounds(circuit, frequency, Z, bounds or {})
        return cls(circuit, frequency, Z, 1.0 / size, weighting, lower, upper)

    def theta(self, u: Array) -> Array:
        """Return the parameters (..., p) at u."""
        logarithmic = self.circuit.logarithmic
        return np.where(logarithmic, np.exp(np.where(logarithmic, u, 0.0)), u)

    def linearised(self, u: Array, which: Array) -> tuple[Array, Array, Array]:
        """Return cost (b,), gradient (b, p) and gram matrix (b, p, p) of the spectra ``which`` (b,) at u (b, p)."""
        cost, gradient = np.empty(len(u)), np.empty(u.shape)
        gram = np.empty((*u.shape, u.shape[1]))
        size = max(1, _ROWS_AT_ONCE // len(self.frequency))
        for at in range(0, len(u), size):
            part = slice(at, at + size)
            weight = self.weight[which[part]]
            with np.errstate(all="ignore"):  # a trial step may overflow; it is then not taken
                z, slopes = self.circuit.value_and_sensitivities(self.frequency, self.theta(u[part]))
                residuals = (weight * (z - self.Z[which[part]])).view(np.float64)
                slopes *= weight[:, None, :]
                slopes = slopes.view(np.float64)
                cost[part] = 0.5 * np.einsum("bm,bm->b", residuals, residuals)
                gradient[part] = (slopes @ residuals[:, :, None])[:, :, 0]
                gram[part] = slopes @ np.swapaxes(slopes, 1, 2)
        return cost, gradient, gram

    def searched(self, start: Array, which: Array) -> Found:
        """Follow starts u (n, p) of the spectra ``which`` (n,)."""
        reach = np.where(self.circuit.logarithmic, 2.5, 0.25)
        negligible = 0.5 * _EXACT**2 * (self.weight * np.abs(self.Z)) ** 2 @ np.ones(self.Z.shape[1])

        def linearised(u: Array, rows: Array) -> tuple[Array, Array, Array]:
            return self.linearised(u, which[rows])

        return batched_search(
            linearised, start, self.lower[which], self.upper[which], reach, negligible=negligible[which]
        )


@dataclass(frozen=True, eq=False)
class Outcome:
    """The best of each spectrum's searches, how many starts agree with it, and how many were followed."""

    found: Found
    agreeing: Array
    starts: Array


def solved(problem: Problem, given: Array | None, restarts: int, seed: int) -> tuple[Problem, Outcome]:
    """Return the best optimum of every spectrum, and the problem with the weights that were settled on."""
    outcome = _best(problem, given, restarts, seed)
    if problem.weighting == "estimated":
        for _ in range(_REWEIGHTED):
            good = np.flatnonzero(outcome.found.converged)
            weight = problem.weight.copy()
            weight[good] = 1.0 / np.abs(problem.circuit(problem.frequency, problem.theta(outcome.found.u[good])))
            problem = dataclasses.replace(problem, weight=weight)
            found = problem.searched(outcome.found.u[good], good)
            _take(outcome.found, good, found, np.arange(len(good)))
    _order(problem, outcome.found)
    return problem, outcome


def _order(problem: Problem, found: Found) -> None:
    """Bring exchangeable units into one order in all spectra, where no bounds of the user tell them apart."""
    good = np.flatnonzero(found.converged)
    if not len(good):
        return
    places = in_order(problem.circuit, problem.frequency, problem.theta(found.u[good]))
    alike = [np.take_along_axis(bound[good], places, axis=1) == bound[good] for bound in (problem.lower, problem.upper)]
    free = np.logical_and(*alike).all(axis=1)
    good, places = good[free], places[free]
    found.u[good] = np.take_along_axis(found.u[good], places, axis=1)
    found.held[good] = np.take_along_axis(found.held[good], places, axis=1)
    found.gram[good] = found.gram[good[:, None, None], places[:, :, None], places[:, None, :]]


def _best(problem: Problem, given: Array | None, restarts: int, seed: int) -> Outcome:
    """Follow starts in small rounds, until two agree on the lowest cost or no start is left."""
    k, p = problem.lower.shape
    best = Found(
        np.full((k, p), np.nan), np.full(k, np.inf), np.full((k, p, p), np.nan), np.zeros((k, p), dtype=bool),
        np.zeros(k, dtype=int), np.zeros(k, dtype=int),
    )  # fmt: skip
    if not k:
        return Outcome(best, np.zeros(0, dtype=int), np.zeros(0, dtype=int))
    theta = drawn_starts(problem.circuit, problem.frequency, problem.Z, problem.weight, restarts, generator(seed))
    with np.errstate(divide="ignore"):
        pool = np.where(problem.circuit.logarithmic, np.log(theta), theta)
        if given is not None:
            logarithmic = problem.circuit.logarithmic
            u = np.where(logarithmic, np.log(np.where(logarithmic, given, 1.0)), given)
            pool = np.concatenate([u[:, None], pool], axis=1)
    costs = np.full((k, pool.shape[1]), np.inf)
    agreeing, followed = np.zeros(k, dtype=int), np.zeros(k, dtype=int)
    for first in range(0, pool.shape[1], _AT_ONCE):
        open_ = np.flatnonzero(agreeing < _AGREEING)
        if not len(open_):
            break
        last = min(first + _AT_ONCE, pool.shape[1])
        which = np.repeat(open_, last - first)
        found = problem.searched(pool[open_, first:last].reshape(-1, p), which)
        ended = np.where(found.converged, found.cost, np.inf).reshape(len(open_), -1)
        costs[open_, first:last] = ended
        followed[open_] = last
        lowest = ended.argmin(axis=1)
        at = np.arange(len(open_)) * (last - first) + lowest
        better = (ended.min(axis=1) < best.cost[open_]) | (first == 0)
        _take(best, open_[better], found, at[better])
        agreeing = (costs <= best.cost[:, None] * (1 + _SAME_COST) + 1e-20).sum(axis=1)
        agreeing[~np.isfinite(best.cost)] = 0
    return Outcome(best, agreeing, followed)


def _take(best: Found, places: Array, found: Found, at: Array) -> None:
    for field in dataclasses.fields(Found):
        getattr(best, field.name)[places] = getattr(found, field.name)[at]


def intervals(problem: Problem, found: Found, level: float) -> dict[str, Array]:
    """Return parameters, their intervals and covariance, residuals, and the size of the noise of every spectrum."""
    k, p = found.u.shape
    m = len(problem.frequency)
    theta = problem.theta(found.u)
    residuals = np.full(problem.Z.shape, np.nan + 0j)
    good = found.converged
    residuals[good] = problem.circuit(problem.frequency, theta[good]) - problem.Z[good]
    dof = 2 * m - p + found.held.sum(axis=1)
    unit = 1.0 / problem.weight[:, 0] ** 2 if problem.weighting == "unit" else np.ones(k)
    chi_square = 2.0 * found.cost * unit
    covariance = _inverse(np.where(good[:, None, None], found.gram, np.eye(p)), found.held)
    covariance = covariance * (2.0 * found.cost / dof)[:, None, None]
    low, high = problem.circuit.bounds
    lower, upper = interval_ends(problem.circuit, theta, covariance, dof, level)
    fixed = problem.lower == problem.upper
    return {
        "theta": theta,
        "lower": np.where(found.held, np.where(fixed, theta, low), lower),
        "upper": np.where(found.held, np.where(fixed, theta, high), upper),
        "covariance": covariance,
        "held": found.held,
        "residuals": residuals,
        "chi_square": chi_square,
        "noise": np.sqrt(chi_square / dof),
        "dof": dof,
    }


def _inverse(gram: Array, held: Array) -> Array:
    """Invert the gram matrices; a parameter in a direction that is not determined gets an infinite variance."""
    free = ~held
    pairs = free[:, :, None] & free[:, None, :]
    diagonal = np.einsum("kpp->kp", gram)
    largest = diagonal.max(axis=1, keepdims=True)
    blind = free & (diagonal <= 1e-30 * largest)
    root = 1.0 / np.sqrt(np.where(free & ~blind, diagonal, 1.0))
    scaled = np.where(pairs, gram * root[:, :, None] * root[:, None, :], 0.0)
    places = np.arange(gram.shape[1])
    scaled[:, places, places] = np.where(blind, 0.0, 1.0)
    values, vectors = np.linalg.eigh(scaled)
    unknown = values <= _UNKNOWN
    inverse = np.einsum(
        "kpi,ki,kqi->kpq", vectors, np.where(unknown, 0.0, 1.0 / np.where(unknown, 1.0, values)), vectors
    )
    free_direction = (np.abs(vectors) > 1e-4) & unknown[:, None, :]
    inverse = np.where(pairs, inverse * root[:, :, None] * root[:, None, :], 0.0)
    undetermined = free_direction.any(axis=2) & free
    inverse[undetermined[:, :, None] & np.eye(gram.shape[1], dtype=bool)] = np.inf
    return inverse


def _bounds(
    circuit: Circuit, frequency: Array, Z: Array, narrower: Mapping[str, tuple[float, float]]
) -> tuple[Array, Array]:
    """Return the bounds of u for every spectrum, (k, p) each: what no data of this window could tell from 0 or inf."""
    unknown = [name for name in narrower if name not in circuit.names]
    if unknown:
        alike = nearest(unknown[0], circuit.names) or circuit.names
        raise ArgumentError(f"bounds names {unknown[0]!r}, which {circuit} does not have; use {joined(alike, 'or')}.")
    omega = 2 * np.pi * frequency
    small, large = np.abs(Z).min(axis=1), np.abs(Z).max(axis=1)
    fast, slow = omega.max(), omega.min()
    span = {
        "ohm": (small, large), "s": (1 / fast, 1 / slow), "F": (1 / (large * fast), 1 / (small * slow)),
        "H": (small / fast, large / slow), "ohm/s**0.5": (small * np.sqrt(slow), large * np.sqrt(fast)),
        "s**alpha/ohm": (1 / (large * max(fast, 1.0)), 1 / (small * min(slow, 1.0))),
    }  # fmt: skip
    lower, upper = np.zeros((2, len(Z), circuit.count))
    for j, (parameter, unit) in enumerate(zip(circuit.parameters, circuit.units, strict=True)):
        if parameter.log:
            low, high = np.asarray(span[unit][0]) / _BEYOND, np.asarray(span[unit][1]) * _BEYOND
        else:
            low, high = parameter.lower, parameter.upper
        if parameter.name in narrower:
            low, high = _narrowed(parameter.name, narrower[parameter.name], parameter.lower, parameter.upper, low, high)
        lower[:, j], upper[:, j] = (np.log(low), np.log(high)) if parameter.log else (low, high)
    return lower, upper


def _narrowed(
    name: str, asked: tuple[float, float], least: float, most: float, low: Array | float, high: Array | float
) -> tuple[Array | float, Array | float]:
    start, end = asked
    if not (least <= start <= end <= most and end > 0):
        raise ArgumentError(f"The bounds of {name} must be (low, high) within {least:g} and {most:g}, got {asked!r}.")
    positive = start > 0 or most <= 1
    return (start if positive else np.minimum(low, end)), (end if np.isfinite(end) else np.maximum(high, start))
