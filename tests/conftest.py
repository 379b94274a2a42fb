"""Fixtures for all tests, and a count of the literature tests that were left out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

LEFT_OUT = "literature data:"


@pytest.fixture(autouse=True)
def _figures() -> Iterator[None]:
    """Close what a test drew."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(scope="session")
def literature() -> Callable[[str], Path]:
    """Return a function from a path below FARADAIC_DATA to the file; the test is left out where it is absent."""

    def found(path: str) -> Path:
        folder = os.environ.get("FARADAIC_DATA")
        if not folder:
            pytest.skip(f"{LEFT_OUT} FARADAIC_DATA is not set")
        file = Path(folder) / path
        if not file.is_file():
            pytest.skip(f"{LEFT_OUT} {path} is not in the folder that FARADAIC_DATA names")
        return file

    return found


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    yield
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if LEFT_OUT in text:
            reason = text.split(LEFT_OUT)[1].strip()
            reasons[reason] = reasons.get(reason, 0) + 1
    if reasons:
        terminalreporter.section("literature tests")
        for reason, count in sorted(reasons.items()):
            terminalreporter.line(f"{count} literature {'test was' if count == 1 else 'tests were'} left out: {reason}")
