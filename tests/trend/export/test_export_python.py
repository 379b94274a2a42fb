"""The exported NumPy text predicts what the trend predicts, and says what it is."""

from __future__ import annotations

import ast
import importlib.util
import itertools
import warnings

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic import approximations, laws
from faradaic._core import ArgumentError
from faradaic.approximations import (
    Approximation,
    CoKriging,
    Components,
    Design,
    ElasticNet,
    GaussianProcess,
    Inputs,
    LawRegressor,
    Log,
    Network,
    Polynomial,
    PolynomialTerms,
    RandomFeatures,
    Reciprocal,
    Slope,
    Spline,
    SquareRoot,
    Standardise,
    Value,
)
from faradaic.trend.export._families import approximation_expression, inputs_of
from faradaic.trend.export._unroll import evaluate

NUMBERS = itertools.count()


@pytest.fixture
def function(tmp_path):
    """Return a function from source text to the function in it, imported from a file."""

    def imported(text: str):
        path = tmp_path / f"exported_{next(NUMBERS)}.py"
        path.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        defined = [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
        return getattr(module, defined[-1])

    return imported


def conductivity(n=40, reliability="experiment"):
    rng = np.random.default_rng(0)
    T, c = rng.uniform(-10.0, 60.0, n), rng.uniform(0.3, 2.0, n)
    k = 300.0 * c * np.exp(-c) * np.exp(-1000.0 / (T + 273.15)) * (1 + 0.01 * rng.normal(size=n))
    frame = pd.DataFrame({"T [°C]": T, "c [mol/L]": c, "k [mS/cm]": k})
    return fd.read(frame, x=["T [°C]", "c [mol/L]"], y="k [mS/cm]", reliability=reliability)


def diffusivity(n=25):
    rng = np.random.default_rng(1)
    T = np.linspace(270.0, 340.0, n)
    D = 1e-6 * np.exp(-3500.0 / T) * (1 + 0.02 * rng.normal(size=n))
    return fd.read(pd.DataFrame({"T [K]": T, "D [m**2/s]": D}), x=["T [K]"], y="D [m**2/s]")


def random_points(trend, count=200, beyond=0.0):
    low, high = trend.domain.low, trend.domain.high
    at = np.random.default_rng(2).uniform(-beyond, 1 + beyond, (count, len(low)))
    Z = low + (high - low) * at
    return np.column_stack([column.from_si(Z[:, j]) for j, column in enumerate(trend.inputs)])


def asked(trend, X):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some rows lie outside the hull: that is what is asked
        return trend.predict(X)


FREE = [
    *(Polynomial(degree) for degree in (0, 1, 4)),
    PolynomialTerms(terms=8),
    *(Spline(n_basis) for n_basis in (1, 2, 3, 5)),
    Spline(6, monotone="increasing", knots="quantile"),
    *(RandomFeatures(9, activation=name) for name in ("tanh", "relu", "cosine")),
    RandomFeatures(1),
    *(Network(3, activation=name, iterations=30) for name in ("tanh", "softplus", "gelu", "sine")),
    Network(3, depth=2, iterations=30),
    Network(0),
    *(GaussianProcess(kernel=name) for name in ("rbf", "matern32", "matern52")),
    GaussianProcess(8),
    CoKriging(kernel="rbf"),
    *(Components(components) for components in (0, 1, 2)),
    ElasticNet(2),
    Inputs(Polynomial(2), columns=(0,)),
]
COORDINATES = [
    Design(Polynomial(2), x=Reciprocal(), y=Log()),
    Design(Polynomial(2), x=Log(), y=SquareRoot()),
    Design(Spline(4), x=Standardise(), y=Standardise()),
    Design(GaussianProcess(), x=SquareRoot(), y=Reciprocal()),
]


@pytest.mark.parametrize("model", [*FREE, *COORDINATES], ids=lambda model: f"{model.label} {model.size}")
@pytest.mark.parametrize("data", [conductivity, diffusivity], ids=["two inputs", "one input"])
def test_it_predicts_as_the_trend_does(model, data, function):
    trend = fd.fit(model, data())
    text = trend.to_python(outside="extend")
    X = random_points(trend)
    want = asked(trend, X)  # near a zero of the trend the size of its terms counts, not of their sum
    np.testing.assert_allclose(function(text)(*X.T), want, rtol=1e-12, atol=1e-12 * abs(want).max())
    # beyond the range sums may cancel: the rounding of the trend itself is larger there
    X = random_points(trend, beyond=0.1)
    np.testing.assert_allclose(function(text)(*X.T), asked(trend, X), rtol=1e-10)


@pytest.mark.parametrize("discrepancy", ["offset", "full"])
def test_a_trend_of_two_sources(discrepancy, function):
    cheap = conductivity(30, "deterministic")
    both = fd.data.stack(cheap, conductivity(12))
    trend = fd.fit(Design(CoKriging(discrepancy, restarts=1), x=(Reciprocal(), None), y=Log()), both)
    X = random_points(trend)
    np.testing.assert_allclose(function(trend.to_python(outside="extend"))(*X.T), asked(trend, X), rtol=1e-9)


@pytest.mark.parametrize("kernel", ["rbf", "matern32", "matern52"])
def test_a_process_that_knew_values_and_slopes(kernel, function):
    known = (Value(1e-11, at=300.0), Slope(2e-13, at=300.0), Slope(0.0, at=350.0))
    trend = fd.fit(GaussianProcess(kernel=kernel, known=known), diffusivity())
    X = random_points(trend)
    want = asked(trend, X)
    np.testing.assert_allclose(function(trend.to_python(outside="extend"))(*X.T), want, atol=1e-9 * abs(want).max())
    flat = approximation_expression(trend.design.approximation_, inputs_of(trend.design), True)
    np.testing.assert_allclose(evaluate(flat, X), want, atol=1e-9 * abs(want).max())


def test_a_sum_of_splines_and_a_tensor_of_three(function):
    rng = np.random.default_rng(3)
    for p in (3, 4):
        X = rng.uniform(0, 1, (90, p))
        frame = pd.DataFrame({f"x{j}": X[:, j] for j in range(p)}).assign(y=np.sin(3 * X).sum(1) + 4)
        trend = fd.fit(Spline(4), fd.read(frame, x=[f"x{j}" for j in range(p)], y="y"))
        Q = rng.uniform(-0.1, 1.1, (200, p))
        got = function(trend.to_python(outside="extend"))(*Q.T)
        np.testing.assert_allclose(got, asked(trend, Q), rtol=1e-12)


BUNDLED = [law for law in laws.BUNDLED if law.variables] + [laws.linear(2), laws.redlich_kister(3), laws.marcus_hush()]
RANGES = {"T": (270.0, 330.0), "c": (0.3, 2.0), "r": (0.1, 1.0), "x": (0.05, 0.95), "eta": (-0.4, 0.4)}


@pytest.mark.parametrize("law", BUNDLED, ids=lambda law: law.name)
def test_every_bundled_law_is_written_out(law, function):
    rng = np.random.default_rng(4)
    columns, units = {}, [variable.unit or "1" for variable in law.variables]
    for variable, unit in zip(law.variables, units, strict=True):
        low, high = RANGES.get(variable.name, (1.0, 2.0))
        scale = 1e3 if unit == "mol/m**3" else 1.0
        columns[f"{variable.name} [{'dimensionless' if unit == '1' else unit}]"] = scale * rng.uniform(low, high, 60)
    X = np.column_stack(list(columns.values()))
    nudged = 1e-9 if "c_max" in law.names else 0.01
    y = law(X, np.where(law.start == 0, nudged, law.start))
    unit = law.response_unit or "dimensionless"
    frame = pd.DataFrame(columns).assign(**{f"y [{unit}]": y * (1 + 1e-3 * rng.normal(size=60))})
    trend = fd.fit(LawRegressor(0, laws=(law,)), fd.read(frame, x=list(columns), y=f"y [{unit}]"))
    Q = random_points(trend)
    np.testing.assert_allclose(function(trend.to_python())(*Q.T), asked(trend, Q), rtol=1e-12)


def test_a_users_law_with_many_operations(function):
    import jax.numpy as jnp

    @laws.law(
        formula="y",
        variables=[laws.Variable("x", "1"), laws.Variable("z", "1")],
        parameters=[laws.Parameter("a", None, start=1.0), laws.Parameter("b", "1", start=0.5)],
        linear=["a"],
    )
    def many(x, z, a, b):
        bent = jnp.where((x > 0.5) & (z >= 0.2) | (x < 0.1), jnp.tanh(b * x), jnp.minimum(x, z) - jnp.maximum(x, 0.3))
        waves = jnp.sin(x) * jnp.cos(z) + jnp.sqrt(z) + jnp.log1p(x) + jnp.expm1(-z) + jnp.abs(x - z)
        return a * (bent + waves + x**3 + 1 / (1 + jnp.exp(-z)) + z**b - jnp.sign(x - 0.7) + jnp.sinh(x) / jnp.cosh(z))

    rng = np.random.default_rng(5)
    X = rng.uniform(0.05, 1.0, (50, 2))
    frame = pd.DataFrame({"x": X[:, 0], "z": X[:, 1], "y": many(X, [2.0, 0.6])})
    trend = fd.fit(LawRegressor(0, laws=(many,)), fd.read(frame, x=["x", "z"], y="y"))
    Q = random_points(trend)
    np.testing.assert_allclose(function(trend.to_python())(*Q.T), asked(trend, Q), rtol=1e-12, atol=1e-12)


def test_a_law_that_is_no_formula_is_refused():
    import jax.numpy as jnp

    @laws.law(formula="y", variables=[laws.Variable("x")], parameters=[laws.Parameter("a", None, start=1.0)])
    def summed(x, a):
        return jnp.sum(a * x * jnp.arange(3.0))

    x = np.linspace(0, 1, 9)
    data = fd.read(pd.DataFrame({"x": x, "y": 3 * x}), x=["x"], y="y")
    trend = fd.fit(LawRegressor(0, laws=(summed,)), data)
    with pytest.raises(ArgumentError, match="cannot be written as a formula"):
        trend.to_python()


@pytest.mark.parametrize("kind", ["int32", "float32"])
def test_a_law_that_rounds_is_refused(kind):
    @laws.law(formula="y", variables=[laws.Variable("x")], parameters=[laws.Parameter("a", None, start=1.0)])
    def rounded(x, a):
        return a * x.astype(kind)

    x = np.linspace(0, 3, 9)
    trend = fd.fit(LawRegressor(0, laws=(rounded,)), fd.read(pd.DataFrame({"x": x, "y": 3 * x}), x=["x"], y="y"))
    with pytest.raises(ArgumentError, match="it uses 'rounding to"):
        trend.to_python()


def test_a_condition_from_a_number(function):
    import jax.numpy as jnp

    @laws.law(formula="y", variables=[laws.Variable("x")], parameters=[laws.Parameter("a", None, start=1.0)])
    def anywhere_but_at_zero(x, a):
        return a * x.astype(bool) * jnp.ones(())

    x = np.linspace(-1, 1, 9)
    data = fd.read(pd.DataFrame({"x": x, "y": 3.0 * (x != 0)}), x=["x"], y="y")
    made = function(fd.fit(LawRegressor(0, laws=(anywhere_but_at_zero,)), data).to_python())
    np.testing.assert_allclose(made(np.array([-0.5, 0.0, 0.5])), [3.0, 0.0, 3.0])


def test_every_family_is_registered():
    families = [
        value
        for value in vars(approximations).values()
        if isinstance(value, type) and issubclass(value, Approximation) and value not in (Approximation, Design)
    ]
    unknown = approximation_expression.dispatch(object)
    missing = [each.__name__ for each in families if approximation_expression.dispatch(each) is unknown]
    assert missing == []


def test_units(function):
    trend = fd.fit(Polynomial(2), conductivity())
    X = random_points(trend)
    SI = function(trend.to_python(units="SI"))(X[:, 0] + 273.15, X[:, 1] * 1000.0)
    np.testing.assert_allclose(SI, 0.1 * asked(trend, X), rtol=1e-12)


def test_outside_the_range(function):
    trend = fd.fit(Polynomial(3), diffusivity())
    end = trend.predict([[340.0]])[0]
    clamp, extend, refuse = (function(trend.to_python(outside=o)) for o in ("clamp", "extend", "raise"))
    assert clamp(400.0) == pytest.approx(end, rel=1e-12)
    assert extend(400.0) == pytest.approx(asked(trend, [[400.0]])[0], rel=1e-12)
    with pytest.raises(ValueError, match="T must be from 270 to 340 K, the range of the data"):
        refuse([300.0, 400.0])
    assert refuse(340.0) == pytest.approx(end, rel=1e-12)


def test_shapes_and_names(function):
    trend = fd.fit(Polynomial(2), conductivity())
    k = function(trend.to_python())
    assert k.__name__ == "k"
    assert np.shape(k(20.0, 1.0)) == ()
    assert k(np.zeros((4, 1)), np.ones(3)).shape == (4, 3)
    assert k(T=20.0, c=1.0) == pytest.approx(trend.predict([[20.0, 1.0]])[0], rel=1e-12)
    text = trend.to_python(name="kappa")
    assert "def kappa(T, c):" in text
    for said in ("mS/cm", "°C", "from -9.", "faradaic " + fd.__version__, trend.provenance["data"][:16], "40 rows"):
        assert said in text
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in imports] == ["import numpy as np"]


def test_odd_names(function):
    x = np.linspace(0, 1, 9)
    columns = {'np "quoted\\"': x, "v1": x**2, "lambda": x**3}
    data = fd.read(pd.DataFrame({**columns, "1/C [1/F]": 1 + x}), x=list(columns), y="1/C [1/F]")
    trend = fd.fit(GaussianProcess(), data)
    X = random_points(trend)
    np.testing.assert_allclose(function(trend.to_python())(*X.T), asked(trend, X), rtol=1e-12)


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ({"outside": "clip"}, "'clip'"),
        ({"units": "cgs"}, "'cgs'"),
        ({"name": "a b"}, "'a b'"),
        ({"name": "def"}, "'def'"),
    ],
)
def test_wrong_choices(choice, says):
    with pytest.raises(ArgumentError, match=says):
        fd.fit(Polynomial(1), diffusivity()).to_python(**choice)
