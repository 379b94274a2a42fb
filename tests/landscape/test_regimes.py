"""The regimes: named on curves made by hand, and found where theory says in real sweeps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic.approximations import GaussianProcess, Network, Polynomial, RandomFeatures

N = 21  # 20 training rows under leave-one-out


def landscape_of(made, curve, parameters, **options):
    """Return a landscape of this root-mean-square test error; its rows differ a little, so that errors have errors."""
    scatter = 1.0 + 0.05 * np.sin(np.arange(N) * 2.0)
    scatter /= scatter.mean()
    return made(np.square(curve)[:, None] * scatter, parameters, **options)


def test_double_descent_by_hand(made):
    found = landscape_of(made, [3, 1, 2, 9, 4, 2], [1, 4, 10, 20, 40, 80])
    regimes = found.regimes
    assert (regimes.optimum, regimes.threshold, regimes.second_descent, regimes.far_enough) == (1, 3, True, True)
    assert regimes.names == (
        "underfit",
        "classical optimum",
        "overfit",
        "interpolation threshold",
        "second descent",
        "second descent",
    )
    assert regimes.text == (
        "Smallest test error before the threshold at 4 parameters; interpolation threshold: test error peaks at 9.00 V "
        "with 20 parameters for n = 20; second descent behind it to 2.00 V."
    )
    assert regimes.of(0) == "underfit"


def test_no_peak(made):
    found = landscape_of(made, [3, 1, 1.3, 1.4, 1.4, 1.4], [1, 4, 10, 20, 40, 80])
    assert (found.regimes.threshold, found.regimes.second_descent) == (None, False)
    assert "no peak near parameters = n = 20" in found.regimes.text


def test_a_peak_far_from_n_is_no_threshold(made):
    found = landscape_of(made, [3, 9, 1, 1.2, 1.1], [1, 4, 10, 20, 40])
    assert found.regimes.threshold is None


def test_a_sweep_that_ends_at_n_is_not_far_enough(made):
    short = landscape_of(made, [3, 1, 2], [1, 4, 20])
    assert not short.regimes.far_enough
    assert "The sweep ended at 1 n: sweep further before trusting the optimum." in short.regimes.text
    # a family that ends there has been followed to its end
    assert landscape_of(made, [3, 1, 2], [1, 4, 20], family=GaussianProcess()).regimes.far_enough
    falling = landscape_of(made, [3, 2, 9, 2, 1], [1, 4, 20, 40, 80])
    assert not falling.regimes.far_enough


def test_failed_sizes_do_not_disturb(made):
    found = landscape_of(made, [3, 1, 2, 9, 4, 2], [1, 4, 10, 20, 40, 80], failed=[1])
    assert (found.regimes.threshold, found.regimes.second_descent) == (3, True)
    assert found.regimes.optimum == 2


def noisy(seed, n, p):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    y = np.sin(X[:, 0]) + 0.5 * X[:, -1] + 0.5 * rng.normal(size=n)
    frame = pd.DataFrame(X, columns=[f"x{j}" for j in range(p)]).assign(y=y)
    return fd.read(frame, x=list(frame.columns[:-1]), y="y")


@pytest.mark.parametrize("seed", range(5))
def test_random_features_show_double_descent(seed):
    found = fd.landscape(RandomFeatures(), noisy(seed, 60, 5), seed=seed)
    regimes = found.regimes
    assert found.parameters.max() >= 4 * found.n_train
    assert regimes.threshold is not None
    assert found.parameters[regimes.threshold] == pytest.approx(found.n_train, rel=0.1)
    assert regimes.second_descent
    assert regimes.far_enough
    assert regimes.names[-1] == "second descent"
    assert "interpolation threshold" in regimes.names
    peak = found.test_error[regimes.threshold]
    assert peak > 3 * found.test_error[regimes.optimum]
    assert peak > 3 * found.test_error[-1]
    assert found.train_error[-1] < 1e-9
    assert found.select().regime == "classical optimum"


@pytest.mark.parametrize("seed", range(5))
def test_networks_show_double_descent(seed):
    found = fd.landscape(Network(), noisy(seed, 50, 3), seed=seed)
    regimes = found.regimes
    assert regimes.threshold is not None
    # a unit more is 5 parameters more, an eighth of n: the peak is at the width next to n or one beside it
    closest = np.abs(found.parameters - found.n_train).argmin()
    assert abs(regimes.threshold - closest) <= 1
    assert np.diff(found.parameters[closest - 1 : closest + 2]).tolist() == [5, 5]
    assert regimes.second_descent
    assert regimes.names[-1] == "second descent"
    assert found.train_error[-1] < 1e-6


def test_a_polynomial_of_clean_data_has_no_threshold_before_its_optimum():
    x = np.linspace(-1, 1, 25)
    data = fd.read(pd.DataFrame({"x": x, "y": np.exp(x)}), x=["x"], y="y", reliability="deterministic")
    found = fd.landscape(Polynomial(), data, sizes=range(9), splits=5)
    assert found.regimes.threshold is None
    assert found.regimes.names[0] == "underfit"
