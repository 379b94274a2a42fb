"""Tables from files: text with a sniffed separator, parquet, spreadsheets, or a DataFrame."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from faradaic._core import ColumnError, InputError, OptionalImportError, joined

if TYPE_CHECKING:
    import pandas as pd

TEXT = (".csv", ".tsv", ".txt", ".bdf")
BINARY = {".parquet": "pyarrow", ".xlsx": "openpyxl"}
_SEPARATORS = ("\t", ";", ",")
_NUMBER = re.compile(r"^\s*[-+]?(\d+[.,]?\d*|[.,]\d+)([eE][-+]?\d+)?\s*$")
# three digits behind a comma may be thousands; any other number of them is a fraction
_DECIMAL_COMMA = re.compile(r"(?<![\d.,])\d+,(?!\d{3}(?!\d))\d+(?![\d,])")


@dataclass(frozen=True)
class Table:
    """A table as it was read: the index of ``frame`` is the row number that a user sees.

    Attributes
    ----------
    frame : pandas.DataFrame
    name : str
        What messages call the source.
    """

    frame: pd.DataFrame
    name: str


def table(source: str | Path | pd.DataFrame) -> Table:
    """Read a table, without yet looking at its numbers.

    Parameters
    ----------
    source : path or DataFrame
        A .csv, .tsv or .txt file (separated by comma, semicolon or tabulator; decimal commas beside semicolons and
        tabulators), .parquet, .xlsx (first sheet), or a DataFrame.

    Raises
    ------
    InputError
        The file is missing, empty, of an unknown kind, or not a table.
    ColumnError
        Two columns have the same header.
    OptionalImportError
        The package that reads parquet or spreadsheets is missing.
    """
    import pandas as pd

    if isinstance(source, str | Path):
        path = Path(source)
        found = Table(_from_file(path), path.name)
    elif isinstance(source, pd.DataFrame):
        found = Table(source.rename(columns=str), "the DataFrame")
    else:
        raise InputError(f"A table is a path or a pandas DataFrame, got {type(source).__name__}; give one of these.")
    _check_headers(found)
    return found


def read_table(source: str | Path) -> pd.DataFrame:
    """Return the table of a file (.csv, .tsv, .txt, .parquet or .xlsx) as it is, without looking at its numbers.

    The index is the number of the row in the file, as messages name it. `read` makes a `Dataset` of it.

    Raises
    ------
    InputError
        The file is missing, empty, of an unknown kind, or not a table.
    """
    return table(source).frame


def _from_file(path: Path) -> pd.DataFrame:
    if path.is_dir():
        raise InputError(f"{str(path)!r} is a folder; give the path of one file in it.")
    if not path.exists():
        raise InputError(f"The file {str(path)!r} does not exist; check the path (it is looked for in {Path.cwd()}).")
    kind = path.suffix.lower()
    if kind not in TEXT and kind not in BINARY:
        known = joined([*TEXT, *BINARY], "or")
        raise InputError(f"{path.name!r} is of a kind that cannot be read ({kind or 'no extension'}); give {known}.")
    try:
        if path.stat().st_size == 0:
            raise InputError(f"The file {path.name!r} is empty; it needs a header row and at least 3 rows of numbers.")
        frame = _from_text(path) if kind in TEXT else _from_binary(path, kind)
    except OSError as error:
        raise InputError(f"The file {str(path)!r} cannot be read: {error.strerror or error}.") from error
    if not len(frame):
        raise InputError(f"The file {path.name!r} has a header but no rows; it needs at least 3 rows of numbers.")
    return frame


def _from_binary(path: Path, kind: str) -> pd.DataFrame:
    import pandas as pd

    if find_spec(BINARY[kind]) is None:
        raise OptionalImportError(BINARY[kind], "files")
    try:
        if kind == ".parquet":
            frame = pd.read_parquet(path, engine="pyarrow").reset_index(drop=True).rename(columns=str)
            return frame.set_axis(frame.index + 2)
        sheet = pd.read_excel(path, header=None, engine="openpyxl")
    except (ValueError, KeyError, OSError, SyntaxError, BadZipFile) as error:  # as pyarrow and openpyxl raise them
        raise InputError(f"The file {path.name!r} is not a readable {kind} file: {_first_line(error)}.") from error
    sheet = sheet[sheet.notna().any(axis=1)]
    if not len(sheet):
        raise InputError(f"The first sheet of {path.name!r} is empty; it needs a header row and 3 rows of numbers.")
    header = ["" if pd.isna(name) else str(name).strip() for name in sheet.iloc[0]]
    return sheet.iloc[1:].set_axis(header, axis=1).set_axis(sheet.index[1:] + 1).infer_objects()


def _from_text(path: Path) -> pd.DataFrame:
    import pandas as pd

    text = decoded(path)
    header, skipped, separator = _header(text, path)
    sample = text.split("\n", skipped + 60)[skipped : skipped + 60]
    width = max([len(header), *(len(_fields(line, separator)) for line in sample)])
    sample = "\n".join(sample)
    decimal = "," if separator != "," and _DECIMAL_COMMA.search(sample) and "." not in _numbers_of(sample) else "."
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            names=range(width),
            skiprows=skipped,
            decimal=decimal,
            skip_blank_lines=False,
            skipinitialspace=separator != "\t",
            low_memory=False,
        )
    except pd.errors.EmptyDataError:
        return pd.DataFrame(columns=header)
    except pd.errors.ParserError as error:
        found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error))
        if not found:
            raise InputError(f"The file {path.name!r} is not a table: {_first_line(error)}.") from error
        raise _uneven(path, int(found[2]), int(found[3]), len(header)) from error
    frame = frame.set_axis(np.arange(len(frame)) + skipped + 1)
    beyond = frame.iloc[:, len(header) :].notna().to_numpy()
    if beyond.any():
        place = int(beyond.any(axis=1).argmax())
        fields = len(header) + int(beyond[place].nonzero()[0][-1]) + 1
        raise _uneven(path, int(frame.index[place]), fields, len(header))
    frame = frame.iloc[:, : len(header)].set_axis(header, axis=1)
    return frame[frame.notna().any(axis=1)]


def _uneven(path: Path, row: int, fields: int, wanted: int) -> InputError:
    return InputError(f"Row {row} of {path.name!r} has {fields} fields but the header has {wanted}; make them equal.")


def decoded(path: Path) -> str:
    """Return the text of a file with line ends of one kind; raise InputError if it is none."""
    raw = path.read_bytes()
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    elif b"\0" in raw[:4096]:
        raise InputError(f"The file {path.name!r} is not text; save the table as .csv, .parquet or .xlsx.")
    else:
        encodings = ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InputError(f"The file {path.name!r} is not text; save the table as .csv, .parquet or .xlsx.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise InputError(f"The file {path.name!r} is empty; it needs a header row and at least 3 rows of numbers.")
    return text


def _header(text: str, path: Path) -> tuple[list[str], int, str]:
    """Return the header, the number of lines up to and including it, and the separator."""
    lines = text.split("\n", 400)[:400]
    start = next((i for i, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), 0)
    separator = "\t" if path.suffix.lower() == ".tsv" else _separator([line for line in lines[start:] if line.strip()])
    header = _fields(lines[start], separator)
    if all(_NUMBER.match(name) for name in header if name) and any(header):
        # numpy.savetxt writes the header as the last comment
        remark = lines[start - 1].lstrip().lstrip("#").strip() if start else ""
        if len(_fields(remark, separator)) == len(header) and remark:
            return _fields(remark, separator), start, separator
        raise InputError(
            f"The file {path.name!r} has no header row (row {start + 1} holds only numbers); "
            "put the names and units of the columns in its first row, e.g. T [K]."
        )
    return header, start + 1, separator


def _separator(lines: list[str]) -> str:
    """Choose the separator that gives the most rows the header's number of columns."""

    def merit(separator: str) -> tuple[bool, int, int]:
        widths = [len(_fields(line, separator)) for line in lines[:50]]
        return widths[0] > 1, sum(width == widths[0] for width in widths), widths[0]

    best = max(_SEPARATORS, key=merit)
    return best if merit(best)[0] else ","


def _fields(line: str, separator: str) -> list[str]:
    return [name.strip() for name in next(csv.reader([line], delimiter=separator), [])]


def _numbers_of(sample: str) -> str:
    return "".join(re.findall(r"\d+[.,]\d+", sample))


def _check_headers(found: Table) -> None:
    twice = [name for name, times in Counter(found.frame.columns).items() if times > 1 and name]
    if twice:
        raise ColumnError(
            f"{found.name} has more than one column {joined(map(repr, twice))}; give every column a header of its own."
        )


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0].rstrip(".")
