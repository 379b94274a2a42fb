"""Trends that could as well have been: draws from what the data leave open."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from functools import singledispatch
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import block_diag, cho_factor, cho_solve, solve_triangular

from faradaic._core import ArgumentError, IntervalError, generator
from faradaic.approximations import (
    Approximation,
    CoKriging,
    GaussianProcess,
    LawRegressor,
    Network,
    Polynomial,
    RandomFeatures,
    Spline,
    Symmetric,
)

if TYPE_CHECKING:
    from faradaic.trend import Trend

Array = np.ndarray
Linear = Polynomial | RandomFeatures | Spline
NODES_ALONG, MOST_NODES = 0.15, 400  # of the length scale; of a process, beside its centres
NUDGE = 1e-9  # of the variance of a process, on the diagonal of its covariance
STEP = 1e-4  # of a weight, for the slope of a network by central differences


def draws(trend: Trend, count: int, seed: int) -> tuple[Trend, ...]:
    """Return trends drawn from the uncertainty of one; see `Trend.draws`."""
    if not (isinstance(count, int | np.integer) and count >= 1):
        raise ArgumentError(f"count must be a whole number from 1, got {count!r}.")
    freedom = trend.design.freedom_
    if not freedom > 0:
        raise IntervalError(
            "There is nothing to draw from: the data leave no degree of freedom to tell the spread of this trend; "
            "use fewer parameters or more rows, or state the noise of the data."
        )
    made = []
    for model in drawn(trend.design.approximation_, freedom, int(count), seed):
        model.forget_spread()
        design = copy(trend.design)
        design.approximation_, design.freedom_ = model, float("nan")
        made.append(replace(trend, design=design))
    return tuple(made)


@singledispatch
def drawn(model: Approximation, freedom: float, count: int, seed: int) -> list[Approximation]:
    """Return copies of a fitted family, each with other parameters; each family registers its own."""
    raise ArgumentError(f"A {type(model).__name__} cannot be drawn from; use another family.")


def _deviates(seed: int, shape: tuple[int, int], freedom: float) -> Array:
    """Return standard normal rows; where the noise was estimated, of Student's t with its degrees of freedom.

    Each row has a generator of its own: draw k is the same however many there are.
    """
    z = np.empty(shape)
    for k, row in enumerate(z):
        rng = generator(seed, k)
        row[:] = rng.standard_normal(shape[1])
        if np.isfinite(freedom):
            row *= np.sqrt(freedom / rng.chisquare(freedom))
    return z


@drawn.register(Polynomial)
@drawn.register(RandomFeatures)
@drawn.register(Spline)
def _(model: Linear, freedom: float, count: int, seed: int) -> list[Approximation]:
    assert model.spread_ is not None
    rank = model.spread_.shape[1]
    z = _deviates(seed, (count, rank + 1), freedom)
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
def _(model: LawRegressor, freedom: float, count: int, seed: int) -> list[Approximation]:
    assert model.spread_ is not None
    change = _deviates(seed, (count, model.spread_.shape[1]), freedom) @ model.spread_.T
    logarithmic = np.array([p.log for p in model.law.parameters]) & (model.theta_ > 0)
    lower, upper = model.law.bounds
    made = []
    for each in change:
        one = copy(model)
        relative = np.exp(np.where(logarithmic, each / np.where(logarithmic, model.theta_, 1.0), 0.0))
        theta = np.where(logarithmic, model.theta_ * relative, model.theta_ + each)
        one.theta_ = np.clip(theta, lower, upper)
        made.append(one)
    return made


@drawn.register
def _(model: Network, freedom: float, count: int, seed: int) -> list[Approximation]:
    root = model.covariance_root_
    return [_linearised(model, change) for change in _deviates(seed, (count, root.shape[1]), freedom) @ root.T]


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
def _(model: GaussianProcess, freedom: float, count: int, seed: int) -> list[Approximation]:
    nodes = _nodes(model.centre_points_, model.lengthscale_, seed)
    covariance = model._covariance()
    prior, across = covariance(nodes, nodes), covariance(model.centre_points_, nodes)
    explained = solve_triangular(model.prior_root_, across, lower=True)
    posterior = prior - explained.T @ explained
    if model.data_root_.size:
        kept = solve_triangular(model.data_root_, across, lower=True)
        posterior += kept.T @ kept
    made = []
    for weights in _deviations(prior, posterior, model.amplitude_, count, seed):
        one = copy(model)
        one.centre_points_ = np.vstack([model.centre_points_, nodes])
        one.weights_ = np.concatenate([model.weights_, weights])
        made.append(one)
    return made


@drawn.register
def _(model: CoKriging, freedom: float, count: int, seed: int) -> list[Approximation]:
    free, highest = model.amplitude_ > 0, len(model.y_std_) - 1
    nodes = _nodes(model.centre_points_, model.lengthscale_[free].min(axis=0), seed)
    chain, level = model._posterior(), np.full(len(nodes), highest)
    prior, posterior = chain.chain(nodes, level, nodes, level), chain.covariance(nodes, nodes, highest)
    made = []
    for weights in _deviations(prior, posterior, float(model.amplitude_.max()), count, seed):
        one = copy(model)
        one.centre_points_, one.level_ = np.vstack([model.centre_points_, nodes]), np.append(model.level_, level)
        one.weights_ = np.concatenate([model.weights_, weights])
        made.append(one)
    return made


@drawn.register
def _(model: Symmetric, freedom: float, count: int, seed: int) -> list[Approximation]:
    made = []
    for inner in drawn(model.approximation_, freedom, count, seed):
        one = copy(model)
        one.approximation_ = inner
        made.append(one)
    return made


def _deviations(prior: Array, posterior: Array, amplitude: float, count: int, seed: int) -> list[Array]:
    """Return weights of the covariances with the nodes, of the smoothest functions through draws at the nodes."""
    size, directions = np.linalg.eigh(0.5 * (posterior + posterior.T))
    root = directions * np.sqrt(np.maximum(size, 0.0))
    factor = cho_factor(prior + NUDGE * amplitude * np.eye(len(prior)), lower=True)
    drawn_there = _deviates(seed, (count, len(prior)), np.inf) @ root.T
    return list(cho_solve(factor, drawn_there.T).T)


def _nodes(Z: Array, lengthscale: Array, seed: int) -> Array:
    """Return the points, in the scaled inputs, at which a draw is made; between them it is the smoothest function."""
    low, high = Z.min(0), Z.max(0)
    if Z.shape[1] == 1:
        wanted = int(np.ceil(float((high - low)[0]) / (NODES_ALONG * float(lengthscale[0])))) + 1
        return np.linspace(low, high, int(np.clip(wanted, 40, MOST_NODES)))
    spread = low + (high - low) * generator(seed).uniform(size=(MOST_NODES, Z.shape[1]))
    return np.vstack([Z[: MOST_NODES // 2], spread])[:MOST_NODES]
