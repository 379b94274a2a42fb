"""Slopes in any coordinates, the named ones, and their intervals."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from scipy.stats import linregress, t

import faradaic as fd
from faradaic._core import ArgumentError, InputError, IntervalError, OutsideDomainWarning
from faradaic.approximations import (
    Design,
    GaussianProcess,
    LawRegressor,
    Log,
    Network,
    Polynomial,
    Reciprocal,
    Spline,
    SquareRoot,
)
from faradaic.laws import FARADAY, GAS_CONSTANT, arrhenius, casteel_amis_arrhenius, constant

T = np.linspace(280.0, 400.0, 13)
STRAIGHT = Design(Polynomial(degree=1), x=Reciprocal(), y=Log())
LAW = LawRegressor(order=1, laws=(constant, arrhenius))
LAW_LOG = LawRegressor(order=1, laws=(constant, arrhenius), residuals="log")


def table(x, y, headers=("T [K]", "D [m**2/s]"), **arguments):
    return fd.read(pd.DataFrame(dict(zip(headers, (x, y), strict=True))), x=[headers[0]], y=headers[1], **arguments)


def activated(energy, at=1e-10, temperatures=T, scatter=0.0, seed=0):
    """Diffusivities with an activation energy in eV, equal to ``at`` at 340 K, with a scatter in ln D."""
    exact = at * np.exp(-energy * FARADAY / GAS_CONSTANT * (1.0 / temperatures - 1.0 / 340.0))
    return exact * np.exp(scatter * np.random.default_rng(seed).standard_normal(len(temperatures)))


@pytest.mark.parametrize("design", [LAW, LAW_LOG, STRAIGHT], ids=["absolute", "log", "straight line"])
@pytest.mark.parametrize("energy", [0.10, 0.25, 0.35])
def test_activation_energy_without_noise_is_exact(design, energy):
    for decade in range(-10, -2):
        found = fd.fit(design, table(T, activated(energy, 10.0**decade))).activation_energy(unit="eV")
        np.testing.assert_allclose(found.value, [energy], rtol=1e-9)


@pytest.mark.parametrize("design", [LAW, LAW_LOG, STRAIGHT], ids=["absolute", "log", "straight line"])
def test_fit_and_activation_energy_take_milliseconds(design):
    data = table(T, activated(0.25))
    fd.fit(design, data).activation_energy()  # the first call compiles
    took = []
    for _ in range(30):
        begin = time.process_time()
        trend = fd.fit(design, data)
        trend.activation_energy()
        took.append(time.process_time() - begin)
    assert min(took) < 0.010  # processor time, and the least: what else the machine does is not ours


@pytest.mark.parametrize("design", [LAW_LOG, STRAIGHT], ids=["law", "straight line"])
def test_interval_of_an_activation_energy_is_that_of_the_regression_line(design):
    D = activated(0.3, scatter=0.15)
    line = linregress(1.0 / T, np.log(D))
    energy = fd.fit(design, table(T, D)).activation_energy(unit="J/mol")
    np.testing.assert_allclose(energy.value, -GAS_CONSTANT * line.slope, rtol=1e-7)
    np.testing.assert_allclose(energy.std, GAS_CONSTANT * line.stderr, rtol=1e-6)
    assert energy.freedom == 11.0
    low, high = energy.interval(0.90)
    np.testing.assert_allclose((high - low) / 2, t.ppf(0.95, 11) * GAS_CONSTANT * line.stderr, rtol=1e-6)


def test_units_of_energy_and_what_is_printed():
    trend = fd.fit(LAW_LOG, table(T, activated(0.3, scatter=0.05)))
    joule, kilojoule, volt = (trend.activation_energy(unit=unit) for unit in ("J/mol", "kJ/mol", "eV"))
    np.testing.assert_allclose(joule.value, 1e3 * kilojoule.value, rtol=1e-14)
    np.testing.assert_allclose(joule.std, FARADAY * volt.std, rtol=1e-14)
    assert str(kilojoule).startswith("Ea = 2")
    assert " kJ/mol (95 %: 2" in str(kilojoule)
    with pytest.raises(ArgumentError, match="unit must be 'kJ/mol', 'J/mol' or 'eV', got 'kcal'"):
        trend.activation_energy(unit="kcal")


def test_free_form_trends_have_an_activation_energy_that_varies():
    u = 1.0 / T - 1.0 / 340.0
    k = np.exp(
        -(0.25 * u - 50.0 * u**2) * FARADAY / GAS_CONSTANT + 0.002 * np.random.default_rng(3).standard_normal(13)
    )
    data, at = table(T, k), np.array([300.0, 340.0, 380.0])
    exact = 0.25 - 100.0 * (1.0 / at - 1.0 / 340.0)
    for family in (GaussianProcess(), Spline(n_basis=4), Polynomial(degree=2), Network(width=1)):
        found = fd.fit(Design(family, x=Reciprocal(), y=Log()), data).activation_energy(at, unit="eV")
        low, high = found.interval(0.999)
        assert ((low < exact) & (high > exact)).all(), family
        assert (high - low < 0.05).all()
        assert len(str(found).splitlines()) == 3


def test_units_of_the_columns_do_not_matter():
    D = activated(0.3, scatter=0.1)
    kelvin = fd.fit(LAW_LOG, table(T, D))
    celsius = fd.fit(LAW_LOG, table(T - 273.15, 1e4 * D, ("T [°C]", "D [cm**2/s]")))
    np.testing.assert_allclose(celsius.activation_energy(26.85).value, kelvin.activation_energy(300.0).value)
    for pair in (("log", "reciprocal"), (Log(), Reciprocal()), ["log", Log()], ("log", "square_root")):
        slopes = [
            trend.derivative([[at]], "T", in_coordinates=pair, level=0.9)
            for trend, at in ((kelvin, 300.0), (celsius, 26.85))
        ]
        np.testing.assert_allclose(slopes[0], slopes[1], rtol=1e-6)
    plain = [trend.derivative([[at]], 0, level=0.9) for trend, at in ((kelvin, 300.0), (celsius, 26.85))]
    np.testing.assert_allclose(plain[1], 1e4 * np.array(plain[0]), rtol=1e-6)
    np.testing.assert_allclose(plain[0][0], kelvin.derivative([[300.0]], 0), rtol=1e-12)


@pytest.mark.parametrize("pair", [("log", "reciprocal"), ("square_root", "log"), ("reciprocal", "identity"), None])
def test_slope_in_coordinates_is_the_difference_in_coordinates(pair):
    trend = fd.fit(Design(Polynomial(degree=2), x=Reciprocal(), y=Log()), table(T, 1e9 * activated(0.3, scatter=0.1)))
    g, f = (np.asarray, np.asarray) if pair is None else ({**FORWARD}[name] for name in pair)
    at, step = np.array([300.0, 350.0]), 1e-3
    rise = g(trend.predict(at + step)) - g(trend.predict(at - step))
    numeric = rise / (f(at + step) - f(at - step))
    np.testing.assert_allclose(trend.derivative(at, "T", in_coordinates=pair), numeric, rtol=1e-7)


FORWARD = {"log": np.log, "reciprocal": np.reciprocal, "square_root": np.sqrt, "identity": np.asarray}


def test_spread_of_a_slope_in_coordinates_is_what_refits_scatter():
    """Of a curved trend in √y against 1/T, read as d ln y / d ln T: every link of the chain counts."""
    design, rng = Design(Polynomial(degree=2), x=Reciprocal(), y=SquareRoot()), np.random.default_rng(5)
    exact = fd.fit(design, table(T, activated(0.3, at=1.0))).design.predict(T[:, None])
    slopes, stated = [], []
    for _ in range(200):
        data = table(T, exact + 0.01 * rng.standard_normal(13), sigma=0.01)
        slope, low, high = fd.fit(design, data).derivative([320.0], 0, ("log", "log"), level=0.95)
        slopes.append(slope[0])
        stated.append((high[0] - low[0]) / (2 * 1.959964))
    # the standard deviation of 200 draws is known to 5 %
    np.testing.assert_allclose(np.std(slopes), np.mean(stated), rtol=0.15)


def test_tafel_slope_from_either_side():
    eta, slope = np.linspace(0.05, 0.3, 9), 0.118
    j = 2.0 * 10 ** (eta / slope)
    headers = ("eta [mV]", "j [mA/cm**2]")
    current = fd.fit(Design(Polynomial(degree=1), y=Log()), table(1e3 * eta, j / 10, headers))
    potential = fd.fit(Design(Polynomial(degree=1), x=Log()), table(j / 10, 1e3 * eta, headers[::-1]))
    for trend in (current, potential):
        np.testing.assert_allclose(trend.tafel_slope().value, [slope], rtol=1e-9)
        np.testing.assert_allclose(trend.tafel_slope(unit="mV/decade").value, [1e3 * slope], rtol=1e-9)
    cathodic = fd.fit(Polynomial(degree=6), table(-1e3 * eta, -j, headers))
    np.testing.assert_allclose(cathodic.tafel_slope(-1e3 * eta[2:5]).value, -slope, rtol=2e-2)
    magnitude = fd.fit(Polynomial(degree=6), table(-1e3 * eta, j, headers))
    np.testing.assert_allclose(magnitude.tafel_slope(-200.0).std, cathodic.tafel_slope(-200.0).std, rtol=1e-6)


def test_tafel_slope_has_the_same_relative_error_from_either_reading():
    rng = np.random.default_rng(1)
    eta = np.linspace(0.05, 0.3, 9)
    j = 2.0 * 10 ** (eta / 0.118) * np.exp(0.1 * rng.standard_normal(9))
    trend = fd.fit(Design(Polynomial(degree=1), y=Log()), table(eta, j, ("eta [V]", "j [A/m**2]")))
    line = linregress(eta, np.log(j))
    found = trend.tafel_slope()
    np.testing.assert_allclose(found.std / found.value, line.stderr / line.slope, rtol=1e-6)


def test_entropy_coefficient():
    celsius = np.linspace(5.0, 45.0, 9)
    U = 3.7e3 - 0.12 * celsius + 0.01 * np.random.default_rng(0).standard_normal(9)
    trend = fd.fit(Polynomial(degree=1), table(celsius, U, ("T [°C]", "U [mV]")))
    line = linregress(celsius, U)
    found = trend.entropy_coefficient()
    np.testing.assert_allclose([found.value[0], found.std[0]], [line.slope, line.stderr], rtol=1e-6)
    np.testing.assert_allclose(trend.entropy_coefficient(unit="V/K").value, [1e-3 * line.slope], rtol=1e-6)
    assert str(found).startswith("dU/dT = -0.1")


def test_logarithmic_slopes():
    c = np.linspace(0.1, 2.0, 9)
    activity = fd.fit(Design(Polynomial(degree=1), x=Log(), y=Log()), table(c, c**1.5, ("c [mol/L]", "a")))
    np.testing.assert_allclose(activity.thermodynamic_factor([0.5, 1.0]).value, 1.5, rtol=1e-9)
    np.testing.assert_allclose(activity.logarithmic_slope(1.0, wrt="c").value, 1.5, rtol=1e-9)
    conductivity = fd.fit(Polynomial(degree=2), table(c, c - 0.2 * c**2, ("c [mol/L]", "k [S/m]")))
    np.testing.assert_allclose(conductivity.logarithmic_slope(1.0).value, [0.6 / 0.8], rtol=1e-9)
    with pytest.raises(ArgumentError, match=r"A thermodynamic factor needs a trend of an activity .* is k \[S/m\]"):
        conductivity.thermodynamic_factor()


def two_inputs(family):
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"T [K]": 280 + 60 * rng.random(40), "c [mol/L]": 0.2 + 1.6 * rng.random(40)})
    c = frame["c [mol/L]"]
    frame["k [mS/cm]"] = c * np.exp(-0.5 * c) * activated(0.2, 10.0, frame["T [K]"].to_numpy())
    return fd.fit(family, fd.read(frame, x=["T [K]", "c [mol/L]"], y="k [mS/cm]"))


def test_with_further_inputs_one_number_is_given_only_where_it_holds():
    law = two_inputs(LawRegressor(order=0, laws=[casteel_amis_arrhenius], inputs=["T", "c"]))
    energy = law.activation_energy()
    assert energy.value.shape == (1,)
    np.testing.assert_allclose(energy.value, law.parameters["E"][0] / 1e3, rtol=1e-9)
    np.testing.assert_allclose(law.activation_energy([[300.0, 1.0]]).std, law.parameters["E"][1] / 1e3, rtol=1e-6)
    free = two_inputs(Design(Polynomial(degree=3), y=Log()))
    with pytest.raises(ArgumentError, match="differs between the conditions of these data; give the conditions X"):
        free.activation_energy()
    np.testing.assert_allclose(free.activation_energy([[310.0, 1.0]], unit="eV").value, 0.2, rtol=5e-2)


def test_groups_that_err_together_widen_the_interval():
    rng = np.random.default_rng(4)
    cells = np.repeat(np.arange(8), 6)
    temperature = np.tile(np.linspace(280.0, 340.0, 6), 8)
    energy = 0.3 + 0.02 * rng.standard_normal(8)[cells]
    D = np.exp(-energy * FARADAY / GAS_CONSTANT * (1.0 / temperature - 1.0 / 310.0) + 0.01 * rng.standard_normal(48))
    frame = pd.DataFrame({"T [K]": temperature, "D [m**2/s]": D, "cell": cells})
    rowwise = fd.fit(STRAIGHT, fd.read(frame, x=["T [K]"], y="D [m**2/s]")).activation_energy()
    trend = fd.fit(STRAIGHT, fd.read(frame, x=["T [K]"], y="D [m**2/s]", groups="cell"))
    grouped = trend.activation_energy()
    each = [linregress(1 / temperature[cells != g], np.log(D[cells != g])).slope for g in range(8)]
    expected = np.sqrt(7 / 8 * ((np.array(each) - np.mean(each)) ** 2).sum()) * GAS_CONSTANT / 1e3
    np.testing.assert_allclose(grouped.std, expected, rtol=1e-6)
    assert grouped.freedom == 7.0
    assert grouped.std > 1.5 * rowwise.std


def test_a_process_with_fitted_hyper_parameters_is_less_sure_of_its_slope_than_its_posterior():
    data = table(T, activated(0.3, scatter=0.1))
    fitted = fd.fit(Design(GaussianProcess(), x=Reciprocal(), y=Log()), data)
    process = fitted.design.approximation_
    given = GaussianProcess(
        lengthscale=process.lengthscale_ * process.x_std_, amplitude=np.sqrt(process.amplitude_) * process.y_std_
    )
    held = fd.fit(Design(given, x=Reciprocal(), y=Log()), data)
    sure, unsure = held.activation_energy(340.0), fitted.activation_energy(340.0)
    np.testing.assert_allclose(sure.value, unsure.value, rtol=1e-3)
    assert (sure.freedom, unsure.freedom) == (np.inf, 12.0)
    again, _ = fitted.calibration.jackknife(
        lambda one: GAS_CONSTANT * 340.0**2 / 1e3 * one.derivative([[340.0]], 0) / one.predict([[340.0]])
    )
    np.testing.assert_allclose(unsure.std, np.hypot(sure.std, again), rtol=1e-2)


def test_two_temperatures_have_a_value_and_no_interval_with_the_reason():
    data = table(T, activated(0.3, scatter=0.1)).take([0, 12])
    for design in (LAW, LAW_LOG, STRAIGHT):
        energy = fd.fit(design, data).activation_energy()
        exact = -GAS_CONSTANT / 1e3 * np.diff(np.log(data.y)) / np.diff(1.0 / data.X[:, 0])
        np.testing.assert_allclose(energy.value, exact, rtol=1e-6)
        assert np.isnan(energy.std).all()
        assert "(no interval)\nThere is no interval: 2 rows and 2 effective parameters" in str(energy)
        with pytest.raises(IntervalError, match=r"2 rows and 2 effective parameters leave nothing .* at least 1 row"):
            energy.interval()
        with pytest.raises(IntervalError, match="state the noise"):
            fd.fit(design, data).derivative([300.0], 0, level=0.95)
    declared = table(T, activated(0.3), sigma=1e-12).take([0, 12])
    assert fd.fit(LAW, declared).activation_energy().freedom == np.inf


def test_a_saved_trend_gives_the_same_estimate(tmp_path):
    trend = fd.fit(Design(GaussianProcess(), x=Reciprocal(), y=Log()), table(T, activated(0.3, scatter=0.1)))
    again = fd.load(trend.save(tmp_path / "D.trend"))
    assert str(again.activation_energy([300.0, 350.0])) == str(trend.activation_energy([300.0, 350.0]))


def test_slopes_outside_the_data_warn():
    trend = fd.fit(LAW_LOG, table(T, activated(0.3, scatter=0.1)))
    for ask in (trend.activation_energy, trend.logarithmic_slope, lambda at: trend.derivative(at, 0, level=0.9)):
        with pytest.warns(OutsideDomainWarning, match="1 row of 2 lies outside"):
            ask([300.0, 500.0])


def test_what_makes_no_sense_is_refused_in_words():
    warm = fd.fit(Polynomial(degree=1), table([1.0, 2.0, 3.0, 4.0], [20.0, 21.0, 23.0, 24.0], ("q [A]", "T [°C]")))
    with pytest.raises(ArgumentError, match=r"T \[°C\] has a zero of its own, so its log means nothing; use .* in K"):
        warm.derivative([2.0], "q", in_coordinates=("log", "identity"))
    with pytest.raises(ArgumentError, match=r"An activation energy needs a temperature among the inputs, .* q \[A\]"):
        fd.fit(Polynomial(degree=1), table([1.0, 2.0, 3.0], [1.0, 2.0, 2.5], ("q [A]", "k [S/m]"))).activation_energy()
    falling = fd.fit(Polynomial(degree=1), table([300.0, 310.0, 320.0], [1.0, 0.4, 0.01], ("T [K]", "k [S/m]")))
    with pytest.raises(
        ArgumentError, match=r"slope of ln k does not exist at row 2, where the trend gives -0\.0.* S/m"
    ):
        falling.activation_energy([300.0, 320.0])
    with pytest.raises(ArgumentError, match=r"A Tafel slope needs a trend of a potential .* or of a current"):
        falling.tafel_slope()
    with pytest.raises(ArgumentError, match=r"A Tafel slope needs a current .* among the inputs"):
        fd.fit(Polynomial(degree=1), table([1.0, 2.0, 3.0], [1.0, 2.0, 2.5], ("T [K]", "U [V]"))).tafel_slope()
    with pytest.raises(ArgumentError, match=r"needs a temperature, and c \[mol/L\] is none"):
        two_inputs(LawRegressor(order=0, laws=[casteel_amis_arrhenius], inputs=["T", "c"])).activation_energy(wrt="c")
    zero = fd.fit(Polynomial(degree=1), table([-1.0, 1.0, 2.0], [1.0, 2.0, 4.0], ("q [A]", "U [V]")))
    with pytest.raises(InputError, match="q holds 0 in row 1"):
        zero.derivative([[0.0]], 0, in_coordinates=("identity", "reciprocal"))


def test_two_inputs_of_one_kind_are_told_apart():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"T_a [K]": 280 + 60 * rng.random(20), "T_b [K]": 280 + 60 * rng.random(20)})
    frame["k [S/m]"] = np.exp(-1000.0 / frame["T_a [K]"] - 2000.0 / frame["T_b [K]"])
    trend = fd.fit(STRAIGHT, fd.read(frame, x=["T_a [K]", "T_b [K]"], y="k [S/m]"))
    with pytest.raises(ArgumentError, match=r"along T_a \[K\] or T_b \[K\]; say which with wrt"):
        trend.activation_energy()
    np.testing.assert_allclose(trend.activation_energy(wrt="T_b", unit="J/mol").value, 2000 * GAS_CONSTANT, rtol=1e-9)


@pytest.mark.parametrize(
    ("pair", "words"),
    [("log", "must be a pair"), (("log",), "must be a pair"), (("log", 3), "got 3"), (("ln", "log"), "no transform")],
)
def test_coordinates_are_a_pair_of_transforms(pair, words):
    trend = fd.fit(LAW_LOG, table(T, activated(0.3)))
    with pytest.raises(ArgumentError, match=words):
        trend.derivative([300.0], 0, in_coordinates=pair)
    with pytest.raises(ArgumentError, match="level must lie between 0 and 1"):
        trend.derivative([300.0], 0, level=95)


def test_interval_of_an_activation_energy_from_three_temperatures_covers():
    temperatures = np.linspace(280.0, 340.0, 3)
    covered = 0
    for seed in range(300):
        data = table(temperatures, activated(0.3, temperatures=temperatures, scatter=0.15, seed=seed))
        low, high = fd.fit(STRAIGHT, data).activation_energy(unit="eV").interval(0.95)
        covered += bool(low[0] <= 0.3 <= high[0])
    assert abs(covered / 300 - 0.95) < 0.038  # three standard errors
