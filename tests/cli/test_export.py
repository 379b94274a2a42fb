"""`faradaic export` and `faradaic cite`."""

from __future__ import annotations

import importlib.util
import json
import sys

import numpy as np
import pytest

import faradaic as fd
from faradaic.approximations import Design, Log, Polynomial, Spline


@pytest.fixture
def trend(folder):
    made = fd.fit(Design(Polynomial(2), y=Log()), fd.data.example("experiment"))
    made.save(folder / "D.trend")
    return made


def function(path, name="D"):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


def test_python_is_the_default_and_goes_to_standard_output(run, trend):
    answer = run("export D.trend")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == trend.to_python()


def test_python_in_a_file(run, trend, folder):
    answer = run("export D.trend --to python --out D.py --outside extend --units SI")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == "Wrote polynomial of ln D in x: D.py\n"
    x = np.linspace(0.1, 0.9, 7)
    np.testing.assert_allclose(function(folder / "D.py")(x), trend.predict(x), rtol=1e-12)


def test_pybamm_needs_no_pybamm_to_be_written(run, trend, monkeypatch):
    monkeypatch.setitem(sys.modules, "pybamm", None)
    answer = run("export D.trend --to pybamm --arguments x,-")
    assert (answer.code, answer.err) == (0, "")
    assert "import pybamm" in answer.out
    assert "def D(x, unused_2):" in answer.out
    assert answer.out == trend.to_pybamm(arguments=["x", None]).source


def test_bpx(run, trend, folder):
    answer = run("export D.trend --to bpx")
    assert answer.code == 0
    assert json.loads(answer.out) == trend.to_bpx().value
    answer = run("export D.trend --to bpx --form table --out D.json --tolerance 1e-3")
    assert answer.code == 0
    assert answer.out.startswith("Wrote D [m**2/s] of x = x [dimensionless]: a table of ")
    assert answer.out.endswith(": D.json\n")
    assert (
        json.loads((folder / "D.json").read_text(encoding="utf-8")) == trend.to_bpx(form="table", tolerance=1e-3).value
    )


def test_json(run, trend, folder):
    record = json.loads(run("export D.trend --out D.py --json").out)
    assert record == {"text": trend.to_python(), "written": {"python": "D.py"}}
    record = json.loads(run("export D.trend --to bpx --json").out)
    assert record["value"] == trend.to_bpx().value
    assert record["error"] < 1e-9
    assert record["relative"] is True


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("export none.trend", "There is no file 'none.trend'"),
        ("export good.csv", "is not a trend file"),
        ("export D.trend --out D.trend", "would overwrite what is read"),
        ("export D.trend --out no/D.py", "there is no folder 'no'"),
        ("export D.trend --to bpx --outside raise", "cannot refuse"),
        ("export D.trend --to bpx --out o.json --field 'Electrolyte / Diffusivity [m2.s-1]'", "give both into"),
        ("export D.trend --to bpx --form expression --outside clamp", "no minimum and maximum"),
        ("export D.trend --field x", "belong to --to bpx"),
        ("export D.trend --arguments x", "belongs to --to pybamm"),
        ("export D.trend --to pybamm --arguments y", "which is no input"),
    ],
)
def test_bad_input_is_one_sentence_and_code_2(line, says, run, trend, folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    answer = run(line)
    assert answer.code == 2
    assert says in answer.sentence
    assert answer.out == ""
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_choice_that_is_none(run, trend):
    answer = run("export D.trend --to matlab")
    assert answer.code == 2
    assert "'matlab'" in answer.err


def test_cite(run, folder):
    made = fd.fit(Spline(6), fd.data.example("experiment"))
    made.save(folder / "s.trend")
    answer = run("cite s.trend")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == fd.cite(made) + "\n"
    assert "Ecker2015" in answer.out
