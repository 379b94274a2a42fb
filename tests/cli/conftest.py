"""Small tables, and a runner that speaks like a shell."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import faradaic
from faradaic.approximations import Polynomial
from faradaic.cli._main import app


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line on standard error, without the name of the program."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("faradaic: ")
        return lines[0].removeprefix("faradaic: ")


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch) -> Path:
    """Runs are kept in a cache of the test's own."""
    place = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(place))
    return place


@pytest.fixture
def run(monkeypatch) -> Callable[..., Answer]:
    """Return a function that runs a command line in this process."""

    def run_it(line: str, *more: str) -> Answer:
        words = [*shlex.split(line), *more]
        monkeypatch.setattr(sys, "argv", ["faradaic", *words])
        result = CliRunner().invoke(app, words, prog_name="faradaic")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.stdout, result.stderr)

    return run_it


@pytest.fixture
def quick(monkeypatch) -> None:
    """Explore polynomials only: tested are the words, not the ladder."""
    designs = [Polynomial()]
    monkeypatch.setattr(faradaic, "explore", partial(faradaic.explore, designs=designs))


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Stand in a folder with a good table, ``good.csv``: U [mV] against x [mm], noise 0.05 mV, three cells."""
    rng = np.random.default_rng(0)
    x = np.linspace(-1, 1, 12)
    U = 2 * x + 0.05 * rng.normal(size=12)
    write(tmp_path / "good.csv", ["x [mm]", "U [mV]", "cell"], zip(x, U, np.arange(12) // 4, strict=True))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, header, rows) -> Path:
    lines = [",".join(header), *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
