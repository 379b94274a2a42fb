"""Work done by workers: through joblib, whose back ends take it to many cores or to a cluster."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ._errors import ArgumentError, OptionalImportError, WorkerError
from ._memory import keep_freed_memory

# so often work is handed out again after workers were lost, without one result in between
MOST_LOST = 3


def run_each(tasks: Sequence[Callable[[], Any]], n_jobs: int | None = None) -> Iterator[tuple[int, Any]]:
    """Run the tasks by joblib (its back end and worker count) and yield place and result of each as it is done.

    A worker that is lost (killed, or out of memory) costs what it was doing: that is done again by new workers.

    Parameters
    ----------
    tasks : sequence of callables
        They can be pickled, and take no argument.
    n_jobs : int, optional
        Workers; default what ``joblib.parallel_config`` says, else 1.

    Raises
    ------
    WorkerError
        Workers were lost three times in a row.

    Examples
    --------
    >>> from functools import partial
    >>> sorted(run_each([partial(pow, 2, 3), partial(pow, 2, 4)]))
    [(0, 8), (1, 16)]
    """
    from concurrent.futures.process import BrokenProcessPool

    from joblib import Parallel, delayed

    left, lost = dict(enumerate(tasks)), 0
    while left:
        try:
            with _deaf_workers():
                # one by one: batches are as large as quick tasks before suggest, also where the next ones are long
                results: Any = Parallel(n_jobs=n_jobs, return_as="generator_unordered", batch_size=1)(
                    delayed(_placed)(place, task) for place, task in list(left.items())
                )
            for place, result in results:
                lost = 0
                del left[place]
                yield place, result
        except BrokenProcessPool as error:
            lost += 1
            if lost >= MOST_LOST:
                raise WorkerError(
                    f"Workers were lost {MOST_LOST} times in a row, killed or out of memory ({type(error).__name__}); "
                    f"take fewer workers, fewer rows or smaller sizes."
                ) from error


def run_all(
    tasks: Sequence[Callable[[], Any]], n_jobs: int | None = None, tick: Callable[[], None] | None = None
) -> list[Any]:
    """Return the results of the tasks in their order; ``tick`` is called after each. See `run_each`."""
    done: list[Any] = [None] * len(tasks)
    for place, result in run_each(tasks, n_jobs):
        done[place] = result
        if tick is not None:
            tick()
    return done


def _placed(place: int, task: Callable[[], Any]) -> tuple[int, Any]:
    keep_freed_memory()
    return place, task()


@contextmanager
def scheduler(address: str | None) -> Iterator[None]:
    """Let a Dask scheduler's workers do the work inside; None: as it was.

    Raises
    ------
    OptionalImportError
        Dask is not installed (extra ``cluster``).
    ArgumentError
        No scheduler answers at the address.
    """
    if address is None:
        yield
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise OptionalImportError("distributed", "cluster") from error
    from joblib import parallel_config

    try:
        client = Client(address, timeout=10, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ArgumentError(
            f"No Dask scheduler answers at {address!r}; start one with `dask scheduler`, or give the address it prints."
        ) from error
    with client, parallel_config("dask", client=client, n_jobs=-1):
        yield


@contextmanager
def _deaf_workers() -> Iterator[None]:
    """Start workers that do not hear Ctrl-C: it stops this process, which ends them.

    A worker that is interrupted while it starts prints its own traceback. What is ignored here is ignored by the
    processes that are started meanwhile; the signal can only be set in the main thread.
    """
    foreign = signal.getsignal(signal.SIGINT) is None  # not set by Python, which could not put it back
    if foreign or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
