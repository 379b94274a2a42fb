"""Small feed-forward networks trained to their training optimum by Levenberg–Marquardt."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import numpy as np

from faradaic._core import ArgumentError, FitError, generator, joined, plural, seed_of

from ._base import Approximation, swept_sizes
from ._conditioned import Facts
from ._feed_forward import ACTIVATIONS, Forward, layers_of
from ._known import Slope, listed, usable
from ._levenberg_marquardt import Array, Minimum, levenberg_marquardt
from ._linear import noise_freedom
from ._rows import Rows
from ._scaling import standard_scale
from ._shaped_network import ConstrainedProblem, Constraint, signs_of
from ._slope import from_factor


class Network(Approximation):
    """Feed-forward network with ``depth`` hidden layers of ``width`` units and a linear output.

    It is trained by Levenberg–Marquardt in the smaller of the parameter and the row system, so that it reaches its
    training optimum: below the interpolation threshold a stationary point, above it residuals of rounding size. An
    optimiser that stops earlier is an implicit regulariser; here regularisation is `penalty`, and only that.

    A shape holds by construction, everywhere: weights of one sign are ± softplus of the numbers that are trained. The
    slope has its sign without rounding. What is known holds to rounding: the output's weights (of a network with a
    shape: its offset) are moved with every step. As with a spline, the standard deviation holds weights that
    have run to zero fixed, and each known fact takes one parameter away. A positive response is `Log` in a `Design`.

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
    monotone : {None, "increasing", "decreasing"} or sequence of these, default None
        Sign of the slope along input number ``axis``, or along each input. Needs ``activation="tanh"``, or "softplus"
        if the network is convex or concave as well.
    convex : {None, "convex", "concave"}, default None
        Sign of the curvature, in all inputs together. Needs ``activation="softplus"``.
    axis : int, default 0
        Number of the input along which a single word in ``monotone`` holds.
    known : Value, Slope, or sequence of them
        Values and slopes at points that hold exactly. A network with a shape holds one value.

    Attributes
    ----------
    theta_ : array of shape (weights,)
        Weights and offsets, layer by layer; those of a network with a shape are plain weights too, of the right signs.
    iterations_, stop_reason_, converged_ : int, str, bool
        How the kept training ended.

    References
    ----------
    Hagan & Menhaj 1994, 10.1109/72.329697. Weights of one sign: Sill, *Monotonic networks*, NIPS 10 (1997).

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
        monotone: Any = None,
        convex: Literal["convex", "concave"] | None = None,
        axis: int = 0,
        known: Any = (),
    ) -> None:
        self.width = width
        self.depth = depth
        self.activation = activation
        self.penalty = penalty
        self.restarts = restarts
        self.iterations = iterations
        self.random_state = random_state
        self.monotone = monotone
        self.convex = convex
        self.axis = axis
        self.known = known

    @property
    def label(self) -> str:
        """The family with its shape, its activation, and its depth where that is not one."""
        monotone = self.monotone if self.monotone is None or isinstance(self.monotone, str) else "monotone"
        shape = ", ".join(word for word in (monotone, self.convex) if word)
        return f"{shape} {self.activation} network".lstrip() + ("" if self.depth == 1 else f" of depth {self.depth}")

    def count(self, n_features: int) -> int:
        """Return the number of weights and offsets, less what is known."""
        return self._count(n_features, self.width)

    def _count(self, n_features: int, width: int) -> int:
        weights = sum((i + 1) * o for i, o in layers_of(n_features, width, self.depth))
        return max(weights - len(listed(self.known)), 0)

    def sizes(self, n_rows: int, n_features: int, most: int | None = None) -> list[int]:
        """Return widths from the constant up to ``most`` parameters (default four times the rows)."""
        top = most or 4 * n_rows
        counts = []
        while not counts or counts[-1] < top:
            counts.append(self._count(n_features, len(counts)))
        widths = [width for width, count in enumerate(counts) if count >= 1]
        return swept_sizes(widths, [counts[width] for width in widths], n_rows, top)

    def _check(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise ArgumentError(f"activation must be {joined(ACTIVATIONS, 'or')}, got {self.activation!r}.")
        for name, least in (("width", 0), ("depth", 1), ("restarts", 1), ("iterations", 1)):
            value = getattr(self, name)
            if not (isinstance(value, (int, np.integer)) and value >= least):
                raise ArgumentError(f"{name} must be a whole number from {least}, got {value!r}.")
        if not self.penalty >= 0:
            raise ArgumentError(f"penalty must not be negative, got {self.penalty!r}.")

    def _fit(self, rows: Rows) -> None:
        self._check()
        root = rows.root_precision / np.sqrt((rows.root_precision**2).mean())
        w = root**2 / (root**2).sum()
        self.x_mean_, self.x_std_ = standard_scale(rows.X, w)
        mean, std = standard_scale(rows.y, w)
        self.y_mean_, self.y_std_ = float(mean), float(std)
        X, y = (rows.X - self.x_mean_) / self.x_std_, (rows.y - self.y_mean_) / self.y_std_
        layers = layers_of(X.shape[1], self.width, self.depth)
        problem = _Problem(X, y, root, layers, self.activation, self.penalty)
        rng = generator(seed_of(self.random_state), self.width, self.depth)
        # half the sum of squares at a root-mean-square residual of 1e-12 of the spread
        floor = 0.5 * len(y) * 1e-24
        starts = [problem.start(rng) for _ in range(self.restarts)]
        constraint = self._constraint(layers)
        search = partial(levenberg_marquardt, iterations=self.iterations, floor=floor)
        if constraint is None:
            best = min((search(problem, start) for start in starts), key=lambda m: m.cost)
            self._keep(best, best.theta, problem.jacobian(best.theta), None, rows)
            return
        bound = ConstrainedProblem(X, y, root, constraint, problem.decay)
        best = min((search(bound, constraint.free(s), settled=bound.settled) for s in starts), key=lambda m: m.cost)
        self._keep(best, *bound.plain(best.theta), rows)

    def _constraint(self, layers: list[tuple[int, int]]) -> Constraint | None:
        p = len(self.x_mean_)
        slopes, curvature = signs_of(self.monotone, self.convex, self.activation, self.axis, p)
        known = usable(self.known, p, "a network")
        shaped = bool(slopes.any() or curvature)
        if shaped and (len(known) > 1 or any(isinstance(fact, Slope) for fact in known)):
            raise ArgumentError(
                f"A network with a shape holds one known value and no slope, got {plural(len(known), 'fact')}; use a "
                f"spline, which holds more, or leave the shape out."
            )
        if not shaped and not known:
            return None
        facts = Facts.of(known, (self.x_mean_, self.x_std_), (self.y_mean_, self.y_std_)) if known else None
        return Constraint.of(layers, self.activation, slopes, curvature, facts)

    def _keep(self, best: Minimum, theta: Array, J: Array, tangent: Array | None, rows: Rows) -> None:
        """Keep the weights; ``J`` is the weighted Jacobian to what was trained, ``tangent`` how the weights follow."""
        if not np.isfinite(theta).all():
            raise FitError("training ended in a number that is not finite.")
        self.theta_ = theta
        self.iterations_, self.stop_reason_, self.converged_ = best.iterations, best.reason, best.converged
        n, p = len(J), self.count(len(self.x_mean_))
        if p == 0 or n == 0:
            raise FitError("the network has no parameters.")
        if p > n:
            # as many directions as rows are used up: nothing is left to tell the spread from
            self.effective_parameters_ = float(np.linalg.matrix_rank(J @ J.T, hermitian=True))
            self.covariance_root_, self.freedom_ = np.full((len(theta), 1), np.nan), float("nan")
            return
        _, s, Vt = np.linalg.svd(J, full_matrices=False)
        kept = s > s[0] * 1e-10
        shrink = s[kept] ** 2 / (s[kept] ** 2 + n * self.penalty)
        self.effective_parameters_ = float(shrink.sum())
        left = n - self.effective_parameters_
        self.freedom_ = noise_freedom(rows, self.effective_parameters_)
        mean_precision = np.sqrt((rows.root_precision**2).mean())
        if rows.noise_std is not None and not rows.exact:
            unit = 1.0 / (self.y_std_ * mean_precision)
        else:
            squares = float(
                (
                    (rows.root_precision / mean_precision) ** 2 * ((self._predict(rows.X) - rows.y) / self.y_std_) ** 2
                ).sum()
            )
            unit = np.sqrt(squares / left) if left > 1e-9 else np.nan
        spread = unit * (Vt[kept].T / s[kept]) * shrink
        self.covariance_root_ = spread if tangent is None else tangent @ spread

    def forget_spread(self) -> None:
        """Drop the covariance of the weights; see `Approximation.forget_spread`."""
        super().forget_spread()
        self.covariance_root_ = np.full((len(self.theta_), 1), np.nan)

    def _scaled(self, X: Array) -> Array:
        return (X - self.x_mean_) / self.x_std_

    def _forward(self, X: Array) -> Forward:
        return Forward(self._scaled(X), self.theta_, layers_of(X.shape[1], self.width, self.depth), self.activation)

    def _predict(self, X: Array) -> Array:
        return self.y_mean_ + self.y_std_ * self._forward(X).output

    def _predict_std(self, X: Array) -> tuple[Array, Array]:
        forward = self._forward(X)
        std = np.sqrt(((forward.jacobian() @ self.covariance_root_) ** 2).sum(1))
        return self.y_mean_ + self.y_std_ * forward.output, self.y_std_ * std

    def _covariance_between(self, A: Array, B: Array) -> Array:
        a, b = (self._forward(X).jacobian() @ self.covariance_root_ for X in (A, B))
        return self.y_std_**2 * (a @ b.T)

    def _derivative(self, X: Array, wrt: int) -> Array:
        return self.y_std_ / self.x_std_[wrt] * self._forward(X).input_slope(wrt)

    def _value_and_slope(self, X: Array, wrt: int) -> tuple[Array, Array, Array]:
        forward = self._forward(X)
        rows = np.stack([forward.jacobian(), forward.slope_jacobian(wrt) / self.x_std_[wrt]], axis=1)
        covariance = self.y_std_**2 * from_factor(rows @ self.covariance_root_)
        return self._predict(X), self._derivative(X, wrt), covariance


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
        r = self.root * (Forward(self.X, theta, self.layers, self.activation).output - self.y)
        return np.concatenate([r, self.decay * theta]) if self.decay[0] else r

    def linearised(self, theta: Array) -> tuple[Array, _Linearisation]:
        forward = Forward(self.X, theta, self.layers, self.activation)
        r = self.root * (forward.output - self.y)
        J = _Linearisation(forward, self.root, self.decay)
        return (np.concatenate([r, self.decay * theta]) if self.decay[0] else r), J

    def jacobian(self, theta: Array) -> Array:
        """Return the weighted Jacobian of the data rows, shape (n, count)."""
        return self.root[:, None] * Forward(self.X, theta, self.layers, self.activation).jacobian()


class _Linearisation:
    """The network's Jacobian; beyond n it is never formed, only its Gram matrix."""

    def __init__(self, forward: Forward, root: Array, decay: Array) -> None:
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
