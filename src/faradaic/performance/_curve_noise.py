"""Errors of a curve that go together with their neighbours: how large they are, and over how far."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.linalg import LinAlgError
from scipy.linalg import cho_factor, cho_solve, cholesky

Array = np.ndarray
# what is looked at: lengths, as shares of the whole way; shares of the variance that drift; correlations of two curves
LENGTHS = (0.008, 0.025, 0.06, 0.13, 0.3, 0.8)
SHARES = (1e-4, 1e-3, 0.01, 0.1, 0.5, 0.85, 0.96, 0.99, 0.999)
SHARED = (0.0, 0.5, 0.8, 0.95)
ROWS = 160  # about so many are looked at: the cost rises with their third power
UNLIKELY = 1e-4  # likelihood, relative to the best, below which a candidate is left out


@dataclass(frozen=True)
class CurveNoise:
    """How the errors of one curve, or of two, are distributed.

    Errors are a drift and independent scatter. The correlation of the drift falls as exp(-r), r the distance over
    `length`, or, where it is smooth, as (1 + r√5 + 5r²/3) exp(-r√5). Two curves may share it: the half-cell curves err
    at the same lithiation of both.

    Attributes
    ----------
    drift, scatter : float
        Standard deviations, V.
    length : float
        In the units of the places.
    shared : float
        Correlation of the drifts of two curves at the same place.
    smooth : bool

    References
    ----------
    Rasmussen & Williams, *Gaussian Processes for Machine Learning*, MIT Press 2006, section 4.2 (Matérn covariances).
    """

    drift: float
    scatter: float
    length: float
    shared: float = 0.0
    smooth: bool = False

    def covariance(self, places: Array, curve: Array) -> Array:
        """Return the covariance of rows at ``places`` of the curves ``curve``, both of shape (n,); shape (n, n)."""
        near = _falling(np.abs(places[:, None] - places[None, :]) / self.length, self.smooth)
        drifting = near * np.where(curve[:, None] == curve[None, :], 1.0, self.shared)
        return self.drift**2 * drifting + self.scatter**2 * np.eye(len(places))

    def draw(self, places: Array, random: np.random.Generator) -> Array:
        """Return errors of one curve at these places, drawn at random, shape (n,)."""
        one = np.zeros(len(places), dtype=int)
        return cholesky(self.covariance(places, one), lower=True) @ random.normal(size=len(places))


@dataclass(frozen=True, eq=False)
class NoiseBelief:
    """What residuals say of the noise of a curve, or of two: many distributions, and how likely each is.

    A few stretches of a residual tell the length over which errors go together only roughly. An interval that took the
    most likely length for right would be too narrow.

    Attributes
    ----------
    candidates : tuple of CurveNoise
    weight : array
        Of each; their sum is 1.
    """

    candidates: tuple[CurveNoise, ...]
    weight: Array

    @property
    def typical(self) -> CurveNoise:
        """The geometric mean of the candidates (of the shared part, the mean), of the likelier kind."""
        logs = np.log([[one.drift, one.scatter, one.length] for one in self.candidates])
        shared, smooth = self.weight @ np.array([[one.shared, one.smooth] for one in self.candidates])
        drift, scatter, length = np.exp(self.weight @ logs)
        return CurveNoise(float(drift), float(scatter), float(length), float(shared), bool(smooth > 0.5))

    def covariance(self, places: Array, curve: Array) -> Array:
        """Return the mean covariance of rows, shape (n, n)."""
        K = np.zeros((len(places), len(places)))
        for weight, one in zip(self.weight, self.candidates, strict=True):
            K += weight * one.covariance(places, curve)
        return K


def curve_noise(residual: Array, jacobian: Array, places: Array, curve: Array) -> NoiseBelief:
    """Return what residuals say of their noise, by restricted likelihood over a grid of correlations.

    The likelihood is that of the part of the residuals that no parameter can take up, so that a fit with many
    parameters does not make the errors look small.

    Parameters
    ----------
    residual : array of shape (n,)
        V.
    jacobian : array of shape (n, p)
        Derivatives of the residuals with respect to the parameters.
    places : array of shape (n,)
        Along which errors go together.
    curve : array of shape (n,)
        Which curve each row belongs to, 0 or 1.

    References
    ----------
    Patterson & Thompson 1971, Biometrika 58, 545, 10.1093/biomet/58.3.545.

    Examples
    --------
    >>> s = np.linspace(0.0, 1.0, 150)
    >>> one = np.zeros(150, dtype=int)
    >>> errors = CurveNoise(2e-3, 2e-4, 0.05).draw(s, np.random.default_rng(0))
    >>> found = curve_noise(errors, np.ones((150, 1)), s, one).typical
    >>> 1e-3 < found.drift < 4e-3, 0.02 < found.length < 0.2
    (True, True)
    """
    every = slice(None, None, max(1, round(len(residual) / ROWS)))
    residual, jacobian, places, curve = residual[every], jacobian[every], places[every], curve[every]
    basis = _basis(jacobian)
    span = float(np.ptp(places)) or 1.0
    far = np.abs(places[:, None] - places[None, :]) / span
    same = curve[:, None] == curve[None, :]
    correlations = SHARED if len(np.unique(curve)) > 1 else (0.0,)
    made, values = [], []
    for length, smooth in product(LENGTHS, (False, True)):
        near = _falling(far / length, smooth)
        for shared, share in product(correlations, SHARES):
            drifting = near if len(correlations) == 1 else near * np.where(same, 1.0, shared)
            value, variance = _restricted(residual, basis, share * drifting + (1.0 - share) * np.eye(len(places)))
            drift, scatter = np.sqrt(variance * np.array([share, 1.0 - share]))
            made.append(CurveNoise(float(drift), float(scatter), length * span, shared, smooth))
            values.append(value)
    weight = np.exp(-0.5 * (np.array(values) - min(values)))
    kept = np.flatnonzero(weight > UNLIKELY)
    return NoiseBelief(tuple(made[k] for k in kept), weight[kept] / weight[kept].sum())


def _falling(r: Array, smooth: bool) -> Array:
    if not smooth:
        return np.exp(-r)
    r = r * np.sqrt(5.0)
    return (1.0 + r + r**2 / 3.0) * np.exp(-r)


def _basis(jacobian: Array) -> Array:
    """Return an orthonormal basis of what the parameters can take up."""
    scale = np.linalg.norm(jacobian, axis=0)
    U, singular, _ = np.linalg.svd(jacobian[:, scale > 0] / scale[scale > 0], full_matrices=False)
    return U[:, singular > 1e-6 * singular.max(initial=0.0)]


def _restricted(r: Array, basis: Array, K: Array) -> tuple[float, float]:
    """Return minus twice the restricted log likelihood, but for a constant, and the variance that maximises it."""
    try:
        factor = cho_factor(K, lower=True)
    except LinAlgError:
        return float("inf"), float("nan")
    free = len(r) - basis.shape[1]
    Kr, KB = cho_solve(factor, r), cho_solve(factor, basis)
    inner = basis.T @ KB
    squares = float(r @ Kr - (basis.T @ Kr) @ np.linalg.solve(inner, basis.T @ Kr))
    variance = max(squares / free, 1e-30)
    determinant = 2.0 * float(np.log(np.diag(factor[0])).sum()) + float(np.linalg.slogdet(inner)[1])
    return determinant + free * float(np.log(variance)), variance
