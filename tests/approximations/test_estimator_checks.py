"""Scikit-learn's common checks on one instance of every public shell; a new family adds its line to the list."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from faradaic import approximations
from faradaic.approximations import (
    Approximation,
    CoKriging,
    Components,
    Design,
    ElasticNet,
    GaussianProcess,
    Inputs,
    LawRegressor,
    Network,
    Polynomial,
    PolynomialTerms,
    RandomFeatures,
    Spline,
    Standardise,
    Symmetric,
)

SHELLS = [
    Polynomial(degree=1),
    PolynomialTerms(terms=11),
    Spline(n_basis=4),
    Spline(n_basis=5, monotone="increasing", convex="concave", knots="quantile"),
    RandomFeatures(width=40),
    LawRegressor(),
    Network(width=2),
    GaussianProcess(centres=6, restarts=1),
    CoKriging(restarts=1),
    Symmetric(Spline(n_basis=4)),
    Components(components=1),
    Components(components=8, kind="pca"),
    ElasticNet(inputs=2, mixtures=(0.5, 1.0)),
    Inputs(Polynomial(degree=1)),
    Design(Polynomial(degree=2), x=Standardise(), y=Standardise()),
]

# family name -> {name of a check: why it cannot pass}
SCATTER = (
    "a row of weight 2 is the mean of two rows whose scatter is not known; the same row twice says in addition that "
    "they did not scatter, and lowers the fitted noise"
)
EXPECTED_FAILURES: dict[str, dict[str, str]] = {
    "GaussianProcess": {"check_sample_weight_equivalence_on_dense_data": SCATTER},
    "ElasticNet": {
        "check_sample_weight_equivalence_on_dense_data": "the penalty is cross-validated: a row that is there twice "
        "may lie in two folds, a row of weight two lies in one"
    },
    "CoKriging": {"check_sample_weight_equivalence_on_dense_data": SCATTER},
}


def expected_failures(estimator):
    return EXPECTED_FAILURES.get(type(estimator).__name__, {})


@parametrize_with_checks(SHELLS, expected_failed_checks=expected_failures)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_every_public_family_is_checked():
    # families that others bring enter the list with their own lines
    public = {
        thing
        for thing in vars(approximations).values()
        if isinstance(thing, type) and issubclass(thing, Approximation) and thing is not Approximation
    }
    assert public == {type(shell) for shell in SHELLS}


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell.label)
def test_size_axis_of_every_shell(shell):
    for n_rows, n_features in ((3, 1), (12, 1), (40, 3), (849, 3), (60, 6)):
        sizes = shell.sizes(n_rows, n_features)
        counts = [shell.at_size(size).count(n_features) for size in sizes]
        assert counts == sorted(set(counts))
        assert len(sizes) <= 25
        assert counts[0] == min(counts)
        assert counts[-1] <= max(4 * n_rows, counts[0])
        fewer = [shell.at_size(size).count(n_features) for size in shell.sizes(n_rows, n_features, most=2 * n_rows)]
        assert fewer == sorted(fewer)
    assert shell.at_size(sizes[-1]).size == sizes[-1]
    assert clone(shell).get_params(deep=True).keys() == shell.get_params(deep=True).keys()


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell.label)
def test_derivative_is_that_of_the_prediction(shell):
    rng = np.random.default_rng(3)
    X = rng.uniform(1.0, 3.0, (90, 2))
    fitted = clone(shell).fit(X, np.sin(X[:, 0]) * X[:, 1] + 0.1 * rng.standard_normal(90))
    at, step = rng.uniform(0.8, 3.2, (25, 2)), 1e-6
    for j in range(2):
        shift = step * (np.arange(2) == j)
        numeric = (fitted.predict(at + shift) - fitted.predict(at - shift)) / (2 * step)
        np.testing.assert_allclose(fitted.derivative(at, j), numeric, rtol=1e-6, atol=1e-6)
