"""Bias², variance and noise against truths that are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic._core import ArgumentError, FitError
from faradaic.approximations import Design, Log, Polynomial
from faradaic.data import Experiment


def linear(seed, n=30, sigma=0.3, repeats=1):
    rng = np.random.default_rng(seed)
    x = np.repeat(rng.uniform(-1.0, 1.0, n), repeats)
    return x, 1.0 + 2.0 * x + sigma * rng.normal(size=len(x))


def dataset(x, y, reliability="experiment"):
    return fd.read(pd.DataFrame({"x": x, "y [mV]": y}), x=["x"], y="y [mV]", reliability=reliability)


@pytest.mark.parametrize("seed", range(5))
def test_a_cubic_of_a_linear_truth_has_no_bias(seed):
    found = fd.landscape(Polynomial(), dataset(*linear(seed), Experiment(0.3)), sizes=[0, 1, 3], seed=seed)
    parts = found.decompose()
    assert parts.bias2[2] < 0.01
    assert parts.noise == pytest.approx(0.09, rel=1e-9)
    # four parameters of thirty rows: variance 4/30 of the noise on the rows themselves
    assert parts.variance[2] == pytest.approx(0.09 * 4 / 30, rel=0.35)
    assert parts.variance[1] == pytest.approx(0.09 * 2 / 30, rel=0.5)
    assert parts.bias2[0] > 0.5
    np.testing.assert_allclose(parts.total, parts.bias2 + parts.variance + parts.noise)
    assert abs(parts.misfit) < 3 * parts.misfit_error


def test_noise_from_replicates():
    x, y = linear(1, repeats=20)
    parts = fd.landscape(Polynomial(), dataset(x, y), sizes=[0, 1, 3]).decompose()
    assert parts.noise == pytest.approx(0.09, rel=0.1)
    assert parts.noise_source == "replicates (570 degrees of freedom)"
    assert parts.bias2[2] < 0.01
    assert parts.variance[2] == pytest.approx(0.09 / 20 * 4 / 30, rel=0.35)


def test_a_biased_fit_has_the_bias_of_fresh_data_sets():
    x = np.linspace(-1.0, 1.0, 60)
    truth, sigma = np.sin(3.0 * x), 0.2
    rng = np.random.default_rng(99)
    oracle = {}
    for degree in (0, 1):
        fresh = truth + sigma * rng.normal(size=(300, 60))
        fits = np.stack([Polynomial(degree).fit(x[:, None], y).predict(x[:, None]) for y in fresh])
        variance = fits.var(axis=0, ddof=1).mean()
        oracle[degree] = ((fits.mean(0) - truth) ** 2).mean() - variance / 300, variance
    seen = []
    for seed in range(4):
        y = truth + sigma * np.random.default_rng(seed).normal(size=60)
        found = fd.landscape(Polynomial(), dataset(x, y, Experiment(sigma)), sizes=[0, 1, 5], splits=4, seed=seed)
        seen.append(found.decompose(rounds=20))
    for k, degree in enumerate((0, 1)):
        bias2, variance = oracle[degree]
        each = np.array([one.bias2[k] for one in seen])
        # one data set knows the bias only as well as its own trend: 2 bias × the error of the trend along it
        error = 2.0 * np.sqrt(bias2) * sigma / np.sqrt(60)
        assert np.abs(each - bias2).max() < 3.0 * error + 0.01
        assert each.mean() == pytest.approx(bias2, rel=0.12)
        assert np.mean([one.variance[k] for one in seen]) == pytest.approx(variance, rel=0.4)
    assert max(one.bias2[2] for one in seen) < 0.01


def test_what_the_whole_family_misses_is_seen_as_misfit():
    rng = np.random.default_rng(3)
    x = np.linspace(0, 1, 80)
    y = np.sin(40 * x) + 0.1 * rng.normal(size=80)
    found = fd.landscape(Polynomial(), dataset(x, y, Experiment(0.1)), sizes=[0, 1, 2])
    parts = found.decompose(rounds=10)
    assert parts.misfit > 2 * parts.misfit_error
    assert (parts.bias2 > 0.3).all()
    assert parts.noise == pytest.approx(0.01)


def test_the_same_seed_gives_the_same_parts_on_two_workers():
    found = fd.landscape(Polynomial(), dataset(*linear(0), Experiment(0.3)), sizes=[0, 1, 3])
    one, two = found.decompose(rounds=3), found.decompose(rounds=3, n_jobs=2)
    np.testing.assert_array_equal(one.variance, two.variance)
    np.testing.assert_array_equal(one.bias2, two.bias2)


def test_the_unit_is_that_of_the_response_squared():
    found = fd.landscape(Polynomial(), dataset(*linear(0), Experiment(0.3)), sizes=[1])
    parts = found.decompose(rounds=3)
    assert parts.unit == "mV"
    text = str(parts)
    assert text.startswith("noise σ² = 0.0900 (mV)² from the stated reliability")
    assert "2 parameters: bias² " in text
    assert text.splitlines()[-1].startswith("not explained at the optimum: ")


def test_a_size_whose_refits_fail_is_nan_and_not_a_number():
    class Picky(Polynomial):
        def _fit(self, rows):
            if self.degree == 2 and len(rows.y) == 30:  # all rows: a refit, not a fold
                raise FitError("not all of them")
            super()._fit(rows)

    found = fd.landscape(Picky(), dataset(*linear(0), Experiment(0.3)), sizes=[1, 2])
    parts = found.decompose(rounds=3)
    assert np.isnan(parts.bias2).tolist() == [False, True]
    assert np.isnan(parts.variance).tolist() == [False, True]
    # simulated responses below zero have no logarithm
    x = np.linspace(0, 1, 12)
    found = fd.landscape(Design(Polynomial(), y=Log()), dataset(x, 0.01 + 1e-3 * x, Experiment(0.02)), sizes=[0, 1])
    assert np.isnan(found.decompose(rounds=3).bias2).all()


def test_unknown_noise_cannot_be_split_off():
    found = fd.landscape(Polynomial(), dataset(*linear(0)), sizes=[1])
    with pytest.raises(
        ArgumentError, match="The noise is unknown, so bias and noise cannot be told apart; state sigma"
    ):
        found.decompose()
    exact = fd.landscape(Polynomial(), dataset(*linear(0), "deterministic"), sizes=[1])
    with pytest.raises(ArgumentError, match="Deterministic data have no noise"):
        exact.decompose()
    with pytest.raises(ArgumentError, match="rounds must be at least 2, got 1"):
        found.decompose(rounds=1)
