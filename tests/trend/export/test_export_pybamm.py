"""Functions of PyBaMM symbols: the same values, the range kept, and cells that run on them."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic import laws
from faradaic._core import ArgumentError, OptionalImportError
from faradaic.approximations import (
    Design,
    GaussianProcess,
    LawRegressor,
    Log,
    Network,
    Polynomial,
    RandomFeatures,
    Spline,
)
from faradaic.laws import casteel_amis_arrhenius
from faradaic.trend.export import PybammFunction, Table

GRAPHITE = (1.9793, 39.3631, 0.2482, 0.0909, 29.8538, 0.1234, 0.04478, 14.9159, 0.2769, 0.0205, 30.4444, 0.6103)
RANGE = (0.02, 0.98)


def graphite(x):
    """Open-circuit potential of graphite after Chen et al. 2020, J. Electrochem. Soc. 167, 080534."""
    a, b, c, d, e, f, g, h, i, j, k, m = GRAPHITE
    bends = d * np.tanh(e * (x - f)) + g * np.tanh(h * (x - i)) + j * np.tanh(k * (x - m))
    return a * np.exp(-b * x) + c - bends


def table(x, y, name, reliability="deterministic"):
    return fd.read(pd.DataFrame({"x": x, name: y}), x=["x"], y=name, reliability=reliability)


def potential(noise=0.0, n=40):
    x = np.linspace(*RANGE, n)
    y = graphite(x) + noise * np.random.default_rng(0).normal(size=n)
    return table(x, y, "U [V]", "experiment" if noise else "deterministic")


def at(function, pybamm, *columns):
    """Return the values of a function of symbols at numbers."""
    y = np.concatenate(columns)
    n = len(columns[0])
    symbols = [pybamm.StateVector(slice(k * n, (k + 1) * n)) for k in range(len(columns))]
    return function(*symbols).evaluate(y=y).ravel()


FAMILIES = [
    Polynomial(7),
    Spline(12),
    Spline(8, positive=True),
    Network(3, iterations=40),
    Network(2, activation="gelu", iterations=40),
    Network(2, activation="softplus", iterations=40),
    Network(2, depth=2, activation="sine", iterations=40),
    RandomFeatures(6),
    GaussianProcess(kernel="matern32"),
    GaussianProcess(8, kernel="rbf"),
    Design(GaussianProcess(), y=Log()),
]


@pytest.mark.parametrize("model", FAMILIES, ids=lambda model: model.label)
@pytest.mark.parametrize("outside", ["clamp", "extend"])
def test_values_and_source_are_the_trends(model, outside, pybamm):
    trend = fd.fit(model, potential())
    x = np.random.default_rng(1).uniform(-0.02, 1.02, 100)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        want = trend.predict(np.clip(x, *RANGE) if outside == "clamp" else x)
    function = trend.to_pybamm(outside=outside)
    assert function.error < 1e-8
    inside = (x >= RANGE[0]) & (x <= RANGE[1])
    got = at(function, pybamm, x)
    np.testing.assert_allclose(got[inside], want[inside], rtol=3e-8)
    np.testing.assert_allclose(got, want, rtol=1e-6)
    scope: dict = {}
    exec(compile(function.source, "source", "exec"), scope)
    np.testing.assert_allclose(at(scope["U"], pybamm, x), got, rtol=1e-12)


def test_a_trend_that_is_no_short_formula_is_a_table(pybamm):
    trend = fd.fit(Polynomial(35), potential())  # by powers its digits would be lost
    function = trend.to_pybamm()
    assert isinstance(function.formula, Table)
    assert function.error < 1e-4
    x = np.linspace(-0.1, 1.1, 301)
    off = np.abs(at(function, pybamm, x) - trend.predict(np.clip(x, *RANGE)))
    assert off.max() < 2 * function.error * graphite(RANGE[0])
    scope: dict = {}
    exec(compile(function.source, "source", "exec"), scope)
    np.testing.assert_allclose(at(scope["U"], pybamm, x), at(function, pybamm, x), rtol=1e-12)


def electrolyte():
    rng = np.random.default_rng(2)
    c, T = rng.uniform(0.2, 2.0, 40), rng.uniform(-10.0, 50.0, 40)
    k = casteel_amis_arrhenius(np.column_stack([1e3 * c, T + 273.15]), [1.1, 1050.0, 0.9, -1e-8, 1.4e4])
    frame = pd.DataFrame({"c [mol/L]": c, "T [°C]": T, "k [mS/cm]": 10 * k * (1 + 0.01 * rng.normal(size=40))})
    return fd.read(frame, x=["c [mol/L]", "T [°C]"], y="k [mS/cm]")


@pytest.mark.parametrize(
    "model",
    [LawRegressor(0, laws=(casteel_amis_arrhenius,)), Polynomial(3), Spline(4), GaussianProcess()],
    ids=["law", "polynomial", "spline", "process"],
)
def test_two_inputs_in_si_and_in_any_order(model, pybamm):
    trend = fd.fit(model, electrolyte())
    c, T = np.linspace(300.0, 1900.0, 30), np.linspace(270.0, 320.0, 30)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        want = 0.1 * trend.predict(np.column_stack([c / 1e3, T - 273.15]))
    np.testing.assert_allclose(at(trend.to_pybamm(), pybamm, c, T), want, rtol=1e-8)
    swapped = trend.to_pybamm(arguments=["T", None, "c"])
    np.testing.assert_allclose(at(lambda a, b: swapped(a, 1.0, b), pybamm, T, c), want, rtol=1e-8)


def test_raise_refuses_numbers_and_stops_symbols(pybamm):
    function = fd.fit(Polynomial(5), potential()).to_pybamm(outside="raise")
    with pytest.raises(ArgumentError, match=r"x \[dimensionless\] must be from 0.0200 to 0.980.*got 1.20"):
        function(1.2)
    with pytest.raises(ArgumentError, match="clamp"):
        function(pybamm.Scalar(-0.5))
    assert float(function(pybamm.Scalar(0.98)).evaluate()) == pytest.approx(graphite(0.98), abs=0.1)
    with np.errstate(divide="ignore"):
        values = at(function, pybamm, np.array([0.0, 0.5, 1.0]))
    assert np.isfinite(values).tolist() == [False, True, False]


def test_raise_looks_at_every_number_of_a_constant_vector(pybamm):
    function = fd.fit(Polynomial(5), potential()).to_pybamm(outside="raise")
    for constant in (np.array([0.5, 1.2]), pybamm.Vector([0.5, 1.2])):
        with pytest.raises(ArgumentError, match=r"must be from 0.0200 to 0.980.*got 1.20"):
            function(constant)
    assert np.isfinite(function(pybamm.Vector([0.5, 0.6])).evaluate()).all()


def test_clamp_leaves_what_is_no_number_what_it_is(pybamm):
    function = fd.fit(Polynomial(5), potential()).to_pybamm()
    x = np.array([np.nan, -0.5, 0.5, 1.5])
    scope: dict = {}
    exec(compile(function.source, "source", "exec"), scope)
    casadi = pytest.importorskip("casadi")
    for made in (function, scope["U"]):
        symbols = made(pybamm.StateVector(slice(0, 4)))
        y = casadi.MX.sym("y", 4)
        compiled = casadi.Function("f", [y], [symbols.to_casadi(y=y)])
        for values in (symbols.evaluate(y=x).ravel(), np.array(compiled(x)).ravel()):
            np.testing.assert_allclose(values[1:], at(function, pybamm, np.array([0.02, 0.5, 0.98])), rtol=1e-12)
            assert np.isnan(values[0])


def test_a_branch_that_is_no_number_where_it_is_not_taken(pybamm):
    import jax.numpy as jnp

    @laws.law(formula="y", variables=[laws.Variable("x")], parameters=[laws.Parameter("a", None, start=1.0)])
    def halved(x, a):
        return a * jnp.where(x > 0.5, jnp.log(x - 0.5), 0.0)

    @laws.law(
        formula="y",
        variables=[laws.Variable("x"), laws.Variable("z")],
        parameters=[laws.Parameter("a", None, start=1.0)],
    )
    def quartered(x, z, a):
        return a * z * jnp.where(x > 0.5, jnp.log(x - 0.5), 0.0)

    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": np.linspace(0.01, 0.99, 30), "z": rng.uniform(size=30), "y": rng.normal(size=30)})
    one = fd.fit(LawRegressor(0, laws=(halved,)), fd.read(frame, x=["x"], y="y")).to_pybamm()
    assert isinstance(one.formula, Table)  # of two branches PyBaMM computes both
    two = fd.fit(LawRegressor(0, laws=(quartered,)), fd.read(frame, x=["x", "z"], y="y"))
    with pytest.raises(ArgumentError, match="is not finite in a branch that it does not take"):
        two.to_pybamm()


def test_what_pybamm_passes_must_be_said(pybamm):
    trend = fd.fit(Polynomial(5), potential())
    with pytest.raises(ArgumentError, match=r"PyBaMM passes 2 arguments.*arguments="):
        trend.to_pybamm()(0.5, 298.15)
    assert float(trend.to_pybamm(arguments=[0, None])(0.5, 298.15).evaluate()) == pytest.approx(
        trend.predict([0.5])[0], rel=1e-9
    )


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ({"outside": "clip"}, "'clip'"),
        ({"arguments": ["X"]}, "did you mean x"),
        ({"arguments": [None]}, "must hold each of x once"),
        ({"arguments": ["x", "x"]}, "must hold each of x once"),
    ],
)
def test_wrong_choices(choice, says):
    with pytest.raises(ArgumentError, match=says):
        fd.fit(Polynomial(1), potential()).to_pybamm(**choice)


def test_without_pybamm_the_extra_is_named(monkeypatch):
    function = fd.fit(Polynomial(1), potential()).to_pybamm()
    monkeypatch.setitem(sys.modules, "pybamm", None)
    with pytest.raises(OptionalImportError, match=r"'pybamm'.*pip install 'faradaic\[cells\]'"):
        function(0.5)
    assert "import pybamm" in function.source  # the text needs no PyBaMM to be written


def test_samples_spread_as_the_trend_does(pybamm):
    trend = fd.fit(Spline(12), potential(noise=0.005))
    functions = trend.to_pybamm(samples=300, seed=1)
    assert all(isinstance(one, PybammFunction) for one in functions)
    x = np.linspace(0.1, 0.9, 5)
    values = np.array([at(one, pybamm, x) for one in functions])
    mean, std = trend.predict(x, return_std=True)
    np.testing.assert_allclose(values.std(0), std, rtol=0.2)
    assert (np.abs(values.mean(0) - mean) < 4 * std / np.sqrt(300)).all()
    again = trend.to_pybamm(samples=2, seed=1)
    np.testing.assert_array_equal(at(again[1], pybamm, x), values[1])


def discharge(pybamm, model, changed):
    values = pybamm.ParameterValues("Chen2020")
    values["Negative particle diffusivity [m2.s-1]"] = diffusivity
    values.update(changed)
    solver = pybamm.IDAKLUSolver(atol=1e-8, rtol=1e-8)
    solution = pybamm.Simulation(model, parameter_values=values, solver=solver).solve([0, 3400])
    return solution["Voltage [V]"](np.linspace(0, 3400, 341))


def diffusivity(x, T):
    """Lithium diffusivity in graphite after Ecker et al. 2015, J. Electrochem. Soc. 162, A1836, at 296 K."""
    return 8.4e-13 * np.exp(-11.3 * x) + 8.2e-15


@pytest.mark.parametrize("family", [Spline(80), Network(10)], ids=["spline", "network"])
def test_a_discharge_stays_within_a_millivolt(family, pybamm):
    x = np.linspace(0.005, 0.995, 300)
    U = fd.fit(family, table(x, graphite(x), "U [V]")).to_pybamm()
    log_polynomial = Design(Polynomial(9), y=Log())
    D = fd.fit(log_polynomial, table(x, diffusivity(x, 0), "D [m**2/s]")).to_pybamm(arguments=["x", None])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PyBaMM and what it stands on
        original = discharge(pybamm, pybamm.lithium_ion.SPMe(), {})
        exported = discharge(
            pybamm,
            pybamm.lithium_ion.SPMe(),
            {"Negative electrode OCP [V]": U, "Negative particle diffusivity [m2.s-1]": D},
        )
    assert np.abs(exported - original).max() < 1e-3


def test_an_event_ends_the_simulation_at_the_edge(pybamm):
    x = np.linspace(0.3, 0.995, 100)
    U = fd.fit(Spline(40), table(x, graphite(x), "U [V]")).to_pybamm()
    model = pybamm.lithium_ion.SPM()
    edge = U.event(model.variables["Negative particle surface stoichiometry"])
    model.events.append(edge)
    values = pybamm.ParameterValues("Chen2020")
    values["Negative electrode OCP [V]"] = U
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solution = pybamm.Simulation(model, parameter_values=values).solve([0, 3600])
    last = solution["Negative particle surface stoichiometry"].entries[:, -1]
    assert last.min() == pytest.approx(0.3, abs=1e-4)
    assert "inside the range of the data" in solution.termination
