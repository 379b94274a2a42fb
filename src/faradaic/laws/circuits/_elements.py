"""The elements of equivalent circuits: impedance, closed-form sensitivities, parameters with units and bounds.

Every formula is written once, for any array library ``xp`` that works like NumPy: with ``jax.numpy`` it can be
compiled, mapped and differentiated, with NumPy it is evaluated without compilation. The sensitivities are those with
respect to the coordinates of a fit: the logarithm of a positive parameter, an exponent itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from faradaic.laws._law import Parameter

Array = np.ndarray

_BARSOUKOV = "Barsoukov and Macdonald (eds.), Impedance Spectroscopy, 2nd ed., Wiley 2005"
_BARSOUKOV_DOI = "10.1002/0471716243"
_LARGEST_EXPONENT = 1.0


@dataclass(frozen=True)
class Element:
    r"""One kind of element of an equivalent circuit.

    Attributes
    ----------
    symbol : str
        How a circuit names it; a number after it tells several apart.
    name : str
        What it is called.
    latex : str
        Its impedance in LaTeX.
    parameters : tuple of Parameter
        In the order of the formula, which is the one of the package ``impedance``. An empty name stands for the label.
    units : tuple of str
        The same units as text; that of Q hangs on the exponent.
    scaling : tuple of int
        Power of each parameter when the impedance is multiplied by a number (1, -1, or 0).
    source, doi : str
        Where it comes from.

    Examples
    --------
    >>> from faradaic.laws.circuits import ELEMENTS
    >>> ELEMENTS["CPE"](1000.0, 2e-3, 0.5).round(6).tolist()
    (11.18034-11.18034j)
    """

    symbol: str
    name: str
    latex: str
    parameters: tuple[Parameter, ...]
    units: tuple[str, ...]
    scaling: tuple[int, ...]
    formula: Callable[..., Any] = field(repr=False, compare=False)
    sensitivities: Callable[..., Sequence[Any]] = field(repr=False, compare=False)
    source: str = _BARSOUKOV
    doi: str = _BARSOUKOV_DOI

    @property
    def count(self) -> int:
        """Number of parameters."""
        return len(self.parameters)

    def __call__(self, omega: Any, *values: Any) -> Array:
        """Return the impedance in ohm at angular frequencies ``omega`` (rad/s), in double precision."""
        return np.asarray(self.formula(np, np.asarray(omega, dtype=np.float64), *values))

    def function(self, omega: Any, *values: Any) -> Any:
        """Return the same as a pure JAX function, for ``jit``, ``vmap`` and ``grad``."""
        import jax.numpy as jnp

        return self.formula(jnp, jnp.asarray(omega), *values)


def _power(xp: Any, omega: Any, exponent: Any) -> Any:
    """Return (iω)**exponent; the phase does not depend on the frequency, which saves most of the time."""
    return xp.exp(exponent * xp.log(omega)) * xp.exp(0.5j * math.pi * exponent)


def _root(xp: Any, omega: Any, tau: Any) -> Any:
    """Return the square root of iωτ."""
    return xp.sqrt(0.5 * omega * tau) * (1 + 1j)


def _resistor(xp: Any, omega: Any, R: Any) -> Any:
    return R * xp.ones_like(omega) + 0j


def _capacitor(xp: Any, omega: Any, C: Any) -> Any:
    return -1j / (omega * C)


def _inductor(xp: Any, omega: Any, L: Any) -> Any:
    return 1j * omega * L


def _constant_phase(xp: Any, omega: Any, Q: Any, alpha: Any) -> Any:
    return _power(xp, omega, -alpha) / Q


def _d_constant_phase(omega: Any, z: Any, Q: Any, alpha: Any) -> Sequence[Any]:
    return -z, -z * (np.log(omega) + 0.5j * math.pi)


def _warburg(xp: Any, omega: Any, A: Any) -> Any:
    return A * (1 - 1j) / xp.sqrt(omega)


def _warburg_open(xp: Any, omega: Any, R: Any, tau: Any) -> Any:
    x = _root(xp, omega, tau)
    return R * (1 + xp.exp(-2 * x)) / (-xp.expm1(-2 * x) * x)


def _d_warburg_open(omega: Any, z: Any, R: Any, tau: Any) -> Sequence[Any]:
    x = _root(np, omega, tau)
    return z, -0.5 * (z + 4 * R * np.exp(-2 * x) / np.expm1(-2 * x) ** 2)


def _warburg_short(xp: Any, omega: Any, R: Any, tau: Any) -> Any:
    x = _root(xp, omega, tau)
    return -R * xp.expm1(-2 * x) / ((1 + xp.exp(-2 * x)) * x)


def _d_warburg_short(omega: Any, z: Any, R: Any, tau: Any) -> Sequence[Any]:
    decayed = np.exp(-2 * _root(np, omega, tau))
    return z, -0.5 * (z - 4 * R * decayed / (1 + decayed) ** 2)


def _gerischer(xp: Any, omega: Any, R: Any, tau: Any) -> Any:
    return R / xp.sqrt(1 + 1j * omega * tau)


def _d_gerischer(omega: Any, z: Any, R: Any, tau: Any) -> Sequence[Any]:
    return z, -0.5 * z / (1 - 1j / (omega * tau))


def _zarc(xp: Any, omega: Any, R: Any, tau: Any, gamma: Any) -> Any:
    return R / (1 + _power(xp, omega * tau, gamma))


def _d_zarc(omega: Any, z: Any, R: Any, tau: Any, gamma: Any) -> Sequence[Any]:
    share = z / (1 + _power(np, omega * tau, -gamma))
    return z, -gamma * share, -share * (np.log(omega * tau) + 0.5j * math.pi)


def _havriliak_negami(xp: Any, omega: Any, R: Any, tau: Any, alpha: Any, beta: Any) -> Any:
    return R * xp.exp(-beta * xp.log(1 + _power(xp, omega * tau, alpha)))


def _d_havriliak_negami(omega: Any, z: Any, R: Any, tau: Any, alpha: Any, beta: Any) -> Sequence[Any]:
    power = _power(np, omega * tau, alpha)
    share = beta * z / (1 + 1 / power)
    return z, -alpha * share, -share * (np.log(omega * tau) + 0.5j * math.pi), -z * np.log(1 + power)


def _itself(omega: Any, z: Any, *values: Any) -> Sequence[Any]:
    return (z,)


def _reciprocal(omega: Any, z: Any, *values: Any) -> Sequence[Any]:
    return (-z,)


def _positive(name: str, unit: str | None, start: float) -> Parameter:
    return Parameter(name, unit, lower=0.0, start=start, log=True)


def _exponent(name: str, start: float = 0.8) -> Parameter:
    return Parameter(name, "1", lower=0.0, upper=_LARGEST_EXPONENT, start=start)


_R, _TAU = _positive("R", "ohm", 1.0), _positive("tau", "s", 1.0)

_ALL = (
    Element("R", "resistor", "R", (_positive("", "ohm", 1.0),), ("ohm",), (1,), _resistor, _itself),
    Element(
        "C", "capacitor", r"\frac{1}{i\omega C}", (_positive("", "F", 1e-3),), ("F",), (-1,), _capacitor, _reciprocal
    ),
    Element("L", "inductor", r"i\omega L", (_positive("", "H", 1e-6),), ("H",), (1,), _inductor, _itself),
    Element(
        "CPE",
        "constant phase element",
        r"\frac{1}{Q (i\omega)^\alpha}",
        (_positive("Q", None, 1e-3), _exponent("alpha")),
        ("s**alpha/ohm", "1"),
        (-1, 0),
        _constant_phase,
        _d_constant_phase,
        "Brug, van den Eeden, Sluyters-Rehbach and Sluyters, J. Electroanal. Chem. 176 (1984) 275",
        "10.1016/S0022-0728(84)80324-1",
    ),
    Element(
        "W",
        "Warburg element (semi-infinite diffusion)",
        r"A_W \frac{1 - i}{\sqrt{\omega}}",
        (_positive("", "ohm/s**0.5", 1.0),),
        ("ohm/s**0.5",),
        (1,),
        _warburg,
        _itself,
    ),
    Element(
        "Wo",
        "open Warburg element (finite space, blocking end)",
        r"R \frac{\coth\sqrt{i\omega\tau}}{\sqrt{i\omega\tau}}",
        (_R, _TAU),
        ("ohm", "s"),
        (1, 0),
        _warburg_open,
        _d_warburg_open,
    ),
    Element(
        "Ws",
        "short Warburg element (finite length, transmissive end)",
        r"R \frac{\tanh\sqrt{i\omega\tau}}{\sqrt{i\omega\tau}}",
        (_R, _TAU),
        ("ohm", "s"),
        (1, 0),
        _warburg_short,
        _d_warburg_short,
    ),
    Element(
        "G",
        "Gerischer element",
        r"\frac{R}{\sqrt{1 + i\omega\tau}}",
        (_R, _TAU),
        ("ohm", "s"),
        (1, 0),
        _gerischer,
        _d_gerischer,
        "Lu, Kreller and Adler, J. Electrochem. Soc. 156 (2009) B513",
        "10.1149/1.3079337",
    ),
    Element(
        "Zarc",
        "ZARC (Cole and Cole)",
        r"\frac{R}{1 + (i\omega\tau)^\gamma}",
        (_R, _TAU, _exponent("gamma")),
        ("ohm", "s", "1"),
        (1, 0, 0),
        _zarc,
        _d_zarc,
        "Cole and Cole, J. Chem. Phys. 9 (1941) 341",
        "10.1063/1.1750906",
    ),
    Element(
        "HN",
        "Havriliak-Negami element",
        r"\frac{R}{\left(1 + (i\omega\tau)^\alpha\right)^\beta}",
        (_R, _TAU, _exponent("alpha"), _exponent("beta")),
        ("ohm", "s", "1", "1"),
        (1, 0, 0, 0),
        _havriliak_negami,
        _d_havriliak_negami,
        "Havriliak and Negami, Polymer 8 (1967) 161",
        "10.1016/0032-3861(67)90021-3",
    ),
)

ELEMENTS = {element.symbol: element for element in _ALL}
