"""The Tafel region: the slope, and how much it hangs on the choice of the region."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic import laws
from faradaic._core import ArgumentError, IntervalError
from faradaic.identifiability import tafel_region

THERMAL = laws.GAS_CONSTANT * 298.15 / laws.FARADAY


def read(eta, j):
    return fd.read(pd.DataFrame({"eta [V]": eta, "j [A/m**2]": j}), x=["eta [V]"], y="j [A/m**2]")


def kinetics(eta, noise=0.01, seed=0):
    j = laws.butler_volmer(298.15)(eta[:, None], [2.0, 0.4, 0.6])
    return read(eta, j * np.exp(noise * np.random.default_rng(seed).normal(size=len(eta))))


@pytest.mark.parametrize(("branch", "alpha"), [("anodic", 0.4), ("cathodic", 0.6)])
def test_both_branches_of_butler_and_volmer(branch, alpha):
    eta = np.linspace(-0.3, 0.3, 81)
    found = tafel_region(kinetics(eta[eta != 0]), branch=branch)
    assert found.alpha_low < alpha < found.alpha_high
    assert found.slope == pytest.approx(np.log(10) * THERMAL / found.alpha)
    assert found.low >= THERMAL * np.log(100)
    assert found.exchange == pytest.approx(2.0, rel=0.05)
    assert found.stable
    assert "It does not hang on the region" in str(found)


def test_the_interval_covers():
    eta = np.linspace(0.12, 0.3, 20)
    hits = 0
    for seed in range(100):
        found = tafel_region(
            read(eta, np.exp(0.4 * eta / THERMAL + 0.02 * np.random.default_rng(seed).normal(size=20)))
        )
        hits += found.alpha_low < 0.4 < found.alpha_high
    # the region is chosen on the same rows, for being straight: no more than a few per cent are lost by that
    assert hits >= 88


def test_transport_ends_the_region():
    eta = np.linspace(0.12, 0.6, 60)
    j = laws.butler_volmer_limited(298.15)(eta[:, None], [2.0, 0.4, 0.6, 3000.0, 3000.0])
    found = tafel_region(read(eta, j * np.exp(0.01 * np.random.default_rng(1).normal(size=60))))
    assert found.high < 0.3  # where a tenth of the limiting current is reached
    assert 0.35 < found.alpha < 0.42


def test_a_slope_that_drifts_is_said_to_hang_on_the_region():
    eta = np.linspace(0.12, 0.35, 24)
    bent = 0.5 * eta / THERMAL - 6.0 * eta**2  # the noise hides the curvature of short regions, not their slopes
    found = tafel_region(read(eta, np.exp(bent + 0.03 * np.random.default_rng(3).normal(size=24))))
    assert not found.stable
    assert "It hangs on the region" in str(found)


def test_where_there_is_none():
    with pytest.raises(IntervalError, match=r"0 rows of the anodic branch lie beyond 118 mV, and it takes 5"):
        tafel_region(kinetics(np.linspace(0.01, 0.1, 20)))
    eta = np.linspace(0.12, 0.4, 30)
    with pytest.raises(IntervalError, match="bent everywhere"):
        tafel_region(read(eta, np.exp(50 * eta**2)))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"branch": "both"}, "'anodic' or 'cathodic'"),
        ({"temperature": 0}, "in K"),
        ({"level": 2}, "between 0 and 1"),
        ({"onset": -0.1}, "positive overpotential"),
    ],
)
def test_bad_input(change, says):
    with pytest.raises(ArgumentError, match=says):
        tafel_region(kinetics(np.linspace(0.1, 0.3, 20)), **change)


def test_several_inputs():
    table = pd.DataFrame({"eta [V]": [0.1, 0.2], "T [K]": [300.0, 310.0], "j [A/m**2]": [1.0, 2.0]})
    with pytest.raises(ArgumentError, match="one input"):
        tafel_region(fd.read(table, x=["eta [V]", "T [K]"], y="j [A/m**2]"))
