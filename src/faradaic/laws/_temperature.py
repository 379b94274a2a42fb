"""How a positive response (conductivity, diffusivity, rate constant, fluidity) depends on the temperature."""

from __future__ import annotations

import math
from typing import Any

from ._constants import GAS_CONSTANT, REFERENCE_TEMPERATURE
from ._law import Parameter, Variable, law

_TEMPERATURE = Variable("T", "K", valid=(0.0, math.inf))
_PREFACTOR = Parameter("A", None, lower=0.0, start=1.0, log=True)
_ENERGY = Parameter("E", "J/mol", lower=-4e5, upper=4e5, start=3e4)


@law(
    formula=r"y = A \exp\left(-\frac{E}{R T}\right)",
    variables=[_TEMPERATURE],
    parameters=[_PREFACTOR, _ENERGY],
    source="Arrhenius, Z. Phys. Chem. 4 (1889) 226",
    doi="10.1515/zpch-1889-0416",
    linear=["A"],
)
def arrhenius(T: Any, A: Any, E: Any) -> Any:
    """Return the Arrhenius law; ``E`` is the activation energy."""
    import jax.numpy as jnp

    return A * jnp.exp(-E / (GAS_CONSTANT * T))


@law(
    formula=r"y = A \exp\left(-\frac{B}{T - T_0}\right)\ (T > T_0),\quad y = 0\ (T \le T_0)",
    variables=[_TEMPERATURE],
    parameters=[
        _PREFACTOR,
        Parameter("B", "K", lower=0.0, upper=5e4, start=600.0, log=True),
        Parameter("T0", "K", lower=0.0, upper=1e3, start=150.0),
    ],
    source="Vogel, Phys. Z. 22 (1921) 645; Fulcher, J. Am. Ceram. Soc. 8 (1925) 339; "
    "Tammann and Hesse, Z. Anorg. Allg. Chem. 156 (1926) 245",
    doi="10.1111/j.1151-2916.1925.tb16731.x",
    linear=["A"],
)
def vogel_fulcher_tammann(T: Any, A: Any, B: Any, T0: Any) -> Any:
    """Return the Vogel-Fulcher-Tammann law; ``T0 = 0`` is the Arrhenius law with ``E = R B``."""
    import jax.numpy as jnp

    above = T > T0
    return jnp.where(above, A * jnp.exp(-B / jnp.where(above, T - T0, 1.0)), 0.0)


@law(
    formula=r"y = A \left(\frac{T}{T_r}\right)^{E_1/R} \exp\left(-\frac{E - E_1 T_r}{R T}\right),"
    r"\quad T_r = 298.15\,\mathrm{K}",
    variables=[_TEMPERATURE],
    parameters=[_PREFACTOR, _ENERGY, Parameter("E1", "J/mol/K", lower=-4e3, upper=4e3, start=0.0)],
    source="Modified Arrhenius equation, IUPAC Compendium of Chemical Terminology, "
    "with the exponent of T written as the slope of the activation energy",
    doi="10.1351/goldbook.M03963",
    linear=["A"],
)
def arrhenius_linear_energy(T: Any, A: Any, E: Any, E1: Any) -> Any:
    r"""Return the law whose activation energy is linear in T, ``E + E1 (T - 298.15 K)``.

    The activation energy is what the slope of the Arrhenius plot says at T, :math:`-R\,d\ln y/d(1/T)`. (Writing
    ``E + E1 T`` into the exponent of the Arrhenius law instead would only change the prefactor.)
    """
    import jax.numpy as jnp

    at_zero = E - E1 * REFERENCE_TEMPERATURE
    return A * jnp.exp(-at_zero / (GAS_CONSTANT * T) + E1 / GAS_CONSTANT * jnp.log(T / REFERENCE_TEMPERATURE))
