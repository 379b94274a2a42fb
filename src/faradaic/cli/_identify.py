"""`faradaic identify`: which parameters of a law or a circuit the data identify, and what would identify the rest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._explore import ReliabilityChoice, check_paths, number_or_header, reliability_of
from ._say import command_line, console, plain_errors, say_json, say_paragraphs
from ._work import Scheduler, workers_of

if TYPE_CHECKING:
    from faradaic.identifiability import Identifiability

NORM = "norm"


def identify(
    table: Annotated[
        Path, typer.Argument(metavar="TABLE|SPECTRUM", help="A .csv, .tsv, .parquet or .xlsx file, or a spectrum.")
    ],
    law: Annotated[
        str | None, typer.Option(metavar="NAME", help='A law: arrhenius, vft, "redlich_kister(3, 298.15)".')
    ] = None,
    circuit: Annotated[
        str | None, typer.Option(metavar="CIRCUIT", help='An equivalent circuit: "R0-p(R1,CPE1)-W1".')
    ] = None,
    x: Annotated[
        list[str] | None, typer.Option("--x", metavar="HEADER", help=r'Header of an input, e.g. "T \[K]"; repeat it.')
    ] = None,
    y: Annotated[
        str | None, typer.Option("--y", metavar="HEADER", help=r'Header of the response, e.g. "k \[mS/cm]".')
    ] = None,
    reliability: Annotated[
        ReliabilityChoice, typer.Option(help="Measured with scatter, sampled with standard errors, or computed.")
    ] = ReliabilityChoice.experiment,
    sigma: Annotated[
        str | None,
        typer.Option(metavar="NUMBER|HEADER", help="Standard deviation of the response: a number or a column."),
    ] = None,
    known: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A parameter that is known, in SI; repeat it.")
    ] = None,
    prior: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=MEAN,STD", help="A parameter that is known so well, in SI; repeat it."),
    ] = None,
    bound: Annotated[
        list[str] | None, typer.Option(metavar="NAME=LOW,HIGH", help="Ends of a parameter, in SI; repeat it.")
    ] = None,
    least: Annotated[
        str | None, typer.Option(metavar="NAME|norm", help="Of all answers, the one in which this is the smallest.")
    ] = None,
    level: Annotated[float, typer.Option(help="Of the intervals.")] = 0.95,
    tolerance: Annotated[float, typer.Option(help="Relative standard deviation above which one is vague.")] = 1 / 3,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same result.")] = 0,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; default: one.")] = None,
    scheduler: Scheduler = None,
    report: Annotated[Path | None, typer.Option(metavar="F.html", help="Write one self-contained page.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing; files and exit code tell.")] = False,
) -> None:
    """Say which parameters of a law or a circuit the data identify, which only together, and what would settle it.

    A table with --law, --x and --y, or the file of a spectrum with --circuit. Exit code 0: every parameter is
    identified. 1: done, but something stays free. 2: the input cannot be used, and nothing is written.
    """
    with plain_errors():
        check_paths(table, report)
        information = _information(known, prior, bound, least)
        import faradaic as fd

        if circuit is not None:
            model, data = _spectrum(table, circuit, law, x, y, sigma)
        else:
            model, data = _table(table, law, x, y, reliability, sigma)
        with workers_of(workers, scheduler, usual=1) as n_jobs:
            found = fd.identify(model, data, information, level=level, tolerance=tolerance, seed=seed, n_jobs=n_jobs)
        say_inquiry(found, report, as_json=as_json, quiet=quiet)
    raise typer.Exit(1 if found.free else 0)


def _table(
    table: Path, law: str | None, x: list[str] | None, y: str | None, reliability: ReliabilityChoice, sigma: str | None
) -> tuple[Any, Any]:
    from faradaic._core import ArgumentError
    from faradaic.data import read
    from faradaic.laws import named

    if law is None or not x or y is None:
        raise ArgumentError("Give --law with --x and --y for a table, or --circuit for a spectrum.")
    number, header = number_or_header(sigma)
    return named(law), read(table, x, y, reliability_of(reliability, number, None), sigma=header)


def _spectrum(
    path: Path, circuit: str, law: str | None, x: list[str] | None, y: str | None, sigma: str | None
) -> tuple[Any, Any]:
    from faradaic._core import ArgumentError
    from faradaic.data import read_impedance
    from faradaic.laws import Circuit

    if law is not None or x or y is not None or sigma is not None:
        raise ArgumentError("--circuit takes a spectrum alone: leave out --law, --x, --y and --sigma.")
    return Circuit(circuit), read_impedance(path)


def say_inquiry(found: Identifiability, report: Path | None, *, as_json: bool, quiet: bool) -> None:
    """Write the page and print the answer."""
    written = {}
    if report is not None:
        from faradaic.report import write_inquiry

        written["report"] = str(write_inquiry(report, found, command=command_line()))
    if as_json:
        code = 1 if found.free else 0
        say_json(found.to_dict() | {"command": command_line(), "written": written, "exit_code": code})
    elif not quiet:
        out = console()
        first, *others = found.summary().splitlines()
        say_paragraphs(out, first, others)
        for what, path in written.items():
            out.print(f"Wrote the {what}: {path}")


def _information(
    known: list[str] | None, prior: list[str] | None, bound: list[str] | None, least: str | None
) -> list[Any]:
    from faradaic.identifiability import Bound, Known, Least, LeastNorm, Prior

    made: list[Any] = [Known(name, *values) for name, values in _pairs(known, "--known", 1)]
    made += [Prior(name, *values) for name, values in _pairs(prior, "--prior", 2)]
    made += [Bound(name, *values) for name, values in _pairs(bound, "--bound", 2)]
    if least is not None:
        made.append(LeastNorm() if least == NORM else Least(least))
    return made


def _pairs(words: list[str] | None, option: str, count: int) -> list[tuple[str, list[float]]]:
    from faradaic._core import ArgumentError

    made = []
    for word in words or []:
        name, _, text = word.partition("=")
        try:
            values = [float(part) for part in text.split(",")]
        except ValueError:
            values = []
        if not name or len(values) != count:
            form = "NAME=VALUE" if count == 1 else "NAME=NUMBER,NUMBER"
            raise ArgumentError(f"{option} must be {form}, got {word!r}.")
        made.append((name.strip(), values))
    return made
