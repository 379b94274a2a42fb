"""Units and headers: factors written out by hand, not taken from pint."""

import math

import numpy as np
import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faradaic._core import UnitError
from faradaic.data import parse_header, parse_unit

FACTORS = [
    ("K", "K", 1.0, 0.0),
    ("°C", "K", 1.0, 273.15),
    ("degC", "K", 1.0, 273.15),
    ("degF", "K", 5 / 9, 459.67 * 5 / 9),
    ("mol/kg", "mol/kg", 1.0, 0.0),
    ("mol/L", "mol/m**3", 1000.0, 0.0),
    ("mM", "mol/m**3", 1.0, 0.0),
    ("mS/cm", "S/m", 0.1, 0.0),
    ("S cm-1", "S/m", 100.0, 0.0),
    ("mS cm⁻¹", "S/m", 0.1, 0.0),
    ("m**2/s", "m**2/s", 1.0, 0.0),
    ("cm^2 s^-1", "m**2/s", 1e-4, 0.0),
    ("1e-14 m2/s", "m**2/s", 1e-14, 0.0),
    ("mAh", "C", 3.6, 0.0),
    ("A·h", "A*s", 3600.0, 0.0),
    ("A*h/m**2", "A*s/m**2", 3600.0, 0.0),
    ("mA h g-1", "A*s/kg", 3600.0, 0.0),
    ("mAh/g", "C/kg", 3600.0, 0.0),
    ("1/h", "1/s", 1 / 3600, 0.0),
    ("%", "dimensionless", 0.01, 0.0),
    ("wt%", "dimensionless", 0.01, 0.0),
    ("", "dimensionless", 1.0, 0.0),
    ("-", "dimensionless", 1.0, 0.0),
    ("1", "dimensionless", 1.0, 0.0),
    ("µm", "m", 1e-6, 0.0),
    ("μm", "m", 1e-6, 0.0),
    ("um", "m", 1e-6, 0.0),
    ("V vs. Li/Li+", "V", 1.0, 0.0),
    ("Ω cm", "m*ohm", 0.01, 0.0),
    ("kJ/mol", "J/mol", 1000.0, 0.0),
    ("J/(mol °C)", "J/K/mol", 1.0, 0.0),
    ("eV", "J", 1.602176634e-19, 0.0),
    ("kWh", "J", 3.6e6, 0.0),
    ("g", "kg", 1e-3, 0.0),
    ("min", "s", 60.0, 0.0),
    ("GPa", "Pa", 1e9, 0.0),
]


@pytest.mark.parametrize(("text", "si_unit", "scale", "offset"), FACTORS)
def test_factors(text, si_unit, scale, offset):
    unit = parse_unit(text)
    assert unit.si_unit == si_unit
    assert unit.scale == pytest.approx(scale, rel=1e-14)
    assert unit.offset == pytest.approx(offset, rel=1e-14)


@pytest.mark.parametrize("text", sorted({row[1] for row in FACTORS}))
def test_si_units_are_their_own_si_unit(text):
    """The symbols we write are understood again, with factor one and the same dimension."""
    unit = parse_unit(text)
    assert (unit.scale, unit.offset) == (1.0, 0.0)
    written = [row[0] for row in FACTORS if row[1] == text]
    assert {parse_unit(one).dimension for one in written} == {unit.dimension}


def test_dimension_in_words_of_pint():
    """pint's own large registry is the oracle."""
    theirs = pint.UnitRegistry()
    for text in ("K", "mol", "S/m", "m**2/s", "1/s", "V", "C", "Pa", "J/mol/K", "ohm*m", "F", "mol/kg"):
        ours = pint.util.UnitsContainer(pint.util.ParserHelper.from_string(parse_unit(text).dimension))
        assert dict(ours) == dict(theirs.parse_units(text).dimensionality)
    assert parse_unit("%").dimension == "dimensionless"


@pytest.mark.parametrize(
    "text", ["k", "PC", "c", "R", "foo", "m//", "0", "9**9**9**9", "m**99", "[x]", "bulk", "m" * 80]
)
def test_unknown_unit(text):
    """Constants (k, c, R) and exotic prefixes (PC) are not units here; nothing long is computed."""
    with pytest.raises(UnitError, match=r"is not known.*; write one such as mS/cm"):
        parse_unit(text)


def test_unknown_unit_names_the_nearest():
    with pytest.raises(UnitError, match=r"Column 'T \[k\]': the unit 'k' is not known \(nearest: 'K'\)"):
        parse_header("T [k]")


@pytest.mark.parametrize(
    ("header", "name", "unit", "si_unit"),
    [
        ("T [K]", "T", "K", "K"),
        ("T / K", "T", "K", "K"),
        ("T/K", "T", "K", "K"),
        ("Temperature (°C)", "Temperature", "°C", "K"),
        ("T (degC)", "T", "degC", "K"),
        ("r", "r", "", "dimensionless"),
        ("EC/PC", "EC/PC", "", "dimensionless"),
        ("k / (mS/cm)", "k", "mS/cm", "S/m"),
        ("k / mS / cm", "k", "mS / cm", "S/m"),
        ("E / V vs. Li/Li+", "E", "V vs. Li/Li+", "V"),
        ("C-rate [1/h]", "C-rate", "1/h", "1/s"),
        ("x [dimensionless]", "x", "dimensionless", "dimensionless"),
        ("x []", "x", "", "dimensionless"),
    ],
)
def test_headers(header, name, unit, si_unit):
    column = parse_header(header)
    assert (column.name, column.unit, column.si_unit, column.header) == (name, unit, si_unit, header)


@pytest.mark.parametrize(
    ("label", "machine", "si_unit"),
    [
        ("Test Time / s", "test_time_second", "s"),
        ("Voltage / V", "voltage_volt", "V"),
        ("Current / A", "current_ampere", "A"),
        ("Unix Time / s", "unix_time_second", "s"),
        ("Cycle Count / 1", "cycle_count", "dimensionless"),
        ("Ambient Temperature / degC", "ambient_temperature_celsius", "K"),
        ("Step Index / 1", "step_index", "dimensionless"),
        ("Charging Capacity / Ah", "charging_capacity_ah", "C"),
        ("Discharging Energy / Wh", "discharging_energy_wh", "J"),
        ("Power / W", "power_watt", "W"),
        ("Internal Resistance / Ohm", "internal_resistance_ohm", "ohm"),
        ("Ambient Pressure / Pa", "ambient_pressure_pa", "Pa"),
        ("Surface Temperature T1 / degC", "temperature_t1_celsius", "K"),
    ],
)
def test_battery_data_format(label, machine, si_unit):
    """Both spellings of the Battery Data Format's columns mean the same."""
    one, other = parse_header(label), parse_header(machine)
    assert one.si_unit == other.si_unit == si_unit
    assert (one.scale, one.offset) == (other.scale, other.offset)


@pytest.mark.parametrize(("header", "instead"), [("T [C]", "degC"), ("Temperature (C)", "degC"), ("C-rate [C]", "1/h")])
def test_coulomb_is_not_celsius(header, instead):
    with pytest.raises(UnitError, match=f"C is the coulomb; write {instead}"):
        parse_header(header)


def test_spread_has_no_zero_point():
    column = parse_header("T [degC]")
    assert column.spread_to_si(2.0) == 2.0
    assert column.spread_from_si([1.0, 3.0]).tolist() == [1.0, 3.0]
    assert column.dimension == "[temperature]"


def test_pint_is_left_alone():
    before = pint.get_application_registry().get()
    parse_unit("mS/cm")
    assert pint.get_application_registry().get() is before


@given(st.sampled_from([row[0] for row in FACTORS]), st.floats(-1e6, 1e6).filter(lambda v: v == 0 or abs(v) > 1e-200))
def test_round_trip(text, value):
    column = parse_header(f"q [{text}]")
    back = float(column.from_si(column.to_si(value)))
    # the zero point costs absolute digits: 273.15 K has a spacing of 6e-14
    assert math.isclose(back, value, rel_tol=1e-14, abs_tol=1e-12 if column.offset else 0.0)
    assert np.isclose(column.spread_from_si(column.spread_to_si(value)), value, rtol=1e-15, atol=0)
