"""The integral of Chidsey: Marcus' rate over the Fermi distribution of the electrons of a metal."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

Array = np.ndarray

# The trapezoidal rule in t, with x = 2 sinh(t), converges as exp(-pi^2 / (2 h)): the integrand is analytic, and does
# not grow, within pi/4 of the real axis of t. 36 nodes of step 0.16 reach to x = 270, where the Gaussian of the widest
# case (width 500) has fallen to 1e-16, and are right to 3e-13.
_STEP = 0.16
_NODES = 36
_STRETCH = 2.0
_ENOUGH = 32.0  # exp(-32) = 1e-14


@cache
def _rule() -> tuple[Array, Array]:
    """Return nodes x and weights of the half line, the weights with the factor 1 / (1 + exp(-x))."""
    t = _STEP * np.arange(_NODES)
    x = _STRETCH * np.sinh(t)
    weights = _STEP * _STRETCH * np.cosh(t) / (1.0 + np.exp(-x))
    weights[0] /= 2
    return x, weights


def _even(rho: Any, width: Any) -> Any:
    r"""Return :math:`\int_0^\infty e^{-x^2 / 4 \Lambda} \cosh(\rho x / 2) / \cosh(x / 2)\, dx` for rho from -1 to 1."""
    import jax.numpy as jnp

    x, weights = _rule()
    rising, falling = jnp.exp(-0.5 * (1.0 - rho) * x), jnp.exp(-0.5 * (1.0 + rho) * x)
    return jnp.sum(weights * jnp.exp(-0.25 * x * x / width) * (rising + falling))


def relative_rate(u: Any, width: Any, narrowest: float) -> Any:
    r"""Return :math:`k(u) / k(0)` with :math:`k(u) = \int e^{-(x + \Lambda - u)^2 / 4 \Lambda} / (1 + e^{-x})\, dx`.

    For u between :math:`-\Lambda` and :math:`\Lambda` the Gaussian is completed with the hyperbolic cosine of
    x/2 that is common to all u,

    .. math::

        k(u) = e^{-(\Lambda - u)^2 / 4 \Lambda}
               \int_0^\infty e^{-x^2 / 4 \Lambda} \frac{\cosh(u x / 2 \Lambda)}{\cosh(x / 2)}\, dx,

    whose integrand stays where it is, whatever u. Beyond, the two symmetries of the Fermi distribution,
    :math:`k(u) + k(2 \Lambda - u) = \sqrt{4 \pi \Lambda}` and :math:`k(-u) = e^{-u} k(u)`, lead back m times by
    :math:`2 \Lambda` to a rest r between :math:`-\Lambda` and :math:`\Lambda`,

    .. math::

        k(u) = \sqrt{4 \pi \Lambda} \sum_{i=0}^{m-1} (-1)^i e^{-i (u - (i + 1) \Lambda)}
             + (-1)^m e^{-m r - m (m - 1) \Lambda} k(r).

    Parameters
    ----------
    u : scalar
        Overpotential over the thermal voltage, not negative.
    width : scalar
        Reorganisation energy over the thermal energy.
    narrowest : float
        The smallest ``width`` that is asked for; it says how many steps back are made.

    Examples
    --------
    >>> import jax
    >>> with jax.enable_x64(True):
    ...     [round(float(relative_rate(u, 8.0, 1.0)), 6) for u in (0.0, 8.0, 80.0)]
    [1.0, 14.57781, 29.155619]
    """
    import jax.numpy as jnp

    i = np.arange(math.ceil(math.sqrt(_ENOUGH / narrowest)))  # after m steps the weight is below exp(-m^2 width)
    taken = u > (2 * i + 1) * width
    m = jnp.sum(jnp.where(taken, 1.0, 0.0))
    rest = u - 2.0 * width * m
    rho = jnp.where(u > (2 * len(i) + 1) * width, 1.0, rest / width)  # further steps would not be seen
    # all relative to k(0), which is exp(-width / 4) times the integral at rho = 0
    at_zero = _even(0.0, width)
    whole = jnp.sqrt(4.0 * math.pi * width) * jnp.exp(0.25 * width) / at_zero
    falling = jnp.exp(-jnp.where(taken, i * (u - (i + 1) * width), 0.0))
    series = jnp.sum(jnp.where(taken, (-1.0) ** i * falling, 0.0))
    last = jnp.exp((0.5 - m) * rest - m * (m - 1.0) * width - 0.25 * rest**2 / width)
    sign = 1.0 - 2.0 * jnp.sum(jnp.where(taken, (-1.0) ** i, 0.0))  # (-1)^m
    return whole * series + sign * last * _even(rho, width) / at_zero
