"""What a law is: a pure function with named, bounded parameters, units, a source and a range of validity."""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError, joined

from ._dimension import dimension

Array = np.ndarray


@dataclass(frozen=True)
class Variable:
    """An input of a law.

    Attributes
    ----------
    name : str
        As it stands in the formula.
    unit : str or None
        SI unit; None: any.
    valid : (float, float)
        Range, in that unit, for which the law was stated.
    """

    name: str
    unit: str | None = None
    valid: tuple[float, float] = (-math.inf, math.inf)

    def __post_init__(self) -> None:
        if self.unit is not None:
            dimension(self.unit)
        if not self.valid[0] < self.valid[1]:
            raise ArgumentError(f"The range of validity of {self.name!r} must be (low, high), got {self.valid!r}.")


@dataclass(frozen=True)
class Parameter:
    """An adjustable number of a law.

    Attributes
    ----------
    name : str
        As it stands in the formula.
    unit : str or None
        SI unit; None: follows from the units of the response and of variables of any unit.
    lower, upper : float
        Bounds that a fit respects; infinite where there are none.
    start : float
        A usual value; fits start here and at random places around it.
    log : bool
        A positive parameter that may lie orders of magnitude from `start`: fitted through its logarithm.
    """

    name: str
    unit: str | None
    lower: float = -math.inf
    upper: float = math.inf
    start: float = 0.0
    log: bool = False

    def __post_init__(self) -> None:
        if self.unit is not None:
            dimension(self.unit)
        if not self.lower <= self.start <= self.upper or self.lower == self.upper:
            raise ArgumentError(
                f"The start of parameter {self.name!r} must lie within its bounds, "
                f"got {self.start!r} in [{self.lower!r}, {self.upper!r}]."
            )
        if self.log and not (self.lower >= 0 and self.start > 0):
            raise ArgumentError(
                f"Parameter {self.name!r} is fitted through its logarithm: lower must be at least 0 and start "
                f"positive, got {self.lower!r} and {self.start!r}."
            )


@dataclass(frozen=True, eq=False)
class Law:
    """A formula as a pure JAX function of one observation: ``function(*variables, *parameters)``, all in SI.

    A law is made with the decorator `law`. Calling it evaluates it for many rows at once, in double precision.

    Attributes
    ----------
    function : callable
        The formula, written with ``jax.numpy``; its arguments are the variables, then the parameters.
    name : str
        Unique name.
    formula : str
        The same in LaTeX.
    variables : tuple of Variable
    parameters : tuple of Parameter
    response_unit : str or None
        SI unit of the result; None: any, carried by the parameters whose unit is None.
    source : str
        Where the law comes from, in words.
    doi : str
        The same as a DOI, or empty.
    linear : tuple of str
        Parameters in which the law is (jointly) linear; they need no start value and no search.

    Examples
    --------
    >>> from faradaic.laws import arrhenius
    >>> arrhenius([[300.0], [310.0]], [1e-9, 30e3]).round(16).tolist()
    [6e-15, 8.8e-15]
    >>> arrhenius.names, arrhenius.valid
    (('A', 'E'), {'T': (0.0, inf)})
    """

    function: Callable[..., Any] = field(repr=False)
    name: str
    formula: str
    variables: tuple[Variable, ...]
    parameters: tuple[Parameter, ...]
    response_unit: str | None = None
    source: str = ""
    doi: str = ""
    linear: tuple[str, ...] = ()
    _identity: str = field(default_factory=lambda: uuid4().hex, init=False, repr=False)

    def __post_init__(self) -> None:
        names = [v.name for v in self.variables] + [p.name for p in self.parameters]
        if len(set(names)) < len(names):
            raise ArgumentError(f"The names of variables and parameters of {self.name!r} must differ, got {names}.")
        if not self.parameters:
            raise ArgumentError(f"The law {self.name!r} has no parameter; a law needs at least one.")
        unknown = [name for name in self.linear if name not in self.names]
        if unknown:
            raise ArgumentError(f"linear names {joined(unknown)}, which {self.name!r} does not have as a parameter.")
        if self.response_unit is not None:
            dimension(self.response_unit)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in order."""
        return tuple(p.name for p in self.parameters)

    @property
    def count(self) -> int:
        """Number of parameters."""
        return len(self.parameters)

    @property
    def start(self) -> Array:
        """Start values, shape (k,)."""
        return np.array([p.start for p in self.parameters])

    @property
    def bounds(self) -> tuple[Array, Array]:
        """Lower and upper bounds, each of shape (k,)."""
        return np.array([p.lower for p in self.parameters]), np.array([p.upper for p in self.parameters])

    @property
    def valid(self) -> dict[str, tuple[float, float]]:
        """Range of validity of each variable."""
        return {v.name: v.valid for v in self.variables}

    def __call__(self, X: ArrayLike, theta: ArrayLike) -> Array:
        """Return the law at rows ``X`` (n, p) for parameters ``theta`` (k,), shape (n,)."""
        from ._evaluate import value

        return value(self, *self._checked(X, theta))

    def value_and_jacobian(self, X: ArrayLike, theta: ArrayLike) -> tuple[Array, Array]:
        """Return the law (n,) and its derivatives with respect to the parameters (n, k)."""
        from ._evaluate import value_and_jacobian

        return value_and_jacobian(self, *self._checked(X, theta))

    def values_and_jacobians(self, X: ArrayLike, thetas: ArrayLike) -> tuple[Array, Array]:
        """Return the same for many sets of parameters ``thetas`` (m, k) at once: (m, n) and (m, n, k)."""
        from ._evaluate import values_and_jacobians

        thetas = np.asarray(thetas, dtype=np.float64)
        X, _ = self._checked(X, thetas[0])
        return values_and_jacobians(self, X, thetas)

    def groups_and_jacobians(self, X: ArrayLike, thetas: ArrayLike) -> tuple[Array, Array]:
        """Evaluate the law for many groups of as many rows each, every group with its own parameters.

        Parameters
        ----------
        X : array of shape (b, m, p)
        thetas : array of shape (b, k)

        Returns
        -------
        values : array of shape (b, m)
        jacobians : array of shape (b, m, k)
            Derivatives with respect to the parameters.
        """
        from ._evaluate import groups_and_jacobians

        return groups_and_jacobians(self, np.asarray(X, np.float64), np.asarray(thetas, np.float64))

    def jacobian(self, X: ArrayLike, theta: ArrayLike) -> Array:
        """Return the derivatives with respect to the parameters, shape (n, k)."""
        return self.value_and_jacobian(X, theta)[1]

    def gradient(self, X: ArrayLike, theta: ArrayLike) -> Array:
        """Return the derivatives with respect to the variables, shape (n, p)."""
        from ._evaluate import gradient

        return gradient(self, *self._checked(X, theta))

    def sensitivities(self, X: ArrayLike, theta: ArrayLike) -> tuple[Array, Array, Array, Array]:
        """Return the law and what its value and its slopes hang on.

        Returns
        -------
        value : array of shape (n,)
        gradient : array of shape (n, p)
            Derivatives with respect to the variables.
        jacobian : array of shape (n, k)
            Derivatives of the value with respect to the parameters.
        mixed : array of shape (n, p, k)
            Derivatives of the gradient with respect to the parameters.
        """
        from ._evaluate import sensitivities

        return sensitivities(self, *self._checked(X, theta))

    def outside(self, X: ArrayLike) -> Array:
        """Return, for each row of ``X`` (n, p), whether a variable leaves its range of validity."""
        X = np.asarray(X, dtype=np.float64)
        low, high = np.array([v.valid for v in self.variables]).reshape(-1, 2).T
        return np.any(~((low <= X) & (high >= X)), axis=1)

    def _checked(self, X: ArrayLike, theta: ArrayLike) -> tuple[Array, Array]:
        X, theta = np.asarray(X, dtype=np.float64), np.asarray(theta, dtype=np.float64)
        if X.ndim != 2 or X.shape[1] != len(self.variables):
            raise ArgumentError(
                f"X must have one column for each variable of {self.name!r} ({joined(self.valid) or 'none'}), "
                f"got shape {X.shape}."
            )
        if theta.shape != (self.count,):
            raise ArgumentError(
                f"theta must hold the {self.count} parameters of {self.name!r} ({joined(self.names)}), "
                f"got shape {theta.shape}."
            )
        return X, theta

    # A law is one thing however it is copied or sent to a worker; what is compiled for it is found by this identity.
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Law) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        module = getattr(self.function, "__module__", "")
        if getattr(sys.modules.get(module), self.name, None) is self:
            return _named_in, (module, self.name)
        return object.__reduce_ex__(self, protocol)


def _named_in(module: str, name: str) -> Law:
    from importlib import import_module

    return getattr(import_module(module), name)


def law(
    *,
    formula: str,
    variables: Sequence[Variable],
    parameters: Sequence[Parameter],
    response_unit: str | None = None,
    source: str = "",
    doi: str = "",
    linear: Sequence[str] = (),
    name: str | None = None,
) -> Callable[[Callable[..., Any]], Law]:
    r"""Make a law of a function.

    Parameters
    ----------
    formula : str
        The law in LaTeX.
    variables, parameters : sequence of Variable, of Parameter
        In the order of the function's arguments.
    response_unit : str, optional
        SI unit of the result; None: any.
    source, doi : str
        Where the law comes from.
    linear : sequence of str
        Parameters in which the law is jointly linear.
    name : str, optional
        Default: the function's name.

    Returns
    -------
    callable
        The decorator.

    Raises
    ------
    ArgumentError
        The function's arguments are not the variables followed by the parameters.

    Examples
    --------
    >>> import faradaic.laws as laws
    >>> @laws.law(
    ...     formula=r"j = j_0 \exp(\alpha F \eta / R T)",
    ...     variables=[laws.Variable("eta", "V")],
    ...     parameters=[
    ...         laws.Parameter("j0", "A/m**2", lower=0, start=1.0, log=True),
    ...         laws.Parameter("alpha", "1", lower=0, upper=1, start=0.5),
    ...     ],
    ...     response_unit="A/m**2",
    ...     linear=["j0"],
    ... )
    ... def tafel(eta, j0, alpha):
    ...     import jax.numpy as jnp
    ...     return j0 * jnp.exp(alpha * eta / 0.025693)
    >>> tafel([[0.0], [0.1183]], [2.0, 0.5]).round(2).tolist()
    [2.0, 19.99]
    """

    def decorate(function: Callable[..., Any]) -> Law:
        made = Law(
            function=function,
            name=name or getattr(function, "__name__", type(function).__name__),
            formula=formula,
            variables=tuple(variables),
            parameters=tuple(parameters),
            response_unit=response_unit,
            source=source,
            doi=doi,
            linear=tuple(linear),
        )
        _check_arguments(made)
        return made

    return decorate


def _check_arguments(made: Law) -> None:
    wanted = [*made.valid, *made.names]
    taken = inspect.signature(made.function).parameters.values()
    if any(argument.kind is argument.VAR_POSITIONAL for argument in taken):
        return
    got = [argument.name for argument in taken]
    if got != wanted:
        raise ArgumentError(
            f"The function of law {made.name!r} must take its variables and then its parameters, "
            f"({', '.join(wanted)}), got ({', '.join(got)})."
        )
