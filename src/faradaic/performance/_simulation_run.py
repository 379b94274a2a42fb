"""A folder that keeps finished simulations, so that a batch that was stopped goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic._core import identity, read_part, run_folder, write_text

if TYPE_CHECKING:
    from ._ranges import SimulationDesign

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
        card = {
            "kind": KIND,
            "design": design.fingerprint,
            "parameters": design.headers,
            "model": identity(model),
            "count": len(design),
            "versions": _versions(),
        }
        return cls(run_folder(folder, card))

    def read(self, place: int) -> Outcome | None:
        """Return a finished simulation, None where it is not there."""
        path = self._path(place)
        return Outcome(**read_part(path)) if path.is_file() else None

    def keep(self, place: int, outcome: Outcome) -> None:
        """Write a simulation, whole or not at all; not twice, and not where the folder cannot be seen."""
        path = self._path(place)
        if self.folder.is_dir() and not path.is_file():
            write_text(path, json.dumps(vars(outcome), ensure_ascii=False) + "\n")

    def _path(self, place: int) -> Path:
        return self.folder / f"{place:06d}.json"


def _versions() -> dict[str, str]:
    """Return what else decides the results, as far as it is known here."""
    found = {}
    for name in ("faradaic", "pybamm"):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
