"""What a fit of a circuit found: parameters, intervals, residuals, why it stopped, and what failed."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from scipy import stats

from faradaic._core import ArgumentError, joined, number, plural
from faradaic.laws.circuits import Circuit, redundancies

Array = np.ndarray
Weighting = Literal["modulus", "unit", "estimated"]


@dataclass(frozen=True, eq=False)
class CircuitFit:
    """A circuit fitted to one spectrum or to many; for many, every array has a leading axis for the spectra.

    A spectrum whose fit failed has NaN in place of its numbers, and its reason in `failures`.

    Attributes
    ----------
    circuit : Circuit
    frequency : array of shape (m,)
        Hz.
    weighting : str
        How the residuals were weighted.
    level : float
        Nominal coverage of the intervals.
    theta : array of shape (p,) or (k, p)
        Parameters in the order of ``circuit.names``.
    lower, upper : arrays of the shape of ``theta``
        Ends of the intervals: Student's t in the logarithm of a positive parameter, in an exponent itself. Where the
        data do not determine a parameter, or a bound holds it, they are 0 and infinity (0 and 1 of an exponent);
        both are the value where the user's bounds fix it.
    covariance : array of shape (p, p) or (k, p, p)
        Of the logarithms of positive parameters and of the exponents; infinite where the data do not determine one,
        zero for one that a bound holds.
    held : array of the shape of ``theta``, bool
        Parameters that ended on a bound.
    residuals : array of shape (m,) or (k, m), complex
        Fit minus data, ohm.
    chi_square : array of shape () or (k,)
        Sum of squared weighted residuals, of real and imaginary parts.
    noise : array of shape () or (k,)
        Size of the noise: relative to the modulus, or in ohm with the weighting "unit".
    dof : array of shape () or (k,), int
        Degrees of freedom: 2 m rows less the parameters that were free.
    stop : tuple of str
        Why each search stopped, one for each spectrum.
    agreeing : array of shape () or (k,), int
        Starts that ended at the lowest cost.
    starts : array of shape () or (k,), int
        Starts that were followed.
    failures : dict of int to str
        The reason for each spectrum whose fit failed.
    seconds : float
        Wall time of the fit.
    """

    circuit: Circuit
    frequency: Array
    weighting: Weighting
    level: float
    theta: Array
    lower: Array
    upper: Array
    covariance: Array
    held: Array
    residuals: Array
    chi_square: Array
    noise: Array
    dof: Array
    stop: tuple[str, ...]
    agreeing: Array
    starts: Array
    failures: dict[int, str]
    seconds: float

    @property
    def parameters(self) -> dict[str, Array]:
        """The parameters by name, each of shape () or (k,)."""
        return {name: self.theta[..., j] for j, name in enumerate(self.circuit.names)}

    @property
    def intervals(self) -> dict[str, tuple[Array, Array]]:
        """The ends of the interval of each parameter by name."""
        return {name: (self.lower[..., j], self.upper[..., j]) for j, name in enumerate(self.circuit.names)}

    @property
    def failed(self) -> Array:
        """Which fits failed, shape () or (k,)."""
        return np.asarray(np.isnan(self.theta).any(axis=-1))

    def at_level(self, level: float) -> Self:
        """Return the same fit with intervals of another nominal coverage, between 0 and 1.

        Raises
        ------
        ArgumentError
            The level lies outside.
        """
        if not 0 < level < 1:
            raise ArgumentError(f"level must lie between 0 and 1, got {level!r}.")
        lower, upper = interval_ends(self.circuit, self.theta, self.covariance, self.dof, level)
        lower, upper = np.where(self.held, self.lower, lower), np.where(self.held, self.upper, upper)
        return dataclasses.replace(self, level=level, lower=lower, upper=upper)

    def predict(self, frequency: Array | None = None) -> Array:
        """Return the fitted spectra at these frequencies in Hz (default: those of the data); NaN where a fit failed."""
        frequency = self.frequency if frequency is None else np.asarray(frequency, dtype=np.float64)
        theta = np.atleast_2d(self.theta)
        good = ~np.isnan(theta).any(axis=1)
        Z = np.full((len(theta), len(frequency)), np.nan + 0j)
        Z[good] = self.circuit(frequency, theta[good])
        return Z if self.theta.ndim == 2 else Z[0]

    def summary(self) -> str:
        """Return the fit in words, with what in the circuit no spectrum can tell apart."""
        lines = _one(self) if self.theta.ndim == 1 else _many(self)
        return "\n".join([*lines, *(f"  {one.sentence}" for one in redundancies(self.circuit).found)])

    def __str__(self) -> str:
        return self.summary()


def interval_ends(circuit: Circuit, theta: Array, covariance: Array, dof: Array, level: float) -> tuple[Array, Array]:
    """Return the ends of the intervals (..., p): symmetric in ln of a positive parameter, or in an exponent."""
    width = np.sqrt(np.einsum("...pp->...p", covariance)) * stats.t.ppf(0.5 + level / 2, dof)[..., None]
    with np.errstate(over="ignore", invalid="ignore"):
        lower = np.where(circuit.logarithmic, theta * np.exp(-width), theta - width)
        upper = np.where(circuit.logarithmic, theta * np.exp(width), theta + width)
    low, high = circuit.bounds
    return np.clip(lower, low, high), np.clip(upper, low, high)


def _noise_in_words(fit: CircuitFit, value: float) -> str:
    return f"{number(value)} ohm" if fit.weighting == "unit" else f"{number(100 * value)} % of the modulus"


def _one(fit: CircuitFit) -> list[str]:
    if fit.failures:
        return [f"{fit.circuit}: the fit failed: {fit.failures[0]}."]
    lines = [
        f"{fit.circuit}: {plural(2 * len(fit.frequency), 'row')}, {plural(fit.circuit.count, 'parameter')}, "
        f"noise {_noise_in_words(fit, float(fit.noise))}; {int(fit.agreeing)} of {plural(int(fit.starts), 'start')} "
        f"agree; {fit.stop[0]}."
    ]
    for j, (name, unit) in enumerate(zip(fit.circuit.names, fit.circuit.units, strict=True)):
        unit = "" if unit == "1" else f" {unit}"
        if fit.held[j]:
            lines.append(f"  {name} = {number(float(fit.theta[j]))}{unit}, held by its bound")
            continue
        ends = f"{number(float(fit.lower[j]), 4)} to {number(float(fit.upper[j]), 4)}"
        lines.append(f"  {name} = {number(float(fit.theta[j]), 4)}{unit} ({100 * fit.level:g} %: {ends})")
    return lines


def _many(fit: CircuitFit) -> list[str]:
    count = len(fit.theta)
    good = ~fit.failed
    lines = [f"{fit.circuit}: {plural(count, 'spectrum', 'spectra')} in {number(fit.seconds)} s, "
             f"{plural(len(fit.failures), 'fit')} failed."]  # fmt: skip
    reasons: dict[str, int] = {}
    for reason in fit.failures.values():
        reasons[reason] = reasons.get(reason, 0) + 1
    lines += [f"  {plural(times, 'failure')}: {reason}" for reason, times in reasons.items()]
    if good.any():
        lines.append(f"  noise, median: {_noise_in_words(fit, float(np.median(fit.noise[good])))}")
        for j, (name, unit) in enumerate(zip(fit.circuit.names, fit.circuit.units, strict=True)):
            low, middle, high = np.quantile(fit.theta[good, j], [0.05, 0.5, 0.95])
            unit = "" if unit == "1" else f" {unit}"
            lines.append(f"  {name}: median {number(middle)}{unit}, 5 to 95 %: {joined(map(number, (low, high)))}")
    return lines
