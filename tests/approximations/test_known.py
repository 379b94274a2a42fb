from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.base import clone

from faradaic._core import ArgumentError, FitError
from faradaic.approximations import (
    Design,
    Identity,
    Log,
    Polynomial,
    RandomFeatures,
    Reciprocal,
    Slope,
    Spline,
    SquareRoot,
    Standardise,
    Value,
)
from faradaic.approximations._equalities import Equations
from faradaic.approximations._known import carried
from faradaic.approximations._spline_known import independent


def noisy(seed=0, n=30, p=1):
    rng = np.random.default_rng(seed)
    X = rng.uniform(0.5, 2.5, (n, p))
    return X, np.cos(2.0 * X[:, 0]) * (1.0 + X.sum(axis=1)) + 0.2 * rng.standard_normal(n)


ZERO, STEEP = Value(0.0, at=0.0), Slope(1.0, at=1.0)


@pytest.mark.parametrize(
    "family",
    [
        Polynomial(3, known=ZERO),
        Polynomial(14, known=(ZERO, STEEP)),
        RandomFeatures(40, known=ZERO),
        Spline(5, known=(ZERO, STEEP)),
        Spline(15, known=ZERO),
    ],
    ids=lambda family: f"{family.label} {family.size}",
)
def test_the_spread_is_the_noise_carried_through_below_and_beyond_n(family):
    x, noise = np.linspace(0.0, 1.0, 8)[:, None], np.linspace(0.1, 0.3, 8)
    y, at = np.sin(3.0 * x[:, 0]), np.linspace(-0.2, 1.2, 7)[:, None]

    def fitted(response):
        return clone(family).fit(x, response, noise_std=noise)

    trend = fitted(y)
    moved = [fitted(y + one) for one in np.eye(8)]
    # linear in the response: each row's noise moves value and slope by what a unit of it does
    J = np.array([[m.predict(at) - trend.predict(at), m.derivative(at, 0) - trend.derivative(at, 0)] for m in moved])
    root = np.transpose(J * noise[:, None, None], (2, 1, 0))
    size = (root**2).max()
    np.testing.assert_allclose(trend.covariance(at, at), root[:, 0] @ root[:, 0].T, atol=1e-9 * size)
    np.testing.assert_allclose(trend.predict(at, return_std=True)[1], np.linalg.norm(root[:, 0], axis=1), atol=1e-9)
    np.testing.assert_allclose(trend.value_and_slope(at, 0)[2], root @ root.transpose(0, 2, 1), atol=1e-9 * size)


# what is known -------------------------------------------------------------------------------------------------------


def test_records_are_checked_and_normalised():
    assert Value(1, at=2) == Value(1, at=(2.0,))
    assert Slope(0.0, at=np.array([1.0, 2.0]), wrt=1).at == (1.0, 2.0)
    for wrong in ("zero", np.nan, np.inf, None):
        with pytest.raises(ArgumentError, match="finite number"):
            Value(wrong, at=0.0)
    for wrong in ("a", np.nan, (None,), ()):
        with pytest.raises(ArgumentError, match="at must hold one number"):
            Value(0.0, at=wrong)
    with pytest.raises(ArgumentError, match="wrt must be an input number from 0 to 0, got 1"):
        Slope(0.0, at=0.0, wrt=1)
    with pytest.raises(ArgumentError, match="std must be"):
        Value(0.0, at=0.0, std=-1.0)


@pytest.mark.parametrize("family", [Spline(4), Polynomial(3), RandomFeatures(9)])
def test_what_a_family_cannot_hold_is_refused(family):
    X, y = noisy()
    for known, words in (
        (3.0, r"known must hold Value\(...\) and Slope\(...\), got 3.0"),
        (Value(0.0, at=(0.0, 1.0)), "2 coordinates and the data have 1 input"),
        (Value(0.0, at=np.inf), "limit at infinity"),
        (Value(0.0, at=0.0, std=0.1), "use GaussianProcess"),
    ):
        with pytest.raises(ArgumentError, match=words):
            family.set_params(known=known).fit(X, y)
    X, y = noisy(p=5)
    with pytest.raises(ArgumentError, match="along a face"):
        family.set_params(known=Value(0.0, at=(0.0, None, 0.0, 0.0, 0.0))).fit(X, y)


# transforms ----------------------------------------------------------------------------------------------------------


@given(
    x=st.floats(0.2, 5.0),
    y=st.floats(0.2, 5.0),
    slope=st.floats(-3.0, 3.0),
    inner=st.sampled_from([Identity(), Log(), Reciprocal(), SquareRoot(), Standardise(1.0, 2.0)]),
    outer=st.sampled_from([Identity(), Log(), Reciprocal(), SquareRoot(), Standardise(1.0, 2.0)]),
)
def test_facts_go_through_transforms_as_functions_do(x, y, slope, inner, outer):
    value, tangent = carried((Value(y, at=x), Slope(slope, at=x)), [inner], outer)
    assert value.at == tangent.at == (float(inner.forward(x)),)
    assert value.value == float(outer.forward(y))
    h = 1e-6 * x
    line = [float(outer.forward(y + slope * d)) for d in (-h, h)]
    numeric = (line[1] - line[0]) / float(inner.forward(x + h) - inner.forward(x - h))
    assert tangent.value == pytest.approx(numeric, rel=1e-5, abs=1e-8)


def test_what_has_no_counterpart_is_refused():
    for known, x, y, words in (
        (Value(0.0, at=1.0), Identity(), Log(), "has no finite ln y"),
        (Value(1.0, at=0.0), Log(), Identity(), "lies where ln x is not finite"),
        (Value(1.0, at=0.0), Reciprocal(), Identity(), "lies where 1/x is not finite"),
        (Slope(1.0, at=1.0), Identity(), Log(), "only where the value is known too"),
        (Slope(1.0, at=np.inf), Reciprocal(), Identity(), "no finite counterpart"),
    ):
        with pytest.raises(ArgumentError, match=words):
            carried(known, [x], y)
    # a slope of zero is one in any coordinate of the response, and an infinite one in √x is none
    assert carried(Slope(0.0, at=2.0), [Identity()], Log())[0].value == 0.0
    assert carried(Slope(3.0, at=0.0), [SquareRoot()], Identity())[0].value == 0.0


@pytest.mark.parametrize("family", [Spline(6), Polynomial(4), RandomFeatures(12)])
def test_a_design_keeps_what_is_known_in_the_users_coordinates(family):
    T = np.linspace(280.0, 340.0, 15)[:, None]
    D = 1e-9 * np.exp(-3000.0 * (1.0 / T.ravel() - 1.0 / 300.0))
    D = D * np.exp(0.2 * np.random.default_rng(0).standard_normal(15))
    known = (Value(2e-9, at=310.0), Slope(3e-11, at=310.0))
    fit = Design(family.set_params(known=known), x=Reciprocal(), y=Log()).fit(T, D)
    assert fit.predict([[310.0]])[0] == pytest.approx(2e-9, rel=1e-9)
    assert fit.derivative([[310.0]], 0)[0] == pytest.approx(3e-11, rel=1e-7)
    assert fit.approximation.known == known
    limit = Value(1e-3, at=np.inf)
    arrhenius = Design(Polynomial(1, known=limit), x=Reciprocal(), y=Log()).fit(T, D)
    assert arrhenius.predict([[1e12]])[0] == pytest.approx(1e-3, rel=1e-6)
    assert arrhenius.effective_parameters_ == 1


# linear families -----------------------------------------------------------------------------------------------------

POINTS = [
    Value(1.5, at=0.0),
    Value(-2.0, at=1.3),
    Slope(0.0, at=0.0),
    (Value(0.0, at=0.0), Slope(1.0, at=0.0)),
    (Value(0.0, at=0.0), Value(3.0, at=1.5), Slope(-4.0, at=3.0)),
]


@pytest.mark.parametrize("known", POINTS, ids=str)
@pytest.mark.parametrize("family", [Spline(9), Spline(60), Polynomial(7), Polynomial(50), RandomFeatures(20)])
def test_known_points_hold(family, known):
    X, y = noisy()
    fit = family.set_params(known=known).fit(X, y)
    facts = (known,) if not isinstance(known, tuple) else known
    for fact in facts:
        at = np.array([fact.at])
        found = fit.predict(at) if isinstance(fact, Value) else fit.derivative(at, fact.wrt)
        columns = fit._columns(at) if isinstance(fact, Value) else fit._slope_columns(at, fact.wrt)
        # random features add and subtract numbers of 1e10 and more
        assert found[0] == pytest.approx(fact.value, abs=1e-13 + 1e-15 * np.abs(columns * fit.coefficients_).sum())
    assert fit.effective_parameters_ <= fit.count(1)
    assert fit.count(1) == type(fit)(fit.size).count(1) - len(facts)


@pytest.mark.parametrize("family", [Spline(7), Polynomial(5)])
def test_least_squares_under_what_is_known_has_the_textbook_solution_and_covariance(family):
    """Against the bordered normal equations (Karush, Kuhn, Tucker)."""
    X, y = noisy(3)
    w = np.random.default_rng(1).uniform(0.5, 2.0, len(y))
    fit = family.set_params(known=(Value(1.0, at=0.0), Slope(-1.0, at=2.0))).fit(X, y, w)
    columns, k = fit._columns(X), len(fit.coefficients_)
    A = np.vstack([fit._columns(np.array([[0.0]])), fit._slope_columns(np.array([[2.0]]), 0)])
    border = np.block([[columns.T @ (w[:, None] * columns), A.T], [A, np.zeros((2, 2))]])
    solution = np.linalg.solve(border, np.r_[columns.T @ (w * (y - fit.offset_)), 1.0 - fit.offset_, -1.0])[:k]
    np.testing.assert_allclose(fit.coefficients_, solution, rtol=1e-7, atol=1e-9)
    covariance = np.linalg.inv(border)[:k, :k]
    squares = (w * (y - fit.predict(X)) ** 2).sum()
    at = np.linspace(0.0, 3.0, 9)[:, None]
    variance = np.einsum("ij,jk,ik->i", fit._columns(at), covariance, fit._columns(at)) * squares / (len(y) - k + 2)
    np.testing.assert_allclose(fit.predict(at, return_std=True)[1] ** 2, variance, rtol=1e-6, atol=1e-12)
    assert fit.freedom_ == len(y) - k + 2


def test_more_known_than_there_are_functions():
    X, y = noisy()
    two = (Value(0.0, at=0.0), Value(1.0, at=1.0))
    assert Polynomial(1, known=two).fit(X, y).predict([[0.5]])[0] == pytest.approx(0.5)
    for family in (Spline(1, known=two), Polynomial(0, known=two)):
        with pytest.raises(FitError, match="satisfies all that is known"):
            family.fit(X, y)
        assert family.count(1) == 0
        assert family.at_size(family.sizes(20, 1)[0]).count(1) == 1


# splines along faces and with shapes ---------------------------------------------------------------------------------


def test_faces_of_a_tensor_product():
    X, y = noisy(p=2, n=200)
    known = (Value(0.0, at=(0.0, None)), Slope(0.5, at=(None, 2.0), wrt=0), Value(0.0, at=(None, 0.0)))
    known = (known[0], known[2], Slope(0.0, at=(1.0, None), wrt=0))
    fit = Spline(6, known=known).fit(X, y)
    other = np.linspace(-0.5, 3.0, 50)
    np.testing.assert_allclose(fit.predict(np.column_stack([0.0 * other, other])), 0.0, atol=1e-12)
    np.testing.assert_allclose(fit.predict(np.column_stack([other, 0.0 * other])), 0.0, atol=1e-12)
    np.testing.assert_allclose(fit.derivative(np.column_stack([0.0 * other + 1.0, other]), 0), 0.0, atol=1e-11)
    assert fit.count(2) == 36 - 6 - 5 - 5
    assert fit.rank_ == fit.count(2)


@pytest.mark.parametrize("m", [4, 5, 7])
def test_the_number_of_facts_is_the_rank_of_their_equations(m):
    X = np.random.default_rng(0).uniform(0.0, 1.0, (40, 2))
    for known in (
        (Value(0.0, at=(0.0, None)), Value(0.0, at=(None, 0.0))),
        (Value(0.0, at=(0.0, None)), Value(0.0, at=(0.0, 0.5)), Slope(0.0, at=(0.5, 0.5), wrt=1)),
        (Slope(0.0, at=(None, 1.0), wrt=0), Value(0.0, at=(1.0, 1.0))),
    ):
        spline = Spline(m, known=known)
        fit = spline.fit(X, X.sum(axis=1))
        equations = fit._equations(2, 0.0)
        assert np.linalg.matrix_rank(equations.matrix, tol=1e-9) == independent(known, m)


SHAPED = [
    ({"monotone": "increasing"}, Value(-1.0, at=0.0)),
    ({"monotone": "increasing", "convex": "concave"}, Value(0.0, at=0.0)),
    ({"monotone": "decreasing", "convex": "convex"}, (Value(1.0, at=0.5), Slope(-0.2, at=3.0))),
    ({"convex": "convex"}, Slope(0.0, at=1.0)),
    ({"positive": True}, (Value(0.0, at=0.0), Value(0.0, at=3.0))),
    ({"monotone": "increasing", "positive": True}, Value(0.0, at=0.0)),
    ({"convex": "convex", "positive": True}, Value(0.0, at=1.7)),
]


@pytest.mark.parametrize(("shape", "known"), SHAPED, ids=str)
@pytest.mark.parametrize("n_basis", [5, 8, 40])
def test_shape_and_facts_hold_together_and_nothing_better_does(shape, known, n_basis):
    X, y = noisy(5)
    y = y * (1.0 if shape.get("convex") != "convex" else -1.0)
    fit = Spline(n_basis, **shape, known=known).fit(X, y)
    assert fit._holds(fit._shape(), fit.coefficients_)
    equations = fit._equations(1, 0.0)
    np.testing.assert_allclose(equations.matrix @ fit.coefficients_, equations.right, atol=1e-11)
    if n_basis > 8:
        return
    above, columns = fit._inequalities(fit._shape()), fit._columns(X)
    solved = minimize(
        lambda c: ((columns @ c - y) ** 2).sum(),
        fit.coefficients_ + 0.01,
        jac=lambda c: 2.0 * columns.T @ (columns @ c - y),
        constraints=[
            {"type": "ineq", "fun": lambda c: above @ c},
            {"type": "eq", "fun": lambda c: equations.matrix @ c - equations.right},
        ],
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 1000},
    )
    assert ((fit.predict(X) - y) ** 2).sum() <= solved.fun * (1.0 + 1e-7)


def test_a_shape_that_contradicts_what_is_known():
    X, y = noisy()
    with pytest.raises(FitError, match="contradicts the shape"):
        Spline(8, monotone="increasing", known=(Value(1.0, at=0.0), Value(0.0, at=3.0))).fit(X, y)
    with pytest.raises(FitError, match="contradicts the shape"):
        Spline(8, positive=True, known=Value(-1.0, at=0.0)).fit(X, y)


def test_equations_that_contradict_each_other():
    with pytest.raises(FitError, match="satisfies all that is known"):
        Equations(np.array([[1.0, 0.0], [2.0, 0.0]]), np.array([1.0, 1.0])).solved()


def test_a_fact_of_another_number_of_inputs_is_refused_before_any_fit():
    for ask in (lambda one: one.count(1), lambda one: one.sizes(20, 1)):
        with pytest.raises(ArgumentError, match="input"):
            ask(Spline(known=Value(0.0, at=(0.0, 1.0))))
