"""The entry point: the commands, put together."""

from __future__ import annotations

from typing import Annotated

import typer

import faradaic

from ._ageing import ageing
from ._data import data
from ._demo import demo
from ._explore import explore
from ._export import cite, export
from ._identify import identify
from ._impedance import impedance
from ._knee import knee
from ._lifetime import lifetime
from ._modes import modes
from ._predict import predict
from ._surrogate import surrogate

app = typer.Typer(
    name="faradaic",
    help="From a table of electrochemical observations to the approximation that the data support.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(explore)
app.command()(identify)
app.command()(lifetime)
app.command()(impedance)
app.command()(knee)
app.command()(ageing)
app.command()(surrogate)
app.command()(modes)
app.command()(predict)
app.command()(export)
app.command()(cite)
app.command()(demo)
app.add_typer(data, name="data")


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"faradaic {faradaic.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """From a table of electrochemical observations to the approximation that the data support."""


def main() -> None:
    """Run the command that the command line names."""
    app(prog_name="faradaic")
