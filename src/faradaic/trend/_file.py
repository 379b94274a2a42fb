"""A trend in one file: ``trend.json`` and ``arrays.npz`` in a zip archive, versioned, and nothing that can run."""

from __future__ import annotations

import io
import json
import os
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from faradaic import approximations, laws
from faradaic._core import ArgumentError, TrendFileError, joined
from faradaic.approximations import Approximation, Design, Slope, Transform, Value, transform
from faradaic.data import Column, Dataset, Deterministic, Experiment, Source, Stochastic
from faradaic.laws import Law

from ._calibration import Calibration
from ._domain import Domain
from ._quality import Quality
from ._trend import Trend

FORMAT = 2
# what readers of zip archives, of JSON and of arrays raise on bytes that are none
DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, KeyError, ValueError, EOFError, OSError, RuntimeError)
FAMILIES = {
    name: value
    for name, value in vars(approximations).items()
    if isinstance(value, type) and issubclass(value, Approximation) and value is not Approximation
}


# frozen records that are saved field by field
RECORDS = (Calibration, Column, Dataset, Deterministic, Experiment, Slope, Source, Stochastic, Value)


def save(trend: Trend, path: str | Path) -> Path:
    """Write a trend; the file appears whole or not at all."""
    target = Path(path)
    arrays: dict[str, np.ndarray] = {}
    content = {
        "format": FORMAT,
        "design": _encoded(trend.design, arrays),
        "data": _encoded(trend.data, arrays),
        "calibration": _encoded(vars(trend).get("calibration"), arrays),
        "domain": _encoded({f.name: getattr(trend.domain, f.name) for f in fields(trend.domain)}, arrays),
        "quality": asdict(trend.quality),
        "provenance": trend.provenance,
    }
    packed = io.BytesIO()
    np.savez(packed, **arrays)  # pyright: ignore[reportArgumentType]
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise TrendFileError(f"Cannot write {str(target)!r}: {error.strerror}; choose another path.") from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("trend.json", json.dumps(content, indent=1))
            archive.writestr("arrays.npz", packed.getvalue())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    except OSError as error:
        raise TrendFileError(f"Cannot write {str(target)!r}: {error.strerror}; choose another path.") from error
    finally:
        temporary.unlink(missing_ok=True)
    return target


def load(path: str | Path, laws: Sequence[Law] = ()) -> Trend:
    """Read a trend that `Trend.save` wrote.

    Parameters
    ----------
    path : path
        The file.
    laws : sequence of Law
        Your own laws that the trend uses; bundled ones are found by their name.

    Raises
    ------
    TrendFileError
        The file is missing, truncated, not a trend, or written by a newer version.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import faradaic as fd
    >>> from faradaic.approximations import Polynomial
    >>> trend = fd.fit(Polynomial(degree=2), fd.data.example("deterministic"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = trend.save(pathlib.Path(folder) / "capacity.trend")
    ...     again = fd.load(path)
    >>> bool((again.predict([[1.0, 70.0]]) == trend.predict([[1.0, 70.0]])).all())
    True
    """
    content, arrays = _unpacked(Path(path))
    own = {law.name: law for law in laws}
    try:
        data, design = (_decoded(content[part], arrays, own) for part in ("data", "design"))
        if not isinstance(design, Design):
            raise TypeError("the design is none")
        trend = Trend(
            design=design,
            data=data,
            domain=Domain(**_decoded(content["domain"], arrays, own)),
            quality=Quality(**content["quality"]),
            provenance=content["provenance"],
        )
        calibration = _decoded(content["calibration"], arrays, own)
    except TrendFileError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise TrendFileError(
            f"{str(path)!r} is a trend file with a part missing or unknown ({error}); write it again with save."
        ) from error
    if calibration is not None:
        vars(trend)["calibration"] = calibration
    return trend


def _unpacked(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    if not path.is_file():
        raise TrendFileError(f"There is no file {str(path)!r}; give the path of a trend that was saved.")
    try:
        with zipfile.ZipFile(path) as archive:
            content = json.loads(archive.read("trend.json"))
            with np.load(io.BytesIO(archive.read("arrays.npz")), allow_pickle=False) as loaded:
                arrays = {name: loaded[name] for name in loaded.files}
    except DAMAGED as error:
        raise TrendFileError(
            f"{str(path)!r} is not a trend file, or it is truncated ({error}); save the trend again."
        ) from error
    found = content.get("format") if isinstance(content, dict) else None
    if isinstance(found, int) and found < FORMAT:
        raise TrendFileError(f"{str(path)!r} has the old format {found}; fit and save the trend again.")
    if not isinstance(found, int):
        raise TrendFileError(f"{str(path)!r} is not a trend file: it has no format number; save the trend again.")
    if found > FORMAT:
        raise TrendFileError(
            f"{str(path)!r} has format {found} and this version reads up to {FORMAT}; "
            "install a newer faradaic: pip install -U faradaic."
        )
    return content, arrays


def _encoded(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """Turn a value into JSON, with arrays put aside under a number."""
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        key = f"a{len(arrays)}"
        arrays[key] = value
        return {"array": key}
    if isinstance(value, Approximation):
        learned = {name: part for name, part in vars(value).items() if name.endswith("_")}
        return {
            "family": type(value).__name__,
            "arguments": _encoded(value.get_params(deep=False), arrays),
            "learned": _encoded(learned, arrays),
        }
    if isinstance(value, Transform):
        return {"transform": value.name, "constants": asdict(value)}  # pyright: ignore[reportArgumentType]
    if isinstance(value, Law):
        return {"law": value.name}
    if isinstance(value, RECORDS):
        parts = {f.name: _encoded(getattr(value, f.name), arrays) for f in fields(value)}
        return {"record": type(value).__name__, "fields": parts}
    if isinstance(value, dict):
        return {"items": {str(name): _encoded(part, arrays) for name, part in value.items()}}
    if isinstance(value, tuple | list):
        return {type(value).__name__: [_encoded(part, arrays) for part in value]}
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ArgumentError(f"A {type(value).__name__} cannot be saved in a trend; use numbers, text, or arrays.")


def _decoded(value: Any, arrays: dict[str, np.ndarray], own: dict[str, Law]) -> Any:
    """Turn JSON from `_encoded` back."""
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return arrays[value["array"]]
    if "family" in value:
        model = FAMILIES[value["family"]](**_decoded(value["arguments"], arrays, own))
        for name, part in _decoded(value["learned"], arrays, own).items():
            setattr(model, name, part)
        return model
    if "transform" in value:
        return transform(value["transform"], **value["constants"])
    if "law" in value:
        return _law(value["law"], own)
    if "record" in value:
        parts = {name: _decoded(part, arrays, own) for name, part in value["fields"].items()}
        return next(kind for kind in RECORDS if kind.__name__ == value["record"])(**parts)
    if "items" in value:
        return {name: _decoded(part, arrays, own) for name, part in value["items"].items()}
    kind = {"tuple": tuple, "list": list}
    (name, parts), *_ = value.items()
    return kind[name](_decoded(part, arrays, own) for part in parts)


def _law(name: str, own: dict[str, Law]) -> Law:
    if name in own:
        return own[name]
    try:
        return laws.named(name)
    except ArgumentError as error:
        given = f" (given: {joined(own)})" if own else ""
        raise TrendFileError(
            f"The trend uses the law {name!r}, which does not ship with faradaic{given}; "
            "pass it in load(..., laws=[...])."
        ) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
