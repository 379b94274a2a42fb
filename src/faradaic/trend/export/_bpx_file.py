"""A BPX file with one parameter replaced, checked by the package of the format before it is written."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic._core import (
    ArgumentError,
    InputError,
    OptionalImportError,
    UnitError,
    joined,
    nearest,
    write_text,
)
from faradaic.laws import dimension

if TYPE_CHECKING:
    from faradaic.trend import Trend

    from ._bpx import BpxFunction

_FACTOR = re.compile(r"([A-Za-z]+)(-?\d+(?:\.\d+)?)?")


def write_into(
    function: BpxFunction, trend: Trend, path: str | Path | None, into: str | Path | dict[str, Any], field: str
) -> dict[str, Any]:
    """Put a function into a BPX document, check it, and write it if there is a path.

    Raises
    ------
    OptionalImportError
        The package bpx is not installed.
    UnitError
        The units of the trend are not those of the parameter.
    InputError
        The document is none, has no such parameter, or is not valid afterwards; nothing is written.
    """
    bpx = _imported()
    document = _document(into)
    section, name = _place(document, field)
    _check_units(trend, field.split("/")[0].strip(), name)
    section[name] = function.value
    try:
        bpx.parse_bpx_obj(deepcopy(document))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InputError(f"The BPX document with this {field!r} is not valid ({_first(error)}); correct it.") from error
    if path is not None:
        write_text(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return document


def _imported() -> Any:
    try:
        import bpx  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise OptionalImportError("bpx", "cells") from error
    return bpx


def _document(into: str | Path | dict[str, Any]) -> dict[str, Any]:
    if isinstance(into, dict):
        return deepcopy(into)
    try:
        found = json.loads(Path(into).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{str(into)!r} cannot be read as a BPX file ({error}); give the path of its JSON.") from error
    if not isinstance(found, dict):
        raise InputError(f"{str(into)!r} is no BPX file: it holds no object; give the path of its JSON.")
    return found


def _place(document: dict[str, Any], field: str) -> tuple[dict[str, Any], str]:
    section = document.get("Parameterisation")
    *sections, name = (part.strip() for part in field.split("/"))
    if not isinstance(section, dict) or not sections:
        raise InputError(
            f"The field {field!r} is not in the Parameterisation of the BPX document; write it as in "
            "'Negative electrode / OCP [V]'."
        )
    for part in sections:
        inner = section.get(part)
        if not isinstance(inner, dict):
            names = [key for key, value in section.items() if isinstance(value, dict)]
            raise InputError(
                f"The BPX document has no section {part!r}; did you mean {joined(nearest(part, names) or names, 'or')}?"
            )
        section = inner
    if name not in section:
        close = nearest(name, section) or list(section)
        raise ArgumentError(f"The section {sections[-1]!r} has no {name!r}; did you mean {joined(close, 'or')}?")
    return section, name


def _check_units(trend: Trend, section: str, name: str) -> None:
    stated = re.search(r"\[([^\]]*)\]", name)
    wanted = _si(stated[1]) if stated else "1"
    variable = "mol/m**3" if section == "Electrolyte" else "1"
    response, column = trend.response, trend.inputs[0]
    for what, has, needs in ((response.name, response.si_unit, wanted), (column.name, column.si_unit, variable)):
        if not _alike(has, needs):
            raise UnitError(f"{name!r} of {section!r} needs {needs} where the trend's {what!r} has {has or '1'}.")


def _si(unit: str) -> str:
    """Return a unit of BPX in our notation.

    Examples
    --------
    >>> _si("m2.s-1"), _si("V"), _si("V.K-1")
    ('m**2*s**-1', 'V', 'V*K**-1')
    """
    return "*".join(f"{symbol}**{power}" if power else symbol for symbol, power in _FACTOR.findall(unit)) or "1"


def _alike(unit: str, other: str) -> bool:
    try:
        return all(abs(a - b) < 1e-9 for a, b in zip(dimension(unit), dimension(other), strict=True))
    except UnitError:
        return False


def _first(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return "; ".join(lines[:3]) or type(error).__name__
