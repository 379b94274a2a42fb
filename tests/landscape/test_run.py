"""Runs that keep finished fits: stopped and taken up again they end at the same landscape, bit for bit."""

from __future__ import annotations

import json
import os

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic._core import ArgumentError, identity
from faradaic.approximations import Design, GaussianProcess, LawRegressor, Log, Network, Polynomial
from faradaic.landscape._run import Run
from faradaic.laws import arrhenius, vogel_fulcher_tammann


def table(n=24, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.0, 1.0, n)
    return fd.read(pd.DataFrame({"x": x, "y": 2.0 + np.sin(5.0 * x) + 0.1 * rng.normal(size=n)}), x=["x"], y="y")


@pytest.fixture(autouse=True)
def keep_all(monkeypatch):
    """Keep every task, however short it was."""
    monkeypatch.setattr(Run, "opened", classmethod(lambda cls, *a: opened(*a)))


def opened(folder, card, original=Run.opened.__func__):
    return Run(original(Run, folder, card).folder, least=0.0)


def same(one, other):
    return one.errors.drop_vars("seconds").identical(other.errors.drop_vars("seconds"))


class Stopped(Exception):
    pass


def stop_after(monkeypatch, tasks):
    """Let the sweep be interrupted once so many tasks were kept."""
    keep, count = Run.keep, iter(range(10_000))

    def counting(self, *args):
        if next(count) >= tasks:
            raise Stopped
        keep(self, *args)

    monkeypatch.setattr(Run, "keep", counting)
    return lambda: monkeypatch.setattr(Run, "keep", keep)


DESIGNS = [Polynomial(), Network(), GaussianProcess(), Design(Polynomial(), y=Log())]


class TestResume:
    @pytest.mark.parametrize("design", DESIGNS, ids=lambda d: d.label)
    def test_a_stopped_sweep_goes_on_to_the_same_landscape(self, design, tmp_path, monkeypatch):
        sizes, whole = [1, 2, 3, 5], fd.landscape(design, table(), sizes=[1, 2, 3, 5])
        go_on = stop_after(monkeypatch, 2)  # each task is offered twice: by the worker, and when it came
        with pytest.raises(Stopped):
            fd.landscape(design, table(), sizes=sizes, run=tmp_path / "r")
        kept = len(list((tmp_path / "r").glob("*/*.npz")))
        assert kept == 1
        go_on()
        again = fd.landscape(design, table(), sizes=sizes, run=tmp_path / "r")
        assert same(again, whole)
        assert len(list((tmp_path / "r").glob("*.nc"))) == 1
        assert not list((tmp_path / "r").glob("*/*"))

    def test_a_finished_one_is_read(self, tmp_path, monkeypatch):
        first = fd.landscape(Polynomial(), table(), run=tmp_path / "r")
        monkeypatch.setattr("faradaic.landscape._plan.run_each", None)
        second = fd.landscape(Polynomial(), table(), run=tmp_path / "r")
        assert first.errors.identical(second.errors)

    def test_failures_keep_their_reasons(self, tmp_path):
        x = np.linspace(0.0, 1.0, 12)
        data = fd.read(pd.DataFrame({"x": x, "y": np.exp(-9.0 * x)}), x=["x"], y="y")
        asked = {"sizes": [1, 9], "measure": "relative", "run": tmp_path / "r"}
        first, second = (fd.landscape(Polynomial(), data, **asked) for _ in range(2))
        assert "not positive" in str(first.errors["failure"].values)
        assert first.errors["failure"].equals(second.errors["failure"])

    def test_what_takes_no_time_is_not_kept(self, tmp_path):
        run = Run(tmp_path, least=1e9)
        fd.landscape(Polynomial(), table(), sizes=[1, 2], run=run)
        assert not list(tmp_path.iterdir())

    def test_half_a_file_is_no_file(self, tmp_path):
        run = Run(tmp_path, least=0.0)
        (tmp_path / "key").mkdir()
        (tmp_path / "key" / f"0_0-0_1.{os.getpid()}.part").write_bytes(b"half")
        assert run.read("key", "0_0-0_1") is None

    def test_an_exploration(self, tmp_path, monkeypatch):
        designs = [Polynomial(), Design(Polynomial(), y=Log())]
        asked = {"outer": 2, "splits": 3}
        whole = fd.explore(table(), designs, **asked)
        go_on = stop_after(monkeypatch, 20)
        with pytest.raises(Stopped):
            fd.explore(table(), designs, **asked, run=tmp_path / "r")
        go_on()
        again = fd.explore(table(), designs, **asked, run=tmp_path / "r", n_jobs=2)
        assert all(same(a, b) for a, b in zip(again.landscapes, whole.landscapes, strict=True))
        assert again.summary() == whole.summary()
        assert np.array_equal(again.outer.residual, whole.outer.residual)


class TestFolder:
    def test_its_card_says_of_what_it_is(self, tmp_path):
        data = table()
        fd.landscape(Polynomial(), data, sizes=[1, 2], run=tmp_path / "a" / "b", seed=3)
        card = json.loads((tmp_path / "a" / "b" / "run.json").read_text())
        assert (card["data"], card["seed"], card["sizes"]) == (data.fingerprint, 3, ["1", "2"])
        assert card["versions"]["numpy"] == np.__version__

    @pytest.mark.parametrize(
        ("change", "word"),
        [
            ({"seed": 1}, "seed"),
            ({"measure": "relative"}, "measure"),
            ({"sizes": [1]}, "sizes"),
            ({"splits": 4}, "splits"),
        ],
    )
    def test_another_question_is_refused(self, change, word, tmp_path):
        fd.landscape(Polynomial(), table(), sizes=[1, 2], run=tmp_path / "r")
        with pytest.raises(ArgumentError, match=f"is another one: .*{word}"):
            fd.landscape(Polynomial(), table(), **({"sizes": [1, 2], "run": tmp_path / "r"} | change))

    def test_other_data_are_refused(self, tmp_path):
        fd.explore(table(), [Polynomial()], outer=None, run=tmp_path / "r")
        with pytest.raises(ArgumentError, match="is another one: data differs"):
            fd.explore(table(seed=1), [Polynomial()], outer=None, run=tmp_path / "r")
        with pytest.raises(ArgumentError, match="designs differs"):
            fd.explore(table(), [Network()], outer=None, run=tmp_path / "r")

    def test_other_versions_are_refused(self, tmp_path):
        fd.landscape(Polynomial(), table(), sizes=[1], run=tmp_path / "r")
        card = tmp_path / "r" / "run.json"
        card.write_text(card.read_text().replace(np.__version__, "1.0"))
        with pytest.raises(ArgumentError, match="versions"):
            fd.landscape(Polynomial(), table(), sizes=[1], run=tmp_path / "r")

    def test_a_folder_with_other_files_is_refused(self, tmp_path):
        (tmp_path / "thesis.txt").write_text("all of it")
        with pytest.raises(ArgumentError, match="something else than a run"):
            fd.landscape(Polynomial(), table(), run=tmp_path)
        assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]

    def test_a_file_is_refused(self, tmp_path):
        (tmp_path / "f").write_text("")
        with pytest.raises(ArgumentError, match="something else than a run"):
            fd.landscape(Polynomial(), table(), run=tmp_path / "f")
        with pytest.raises(ArgumentError, match="Cannot make the folder"):
            fd.landscape(Polynomial(), table(), run=tmp_path / "f" / "g")

    def test_workers_that_do_not_see_it_keep_nothing(self, tmp_path):
        Run(tmp_path / "elsewhere", least=0.0).keep("key", "task", [])
        assert not (tmp_path / "elsewhere").exists()


class TestIdentity:
    def test_equal_designs_and_others(self):
        assert identity(Network(width=3)) == identity(Network(width=3))
        assert identity(Network(width=3)) != identity(Network(width=4))
        assert identity(Design(Polynomial(), y=Log())) != identity(Design(Polynomial()))
        assert identity(np.arange(3)) != identity(np.arange(3.0))

    def test_laws_count_with_their_formula(self):
        assert identity(LawRegressor(arrhenius)) == identity(LawRegressor(arrhenius))
        assert identity(LawRegressor(arrhenius)) != identity(LawRegressor(vogel_fulcher_tammann))

        def scaled(factor):
            return lambda x: factor * x

        assert identity(scaled(2.0)) == identity(scaled(2.0))
        assert identity(scaled(2.0)) != identity(scaled(3.0))
