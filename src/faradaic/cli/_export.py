"""`faradaic export` and `faradaic cite`: a saved trend for others, and what to cite with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ._say import plain_errors, say_json

if TYPE_CHECKING:
    from faradaic.trend import Trend

SavedTrend = Annotated[Path, typer.Argument(metavar="TREND", help="A trend that `explore --save` wrote.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def export(
    trend: SavedTrend,
    to: Annotated[Literal["python", "pybamm", "bpx"], typer.Option(help="What to write.")] = "python",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where; default: standard output.")] = None,
    outside: Annotated[
        Literal["clamp", "extend", "raise"] | None,
        typer.Option(
            help="Outside the range of the data: stay at its end, go on, or refuse. Default: clamp; bpx: extend."
        ),
    ] = None,
    units: Annotated[Literal["user", "SI"], typer.Option(help="Units of a python function.")] = "user",
    arguments: Annotated[
        str | None,
        typer.Option(metavar="x,-", help="What PyBaMM passes to a pybamm function, in its order; - for an unused one."),
    ] = None,
    into: Annotated[
        Path | None, typer.Option(metavar="BASE.json", help="The BPX file that a bpx function is put into.")
    ] = None,
    field: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Its parameter, e.g. 'Negative electrode / OCP [V]'.")
    ] = None,
    form: Annotated[Literal["auto", "expression", "table"], typer.Option(help="Form of a bpx function.")] = "auto",
    tolerance: Annotated[float, typer.Option(help="Of a bpx table between its points, relative.")] = 1e-4,
    as_json: Json = False,
) -> None:
    """Write a saved trend as a NumPy function, a function of PyBaMM symbols, or a BPX function."""
    with plain_errors():
        from faradaic._core import ArgumentError, check_writable, write_text

        if out is not None:
            check_writable(out)
            if out.resolve() in [path.resolve() for path in (trend, into) if path is not None]:
                raise ArgumentError(f"--out {str(out)!r} would overwrite what is read; choose another path.")
        if to != "bpx" and (into is not None or field is not None):
            raise ArgumentError("--into and --field belong to --to bpx.")
        if to != "pybamm" and arguments is not None:
            raise ArgumentError("--arguments belongs to --to pybamm.")
        import faradaic as fd

        loaded = fd.load(trend)
        if to == "bpx":
            _bpx(loaded, out, into, field, {"form": form, "tolerance": tolerance}, outside, as_json)
            return
        if to == "python":
            text = loaded.to_python(outside=outside or "clamp", units=units)
        else:
            names = None if arguments is None else [None if name == "-" else name for name in arguments.split(",")]
            text = loaded.to_pybamm(outside=outside or "clamp", arguments=names).source
        written = {} if out is None else {to: str(write_text(out, text))}
        if as_json:
            say_json({"text": text, "written": written})
        elif out is None:
            typer.echo(text, nl=False)
        else:
            typer.echo(f"Wrote {loaded.label}: {out}")


def _bpx(
    loaded: Trend,
    out: Path | None,
    into: Path | None,
    field: str | None,
    how: dict[str, Any],
    outside: str | None,
    as_json: bool,
) -> None:
    import json

    from faradaic._core import ArgumentError, write_text

    if outside == "raise":
        raise ArgumentError("A BPX function cannot refuse; choose --outside extend or clamp.")
    chosen = {**how, "outside": outside or "extend"}
    path = out if into is not None else None
    made = loaded.to_bpx(path, into=into, field=field, **chosen)
    if out is not None and into is None:
        write_text(out, json.dumps(made.value, indent=2) + "\n")
    if as_json:
        written = {} if out is None else {"bpx": str(out)}
        say_json({"value": made.value, "error": made.error, "relative": made.relative, "written": written})
    elif out is not None:
        typer.echo(f"Wrote {made}: {out}".replace(".: ", ": "))
    else:
        typer.echo(json.dumps(made.value))


def cite(trend: SavedTrend) -> None:
    """Print BibTeX of the data, laws and methods that a saved trend made use of."""
    with plain_errors():
        import faradaic as fd

        typer.echo(fd.cite(fd.load(trend)))
