"""The slopes that have a name of their own: a small table, read by one function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import ArgumentError, joined, plural
from faradaic.approximations import Identity, Log, Reciprocal, Transform
from faradaic.laws import FARADAY, GAS_CONSTANT, same_dimension

from ._estimate import Estimate
from ._slopes import Magnitude, check_zero, slope

if TYPE_CHECKING:
    from faradaic.data import Column

    from ._trend import Trend

Array = np.ndarray
# a slope that varies less than this over the data is one number, the same at every condition
CONSTANT = 1e-9


@dataclass(frozen=True)
class Side:
    """One side of a named slope.

    Attributes
    ----------
    words : str
        What the column must be, e.g. ``"a temperature"``.
    coordinate : Transform
        In which the slope is read, of the quantity in SI.
    units : tuple of str
        SI units that the column may have; empty: any.
    signed : bool
        Whether the logarithm is that of the magnitude, so that negative values have one too.
    """

    words: str
    coordinate: Transform
    units: tuple[str, ...] = ()
    signed: bool = False

    def fits(self, column: Column) -> bool:
        """Whether a column can be this side."""
        return not self.units or any(same_dimension(column.si_unit, unit) for unit in self.units)


@dataclass(frozen=True)
class NamedSlope:
    """A slope that has a name: ``factor · d response.coordinate / d input.coordinate``.

    Attributes
    ----------
    symbol, title : str
        As it is printed, and in words with its article.
    response, input : Side
        What is differentiated, and by what.
    factor : float
        From the slope in SI to the quantity in SI.
    units : mapping of str to float
        The units it is offered in, with their size in SI; the first is the default.
    either_way : bool
        Whether it may be read off a trend of the input against the response as well, as the reciprocal slope.
    """

    symbol: str
    title: str
    response: Side
    input: Side
    factor: float = 1.0
    units: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({"": 1.0}))
    either_way: bool = False


_TEMPERATURE = ("a temperature", ("K",))
_POTENTIAL = Side("a potential or an overpotential", Identity(), ("V",))
_CURRENT = Side("a current or a current density", Log(), ("A/m**2", "A", "A/kg"), signed=True)

ACTIVATION_ENERGY = NamedSlope(
    "Ea",
    "an activation energy",
    Side("a rate, diffusivity or conductivity", Log()),
    Side(_TEMPERATURE[0], Reciprocal(), _TEMPERATURE[1]),
    -GAS_CONSTANT,
    MappingProxyType({"kJ/mol": 1e3, "J/mol": 1.0, "eV": FARADAY}),
)
TAFEL_SLOPE = NamedSlope(
    "Tafel slope",
    "a Tafel slope",
    _POTENTIAL,
    _CURRENT,
    log(10.0),
    MappingProxyType({"V/decade": 1.0, "mV/decade": 1e-3}),
    either_way=True,
)
ENTROPY_COEFFICIENT = NamedSlope(
    "dU/dT",
    "an entropy coefficient",
    _POTENTIAL,
    Side(_TEMPERATURE[0], Identity(), _TEMPERATURE[1]),
    units=MappingProxyType({"mV/K": 1e-3, "V/K": 1.0}),
)
THERMODYNAMIC_FACTOR = NamedSlope(
    "thermodynamic factor",
    "a thermodynamic factor",
    Side("an activity (a pure number)", Log(), ("1",)),
    Side("a concentration", Log(), ("mol/m**3", "mol/kg", "1")),
)
LOGARITHMIC_SLOPE = NamedSlope(
    "logarithmic slope", "a logarithmic slope", Side("any quantity", Log()), Side("any quantity", Log())
)


def named_slope(trend: Trend, what: NamedSlope, X: Array | None, wrt: str | int | None, unit: str | None) -> Estimate:
    """Return one of the slopes of the table at ``X`` (SI; None: where a single number holds)."""
    unit = next(iter(what.units)) if unit is None else unit
    if unit not in what.units:
        raise ArgumentError(f"unit must be {joined(map(repr, what.units), 'or')}, got {unit!r}.")
    inverted = what.either_way and what.input.fits(trend.response)
    top, bottom = (what.input, what.response) if inverted else (what.response, what.input)
    if not top.fits(trend.response):
        raise ArgumentError(
            f"{_sentence(what.title)} needs a trend of {top.words}"
            f"{f' or of {bottom.words}' if what.either_way else ''}, and the response is {trend.response.header}."
        )
    check_zero(top.coordinate, trend.response)
    j = _input(trend, what, bottom, wrt)
    at = _default_points(trend) if X is None else X
    _check_input(trend, bottom, at, j)
    coordinates = (Magnitude() if top.signed else top.coordinate), bottom.coordinate
    value, std, freedom, reason = slope(trend, at, j, coordinates)
    if inverted:
        value, std = 1.0 / value, std / value**2
    factor = what.factor / what.units[unit]
    if X is None and len(value) > 1:
        if np.ptp(value) > CONSTANT * np.abs(value).max():
            raise ArgumentError(
                f"{_sentence(what.title)} differs between the conditions of these data; give the conditions X at "
                f"which you want it, with the {plural(len(trend.inputs), 'column')} "
                f"{joined(c.header for c in trend.inputs)}."
            )
        value, std = value[:1], std[:1]
    return Estimate(what.symbol, unit, factor * value, abs(factor) * std, freedom, reason)


def _input(trend: Trend, what: NamedSlope, side: Side, wrt: str | int | None) -> int:
    if wrt is not None:
        j = trend._input(wrt)
        if not side.fits(trend.inputs[j]):
            raise ArgumentError(f"{_sentence(what.title)} needs {side.words}, and {trend.inputs[j].header} is none.")
        return j
    fitting = [j for j, column in enumerate(trend.inputs) if side.fits(column)]
    if not fitting:
        raise ArgumentError(
            f"{_sentence(what.title)} needs {side.words} among the inputs, and these are "
            f"{joined(c.header for c in trend.inputs)}."
        )
    if len(fitting) > 1:
        raise ArgumentError(
            f"{_sentence(what.title)} can be taken along {joined((trend.inputs[j].header for j in fitting), 'or')}; "
            f"say which with wrt."
        )
    return fitting[0]


def _check_input(trend: Trend, side: Side, X: Array, j: int) -> None:
    if side.signed:
        Reciprocal().check(X[:, j], trend.inputs[j].name)
    else:
        side.coordinate.check(X[:, j], trend.inputs[j].name)


def _default_points(trend: Trend) -> Array:
    """Return the middle of a single input's range, or all conditions of several, where one number must hold."""
    if len(trend.inputs) == 1:
        return 0.5 * (trend.domain.low + trend.domain.high)[None]
    return trend.X


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]
