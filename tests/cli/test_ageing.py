"""`faradaic ageing`: words, JSON, files, and what is said of a table that cannot be used."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

QUICK = "--outer 0 --draws 20 --workers 1"


@pytest.fixture
def cells(tmp_path, monkeypatch):
    """Stand in a folder with ``cells.csv``: six cells at two temperatures that follow the square root of time."""
    rng = np.random.default_rng(0)
    t = np.array([60.0, 180.0, 360.0, 540.0])
    parts = []
    for number, kelvin in enumerate([288.15, 318.15] * 3):
        k = 0.03 * (1 + 0.03 * rng.normal()) * np.exp(-4e4 / 8.314 * (1 / kelvin - 1 / 298.15))
        q = 1 - k * np.sqrt(t / 365.25) + 5e-4 * rng.normal(size=4)
        parts.append(pd.DataFrame({"t [d]": t, "T [K]": kelvin, "q": q, "cell": f"c{number}"}))
    pd.concat(parts).to_csv(tmp_path / "cells.csv", index=False)
    pd.DataFrame({"t [yr]": [1.0, 10.0], "T [degC]": [25.0, 25.0]}).to_csv(tmp_path / "years.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_words_and_files(run, cells):
    line = (
        f"ageing cells.csv --temperature 'T [K]' --at years.csv {QUICK} --out told.csv --report law.html --save a.trend"
    )
    answer = run(line)
    assert answer.code == 0, answer.err
    assert "Arrhenius" in answer.out
    assert "Ea = " in answer.out
    told = pd.read_csv(cells / "told.csv")
    assert told["domain"].tolist() == ["inside", "outside"]
    assert told["relative capacity"][0] == pytest.approx(0.97, abs=0.003)
    page = (cells / "law.html").read_text(encoding="utf-8")
    assert "relative capacity" in page
    assert "abdde1" in page  # where the law comes from
    assert (cells / "a.trend").exists()


def test_json(run, cells):
    answer = run(f"ageing cells.csv --temperature 'T [K]' --at years.csv {QUICK} --json")
    told = json.loads(answer.out)
    assert answer.code == told["exit_code"] == 0
    assert {one["name"] for one in told["law_parameters"]} >= {"k", "Ea"}
    assert [row["domain"] for row in told["predictions"]] == ["inside", "outside"]
    assert told["level"] == 0.9


def test_a_law_with_an_open_parameter_is_code_1(run, cells, monkeypatch):
    from faradaic.performance import Ageing, AgeingParameter

    open_one = AgeingParameter("Ea", 4e4, np.nan, np.nan, "J/mol", "not felt")
    monkeypatch.setattr(Ageing, "parameters", property(lambda _: (open_one,)))
    answer = run(f"ageing cells.csv {QUICK}")
    assert answer.code == 1
    assert "by no row: it is not identified" in " ".join(answer.out.split())


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ageing nothing.csv", "nothing.csv"),
        ("ageing cells.csv --time hours", "no column 'hours'"),
        ("ageing cells.csv --soc 'T [K]'", "soc must be in % or a pure number"),
        ("ageing cells.csv --outer 1", "--outer must be"),
        ("ageing cells.csv --level 2", "between 0 and 1"),
        ("ageing cells.csv --cell batch", "no column 'batch'"),
        (f"ageing cells.csv {QUICK} --out told.csv", "--out has nothing to predict"),
        (f"ageing cells.csv {QUICK} --temperature 'T [K]' --at cells.csv --out missing/told.csv", "missing"),
    ],
)
def test_bad_input_is_one_sentence_and_code_2(run, cells, line, words):
    before = sorted(cells.iterdir())
    answer = run(line)
    assert answer.code == 2
    assert words in answer.sentence
    assert sorted(cells.iterdir()) == before
