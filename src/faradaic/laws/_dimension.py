"""Dimensions of SI units, so that a law can be found by what its inputs and its response are."""

from __future__ import annotations

import re
from functools import cache

from faradaic._core import UnitError

BASE = ("m", "kg", "s", "A", "K", "mol")
_NAMED = {
    **{symbol: tuple(float(symbol == other) for other in BASE) for symbol in BASE},
    "1": (0.0,) * 6, "dimensionless": (0.0,) * 6, "rad": (0.0,) * 6, "count": (0.0,) * 6, "cycle": (0.0,) * 6,
    "Hz": (0, 0, -1, 0, 0, 0), "N": (1, 1, -2, 0, 0, 0), "Pa": (-1, 1, -2, 0, 0, 0), "J": (2, 1, -2, 0, 0, 0),
    "W": (2, 1, -3, 0, 0, 0), "C": (0, 0, 1, 1, 0, 0), "V": (2, 1, -3, -1, 0, 0), "ohm": (2, 1, -3, -2, 0, 0),
    "S": (-2, -1, 3, 2, 0, 0), "F": (-2, -1, 4, 2, 0, 0), "H": (2, 1, -2, -2, 0, 0),
}  # fmt: skip
_FACTOR = re.compile(r"([*/])([A-Za-z]+|1)(?:\*\*(-?\d+(?:\.\d+)?))?")

Dimension = tuple[float, ...]


@cache
def dimension(si_unit: str) -> Dimension:
    """Return the exponents of m, kg, s, A, K and mol in an SI unit written with ``*``, ``/`` and ``**``.

    Raises
    ------
    UnitError
        The unit is not made of SI symbols.

    Examples
    --------
    >>> dimension("mol/m**3"), dimension("S/m") == dimension("A/V/m"), dimension("")
    ((-3.0, 0.0, 0.0, 0.0, 0.0, 1.0), True, (0.0, 0.0, 0.0, 0.0, 0.0, 0.0))
    """
    text = "*" + (si_unit.replace(" ", "").replace("^", "**") or "1")
    factors = _FACTOR.findall(text)
    if "".join(f"{op}{unit}{'**' + power if power else ''}" for op, unit, power in factors) != text or any(
        unit not in _NAMED for _, unit, _ in factors
    ):
        raise UnitError(f"The unit {si_unit!r} is not written in SI symbols; use for example 'mol/m**3' or 'S/m'.")
    total = [0.0] * len(BASE)
    for op, unit, power in factors:
        exponent = (-1.0 if op == "/" else 1.0) * float(power or 1)
        total = [old + exponent * new for old, new in zip(total, _NAMED[unit], strict=True)]
    return tuple(value + 0.0 for value in total)


def same_dimension(unit: str, other: str) -> bool:
    """Whether two SI units measure the same thing; a unit outside SI symbols is like no other."""
    try:
        return all(abs(a - b) < 1e-9 for a, b in zip(dimension(unit), dimension(other), strict=True))
    except UnitError:
        return False
