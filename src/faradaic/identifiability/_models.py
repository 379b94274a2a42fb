"""What a question is asked about: a relation between the columns, or a function of the parameters alone."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from faradaic._core import ArgumentError, plural
from faradaic.laws import Law, Parameter, Variable
from faradaic.laws import law as law_of

from ._information import arguments, check_names

Array = np.ndarray


@dataclass(frozen=True)
class Implicit:
    """A relation F(z; θ) = 0 between the columns of a table: a circle through points, an equilibrium.

    Every column is an observation, with an error of the same size: what is minimised is the sum of the squared
    distances of the rows from the curve (or surface), measured at right angles.

    Parameters
    ----------
    function : callable
        Of one row, ``function(*columns, *parameters)``: the inputs and then the response of the data set, and then the
        parameters; written with ``jax.numpy``. Its zero set is the curve.
    start : dict of str to float, optional
        Where the search begins; default 1 for each parameter.
    bounds : dict of str to (float, float), optional
        Ends of a parameter, e.g. ``{"r": (0, inf)}``.

    Examples
    --------
    >>> circle = Implicit(lambda x, y, x0, y0, r: (x - x0) ** 2 + (y - y0) ** 2 - r**2, bounds={"r": (0, np.inf)})
    >>> [p.name for p in circle.parameters(2)]
    ['x0', 'y0', 'r']
    """

    function: Callable[..., Any]
    start: Mapping[str, float] | None = None
    bounds: Mapping[str, tuple[float, float]] | None = None

    def parameters(self, columns: int) -> tuple[Parameter, ...]:
        """Return the parameters of a relation between so many columns."""
        return _parameters(arguments(self.function), columns, self.start, self.bounds)


@dataclass(frozen=True)
class Simulator:
    """A function of the parameters that predicts all rows at once: a cell model, a differential equation.

    Parameters
    ----------
    function : callable
        ``function(**parameters)`` returns the predicted responses of all rows, in the order of the data, in SI; NaN
        where it has none (a simulation that ends early, or fails): the search turns back there.
    start : dict of str to float
        The parameters and where the search begins; not zero where the size of a parameter is not 1.
    bounds : dict of str to (float, float), optional
        Ends of a parameter.
    log : sequence of str
        Positive parameters that may lie decades away: searched, scaled and judged in their logarithm.
    step : float or None
        Relative step of the central differences; None: the function is written with ``jax.numpy`` and is
        differentiated exactly. Of a simulation with an adaptive solver: some 0.01, with tight tolerances.
    rounding : float, optional
        How well the derivatives are known, relative to their size: what differs by less counts as the same. Default
        1e-5 for central differences and 1e-9 for exact derivatives; more where the solver's own error is felt.

    Raises
    ------
    ArgumentError
        There is no parameter, a name is none, or a number is out of range.

    Examples
    --------
    >>> t = np.linspace(0.0, 4.0, 9)
    >>> decay = Simulator(lambda A, tau: A * np.exp(-t / tau), {"A": 1.0, "tau": 2.0}, log=["tau"])
    >>> [p.name for p in decay.parameters(1) if p.log]
    ['tau']
    """

    function: Callable[..., Any]
    start: Mapping[str, float]
    bounds: Mapping[str, tuple[float, float]] | None = None
    log: Sequence[str] = ()
    step: float | None = field(default=1e-4)
    rounding: float | None = None

    def __post_init__(self) -> None:
        if not self.start:
            raise ArgumentError("A simulator needs its parameters and where to start, e.g. start={'D': 1e-14}.")
        check_names(self.log, list(self.start), "log")
        if self.step is not None and not 0 < self.step < 0.1:
            raise ArgumentError(f"step must lie between 0 and 0.1, or be None, got {self.step!r}.")
        if self.rounding is not None and not 0 < self.rounding < 0.1:
            raise ArgumentError(f"rounding must lie between 0 and 0.1, or be None, got {self.rounding!r}.")

    def parameters(self, columns: int) -> tuple[Parameter, ...]:
        """Return the parameters, however many columns there are."""
        return _parameters(list(self.start), 0, self.start, self.bounds, self.log)


def _parameters(
    names: Sequence[str],
    columns: int,
    start: Mapping[str, float] | None,
    bounds: Mapping[str, tuple[float, float]] | None,
    log: Sequence[str] = (),
) -> tuple[Parameter, ...]:
    if len(names) <= columns:
        raise ArgumentError(
            f"The function takes {plural(len(names), 'argument')} and the data have {plural(columns, 'column')}: none "
            f"is left for a parameter."
        )
    own = list(names[columns:])
    start, bounds = start or {}, bounds or {}
    check_names(start, own, "start")
    check_names(bounds, own, "bounds")
    made = []
    for name in own:
        lower, upper = bounds.get(name, (0.0 if name in log else -np.inf, np.inf))
        begin = float(start[name]) if name in start else float(np.clip(1.0, lower, upper))
        made.append(Parameter(name, None, lower=float(lower), upper=float(upper), start=begin, log=name in log))
    return tuple(made)


def explicit(model: Any, columns: int, start: Mapping[str, float] | None) -> Law:
    """Return an explicit model y = f(x; θ) as a law: it is one, or a function of the inputs and the parameters.

    Raises
    ------
    ArgumentError
        It is neither.

    Examples
    --------
    >>> explicit(lambda x, a, c, m: a + c + m * x, 1, None).names
    ('a', 'c', 'm')
    """
    if isinstance(model, Law):
        if start:
            check_names(start, model.names, "start")
        return model
    if not callable(model):
        raise ArgumentError(f"model must be a law, a function, Implicit or Simulator, got {type(model).__name__}.")
    return _as_law(model, columns, tuple(sorted((start or {}).items())))


@lru_cache(maxsize=128)
def _as_law(model: Callable[..., Any], columns: int, start: tuple[tuple[str, float], ...]) -> Law:
    """Return a function as a law: the same one however often it is asked about, so that it is compiled once."""
    names = arguments(model)
    kinds = {parameter.kind for parameter in inspect.signature(model).parameters.values()}
    if inspect.Parameter.VAR_POSITIONAL in kinds or inspect.Parameter.VAR_KEYWORD in kinds:
        raise ArgumentError("The function must name its parameters, e.g. f(x, a, b); got *args or **kwargs.")
    parameters = _parameters(names, columns, dict(start), None)
    variables = [Variable(name) for name in names[:columns]]
    name = getattr(model, "__name__", "model").replace("<lambda>", "model")
    return law_of(formula="", variables=variables, parameters=parameters, name=name)(model)
