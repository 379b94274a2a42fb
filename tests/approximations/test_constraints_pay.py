"""Shapes on 10,000 points, and what a true constraint is worth with ten noisy rows."""

from __future__ import annotations

import numpy as np
import pytest

from faradaic.approximations import Design, Log, Network, Spline, Standardise, Value

EPS = np.finfo(np.float64).eps
GRID = np.linspace(0.0, 2.0, 10_000)[:, None]


def conductivity(c):
    """Return a conductivity that saturates, S/m, of a concentration up to 2 mol/L: the truth of all repeats."""
    return 1.2 * (1.0 - np.exp(-c / 0.6))


def noisy(seed, n=10, sigma=0.06):
    """Return n rows at random concentrations with a noise of 5 % of the range."""
    rng = np.random.default_rng(seed)
    c = rng.uniform(0.0, 2.0, n)
    return c[:, None], conductivity(c) + sigma * rng.standard_normal(n)


MONOTONE = [
    Spline(12, monotone="increasing"),
    Spline(12, monotone="increasing", knots="quantile"),
    Spline(12, monotone="increasing", known=Value(0.0, at=0.0)),
    Design(Spline(12, monotone="increasing"), y=Log()),
    Network(5, monotone="increasing", iterations=100),
    Network(5, monotone="increasing", known=Value(0.0, at=0.0), iterations=100),
]
CONVEX = [
    Spline(12, convex="concave"),
    Spline(12, monotone="increasing", convex="concave", known=Value(0.0, at=0.0)),
    Network(5, convex="concave", activation="softplus", iterations=100),
    Design(Spline(12, convex="concave"), x=Standardise()),
]


@pytest.mark.parametrize("model", MONOTONE, ids=str)
def test_monotone_on_ten_thousand_points(model):
    for seed in range(5):
        c, k = noisy(seed)
        c, k = np.vstack([c, [[0.0], [2.0]]]), np.append(np.maximum(k, 0.01), [0.01, 1.1])
        fit = model.fit(c, k)
        steps = np.diff(fit.predict(GRID))
        # what is left is the rounding of the sum over the functions (or units) at each point
        assert steps.min() >= -20 * EPS * np.abs(k).max()
        assert (fit.derivative(GRID, 0) >= 0.0).all()


@pytest.mark.parametrize("model", CONVEX, ids=str)
def test_concave_on_ten_thousand_points(model):
    for seed in range(5):
        c, k = noisy(seed)
        c, k = np.vstack([c, [[0.0], [2.0]]]), np.append(k, [0.0, 1.1])
        fit = model.fit(c, k)
        values = fit.predict(GRID)
        assert np.diff(values, 2).max() <= 40 * EPS * np.abs(values).max()
        slopes = fit.derivative(GRID, 0)
        assert np.diff(slopes).max() <= 40 * EPS * np.abs(slopes).max()


def errors(model, repeats):
    """Return the root-mean-square error over the range of the rows in each repeat."""
    out = []
    for seed in range(repeats):
        c, k = noisy(seed)
        inside = GRID[(c.min() <= GRID) & (c.max() >= GRID)][::20, None]
        out.append(np.sqrt(np.mean((model.fit(c, k).predict(inside) - conductivity(inside.ravel())) ** 2)))
    return np.array(out)


@pytest.mark.parametrize(("n_basis", "least"), [(6, 0.8), (8, 0.95)])
def test_a_true_constraint_pays_with_ten_noisy_rows(n_basis, least):
    """The same design at the same size, with and without the constraint, over 200 repeats."""
    free, bound = errors(Spline(n_basis), 200), errors(Spline(n_basis, monotone="increasing"), 200)
    assert np.mean(bound < free) >= least
    assert np.median(bound) < 0.75 * np.median(free)
