"""`faradaic identify` and `faradaic demo identify`: words, numbers for machines, files and exit codes."""

from __future__ import annotations

import json

import pytest

from .conftest import write

ASK = 'identify k.csv --law vft --x "T [degC]" --y "k [mS/cm]"'


@pytest.fixture
def two(tmp_path, monkeypatch):
    write(tmp_path / "k.csv", ["T [degC]", "k [mS/cm]"], [(7, 1.2), (47, 6.1)])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_stays_free_is_said_and_the_exit_code_tells(run, two):
    answer = run(ASK + " --report k.html")
    assert answer.code == 1
    assert answer.err == ""
    words = " ".join(answer.out.split())
    assert "2 rows and 3 parameters, under-determined, rank 2 of 3." in words
    assert "Of A, B and T0 the rows determine only 2 combinations" in words
    assert "a row at T = " in words
    page = (two / "k.html").read_text(encoding="utf-8")
    assert "These rows identify 0 of 3 parameters; what stays free: A, B, T0." in page
    assert "faradaic identify k.csv --law vft" in page


def test_for_machines(run, two):
    answer = run(ASK + " --known T0=180 --json")
    assert answer.code == 0
    found = json.loads(answer.out)
    assert (found["case"], found["rank"], found["exit_code"]) == ("exactly determined", 2, 0)
    assert [one["status"] for one in found["estimates"]] == ["identified", "identified", "known"]
    assert found["estimates"][0]["low"] is None  # two rows tell no scatter


def test_information_from_the_command_line(run, two):
    prior = run(ASK + " --sigma 0.05 --prior T0=180,5 --json")
    assert json.loads(prior.out)["estimates"][2]["value"] == pytest.approx(180.0, rel=1e-6)
    least = run(ASK + " --least T0 --bound T0=100,200 --json")
    assert json.loads(least.out)["estimates"][2]["value"] == pytest.approx(100.0, abs=1e-6)
    assert run(ASK + " --quiet").out == ""


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("--known T0", "--known must be NAME=VALUE, got 'T0'"),
        ("--prior T0=180", "--prior must be NAME=NUMBER,NUMBER"),
        ("--known Tg=180", "'Tg', which is no parameter; did you mean"),
        ("--prior T0=180,5", "read the data with sigma="),
        ("--level 95", "level must lie between 0 and 1"),
        ("--report no/where.html", "no/where.html"),
        ("--law vft2", "No law is called 'vft2'"),
    ],
)
def test_bad_input(run, two, more, says):
    answer = run(f"{ASK} {more}")
    assert answer.code == 2
    assert says in answer.sentence
    assert not list(two.glob("*.html"))


def test_a_law_of_other_inputs(run, two):
    answer = run('identify k.csv --law flores2022 --x "T [degC]" --y "k [mS/cm]"')
    assert answer.code == 2
    assert "takes 3 inputs" in answer.sentence


def test_a_circuit(run, tmp_path, monkeypatch):
    import numpy as np

    from faradaic.laws import Circuit

    frequency = np.logspace(-1, 5, 40)
    Z = Circuit("R0-p(R1,C1)")(frequency, [10.0, 90.0, 1e-4])
    Z = Z * (1 + 0.002 * np.random.default_rng(0).normal(size=40))
    rows = zip(frequency, Z.real, Z.imag, strict=True)
    write(tmp_path / "s.csv", ["frequency [Hz]", "Re [ohm]", "Im [ohm]"], rows)
    monkeypatch.chdir(tmp_path)
    answer = run("identify s.csv --circuit R0-R2-p(R1,C1) --report s.html")
    assert answer.code == 1
    assert "R0 and R2 are in series: only R0 + R2 is identified." in " ".join(answer.out.split())
    assert "R0 + R2" in (tmp_path / "s.html").read_text(encoding="utf-8")
    assert run("identify s.csv --circuit R0-p(R1,C1) --quiet").code == 0
    wrong = run("identify s.csv --circuit R0-p(R1,C1")
    assert wrong.code == 2
    assert run("identify s.csv --circuit R0-C1 --law vft").sentence.startswith("--circuit takes a spectrum alone")
    assert run("identify s.csv").sentence.startswith("Give --law with --x and --y for a table")
