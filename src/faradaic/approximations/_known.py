"""What is known beside the rows: the value or the slope of the response at a point, or along a face."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from faradaic._core import ArgumentError, joined, plural

from ._transforms import Identity, Standardise, Transform

Array = np.ndarray


@dataclass(frozen=True)
class Value:
    """A known value of the response, e.g. a conductivity of zero without salt.

    Parameters
    ----------
    value : float
        The response there.
    at : float or tuple of float or None
        Where: one number for each input (a single number for one input). None in a place means everywhere along
        that input, a face. Coordinates and units are those of the rows that `fit` is called with: in `faradaic.fit`,
        `explore` and `landscape` that is SI (K, S/m, mol/m**3, Pa, s), whatever units the table has; `to_si` of a
        column converts, see the example. A `Design` takes them through its own transforms. An infinite coordinate is
        a limit; it needs an input transform that is finite there (`Reciprocal`).
    std : float
        Standard deviation of what is known, in units of the response; zero: exact. Only `GaussianProcess` takes more.

    Raises
    ------
    ArgumentError
        The value is not finite, or a place is not a number.

    Examples
    --------
    >>> Value(0.0, at=0.0)
    Value(value=0.0, at=(0.0,), std=0.0)

    Of a table in °C and mS/cm, the value 5 mS/cm at 10 °C:

    >>> import pandas as pd
    >>> import faradaic as fd
    >>> from faradaic.approximations import Polynomial, Value
    >>> table = pd.DataFrame({"T [degC]": [0.0, 20.0, 40.0, 60.0], "k [mS/cm]": [4.0, 6.3, 9.1, 12.2]})
    >>> data = fd.read(table, x=["T [degC]"], y="k [mS/cm]")
    >>> T, k = data.inputs[0], data.response
    >>> fact = Value(k.to_si(5.0), at=T.to_si(10.0))
    >>> fact
    Value(value=0.5, at=(283.15,), std=0.0)
    >>> fd.fit(Polynomial(degree=2, known=fact), data).predict([[10.0]]).round(9)
    array([5.])
    """

    value: float
    at: Any
    std: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", _place(self.at))
        _check_numbers(self.value, self.std)
        object.__setattr__(self, "value", float(self.value))
        object.__setattr__(self, "std", float(self.std))


@dataclass(frozen=True)
class Slope:
    """A known slope of the response along one input, e.g. none at a point of symmetry.

    Parameters
    ----------
    value : float
        The partial derivative there, in SI for a table that `faradaic.read` made.
    at, std
        As in `Value`.
    wrt : int
        Number of the input along which the slope is meant.

    Raises
    ------
    ArgumentError
        The value is not finite, a place is not a number, or there is no such input.

    Examples
    --------
    >>> Slope(0.0, at=(0.0, None), wrt=0).wrt
    0
    """

    value: float
    at: Any
    wrt: int = 0
    std: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", _place(self.at))
        _check_numbers(self.value, self.std)
        object.__setattr__(self, "value", float(self.value))
        object.__setattr__(self, "std", float(self.std))
        if not (isinstance(self.wrt, (int, np.integer)) and 0 <= self.wrt < len(self.at)):
            raise ArgumentError(f"wrt must be an input number from 0 to {len(self.at) - 1}, got {self.wrt!r}.")


Known = Value | Slope


def _place(at: Any) -> tuple[float | None, ...]:
    parts = at if isinstance(at, Sequence | np.ndarray) and not isinstance(at, str) else (at,)
    try:
        place = tuple(None if part is None else float(part) for part in parts)
    except (TypeError, ValueError):
        place = ()
    if not place or all(part is None for part in place) or any(part is not None and np.isnan(part) for part in place):
        raise ArgumentError(f"at must hold one number (or None: everywhere) for each input, got {at!r}.")
    return place


def _check_numbers(value: Any, std: Any) -> None:
    if not (isinstance(value, (int, float, np.number)) and np.isfinite(value)):
        raise ArgumentError(f"What is known must be a finite number, got {value!r}; leave out what is not known.")
    if not (isinstance(std, (int, float, np.number)) and np.isfinite(std) and std >= 0):
        raise ArgumentError(f"std must be a finite number of zero and above, got {std!r}.")


def listed(known: Any) -> tuple[Known, ...]:
    """Return what is known as a tuple; a single `Value` or `Slope` counts as one.

    Raises
    ------
    ArgumentError
        There is something else among it.

    Examples
    --------
    >>> listed(Value(1.0, at=0.0)) == listed([Value(1.0, at=0.0)])
    True
    """
    if isinstance(known, Value | Slope):
        return (known,)
    parts: tuple[Any, ...] = tuple(known) if isinstance(known, Iterable) and not isinstance(known, str) else (known,)
    wrong = [part for part in parts if not isinstance(part, Value | Slope)]
    if wrong:
        raise ArgumentError(f"known must hold Value(...) and Slope(...), got {wrong[0]!r}.")
    return parts


def told(family: Any) -> tuple[str, tuple[Known, ...]]:
    """Return the name of the argument in which a family, or the one inside it, is told what is known, and what is."""
    if not hasattr(family, "known") and hasattr(family, "approximation"):
        name, facts = told(family.approximation)
        return f"approximation__{name}", facts
    return "known", listed(getattr(family, "known", ()))


def as_told(family: Any, before: Any) -> Any:
    """Return a family, made of a fitted one, that is told what was ``before`` this was carried to its coordinates."""
    name, facts = told(before)
    return family.set_params(**{name: facts}) if facts else family


def in_words(family: Any) -> str:
    """Return what a family is told to be known, as it goes on after the family's label; empty if nothing is.

    Examples
    --------
    >>> from faradaic.approximations import Polynomial
    >>> in_words(Polynomial(2, known=(Value(0.0, at=0.0), Slope(0.0, at=0.0))))
    ' with 1 known value and 1 known slope'
    """
    facts = told(family)[1]
    values = sum(isinstance(fact, Value) for fact in facts)
    counts = [(values, "known value"), (len(facts) - values, "known slope")]
    words = [plural(count, word) for count, word in counts if count]
    return f" with {joined(words)}" if words else ""


def placed(known: Any, n_features: int) -> tuple[Known, ...]:
    """Return what is known, after checking that each fact has one coordinate for each input.

    Raises
    ------
    ArgumentError
        One has more or fewer.
    """
    facts = listed(known)
    for fact in facts:
        if len(fact.at) != n_features:
            raise ArgumentError(
                f"{named(fact)} has {plural(len(fact.at), 'coordinate')} and the data have "
                f"{plural(n_features, 'input')}; give one for each input."
            )
    return facts


def usable(known: Any, n_features: int, family: str, *, faces: bool = False, spread: bool = False) -> tuple[Known, ...]:
    """Return what is known, after checking that a family can hold it.

    Parameters
    ----------
    known : Value, Slope, or sequence of them
        What is known, in the coordinates of the family.
    n_features : int
        Number of inputs.
    family : str
        Its name in messages.
    faces, spread : bool
        Whether the family takes None in a place, and a standard deviation.

    Raises
    ------
    ArgumentError
        The family cannot hold it; the message says what can.
    """
    facts = placed(known, n_features)
    for fact in facts:
        if any(part is not None and not np.isfinite(part) for part in fact.at):
            raise ArgumentError(
                f"{named(fact)} is a limit at infinity, which needs a coordinate that is finite there; use "
                f"Reciprocal() for that input."
            )
        if not faces and None in fact.at:
            raise ArgumentError(
                f"{named(fact)} is known along a face, which {family} cannot hold; give points, or use a spline of up "
                f"to three inputs."
            )
        if not spread and fact.std > 0:
            raise ArgumentError(
                f"{named(fact)} has a standard deviation of {fact.std:g}, and {family} holds what is known exactly; "
                f"use GaussianProcess, or give it as a row of the data."
            )
    return facts


def reached(facts: Sequence[Known], X: Array) -> Array:
    """Return the rows ``X`` and below them the places where something is known, those of a face anywhere, (n + m, p).

    Examples
    --------
    >>> reached([Value(0.0, at=(0.0, None))], np.array([[1.0, 5.0]])).tolist()
    [[1.0, 5.0], [0.0, 5.0]]
    """
    places = [[x if part is None else part for part, x in zip(fact.at, X[0], strict=True)] for fact in facts]
    return np.vstack([X, places]) if places else X


def carried(known: Any, x: Sequence[Transform], y: Transform) -> tuple[Known, ...]:
    """Return what is known in other coordinates: t_j = f_j(x_j), z = g(y).

    A slope goes over as dz/dt = g'(y)/f'(x) dy/dx, so where g is not linear the value at the same place must be known
    as well, unless the slope is zero.

    Raises
    ------
    ArgumentError
        Something known has no finite counterpart in these coordinates.

    Examples
    --------
    >>> from faradaic.approximations import Log, Reciprocal
    >>> carried(Value(1.0, at=float("inf")), [Reciprocal()], Log())
    (Value(value=0.0, at=(0.0,), std=0.0),)
    """
    facts = listed(known)
    values = {fact.at: fact.value for fact in facts if isinstance(fact, Value)}
    return tuple(_carried(fact, x, y, values) for fact in facts)


def _carried(fact: Known, x: Sequence[Transform], y: Transform, values: dict[Any, float]) -> Known:
    if len(fact.at) != len(x):
        return fact  # the family's own check says what is wrong
    with np.errstate(all="ignore"):
        places = [None if part is None else float(each.forward(part)) for part, each in zip(fact.at, x, strict=True)]
    for part, place, each in zip(fact.at, places, x, strict=True):
        if place is not None and part is not None and not np.isfinite(place) and not isinstance(each, Identity):
            raise ArgumentError(
                f"{named(fact)} lies where {each.symbol('x')} is not finite; use that input without the transform."
            )
    if isinstance(fact, Value):
        with np.errstate(all="ignore"):
            value, std = float(y.forward(fact.value)), fact.std and fact.std * abs(float(y.slope(fact.value)))
        if not (np.isfinite(value) and np.isfinite(std)):
            raise ArgumentError(
                f"{named(fact)} has no finite {y.symbol('y')}; use the response without the transform, or one that is "
                f"defined there."
            )
        return replace(fact, value=value, at=tuple(places), std=std)
    factor = _slope_factor(fact, x[fact.wrt], y, values)
    return replace(fact, value=factor * fact.value, at=tuple(places), std=abs(factor) * fact.std)


def _slope_factor(fact: Slope, x: Transform, y: Transform, values: dict[Any, float]) -> float:
    """Return g'(y)/f'(x) at a known slope."""
    linear = isinstance(y, Identity | Standardise)
    if fact.at[fact.wrt] is None and not isinstance(x, Identity | Standardise) and fact.value != 0:
        raise ArgumentError(f"{named(fact)} changes along {x.symbol('x')}; give it at a point, or use another input.")
    if not linear and fact.at not in values and (fact.value != 0 or fact.std > 0):
        raise ArgumentError(
            f"{named(fact)} becomes a slope of {y.symbol('y')} only where the value is known too; add Value(..., "
            f"at={fact.at}), or use the response without the transform."
        )
    with np.errstate(all="ignore"):
        # a slope of zero stays zero whatever the value is
        outer = 1.0 if not linear and fact.at not in values else float(y.slope(values.get(fact.at, 0.0)))
        inner = float(x.slope(1.0 if fact.at[fact.wrt] is None else fact.at[fact.wrt]))
        factor = float(np.divide(outer, inner))
    if not np.isfinite(factor):
        raise ArgumentError(
            f"{named(fact)} has no finite counterpart as a slope of {y.symbol('y')} along {x.symbol('x')}; use these "
            f"without the transform."
        )
    return factor


def named(fact: Known) -> str:
    """Return a fact in words, as a sentence begins."""
    place = ", ".join("any" if part is None else f"{part:g}" for part in fact.at)
    return f"The known {'value' if isinstance(fact, Value) else 'slope'} {fact.value:g} at ({place})"
