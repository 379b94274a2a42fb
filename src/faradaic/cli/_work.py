"""Who does the work of a command, and where it is kept while it lasts."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from faradaic._core import ArgumentError, WorkerError

from ._say import INTERRUPTED, complain, cores

KEPT_FOR = 30 * 86400  # s; runs that nobody took up again are then forgotten

Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Processes; default: one per core.")]
Scheduler = Annotated[
    str | None, typer.Option("--scheduler", metavar="tcp://HOST:PORT", help="A Dask scheduler whose workers do it.")
]
RunFolder = Annotated[
    Path | None, typer.Option("--run", metavar="FOLDER", help="Keep finished fits here; default: in the user's cache.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")]


@contextmanager
def workers_of(count: int | None, address: str | None, usual: int | None = None) -> Iterator[int | None]:
    """Give the number of workers for joblib (``usual`` or one per core where none was asked for).

    With a scheduler its own workers do the work, as many as it has.
    """
    from faradaic._core import scheduler

    if address is None:
        yield count or usual or cores()
        return
    if count is not None:
        raise ArgumentError("--scheduler brings its own workers; leave --workers out.")
    with scheduler(address):
        yield None


@contextmanager
def kept_run(folder: Path | None, resume: bool, *asked: Any) -> Iterator[Path | None]:
    """Give a folder for finished fits; one in the cache is dropped once the work is done.

    Parameters
    ----------
    folder : Path, optional
        Given by the user; default: one in the user's cache, named by what is ``asked``.
    resume : bool
        Whether to go on with the run that is there.
    """
    where = folder if folder is not None else _in_the_cache(*asked)
    there = where is not None and (where / "run.json").exists()
    if resume and not there:
        place = "of this table with these options" if folder is None else f"in {str(folder)!r}"
        raise ArgumentError(f"There is no unfinished run {place}; leave --resume out.")
    if there and not resume:
        if folder is not None:
            raise ArgumentError(f"{str(folder)!r} holds a run; add --resume to go on with it, or name another folder.")
        shutil.rmtree(str(where), ignore_errors=True)
    try:
        yield where
    except KeyboardInterrupt:
        complain(f"stopped; {_hint(where)}")
        raise typer.Exit(INTERRUPTED) from None
    except WorkerError as error:
        raise WorkerError(f"{error} {_hint(where)[0].upper()}{_hint(where)[1:]}") from error
    if folder is None and where is not None:
        shutil.rmtree(where, ignore_errors=True)


def _hint(where: Path | None) -> str:
    return "nothing was kept." if where is None else "what is finished is kept: the same command with --resume goes on."


def _in_the_cache(*asked: Any) -> Path | None:
    """Return a folder for a run in the user's cache, None where nothing may be written there."""
    import pooch

    from faradaic._core import identity

    runs = Path(pooch.os_cache("faradaic")) / "runs"
    try:
        runs.mkdir(parents=True, exist_ok=True)
        for old in (one for one in runs.iterdir() if time.time() - one.stat().st_mtime > KEPT_FOR):
            shutil.rmtree(old, ignore_errors=True)
    except OSError:
        return None
    return runs / identity(*asked)[:24]
