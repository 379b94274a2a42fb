"""`faradaic knee`: where the fade of cells gets steeper, or that it does not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ._explore import check_paths
from ._say import command_line, console, plain_errors, say_json, say_paragraphs, say_table

if TYPE_CHECKING:
    from faradaic.performance import Knees

NO_KNEE = 1
ON_SCREEN = 40  # cells that are shown on a screen
SHOWN = {
    "cell": "cell",
    "verdict": "verdict",
    "knee [cycles]": "knee",
    "low knee [cycles]": "low",
    "high knee [cycles]": "high",
    "at knee [%]": "at knee [%]",
    "onset [cycles]": "onset",
    "low onset [cycles]": "low",
    "high onset [cycles]": "high",
    "at onset [%]": "at onset [%]",
}


def knee(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="A row for each cycle of each cell.")],
    capacity: Annotated[
        str, typer.Option(metavar="HEADER", help="Header of the capacity, or of what rises with --rising.")
    ] = "Q [Ah]",
    cycle: Annotated[str, typer.Option(metavar="HEADER", help="Header of the cycle's number.")] = "cycle",
    cell: Annotated[
        str, typer.Option(metavar="HEADER", help="Header of the cell; none: all rows are of one.")
    ] = "cell",
    reference: Annotated[
        float | None, typer.Option(metavar="NUMBER", help="What is 100 %; default: each cell's first cycle.")
    ] = None,
    rising: Annotated[bool, typer.Option("--rising", help="Look for elbows of a rising quantity.")] = False,
    level: Annotated[float, typer.Option(help="Of the intervals.")] = 0.95,
    out: Annotated[Path | None, typer.Option(metavar="F.csv", help="Write a row for each cell.")] = None,
    report: Annotated[Path | None, typer.Option(metavar="F.html", help="Write one self-contained page.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing; files and exit code tell.")] = False,
) -> None:
    """Find where the fade of each cell gets steeper: knee point and onset with intervals, or that there is no knee.

    Exit code 0: at least one cell has a knee. 1: done, but none has. 2: the input cannot be used, and nothing is
    written.
    """
    with plain_errors():
        check_paths(table, out, report)
        from faradaic.performance import knees

        found = knees(table, cell=cell, cycle=cycle, capacity=capacity, reference=reference, rising=rising, level=level)
        written = _write(found, out, report)
        code = 0 if len(found.found) else NO_KNEE
        if as_json:
            more = {"command": command_line(), "written": written, "exit_code": code}
            say_json(_record(found) | more)
        elif not quiet:
            _say(found, written)
    raise typer.Exit(code)


def _write(found: Knees, out: Path | None, report: Path | None) -> dict[str, str]:
    from faradaic.report import write_knees, write_text

    written = {}
    if out is not None:
        written["table"] = str(write_text(out, found.table.to_csv(index=False, lineterminator="\n")))
    if report is not None:
        written["report"] = str(write_knees(report, found, command=command_line()))
    return written


def _record(found: Knees) -> dict[str, object]:
    return {
        "level": found.level,
        "reference": found.reference,
        "rising": found.rising,
        "with_knee": len(found.found),
        "cells": found.table.to_dict("records"),
        "summary": found.summary(),
    }


def _say(found: Knees, written: dict[str, str]) -> None:
    screen = console()
    first, *others = found.summary().splitlines()
    say_paragraphs(screen, first, others)
    if len(found) > 1:
        shown = found.table[list(SHOWN)].head(ON_SCREEN)
        rows = [[_cell(one) for one in row] for row in shown.itertuples(index=False)]
        screen.print()
        say_table(screen, list(SHOWN.values()), rows, words=2)
        if len(found) > len(shown):
            screen.print(f"... and {len(found) - len(shown):,} more cells; --out F.csv writes them all.")
    for what, path in written.items():
        screen.print(f"Wrote the {what}: {path}")


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.4g}"
    return str(value)
