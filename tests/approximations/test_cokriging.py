"""Co-kriging against dense linear algebra, joint densities, finite differences and two-fidelity benchmarks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from faradaic._core import ArgumentError
from faradaic.approximations import CoKriging, Design, GaussianProcess, Log
from faradaic.approximations import _cokriging as module
from faradaic.approximations._chain import Chain, ChainPosterior, Lower, Step, step_evidence
from faradaic.approximations._chain_fit import LevelRows, StepProblem
from faradaic.approximations._kernels import Covariance
from faradaic.approximations._noise import Groups, Noise

STEPS = (
    Step(0.0, Covariance("matern52", 1.3, np.array([0.7, 1.5])), 2.0),
    Step(1.8, Covariance("rbf", 0.4, np.array([1.1, 0.6])), 3.0),
    Step(-0.5, Covariance("matern32", 0.2, np.array([2.0, 1.0])), 1.0),
)


def rows(n=30, levels=2, seed=0):
    rng = np.random.default_rng(seed)
    X, level = rng.normal(size=(n, 2)), np.sort(rng.integers(0, levels, n))
    y = np.sin(X[:, 0]) * (1.0 + level) + 0.3 * X[:, 1] + level
    return X, level, y, 0.02 + 0.1 * rng.uniform(size=n)


def forrester(x):
    """Forrester, Sobester & Keane 2007, 10.1098/rspa.2007.1900: the dear function; the cheap one is `cheap`."""
    return (6.0 * x - 2.0) ** 2 * np.sin(12.0 * x - 4.0)


def cheap(x):
    return 0.5 * forrester(x) + 10.0 * (x - 0.5) - 5.0


def two_fidelities(dear=(0.0, 0.4, 0.6, 1.0), n_cheap=11):
    low, high = np.linspace(0.0, 1.0, n_cheap), np.asarray(dear)
    source = np.repeat([0, 1], [len(low), len(high)])
    return np.concatenate([low, high])[:, None], np.concatenate([cheap(low), forrester(high)]), source


def test_covariance_of_three_levels_is_that_of_the_recursion():
    X = rows(levels=3)[0]
    first, second, third = (step.process(X, X) + step.offset for step in STEPS)
    one, two, three = (np.full(len(X), t) for t in range(3))
    chain = Chain(STEPS)
    middle = 1.8**2 * first + second
    np.testing.assert_allclose(chain(X, one, X, one), first)
    np.testing.assert_allclose(chain(X, one, X, two), 1.8 * first)
    np.testing.assert_allclose(chain(X, two, X, two), middle)
    np.testing.assert_allclose(chain(X, three, X, two), -0.5 * middle)
    np.testing.assert_allclose(chain(X, three, X, three), 0.25 * middle + third)
    np.testing.assert_allclose(chain.variance(2), np.diag(0.25 * middle + third))


def test_likelihood_of_a_level_is_that_of_all_rows_over_that_of_the_rows_below():
    X, level, y, own = rows()
    low, high = level == 0, level == 1
    chain, N = Chain(STEPS[:2]), np.diag(own)
    C = chain(X, level, X, level) + N
    wanted = multivariate_normal(cov=C).logpdf(y) - multivariate_normal(cov=C[np.ix_(low, low)]).logpdf(y[low])
    below = ChainPosterior.of(Chain(STEPS[:1]), X[low], level[low], y[low], N[np.ix_(low, low)])
    lower = Lower(below.mean(X[high], 0), below.covariance(X[high], X[high], 0))
    found = step_evidence(STEPS[1], X[high], y[high], lower, Noise(own[high]))
    assert found.value == pytest.approx(wanted, rel=1e-8)


@pytest.mark.parametrize("grouped", [False, True], ids=["alone", "groups"])
@pytest.mark.parametrize("ratio", [None, 0.7], ids=["ratio fitted", "ratio given"])
@pytest.mark.parametrize("free", [True, False], ids=["with process", "without"])
def test_gradient_of_a_level_against_central_differences(grouped, ratio, free):
    X, level, y, own = rows(40)
    low, high = level == 0, level == 1
    below = ChainPosterior.of(Chain(STEPS[:1]), X[low], level[low], y[low], np.diag(own[low]))
    lower = Lower(below.mean(X[high], 0), below.covariance(X[high], X[high], 0))
    groups = Groups.of(np.arange(high.sum()) % 4, X[high]) if grouped else None
    problem = StepProblem(LevelRows(X[high], y[high], own[high], True, groups), lower, "matern52", ratio, free)
    theta = np.array([0.9] * (ratio is None) + [0.2, -0.3, 0.4] * free + [0.3] + [-1.0, 0.2] * grouped)
    assert len(theta) == len(problem.bounds)
    gradient, step = problem(theta)[1], 1e-5
    for j in range(len(theta)):
        shift = step * (np.arange(len(theta)) == j)
        numeric = (problem(theta + shift)[0] - problem(theta - shift)[0]) / (2 * step)
        assert gradient[j] == pytest.approx(numeric, rel=1e-5, abs=1e-5)


def test_posterior_is_that_of_dense_linear_algebra():
    X, level, y, own = rows(levels=3)
    chain, at = Chain(STEPS), np.random.default_rng(1).normal(size=(12, 2))
    post = ChainPosterior.of(chain, X, level, y, np.diag(own))
    C = chain(X, level, X, level) + np.diag(own)
    for t in range(3):
        k = chain(at, np.full(12, t), X, level)
        np.testing.assert_allclose(post.mean(at, t), k @ np.linalg.solve(C, y), rtol=1e-7)
        prior = chain(at, np.full(12, t), at, np.full(12, t))
        np.testing.assert_allclose(post.covariance(at, at, t), prior - k @ np.linalg.solve(C, k.T), atol=1e-8)
        np.testing.assert_allclose(post.variance(at, t), np.diag(post.covariance(at, at, t)), atol=1e-10)
    mine = level == 2
    smoother = chain(X, level, X, level) @ np.linalg.inv(C)
    assert post.effective(2) == pytest.approx(np.trace(smoother[np.ix_(mine, mine)]), rel=1e-6)


def test_forrester_from_four_dear_rows():
    # the truth is 2 f_cheap plus a line; four rows alone miss by the size of the function
    X, y, source = two_fidelities()
    trend = CoKriging(kernel="rbf").fit(X, y, noise_std=np.zeros(len(y)), source=source)
    grid = np.linspace(0, 1, 501)
    error = np.sqrt(np.mean((trend.predict(grid[:, None]) - forrester(grid)) ** 2))
    alone = GaussianProcess(kernel="rbf", noise="none").fit(X[source == 1], y[source == 1]).predict(grid[:, None])
    assert error < 0.15  # measured 0.080
    assert np.sqrt(np.mean((alone - forrester(grid)) ** 2)) > 30 * error
    assert trend.ratio_ == pytest.approx([2.0], abs=0.05)
    np.testing.assert_allclose(trend.predict(X[source == 1]), y[source == 1], atol=1e-6)
    mean, std = trend.predict(grid[:, None], return_std=True)
    assert (np.abs(mean - forrester(grid)) < 4.0 * std + 1e-6).mean() > 0.95


def test_forms_of_the_discrepancy():
    X, _, source = two_fidelities(np.linspace(0, 1, 8), n_cheap=31)
    x, dear, grid = X[:, 0], source == 1, np.linspace(0.05, 0.95, 30)
    shifted, scaled = cheap(x) + 7.0 * dear, np.where(dear, -1.5 * cheap(x) + 4.0, cheap(x))
    exact = np.zeros(len(x))
    offset = CoKriging("offset").fit(X, shifted, noise_std=exact, source=source)
    np.testing.assert_allclose(offset.predict(grid[:, None]), cheap(grid) + 7.0, atol=0.1)
    assert offset.ratio_ == pytest.approx([1.0], abs=1e-12)
    scale = CoKriging("scale").fit(X, scaled, noise_std=exact, source=source)
    np.testing.assert_allclose(scale.predict(grid[:, None]), -1.5 * cheap(grid) + 4.0, atol=0.15)
    assert scale.ratio_ == pytest.approx([-1.5], rel=1e-2)
    # what a form without δ cannot meet is noise, not an interpolation
    assert CoKriging("offset").fit(X, scaled, noise_std=exact, source=source).noise_std_[1] > 1.0


def test_each_source_has_its_own_noise():
    rng = np.random.default_rng(5)
    x, source = np.concatenate([rng.uniform(0, 6, 120), rng.uniform(0, 6, 60)]), np.repeat([0, 1], [120, 60])
    y = np.sin(x) + source * (1.0 + 0.2 * x) + np.where(source, 0.2, 0.05) * rng.normal(size=180)
    fitted = CoKriging(kernel="rbf").fit(x[:, None], y, source=source)
    np.testing.assert_allclose(fitted.noise_std_, [0.05, 0.2], rtol=0.25)
    mixed = np.where(source, np.nan, 0.05)
    known = CoKriging(kernel="rbf").fit(x[:, None], y, noise_std=mixed, source=source)
    assert known.noise_std_[0] == 0.0
    assert known.noise_std_[1] == pytest.approx(0.2, rel=0.25)
    grid = np.linspace(0.3, 5.7, 40)
    mean, std = known.predict(grid[:, None], return_std=True)
    assert (np.abs(mean - np.sin(grid) - 1.0 - 0.2 * grid) < 3.5 * std).all()


def test_three_sources():
    x = [np.linspace(0, 1, n) for n in (25, 9, 4)]
    y = [cheap(x[0]), forrester(x[1]) - 3.0, forrester(x[2])]
    source = np.repeat([0, 1, 2], [25, 9, 4])
    trend = CoKriging(kernel="rbf").fit(
        np.concatenate(x)[:, None], np.concatenate(y), noise_std=np.zeros(38), source=source
    )
    grid = np.linspace(0, 1, 201)
    assert np.sqrt(np.mean((trend.predict(grid[:, None]) - forrester(grid)) ** 2)) < 0.1
    assert trend.ratio_ == pytest.approx([2.0, 1.0], abs=0.1)


def test_a_single_source_is_a_gaussian_process():
    x = np.linspace(0, 3, 15)[:, None]
    y, grid = np.sin(2 * x[:, 0]), np.linspace(0.1, 2.9, 50)[:, None]
    one = CoKriging(kernel="rbf").fit(x, y, noise_std=np.zeros(15))
    np.testing.assert_allclose(one.predict(x), y, atol=1e-6)
    process = GaussianProcess(kernel="rbf", noise="none").fit(x, y)
    np.testing.assert_allclose(one.predict(grid), process.predict(grid), atol=1e-3)


def test_value_slope_and_their_covariance():
    X, level, y, _ = rows(60)
    design = Design(CoKriging(kernel="rbf"), y=Log())
    model = design.fit(X, np.exp(0.3 * y), noise_std=np.full(60, 0.05), source=level).approximation_
    at = np.random.default_rng(2).normal(size=(100, 2))
    for j in range(2):
        ahead, behind = (at + sign * 1e-4 * (np.arange(2) == j) for sign in (1.0, -1.0))
        numeric = (design.predict(ahead) - design.predict(behind)) / 2e-4
        np.testing.assert_allclose(design.derivative(at, j), numeric, rtol=1e-6, atol=1e-6 * np.abs(numeric).max())
        value, slope, covariance = model.value_and_slope(at, j)
        mean, std = model.predict(at, return_std=True)
        np.testing.assert_allclose(value, mean)
        np.testing.assert_allclose(slope, model.derivative(at, j))
        np.testing.assert_allclose(np.sqrt(covariance[:, 0, 0]), std, rtol=1e-6)
        np.testing.assert_allclose(np.diag(model.covariance(at, at)), std**2, rtol=1e-6)
        # the slope's variance and its covariance with the value, from the joint covariance of three neighbours
        post, scale = model._posterior(), model.y_std_[-1]
        for i in range(5):
            wide = 1e-3 * (np.arange(2) == j)
            three = model._scaled(np.array([at[i], at[i] + wide, at[i] - wide]))
            joint = scale**2 * post.covariance(three, three, 1)
            contrast = np.array([[1.0, 0.0, 0.0], [0.0, 0.5, -0.5]]) / np.array([[1.0], [1e-3]])
            np.testing.assert_allclose(covariance[i], contrast @ joint @ contrast.T, rtol=1e-3, atol=1e-6)


def test_forgotten_spread_is_nan_and_the_trend_stays():
    X, y, source = two_fidelities()
    trend = CoKriging().fit(X, y, noise_std=np.zeros(15), source=source)
    before = trend.predict(X)
    assert trend.freedom_ == np.inf
    trend.forget_spread()
    mean, std = trend.predict(X, return_std=True)
    assert np.array_equal(mean, before)
    assert np.isnan(std).all()
    assert np.isnan(trend.value_and_slope(X, 0)[2]).all()


def test_units_do_not_matter():
    X, y, source = two_fidelities()
    grid, exact = np.linspace(0, 1, 20)[:, None], np.zeros(15)
    plain = CoKriging().fit(X, y, noise_std=exact, source=source)
    other = CoKriging().fit(1e3 * X + 5.0, 1e-9 * y, noise_std=exact, source=source)
    np.testing.assert_allclose(other.predict(1e3 * grid + 5.0), 1e-9 * plain.predict(grid), rtol=1e-4, atol=1e-12)


def test_bad_arguments(monkeypatch):
    X, y, source = two_fidelities()
    with pytest.raises(ArgumentError, match="discrepancy must be offset, scale or full, got 'none'"):
        CoKriging("none").fit(X, y)
    with pytest.raises(ArgumentError, match="kernel must be"):
        CoKriging(kernel="linear").fit(X, y)
    with pytest.raises(ArgumentError, match="restarts must be at least 1"):
        CoKriging(restarts=0).fit(X, y)
    with pytest.raises(ArgumentError, match="every row of one source alike"):
        CoKriging().fit(X, y, noise_std=np.where(np.arange(15) == 3, 0.1, 0.0), source=source)
    with pytest.raises(ArgumentError, match="source must have one entry for each of the 15 rows, got 4"):
        CoKriging().fit(X, y, source=source[:4])
    with pytest.raises(ArgumentError, match="noise_std must be finite"):
        CoKriging().fit(X, y, noise_std=np.where(source, np.inf, 0.0), source=source)
    monkeypatch.setattr(module, "MOST_ROWS", 10)
    with pytest.raises(ArgumentError, match="takes up to 10 rows, got 15"):
        CoKriging().fit(X, y, source=source)


def test_other_families_take_the_rows_of_all_sources_as_one_trend():
    X, y, source = two_fidelities()
    process = GaussianProcess(restarts=1)
    with_source = process.fit(X, y, source=source).predict(X)
    np.testing.assert_array_equal(process.fit(X, y).predict(X), with_source)
    with pytest.raises(ArgumentError, match="noise_std must be finite"):
        process.fit(X, y, noise_std=np.where(source, np.nan, 0.0), source=source)


def test_a_source_without_weight_is_not_replaced_by_a_cheaper_one():
    X, level, y, _ = rows()
    with pytest.raises(ArgumentError, match="sample_weight is zero for every row of the highest source"):
        CoKriging().fit(X, y, np.where(level == 1, 0.0, 1.0), source=level)
