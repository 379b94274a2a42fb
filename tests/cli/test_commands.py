"""What the commands say and write when all is well."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

import faradaic as fd
from faradaic.approximations import Polynomial
from faradaic.cli import _demo
from faradaic.landscape._run import Run

EXPLORE = 'explore good.csv --x "x [mm]" --y "U [mV]" --folds 3 --workers 1'
PROGRAM = "from faradaic.cli import main; main()"


def process(*words: str, cwd=None) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(fd.__file__))}
    command = [sys.executable, "-c", PROGRAM, *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, timeout=120, check=False)


class TestHelp:
    def test_it_is_quick(self):
        """Processor time, which a busy machine leaves alone; the wheel's smoke test measures the time waited."""

        def seconds() -> float:
            begin = os.times()
            done = process("--help")
            end = os.times()
            assert done.returncode == 0
            assert "explore" in done.stdout
            user, system = end.children_user - begin.children_user, end.children_system - begin.children_system
            return user + system

        assert min(seconds() for _ in range(3)) < 0.6

    def test_it_loads_nothing_heavy(self):
        code = "import faradaic.cli, sys; print(*sys.modules)"
        environment = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(fd.__file__))}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
        heavy = {"numpy", "scipy", "pandas", "xarray", "sklearn", "jax", "matplotlib", "pint", "joblib", "jinja2"}
        assert not set(done.stdout.split()) & heavy

    @pytest.mark.parametrize("command", ["explore", "predict", "demo", "data", "data list", "data fetch"])
    def test_every_command_has_one(self, command, run):
        answer = run(f"{command} --help")
        assert answer.code == 0
        assert "Usage" in answer.out

    def test_units_in_square_brackets_survive(self, run):
        assert "[mS/cm]" in run("explore --help").out

    def test_version(self, run):
        assert run("--version").out.strip() == f"faradaic {fd.__version__}"


@pytest.mark.usefixtures("quick")
class TestExplore:
    def test_verdict_report_and_trend(self, folder, run):
        answer = run(f"{EXPLORE} --sigma 0.05 --outer 3 --report r.html --save t.trend")
        assert answer.code == 0
        assert answer.err == ""
        found = fd.explore(fd.read("good.csv", ["x [mm]"], "U [mV]", sigma=0.05), splits=3, outer=3)
        assert all(line in answer.out for line in found.summary().splitlines())
        assert "Wrote the trend: t.trend" in answer.out
        assert "Wrote the report: r.html" in answer.out
        page = (folder / "r.html").read_text(encoding="utf-8")
        assert "faradaic explore good.csv --x &#39;x [mm]&#39;" in page
        assert "--report r.html --save t.trend" in page
        assert fd.load("t.trend").quality.parameters == found.selection.parameters

    def test_nothing_is_written_unasked(self, folder, run):
        assert run(f"{EXPLORE} --outer 0").code == 0
        assert [path.name for path in folder.iterdir()] == ["good.csv"]

    def test_exit_code_1_when_the_error_is_large(self, folder, run):
        rng = np.random.default_rng(1)
        x = np.linspace(0, 1, 12)
        rows = "".join(f"{a},{b}\n" for a, b in zip(x, rng.normal(size=12), strict=True))
        (folder / "t.csv").write_text("x,y\n" + rows)
        answer = run("explore t.csv --x x --y y --sigma 1e-3 --outer 0 --folds 3 --workers 1 --save t.trend")
        assert answer.code == 1
        assert "large against the noise" in answer.out
        assert (folder / "t.trend").exists()

    def test_json_is_all_there_is(self, folder, run):
        answer = run(f"{EXPLORE} --sigma 0.05 --outer 3 --seed 4 --json --save t.trend")
        record = json.loads(answer.out)
        assert (answer.code, answer.err) == (0, "")
        assert record["exit_code"] == 0
        assert record["seed"] == 4
        assert record["large"] is False
        assert record["floor"] == {"value": pytest.approx(0.05), "source": "stated sigma"}
        assert record["error"] == record["outer"]["rmse"]
        assert len(record["outer"]["choices"]) == 3
        assert record["selection"]["parameters"] >= 2
        assert record["regimes"]["n"] == 8
        assert record["written"] == {"trend": "t.trend"}
        assert record["command"].startswith("faradaic explore good.csv --x 'x [mm]'")
        assert record["verdict"]

    def test_json_knows_no_nan(self, folder, run):
        answer = run(f"{EXPLORE} --outer 0 --json")
        assert "NaN" not in answer.out
        assert json.loads(answer.out)["floor"]["value"] is None
        assert json.loads(answer.out)["outer"] is None

    def test_quiet_says_nothing(self, folder, run):
        answer = run(f"{EXPLORE} --outer 0 --quiet --report r.html")
        assert (answer.code, answer.out, answer.err) == (0, "", "")
        assert (folder / "r.html").exists()

    def test_groups_noise_column_and_measure_are_passed_on(self, folder, run):
        text = (folder / "good.csv").read_text().splitlines()
        lines = [text[0] + ",s [mV]", *(f"{line},0.0{1 + k % 5}" for k, line in enumerate(text[1:]))]
        (folder / "t.csv").write_text("\n".join(lines))
        line = 'explore t.csv --x "x [mm]" --y "U [mV]" --group cell --sigma "s [mV]" --reliability stochastic '
        record = json.loads(run(line + "--measure standardised --outer 0 --workers 1 --json").out)
        assert record["data"]["groups"] == "cell"
        assert record["data"]["sources"] == [{"name": "t", "reliability": "Stochastic(standard_error=None)"}]
        assert record["unit"] == "standard errors"
        assert record["trend"]["reduced_chi2"] > 0

    def test_deterministic_with_a_tolerance(self, folder, run):
        record = json.loads(run(f"{EXPLORE} --reliability deterministic --tolerance 1 --outer 0 --json").out)
        assert record["floor"]["value"] == pytest.approx(1.0)
        assert record["selection"]["interpolates"]

    def test_interrupted(self, folder, run, monkeypatch):
        def interrupted(*args, **kwargs):
            raise KeyboardInterrupt

        monkeypatch.setattr(fd, "explore", interrupted)
        answer = run(f"{EXPLORE} --report r.html")
        assert answer.code == 130
        assert answer.sentence == "stopped; what is finished is kept: the same command with --resume goes on."
        assert [path.name for path in folder.iterdir()] == ["good.csv"]

    @pytest.mark.parametrize("place", ["", "--run r"])
    def test_a_stopped_run_goes_on_with_resume(self, folder, run, quick, cache, monkeypatch, place):
        whole = run(f"{EXPLORE} --outer 2 --json --run whole")
        keep, count = Run.keep, iter(range(10_000))

        def stopping(self, *args):
            if next(count) > 8:
                raise KeyboardInterrupt
            keep(replace(self, least=0.0), *args)

        with monkeypatch.context() as patched:
            patched.setattr(Run, "keep", stopping)
            assert run(f"{EXPLORE} --outer 2 {place}").code == 130
        runs = [folder / "r"] if place else list((cache / "faradaic" / "runs").iterdir())
        assert len(list(runs[0].rglob("*.n*"))) > 2
        again = run(f"{EXPLORE} --outer 2 --json --resume {place}")
        first, second = json.loads(whole.out), json.loads(again.out)
        assert first["selection"] == second["selection"]
        assert first["outer"] == second["outer"]
        assert runs[0].exists() == bool(place)

    def test_resume_needs_a_run_and_a_run_needs_resume(self, folder, run, quick):
        assert "no unfinished run of this table" in run(f"{EXPLORE} --outer 0 --resume").sentence
        assert "no unfinished run in 'r'" in run(f"{EXPLORE} --outer 0 --run r --resume").sentence
        assert run(f"{EXPLORE} --outer 0 --run r --quiet").code in (0, 1)
        assert "add --resume" in run(f"{EXPLORE} --outer 0 --run r").sentence
        assert run(f"{EXPLORE} --outer 0 --run r --resume --quiet").code in (0, 1)

    def test_old_runs_in_the_cache_are_forgotten(self, folder, run, quick, cache):
        old, new = (cache / "faradaic" / "runs" / name for name in ("old", "new"))
        for place in (old, new):
            place.mkdir(parents=True)
        os.utime(old, (1.0, 1.0))
        run(f"{EXPLORE} --outer 0 --quiet")
        assert (old.exists(), new.exists()) == (False, True)

    def test_a_cache_that_cannot_be_written_is_done_without(self, folder, run, quick, monkeypatch):
        (folder / "file").write_text("")
        monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "file"))
        assert run(f"{EXPLORE} --outer 0 --quiet").code in (0, 1)


class TestPredict:
    @pytest.fixture(autouse=True)
    def trend(self, folder):
        data = fd.read("good.csv", x=["x [mm]"], y="U [mV]", sigma=0.05)
        (folder / "new.csv").write_text("x [um],other\n500,a\n3000,b\n")
        return fd.fit(Polynomial(degree=1), data).save(folder / "t.trend")

    def test_a_pipe_gets_comma_separated_values(self, run, trend):
        answer = run("predict t.trend --at new.csv")
        rows = list(csv.DictReader(io.StringIO(answer.out)))
        assert answer.code == 0
        assert [row["x [mm]"] for row in rows] == ["0.5", "3"]
        assert [row["domain"] for row in rows] == ["inside", "outside"]
        with pytest.warns(fd._core.OutsideDomainWarning):
            expected = fd.load(trend).predict([[0.5], [3.0]])
        assert [float(row["U [mV]"]) for row in rows] == pytest.approx(expected, rel=1e-9)
        assert answer.sentence.startswith("1 of 2 rows lies outside")

    def test_nothing_is_complained_of_inside(self, folder, run):
        assert run("predict t.trend --at good.csv").err == ""

    @pytest.mark.parametrize(("name", "separator"), [("p.csv", ","), ("p.tsv", "\t")])
    def test_a_file(self, name, separator, folder, run):
        answer = run(f"predict t.trend --at new.csv --out {name}")
        rows = list(csv.reader((folder / name).read_text().splitlines(), delimiter=separator))
        assert len(rows) == 3
        assert rows[0] == ["x [mm]", "U [mV]", "std of U [mV]", "domain"]
        assert name in answer.out

    def test_json(self, run):
        record = json.loads(run("predict t.trend --at new.csv --json").out)
        assert record["outside"] == 1
        assert [row["domain"] for row in record["rows"]] == ["inside", "outside"]

    def test_a_screen_gets_a_table(self, folder):
        from rich.console import Console

        from faradaic.cli import _predict

        text = io.StringIO()
        table = fd.load("t.trend").table(np.linspace(-1, 1, 50)[:, None])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_predict, "console", lambda: Console(file=text, width=80))
            _predict._show(table)
        lines = text.getvalue().splitlines()
        assert re.search(r"x \[mm\]\s+U \[mV\]", lines[0])
        assert "10 more rows" in lines[-1]


class TestDemo:
    def test_three_verdicts_and_one_report(self, folder, run, quick):
        answer = run("demo --workers 1")
        assert answer.code == 0
        for kind in ("experiment", "stochastic", "deterministic"):
            title = fd.data.EXAMPLES[kind].title
            assert title in answer.out
            assert title in (folder / "demo.html").read_text(encoding="utf-8")
        assert answer.out.count("Best approximation") == 3
        assert sorted(path.name for path in folder.iterdir()) == ["demo.html", "good.csv"]

    def test_only_one_and_json(self, folder, run, quick):
        record = json.loads(run("demo --only stochastic --workers 1 --report d.html --json").out)
        assert [one["data"]["response"] for one in record["findings"]] == ["D [m**2/s]"]
        assert record["written"] == {"report": "d.html"}

    def test_every_example_is_shown(self):
        assert set(_demo.SPLITS) == set(_demo.ExampleChoice) == set(fd.data.EXAMPLES)


class TestData:
    def test_the_list_names_every_set(self, run):
        answer = run("data list")
        assert answer.code == 0
        for name in [*fd.data.CATALOGUE, *fd.data.EXAMPLES]:
            assert name in answer.out

    def test_fetch_uses_a_local_copy(self, run, literature):
        path = literature("flores2022/HTE_dataset_PC_EMC_EC_LiPF6.csv")
        answer = run("data fetch flores2022")
        assert answer.out.strip() == str(path)
        assert "10.1039/D2DD00027J" in answer.err


class TestProcess:
    def test_one_sentence_and_no_traceback(self, folder):
        done = process("explore", "good.csv", "--x", "y", "--y", "U [mV]", cwd=folder)
        assert (done.returncode, done.stdout) == (2, "")
        assert len(done.stderr.splitlines()) == 1
        assert done.stderr.startswith("faradaic: ")

    def test_the_real_ladder_from_end_to_end(self, folder):
        line = ["explore", "good.csv", "--x", "x [mm]", "--y", "U [mV]", "--sigma", "0.05", "--outer", "0"]
        done = process(*line, "--folds", "3", "--workers", "1", "--json", "--save", "t.trend", cwd=folder)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        assert json.loads(done.stdout)["written"] == {"trend": "t.trend"}
        again = process("predict", "t.trend", "--at", "good.csv", cwd=folder)
        assert again.returncode == 0, again.stderr
        assert len(again.stdout.splitlines()) == 13

    @pytest.mark.skipif(sys.platform == "win32", reason="no process groups")
    def test_ctrl_c(self, folder):
        environment = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(fd.__file__))}
        # a shell that puts the tests into the background lets them, and all they start, ignore it
        heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        command = [sys.executable, "-c", heard + PROGRAM, "demo", "--report", "d.html", "--workers", "2"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder, env=environment,
            start_new_session=True,
        ) as running:  # fmt: skip
            time.sleep(4)
            os.killpg(running.pid, signal.SIGINT)
            try:
                _, err = running.communicate(timeout=30)
            except subprocess.TimeoutExpired:  # workers were just being started, where it is not heard
                os.killpg(running.pid, signal.SIGINT)
                _, err = running.communicate(timeout=60)
        assert running.returncode == 130
        assert err.splitlines()[-1].startswith("faradaic: stopped")
        assert "Traceback" not in err
        assert not (folder / "d.html").exists()
