"""`faradaic impedance`: words, numbers for machines, leaks, spectra that drifted, files and exit codes."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from faradaic.data import Spectrum
from faradaic.laws.circuits import Circuit
from faradaic.performance import spectra_table

Q = "Q [mAh]"
F = np.logspace(4, -1, 12)
ASK = f'impedance spectra.csv --y "{Q}" --outer 0'


def made(cells: int, seed: int, drift: float = 0.0) -> pd.DataFrame:
    """Return six spectra of each cell, whose charge-transfer resistance grows while its capacity falls."""
    rng, circuit = np.random.default_rng(seed), Circuit("R0-p(R1,C1)")
    spectra, capacity, cell = [], [], []
    for k in range(cells):
        for R in np.linspace(1.0, 3.0, 6) * rng.uniform(0.9, 1.1):
            noise = 1e-3 * (rng.normal(size=F.size) + 1j * rng.normal(size=F.size))
            Z = circuit(F, [1.0, R, 1e-3]) * (1.0 + noise + drift * np.linspace(0, 1, F.size) ** 4)
            spectra.append(Spectrum(F, Z))
            capacity.append(45.0 - 5.0 * R + 0.2 * rng.normal())
            cell.append(f"c{k}")
    return spectra_table(spectra, **{"cell": cell, Q: capacity})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made(10, 0).to_csv("spectra.csv", index=False)
    made(3, 1).to_csv("others.csv", index=False)
    return tmp_path


def test_capacity_of_other_cells(run, folder):
    answer = run(ASK + " --test others.csv --at others.csv --out told.csv --report page.html --save q.trend")
    assert (answer.code, answer.err) == (0, "")
    words = " ".join(answer.out.split())
    assert "Q [mAh] from 60 spectra" in words
    assert "nothing speaks against them in 60 spectra tested" in words
    assert "On 18 rows of the test table: error" in words
    told, known = pd.read_csv("told.csv"), pd.read_csv("others.csv")
    np.testing.assert_allclose(told[Q], known[Q], atol=1.0)
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert "faradaic impedance spectra.csv" in page
    for said in ("nothing speaks against them in 60 spectra", "On 18 rows of the test table", "the features tell more"):
        assert said in page


@pytest.mark.parametrize("kind", ['--circuit "R0-p(R1,C1)"', "--relaxation"])
def test_other_features_of_the_same_spectra(run, folder, kind):
    found = json.loads(run(f"{ASK} --test others.csv --json {kind}").out)
    assert found["learned"]
    assert found["test"]["r2"] > 0.9
    assert all(name.startswith(("R", "C")) for name in found["inputs"])


def test_a_test_table_that_was_trained_on(run, folder):
    found = json.loads(run(ASK + " --test spectra.csv --json").out)
    assert found["leak"].startswith("All 60 rows")
    assert "Leak: All 60 rows" in " ".join(run(ASK + " --test spectra.csv").out.split())


def test_spectra_that_drifted_are_a_verdict(run, folder):
    made(10, 0, drift=0.4).to_csv("spectra.csv", index=False)
    found = json.loads(run(ASK + " --json").out)
    assert found["exit_code"] == 0
    assert len(found["kramers_kronig"]["failing"]) > 10
    assert "deviate by more than noise" in " ".join(run(ASK).out.split())


def test_rows_without_a_response_are_predicted_and_frequencies_ranked(run, folder):
    table = pd.read_csv("spectra.csv")
    table.loc[54:, Q] = np.nan
    table.to_csv("spectra.csv", index=False)
    found = json.loads(run(ASK + " --rank 2 --json").out)
    assert [one["cell"] for one in found["cells"]] == ["c9"] * 6
    assert found["ranking"][0]["rank"] == 1
    assert run(ASK + " --quiet").out == ""


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("--test missing.csv", "missing.csv"),
        ('--circuit "R0-p(R1,X1)"', "X1"),
        ('--circuit "R0-p(R1,C1)" --relaxation', "give one of them"),
        ("--rank 1", "--rank must be 0 (none) or at least 2"),
        ("--level 95", "--level must lie between 0 and 1"),
        ("--out told.csv", "--out has no spectra to predict"),
        ("--report no/where.html", "no/where.html"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(run, folder, more, says):
    before = sorted(path.name for path in folder.iterdir())
    answer = run(f"{ASK} {more}")
    assert answer.code == 2
    assert says in answer.sentence
    assert sorted(path.name for path in folder.iterdir()) == before


def test_wrong_columns(run, folder):
    assert "There is no column 'Q [Ah]'" in run('impedance spectra.csv --y "Q [Ah]"').sentence
    pd.read_csv("spectra.csv").drop(columns="Im Z at 10000 Hz [ohm]").to_csv("half.csv", index=False)
    assert "each frequency needs both" in run(f'impedance half.csv --y "{Q}" --relaxation').sentence
    # as plain numbers they may be used, but that they are no spectra is said
    plain = json.loads(run(f'impedance half.csv --y "{Q}" --outer 0 --json').out)
    assert plain["kramers_kronig"]["tested"] == 0
    assert "each frequency needs both" in plain["kramers_kronig"]["why"]


def test_too_few_frequencies_for_the_test(run, folder):
    table = pd.read_csv("spectra.csv")
    kept = [c for c in table if " Z at " not in c or any(f"at {f} Hz" in c for f in ("10000", "0.1"))]
    table[kept].to_csv("few.csv", index=False)
    found = json.loads(run(f'impedance few.csv --y "{Q}" --outer 0 --json').out)
    assert found["exit_code"] == 0
    assert "10 points" in found["kramers_kronig"]["why"]
