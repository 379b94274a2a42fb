"""Which nested laws fit the columns of a table, told by the dimensions of their units."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Protocol

from faradaic._core import ArgumentError, joined, nearest

from ._ageing import ageing_named
from ._charge_transfer import butler_volmer, butler_volmer_one_step, tafel
from ._conductivity import (
    casteel_amis,
    casteel_amis_arrhenius,
    casteel_amis_arrhenius_molality,
    casteel_amis_molality,
    flores2022,
    landesfeind2019,
)
from ._dimension import same_dimension
from ._generic import constant, linear
from ._law import Law
from ._marcus import marcus_hush, marcus_hush_chidsey, marcus_hush_chidsey_zeng
from ._mass_transport import butler_volmer_limited, tafel_limited
from ._nernst import nernst
from ._potential import redlich_kister
from ._rotating_disk import koutecky_levich, levich
from ._temperature import arrhenius, arrhenius_linear_energy, vogel_fulcher_tammann
from ._voltammetry import randles_sevcik, randles_sevcik_offset


class HasUnit(Protocol):
    """Any object that names its SI unit, such as a column of a data set."""

    @property
    def si_unit(self) -> str:
        """The unit, written with SI symbols."""
        ...


@dataclass(frozen=True)
class Hierarchy:
    """Laws of increasing number of parameters, each containing the one before.

    Attributes
    ----------
    name : str
        In words.
    laws : tuple of Law
    inputs : tuple of str
        The variable of the laws that each input column holds, in the order of the columns.
    """

    name: str
    laws: tuple[Law, ...]
    inputs: tuple[str, ...]


_POTENTIAL_ORDERS = 12
_KNOWN: tuple[tuple[str, tuple[Law, ...]], ...] = (
    ("Vogel-Fulcher-Tammann", (constant, arrhenius, vogel_fulcher_tammann)),
    ("Arrhenius with a temperature-linear activation energy", (constant, arrhenius, arrhenius_linear_energy)),
    ("Casteel-Amis", (constant, casteel_amis)),
    ("Casteel-Amis", (constant, casteel_amis_molality)),
    ("Casteel-Amis with an activation energy", (constant, arrhenius, casteel_amis_arrhenius)),
    ("Casteel-Amis with an activation energy", (constant, arrhenius, casteel_amis_arrhenius_molality)),
    ("Landesfeind-Gasteiger 2019", (landesfeind2019,)),
    ("Flores 2022", (flores2022,)),
    ("Butler-Volmer", (butler_volmer_one_step(), butler_volmer(), butler_volmer_limited())),
    ("Marcus-Hush-Chidsey", (marcus_hush_chidsey(),)),
    ("Randles-Sevcik", (randles_sevcik, randles_sevcik_offset)),
    ("Redlich-Kister", tuple(redlich_kister(order) for order in range(_POTENTIAL_ORDERS + 1))),
)
BUNDLED: tuple[Law, ...] = tuple(dict.fromkeys(one for _, laws in _KNOWN[:-1] for one in laws))
# Found by name, but not offered for the units of a table: rad/s is the unit of every rate.
_NAMED: tuple[Law, ...] = (levich, koutecky_levich)
_AT_A_TEMPERATURE: dict[str, Callable[[float], Law]] = {
    factory.__name__: factory
    for factory in (
        butler_volmer,
        butler_volmer_one_step,
        butler_volmer_limited,
        tafel,
        tafel_limited,
        marcus_hush,
        marcus_hush_chidsey,
        marcus_hush_chidsey_zeng,
    )
}

_SHORT = {
    "vft": "vogel_fulcher_tammann",
    "bv": "butler_volmer",
    "mh": "marcus_hush",
    "mhc": "marcus_hush_chidsey",
}


def hierarchies(inputs: Sequence[HasUnit], response: HasUnit) -> tuple[Hierarchy, ...]:
    """Return the known hierarchies whose largest law takes exactly these inputs and gives this response.

    Parameters
    ----------
    inputs : sequence
        One object with an ``si_unit`` for each input column.
    response : object
        The same for the response.

    Returns
    -------
    tuple of Hierarchy
        Empty when no known law fits the dimensions.

    Examples
    --------
    >>> from types import SimpleNamespace as Column
    >>> found = hierarchies([Column(si_unit="K")], Column(si_unit="m**2/s"))
    >>> [(h.name, [law.name for law in h.laws], h.inputs) for h in found][0]
    ('Vogel-Fulcher-Tammann', ['constant', 'arrhenius', 'vogel_fulcher_tammann'], ('T',))
    >>> kelvin, molality = Column(si_unit="K"), Column(si_unit="mol/kg")
    >>> [(h.name, h.inputs) for h in hierarchies([kelvin, molality], Column(si_unit="S/m"))]
    [('Casteel-Amis with an activation energy', ('T', 'c'))]
    """
    found = []
    for name, laws in _KNOWN:
        largest = laws[-1]
        if largest.response_unit is None or same_dimension(largest.response_unit, response.si_unit):
            order = _assigned(largest, [column.si_unit for column in inputs])
            if order is not None:
                found.append(Hierarchy(name, laws, order))
    return tuple(found)


def _assigned(law: Law, units: list[str]) -> tuple[str, ...] | None:
    if len(units) != len(law.variables):
        return None
    for order in permutations(law.variables):
        if all(v.unit is None or same_dimension(v.unit, unit) for v, unit in zip(order, units, strict=True)):
            return tuple(v.name for v in order)
    return None


def natural_transforms(columns: Sequence[HasUnit]) -> tuple[str, ...]:
    """Return the coordinate in which physics is simplest in each input: ``"reciprocal"`` or ``"identity"``.

    An activated process is straight in the reciprocal of the absolute temperature.

    Examples
    --------
    >>> from types import SimpleNamespace as Column
    >>> natural_transforms([Column(si_unit="K"), Column(si_unit="mol/kg")])
    ('reciprocal', 'identity')
    """
    return tuple("reciprocal" if same_dimension(column.si_unit, "K") else "identity" for column in columns)


def named(name: str) -> Law:
    """Return the law that ships under this name; the way back from a saved name.

    One that holds at a temperature is that at 298.15 K where none is said; vft, bv, mh and mhc are short for the usual.

    Raises
    ------
    ArgumentError
        No law has this name.

    Examples
    --------
    >>> named("arrhenius").names, named(named("constant").name).name
    (('A', 'E'), 'constant')
    >>> named("vft").name
    'vogel_fulcher_tammann'
    >>> named("redlich_kister(3, 298.15)").count, named("tafel(310.0)").names
    (4, ('j0', 'alpha'))
    """
    name = _SHORT.get(name.lower(), name)
    for one in (*BUNDLED, *_NAMED):
        if one.name == name:
            return one
    if name in _AT_A_TEMPERATURE:
        return _AT_A_TEMPERATURE[name](298.15)
    if ageing := ageing_named(name):
        return ageing
    if match := re.fullmatch(r"linear\((\d+)\)", name):
        return linear(int(match[1]))
    if match := re.fullmatch(r"redlich_kister\((\d+), ([\d.e+]+)\)", name):
        return redlich_kister(int(match[1]), float(match[2]))
    if match := re.fullmatch(r"nernst\((\d+), ([\d.e+]+)\)", name):
        return nernst(int(match[1]), float(match[2]))
    if (match := re.fullmatch(r"(\w+)\(([\d.e+]+)\)", name)) and match[1] in _AT_A_TEMPERATURE:
        return _AT_A_TEMPERATURE[match[1]](float(match[2]))
    close = nearest(name, [*(one.name for one in (*BUNDLED, *_NAMED) if "(" not in one.name), *_AT_A_TEMPERATURE])
    hint = f"; did you mean {joined(close, 'or')}?" if close else "."
    raise ArgumentError(f"No law is called {name!r}{hint}")
