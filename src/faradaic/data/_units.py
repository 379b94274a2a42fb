"""From the text of a unit to its SI factor, SI symbol and dimension."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

from faradaic._core import UnitError, joined, nearest

from ._registry import dimension_of, named_si_units, registry, symbols

if TYPE_CHECKING:
    from collections.abc import Iterable

DIMENSIONLESS = "dimensionless"
_PURE_NUMBER = {"", "-", "–", "—", "1", "none", "dimensionless", "fraction", "unitless"}
_SAME_SIGN = str.maketrans({"μ": "µ", "Ω": "Ω", "·": "*", "⋅": "*", "×": "*", "−": "-", "℃": "degC", "Å": "Å"})
_REFERENCE = re.compile(r"\s+(vs\.?|versus)\s.*$", re.IGNORECASE)
_SHARE = re.compile(r"^(wt|vol|mol|at)\.?\s*%$")
_BARE_POWER = re.compile(r"(?<![\w.])([A-Za-zµΩÅ]+)([-+]?\d+)(?![\w.])")
_DEGREE = re.compile(r"°\s*([CF])\b")
_OFFSET = re.compile(r"\b(?:degree_|deg)(C|F)(?:elsius|ahrenheit)?\b")
_ALLOWED = re.compile(r"[\w\s.*/()°%+\-²³¹⁰⁴⁵⁶⁻]{1,60}")
_HUGE_POWER = re.compile(r"\*\*\s*\(?\s*[-+]?\d{2,}|\*\*[-+().\d\s]*\*\*")


_MANY = 2.0**40  # so many units at once, so that a zero point does not eat the digits of the factor
_BASE = {"[length]": "m", "[mass]": "kg", "[time]": "s", "[current]": "A", "[temperature]": "K", "[substance]": "mol"}


@dataclass(frozen=True)
class Unit:
    """A unit as text and what it is in SI: ``SI = value * scale + offset``.

    Attributes
    ----------
    text : str
        The unit as it was written.
    si_unit : str
        The coherent SI unit of the same dimension, e.g. ``"S/m"`` for mS/cm; ``"dimensionless"`` for a number.
    scale, offset : float
        Factor and zero point of the conversion.
    dimension : str
        Dimension in pint's words, e.g. ``"[length] ** 2 / [time]"``.
    """

    text: str
    si_unit: str
    scale: float
    offset: float
    dimension: str


def parse_unit(text: str) -> Unit:
    """Understand the text of a unit.

    Parameters
    ----------
    text : str
        E.g. ``"mS/cm"``, ``"°C"``, ``"A h m-2"``, ``"m**2/s"``, ``"V vs Li/Li+"``, ``"%"``; empty for a pure number.

    Raises
    ------
    UnitError
        The unit is not known.

    Examples
    --------
    >>> parse_unit("mS/cm").si_unit, parse_unit("mS/cm").scale
    ('S/m', 0.1)
    >>> parse_unit("°C").offset
    273.15
    """
    unit = _parsed(text)
    if unit is None:
        close = [near for near in nearest(text, symbols()) if _alike(near, text)]
        meant = f" (nearest: {joined(map(repr, close), 'or')})" if close else ""
        raise UnitError(
            f"The unit {text!r} is not known{meant}; write one such as mS/cm, mol/kg, degC or m**2/s, "
            "or 'dimensionless' for a pure number."
        )
    return unit


def is_unit(text: str) -> bool:
    """Return whether the text is a known unit."""
    return _parsed(text) is not None


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Unit | None:
    plain = _REFERENCE.sub("", text.strip().translate(_SAME_SIGN)).strip()
    if plain.lower() in _PURE_NUMBER:
        return Unit(text, DIMENSIONLESS, 1.0, 0.0, DIMENSIONLESS)
    plain = "percent" if _SHARE.match(plain) else _DEGREE.sub(r"deg\1", plain.replace("^", "**"))
    plain = _BARE_POWER.sub(r"\1**\2", plain)
    if not _ALLOWED.fullmatch(plain) or _HUGE_POWER.search(plain):
        return None
    if not _OFFSET.fullmatch(plain):  # a degree inside a product is a difference: J/(mol °C)
        plain = _OFFSET.sub(lambda found: "K" if found[1] == "C" else "delta_degree_Fahrenheit", plain)
    quantity = _quantity(plain)
    return None if quantity is None else _described(text, quantity)


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one.lower(), other.lower()).ratio() > 0.6


def _quantity(plain: str):
    """Return pint's quantity for the text, or None where it means nothing or does not multiply."""
    from tokenize import TokenError

    import pint

    units = registry()
    try:
        quantity = units.Quantity(units.parse_expression(plain))
        quantity.to_base_units()
    except (pint.PintError, TokenError, SyntaxError, AssertionError, TypeError, ValueError, ArithmeticError, KeyError):
        return None
    return quantity if quantity.magnitude > 0 else None


def _described(text: str, quantity) -> Unit:
    units = registry()
    zero = units.Quantity(0.0, quantity.units).to_root_units().magnitude
    scale = (units.Quantity(_MANY * float(quantity.magnitude), quantity.units).to_root_units().magnitude - zero) / _MANY
    dimension = dict(quantity.dimensionality)
    # pint's root unit of mass is the gram here; SI counts in kilograms
    scale *= 1e-3 ** float(dimension.get("[mass]", 0))
    words = _product(dimension.items(), " ** ", " * ", " / ")
    return Unit(text, _si_symbol(quantity), _clean(scale), _clean(zero), words)


def _si_symbol(quantity) -> str:
    """Write each factor in its SI unit: mS/cm becomes S/m, not kg⁻¹ m⁻³ s³ A²."""
    named = named_si_units()
    powers: dict[str, float] = {}
    for factor, power in quantity._units.items():
        dimension = dimension_of(factor)
        symbol = named.get(dimension)
        parts = {symbol: 1.0} if symbol else {_BASE[name]: exponent for name, exponent in dimension}
        for part, exponent in parts.items():
            powers[part] = powers.get(part, 0.0) + exponent * float(power)
    return _product(powers.items(), "**", "*", "/")


def _product(powers: Iterable[tuple[str, float]], raised: str, times: str, per: str) -> str:
    present = sorted((name, float(power)) for name, power in powers if power)

    def written(name: str, power: float) -> str:
        return name if power == 1 else f"{name}{raised}{power:g}"

    above = times.join(written(name, power) for name, power in present if power > 0)
    below = "".join(per + written(name, -power) for name, power in present if power < 0)
    if not above and not below:
        return DIMENSIONLESS
    return (above or "1") + below


def _clean(value: float) -> float:
    """Remove the last-digit noise of a product of decimal factors."""
    short = float(f"{value:.12g}")
    return short if abs(short - value) <= 5e-16 * abs(value) else float(value)
