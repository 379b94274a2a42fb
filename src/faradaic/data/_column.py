"""One column of a table: its name, its unit, and the way to SI and back."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import UnitError

from ._units import Unit, is_unit, parse_unit

_SQUARE = re.compile(r"^(?P<name>.*?)\s*\[(?P<unit>[^\[\]]*)\]$")
_ROUND = re.compile(r"^(?P<name>.+?)\s*\((?P<unit>[^()]*(?:\([^()]*\)[^()]*)*)\)$")
_ENCLOSED = re.compile(r"^\(([^()]*)\)$")
_BDF = re.compile(
    r"^(?P<name>[a-z][a-z0-9_]*?)_(?P<unit>second|volt|ampere|celsius|watt|ohm|pascal|dimensionless)$"
    r"|^(?P<name2>[a-z_]*(?:capacity|energy|pressure))_(?P<unit2>ah|wh|pa)$"
)
_BDF_UNIT = {"second": "s", "volt": "V", "ampere": "A", "celsius": "degC", "watt": "W", "ohm": "ohm", "pascal": "Pa",
             "dimensionless": "dimensionless", "ah": "Ah", "wh": "Wh", "pa": "Pa"}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column with its unit; ``SI = value * scale + offset``.

    Attributes
    ----------
    name : str
        The quantity, e.g. ``"T"``.
    unit : str
        Its unit as the user wrote it, e.g. ``"°C"``; empty where the header states none.
    si_unit : str
        The SI unit of the stored numbers, e.g. ``"K"``; ``"dimensionless"`` for a pure number.
    scale, offset : float
        The conversion.
    header : str
        The header as it stood in the table, e.g. ``"T [°C]"``.

    Examples
    --------
    >>> column = parse_header("Temperature (°C)")
    >>> column.name, column.unit, column.si_unit, column.dimension
    ('Temperature', '°C', 'K', '[temperature]')
    >>> float(column.to_si(25.0)), float(column.from_si(298.15)), float(column.spread_from_si(2.0))
    (298.15, 25.0, 2.0)
    """

    name: str
    unit: str
    si_unit: str
    scale: float
    offset: float
    header: str

    def to_si(self, values: ArrayLike) -> np.ndarray:
        """Return the values (any shape, in the user's unit) in SI."""
        return np.asarray(values, dtype=np.float64) * self.scale + self.offset

    def from_si(self, values: ArrayLike) -> np.ndarray:
        """Return the values (any shape, in SI) in the user's unit."""
        return (np.asarray(values, dtype=np.float64) - self.offset) / self.scale

    def spread_to_si(self, values: ArrayLike) -> np.ndarray:
        """Return differences, standard deviations or errors in SI: the zero point plays no part."""
        return np.asarray(values, dtype=np.float64) * self.scale

    def spread_from_si(self, values: ArrayLike) -> np.ndarray:
        """Return differences, standard deviations or errors in the user's unit."""
        return np.asarray(values, dtype=np.float64) / self.scale

    @property
    def dimension(self) -> str:
        """Dimension in pint's words, e.g. ``"[temperature]"`` or ``"dimensionless"``."""
        return parse_unit(self.si_unit).dimension


def parse_header(header: str) -> Column:
    """Read the quantity and the unit out of a column's header.

    Parameters
    ----------
    header : str
        ``"T [K]"``, ``"T / K"``, ``"Temperature (°C)"``, ``"r"`` (a pure number), or a name of the Battery Data Format,
        ``"Test Time / s"`` or ``"test_time_second"``.

    Raises
    ------
    UnitError
        The unit is not known, or ``C`` stands where degrees Celsius or a C-rate is meant.

    References
    ----------
    Battery Data Alliance, Battery Data Format, https://w3id.org/battery-data-alliance/ontology/battery-data-format

    Examples
    --------
    >>> parse_header("k / (mS/cm)").si_unit, parse_header("test_time_second").unit, parse_header("r").si_unit
    ('S/m', 's', 'dimensionless')
    """
    text = str(header).strip()
    name, unit_text = _parted(text)
    _check_coulomb(name, unit_text, text)
    try:
        unit: Unit = parse_unit(unit_text)
    except UnitError as error:
        raise UnitError(f"Column {text!r}: {str(error)[0].lower()}{str(error)[1:]}") from None
    return Column(name, unit_text, unit.si_unit, unit.scale, unit.offset, text)


def _parted(text: str) -> tuple[str, str]:
    found = _SQUARE.match(text)
    if found and found["name"]:
        return found["name"].strip(), found["unit"].strip()
    pieces = text.split("/")
    for cut in range(1, len(pieces)):  # the first stroke behind which a unit stands: "k / mS / cm"
        name, unit = "/".join(pieces[:cut]).strip(), "/".join(pieces[cut:]).strip()
        if name and unit and is_unit(unit):
            return name, _ENCLOSED.sub(r"\1", unit)
    found = _ROUND.match(text)
    if found:
        return found["name"].strip(), found["unit"].strip()
    if " / " in text:
        name, unit = text.split(" / ", 1)
        return name.strip(), unit.strip()
    found = _BDF.match(text)
    if found:
        return found["name"] or found["name2"], _BDF_UNIT[found["unit"] or found["unit2"]]
    return text, ""


def _check_coulomb(name: str, unit: str, header: str) -> None:
    if unit != "C":
        return
    if re.match(r"(t|theta|.*temp.*)$", name, re.IGNORECASE):
        raise UnitError(f"Column {header!r}: C is the coulomb; write degC or °C for degrees Celsius.")
    if "rate" in name.lower():
        raise UnitError(f"Column {header!r}: C is the coulomb; write 1/h for a C-rate.")
