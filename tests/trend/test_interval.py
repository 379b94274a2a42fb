"""Intervals cover what they promise, or say that they cannot."""

from __future__ import annotations

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

import faradaic as fd
from faradaic._core import ArgumentError, IntervalError, OutsideDomainWarning
from faradaic.approximations import Design, GaussianProcess, LawRegressor, Log, Network, Polynomial, Reciprocal
from faradaic.data import Experiment
from faradaic.laws import arrhenius, constant, vogel_fulcher_tammann
from faradaic.trend import Domain

LINE = Polynomial(degree=1)


def line(n=25, sigma=0.1, seed=0, reliability="experiment"):
    rng = np.random.default_rng(seed)
    x = np.linspace(0.0, 1.0, n)
    frame = pd.DataFrame({"x": x, "U [mV]": 100.0 + 20.0 * x + sigma * rng.normal(size=n)})
    return fd.read(frame, x=["x"], y="U [mV]", reliability=reliability)


def cells(seed, count=12, spread=0.05):
    """Fade of cells: each has its own rate, of which a feature tells with some error."""
    rng = np.random.default_rng(seed)
    k = rng.normal(1.0, 0.25, count)
    seen = k + spread * rng.normal(size=count)
    n, cell = np.tile(np.arange(1, 31) / 30, count), np.repeat(np.arange(count), 30)
    q = 1.0 - 0.2 * k[cell] * n + 0.003 * rng.normal(size=len(n))
    return pd.DataFrame({"n": n, "k": seen[cell], "q": q, "cell": cell})


def test_the_interval_of_the_mean_is_the_one_of_linear_regression():
    data = line(9)
    low, high = fd.fit(LINE, data).interval([[0.0], [0.5], [1.0]], of="mean")
    A = np.column_stack([np.ones(9), data.X[:, 0]])
    y = data.y_user
    beta, squares = np.linalg.lstsq(A, y)[:2]
    at = np.array([[1.0, 0.0], [1.0, 0.5], [1.0, 1.0]])
    half = student.ppf(0.975, 7) * np.sqrt(squares[0] / 7 * np.einsum("ij,jk,ik->i", at, np.linalg.inv(A.T @ A), at))
    np.testing.assert_allclose(low, at @ beta - half, rtol=1e-9)
    np.testing.assert_allclose(high, at @ beta + half, rtol=1e-9)


def test_the_interval_of_the_mean_of_declared_noise_is_normal():
    data = line(9, reliability=Experiment(0.1))
    trend = fd.fit(LINE, data)
    mean, std = trend.predict([[0.3]], return_std=True)
    low, high = trend.interval([[0.3]], level=0.9, of="mean")
    np.testing.assert_allclose([low, high], [mean - 1.6448536 * std, mean + 1.6448536 * std], rtol=1e-7)


def test_new_rows_are_covered():
    rates = []
    for seed in range(60):
        trend = fd.fit(LINE, line(40, seed=seed))
        low, high = trend.interval(np.linspace(0, 1, 50)[:, None], level=0.9)
        new = 100.0 + 20.0 * np.linspace(0, 1, 50) + 0.1 * np.random.default_rng(1000 + seed).normal(size=50)
        rates.append(((low <= new) & (new <= high)).mean())
    assert np.mean(rates) == pytest.approx(0.9, abs=0.03)


@pytest.mark.parametrize("stated", [False, True])
def test_the_width_follows_errors_that_grow_with_the_response(stated):
    T, new = np.linspace(260.0, 340.0, 25), np.linspace(261.0, 339.0, 30)
    sigma, rates, widths = 0.1, [], []
    law = LawRegressor(order=1, laws=(constant, arrhenius))  # of the response itself, not of its logarithm
    for seed in range(30):
        rng = np.random.default_rng(seed)
        truth, later = np.exp(10.0 - 3000.0 / T), np.exp(10.0 - 3000.0 / new)
        table = pd.DataFrame(
            {"T [K]": T, "k [S/m]": truth * (1 + sigma * rng.normal(size=25)), "s [S/m]": sigma * truth}
        )
        how = {"reliability": "stochastic", "sigma": "s [S/m]"} if stated else {}
        trend = fd.fit(law, fd.read(table, x=["T [K]"], y="k [S/m]", **how))
        low, high = trend.interval(new[:, None], level=0.9)
        seen = later * (1.0 + sigma * rng.normal(size=30))
        rates.append([((low <= seen) & (seen <= high))[part].mean() for part in (slice(10), slice(20, 30))])
        widths.append((high - low)[-1] / (high - low)[0])
    assert np.mean(rates, axis=0) == pytest.approx([0.9, 0.9], abs=0.07)  # at either end, not only on average
    assert np.median(widths) > 3.0


def test_rows_within_a_time_series_are_covered_from_its_beginning_on():
    t, rates = np.arange(60.0), []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        table = pd.DataFrame({"t [h]": t, "Q [A.h]": 3.0 - 2e-3 * t + 5e-3 * rng.normal(size=60)})
        trend = fd.fit(LINE, fd.read(table, x=["t [h]"], y="Q [A.h]", ordered=True))
        low, high = trend.interval(t[:, None], level=0.9)
        new = 3.0 - 2e-3 * t + 5e-3 * rng.normal(size=60)
        rates.append([((low <= new) & (new <= high))[part].mean() for part in (slice(20), slice(40, 60))])
    assert np.mean(rates, axis=0) == pytest.approx([0.9, 0.9], abs=0.06)


def test_new_groups_are_covered():
    rates, rowwise = [], []
    for seed in range(40):
        table = cells(seed)
        new = cells(1000 + seed, count=30)
        design = Polynomial(degree=2)
        for groups, kept in ((("cell"), rates), (None, rowwise)):
            trend = fd.fit(design, fd.read(table, x=["n", "k"], y="q", groups=groups))
            inside = new[trend.inside(new[["n", "k"]])]
            low, high = trend.interval(inside[["n", "k"]], level=0.9)
            kept.append(((low <= inside.q) & (inside.q <= high)).mean())
    assert np.mean(rates) == pytest.approx(0.9, abs=0.04)
    # what rows alone would promise, for contrast
    assert np.mean(rowwise) < np.mean(rates) - 0.03


def test_too_few_rows_say_how_many_more():
    trend = fd.fit(LINE, line(12))
    with pytest.raises(
        IntervalError, match=r"needs 19 rows and there are 12 rows: 7 more are needed, or a level of at most 92.3 %"
    ):
        trend.interval([[0.5]], level=0.95)
    low, high = trend.interval([[0.5]], level=0.9)
    assert low < high
    assert "up to a level of 92.3 % (from 12)" in trend.summary()
    grouped = fd.fit(Polynomial(degree=2), fd.read(cells(0), x=["n", "k"], y="q", groups="cell"))
    with pytest.raises(IntervalError, match=r"needs 19 groups of cell and there are 12 groups of cell: 7 more"):
        grouped.interval([[0.5, 1.0]], level=0.95)
    assert "hold for new groups of cell" in grouped.summary()


def test_the_level_that_is_named_is_one_that_can_be_had():
    trend = fd.fit(LINE, line(8))
    with pytest.raises(IntervalError, match=r"needs 9 rows and there are 8 rows: 1 more is needed, or .* most 88.8 %"):
        trend.interval([[0.5]], level=0.9)
    low, high = trend.interval([[0.5]], level=0.888)
    assert low < high


def test_a_single_condition_says_what_is_missing():
    table = pd.DataFrame({"T [degC]": [25.0] * 6, "k [mS/cm]": [10.0, 10.1, 9.9, 10.2, 9.8, 10.0]})
    trend = fd.fit(Polynomial(degree=0), fd.read(table, x=["T [degC]"], y="k [mS/cm]"))
    assert "1 condition cannot be left out in turn; add some." in trend.summary()
    with pytest.raises(IntervalError, match="1 condition cannot be left out in turn; add some"):
        trend.interval([[25.0]])
    trend.plot()
    plt.close("all")


def test_a_time_series_counts_the_rows_that_were_left_out():
    t = np.arange(19.0)
    table = pd.DataFrame({"t [h]": t, "Q [A.h]": 2.0 - 0.01 * t + 1e-3 * np.sin(7.0 * t)})
    trend = fd.fit(LINE, fd.read(table, x=["t [h]"], y="Q [A.h]", ordered=True))
    assert (trend.calibration.part >= 0).sum() == 18  # of 19: the first is never left out
    assert "hold for rows that come later, up to a level of 94.7 % (from 18)" in trend.summary()
    with pytest.raises(IntervalError, match="needs 19 rows and there are 18 rows: 1 more is needed"):
        trend.interval([[5.0]])


def test_nothing_is_known_along_an_input_that_never_varied():
    T = np.linspace(0.0, 60.0, 15)
    noise = 0.1 * np.random.default_rng(0).normal(size=15)
    table = pd.DataFrame({"T [degC]": T, "p [bar]": 1.0, "k [mS/cm]": 10.0 + 0.1 * T + noise})
    data = fd.read(table, x=["T [degC]", "p [bar]"], y="k [mS/cm]")
    for design in (LINE, GaussianProcess(), Design(LINE, y=Log())):
        trend = fd.fit(design, data)
        with pytest.raises(IntervalError, match=r"p \[bar\] is 1 bar in all rows, which tell nothing of a slope"):
            trend.derivative([[25.0, 1.0]], "p", level=0.95)
        assert np.isfinite(trend.derivative([[25.0, 1.0]], "p")).all()
        slope, low, high = trend.derivative([[25.0, 1.0]], "T", level=0.95)
        assert low < slope < high
        with pytest.warns(OutsideDomainWarning):
            low, high = trend.interval([[25.0, 1.0], [25.0, 2.0], [70.0, 1.0]], level=0.9, outside="widen")
        assert np.isfinite(high[[0, 2]]).all()
        assert np.isinf(high[1])


def test_a_law_of_as_many_parameters_as_conditions_has_no_interval_of_the_mean():
    T = np.array([280.0, 300.0])
    table = pd.DataFrame({"T [K]": np.repeat(T, 2), "D [m2/s]": [1.0e-14, 1.1e-14, 2.0e-14, 2.2e-14]})
    trend = fd.fit(LawRegressor(order=1, laws=(constant, arrhenius)), fd.read(table, x=["T [K]"], y="D [m2/s]"))
    with pytest.raises(IntervalError, match="2 conditions and 2 effective parameters leave nothing"):
        trend.interval([[290.0]], of="mean")
    said = str(trend.activation_energy())
    assert "(no interval)" in said
    assert "2 conditions and 2 effective parameters" in said


def test_a_parameter_at_its_bound_says_so():
    T = np.linspace(280.0, 340.0, 9)
    noise = 0.02 * np.random.default_rng(3).normal(size=9)
    table = pd.DataFrame({"T [K]": T, "k [S/m]": np.exp(8.0 - 2400.0 / T + noise)})
    laws = (constant, arrhenius, vogel_fulcher_tammann)
    trend = fd.fit(LawRegressor(order=2, laws=laws, residuals="log"), fd.read(table, x=["T [K]"], y="k [S/m]"))
    assert trend.design.approximation_.held_ == ["T0"]
    assert "T0 = 0 K (held at its bound; the other intervals take it for known)." in trend.summary()


@pytest.mark.parametrize("level", [0.0, 1.0, 1.5, -0.1, float("nan"), "0.9", None, [0.9]])
def test_a_level_that_is_none(level):
    trend = fd.fit(LINE, line())
    with pytest.raises(ArgumentError, match="level must lie between 0 and 1"):
        trend.interval([[0.5]], level=level)
    with pytest.raises(ArgumentError, match="level must lie between 0 and 1"):
        trend.parameter_interval(level)


def test_other_bad_arguments():
    trend = fd.fit(LINE, line())
    with pytest.raises(ArgumentError, match="of must be 'observation' or 'mean', got 'median'"):
        trend.interval([[0.5]], of="median")
    with pytest.raises(ArgumentError, match="outside must be 'refuse' or 'widen', got 'clamp'"):
        trend.interval([[0.5]], outside="clamp")


def test_outside_there_is_no_interval_unless_it_is_asked_for():
    trend = fd.fit(LINE, line())
    with pytest.warns(
        OutsideDomainWarning, match="1 row of 2 lies outside the interval of the data; no interval is given"
    ):
        low, high = trend.interval([[0.5], [1.5]])
    assert np.isfinite([low[0], high[0]]).all()
    assert np.isnan([low[1], high[1]]).all()
    with pytest.warns(OutsideDomainWarning, match="the interval is widened there"):
        wide_low, wide_high = trend.interval([[0.5], [1.5]], outside="widen")
    assert (wide_low[0], wide_high[0]) == (low[0], high[0])
    assert wide_high[1] - wide_low[1] > 1.5 * (high[0] - low[0])


@pytest.mark.parametrize(
    "design",
    [
        Design(LINE, x=Reciprocal(), y=Log()),
        LawRegressor(order=1, laws=(constant, arrhenius), residuals="log"),
    ],
)
def test_a_bend_that_the_data_did_not_show_is_covered_outside(design):
    """A curved conductivity, learned as a straight Arrhenius line on 300 to 360 K and asked at 260 K."""
    covered, repeats = 0, 30
    for seed in range(repeats):
        rng = np.random.default_rng(seed)
        T = np.linspace(300.0, 360.0, 25)
        table = pd.DataFrame({"T [K]": T, "k [mS/cm]": 1e3 * np.exp(-900 / (T - 160) + 0.03 * rng.normal(size=25))})
        trend = fd.fit(design, fd.read(table, x=["T [K]"], y="k [mS/cm]"))
        assert trend.where([[260.0]]).tolist() == ["outside"]
        with pytest.warns(OutsideDomainWarning):
            low, high = trend.interval([[260.0]], outside="widen")
        covered += int(low[0] <= 1e3 * np.exp(-9.0 + 0.03 * rng.normal()) <= high[0])
    assert covered >= 0.85 * repeats


def test_outside_of_too_few_rows_it_says_that_it_cannot():
    data = line(3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideDomainWarning)
        with pytest.raises(IntervalError, match="telling a bend from scatter takes more than 3 rows and there are 3"):
            fd.fit(LINE, data).interval([[2.0]], level=0.5, outside="widen")


def test_a_positive_response_has_positive_ends():
    T = np.linspace(280.0, 340.0, 25)
    noise = 0.3 * np.random.default_rng(0).normal(size=25)
    table = pd.DataFrame({"T [K]": T, "D [m2/s]": 1e-5 * np.exp(-4000.0 / T + noise)})
    for design in (
        Design(LINE, x=Reciprocal(), y=Log()),
        LawRegressor(order=1, laws=(constant, arrhenius), residuals="log"),
    ):
        trend = fd.fit(design, fd.read(table, x=["T [K]"], y="D [m2/s]"))
        low, high = trend.interval(table[["T [K]"]])
        assert (low > 0).all()
        at = trend.predict(table[["T [K]"]])
        np.testing.assert_allclose(high / at, at / low, rtol=0.15)  # alike in the logarithm


def test_a_process_is_wider_where_it_knows_less():
    x = np.concatenate([np.linspace(0, 1, 12), np.linspace(3, 4, 12)])
    table = pd.DataFrame({"x": x, "y": np.sin(2 * x) + 0.02 * np.random.default_rng(0).normal(size=24)})
    trend = fd.fit(GaussianProcess(), fd.read(table, x=["x"], y="y"))
    low, high = trend.interval([[0.5], [2.0]])
    assert high[1] - low[1] > 3 * (high[0] - low[0])
    assert trend.where([[0.5], [2.0], [5.0]]).tolist() == ["inside", "edge", "outside"]
    assert trend.table(pd.DataFrame({"x": [0.5, 2.0, 5.0]}))["domain"].tolist() == ["inside", "edge", "outside"]


def test_beyond_n_the_disagreement_of_the_fits_speaks():
    trend = fd.fit(Network(width=12, iterations=60), line(20))
    low, high = trend.interval([[0.31]], level=0.9)
    assert np.isfinite([low, high]).all()
    assert low < trend.predict([[0.31]]) < high


def test_a_calibration_is_saved_with_the_trend(tmp_path):
    trend = fd.fit(Design(GaussianProcess(restarts=1)), line(20))
    before = trend.interval([[0.31], [0.9]], level=0.9)
    again = fd.load(trend.save(tmp_path / "a.trend"))
    assert "calibration" in vars(again)
    np.testing.assert_array_equal(before, again.interval([[0.31], [0.9]], level=0.9))
    later = fd.load(fd.fit(Design(GaussianProcess(restarts=1)), line(20)).save(tmp_path / "b.trend"))
    assert "calibration" not in vars(later)
    np.testing.assert_allclose(before, later.interval([[0.31], [0.9]], level=0.9), rtol=1e-9)


def test_parameters_of_a_law_have_students_interval():
    rng = np.random.default_rng(1)
    T = np.array([280.0, 300.0, 320.0])
    table = pd.DataFrame({"T [K]": T, "D [m2/s]": 1e-7 * np.exp(-3600.0 / T + 0.15 * rng.normal(size=3))})
    trend = fd.fit(
        LawRegressor(order=1, laws=(constant, arrhenius), residuals="log"), fd.read(table, x=["T [K]"], y="D [m2/s]")
    )
    value, low, high, unit = trend.parameter_interval(0.95)["E"]
    A = np.column_stack([np.ones(3), -1.0 / (8.31446261815324 * T)])
    beta, squares = np.linalg.lstsq(A, np.log(table["D [m2/s]"]))[:2]
    half = student.ppf(0.975, 1) * np.sqrt(squares[0] * np.linalg.inv(A.T @ A)[1, 1])
    assert unit == "J/mol"
    assert value == pytest.approx(beta[1], rel=1e-6)
    assert (low, high) == (pytest.approx(beta[1] - half, rel=1e-5), pytest.approx(beta[1] + half, rel=1e-5))
    # a positive parameter has positive ends
    value, low, high, _ = trend.parameter_interval(0.95)["A"]
    assert 0 <= low < value < high


def test_as_many_parameters_as_rows_leave_no_interval():
    table = pd.DataFrame({"T [K]": [280.0, 320.0, 340.0], "D [m2/s]": [1e-14, 4e-14, 6e-14]})
    law = LawRegressor(order=1, laws=(constant, arrhenius), residuals="log")
    trend = fd.fit(law, fd.read(table, x=["T [K]"], y="D [m2/s]").take([0, 1]))
    with pytest.raises(IntervalError, match=r"2 conditions for 2 parameters .* state the noise, or add 1 condition"):
        trend.parameter_interval()
    assert "There is no interval of A and E" in trend.summary()
    declared = fd.read(table, x=["T [K]"], y="D [m2/s]", reliability="experiment", sigma=1e-15)
    _, low, high, _ = fd.fit(law, declared.take([0, 1])).parameter_interval()["E"]
    assert 0 < low < high


def test_groups_widen_the_intervals_of_parameters():
    rng = np.random.default_rng(0)
    T = np.tile(np.linspace(280.0, 340.0, 7), 10)
    batch = np.repeat(np.arange(10), 7)
    slope = 3600.0 * (1 + 0.05 * rng.normal(size=10))[batch]
    table = pd.DataFrame({"T [K]": T, "D [m2/s]": np.exp(-9 - slope / T + 0.01 * rng.normal(size=70)), "batch": batch})
    law = LawRegressor(order=1, laws=(constant, arrhenius), residuals="log")
    ends = []
    for groups in (None, "batch"):
        trend = fd.fit(law, fd.read(table, x=["T [K]"], y="D [m2/s]", groups=groups))
        _, low, high, _ = trend.parameter_interval()["E"]
        ends.append(high - low)
    assert ends[1] > ends[0]


def test_a_free_form_trend_has_no_parameters():
    assert fd.fit(LINE, line()).parameter_interval() == {}


def test_a_domain_knows_its_gaps():
    grid = np.array([[a, b] for a in range(6) for b in range(6)], dtype=float)
    domain = Domain.of(grid)
    assert (domain.where(np.random.default_rng(0).uniform(0, 5, size=(200, 2))) == "inside").all()
    holed = Domain.of(grid[~((abs(grid - 2.5) < 2).all(1))])
    assert holed.where(np.array([[2.5, 2.5], [0.5, 4.5], [6.0, 6.0]])).tolist() == ["edge", "inside", "outside"]
    # rows of one group are not each other's data
    x = np.column_stack([np.repeat([0.0, 10.0, 20.0], 5), np.tile(np.arange(5.0), 3)])
    assert Domain.of(x, np.repeat(np.arange(3), 5)).where(np.array([[15.0, 2.0]])).tolist() == ["inside"]


@pytest.mark.parametrize("coordinate", [None, Log()])
@pytest.mark.parametrize("power", [0.0, 1.0])
def test_a_stated_noise_is_carried_to_new_rows(coordinate, power):
    # an amount that is the same everywhere, or a share of the response: the interval follows either in any coordinate
    rng, x = np.random.default_rng(0), np.linspace(0.0, 4.0, 40)
    noise = 0.01 * np.exp(power * x) * rng.uniform(0.9, 1.1, 40)
    table = pd.DataFrame({"x": x, "y": np.exp(x) + noise * rng.normal(size=40), "s": noise})
    design = Design(Polynomial(degree=1 if coordinate else 6), y=coordinate)
    data = fd.read(table, x=["x"], y="y", reliability="stochastic", sigma="s")
    low, high = fd.fit(design, data).interval(x[2:-2, None], level=0.9)
    reach = 0.5 * (high - low) / noise[2:-2]
    assert reach.min() > 1.2
    assert reach.max() < 2.8


def test_a_left_out_prediction_that_is_no_number_ends_the_calibration():
    """A straight law of relative residuals, fitted without the first row, is negative there and has no logarithm."""
    x = np.arange(8.0)
    y = np.array([0.05, 1.0, 2.5, 4.0, 5.5, 7.0, 8.5, 10.0])
    law = LawRegressor(order=1, residuals="log")
    trend = fd.fit(law, fd.read(pd.DataFrame({"x": x, "y": y}), x=["x"], y="y"))
    with pytest.raises(IntervalError, match=r"the fit without part 1 of 8 predicts a value .* not finite"):
        trend.interval([[3.5]], level=0.5)


def test_a_part_that_says_nothing_finite_makes_the_jackknife_infinite():
    calibration = fd.fit(LINE, line(6)).calibration
    values = iter([[1.0, 2.0]] * 5 + [[1.0, np.inf]])
    std, freedom = calibration.jackknife(lambda _: np.array(next(values)))
    assert (std.tolist(), freedom) == ([0.0, np.inf], 5.0)


def test_beyond_n_there_is_no_interval_of_the_mean():
    """As there is none of slopes and parameters."""
    for family in (Network(width=12, iterations=60), Polynomial(degree=19)):
        with pytest.raises(IntervalError, match="leave nothing to tell the scatter from"):
            fd.fit(family, line(20)).interval([[0.31]], of="mean")
