"""`faradaic modes`: words, numbers for machines, the page, exit codes, and bad input."""

from __future__ import annotations

import json

import numpy as np
import pytest

from faradaic.performance import chen2020

from .conftest import write

ASK = "modes aged.csv --fresh fresh.csv --negative n.csv --positive p.csv --intervals student"


@pytest.fixture
def cells(tmp_path, monkeypatch):
    """Stand in a folder with the curves of an LG M50 cell and of one with 10 % less positive electrode."""
    negative, positive = chen2020()
    for name, cell in (("n", negative), ("p", positive)):
        write(tmp_path / f"{name}.csv", ["x", "U [V]"], zip(cell.lithiation, cell.potential, strict=True))
    Cn, Cp = 5.0 / 0.8735, 5.0 / 0.6423
    random = np.random.default_rng(0)
    for name, lithium, active in (("fresh", 1.0, 1.0), ("aged", 0.95, 0.9)):
        x = np.linspace(0.0279, 0.85 if name == "aged" else 0.9014, 300)
        y = (lithium * (0.0279 * Cn + 0.9084 * Cp) - x * Cn) / (active * Cp)
        V = positive.at(y) - negative.at(x) + 2e-4 * random.normal(size=300)
        Q = 1e3 * (x - x[0]) * Cn
        write(tmp_path / f"{name}.csv", ["Q [mAh]", "V [V]", "T [degC]"], zip(Q, V, 25 + 0 * x, strict=True))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_words_and_the_page(run, cells):
    answer = run(f"{ASK} --report modes.html")
    assert (answer.code, answer.err) == (0, "")
    words = " ".join(answer.out.split())
    assert words.startswith("aged since fresh LLI, the loss of lithium inventory: ")
    assert "LAM_PE, the loss of active material of the positive electrode: " in words
    page = (cells / "modes.html").read_text(encoding="utf-8")
    assert "Degradation modes of aged since fresh" in page
    assert page.count("<img ") == 5
    assert "Birkl2017" in page
    assert "faradaic modes aged.csv --fresh fresh.csv" in page


def test_for_machines(run, cells):
    found = json.loads(run(f"{ASK} --json").out)
    told = {one["name"]: one for one in found["modes"]}
    for name, truth in (("LLI", 0.05), ("LAM_NE", 0.0), ("LAM_PE", 0.1)):
        assert told[name]["low"] - 2e-3 < truth < told[name]["high"] + 2e-3
        assert told[name]["value"] == pytest.approx(truth, abs=0.01)
    assert (found["exit_code"], found["open"], found["fresh"]["fits"]) == (0, [], True)


def test_a_window_that_leaves_modes_open_ends_with_1_and_names_them(run, cells):
    answer = run(f"{ASK} --window 4.0,4.12 --report open.html")
    assert answer.code == 1
    assert "LAM_NE, the loss of active material of the negative electrode, is open" in " ".join(answer.out.split())
    assert "left open: " in (cells / "open.html").read_text(encoding="utf-8")
    found = json.loads(run(f"{ASK} --window 4.0,4.12 --json").out)
    assert "LAM_NE" in found["open"]
    assert all(one["value"] is None for one in found["modes"] if not one["identified"])
    assert run(f"{ASK} --window 4.0,4.12 --quiet").out == ""


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("--capacity 'C [mAh]'", "C [mAh]"),
        ("--voltage 'T [degC]'", "must be a voltage with its unit"),
        ("--window 4.5,4.9", "lie between 4.5 and 4.9 V; widen the window"),
        ("--window 4.1", "--window must be LOW,HIGH in volts, e.g. 3.0,4.1, got '4.1'"),
        ("--window 4.1,3.9", "A window needs a lower and a higher voltage"),
        ("--level 95", "level must lie between 0 and 1"),
        ("--tolerance 0", "tolerance must be positive"),
        ("--half-capacity soc", "soc"),
    ],
)
def test_bad_input(run, cells, more, says):
    answer = run(f"{ASK} --report page.html {more}")
    assert answer.code == 2
    assert says in answer.sentence
    assert not (cells / "page.html").exists()


def test_files_that_are_no_curves(run, cells):
    def asked(**files):
        names = {"aged": "aged.csv", "fresh": "fresh.csv", "negative": "n.csv", "positive": "p.csv"} | files
        line = "modes {aged} --fresh {fresh} --negative {negative} --positive {positive} --report page.html"
        answer = run(line.format(**names))
        assert answer.code == 2
        assert not (cells / "page.html").exists()
        return answer.sentence

    assert "are the two exchanged?" in asked(negative="p.csv", positive="n.csv")
    assert "shares tell no loss" in asked(aged="n.csv")
    assert "nowhere.csv" in asked(fresh="nowhere.csv")
    Q = np.linspace(0.0, 1.0, 60)
    write(cells / "both.csv", ["Q [Ah]", "V [V]"], zip([*Q, *Q], [*(3 + Q), *(3.9 - 0.8 * Q)], strict=True))
    assert "one branch, a charge or a discharge" in asked(aged="both.csv")
    write(cells / "few.csv", ["Q [Ah]", "V [V]"], zip(Q[:9], 3 + Q[:9], strict=True))
    assert "A curve needs at least 20 rows" in asked(aged="few.csv")
    assert "named twice" in run(f"{ASK} --report aged.csv").sentence
