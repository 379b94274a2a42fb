"""Peak current density of a voltammogram against its scan rate (Randles-Sevcik), and the diffusivity it says.

Peaks are magnitudes: current over electrode area, with linear diffusion to a planar electrode.
"""

from __future__ import annotations

import math
from typing import Any

from ._constants import FARADAY, REFERENCE_TEMPERATURE
from ._law import Parameter, Variable, law
from ._thermal import electrons_of, positive, thermal_voltage

_REVERSIBLE = 0.4463  # maximum of the dimensionless current, Nicholson and Shain 1964, Table I
_IRREVERSIBLE = 0.4958  # the same, Table III
_SCAN = Variable("v", "V/s", valid=(0.0, math.inf))
_SOURCE = (
    "Randles, Trans. Faraday Soc. 44 (1948) 327; Sevcik, Collect. Czech. Chem. Commun. 13 (1948) 349; "
    "Nicholson and Shain, Anal. Chem. 36 (1964) 706"
)
_DOI = "10.1021/ac60210a007"
_SLOPE_UNIT = "A*s**0.5/V**0.5/m**2"


@law(
    formula=r"j_p = b\, v^{1/2}",
    variables=[_SCAN],
    parameters=[Parameter("b", _SLOPE_UNIT, lower=0.0, start=1.0, log=True)],
    response_unit="A/m**2",
    source=_SOURCE,
    doi=_DOI,
    linear=["b"],
)
def randles_sevcik(v: Any, b: Any) -> Any:
    """Return the peak current density; `randles_sevcik_diffusivity` turns ``b`` into a diffusivity."""
    import jax.numpy as jnp

    return b * jnp.sqrt(v)


@law(
    formula=r"j_p = b\, v^{1/2} + j_b",
    variables=[_SCAN],
    parameters=[
        Parameter("b", _SLOPE_UNIT, lower=0.0, start=1.0, log=True),
        Parameter("j_b", "A/m**2"),
    ],
    response_unit="A/m**2",
    source=f"{_SOURCE}; with a current density that does not depend on the scan rate",
    doi=_DOI,
    linear=["b", "j_b"],
)
def randles_sevcik_offset(v: Any, b: Any, j_b: Any) -> Any:
    """Return the peak current density on top of a constant one, as a straight line with an intercept."""
    import jax.numpy as jnp

    return b * jnp.sqrt(v) + j_b


def randles_sevcik_slope(
    diffusivity: float,
    concentration: float,
    electrons: int = 1,
    alpha: float | None = None,
    temperature: float = REFERENCE_TEMPERATURE,
) -> float:
    r"""Return the slope b of the peak current density over the square root of the scan rate.

    .. math::

        b = 0.4463\, n F c \sqrt{\frac{n F D}{R T}}\ \text{(reversible)}, \qquad
        b = 0.4958\, n F c \sqrt{\frac{\alpha F D}{R T}}\ \text{(irreversible)}

    Parameters
    ----------
    diffusivity : float
        D of the reactant, m²/s.
    concentration : float
        Its bulk concentration, mol/m³.
    electrons : int
        Number n of electrons transferred.
    alpha : float, optional
        Transfer coefficient of the rate-determining step, which transfers one electron: the irreversible equation.
        Default: the reversible one.
    temperature : float
        Of the measurement, K.

    Returns
    -------
    float
        In A s^0.5 / (V^0.5 m²); the parameter ``b`` of `randles_sevcik`.

    Raises
    ------
    ArgumentError
        A constant is not positive, or ``electrons`` is not a whole number of at least 1.

    References
    ----------
    Randles, Trans. Faraday Soc. 44 (1948) 327, 10.1039/TF9484400327;
    Nicholson and Shain, Anal. Chem. 36 (1964) 706, 10.1021/ac60210a007.

    Examples
    --------
    >>> round(randles_sevcik_slope(1e-9, 1.0), 3)  # the 2.69e5 of the textbooks, in A, cm, mol
    8.495
    """
    return _unit_slope(concentration, electrons, alpha, temperature) * math.sqrt(
        positive("diffusivity", diffusivity, "m²/s")
    )


def randles_sevcik_diffusivity(
    slope: float,
    concentration: float,
    electrons: int = 1,
    alpha: float | None = None,
    temperature: float = REFERENCE_TEMPERATURE,
) -> float:
    """Return the diffusivity (m²/s) that a slope of peak currents says; `randles_sevcik_slope` solved for D.

    Parameters
    ----------
    slope : float
        The parameter ``b`` of `randles_sevcik`, A s^0.5 / (V^0.5 m²).
    concentration, electrons, alpha, temperature
        As for `randles_sevcik_slope`: with ``alpha`` irreversible, without it reversible.

    Raises
    ------
    ArgumentError
        A constant is not positive, or ``electrons`` is not a whole number of at least 1.

    Examples
    --------
    >>> b = randles_sevcik_slope(6.7e-10, 2.0, alpha=0.4)
    >>> round(randles_sevcik_diffusivity(b, 2.0, alpha=0.4), 16)
    6.7e-10
    """
    slope = positive("slope", slope, "A s^0.5/(V^0.5 m²)")
    return (slope / _unit_slope(concentration, electrons, alpha, temperature)) ** 2


def _unit_slope(concentration: float, electrons: int, alpha: float | None, temperature: float) -> float:
    carried = electrons_of(electrons) * FARADAY * positive("concentration", concentration, "mol/m³")
    thermal = thermal_voltage(temperature)
    if alpha is None:
        return _REVERSIBLE * carried * math.sqrt(electrons / thermal)
    return _IRREVERSIBLE * carried * math.sqrt(positive("alpha", alpha, "") / thermal)
