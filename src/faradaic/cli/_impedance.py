"""`faradaic impedance`: from spectra of cells to their capacity or remaining life."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._explore import check_paths
from ._lifetime import NOTHING_LEARNED, check_judging
from ._predictions import ON_SCREEN, say_predictions, write_files
from ._say import bars_shown, command_line, console, plain_errors, say_json, say_paragraphs
from ._work import Scheduler, Workers, workers_of

if TYPE_CHECKING:
    import pandas as pd

    from faradaic.performance import Health, InputRanking, SpectraConsistency
    from faradaic.report import Finding


@dataclass
class _Answer:
    """What was found, piece by piece."""

    found: Health
    finding: Finding
    consistency: SpectraConsistency | None = None
    untested: str = ""
    judged: dict[str, float] | None = None
    leak: str = ""
    ranking: InputRanking | None = None
    predicted: pd.DataFrame | None = None

    @property
    def code(self) -> int:
        return 0 if self.found.learned else NOTHING_LEARNED


def impedance(
    table: Annotated[
        Path,
        typer.Argument(metavar="TABLE", help='A row for each spectrum: "Re Z at 17.8 Hz [ohm]", "Im Z at ...".'),
    ],
    y: Annotated[
        str, typer.Option("--y", metavar="HEADER", help="Header of what is to be told; empty rows are predicted.")
    ],
    cell: Annotated[str, typer.Option(metavar="HEADER", help="Header of the cell, if it is there.")] = "cell",
    circuit: Annotated[
        str | None, typer.Option(metavar="CIRCUIT", help="Use the parameters of a circuit: R0-p(R1,CPE1)-W1.")
    ] = None,
    relaxation: Annotated[bool, typer.Option("--relaxation", help="Use a distribution of relaxation times.")] = False,
    test: Annotated[Path | None, typer.Option("--test", metavar="TABLE", help="Known spectra to judge it by.")] = None,
    at: Annotated[Path | None, typer.Option("--at", metavar="TABLE", help="Other spectra to predict.")] = None,
    rank: Annotated[int, typer.Option(min=0, help="Resamplings of the cells that rank the frequencies; 0: none.")] = 0,
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
    """Learn from spectra of known cells how impedance tells their capacity or remaining life, and tell it of others.

    Exit code 0: done. 1: done, but the spectra tell no more than the mean of the other cells does. 2: the input cannot
    be used, and nothing is written.
    """
    begin = time.perf_counter()
    with plain_errors():
        check_paths(table, out, report, save)
        _check(outer, level, circuit, relaxation, rank)
        from faradaic._core import ArgumentError
        from faradaic.data import read_table

        spectra = read_table(table)
        frame = _features(spectra, circuit, relaxation)
        tested, others = (
            None if one is None else _features(read_table(one), circuit, relaxation) for one in (test, at)
        )
        if others is None and y in frame and frame[y].isna().any():
            others = frame[frame[y].isna()]
        lacking = f"--out has no spectra to predict: leave {y!r} of some rows empty, or give --at."
        if out is not None and others is None:
            raise ArgumentError(lacking)
        with workers_of(workers, scheduler) as n_jobs:
            shared: dict[str, Any] = {"seed": seed, "n_jobs": n_jobs}
            answer = _learned(frame, y, cell, level, outer, bars_shown(quiet or as_json), shared, begin)
            if rank:
                from faradaic.performance import input_ranking

                answer.ranking = input_ranking(answer.found.exploration.data, resamplings=rank, **shared)
        answer.consistency, answer.untested = _consistency(spectra)
        if tested is not None:
            answer.judged, answer.leak = _judged(answer.found, tested)
        answer.predicted = None if others is None else answer.found.predict(others)
        answer.finding = replace(answer.finding, notes=(answer.found.against_the_mean, *_notes(answer)))
        written = write_files(answer.finding, answer.predicted, out, report, save, lacking)
        if as_json:
            _say_record(answer, written)
        elif not quiet:
            _say(answer, written)
    raise typer.Exit(answer.code)


def _check(outer: int, level: float, circuit: str | None, relaxation: bool, rank: int) -> None:
    from faradaic._core import ArgumentError

    check_judging(outer, level)
    if circuit is not None and relaxation:
        raise ArgumentError("--circuit and --relaxation are two kinds of features; give one of them.")
    if rank == 1:
        raise ArgumentError("--rank must be 0 (none) or at least 2 resamplings, got 1.")


def _features(frame: pd.DataFrame, circuit: str | None, relaxation: bool) -> pd.DataFrame:
    from faradaic._core import InputError
    from faradaic.performance import circuit_features, relaxation_features

    if relaxation:
        return relaxation_features(frame)
    if circuit is None:
        return frame
    made, failures = circuit_features(frame, circuit)
    if failures:
        row, reason = next(iter(failures.items()))
        some = f"{len(failures)} of {len(frame)} spectra, first to row {row + 1}"
        raise InputError(f"The circuit cannot be fitted to {some}: {reason}; leave them out, or take another circuit.")
    return made


def _learned(
    frame: pd.DataFrame, y: str, cell: str, level: float, outer: int, bars: bool, shared: dict[str, Any], begin: float
) -> _Answer:
    from faradaic.performance import health
    from faradaic.report import Finding

    spectra = [c for c in frame.columns if str(c).startswith(("Re Z at", "Im Z at"))]
    found = health(
        frame, y, inputs=spectra or None, cell=cell, level=level, outer=outer or None, progress=bars, **shared
    )
    return _Answer(found, Finding(found.exploration, found.trend, time.perf_counter() - begin))


def _consistency(frame: pd.DataFrame) -> tuple[SpectraConsistency | None, str]:
    """Return the test of the spectra, or why they are not tested."""
    from faradaic._core import InputError
    from faradaic.performance import consistency

    try:
        return consistency(frame), ""
    except InputError as error:  # features that were computed before, or too few frequencies
        return None, f"Kramers-Kronig relations: not tested. {error}"


def _judged(found: Health, tested: pd.DataFrame) -> tuple[dict[str, float], str]:
    import warnings

    from faradaic._core import LeakWarning

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", LeakWarning)
        judged = found.judge(tested)
    return judged, next((str(one.message) for one in said if issubclass(one.category, LeakWarning)), "")


def _say_record(answer: _Answer, written: dict[str, str]) -> None:
    from ._record import record

    found, ranking, spectra = answer.found, answer.ranking, answer.consistency
    more = {
        "inputs": found.inputs,
        "level": found.level,
        "baseline": found.baseline,
        "learned": found.learned,
        "kramers_kronig": {"tested": 0, "failing": [], "why": answer.untested}
        if spectra is None
        else {
            "tested": len(spectra.rows),
            "failing": list(spectra.failing),
            "why": "",
        },
        "test": answer.judged,
        "leak": answer.leak or None,
        "ranking": None if ranking is None else ranking.table.head(ON_SCREEN).to_dict("records"),
        "cells": None if answer.predicted is None else answer.predicted.to_dict("records"),
        "command": command_line(),
        "written": written,
        "exit_code": answer.code,
    }
    say_json(record(answer.finding) | more)


def _notes(answer: _Answer) -> list[str]:
    """Return what is known beside the choice and the trend, in words."""
    found = answer.found
    lines = [answer.untested if answer.consistency is None else answer.consistency.summary()]
    if answer.judged is not None:
        one, unit = answer.judged, found.trend.response.unit
        lines.append(
            f"On {int(one['rows']):,} rows of the test table: error {one['rmse']:.3g} {unit}, R² {one['r2']:.3f}, "
            f"{one['coverage']:.0%} inside the intervals of the {one['told']:.0%} that have one, "
            f"{one['outside']:.0%} outside the domain."
        )
    if answer.leak:
        lines.append(f"Leak: {answer.leak}")
    if answer.ranking is not None:
        lines.append(answer.ranking.summary())
    return lines


def _say(answer: _Answer, written: dict[str, str]) -> None:
    found = answer.found
    heading = f"{found.trend.response.header} from {len(found.exploration.data):,} spectra"
    say_paragraphs(console(), heading, [*found.summary().splitlines(), *_notes(answer)])
    say_predictions(answer.predicted, "spectra", written)
