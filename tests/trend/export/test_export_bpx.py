"""BPX functions: in the grammar or a table of known error, in a file that validates and runs."""

from __future__ import annotations

import json
import sys
import warnings

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic._core import ArgumentError, InputError, OptionalImportError, UnitError
from faradaic.approximations import Design, GaussianProcess, LawRegressor, Log, Network, Polynomial, Reciprocal, Spline
from faradaic.laws import redlich_kister

OCP = "Negative electrode / OCP [V]"


def graphite(x):
    bends = 0.0909 * np.tanh(29.8538 * (x - 0.1234)) + 0.04478 * np.tanh(14.9159 * (x - 0.2769))
    return 1.9793 * np.exp(-39.3631 * x) + 0.2482 - bends - 0.0205 * np.tanh(30.4444 * (x - 0.6103))


def diffusivity(x):
    return 8.4e-13 * np.exp(-11.3 * x) + 8.2e-15


def fitted(model, f=graphite, name="U [V]", n=60, low=0.005, high=0.995):
    x = np.linspace(low, high, n)
    return fd.fit(model, fd.read(pd.DataFrame({"x": x, name: f(x)}), x=["x"], y=name, reliability="deterministic"))


def interpolated(value, x):
    """Return what a reader of the table makes of it: straight lines, also beyond the ends."""
    table_x, table_y = np.array(value["x"]), np.array(value["y"])
    k = np.clip(np.searchsorted(table_x, x) - 1, 0, len(table_x) - 2)
    return table_y[k] + (x - table_x[k]) * (table_y[k + 1] - table_y[k]) / (table_x[k + 1] - table_x[k])


EXPRESSIONS = [
    Polynomial(6),
    Network(4, iterations=60),
    Design(Polynomial(8), y=Log()),
    Design(Polynomial(3), x=Reciprocal()),
    Design(Network(2, iterations=60), y=Log()),
]


@pytest.mark.parametrize("model", EXPRESSIONS, ids=lambda model: model.label)
def test_an_expression_is_in_the_grammar_and_equal(model, bpx):
    trend = fitted(model)
    made = trend.to_bpx()
    assert isinstance(made.value, str)
    function = bpx.Function.validate(made.value).to_python_function()
    x = np.random.default_rng(0).uniform(0.005, 0.995, 100)
    np.testing.assert_allclose([function(each) for each in x], trend.predict(x), rtol=max(1e-9, 3 * made.error))


TABLES = [
    Spline(60),
    GaussianProcess(),
    Network(3, activation="softplus", iterations=60),
    LawRegressor(4, laws=tuple(redlich_kister(order) for order in range(5))),
    Design(Polynomial(5), x=Log()),
]


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.label)
@pytest.mark.parametrize("tolerance", [1e-3, 1e-5])
def test_a_table_keeps_its_stated_error(model, tolerance):
    trend = fitted(model)
    made = trend.to_bpx(tolerance=tolerance)
    assert isinstance(made.value, dict)
    assert made.error <= tolerance
    x = np.random.default_rng(1).uniform(0.005, 0.995, 4000)
    want = trend.predict(x)
    scale = np.abs(want) if made.relative else np.ptp(want)
    assert (np.abs(interpolated(made.value, x) - want) / scale).max() < 1.1 * made.error
    assert made.value["x"] == sorted(made.value["x"])


def test_the_ends():
    trend = fitted(Polynomial(6), low=0.1, high=0.9)
    level = trend.to_bpx(outside="clamp")
    assert isinstance(level.value, dict)
    ends = interpolated(level.value, np.array([-5.0, 0.0, 0.95, 3.0]))
    np.testing.assert_allclose(ends, trend.predict([0.1, 0.1, 0.9, 0.9]), rtol=1e-12)
    assert "outside it stays at its end value" in str(level)
    with pytest.raises(ArgumentError, match="no minimum and maximum"):
        trend.to_bpx(form="expression", outside="clamp")


def test_a_form_that_the_grammar_has_not_is_refused():
    for model, says in ((Spline(9), "maximum|minimum|operations"), (Design(Polynomial(2), x=Log()), "log")):
        with pytest.raises(ArgumentError, match=says):
            fitted(model).to_bpx(form="expression")
    with pytest.raises(ArgumentError, match="10,000 points"):
        fitted(Spline(60)).to_bpx(form="table", tolerance=1e-12)


def test_the_words():
    made = fitted(Polynomial(3), diffusivity, "D [m**2/s]").to_bpx()
    assert str(made).startswith("D [m**2/s] of x = x [dimensionless]: an expression of ")
    assert "a table of" in str(fitted(Spline(20)).to_bpx())


def test_it_is_written_into_a_file_that_validates_and_runs(cell, bpx, pybamm, tmp_path):
    base, half, full = (tmp_path / name for name in ("base.json", "half.json", "full.json"))
    base.write_text(json.dumps(cell), encoding="utf-8")
    potential = fitted(Network(10), n=300)
    potential.to_bpx(half, into=base, field=OCP)
    log_polynomial = Design(Polynomial(8), y=Log())
    D = fitted(log_polynomial, diffusivity, "D [m**2/s]").to_bpx(
        full, into=half, field="Negative electrode / Diffusivity [m2.s-1]", form="table"
    )
    assert json.loads(base.read_text(encoding="utf-8")) == cell  # the base is as it was
    found = json.loads(full.read_text(encoding="utf-8"))["Parameterisation"]["Negative electrode"]
    assert found["OCP [V]"] == potential.to_bpx().value
    assert found["Diffusivity [m2.s-1]"] == D.value

    cell["Parameterisation"]["Negative electrode"]["Diffusivity [m2.s-1]"] = "8.4e-13*exp(-11.3*x) + 8.2e-15"
    original = tmp_path / "original.json"
    original.write_text(json.dumps(cell), encoding="utf-8")
    volts = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PyBaMM and what it stands on
        for path in (original, full):
            bpx.parse_bpx_file(path)
            values = pybamm.ParameterValues.create_from_bpx(path)
            solver = pybamm.IDAKLUSolver(atol=1e-8, rtol=1e-8)
            run = pybamm.Simulation(pybamm.lithium_ion.SPMe(), parameter_values=values, solver=solver).solve([0, 3000])
            volts.append(run["Voltage [V]"](np.linspace(0, 3000, 301)))
    assert 2.5 < volts[0].min() < volts[0].max() < 4.25
    assert np.abs(volts[1] - volts[0]).max() < 1e-3


def test_a_document_in_memory(cell, bpx):
    before = json.dumps(cell)
    made = fitted(Polynomial(5)).to_bpx(into=cell, field=OCP)
    assert isinstance(made.value, str)
    assert json.dumps(cell) == before


@pytest.mark.parametrize(
    ("field", "error", "says"),
    [
        ("OCP [V]", InputError, "Negative electrode / OCP"),
        ("Negativ electrode / OCP [V]", InputError, "did you mean Negative electrode"),
        ("Negative electrode / OCP", ArgumentError, r"did you mean OCP \[V\]"),
        ("Negative electrode / Diffusivity [m2.s-1]", UnitError, r"needs m\*\*2\*s\*\*-1 where the trend's 'U' has V"),
        ("Electrolyte / Conductivity [S.m-1]", UnitError, "needs S"),
    ],
)
def test_a_wrong_place_is_refused_and_nothing_is_written(field, error, says, cell, bpx, tmp_path):
    with pytest.raises(error, match=says):
        fitted(Polynomial(3)).to_bpx(tmp_path / "out.json", into=cell, field=field)
    assert list(tmp_path.iterdir()) == []


def test_the_variable_must_be_what_the_format_has(cell, bpx):
    x = np.linspace(0.0, 2.0, 20)
    frame = pd.DataFrame({"c [mol/L]": x, "k [mS/cm]": 10 * x * np.exp(-x)})
    trend = fd.fit(Polynomial(4), fd.read(frame, x=["c [mol/L]"], y="k [mS/cm]", reliability="deterministic"))
    made = trend.to_bpx(into=cell, field="Electrolyte / Conductivity [S.m-1]")
    assert isinstance(made.value, str)
    function = bpx.Function.validate(made.value).to_python_function()
    assert function(1000.0) == pytest.approx(0.1 * trend.predict([1.0])[0], rel=1e-9)  # SI: mol/m³ and S/m
    with pytest.raises(UnitError, match="needs 1 where the trend's 'c'"):
        fd.fit(Polynomial(2), fd.read(frame.rename(columns={"k [mS/cm]": "U [V]"}), x=["c [mol/L]"], y="U [V]")).to_bpx(
            into=cell, field=OCP
        )


def test_a_file_that_is_no_bpx_is_refused_and_nothing_is_written(cell, bpx, tmp_path):
    del cell["Parameterisation"]["Cell"]["Nominal cell capacity [A.h]"]
    trend = fitted(Polynomial(3))
    with pytest.raises(InputError, match=r"is not valid.*Nominal cell capacity"):
        trend.to_bpx(tmp_path / "out.json", into=cell, field=OCP)
    (tmp_path / "torn.json").write_text("{", encoding="utf-8")
    for bad in (tmp_path / "torn.json", tmp_path / "none.json"):
        with pytest.raises(InputError, match="cannot be read as a BPX file"):
            trend.to_bpx(tmp_path / "out.json", into=bad, field=OCP)
    assert [path.name for path in tmp_path.iterdir()] == ["torn.json"]


def test_wrong_choices(cell):
    trend = fitted(Polynomial(3))
    for choice, says in (
        ({"form": "spline"}, "'spline'"),
        ({"outside": "raise"}, "'raise'"),
        ({"tolerance": 0.0}, "tolerance"),
        ({"path": "x.json"}, "give both into"),
        ({"field": OCP}, "give both into"),
        ({"into": cell}, "give both into"),
    ):
        with pytest.raises(ArgumentError, match=says):
            trend.to_bpx(**choice)
    x = np.linspace(0, 1, 9)
    two = fd.read(pd.DataFrame({"x": x, "T": x**2, "y": x}), x=["x", "T"], y="y")
    with pytest.raises(ArgumentError, match="one variable and the trend has 2"):
        fd.fit(Polynomial(1), two).to_bpx()


def test_without_bpx_the_extra_is_named(monkeypatch, cell):
    monkeypatch.setitem(sys.modules, "bpx", None)
    with pytest.raises(OptionalImportError, match=r"'bpx'.*pip install 'faradaic\[cells\]'"):
        fitted(Polynomial(3)).to_bpx(into=cell, field=OCP)
