"""Current density against overpotential where charge transfer alone limits it: Butler-Volmer and Tafel.

Anodic currents and overpotentials are positive (IUPAC; Newman and Balsara). Bard and Faulkner count cathodic currents
as positive: change both signs of the current there. The temperature is a constant of each law, because the exchange
current density changes with it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

from ._constants import REFERENCE_TEMPERATURE
from ._law import Law, Parameter, Variable, law
from ._thermal import positive, thermal_voltage

OVERPOTENTIAL = Variable("eta", "V")
EXCHANGE = Parameter("j0", "A/m**2", lower=0.0, start=1.0, log=True)
SOURCE = "Erdey-Gruz and Volmer, Z. Phys. Chem. 150A (1930) 203"
DOI = "10.1515/zpch-1930-15020"
_FALLEN = math.log(100.0)  # times RT/F: from there on the back reaction is below one percent


def transfer(name: str) -> Parameter:
    """Return a transfer coefficient; apparent ones of several electrons exceed 1.

    Examples
    --------
    >>> transfer("alpha").upper
    4.0
    """
    return Parameter(name, "1", lower=0.0, upper=4.0, start=0.5)


def halves(eta: Any, alpha_a: Any, alpha_c: Any, thermal: float) -> tuple[Any, Any]:
    """Return m and d such that the anodic and the cathodic rate are exp(m + d) and exp(m - d).

    Their difference is then 2 exp(m) sinh(d), without cancellation near equilibrium.

    Examples
    --------
    >>> halves(0.1, 1.0, 0.5, 0.025)
    (1.0, 3.0)
    """
    x = eta / thermal
    return 0.5 * (alpha_a - alpha_c) * x, 0.5 * (alpha_a + alpha_c) * x


@dataclass(frozen=True)
class _ButlerVolmer:
    thermal: float

    def __call__(self, eta: Any, j0: Any, alpha_a: Any, alpha_c: Any) -> Any:
        import jax.numpy as jnp

        m, d = halves(eta, alpha_a, alpha_c, self.thermal)
        return 2.0 * j0 * jnp.exp(m) * jnp.sinh(d)


@dataclass(frozen=True)
class _OneStep:
    thermal: float

    def __call__(self, eta: Any, j0: Any, alpha: Any) -> Any:
        return _ButlerVolmer(self.thermal)(eta, j0, alpha, 1.0 - alpha)


@dataclass(frozen=True)
class _Tafel:
    thermal: float

    def __call__(self, eta: Any, j0: Any, alpha: Any) -> Any:
        import jax.numpy as jnp

        return j0 * jnp.exp(alpha * (eta / self.thermal))


def butler_volmer(temperature: float = REFERENCE_TEMPERATURE) -> Law:
    r"""Return the Butler-Volmer equation with two transfer coefficients.

    .. math::

        j = j_0 \left[\exp\frac{\alpha_a F \eta}{R T} - \exp\left(-\frac{\alpha_c F \eta}{R T}\right)\right]

    Parameters
    ----------
    temperature : float
        Of the measurement, K.

    Returns
    -------
    Law
        Of the overpotential ``eta`` (V, positive where the current is anodic), in A/m²; parameters ``j0`` (A/m²),
        ``alpha_a`` and ``alpha_c``.

    Raises
    ------
    ArgumentError
        ``temperature`` is not positive.

    References
    ----------
    Erdey-Gruz and Volmer, Z. Phys. Chem. 150A (1930) 203, 10.1515/zpch-1930-15020;
    Butler, Trans. Faraday Soc. 19 (1924) 729, 10.1039/TF9241900729.

    Examples
    --------
    >>> law = butler_volmer(298.15)
    >>> law.names
    ('j0', 'alpha_a', 'alpha_c')
    >>> law([[-0.1], [0.0], [0.1]], [10.0, 0.5, 0.5]).round(2).tolist()
    [-68.58, 0.0, 68.58]
    """
    return _butler_volmer(positive("temperature", temperature, "K"))


@cache
def _butler_volmer(temperature: float) -> Law:
    return law(
        formula=r"j = j_0 \left[\exp\frac{\alpha_a F \eta}{R T} - \exp\left(-\frac{\alpha_c F \eta}{R T}\right)\right]",
        variables=[OVERPOTENTIAL],
        parameters=[EXCHANGE, transfer("alpha_a"), transfer("alpha_c")],
        response_unit="A/m**2",
        source=SOURCE,
        doi=DOI,
        linear=["j0"],
        name=f"butler_volmer({temperature!r})",
    )(_ButlerVolmer(thermal_voltage(temperature)))


def butler_volmer_one_step(temperature: float = REFERENCE_TEMPERATURE) -> Law:
    r"""Return the Butler-Volmer equation of a step of one electron, whose two coefficients add up to 1.

    .. math::

        j = j_0 \left[\exp\frac{\alpha F \eta}{R T} - \exp\left(-\frac{(1 - \alpha) F \eta}{R T}\right)\right]

    Parameters
    ----------
    temperature : float
        Of the measurement, K.

    Returns
    -------
    Law
        Of the overpotential ``eta`` (V), in A/m²; parameters ``j0`` (A/m²) and ``alpha``, the *anodic* coefficient.
        Bard and Faulkner give the cathodic one: theirs is 1 - ``alpha``.

    Raises
    ------
    ArgumentError
        ``temperature`` is not positive.

    Examples
    --------
    >>> at = [[-0.05], [0.2]]
    >>> one, two = butler_volmer_one_step(), butler_volmer()
    >>> bool((abs(one(at, [2.0, 0.4]) / two(at, [2.0, 0.4, 0.6]) - 1) < 1e-12).all())
    True
    """
    return _one_step(positive("temperature", temperature, "K"))


@cache
def _one_step(temperature: float) -> Law:
    return law(
        formula=r"j = j_0 \left[\exp\frac{\alpha F \eta}{R T} - \exp\left(-\frac{(1 - \alpha) F \eta}{R T}\right)"
        r"\right]",
        variables=[OVERPOTENTIAL],
        parameters=[EXCHANGE, Parameter("alpha", "1", lower=0.0, upper=1.0, start=0.5)],
        response_unit="A/m**2",
        source=SOURCE,
        doi=DOI,
        linear=["j0"],
        name=f"butler_volmer_one_step({temperature!r})",
    )(_OneStep(thermal_voltage(temperature)))


def tafel(temperature: float = REFERENCE_TEMPERATURE) -> Law:
    r"""Return the Tafel equation, the Butler-Volmer equation without its back reaction.

    .. math:: j = j_0 \exp\frac{\alpha F \eta}{R T}

    A cathodic branch is fitted with the magnitudes of overpotential and current. Fit it with ``residuals="log"``, as
    a Tafel plot does.

    Parameters
    ----------
    temperature : float
        Of the measurement, K.

    Returns
    -------
    Law
        Of the overpotential ``eta`` (V), in A/m²; parameters ``j0`` (A/m²) and ``alpha``. Valid from
        :math:`(R T / F) \ln 100` on (118 mV at 25 °C), where the back reaction of a step of one electron is below 1 %.

    Raises
    ------
    ArgumentError
        ``temperature`` is not positive.

    References
    ----------
    Tafel, Z. Phys. Chem. 50 (1905) 641, 10.1515/zpch-1905-5043.

    Examples
    --------
    >>> law = tafel()
    >>> law([[0.2]], [1.0, 0.5]).round(2).tolist()
    [49.02]
    >>> law.outside([[0.1], [0.2]]).tolist()
    [True, False]
    """
    return _tafel(positive("temperature", temperature, "K"))


@cache
def _tafel(temperature: float) -> Law:
    thermal = thermal_voltage(temperature)
    return law(
        formula=r"j = j_0 \exp\frac{\alpha F \eta}{R T}",
        variables=[Variable("eta", "V", valid=(_FALLEN * thermal, math.inf))],
        parameters=[EXCHANGE, transfer("alpha")],
        response_unit="A/m**2",
        source="Tafel, Z. Phys. Chem. 50 (1905) 641",
        doi="10.1515/zpch-1905-5043",
        linear=["j0"],
        name=f"tafel({temperature!r})",
    )(_Tafel(thermal))


def tafel_slope(alpha: float, temperature: float = REFERENCE_TEMPERATURE) -> float:
    r"""Return the overpotential for each decade of current, :math:`\ln(10)\, R T / (\alpha F)`, in V.

    Raises
    ------
    ArgumentError
        ``alpha`` or ``temperature`` is not positive.

    Examples
    --------
    >>> round(tafel_slope(0.5), 4)  # the 120 mV per decade of the textbooks, at 25 °C
    0.1183
    """
    return math.log(10.0) * thermal_voltage(temperature) / positive("alpha", alpha, "")
