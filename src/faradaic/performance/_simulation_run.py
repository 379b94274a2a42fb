"""A folder that keeps finished simulations, so that a batch that was stopped goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic._core import ArgumentError, check_writable, identity, joined, write_text

if TYPE_CHECKING:
    from ._ranges import SimulationDesign

CARD = "run.json"
KIND = "simulations"


@dataclass(frozen=True)
class Outcome:
    """What one simulation came to: responses, or the reason why there are none; and its seconds."""

    responses: dict[str, float]
    reason: str
    seconds: float


@dataclass(frozen=True)
class SimulationRun:
    """Finished simulations in a folder: a card that says of what, and one small file for each.

    Attributes
    ----------
    folder : Path
    """

    folder: Path

    @classmethod
    def opened(cls, folder: str | Path, model: Callable[..., Any], design: SimulationDesign) -> SimulationRun:
        """Begin a run in a folder, or go on with the one that is there.

        Raises
        ------
        ArgumentError
            The folder holds another run or other files, or cannot be written.
        """
        path = Path(folder)
        card = {
            "kind": KIND,
            "design": design.fingerprint,
            "parameters": design.headers,
            "model": identity(_plain(model)),
            "count": len(design),
            "versions": _versions(),
        }
        if (path / CARD).is_file():
            _compare(path, _read(path / CARD), card)
            return cls(path)
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise ArgumentError(f"{str(folder)!r} holds something else than a run; name an empty or a new folder.")
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ArgumentError(f"Cannot make the folder {str(folder)!r}: {error.strerror}; name another.") from error
        write_text(path / CARD, json.dumps(card, indent=2, ensure_ascii=False) + "\n")
        return cls(path)

    def read(self, place: int) -> Outcome | None:
        """Return a finished simulation, None where it is not there."""
        path = self._path(place)
        return Outcome(**_read(path)) if path.is_file() else None

    def keep(self, place: int, outcome: Outcome) -> None:
        """Write a simulation, whole or not at all; not twice, and not where the folder cannot be seen."""
        path = self._path(place)
        if self.folder.is_dir() and not path.is_file():
            write_text(path, json.dumps(vars(outcome), ensure_ascii=False) + "\n")

    def _path(self, place: int) -> Path:
        return self.folder / f"{place:06d}.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArgumentError(f"{str(path)!r} cannot be read as a part of a run; take it away.") from error
    if not isinstance(found, dict):
        raise ArgumentError(f"{str(path)!r} is no part of a run; take it away.")
    return found


def _versions() -> dict[str, str]:
    """Return what else decides the results, as far as it is known here."""
    found = {}
    for name in ("faradaic", "pybamm"):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _plain(model: Any) -> Any:
    """Return what decides a model: of a partial function what it holds, of an object its fields and its code."""
    if isinstance(model, partial):
        return _plain(model.func), model.args, model.keywords
    if hasattr(model, "__func__"):  # a method of an object
        return model.__func__, model.__self__
    return model if hasattr(model, "__code__") else (model, vars(type(model)).get("__call__"))


def _compare(path: Path, there: dict[str, Any], here: dict[str, Any]) -> None:
    differ = [name for name in here if there.get(name) != here[name]]
    if differ:
        raise ArgumentError(
            f"The run in {str(path)!r} is another one: {joined(differ)} {'differ' if len(differ) > 1 else 'differs'}; "
            f"name another folder, or ask as before."
        )
    check_writable(path / CARD)
