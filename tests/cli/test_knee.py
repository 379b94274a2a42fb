"""`faradaic knee`: verdicts, numbers for machines, files, exit codes, and plain sentences on bad input."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def curves(tmp_path, monkeypatch):
    """Two cells, of which one has a knee at cycle 120; ``straight.csv`` holds the other one alone."""
    rng = np.random.default_rng(0)
    cycle = np.arange(1, 201)
    rows = [
        pd.DataFrame({"cell": name, "cycle": cycle, "Q [Ah]": 1 - bend * np.maximum(0, cycle - 120) + noise})
        for name, bend, noise in (
            ("bent", 3e-3, 1e-3 * rng.normal(size=200)),
            ("straight", 0.0, 1e-3 * rng.normal(size=200)),
        )
    ]
    pd.concat(rows).to_csv(tmp_path / "q.csv", index=False)
    rows[1].to_csv(tmp_path / "straight.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_words_and_files(run, curves):
    answer = run("knee q.csv --report k.html --out k.csv")
    assert answer.code == 0
    assert answer.err == ""
    assert "1 of 2 cells has a knee." in answer.out
    assert "No knee, for a straight line does as well: straight." in answer.out
    table = pd.read_csv(curves / "k.csv").set_index("cell")
    assert table.loc["bent", "low knee [cycles]"] < 120 < table.loc["bent", "high knee [cycles]"]
    assert np.isnan(table.loc["straight", "knee [cycles]"])
    page = (curves / "k.html").read_text(encoding="utf-8")
    assert page.count("<img ") == 1
    for words in ("Knees of 2 cells", "a straight line does as well", "faradaic knee q.csv", "FerminCueto2020"):
        assert words in page


def test_no_knee_is_a_verdict(run, curves):
    answer = run("knee straight.csv --report none.html")
    assert answer.code == 1
    assert answer.err == ""
    assert answer.out.startswith("0 of 1 cell have a knee.")
    assert (curves / "none.html").exists()


def test_for_machines(run, curves):
    answer = run("knee q.csv --level 0.9 --json")
    found = json.loads(answer.out)
    assert (answer.code, found["exit_code"], found["with_knee"], found["level"]) == (0, 0, 1, 0.9)
    assert [one["verdict"] for one in found["cells"]] == ["knee", "no knee"]
    assert found["cells"][1]["knee [cycles]"] is None
    assert run("knee q.csv --quiet").out == ""


def test_elbows_and_other_headers(run, curves):
    table = pd.read_csv("q.csv").assign(**{"Q [Ah]": lambda t: 2 - t["Q [Ah]"]})
    table.rename(columns={"Q [Ah]": "R [Ohm]", "cycle": "N", "cell": "id"}).to_csv("r.csv", index=False)
    answer = run('knee r.csv --rising --capacity "R [Ohm]" --cycle N --cell id')
    assert answer.code == 0
    assert "1 of 2 cells has an elbow." in answer.out


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("--capacity Q", "There is no column 'Q'; the table has 'cell', 'cycle' and 'Q [Ah]'."),
        ("--cycle cycl", "There is no column 'cycl'; did you mean 'cycle'?"),
        ("--cell id", "There is no column 'id'"),
        ("--capacity cell", "The column 'cell' must hold numbers"),
        ("--level 95", "level must lie between 0 and 1"),
        ("--reference 0", "reference must be a positive capacity"),
        ("--out no/where.csv", "no/where.csv"),
    ],
)
def test_what_cannot_be_used_ends_in_a_sentence_and_writes_nothing(run, curves, more, says):
    answer = run(f"knee q.csv --report page.html {more}")
    assert answer.code == 2
    assert says in answer.sentence
    assert not (curves / "page.html").exists()


def test_too_few_cycles(run, curves):
    pd.read_csv("straight.csv").head(12).to_csv("few.csv", index=False)
    answer = run("knee few.csv --report page.html --json")
    assert (answer.code, answer.out) == (2, "")
    assert answer.sentence == (
        "A knee needs 20 measured cycles or more of a cell, got 12 at most; give more of the record."
    )
    assert not (curves / "page.html").exists()
