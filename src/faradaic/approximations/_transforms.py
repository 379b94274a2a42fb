"""Coordinates in which a trend is simpler: one frozen record for each transform of one column."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError, InputError, joined, number

Array = np.ndarray


class Transform(ABC):
    """A strictly monotone change of coordinate, z = f(x), of one column.

    Attributes
    ----------
    name : str
        The word that `transform` turns back into this transform.
    """

    name: ClassVar[str]

    @abstractmethod
    def forward(self, values: ArrayLike) -> Array:
        """Return z = f(x)."""

    @abstractmethod
    def inverse(self, values: ArrayLike) -> Array:
        """Return x with f(x) = z."""

    @abstractmethod
    def slope(self, values: ArrayLike) -> Array:
        """Return dz/dx at x (not at z)."""

    @abstractmethod
    def curvature(self, values: ArrayLike) -> Array:
        """Return d²z/dx² at x (not at z)."""

    @abstractmethod
    def symbol(self, name: str) -> str:
        """Return the transformed quantity as it is written, e.g. ``"1/T"``."""

    @abstractmethod
    def check(self, values: ArrayLike, name: str) -> None:
        """Raise InputError if a value lies outside the domain; the message names ``name``, row and value."""

    @abstractmethod
    def fitted(self, values: ArrayLike) -> Self:
        """Return this transform with the constants that it takes from the values."""


@dataclass(frozen=True)
class Identity(Transform):
    """The coordinate as it came, z = x.

    Examples
    --------
    >>> float(Identity().forward(3.0)), Identity().symbol("c")
    (3.0, 'c')
    """

    name: ClassVar[str] = "identity"

    def forward(self, values: ArrayLike) -> Array:
        return np.asarray(values, dtype=np.float64)

    def inverse(self, values: ArrayLike) -> Array:
        return np.asarray(values, dtype=np.float64)

    def slope(self, values: ArrayLike) -> Array:
        return np.ones_like(np.asarray(values, dtype=np.float64))

    def curvature(self, values: ArrayLike) -> Array:
        return np.zeros_like(np.asarray(values, dtype=np.float64))

    def symbol(self, name: str) -> str:
        return name

    def check(self, values: ArrayLike, name: str) -> None:
        return None

    def fitted(self, values: ArrayLike) -> Self:
        return self


@dataclass(frozen=True)
class Reciprocal(Transform):
    """z = 1/x: the coordinate of an absolute temperature in an Arrhenius law. Zero is outside its domain.

    Examples
    --------
    >>> float(Reciprocal().forward(4.0)), Reciprocal().symbol("T")
    (0.25, '1/T')
    """

    name: ClassVar[str] = "reciprocal"

    def forward(self, values: ArrayLike) -> Array:
        return 1.0 / np.asarray(values, dtype=np.float64)

    def inverse(self, values: ArrayLike) -> Array:
        with np.errstate(divide="ignore"):
            return 1.0 / np.asarray(values, dtype=np.float64)

    def slope(self, values: ArrayLike) -> Array:
        return -1.0 / np.asarray(values, dtype=np.float64) ** 2

    def curvature(self, values: ArrayLike) -> Array:
        return 2.0 / np.asarray(values, dtype=np.float64) ** 3

    def symbol(self, name: str) -> str:
        return f"1/{_bracketed(name)}"

    def check(self, values: ArrayLike, name: str) -> None:
        array = np.asarray(values, dtype=np.float64)
        _refuse(array, array == 0, name, "a reciprocal takes values other than zero only")
        if (array > 0).any() and (array < 0).any():
            raise InputError(
                f"{name} holds values on both sides of zero, from {number(array.min())} to {number(array.max())}, and "
                f"its reciprocal jumps at zero; use this column as it is, or shift it so that all values have one sign."
            )

    def fitted(self, values: ArrayLike) -> Self:
        return self


@dataclass(frozen=True)
class Log(Transform):
    """z = ln x, for what changes by factors: conductivities, diffusivities, rates. Its domain is x > 0.

    Examples
    --------
    >>> float(Log().inverse(Log().forward(2.0))), Log().symbol("k")
    (2.0, 'ln k')
    """

    name: ClassVar[str] = "log"

    def forward(self, values: ArrayLike) -> Array:
        return np.log(np.asarray(values, dtype=np.float64))

    def inverse(self, values: ArrayLike) -> Array:
        with np.errstate(over="ignore"):
            return np.exp(np.asarray(values, dtype=np.float64))

    def slope(self, values: ArrayLike) -> Array:
        with np.errstate(divide="ignore"):  # a prediction may have run down to exp(-800) = 0
            return 1.0 / np.asarray(values, dtype=np.float64)

    def curvature(self, values: ArrayLike) -> Array:
        with np.errstate(divide="ignore"):
            return -1.0 / np.asarray(values, dtype=np.float64) ** 2

    def symbol(self, name: str) -> str:
        return f"ln {_bracketed(name)}"

    def check(self, values: ArrayLike, name: str) -> None:
        array = np.asarray(values, dtype=np.float64)
        _refuse(array, array <= 0, name, "a logarithm takes positive values only")

    def fitted(self, values: ArrayLike) -> Self:
        return self


@dataclass(frozen=True)
class SquareRoot(Transform):
    """z = √x, for diffusion times and ionic strengths. Its domain is x ≥ 0.

    A fitted z may run below zero; the inverse is then continued as ``x = z·|z|``, so that it stays monotone.

    Examples
    --------
    >>> float(SquareRoot().forward(9.0)), SquareRoot().symbol("t")
    (3.0, '√t')
    """

    name: ClassVar[str] = "square_root"

    def forward(self, values: ArrayLike) -> Array:
        return np.sqrt(np.asarray(values, dtype=np.float64))

    def inverse(self, values: ArrayLike) -> Array:
        z = np.asarray(values, dtype=np.float64)
        return z * np.abs(z)

    def slope(self, values: ArrayLike) -> Array:
        with np.errstate(divide="ignore"):
            return 0.5 / np.sqrt(np.abs(np.asarray(values, dtype=np.float64)))

    def curvature(self, values: ArrayLike) -> Array:
        array = np.asarray(values, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            return -0.25 * np.sign(array) / np.abs(array) ** 1.5

    def symbol(self, name: str) -> str:
        return f"√{_bracketed(name)}"

    def check(self, values: ArrayLike, name: str) -> None:
        array = np.asarray(values, dtype=np.float64)
        _refuse(array, array < 0, name, "a square root takes values of zero and above only")

    def fitted(self, values: ArrayLike) -> Self:
        return self


@dataclass(frozen=True)
class Standardise(Transform):
    """z = (x - mean)/scale; `fitted` takes the mean and the standard deviation of the values.

    Examples
    --------
    >>> known = Standardise().fitted([1.0, 3.0])
    >>> known
    Standardise(mean=2.0, scale=1.0)
    >>> float(known.forward(4.0))
    2.0
    """

    mean: float = 0.0
    scale: float = 1.0
    name: ClassVar[str] = "standardise"

    def __post_init__(self) -> None:
        if not self.scale > 0:
            raise ArgumentError(f"scale must be positive, got {self.scale!r}.")

    def forward(self, values: ArrayLike) -> Array:
        return (np.asarray(values, dtype=np.float64) - self.mean) / self.scale

    def inverse(self, values: ArrayLike) -> Array:
        return np.asarray(values, dtype=np.float64) * self.scale + self.mean

    def slope(self, values: ArrayLike) -> Array:
        return np.full(np.shape(values), 1.0 / self.scale)

    def curvature(self, values: ArrayLike) -> Array:
        return np.zeros_like(np.asarray(values, dtype=np.float64))

    def symbol(self, name: str) -> str:
        return f"standardised {_bracketed(name)}"

    def check(self, values: ArrayLike, name: str) -> None:
        return None

    def fitted(self, values: ArrayLike) -> Self:
        array = np.asarray(values, dtype=np.float64)
        mean, scale = float(array.mean()), float(array.std())
        if not scale > 8 * np.finfo(float).eps * abs(mean):  # a constant column, up to rounding
            scale = 1.0
        return type(self)(mean, scale)


_KINDS: dict[str, type[Transform]] = {kind.name: kind for kind in (Identity, Reciprocal, Log, SquareRoot, Standardise)}


def transform(name: str, **constants: Any) -> Transform:
    """Return the transform of this name: identity, reciprocal, log, square_root or standardise.

    Raises
    ------
    ArgumentError
        No transform has this name.

    Examples
    --------
    >>> transform("reciprocal")
    Reciprocal()
    """
    if name not in _KINDS:
        raise ArgumentError(f"there is no transform {name!r}; choose {joined(_KINDS, 'or')}.")
    return _KINDS[name](**constants)


def _bracketed(name: str) -> str:
    return name if name.replace("_", "").isalnum() else f"({name})"


def _refuse(values: Array, bad: Array, name: str, domain: str) -> None:
    if not bad.any():
        return
    row = int(np.flatnonzero(bad)[0])
    more = int(bad.sum()) - 1
    others = f" and {more:,} more" if more else ""
    raise InputError(
        f"{name} holds {values.flat[row]:g} in row {row + 1}{others} (the first row is row 1), and {domain}; "
        f"correct the value, leave the row out, or use this column without the transform."
    )
