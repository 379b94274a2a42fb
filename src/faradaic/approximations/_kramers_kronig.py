"""Whether a spectrum can come from a linear, causal and stationary system: the linear Kramers–Kronig test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from faradaic._core import ArgumentError, InputError, number, plural
from faradaic.data import Spectrum

Array = np.ndarray
Choice = Literal["information", "mu"]

FEWEST_POINTS = 10
_FEWEST_UNITS = 3
_OVERFITTED = 0.85  # of mu, as published
_SURE = 3.0  # standard errors; a white residual goes beyond in one of 700 spectra
_MOST = 0.75  # parameters for each point, of which a model may have two before nothing is left
_SMOOTHED = 5  # neighbours whose mean shows where residuals are systematic


@dataclass(frozen=True, eq=False)
class KramersKronig:
    """What the linear Kramers–Kronig test found.

    Attributes
    ----------
    spectrum : Spectrum
    residuals : array of shape (m,), complex
        Data minus model, relative to the modulus, in the order of the spectrum.
    units : int
        Units p(R,C) of the model.
    mu : float
        Share of positive resistances; below 0.85 the model is called overfitted by Schönleber et al.
    noise : float
        Size of what differs from point to point: noise of the real and of the imaginary part, relative to the modulus.
    systematic : float
        Size of what neighbours share, the rest of the residuals.
    standard_errors : float
        How many standard errors the residuals of neighbours are more alike than those of noise.
    tolerance : float
        Systematic deviations below it do not count.
    worst : float
        Frequency in Hz around which deviations are largest.
    """

    spectrum: Spectrum
    residuals: Array
    units: int
    mu: float
    noise: float
    systematic: float
    standard_errors: float
    tolerance: float
    worst: float

    @property
    def consistent(self) -> bool:
        """Whether nothing speaks against a linear, causal and stationary system."""
        return self.standard_errors <= _SURE or self.systematic <= self.tolerance

    @property
    def verdict(self) -> str:
        """The answer in words."""
        noise, systematic = (f"{number(100 * value)} %" for value in (self.noise, self.systematic))
        model = f"{plural(self.units, 'unit')} p(R,C), mu {number(self.mu)}"
        if self.consistent:
            found = f"the residuals look like noise of {noise} of the modulus"
            if self.standard_errors > _SURE:
                found = (
                    f"beside noise of {noise}, deviations of {systematic} of the modulus are shared by neighbours, "
                    "which is within the tolerance"
                )
            weak = (
                ""
                if self.units + 3 <= _MOST * len(self.residuals)
                else (
                    " Most of the degrees of freedom went into the model, so the test says little; look for outliers."
                )
            )
            return f"Consistent with the Kramers-Kronig relations: {found} ({model}).{weak}"
        return (
            f"Not consistent with the Kramers-Kronig relations: beside noise of {noise}, deviations of {systematic} of "
            f"the modulus are shared by neighbours, largest around {number(self.worst)} Hz ({model}). The system "
            "drifted, was driven beyond its linear range, or the connections disturb; measure again or leave that "
            "range out before fitting a circuit."
        )

    def summary(self) -> str:
        """Return the verdict."""
        return self.verdict

    def __str__(self) -> str:
        return self.verdict


def kramers_kronig(spectrum: Spectrum, *, choice: Choice = "information", tolerance: float = 2e-3) -> KramersKronig:
    r"""Test a spectrum by the linear Kramers–Kronig relations.

    A chain of a resistor, an inductor, a capacitor and units :math:`R_k / (1 + i\omega\tau_k)`, with time constants
    spread over the window, obeys the relations whatever the :math:`R_k` are, and is fitted by linear least squares to
    the real and imaginary part, relative to the modulus. What it cannot follow breaks the relations. Residuals of a
    spectrum that obeys them are noise: the sign of one says nothing of that of its neighbour. This is tested by von
    Neumann's ratio.

    Parameters
    ----------
    spectrum : Spectrum
        At least 10 points.
    choice : {"information", "mu"}
        How the number of units is chosen: by the Bayesian information criterion, or as the first with
        :math:`\mu \le 0.85` as Schönleber et al. have it. The second ends too early where arcs are sharper than those
        of the units nearby, as those of single RC or Gerischer elements are, and calls them inconsistent.
    tolerance : float
        Systematic deviations relative to the modulus that do not count.

    Returns
    -------
    KramersKronig

    Raises
    ------
    InputError
        The spectrum has fewer than 10 points, points of zero modulus, or a single frequency.
    ArgumentError
        An argument has a value outside what is accepted.

    References
    ----------
    Boukamp, J. Electrochem. Soc. 142 (1995) 1885, 10.1149/1.2044210 (the linear test);
    Schönleber, Klotz and Ivers-Tiffée, Electrochim. Acta 131 (2014) 20, 10.1016/j.electacta.2014.01.034 (mu);
    von Neumann, Ann. Math. Stat. 12 (1941) 367, 10.1214/aoms/1177731677 (the ratio);
    Schwarz, Ann. Stat. 6 (1978) 461, 10.1214/aos/1176344136 (the information criterion).

    Examples
    --------
    >>> import numpy as np
    >>> from faradaic.approximations import kramers_kronig
    >>> from faradaic.data import Spectrum
    >>> from faradaic.laws.circuits import Circuit
    >>> frequency = np.geomspace(1e5, 1e-2, 50)
    >>> Z = Circuit("R0-p(R1,CPE1)")(frequency, [10.0, 90.0, 1e-4, 0.85])
    >>> noise = 1 + 0.005 * np.random.default_rng(0).normal(size=50)
    >>> kramers_kronig(Spectrum(frequency, Z * noise)).consistent
    True
    >>> kramers_kronig(Spectrum(frequency, Z.real + 1.2j * Z.imag)).consistent
    False
    """
    _check(spectrum, choice, tolerance)
    order = np.argsort(spectrum.frequency)
    omega, Z = 2 * np.pi * spectrum.frequency[order], spectrum.Z[order]
    units, mu, residuals = _fitted(omega, Z, choice)
    m, parameters = len(Z), units + 3
    ratios = [_standard_errors(np.real(residuals)), _standard_errors(np.imag(residuals))]
    mean_square = float((np.abs(residuals) ** 2).sum()) / (2 * m - parameters)
    local = float((np.abs(np.diff(residuals)) ** 2).sum()) / (4 * (m - 1))
    back = np.empty(m, dtype=np.complex128)
    back[order] = residuals
    return KramersKronig(
        spectrum=spectrum,
        residuals=back,
        units=units,
        mu=mu,
        noise=float(np.sqrt(min(local, mean_square))),
        systematic=float(np.sqrt(max(mean_square - local, 0.0))),
        standard_errors=float(sum(ratios) / np.sqrt(2)),
        tolerance=float(tolerance),
        worst=_worst(omega, residuals),
    )


def _check(spectrum: Spectrum, choice: str, tolerance: float) -> None:
    if not isinstance(spectrum, Spectrum):
        raise ArgumentError(
            f"spectrum must be a faradaic.data.Spectrum, got {type(spectrum).__name__}; make one of frequency and Z."
        )
    if choice not in get_args(Choice):
        raise ArgumentError(f"choice must be 'information' or 'mu', got {choice!r}.")
    if not 0 <= tolerance < np.inf:
        raise ArgumentError(f"tolerance must be at least 0 and finite, got {tolerance!r}.")
    if len(spectrum) < FEWEST_POINTS or spectrum.frequency.min() == spectrum.frequency.max():
        raise InputError(
            f"The test needs at least {FEWEST_POINTS} points at different frequencies, got {len(spectrum)}; "
            "measure more of them."
        )
    if not np.abs(spectrum.Z).all():
        raise InputError("The spectrum holds a point of zero modulus, to which nothing is relative; leave it out.")


def _fitted(omega: Array, Z: Array, choice: Choice) -> tuple[int, float, Array]:
    """Return the number of units, mu and the relative residuals of the chosen model."""
    m = len(omega)
    best: tuple[float, int, float, Array] | None = None
    for units in range(_FEWEST_UNITS, m - _FEWEST_UNITS):
        mu, residuals = _model(omega, Z, units)
        squares = max(float((np.abs(residuals) ** 2).sum()), 1e-28 * m)
        criterion = 2 * m * np.log(squares / (2 * m)) + np.log(2 * m) * (units + 3)
        if choice == "mu" or best is None or criterion < best[0]:
            best = (float(criterion), units, mu, residuals)
        if choice == "mu" and mu <= _OVERFITTED:
            break
    assert best is not None
    return best[1:]


def _model(omega: Array, Z: Array, units: int) -> tuple[float, Array]:
    """Fit a chain of so many units; return mu and the relative residuals."""
    tau = np.geomspace(1 / omega.max(), 1 / omega.min(), units)
    chain = 1 / (1 + 1j * omega[:, None] * tau)
    ends = [np.ones_like(chain[:, 0]), 1j * omega / omega.max(), -1j * omega.min() / omega]
    columns = np.column_stack([*ends, chain]) / np.abs(Z)[:, None]
    target = Z / np.abs(Z)
    stacked = np.concatenate([np.real(columns), np.imag(columns)])
    solution = np.linalg.lstsq(stacked, np.concatenate([np.real(target), np.imag(target)]), rcond=1e-13)[0]
    resistances = solution[3:]
    positive = float(resistances[resistances >= 0].sum())
    negative = float(-resistances[resistances < 0].sum())
    mu = 1 - negative / positive if positive > 0 else -np.inf
    return mu, target - columns @ solution


def _standard_errors(residuals: Array) -> float:
    """Return how far von Neumann's ratio lies below that of noise, in its standard errors."""
    m, squares = len(residuals), float(residuals @ residuals)
    if squares == 0:
        return 0.0
    ratio = float((np.diff(residuals) ** 2).sum()) / squares
    return (2 - ratio) / float(np.sqrt(4 * (m - 2) / (m**2 - 1)))


def _worst(omega: Array, residuals: Array) -> float:
    smooth = np.convolve(residuals, np.full(_SMOOTHED, 1 / _SMOOTHED), mode="valid")
    middle = int(np.abs(smooth).argmax()) + _SMOOTHED // 2
    return float(omega[middle] / (2 * np.pi))
