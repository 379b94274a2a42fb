from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import BSpline, make_lsq_spline
from sklearn.linear_model import LinearRegression

from faradaic._core import ArgumentError
from faradaic.approximations import Spline
from faradaic.approximations._bspline import (
    clamped_knots,
    greville_gaps,
    slope_columns,
    slope_differences,
    spline_columns,
)


def noisy(seed=0, n=60):
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(2.0, 5.0, n))
    x[[0, -1]] = 2.0, 5.0
    return x[:, None], np.sin(2.0 * x) + 0.3 * rng.standard_normal(n)


@pytest.mark.parametrize("placement", ["uniform", "quantile"])
@pytest.mark.parametrize(("n_basis", "degree"), [(1, 3), (2, 3), (4, 3), (9, 3), (12, 2), (7, 1), (60, 5)])
def test_columns_equal_scipy(n_basis, degree, placement):
    x = np.random.default_rng(0).uniform(-1.0, 1.0, 300)
    degree = min(degree, n_basis - 1)
    knots = clamped_knots(x, n_basis, degree, placement)
    at = np.concatenate([x, knots, [-1.0, 1.0, np.nextafter(1.0, 0.0)]])
    columns = spline_columns(at, knots, degree)
    np.testing.assert_allclose(columns, BSpline.design_matrix(at, knots, degree).toarray(), rtol=0, atol=1e-14)
    assert (columns >= 0).all()
    # beyond the ends each function is its tangent
    beyond, step = np.array([-1.7, 1.2]), 1e-7
    end, inner = np.sign(beyond), np.sign(beyond) * (1.0 - step)
    slope = (spline_columns(end, knots, degree) - spline_columns(inner, knots, degree)) / (end - inner)[:, None]
    tangent = spline_columns(end, knots, degree) + (beyond - end)[:, None] * slope
    np.testing.assert_allclose(spline_columns(beyond, knots, degree), tangent, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("n_basis", "degree"), [(4, 3), (9, 3), (12, 2), (7, 1), (15, 5)])
def test_one_feature_equals_scipy(n_basis, degree):
    x, y = noisy()
    w = np.random.default_rng(1).uniform(0.5, 2.0, len(y))
    knots = 3.5 + 1.5 * clamped_knots(x, n_basis, degree, "uniform")
    reference = make_lsq_spline(x.ravel(), y, knots, degree, w=w)
    fit = Spline(n_basis, degree).fit(x, y, w**2)
    at = np.linspace(2.0, 5.0, 77)
    np.testing.assert_allclose(fit.predict(at[:, None]), reference(at), rtol=1e-9, atol=1e-9)
    inner = at[~np.isin(at, knots)]
    np.testing.assert_allclose(fit.derivative(inner[:, None], 0), reference.derivative()(inner), rtol=1e-7, atol=1e-8)


def test_small_sizes_are_the_constant_the_line_and_the_parabola():
    x, y = noisy()
    at = np.linspace(0.0, 7.0, 9)[:, None]
    np.testing.assert_allclose(Spline(1).fit(x, y).predict(at), y.mean())
    np.testing.assert_array_equal(Spline(1).fit(x, y).derivative(at, 0), 0.0)
    np.testing.assert_allclose(Spline(2).fit(x, y).predict(at), LinearRegression().fit(x, y).predict(at))
    inside = np.linspace(2.0, 5.0, 9)
    np.testing.assert_allclose(
        Spline(3).fit(x, y).predict(inside[:, None]), np.polyval(np.polyfit(x.ravel(), y, 2), inside), rtol=1e-9
    )


def test_continues_linearly_and_without_a_kink():
    x, y = noisy()
    fit = Spline(8).fit(x, y)
    for end, out in ((2.0, -1.0), (5.0, 1.0)):
        at = end + out * np.array([[0.0], [1e-9], [1.0], [2.0]])
        values, slopes = fit.predict(at), fit.derivative(at, 0)
        np.testing.assert_allclose(slopes, slopes[0], rtol=1e-12)
        np.testing.assert_allclose(values, values[0] + slopes[0] * (at.ravel() - end), rtol=1e-9)


@pytest.mark.parametrize("placement", ["uniform", "quantile"])
def test_columns_sum_to_one_and_slopes_agree(placement):
    values = np.random.default_rng(0).uniform(-1.0, 1.0, 30) ** 3
    knots = clamped_knots(values, 9, 3, placement)
    u = np.linspace(-1.7, 1.7, 50)
    np.testing.assert_allclose(spline_columns(u, knots, 3).sum(axis=1), 1.0, rtol=1e-12)
    step = 1e-6
    numeric = (spline_columns(u + step, knots, 3) - spline_columns(u - step, knots, 3)) / (2.0 * step)
    np.testing.assert_allclose(slope_columns(u, knots, 3) @ slope_differences(knots, 3), numeric, atol=1e-6)
    averages = np.array([knots[i + 1 : i + 4].mean() for i in range(9)])
    np.testing.assert_allclose(greville_gaps(knots, 3), np.diff(averages), rtol=1e-12)


def test_tensor_product_and_sum_of_splines():
    rng = np.random.default_rng(0)
    X = rng.uniform(0.0, 1.0, (300, 2))
    product = X[:, 0] ** 3 * (1.0 - X[:, 1]) ** 2
    fit = Spline(5).fit(X, product)
    assert (fit.count(2), fit.rank_) == (25, 25)
    np.testing.assert_allclose(fit.predict(X), product, atol=1e-10)
    np.testing.assert_allclose(fit.derivative(X, 1), -2.0 * X[:, 0] ** 3 * (1.0 - X[:, 1]), atol=1e-9)
    X = rng.uniform(0.0, 1.0, (300, 5))
    total = X[:, 0] ** 3 - X[:, 1] ** 2 + 2.0 * X[:, 4]
    fit = Spline(5).fit(X, total)
    assert (fit.count(5), fit.rank_) == (21, 21)
    np.testing.assert_allclose(fit.predict(X), total, atol=1e-10)
    np.testing.assert_allclose(fit.derivative(X, 1), -2.0 * X[:, 1], atol=1e-9)


SHAPES = [
    {"monotone": monotone, "convex": convex, "positive": positive}
    for monotone in (None, "increasing", "decreasing")
    for convex in (None, "convex", "concave")
    for positive in (False, True)
    if monotone or convex or positive
]


def check_shape(fit, shape, at, wrt=0):
    """Assert the signs on a dense grid, without any tolerance for the value and the slope."""
    slope = fit.derivative(at, wrt)
    if shape["monotone"]:
        assert (slope * (1 if shape["monotone"] == "increasing" else -1) >= 0.0).all()
    if shape["positive"]:
        assert (fit.predict(at) >= 0.0).all()
    if shape["convex"]:
        # the coefficients are certified in fractions; the evaluated slopes carry roundings of their own size
        turn = np.diff(slope) * (1 if shape["convex"] == "convex" else -1)
        assert (turn >= -1e-13 * np.abs(slope).max()).all()


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "-".join(str(word) for word in shape.values() if word))
@pytest.mark.parametrize("n_basis", [1, 2, 3, 6, 25])
def test_shape_holds_everywhere_on_adversarial_data(shape, n_basis):
    rng = np.random.default_rng(n_basis)
    x = np.r_[0.0, rng.uniform(0.0, 1.0, 18), 1.0]
    at = np.linspace(0.0, 1.0, 2001)[:, None]
    for y in (
        1e4 * (-1.0) ** np.arange(20),
        -5.0 - np.exp(6.0 * x),
        np.cos(9.0 * x) - 0.5,
        1e-8 * rng.standard_cauchy(20) + 1.0,
        np.zeros(20),
    ):
        for knots in ("uniform", "quantile"):
            fit = Spline(n_basis, **shape, knots=knots).fit(x[:, None], y)
            check_shape(fit, shape, at)
            assert fit._holds(fit._shape(), fit.coefficients_)


@given(
    seed=st.integers(0, 999),
    shape=st.sampled_from(SHAPES),
    n_basis=st.integers(1, 7),
    features=st.sampled_from([2, 3, 4]),
    axis=st.integers(0, 1),
)
def test_shape_holds_along_the_axis_of_several_features(seed, shape, n_basis, features, axis):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1.0, 1.0, (30, features))
    fit = Spline(min(n_basis, 4) if features == 3 else n_basis, **shape, axis=axis).fit(X, rng.standard_normal(30))
    for _ in range(3):
        at = np.tile(X[rng.integers(30)], (200, 1))
        at[:, axis] = np.linspace(X[:, axis].min(), X[:, axis].max(), 200)
        check_shape(fit, shape, at, axis)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "-".join(str(word) for word in shape.values() if word))
def test_the_constrained_fit_is_the_best_of_its_shape(shape):
    """Against the dual bound: no direction into the cone lowers the sum of squares (Karush, Kuhn, Tucker)."""
    x, y = noisy(4)
    w = np.random.default_rng(8).uniform(0.5, 2.0, len(y))
    fit = Spline(9, **shape).fit(x, y, w)
    columns = fit._columns(x)
    generators, free = fit._generators(fit._shape())
    gradient = generators.T @ (columns.T @ (w * (columns @ fit.coefficients_ - y)))
    scale = np.abs(generators.T) @ np.abs(columns.T @ (w * y))
    assert (np.abs(gradient[free]) <= 1e-9 * scale[free]).all()
    assert (gradient >= -1e-9 * scale).all()
    # and the fit is orthogonal to its own residual, so it is the projection on the cone
    assert abs((w * (columns @ fit.coefficients_ - y)) @ (columns @ fit.coefficients_)) < 1e-8 * (w * y**2).sum()


@pytest.mark.parametrize(
    ("shape", "rows"),
    [
        ({"monotone": "increasing"}, lambda c, g: np.diff(c)),
        ({"convex": "convex", "positive": True}, lambda c, g: np.r_[np.diff(np.diff(c) / g), c]),
        ({"convex": "concave", "positive": True}, lambda c, g: np.r_[-np.diff(np.diff(c) / g), c]),
        ({"monotone": "decreasing", "convex": "convex"}, lambda c, g: np.r_[np.diff(np.diff(c) / g), -np.diff(c)]),
    ],
)
def test_the_constrained_fit_equals_that_of_a_general_solver(shape, rows):
    from scipy.optimize import minimize

    x, y = noisy(2)
    fit = Spline(7, **shape).fit(x, y)
    columns, gaps = fit._columns(x), greville_gaps(fit.knots_[0], fit.degree_)
    solved = minimize(
        lambda c: ((columns @ c - y) ** 2).sum(),
        fit.coefficients_ + 0.1,
        jac=lambda c: 2.0 * columns.T @ (columns @ c - y),
        constraints={"type": "ineq", "fun": lambda c: rows(c, gaps)},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 1000},
    )
    np.testing.assert_allclose(fit.predict(x), columns @ solved.x, atol=1e-5)
    assert ((fit.predict(x) - y) ** 2).sum() <= solved.fun * (1.0 + 1e-9)


def test_a_constraint_that_does_not_bind_changes_nothing():
    x = np.linspace(0.0, 1.0, 40)[:, None]
    y = np.exp(2.0 * x.ravel()) + 0.01 * np.random.default_rng(0).standard_normal(40)
    shape = {"monotone": "increasing", "convex": "convex", "positive": True}
    free, bound = Spline(5).fit(x, y), Spline(5, **shape).fit(x, y)
    for one, other in zip(free.predict(x, return_std=True), bound.predict(x, return_std=True), strict=True):
        np.testing.assert_array_equal(one, other)


def test_active_constraints_lower_the_effective_parameters():
    x, y = noisy()
    fit = Spline(15, monotone="decreasing").fit(x, y)
    assert 1 <= fit.effective_parameters_ < Spline(15).fit(x, y).effective_parameters_ == 15
    std = fit.predict(x, return_std=True)[1]
    assert (std > 0).all()


@pytest.mark.parametrize("shape", [{}, {"monotone": "increasing"}, {"convex": "convex", "positive": True}])
def test_beyond_n(shape):
    x = np.linspace(0.0, 1.0, 12)[:, None]
    y = 300.0 + x.ravel() ** 2
    fit = Spline(40, **shape).fit(x, y)
    np.testing.assert_allclose(fit.predict(x), y, rtol=1e-9)
    assert fit.effective_parameters_ == 12
    if not shape:
        columns = fit._columns(x)
        least = y.mean() + np.linalg.lstsq(columns, y - y.mean())[0]
        np.testing.assert_allclose(fit.coefficients_, least, rtol=1e-9)


def test_sizes_start_at_one_parameter_and_touch_n():
    for n, p in ((12, 1), (849, 3), (50, 5)):
        counts = [Spline(size).count(p) for size in Spline().sizes(n, p)]
        every = [Spline(size).count(p) for size in range(1, 300)]
        assert counts[0] == 1
        assert max(c for c in every if c <= n) in counts
        assert min(c for c in every if c >= n) in counts


def test_label():
    assert Spline().label == "spline"
    assert Spline(monotone="increasing", convex="concave").label == "increasing, concave spline"


def test_bad_arguments():
    x, y = noisy()
    with pytest.raises(ArgumentError, match="n_basis must be a whole number of 1 and above, got 0"):
        Spline(0).fit(x, y)
    with pytest.raises(ArgumentError, match="degree must be a whole number"):
        Spline(degree=0).fit(x, y)
    with pytest.raises(ArgumentError, match="monotone must be None, 'increasing' or 'decreasing', got 'up'"):
        Spline(monotone="up").fit(x, y)
    with pytest.raises(ArgumentError, match="convex must be None"):
        Spline(convex=True).fit(x, y)
    with pytest.raises(ArgumentError, match="axis must be a feature number from 0 to 0, got 1"):
        Spline(axis=1).fit(x, y)
    with pytest.raises(ArgumentError, match="knots must be"):
        Spline(knots="random").fit(x, y)
