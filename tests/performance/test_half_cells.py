"""Curves of electrodes and of cells: what is read from a table, and what is said of a table that holds none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from faradaic._core import ArgumentError, ColumnError, InputError, UnitError
from faradaic.performance import HalfCell, OpenCircuit, chen2020, half_cell, open_circuit

X = np.linspace(0.0, 1.0, 200)
U = 4.3 - 0.5 * X - 0.3 * X**2


@pytest.mark.parametrize("rising", [False, True])
@pytest.mark.parametrize(("header", "factor", "capacity"), [("Q [mAh]", 25.0, 0.025), ("Ah", 0.025, 0.025)])
def test_a_charge_and_a_discharge_are_the_same_electrode(rising, header, factor, capacity):
    # the capacity of a charge counts the other way round
    along = factor * (1.0 - X) if rising else factor * X
    read = half_cell(pd.DataFrame({header: along, "U [V]": U}))
    assert read.capacity == pytest.approx(capacity)
    np.testing.assert_allclose(read.at([0.0, 0.3, 1.0]), [4.3, 4.3 - 0.15 - 0.027, 3.5], atol=2e-5)


def test_stoichiometries_are_kept_and_turned_where_they_are_states_of_charge():
    known = half_cell(pd.DataFrame({"x": 0.2 + 0.7 * X, "U [V]": U}))
    assert (known.lithiation[0], known.lithiation[-1]) == pytest.approx((0.2, 0.9))
    assert np.isnan(known.capacity)
    charge = half_cell(pd.DataFrame({"SOC": 1.0 - X, "voltage_V": U}))
    np.testing.assert_allclose(charge.at(X), U, atol=2e-5)


def test_noise_does_not_make_a_curve_rise():
    noisy = U + 5e-3 * np.random.default_rng(0).normal(size=200)
    for options in ({}, {"n_basis": 8}):
        read = half_cell(pd.DataFrame({"Q [Ah]": X, "U [V]": noisy}), **options)
        assert (np.diff(read.potential) <= 0).all()
        # the closest falling curve through 5 mV of noise errs by less than the noise
        assert np.sqrt(np.mean((read.at(X[5:-5]) - U[5:-5]) ** 2)) < 4e-3


def test_beyond_its_ends_a_curve_goes_on_straight():
    cell = half_cell(pd.DataFrame({"x": X, "U [V]": U}))
    assert cell.at(1.1) == pytest.approx(cell.at(1.0) + 0.1 * cell.slope(1.0))
    assert cell.at(-0.1) > cell.at(0.0)


def test_a_discharge_is_turned_round():
    charge = open_circuit(pd.DataFrame({"Q [Ah]": 2.0 * X, "V [V]": 3.0 + X**2}), name="a")
    discharge = open_circuit(pd.DataFrame({"Q [Ah]": 2.0 * (1 - X), "V [V]": 3.0 + X**2}), name="a")
    np.testing.assert_allclose(charge.voltage, discharge.voltage)
    np.testing.assert_allclose(charge.charge, discharge.charge, atol=1e-12)
    Q, slope, V = charge.slopes()
    np.testing.assert_allclose(slope[20:-20], 0.5 * Q[20:-20], atol=5e-3)  # V = 3 + (Q/2)²
    np.testing.assert_allclose(V, 3.0 + (Q / 2.0) ** 2, atol=1e-3)


@pytest.mark.parametrize(
    ("table", "options", "error", "says"),
    [
        ({"Q [Ah]": X, "T [K]": U}, {}, ColumnError, "no column of a voltage with its unit"),
        ({"Q [Ah]": X, "V [V]": U, "U [V]": U}, {}, ColumnError, "Several columns of the table could be its voltage"),
        ({"Q [Ah]": X, "V [V]": U}, {"capacity": "Q [mAh]"}, ColumnError, "Q [mAh]"),
        ({"t [s]": X, "V [V]": U}, {"capacity": "t [s]"}, UnitError, "must be a capacity (Q [Ah]) or a share"),
        ({"x": X, "V [V]": U}, {}, UnitError, "shares tell no loss"),
        ({"Q [Ah]": X[:9], "V [V]": U[:9]}, {}, InputError, "at least 20 rows"),
        ({"Q [Ah]": X, "V [V]": 3.7 + 0.3 * np.sin(9 * X)}, {}, InputError, "goes up and down"),
        ({"Q [Ah]": 0.0 * X, "V [V]": U}, {}, InputError, "does not change"),
        ({"Q [Ah]": np.r_[X, X], "V [V]": np.r_[U, U[::-1] - 0.5]}, {}, InputError, "give one branch"),
    ],
)
def test_what_is_no_curve_is_said_in_one_sentence(table, options, error, says):
    with pytest.raises(error) as caught:
        open_circuit(pd.DataFrame(table), **options)
    assert says in str(caught.value)


def test_records_check_themselves():
    with pytest.raises(ArgumentError, match="lithiation must rise"):
        HalfCell("a", X, U[::-1])
    with pytest.raises(ArgumentError, match="two finite columns"):
        HalfCell("a", X, U[:-1])
    with pytest.raises(ArgumentError, match="charge and the voltage must rise"):
        OpenCircuit("a", X, U)
    with pytest.raises(ArgumentError, match=r"Only 0 points of 'a' lie between 4 and 4\.1 V"):
        OpenCircuit("a", X, 3.0 + 0.5 * X).between(4.0, 4.1)
    with pytest.raises(ArgumentError, match="lower and a higher voltage"):
        OpenCircuit("a", X, 3.0 + 0.5 * X).between(4.0, 3.9)


def test_chen_2020(literature):
    # the published limits of the cell, 2.5 and 4.2 V, and the measured points within them
    negative, positive = chen2020()
    assert float(positive.at(0.9084) - negative.at(0.0279)) == pytest.approx(2.5, abs=0.01)
    assert float(positive.at(0.2661) - negative.at(0.9014)) == pytest.approx(4.2, abs=0.01)
    for cell, name, ends in ((negative, "graphite", (0.05, 0.9)), (positive, "nmc", (0.2661, 0.9084))):
        table = pd.read_csv(literature(f"ocv_halfcell/pybamm/{name}_LGM50_ocp_Chen2020.csv"), comment="#", header=None)
        x, measured = table.apply(pd.to_numeric, errors="coerce").dropna().to_numpy(float).T
        within = (x >= ends[0]) & (x <= ends[1])
        assert np.sqrt(np.mean((cell.at(x[within]) - measured[within]) ** 2)) < 0.01


def test_published_curves_of_many_materials_are_read(literature):
    table = pd.read_parquet(literature("ocv_halfcell/tum_dma_ocp.parquet"))
    off, refused = [], []
    for name, part in table.groupby("file"):
        try:
            cell = half_cell(part[["normalizedCapacity", "voltage_V"]], name=str(name))
        except InputError as error:
            refused.append(str(error))
            continue
        x, U = part["normalizedCapacity"].to_numpy(float), part["voltage_V"].to_numpy(float)
        x = np.clip(x, 0.0, 1.0) if x.max() <= 1 and x.min() >= 0 else (x - x.min()) / np.ptp(x)
        off.append(min(np.sqrt(np.mean((cell.at(at) - U) ** 2)) for at in (x, 1.0 - x)))
    # two silicon curves that were reconstructed as differences run back over 30 % of their capacity
    assert len(off) == 49
    assert all("Kuecher_P45B_Anode_0C03 go there and back" in sentence for sentence in refused)
    # the interpolant of 300 points follows the published ones; one jumps (Wetjen's lithiation of graphite, 23 mV)
    assert np.median(off) < 1e-3
    assert np.sum(np.array(off) > 0.01) == 1
