"""`read_impedance`: a spectrum from the file of an instrument, through the package `impedance`, or from a table."""

from __future__ import annotations

import csv
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from faradaic._core import ArgumentError, InputError, OptionalImportError, joined

from ._files import decoded
from ._spectrum import Spectrum

Instrument = Literal[
    "table", "gamry", "biologic", "zplot", "autolab", "parstat", "versastudio", "powersuite", "chinstruments"
]
Array = np.ndarray

_BY_SUFFIX: dict[str, Instrument] = {".dta": "gamry", ".mpt": "biologic", ".z": "zplot", ".par": "versastudio"}
_BY_FIRST_LINES: tuple[tuple[str, Instrument], ...] = (
    (r"^EXPLAIN\b", "gamry"),
    (r"EC-Lab ASCII FILE", "biologic"),
    (r"^ZPLOT", "zplot"),
    (r"Z60W Data File", "autolab"),
    (r"Zre \(ohms\)\tZim \(ohms\)", "parstat"),
    (r"<Application>|<Segments>", "versastudio"),
    (r"^Freq/Hz\s*,", "chinstruments"),
)
_COLUMNS = {
    "frequency": r"f|freq|frequency",
    "real part": r"(re|real)[ _]*\(?z?\)?|z[ _]*(re|real|')|z_?real|zre|z'(\(a\))?",
    "imaginary part": r"-?(im|imag)[ _]*\(?z?\)?|-?z[ _]*(im|imag|'')|-?zimag|-?zim|-?z''(\(b\))?",
}
_UNITS = {
    "frequency": {"Hz": 1.0, "mHz": 1e-3, "kHz": 1e3, "MHz": 1e6},
    "real part": {
        "ohm": 1.0, "ohms": 1.0, "Ω": 1.0, "mohm": 1e-3, "mΩ": 1e-3, "kohm": 1e3, "kΩ": 1e3, "Mohm": 1e6, "MΩ": 1e6,
    },
}  # fmt: skip
_UNITS["imaginary part"] = _UNITS["real part"]
_UNIT = re.compile(
    r"^(?P<name>.*?)\s*(?:/\s*(?P<slash>[^/()\[\]]+)|\[(?P<square>[^\]]*)\]|\((?P<round>[^)]*([Oo]hm|Ω|Hz)[^)]*)\))$"
)
# What a reader of someone else raises on a file that is not what it expects.
_FOREIGN = (ValueError, IndexError, KeyError, UnboundLocalError, AssertionError, UnicodeDecodeError, TypeError)


def read_impedance(path: str | Path, instrument: Instrument | None = None) -> Spectrum:
    r"""Read an impedance spectrum.

    Parameters
    ----------
    path : path
        A file of Gamry (.DTA), BioLogic (.mpt), ZPlot (.z), Autolab, Parstat, VersaStudio (.par), PowerSuite or CH
        Instruments, or a table (.csv, .tsv, .txt): three columns of numbers, frequency in Hz, real and imaginary part
        in ohm, or columns with headers such as ``freq/Hz``, ``Re(Z)/Ohm`` and ``-Im(Z)/Ohm``; the sign and the unit
        that a header states are used.
    instrument : str, optional
        Where the format is not to be told from the file: "table" or the name of an instrument in small letters.

    Returns
    -------
    Spectrum
        The points in the order of the file.

    Raises
    ------
    InputError
        The file is missing, or is not a spectrum of the format.
    ArgumentError
        The instrument is unknown.
    OptionalImportError
        The file is not a table, and the package ``impedance`` of the extra ``cells`` is missing.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "cell.csv"
    >>> _ = path.write_text("freq/kHz,Re(Z)/mOhm,-Im(Z)/mOhm\n1,20,3\n0.1,30,8\n0.01,60,20\n")
    >>> spectrum = read_impedance(path)
    >>> spectrum.frequency.tolist(), spectrum.Z.tolist()
    ([1000.0, 100.0, 10.0], [(0.02-0.003j), (0.03-0.008j), (0.06-0.02j)])
    """
    path = Path(path)
    if instrument is not None and instrument not in get_args(Instrument):
        known = joined(map(repr, get_args(Instrument)), "or")
        raise ArgumentError(f"instrument must be {known}, got {instrument!r}.")
    if path.is_dir():
        raise InputError(f"{str(path)!r} is a folder; give the path of one file in it.")
    if not path.exists():
        raise InputError(f"The file {str(path)!r} does not exist; check the path (it is looked for in {Path.cwd()}).")
    try:
        text = decoded(path)
    except OSError as error:
        raise InputError(f"The file {str(path)!r} cannot be read: {error.strerror or error}.") from error
    kind = instrument or _recognised(path, text)
    frequency, Z = _from_table(path, text) if kind == "table" else _through_the_package(path, kind)
    return Spectrum(frequency, Z, source=path.name, meta={"instrument": kind})


def _recognised(path: Path, text: str) -> Instrument:
    if path.suffix.lower() in _BY_SUFFIX:
        return _BY_SUFFIX[path.suffix.lower()]
    first = "\n".join(text.split("\n", 5)[:5])
    for pattern, instrument in _BY_FIRST_LINES:
        if re.search(pattern, first, re.MULTILINE):
            return instrument
    return "table"


def _through_the_package(path: Path, instrument: Instrument) -> tuple[Array, Array]:
    if find_spec("impedance") is None:
        raise OptionalImportError("impedance", "cells")
    from impedance.preprocessing import readFile

    try:
        frequency, Z = readFile(str(path), instrument=instrument)
    except _FOREIGN as error:
        raise InputError(
            f"The file {path.name!r} is not a readable file of {instrument}; "
            "export it again, or say with instrument=... what wrote it."
        ) from error
    if not len(frequency):
        raise InputError(f"The file {path.name!r} of {instrument} holds no point of a spectrum; export it again.")
    return frequency, Z


def _from_table(path: Path, text: str) -> tuple[Array, Array]:
    lines = [line for line in text.split("\n") if line.strip()]
    remarks = [line.lstrip("# ").rstrip() for line in lines if line.lstrip().startswith("#")]
    lines = [line for line in lines if not line.lstrip().startswith("#")]
    separator = next((one for one in "\t;," if lines and one in lines[0]), None)
    rows = [_fields(line, separator) for line in lines]
    header = remarks[-1:] and _fields(remarks[-1], separator)
    if rows and not all(map(_is_number, rows[0])):
        header, rows = rows[0], rows[1:]
    if not rows:
        raise InputError(f"The file {path.name!r} holds no row of numbers; a spectrum has three columns of them.")
    places = _places(path, header or [], len(rows[0]))
    values = []
    for name, (place, factor) in places.items():
        try:
            values.append([factor * float(row[place]) for row in rows])
        except (ValueError, IndexError) as error:
            raise InputError(
                f"The file {path.name!r} has a row without a number for the {name}; give every row its three numbers."
            ) from error
    frequency, real, imaginary = map(np.array, values)
    return frequency, real + 1j * imaginary


def _places(path: Path, header: list[str], width: int) -> dict[str, tuple[int, float]]:
    """Return the column and the factor to Hz or ohm of each of the three quantities."""
    found: dict[str, tuple[int, float]] = {}
    for place, title in enumerate(header):
        split = _UNIT.match(title.strip())
        name = split["name"] if split else title.strip()
        unit = (split["slash"] or split["square"] or split["round"] or "").strip() if split else ""
        for quantity, pattern in _COLUMNS.items():
            if quantity not in found and re.fullmatch(pattern, name.replace("−", "-").lower()):
                found[quantity] = (place, _factor(path, title, quantity, unit) * (-1 if name[:1] in "-−" else 1))
    missing = [quantity for quantity in _COLUMNS if quantity not in found]
    if not missing:
        return {quantity: found[quantity] for quantity in _COLUMNS}
    if not found and width == 3:
        return {quantity: (place, 1.0) for place, quantity in enumerate(_COLUMNS)}
    raise InputError(
        f"The file {path.name!r} has no column for the {joined(missing)}; call the columns for example "
        "freq/Hz, Re(Z)/Ohm and -Im(Z)/Ohm, or give three columns without a header."
    )


def _factor(path: Path, title: str, quantity: str, unit: str) -> float:
    known = _UNITS[quantity]
    written = unit.replace("Ohm", "ohm").replace("\u2126", "Ω")
    if written and written not in known:
        raise InputError(
            f"The column {title!r} of {path.name!r} has a unit that is not known here; give {joined(known, 'or')}."
        )
    return known[written] if written else 1.0


def _fields(line: str, separator: str | None) -> list[str]:
    if separator is None:
        return line.split()
    return [field.strip() for field in next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
