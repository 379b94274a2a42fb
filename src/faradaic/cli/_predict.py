"""`faradaic predict`: a saved trend at other conditions."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from faradaic._core import plural

from ._say import complain, console, plain_errors, say_json, say_table

if TYPE_CHECKING:
    import pandas as pd

ON_SCREEN = 40  # rows of a table that are shown on a screen
DIGITS = "%.10g"
SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}


class OutsideChoice(StrEnum):
    """What becomes of the interval where no data are."""

    refuse = "refuse"
    widen = "widen"


def predict(
    trend: Annotated[Path, typer.Argument(metavar="TREND", help="A trend that `explore --save` wrote.")],
    at: Annotated[Path, typer.Option("--at", metavar="TABLE", help="A table with the inputs, in any units.")],
    out: Annotated[Path | None, typer.Option(metavar="F.csv", help="Write the table (.csv or .tsv).")] = None,
    level: Annotated[
        float | None, typer.Option(help="Add an interval of new observations of this level, e.g. 0.95.")
    ] = None,
    outside: Annotated[
        OutsideChoice, typer.Option(help="Outside the domain of the data: no interval, or a wider one.")
    ] = OutsideChoice.refuse,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Predict at the rows of a table: inputs, prediction, its standard deviation, and where each row lies.

    "inside" the domain of the data, at an "edge" (a gap between the data), or "outside".

    On a screen the rows are shown as a table; in a pipe they are written as comma-separated values.
    """
    with plain_errors():
        separator = _separator(out, (trend, at))
        import faradaic as fd

        table = fd.load(trend).table(at, level=level, outside=outside.value)
        beyond = int((table["domain"] == "outside").sum())
        written = {}
        if out is not None:
            from faradaic.report import write_text

            write_text(out, table.to_csv(index=False, sep=separator, float_format=DIGITS, lineterminator="\n"))
            written["predictions"] = str(out)
        if as_json:
            say_json({"rows": table.to_dict("records"), "outside": beyond, "written": written})
        elif out is not None:
            typer.echo(f"Wrote {len(table):,} predictions: {out}")
        elif sys.stdout.isatty():
            _show(table)
        else:
            typer.echo(table.to_csv(index=False, float_format=DIGITS, lineterminator="\n"), nl=False)
        if beyond:
            complain(
                f"{beyond:,} of {plural(len(table), 'row')} {'lies' if beyond == 1 else 'lie'} outside the domain of "
                "the data; the trend is not supported there."
            )


def _separator(out: Path | None, inputs: tuple[Path, ...]) -> str:
    from faradaic._core import ArgumentError
    from faradaic.report import check_writable

    if out is None:
        return ","
    check_writable(out)
    if out.resolve() in [path.resolve() for path in inputs]:
        raise ArgumentError(f"--out {str(out)!r} would overwrite what is read; choose another path.")
    if out.suffix.lower() not in SEPARATORS:
        raise ArgumentError(f"--out must end in .csv or .tsv, got {str(out)!r}.")
    return SEPARATORS[out.suffix.lower()]


def _show(table: pd.DataFrame) -> None:
    shown = table.head(ON_SCREEN)
    rows = [[cell if isinstance(cell, str) else f"{cell:.5g}" for cell in row] for row in shown.itertuples(index=False)]
    screen = console()
    say_table(screen, [str(name) for name in table.columns], rows, words=0)
    if len(table) > len(shown):
        screen.print(f"... and {len(table) - len(shown):,} more rows; --out F.csv writes them all.")
