"""`faradaic modes`: what a cell has lost of its lithium and of its active materials."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._explore import check_paths
from ._say import command_line, console, plain_errors, say_json, say_paragraphs

if TYPE_CHECKING:
    from faradaic.performance import DegradationModes

OPEN = 1


class IntervalChoice(StrEnum):
    """How intervals are made."""

    profile = "profile"
    student = "student"


def modes(
    aged: Annotated[Path, typer.Argument(metavar="AGED", help="Slow charge or discharge of the aged cell.")],
    fresh: Annotated[Path, typer.Option(metavar="FRESH", help="The same of the fresh cell.")],
    negative: Annotated[Path, typer.Option(metavar="NEG.csv", help="Half-cell curve of the negative electrode.")],
    positive: Annotated[Path, typer.Option(metavar="POS.csv", help="Half-cell curve of the positive electrode.")],
    capacity: Annotated[
        str | None,
        typer.Option(
            metavar="HEADER",
            help=r"Capacity of the full cells, e.g. "
            r'"Q \[mAh]"; default: the only such column.',
        ),
    ] = None,
    voltage: Annotated[str | None, typer.Option(metavar="HEADER", help=r"Voltage of the full cells.")] = None,
    half_capacity: Annotated[
        str | None, typer.Option(metavar="HEADER", help="Capacity or lithiation of the half cells.")
    ] = None,
    half_voltage: Annotated[str | None, typer.Option(metavar="HEADER", help="Potential of the half cells.")] = None,
    window: Annotated[
        str | None, typer.Option(metavar="LOW,HIGH", help="Voltages between which both curves are looked at.")
    ] = None,
    offset: Annotated[bool, typer.Option("--offset", help="Fit a constant voltage to each curve as well.")] = False,
    level: Annotated[float, typer.Option(help="Of the intervals.")] = 0.95,
    tolerance: Annotated[float, typer.Option(help="Half a width of an interval above which a mode is open.")] = 0.05,
    intervals: Annotated[
        IntervalChoice, typer.Option(help="By profiles, or quickly by the covariance.")
    ] = IntervalChoice.profile,
    report: Annotated[Path | None, typer.Option(metavar="F.html", help="Write one self-contained page.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing; files and exit code tell.")] = False,
) -> None:
    """Tell what a cell has lost of its lithium inventory and of either active material, and which of it stays open.

    The curves of the fresh and the aged cell are aligned with the half-cell curves of their electrodes. Exit code 0:
    all three modes are identified. 1: done, but a mode stays open, or the electrodes are not those of the cell. 2: the
    input cannot be used, and nothing is written.
    """
    with plain_errors():
        check_paths(aged, report)
        from faradaic.performance import half_cell, open_circuit
        from faradaic.performance import modes as ask

        ends = _window(window)
        full: Any = {"capacity": capacity, "voltage": voltage}
        half: Any = {"capacity": half_capacity, "voltage": half_voltage}
        found = ask(
            open_circuit(fresh, **full),
            open_circuit(aged, **full),
            half_cell(negative, **half),
            half_cell(positive, **half),
            window=ends,
            offset=offset,
            level=level,
            tolerance=tolerance,
            intervals=intervals.value,
        )
        code = OPEN if found.open or not found.fits else 0
        _say(found, report, code, as_json=as_json, quiet=quiet)
    raise typer.Exit(code)


def _window(window: str | None) -> tuple[float, float] | None:
    from faradaic._core import ArgumentError

    if window is None:
        return None
    try:
        low, high = (float(part) for part in window.split(","))
    except ValueError:
        raise ArgumentError(f"--window must be LOW,HIGH in volts, e.g. 3.0,4.1, got {window!r}.") from None
    return low, high


def _say(found: DegradationModes, report: Path | None, code: int, *, as_json: bool, quiet: bool) -> None:
    written = {}
    if report is not None:
        from faradaic.report import write_modes

        written["report"] = str(write_modes(report, found, command=command_line()))
    if as_json:
        say_json(found.to_dict() | {"command": command_line(), "written": written, "exit_code": code})
    elif not quiet:
        out = console()
        say_paragraphs(out, f"{found.aged.curve.name} since {found.fresh.curve.name}", found.summary().splitlines())
        for what, path in written.items():
            out.print(f"Wrote the {what}: {path}")
