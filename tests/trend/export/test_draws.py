"""Draws from a trend's uncertainty spread as the trend says, by whatever family."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

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
    RandomFeatures,
    Spline,
    Symmetric,
)
from faradaic.data import Experiment
from faradaic.laws import arrhenius
from faradaic.trend.export._draws import drawn

COUNT = 800


def rows(n=30, reliability=None):
    x = np.linspace(0.0, 1.0, n)
    y = np.exp(np.sin(5 * x)) + 0.02 * np.random.default_rng(0).normal(size=n)
    return fd.read(pd.DataFrame({"x": x, "y": y}), x=["x"], y="y", reliability=reliability or Experiment(0.02))


FAMILIES = [
    Polynomial(0),
    Polynomial(6),
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


@pytest.mark.parametrize("model", FAMILIES, ids=lambda model: f"{model.label} {model.size}")
def test_they_spread_as_predicted(model):
    trend = fd.fit(model, rows())
    x = np.random.default_rng(3).uniform(0.02, 0.98, 12)
    mean, std = trend.predict(x, return_std=True)
    values = np.array([one.predict(x) for one in trend.draws(COUNT, seed=2)])
    # 800 draws: the standard deviation is known to 2.5 %, the mean to 3.5 % of it; a process lives on a grid
    np.testing.assert_allclose(values.std(0), std, rtol=0.12)
    assert (np.abs(values.mean(0) - mean) < 4.5 * std / np.sqrt(COUNT) + 0.01 * std).all()


def test_two_sources_spread_as_predicted():
    x = np.linspace(0.0, 1.0, 25)
    cheap = fd.read(pd.DataFrame({"x": x, "y": np.sin(6 * x)}), x=["x"], y="y", reliability="deterministic")
    few = x[::4]
    dear = fd.read(
        pd.DataFrame({"x": few, "y": 2 * np.sin(6 * few) + few}), x=["x"], y="y", reliability=Experiment(0.05)
    )
    trend = fd.fit(CoKriging(), fd.data.stack(cheap, dear, target=1))
    at = np.random.default_rng(4).uniform(0.02, 0.98, 12)
    mean, std = trend.predict(at, return_std=True)
    values = np.array([one.predict(at) for one in trend.draws(COUNT, seed=6)])
    np.testing.assert_allclose(values.std(0), std, rtol=0.12)
    assert (np.abs(values.mean(0) - mean) < 4.5 * std / np.sqrt(COUNT) + 0.01 * std).all()


def test_a_laws_parameters_move_together():
    rng = np.random.default_rng(1)
    T = np.linspace(280.0, 340.0, 12)
    D = arrhenius(T[:, None], [1e-6, 3e4]) * np.exp(0.1 * rng.normal(size=12))
    data = fd.read(pd.DataFrame({"T [K]": T, "D [m**2/s]": D}), x=["T [K]"], y="D [m**2/s]")
    trend = fd.fit(LawRegressor(0, laws=(arrhenius,), residuals="log"), data)
    theta = np.array([one.design.approximation_.theta_ for one in trend.draws(COUNT)])
    assert (theta[:, 0] > 0).all()
    in_log = np.column_stack([np.log(theta[:, 0]), theta[:, 1]])
    scale = np.diag([1 / trend.design.approximation_.theta_[0], 1.0])
    want = scale @ trend.design.approximation_.covariance_ @ scale * 10 / 8  # Student's t with ten degrees of freedom
    np.testing.assert_allclose(np.cov(in_log.T), want, rtol=0.25)


def test_estimated_noise_gives_the_tails_of_student():
    trend = fd.fit(Polynomial(1), rows(n=6, reliability=Experiment()))  # four degrees of freedom
    mean, std = trend.predict([0.5], return_std=True)
    z = (np.array([one.predict([0.5])[0] for one in trend.draws(4000)]) - mean) / std
    from scipy.stats import kstest, t

    assert kstest(z, t(4).cdf).pvalue > 0.01
    assert kstest(z, "norm").pvalue < 0.01


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
    missing = [each.__name__ for each in families if each not in drawn.registry]
    assert missing == []
