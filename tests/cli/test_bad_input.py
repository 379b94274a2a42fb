"""Every kind of bad input: one sentence on standard error, exit code 2, and nothing is written."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

import faradaic as fd
from faradaic.approximations import Polynomial

GOOD = 'explore good.csv --x "x [mm]" --y "U [mV]" --outer 0 --folds 3 --workers 1 --report r.html --save t.trend'
ROWS = "1,2\n2,4\n3,5\n4,9\n"

# what came, the table, options that replace the usual ones, words of the answer
TABLES = {
    "a misspelt column": ("x [mm],U [mV]\n" + ROWS, '--x "x [m]" --y "U [mV]"', ["no column 'x [m]'", "'x [mm]'"]),
    "a missing column": ("x [mm],U [mV]\n" + ROWS, '--x "x [mm]" --y zeta', ["no column 'zeta'"]),
    "a missing group column": ("x [mm],U [mV]\n" + ROWS, '--x "x [mm]" --y "U [mV]" --group cel', ["no column 'cel'"]),
    "an unknown unit": ("x [mm],U [mW/furlong]\n" + ROWS, '--x "x [mm]" --y "U [mW/furlong]"', ["furlong"]),
    "sigma of another dimension": (
        "x [mm],U [mV],s [K]\n1,2,1\n2,4,1\n3,5,1\n",
        '--x "x [mm]" --y "U [mV]" --sigma "s [K]"',
        ["s [K]", "does not fit", "U [mV]"],
    ),
    "text in a column of numbers": (
        "x [mm],U [mV]\n1,2\n2,about 4\n3,5\n",
        '--x "x [mm]" --y "U [mV]"',
        ["Row 3", "U [mV]", "about 4"],
    ),
    "an empty cell": ("x [mm],U [mV]\n1,2\n2,\n3,5\n", '--x "x [mm]" --y "U [mV]"', ["U [mV]"]),
    "infinity": ("x [mm],U [mV]\n1,2\n2,inf\n3,5\n", '--x "x [mm]" --y "U [mV]"', ["U [mV]", "inf"]),
    "fewer than three rows": ("x [mm],U [mV]\n1,2\n2,4\n", '--x "x [mm]" --y "U [mV]"', ["only 2 rows", "3"]),
    "a constant response": ("x [mm],U [mV]\n1,2\n2,2\n3,2\n", '--x "x [mm]" --y "U [mV]"', ["is 2 in every row"]),
    "deterministic rows that disagree": (
        "x [mm],U [mV]\n1,2\n1,3\n3,5\n4,6\n",
        '--x "x [mm]" --y "U [mV]" --reliability deterministic',
        ["equal inputs", "2", "3"],
    ),
    "stochastic without standard errors": (
        "x [mm],U [mV]\n" + ROWS,
        '--x "x [mm]" --y "U [mV]" --reliability stochastic',
        ["standard errors", "sigma"],
    ),
    "sigma for deterministic data": (
        "x [mm],U [mV]\n" + ROWS,
        '--x "x [mm]" --y "U [mV]" --reliability deterministic --sigma 0.1',
        ["Deterministic", "sigma", "0.1"],
    ),
    "a tolerance for an experiment": (
        "x [mm],U [mV]\n" + ROWS,
        '--x "x [mm]" --y "U [mV]" --tolerance 0.1',
        ["tolerance", "0.1", "experiment"],
    ),
    "a negative sigma": ("x [mm],U [mV]\n" + ROWS, '--x "x [mm]" --y "U [mV]" --sigma -0.1', ["positive", "-0.1"]),
    "the same column twice": ("x [mm],U [mV]\n" + ROWS, '--x "x [mm]" --x "x [mm]" --y "U [mV]"', ["more than once"]),
    "a learning curve of a time series": (
        "x [mm],U [mV]\n" + ROWS,
        '--x "x [mm]" --y "U [mV]" --ordered --learning-curve',
        ["time series", "ordered=True"],
    ),
    "one outer split": ("x [mm],U [mV]\n" + ROWS, '--x "x [mm]" --y "U [mV]" --outer 1', ["--outer", "at least 2"]),
    "an empty file": ("", '--x "x [mm]" --y "U [mV]"', ["t.csv"]),
}


def unchanged(folder: Path) -> bool:
    return sorted(path.name for path in folder.iterdir() if path.name not in {"good.csv", "t.csv"}) == []


class TestExplore:
    @pytest.mark.parametrize("came", TABLES)
    def test_a_table_that_cannot_be_used(self, came, folder, run):
        text, options, words = TABLES[came]
        (folder / "t.csv").write_text(text, encoding="utf-8")
        answer = run(f"explore t.csv {options} --workers 1 --report r.html --save t.trend")
        assert answer.code == 2
        assert answer.out == ""
        assert all(word in answer.sentence for word in words), answer.sentence
        assert unchanged(folder)

    def test_a_table_that_is_not_there(self, folder, run):
        answer = run(GOOD.replace("good.csv", "goood.csv"))
        assert answer.code == 2
        assert "goood.csv" in answer.sentence
        assert unchanged(folder)

    def test_fewer_groups_than_folds(self, folder, run):
        answer = run(GOOD.replace("--folds 3", "--folds 9 --group cell"))
        assert answer.code == 2
        assert "9" in answer.sentence
        assert "3 groups of cell" in answer.sentence
        assert unchanged(folder)

    def test_a_negative_value_under_a_logarithm(self, folder):
        # The command line chooses its transforms itself, so this one is met in Python only.
        from faradaic.approximations import Design, Log

        data = fd.read("good.csv", x=["x [mm]"], y="U [mV]")
        with pytest.raises(fd._core.InputError, match=r"-\d"):
            fd.fit(Design(Polynomial(degree=1), y=Log()), data)

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ("--report no/r.html", ["no/r.html", "no folder 'no'"]),
            ("--report .", ["is a folder"]),
            ("--save no/t.trend", ["no/t.trend", "no folder 'no'"]),
            ("--report same --save same", ["'same'", "twice"]),
            ("--save good.csv", ["'good.csv'", "twice"]),
        ],
    )
    def test_a_path_that_cannot_be_written_is_found_before_the_work(self, options, words, folder, run, monkeypatch):
        def never(*args, **kwargs):
            raise AssertionError("the work has started")

        monkeypatch.setattr(fd, "read", never)
        monkeypatch.setattr(fd, "explore", never)
        answer = run(f'explore good.csv --x "x [mm]" --y "U [mV]" {options}')
        assert answer.code == 2
        assert all(word in answer.sentence for word in words), answer.sentence
        assert unchanged(folder)

    def test_usage_errors_have_the_same_code(self, folder, run):
        assert run("explore good.csv").code == 2
        assert run('explore good.csv --x "x [mm]" --y "U [mV]" --reliability sure').code == 2
        assert run("explain").code == 2
        assert unchanged(folder)


@pytest.fixture
def trend(folder) -> Path:
    data = fd.read("good.csv", x=["x [mm]"], y="U [mV]", sigma=0.05)
    return fd.fit(Polynomial(degree=1), data).save(folder / "t.trend")


def newer(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    content = json.loads(parts["trend.json"])
    parts["trend.json"] = json.dumps(content | {"format": 99}).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)


def foreign(path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    path.write_bytes(packed.getvalue())


SPOILT = {
    "truncated": (lambda path: path.write_bytes(path.read_bytes()[:300]), "truncated"),
    "empty": (lambda path: path.write_bytes(b""), "truncated"),
    "another archive": (foreign, "not a trend file"),
    "a text": (lambda path: path.write_text("T [K]\n300\n"), "not a trend file"),
    "newer": (newer, "format 99"),
    "missing": (lambda path: path.unlink(), "no file"),
}


class TestPredict:
    @pytest.mark.parametrize("how", SPOILT)
    def test_a_trend_that_cannot_be_read(self, how, folder, trend, run):
        spoil, words = SPOILT[how]
        spoil(trend)
        answer = run("predict t.trend --at good.csv --out p.csv")
        assert answer.code == 2
        assert answer.out == ""
        assert words in answer.sentence
        assert not (folder / "p.csv").exists()

    @pytest.mark.parametrize(
        ("table", "word"),
        [
            ("y [mm]\n1\n", "x [mm]"),
            ("x [K]\n1\n", "K"),
            ("x [mm]\nfar\n", "far"),
            ("x [mm],z\nnan,1\n", "x [mm]"),
            ("x [parsec2]\n1\n", "parsec2"),
        ],
    )
    def test_a_table_that_does_not_fit(self, table, word, folder, trend, run):
        (folder / "t.csv").write_text(table)
        answer = run("predict t.trend --at t.csv --out p.csv")
        assert answer.code == 2
        assert word in answer.sentence
        assert not (folder / "p.csv").exists()

    @pytest.mark.parametrize("out", ["no/p.csv", "t.trend", "good.csv", "p.docx"])
    def test_an_output_that_cannot_be_written(self, out, folder, trend, run):
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        answer = run(f"predict t.trend --at good.csv --out {out}")
        assert answer.code == 2
        assert out in answer.sentence
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


class TestDemoAndData:
    def test_a_report_path_that_cannot_be_written(self, folder, run, monkeypatch):
        monkeypatch.setattr(fd, "explore", lambda *a, **k: pytest.fail("the work has started"))
        answer = run("demo --report no/demo.html")
        assert answer.code == 2
        assert "no folder 'no'" in answer.sentence

    def test_a_set_that_is_not_in_the_catalogue(self, folder, run):
        answer = run("data fetch flores")
        assert answer.code == 2
        assert "'flores2022'" in answer.sentence
