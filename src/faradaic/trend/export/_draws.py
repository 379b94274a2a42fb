"""Trends that could as well have been: draws from what the data leave open."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from functools import singledispatch
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import block_diag, cho_solve, solve_triangular
from scipy.linalg.lapack import dpstrf
from sklearn.base import clone

from faradaic._core import ArgumentError, FitError, IntervalError, generator
from faradaic.approximations import (
    Approximation,
    CoKriging,
    Components,
    Design,
    GaussianProcess,
    Inputs,
    LawRegressor,
    Network,
    Polynomial,
    PolynomialTerms,
    RandomFeatures,
    Spline,
    Symmetric,
)
from faradaic.trend._calibration import coordinate_of, in_coordinate
from faradaic.trend._spread import spread_of

if TYPE_CHECKING:
    from faradaic.trend import Trend

Array = np.ndarray
Linear = Components | Polynomial | RandomFeatures | Spline
# points among which the nodes of a process are found, along one input and in more, and nodes at most
ALONG, MOST_CANDIDATES, MOST_NODES = 600, 2000, 800
# shares of the largest variance: nodes are taken until so little is left, and so much is too much to leave
LEFT, TOO_MUCH = 1e-4, 0.05
STEP = 1e-4  # of a weight, for the slope of a network by central differences


@dataclass(frozen=True)
class Deviates:
    """The random numbers of draws: standard normal, or of Student's t with ``freedom`` degrees, times ``stretch``."""

    seed: int
    freedom: float = np.inf
    stretch: float = 1.0

    def __call__(self, count: int, size: int) -> Array:
        """Return an array (count, size); each row has a generator of its own, the same however many rows there are."""
        z = np.empty((count, size))
        for k, row in enumerate(z):
            rng = generator(self.seed, k)
            row[:] = self.stretch * rng.standard_normal(size)
            if np.isfinite(self.freedom):
                row *= np.sqrt(self.freedom / rng.chisquare(self.freedom))
        return z


def draws(trend: Trend, count: int, seed: int) -> tuple[Trend, ...]:
    """Return trends drawn from the uncertainty of one; see `Trend.draws`."""
    if not (isinstance(count, int | np.integer) and count >= 1):
        raise ArgumentError(f"count must be a whole number from 1, got {count!r}.")
    if not trend.design.freedom_ > 0:
        raise IntervalError(
            "There is nothing to draw from: the data leave no degree of freedom to tell the spread of this trend; "
            "use fewer parameters or more rows, or state the noise of the data."
        )
    deviates = _deviates(trend, seed)
    if isinstance(_innermost(trend.design), LawRegressor):
        designs = refitted(trend, int(count), deviates)
    else:
        designs = [copy(trend.design) for _ in range(count)]
        for design, model in zip(designs, drawn(trend.design.approximation_, int(count), deviates), strict=True):
            design.approximation_ = model
    for design in designs:
        design.forget_spread()
    return tuple(replace(trend, design=design) for design in designs)


def _deviates(trend: Trend, seed: int) -> Deviates:
    """Return random numbers with which draws are as wide at the rows as the intervals of the trend are, on the whole.

    Its own standard deviation does not know that rows of a group err together, nor that length scales were fitted.
    """

    def at_rows(design: Design) -> Array:
        return in_coordinate(design, trend.data.judged.X)[0]

    own = in_coordinate(trend.design, trend.data.judged.X)[1]
    spread, freedom, reason = spread_of(trend, own, at_rows)
    if reason or not np.isfinite(spread).all():
        raise IntervalError(reason or "There is nothing to draw from: a fit without some of the rows is not finite.")
    size = float((own**2).mean())
    return Deviates(seed, freedom, float(np.sqrt((spread**2).mean() / size)) if size > 0 else 1.0)


def _innermost(design: Approximation) -> Approximation:
    while hasattr(design, "approximation_"):
        design = design.approximation_  # pyright: ignore[reportAttributeAccessIssue]
    return design


def refitted(trend: Trend, count: int, deviates: Deviates) -> list[Design]:
    """Return fits to what the trend says at the rows with noise drawn anew.

    A law may bend so much within the uncertainty of its parameters that their covariance says little of the curves.

    Raises
    ------
    IntervalError
        One of the fits failed.

    References
    ----------
    Efron & Tibshirani, *An Introduction to the Bootstrap*, 1993, section 6.5, 10.1007/978-1-4899-4541-9.
    """
    rows, design = trend._conditions, trend.design
    coordinate, law = coordinate_of(design), _innermost(design)
    assert isinstance(law, LawRegressor)
    middle = in_coordinate(design, rows.X)[0]
    if rows.noise_std is not None and rows.noise_std.any():
        weight, noise = None, rows.noise_std * np.abs(coordinate.slope(coordinate.inverse(middle)))
    else:
        weight, noise = rows.weight, np.sqrt(law.squares_ / (law.freedom_ * rows.weight))
    made = []
    for z in deviates(count, len(middle)):
        y = coordinate.inverse(middle + noise * z)
        try:
            made.append(clone(design).fit(rows.X, y, weight, noise_std=rows.noise_std))
        except FitError as error:
            raise IntervalError(f"Draw {len(made) + 1} of {count} has no fit ({error}); use a smaller law.") from error
    return made


@singledispatch
def drawn(model: Approximation, count: int, deviates: Deviates) -> list[Approximation]:
    """Return copies of a fitted family, each with other parameters; each family registers its own."""
    raise ArgumentError(f"A {type(model).__name__} cannot be drawn from; use another family.")


@drawn.register(Components)
@drawn.register(Polynomial)
@drawn.register(PolynomialTerms)
@drawn.register(RandomFeatures)
@drawn.register(Spline)
def _(model: Linear, count: int, deviates: Deviates) -> list[Approximation]:
    assert model.spread_ is not None
    rank = model.spread_.shape[1]
    z = deviates(count, rank + 1)
    # the mean of the response and the coefficients move together: their covariance is lift · variance of the mean
    together = (
        np.linalg.lstsq(model.spread_, model.lift_ * model.offset_variance_, rcond=None)[0] if rank else np.zeros(0)
    )
    alone = np.sqrt(max(model.offset_variance_ - float(together @ together), 0.0))
    shift = z[:, :rank] @ together + alone * z[:, rank]
    moved = z[:, :rank] @ model.spread_.T - shift[:, None] * model.pull_
    made = []
    for by, change in zip(shift, moved, strict=True):
        one = copy(model)
        one.offset_, one.coefficients_ = model.offset_ + float(by), model.coefficients_ + change
        made.append(one)
    return made


@drawn.register
def _(model: Network, count: int, deviates: Deviates) -> list[Approximation]:
    root = model.covariance_root_
    return [_linearised(model, change) for change in deviates(count, root.shape[1]) @ root.T]


def _linearised(model: Network, change: Array) -> Network:
    """Return the network plus its linear response to a change of its weights, as a network three times as wide.

    Weights move far along what the data do not determine, where only the linear response has the stated spread.
    """
    one, width, step = copy(model), int(model.width), STEP / max(float(np.abs(change).max()), np.finfo(float).tiny)
    if width == 0:
        one.theta_ = model.theta_ + change
        return one
    three = [
        _blocks(model, theta) for theta in (model.theta_, model.theta_ + step * change, model.theta_ - step * change)
    ]
    parts = [np.hstack([blocks[0] for blocks in three])]
    for layer in range(1, len(three[0]) - 1):
        wide = block_diag(*(blocks[layer][:-1] for blocks in three))
        parts.append(np.vstack([wide, np.hstack([blocks[layer][-1] for blocks in three])]))
    ends = [share * blocks[-1] for share, blocks in zip((1.0, 0.5 / step, -0.5 / step), three, strict=True)]
    parts.append(np.vstack([*(end[:-1] for end in ends), sum(end[-1:] for end in ends)]))
    one.width, one.theta_ = 3 * width, np.concatenate([part.ravel() for part in parts])
    return one


def _blocks(model: Network, theta: Array) -> list[Array]:
    """Return the weights of each layer with the offsets as the last row."""
    width, inside, at, blocks = int(model.width), len(model.x_mean_), 0, []
    for outputs in [width] * int(model.depth) + [1]:
        blocks.append(theta[at : at + (inside + 1) * outputs].reshape(inside + 1, outputs))
        at, inside = at + (inside + 1) * outputs, outputs
    return blocks


@drawn.register
def _(model: GaussianProcess, count: int, deviates: Deviates) -> list[Approximation]:
    covariance, centres = model._covariance(), model.centre_points_
    nodes, weights = _deviations(model, model.y_std_, count, deviates)
    across = covariance(centres, nodes) @ weights
    on_centres = -cho_solve((model.prior_root_, True), across)
    if model.data_root_.size:
        on_centres += cho_solve((model.data_root_, True), across)
    made = []
    for at_centres, at_nodes in zip(on_centres.T, weights.T, strict=True):
        one = copy(model)
        one.centre_points_ = np.vstack([centres, nodes])
        one.weights_ = np.concatenate([model.weights_ + at_centres, at_nodes])
        made.append(one)
    return made


@drawn.register
def _(model: CoKriging, count: int, deviates: Deviates) -> list[Approximation]:
    nodes, weights = _deviations(model, float(model.y_std_[-1]), count, deviates)
    level = np.full(len(nodes), len(model.y_std_) - 1)
    across = model._posterior().chain(model.centre_points_, model.level_, nodes, level) @ weights
    on_rows = -cho_solve((model.root_, True), across)
    made = []
    for at_rows, at_nodes in zip(on_rows.T, weights.T, strict=True):
        one = copy(model)
        one.centre_points_, one.level_ = np.vstack([model.centre_points_, nodes]), np.append(model.level_, level)
        one.weights_ = np.concatenate([model.weights_ + at_rows, at_nodes])
        made.append(one)
    return made


@drawn.register(Inputs)
@drawn.register(Symmetric)
def _(model: Inputs | Symmetric, count: int, deviates: Deviates) -> list[Approximation]:
    made = []
    for inner in drawn(model.approximation_, count, deviates):
        one = copy(model)
        one.approximation_ = inner
        made.append(one)
    return made


def _deviations(model: GaussianProcess | CoKriging, unit: float, count: int, deviates: Deviates) -> tuple[Array, Array]:
    """Return nodes (m, p) and weights (m, count): each draw leaves the mean by Σ_j w_j cov(f(x), f(node j)).

    Both in the standardised coordinates of the process; ``unit`` is the size of its response. The nodes are the
    candidates that a pivoted Cholesky factorisation takes, each where most of the variance is left; what a draw at
    the nodes says of the function elsewhere is its conditional mean.

    Raises
    ------
    IntervalError
        More nodes would be needed than a draw can carry.
    """
    candidates = _candidates(model.centre_points_, deviates.seed)
    raw = model.x_mean_ + model.x_std_ * candidates
    C = model.covariance(raw, raw) / unit**2
    largest = float(np.diag(C).max())
    if not largest > 0:
        return candidates[:0], np.zeros((0, count))
    factor, pivots, rank, _ = dpstrf(0.5 * (C + C.T), tol=LEFT * largest, lower=1)
    kept = min(int(rank), MOST_NODES)
    order, L = pivots - 1, np.tril(factor)[:, :kept]
    left = np.diag(C)[order] - (L**2).sum(axis=1)
    if left.max() > TOO_MUCH * largest:
        raise IntervalError(
            f"A draw of this process would need more than {MOST_NODES} points, since its length scales are short "
            f"against the range of the inputs; take fewer inputs, or another family."
        )
    return candidates[order[:kept]], solve_triangular(L[:kept], deviates(count, kept).T, lower=True, trans="T")


def _candidates(Z: Array, seed: int) -> Array:
    """Return points all over the range of ``Z`` (n, p), the scaled inputs, among which a draw finds its nodes."""
    low, high = Z.min(0), Z.max(0)
    if Z.shape[1] == 1:
        return np.linspace(low, high, ALONG)
    return np.vstack([low + (high - low) * generator(seed).uniform(size=(MOST_CANDIDATES, Z.shape[1])), low, high])
