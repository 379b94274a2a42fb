"""Networks that keep signs of their slope or curvature, and known values and slopes, while they are trained.

Signs: with weights of one sign and activations that only rise (tanh), or rise ever faster (softplus), the output only
rises, or is convex; such a weight is ± softplus of a free number. Known values and slopes are linear in the weights
of the output, which are moved by the shortest way so that they hold; the Jacobian follows this move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from faradaic._core import ArgumentError, FitError

from ._conditioned import Facts
from ._feed_forward import Array, Forward
from ._levenberg_marquardt import Minima, Point, levenberg_marquardt
from ._network_problem import Table, decay_of, floor_of

_MET = 1e-9  # in standardised units
_HELD = 1e-3  # a weight that answers less than this to its free number is held at zero
_SLOPES = {None: 0, "increasing": 1, "decreasing": -1}
_CURVATURES = {None: 0, "convex": 1, "concave": -1}


def signs_of(monotone: Any, convex: Any, activation: str, axis: int, n_features: int) -> tuple[Array, int]:
    """Return the sign of the slope along each input (0: free), shape (p,), and that of the curvature.

    Raises
    ------
    ArgumentError
        A word is none of those, or the activation cannot have this shape.

    Examples
    --------
    >>> signs_of("decreasing", None, "tanh", 1, 2)
    (array([ 0, -1]), 0)
    """
    if not 0 <= axis < n_features:
        raise ArgumentError(f"axis must be a feature number from 0 to {n_features - 1}, got {axis!r}.")
    if monotone is None or isinstance(monotone, str):
        words: list[Any] = [monotone if j == axis else None for j in range(n_features)]
    else:
        words = list(monotone) if isinstance(monotone, Sequence) else []
    if len(words) != n_features or any(word is not None and word not in list(_SLOPES) for word in words):
        raise ArgumentError(
            f"monotone must be None, 'increasing' or 'decreasing', or one of these for each of the {n_features} "
            f"inputs, got {monotone!r}."
        )
    if convex not in list(_CURVATURES):  # a list: what came may not be hashable
        raise ArgumentError(f"convex must be None, 'convex' or 'concave', got {convex!r}.")
    if convex and activation != "softplus":
        raise ArgumentError(f"A {convex} network needs activation='softplus', got {activation!r}.")
    if any(words) and not convex and activation != "tanh":
        raise ArgumentError(
            f"A monotone network needs activation='tanh' (or 'softplus' if it is convex or concave too), got "
            f"{activation!r}."
        )
    return np.array([_SLOPES[word] for word in words]), _CURVATURES[convex]


@dataclass(frozen=True, eq=False)
class Constraint:
    """Signs and facts of one network.

    Attributes
    ----------
    layers : list of (int, int)
        Inputs and outputs of each layer.
    activation : str
        Activation of the hidden units.
    sign : int array of shape (count,)
        Sign of each weight; 0: free.
    facts : Facts or None
        What is known, in standardised inputs and response.
    """

    layers: list[tuple[int, int]]
    activation: str
    sign: Array
    facts: Facts | None

    @classmethod
    def of(
        cls, layers: list[tuple[int, int]], activation: str, slopes: Array, curvature: int, facts: Facts | None
    ) -> Constraint:
        """Spread the signs of slopes (p,) and curvature over the weights of all layers."""
        shaped, outer = bool(slopes.any() or curvature), curvature or 1
        blocks = []
        for k, (i, o) in enumerate(layers):
            sign = np.zeros((i + 1, o), dtype=int)
            if shaped and len(layers) > 1:
                if k == 0:
                    sign[:i] = outer * slopes[:, None]
                else:
                    sign[:i] = outer if k == len(layers) - 1 else 1
            blocks.append(sign.ravel())
        return cls(layers, activation, np.concatenate(blocks), facts)

    @property
    def _outer(self) -> Array:
        """Numbers of the output's weights that may be moved for what is known."""
        i, o = self.layers[-1]
        places = np.arange(len(self.sign) - (i + 1) * o, len(self.sign))
        return places[-1:] if self.sign.any() else places

    def weights(self, free: Array) -> Array:
        """Return the weights of a plain network, (count,), from numbers without a sign."""
        return np.where(self.sign == 0, free, self.sign * np.logaddexp(0.0, free))

    def free(self, weights: Array) -> Array:
        """Return numbers without a sign whose weights have the sizes of ``weights``."""
        size = np.maximum(np.abs(weights), 1e-6)
        return np.where(self.sign == 0, weights, size + np.log(-np.expm1(-size)))

    def gain(self, free: Array) -> Array:
        """Return the derivative of each weight with respect to its number, (count,)."""
        return np.where(self.sign == 0, 1.0, self.sign * expit(free))

    def settled(self, free: Array) -> Array:
        """Return numbers under which all that is known holds, the output's weights moved by the shortest way.

        Raises
        ------
        FitError
            The hidden units do not reach what is known.
        """
        if self.facts is None:
            return free
        theta = self.weights(free)
        found, C = self._known(theta)
        missing = self.facts.values - found
        out = free.copy()
        out[self._outer] += np.linalg.lstsq(C[:, self._outer], missing, rcond=1e-12)[0]
        return out

    def met(self, free: Array) -> bool:
        """Return whether all that is known holds."""
        if self.facts is None:
            return True
        missing = self._known(self.weights(free))[0] - self.facts.values
        return bool(np.abs(missing).max() <= _MET * (1.0 + np.abs(self.facts.values).max()))

    def tangent(self, free: Array, *, held: bool = False) -> Array:
        """Return d weights / d numbers through `settled`, (count, count); ``held``: without weights held at zero."""
        gain = self.gain(free)
        matrix = np.diag(np.where(np.abs(gain) < _HELD, 0.0, gain) if held else gain)
        if self.facts is not None:
            C = self._known(self.weights(free))[1]
            matrix[self._outer] -= np.linalg.lstsq(C[:, self._outer], C @ matrix, rcond=1e-12)[0]
        return matrix

    def _known(self, theta: Array) -> tuple[Array, Array]:
        """Return the values and slopes at the places of the facts, (m,), and their Jacobian, (m, count)."""
        assert self.facts is not None
        forward = Forward(self.facts.points, theta, self.layers, self.activation)
        values, jacobian = forward.output.copy(), forward.jacobian()
        for feature in np.unique(self.facts.wrt[self.facts.wrt >= 0]):
            some = self.facts.wrt == feature
            values[some] = forward.input_slope(feature)[some]
            jacobian[some] = forward.slope_jacobian(feature)[some]
        return values, jacobian


class ConstrainedProblem:
    """Weighted residuals of one data set as functions of the numbers without a sign; a penalty is further rows."""

    def __init__(self, table: Table, constraint: Constraint, penalty: float) -> None:
        self.table, self.constraint = table, constraint
        self.decay = decay_of([table], penalty, len(constraint.sign))[0]

    def trained(self, starts: Sequence[Array], iterations: int) -> Minima:
        """Train from several plain weights; the numbers, not the weights, come back."""
        free = np.stack([self.constraint.free(start) for start in starts])
        floor = np.full(len(starts), floor_of(self.table))
        return levenberg_marquardt(self, (), free, floor, iterations=iterations)

    def settled(self, rows: tuple[()], theta: Array) -> Array:
        """Return the numbers from which the search goes on, (b, count)."""
        return np.stack([self.constraint.settled(one) if np.isfinite(one).all() else one for one in theta])

    def linearised(self, rows: tuple[()], theta: Array) -> Point:
        """Return where the search stands at settled numbers (b, count)."""
        b, count = theta.shape
        r, J = (np.stack(each) for each in zip(*map(self._linearised, theta), strict=True))
        cost, gradient = 0.5 * (r * r).sum(axis=1), (J.mT @ r[:, :, None]).reshape(b, count)
        return Point(cost, gradient, J @ J.mT, (r, J)) if count > r.shape[1] else Point(cost, gradient, J.mT @ J)

    def transposed(self, back: tuple[Array, ...], v: Array) -> Array:
        """Return Jᵀ v, (b, count)."""
        return (back[1].mT @ v[:, :, None])[:, :, 0]

    def residual(self, theta: Array) -> Array:
        """Return the residuals at settled numbers (count,)."""
        return self._linearised(theta)[0]

    def _linearised(self, theta: Array) -> tuple[Array, Array]:
        if not np.isfinite(theta).all():  # a step from a system that was not positive definite
            n = len(self.table.y) + (len(theta) if self.decay[0] else 0)
            return np.full(n, np.nan), np.full((n, len(theta)), np.nan)
        weights, tangent = self.constraint.weights(theta), self.constraint.tangent(theta)
        forward, root = self._forward(weights), self.table.root
        r, J = root * (forward.output - self.table.y), forward.jacobian(root) @ tangent
        if self.decay[0]:
            r, J = np.concatenate([r, self.decay * weights]), np.vstack([J, self.decay[:, None] * tangent])
        return r, J

    def plain(self, theta: Array) -> tuple[Array, Array, Array]:
        """Return the weights, the weighted Jacobian of the rows (n, count), and how the weights follow the numbers.

        Raises
        ------
        FitError
            Training did not end where everything known holds.
        """
        if not self.constraint.met(theta):
            raise FitError("the network does not reach what is known; raise the width, or check what is known.")
        weights, tangent = self.constraint.weights(theta), self.constraint.tangent(theta, held=True)
        return weights, self._forward(weights).jacobian(self.table.root) @ tangent, tangent

    def _forward(self, weights: Array) -> Forward:
        return Forward(self.table.X, weights, self.constraint.layers, self.constraint.activation)
