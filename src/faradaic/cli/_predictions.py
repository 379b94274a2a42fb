"""What the commands that predict other rows share: files, and tables on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ._say import command_line, console, say_table

if TYPE_CHECKING:
    import pandas as pd

    from faradaic.report import Finding

ON_SCREEN = 40  # rows that are shown on a screen


def write_files(
    finding: Finding,
    predicted: pd.DataFrame | None,
    out: Path | None,
    report: Path | None,
    save: Path | None,
    lacking: str,
) -> dict[str, str]:
    """Write what was asked for and return the paths by what they hold.

    Raises
    ------
    ArgumentError
        Predictions are to be written and there are none: ``lacking`` says what to do.
    """
    from faradaic._core import ArgumentError
    from faradaic.report import write_report, write_text

    if out is not None and predicted is None:
        raise ArgumentError(lacking)
    written = {}
    if out is not None and predicted is not None:
        written["predictions"] = str(write_text(out, predicted.to_csv(index=False, lineterminator="\n")))
    if report is not None:
        written["report"] = str(write_report(report, finding, command=command_line()))
    if save is not None:
        written["trend"] = str(finding.trend.save(save))
    return written


def say_predictions(predicted: pd.DataFrame | None, noun: str, written: dict[str, str]) -> None:
    """Print the first predictions as a table, how many more there are, and what was written."""
    screen = console()
    if predicted is not None:
        shown = predicted.head(ON_SCREEN)
        rows = [[one if isinstance(one, str) else f"{one:.4g}" for one in row] for row in shown.itertuples(index=False)]
        screen.print()
        say_table(screen, [str(name) for name in predicted.columns], rows, words=int("cell" in predicted.columns))
        if len(predicted) > len(shown):
            screen.print(f"... and {len(predicted) - len(shown):,} more {noun}; --out F.csv writes them all.")
    for what, path in written.items():
        screen.print(f"Wrote the {what}: {path}")
