"""Open-circuit potential of an insertion electrode."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from faradaic._core import ArgumentError

from ._constants import FARADAY, GAS_CONSTANT, REFERENCE_TEMPERATURE
from ._law import Law, Parameter, Variable, law


@dataclass(frozen=True)
class _RedlichKister:
    order: int
    temperature: float

    def __call__(self, x: Any, U0: Any, *coefficients: Any) -> Any:
        import jax.numpy as jnp

        potential = U0 + GAS_CONSTANT * self.temperature / FARADAY * jnp.log((1 - x) / x)
        z = 2 * x - 1
        for k, coefficient in enumerate(coefficients):
            term = z ** (k + 1) - (2 * k * x * (1 - x) * z ** (k - 1) if k else 0.0)
            potential = potential + coefficient / FARADAY * term
        return potential


def redlich_kister(order: int, temperature: float = REFERENCE_TEMPERATURE) -> Law:
    r"""Return the Redlich-Kister open-circuit potential with ``order`` interaction terms.

    .. math::

        U(x) = U_0 + \frac{R T}{F} \ln\frac{1 - x}{x}
             + \sum_{k=0}^{N-1} \frac{A_k}{F} \left[(2x - 1)^{k+1} - \frac{2 k x (1 - x)}{(2x - 1)^{1-k}}\right]

    with the stoichiometry x of the inserted ion. Order 0 is the ideal solution (Nernst); each order contains the
    one before, so the orders are a hierarchy.

    Parameters
    ----------
    order : int
        Number N of interaction terms, at least 0; the law has ``order + 1`` parameters.
    temperature : float
        Temperature of the measurement, K.

    Returns
    -------
    Law
        Of the stoichiometry (dimensionless, between 0 and 1), in V; linear in its parameters ``U0`` (V) and
        ``A0``, ``A1``, ... (J/mol).

    Raises
    ------
    ArgumentError
        ``order`` is not an integer of at least 0, or ``temperature`` is not positive.

    References
    ----------
    Karthikeyan, Sikha and White, J. Power Sources 185 (2008) 1398, 10.1016/j.jpowsour.2008.07.077;
    Redlich and Kister, Ind. Eng. Chem. 40 (1948) 345, 10.1021/ie50458a036.

    Examples
    --------
    >>> potential = redlich_kister(2)
    >>> potential.names
    ('U0', 'A0', 'A1')
    >>> potential([[0.5]], [3.5, 1e4, 0.0]).tolist()  # the first term is odd about one half
    [3.5]
    """
    if not isinstance(order, int) or isinstance(order, bool) or order < 0:
        raise ArgumentError(f"order must be an integer of at least 0, got {order!r}.")
    if not temperature > 0:
        raise ArgumentError(f"temperature must be positive (in K), got {temperature!r}.")
    return _redlich_kister(order, float(temperature))


@cache
def _redlich_kister(order: int, temperature: float) -> Law:
    coefficients = [f"A{k}" for k in range(order)]
    return law(
        formula=r"U = U_0 + \frac{R T}{F} \ln\frac{1 - x}{x} + \sum_k \frac{A_k}{F} "
        r"\left[(2x - 1)^{k+1} - 2 k x (1 - x) (2x - 1)^{k-1}\right]",
        variables=[Variable("x", "1", valid=(0.0, 1.0))],
        parameters=[
            Parameter("U0", "V", lower=-10.0, upper=10.0, start=1.0),
            *(Parameter(name, "J/mol", lower=-1e9, upper=1e9) for name in coefficients),
        ],
        response_unit="V",
        source="Karthikeyan, Sikha and White, J. Power Sources 185 (2008) 1398",
        doi="10.1016/j.jpowsour.2008.07.077",
        linear=["U0", *coefficients],
        name=f"redlich_kister({order}, {temperature!r})",
    )(_RedlichKister(order, temperature))
