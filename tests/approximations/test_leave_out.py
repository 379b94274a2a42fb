"""Rows left out in closed form, against fits without them and dense formulas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faradaic._core import ArgumentError
from faradaic.approximations import GaussianProcess, Slope, Value
from faradaic.approximations._kernels import Covariance
from faradaic.approximations._leave_out import left_out
from faradaic.approximations._marginal_likelihood import posterior, variance
from faradaic.approximations._noise import Groups, Noise

FACTS = [Value(10.0, at=[5.0, 1.0]), Slope(2.0, at=[5.0, 1.0], wrt=0, std=0.1)]


def data(n=36, seed=0, noise=0.3):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2)) * [3.0, 0.1] + [5.0, 1.0]
    y = 10.0 + 4.0 * np.sin(X[:, 0]) + 30.0 * (X[:, 1] - 1.0) + noise * rng.normal(size=n)
    return X, y, rng.uniform(0.5, 2.0, n), rng.uniform(0.1, 0.5, n)


def refits(model, X, y, labels, weight, noise_std):
    """Fit again without each label, everything held but the mean; return predictions and standard deviations."""
    mean, std = np.empty(len(y)), np.empty(len(y))
    for label in np.unique(labels):
        out = labels == label
        again = model.held().fit(X[~out], y[~out], weight[~out], noise_std=noise_std[~out])
        mean[out], std[out] = again.predict(X[out], return_std=True)
    return mean, std


@pytest.mark.parametrize("together", [False, True], ids=["rows", "groups"])
@pytest.mark.parametrize("case", ["fitted", "weights", "known", "exact", "facts", "rbf"])
def test_it_is_that_of_fits_without_the_rows(case, together):
    X, y, weight, noise_std = data(noise=0.0 if case == "exact" else 0.3)
    weight = weight if case in ("weights", "known") else np.ones(len(y))
    model = GaussianProcess(kernel="rbf" if case == "rbf" else "matern52", known=FACTS if case == "facts" else ())
    if case in ("known", "facts"):
        model.fit(X, y, weight, noise_std=noise_std)
    elif case == "exact":
        noise_std = np.zeros(len(y))
        model.fit(X, y, noise_std=noise_std)
    else:
        model.fit(X, y, weight)
        # the variance that was fitted, said to be known
        noise_std = np.full(len(y), model.y_std_ * np.sqrt(model.noise_variance_ * weight.mean()))
    labels = np.arange(len(y)) // 4 if together else np.arange(len(y))
    found = model.leave_out(labels if together else None)
    mean, std = refits(model, X, y, labels, weight, noise_std)
    # fits to exact data meet them to 1e-7 of their spread only, which extrapolation makes larger
    close = (1e-4 if case == "exact" else 1e-8) * np.ptp(y)
    np.testing.assert_allclose(found.prediction, mean, rtol=0.0, atol=close)
    np.testing.assert_allclose(found.residual, y - mean, rtol=0.0, atol=close)
    np.testing.assert_allclose(found.std, std, atol=1e-8 * np.ptp(y))
    own = noise_std / np.sqrt(weight)
    np.testing.assert_allclose(found.observation_std, np.hypot(std, own), atol=1e-8 * np.ptp(y))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), centres=st.sampled_from([None, 1, 6]), shared=st.booleans(), parts=st.integers(2, 9))
def test_any_parts_are_those_of_the_process_on_the_other_rows(seed, centres, shared, parts):
    rng = np.random.default_rng(seed)
    X, y, weight = rng.normal(size=(24, 2)), rng.normal(size=24), rng.uniform(0.5, 2.0, 24)
    y = y - np.average(y, weights=weight)
    cov, own = Covariance("matern52", 1.3, np.array([0.8, 1.7])), rng.uniform(0.05, 0.3, 24)
    labels = np.arange(24) // 2  # pairs share an error
    left = labels % parts
    Z = None if centres is None else X[:centres]

    def noise(rows):
        groups = Groups.of(labels[rows], X[rows]) if shared else None
        return Noise(own[rows], groups, 0.4 if shared else 0.0, 1.2)

    every = np.arange(24)
    found = left_out(cov, X, y, Z, noise(every), weight, [every[left == k] for k in range(parts)])
    for k in range(parts):
        out, kept = every[left == k], every[left != k]
        m = np.average(y[kept], weights=weight[kept])
        post = posterior(cov, X[kept], y[kept] - m, Z, noise(kept))
        k_out = cov(X[out], post.centres)
        np.testing.assert_allclose(found.prediction[out], m + k_out @ post.weights, atol=1e-8)
        np.testing.assert_allclose(found.std[out], np.sqrt(variance(cov.variance(X[out]), post, k_out)), atol=1e-7)


@pytest.mark.parametrize("centres", [1000, 9], ids=["exact", "centres"])
def test_groups_that_share_an_error_are_left_out_together(centres):
    X, y, _, _ = data(30)
    labels = np.arange(30) // 5
    y = y + np.random.default_rng(1).normal(size=6)[labels]
    model = GaussianProcess(centres, restarts=1).fit(X, y, groups=labels)
    found, named = model.leave_out(), model.leave_out(labels)
    np.testing.assert_array_equal(found.residual, named.residual)
    assert np.isfinite(found.std).all()
    assert (found.observation_std > found.std).all()
    coarser = model.leave_out(labels // 2)
    assert not np.allclose(coarser.residual, found.residual)
    with pytest.raises(ArgumentError, match="share an error, so they must be left out together"):
        model.leave_out(np.arange(30))


def test_what_cannot_be_left_out():
    X, y, _, _ = data(12)
    model = GaussianProcess(restarts=1).fit(X, y)
    with pytest.raises(ArgumentError, match="one label for each of the 12 rows, got shape \\(3,\\)"):
        model.leave_out([1, 2, 3])
    with pytest.raises(ArgumentError, match="all rows are of one group"):
        model.leave_out(np.zeros(12))
    model.forget_spread()
    with pytest.raises(ArgumentError, match="forget_spread"):
        model.leave_out()


def test_calibration_of_what_is_left_out():
    rng = np.random.default_rng(3)
    X = rng.uniform(-3, 3, size=(120, 1))
    y = np.sin(2 * X[:, 0]) + 0.2 * rng.normal(size=120)
    found = GaussianProcess(restarts=1).fit(X, y).leave_out()
    scores = found.residual / found.observation_std
    assert np.sqrt((scores**2).mean()) == pytest.approx(1.0, abs=0.12)
