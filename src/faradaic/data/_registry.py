"""The closed list of units that are understood, and the one pint registry made of it when first needed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pint

# Closed on purpose: in pint's own registry k is Boltzmann's constant, PC a petacoulomb and c the speed of light.
PREFIXES = ("femto- = 1e-15 = f-", "pico- = 1e-12 = p-", "nano- = 1e-9 = n-", "micro- = 1e-6 = µ- = μ- = u-",
            "milli- = 1e-3 = m-", "centi- = 1e-2 = c-", "deci- = 1e-1 = d-", "hecto- = 1e2 = h-",
            "kilo- = 1e3 = k-", "mega- = 1e6 = M-", "giga- = 1e9 = G-")  # fmt: skip

UNITS = (
    "meter = [length] = m = metre",
    "gram = [mass] = g",
    "second = [time] = s = sec",
    "ampere = [current] = A = amp",
    "kelvin = [temperature]; offset: 0 = K = Kelvin",
    "mole = [substance] = mol",
    "radian = [] = rad",
    "degree = 0.017453292519943295 * radian = deg",
    "percent = 0.01 = %",
    "ppm = 1e-6",
    "count = [] = counts",
    "cycle = [] = cycles",
    "degree_Celsius = kelvin; offset: 273.15 = degC = celsius = Celsius",
    "degree_Fahrenheit = 5 / 9 * kelvin; offset: 255.3722222222222 = degF = fahrenheit = Fahrenheit",
    "minute = 60 * second = min",
    "hour = 3600 * second = h = hr",
    "day = 86400 * second = d",
    "year = 31557600 * second = yr",
    "hertz = 1 / second = Hz",
    "newton = kilogram * meter / second ** 2 = N",
    "pascal = newton / meter ** 2 = Pa",
    "bar = 1e5 * pascal",
    "atmosphere = 101325 * pascal = atm",
    "joule = newton * meter = J",
    "calorie = 4.184 * joule = cal",
    "electron_volt = 1.602176634e-19 * joule = eV",
    "watt = joule / second = W",
    "watt_hour = 3600 * joule = Wh",
    "coulomb = ampere * second = C",
    "ampere_hour = 3600 * coulomb = Ah",
    "volt = joule / coulomb = V",
    "farad = coulomb / volt = F",
    "ohm = volt / ampere = Ω = Ohm",
    "siemens = ampere / volt = S",
    "henry = volt * second / ampere = H",
    "liter = 1e-3 * meter ** 3 = L = l = litre",
    "molar = mole / liter = M",
    "angstrom = 1e-10 * meter = Å",
)

# SI units with a name of their own, by which a factor of a unit is written (kg and s rather than N s²/m).
NAMED_SI = {"meter": "m", "kilogram": "kg", "second": "s", "ampere": "A", "kelvin": "K", "mole": "mol", "newton": "N",
            "pascal": "Pa", "joule": "J", "watt": "W", "coulomb": "C", "volt": "V", "farad": "F", "ohm": "ohm",
            "siemens": "S", "henry": "H"}  # fmt: skip


@cache
def registry() -> pint.UnitRegistry:
    """Return the one registry of this package; pint's application registry is left alone."""
    import pint

    made: pint.UnitRegistry = pint.UnitRegistry(None)  # pyright: ignore[reportArgumentType]
    made.load_definitions([*PREFIXES, *UNITS])
    return made


@cache
def named_si_units() -> dict[tuple[tuple[str, float], ...], str]:
    """Return the symbol of each named SI unit by its dimension."""
    return {dimension_of(name): symbol for name, symbol in NAMED_SI.items()}


def dimension_of(name: str) -> tuple[tuple[str, float], ...]:
    """Return the base dimensions of one unit with their powers, sorted."""
    powers: Any = registry().get_dimensionality(name)
    return tuple(sorted((base, float(power)) for base, power in powers.items()))


def symbols() -> list[str]:
    """Return the symbols a user is likely to have meant, for suggestions."""
    plain = [symbol for line in UNITS for symbol in line.split(";")[0].split(" = ")[:1] + line.split(" = ")[2:]]
    return [*plain, "K", "mol/kg", "mol/L", "mol/m**3", "mS/cm", "S/m", "mAh", "Ah", "mA", "mA/cm**2", "1/h", "um",
            "cm", "m**2/s", "cm**2/s", "J/mol", "kJ/mol", "dimensionless"]  # fmt: skip
