"""Current density against overpotential by the theory of Marcus: a parabola, and its integral over a metal's electrons.

Signs as in `butler_volmer`: anodic is positive. The reorganisation energy is divided by the elementary charge, so that
it is in V and has the number that it has in eV. All three laws have the slope j0 F / (R T) at equilibrium.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from ._charge_transfer import EXCHANGE, OVERPOTENTIAL
from ._chidsey import relative_rate
from ._constants import REFERENCE_TEMPERATURE
from ._law import Law, Parameter, law
from ._thermal import positive, thermal_voltage

SMALLEST = 0.02  # V; narrower than the thermal voltage a reorganisation energy cannot be told from none
_REORGANIZATION = Parameter("lam", "V", lower=SMALLEST, upper=10.0, start=0.4, log=True)


@dataclass(frozen=True)
class _MarcusHush:
    thermal: float

    def __call__(self, eta: Any, j0: Any, lam: Any) -> Any:
        import jax.numpy as jnp

        x = eta / self.thermal
        return 2.0 * j0 * jnp.sinh(0.5 * x) * jnp.exp(-0.25 * x * eta / lam)


@dataclass(frozen=True)
class _MarcusHushChidsey:
    thermal: float

    def __call__(self, eta: Any, j0: Any, lam: Any) -> Any:
        import jax.numpy as jnp

        sign = jnp.where(eta < 0, -1.0, 1.0)
        u = sign * eta / self.thermal
        rate = relative_rate(u, lam / self.thermal, SMALLEST / self.thermal)
        return -sign * j0 * jnp.expm1(-u) * rate


@dataclass(frozen=True)
class _Zeng:
    thermal: float

    def __call__(self, eta: Any, j0: Any, lam: Any) -> Any:
        import jax.numpy as jnp
        from jax.scipy.special import erfc

        x, width = eta / self.thermal, lam / self.thermal

        def tail(square: Any) -> Any:
            return erfc((width - jnp.sqrt(1.0 + jnp.sqrt(width) + square)) / (2.0 * jnp.sqrt(width)))

        return 2.0 * j0 * jnp.tanh(0.5 * x) * tail(x**2) / tail(0.0)


def marcus_hush(temperature: float = REFERENCE_TEMPERATURE) -> Law:
    r"""Return the Marcus-Hush law, whose transfer coefficient falls with the overpotential.

    .. math::

        j = j_0 \left[\exp\left(\frac{\alpha F \eta}{R T}\right)
            - \exp\left(-\frac{(1 - \alpha) F \eta}{R T}\right)\right],
        \qquad \alpha = \frac{1}{2} - \frac{\eta}{4 \lambda}

    Beyond an overpotential of about the reorganisation energy the current falls again (the inverted region), which no
    metal electrode does; `marcus_hush_chidsey` saturates there. At large :math:`\lambda` it is `butler_volmer` with
    both coefficients 1/2.

    Parameters
    ----------
    temperature : float
        Of the measurement, K.

    Returns
    -------
    Law
        Of the overpotential ``eta`` (V), in A/m²; parameters ``j0`` (A/m²) and the reorganisation energy ``lam`` over
        the elementary charge (V, the number that it has in eV; 0.02 to 10).

    Raises
    ------
    ArgumentError
        ``temperature`` is not positive.

    References
    ----------
    Marcus, J. Chem. Phys. 43 (1965) 679, 10.1063/1.1696792; Hush, J. Chem. Phys. 28 (1958) 962, 10.1063/1.1744305.

    Examples
    --------
    >>> law = marcus_hush()
    >>> law([[0.1], [0.4], [0.6]], [10.0, 0.3]).round(1).tolist()
    [49.6, 133.9, 10.0]
    """
    return _marcus_hush(positive("temperature", temperature, "K"))


@cache
def _marcus_hush(temperature: float) -> Law:
    return _made(
        _MarcusHush(thermal_voltage(temperature)),
        formula=r"j = 2 j_0 \sinh\left(\frac{F \eta}{2 R T}\right) \exp\left(-\frac{F \eta^2}{4 \lambda R T}\right)",
        source="Marcus, J. Chem. Phys. 43 (1965) 679; Hush, J. Chem. Phys. 28 (1958) 962",
        doi="10.1063/1.1696792",
        name=f"marcus_hush({temperature!r})",
    )


def marcus_hush_chidsey(temperature: float = REFERENCE_TEMPERATURE) -> Law:
    r"""Return the Marcus-Hush-Chidsey law: the rates of Marcus summed over the electrons of a metal.

    .. math::

        \frac{j}{j_0} = \frac{k(\theta) - k(-\theta)}{k(0)}, \qquad
        k(\theta) = \int_{-\infty}^{\infty}
            \frac{e^{-(x + \Lambda - \theta)^2 / 4 \Lambda}}{1 + e^{-x}}\, dx, \qquad
        \theta = \frac{F \eta}{R T}, \quad \Lambda = \frac{F \lambda}{R T}

    The integral is computed, not approximated: adaptive quadrature gives the same current to 1e-12, relative, for
    every ``lam`` within its bounds and overpotentials up to 2 V at 25 °C. The current saturates at large
    overpotential, and at large :math:`\lambda` it is `butler_volmer` with both coefficients 1/2.

    Parameters
    ----------
    temperature : float
        Of the measurement, K.

    Returns
    -------
    Law
        Of the overpotential ``eta`` (V), in A/m²; parameters ``j0`` (A/m², the exchange current density) and the
        reorganisation energy ``lam`` over the elementary charge (V, the number that it has in eV; 0.02 to 10).

    Raises
    ------
    ArgumentError
        ``temperature`` is not positive.

    References
    ----------
    Chidsey, Science 251 (1991) 919, 10.1126/science.251.4996.919.

    Examples
    --------
    >>> law = marcus_hush_chidsey()
    >>> law([[-0.1], [0.1], [0.4], [0.6]], [10.0, 0.3]).round(1).tolist()
    [-53.8, 53.8, 648.8, 827.1]
    """
    return _marcus_hush_chidsey(positive("temperature", temperature, "K"))


@cache
def _marcus_hush_chidsey(temperature: float) -> Law:
    return _made(
        _MarcusHushChidsey(thermal_voltage(temperature)),
        formula=r"\frac{j}{j_0} = \frac{k(\theta) - k(-\theta)}{k(0)},\ k(\theta) = \int_{-\infty}^{\infty} "
        r"\frac{e^{-(x + \Lambda - \theta)^2 / 4 \Lambda}}{1 + e^{-x}} dx,"
        r"\ \theta = \frac{F \eta}{R T},\ \Lambda = \frac{F \lambda}{R T}",
        source="Chidsey, Science 251 (1991) 919",
        doi="10.1126/science.251.4996.919",
        name=f"marcus_hush_chidsey({temperature!r})",
    )


def marcus_hush_chidsey_zeng(temperature: float = REFERENCE_TEMPERATURE) -> Law:
    r"""Return the closed form of Zeng and others for `marcus_hush_chidsey`.

    .. math::

        \frac{j}{j_0} = 2 \tanh\left(\frac{\theta}{2}\right) \frac{h(\theta)}{h(0)}, \qquad
        h(\theta) = \mathrm{erfc}\,\frac{\Lambda - \sqrt{1 + \sqrt{\Lambda} + \theta^2}}{2 \sqrt{\Lambda}}

    It is here for comparison with published fits. Measured against the integral at 25 °C and from 1 mV to 2 V, the
    unnormalised rate is off by less than 5 % for ``lam`` from 0.2 to 0.4 V; below, it is off by -8.9 to 11.7 %, and at
    1 V by up to 26 % near equilibrium. Normalised to the
    slope at equilibrium, as it is here, the current is up to 3.8 % too large at 0.3 V, up to 22 % too large below, and
    up to 28 % too small at 1 V.

    Parameters
    ----------
    temperature : float
        Of the measurement, K.

    Returns
    -------
    Law
        As `marcus_hush_chidsey`.

    Raises
    ------
    ArgumentError
        ``temperature`` is not positive.

    References
    ----------
    Zeng, Smith, Bai and Bazant, J. Electroanal. Chem. 735 (2014) 77, 10.1016/j.jelechem.2014.09.038.

    Examples
    --------
    >>> law = marcus_hush_chidsey_zeng()
    >>> law([[0.1], [0.4], [0.6]], [10.0, 0.3]).round(1).tolist()
    [53.9, 671.3, 834.9]
    """
    return _zeng(positive("temperature", temperature, "K"))


@cache
def _zeng(temperature: float) -> Law:
    return _made(
        _Zeng(thermal_voltage(temperature)),
        formula=r"\frac{j}{j_0} = 2 \tanh\left(\frac{\theta}{2}\right) \frac{h(\theta)}{h(0)},\ h(\theta) = "
        r"\mathrm{erfc}\,\frac{\Lambda - \sqrt{1 + \sqrt{\Lambda} + \theta^2}}{2 \sqrt{\Lambda}}",
        source="Zeng, Smith, Bai and Bazant, J. Electroanal. Chem. 735 (2014) 77",
        doi="10.1016/j.jelechem.2014.09.038",
        name=f"marcus_hush_chidsey_zeng({temperature!r})",
    )


def _made(function: Any, *, formula: str, source: str, doi: str, name: str) -> Law:
    return law(
        formula=formula,
        variables=[OVERPOTENTIAL],
        parameters=[EXCHANGE, _REORGANIZATION],
        response_unit="A/m**2",
        source=source,
        doi=doi,
        linear=["j0"],
        name=name,
    )(function)
