"""Potential of an electrode in equilibrium."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

from ._constants import REFERENCE_TEMPERATURE
from ._law import Law, Parameter, Variable, law
from ._thermal import electrons_of, positive, thermal_voltage


@dataclass(frozen=True)
class _Nernst:
    slope: float

    def __call__(self, ratio: Any, E0: Any) -> Any:
        import jax.numpy as jnp

        return E0 + self.slope * jnp.log(ratio)


def nernst(electrons: int = 1, temperature: float = REFERENCE_TEMPERATURE) -> Law:
    r"""Return the Nernst equation for a reduction :math:`\mathrm{Ox} + n e^- \rightleftharpoons \mathrm{Red}`.

    .. math:: E = E^0 + \frac{R T}{n F} \ln\frac{a_\mathrm{Ox}}{a_\mathrm{Red}}

    With concentrations in place of activities, ``E0`` is the formal potential.

    Parameters
    ----------
    electrons : int
        Number n of electrons transferred.
    temperature : float
        Of the measurement, K.

    Returns
    -------
    Law
        Of the ``ratio`` of the activities, oxidised over reduced (dimensionless, positive), in V; parameter ``E0`` (V).

    Raises
    ------
    ArgumentError
        ``electrons`` is not a whole number of at least 1, or ``temperature`` is not positive.

    References
    ----------
    Nernst, Z. Phys. Chem. 4 (1889) 129, 10.1515/zpch-1889-0412.

    Examples
    --------
    >>> nernst(2)([[10.0], [1.0]], [0.34]).round(5).tolist()  # 29.6 mV for each decade
    [0.36958, 0.34]
    """
    return _nernst(electrons_of(electrons), positive("temperature", temperature, "K"))


@cache
def _nernst(electrons: int, temperature: float) -> Law:
    return law(
        formula=r"E = E^0 + \frac{R T}{n F} \ln\frac{a_\mathrm{Ox}}{a_\mathrm{Red}}",
        variables=[Variable("ratio", "1", valid=(0.0, math.inf))],
        parameters=[Parameter("E0", "V", lower=-10.0, upper=10.0)],
        response_unit="V",
        source="Nernst, Z. Phys. Chem. 4 (1889) 129",
        doi="10.1515/zpch-1889-0412",
        linear=["E0"],
        name=f"nernst({electrons}, {temperature!r})",
    )(_Nernst(thermal_voltage(temperature) / electrons))
