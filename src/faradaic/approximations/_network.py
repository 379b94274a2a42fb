"""Small feed-forward networks trained to their training optimum by Levenberg–Marquardt."""

from __future__ import annotations

import time
from collections.abc import Sequence
from copy import copy
from typing import Any, Literal, Self

import numpy as np

from faradaic._core import ArgumentError, FitError, generator, joined, plural, seed_of

from ._base import Approximation, swept_sizes
from ._conditioned import Facts
from ._feed_forward import ACTIVATIONS, Forward, layers_of
from ._job import Job, Swept
from ._known import Slope, listed, usable
from ._levenberg_marquardt import Array, Minima
from ._linear import noise_freedom
from ._network_problem import Table, random_start, trained
from ._rows import Rows
from ._scaling import standard_scale
from ._shaped_network import ConstrainedProblem, Constraint, signs_of
from ._slope import from_factor

SMALL = 300


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
    restart_costs_ : array of shape (restarts,)
        Half the sum of squares of the weighted, standardised residuals (and of the penalty) at the end of each
        training, in the order of the starts.

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

    def parts(self, n_rows: int) -> int:
        """Return 2 for small tables: networks of many splits are trained as one batch."""
        return 2 if n_rows <= SMALL else super().parts(n_rows)

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
        table = self._standardised(rows)
        constraint, starts = self._constraint(), self._starts()
        if constraint is None:
            self._keep(self._trained([table], [starts])[0])
            J, tangent = self._jacobian(table), None
        else:
            bound = ConstrainedProblem(table, constraint, self.penalty)
            self._keep(bound.trained(starts, self.iterations))
            self.theta_, J, tangent = bound.plain(self.theta_)
        self.effective_parameters_ = self._effective(J)
        self._keep_spread(J, tangent, rows)

    def sweep(self, sizes: Sequence[Any], jobs: Sequence[Job]) -> list[Swept]:
        """Train the networks of one size to the rows of all jobs in batches; see `Approximation.sweep`."""
        found = [Swept.empty(len(sizes), len(job.at)) for job in jobs]
        for k, size in enumerate(sizes if jobs else ()):
            begin = time.perf_counter()
            model: Self = self.at_size(size)
            model._check()
            nets = [model._seeded(job.seed) for job in jobs]
            tables = [net._standardised(job.rows) for net, job in zip(nets, jobs, strict=True)]
            if any(net._constraint() for net in nets):
                return super().sweep(sizes, jobs)
            minima = model._trained(tables, [net._starts() for net in nets])
            share = (time.perf_counter() - begin) / len(jobs)
            for net, job, table, best, one in zip(nets, jobs, tables, minima, found, strict=True):
                one.seconds[k] = share
                with one.recording(k), np.errstate(over="ignore", invalid="ignore"):
                    net._keep(best)
                    one.prediction[k], one.effective[k] = net._predict(job.at), net._effective(net._jacobian(table))
        return found

    def _seeded(self, seed: int) -> Self:
        one = copy(self)
        one.random_state = seed
        return one

    @property
    def _layers(self) -> list[tuple[int, int]]:
        return layers_of(len(self.x_mean_), self.width, self.depth)

    def _standardised(self, rows: Rows) -> Table:
        """Keep the scales of the rows, and return them in these."""
        root = rows.root_precision / np.sqrt((rows.root_precision**2).mean())
        w = root**2 / (root**2).sum()
        self.x_mean_, self.x_std_ = standard_scale(rows.X, w)
        mean, std = standard_scale(rows.y, w)
        self.y_mean_, self.y_std_ = float(mean), float(std)
        return Table(self._scaled(rows.X), (rows.y - self.y_mean_) / self.y_std_, root)

    def _starts(self) -> list[Array]:
        rng = generator(seed_of(self.random_state), self.width, self.depth)
        return [random_start(self._layers, rng) for _ in range(self.restarts)]

    def _trained(self, tables: Sequence[Table], starts: Sequence[Sequence[Array]]) -> list[Minima]:
        layers = layers_of(tables[0].X.shape[1], self.width, self.depth)
        return trained(layers, self.activation, self.penalty, tables, starts, self.iterations)

    def _constraint(self) -> Constraint | None:
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
        return Constraint.of(self._layers, self.activation, slopes, curvature, facts)

    def _keep(self, found: Minima) -> None:
        """Keep the best of several trainings to the same rows."""
        self.restart_costs_ = found.cost
        best = int(np.argmin(np.where(np.isnan(found.cost), np.inf, found.cost)))
        self.theta_ = found.theta[best]
        self.iterations_, self.stop_reason_ = int(found.steps[best]), found.reason(best)
        self.converged_ = bool(found.converged[best])
        if not (np.isfinite(found.cost[best]) and np.isfinite(self.theta_).all()):
            raise FitError("training ended in a number that is not finite.")
        if self.count(len(self.x_mean_)) == 0:
            raise FitError("the network has no parameters.")

    def _jacobian(self, table: Table) -> Array:
        """Return the weighted Jacobian of the rows, (n, weights)."""
        return Forward(table.X, self.theta_, self._layers, self.activation).jacobian(table.root)

    def _effective(self, J: Array) -> float:
        """Return the parameters that the rows moved; ``J`` is the weighted Jacobian to what was trained."""
        if self.count(len(self.x_mean_)) > len(J):
            return float(np.linalg.matrix_rank(J @ J.T, hermitian=True))
        return float(self._shrunk(np.linalg.svd(J, compute_uv=False), len(J))[1].sum())

    def _shrunk(self, s: Array, n: int) -> tuple[Array, Array]:
        """Return which directions of singular values ``s`` the rows move, and by how much of what they ask for."""
        kept = s > s[0] * 1e-10
        return kept, s[kept] ** 2 / (s[kept] ** 2 + n * self.penalty)

    def _keep_spread(self, J: Array, tangent: Array | None, rows: Rows) -> None:
        """Keep the covariance of the weights; ``tangent`` is how they follow what was trained."""
        n = len(J)
        if self.count(len(self.x_mean_)) > n:
            # as many directions as rows are used up: nothing is left to tell the spread from
            self.covariance_root_, self.freedom_ = np.full((len(self.theta_), 1), np.nan), float("nan")
            return
        _, s, Vt = np.linalg.svd(J, full_matrices=False)
        kept, shrink = self._shrunk(s, n)
        left = n - self.effective_parameters_
        self.freedom_ = noise_freedom(rows, self.effective_parameters_)
        mean_precision = np.sqrt((rows.root_precision**2).mean())
        if rows.noise_std is not None and not rows.exact:
            unit = 1.0 / (self.y_std_ * mean_precision)
        else:
            off = rows.root_precision / mean_precision * (self._predict(rows.X) - rows.y) / self.y_std_
            unit = np.sqrt(float((off**2).sum()) / left) if left > 1e-9 else np.nan
        spread = unit * (Vt[kept].T / s[kept]) * shrink
        self.covariance_root_ = spread if tangent is None else tangent @ spread

    def forget_spread(self) -> None:
        """Drop the covariance of the weights; see `Approximation.forget_spread`."""
        super().forget_spread()
        self.covariance_root_ = np.full((len(self.theta_), 1), np.nan)

    def _scaled(self, X: Array) -> Array:
        return (X - self.x_mean_) / self.x_std_

    def _forward(self, X: Array) -> Forward:
        return Forward(self._scaled(X), self.theta_, self._layers, self.activation)

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
