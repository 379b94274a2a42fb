"""Feed-forward networks: activations, one pass, and how its output answers to weights and inputs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import erf, expit

Array = np.ndarray


def _tanh(a: Array) -> tuple[Array, Array]:
    h = np.tanh(a)
    return h, 1.0 - h * h


def _softplus(a: Array) -> tuple[Array, Array]:
    return np.logaddexp(0.0, a), expit(a)


def _gelu(a: Array) -> tuple[Array, Array]:
    cdf = 0.5 * (1.0 + erf(a / np.sqrt(2.0)))
    return a * cdf, cdf + a * np.exp(-0.5 * a * a) / np.sqrt(2.0 * np.pi)


def _sine(a: Array) -> tuple[Array, Array]:
    return np.sin(a), np.cos(a)


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
    """One pass through the network: what each layer saw, and how the output answers to it."""

    def __init__(self, X: Array, theta: Array, layers: list[tuple[int, int]], activation: str) -> None:
        self.inputs: list[Array] = []
        self.slopes: list[Array] = []
        self.weights: list[Array] = []
        self.activation = activation
        h, at = X[:, : layers[0][0]], 0
        for k, (i, o) in enumerate(layers):
            W = theta[at : at + (i + 1) * o].reshape(i + 1, o)
            at += (i + 1) * o
            self.inputs.append(h)
            self.weights.append(W)
            a = h @ W[:i] + W[i]
            if k < len(layers) - 1:
                h, slope = ACTIVATIONS[activation](a)
                self.slopes.append(slope)
        self.output = a[:, 0]

    def sensitivities(self) -> list[Array]:
        """Return d output / d (pre-activation) of each layer, (n, units)."""
        delta = np.ones((len(self.output), 1))
        out = [delta]
        for W, slope in zip(reversed(self.weights[1:]), reversed(self.slopes), strict=True):
            delta = (delta @ W[:-1].T) * slope
            out.append(delta)
        return out[::-1]

    def jacobian(self) -> Array:
        """Return d output / d θ, shape (n, count)."""
        blocks = []
        for h, delta in zip(self.inputs, self.sensitivities(), strict=True):
            augmented = np.column_stack([h, np.ones(len(h))])
            blocks.append((augmented[:, :, None] * delta[:, None, :]).reshape(len(h), -1))
        return np.concatenate(blocks, axis=1)

    def input_slope(self, feature: int) -> Array:
        """Return d output / d x_feature, shape (n,)."""
        if self.weights[0].shape[0] == 1:
            return np.zeros(len(self.output))
        return self.sensitivities()[0] @ self.weights[0][feature]

    def slope_jacobian(self, feature: int) -> Array:
        """Return d² output / d x_feature d θ, shape (n, count): the Jacobian's forward-mode derivative."""
        if self.weights[0].shape[0] == 1:
            return np.zeros((len(self.output), 1))
        moved = np.zeros_like(self.inputs[0])
        moved[:, feature] = 1.0
        inputs, slopes = [moved], []
        for h, W, slope in zip(self.inputs, self.weights, self.slopes, strict=False):
            a = moved @ W[:-1]
            slopes.append(CURVATURES[self.activation](h @ W[:-1] + W[-1]) * a)
            moved = slope * a
            inputs.append(moved)
        delta, moved = np.ones((len(self.output), 1)), np.zeros((len(self.output), 1))
        blocks = []
        for k in range(len(self.weights) - 1, -1, -1):
            still = np.column_stack([self.inputs[k], np.ones(len(delta))])
            turned = np.column_stack([inputs[k], np.zeros(len(delta))])
            block = turned[:, :, None] * delta[:, None, :] + still[:, :, None] * moved[:, None, :]
            blocks.append(block.reshape(len(delta), -1))
            if k:
                back, moved_back = delta @ self.weights[k][:-1].T, moved @ self.weights[k][:-1].T
                delta, moved = back * self.slopes[k - 1], moved_back * self.slopes[k - 1] + back * slopes[k - 1]
        return np.concatenate(blocks[::-1], axis=1)
