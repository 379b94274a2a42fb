"""The network and its training: derivatives by finite differences, optima against MINPACK, spread by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import least_squares

from faradaic._core import ArgumentError
from faradaic.approximations import Network
from faradaic.approximations._feed_forward import ACTIVATIONS, Forward, layers_of
from faradaic.approximations._levenberg_marquardt import _step, levenberg_marquardt
from faradaic.approximations._network import _Problem

SHAPES = [(1, 3), (2, 2), (3, 2)]


def table(n=30, p=2, noise=0.1, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1.0, 1.0, size=(n, p))
    return X, np.sin(3 * X[:, 0]) + 0.5 * X.sum(1) ** 2 + noise * rng.normal(size=n)


def made(activation, depth, width, n=12, p=2, penalty=0.0, seed=0):
    X, y = table(n, p, seed=seed)
    root = np.linspace(0.5, 1.5, n)
    return _Problem(X, y, root, layers_of(p, width, depth), activation, penalty), np.random.default_rng(seed)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_slope_of_each_activation(activation):
    a, step = np.linspace(-6, 6, 41), 1e-6
    shape = ACTIVATIONS[activation]
    np.testing.assert_allclose(shape(a)[1], (shape(a + step)[0] - shape(a - step)[0]) / (2 * step), atol=1e-8)
    assert np.isfinite(shape(np.array([-1e3, 1e3]))[0]).all()


@pytest.mark.parametrize(("depth", "width"), SHAPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_jacobian_and_both_gram_matrices(activation, depth, width):
    # 8 rows are fewer than the parameters of each shape, so that the Gram matrix of the rows is used
    for n, penalty in ((8, 0.0), (40, 0.0), (40, 0.3)):
        problem, rng = made(activation, depth, width, n=n, penalty=penalty)
        theta = problem.start(rng) + 0.1 * rng.normal(size=len(problem.decay))
        r, linear = problem.linearised(theta)
        np.testing.assert_array_equal(r, problem.residual(theta))
        p, step = len(theta), 1e-6
        shifts = step * np.eye(p)
        rise = [problem.residual(theta + s) - problem.residual(theta - s) for s in shifts]
        numeric = np.stack(rise, axis=1) / (2 * step)
        np.testing.assert_allclose(problem.jacobian(theta), numeric[:n], atol=1e-7)
        assert linear.shape == numeric.shape
        gram = numeric @ numeric.T if p > len(r) else numeric.T @ numeric
        assert (p > len(r)) == (n == 8)
        np.testing.assert_allclose(linear.gram(), gram, atol=1e-5)
        np.testing.assert_allclose(linear.transposed(r), numeric.T @ r, atol=1e-6)


class Explicit:
    """A linearisation with an explicit Jacobian."""

    def __init__(self, J):
        self.J, self.shape = J, J.shape

    def gram(self):
        return self.J @ self.J.T if self.shape[1] > self.shape[0] else self.J.T @ self.J

    def transposed(self, r):
        return self.J.T @ r


class Dense:
    """A network's problem with its Jacobian formed."""

    def __init__(self, problem):
        self.problem = problem

    def residual(self, theta):
        return self.problem.residual(theta)

    def linearised(self, theta):
        return self.problem.residual(theta), Explicit(self.problem.jacobian(theta))


@pytest.mark.parametrize("n", [8, 40])
def test_system_of_the_rows_and_of_the_parameters_give_the_same_step(n):
    problem, rng = made("tanh", 1, 3, n=n)
    start = problem.start(rng)
    r, J = problem.residual(start), problem.jacobian(start)
    for damping in (1e-3, 1.0, 1e3):
        explicit = np.linalg.lstsq(np.r_[J, np.sqrt(damping) * np.eye(J.shape[1])], np.r_[-r, np.zeros(J.shape[1])])[0]
        primal = _step(J.T @ J, damping, r, J.T @ r, None)
        dual = _step(J @ J.T, damping, r, J.T @ r, Explicit(J))
        np.testing.assert_allclose(primal, explicit, rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(dual, explicit, rtol=1e-8, atol=1e-10)
    for steps in (1, 2, 5):
        ends = [levenberg_marquardt(one, start, iterations=steps) for one in (problem, Dense(problem))]
        np.testing.assert_allclose(ends[0].theta, ends[1].theta, rtol=1e-7, atol=1e-9)
        assert ends[0].iterations == steps
        assert not ends[0].converged


def test_costs_are_as_low_as_minpacks_from_the_same_start():
    # both end at one of many stationary points, or run along a valley: over many starts ours must not be the worse
    ratios = []
    for activation in ACTIVATIONS:
        for seed in range(5):
            problem, rng = made(activation, 1, 3, n=40, seed=seed)
            start = problem.start(rng)
            theirs = least_squares(problem.residual, start, jac=problem.jacobian, method="lm", max_nfev=300)
            ours = levenberg_marquardt(problem, start, iterations=300)
            ratios.append(ours.cost / theirs.cost)
    assert np.mean(np.array(ratios) <= 1.0 + 1e-3) >= 0.7
    assert np.exp(np.mean(np.log(ratios))) <= 1.0


def test_a_true_network_is_found_and_its_gradient_vanishes():
    problem, rng = made("tanh", 1, 2, n=60)
    truth = problem.start(rng)
    problem.y = Forward(problem.X, truth, problem.layers, "tanh").output + 0.02 * rng.normal(size=60)
    best = levenberg_marquardt(problem, truth + 0.1 * rng.normal(size=len(truth)))
    assert best.converged
    assert np.abs(problem.jacobian(best.theta).T @ problem.residual(best.theta)).max() < 1e-5
    assert best.cost < 0.5 * (problem.residual(truth) ** 2).sum()


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("depth", [1, 2])
def test_noise_is_interpolated_beyond_twice_the_rows(activation, depth):
    X, y = table(n=24, noise=0.5)
    width = {1: 12, 2: 6}[depth]
    net = Network(width, depth, activation, iterations=1000).fit(X, y)
    assert net.count(2) >= 2 * len(y)
    assert np.sqrt(((net.predict(X) - y) ** 2).mean()) <= 1e-9 * y.std()
    assert (net.converged_, net.stop_reason_) == (True, "the residuals vanish")
    assert net.effective_parameters_ == 24.0
    assert np.isnan(net.predict(X, return_std=True)[1]).all()


def test_width_zero_is_the_mean():
    X, y = table()
    weight = np.arange(1.0, 31.0)
    net = Network(0).fit(X, y, weight)
    mean, std = net.predict(X, return_std=True)
    np.testing.assert_allclose(mean, np.average(y, weights=weight))
    np.testing.assert_array_equal(net.derivative(X, 1), 0.0)
    assert (net.count(2), net.effective_parameters_) == (1, 1.0)
    variance = (weight * (y - mean) ** 2).sum() / 29 / weight.sum()
    np.testing.assert_allclose(std, np.sqrt(variance))


@pytest.mark.parametrize(("depth", "width"), SHAPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_derivative_is_that_of_the_prediction(activation, depth, width):
    X, y = table()
    X = X * [20.0, 0.01] + [300.0, 1.0]
    net = Network(width, depth, activation, iterations=30).fit(X, y)
    for j in range(2):
        shift = 1e-6 * X[:, j].std() * (np.arange(2) == j)
        numeric = (net.predict(X + shift) - net.predict(X - shift)) / (2 * shift[j])
        np.testing.assert_allclose(net.derivative(X, j), numeric, rtol=1e-5, atol=1e-6 * np.abs(numeric).max())


def test_penalty_shrinks():
    X, y = table(noise=0.3)
    nets = [Network(10, penalty=penalty, iterations=1000).fit(X, y) for penalty in (0.0, 1e-4, 1e-2, 1.0)]
    errors = [((net.predict(X) - y) ** 2).mean() for net in nets]
    assert errors == sorted(errors)
    effective = [net.effective_parameters_ for net in nets]
    assert effective == sorted(effective, reverse=True)
    assert np.abs(nets[-1].theta_[:-1]).max() < 0.1
    np.testing.assert_allclose(nets[-1].predict(X), y.mean(), atol=0.3)


def test_penalised_cost_is_the_documented_one():
    problem, rng = made("tanh", 1, 2, n=25, penalty=0.2)
    theta = problem.start(rng)
    data = Forward(problem.X, theta, problem.layers, "tanh").output - problem.y
    half_mean = 0.5 * ((problem.root * data) ** 2).mean() + 0.5 * 0.2 * (theta[:-1] ** 2).sum()
    assert 0.5 * (problem.residual(theta) ** 2).sum() == pytest.approx(25 * half_mean)


def test_weight_two_is_the_row_twice():
    # one unit, so that there is one optimum near the start and rounding cannot lead to another
    x = np.linspace(-1, 1, 30)[:, None]
    y = np.tanh(2 * x[:, 0] - 0.5) + 0.1 * np.random.default_rng(0).normal(size=30)
    weight = np.where(np.arange(30) < 10, 2.0, 1.0)
    x2, y2 = np.r_[x, x[:10]], np.r_[y, y[:10]]
    for penalty in (0.0, 1e-3):
        weighted, doubled = Network(1, penalty=penalty).fit(x, y, weight), Network(1, penalty=penalty).fit(x2, y2)
        np.testing.assert_allclose(weighted.predict(x), doubled.predict(x), rtol=1e-5, atol=1e-6)
    known = Network(1).fit(x, y, noise_std=0.1 / np.sqrt(weight))
    mixed = Network(1).fit(x, y, weight, noise_std=0.1)
    twice = Network(1).fit(x2, y2, noise_std=np.full(40, 0.1))
    for one, two, three in zip(*(net.predict(x, return_std=True) for net in (known, mixed, twice)), strict=True):
        np.testing.assert_allclose(one, three, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(two, three, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("known", [False, True])
def test_spread_is_that_of_refits(known):
    # truth within reach of the family and many rows: linearisation at the optimum is right
    rng = np.random.default_rng(4)
    x = np.linspace(-2, 2, 120)[:, None]
    truth, at = np.tanh(1.5 * x[:, 0]) + 0.3, np.linspace(-1.8, 1.8, 7)[:, None]
    means, stds = [], []
    for _ in range(40):
        net = Network(1).fit(x, truth + 0.1 * rng.normal(size=120), noise_std=np.full(120, 0.1) if known else None)
        mean, std = net.predict(at, return_std=True)
        means.append(mean)
        stds.append(std)
    ratio = np.std(means, axis=0, ddof=1) / np.mean(stds, axis=0)
    assert 0.8 < np.sqrt((ratio**2).mean()) < 1.25


def test_more_restarts_never_cost_more():
    X, y = table(noise=0.2)
    costs = [((Network(3, restarts=r).fit(X, y).predict(X) - y) ** 2).mean() for r in (1, 3, 6)]
    assert costs == sorted(costs, reverse=True)


def test_seeds():
    X, y = table()
    one, same, other = (Network(6, random_state=s).fit(X, y) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.theta_, same.theta_)
    assert np.abs(one.theta_ - other.theta_).max() > 1e-3


def test_units_of_the_data_do_not_matter():
    X, y = table()
    one, other = Network(3).fit(X, y), Network(3).fit(X * 1e6 + 3e6, y * 1e-9)
    np.testing.assert_allclose(other.predict(X * 1e6 + 3e6) * 1e9, one.predict(X), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"activation": "relu"}, "activation must be tanh, softplus, gelu or sine, got 'relu'"),
        ({"width": -1}, "width must be a whole number from 0, got -1"),
        ({"width": 2.0}, "width must be a whole number from 0, got 2.0"),
        ({"depth": 0}, "depth must be a whole number from 1, got 0"),
        ({"restarts": 0}, "restarts must be a whole number from 1, got 0"),
        ({"iterations": 0}, "iterations must be a whole number from 1, got 0"),
        ({"penalty": -1.0}, "penalty must not be negative, got -1.0"),
    ],
)
def test_bad_arguments(arguments, message):
    X, y = table()
    with pytest.raises(ArgumentError, match=message):
        Network(**arguments).fit(X, y)
