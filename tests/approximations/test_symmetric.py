from __future__ import annotations

import numpy as np
import pytest

import faradaic as fd
from faradaic._core import ArgumentError, FitError
from faradaic.approximations import (
    CoKriging,
    Design,
    GaussianProcess,
    Job,
    LawRegressor,
    Network,
    Polynomial,
    RandomFeatures,
    Slope,
    Spline,
    Standardise,
    Symmetric,
    Value,
)
from faradaic.approximations._job import one_by_one
from faradaic.trend.export._families import design_expression, inputs_of
from faradaic.trend.export._unroll import evaluate

FAMILIES = [
    Polynomial(3),
    Spline(6),
    Spline(6, monotone="increasing"),
    RandomFeatures(8),
    Network(3, iterations=50),
    GaussianProcess(restarts=1),
]


def rows(n=40, p=2, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1.0, 2.0, (n, p))
    return X, np.cos(2.0 * X[:, -1]) + X.sum(axis=1) + 0.1 * rng.standard_normal(n)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.label)
@pytest.mark.parametrize("kind", ["even", "odd"])
def test_symmetry_holds_without_a_kink_and_slopes_are_those_of_the_prediction(family, kind):
    X, y = rows()
    fit = Symmetric(family, kind, about=0.5, axis=1, value=2.0).fit(X, y)
    at = np.random.default_rng(1).uniform(-3.0, 3.0, (50, 2))
    mirrored = at * [1.0, -1.0] + [0.0, 1.0]
    if kind == "even":
        np.testing.assert_allclose(fit.predict(mirrored), fit.predict(at), rtol=1e-9, atol=1e-9)
    else:
        np.testing.assert_allclose(fit.predict(mirrored) - 2.0, 2.0 - fit.predict(at), rtol=1e-9, atol=1e-9)
    middle = np.column_stack([at[:, 0], np.full(50, 0.5)])
    if kind == "even":
        np.testing.assert_array_equal(fit.derivative(middle, 1), 0.0)
    else:
        np.testing.assert_array_equal(fit.predict(middle), 2.0)
    both = np.vstack([at[:3], mirrored[:3]])
    spread = fit.predict(both, return_std=True)[1]
    np.testing.assert_allclose(np.diag(fit.covariance(both, both)), spread**2, rtol=1e-6)
    correlation = np.diag(fit.covariance(at[:3], mirrored[:3])) / (spread[:3] * spread[3:])
    np.testing.assert_allclose(correlation, 1.0 if kind == "even" else -1.0, rtol=1e-6)
    for j in range(2):
        step = 1e-6 * (np.arange(2) == j)
        numeric = (fit.predict(at + step) - fit.predict(at - step)) / 2e-6
        np.testing.assert_allclose(fit.derivative(at, j), numeric, rtol=1e-5, atol=1e-5)
        value, slope, covariance = fit.value_and_slope(at, j)
        np.testing.assert_array_equal(value, fit.predict(at))
        np.testing.assert_array_equal(slope, fit.derivative(at, j))
        np.testing.assert_allclose(np.sqrt(covariance[:, 0, 0]), fit.predict(at, return_std=True)[1], rtol=1e-6)


@pytest.mark.parametrize("noise", [None, 0.0, 0.1])
def test_even_and_odd_polynomials_are_those_of_least_squares(noise):
    """Even: 1, x², x⁴; odd: x, x³, x⁵; values and standard deviations against the direct solution."""
    X, y = rows(p=1)
    x = X.ravel()
    w = np.random.default_rng(2).uniform(0.5, 2.0, len(y))
    std = noise / np.sqrt(w) if noise else noise
    for kind, powers in (("even", (0, 2, 4)), ("odd", (1, 3, 5))):
        fit = Symmetric(Polynomial(2), kind).fit(X, y, None if noise else w, noise_std=std)
        columns = np.stack([x**k for k in powers], axis=1)
        direct = np.linalg.solve(columns.T @ (w[:, None] * columns), columns.T @ (w * y))
        np.testing.assert_allclose(fit.predict(X), columns @ direct, rtol=1e-8)
        variance = noise**2 if noise else (w * (y - columns @ direct) ** 2).sum() / (len(y) - 3)
        inverse = np.linalg.inv(columns.T @ (w[:, None] * columns)) * variance
        spread = np.sqrt(np.einsum("ij,jk,ik->i", columns, inverse, columns))
        np.testing.assert_allclose(fit.predict(X, return_std=True)[1], spread, rtol=1e-7)
        assert (fit.count(1), fit.effective_parameters_) == (3, 3.0)
        assert fit.freedom_ == (np.inf if noise else len(y) - 3)


@pytest.mark.parametrize("noise", [None, 0.0, 0.1])
def test_an_odd_line_is_the_same_whatever_is_said_of_its_noise(noise):
    x, y = np.array([1.0, 2.0, 4.0]), np.array([1.6, 3.1, 5.9])
    fit = Symmetric(Polynomial(0), "odd").fit(x[:, None], y, noise_std=noise)
    np.testing.assert_allclose(fit.predict([[1.0]]), (x @ y) / (x @ x), rtol=1e-12)


@pytest.mark.parametrize("kind", ["even", "odd"])
@pytest.mark.parametrize("noise", [None, 0.0, 0.01])
def test_sources_are_told_apart_as_the_family_does(kind, noise):
    """The truth differs from the cheap account by the form of the family; also where a row lies at the point."""
    x = np.concatenate([np.linspace(-1.0, 1.0, 15), [-0.9, -0.5, 0.0, 0.3, 0.7, 1.0]])[:, None]
    source, u = np.repeat([0, 1], [15, 6]), x.ravel()
    cheap = np.cos(3.0 * u) if kind == "even" else np.sin(3.0 * u)
    shift = u**2 if kind == "even" else u**3
    y = np.where(source == 0, cheap, 2.0 * cheap + shift)
    family = Symmetric(CoKriging(restarts=1), kind)
    assert family.models_sources
    assert not Symmetric(Polynomial()).models_sources
    std = None if noise is None else np.where(source == 0, 0.0, noise)
    fit = family.fit(x, y, noise_std=std, source=source)
    assert len(fit.approximation_.ratio_) == 1
    np.testing.assert_allclose(fit.predict(-x[source == 1]), (1 if kind == "even" else -1) * y[source == 1], atol=0.05)


def test_half_of_the_data_is_enough():
    x = np.linspace(0.0, 1.0, 30)[:, None]
    even = Symmetric(Spline(8)).fit(x, np.cos(2.0 * x.ravel()))
    odd = Symmetric(GaussianProcess(kernel="rbf", noise="none"), "odd").fit(x, np.sinh(2.0 * x.ravel()))
    np.testing.assert_allclose(even.predict(-x), np.cos(2.0 * x.ravel()), atol=1e-4)
    np.testing.assert_allclose(odd.predict(-x), -np.sinh(2.0 * x.ravel()), atol=1e-4)


@pytest.mark.parametrize("family", [Polynomial(5), Spline(9), Network(5, iterations=50), GaussianProcess(restarts=1)])
@pytest.mark.parametrize("kind", ["even", "odd"])
def test_what_is_known_is_meant_of_the_trend(family, kind):
    X, y = rows(p=1)
    facts = [Value(1.0, at=-0.5), Slope(2.0, at=-0.5)] + ([Slope(3.0, at=1.0)] if kind == "odd" else [])
    told = family.set_params(known=tuple(facts))
    fit = Symmetric(told, kind, about=1.0, value=0.5).fit(X, y)
    design = Design(Symmetric(told, kind, about=1.0, value=0.5)).fit(X, y)
    for one in (fit, design):
        assert one.predict([[-0.5]])[0] == pytest.approx(1.0, abs=1e-7)
        assert one.derivative([[-0.5]], 0)[0] == pytest.approx(2.0, abs=1e-6)
    if kind == "odd":
        assert fit.derivative([[1.0]], 0)[0] == pytest.approx(3.0, abs=1e-6)
    if kind == "even":
        scaled = Design(Symmetric(told, about=0.0), x=Standardise()).fit(X, y)
        assert scaled.predict([[-0.5]])[0] == pytest.approx(1.0, abs=1e-7)


def test_what_the_symmetry_says_already_costs_no_parameter():
    known = Slope(0.0, at=0.0)
    assert Symmetric(Polynomial(3, known=known)).count(1) == 4
    assert Symmetric(Polynomial(3, known=Value(2.0, at=0.0)), "odd", value=2.0).count(1) == 4
    assert Symmetric(Polynomial(3, known=Value(2.0, at=0.0))).count(1) == 3
    for family, kind, words in (
        (Polynomial(3, known=Slope(1.0, at=0.0)), "even", "contradicts the symmetry"),
        (Polynomial(3, known=Value(1.0, at=0.0)), "odd", "contradicts the symmetry, which makes it 0"),
        (Polynomial(3, known=Slope(1.0, at=1.0)), "odd", "needs the value at the same place"),
    ):
        with pytest.raises(ArgumentError, match=words):
            Symmetric(family, kind).fit(*rows(p=1))
    with pytest.raises(ArgumentError, match="give it at points"):
        Symmetric(Spline(4, known=Value(0.0, at=(None, 0.0))), "odd").fit(*rows())


def test_bad_arguments():
    X, y = rows()
    with pytest.raises(ArgumentError, match="kind must be 'even' or 'odd', got 'both'"):
        Symmetric(Polynomial(), "both").fit(X, y)
    with pytest.raises(ArgumentError, match="axis must be a feature number from 0 to 1, got 2"):
        Symmetric(Polynomial(), axis=2).fit(X, y)
    with pytest.raises(ArgumentError, match="approximation must be an Approximation"):
        Symmetric("spline").fit(X, y)
    with pytest.raises(FitError, match="every row lies at the point of symmetry"):
        Symmetric(Polynomial(), "odd").fit(np.zeros((3, 1)), np.zeros(3))


def test_landscape_and_file(tmp_path):
    data = fd.data.example("stochastic")
    found = fd.landscape(Symmetric(Spline(known=Slope(0.0, at=250.0)), about=250.0), data, sizes=[2, 3, 4], splits=3)
    assert "even spline of D in T with 1 known slope" in str(found.select())
    trend = fd.fit(found.select(), data)
    again = fd.load(trend.save(tmp_path / "a.trend"))
    at = trend.X[:5]
    np.testing.assert_array_equal(again.design.predict(at), trend.design.predict(at))
    formula = design_expression(trend.design, inputs_of(trend.design), flat=True)
    np.testing.assert_allclose(evaluate(formula, at), trend.design.predict(at), rtol=1e-9)


@pytest.mark.parametrize("kind", ["even", "odd"])
@pytest.mark.parametrize("noise", [None, 0.05])
@pytest.mark.parametrize(
    ("family", "sizes"),
    [
        (Polynomial(), [0, 1, 3, 12]),
        (Spline(), [2, 4, 6]),
        (Polynomial(known=Value(2.0, at=1.5)), [1, 2]),
        (LawRegressor(), [0, 1]),
    ],
    ids=["polynomial", "spline", "told polynomial", "law"],
)
def test_a_sweep_is_as_fits_made_alone(family, sizes, kind, noise):
    rng = np.random.default_rng(2)
    X = rng.uniform(-2.0, 2.0, (15, 1))
    X[3] = 0.5  # a row at the point
    y = np.cos(X[:, 0] - 0.5) + 0.05 * rng.normal(size=15)
    model = Symmetric(family, kind=kind, about=0.5, value=1.0)
    given = {} if noise is None else {"noise_std": np.full(14, noise)}
    rows = [np.delete(np.arange(15), out) for out in (0, 3, 7)]
    at = np.linspace(-3.0, 3.0, 9)[:, None]
    jobs = [Job.of(X[some], y[some], at=at, seed=j, **given) for j, some in enumerate(rows)]
    for job, together in zip(jobs, model.sweep(sizes, jobs), strict=True):
        alone = one_by_one(model.at_size, sizes, job)
        np.testing.assert_allclose(together.prediction, alone.prediction, rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(together.effective, alone.effective, rtol=1e-6)
        assert together.reasons == alone.reasons == [""] * len(sizes)


def test_a_sweep_records_rows_that_all_lie_at_the_point():
    at_point = Job.of(np.zeros((3, 1)), np.arange(3.0), at=np.ones((2, 1)))
    usual = Job.of(np.arange(1.0, 6.0)[:, None], np.arange(1.0, 6.0), at=np.ones((2, 1)))
    model = Symmetric(Polynomial(), kind="odd")
    broken, good = model.sweep([0, 1], [at_point, usual])
    assert broken.reasons == one_by_one(model.at_size, [0, 1], at_point).reasons
    assert "lies at the point of symmetry" in broken.reasons[0]
    assert np.isnan(broken.prediction).all()
    np.testing.assert_allclose(good.prediction[0], 1.0)
    with pytest.raises(ArgumentError, match="kind must be"):
        Symmetric(Polynomial(), kind="neither").sweep([0], [usual])
