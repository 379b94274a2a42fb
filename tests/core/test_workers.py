"""Work done by workers: in order of completion, again where one is lost, and on a Dask cluster."""

from __future__ import annotations

import os
import signal
import sys
import time
from functools import partial

import pytest

from faradaic._core import ArgumentError, OptionalImportError, WorkerError, run_all, run_each, scheduler


def squared(x):
    return x * x


def dies(folder, x, times):
    """Kill this worker as often as ``times`` says, then answer; every call leaves a mark."""
    marks = len(list(folder.glob(f"{x}-*")))
    (folder / f"{x}-{marks}").touch()
    if marks < times:
        os.kill(os.getpid(), signal.SIGKILL)
    return squared(x)


class TestRunEach:
    @pytest.mark.parametrize("n_jobs", [1, 2])
    def test_every_result_comes_once_with_its_place(self, n_jobs):
        assert sorted(run_each([partial(squared, x) for x in range(20)], n_jobs)) == [(x, x * x) for x in range(20)]

    def test_results_keep_their_order(self):
        ticks = []
        assert run_all([partial(squared, x) for x in range(7)], 2, lambda: ticks.append(1)) == [0, 1, 4, 9, 16, 25, 36]
        assert len(ticks) == 7

    def test_nothing_to_do(self):
        assert run_all([]) == []

    def test_an_error_is_raised(self):
        with pytest.raises(ZeroDivisionError):
            run_all([partial(divmod, 1, 0)], 2)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
class TestLostWorkers:
    # joblib warns that a worker stopped, which is what is tested
    pytestmark = pytest.mark.filterwarnings("ignore:A worker stopped:UserWarning")

    def test_a_killed_worker_costs_its_task_alone(self, tmp_path):
        tasks = [partial(dies, tmp_path, x, 1 if x == 3 else 0) for x in range(8)]
        assert run_all(tasks, 2) == [x * x for x in range(8)]
        assert len(list(tmp_path.glob("3-*"))) == 2

    def test_workers_that_always_die_end_the_work(self, tmp_path):
        with pytest.raises(WorkerError, match="lost 3 times in a row"):
            run_all([partial(dies, tmp_path, 1, 99), partial(dies, tmp_path, 2, 99)], 2)


class TestScheduler:
    def test_none_changes_nothing(self):
        with scheduler(None):
            assert run_all([partial(squared, 3)]) == [9]

    def test_without_dask_the_extra_is_named(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "distributed", None)
        with pytest.raises(OptionalImportError, match=r"faradaic\[cluster\]"), scheduler("tcp://127.0.0.1:1"):
            pass

    def test_nobody_answers(self, monkeypatch):
        distributed = pytest.importorskip("distributed")
        monkeypatch.setattr(distributed, "Client", partial(distributed.Client, timeout=0.5))
        begin = time.perf_counter()
        with pytest.raises(ArgumentError, match="No Dask scheduler answers"), scheduler("tcp://127.0.0.1:9"):
            pass
        assert time.perf_counter() - begin < 30
