"""`faradaic lifetime`: words, numbers for machines, files, exit codes, and what is said of a table that cannot do."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

LIFE = "life [cycles]"
QUICK = ' --x "log var" --outer 0'


@pytest.fixture
def cells(tmp_path, monkeypatch) -> pd.DataFrame:
    """Sixteen cells of known life and four that are young, in a file."""
    rng = np.random.default_rng(3)
    variance = rng.uniform(-5.0, -3.0, 20)
    life = np.round(10 ** (1.3 - 0.4 * variance + 0.03 * rng.normal(size=20)))
    table = pd.DataFrame({"cell": [f"c{k}" for k in range(20)], "log var": variance, LIFE: life})
    table.loc[16:, LIFE] = np.nan
    monkeypatch.chdir(tmp_path)
    table.to_csv("cells.csv", index=False)
    return table


def test_young_cells_are_told(run, cells):
    answer = run("lifetime cells.csv --report life.html --out told.csv --save life.trend" + QUICK)
    assert (answer.code, answer.err) == (0, "")
    words = " ".join(answer.out.split())
    assert "life [cycles] from 16 cells of known life" in words
    assert "the features tell more" in words
    told = pd.read_csv("told.csv")
    assert told["cell"].tolist() == ["c16", "c17", "c18", "c19"]
    expected = 10 ** (1.3 - 0.4 * cells["log var"][16:].to_numpy())
    np.testing.assert_allclose(told[LIFE], expected, rtol=0.15)
    assert (told[f"low {LIFE}"] < told[LIFE]).all()
    assert (told[LIFE] < told[f"high {LIFE}"]).all()
    with open("life.html", encoding="utf-8") as page:
        assert "faradaic lifetime cells.csv" in page.read()


def test_for_machines_and_in_silence(run, cells):
    found = json.loads(run("lifetime cells.csv --json" + QUICK).out)
    assert (found["learned"], found["exit_code"], found["inputs"]) == (True, 0, ["log var"])
    assert [one["cell"] for one in found["cells"]] == ["c16", "c17", "c18", "c19"]
    assert run("lifetime cells.csv --quiet" + QUICK).out == ""


def test_features_that_tell_nothing_end_with_1(run, cells):
    cells[LIFE] = np.random.default_rng(0).uniform(300, 1500, len(cells))
    cells.to_csv("cells.csv", index=False)
    answer = run("lifetime cells.csv" + QUICK)
    assert answer.code == 1
    assert "the features tell no more than that" in " ".join(answer.out.split())


def test_other_cells_from_another_table(run, cells):
    cells.tail(2).drop(columns=LIFE).to_csv("young.csv", index=False)
    found = json.loads(run("lifetime cells.csv --at young.csv --json" + QUICK).out)
    assert [one["cell"] for one in found["cells"]] == ["c18", "c19"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('--life "life"', "There is no column 'life'; did you mean 'life [cycles]'"),
        ('--x "log vra"', "did you mean 'log var'"),
        ("--outer 1", "--outer must be 0 (none) or at least 2"),
        ("--level 95", "--level must lie between 0 and 1"),
        ('--preset variance --x "log var"', "--preset brings its own features"),
        ("--at missing.csv", "missing.csv"),
        ("--report no/where.html", "no/where.html"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(run, cells, tmp_path, more, says):
    before = sorted(path.name for path in tmp_path.iterdir())
    answer = run("lifetime cells.csv --out told.csv " + more)
    assert answer.code == 2
    assert says in answer.sentence
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_too_few_cells(run, cells):
    cells.head(2).to_csv("cells.csv", index=False)
    answer = run("lifetime cells.csv")
    assert answer.code == 2
    assert "at least 3 are needed" in answer.sentence


@pytest.mark.filterwarnings("always::faradaic._core.LeakWarning")
def test_a_cell_that_stands_there_twice_is_said_once_in_one_sentence(run, cells):
    rng = np.random.default_rng(0)
    several = [cells.head(8).assign(cell=f"c{k}", **{"log var": rng.normal(size=8)}) for k in range(5)]
    pd.concat([*several, several[0].assign(cell="copy")]).to_csv("twice.csv", index=False)
    answer = run("lifetime twice.csv" + QUICK)
    assert answer.code in (0, 1)
    assert answer.sentence.startswith("8 rows of cells stand in both c0 and copy, equal in inputs and response")
