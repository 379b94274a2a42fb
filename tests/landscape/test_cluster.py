"""The same calls on the workers of a Dask cluster: equal to the last digit, and none is lost with a worker."""

from __future__ import annotations

import os
import signal
import sys

import joblib
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import faradaic as fd
from faradaic._core import run_all, scheduler
from faradaic.approximations import Network, Polynomial
from faradaic.cli._main import app
from faradaic.data import Spectrum
from faradaic.laws import Circuit

distributed = pytest.importorskip("distributed")
# Dask leaves sockets and event loops to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        yield cluster


def table(n=24):
    rng = np.random.default_rng(0)
    x = rng.uniform(0.0, 1.0, n)
    return fd.read(pd.DataFrame({"x": x, "y": 2.0 + np.sin(5.0 * x) + 0.1 * rng.normal(size=n)}), x=["x"], y="y")


def same(one, other):
    return one.errors.drop_vars("seconds").identical(other.errors.drop_vars("seconds"))


def who(_):
    return os.getpid()


class Dies:
    """Kill the process of the first call."""

    def __init__(self, mark):
        self.mark = mark

    def __call__(self):
        if not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return "done"


def test_a_landscape_by_the_back_end_of_joblib(cluster):
    with distributed.Client(cluster) as client, joblib.parallel_config("dask", client=client, n_jobs=-1):
        there = fd.landscape(Network(), table(), sizes=[1, 2, 3])
    assert same(there, fd.landscape(Network(), table(), sizes=[1, 2, 3]))


def test_an_exploration_by_the_address(cluster, tmp_path):
    with scheduler(cluster.scheduler_address):
        there = fd.explore(table(), [Polynomial()], outer=3, run=tmp_path / "r")
    here = fd.explore(table(), [Polynomial()], outer=3)
    assert same(there.best, here.best)
    assert np.array_equal(there.outer.residual, here.outer.residual)


def test_the_profiles_of_a_circuit(cluster):
    circuit, frequency = Circuit("R0-p(R1,C1)"), np.logspace(-1, 4, 25)
    Z, noise = circuit(frequency, [1.0, 5.0, 1e-3]), np.random.default_rng(0).normal(size=(2, 25))
    spectrum = Spectrum(frequency, Z + 0.01 * np.abs(Z) * (noise[0] + 1j * noise[1]))
    with scheduler(cluster.scheduler_address):
        there = fd.identify(circuit, spectrum)
    here = fd.identify(circuit, spectrum)
    assert len(there.profiles) == 3
    for one, other in zip(there.profiles, here.profiles, strict=True):
        assert (one.name, one.low, one.high, one.shape) == (other.name, other.low, other.high, other.shape)
        assert np.array_equal(one.rise, other.rise)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_worker_loses_nothing(cluster, tmp_path):
    with scheduler(cluster.scheduler_address):
        assert run_all([Dies(tmp_path / "mark")] * 4) == ["done"] * 4


def test_the_command_line(cluster, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = table()
    pd.DataFrame({"x": data.X[:, 0], "y": data.y}).to_csv("t.csv", index=False)
    asked = ["explore", "t.csv", "--x", "x", "--y", "y", "--outer", "0", "--folds", "3", "--json", "--run", "r"]
    done = CliRunner().invoke(app, [*asked, "--scheduler", cluster.scheduler_address])
    assert done.exit_code in (0, 1), done.stderr
    assert '"best"' in done.stdout or "design" in done.stdout
    both = CliRunner().invoke(app, [*asked, "--resume", "--scheduler", cluster.scheduler_address, "--workers", "2"])
    assert both.exit_code == 2
    assert "leave --workers out" in both.stderr
