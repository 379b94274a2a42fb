"""`faradaic lifetime`: from features of the first cycles to how long cells will last."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._explore import check_paths
from ._predictions import say_predictions, write_files
from ._say import bars_shown, command_line, console, plain_errors, say_json, say_paragraphs
from ._work import Scheduler, Workers, workers_of

if TYPE_CHECKING:
    import pandas as pd

    from faradaic.performance import Lifetime
    from faradaic.report import Finding

NOTHING_LEARNED = 1
LACKING = "--out has no cells to predict: leave the life of some rows empty, or give --at."


class PresetChoice(StrEnum):
    """A model of Severson et al. 2019."""

    variance = "variance"
    discharge = "discharge"
    full = "full"


def lifetime(
    table: Annotated[
        Path, typer.Argument(metavar="TABLE", help="Features, a row for each cell, and the life of some of them.")
    ],
    life: Annotated[
        str, typer.Option(metavar="HEADER", help=r"Header of the life; rows where it is empty are predicted.")
    ] = "life [cycles]",
    x: Annotated[
        list[str] | None,
        typer.Option("--x", metavar="HEADER", help="Header of a feature; repeat it. Default: every column of numbers."),
    ] = None,
    cell: Annotated[str, typer.Option(metavar="HEADER", help="Header of the cell, if it is there.")] = "cell",
    preset: Annotated[
        PresetChoice | None,
        typer.Option(help="Take a model of Severson et al. 2019 on its features instead of choosing one."),
    ] = None,
    at: Annotated[Path | None, typer.Option("--at", metavar="TABLE", help="Other cells to predict.")] = None,
    level: Annotated[float, typer.Option(help="Of the intervals of new cells.")] = 0.9,
    outer: Annotated[int, typer.Option(min=0, help="Splits used to judge the choice; 0: none.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same result.")] = 0,
    workers: Workers = None,
    scheduler: Scheduler = None,
    out: Annotated[Path | None, typer.Option(metavar="F.csv", help="Write the predictions.")] = None,
    report: Annotated[Path | None, typer.Option(metavar="F.html", help="Write one self-contained page.")] = None,
    save: Annotated[Path | None, typer.Option(metavar="F.trend", help="Write the trend.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing; files and exit code tell.")] = False,
) -> None:
    """Learn from cells of known life how features of their first cycles tell it, and predict the others.

    Exit code 0: done. 1: done, but the features tell no more than the mean life of the known cells does. 2: the input
    cannot be used, and nothing is written.
    """
    begin = time.perf_counter()
    with plain_errors():
        check_paths(table, out, report, save)
        check_judging(outer, level)
        from faradaic.data import read_table
        from faradaic.performance import lifetime as learn
        from faradaic.report import Finding

        frame = read_table(table)
        others = None if at is None else read_table(at)
        asked = _asked(preset, x)
        with workers_of(workers, scheduler) as n_jobs:
            shared: dict[str, Any] = {"seed": seed, "n_jobs": n_jobs, "progress": bars_shown(quiet or as_json)}
            found = learn(frame, life=life, cell=cell, level=level, outer=outer or None, **asked, **shared)
        if others is None and frame[life].isna().any():
            others = frame[frame[life].isna()]
        predicted = None if others is None else found.predict(others)
        finding = Finding(found.exploration, found.trend, time.perf_counter() - begin, notes=(found.against_the_mean,))
        written = write_files(finding, predicted, out, report, save, LACKING)
        code = 0 if found.learned else NOTHING_LEARNED
        if as_json:
            _say_record(found, finding, predicted, written, code)
        elif not quiet:
            _say(found, predicted, written)
    raise typer.Exit(code)


def check_judging(outer: int, level: float) -> None:
    """Raise ArgumentError for a number of outer splits or a level that makes no sense."""
    from faradaic._core import ArgumentError

    if outer == 1:
        raise ArgumentError("--outer must be 0 (none) or at least 2, got 1: one split leaves no cells to judge with.")
    if not 0 < level < 1:
        raise ArgumentError(f"--level must lie between 0 and 1, got {level:g}.")


def _asked(preset: PresetChoice | None, x: list[str] | None) -> dict[str, Any]:
    from faradaic._core import ArgumentError
    from faradaic.performance import severson2019

    if preset is None:
        return {"inputs": x or None}
    if x:
        raise ArgumentError("--preset brings its own features; leave --x out.")
    model = severson2019(preset.value)
    return {"inputs": list(model.features), "designs": [model.design]}


def _say_record(
    found: Lifetime, finding: Finding, predicted: pd.DataFrame | None, written: dict[str, str], code: int
) -> None:
    from ._record import record

    more = {
        "inputs": found.inputs,
        "level": found.level,
        "baseline": found.baseline,
        "learned": found.learned,
        "cells": None if predicted is None else predicted.to_dict("records"),
        "command": command_line(),
        "written": written,
        "exit_code": code,
    }
    say_json(record(finding) | more)


def _say(found: Lifetime, predicted: pd.DataFrame | None, written: dict[str, str]) -> None:
    screen = console()
    heading = f"{found.trend.response.header} from {len(found.exploration.data):,} cells of known life"
    say_paragraphs(screen, heading, found.summary().splitlines())
    say_predictions(predicted, "cells", written)
