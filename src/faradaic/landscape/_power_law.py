"""The power law a + b n^−γ through a few errors, by weighted least squares within bounds, for many draws at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray
# Below, a curve is so slow that it fits any flat one, with a limit of zero; above, it is over. Statistics knows 1/2 and
# 1 (parameters), about 0.2 and above (smooth functions of up to five inputs), and 2 and above (exact data).
EXPONENTS = (0.2, 3.0)
GRID = 48
# halvings of the bracket around the best exponent of the grid, by the golden section: 0.618^60 is below 1e-12
REFINEMENTS = 60


@dataclass(frozen=True, eq=False)
class PowerLaws:
    """Curves: ``a``, ``b`` and ``gamma``, each of shape (m,), and the weighted squares that they leave, shape (m,)."""

    a: Array
    b: Array
    gamma: Array
    squares: Array | None = None

    def at(self, n: Array) -> Array:
        """Return a + b n^−γ for ``n`` (q,), shape (m, q)."""
        return self.a[:, None] + self.b[:, None] * np.asarray(n, dtype=np.float64) ** -self.gamma[:, None]

    def reach(self, error: float) -> Array:
        """Return the n at which each curve comes down to ``error``, shape (m,); infinite where it never does."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            n = (self.b / (error - self.a)) ** (1.0 / self.gamma)
        return np.where(self.a >= error, np.inf, n)


def fit_power_laws(
    n: Array, errors: Array, spread: Array, least: Array | None = None, *, refine: bool = False
) -> PowerLaws:
    """Fit a + b n^−γ, b ≥ 0, to each row of errors by weighted least squares.

    For a given exponent the curve is linear in a and b, so that both are found in closed form within their bounds;
    the exponent is searched on a grid that is even in its logarithm.

    Parameters
    ----------
    n : array of shape (k,)
        Sizes, positive.
    errors : array of shape (m, k)
        Errors, positive.
    spread : array of shape (k,) or (m, k)
        Relative standard deviation of each error about the curve; infinite: the error does not count.
    least : array of shape (m,), optional
        Lower bound of a; default 0.
    refine : bool
        Search the exponent to rounding around the best of the grid.

    Examples
    --------
    >>> import numpy as np
    >>> n = np.array([5.0, 10.0, 20.0, 40.0])
    >>> found = fit_power_laws(n, (0.2 + 3.0 * n**-0.7)[None], np.ones(4), refine=True)
    >>> found.a.round(6).tolist(), found.b.round(6).tolist(), found.gamma.round(6).tolist()
    ([0.2], [3.0], [0.7])
    """
    scale = float(np.exp(np.log(n).mean()))  # so that b n^-γ does not run off with γ
    u = np.asarray(n, dtype=np.float64) / scale
    weight = 1.0 / (errors * spread) ** 2
    least = np.zeros(len(errors)) if least is None else least
    grid = np.geomspace(*EXPONENTS, GRID)
    best = np.full((4, len(errors)), np.inf)
    for gamma in grid:
        found = _linear(u, errors, weight, least, np.full(len(errors), gamma))
        best = np.where(found[3] < best[3], found, best)
    if refine:
        best = _refined(u, errors, weight, least, best, grid[1] / grid[0])
    a, b, gamma, squares = best
    return PowerLaws(a, b * scale**gamma, gamma, squares)


def _linear(u: Array, errors: Array, weight: Array, least: Array, gamma: Array) -> Array:
    """Return (a, b, γ, squares), each (m,): the best a ≥ least and b ≥ 0 for given exponents."""
    g = u ** -gamma[:, None]
    s0, s1, s2 = weight.sum(1), (weight * g).sum(1), (weight * g * g).sum(1)
    t0, t1 = (weight * errors).sum(1), (weight * g * errors).sum(1)
    determinant = s0 * s2 - s1 * s1
    a, b = (s2 * t0 - s1 * t1) / determinant, (s0 * t1 - s1 * t0) / determinant
    # a convex problem in two unknowns: where one would pass its bound it stays there and the other stands alone
    a, b = np.where(b < 0, t0 / s0, a), np.where(b < 0, 0.0, b)
    b = np.where(a < least, np.maximum((t1 - least * s1) / s2, 0.0), b)
    a = np.maximum(a, least)
    squares = (weight * (a[:, None] + b[:, None] * g - errors) ** 2).sum(1)
    return np.stack([a, b, gamma, squares])


def _refined(u: Array, errors: Array, weight: Array, least: Array, best: Array, step: float) -> Array:
    low = np.maximum(best[2] / step, EXPONENTS[0])
    high = np.minimum(best[2] * step, EXPONENTS[1])
    golden = 0.5 * (np.sqrt(5.0) - 1.0)
    for _ in range(REFINEMENTS):
        left, right = high - golden * (high - low), low + golden * (high - low)
        at_left, at_right = (_linear(u, errors, weight, least, gamma) for gamma in (left, right))
        lower = at_left[3] <= at_right[3]
        best = np.where(at_left[3] < best[3], at_left, best)
        best = np.where(at_right[3] < best[3], at_right, best)
        low, high = np.where(lower, low, left), np.where(lower, right, high)
    return best
