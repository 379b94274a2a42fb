"""`faradaic surrogate`: the verdict, the record, the page, and bad input."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from faradaic.performance import simulate, simulation_design

GOOD = 'surrogate runs.csv --x "L [um]" --x C-rate --y "E [Wh]" --y "margin [V]"'


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Stand in a folder with a table of 32 simulations, ``runs.csv``."""
    design = simulation_design({"L [um]": (50.0, 80.0), "C-rate": (0.5, 2.0)}, 32)

    def model(p):
        return {
            "E [Wh]": 0.2 * p["L [um]"] / (1 + 0.1 * p["C-rate"]),
            "margin [V]": 0.1 - 0.001 * p["L [um]"] * p["C-rate"],
        }

    simulate(model, design).table().to_csv(tmp_path / "runs.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def left(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".csv" or path.name == "o.csv")


class TestVerdict:
    def test_good_enough(self, runs, run):
        answer = run(f"{GOOD} --report r.html")
        assert answer.code == 0, answer.err
        assert "Good enough: within 0.500 % of the spread." in answer.out
        assert "Share of the variance of E [Wh], in closed form" in answer.out
        page = (runs / "r.html").read_text(encoding="utf-8")
        assert page.count("<img ") == 4
        assert "Sobol&#39; indices of E [Wh]" in page
        assert "GaussianProcess" not in page.split("<main>")[0]

    def test_not_good_enough(self, runs, run):
        table = pd.read_csv("runs.csv")
        table["E [Wh]"] += np.random.default_rng(0).normal(size=32)
        table.to_csv("runs.csv", index=False)
        answer = run(f"{GOOD} --scatter")
        assert answer.code == 1
        assert "Not good enough: E misses 0.500 % of the spread" in answer.out

    def test_quiet(self, runs, run):
        answer = run(f"{GOOD} --quiet")
        assert (answer.code, answer.out, answer.err) == (0, "", "")


class TestRecord:
    def test_it_holds_the_answer(self, runs, run):
        answer = run(f'{GOOD} --log C-rate --json --want "E [Wh]=max" --limit "margin [V]=0:"')
        record = json.loads(answer.out)
        assert answer.code == record["exit_code"] == 0
        assert record["good"] is True
        energy, margin = record["responses"]
        assert energy["header"] == "E [Wh]"
        assert 0 < energy["share"] < 0.005
        assert sum(energy["sobol"]["first"].values()) == pytest.approx(1.0, abs=0.01)
        assert set(margin["sobol"]["total"]) == {"L [um]", "C-rate"}
        assert record["parameters"][1]["log"] is True
        design = record["design"]
        assert design["feasible"] is True
        # the ends of the ranges of a table are those of its rows
        assert design["parameters"]["L [um]"] == pytest.approx(record["parameters"][0]["high"], rel=1e-3)
        assert design["responses"]["margin [V]"] >= -1e-6

    def test_answers_for_other_parameters(self, runs, run):
        pd.DataFrame({"L [mm]": [0.06, 0.2], "C-rate": [1.0, 1.0]}).to_csv("at.csv", index=False)
        answer = run(f"{GOOD} --at at.csv --out o.csv --json")
        record = json.loads(answer.out)
        assert record["written"] == {"answers": "o.csv"}
        table = pd.read_csv("o.csv")
        assert table["domain"].tolist() == ["inside", "outside"] == [one["domain"] for one in record["answers"]]
        assert table["E [Wh]"][0] == pytest.approx(0.2 * 60 / 1.1, rel=1e-3)

    def test_failed_simulations_are_counted(self, runs, run):
        table = pd.read_csv("runs.csv")
        table.loc[:3, "E [Wh]"] = np.nan
        table.to_csv("runs.csv", index=False)
        assert json.loads(run(f"{GOOD} --json").out)["dropped"] == 4


class TestBadInput:
    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ('--x "L [m]"', ["no column 'L [m]'", "'L [um]'"]),
            ("--log L", ["'L'", "not among the parameters"]),
            ("--within 0", ["--within", "got 0"]),
            ("--out o.csv", ["--out", "--at"]),
            ("--at none.csv", ["none.csv", "does not exist"]),
            ("--group cel", ["no column 'cel'"]),
            ('--limit "margin [V]=0:"', ["--limit belongs to --want"]),
            ("--want max", ["HEADER=max", "'max'"]),
            ('--want "E [Wh]=most"', ["'most'", "neither max nor min"]),
            ('--want "F [Wh]=max"', ["no 'F [Wh]'", "'E [Wh]'"]),
            ('--want "E [Wh]=max" --limit "margin [V]=0"', ["'0'", "LOW:HIGH"]),
            ('--want "E [Wh]=max" --limit "margin [V]=1:0"', ["in order"]),
            ("--report no/r.html", ["no folder 'no'"]),
            ("--report runs.csv", ["'runs.csv'", "twice"]),
        ],
    )
    def test_one_sentence_and_nothing_is_written(self, options, words, runs, run):
        before = (runs / "runs.csv").read_text()
        answer = run(f"{GOOD} --report r.html {options}" if "--report" not in options else f"{GOOD} {options}")
        assert answer.code == 2
        assert answer.out == ""
        assert all(word in answer.sentence for word in words), answer.sentence
        assert left(runs) == []
        assert (runs / "runs.csv").read_text() == before

    @pytest.mark.parametrize(
        ("table", "words"),
        [
            ("L [um],C-rate,E [Wh],margin [V]\n50,1,2,3\n60,1,3,4\n", ["too few for 2 parameters"]),
            (
                "L [um],C-rate,E [Wh],margin [V]\n" + "50,1,2,3\n60,2,3,4\n" * 2 + "50,1,9,3\n70,1,1,1\n",
                ["equal inputs"],
            ),
            ("L [um],C-rate,E [Wh],margin [V]\n50,1,,\n60,1,,\n", ["'E [Wh]' is empty"]),
            ("L [um],C-rate,E [Wh],margin [V]\n50,1,2,3\n,1,3,4\n60,1,2,3\n61,2,3,4\n", ["Row 3", "L [um]"]),
        ],
    )
    def test_tables_that_cannot_be_used(self, table, words, runs, run):
        (runs / "runs.csv").write_text(table, encoding="utf-8")
        answer = run(f"{GOOD} --report r.html")
        assert answer.code == 2
        assert all(word in answer.sentence for word in words), answer.sentence
        assert left(runs) == []
