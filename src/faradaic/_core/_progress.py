"""One progress bar, on standard error, with the time left."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self


class Progress:
    """A bar of ``total`` steps; with ``shown`` False it does nothing and imports nothing.

    Examples
    --------
    >>> with Progress(2, "two steps", shown=False) as bar:
    ...     bar.tick()
    """

    def __init__(self, total: int, what: str, shown: bool) -> None:
        self.total, self.what, self.shown = total, what, shown
        self._bar: Any = None

    def __enter__(self) -> Self:
        if self.shown:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task(self.what, total=self.total)
        return self

    def tick(self) -> None:
        """Advance by one step."""
        if self._bar is not None:
            self._bar.advance(self._task)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
