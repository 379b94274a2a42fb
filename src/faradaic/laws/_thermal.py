"""Checked constants of an experiment (temperature, electrons, concentration) and the thermal voltage."""

from __future__ import annotations

import math
from numbers import Integral, Real

from faradaic._core import ArgumentError

from ._constants import FARADAY, GAS_CONSTANT


def positive(name: str, value: float, unit: str) -> float:
    """Return a constant that must be positive and finite, as a float.

    Raises
    ------
    ArgumentError
        It is not.

    Examples
    --------
    >>> positive("temperature", 298, "K")
    298.0
    """
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not (number and 0 < value < math.inf):
        raise ArgumentError(f"{name} must be positive{f' (in {unit})' if unit else ''}, got {value!r}.")
    return float(value)


def electrons_of(value: int) -> int:
    """Return a number of electrons, a whole number of at least 1.

    Raises
    ------
    ArgumentError
        It is not.

    Examples
    --------
    >>> electrons_of(2)
    2
    """
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise ArgumentError(f"electrons must be a whole number of at least 1, got {value!r}.")
    return int(value)


def thermal_voltage(temperature: float) -> float:
    """Return R T / F in V, by which potentials are measured in kinetics.

    Examples
    --------
    >>> round(thermal_voltage(298.15), 6)
    0.025693
    """
    return GAS_CONSTANT * positive("temperature", temperature, "K") / FARADAY
