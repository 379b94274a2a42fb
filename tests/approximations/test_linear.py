from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from faradaic._core import FitError
from faradaic.approximations import Polynomial, RandomFeatures
from faradaic.approximations._linear import least_squares


@pytest.mark.parametrize(
    ("n", "k", "rank"), [(30, 7, 7), (30, 12, 5), (30, 30, 30), (20, 80, 20), (20, 80, 6), (5, 4, 1)]
)
def test_least_norm_solution_equals_lstsq(n, k, rank):
    rng = np.random.default_rng(n + k)
    A = rng.standard_normal((n, rank)) @ rng.standard_normal((rank, k))
    y, w = rng.standard_normal(n), rng.uniform(0.3, 3.0, n)
    fit = least_squares(A, y, w)
    expected, _, expected_rank, _ = np.linalg.lstsq(A * w[:, None], y * w, rcond=None)
    assert fit.rank == expected_rank == rank
    np.testing.assert_allclose(fit.coefficients, expected, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(
        fit.root @ fit.root.T, np.linalg.pinv((A * w[:, None]).T @ (A * w[:, None]), rcond=1e-12), rtol=1e-6, atol=1e-8
    )
    np.testing.assert_allclose(fit.squares, ((A @ expected - y) ** 2 * w**2).sum(), atol=1e-12)


def test_zero_columns_have_rank_zero():
    fit = least_squares(np.zeros((4, 3)), np.ones(4), np.ones(4))
    assert fit.rank == 0
    assert not fit.coefficients.any()


def test_columns_that_overflow_are_a_failed_fit():
    with pytest.raises(FitError, match="not finite"):
        least_squares(np.array([[np.inf]]), np.ones(1), np.ones(1))


def test_weights_equal_those_of_scikit_learn():
    rng = np.random.default_rng(1)
    X, y, w = rng.standard_normal((25, 4)), rng.standard_normal(25), rng.uniform(0.1, 5.0, 25)
    reference = LinearRegression().fit(X, y, w)
    fit = Polynomial(degree=1).fit(X, y, w)
    np.testing.assert_allclose(fit.predict(X), reference.predict(X), rtol=1e-10)
    for j in range(4):
        np.testing.assert_allclose(fit.derivative(X, j), reference.coef_[j], rtol=1e-9)


def z_scores(known, n=15, draws=400):
    """Return (prediction - truth)/std at one point for many noisy data sets of one line."""
    rng = np.random.default_rng(5)
    x, at = np.linspace(0.0, 1.0, n)[:, None], np.array([[0.8]])
    sigma = np.linspace(0.1, 0.4, n) if known else np.full(n, 0.2)
    scores = []
    for _ in range(draws):
        y = 2.0 + 3.0 * x.ravel() + sigma * rng.standard_normal(n)
        mean, std = Polynomial(degree=1).fit(x, y, noise_std=sigma if known else None).predict(at, return_std=True)
        scores.append((mean[0] - 4.4) / std[0])
    return np.array(scores)


@pytest.mark.parametrize("known", [True, False])
def test_predicted_spread_covers_the_truth(known):
    scores = z_scores(known)
    # 400 draws: the mean has a standard error of 0.05, the standard deviation one of 0.035;
    # with 13 degrees of freedom for unknown noise the scores follow Student's t, whose std is sqrt(13/11) = 1.09
    expected = 1.0 if known else np.sqrt(13.0 / 11.0)
    assert abs(scores.mean()) < 0.15
    assert abs(scores.std() - expected) < 0.15


@pytest.mark.parametrize("degree", [2, 14])
def test_spread_is_that_of_repeated_noise_below_and_beyond_n(degree):
    """The spread of a linear smoother is known in closed form: the rows of the smoother matrix."""
    n, sigma = 9, np.linspace(0.5, 1.5, 9)
    x, at = np.linspace(-1.0, 1.0, n)[:, None], np.array([[-1.05], [0.13], [0.9]])
    smoother = np.column_stack([Polynomial(degree).fit(x, e, noise_std=sigma).predict(at) for e in np.eye(n)])
    std = Polynomial(degree).fit(x, np.zeros(n), noise_std=sigma).predict(at, return_std=True)[1]
    np.testing.assert_allclose(std, np.sqrt(((smoother * sigma) ** 2).sum(axis=1)), rtol=1e-9)


@pytest.mark.parametrize("noise_std", [None, 0.0])
def test_no_degree_of_freedom_leaves_the_spread_unknown(noise_std):
    x = np.linspace(0.0, 1.0, 6)[:, None]
    fit = Polynomial(degree=5).fit(x, np.cos(x.ravel()), noise_std=noise_std)
    assert np.isnan(fit.predict(x, return_std=True)[1]).all()
    assert (
        Polynomial(degree=2).fit(x, np.cos(x.ravel()), noise_std=noise_std).predict(x, return_std=True)[1] > 0
    ).all()


@pytest.mark.parametrize("family", [Polynomial(degree=30), RandomFeatures(width=60)])
def test_a_shift_of_the_response_shifts_the_trend_beyond_n(family):
    rng = np.random.default_rng(2)
    X, y = rng.uniform(-1.0, 1.0, (12, 1)), rng.standard_normal(12)
    at = rng.uniform(-1.0, 1.0, (20, 1))
    shifted = family.fit(X, y + 1000.0).predict(at)
    np.testing.assert_allclose(shifted, family.fit(X, y).predict(at) + 1000.0, rtol=1e-9)
