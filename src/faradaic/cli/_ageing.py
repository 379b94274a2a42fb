"""`faradaic ageing`: the law by which cells lose capacity, what it is worth, and how far it reaches."""

from __future__ import annotations

import time as clock
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._explore import check_paths
from ._lifetime import check_judging
from ._predictions import say_predictions, write_files
from ._say import bars_shown, command_line, console, plain_errors, say_json, say_paragraphs
from ._work import Scheduler, Workers, workers_of

if TYPE_CHECKING:
    import pandas as pd

    from faradaic.performance import Ageing
    from faradaic.report import Finding

NOT_IDENTIFIED = 1
LACKING = "--out has nothing to predict: give times and conditions with --at."


def ageing(
    table: Annotated[
        Path, typer.Argument(metavar="TABLE", help="A row for each measurement of the capacity of a cell.")
    ],
    time: Annotated[str, typer.Option(metavar="HEADER", help="Header of time, cycles or throughput.")] = "t [d]",
    capacity: Annotated[
        str,
        typer.Option(
            metavar="HEADER", help="Header of the capacity: relative, or in Ah and divided by the first of its cell."
        ),
    ] = "q",
    temperature: Annotated[str | None, typer.Option(metavar="HEADER", help="Header of the temperature.")] = None,
    soc: Annotated[str | None, typer.Option(metavar="HEADER", help="Header of the state of charge.")] = None,
    potential: Annotated[
        str | None,
        typer.Option(metavar="HEADER", help="Header of the negative electrode's potential, instead of --soc."),
    ] = None,
    cell: Annotated[str, typer.Option(metavar="HEADER", help="Header of the cell.")] = "cell",
    per: Annotated[
        float | None, typer.Option(metavar="X", help="Time after which k is the loss; default: a year, or the record.")
    ] = None,
    at: Annotated[Path | None, typer.Option("--at", metavar="TABLE", help="Times and conditions to predict.")] = None,
    level: Annotated[float, typer.Option(help="Of the intervals.")] = 0.9,
    draws: Annotated[int, typer.Option(min=20, help="Random weightings of the cells behind the intervals.")] = 200,
    outer: Annotated[int, typer.Option(min=0, help="Splits used to judge the choice; 0: none.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same result.")] = 0,
    workers: Workers = None,
    scheduler: Scheduler = None,
    out: Annotated[Path | None, typer.Option(metavar="F.csv", help="Write the predictions.")] = None,
    report: Annotated[Path | None, typer.Option(metavar="F.html", help="Write one self-contained page.")] = None,
    save: Annotated[Path | None, typer.Option(metavar="F.trend", help="Write the law.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing; files and exit code tell.")] = False,
) -> None:
    """Choose the law by which cells age, by its error on cells that were left out, and predict from it.

    Exit code 0: done. 1: done, but the rows do not determine every parameter of the law. 2: the input cannot be used,
    and nothing is written.
    """
    begin = clock.perf_counter()
    with plain_errors():
        check_paths(table, out, report, save)
        check_judging(outer, level)
        from faradaic.data import read_table
        from faradaic.performance import ageing as learn
        from faradaic.report import Finding

        frame = read_table(table)
        asked = None if at is None else read_table(at)
        headers = {"time": time, "capacity": capacity, "cell": cell}
        conditions = {"temperature": temperature, "soc": soc, "potential": potential, "per": per}
        with workers_of(workers, scheduler) as n_jobs:
            shared: dict[str, Any] = {"seed": seed, "n_jobs": n_jobs, "progress": bars_shown(quiet or as_json)}
            found = learn(frame, **headers, **conditions, level=level, draws=draws, outer=outer or None, **shared)
        predicted = None if asked is None else found.predict(asked)
        finding = Finding(found.exploration, found.trend, clock.perf_counter() - begin)
        written = write_files(finding, predicted, out, report, save, LACKING)
        code = 0 if all(one.status in ("identified", "vague") for one in found.parameters) else NOT_IDENTIFIED
        if as_json:
            _say_record(found, finding, predicted, written, code)
        elif not quiet:
            _say(found, predicted, written)
    raise typer.Exit(code)


def _say_record(
    found: Ageing, finding: Finding, predicted: pd.DataFrame | None, written: dict[str, str], code: int
) -> None:
    from ._record import record

    said = ("name", "value", "low", "high", "unit", "status")
    more = {
        "law": found.law.name,
        "law_parameters": [{key: getattr(one, key) for key in said} for one in found.parameters],
        "between_cells": found.chosen.between,
        "within_cells": found.chosen.within,
        "rivals": [one.law.name for one in found.rivals],
        "level": found.level,
        "notes": list(found.notes),
        "predictions": None if predicted is None else predicted.to_dict("records"),
        "command": command_line(),
        "written": written,
        "exit_code": code,
    }
    say_json(record(finding) | more)


def _say(found: Ageing, predicted: pd.DataFrame | None, written: dict[str, str]) -> None:
    screen = console()
    heading = f"{found.trend.response.header} of {found.chosen.cells:,} cells"
    say_paragraphs(screen, heading, found.summary().splitlines())
    say_predictions(predicted, "rows", written)
