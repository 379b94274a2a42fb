"""Current density against overpotential where the transport of the reactants limits it as well.

Signs as in `butler_volmer`: anodic is positive. Limiting current densities are magnitudes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from ._charge_transfer import DOI, EXCHANGE, OVERPOTENTIAL, SOURCE, halves, transfer
from ._constants import REFERENCE_TEMPERATURE
from ._law import Law, Parameter, law
from ._thermal import positive, thermal_voltage

_BOOK = "Bard and Faulkner, Electrochemical Methods, 2nd edition (2001), section 3.4.3"


def _limit(name: str) -> Parameter:
    return Parameter(name, "A/m**2", lower=0.0, start=100.0, log=True)


@dataclass(frozen=True)
class _ButlerVolmerLimited:
    thermal: float

    def __call__(self, eta: Any, j0: Any, alpha_a: Any, alpha_c: Any, j_la: Any, j_lc: Any) -> Any:
        import jax.numpy as jnp

        m, d = halves(eta, alpha_a, alpha_c, self.thermal)
        return 2.0 * jnp.sinh(d) / (jnp.exp(-m) / j0 + jnp.exp(d) / j_la + jnp.exp(-d) / j_lc)


@dataclass(frozen=True)
class _TafelLimited:
    thermal: float

    def __call__(self, eta: Any, j0: Any, alpha: Any, j_l: Any) -> Any:
        import jax.numpy as jnp

        return 1.0 / (jnp.exp(-alpha * (eta / self.thermal)) / j0 + 1.0 / j_l)


def butler_volmer_limited(temperature: float = REFERENCE_TEMPERATURE) -> Law:
    r"""Return the Butler-Volmer equation with the limiting currents of both reactants, solved for the current.

    .. math::

        \frac{j}{j_0} = \left(1 - \frac{j}{j_{l,a}}\right) e^{\alpha_a F \eta / R T}
                      - \left(1 + \frac{j}{j_{l,c}}\right) e^{-\alpha_c F \eta / R T}

    Each surface concentration falls linearly with the current, from its bulk value to zero at the limiting current.
    With infinite limiting currents this is `butler_volmer`.

    Parameters
    ----------
    temperature : float
        Of the measurement, K.

    Returns
    -------
    Law
        Of the overpotential ``eta`` (V), in A/m²; parameters ``j0`` (A/m²), ``alpha_a``, ``alpha_c``, and the
        magnitudes ``j_la`` and ``j_lc`` (A/m²) of the anodic and the cathodic limiting current density.

    Raises
    ------
    ArgumentError
        ``temperature`` is not positive.

    References
    ----------
    Bard and Faulkner, Electrochemical Methods, 2nd edition (2001), equation 3.4.10;
    Erdey-Gruz and Volmer, Z. Phys. Chem. 150A (1930) 203, 10.1515/zpch-1930-15020.

    Examples
    --------
    >>> law = butler_volmer_limited()
    >>> law([[-1.0], [0.0], [1.0]], [10.0, 0.5, 0.5, 100.0, 50.0]).round(3).tolist()
    [-50.0, 0.0, 100.0]
    """
    return _butler_volmer_limited(positive("temperature", temperature, "K"))


@cache
def _butler_volmer_limited(temperature: float) -> Law:
    return law(
        formula=r"\frac{j}{j_0} = \left(1 - \frac{j}{j_{l,a}}\right) e^{\alpha_a F \eta / R T} "
        r"- \left(1 + \frac{j}{j_{l,c}}\right) e^{-\alpha_c F \eta / R T}",
        variables=[OVERPOTENTIAL],
        parameters=[EXCHANGE, transfer("alpha_a"), transfer("alpha_c"), _limit("j_la"), _limit("j_lc")],
        response_unit="A/m**2",
        source=f"{SOURCE}, with limiting currents as in {_BOOK}",
        doi=DOI,
        name=f"butler_volmer_limited({temperature!r})",
    )(_ButlerVolmerLimited(thermal_voltage(temperature)))


def tafel_limited(temperature: float = REFERENCE_TEMPERATURE) -> Law:
    r"""Return the Tafel equation with the limiting current of its reactant.

    .. math:: \frac{1}{j} = \frac{1}{j_0} \exp\left(-\frac{\alpha F \eta}{R T}\right) + \frac{1}{j_l}

    A cathodic branch is fitted with the magnitudes of overpotential and current.

    Parameters
    ----------
    temperature : float
        Of the measurement, K.

    Returns
    -------
    Law
        Of the overpotential ``eta`` (V), in A/m²; parameters ``j0`` (A/m²), ``alpha`` and ``j_l`` (A/m²).

    Raises
    ------
    ArgumentError
        ``temperature`` is not positive.

    References
    ----------
    Bard and Faulkner, Electrochemical Methods, 2nd edition (2001), section 3.4.3;
    Tafel, Z. Phys. Chem. 50 (1905) 641, 10.1515/zpch-1905-5043.

    Examples
    --------
    >>> law = tafel_limited()
    >>> law([[0.1], [2.0]], [1.0, 0.5, 50.0]).round(3).tolist()
    [6.141, 50.0]
    """
    return _tafel_limited(positive("temperature", temperature, "K"))


@cache
def _tafel_limited(temperature: float) -> Law:
    return law(
        formula=r"\frac{1}{j} = \frac{1}{j_0} \exp\left(-\frac{\alpha F \eta}{R T}\right) + \frac{1}{j_l}",
        variables=[OVERPOTENTIAL],
        parameters=[EXCHANGE, transfer("alpha"), _limit("j_l")],
        response_unit="A/m**2",
        source=f"Tafel, Z. Phys. Chem. 50 (1905) 641, with a limiting current as in {_BOOK}",
        doi="10.1515/zpch-1905-5043",
        name=f"tafel_limited({temperature!r})",
    )(_TafelLimited(thermal_voltage(temperature)))
