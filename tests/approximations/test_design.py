from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from faradaic._core import ArgumentError, InputError
from faradaic.approximations import (
    Design,
    GaussianProcess,
    Identity,
    Log,
    Polynomial,
    RandomFeatures,
    Reciprocal,
    Slope,
    Spline,
    SquareRoot,
    Standardise,
    Symmetric,
    Value,
)
from faradaic.approximations._known import told


def table(n=40, seed=0):
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.uniform(270.0, 340.0, n), rng.uniform(0.2, 2.0, n), rng.uniform(0.1, 1.0, n)])
    y = np.exp(5.0 - 1500.0 / X[:, 0] - X[:, 1]) * (1.0 + 0.5 * X[:, 2])
    return X, y


def test_arrhenius_law_is_found_exactly():
    T = np.linspace(280.0, 340.0, 7)[:, None]
    k = 5e3 * np.exp(-2000.0 / T.ravel())
    fit = Design(Polynomial(degree=1), x=(Reciprocal(),), y=Log()).fit(T, k)
    np.testing.assert_allclose(fit.predict([[250.0]]), 5e3 * np.exp(-8.0), rtol=1e-10)
    np.testing.assert_allclose(fit.derivative(T, 0), k * 2000.0 / T.ravel() ** 2, rtol=1e-9)
    assert fit.effective_parameters_ == 2.0


transforms = st.sampled_from([None, Identity(), Reciprocal(), Log(), SquareRoot(), Standardise()])
families = st.sampled_from([Polynomial(degree=3), Spline(n_basis=3), RandomFeatures(width=12)])


@given(family=families, x=st.tuples(transforms, transforms, transforms), y=transforms, wrt=st.integers(0, 2))
def test_chain_rule_against_central_differences(family, x, y, wrt):
    X, response = table()
    fit = Design(family, x=x, y=y).fit(X, response)
    at = X[:9] * 1.001
    step = 1e-5 * at[:, wrt].mean()
    shift = step * (np.arange(3) == wrt)
    numeric = (fit.predict(at + shift) - fit.predict(at - shift)) / (2.0 * step)
    scale = np.abs(numeric).max()
    np.testing.assert_allclose(fit.derivative(at, wrt), numeric, rtol=1e-5, atol=1e-6 * scale)


def test_identity_design_is_the_family_itself():
    X, y = table()
    np.testing.assert_array_equal(Design(Spline(3)).fit(X, y).predict(X), Spline(3).fit(X, y).predict(X))


def test_known_noise_and_spread_go_through_the_response_by_the_delta_method():
    X, y = table()
    noise = 0.03 * y * np.linspace(0.5, 2.0, len(y))
    weight = np.linspace(1.0, 3.0, len(y))
    fit = Design(Polynomial(degree=2), y=Log()).fit(X, y, weight, noise_std=noise)
    inner = Polynomial(degree=2).fit(X, np.log(y), weight, noise_std=noise / y)
    mean, std = fit.predict(X, return_std=True)
    z, z_std = inner.predict(X, return_std=True)
    np.testing.assert_allclose(mean, np.exp(z))
    np.testing.assert_allclose(std, np.exp(z) * z_std)
    exact = Design(Polynomial(degree=2), y=Log()).fit(X, y, noise_std=0.0)
    np.testing.assert_allclose(exact.predict(X), Design(Polynomial(degree=2), y=Log()).fit(X, y).predict(X))


def test_the_design_follows_the_size_axis_of_its_family():
    design = Design(Polynomial(degree=1), x=Reciprocal(), y=Log())
    assert (design.size_name, design.size, design.beyond_n, design.count(3)) == ("degree", 1, True, 4)
    assert design.sizes(50, 3) == Polynomial().sizes(50, 3)
    grown = design.at_size(4)
    assert (grown.size, grown.approximation.degree, design.size) == (4, 4, 1)
    assert grown.y == Log()


def test_clone_and_parameters():
    design = Design(Spline(n_basis=5, monotone="increasing"), x=(Reciprocal(), None), y=Log())
    copy = clone(design).set_params(approximation__n_basis=9)
    assert copy.get_params(deep=True)["approximation__n_basis"] == 9
    assert copy.x == design.x
    assert design.approximation.n_basis == 5


def test_description_in_words():
    design = Design(Polynomial(degree=3), x=(Reciprocal(), None, SquareRoot()), y=Log())
    assert design.describe(["T", "c", "r"], "k") == "polynomial of ln k in 1/T, c, √r"
    assert design.label == "polynomial of ln y in 1/x1, x2, √x3"
    assert Design(Spline(monotone="increasing", positive=True)).label == "increasing, positive spline of y in x"
    assert (
        Design(RandomFeatures(), y=Log()).describe(["E vs Li"], "i [A]")
        == "random tanh features of ln (i [A]) in E vs Li"
    )


def test_bad_values_are_named_with_column_row_and_what_to_do():
    X, y = table()
    y[4] = -0.5
    with pytest.raises(
        InputError, match=r"the response holds -0\.5 in row 5 .* positive values only; correct the value"
    ):
        Design(Polynomial(), y=Log()).fit(X, y)
    frame = pd.DataFrame(X, columns=["T", "c", "r"])
    frame.loc[7, "c"] = 0.0
    with pytest.raises(InputError, match="the column 'c' holds 0 in row 8"):
        Design(Polynomial(), x=(None, Log(), None)).fit(frame, np.abs(y))
    fit = Design(Polynomial(), x=Log()).fit(X, np.abs(y))
    with pytest.raises(InputError, match="input 2 holds -1 in row 1"):
        fit.predict([[300.0, -1.0, 0.5]])
    with pytest.raises(InputError, match="known noise of the response 0 in row 1"):
        Design(Polynomial(), y=SquareRoot()).fit(X, np.r_[0.0, np.abs(y[1:])], noise_std=0.1)


def test_bad_arguments():
    X, y = table()
    with pytest.raises(ArgumentError, match="x holds 2 transforms and the data have 3 inputs"):
        Design(Polynomial(), x=(Log(), Log())).fit(X, y)
    with pytest.raises(ArgumentError, match="x must hold transforms such as"):
        Design(Polynomial(), x=("log", None, None)).fit(X, y)
    with pytest.raises(ArgumentError, match="y must be a transform"):
        Design(Polynomial(), y="log").fit(X, y)
    with pytest.raises(ArgumentError, match="approximation must be an Approximation"):
        Design("polynomial").fit(X, y)


@pytest.mark.parametrize("around", [lambda one: one, lambda one: Symmetric(one, about=0.003)])
def test_a_design_is_held_with_what_is_known_in_the_users_coordinates(around):
    x = np.linspace(270.0, 370.0, 15)[:, None]
    y = np.exp(2.0 - (1000.0 / x.ravel() - 3.0) ** 2) * (1.0 + 0.01 * np.random.default_rng(0).normal(size=15))
    known = (Value(5.0, at=250.0), Slope(0.05, at=250.0))
    first = Design(around(GaussianProcess(known=known)), x=Reciprocal(), y=Log()).fit(x, y)
    held = first.held()
    assert told(held)[1] == known
    again = held.fit(x, y)
    np.testing.assert_allclose(again.predict([[250.0]]), 5.0, rtol=1e-6)
    np.testing.assert_allclose(again.predict(x), first.predict(x), rtol=1e-4)
    inner, before = again.approximation_, first.approximation_
    while hasattr(inner, "approximation_"):
        inner, before = inner.approximation_, before.approximation_
    np.testing.assert_allclose(inner.lengthscale_, before.lengthscale_, rtol=1e-12)
