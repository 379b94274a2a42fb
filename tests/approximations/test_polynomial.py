from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial import Legendre

from faradaic._core import ArgumentError
from faradaic.approximations import Polynomial
from faradaic.approximations._polynomial import total_degree_exponents


@given(degree=st.integers(0, 8), seed=st.integers(0, 99))
def test_one_feature_equals_numpy(degree, seed):
    rng = np.random.default_rng(seed)
    x, w = rng.uniform(-3.0, 7.0, 25), rng.uniform(0.5, 2.0, 25)
    y = rng.standard_normal(25)
    fit = Polynomial(degree).fit(x[:, None], y, w**2)
    reference = Legendre.fit(x, y, degree, w=w)
    at = np.linspace(-4.0, 8.0, 30)
    np.testing.assert_allclose(fit.predict(at[:, None]), reference(at), rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(fit.derivative(at[:, None], 0), reference.deriv()(at), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize(("p", "degree"), [(1, 7), (2, 5), (3, 4), (6, 2)])
def test_exponents_are_all_of_total_degree(p, degree):
    exponents = total_degree_exponents(p, degree)
    assert len(exponents) == Polynomial(degree).count(p) == comb(p + degree, p)
    assert len(np.unique(exponents, axis=0)) == len(exponents)
    assert (np.diff(exponents.sum(axis=1)) >= 0).all()
    assert exponents.sum(axis=1).max() == degree


def test_a_polynomial_of_several_features_is_found():
    rng = np.random.default_rng(0)
    X = rng.uniform(1.0, 4.0, (60, 3))
    truth = lambda X: 1.0 + X[:, 0] ** 2 * X[:, 1] - 3.0 * X[:, 2] ** 3 + X[:, 0] * X[:, 1] * X[:, 2]  # noqa: E731
    fit = Polynomial(degree=3).fit(X, truth(X))
    at = rng.uniform(0.0, 5.0, (20, 3))
    np.testing.assert_allclose(fit.predict(at), truth(at), rtol=1e-8)
    np.testing.assert_allclose(fit.derivative(at, 1), at[:, 0] ** 2 + at[:, 0] * at[:, 2], rtol=1e-7)


def test_well_conditioned_at_degree_120():
    x = np.cos(np.pi * (np.arange(600) + 0.5) / 600)  # Chebyshev points
    truth = np.cos(60.0 * x)
    fit = Polynomial(degree=120).fit(x[:, None], truth)
    columns = fit._columns(x[:, None])
    assert np.linalg.cond(columns) < 20.0
    np.testing.assert_allclose(fit.predict(x[:, None]), truth, atol=1e-10)
    np.testing.assert_allclose(fit.derivative(x[:, None], 0), -60.0 * np.sin(60.0 * x), atol=1e-6)


def test_beyond_n_interpolates_with_the_least_norm():
    x = np.linspace(-1.0, 1.0, 9)[:, None]
    y = np.abs(x.ravel())
    fit = Polynomial(degree=40).fit(x, y)
    columns = fit._columns(x)
    np.testing.assert_allclose(fit.predict(x), y, atol=1e-12)
    np.testing.assert_allclose(fit.coefficients_, np.linalg.pinv(columns) @ (y - y.mean()), atol=1e-10)
    assert fit.effective_parameters_ == 9.0


def test_a_constant_feature_adds_no_rank():
    X = np.column_stack([np.linspace(0.0, 1.0, 20), np.full(20, 0.1)])
    assert Polynomial(degree=2).fit(X, X[:, 0]).rank_ == 3


def test_sizes_touch_n_from_both_sides():
    for n, p in ((12, 1), (50, 3), (849, 3)):
        counts = [Polynomial(d).count(p) for d in Polynomial().sizes(n, p)]
        every = [comb(p + d, p) for d in range(200)]
        assert max(c for c in every if c <= n) in counts
        assert min(c for c in every if c >= n) in counts


@pytest.mark.parametrize("degree", [-1, 1.5, "2"])
def test_bad_degree(degree):
    with pytest.raises(ArgumentError, match="degree must be a whole number"):
        Polynomial(degree).fit([[1.0], [2.0]], [1.0, 2.0])


def test_too_many_parameters_are_refused():
    with pytest.raises(ArgumentError, match="degree 30 in 10 inputs has 847,660,528 parameters"):
        Polynomial(30).fit(np.ones((2, 10)), [1.0, 2.0])
