"""A folder that keeps finished fits, so that work which was stopped goes on where it was."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import run_folder

from ._sweep import Unit

if TYPE_CHECKING:
    import xarray as xr

ARRAYS = ("train", "effective", "seconds", "worst", "prediction", "residual")
# fits that took less are sooner made again than read
WORTH_KEEPING = 0.05  # s


@dataclass(frozen=True)
class Run:
    """Finished fits in a folder: landscapes that are done as netCDF files, those at work task by task.

    Attributes
    ----------
    folder : Path
        With ``run.json``, which says of what the run is; see `opened`.
    least : float
        Seconds from which on the fits of a task are kept.
    """

    folder: Path
    least: float = WORTH_KEEPING

    @classmethod
    def of(cls, run: Run | str | Path | None, card: dict[str, Any]) -> Run | None:
        """Return the run of an argument: None, one that is open already, or a folder; see `opened`."""
        return run if run is None or isinstance(run, Run) else cls.opened(run, card)

    @classmethod
    def opened(cls, folder: str | Path, card: dict[str, Any]) -> Run:
        """Begin a run in a folder, or go on with the one that is there.

        Parameters
        ----------
        folder : path
            Made if it does not exist.
        card : dict
            What decides the results, in words and numbers.

        Raises
        ------
        ArgumentError
            The folder holds another run or other files, or cannot be written.
        """
        return cls(run_folder(folder, {**card, "versions": _versions()}))

    def read(self, key: str, task: str) -> list[Unit] | None:
        """Return the fits of a task, None where they are not there (or were not written to the end)."""
        path = self._path(key, task)
        if not path.exists():
            return None
        with np.load(path, allow_pickle=False) as file:
            count = int(file["units"])
            return [
                Unit(**{name: file[f"{name}_{k}"] for name in ARRAYS}, reasons=[str(s) for s in file[f"reasons_{k}"]])
                for k in range(count)
            ]

    def keep(self, key: str, task: str, units: list[Unit]) -> None:
        """Write the fits of a task, whole or not at all; not twice, and not where the folder cannot be seen."""
        path = self._path(key, task)
        if sum(float(unit.seconds.sum()) for unit in units) < self.least or path.exists() or not self.folder.exists():
            return
        arrays: dict[str, Any] = {"units": len(units)}
        for k, unit in enumerate(units):
            arrays |= {f"{name}_{k}": getattr(unit, name) for name in ARRAYS}
            arrays[f"reasons_{k}"] = np.array(unit.reasons, dtype=str)
        path.parent.mkdir(exist_ok=True)
        half = path.with_suffix(f".{os.getpid()}.part")
        with half.open("wb") as file:
            np.savez(file, **arrays)
        half.replace(path)

    def finish(self, key: str, errors: xr.Dataset) -> None:
        """Write a finished landscape as one netCDF file in place of its tasks."""
        if float(errors["seconds"].sum()) < self.least:
            return
        half = self.folder / f"{key}.{os.getpid()}.part"
        errors.to_netcdf(half, engine="scipy", format="NETCDF3_64BIT")
        half.replace(self.folder / f"{key}.nc")
        tasks = self.folder / key
        for file in tasks.glob("*") if tasks.exists() else ():
            file.unlink(missing_ok=True)
        if tasks.exists():
            tasks.rmdir()

    def finished(self, key: str) -> xr.Dataset | None:
        """Return a finished landscape's arrays, None where it is not there."""
        import xarray as xr

        path = self.folder / f"{key}.nc"
        return xr.load_dataset(path, engine="scipy") if path.exists() else None

    def _path(self, key: str, task: str) -> Path:
        return self.folder / key / f"{task}.npz"


def _versions() -> dict[str, str]:
    """Return what else decides results to the last digit."""
    packages = ("faradaic", "numpy", "scipy", "scikit-learn", "jax")
    return {name: version(name) for name in packages} | {"machine": platform.machine()}
