"""Inverse design: the parameters at which a surrogate says what is wanted, and how far that may be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from faradaic._core import ArgumentError, ColumnError, joined, nearest, number

from ._ranges import Range

if TYPE_CHECKING:
    from ._surrogate import Surrogate

Array = np.ndarray
Goal = float | Literal["max", "min"]
Limit = tuple[float | None, float | None]
# a limit that is missed by this share of the response's spread counts as met: what the search leaves
MET = 1e-6
SURE = 2.0  # standard deviations


@dataclass(frozen=True, eq=False)
class InverseDesign:
    """The parameters that come nearest to what is wanted; made by `Surrogate.inverse`.

    Attributes
    ----------
    parameters : dict of str to float
        In the units of their headers.
    responses, std : dicts of str to float
        What the surrogate says there of every response, and its standard deviation.
    feasible : bool
        Whether the surrogate says that every limit is met. If not, the parameters miss the limits least.
    sure : bool
        Whether they are met with two standard deviations to spare.
    missed : dict of str to float
        By how much each limit that is not met is missed, in the response's unit.
    domain : {"inside", "edge", "outside"}
        Where the parameters lie among the simulations.
    goal, limits : dicts
        What was asked for.
    """

    parameters: dict[str, float]
    responses: dict[str, float]
    std: dict[str, float]
    feasible: bool
    sure: bool
    missed: dict[str, float]
    domain: str
    goal: dict[str, Goal]
    limits: dict[str, Limit]

    def summary(self) -> str:
        """Return the answer in words."""
        at = joined(f"{name} = {number(value, 4)}" for name, value in self.parameters.items())
        told = "; ".join(f"{h} {number(v, 4)} ± {number(self.std[h], 2)}" for h, v in self.responses.items())
        lines = [f"At {at}: {told} (one standard deviation of the surrogate)."]
        if not self.feasible:
            missed = joined(f"{header} by {number(by)}" for header, by in self.missed.items())
            lines[0] = f"No parameters within the ranges meet every limit; nearest, missing {missed}: {lines[0]}"
        elif self.limits and not self.sure:
            lines.append("A limit is met by less than two standard deviations: simulate here before relying on it.")
        where = {
            "inside": "The simulations surround this point.",
            "edge": "The nearest simulations are far away: simulate here before relying on it.",
            "outside": "This point lies outside the hull of the simulations: simulate here before relying on it.",
        }
        return "\n".join([*lines, where[self.domain]])

    def __str__(self) -> str:
        return self.summary()


def inverse_design(
    surrogate: Surrogate,
    goal: Mapping[str, Goal],
    limits: Mapping[str, Limit],
    held: Mapping[str, float],
    region: Literal["ranges", "hull"],
    seed: int,
) -> InverseDesign:
    """Search the ranges of a surrogate's parameters by differential evolution.

    Several goals count alike, each as a share of the spread of its response. Limits come first: where they cannot be
    met, they are missed by as little as possible.

    Parameters
    ----------
    surrogate : Surrogate
    goal : mapping of str to number, "max" or "min"
        What is wanted of a response.
    limits : mapping of str to (low, high)
        Between which a response must lie; None: no end.
    held : mapping of str to float
        Parameters that are given.
    region : {"ranges", "hull"}
        Everywhere in the ranges, or only within the convex hull of the simulations.
    seed : int

    Raises
    ------
    InputError
        A name is not known, a number is not finite, a held value lies outside its range, or nothing is left to choose.

    References
    ----------
    Storn & Price 1997, 10.1023/A:1008202821328.
    """
    from scipy.optimize import differential_evolution

    wanted, bounds = _goals(surrogate, goal), _limits(surrogate, limits)
    if region not in ("ranges", "hull"):
        raise ArgumentError(f"region must be 'ranges' or 'hull', got {region!r}.")
    fixed = _held(surrogate.ranges, held)
    free = [j for j, one in enumerate(surrogate.ranges) if one.header not in fixed]
    if not free:
        raise ArgumentError("Every parameter is held; leave at least one to be chosen.")
    spread = np.array([one.spread for one in surrogate.parts])

    def points(share: Array) -> Array:
        X = np.empty((share.shape[1], len(surrogate.ranges)))
        for j, one in enumerate(surrogate.ranges):
            X[:, j] = fixed[one.header] if one.header in fixed else one.at(share[free.index(j)])
        return X

    def loss(share: Array) -> Array:
        X = points(share if share.ndim == 2 else share[:, None])
        Y = surrogate.predict(X)
        missed = (_missed(Y, bounds) / spread).sum(1)
        if region == "hull":
            domain = surrogate.parts[0].trend.domain
            missed = missed + np.where(domain.inside(surrogate.to_si(X)), 0.0, 10.0)
        value = sum(_lack(Y[:, k], one) / spread[k] for k, one in wanted.items())
        out = np.where(missed > 0, missed + BEYOND, np.arctan(value))
        return out if share.ndim == 2 else out[0]

    search = {"vectorized": True, "updating": "deferred", "polish": False, "tol": 1e-10, "atol": 1e-12}
    found = differential_evolution(
        loss, [(0.0, 1.0)] * len(free), seed=np.random.default_rng(seed), maxiter=400, popsize=20, **search
    )
    return _answer(surrogate, points(found.x[:, None]), bounds, goal, limits)


# any miss of a limit is worse than any value of the goal, which an arc tangent keeps below π/2
BEYOND = 2.0


def _lack(values: Array, wanted: Goal) -> Array:
    if wanted == "max":
        return -values
    return values if wanted == "min" else np.abs(values - float(wanted))


def _missed(Y: Array, bounds: Array) -> Array:
    """Return by how much each limit (r, 2) is missed, shape (n, r)."""
    return np.maximum(np.maximum(bounds[:, 0] - Y, Y - bounds[:, 1]), 0.0)


def _answer(
    surrogate: Surrogate, X: Array, bounds: Array, goal: Mapping[str, Goal], limits: Mapping[str, Limit]
) -> InverseDesign:
    mean, std = surrogate.predict(X, return_std=True)
    missed, names = _missed(mean, bounds)[0], surrogate.responses
    off = {h: float(m) for h, m, one in zip(names, missed, surrogate.parts, strict=True) if m > MET * one.spread}
    margin = SURE * std[0]
    sure = bool((_missed(mean + margin, bounds)[0] == 0).all() and (_missed(mean - margin, bounds)[0] == 0).all())
    return InverseDesign(
        parameters=dict(zip(surrogate.headers, X[0].tolist(), strict=True)),
        responses=dict(zip(names, mean[0].tolist(), strict=True)),
        std=dict(zip(names, std[0].tolist(), strict=True)),
        feasible=not off,
        sure=sure and not off,
        missed=off,
        domain=str(surrogate.parts[0].trend.domain.where(surrogate.to_si(X))[0]),
        goal=dict(goal),
        limits=dict(limits),
    )


def _place(surrogate: Surrogate, name: str) -> int:
    return surrogate.parts.index(surrogate[name])


def _goals(surrogate: Surrogate, goal: Mapping[str, Goal]) -> dict[int, Goal]:
    if not goal:
        raise ArgumentError("Say what is wanted of at least one response: a number, 'max' or 'min'.")
    for name, one in goal.items():
        if one not in ("max", "min") and not (isinstance(one, int | float | np.number) and np.isfinite(one)):
            raise ArgumentError(f"What is wanted of {name!r} must be a number, 'max' or 'min', got {one!r}.")
    return {_place(surrogate, name): one for name, one in goal.items()}


def _limits(surrogate: Surrogate, limits: Mapping[str, Limit]) -> Array:
    bounds = np.tile([-np.inf, np.inf], (len(surrogate.parts), 1))
    for name, ends in limits.items():
        try:
            low, high = ends
            pair = [-np.inf if low is None else float(low), np.inf if high is None else float(high)]
        except (TypeError, ValueError) as error:
            raise ArgumentError(f"The limits of {name!r} must be a pair of numbers or None, got {ends!r}.") from error
        if not pair[0] <= pair[1]:
            raise ArgumentError(f"The limits of {name!r} must be in order, got {ends!r}.")
        bounds[_place(surrogate, name)] = pair
    return bounds


def _held(ranges: tuple[Range, ...], held: Mapping[str, float]) -> dict[str, float]:
    known = {one.header: one for one in ranges}
    for name, value in held.items():
        if name not in known:
            close = nearest(name, known) or list(known)
            raise ColumnError(f"There is no parameter {name!r}; did you mean {joined(map(repr, close), 'or')}?")
        if not known[name].low <= value <= known[name].high:
            raise ArgumentError(
                f"{name!r} is held at {value!r}, outside its range {known[name].low:g} to {known[name].high:g}."
            )
    return {name: float(value) for name, value in held.items()}
