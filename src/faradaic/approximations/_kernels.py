"""Stationary covariance functions with one length scale per feature, and what their derivatives pull back.

A covariance is s² k(r²) with r² = Σ_j (x_j − x'_j)²/l_j² (Rasmussen & Williams 2006, chapter 4). Everything that is
needed of it is k and dk/d(r²), so a kernel is a pair of functions of r².
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

Array = np.ndarray
KernelName = Literal["rbf", "matern32", "matern52"]


def _rbf(k: Array, slope: Array, decay: Array) -> None:
    k *= -0.5
    np.exp(k, out=k)
    np.multiply(k, -0.5, out=slope)


def _matern32(k: Array, slope: Array, decay: Array) -> None:
    k *= 3.0
    np.sqrt(k, out=k)
    np.negative(k, out=slope)
    np.exp(slope, out=slope)
    k += 1.0
    k *= slope
    slope *= -1.5


def _matern52(k: Array, slope: Array, decay: Array) -> None:
    k *= 5.0
    np.sqrt(k, out=slope)
    np.negative(slope, out=decay)
    np.exp(decay, out=decay)
    np.multiply(slope, slope, out=k)
    k /= 3.0
    slope += 1.0
    k += slope
    k *= decay
    slope *= decay
    slope *= -5.0 / 6.0


# they turn r² into k and dk/d(r²) in arrays that are there: fresh ones cost as much as the arithmetic
IN_PLACE: dict[str, Callable[[Array, Array, Array], None]] = {
    "rbf": _rbf,
    "matern32": _matern32,
    "matern52": _matern52,
}


def _fresh(fill: Callable[[Array, Array, Array], None], r2: Array) -> tuple[Array, Array]:
    k, slope = r2.copy(), np.empty_like(r2)
    fill(k, slope, np.empty_like(r2))
    return k, slope


# the same in new arrays
KERNELS: dict[str, Callable[[Array], tuple[Array, Array]]] = {
    name: partial(_fresh, fill) for name, fill in IN_PLACE.items()
}


def _rbf_curved(r2: Array) -> tuple[Array, Array]:
    k = np.exp(-0.5 * r2)
    return 0.25 * k, -0.125 * k


def _matern32_curved(r2: Array) -> tuple[Array, Array]:
    a = np.sqrt(3.0 * r2)
    with np.errstate(divide="ignore", invalid="ignore"):
        k2, k3 = 2.25 * np.exp(-a) / a, -3.375 * np.exp(-a) * (1.0 + a) / a**3
    return np.where(a > 0, k2, 0.0), np.where(a > 0, k3, 0.0)


def _matern52_curved(r2: Array) -> tuple[Array, Array]:
    a = np.sqrt(5.0 * r2)
    k2 = (25.0 / 12.0) * np.exp(-a)
    with np.errstate(divide="ignore", invalid="ignore"):
        k3 = -2.5 * k2 / a
    return k2, np.where(a > 0, k3, 0.0)


# second and third derivative of k with respect to r²; where one is infinite at r = 0 it is only ever multiplied by
# differences that vanish faster, so it is set to zero there
CURVATURES: dict[str, Callable[[Array], tuple[Array, Array]]] = {
    "rbf": _rbf_curved,
    "matern32": _matern32_curved,
    "matern52": _matern52_curved,
}


@dataclass(frozen=True)
class Covariance:
    """A kernel at given amplitude (variance s²) and length scales l (one per feature)."""

    kernel: KernelName
    amplitude: float
    lengthscale: Array

    def squared_distance(self, A: Array, B: Array) -> Array:
        """Return r² between the rows of A (n, p) and of B (m, p), shape (n, m)."""
        a, b = A / self.lengthscale, B / self.lengthscale
        r2 = (a * a).sum(1)[:, None] + (b * b).sum(1)
        r2 -= 2.0 * (a @ b.T)
        return np.maximum(r2, 0.0, out=r2)

    def __call__(self, A: Array, B: Array) -> Array:
        """Return the covariances, shape (n, m)."""
        k = KERNELS[self.kernel](self.squared_distance(A, B))[0]
        k *= self.amplitude
        return k

    def with_slope(self, A: Array, B: Array) -> tuple[Array, Array]:
        """Return the covariances and their derivatives with respect to r², both (n, m)."""
        k, slope = KERNELS[self.kernel](self.squared_distance(A, B))
        k *= self.amplitude
        slope *= self.amplitude
        return k, slope

    def pull_back(self, A: Array, B: Array, K: Array, slope: Array, G: Array) -> Array:
        """Return dL/d(log s², log l_1, ..., log l_p) for a function L of K with G = dL/dK.

        Σ_ij M_ij (a_i − b_j)² is expanded into matrix products, so no (n, m, p) array is made.
        """
        M = G * slope
        rows, columns = M.sum(1), M.sum(0)
        squares = rows @ (A * A) + columns @ (B * B) - 2.0 * (A * (M @ B)).sum(0)
        return np.concatenate([[np.vdot(G, K)], -2.0 * squares / self.lengthscale**2])

    def slope_variance(self, feature: int) -> float:
        """Return the prior variance of the slope along ``feature``, −2 s² k'(0)/l².

        All three kernels have one: Matérn 3/2 is differentiable once in the mean square, which is what a slope needs.
        """
        slope = float(KERNELS[self.kernel](np.zeros(1))[1][0])
        return -2.0 * self.amplitude * slope / float(self.lengthscale[feature]) ** 2

    def mean(self, A: Array) -> Array:
        """Return the mean at the rows of A before any row is seen: zero, shape (n,)."""
        return np.zeros(len(A))

    def mean_by_shift(self, A: Array) -> Array:
        """Return the derivative of the mean by a shift of the zero of the responses: one, shape (n,)."""
        return np.ones(len(A))

    def mean_slope(self, A: Array, feature: int) -> Array:
        """Return the slope of `mean` along ``feature``, shape (n,)."""
        return np.zeros(len(A))

    def variance(self, A: Array) -> Array:
        """Return the variance at the rows of A before any row is seen, shape (n,)."""
        return np.full(len(A), self.amplitude)

    def joint_variance(self, A: Array, feature: int) -> Array:
        """Return the covariance of value and slope at the rows of A before any row is seen, shape (n, 2, 2)."""
        return np.tile(np.diag([self.amplitude, self.slope_variance(feature)]), (len(A), 1, 1))

    def derivative(self, A: Array, B: Array, feature: int) -> Array:
        """Return d k(a, b)/d a_feature, shape (n, m)."""
        slope = self.with_slope(A, B)[1]
        return slope * 2.0 * (A[:, feature, None] - B[None, :, feature]) / self.lengthscale[feature] ** 2
