"""How the capacity of a cell, relative to that of the fresh one, falls with time or with use.

Every law is q = 1 - f(T, U, s) · g(τ) with the time or throughput τ counted in units of a reference, so that a rate is
the relative capacity lost when τ = 1 at the reference conditions: a pure number, whatever the exponent of time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

from faradaic._core import ArgumentError, joined

from ._constants import FARADAY, GAS_CONSTANT, REFERENCE_TEMPERATURE
from ._dimension import dimension
from ._law import Law, Parameter, Variable, law

YEAR = 31557600.0  # s
REFERENCE_POTENTIAL = 0.123  # V, of graphite against lithium in a cell that is half charged (Schimpe et al. 2018)
REFERENCE_CHARGE = 0.5
AGEING_FORMS = ("square_root", "linear", "square_root_linear", "power", "sigmoidal")
AGEING_STRESSES = ("T", "U", "s")

_GASPER = "Gasper, Gering, Dufek and Smith, J. Electrochem. Soc. 168 (2021) 020502"
_SCHIMPE = "Schimpe et al., J. Electrochem. Soc. 165 (2018) A181"
_RATE = Parameter("k", "1", lower=0.0, start=0.05, log=True)
_EXPONENT = Parameter("p", "1", lower=0.05, upper=5.0, start=0.5)
_OF_FORM = {
    "square_root": (_RATE,),
    "linear": (_RATE,),
    "square_root_linear": (
        Parameter("k", "1", lower=0.0, upper=100.0, start=0.05),
        Parameter("m", "1", lower=0.0, upper=100.0, start=0.01),
    ),
    "power": (_RATE, _EXPONENT),
    "sigmoidal": (_RATE, _EXPONENT, Parameter("L", "1", lower=0.0, start=0.3, log=True)),
}
_OF_STRESS = {
    "T": Parameter("Ea", "J/mol", lower=-3e5, upper=3e5, start=3e4),
    "U": Parameter("alpha", "1", lower=-3.0, upper=3.0, start=0.2),
    "s": Parameter("b", "1", lower=-20.0, upper=20.0, start=0.5),
}
_VARIABLES = {
    "T": Variable("T", "K", valid=(0.0, math.inf)),
    "U": Variable("U", "V"),
    "s": Variable("s", "1", valid=(0.0, 1.0)),
}
_LOSS = {
    "square_root": r"k \sqrt{\tau}",
    "linear": r"k \tau",
    "square_root_linear": r"(k \sqrt{\tau} + m \tau)",
    "power": r"k \tau^p",
    "sigmoidal": r"k \tau^p",
}
_FACTOR = {
    "T": r"\exp\left[-\frac{E_a}{R}\left(\frac{1}{T} - \frac{1}{T_r}\right)\right]",
    "U": r"\exp\left[\frac{\alpha F (U_r - U)}{R T}\right]",
    "s": r"\exp\left[b \left(s - \frac{1}{2}\right)\right]",
}
_NAME = re.compile(r"ageing\((?P<form>\w+), (?P<stresses>[TUs+]+|none)(, (?P<per>[\d.e+-]+) (?P<unit>[^)]+))?\)")


@dataclass(frozen=True)
class _Ageing:
    form: str
    stresses: tuple[str, ...]
    per: float

    def __call__(self, t: Any, *arguments: Any) -> Any:
        import jax.numpy as jnp

        own, count = len(self.stresses), len(_OF_FORM[self.form])
        at = dict(zip(self.stresses, arguments[:own], strict=True))
        shape, sensitivity = arguments[own : own + count], arguments[own + count :]
        # the power of nought has no slope in its exponent: there the loss is nought whatever the parameters
        begun = t > 0
        tau = jnp.where(begun, t, self.per) / self.per
        rate = self._rate(at, dict(zip(self.stresses, sensitivity, strict=True)))
        return 1.0 - jnp.where(begun, self._loss(tau, rate, *shape), 0.0)

    def _rate(self, at: dict[str, Any], sensitivity: dict[str, Any]) -> Any:
        import jax.numpy as jnp

        exponent = 0.0
        if "T" in at:
            exponent = exponent - sensitivity["T"] / GAS_CONSTANT * (1.0 / at["T"] - 1.0 / REFERENCE_TEMPERATURE)
        if "U" in at:
            kelvin = at.get("T", REFERENCE_TEMPERATURE)
            exponent = exponent + sensitivity["U"] * FARADAY * (REFERENCE_POTENTIAL - at["U"]) / (GAS_CONSTANT * kelvin)
        if "s" in at:
            exponent = exponent + sensitivity["s"] * (at["s"] - REFERENCE_CHARGE)
        return jnp.exp(exponent)

    def _loss(self, tau: Any, rate: Any, k: Any, *others: Any) -> Any:
        import jax.numpy as jnp

        if self.form == "square_root":
            return rate * k * jnp.sqrt(tau)
        if self.form == "linear":
            return rate * k * tau
        if self.form == "square_root_linear":
            return rate * (k * jnp.sqrt(tau) + others[0] * tau)
        grown = rate * k * jnp.exp(others[0] * jnp.log(tau))
        return grown if self.form == "power" else others[1] * jnp.tanh(grown / others[1])


def ageing_law(form: str, stresses: Sequence[str] = (), per: float = YEAR, unit: str = "s") -> Law:
    r"""Return a law of the relative capacity q against time or throughput t, with τ = t / ``per``.

    ==================== ===========================================================
    square_root          :math:`q = 1 - f k \sqrt{\tau}`, a film that grows by diffusion through itself
    linear               :math:`q = 1 - f k \tau`
    square_root_linear   :math:`q = 1 - f (k \sqrt{\tau} + m \tau)`
    power                :math:`q = 1 - f k \tau^p`
    sigmoidal            :math:`q = 1 - L \tanh(f k \tau^p / L)`, a loss that ends at L
    ==================== ===========================================================

    The sigmoidal law is :math:`1 - 2 L [1/2 - 1/(1 + e^{x})]` with :math:`x = 2 f k \tau^p / L`, as Gasper et al. write
    it; for a large L it is the power law. The rate's factor f is the product of those asked for: of the temperature
    (``"T"``, K), :math:`\exp[-E_a/R\,(1/T - 1/T_r)]` with :math:`T_r` = 298.15 K; of the potential of the negative
    electrode against lithium (``"U"``, V), :math:`\exp[\alpha F (U_r - U)/(R T)]` with :math:`U_r` = 0.123 V (at
    :math:`T_r` where the temperature is no input); of the state of charge (``"s"``, 0 to 1), :math:`\exp[b (s - 1/2)]`.

    Parameters
    ----------
    form : {"square_root", "linear", "square_root_linear", "power", "sigmoidal"}
    stresses : sequence of {"T", "U", "s"}
        What the rate depends on beside time; they follow t as variables.
    per : float
        Reference of t in ``unit``: k is the loss when t = ``per``. Default: a year.
    unit : str
        SI unit of t: ``"s"``, ``"cycle"``, ``"C"`` of charge throughput, ``"J"``.

    Returns
    -------
    Law
        Of t and the stresses; its parameters are those of the form, then one for each stress.

    Raises
    ------
    ArgumentError
        The form or a stress is unknown or named twice, or ``per`` is not positive.

    References
    ----------
    Gasper, Gering, Dufek and Smith, J. Electrochem. Soc. 168 (2021) 020502, 10.1149/1945-7111/abdde1 (the forms);
    Schimpe et al., J. Electrochem. Soc. 165 (2018) A181, 10.1149/2.1181714jes (the rate's factors).

    Examples
    --------
    >>> calendar = ageing_law("square_root", ["T"])
    >>> calendar.names, calendar([[4 * YEAR, 298.15]], [0.03, 5e4]).tolist()
    (('k', 'Ea'), [0.94])
    """
    if form not in _OF_FORM:
        raise ArgumentError(f"form must be {joined(AGEING_FORMS, 'or')}, got {form!r}.")
    asked = tuple(stresses)
    if any(one not in AGEING_STRESSES for one in asked) or len(set(asked)) < len(asked):
        raise ArgumentError(f"stresses must be among {joined(AGEING_STRESSES)}, each once, got {stresses!r}.")
    if isinstance(per, bool) or not 0 < per < math.inf:
        raise ArgumentError(f"per must be positive and finite, got {per!r}.")
    dimension(unit)
    return _ageing_law(form, tuple(one for one in AGEING_STRESSES if one in asked), float(per), unit)


@cache
def _ageing_law(form: str, stresses: tuple[str, ...], per: float, unit: str) -> Law:
    factor = " ".join(_FACTOR[one] for one in stresses)
    loss = f"{factor} {_LOSS[form]}".strip()
    if form == "sigmoidal":
        loss = rf"L \tanh\left(\frac{{{loss}}}{{L}}\right)"
    shape = _OF_FORM[form]
    clock = "" if (per, unit) == (YEAR, "s") else f", {per!r} {unit}"  # the usual one goes without saying
    return law(
        formula=rf"q = 1 - {loss},\quad \tau = t / {per:g}\,\mathrm{{{unit}}}",
        variables=[Variable("t", unit, valid=(0.0, math.inf)), *(_VARIABLES[one] for one in stresses)],
        parameters=[*shape, *(_OF_STRESS[one] for one in stresses)],
        response_unit="1",
        source=f"{_GASPER}; {_SCHIMPE}" if stresses else _GASPER,
        doi="10.1149/1945-7111/abdde1",
        linear=[p.name for p in shape if p.name in ("k", "m")] if form != "sigmoidal" else [],
        name=f"ageing({form}, {'+'.join(stresses) or 'none'}{clock})",
    )(_Ageing(form, stresses, per))


def ageing_hierarchies(
    stresses: Sequence[str] = (), per: float = YEAR, unit: str = "s"
) -> tuple[tuple[str, tuple[Law, ...]], ...]:
    """Return the nested hierarchies of ageing laws for every choice of the stresses at hand.

    For each subset of the stresses there are two: square root, power law, sigmoidal; linear, square root plus linear.
    Each law is contained in the next of its hierarchy, and in the same law with one stress more.

    Parameters
    ----------
    stresses, per, unit
        As for `ageing_law`.

    Returns
    -------
    tuple of (str, tuple of Law)
        A name in words, and the laws by increasing number of parameters.

    Raises
    ------
    ArgumentError
        As `ageing_law`.

    Examples
    --------
    >>> for name, laws in ageing_hierarchies(["T"]):
    ...     print(name, [law.count for law in laws])
    up to sigmoidal [1, 2, 3]
    up to square root plus linear [1, 2]
    up to sigmoidal, rate by T [2, 3, 4]
    up to square root plus linear, rate by T [2, 3]
    """
    chains = (
        ("up to sigmoidal", ("square_root", "power", "sigmoidal")),
        ("up to square root plus linear", ("linear", "square_root_linear")),
    )
    whole = ageing_law("linear", stresses, per, unit).valid
    have = [one for one in AGEING_STRESSES if one in whole]
    made = []
    for count in range(len(have) + 1):
        for some in combinations(have, count):
            for words, forms in chains:
                name = f"{words}, rate by {joined(some)}" if some else words
                made.append((name, tuple(ageing_law(form, some, per, unit) for form in forms)))
    return tuple(made)


def ageing_named(name: str) -> Law | None:
    """Return the ageing law of this name; None if it is none.

    Examples
    --------
    >>> ageing_named(ageing_law("power", ["T"]).name) is ageing_law("power", ["T"])
    True
    """
    found = _NAME.fullmatch(name)
    if found is None or found["form"] not in _OF_FORM:
        return None
    stresses = () if found["stresses"] == "none" else tuple(found["stresses"].split("+"))
    if found["per"] is None:
        return ageing_law(found["form"], stresses)
    return ageing_law(found["form"], stresses, float(found["per"]), found["unit"])
