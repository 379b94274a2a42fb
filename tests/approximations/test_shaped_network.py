"""Networks with a shape and with known values: signs everywhere, Jacobians, and the same plain network in the end."""

from __future__ import annotations

import numpy as np
import pytest

import faradaic as fd
from faradaic._core import ArgumentError, FitError
from faradaic.approximations import Design, Log, Network, Polynomial, Reciprocal, Slope, Value
from faradaic.approximations._conditioned import Facts
from faradaic.approximations._feed_forward import Forward, layers_of
from faradaic.approximations._network_problem import Table
from faradaic.approximations._shaped_network import ConstrainedProblem, Constraint


def rows(n=40, p=2, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1.0, 2.0, (n, p))
    return X, np.sin(3.0 * X[:, 0]) + X[:, -1] ** 2 + 0.3 * rng.standard_normal(n)


SHAPES = [
    {"monotone": "increasing"},
    {"monotone": "decreasing", "axis": 1},
    {"monotone": ("increasing", "decreasing")},
    {"convex": "convex", "activation": "softplus"},
    {"convex": "concave", "activation": "softplus"},
    {"convex": "convex", "monotone": ("decreasing", None), "activation": "softplus"},
    {"convex": "concave", "monotone": ("increasing", "decreasing"), "activation": "softplus"},
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("known", [(), Value(0.5, at=(0.2, 0.3))], ids=["free", "known"])
def test_shape_holds_everywhere_and_is_not_a_constant(shape, depth, known):
    X, y = rows()
    net = Network(width=3, depth=depth, iterations=60, known=known, **shape).fit(X, y)
    at = np.random.default_rng(1).uniform(-9.0, 9.0, (2000, 2))
    words = shape.get("monotone")
    words = words if isinstance(words, tuple) else tuple(words if j == shape.get("axis", 0) else None for j in (0, 1))
    for j, word in enumerate(words):
        slope = net.derivative(at, j)
        if word:
            assert (slope * (1 if word == "increasing" else -1) >= 0.0).all()  # to the last bit
    if "convex" in shape:
        sign = 1.0 if shape["convex"] == "convex" else -1.0
        middle, ends = net.predict(0.5 * (at[1:] + at[:-1])), 0.5 * (net.predict(at[1:]) + net.predict(at[:-1]))
        assert (sign * (ends - middle) >= -1e-13 * np.abs(ends).max()).all()
    assert np.ptp(net.predict(X)) > 0.1 * np.ptp(y)
    if known:
        assert net.predict([known.at])[0] == pytest.approx(known.value, abs=1e-12)


def test_a_truth_of_the_shape_is_learned():
    x = np.linspace(-2.0, 2.0, 60)[:, None]
    for truth, shape in (
        (np.tanh(2.0 * x.ravel()) + 0.3 * x.ravel(), {"monotone": "increasing"}),
        (np.hypot(1.0, x.ravel()), {"convex": "convex", "activation": "softplus"}),
        (-np.exp(x.ravel()), {"convex": "concave", "monotone": "decreasing", "activation": "softplus"}),
    ):
        net = Network(width=6, iterations=500, restarts=3, **shape).fit(x, truth)
        assert np.sqrt(np.mean((net.predict(x) - truth) ** 2)) < 3e-3 * np.std(truth)


KNOWN = [
    Value(2.0, at=(0.5, 0.5)),
    Slope(0.0, at=(0.5, 0.5), wrt=1),
    (Value(1.0, at=(0.0, 0.0)), Slope(2.0, at=(0.0, 0.0), wrt=0), Value(-3.0, at=(3.0, 3.0))),
]


@pytest.mark.parametrize("known", KNOWN, ids=str)
@pytest.mark.parametrize(("width", "depth"), [(4, 1), (3, 2), (30, 1)])
def test_known_points_hold(known, width, depth):
    X, y = rows()
    net = Network(width, depth, iterations=60, known=known).fit(X, y)
    facts = known if isinstance(known, tuple) else (known,)
    for fact in facts:
        at = np.array([fact.at])
        found = net.predict(at) if isinstance(fact, Value) else net.derivative(at, fact.wrt)
        assert found[0] == pytest.approx(fact.value, abs=1e-9)
    assert net.count(2) == Network(width, depth).count(2) - len(facts)
    assert net.effective_parameters_ <= min(net.count(2), len(y))


@pytest.mark.parametrize("shaped", [False, True])
@pytest.mark.parametrize("penalty", [0.0, 0.1])
def test_jacobian_against_central_differences(shaped, penalty):
    X, y = rows(12)
    layers = layers_of(2, 3, 2)
    facts = Facts(np.array([[0.1, 0.2], [1.0, -1.0]]), np.array([-1, 1]), np.array([0.3, -0.4]), np.zeros(2))
    signs = np.array([1, -1]) if shaped else np.zeros(2, dtype=int)
    if shaped:
        facts = Facts(facts.points[:1], facts.wrt[:1], facts.values[:1], facts.variance[:1])
    constraint = Constraint.of(layers, "tanh", signs, 0, facts)
    weights = np.random.default_rng(2).normal(size=len(constraint.sign))
    problem = ConstrainedProblem(Table(X, y, np.ones(12)), constraint, penalty)
    at = constraint.settled(constraint.free(weights))
    assert constraint.met(at)
    steps = 1e-6 * np.eye(len(at))
    ends = [problem.residual(constraint.settled(at + sign * step)) for step in steps for sign in (1, -1)]
    J = np.subtract(ends[::2], ends[1::2]).T / 2e-6
    point, r = problem.linearised((), at[None]), problem.residual(at)
    assert bool(point.back) == (penalty == 0)
    np.testing.assert_allclose(point.cost, 0.5 * r @ r)
    np.testing.assert_allclose(point.gradient[0], J.T @ r, atol=1e-6)
    np.testing.assert_allclose(point.gram[0], J.T @ J if penalty else J @ J.T, atol=1e-6)
    if point.back:
        np.testing.assert_allclose(point.back[1][0], J, atol=1e-7)


def test_the_spread_is_that_of_the_trained_numbers_alone():
    """The constant has the spread of a mean; at a known value there is none, far from it more than that of a line."""
    x = np.linspace(0.0, 1.0, 20)[:, None]
    y = 2.0 * x.ravel() + 0.1 * np.random.default_rng(0).standard_normal(20)
    known = Value(0.0, at=0.0)
    net = Network(width=0, known=()).fit(x, y)
    assert net.predict([[0.0]], return_std=True)[1][0] == pytest.approx(np.std(y, ddof=1) / np.sqrt(20))
    held = Network(width=1, known=known, restarts=5).fit(x, y)
    line = Polynomial(1, known=known).fit(x, y)
    mean, std = held.predict([[0.0], [1.0]], return_std=True)
    assert std[0] < 1e-9
    assert mean[1] == pytest.approx(line.predict([[1.0]])[0], abs=0.1)
    assert std[1] > line.predict([[1.0]], return_std=True)[1][0]


def test_weights_are_those_of_a_plain_network():
    X, y = rows()
    net = Network(3, monotone="increasing", known=Value(0.0, at=(0.0, 0.0)), iterations=30).fit(X, y)
    plain = Forward((X - net.x_mean_) / net.x_std_, net.theta_, layers_of(2, 3, 1), "tanh")
    np.testing.assert_array_equal(net.predict(X), net.y_mean_ + net.y_std_ * plain.output)


def test_landscape_design_and_file(tmp_path):
    data = fd.data.example("stochastic")
    design = Design(Network(monotone="decreasing", iterations=40), x=Reciprocal(), y=Log())
    found = fd.landscape(design, data, sizes=[0, 1, 2], splits=3)
    assert found.select().design.count(1) in (1, 4, 7)
    trend = fd.fit(design.at_size(2), data)
    again = fd.load(trend.save(tmp_path / "a.trend"))
    low, high = trend.domain.low, trend.domain.high
    T = np.linspace(low[0], high[0], 10_000)[:, None]
    D = trend.design.predict(T)
    assert (np.diff(D) >= -8.0 * np.finfo(float).eps * D.max()).all()
    np.testing.assert_array_equal(again.design.predict(T), trend.design.predict(T))
    assert again.design.approximation.monotone == "decreasing"


def test_bad_arguments():
    X, y = rows()
    for arguments, words in (
        ({"monotone": 1}, "monotone must be None, .increasing. or .decreasing."),
        ({"convex": []}, "convex must be None, .convex. or .concave."),
        ({"monotone": "up"}, "monotone must be None, 'increasing' or 'decreasing'"),
        ({"monotone": ("increasing",)}, "each of the 2 inputs"),
        ({"convex": "round"}, "convex must be None"),
        ({"axis": 2}, "axis must be a feature number from 0 to 1, got 2"),
        ({"convex": "convex"}, "needs activation='softplus', got 'tanh'"),
        ({"monotone": "increasing", "activation": "sine"}, "needs activation='tanh'"),
        ({"monotone": "increasing", "known": Slope(0.0, at=(0.0, 0.0))}, "one known value and no slope"),
        ({"known": Value(0.0, at=(0.0, None))}, "along a face"),
    ):
        with pytest.raises(ArgumentError, match=words):
            Network(**arguments).fit(X, y)
    with pytest.raises(FitError, match="does not reach what is known"):
        Network(1, known=KNOWN[2], iterations=5).fit(X, y)


def test_sizes_leave_a_parameter_free():
    known = (Value(0.0, at=0.0), Slope(1.0, at=0.0))
    sizes = Network(known=known).sizes(20, 1)
    assert sizes[0] == 1
    assert [Network(size, known=known).count(1) for size in sizes][:2] == [2, 5]
    assert Network(3, monotone="increasing").label == "increasing tanh network"
