"""Co-kriging: one trend from sources of different worth, whose size is the form of their discrepancy."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.linalg import LinAlgError

from faradaic._core import ArgumentError, FitError, joined

from ._base import Approximation
from ._chain import Chain, ChainPosterior, Lower, Step
from ._chain_fit import OFFSET, LevelRows, StepProblem
from ._kernels import KERNELS, Array, Covariance, KernelName
from ._noise import Groups, Noise
from ._rows import Rows
from ._scaling import standard_scale

Discrepancy = Literal["offset", "scale", "full"]
DISCREPANCIES: tuple[Discrepancy, ...] = ("offset", "scale", "full")
# the matrices are dense, and their factorisation costs the third power of the rows
MOST_ROWS = 5000


class CoKriging(Approximation):
    r"""Autoregressive co-kriging: an expensive source as a multiple of a cheap one, plus what it says differently.

    .. math:: f_t(x) = \rho_t f_{t-1}(x) + c_t + \delta_t(x)

    Sources are ranked by `fit`'s ``source``, the highest is the truth and is what `predict` gives. Each δ is a
    Gaussian process with its own length scales. Rows of the sources need not coincide.
    The level of each source is fitted given all below it, by the largest likelihood p(its rows | rows below), which
    is exact wherever the rows lie, and the trend is then conditioned on all rows at once. With a single source it
    is a Gaussian process.

    Each source has its own noise: known standard deviations, none (zero), or one fitted variance (NaN). A source below
    the highest that is said to be exact still gets a small fitted variance, since a stationary process rarely
    follows a solver's every digit and spoils its length scales where it must (Gramacy & Lee 2012).

    The standard deviation takes the hyper-parameters as known, so with a dozen rows of the highest source it is too
    small: 95 % intervals made of it held three in four of the truths that were drawn from such a pair of processes
    (``benchmarks/coverage.py``).

    The size is the form of the discrepancy. ``"offset"``: f = f_below + c, in the units that came. ``"scale"``:
    ρ f_below + c. ``"full"``: with δ(x). Where δ is zero, what exact rows of the highest source leave is noise.

    Parameters
    ----------
    discrepancy : {"offset", "scale", "full"}, default "full"
        Form of the discrepancy between one source and the next.
    kernel : {"matern52", "matern32", "rbf"}, default "matern52"
        Covariance function of every process.
    restarts : int or None, default None
        Starts of each hyper-parameter search; None: 3 up to 200 rows, else 1.

    Attributes
    ----------
    ratio_ : array of shape (sources − 1,)
        ρ between each source and the one below, in the units of the responses.
    noise_std_ : array of shape (sources,)
        Fitted standard deviation of one row of each source, in the unit of the response; 0 where none was fitted.
    log_evidence_ : float
        Log likelihood (with the prior of the length scales) that was reached, summed over the sources.
    effective_parameters_ : float
        Trace of the smoother of the highest source's own rows: what they moved beyond the sources below.

    References
    ----------
    Kennedy & O'Hagan 2000, *Predicting the output from a complex computer code when fast approximations are
    available*, 10.1093/biomet/87.1.1. Le Gratiet & Garnier 2014, 10.1615/Int.J.UncertaintyQuantification.2014006914.
    Gramacy & Lee 2012, *Cases for the nugget in modeling computer experiments*, 10.1007/s11222-010-9224-x.

    Examples
    --------
    >>> import numpy as np
    >>> from faradaic.approximations import CoKriging
    >>> cheap, dear = np.linspace(0, 1, 21)[:, None], np.array([[0.0], [0.4], [0.6], [1.0]])
    >>> y = np.concatenate([np.sin(8 * cheap[:, 0]), 2 * np.sin(8 * dear[:, 0]) + dear[:, 0]])
    >>> source, exact = np.repeat([0, 1], [21, 4]), np.zeros(25)
    >>> trend = CoKriging().fit(np.vstack([cheap, dear]), y, noise_std=exact, source=source)
    >>> bool(np.allclose(trend.predict([[0.2], [0.8]]), 2 * np.sin([1.6, 6.4]) + [0.2, 0.8], atol=0.02))
    True
    """

    size_name = "discrepancy"
    models_sources = True

    def __init__(
        self, discrepancy: Discrepancy = "full", kernel: KernelName = "matern52", restarts: int | None = None
    ) -> None:
        self.discrepancy: Discrepancy = discrepancy
        self.kernel: KernelName = kernel
        self.restarts = restarts

    @property
    def label(self) -> str:
        """The family with its kernel and, but for the full one, the form of the discrepancy."""
        form = {"offset": " up to an offset", "scale": " up to a scale"}
        return self.swept_label + form.get(self.discrepancy, "")

    @property
    def swept_label(self) -> str:
        """The family with its kernel."""
        return f"{self.kernel} co-kriging"

    def count(self, n_features: int) -> int:
        """Return the numbers that maximise the likelihood with two sources.

        The lower source: amplitude, length scales, offset and noise. The highest: offset and noise; ρ unless it is
        one; amplitude and length scales unless δ is zero. The weights of the processes follow from these and the rows;
        how many the highest source's rows moved is ``effective_parameters_``.
        """
        self._check()
        return n_features + 3 + {"offset": 2, "scale": 3, "full": 4 + n_features}[self.discrepancy]

    def sizes(self, n_rows: int, n_features: int, most: int | None = None) -> list[Discrepancy]:
        """Return the three forms of the discrepancy, however many rows there are."""
        return list(DISCREPANCIES)

    def _check(self) -> None:
        if self.kernel not in KERNELS:
            raise ArgumentError(f"kernel must be {joined(sorted(KERNELS), 'or')}, got {self.kernel!r}.")
        if self.discrepancy not in DISCREPANCIES:
            raise ArgumentError(f"discrepancy must be {joined(DISCREPANCIES, 'or')}, got {self.discrepancy!r}.")
        if self.restarts is not None and not self.restarts >= 1:
            raise ArgumentError(f"restarts must be at least 1 or None, got {self.restarts!r}.")

    def _fit(self, rows: Rows) -> None:
        self._check()
        if len(rows.y) > MOST_ROWS:
            raise ArgumentError(
                f"Co-kriging takes up to {MOST_ROWS:,} rows, got {len(rows.y):,}; thin out the cheapest source."
            )
        level = np.zeros(len(rows.y), dtype=np.int64) if rows.source is None else rows.source
        count = int(level.max()) + 1
        self.x_mean_, self.x_std_ = standard_scale(rows.X)
        X = self._scaled(rows.X)
        self.y_mean_, self.y_std_ = _scales(rows.y, level, rows.weight)
        y = (rows.y - self.y_mean_[level]) / self.y_std_[level]
        steps: list[Step] = []
        variance, noise = np.zeros(count), np.zeros((len(y), len(y)))
        self.log_evidence_ = 0.0
        try:
            for t in range(count):
                own, below = np.flatnonzero(level == t), np.flatnonzero(level < t)
                given = self._level_rows(rows, X, y, own, t, highest=t == count - 1)
                lower = _lower(steps, X, y, level, noise, own, below)
                step, fitted, value = self._step(given, lower, t)
                steps.append(step)
                noise[np.ix_(own, own)] = fitted.dense()
                variance[t] = fitted.diagonal[0] / given.diagonal[0] if given.fits else 0.0
                self.log_evidence_ += value
            post = ChainPosterior.of(Chain(tuple(steps)), X, level, y, noise)
        except LinAlgError as error:
            raise FitError(f"the covariance of {len(y)} rows is singular to rounding ({error}).") from error
        self._keep(steps, post)
        self.noise_std_ = np.sqrt(variance) * self.y_std_
        self.effective_parameters_, self.freedom_ = post.effective(count - 1), float("inf")
        self.conditional_ = True

    def _step(self, given: LevelRows, lower: Lower, t: int) -> tuple[Step, Noise, float]:
        """Return the fitted step, the noise of its rows and the log evidence."""
        ratio = 0.0 if t == 0 else self.y_std_[t - 1] / self.y_std_[t] if self.discrepancy == "offset" else None
        problem = StepProblem(given, lower, self.kernel, ratio, self._free(t))
        number = self.restarts if self.restarts is not None else (3 if len(given.y) <= 200 else 1)
        theta, lost = problem.best(number)
        return *problem.at(theta), -lost

    def _free(self, t: int) -> bool:
        """Whether a level has a process of its own."""
        return t == 0 or self.discrepancy == "full"

    def _level_rows(self, rows: Rows, X: Array, y: Array, own: Array, t: int, *, highest: bool) -> LevelRows:
        """Return the rows of one level with what is known of their noise."""
        known = np.full(len(own), np.nan) if rows.noise_std is None else rows.noise_std[own]
        weight = rows.weight[own] / rows.weight[own].mean()
        if not known.any():
            meets = highest and self._free(t)
            return LevelRows(X[own], y[own], np.zeros(len(own)) if meets else 1.0 / weight, not meets, quiet=True)
        if not np.isnan(known).any():
            return LevelRows(X[own], y[own], (known / self.y_std_[t]) ** 2 / rows.weight[own], False)
        labels = None if rows.groups is None else rows.groups[own]
        shared = labels is not None and len(np.unique(labels)) < len(labels)
        groups = Groups.of(labels, X[own]) if shared and labels is not None else None
        return LevelRows(X[own], y[own], 1.0 / weight, True, groups)

    def _keep(self, steps: list[Step], post: ChainPosterior) -> None:
        p = post.X.shape[1]
        self.steps_ratio_ = np.array([step.ratio for step in steps])
        self.ratio_ = self.steps_ratio_[1:] * self.y_std_[1:] / self.y_std_[:-1]
        own = [step.process for step in steps]
        self.amplitude_ = np.array([0.0 if each is None else each.amplitude for each in own])
        self.lengthscale_ = np.array([np.ones(p) if each is None else each.lengthscale for each in own])
        self.centre_points_, self.level_ = post.X, post.level
        self.weights_, self.root_ = post.weights, post.root

    def _posterior(self) -> ChainPosterior:
        steps = [
            Step(float(ratio), Covariance(self.kernel, float(s2), length) if s2 > 0 else None, OFFSET)
            for ratio, s2, length in zip(self.steps_ratio_, self.amplitude_, self.lengthscale_, strict=True)
        ]
        return ChainPosterior(Chain(tuple(steps)), self.centre_points_, self.level_, self.weights_, self.root_)

    def forget_spread(self) -> None:
        """Drop the factor of the rows' covariance; see `Approximation.forget_spread`."""
        super().forget_spread()
        self.root_ = np.zeros((0, 0))

    def expansion(self) -> tuple[float, list[tuple[float, Array, Array, Array]]]:
        """Return the prediction written out in standardised coordinates: a constant and, for each process, its part.

        A part is (s², l, points (m, p), weights (m,)), and adds s² Σ_i w_i k(x, z_i).
        """
        chain, level = self._posterior().chain, self.level_
        parts = []
        for s, (s2, length) in enumerate(zip(self.amplitude_, self.lengthscale_, strict=True)):
            share = chain.share[-1, s] * chain.share[level, s]
            used = share != 0
            if s2 > 0 and used.any():
                parts.append((float(s2), length, self.centre_points_[used], (share * self.weights_)[used]))
        return chain.offset(self._highest, level, self.weights_), parts

    @property
    def _highest(self) -> int:
        return len(self.y_std_) - 1

    def _scaled(self, X: Array) -> Array:
        return (X - self.x_mean_) / self.x_std_

    def _predict(self, X: Array) -> Array:
        return self.y_mean_[-1] + self.y_std_[-1] * self._posterior().mean(self._scaled(X), self._highest)

    def _predict_std(self, X: Array) -> tuple[Array, Array]:
        if not self.root_.size:
            return self._predict(X), np.full(len(X), np.nan)
        variance = self._posterior().variance(self._scaled(X), self._highest)
        return self._predict(X), self.y_std_[-1] * np.sqrt(variance)

    def _covariance_between(self, A: Array, B: Array) -> Array:
        if not self.root_.size:
            return super()._covariance_between(A, B)
        return self.y_std_[-1] ** 2 * self._posterior().covariance(self._scaled(A), self._scaled(B), self._highest)

    def _derivative(self, X: Array, wrt: int) -> Array:
        slope = self._posterior().slope(self._scaled(X), self._highest, wrt)
        return self.y_std_[-1] / self.x_std_[wrt] * slope

    def _value_and_slope(self, X: Array, wrt: int) -> tuple[Array, Array, Array]:
        if not self.root_.size:
            return super()._value_and_slope(X, wrt)
        joint = self._posterior().with_slope(self._scaled(X), self._highest, wrt)
        unit = self.y_std_[-1] * np.array([1.0, 1.0 / self.x_std_[wrt]])
        return self._predict(X), self._derivative(X, wrt), joint * np.outer(unit, unit)


def _scales(y: Array, level: Array, weight: Array) -> tuple[Array, Array]:
    """Return mean and standard deviation of the responses of each level; of a lone row, the one below's."""
    means, stds = [], []
    for t in range(int(level.max()) + 1):
        own = level == t
        mean, std = standard_scale(y[own], weight[own])
        means.append(float(mean))
        stds.append(stds[-1] if stds and np.ptp(y[own]) == 0 else float(std))
    return np.array(means), np.array(stds)


def _lower(steps: list[Step], X: Array, y: Array, level: Array, noise: Array, own: Array, below: Array) -> Lower:
    """Return what the fitted levels say at the rows ``own`` of the next one, given the rows ``below``."""
    if not steps:
        return Lower(np.zeros(len(own)), np.zeros((len(own), len(own))))
    within = noise[np.ix_(below, below)]
    post = ChainPosterior.of(Chain(tuple(steps)), X[below], level[below], y[below], within)
    return Lower(post.mean(X[own], len(steps) - 1), post.covariance(X[own], X[own], len(steps) - 1))
