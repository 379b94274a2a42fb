"""What a Gaussian process knows beforehand, against dense joint covariances and finite differences."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from faradaic._core import ArgumentError, FitError
from faradaic.approximations import Design, GaussianProcess, Log, Reciprocal, Slope, Value
from faradaic.approximations._conditioned import Conditioned, Facts
from faradaic.approximations._evidence import Problem
from faradaic.approximations._kernels import Covariance
from faradaic.approximations._noise import Groups

KERNELS = ("rbf", "matern32", "matern52")
FACTS = Facts(
    np.array([[0.1, -0.3], [1.5, 0.4], [0.1, -0.3], [-0.6, 0.9]]),
    np.array([-1, 0, 1, -1]),
    np.array([0.4, -0.2, 0.7, -1.0]),
    np.array([0.0, 0.0, 0.03, 0.1]),
)


def problem(n=24, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    return X, np.sin(1.5 * X[:, 0]) + X.sum(1) / 3 + 0.1 * rng.normal(size=n)


@pytest.mark.parametrize("kernel", KERNELS)
def test_covariances_of_slopes_are_differences_of_the_kernel(kernel):
    cov, step = Covariance(kernel, 1.3, np.array([0.7, 1.6])), 1e-4
    A = np.random.default_rng(1).normal(size=(6, 2))
    for fact, (b, j) in enumerate(zip(FACTS.points, FACTS.wrt, strict=True)):
        for i in (-1, 0, 1):
            left = [(A, 1.0)] if i < 0 else [(A + s * step * np.eye(2)[i], s / (2 * step)) for s in (1, -1)]
            right = [(b, 1.0)] if j < 0 else [(b + s * step * np.eye(2)[j], s / (2 * step)) for s in (1, -1)]
            numeric = sum(u * v * cov(a, c[None])[:, 0] for a, u in left for c, v in right)
            np.testing.assert_allclose(FACTS.covariance(cov, A, i)[:, fact], numeric, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kernel", KERNELS)
def test_conditioning_first_is_the_joint_process(kernel):
    """The evidence and the posterior of rows and facts together, from one dense covariance."""
    X, y = problem()
    cov = Covariance(kernel, 1.3, np.array([0.7, 1.6]))
    noise = np.full(len(y), 0.05)
    cross, own = FACTS.covariance(cov, X), FACTS.own(cov)
    joint = np.block([[cov(X, X), cross], [cross.T, own]]) + np.diag(np.r_[noise, FACTS.variance])
    told = np.r_[y, FACTS.values]
    model = Problem(kernel, X, y, None, noise, False, None, FACTS)
    theta = np.log(np.r_[1.3, cov.lengthscale])
    prior = -0.5 * ((np.log(cov.lengthscale) - model.prior_mean) ** 2).sum() / 3.0
    expected = multivariate_normal(np.zeros(len(told)), joint).logpdf(told) + prior
    assert -model(theta)[0] == pytest.approx(expected, rel=1e-7)
    at = np.random.default_rng(2).normal(size=(9, 2))
    both = np.hstack([cov(at, X), FACTS.covariance(cov, at)])
    known = Conditioned.on(cov, FACTS)
    weights = np.linalg.solve(known(X, X) + np.diag(noise), y - known.mean(X))
    np.testing.assert_allclose(known.mean(at) + known(at, X) @ weights, both @ np.linalg.solve(joint, told), atol=1e-8)
    slope = known.mean_slope(at, 1) + known.derivative(at, X, 1) @ weights
    both = np.hstack([cov.derivative(at, X, 1), FACTS.covariance(cov, at, 1)])
    np.testing.assert_allclose(slope, both @ np.linalg.solve(joint, told), atol=1e-7)


@pytest.mark.parametrize("centres", [None, 7])
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("grouped", [False, True])
def test_gradient_of_the_evidence(kernel, centres, grouped):
    X, y = problem()
    groups = Groups.of(np.arange(len(y)) // 4, X) if grouped else None
    model = Problem(kernel, X, y, None if centres is None else X[:centres], np.ones(len(y)), True, groups, FACTS)
    theta = np.log(np.r_[1.3, 0.7, 1.6, 0.05, ([0.1, 1.5] if grouped else [])])
    gradient = model(theta)[1]
    for k in range(len(theta)):
        move = 1e-5 * (np.arange(len(theta)) == k)
        numeric = (model(theta + move)[0] - model(theta - move)[0]) / 2e-5
        assert gradient[k] == pytest.approx(numeric, rel=2e-5, abs=2e-5)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("noise", ["fitted", "none"])
@pytest.mark.parametrize("centres", [3, 1000])
def test_exact_facts_hold_to_rounding(kernel, noise, centres):
    X, y = problem()
    known = (Value(3.0, at=(0.5, 0.5)), Slope(-2.0, at=(0.5, 0.5), wrt=1), Slope(0.0, at=(2.0, 0.0), wrt=0))
    fit = GaussianProcess(centres, kernel, noise, restarts=1, known=known).fit(X, y)
    assert fit.predict([[0.5, 0.5]])[0] == pytest.approx(3.0, abs=1e-7)
    assert fit.derivative([[0.5, 0.5]], 1)[0] == pytest.approx(-2.0, abs=1e-7)
    assert fit.derivative([[2.0, 0.0]], 0)[0] == pytest.approx(0.0, abs=1e-7)
    value, slope, covariance = fit.value_and_slope([[0.5, 0.5], [0.0, 1.0]], 1)
    assert np.sqrt(np.abs(covariance[0]).max()) < 1e-4 < np.sqrt(covariance[1].min(initial=np.inf, where=np.eye(2) > 0))
    assert value[0] == pytest.approx(fit.predict([[0.5, 0.5]])[0], rel=1e-12)
    assert slope[0] == pytest.approx(fit.derivative([[0.5, 0.5]], 1)[0], rel=1e-12)
    assert fit.predict([[0.5, 0.5]], return_std=True)[1][0] < 1e-5


def test_a_fact_with_a_standard_deviation_is_weighed():
    x = np.linspace(0.0, 1.0, 12)[:, None]
    y = x.ravel() + 0.05 * np.random.default_rng(0).standard_normal(12)
    means, stds = zip(
        *(
            GaussianProcess(known=Value(-1.0, at=-0.5, std=std)).fit(x, y).predict([[-0.5]], return_std=True)
            for std in (0.0, 0.3, 1e3)
        ),
        strict=True,
    )
    free, free_std = GaussianProcess().fit(x, y).predict([[-0.5]], return_std=True)
    assert means[0] == pytest.approx(-1.0, abs=1e-9)
    assert means[0] < means[1] < means[2]
    assert means[2] == pytest.approx(free, rel=1e-2)
    assert stds[0] < stds[1] < 0.3
    assert stds[2] == pytest.approx(free_std, rel=1e-2)


def test_in_a_design_and_in_bad_company():
    T = np.linspace(280.0, 340.0, 15)[:, None]
    D = 1e-9 * np.exp(-3000.0 * (1.0 / T.ravel() - 1.0 / 300.0))
    known = (Value(2e-9, at=310.0), Slope(3e-11, at=310.0))
    fit = Design(GaussianProcess(known=known), x=Reciprocal(), y=Log()).fit(T, D)
    assert fit.predict([[310.0]])[0] == pytest.approx(2e-9, rel=1e-9)
    assert fit.derivative([[310.0]], 0)[0] == pytest.approx(3e-11, rel=1e-6)
    with pytest.raises(ArgumentError, match="along a face"):
        GaussianProcess(known=Value(0.0, at=(0.0, None))).fit(*problem())


def test_facts_add_no_parameter():
    x = np.linspace(0.0, 1.0, 12)[:, None]
    known = Value(0.0, at=0.0)
    assert GaussianProcess(5, known=known).count(1) == GaussianProcess(5).count(1)
    fit = GaussianProcess(known=known).fit(x, np.sin(3 * x.ravel()))
    assert fit.effective_parameters_ <= 13


@pytest.mark.parametrize(
    "known",
    [
        (Value(0.0, at=0.2), Value(1.0, at=0.2)),
        (Value(0.0, at=0.2), Value(1e-3, at=0.2)),
        (Slope(0.0, at=0.2), Slope(5.0, at=0.2)),
    ],
)
def test_facts_that_contradict_one_another_are_not_averaged(known):
    x = np.linspace(0.0, 1.0, 12)[:, None]
    for kernel in ("rbf", "matern52"):
        with pytest.raises(FitError, match="what is known contradicts itself"):
            GaussianProcess(kernel=kernel, known=known, restarts=1).fit(x, np.sin(3 * x.ravel()))
    # the same fact told twice, and one with room, are none
    GaussianProcess(known=(known[0], known[0]), restarts=1).fit(x, np.sin(3 * x.ravel()))
    soft = dataclasses.replace(known[1], std=0.5)
    GaussianProcess(known=(known[0], soft), restarts=1).fit(x, np.sin(3 * x.ravel()))
