"""Small feed-forward networks trained to their training optimum by Levenberg–Marquardt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import erf, expit

from faradaic._core import ArgumentError, FitError, generator, joined, seed_of

from ._base import Approximation, _Rows, swept_sizes
from ._levenberg_marquardt import Array, Minimum, levenberg_marquardt
from ._linear import noise_freedom
from ._scaling import standard_scale
from ._slope import from_factor


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


class Network(Approximation):
    """Feed-forward network with ``depth`` hidden layers of ``width`` units and a linear output.

    It is trained by Levenberg–Marquardt in the smaller of the parameter and the row system, so that it reaches its
    training optimum: below the interpolation threshold a stationary point, above it residuals of rounding size. An
    optimiser that stops earlier is an implicit regulariser; here regularisation is `penalty`, and only that.

    Parameters
    ----------
    width : int, default 4
        Units in each hidden layer; zero is the constant.
    depth : int, default 1
        Number of hidden layers.
    activation : {"tanh", "softplus", "gelu", "sine"}, default "tanh"
        Activation function of the hidden units.
    penalty : float, default 0.0
        Weight decay λ: adds ``λ |θ|²/2`` (without the output offset) to half the mean squared error of the
        standardised response.
    restarts : int, default 1
        Trainings from different random starts; the one of lowest training cost is kept.
    iterations : int, default 300
        Most Levenberg–Marquardt steps of one training.
    random_state : int, default 0
        Seed of the starts.

    Attributes
    ----------
    theta_ : array of shape (count,)
        Weights and offsets, layer by layer.
    iterations_, stop_reason_, converged_ : int, str, bool
        How the kept training ended.

    References
    ----------
    Hagan & Menhaj 1994, 10.1109/72.329697.

    Examples
    --------
    >>> import numpy as np
    >>> from faradaic.approximations import Network
    >>> x = np.linspace(-1, 1, 20)[:, None]
    >>> net = Network(width=3).fit(x, np.tanh(3 * x[:, 0]))
    >>> net.count(1), bool(abs(net.predict([[0.5]])[0] - np.tanh(1.5)) < 1e-4)
    (10, True)
    """

    size_name = "width"
    beyond_n = True

    def __init__(
        self,
        width: int = 4,
        depth: int = 1,
        activation: str = "tanh",
        penalty: float = 0.0,
        restarts: int = 1,
        iterations: int = 300,
        random_state: int = 0,
    ) -> None:
        self.width = width
        self.depth = depth
        self.activation = activation
        self.penalty = penalty
        self.restarts = restarts
        self.iterations = iterations
        self.random_state = random_state

    @property
    def label(self) -> str:
        """The family with its activation, and its depth where that is not one."""
        return f"{self.activation} network" + ("" if self.depth == 1 else f" of depth {self.depth}")

    def count(self, n_features: int) -> int:
        """Return the number of weights and offsets."""
        return sum((i + 1) * o for i, o in _layers(n_features, self.width, self.depth))

    def sizes(self, n_rows: int, n_features: int, most: int | None = None) -> list[int]:
        """Return widths from the constant up to ``most`` parameters (default four times the rows)."""
        top = most or 4 * n_rows
        counts = []
        while not counts or counts[-1] < top:
            counts.append(sum((i + 1) * o for i, o in _layers(n_features, len(counts), self.depth)))
        return swept_sizes(list(range(len(counts))), counts, n_rows, top)

    def _check(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise ArgumentError(f"activation must be {joined(ACTIVATIONS, 'or')}, got {self.activation!r}.")
        for name, least in (("width", 0), ("depth", 1), ("restarts", 1), ("iterations", 1)):
            value = getattr(self, name)
            if not (isinstance(value, (int, np.integer)) and value >= least):
                raise ArgumentError(f"{name} must be a whole number from {least}, got {value!r}.")
        if not self.penalty >= 0:
            raise ArgumentError(f"penalty must not be negative, got {self.penalty!r}.")

    def _fit(self, rows: _Rows) -> None:
        self._check()
        root = rows.root_precision / np.sqrt((rows.root_precision**2).mean())
        w = root**2 / (root**2).sum()
        self.x_mean_, self.x_std_ = standard_scale(rows.X, w)
        mean, std = standard_scale(rows.y, w)
        self.y_mean_, self.y_std_ = float(mean), float(std)
        X, y = (rows.X - self.x_mean_) / self.x_std_, (rows.y - self.y_mean_) / self.y_std_
        problem = _Problem(X, y, root, _layers(X.shape[1], self.width, self.depth), self.activation, self.penalty)
        rng = generator(seed_of(self.random_state), self.width, self.depth)
        # half the sum of squares at a root-mean-square residual of 1e-12 of the spread
        floor = 0.5 * len(y) * 1e-24
        found = [
            levenberg_marquardt(problem, problem.start(rng), iterations=self.iterations, floor=floor)
            for _ in range(self.restarts)
        ]
        self._keep(min(found, key=lambda m: m.cost), problem, rows)

    def _keep(self, best: Minimum, problem: _Problem, rows: _Rows) -> None:
        if not np.isfinite(best.theta).all():
            raise FitError("training ended in a number that is not finite.")
        self.theta_ = best.theta
        self.iterations_, self.stop_reason_, self.converged_ = best.iterations, best.reason, best.converged
        J = problem.jacobian(best.theta)
        n, p = J.shape
        if p == 0 or min(n, p) == 0:
            raise FitError("the network has no parameters.")
        if p > n:
            # as many directions as rows are used up: nothing is left to tell the spread from
            self.effective_parameters_ = float(np.linalg.matrix_rank(J @ J.T, hermitian=True))
            self.covariance_root_, self.freedom_ = np.full((p, 1), np.nan), float("nan")
            return
        _, s, Vt = np.linalg.svd(J, full_matrices=False)
        kept = s > s[0] * 1e-10
        shrink = s[kept] ** 2 / (s[kept] ** 2 + n * self.penalty)
        self.effective_parameters_ = float(shrink.sum())
        left = n - self.effective_parameters_
        self.freedom_ = noise_freedom(rows, self.effective_parameters_)
        r = problem.residual(best.theta)[:n]
        if rows.noise_std is not None and not rows.exact:
            unit = 1.0 / (self.y_std_ * np.sqrt((rows.root_precision**2).mean()))
        else:
            unit = np.sqrt(float(r @ r) / left) if left > 1e-9 else np.nan
        self.covariance_root_ = unit * (Vt[kept].T / s[kept]) * shrink

    def forget_spread(self) -> None:
        """Drop the covariance of the weights; see `Approximation.forget_spread`."""
        super().forget_spread()
        self.covariance_root_ = np.full((len(self.theta_), 1), np.nan)

    def _scaled(self, X: Array) -> Array:
        return (X - self.x_mean_) / self.x_std_

    def _forward(self, X: Array) -> _Forward:
        return _Forward(self._scaled(X), self.theta_, _layers(X.shape[1], self.width, self.depth), self.activation)

    def _predict(self, X: Array) -> Array:
        return self.y_mean_ + self.y_std_ * self._forward(X).output

    def _predict_std(self, X: Array) -> tuple[Array, Array]:
        forward = self._forward(X)
        std = np.sqrt(((forward.jacobian() @ self.covariance_root_) ** 2).sum(1))
        return self.y_mean_ + self.y_std_ * forward.output, self.y_std_ * std

    def _derivative(self, X: Array, wrt: int) -> Array:
        return self.y_std_ / self.x_std_[wrt] * self._forward(X).input_slope(wrt)

    def _value_and_slope(self, X: Array, wrt: int) -> tuple[Array, Array, Array]:
        forward = self._forward(X)
        rows = np.stack([forward.jacobian(), forward.slope_jacobian(wrt) / self.x_std_[wrt]], axis=1)
        covariance = self.y_std_**2 * from_factor(rows @ self.covariance_root_)
        return self._predict(X), self._derivative(X, wrt), covariance


def _layers(n_features: int, width: int, depth: int) -> list[tuple[int, int]]:
    """Return (inputs, outputs) of each layer; width zero leaves the output offset alone."""
    if width == 0:
        return [(0, 1)]
    return [(n_features, width)] + [(width, width)] * (depth - 1) + [(width, 1)]


class _Forward:
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


class _Problem:
    """Weighted residuals of one data set; the penalty enters as further rows."""

    def __init__(
        self, X: Array, y: Array, root: Array, layers: list[tuple[int, int]], activation: str, penalty: float
    ) -> None:
        self.X, self.y, self.root, self.layers, self.activation = X, y, root, layers, activation
        p = sum((i + 1) * o for i, o in layers)
        self.decay = np.full(p, np.sqrt(len(y) * penalty))
        self.decay[-1] = 0.0

    def start(self, rng: np.random.Generator) -> Array:
        """Return random weights whose units bend inside the (standardised) data; the output starts small."""
        blocks = []
        for k, (i, o) in enumerate(self.layers):
            W = rng.normal(size=(i + 1, o)) / np.sqrt(max(i, 1))
            if k < len(self.layers) - 1:
                W[:i] *= 1.5
                W[i] = rng.uniform(-2.0, 2.0, size=o)
            else:
                W[i] = 0.0
            blocks.append(W.ravel())
        return np.concatenate(blocks)

    def residual(self, theta: Array) -> Array:
        r = self.root * (_Forward(self.X, theta, self.layers, self.activation).output - self.y)
        return np.concatenate([r, self.decay * theta]) if self.decay[0] else r

    def linearised(self, theta: Array) -> tuple[Array, _Linearisation]:
        forward = _Forward(self.X, theta, self.layers, self.activation)
        r = self.root * (forward.output - self.y)
        J = _Linearisation(forward, self.root, self.decay)
        return (np.concatenate([r, self.decay * theta]) if self.decay[0] else r), J

    def jacobian(self, theta: Array) -> Array:
        """Return the weighted Jacobian of the data rows, shape (n, count)."""
        return self.root[:, None] * _Forward(self.X, theta, self.layers, self.activation).jacobian()


class _Linearisation:
    """The network's Jacobian; beyond n it is never formed, only its Gram matrix."""

    def __init__(self, forward: _Forward, root: Array, decay: Array) -> None:
        self.forward, self.root, self.decay = forward, root, decay
        extra = len(decay) if decay[0] else 0
        self.shape = (len(root) + extra, len(decay))
        self._J = None if self.shape[1] > self.shape[0] else root[:, None] * forward.jacobian()

    def gram(self) -> Array:
        if self._J is not None:
            out = self._J.T @ self._J
            out[np.diag_indices_from(out)] += self.decay**2
            return out
        out = np.zeros((len(self.root), len(self.root)))
        for h, delta in zip(self.forward.inputs, self.forward.sensitivities(), strict=True):
            out += (h @ h.T + 1.0) * (delta @ delta.T)
        return out * np.outer(self.root, self.root)

    def transposed(self, r: Array) -> Array:
        n = len(self.root)
        tail = self.decay * r[n:] if len(r) > n else 0.0
        if self._J is not None:
            return self._J.T @ r[:n] + tail
        scaled = (self.root * r[:n])[:, None]
        blocks = []
        for h, delta in zip(self.forward.inputs, self.forward.sensitivities(), strict=True):
            weighted = delta * scaled
            blocks.append(np.concatenate([h.T @ weighted, weighted.sum(0)[None]]).ravel())
        return np.concatenate(blocks) + tail
