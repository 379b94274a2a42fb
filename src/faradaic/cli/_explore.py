"""`faradaic explore`: from a table to the best approximation, its error, a page and a trend."""

from __future__ import annotations

import time
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ._say import bars_shown, command_line, console, plain_errors, say_json, say_paragraphs, say_table
from ._work import Resume, RunFolder, Scheduler, Workers, kept_run, workers_of

if TYPE_CHECKING:
    from rich.console import Console

    from faradaic.data import Reliability
    from faradaic.report import Finding

LARGE = 1


class ReliabilityChoice(StrEnum):
    """How the responses came about."""

    experiment = "experiment"
    stochastic = "stochastic"
    deterministic = "deterministic"


class MeasureChoice(StrEnum):
    """In what errors are counted."""

    absolute = "absolute"
    relative = "relative"
    standardised = "standardised"


def explore(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="A .csv, .tsv, .parquet or .xlsx file.")],
    x: Annotated[
        list[str], typer.Option("--x", metavar="HEADER", help=r'Header of an input, e.g. "T \[K]"; repeat it.')
    ],
    y: Annotated[str, typer.Option("--y", metavar="HEADER", help=r'Header of the response, e.g. "k \[mS/cm]".')],
    group: Annotated[
        list[str] | None,
        typer.Option(metavar="HEADER", help="Rows that agree in these columns are kept together; repeat it."),
    ] = None,
    reliability: Annotated[
        ReliabilityChoice, typer.Option(help="Measured with scatter, sampled with standard errors, or computed.")
    ] = ReliabilityChoice.experiment,
    sigma: Annotated[
        str | None,
        typer.Option(metavar="NUMBER|HEADER", help="Standard deviation of the response: a number or a column."),
    ] = None,
    tolerance: Annotated[
        float | None, typer.Option(help="Largest error of deterministic responses, in the response's unit.")
    ] = None,
    ordered: Annotated[bool, typer.Option("--ordered", help="The rows are a time series.")] = False,
    folds: Annotated[int | None, typer.Option(help="Splits used to choose; default: what suits the data.")] = None,
    outer: Annotated[int, typer.Option(min=0, help="Splits used to judge the choice; 0: none.")] = 5,
    measure: Annotated[MeasureChoice | None, typer.Option(help="In what errors are counted.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same result.")] = 0,
    workers: Workers = None,
    scheduler: Scheduler = None,
    run: RunFolder = None,
    resume: Resume = False,
    report: Annotated[Path | None, typer.Option(metavar="F.html", help="Write one self-contained page.")] = None,
    save: Annotated[Path | None, typer.Option(metavar="F.trend", help="Write the trend.")] = None,
    learning_curve: Annotated[
        bool, typer.Option("--learning-curve", help="Measure what more rows, or groups, would bring.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing; files and exit code tell.")] = False,
) -> None:
    """Find the best approximation of a table, and how good it is on rows that took no part in finding it.

    Exit code 0: done. 1: done, but the error is large against the noise. 2: the input cannot be used, and nothing is
    written. 130: stopped by Ctrl-C; what is finished is kept, and --resume goes on with it.
    """
    begin = time.perf_counter()
    with plain_errors():
        check_paths(table, report, save)
        _check_outer(outer)
        import faradaic as fd
        from faradaic.landscape import check_unordered
        from faradaic.report import Finding

        number, header = number_or_header(sigma)
        kind = reliability_of(reliability, number, tolerance)
        data = fd.read(table, x, y, kind, groups=group or None, sigma=header, ordered=ordered)
        if learning_curve:
            check_unordered(data)
        asked = data.fingerprint, folds, outer, measure, seed, fd.__version__
        with workers_of(workers, scheduler) as n_jobs, kept_run(run, resume, *asked) as kept:
            shared = {"seed": seed, "n_jobs": n_jobs, "progress": bars_shown(quiet or as_json)}
            errors = measure.value if measure else None
            found = fd.explore(data, splits=folds, outer=outer or None, measure=errors, run=kept, **shared)
            trend = fd.fit(found, data)
            curve = fd.learning_curve(found, data, **shared) if learning_curve else None
        finding = Finding(found, trend, time.perf_counter() - begin, curve=curve)
        written = _write(finding, report, save)
        if as_json:
            _say_record(finding, written)
        elif not quiet:
            say_finding(console(), finding, written)
    raise typer.Exit(LARGE if found.large else 0)


def check_paths(table: Path, *places: Path | None) -> None:
    """Find out before the work starts whether its results have a place to go."""
    from faradaic._core import ArgumentError
    from faradaic.report import check_writable

    taken = [table.resolve()]
    for path in (one for one in places if one is not None):
        check_writable(path)
        if path.resolve() in taken:
            raise ArgumentError(f"{str(path)!r} is named twice; give the table, the report and the trend a path each.")
        taken.append(path.resolve())


def _check_outer(outer: int) -> None:
    from faradaic._core import ArgumentError

    if outer == 1:
        raise ArgumentError("--outer must be 0 (none) or at least 2, got 1: one split leaves no rows to judge with.")


def number_or_header(sigma: str | None) -> tuple[float | None, str | None]:
    """Return what ``--sigma`` gives, a number or the header of a column."""
    if sigma is None:
        return None, None
    try:
        return float(sigma), None
    except ValueError:
        return None, sigma


def reliability_of(choice: ReliabilityChoice, sigma: float | None, tolerance: float | None) -> Reliability:
    """Return the reliability with its numbers."""
    from faradaic._core import ArgumentError
    from faradaic.data import Deterministic, Experiment, Stochastic

    if choice is ReliabilityChoice.deterministic:
        if sigma is not None:
            raise ArgumentError(f"Deterministic data have no sigma, got {sigma:g}; leave it out, or give --tolerance.")
        return Deterministic(tolerance)
    if tolerance is not None:
        raise ArgumentError(
            f"Only deterministic data have a tolerance, got {tolerance:g} for --reliability {choice.value}; "
            "give --sigma instead."
        )
    return Experiment(sigma) if choice is ReliabilityChoice.experiment else Stochastic(sigma)


def _write(finding: Finding, report: Path | None, save: Path | None) -> dict[str, str]:
    from faradaic._core import IntervalError
    from faradaic.report import write_report

    written = {}
    if report is not None:
        written["report"] = str(write_report(report, finding, command=command_line()))
    if save is not None:
        with suppress(IntervalError):  # what cannot be calibrated is saved without, and says so when asked
            _ = finding.trend.calibration
        written["trend"] = str(finding.trend.save(save))
    return dict(reversed(written.items()))


def _say_record(finding: Finding, written: dict[str, str]) -> None:
    from ._record import record

    code = LARGE if finding.exploration.large else 0
    say_json(record(finding) | {"command": command_line(), "written": written, "exit_code": code})


def say_finding(out: Console, finding: Finding, written: dict[str, str] | None = None) -> None:
    """Print the verdict, what the trend says of itself, the designs that were tried, and what was written."""
    from faradaic._core import number
    from faradaic.landscape import verdict
    from faradaic.report import design_labels

    one = finding.exploration
    say_paragraphs(out, f"{finding.heading}: {finding.headline}", [*verdict(one), *finding.trend_words])
    pairs = sorted(zip(design_labels(one.landscapes), one.selections, strict=True), key=lambda p: p[1].test_error)
    rows = [
        (label, f"{s.parameters:,}", number(s.train_error), f"{number(s.test_error)} ± {number(s.standard_error, 2)}")
        for label, s in pairs
    ]
    out.print()
    say_table(out, ("design", "parameters", "train error", f"test error [{one.unit or '1'}]"), rows)
    for what, path in (written or {}).items():
        out.print(f"Wrote the {what}: {path}")
