"""Current density of a rotating disk electrode against its angular velocity: Levich and Koutecky-Levich.

Currents are magnitudes. The angular velocity is in rad/s: revolutions per minute times 2 pi / 60.
"""

from __future__ import annotations

import math
from typing import Any

from ._constants import FARADAY
from ._law import Parameter, Variable, law
from ._thermal import electrons_of, positive

_LEVICH = 0.620  # infinite Schmidt number; 0.6205 from the expansion of the flow at the disk by Cochran
_ROTATION = Variable("omega", "rad/s", valid=(0.0, math.inf))
_SLOPE = Parameter("B", "A*s**0.5/m**2", lower=0.0, start=1.0, log=True)
_BOOK = "Levich, Physicochemical Hydrodynamics, Prentice-Hall (1962)"


@law(
    formula=r"j = B \omega^{1/2}",
    variables=[_ROTATION],
    parameters=[_SLOPE],
    response_unit="A/m**2",
    source=_BOOK,
    linear=["B"],
)
def levich(omega: Any, B: Any) -> Any:
    """Return the limiting current density of a rotating disk."""
    import jax.numpy as jnp

    return B * jnp.sqrt(omega)


@law(
    formula=r"\frac{1}{j} = \frac{1}{j_k} + \frac{1}{B \omega^{1/2}}",
    variables=[_ROTATION],
    parameters=[Parameter("j_k", "A/m**2", lower=0.0, start=100.0, log=True), _SLOPE],
    response_unit="A/m**2",
    source=f"Koutecky and Levich, Zh. Fiz. Khim. 32 (1958) 1565; {_BOOK}",
)
def koutecky_levich(omega: Any, j_k: Any, B: Any) -> Any:
    """Return the current density of a reaction of first order; ``j_k`` is what charge transfer alone would allow."""
    import jax.numpy as jnp

    limit = B * jnp.sqrt(omega)
    return limit * (j_k / (j_k + limit))


def levich_slope(diffusivity: float, viscosity: float, concentration: float, electrons: int = 1) -> float:
    r"""Return the Levich slope :math:`B = 0.620\, n F D^{2/3} \nu^{-1/6} c`, the parameter ``B`` of `levich`.

    Parameters
    ----------
    diffusivity : float
        D of the reactant, m²/s.
    viscosity : float
        Kinematic viscosity of the solution, m²/s.
    concentration : float
        Bulk concentration of the reactant, mol/m³.
    electrons : int
        Number n of electrons transferred.

    Returns
    -------
    float
        In A s^0.5 / m².

    Raises
    ------
    ArgumentError
        A constant is not positive, or ``electrons`` is not a whole number of at least 1.

    Examples
    --------
    >>> B = levich_slope(1e-9, 1e-6, 1.0)
    >>> round(B, 4), round(levich_diffusivity(B, 1e-6, 1.0), 15)
    (0.5982, 1e-09)
    """
    spread = positive("diffusivity", diffusivity, "m²/s") ** (2 / 3)
    return _LEVICH * _driven(viscosity, concentration, electrons) * spread


def levich_diffusivity(slope: float, viscosity: float, concentration: float, electrons: int = 1) -> float:
    """Return the diffusivity (m²/s) that a Levich slope says; `levich_slope` solved for D.

    Raises
    ------
    ArgumentError
        A constant is not positive, or ``electrons`` is not a whole number of at least 1.

    Examples
    --------
    >>> round(levich_diffusivity(0.5982, 1e-6, 1.0), 12)
    1e-09
    """
    slope = positive("slope", slope, "A s^0.5/m²")
    return (slope / (_LEVICH * _driven(viscosity, concentration, electrons))) ** 1.5


def _driven(viscosity: float, concentration: float, electrons: int) -> float:
    flow = positive("viscosity", viscosity, "m²/s") ** (-1 / 6)
    return electrons_of(electrons) * FARADAY * positive("concentration", concentration, "mol/m³") * flow
