"""Errors of a curve that go together with their neighbours: how large they are, and over how far."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.linalg import LinAlgError
from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular
from scipy.optimize import minimize

Array = np.ndarray
# log of the length (a share of the whole way), logit of the drift's share of the variance, and the artanh of what two
# curves share: where the search for the most likely ones looks first
STARTS = ((-4.0, -2.5, -1.0), (-3.0, 1.0, 4.0), (0.1, 1.0))
SHORTEST, LONGEST = 0.004, 1.0  # lengths that are looked for, shares of the whole way
LEAST, MOST = 1e-4, 1.0 - 1e-4  # share of the variance that is drift; never all of it, so that it can be inverted
MOST_SHARED = 0.98


@dataclass(frozen=True)
class CurveNoise:
    """How the errors of one curve, or of two, are distributed.

    Errors are a drift whose correlation falls as exp(-|s - s'|/length), and independent scatter. Two curves may share
    the drift: the half-cell curves err at the same lithiation of both.

    Attributes
    ----------
    drift, scatter : float
        Standard deviations, V.
    length : float
        In the units of the places.
    shared : float
        Correlation of the drifts of two curves at the same place.
    """

    drift: float
    scatter: float
    length: float
    shared: float = 0.0

    def covariance(self, places: Array, curve: Array) -> Array:
        """Return the covariance of rows at ``places`` of the curves ``curve``, both of shape (n,); shape (n, n)."""
        return self.drift**2 * _correlation(places, curve, self.length, self.shared) + self.scatter**2 * np.eye(
            len(places)
        )

    def whitener(self, places: Array, curve: Array) -> Array:
        """Return W of shape (n, n) that makes the errors of the rows independent, with standard deviation 1.

        Examples
        --------
        >>> places, one = np.linspace(0.0, 1.0, 4), np.zeros(4, dtype=int)
        >>> noise = CurveNoise(1.0, 0.5, 0.3)
        >>> W = noise.whitener(places, one)
        >>> bool(np.allclose(W @ noise.covariance(places, one) @ W.T, np.eye(4)))
        True
        """
        lower = cholesky(self.covariance(places, curve), lower=True)
        return solve_triangular(lower, np.eye(len(places)), lower=True)

    def draw(self, places: Array, random: np.random.Generator) -> Array:
        """Return errors of one curve at these places, drawn at random, shape (n,)."""
        one = np.zeros(len(places), dtype=int)
        return cholesky(self.covariance(places, one), lower=True) @ random.normal(size=len(places))


def curve_noise(residual: Array, jacobian: Array, places: Array, curve: Array) -> CurveNoise:
    """Return the most likely noise of residuals, by restricted maximum likelihood.

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
    >>> found = curve_noise(errors, np.ones((150, 1)), s, one)
    >>> 1e-3 < found.drift < 4e-3, 0.02 < found.length < 0.2
    (True, True)
    """
    basis = _basis(jacobian)
    span = float(np.ptp(places)) or 1.0
    two = len(np.unique(curve)) > 1

    def unlikely(w: Array) -> float:
        return _restricted(residual, basis, _mixed(w, places, curve, span, two))[0]

    starts = [np.array(w[: 3 if two else 2]) for w in product(*STARTS)]
    first = min(starts if two else starts[:: len(STARTS[2])], key=unlikely)
    best = minimize(unlikely, first, method="Nelder-Mead", options=_OPTIONS).x
    length, share, shared = _unpacked(best, span, two)
    variance = _restricted(residual, basis, _mixed(best, places, curve, span, two))[1]
    return CurveNoise(float(np.sqrt(variance * share)), float(np.sqrt(variance * (1 - share))), length, shared)


_OPTIONS = {"maxiter": 200, "xatol": 0.02, "fatol": 0.01}


def _basis(jacobian: Array) -> Array:
    """Return an orthonormal basis of what the parameters can take up."""
    scale = np.linalg.norm(jacobian, axis=0)
    U, singular, _ = np.linalg.svd(jacobian[:, scale > 0] / scale[scale > 0], full_matrices=False)
    return U[:, singular > 1e-6 * singular.max(initial=0.0)]


def _unpacked(w: Array, span: float, two: bool) -> tuple[float, float, float]:
    length = span * float(np.exp(np.clip(w[0], np.log(SHORTEST), np.log(LONGEST))))
    share = float(np.clip(1.0 / (1.0 + np.exp(-np.clip(w[1], -50, 50))), LEAST, MOST))
    shared = float(np.clip(np.tanh(w[2]), 0.0, MOST_SHARED)) if two else 0.0
    return length, share, shared


def _mixed(w: Array, places: Array, curve: Array, span: float, two: bool) -> Array:
    length, share, shared = _unpacked(w, span, two)
    return share * _correlation(places, curve, length, shared) + (1.0 - share) * np.eye(len(places))


def _correlation(places: Array, curve: Array, length: float, shared: float) -> Array:
    near = np.exp(-np.abs(places[:, None] - places[None, :]) / length)
    return near * np.where(curve[:, None] == curve[None, :], 1.0, shared)


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
