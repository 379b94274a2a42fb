"""The folder of a run: what it is of, and whether it may be gone on with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ._errors import ArgumentError
from ._paths import check_writable, write_text
from ._text import joined

CARD = "run.json"


def run_folder(folder: str | Path, card: dict[str, Any]) -> Path:
    """Begin a run in a folder, or go on with the one that is there.

    Parameters
    ----------
    folder : path
        Made if it does not exist.
    card : dict
        What decides the results, in words and numbers; kept as ``run.json``.

    Raises
    ------
    ArgumentError
        The folder holds another run or other files, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     first = run_folder(Path(place) / "a", {"seed": 0})
    ...     first == run_folder(Path(place) / "a", {"seed": 0})
    True
    """
    path = Path(folder)
    if (path / CARD).exists():
        _compare(path, read_part(path / CARD), json.loads(json.dumps(card)))
        return path
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ArgumentError(f"{str(folder)!r} holds something else than a run; name an empty or a new folder.")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArgumentError(f"Cannot make the folder {str(folder)!r}: {error.strerror}; name another.") from error
    write_text(path / CARD, json.dumps(card, indent=2, ensure_ascii=False) + "\n")
    return path


def read_part(path: Path) -> dict[str, Any]:
    """Return a JSON object that a run wrote.

    Raises
    ------
    ArgumentError
        The file is something else, or cannot be read.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArgumentError(f"{str(path)!r} cannot be read as a part of a run; take it away.") from error
    if not isinstance(found, dict):
        raise ArgumentError(f"{str(path)!r} is no part of a run; take it away.")
    return found


def _compare(path: Path, there: dict[str, Any], here: dict[str, Any]) -> None:
    differ = [name for name in here if there.get(name) != here[name]]
    if differ:
        raise ArgumentError(
            f"The run in {str(path)!r} is another one: {joined(differ)} {'differ' if len(differ) > 1 else 'differs'}; "
            f"name another folder, or ask as before."
        )
    check_writable(path / CARD)
