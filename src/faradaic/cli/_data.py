"""`faradaic data`: the catalogue of public data sets."""

from __future__ import annotations

from typing import Annotated

import typer

from ._say import bars_shown, console, plain_errors, say_table

data = typer.Typer(help="Public data sets: what there is, and a checked local copy.", no_args_is_help=True)


@data.command("list")
def list_sets() -> None:
    """List the public data sets and the bundled examples."""
    with plain_errors():
        from faradaic.data import CATALOGUE, EXAMPLES

        rows = [(one.name, one.title, one.licence, one.doi) for one in CATALOGUE.values()]
        rows += [(one.name, f"{one.title} (bundled)", one.licence, one.doi or "–") for one in EXAMPLES.values()]
        say_table(console(), ("name", "title", "licence", "DOI"), rows, words=4)


@data.command()
def fetch(name: Annotated[str, typer.Argument(metavar="NAME", help="A name from `faradaic data list`.")]) -> None:
    """Download a public data set once, verify its checksum, and print where it lies."""
    with plain_errors():
        import faradaic.data as room

        for path in room.fetch(name, progress=bars_shown(False)):
            typer.echo(str(path))
        entry = room.CATALOGUE[name]
        typer.echo(f"{entry.title}. Licence: {entry.licence}. Please cite https://doi.org/{entry.doi}", err=True)
