"""How commands speak: results on standard output, everything else on standard error, errors in one sentence."""

from __future__ import annotations

import json
import math
import os
import shlex
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from faradaic._core import FaradaicError, LeakWarning, OutsideDomainWarning

if TYPE_CHECKING:
    from rich.console import Console

BAD_INPUT = 2
INTERRUPTED = 130


@contextmanager
def plain_errors() -> Iterator[None]:
    """End the command with one sentence on standard error, and no traceback, where the input cannot be used."""
    try:
        with _plain_warnings():
            yield
    except KeyboardInterrupt:
        complain("stopped; nothing was written after that.")
        raise typer.Exit(INTERRUPTED) from None
    except FaradaicError as error:
        complain(" ".join(str(error).split()))
        raise typer.Exit(BAD_INPUT) from None


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Say each of the package's own warnings once, in one sentence and without the line of code that gave it."""
    said: set[str] = set()
    with warnings.catch_warnings():
        before = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
            if not issubclass(category, LeakWarning | OutsideDomainWarning):
                before(message, category, *where, **more)
            elif str(message) not in said:
                said.add(str(message))
                complain(" ".join(str(message).split()))

        warnings.showwarning = show
        yield


def complain(sentence: str) -> None:
    """Write one sentence on standard error."""
    typer.echo(f"faradaic: {sentence}", err=True)


def command_line() -> str:
    """Return the command as it was typed, quoted for a shell."""
    return shlex.join(["faradaic", *sys.argv[1:]])


def cores() -> int:
    """Return the number of processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def bars_shown(quiet: bool) -> bool:
    """Return whether progress bars have someone to look at them."""
    return not quiet and sys.stderr.isatty()


def console() -> Console:
    """Return the console of standard output; to a file or a pipe it writes lines without breaks and colours."""
    from rich.console import Console

    out = Console(highlight=False, markup=False, emoji=False)
    return out if out.is_terminal else Console(highlight=False, markup=False, emoji=False, width=10_000)


def say_paragraphs(out: Console, heading: str, lines: Iterable[str]) -> None:
    """Print a heading and one statement a line."""
    from rich.text import Text

    out.print(Text(heading, style="bold"))
    for line in lines:
        out.print(Text(line))


def say_table(out: Console, head: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> None:
    """Print a table whose first ``words`` columns are words and the others numbers."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for place, title in enumerate(head):
        justify = "left" if place < words else "right"
        table.add_column(Text(title), justify=justify, no_wrap=place >= words, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    out.print(table)


def say_json(record: Any) -> None:
    """Print one JSON object; numbers that are not finite become null."""
    typer.echo(json.dumps(_finite(record), ensure_ascii=False, indent=2))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    if isinstance(value, bool | str) or value is None:
        return value
    if hasattr(value, "tolist"):  # numpy's numbers and arrays
        return _finite(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, int) else str(value)
