"""Intervals of what a curve tells when its errors go together: profiles, widened by what the correlation costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from faradaic.data import read
from faradaic.identifiability import Estimate, Identifiability, Profile, Simulator, identify

from ._curve_noise import NoiseBelief, curve_noise

Array = np.ndarray
Intervals = Literal["profile", "student"]
STEP = 1e-4  # of central differences, in lithiations and shares
ANY = 1e9  # relative standard deviation above which `identify` shall call a parameter vague: never


@dataclass(frozen=True, eq=False)
class Judged:
    """What least squares says of the parameters of a curve, or of two.

    Attributes
    ----------
    estimates : tuple of Estimate
        One for each parameter, whatever its width.
    covariance : array of shape (p, p)
        Of the estimates, with errors that go together.
    noise : NoiseBelief
    freedom : float
        Degrees of freedom that the correlated residuals are worth.
    reach : float
        Root of the rise of the sum of squares, V, up to which another place counts as fitting as well.
    identifiability : Identifiability
        With the noise that `reach` stands for.
    """

    estimates: tuple[Estimate, ...]
    covariance: Array
    noise: NoiseBelief
    freedom: float
    reach: float
    identifiability: Identifiability

    def __getitem__(self, name: str) -> Estimate:
        return next(one for one in self.estimates if one.name == name)


@dataclass(frozen=True, eq=False)
class CurveFit:
    """A function of parameters, and the rows that it meets best somewhere.

    Attributes
    ----------
    function : callable
        Of the parameters by name; returns V of all rows, shape (n,).
    at : dict of str to float
        Where the sum of squares is least.
    target, places, curve : arrays of shape (n,)
        Observed V; where rows lie along the drift of the errors; the number of their curve.
    bounds : dict of str to (float, float)
    """

    function: Callable[..., Array]
    at: Mapping[str, float]
    target: Array
    places: Array
    curve: Array
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def residual(self) -> Array:
        """Computed less observed V, shape (n,)."""
        return self.function(**self.at) - self.target

    def jacobian(self) -> Array:
        """Return the derivatives of the residuals, shape (n, p)."""
        names, theta, columns = list(self.at), np.array(list(self.at.values())), []
        for j in range(len(names)):
            step = np.zeros(len(names))
            step[j] = STEP
            up, down = (self.function(**dict(zip(names, theta + side * step, strict=True))) for side in (1.0, -1.0))
            columns.append((up - down) / (2.0 * STEP))
        return np.column_stack(columns)


def judged(
    fit: CurveFit, *, level: float, intervals: Intervals = "profile", noise: NoiseBelief | None = None
) -> Judged:
    """Return intervals of the parameters of a fit whose errors go together.

    Least squares gives every volt the same weight, whatever the errors; what their correlation costs is in the
    covariance of the estimates, J⁺KJ⁺ᵀ. Each profile ends where its rise is wider by the ratio of the standard
    deviation by that covariance to the one that independent errors would give, at the quantile of Student's t with the
    degrees of freedom that the correlated residuals are worth.

    Parameters
    ----------
    fit : CurveFit
    level : float
    intervals : {"profile", "student"}
        Profiles, or the covariance alone, which is quick and takes the curves for straight.
    noise : NoiseBelief, optional
        Default: what the residuals say.

    References
    ----------
    Chandler & Bate 2007, Biometrika 94, 167, 10.1093/biomet/asm015 (likelihoods adjusted for correlation).
    Satterthwaite 1946, Biometrics Bulletin 2, 110, 10.2307/3002019.

    Examples
    --------
    >>> from faradaic.performance import CurveNoise
    >>> s = np.linspace(0.0, 1.0, 60)
    >>> errors = CurveNoise(1e-3, 1e-4, 0.1).draw(s, np.random.default_rng(3))
    >>> fit = CurveFit(lambda a, b: a + b * s, {"a": 3.0, "b": 1.0}, 3.0 + s + errors, s, np.zeros(60, dtype=int))
    >>> found = judged(fit, level=0.95, intervals="student")
    >>> bool(found["b"].low < 1.0 < found["b"].high), found.freedom < 58
    (True, True)
    """
    J = fit.jacobian()
    if noise is None:
        noise = curve_noise(fit.residual, J, fit.places, fit.curve)
    K = noise.covariance(fit.places, fit.curve)
    inverse = np.linalg.pinv(J, rcond=1e-7)
    covariance = inverse @ K @ inverse.T
    std, alone = np.sqrt(np.diag(covariance)), np.linalg.norm(inverse, axis=1)
    freedom = _freedom(J @ inverse, K)
    widening = np.divide(std, alone, out=np.zeros_like(std), where=alone > 0)  # V
    most, quantile, usual = max(float(widening.max()), 1e-9), _student(level, freedom), _student(level, np.inf)
    found = _asked(fit, most * quantile / usual, level, intervals)
    ends = {one.name: one for one in found.profiles}
    made = []
    for j, name in enumerate(fit.at):
        one = found[name]
        if one.status in ("together", "not felt"):
            made.append(one)
        elif name in ends:
            made.append(_profiled(one, ends[name], usual * float(widening[j] / most), float(std[j])))
        else:
            made.append(replace(one, std=std[j], low=one.value - quantile * std[j], high=one.value + quantile * std[j]))
    return Judged(tuple(made), covariance, noise, freedom, most * quantile, found)


def _asked(fit: CurveFit, sigma: float, level: float, intervals: Intervals) -> Identifiability:
    import pandas as pd

    rows = pd.DataFrame({"row": np.arange(len(fit.target)), "V [V]": fit.target, "sd [V]": sigma})
    data = read(rows, ["row"], "V [V]", sigma="sd [V]", name="curve")
    simulator = Simulator(fit.function, dict(fit.at), bounds=dict(fit.bounds), step=STEP)
    return identify(simulator, data, level=level, tolerance=ANY, restarts=1, intervals=intervals)


def _freedom(hat: Array, K: Array) -> float:
    """Return how many independent residuals the correlated ones are worth, after the fit; at least 1."""
    left = K - hat @ K
    left = left - left @ hat.T
    return max(float(np.trace(left) ** 2 / np.sum(left * left)), 1.0)


def _student(level: float, freedom: float) -> float:
    from scipy.stats import norm, t

    at = 0.5 * (1.0 + level)
    return float(t.ppf(at, freedom) if np.isfinite(freedom) else norm.ppf(at))


def _profiled(one: Estimate, profile: Profile, rise: float, std: float) -> Estimate:
    return replace(one, std=std, low=_end(profile, -rise), high=_end(profile, rise))


def _end(profile: Profile, rise: float) -> float:
    """Return where a profile reaches a rise, infinite where it does not.

    The profile was followed to the rise of the widest parameter, or a little less where it ended at a bound: between
    its points the rise is close to a straight line.
    """
    from scipy.interpolate import PchipInterpolator

    rises, first = np.unique(np.maximum.accumulate(profile.rise), return_index=True)
    if rise > rises[-1] * (1 + 1e-3) or rise < rises[0] * (1 + 1e-3) or len(rises) < 2:
        return float(np.sign(rise) * np.inf)
    return float(PchipInterpolator(rises, profile.values[first])(np.clip(rise, rises[0], rises[-1])))
