"""Sobol' indices of a sum of Gaussian bumps by its expansion in Legendre polynomials: for bumps that nearly cancel."""

from __future__ import annotations

from math import comb

import numpy as np

Array = np.ndarray
DEGREES = (4, 6, 8, 10, 12, 14, 16, 20, 24, 32, 40)
MOST_TERMS = 30_000
TAIL = 1e-5  # share of the variance in the two highest degrees below which the expansion has ended
EXTRA_NODES = 24


def sobol_by_legendre(
    centres: Array, weights: Array, lengthscale: Array, low: Array, high: Array
) -> tuple[Array, Array, float] | None:
    """Return first-order and total indices, and the variance, of Σ_j w_j exp(−Σ_d (x_d − z_jd)²/2l_d²) over a box.

    A process that interpolates a smooth response has weights many orders larger than the response. Sums over pairs of
    bumps then lose every digit; the coefficients of an expansion in products of Legendre polynomials are sums over
    single bumps and keep half of them. By Parseval the indices are sums of squares of coefficients (Sudret 2008).

    Parameters
    ----------
    centres : array of shape (m, p)
    weights : array of shape (m,)
    lengthscale, low, high : arrays of shape (p,)

    Returns
    -------
    tuple or None
        None where the expansion does not end at a total degree with at most 30,000 terms.

    References
    ----------
    Sudret 2008, 10.1016/j.ress.2007.04.002.

    Examples
    --------
    >>> first, total, variance = sobol_by_legendre(
    ...     np.array([[0.2, 0.4]]), np.ones(1), np.array([0.5, 1e3]), np.zeros(2), np.ones(2)
    ... )
    >>> first.round(6).tolist()
    [1.0, 0.0]
    """
    p = centres.shape[1]
    for degree in DEGREES:
        if comb(degree + p, p) > MOST_TERMS:
            return None
        powers = _powers(p, degree)
        bumps = [_coefficients(centres[:, d], lengthscale[d], low[d], high[d], degree) for d in range(p)]
        squares = _summed(bumps, powers, weights) ** 2
        order = powers.sum(axis=1)
        variance = float(squares[order > 0].sum())
        if squares[order >= degree - 1].sum() <= TAIL * variance:
            felt = powers > 0
            alone = felt.sum(axis=1) == 1
            first = np.array([squares[alone & felt[:, d]].sum() for d in range(p)])
            total = np.array([squares[felt[:, d]].sum() for d in range(p)])
            return first / variance, total / variance, variance
    return None


def _powers(p: int, degree: int) -> Array:
    """Return all exponents of p variables up to a total degree, shape (terms, p)."""
    made = np.arange(degree + 1)[:, None]
    for _ in range(p - 1):
        left = degree - made.sum(axis=1)
        rows = np.repeat(np.arange(len(made)), left + 1)
        last = np.concatenate([np.arange(k + 1) for k in left])
        made = np.column_stack([made[rows], last])
    return made


def _coefficients(z: Array, length: float, low: float, high: float, degree: int) -> Array:
    """Return the coefficients of bumps in orthonormal Legendre polynomials, shape (degree + 1, m)."""
    nodes, weights = np.polynomial.legendre.leggauss(degree + EXTRA_NODES)
    basis = np.polynomial.legendre.legvander(nodes, degree) * np.sqrt(2.0 * np.arange(degree + 1) + 1.0)
    x = 0.5 * (low + high) + 0.5 * (high - low) * nodes
    bumps = np.exp(-0.5 * ((x[:, None] - z) / length) ** 2)
    return (basis * (0.5 * weights)[:, None]).T @ bumps


def _summed(bumps: list[Array], powers: Array, weights: Array) -> Array:
    """Return Σ_j w_j Π_d c_d[n_d, j] of each exponent, shape (terms,), in parts that stay small."""
    out = np.empty(len(powers))
    for begin in range(0, len(powers), 2048):
        some = powers[begin : begin + 2048]
        product = bumps[0][some[:, 0]]
        for d in range(1, len(bumps)):
            product = product * bumps[d][some[:, d]]
        out[begin : begin + 2048] = product @ weights
    return out
