"""A trend at its edge: units, domain, quality and law parameters."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

import faradaic as fd
from faradaic._core import ArgumentError, ColumnError, InputError, OutsideDomainWarning, UnitError
from faradaic.approximations import (
    Design,
    GaussianProcess,
    LawRegressor,
    Log,
    Network,
    Polynomial,
    Reciprocal,
    Slope,
    Value,
)
from faradaic.data import Deterministic, Experiment
from faradaic.laws import arrhenius, constant
from faradaic.trend import Domain, ParityDisplay, TrendDisplay

A, B = 1.5, 0.05  # k = A + B T, in mS/cm with T in °C


def conductivity(reliability="experiment", noise=0.0, n=9):
    T = np.linspace(0.0, 40.0, n)
    k = A + B * T + noise * np.random.default_rng(0).normal(size=n)
    frame = pd.DataFrame({"T [°C]": T, "k [mS/cm]": k})
    return fd.read(frame, x=["T [°C]"], y="k [mS/cm]", reliability=reliability)


@pytest.fixture
def line():
    return fd.fit(Polynomial(degree=1), conductivity())


def test_units_are_the_users(line):
    np.testing.assert_allclose(line.predict([[10.0], [30.0]]), [A + 10 * B, A + 30 * B], rtol=1e-9)
    np.testing.assert_allclose(line.predict([10.0, 30.0]), [A + 10 * B, A + 30 * B], rtol=1e-9)
    np.testing.assert_allclose(line.derivative([[10.0]], "T"), B, rtol=1e-9)
    np.testing.assert_allclose(line.derivative([[10.0]], 0), B, rtol=1e-9)
    np.testing.assert_allclose(line.derivative([[10.0]], np.int64(0)), B, rtol=1e-9)
    np.testing.assert_allclose(line.derivative([[10.0]], "T [°C]"), B, rtol=1e-9)
    # inside everything is SI
    np.testing.assert_allclose(line.design.predict([[283.15]]), 0.1 * (A + 10 * B), rtol=1e-9)


def test_a_table_in_other_units_is_converted(line, tmp_path):
    frame = pd.DataFrame({"other": [1, 2], "T [K]": [283.15, 303.15]})
    np.testing.assert_allclose(line.predict(frame), [A + 10 * B, A + 30 * B], rtol=1e-9)
    np.testing.assert_allclose(line.derivative(frame, "T"), B, rtol=1e-9)
    frame.to_csv(tmp_path / "new.csv", index=False)
    np.testing.assert_allclose(line.predict(tmp_path / "new.csv"), [A + 10 * B, A + 30 * B], rtol=1e-9)
    with pytest.raises(UnitError):
        line.predict(pd.DataFrame({"T [V]": [1.0]}))
    with pytest.raises(ColumnError):
        line.predict(pd.DataFrame({"temp": [1.0]}))


def test_what_is_known_is_said_in_the_users_units():
    data = conductivity()
    T, k = data.inputs[0], data.response
    known = (Value(k.to_si(2.0), at=T.to_si(10.0)), Slope(0.005, at=T.to_si(20.0)))
    trend = fd.fit(Polynomial(degree=2, known=known), data)
    np.testing.assert_allclose(trend.predict([[10.0]]), 2.0, rtol=1e-9)
    np.testing.assert_allclose(trend.derivative([[20.0]], "T"), 0.05, rtol=1e-9)
    assert "Given as known: k = 2 mS/cm at T = 10 °C and ∂k/∂T = 0.05000 mS/cm/°C at T = 20 °C." in trend.summary()
    # numbers in the user's units where SI is meant are seen at once
    slip = fd.fit(Polynomial(degree=2, known=Value(2.0, at=10.0)), data)
    assert "k = 20 mS/cm at T = -263.1 °C" in slip.summary()
    assert "Given as known" not in fd.fit(Polynomial(degree=2), data).summary()


def test_spread_has_the_unit_of_the_response():
    data = conductivity(noise=0.1)
    mean, std = fd.fit(Polynomial(degree=1), data).predict(data.frame(), return_std=True)
    T = np.linspace(0.0, 40.0, 9)
    design = np.column_stack([np.ones(9), T])
    fit = np.linalg.lstsq(design, data.y_user)
    s2 = float(fit[1][0]) / 7
    expected = np.sqrt(s2 * np.einsum("ij,jk,ik->i", design, np.linalg.inv(design.T @ design), design))
    np.testing.assert_allclose(mean, design @ fit[0], rtol=1e-8)
    np.testing.assert_allclose(std, expected, rtol=1e-6)


def test_a_response_in_degrees_celsius_has_no_zero_point_in_its_slope_and_spread():
    t = np.linspace(0.0, 10.0, 8)
    frame = pd.DataFrame({"t [min]": t, "T [°C]": 20.0 + 2.0 * t + 0.1 * np.sin(9 * t)})
    trend = fd.fit(Polynomial(degree=1), fd.read(frame, x=["t [min]"], y="T [°C]"))
    mean, std = trend.predict([[5.0]], return_std=True)
    assert float(mean[0]) == pytest.approx(30.0, abs=0.2)
    assert 0.005 < float(std[0]) < 0.1
    assert float(trend.derivative([[5.0]], "t")[0]) == pytest.approx(2.0, abs=0.05)
    T = frame["T [°C]"]
    assert trend.quality.rmse == pytest.approx(np.sqrt(((np.polyval(np.polyfit(t, T, 1), t) - T) ** 2).mean()))


def test_bad_inputs(line):
    with pytest.raises(ArgumentError, match=r"The inputs must have the 1 column T \[°C\], got shape \(1, 2\)"):
        line.predict([[1.0, 2.0]])
    with pytest.raises(ArgumentError, match="a value that is not finite in row 2"):
        line.predict([[1.0], [np.nan]])
    with pytest.raises(ArgumentError, match="There is no input 'time'; did you mean T"):
        line.derivative([[1.0]], "time")
    with pytest.raises(ArgumentError, match="wrt must be an input number from 0 to 0, got 1"):
        line.derivative([[1.0]], 1)
    with pytest.raises(ArgumentError, match="fit takes a selection, an exploration, or an approximation, got str"):
        fd.fit("polynomial", conductivity())


def test_rows_outside_are_counted_in_one_warning(line):
    message = "2 rows of 3 lie outside the interval of the data; the trend is not supported there"
    for call in (line.predict, lambda X: line.derivative(X, 0)):
        with pytest.warns(OutsideDomainWarning, match=message) as seen:
            call([[-1.0], [20.0], [50.0]])
        assert len(seen) == 1
    with pytest.warns(OutsideDomainWarning, match="1 row of 1 lies outside") as seen:
        line.predict([[41.0]])
    assert seen[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        line.predict([[0.0], [40.0]])
        assert line.inside([[-1.0], [20.0], [50.0]]).tolist() == [False, True, False]
        marked = line.table([[-1.0], [20.0], [50.0]])
    assert marked["domain"].tolist() == ["outside", "inside", "outside"]
    assert list(marked.columns) == ["T [°C]", "k [mS/cm]", "std of k [mS/cm]", "domain"]
    np.testing.assert_allclose(marked["T [°C]"], [-1.0, 20.0, 50.0])
    np.testing.assert_allclose(marked["k [mS/cm]"], A + B * marked["T [°C]"])


def test_domain_of_each_kind():
    rng = np.random.default_rng(0)
    one = Domain.of(np.array([[300.0], [280.0], [310.0]]))
    assert (one.kind, one.inside([[279.9], [280.0], [310.0], [311.0]]).tolist()) == (
        "interval",
        [False, True, True, False],
    )
    corners = np.array([[0.0, 0.0], [1e-6, 0.0], [0.0, 1e6]])
    triangle = Domain.of(corners)
    assert triangle.kind == "convex hull"
    assert triangle.inside(corners).all()
    assert triangle.inside([[0.4e-6, 0.4e6], [0.6e-6, 0.6e6]]).tolist() == [True, False]
    for p in (2, 3, 5):
        X = rng.normal(size=(40, p)) * 10.0 ** rng.integers(-9, 9, p) + 3.0
        domain = Domain.of(X)
        assert domain.kind == "convex hull"
        assert domain.inside(X).all()
        weights = rng.dirichlet(np.ones(40), size=20)
        assert domain.inside(weights @ X).all()
        assert not domain.inside(X.mean(0) + 30.0 * X.std(0) * np.eye(p)).any()
    many = Domain.of(rng.normal(size=(40, 6)))
    assert many.kind == "box"
    flat = Domain.of(np.column_stack([np.arange(5.0), 2.0 * np.arange(5.0)]))
    assert flat.kind == "box"
    constant_column = Domain.of(np.column_stack([np.arange(5.0), np.full(5, 7.0)]))
    assert constant_column.inside([[2.0, 7.0], [2.0, 7.1]]).tolist() == [True, False]


def test_reduced_chi_square_is_that_of_the_rows():
    noise = np.linspace(0.05, 0.3, 12)
    T = np.linspace(0.0, 40.0, 12)
    k = A + B * T + noise * np.random.default_rng(1).normal(size=12)
    frame = pd.DataFrame({"T [°C]": T, "k [mS/cm]": k, "s [uS/mm]": 100.0 * noise})
    data = fd.read(frame, x=["T [°C]"], y="k [mS/cm]", reliability="stochastic", sigma="s [uS/mm]")
    trend = fd.fit(Polynomial(degree=1), data)
    slope, offset = np.polyfit(T, k, 1, w=1.0 / noise)
    total = float((((offset + slope * T - k) / noise) ** 2).sum())
    assert trend.quality.reduced_chi2 == pytest.approx(total / 10, rel=1e-6)
    assert trend.quality.chi2_probability == pytest.approx(chi2.sf(total, 10), rel=1e-6)
    assert "Reduced chi-square " in trend.summary()
    assert "as large as the stated standard errors" in trend.summary()


def test_chi_square_says_when_the_scatter_is_not_the_stated_one():
    loud = fd.fit(Polynomial(degree=1), conductivity(Experiment(0.01), noise=0.1))
    assert "the scatter is larger than the stated standard errors" in loud.summary()
    quiet = fd.fit(Polynomial(degree=1), conductivity(Experiment(10.0), noise=0.1))
    assert "the scatter is smaller than the stated standard errors" in quiet.summary()
    unknown = fd.fit(Polynomial(degree=1), conductivity(noise=0.1))
    assert np.isnan(unknown.quality.reduced_chi2)
    assert "chi" not in unknown.summary()


def test_replicates_count_as_rows_and_as_one_condition():
    data = conductivity(Experiment(0.1), noise=0.1)
    frame = pd.concat([data.frame(), data.frame() + np.array([0.0, 0.1])])
    trend = fd.fit(Polynomial(degree=1), fd.read(frame, x=["T [°C]"], y="k [mS/cm]", reliability=Experiment(0.1)))
    assert (trend.quality.rows, trend.quality.conditions) == (18, 9)
    mean = data.y_user + 0.05
    T = np.linspace(0.0, 40.0, 9)
    residual = np.polyval(np.polyfit(T, mean, 1), T)
    total = (((residual - data.y_user) / 0.1) ** 2).sum() + (((residual - data.y_user - 0.1) / 0.1) ** 2).sum()
    assert trend.quality.reduced_chi2 == pytest.approx(total / 16, rel=1e-6)


def test_tolerance_of_computed_data():
    data = conductivity(Deterministic(1e-3))
    met, missed = fd.fit(Polynomial(degree=1), data), fd.fit(Polynomial(degree=0), data)
    assert "It meets every row within the tolerance of 0.00100 mS/cm" in met.summary()
    assert "It does not meet every row within the tolerance" in missed.summary()
    assert met.quality.tolerance == pytest.approx(1e-3)
    assert missed.quality.worst == pytest.approx(20 * B)


def test_parameters_of_a_law_with_their_units():
    R = 8.314462618
    T = np.linspace(10.0, 60.0, 20)
    rng = np.random.default_rng(2)
    D = 3e-9 * np.exp(-30e3 / R / (T + 273.15)) * np.exp(0.02 * rng.normal(size=20))
    data = fd.read(pd.DataFrame({"T [°C]": T, "D [cm^2/s]": 1e4 * D}), x=["T [°C]"], y="D [cm^2/s]")
    trend = fd.fit(LawRegressor(1, (constant, arrhenius), residuals="log"), data)
    assert set(trend.parameters) == {"A", "E"}
    value, std, unit = trend.parameters["E"]
    assert unit == "J/mol"
    assert abs(value - 30e3) < 3 * std
    # slope of a line through ln D against 1/T
    invT = 1 / (T + 273.15)
    spread = 0.02 / np.sqrt(((invT - invT.mean()) ** 2).sum()) * R
    assert std == pytest.approx(spread, rel=0.4)
    assert f"E = {value:,.0f}" in trend.summary() or "E = " in trend.summary()
    assert fd.fit(Polynomial(degree=1), data).parameters == {}
    free = fd.fit(Design(Polynomial(degree=1), x=Reciprocal(), y=Log()), data)
    at = [[35.0]]
    energy = free.derivative(at, "T") / free.predict(at) * R * 308.15**2
    assert energy[0] == pytest.approx(value, rel=1e-6)


def test_a_selection_and_an_exploration_are_fitted_to_all_rows():
    data = conductivity(noise=0.05, n=25)
    found = fd.landscape(Polynomial(), data, sizes=[0, 1, 2], splits=3)
    trend = fd.fit(found.select(), data)
    assert trend.quality.rows == 25
    assert trend.quality.selection == found.select().summary()
    assert trend.quality.selection in trend.summary()
    explored = fd.explore(data, [Polynomial()], outer=None, splits=3)
    np.testing.assert_array_equal(fd.fit(explored, data).predict([10.0]), trend.predict([10.0]))
    assert trend.provenance["data"] == data.fingerprint
    assert str(trend) == trend.summary()
    assert repr(trend) == "<Trend: polynomial of k in T, 2 parameters>"


def test_a_refit_is_the_same_fit():
    data = conductivity(noise=0.05, n=25)
    chosen = fd.landscape(Network(iterations=30), data, sizes=[3], splits=3, seed=4).select()
    np.testing.assert_array_equal(fd.fit(chosen, data).predict([10.0]), fd.fit(chosen, data).predict([10.0]))


def test_a_log_of_a_negative_response_is_bad_input():
    with pytest.raises(InputError, match="the response holds -"):
        fd.fit(Design(Polynomial(), y=Log()), fd.read(conductivity().frame() - 2.0, x=["T [°C]"], y="k [mS/cm]"))


@pytest.fixture(autouse=True)
def agg():
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    mpl.use("Agg")
    yield
    plt.close("all")


def test_a_trend_of_one_input_is_drawn(line):
    display = line.plot()
    assert display.curves.shape == display.inside.shape == (1, len(display.grid))
    assert display.ends == (pytest.approx(0.0), pytest.approx(40.0))
    # a little past the data, where it is drawn as unsupported
    assert (display.grid[0], display.grid[-1]) == (pytest.approx(-3.2), pytest.approx(43.2))
    np.testing.assert_array_equal(display.inside[0], (display.grid > -1e-6) & (display.grid < 40 + 1e-6))
    np.testing.assert_allclose(display.curves[0], A + B * display.grid, rtol=1e-9)
    np.testing.assert_allclose(display.y, A + B * display.x, rtol=1e-9)
    assert (display.curve == 0).all()
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("T [°C]", "k [mS/cm]")
    assert len(display.lines_) == 1
    display.figure_.canvas.draw()


def test_a_trend_of_two_inputs_is_drawn_at_measured_settings():
    T, c = (part.ravel() for part in np.meshgrid(np.linspace(0, 40, 6), [0.5, 1.0, 2.0]))
    frame = pd.DataFrame({"T [°C]": T, "c [mol/kg]": c, "k [mS/cm]": c * (A + B * T)})
    trend = fd.fit(Polynomial(degree=2), fd.read(frame, x=["T [°C]", "c [mol/kg]"], y="k [mS/cm]"))
    display = TrendDisplay.from_trend(trend, along="T").plot()
    assert display.labels == ["c = 0.5 mol/kg", "c = 1 mol/kg", "c = 2 mol/kg"]
    np.testing.assert_allclose(display.curves[2], 2.0 * (A + B * display.grid), rtol=1e-6)
    assert np.bincount(display.curve).tolist() == [6, 6, 6]
    other = TrendDisplay.from_trend(trend, along="c", settings=2)
    assert other.labels == ["T = 0 °C", "T = 40 °C"]
    assert other.xlabel == "c [mol/kg]"
    display.figure_.canvas.draw()


def test_parity_is_drawn(line):
    display = line.plot_parity()
    np.testing.assert_allclose(display.observed, display.predicted, rtol=1e-9)
    assert display.ax_.get_xlabel() == "observed k [mS/cm]"
    np.testing.assert_array_equal(display.points_[0].get_xdata(), display.observed)
    assert ParityDisplay.from_predictions(np.ones(3), np.ones(3), "y").label == "y"
    display.figure_.canvas.draw()


def test_a_process_chosen_as_exact_is_exact_on_all_rows():
    x = np.linspace(0.0, 4.0, 25)
    frame = pd.DataFrame({"x": x, "y": np.exp(-x) * np.sin(3 * x)})
    data = fd.read(frame, x=["x"], y="y", reliability="deterministic")
    found = fd.landscape(GaussianProcess(kernel="matern52", restarts=1), data, sizes=[5, 12, 20], splits=5)
    trend = fd.fit(found.select(), data)
    assert found.select().size == 20  # as many centres as training rows
    assert trend.quality.worst <= trend.quality.tolerance


def test_bands_are_intervals_and_an_arrhenius_plot_tells_the_activation_energy():
    T = np.linspace(280.0, 340.0, 25)
    noise = 0.02 * np.random.default_rng(0).normal(size=25)
    table = pd.DataFrame({"T [K]": T, "D [m2/s]": 1e-5 * np.exp(-4000.0 / T + noise)})
    data = fd.read(table, x=["T [K]"], y="D [m2/s]")
    trend = fd.fit(Design(Polynomial(degree=1), x=Reciprocal(), y=Log()), data)
    display = TrendDisplay.from_trend(trend)
    assert display.band == "95 % interval of new observations"
    low, high = trend.interval(display.grid[display.inside[0]])
    np.testing.assert_allclose([display.low[0][display.inside[0]], display.high[0][display.inside[0]]], [low, high])
    assert np.isnan(display.low[0][~display.inside[0]]).all()
    few = TrendDisplay.from_trend(fd.fit(trend.design, data.take(np.arange(0, 25, 3))))
    assert few.band == "95 % interval of the trend"
    plotted = trend.plot_arrhenius()
    low, high = trend.activation_energy().interval()
    assert plotted.labels == [str(trend.activation_energy(1e3 / plotted.inverse[100]))]
    assert low < 4000 * 8.314462618e-3 < high
    plotted.figure_.canvas.draw()
    with pytest.raises(InputError, match="needs a temperature"):
        fd.fit(Polynomial(degree=1), fd.read(pd.DataFrame({"x": T, "y": T}), x=["x"], y="y")).plot_arrhenius()
