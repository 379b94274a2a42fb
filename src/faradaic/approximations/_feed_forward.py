"""Feed-forward networks: activations, one pass, and how its output answers to weights and inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import special
from scipy.special import expit

Array = np.ndarray


def _libraries(a: Array) -> tuple[Any, Any]:
    """Return the array library of ``a`` and its special functions: NumPy and SciPy, or those of JAX."""
    if isinstance(a, np.ndarray):
        return np, special
    import jax.scipy.special

    return a.__array_namespace__(), jax.scipy.special


def _tanh(a: Array) -> tuple[Array, Array]:
    h = _libraries(a)[0].tanh(a)
    return h, 1.0 - h * h


def _softplus(a: Array) -> tuple[Array, Array]:
    xp, functions = _libraries(a)
    return xp.logaddexp(0.0, a), functions.expit(a)


def _gelu(a: Array) -> tuple[Array, Array]:
    xp, functions = _libraries(a)
    cdf = 0.5 * (1.0 + functions.erf(a / np.sqrt(2.0)))
    return a * cdf, cdf + a * xp.exp(-0.5 * a * a) / np.sqrt(2.0 * np.pi)


def _sine(a: Array) -> tuple[Array, Array]:
    xp = _libraries(a)[0]
    return xp.sin(a), xp.cos(a)


ACTIVATIONS: dict[str, Callable[[Array], tuple[Array, Array]]] = {
    "tanh": _tanh,
    "softplus": _softplus,
    "gelu": _gelu,
    "sine": _sine,
}

# second derivatives of the activations
CURVATURES: dict[str, Callable[[Array], Array]] = {
    "tanh": lambda a: -2.0 * np.tanh(a) * (1.0 - np.tanh(a) ** 2),
    "softplus": lambda a: expit(a) * expit(-a),
    "gelu": lambda a: (2.0 - a * a) * np.exp(-0.5 * a * a) / np.sqrt(2.0 * np.pi),
    "sine": lambda a: -np.sin(a),
}


def layers_of(n_features: int, width: int, depth: int) -> list[tuple[int, int]]:
    """Return (inputs, outputs) of each layer; width zero leaves the output offset alone."""
    if width == 0:
        return [(0, 1)]
    return [(n_features, width)] + [(width, width)] * (depth - 1) + [(width, 1)]


class Forward:
    """One pass through the network: what each layer saw, and how the output answers to it.

    Inside, units come before rows, so that few units still make long loops. With leading axes of the weights and the
    inputs alike, one pass serves as many networks, in the array library of the weights.
    """

    def __init__(self, X: Array, theta: Array, layers: Sequence[tuple[int, int]], activation: str) -> None:
        self.inputs: list[Array] = []
        self.slopes: list[Array] = []
        self.weights: list[Array] = []
        self.activation = activation
        h, at = X[..., : layers[0][0]].mT, 0
        for k, (i, o) in enumerate(layers):
            W = theta[..., at : at + (i + 1) * o].reshape(*theta.shape[:-1], i + 1, o)
            at += (i + 1) * o
            self.inputs.append(h)
            self.weights.append(W)
            a = W[..., :i, :].mT @ h + W[..., i, :, None]
            if k < len(layers) - 1:
                h, slope = ACTIVATIONS[activation](a)
                self.slopes.append(slope)
        self.output = a[..., 0, :]

    def sensitivities(self, weight: Array | None = None) -> list[Array]:
        """Return d output / d (pre-activation) of each layer, (units, n), times the ``weight`` (n,) of each row."""
        delta = (self.output * 0.0 + 1.0 if weight is None else weight)[..., None, :]
        out = [delta]
        for W, slope in zip(reversed(self.weights[1:]), reversed(self.slopes), strict=True):
            delta = (W[..., :-1, :] @ delta) * slope
            out.append(delta)
        return out[::-1]

    def jacobian(self, weight: Array | None = None) -> Array:
        """Return d output / d θ, shape (n, count), times the ``weight`` (n,) of each row."""
        xp = self.output.__array_namespace__()
        blocks = []
        for h, delta in zip(self.inputs, self.sensitivities(weight), strict=True):
            blocks += [_crossed(h, delta), delta]
        return xp.concatenate(blocks, axis=-2).mT

    def input_slope(self, feature: int) -> Array:
        """Return d output / d x_feature, shape (n,)."""
        if self.weights[0].shape[0] == 1:
            return np.zeros(len(self.output))
        return self.weights[0][feature] @ self.sensitivities()[0]

    def slope_jacobian(self, feature: int) -> Array:
        """Return d² output / d x_feature d θ, shape (n, count): the Jacobian's forward-mode derivative."""
        n = len(self.output)
        if self.weights[0].shape[0] == 1:
            return np.zeros((n, 1))
        moved = np.zeros_like(self.inputs[0])
        moved[feature] = 1.0
        inputs, slopes = [moved], []
        for h, W, slope in zip(self.inputs, self.weights, self.slopes, strict=False):
            a = W[:-1].T @ moved
            slopes.append(CURVATURES[self.activation](W[:-1].T @ h + W[-1][:, None]) * a)
            moved = slope * a
            inputs.append(moved)
        delta, moved = np.ones((1, n)), np.zeros((1, n))
        blocks = []
        for k in range(len(self.weights) - 1, -1, -1):
            blocks += [moved, _crossed(inputs[k], delta) + _crossed(self.inputs[k], moved)]
            if k:
                back, moved_back = self.weights[k][:-1] @ delta, self.weights[k][:-1] @ moved
                delta, moved = back * self.slopes[k - 1], moved_back * self.slopes[k - 1] + back * slopes[k - 1]
        return np.concatenate(blocks[::-1]).T


def _crossed(h: Array, delta: Array) -> Array:
    """Return every product of h (i, n) and delta (o, n) in one row, (i o, n)."""
    products = h[..., :, None, :] * delta[..., None, :, :]
    return products.reshape(*h.shape[:-2], h.shape[-2] * delta.shape[-2], h.shape[-1])
