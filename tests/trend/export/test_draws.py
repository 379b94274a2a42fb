"""Draws from a trend's uncertainty spread as the trend says, by whatever family."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import faradaic as fd
from faradaic import approximations
from faradaic._core import ArgumentError, IntervalError
from faradaic.approximations import (
    Approximation,
    CoKriging,
    Design,
    GaussianProcess,
    LawRegressor,
    Log,
    Network,
    Polynomial,
    PolynomialTerms,
    RandomFeatures,
    Spline,
    Symmetric,
)
from faradaic.data import Experiment
from faradaic.laws import arrhenius, vogel_fulcher_tammann
from faradaic.trend.export._draws import drawn

COUNT = 800


def rows(n=30, reliability=None):
    x = np.linspace(0.0, 1.0, n)
    y = np.exp(np.sin(5 * x)) + 0.02 * np.random.default_rng(0).normal(size=n)
    return fd.read(pd.DataFrame({"x": x, "y": y}), x=["x"], y="y", reliability=reliability or Experiment(0.02))


FAMILIES = [
    Polynomial(0),
    Polynomial(6),
    PolynomialTerms(terms=5),
    Spline(9),
    RandomFeatures(8),
    Network(3, iterations=60),
    Network(2, depth=2, iterations=60),
    Network(0),
    GaussianProcess(),
    GaussianProcess(8, kernel="rbf"),
    GaussianProcess(kernel="matern32"),
    Design(Polynomial(6), y=Log()),
    Symmetric(Spline(6), about=0.5),
]


def assert_they_spread(trend, at, seed=2):
    mean, std = trend.predict(at, return_std=True)
    rows = trend.data.judged.X
    low, high = trend.interval(rows, of="mean")
    student = stats.t(min(trend.design.freedom_, len(trend.calibration.models) - 1)) if wider(trend) else stats.norm
    spread = np.sqrt((((high - low) / (2 * student.ppf(0.975))) ** 2).mean())
    stretch = spread / np.sqrt((trend.predict(rows, return_std=True)[1] ** 2).mean())
    assert stretch > 1.02 if wider(trend) else stretch == pytest.approx(1.0, rel=1e-3)  # of ln y, not quite symmetric
    values = np.array([one.predict(at) for one in trend.draws(COUNT, seed=seed)])
    # 800 draws: the standard deviation is known to 2.5 %, the mean to 3.5 % of it
    wide = stretch * (student.std() if wider(trend) else 1.0)
    np.testing.assert_allclose(values.std(0) / std, wide, rtol=0.12)
    assert (np.abs(values.mean(0) - mean) < 4.5 * wide * std / np.sqrt(COUNT) + 0.01 * std).all()


def wider(trend):
    return trend.design.conditional_ or trend.data.groups is not None


@pytest.mark.parametrize("model", FAMILIES, ids=lambda model: f"{model.label} {model.size}")
def test_they_spread_as_the_trend_says(model):
    assert_they_spread(fd.fit(model, rows()), np.random.default_rng(3).uniform(0.02, 0.98, 12))


@pytest.mark.parametrize("kernel", ["rbf", "matern52"])
def test_processes_of_two_inputs_spread_as_the_trend_says(kernel):
    rng = np.random.default_rng(5)
    X = rng.uniform(size=(60, 2))
    table = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "y": np.sin(4 * X[:, 0]) * np.cos(3 * X[:, 1])})
    table["y"] += 0.03 * rng.normal(size=60)
    data = fd.read(table, x=["a", "b"], y="y", reliability=Experiment(0.03))
    assert_they_spread(fd.fit(GaussianProcess(kernel=kernel), data), rng.uniform(0.1, 0.9, (12, 2)))


def test_a_process_too_rough_to_be_drawn_is_refused():
    rng = np.random.default_rng(6)
    X = rng.uniform(size=(40, 3))
    table = pd.DataFrame(X, columns=["a", "b", "c"]).assign(y=rng.normal(size=40))
    data = fd.read(table, x=["a", "b", "c"], y="y", reliability=Experiment(0.05))
    trend = fd.fit(GaussianProcess(kernel="matern32", lengthscale=0.03, amplitude=1.0), data)
    with pytest.raises(IntervalError, match="more than 800 points, since its length scales are short"):
        trend.draws(1)


def test_rows_that_err_together_widen_the_draws():
    rng = np.random.default_rng(7)
    cell = np.repeat(np.arange(10), 12)
    x = np.tile(np.linspace(0.0, 1.0, 12), 10)
    y = 1.0 + x + 0.3 * rng.normal(size=10)[cell] + 0.02 * rng.normal(size=120)
    data = fd.read(pd.DataFrame({"x": x, "y": y, "cell": cell}), x=["x"], y="y", groups="cell")
    trend = fd.fit(Polynomial(1), data)
    values = np.array([one.predict([0.0, 0.5, 1.0]) for one in trend.draws(COUNT)])
    # ten cells off by 0.3 each: their mean is known to 0.3 / √10, which rows taken as independent put at 0.03
    np.testing.assert_allclose(values.std(0).mean(), 0.3 / np.sqrt(10) * np.sqrt(9 / 7), rtol=0.4)
    assert values.std(0).mean() > 2 * trend.predict([0.5], return_std=True)[1][0]


def test_two_sources_spread_as_predicted():
    x = np.linspace(0.0, 1.0, 25)
    cheap = fd.read(pd.DataFrame({"x": x, "y": np.sin(6 * x)}), x=["x"], y="y", reliability="deterministic")
    few = x[::4]
    dear = fd.read(
        pd.DataFrame({"x": few, "y": 2 * np.sin(6 * few) + few}), x=["x"], y="y", reliability=Experiment(0.05)
    )
    trend = fd.fit(CoKriging(), fd.data.stack(cheap, dear, target=1))
    assert_they_spread(trend, np.random.default_rng(4).uniform(0.02, 0.98, 12), seed=6)


def test_a_laws_parameters_move_together():
    rng = np.random.default_rng(1)
    T = np.linspace(280.0, 340.0, 12)
    D = arrhenius(T[:, None], [1e-6, 3e4]) * np.exp(0.1 * rng.normal(size=12))
    data = fd.read(pd.DataFrame({"T [K]": T, "D [m**2/s]": D}), x=["T [K]"], y="D [m**2/s]")
    trend = fd.fit(LawRegressor(0, laws=(arrhenius,), residuals="log"), data)
    theta = np.array([one.design.approximation_.theta_ for one in trend.draws(300)])
    assert (theta[:, 0] > 0).all()
    in_log = np.column_stack([np.log(theta[:, 0]), theta[:, 1]])
    scale = np.diag([1 / trend.design.approximation_.theta_[0], 1.0])
    want = scale @ trend.design.approximation_.covariance_ @ scale * 10 / 8  # Student's t with ten degrees of freedom
    np.testing.assert_allclose(np.cov(in_log.T), want, rtol=0.25)


@pytest.mark.parametrize("residuals", ["log", "absolute"])
def test_draws_of_a_curved_law_stay_about_the_fit(residuals):
    T = np.linspace(260.0, 360.0, 12)
    k = vogel_fulcher_tammann(T[:, None], [100.0, 600.0, 180.0])
    k = k * np.exp(0.1 * np.random.default_rng(2).normal(size=12))
    data = fd.read(pd.DataFrame({"T [K]": T, "k [S/m]": k}), x=["T [K]"], y="k [S/m]")
    trend = fd.fit(LawRegressor(0, laws=(vogel_fulcher_tammann,), residuals=residuals), data)
    at = np.linspace(265.0, 355.0, 7)
    mean, std = trend.predict(at, return_std=True)
    values = np.array([one.predict(at) for one in trend.draws(200, seed=1)])
    low, middle, high = np.quantile(values, [0.16, 0.5, 0.84], axis=0)
    # drawn by the covariance of the three parameters they were up to 10 times as wide and 18 standard deviations off
    np.testing.assert_allclose((high - low) / (2 * std), 1.05, rtol=0.25)
    assert (np.abs(middle - mean) < 0.3 * std).all()


def test_estimated_noise_gives_the_tails_of_student():
    trend = fd.fit(Polynomial(1), rows(n=6, reliability=Experiment()))  # four degrees of freedom
    mean, std = trend.predict([0.5], return_std=True)
    z = (np.array([one.predict([0.5])[0] for one in trend.draws(4000)]) - mean) / std
    assert stats.kstest(z, stats.t(4).cdf).pvalue > 0.01
    assert stats.kstest(z, "norm").pvalue < 0.01


def test_a_draw_is_a_trend_without_a_spread():
    trend = fd.fit(GaussianProcess(), rows())
    first, again = trend.draws(2, seed=5), trend.draws(2, seed=5)
    np.testing.assert_array_equal(first[1].predict([0.3]), again[1].predict([0.3]))
    assert first[0].predict([0.3]) != first[1].predict([0.3])
    assert np.isfinite(first[0].derivative([0.3], 0)).all()
    with pytest.raises(IntervalError, match="nothing to draw from"):
        first[0].draws(1)
    assert np.isfinite(trend.predict([0.3], return_std=True)[1]).all()  # the trend itself is untouched


def test_without_a_spread_there_is_nothing_to_draw():
    trend = fd.fit(Polynomial(5), rows(n=6, reliability=Experiment()))
    with pytest.raises(IntervalError, match="no degree of freedom"):
        trend.draws(3)
    with pytest.raises(ArgumentError, match="count"):
        fd.fit(Polynomial(1), rows()).draws(0)


def test_every_family_is_registered():
    families = [
        value
        for value in vars(approximations).values()
        if isinstance(value, type) and issubclass(value, Approximation) and value not in (Approximation, Design)
    ]
    missing = [each.__name__ for each in families if drawn.dispatch(each) is drawn.dispatch(object)]
    assert missing == ["ElasticNet", "LawRegressor"]  # the one knows no spread, the other is fitted again
