"""Hierarchies are found by dimension and are nested."""

from types import SimpleNamespace

import numpy as np
import pytest

from faradaic import laws
from faradaic._core import UnitError


def columns(*units):
    return [SimpleNamespace(si_unit=unit) for unit in units]


def found(inputs, response):
    return {h.name: h for h in laws.hierarchies(columns(*inputs), columns(response)[0])}


def test_temperature_laws_are_offered_for_any_response():
    for response in ("S/m", "m**2/s", "1/s", "Pa*s"):
        names = set(found(["K"], response))
        assert names == {"Vogel-Fulcher-Tammann", "Arrhenius with a temperature-linear activation energy"}


@pytest.mark.parametrize("inputs", [("K", "mol/kg", "1"), ("mol/kg", "dimensionless", "K")])
def test_columns_may_come_in_any_order(inputs):
    hierarchy = found(inputs, "S/m")["Flores 2022"]
    names = {"K": "T", "mol/kg": "c", "1": "r", "dimensionless": "r"}
    assert hierarchy.inputs == tuple(names[unit] for unit in inputs)


def test_molality_and_molarity_are_told_apart():
    molality, molarity = found(["mol/kg"], "S/m"), found(["mol/m**3"], "S/m")
    assert molality["Casteel-Amis"].laws[-1] is laws.casteel_amis_molality
    assert molarity["Casteel-Amis"].laws[-1] is laws.casteel_amis
    assert set(found(["mol/m**3", "K"], "S/m")) == {
        "Casteel-Amis with an activation energy",
        "Landesfeind-Gasteiger 2019",
    }


def test_nothing_is_offered_where_no_law_is_known():
    assert found(["1"], "S/m") == {}
    assert found(["m"], "V") == {}
    assert found(["mol/kg"], "V") == {}
    assert found(["K", "K"], "S/m") == {}
    assert found(["parsec"], "S/m") == {}


def test_open_circuit_potential():
    hierarchy = found(["dimensionless"], "V")["Redlich-Kister"]
    assert [law.count for law in hierarchy.laws] == list(range(1, 14))


def test_kinetics():
    names = set(found(["V"], "A/m**2"))
    assert names == {"Butler-Volmer", "Marcus-Hush-Chidsey"}
    assert [law.count for law in found(["V"], "A/m**2")["Butler-Volmer"].laws] == [2, 3, 5]
    assert set(found(["V/s"], "A/m**2")) == {"Randles-Sevcik"}


@pytest.mark.parametrize(
    ("small", "large", "theta", "lifted"),
    [
        (laws.constant, laws.arrhenius, [2.0], [2.0, 0.0]),
        (laws.arrhenius, laws.vogel_fulcher_tammann, [2.0, 8314.462618], [2.0, 1000.0, 0.0]),
        (laws.arrhenius, laws.arrhenius_linear_energy, [2.0, 1e4], [2.0, 1e4, 0.0]),
        (laws.constant, laws.casteel_amis, [2.0], [2.0, 1e3, 0.0, 0.0]),
        (laws.redlich_kister(1), laws.redlich_kister(2), [3.0, 1e4], [3.0, 1e4, 0.0]),
        (laws.butler_volmer_one_step(), laws.butler_volmer(), [2.0, 0.4], [2.0, 0.4, 0.6]),
        (laws.butler_volmer(), laws.butler_volmer_limited(), [2.0, 0.4, 0.5], [2.0, 0.4, 0.5, np.inf, np.inf]),
        (laws.randles_sevcik, laws.randles_sevcik_offset, [2.0], [2.0, 0.0]),
    ],
)
def test_each_law_contains_the_one_before(small, large, theta, lifted):
    low, high = (0.2, 0.8) if large.name.startswith(("redlich", "butler")) else (250.0, 350.0)
    X = np.linspace(low, high, 5)[:, None]
    np.testing.assert_allclose(small(X[:, : len(small.variables)], theta), large(X, lifted), rtol=1e-12)


def test_arrhenius_lies_in_casteel_amis_with_an_activation_energy():
    c, T = np.linspace(100, 2000, 5), np.linspace(250, 350, 5)
    at_reference = laws.arrhenius([[298.15]], [2.0, 1e4])[0]
    large = laws.casteel_amis_arrhenius(np.column_stack([c, T]), [at_reference, 1e3, 0.0, 0.0, 1e4])
    np.testing.assert_allclose(large, laws.arrhenius(T[:, None], [2.0, 1e4]), rtol=1e-12)


def test_natural_transforms():
    assert laws.natural_transforms(columns("K", "S/m", "1")) == ("reciprocal", "identity", "identity")


@pytest.mark.parametrize(
    ("unit", "same"), [("S/m", "A/V/m"), ("J", "V*A*s"), ("mol/m**3", "mol*m**-3"), ("N/m**2", "Pa"), ("", "1")]
)
def test_dimensions(unit, same):
    assert laws.dimension(unit) == laws.dimension(same)


@pytest.mark.parametrize("unit", ["mS/cm", "mol//m", "K**", "furlong", "(S/m)"])
def test_a_unit_outside_si_is_an_error(unit):
    with pytest.raises(UnitError, match="SI symbols"):
        laws.dimension(unit)
