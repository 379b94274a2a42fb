"""What a question is asked about: a relation between the columns, or a function of the parameters alone."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
        ``function(**parameters)`` returns the predicted responses of all rows, in the order of the data, in SI.
    start : dict of str to float
        The parameters and where the search begins; not zero where the size of a parameter is not 1.
    bounds : dict of str to (float, float), optional
        Ends of a parameter.
    log : sequence of str
        Positive parameters that may lie decades away: searched, scaled and judged in their logarithm.
    step : float or None
        Relative step of the central differences; None: the function is written with ``jax.numpy`` and is
        differentiated exactly.

    Raises
    ------
    ArgumentError
        There is no parameter, or a name is none.
    """

    function: Callable[..., Any]
    start: Mapping[str, float]
    bounds: Mapping[str, tuple[float, float]] | None = None
    log: Sequence[str] = ()
    step: float | None = field(default=1e-4)

    def __post_init__(self) -> None:
        if not self.start:
            raise ArgumentError("A simulator needs its parameters and where to start, e.g. start={'D': 1e-14}.")
        check_names(self.log, list(self.start), "log")
        if self.step is not None and not 0 < self.step < 0.1:
            raise ArgumentError(f"step must lie between 0 and 0.1, or be None, got {self.step!r}.")

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
    names = arguments(model)
    kinds = {parameter.kind for parameter in inspect.signature(model).parameters.values()}
    if inspect.Parameter.VAR_POSITIONAL in kinds or inspect.Parameter.VAR_KEYWORD in kinds:
        raise ArgumentError("The function must name its parameters, e.g. f(x, a, b); got *args or **kwargs.")
    parameters = _parameters(names, columns, start, None)
    variables = [Variable(name) for name in names[:columns]]
    name = getattr(model, "__name__", "model").replace("<lambda>", "model")
    return law_of(formula="", variables=variables, parameters=parameters, name=name)(model)
