"""Conductivity of a salt solution against concentration, temperature and composition of the solvent."""

from __future__ import annotations

import math
from typing import Any

from ._constants import GAS_CONSTANT, REFERENCE_TEMPERATURE
from ._law import Law, Parameter, Variable, law

_CASTEEL_AMIS = "Casteel and Amis, J. Chem. Eng. Data 17 (1972) 55"
_CASTEEL_AMIS_DOI = "10.1021/je60052a029"
_INVERSE_SQUARE = {"mol/m**3": "m**6/mol**2", "mol/kg": "kg**2/mol**2"}
_BELL = r"\left(\frac{c}{c_m}\right)^a \exp\left[b (c - c_m)^2 - a \frac{c - c_m}{c_m}\right]"


def _bell(c: Any, c_max: Any, a: Any, b: Any) -> Any:
    import jax.numpy as jnp

    positive = c > 0
    logarithm = jnp.log(jnp.where(positive, c, c_max) / c_max)
    bell = jnp.exp(a * logarithm + b * (c - c_max) ** 2 - a * (c - c_max) / c_max)
    return jnp.where(positive, bell, 0.0)


def _casteel_amis(c: Any, kappa_max: Any, c_max: Any, a: Any, b: Any) -> Any:
    return kappa_max * _bell(c, c_max, a, b)


def _casteel_amis_arrhenius(c: Any, T: Any, kappa_max: Any, c_max: Any, a: Any, b: Any, E: Any) -> Any:
    import jax.numpy as jnp

    thermal = jnp.exp(-E / GAS_CONSTANT * (1 / T - 1 / REFERENCE_TEMPERATURE))
    return kappa_max * thermal * _bell(c, c_max, a, b)


def _at_one_temperature(name: str, unit: str, usual: float) -> Law:
    return law(
        formula=rf"\kappa = \kappa_m {_BELL}",
        variables=[Variable("c", unit, valid=(0.0, math.inf))],
        parameters=_parameters(unit, usual),
        response_unit="S/m",
        source=_CASTEEL_AMIS,
        doi=_CASTEEL_AMIS_DOI,
        linear=["kappa_max"],
        name=name,
    )(_casteel_amis)


def _over_temperature(name: str, unit: str, usual: float) -> Law:
    return law(
        formula=rf"\kappa = \kappa_m \exp\left[-\frac{{E}}{{R}}\left(\frac{{1}}{{T}} - \frac{{1}}{{T_r}}\right)\right] "
        rf"{_BELL},\quad T_r = 298.15\,\mathrm{{K}}",
        variables=[Variable("c", unit, valid=(0.0, math.inf)), Variable("T", "K", valid=(0.0, math.inf))],
        parameters=[*_parameters(unit, usual), Parameter("E", "J/mol", lower=-4e5, upper=4e5, start=1.5e4)],
        response_unit="S/m",
        source=f"{_CASTEEL_AMIS}, times the Arrhenius law",
        doi=_CASTEEL_AMIS_DOI,
        linear=["kappa_max"],
        name=name,
    )(_casteel_amis_arrhenius)


def _parameters(unit: str, usual: float) -> list[Parameter]:
    return [
        Parameter("kappa_max", "S/m", lower=0.0, start=1.0, log=True),
        Parameter("c_max", unit, lower=0.0, upper=100 * usual, start=usual, log=True),
        Parameter("a", "1", lower=0.0, upper=10.0, start=0.8),
        Parameter("b", _INVERSE_SQUARE[unit], lower=-10 / usual**2, upper=10 / usual**2),
    ]


casteel_amis = _at_one_temperature("casteel_amis", "mol/m**3", 1e3)
casteel_amis_molality = _at_one_temperature("casteel_amis_molality", "mol/kg", 1.0)
casteel_amis_arrhenius = _over_temperature("casteel_amis_arrhenius", "mol/m**3", 1e3)
casteel_amis_arrhenius_molality = _over_temperature("casteel_amis_arrhenius_molality", "mol/kg", 1.0)


@law(
    formula=r"\kappa = k_1 c + k_2 T + k_3 c^{5/2} r^{1/2} + k_4 T^2 c^{1/4}",
    variables=[
        Variable("T", "K", valid=(243.15, 333.15)),
        Variable("c", "mol/kg", valid=(0.194, 2.118)),
        Variable("r", "1", valid=(0.087, 1.0)),
    ],
    parameters=[
        Parameter("k1", "S*kg/m/mol", start=-0.511),
        Parameter("k2", "S/m/K", start=-0.004),
        Parameter("k3", "S*kg**2.5/m/mol**2.5", start=-0.035),
        Parameter("k4", "S*kg**0.25/m/mol**0.25/K**2", start=2.73e-5),
    ],
    response_unit="S/m",
    source="Flores et al., Digital Discovery 1 (2022) 440: LiPF6 in EC/PC/EMC, r the mass ratio EC/PC; "
    "the start values are the published, rounded constants",
    doi="10.1039/D2DD00027J",
    linear=["k1", "k2", "k3", "k4"],
)
def flores2022(T: Any, c: Any, r: Any, k1: Any, k2: Any, k3: Any, k4: Any) -> Any:
    """Return the four-term law found by symbolic regression."""
    return k1 * c + k2 * T + k3 * c**2.5 * r**0.5 + k4 * T**2 * c**0.25


@law(
    formula=r"\kappa = p_1 (1 + T - p_2)\, c\, \frac{1 + p_3 c^{1/2} + p_4 (1 + p_5 e^{1000/T})\, c}"
    r"{1 + p_6 e^{1000/T} c^4}",
    variables=[Variable("c", "mol/m**3", valid=(100.0, 3000.0)), Variable("T", "K", valid=(263.15, 323.15))],
    parameters=[
        Parameter("p1", "S*m**2/mol/K", lower=0.0, start=5.21e-5, log=True),
        Parameter("p2", "K", lower=0.0, upper=1e3, start=228.0),
        Parameter("p3", "m**1.5/mol**0.5", lower=-1.0, upper=1.0, start=-1.06 / 1000**0.5),
        Parameter("p4", "m**3/mol", lower=-0.1, upper=0.1, start=3.53e-4),
        Parameter("p5", "1", lower=-1.0, upper=1.0, start=-3.59e-3),
        Parameter("p6", "m**12/mol**4", lower=0.0, upper=1e-8, start=1.48e-15, log=True),
    ],
    response_unit="S/m",
    source="Landesfeind and Gasteiger, J. Electrochem. Soc. 166 (2019) A3079, Table II; "
    "the start values are those for LiPF6 in EC:EMC 3:7, converted from mS/cm and mol/L",
    doi="10.1149/2.0571912jes",
    linear=["p1"],
)
def landesfeind2019(c: Any, T: Any, p1: Any, p2: Any, p3: Any, p4: Any, p5: Any, p6: Any) -> Any:
    """Return the six-parameter conductivity of a binary electrolyte."""
    import jax.numpy as jnp

    thermal = jnp.exp(1000.0 / T)
    numerator = 1 + p3 * jnp.sqrt(c) + p4 * (1 + p5 * thermal) * c
    return p1 * (1 + T - p2) * c * numerator / (1 + p6 * thermal * c**4)
