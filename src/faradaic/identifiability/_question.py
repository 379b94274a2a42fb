"""A model, rows, and what is known beside them, as one problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from faradaic._core import ArgumentError, FitError, InputError, joined, number, plural
from faradaic.approximations import LawRegressor, fit_circuit
from faradaic.data import Dataset, Spectrum
from faradaic.laws import Circuit, Parameter

from ._information import Bound, Equality, Information, Known, Least, LeastNorm, Prior, check_names
from ._least import Criterion
from ._models import Implicit, Simulator, explicit
from ._problem import CircuitProblem, ExplicitProblem, Problem, Reduced, SimulatorProblem, implicit_problem
from ._solve import Equations, starts, value_and_gradient

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Question:
    """The model and the rows, before anything else is known.

    Attributes
    ----------
    problem : Problem
    data : Dataset or None
        None for a spectrum.
    label : str
    places : array of shape (n, p)
        Where the rows lie: conditions, or points of a relation.
    """

    problem: Problem
    data: Dataset | None
    label: str
    places: Array

    @property
    def rows(self) -> int:
        """Number of rows; a point of a spectrum is one."""
        return len(self.places)

    @classmethod
    def of(cls, model: Any, data: Dataset | Spectrum, start: Mapping[str, float] | None) -> Question:
        """Return the question that a model and its rows ask.

        Raises
        ------
        ArgumentError
            The model is none, or not one of such rows.
        """
        if isinstance(model, Circuit) or isinstance(data, Spectrum):
            return cls._of_spectrum(model, data, start)
        data = data.judged
        noise = data.noise_std
        known = noise is not None and bool((noise > 0).all())
        precision = 1.0 / noise if known and noise is not None else np.ones(len(data))
        if isinstance(model, Implicit | Simulator) and start:
            raise ArgumentError("start is for a function; Implicit and Simulator are given their own.")
        if isinstance(model, Implicit):
            Z = np.column_stack([data.X, data.y])
            std = float(np.sqrt((noise**2).mean())) if known and noise is not None else 1.0
            names = joined([*(c.name for c in data.inputs), data.response.name])
            return cls(implicit_problem(model, Z, std, known), data, f"relation between {names}", Z)
        if isinstance(model, Simulator):
            problem = SimulatorProblem(model.parameters(0), known, model, data.y, precision)
            return cls(problem, data, f"simulation of {data.response.name}", data.X)
        law = explicit(model, data.n_features, start)
        if len(law.variables) != data.n_features:
            raise ArgumentError(
                f"The model takes {plural(len(law.variables), 'input')} ({joined(law.valid)}) and the data have "
                f"{data.n_features}; read the columns that it takes, in its order."
            )
        parameters = tuple(_started(p, start) for p in law.parameters)
        problem = ExplicitProblem(parameters, known, law, data.X, data.y, precision)
        return cls(problem, data, f"{law.name.replace('_', ' ')} of {data.response.name}", data.X)

    @classmethod
    def _of_spectrum(cls, model: Any, data: Dataset | Spectrum, start: Mapping[str, float] | None) -> Question:
        if not (isinstance(model, Circuit) and isinstance(data, Spectrum)):
            raise ArgumentError(
                f"A circuit belongs to a spectrum and a spectrum to a circuit, got {type(model).__name__} and "
                f"{type(data).__name__}; make a circuit with Circuit(...) and read a spectrum with read_impedance."
            )
        if start:
            check_names(start, model.names, "start")
        parameters = tuple(_started(p, start) for p in model.parameters)
        problem = CircuitProblem(parameters, False, model, data.frequency, data.Z)
        return cls(problem, None, f"{model} of {data.source or 'a spectrum'}", data.frequency[:, None])

    def begins(self, restarts: int, random: np.random.Generator, problem: Problem) -> list[Array]:
        """Return the starts; the best fit of the search of laws, or of circuits, comes first."""
        made, inner = starts(problem, restarts, random), self.problem
        if problem.names != inner.names:
            return made
        try:
            if isinstance(inner, ExplicitProblem) and len(inner.y) > 1:
                noise = None if not inner.known_noise else 1.0 / inner.precision
                made.insert(0, LawRegressor(0, laws=(inner.law,)).fit(inner.X, inner.y, noise_std=noise).theta_)
            elif isinstance(inner, CircuitProblem):
                found = fit_circuit(inner.circuit, inner.frequency, inner.Z).theta
                made = [found, *made[:1]] if np.isfinite(found).all() else made
        except (FitError, ArgumentError, InputError):
            pass  # the starts of the model itself remain
        return made


def _started(parameter: Parameter, start: Mapping[str, float] | None) -> Parameter:
    return replace(parameter, start=float(start[parameter.name])) if start and parameter.name in start else parameter


def informed(problem: Problem, known: tuple[Information, ...]) -> tuple[Problem, Equations, Criterion | None]:
    """Return the problem with what is known built in, the equations, and the criterion that shall be least.

    Raises
    ------
    ArgumentError
        What is known contradicts itself, or leaves nothing to ask for.
    """
    held = {one.name: float(one.value) for one in known if isinstance(one, Known)}
    bounds = {one.name: one for one in known if isinstance(one, Bound)}
    priors = [(one.name, one.mean, one.std) for one in known if isinstance(one, Prior)]
    twice = [name for name in held if name in bounds or any(name == prior[0] for prior in priors)]
    if twice:
        raise ArgumentError(f"{twice[0]} is known exactly already; leave out what else is said of it.")
    if priors and not problem.known_noise:
        raise ArgumentError(
            "A prior is weighed against the noise of the rows, which is not stated; read the data with sigma=."
        )
    parameters = tuple(_bounded(p, bounds.get(p.name)) for p in problem.parameters if p.name not in held)
    if not parameters:
        raise ArgumentError("Every parameter is known already; leave one to ask for.")
    made = Reduced(parameters, problem.known_noise, problem, held, priors) if known else problem
    equations = tuple((one.function, _places(one.names, made.names)) for one in known if isinstance(one, Equality))
    criterion: Criterion | None = None
    for one in known:
        if isinstance(one, Least):
            criterion = partial(_of_some, one, _places(one.names, made.names))
        elif isinstance(one, LeastNorm):
            criterion = partial(_norm, one.units(problem.names)[[problem.names.index(name) for name in made.names]])
    return made, Equations(equations), criterion


def _bounded(parameter: Parameter, bound: Bound | None) -> Parameter:
    if bound is None:
        return parameter
    lower, upper = max(parameter.lower, bound.lower), min(parameter.upper, bound.upper)
    if not lower < upper:
        raise ArgumentError(
            f"The bounds of {parameter.name} leave nothing between {number(lower)} and {number(upper)}; correct one."
        )
    return replace(parameter, lower=lower, upper=upper, start=float(np.clip(parameter.start, lower, upper)))


def _places(wanted: Sequence[str], names: Sequence[str]) -> tuple[int, ...]:
    missing = [name for name in wanted if name not in names]
    if missing:
        raise ArgumentError(f"{missing[0]} is known already; take its value into the function instead.")
    return tuple(list(names).index(name) for name in wanted)


def _of_some(function: Any, places: tuple[int, ...], theta: Array) -> tuple[float, Array]:
    gradient = np.zeros(len(theta))
    value, gradient[list(places)] = value_and_gradient(function, theta[list(places)])
    return value, gradient


def _norm(unit: Array, theta: Array) -> tuple[float, Array]:
    return float(((theta / unit) ** 2).sum()), 2.0 * theta / unit**2
