"""What is known beside the rows, and makes a question answerable that they leave open."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from faradaic._core import ArgumentError, joined, nearest, number

Array = np.ndarray


@dataclass(frozen=True)
class Known:
    """A parameter whose value is known.

    Examples
    --------
    >>> Known("T0", 180.0)
    Known(name='T0', value=180.0)
    """

    name: str
    value: float


@dataclass(frozen=True)
class Prior:
    """A parameter that is known to be ``mean`` within a standard deviation ``std``: one more row, with its noise.

    Raises
    ------
    ArgumentError
        ``std`` is not positive.
    """

    name: str
    mean: float
    std: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.std) and self.std > 0 and np.isfinite(self.mean)):
            raise ArgumentError(f"A prior of {self.name!r} needs a finite mean and a positive std, got {self!r}.")


@dataclass(frozen=True)
class Bound:
    """A parameter that is known to lie between two ends; a bound can close a question but never opens one."""

    name: str
    lower: float = -np.inf
    upper: float = np.inf

    def __post_init__(self) -> None:
        if not self.lower < self.upper:
            raise ArgumentError(f"The lower end of {self.name!r} must lie below the upper one, got {self!r}.")


@dataclass(frozen=True)
class Equality:
    """A relation that the parameters satisfy exactly: ``function(some parameters) = 0``.

    Parameters
    ----------
    function : callable
        Of parameters, called by their names, written with ``jax.numpy``: ``lambda a, b: a - b``.

    Examples
    --------
    >>> Equality(lambda x0, y0: x0 - y0).names
    ('x0', 'y0')
    """

    function: Callable[..., Any] = field(compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that it is of."""
        return arguments(self.function)


@dataclass(frozen=True)
class Least:
    """Of all answers that the rows allow, take the one with the least value of a criterion: the smallest radius.

    Parameters
    ----------
    criterion : str or callable
        The name of a parameter, or a function of parameters by their names, written with ``jax.numpy``.

    Examples
    --------
    >>> Least("r").names, Least(lambda a, b: a**2 + b**2).names
    (('r',), ('a', 'b'))
    """

    criterion: str | Callable[..., Any] = field(compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that it is of."""
        return (self.criterion,) if isinstance(self.criterion, str) else arguments(self.criterion)

    def __call__(self, *values: Any) -> Any:
        return values[0] if isinstance(self.criterion, str) else self.criterion(*values)

    def __str__(self) -> str:
        if isinstance(self.criterion, str):
            return f"the smallest {self.criterion}"
        return f"the least value of a criterion of {joined(self.names)}"


@dataclass(frozen=True)
class LeastNorm:
    """Of all answers that the rows allow, take the one with the least sum of squares of the parameters.

    Parameters
    ----------
    scale : dict of str to float, optional
        What counts as one unit of a parameter; default 1. Parameters of different units need it.
    """

    scale: dict[str, float] | None = field(default=None, compare=False)

    def units(self, names: Sequence[str]) -> Array:
        """Return the unit of each parameter, shape (k,)."""
        given = self.scale or {}
        check_names(given, names, "scale")
        return np.array([float(given.get(name, 1.0)) for name in names])

    def __str__(self) -> str:
        return "the least norm of the parameters"


Information = Known | Prior | Bound | Equality | Least | LeastNorm


def listed(information: Any, names: Sequence[str]) -> tuple[Information, ...]:
    """Return what is known as a tuple, after checking that it is of these parameters.

    Raises
    ------
    ArgumentError
        It is something else, of another parameter, or two criteria are to be the least at once.
    """
    if information is None:
        return ()
    parts = (information,) if isinstance(information, Information) else tuple(information)
    for part in parts:
        if not isinstance(part, Information):
            raise ArgumentError(
                f"information must hold Known, Prior, Bound, Equality, Least or LeastNorm, got {part!r}."
            )
        if isinstance(part, LeastNorm):
            part.units(names)
        else:
            check_names([part.name] if isinstance(part, Known | Prior | Bound) else part.names, names, "information")
    if sum(isinstance(part, Least | LeastNorm) for part in parts) > 1:
        raise ArgumentError("Only one thing can be the least at once; combine the criteria into one function.")
    return parts


def arguments(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of the arguments of a function."""
    return tuple(inspect.signature(function).parameters)


def check_names(given: Any, names: Sequence[str], where: str) -> None:
    """Refuse names that are no parameter, with the closest one that is."""
    for name in given:
        if name not in names:
            close = nearest(name, list(names)) or list(names)
            raise ArgumentError(f"{where} names {name!r}, which is no parameter; did you mean {joined(close, 'or')}?")


def in_words(known: Sequence[Information]) -> tuple[str, ...]:
    """Return what is known, each in a few words."""
    words = []
    for one in known:
        if isinstance(one, Known):
            words.append(f"{one.name} = {number(one.value, 5)}")
        elif isinstance(one, Prior):
            words.append(f"{one.name} = {number(one.mean, 5)} ± {number(one.std)}")
        elif isinstance(one, Bound):
            words.append(f"{one.name} from {number(one.lower)} to {number(one.upper)}")
        elif isinstance(one, Equality):
            words.append(f"an equality of {joined(one.names)}")
        else:
            words.append(str(one))
    return tuple(words)
