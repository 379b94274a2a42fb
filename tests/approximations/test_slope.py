"""Value and slope of every family: against central differences, and their covariance against what it stands for."""

from __future__ import annotations

import numpy as np
import pytest

from faradaic import laws
from faradaic.approximations import (
    Design,
    GaussianProcess,
    LawRegressor,
    Log,
    Network,
    Polynomial,
    RandomFeatures,
    Reciprocal,
    Slope,
    Spline,
    SquareRoot,
    Standardise,
    Value,
)
from faradaic.approximations._kernels import Covariance

rng = np.random.default_rng(11)
LOW, HIGH = np.array([280.0, 0.2]), np.array([360.0, 2.0])
X = LOW + (HIGH - LOW) * rng.random((40, 2))
Y = np.exp(-2000.0 / X[:, 0]) * 1e3 * (1.0 + X[:, 1] - 0.4 * X[:, 1] ** 2) * np.exp(0.03 * rng.standard_normal(40))
POINTS = LOW + (HIGH - LOW) * (0.02 + 0.96 * rng.random((100, 2)))


@laws.law(
    formula=r"y = A e^{-B/T} (1 + c\,s)",
    variables=[laws.Variable("T", "K"), laws.Variable("s")],
    parameters=[
        laws.Parameter("A", None, lower=0.0, start=1e3, log=True),
        laws.Parameter("B", "K", lower=0.0, upper=1e4, start=1500.0),
        laws.Parameter("c", None, start=0.1),
    ],
    linear=["A"],
)
def activated_line(T, s, A, B, c):
    import jax.numpy as jnp

    return A * jnp.exp(-B / T) * (1.0 + c * s)


FAMILIES = {
    "polynomial": Polynomial(degree=3),
    "spline": Spline(n_basis=5),
    "increasing spline": Spline(n_basis=5, monotone="increasing"),
    "random tanh features": RandomFeatures(width=15),
    "random cosine features": RandomFeatures(width=15, activation="cosine"),
    "random relu features": RandomFeatures(width=15, activation="relu"),
    "tanh network": Network(width=3),
    "deep softplus network": Network(width=2, depth=2, activation="softplus"),
    "gelu network": Network(width=2, activation="gelu"),
    "deep sine network": Network(width=2, depth=3, activation="sine"),
    "penalised network": Network(width=6, penalty=1e-4),
    "matern52": GaussianProcess(kernel="matern52"),
    "matern32": GaussianProcess(kernel="matern32"),
    "rbf": GaussianProcess(kernel="rbf"),
    "matern52 with held hyper-parameters": GaussianProcess(lengthscale=[90.0, 3.0], amplitude=4.0),
    "rbf with known facts": GaussianProcess(
        kernel="rbf", known=[Value(2.0, (300.0, 1.0)), Slope(0.1, (320.0, 1.5), 1)]
    ),
    "spline with known facts": Spline(n_basis=5, known=[Value(2.0, (300.0, 1.0)), Slope(0.1, (320.0, 1.5), 0)]),
    "rbf on centres": GaussianProcess(centres=12, kernel="rbf"),
    "law": LawRegressor(order=0, laws=[activated_line]),
    "law, relative residuals": LawRegressor(order=0, laws=[activated_line], residuals="log"),
    "design": Design(Polynomial(degree=2), x=(Reciprocal(), SquareRoot()), y=Log()),
    "design of a process": Design(GaussianProcess(), x=(Reciprocal(), Standardise()), y=SquareRoot()),
}


@pytest.fixture(scope="module", params=FAMILIES, ids=str)
def fitted(request):
    return FAMILIES[request.param].fit(X, Y)


def central(function, points, j, step):
    """Fourth-order central difference."""
    move = np.zeros(points.shape[1])
    move[j] = step
    near = function(points + move) - function(points - move)
    far = function(points + 2 * move) - function(points - 2 * move)
    return (8.0 * near - far) / (12.0 * step)


@pytest.mark.parametrize("j", [0, 1])
def test_slope_is_the_central_difference(fitted, j):
    slope = fitted.derivative(POINTS, j)
    # a ten-thousandth of the range: truncation h⁴ (h² across a knot) and rounding 1e-16/h both stay below 1e-8
    numeric = central(fitted.predict, POINTS, j, 1e-4 * (HIGH - LOW)[j])
    np.testing.assert_allclose(slope, numeric, rtol=1e-6, atol=1e-8 * np.abs(slope).max())


@pytest.mark.parametrize("j", [0, 1])
def test_value_and_slope_agree_with_predict_and_derivative(fitted, j):
    value, slope, covariance = fitted.value_and_slope(POINTS, j)
    mean, std = fitted.predict(POINTS, return_std=True)
    np.testing.assert_allclose(value, mean, rtol=1e-12)
    np.testing.assert_allclose(slope, fitted.derivative(POINTS, j), rtol=1e-12)
    np.testing.assert_allclose(np.sqrt(covariance[:, 0, 0]), std, rtol=1e-7)
    np.testing.assert_allclose(covariance[:, 0, 1], covariance[:, 1, 0], rtol=1e-9)
    assert (np.linalg.det(covariance) >= -1e-12 * covariance[:, 0, 0] * covariance[:, 1, 1]).all()


@pytest.mark.parametrize("name", [k for k in FAMILIES if k not in ("random relu features", "increasing spline")])
@pytest.mark.parametrize("j", [0, 1])
def test_covariance_is_the_slope_of_the_variance(name, j):
    """d var(f)/dx = 2 cov(f, df/dx): ties the mixed term to the spread of the value, which others test."""
    model = FAMILIES[name].fit(X, Y)
    covariance = model.value_and_slope(POINTS, j)[2]
    step = 1e-4 * (HIGH - LOW)[j]
    numeric = central(lambda Z: model.predict(Z, return_std=True)[1] ** 2, POINTS, j, step)
    scale = np.sqrt(covariance[:, 0, 0] * covariance[:, 1, 1])
    np.testing.assert_allclose(2.0 * covariance[:, 0, 1], numeric, rtol=1e-5, atol=1e-5 * scale.max())


@pytest.mark.parametrize("name", ["polynomial", "spline", "random tanh features", "random relu features"])
def test_linear_families_propagate_the_noise_of_the_responses(name):
    """The slope is a linear function of the responses: refits to unit responses give its exact variance."""
    noise = 0.02 * (1.0 + rng.random(len(Y)))
    rows, points = slice(0, 25), POINTS[:6]
    model = FAMILIES[name].fit(X[rows], Y[rows], noise_std=noise[rows])
    covariance = model.value_and_slope(points, 0)[2]
    weights = np.array(
        [
            np.stack([one.predict(points), one.derivative(points, 0)], axis=1)
            for one in (FAMILIES[name].fit(X[rows], unit, noise_std=noise[rows]) for unit in np.eye(25))
        ]
    )
    exact = np.einsum("iqa,iqb,i->qab", weights, weights, noise[rows] ** 2)
    np.testing.assert_allclose(covariance, exact, rtol=1e-6)


@pytest.mark.parametrize("kernel", ["rbf", "matern32", "matern52"])
@pytest.mark.parametrize("centres", [12, 1000])
def test_process_slope_is_the_limit_of_a_difference(kernel, centres):
    """Posterior variance of (f(x+h) − f(x−h))/2h, from the joint posterior of the two values, written out densely."""
    model = GaussianProcess(centres=centres, kernel=kernel).fit(X, Y)
    variance = model.value_and_slope(POINTS[:5], 1)[2][:, 1, 1] * (model.x_std_[1] / model.y_std_) ** 2
    cov = Covariance(kernel, model.amplitude_, model.lengthscale_)
    Z, step = model.centre_points_, 1e-3
    for point, got in zip((POINTS[:5] - model.x_mean_) / model.x_std_, variance, strict=True):
        both = point + step * np.array([[0.0, 1.0], [0.0, -1.0]])
        explained = np.linalg.solve(model.prior_root_, cov(Z, both))
        joint = cov(both, both) - explained.T @ explained
        if model.data_root_.size:
            kept = np.linalg.solve(model.data_root_, cov(Z, both))
            joint = joint + kept.T @ kept
        difference = np.array([0.5, -0.5]) / step
        # Matérn 3/2 has a second derivative that jumps at zero distance: its difference converges as h only
        np.testing.assert_allclose(got, difference @ joint @ difference, rtol=5e-3)


@pytest.mark.parametrize("kernel", ["rbf", "matern32", "matern52"])
def test_interval_of_a_process_slope_covers_draws_from_its_own_prior(kernel):
    prior, draw, inside = Covariance(kernel, 1.0, np.array([0.3])), np.random.default_rng(7), 0
    process = GaussianProcess(kernel=kernel, lengthscale=0.3, amplitude=1.0)
    for _ in range(250):
        x, at = draw.random((10, 1)), draw.random((1, 1))
        joint = np.empty((11, 11))
        joint[:10, :10], joint[10, 10] = prior(x, x), prior.slope_variance(0)
        joint[10, :10] = joint[:10, 10] = prior.derivative(at, x, 0)[0]
        values, vectors = np.linalg.eigh(joint)
        drawn = vectors @ (np.sqrt(np.maximum(values, 0.0)) * draw.standard_normal(11))
        fit = process.fit(x, drawn[:10] + 0.1 * draw.standard_normal(10), noise_std=0.1)
        _, slope, covariance = fit.value_and_slope(at, 0)
        inside += bool(abs(slope[0] - drawn[10]) <= 1.959964 * np.sqrt(covariance[0, 1, 1]))
    assert abs(inside / 250 - 0.95) < 0.042  # three standard errors of the count


@pytest.mark.parametrize("name", ["law", "tanh network", "deep softplus network", "gelu network", "deep sine network"])
def test_slope_spread_is_the_delta_method(name):
    model = FAMILIES[name].fit(X, Y)
    root = model.spread_ if name == "law" else model.covariance_root_
    variance = model.value_and_slope(POINTS, 0)[2][:, 1, 1]
    moved = np.zeros(len(POINTS))
    theta = model.theta_.copy()
    for column in root.T:
        step = 1e-3 if name == "law" else 1e-4 / max(np.abs(column).max(), 1e-12)
        ends = []
        for sign in (1.0, -1.0):
            model.theta_ = theta + sign * step * column
            ends.append(model.derivative(POINTS, 0))
        moved += ((ends[0] - ends[1]) / (2.0 * step)) ** 2
    model.theta_ = theta
    np.testing.assert_allclose(variance, moved, rtol=1e-4)


def test_where_nothing_is_left_to_tell_the_spread_the_covariance_is_nan():
    for model in (Polynomial(degree=3), LawRegressor(order=0, laws=[activated_line]), Network(width=4)):
        rows = 3 if isinstance(model, LawRegressor) else 8
        value, slope, covariance = model.fit(X[:rows], Y[:rows]).value_and_slope(POINTS[:2], 0)
        assert np.isfinite(value).all()
        assert np.isfinite(slope).all()
        assert np.isnan(covariance).all()


@pytest.mark.parametrize("name", ["polynomial", "tanh network", "rbf", "law", "design"])
def test_a_model_that_forgot_its_spread_still_has_its_slope(name):
    model = FAMILIES[name].fit(X, Y)
    before = model.value_and_slope(POINTS, 0)
    model.forget_spread()
    after = model.value_and_slope(POINTS, 0)
    np.testing.assert_array_equal(after[0], before[0])
    np.testing.assert_array_equal(after[1], before[1])
    assert np.isnan(after[2]).all()


def test_a_column_that_no_law_uses_has_no_slope_and_no_spread():
    model = LawRegressor(order=0, laws=[laws.arrhenius], inputs=["T", None]).fit(X, Y)
    _, slope, covariance = model.value_and_slope(POINTS, 1)
    assert not slope.any()
    assert not covariance[:, 1].any()
    assert (covariance[:, 0, 0] > 0).all()


def test_a_straight_line_has_the_textbook_slope_error():
    x = np.linspace(0.0, 4.0, 9)
    y = 1.0 + 2.0 * x + 0.1 * rng.standard_normal(9)
    exact = np.sqrt(np.linalg.inv(np.array([[9.0, x.sum()], [x.sum(), x @ x]]))[1, 1])
    centred = np.polyfit(x, y, 1)
    s = np.sqrt(((np.polyval(centred, x) - y) ** 2).sum() / 7.0)
    for model in (Polynomial(degree=1), Spline(n_basis=2), LawRegressor(order=1), Network(width=0)):
        _, slope, covariance = model.fit(x[:, None], y).value_and_slope([[1.0], [30.0]], 0)
        if isinstance(model, Network):
            assert not slope.any()
            continue
        np.testing.assert_allclose(slope, centred[0], rtol=1e-9)
        np.testing.assert_allclose(np.sqrt(covariance[:, 1, 1]), s * exact, rtol=1e-9)
