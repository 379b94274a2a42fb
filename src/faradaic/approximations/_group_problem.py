"""A law fitted to many groups of rows as one batch: residuals, starts, and what the optimum says of itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from faradaic.laws import Law

Array = np.ndarray

DECADES_BELOW = 1e-30  # of a positive parameter's usual value: as good as zero
LARGEST = 1e300
ABSURD = 1e100  # times the scatter: as good as infinite, and its square can still be formed
UNMOVED = 1e-7  # of the scatter: a positive parameter that moves the law by less when multiplied by e runs to zero


@dataclass(frozen=True, eq=False)
class GroupProblem:
    """Groups padded to one length; a row that fills up has the weight zero.

    Coordinates u are ln θ of positive parameters and θ of the others; residuals count in units of each group's scatter.

    Attributes
    ----------
    X : array of shape (b, m, p)
    target, weight : arrays of shape (b, m)
        Responses, or their logarithms; square roots of the weights.
    unit : array of shape (b,)
        One over the root of each group's weighted sum of squares about its mean.
    """

    law: Law
    X: Array
    target: Array
    weight: Array
    unit: Array
    log: bool

    @classmethod
    def of(cls, law: Law, X: Array, y: Array, weight: Array, log: bool) -> Self:
        target = np.log(y) if log else y
        square = weight**2
        mean = (square * target).sum(axis=1) / square.sum(axis=1)
        scatter = (square * (target - mean[:, None]) ** 2).sum(axis=1)
        whole = (square * target**2).sum(axis=1)
        size = np.maximum(scatter, 1e-20 * np.where(whole > 0, whole, 1.0))
        return cls(law, X, target, weight, 1.0 / np.sqrt(size), log)

    def of_groups(self, some: Array) -> Self:
        """Return the problem of these groups alone."""
        taken = {name: getattr(self, name)[some] for name in ("X", "target", "weight", "unit")}
        return replace(self, **taken)

    @property
    def logarithmic(self) -> Array:
        """Which parameters are positive, (k,)."""
        return np.array([p.log for p in self.law.parameters])

    @property
    def bounds(self) -> tuple[Array, Array]:
        """Ends of u, each (k,)."""
        lower, upper = self.law.bounds
        least = np.maximum(np.maximum(lower, DECADES_BELOW * np.abs(self.law.start)), 1e-300)
        smallest = np.where(self.logarithmic, least, lower)
        return self.inward(smallest), self.inward(np.where(self.logarithmic, np.minimum(upper, LARGEST), upper))

    def inward(self, theta: Array) -> Array:
        safe = np.where(self.logarithmic, theta, 1.0)
        with np.errstate(all="ignore"):
            return np.where(self.logarithmic, np.log(safe), theta)

    def outward(self, u: Array) -> Array:
        return np.where(self.logarithmic, np.exp(np.where(self.logarithmic, u, 0.0)), u)

    def both(self, u: Array, which: Array) -> tuple[Array, Array]:
        """Return residuals (q, m) and their derivatives by u (q, m, k) of the groups ``which`` (q,) at ``u`` (q, k)."""
        theta = self.outward(u)
        value, jacobian = self.law.groups_and_jacobians(self.X[which], theta)
        with np.errstate(all="ignore"):
            jacobian = jacobian * np.where(self.logarithmic, theta, 1.0)[:, None, :]
            if self.log:
                jacobian = jacobian / value[:, :, None]
                value = np.where(value > 0, np.log(value), np.nan)
            weight = self.weight[which] * self.unit[which, None]
            residual = weight * (value - self.target[which])
            return np.where(np.abs(residual) < ABSURD, residual, np.nan), weight[:, :, None] * jacobian

    def linearised(self, u: Array, which: Array) -> tuple[Array, Array, Array]:
        """Return cost (q,), gradient (q, k) and Gram matrix (q, k, k), as `batched_search` asks for them."""
        residual, jacobian = self.both(u, which)
        with np.errstate(all="ignore"):
            cost = 0.5 * (residual**2).sum(axis=1)
            return cost, np.einsum("qm,qmk->qk", residual, jacobian), jacobian.transpose(0, 2, 1) @ jacobian

    def starts(self, tried: Array, most: int) -> tuple[Array, Array]:
        """Return the most promising starts (b, most, k) of each group in u, and which of them are finite (b, most)."""
        b, t = len(self.X), len(tried)
        which = np.repeat(np.arange(b), t)
        u = self.inward(self._projected(np.tile(tried, (b, 1)), which))
        finite = np.asarray(np.isfinite(u).all(axis=1))
        u = np.clip(np.where(finite[:, None], u, self.inward(self.law.start)), *self.bounds)
        residual, jacobian = self.both(u, which)
        usable = np.asarray(finite & np.isfinite(residual).all(axis=1) & (np.abs(jacobian) < ABSURD).all(axis=(1, 2)))
        cost = np.where(usable, (np.where(usable[:, None], residual, 0.0) ** 2).sum(axis=1), np.inf).reshape(b, t)
        order = np.argsort(cost, axis=1, kind="stable")[:, :most]
        picked = np.take_along_axis(u.reshape(b, t, -1), order[:, :, None], axis=1)
        return picked, np.isfinite(np.take_along_axis(cost, order, axis=1))

    def _projected(self, tried: Array, which: Array) -> Array:
        """Solve for the linear parameters of ``tried`` (q, k), given the others; logarithms by relative residuals."""
        linear = np.isin(self.law.names, self.law.linear)
        if not linear.any():
            return tried
        base = np.where(linear, 0.0, tried)
        offset, jacobian = self.law.groups_and_jacobians(self.X[which], base)
        y = np.exp(self.target) if self.log else self.target
        weight = (self.weight / y if self.log else self.weight)[which]
        with np.errstate(all="ignore"):
            columns, wanted = weight[:, :, None] * jacobian[:, :, linear], weight * (y[which] - offset)
            length = np.abs(columns).max(axis=1)
        usable = np.isfinite(columns).all(axis=(1, 2)) & np.isfinite(wanted).all(axis=1)
        usable &= (length >= 1.0 / LARGEST).all(axis=1)
        columns, wanted, length = columns[usable], wanted[usable], length[usable]
        scaled = columns / length[:, None, :]
        gram = scaled.transpose(0, 2, 1) @ scaled
        gram += 1e-12 * np.trace(gram, axis1=1, axis2=2)[:, None, None] * np.eye(gram.shape[1])  # starts may be rough
        solved = np.linalg.solve(gram, np.einsum("qmk,qm->qk", scaled, wanted)[:, :, None])[:, :, 0] / length
        floor = np.where(self.logarithmic[linear], 1e-3 * np.abs(wanted).max(axis=1)[:, None] / length, -np.inf)
        base[~usable] = np.nan
        base[np.ix_(usable, linear)] = np.maximum(solved, floor)
        return base

    def residuals(self, u: Array) -> Array:
        """Return the law less the responses (or of their logarithms) at ``u`` (b, k), (b, m); zero where filled up."""
        value = self.law.groups_and_jacobians(self.X, self.outward(u))[0]
        off = (np.log(value) if self.log else value) - self.target
        return np.where(self.weight > 0, off, 0.0)

    def spread(self, u: Array, held: Array) -> tuple[Array, Array]:
        """Return the rank (b,) and the standard deviations of θ (b, k) for rows of unit variance; NaN where none is.

        A parameter that a bound holds (b, k), or that ran to zero, has none; nor has any where some are left free.
        """
        which = np.arange(len(u))
        jacobian = self.both(u, which)[1] / self.unit[:, None, None]
        length = np.linalg.norm(jacobian, axis=1)
        held = held | (self.logarithmic & (length * self.unit[:, None] < UNMOVED))
        jacobian = np.where(held[:, None, :], 0.0, jacobian)
        length = np.where(held | (length == 0), 1.0, length)
        _, singular, right = np.linalg.svd(jacobian / length[:, None, :], full_matrices=False)
        kept = singular > max(jacobian.shape[1:]) * np.finfo(np.float64).eps * np.maximum(singular[:, :1], 1e-300)
        rank = kept.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            root = np.where(kept[:, :, None], right / singular[:, :, None], 0.0)
        std = np.sqrt((root**2).sum(axis=1)) / length * np.where(self.logarithmic, self.outward(u), 1.0)
        determined = (rank == (~held).sum(axis=1))[:, None] & ~held
        return rank, np.where(determined, std, np.nan)
