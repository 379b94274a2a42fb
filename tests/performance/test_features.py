"""Features of early cycles: against plain formulas, in their units, and in plain words where they cannot be had."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kurtosis, skew

import faradaic as fd
from faradaic._core import ArgumentError
from faradaic.performance import (
    Cell,
    capacity_at,
    capacity_gain,
    cell_incremental_capacity,
    charge_statistics,
    curve_shape,
    delta_q,
    differential_voltage,
    fade_intercept,
    fade_slope,
    features,
    incremental_capacity,
    log_kurtosis,
    log_mean,
    log_minimum,
    log_skewness,
    log_variance,
    severson2019,
)

V = np.linspace(3.6, 2.0, 60)


def made(name: str = "a", seed: int = 0, life: float | None = None) -> Cell:
    rng = np.random.default_rng(seed)
    cycle = np.arange(2, 101)
    whole = 1.07 - 1e-4 * cycle + 2e-4 * rng.normal(size=99)
    fall = 1.0 / (1.0 + np.exp((V - 3.2) / 0.05))
    moved = np.exp(-(((V - 3.1) / 0.1) ** 2))
    curves = whole[:, None] * fall - 4e-4 * cycle[:, None] * moved * (1.0 + 0.2 * rng.random())
    return Cell(name, cycle, whole, V, curves, {} if life is None else {"life": life})


def test_features_are_their_formulas():
    cell = made()
    d = cell.curves[98] - cell.curves[8]
    np.testing.assert_array_equal(delta_q(cell), d)
    assert log_variance(cell) == pytest.approx(np.log10(np.mean((d - d.mean()) ** 2)))
    assert log_minimum(cell) == pytest.approx(np.log10(-d.min()))
    assert log_mean(cell) == pytest.approx(np.log10(abs(d.mean())))
    assert log_skewness(cell) == pytest.approx(np.log10(abs(skew(d))))
    assert log_kurtosis(cell) == pytest.approx(np.log10(3.0 + kurtosis(d)))
    assert capacity_at(cell) == cell.capacity[0]
    assert capacity_gain(cell) == cell.capacity.max() - cell.capacity[0]
    line = np.polynomial.Polynomial.fit(cell.cycle, cell.capacity, 1).convert().coef
    assert (fade_intercept(cell), fade_slope(cell)) == pytest.approx(tuple(line))


def test_a_scale_of_the_capacity_moves_logarithms_and_nothing_else():
    cell = made()
    double = Cell("b", cell.cycle, 2 * cell.capacity, V, 2 * cell.curves)
    assert log_variance(double) - log_variance(cell) == pytest.approx(2 * np.log10(2))
    assert log_minimum(double) - log_minimum(cell) == pytest.approx(np.log10(2))
    assert log_skewness(double) == pytest.approx(log_skewness(cell))
    assert fade_slope(double) == pytest.approx(2 * fade_slope(cell))


def test_means_over_cycles_leave_out_what_was_not_measured():
    cell = made()
    curves = cell.curves.copy()
    curves[95] = np.nan
    gaps = Cell("a", cell.cycle, cell.capacity, V, curves)
    kept = np.delete(cell.curves, 95, axis=0)
    expected = kept[89:].mean(0) - kept[9:19].mean(0)
    np.testing.assert_allclose(delta_q(gaps, late=(91, 100), early=(11, 20)), expected)
    with pytest.raises(ArgumentError, match="The curve of cycle 97 of cell 'a' was not measured"):
        delta_q(gaps, late=97)


def test_a_table_comes_with_units_and_is_ready_to_be_read():
    cells = [made(f"c{k}", k, life=500.0 + 10 * k) for k in range(6)]
    which = {**severson2019("full").features, **curve_shape((91, 100), (11, 20))}
    table = features(cells, which)
    assert table.columns.tolist() == ["cell", *which, "life [cycles]"]
    data = fd.read(table, x=list(which), y="life [cycles]", groups="cell")
    units = {column.name: column.si_unit for column in data.inputs}
    assert (units["fade slope"], units["Q2"], units["log var"]) == ("C", "C", "dimensionless")
    assert data.X[0, list(units).index("Q2")] == pytest.approx(3600.0 * cells[0].capacity[0])


@pytest.mark.parametrize(
    ("cell", "of", "says"),
    [
        (Cell("a", [10, 100], [1.0, 1.0]), log_variance, "Cell 'a' has no curves"),
        (made(), partial(log_variance, early=1), "has no cycle 1; the nearest is 2"),
        (made(), partial(log_variance, late=(200, 300)), "has no curve from cycle 200 to 300"),
        (Cell("a", [2, 3], [np.nan, 1.0]), capacity_at, "The capacity of cycle 2 of cell 'a' was not measured"),
        (Cell("a", [2, 3], [np.nan, 1.0]), fade_slope, "1 measured capacities from cycle 2 to 100; a line needs two"),
        (Cell("a", [10, 100], [1.0, 1.0], [3.0, 2.0], np.ones((2, 2))), log_variance, "log var of cell 'a' is -inf"),
    ],
)
def test_what_cannot_be_had_is_said(cell, of, says):
    with pytest.raises(ArgumentError, match=says):
        features([cell], {"log var": of})


def test_no_cells():
    with pytest.raises(ArgumentError, match="There is no cell"):
        features([], {"Q2 [Ah]": capacity_at})


class TestSlopesOfCurves:
    """dQ/dV and dV/dQ by monotone splines."""

    def test_noise_does_not_turn_the_slope(self):
        # Q(V) = tanh: dQ/dV is known; finite differences of this noise scatter by its size over the step
        rng = np.random.default_rng(0)
        U = np.linspace(3.0, 4.0, 200)
        noise = 0.004
        Q = np.tanh((U - 3.5) / 0.1) + noise * rng.normal(size=200)
        found = incremental_capacity(U, Q)
        truth = 10.0 / np.cosh((found.x - 3.5) / 0.1) ** 2
        assert (found.slope >= 0).all()
        # finite differences scatter by sqrt(2) noise / step = 1.13; the spline is ten times closer
        assert np.sqrt(np.mean((found.slope - truth) ** 2)) < 0.12

    def test_one_is_the_other_upside_down(self):
        Q = np.linspace(0.0, 1.0, 80)
        U = 4.2 - 0.6 * Q - 0.1 * np.sin(3 * Q)
        along_q = differential_voltage(Q, U, n_basis=19)
        along_v = incremental_capacity(U, Q, n_basis=19)
        at = np.interp(along_q.y[100:300][::-1], along_v.x, along_v.slope)[::-1]
        np.testing.assert_allclose(at * along_q.slope[100:300], 1.0, atol=0.01)
        assert (along_v.slope <= 0).all()

    def test_a_cell(self):
        found = cell_incremental_capacity(made(), 10, n_basis=28)
        assert found.x[found.slope.argmin()] == pytest.approx(3.2, abs=0.05)
        assert (found.slope <= 0).all()
        assert found.plot().get_ylabel() == "dQ/dV [Ah/V]"

    @pytest.mark.parametrize(
        ("U", "Q", "says"),
        [
            (np.arange(5.0), np.arange(5.0), "at least 10 voltages"),
            (np.arange(20.0), np.arange(19.0), "as many capacities"),
            (np.ones(20), np.arange(20.0), "not all the same"),
            (np.arange(20.0), np.full(20, np.nan), "must be finite"),
        ],
    )
    def test_bad_curves(self, U, Q, says):
        with pytest.raises(ArgumentError, match=says):
            incremental_capacity(U, Q)


class TestChargeStatistics:
    t = np.arange(0.0, 2000.0, 5.0)
    U = np.minimum(3.8 + 0.001 * t, 4.2)
    current = np.where(t < 400.0, 1.0, np.exp(-(t - 400.0) / 300.0))

    def test_a_charge_whose_statistics_are_known(self):
        found = charge_statistics(self.t, self.U, self.current)
        assert len(found) == 16
        # a ramp from 4.0 V to the last sample below 4.2 V
        rows = (self.U >= 4.0) & (self.t < 400.0)
        assert found["voltage mean [V]"] == pytest.approx(self.U[rows].mean())
        assert found["voltage kurtosis"] == pytest.approx(-1.2, abs=0.02)  # of a uniform distribution
        assert found["voltage skewness"] == pytest.approx(0.0, abs=1e-9)
        assert found["voltage slope [V/s]"] == pytest.approx(1e-3)
        assert found["CC Q [Ah]"] == pytest.approx(found["CC charge time [s]"] / 3600.0)
        # the current falls from 0.5 to 0.1 A in 300 ln 5 seconds, and carries 300 (0.5 - 0.1) coulombs
        assert found["CV charge time [s]"] == pytest.approx(300 * np.log(5), abs=10.0)
        assert found["CV Q [Ah]"] == pytest.approx(300 * 0.4 / 3600, rel=0.03)
        # nearly equal shares: the entropy is the logarithm of their number
        assert found["voltage entropy"] == pytest.approx(np.log(rows.sum()), abs=1e-3)

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ({"voltages": (4.3, 4.4)}, "0 samples of the voltage lie in its window, 4.3 to 4.4 V"),
            ({"currents": (2.0, 3.0)}, "0 samples of the current lie in its window, 2 to 3 A"),
            ({"time": t[::-1]}, "Times must increase"),
            ({"time": t[:-1]}, "as long as each other"),
        ],
    )
    def test_bad_charges(self, change, says):
        given = {"time": self.t, "voltage": self.U, "current": self.current} | change
        with pytest.raises(ArgumentError, match=says):
            charge_statistics(**given)


def test_the_published_charges_are_read_by_the_same_names(literature):
    """Of the published table the charge is mean current times duration, as it is here: same windows, same units."""
    literature("pinn4soh2024/xjtu_features.parquet")
    table: pd.DataFrame = fd.data.load("xjtu2024")
    carried = table["current_mean"] * table["CV_charge_time"] / 3600.0
    # 2 %: the published charge is rounded to 1 mA h of about 60
    np.testing.assert_allclose(carried.median(), table["CV_Q"].median(), rtol=0.02)
    rise = table["voltage_slope"] * table["CC_charge_time"]
    assert rise.median() == pytest.approx(0.2, abs=0.005)  # the window of 4.0 to 4.2 V
