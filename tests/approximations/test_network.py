"""The network and its training: derivatives by finite differences, optima against MINPACK, spread by simulation."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import jax
import numpy as np
import pytest
from scipy.optimize import least_squares
from sklearn.base import clone

from faradaic._core import ArgumentError
from faradaic.approximations import Job, Network, _network_problem
from faradaic.approximations._feed_forward import ACTIVATIONS, Forward, layers_of
from faradaic.approximations._levenberg_marquardt import _step, advance, begin, levenberg_marquardt
from faradaic.approximations._network_problem import NetworkProblem, Rows, Table, random_start

SHAPES = [(1, 3), (2, 2), (3, 2)]


def table(n=30, p=2, noise=0.1, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1.0, 1.0, size=(n, p))
    return X, np.sin(3 * X[:, 0]) + 0.5 * X.sum(1) ** 2 + noise * rng.normal(size=n)


def made(activation, depth, width, n=12, p=2, penalty=0.0, seed=0, by_rows=None):
    """One network's problem, its rows filled up to ``n + 3``, and the start of its training."""
    X, y = table(n, p, seed=seed)
    given, layers = Table(X, y, np.linspace(0.5, 1.5, n)), tuple(layers_of(p, width, depth))
    start = random_start(layers, np.random.default_rng(seed))
    by_rows = penalty == 0 and len(start) > n if by_rows is None else by_rows
    problem = NetworkProblem(layers, activation, penalty > 0, by_rows)
    return problem, Rows.of([given], n + 3, penalty, len(start)), start


def residual(problem, rows, theta):
    """Weighted residuals of one network, and the penalty's."""
    output = Forward(rows.X[0].T, theta, problem.layers, problem.activation).output
    return np.concatenate([rows.root[0] * (output - rows.y[0]), rows.decay[0] * theta])


def jacobian(problem, rows, theta):
    J = Forward(rows.X[0].T, theta, problem.layers, problem.activation).jacobian(rows.root[0])
    return np.vstack([J, np.diag(rows.decay[0])])


def searched(problem, rows, start, iterations=300, floor=0.0):
    return levenberg_marquardt(problem, rows, start[None], np.array([floor]), iterations=iterations)


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
        problem, rows, start = made(activation, depth, width, n=n, penalty=penalty)
        theta = start + 0.1 * np.random.default_rng(1).normal(size=len(start))
        steps = 1e-6 * np.eye(len(theta))
        rise = [residual(problem, rows, theta + s) - residual(problem, rows, theta - s) for s in steps]
        J, r = np.stack(rise, axis=1) / 2e-6, residual(problem, rows, theta)
        np.testing.assert_allclose(jacobian(problem, rows, theta), J, atol=1e-7)
        point = problem.linearised(rows, theta[None])
        np.testing.assert_allclose(point.cost[0], 0.5 * r @ r)
        np.testing.assert_allclose(point.gradient[0], J.T @ r, atol=1e-6)
        assert problem.by_rows == (n == 8)
        if not problem.by_rows:
            np.testing.assert_allclose(point.gram[0], J.T @ J, atol=1e-5)
            continue
        data = J[: n + 3]
        np.testing.assert_allclose(point.gram[0], data @ data.T, atol=1e-5)
        v = np.random.default_rng(2).normal(size=n + 3)
        np.testing.assert_allclose(problem.transposed(point.back, v[None])[0], data.T @ v, atol=1e-6)


@pytest.mark.parametrize("n", [8, 40])
def test_system_of_the_rows_and_of_the_parameters_give_the_same_step(n):
    both = [made("tanh", 1, 3, n=n, by_rows=by_rows) for by_rows in (False, True)]
    problem, rows, start = both[0]
    r, J = residual(problem, rows, start), jacobian(problem, rows, start)
    for damping in (1e-3, 1.0, 1e3):
        explicit = np.linalg.lstsq(np.r_[J, np.sqrt(damping) * np.eye(J.shape[1])], np.r_[-r, np.zeros(J.shape[1])])[0]
        for one, given, _ in both:
            step = _step(one, one.linearised(given, start[None]), np.array([damping]))
            np.testing.assert_allclose(step[0], explicit, rtol=1e-8, atol=1e-10)


def test_a_search_takes_no_more_steps_than_it_may():
    for steps in (1, 2, 5):
        found = searched(*made("tanh", 1, 3, n=40), iterations=steps)
        assert found.steps == steps
        assert not found.converged
        assert found.reason(0) == f"stopped after {steps} iterations"


def test_costs_are_as_low_as_minpacks_from_the_same_start():
    # both end at one of many stationary points, or run along a valley: over many starts ours must not be the worse
    ratios = []
    for activation in ACTIVATIONS:
        for seed in range(5):
            made_up = made(activation, 1, 3, n=40, seed=seed)
            problem, rows, start = made_up
            theirs = least_squares(
                lambda theta, a=problem, b=rows: residual(a, b, theta),
                start,
                jac=lambda theta, a=problem, b=rows: jacobian(a, b, theta),
                method="lm",
                max_nfev=300,
            )
            ratios.append(searched(*made_up).cost[0] / theirs.cost)
    assert np.mean(np.array(ratios) <= 1.0 + 1e-3) >= 0.7
    assert np.exp(np.mean(np.log(ratios))) <= 1.0


def test_a_true_network_is_found_and_its_gradient_vanishes():
    problem, rows, truth = made("tanh", 1, 2, n=60)
    rng = np.random.default_rng(0)
    rows.y[0] = Forward(rows.X[0].T, truth, problem.layers, "tanh").output + 0.02 * rng.normal(size=63)
    best = searched(problem, rows, truth + 0.1 * rng.normal(size=len(truth)))
    assert best.converged
    r = residual(problem, rows, best.theta[0])
    assert np.abs(jacobian(problem, rows, best.theta[0]).T @ r).max() < 1e-5
    assert best.cost < 0.5 * (residual(problem, rows, truth) ** 2).sum()


def test_searches_end_for_the_reasons_given():
    problem, rows, truth = made("tanh", 1, 2, n=60)
    rows.y[0] = Forward(rows.X[0].T, truth, problem.layers, "tanh").output
    assert searched(problem, rows, truth + 0.01, floor=1e-18).reason(0) == "the residuals vanish"
    assert searched(problem, rows, truth + 0.01, floor=-1.0).reason(0) in (
        "no step lowers the cost",
        "the cost no longer falls",
    )
    flat = Rows(rows.X, rows.y + 1.0 - rows.y.mean(), rows.root, rows.decay)
    constant = NetworkProblem(((0, 1),), "tanh", False, False)
    mean = np.average(flat.y[0], weights=flat.root[0] ** 2)
    found = searched(constant, flat, np.array([mean]))
    assert (found.reason(0), found.steps[0]) == ("no step lowers the cost", 1)
    lost = searched(problem, rows, np.full(len(truth), 1e308))
    assert lost.reason(0) == "no step lowers the cost"
    assert not np.isfinite(lost.cost[0])


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
    problem, rows, theta = made("tanh", 1, 2, n=25, penalty=0.2)
    data = Forward(rows.X[0].T, theta, problem.layers, "tanh").output - rows.y[0]
    half_mean = 0.5 * ((rows.root[0] * data) ** 2).sum() / 25 + 0.5 * 0.2 * (theta[:-1] ** 2).sum()
    assert problem.linearised(rows, theta[None]).cost[0] == pytest.approx(25 * half_mean)


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


def jobs_of(lengths, seed=0, **more):
    """Jobs on the first rows of one table, each with a seed of its own; weights and noise where they are given."""
    X, y = table(max(lengths), 2, 0.2, seed)
    return [
        Job.of(X[:n], y[:n], at=X, seed=k, **{name: value[:n] for name, value in more.items()})
        for k, n in enumerate(lengths)
    ]


def plain(net, size, job):
    """What `fit` and `predict` say."""
    rows, model = job.rows, clone(net).set_params(width=size, random_state=job.seed)
    return model.fit(rows.X, rows.y, rows.weight, noise_std=rows.noise_std), model.predict(job.at)


CASES = {
    "plain": (Network(iterations=40), {}),
    "restarts": (Network(iterations=40, restarts=3), {}),
    "depth two": (Network(iterations=40, depth=2, activation="softplus"), {}),
    "penalty": (Network(iterations=40, penalty=1e-3, activation="sine"), {}),
    "weights": (Network(iterations=40, activation="gelu"), {"sample_weight": np.linspace(0.5, 2.0, 40)}),
    "known noise": (Network(iterations=40), {"noise_std": np.full(40, 0.1)}),
    "shape": (Network(iterations=20, monotone="increasing"), {}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_sweep_is_one_fit_after_another_bit_for_bit(case):
    net, more = CASES[case]
    # 33 to 40 rows are filled up alike; 13 parameters of width 3 are more than 12 rows and 49 more than any
    jobs, sizes = jobs_of([40, 33, 38, 12, 11], **more), [0, 1, 3, 12]
    for job, found in zip(jobs, net.sweep(sizes, jobs), strict=True):
        assert found.reasons == [""] * 4
        assert (found.seconds > 0).all()
        for k, size in enumerate(sizes):
            model, prediction = plain(net, size, job)
            np.testing.assert_array_equal(found.prediction[k], prediction)
            assert found.effective[k] == model.effective_parameters_


def test_a_sweep_of_nothing_is_empty_and_bad_arguments_are_raised():
    assert Network().sweep([1], []) == []
    with pytest.raises(ArgumentError, match="restarts must be a whole number from 1"):
        Network(restarts=0).sweep([1], jobs_of([12]))
    with pytest.raises(ArgumentError, match="axis must be a feature number"):
        Network(axis=2).sweep([1], jobs_of([12]))


def test_company_does_not_matter(monkeypatch):
    net, sizes, jobs = Network(iterations=60, restarts=2), [2, 16], jobs_of([40, 37, 34, 24, 30])
    together = net.sweep(sizes, jobs)
    alone = [net.sweep(sizes, [job])[0] for job in jobs]
    monkeypatch.setattr(_network_problem, "_MOST_BYTES", 1)
    singly = net.sweep(sizes, jobs[::-1])[::-1]
    for one, two, three in zip(together, alone, singly, strict=True):
        np.testing.assert_array_equal(one.prediction, two.prediction)
        np.testing.assert_array_equal(one.prediction, three.prediction)
        np.testing.assert_array_equal(one.effective, two.effective)


def test_rows_that_fill_up_do_not_matter():
    # to rounding: sums over more rows are added up in another order
    for penalty, n in ((0.0, 30), (0.0, 8), (1e-3, 30)):
        problem, rows, start = made("tanh", 1, 3, n=n, penalty=penalty)
        bare = Rows(rows.X[:, :, :n], rows.y[:, :n], rows.root[:, :n], rows.decay)
        one, other = (searched(problem, each, start, iterations=12) for each in (rows, bare))
        np.testing.assert_allclose(one.theta, other.theta, rtol=1e-6, atol=1e-8)


def test_a_batch_is_cut_to_what_the_memory_is_to_hold(monkeypatch):
    sizes = []

    def counted(problem, rows, start, floor, *, iterations):
        sizes.append(len(start))
        return levenberg_marquardt(problem, rows, start, floor, iterations=iterations)

    monkeypatch.setattr(_network_problem, "levenberg_marquardt", counted)
    net = Network(16, iterations=2, restarts=100)
    net.sweep([16], jobs_of([200] * 2))
    assert sum(sizes) == 200
    one = 8 * (200 * net.count(2) + 2 * net.count(2) ** 2)  # the Jacobian, and two Gram matrices
    assert 1 < max(sizes) <= 2**22 / one


def test_a_fit_that_fails_spoils_no_other():
    jobs = [*jobs_of([40]), *jobs_of([40])]
    jobs[0].rows.y[0] = np.nan
    bad, good = Network(iterations=20).sweep([2], jobs)
    assert bad.reasons == ["training ended in a number that is not finite."]
    assert np.isnan(bad.prediction).all()
    np.testing.assert_array_equal(good.prediction[0], plain(Network(iterations=20), 2, jobs[1])[1])


def test_costs_of_restarts():
    X, y = table(noise=0.2)
    net = Network(3, restarts=4, iterations=50).fit(X, y)
    assert net.restart_costs_.shape == (4,)
    squares = (((net.predict(X) - y) / y.std()) ** 2).sum()
    assert net.restart_costs_.min() == pytest.approx(0.5 * squares)
    assert net.restart_costs_[0] == Network(3, iterations=50).fit(X, y).restart_costs_[0]
    shaped = Network(3, restarts=2, iterations=20, monotone="increasing").fit(X, y)
    assert shaped.restart_costs_.shape == (2,)


def test_the_benchmark_of_a_gpu_compares_on_the_cpu():
    path = Path(__file__).parents[2] / "benchmarks" / "gpu.py"
    spec = importlib.util.spec_from_file_location("gpu", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["gpu"] = module  # dataclasses look there
    spec.loader.exec_module(module)
    found = module.comparisons(module.device_of("cpu"), smoke=True)
    assert [one.difference <= 1e-8 for one in found] == [True] * 3
    assert not jax.config.jax_enable_x64
    assert module.device_of("no such platform") is None


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_same_activations_in_jax(activation):
    a = np.linspace(-6.0, 6.0, 41)
    with jax.enable_x64(True):
        theirs = ACTIVATIONS[activation](jax.numpy.asarray(a))
    for one, other in zip(ACTIVATIONS[activation](a), theirs, strict=True):
        np.testing.assert_allclose(np.asarray(other), one, rtol=1e-12, atol=1e-15)


def test_the_same_steps_in_jax_with_a_penalty():
    problem, rows, start = made("softplus", 2, 2, n=20, penalty=0.1)
    floor = np.zeros(1)
    state = begin(problem, rows, start[None], floor)
    with jax.enable_x64(True):
        there = Rows(*map(jax.numpy.asarray, rows))
        other = begin(problem, there, jax.numpy.asarray(start[None]), floor)
        one_step = jax.jit(advance, static_argnums=0)
        for _ in range(3):
            state, other = advance(problem, rows, state, floor), one_step(problem, there, other, floor)
        for ours, theirs in zip(jax.tree.leaves(state), jax.tree.leaves(other), strict=True):
            np.testing.assert_allclose(np.asarray(theirs), ours, rtol=1e-8, atol=1e-10)


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
