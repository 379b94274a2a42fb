"""Synthetic curves and the inverse learned from them: invariants, planted losses, a real cell beside its alignment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from faradaic._core import ArgumentError
from faradaic.approximations import Polynomial
from faradaic.performance import (
    CurveNoise,
    OpenCircuit,
    align,
    chen2020,
    half_cell,
    learn_modes,
    mode_grid,
    modes,
    open_circuit,
    synthetic_curves,
)

NEGATIVE, POSITIVE = chen2020()
SHARE = np.linspace(0.0, 1.0, 300)
MODES = ("LLI", "LAM_NE", "LAM_PE")
WINDOW = (2.7, 4.12)


@pytest.fixture(scope="module")
def base():
    V = POSITIVE.at(0.9084 - 0.6423 * SHARE) - NEGATIVE.at(0.0279 + 0.8735 * SHARE)
    return align(OpenCircuit("fresh", 5.0 * SHARE, V), NEGATIVE, POSITIVE, intervals="student")


def test_no_loss_is_the_fresh_cell(base):
    made = synthetic_curves(base, np.zeros((1, 3)))
    assert made.capacity[0] == pytest.approx(5.0, rel=2e-3)
    np.testing.assert_allclose(made.voltage[0], np.interp(made.share, SHARE, base.curve.voltage), atol=3e-3)
    np.testing.assert_allclose(made.voltage[0][[0, -1]], made.window, atol=1e-3)


def test_curves_rise_between_the_voltages_and_losses_cost_capacity(base):
    grid = mode_grid(0.2, count=32, seed=5)
    made = synthetic_curves(base, grid, window=WINDOW)
    assert len(made) + made.left_out == 32
    assert (np.diff(made.voltage, axis=1) > -1e-9).all()
    np.testing.assert_allclose(made.voltage[:, [0, -1]], np.broadcast_to(WINDOW, (len(made), 2)), atol=1e-3)
    more = synthetic_curves(base, made.modes.assign(LLI=made.modes["LLI"] + 0.02), window=WINDOW)
    assert (more.capacity < made.capacity).all()  # lithium that is lost is lost to every window
    # a cell of which everything shrinks alike is the same cell, smaller
    alike = synthetic_curves(base, [[0.0, 0.0, 0.0], [0.2, 0.2, 0.2]], window=WINDOW)
    assert alike.capacity[1] == pytest.approx(0.8 * alike.capacity[0])
    np.testing.assert_allclose(alike.voltage[1], alike.voltage[0], atol=1e-6)


def test_noise_is_drawn_from_a_seed(base):
    made = synthetic_curves(base, np.zeros((2, 3)), window=WINDOW)
    noise = CurveNoise(1e-3, 1e-4, 0.1)
    once, again, other = (made.with_noise(noise, seed).voltage for seed in (1, 1, 2))
    np.testing.assert_array_equal(once, again)
    assert 2e-4 < np.std(once - made.voltage) < 3e-3
    assert np.abs(once - other).max() > 1e-4
    assert np.abs(once[0] - once[1]).max() > 1e-4


def test_losses_that_cannot_be(base):
    assert synthetic_curves(base, [[0.0, 0.0, 0.0], [0.9, 0.0, 0.0]]).left_out == 1
    with pytest.raises(ArgumentError, match="With none of these losses"):
        synthetic_curves(base, [[0.9, 0.0, 0.0]])
    with pytest.raises(ArgumentError, match="three finite columns below 1"):
        synthetic_curves(base, [[0.1, 0.2]])
    with pytest.raises(ArgumentError, match="Losses must lie between 0 and 1"):
        mode_grid(1.5)
    with pytest.raises(ArgumentError, match="lower and a higher voltage"):
        synthetic_curves(base, np.zeros((1, 3)), window=(4.0, 3.0))
    with pytest.raises(ArgumentError, match="at least 20 curves"):
        learn_modes(base, synthetic_curves(base, mode_grid(0.1, count=8), window=WINDOW))


def test_planted_modes_are_learned_within_their_intervals(base):
    noise = CurveNoise(5e-4, 2e-4, 0.1)
    known = synthetic_curves(base, mode_grid(0.2, count=128, seed=0, least=-0.02), window=WINDOW)
    learned = learn_modes(base, known, noise=noise, designs=Polynomial(degree=2))
    new = synthetic_curves(base, mode_grid(0.15, count=24, seed=7), window=WINDOW).with_noise(noise, 3)
    said = [{one.name: one for one in learned.predict(new.curve(k))} for k in range(len(new))]
    held, off = [], {name: [] for name in MODES}
    for k, told in enumerate(said):
        for name in MODES:
            truth, one = new.modes[name][k], told[name]
            if one.identified:
                held.append(one.low <= truth <= one.high)
                off[name].append(one.value - truth)
    assert len(held) > 0.9 * 3 * len(new)
    assert np.mean(held) > 0.8  # 90 % intervals; two standard errors are 0.07
    for name, most in (("LLI", 0.01), ("LAM_NE", 0.02), ("LAM_PE", 0.01)):  # losses spread by 0.06
        assert np.sqrt(np.mean(np.square(off[name]))) < most
    far = synthetic_curves(base, [[0.5, 0.3, 0.3]], window=WINDOW).curve(0)
    assert all("outside those that were learned from" in one.why for one in learned.predict(far))
    with pytest.raises(ArgumentError, match=r"must go from 2\.72 to 4\.1 V"):
        learned.predict(new.curve(0).between(3.0, 4.0))


def test_a_real_cell_is_told_as_its_alignment_tells_it(literature):
    folder = "ocv_halfcell/ampworks_dqdv"
    negative, positive = (half_cell(literature(f"{folder}/{name}_smooth.csv")) for name in ("gr", "nmc"))
    fresh, aged = (open_circuit(literature(f"{folder}/cell{k}_rough.csv")) for k in (1, 2))
    base = align(fresh, negative, positive, intervals="student")
    known = synthetic_curves(base, mode_grid(0.25, count=128, least=-0.03), window=(3.05, 4.08))
    learned = learn_modes(base, known)
    aligned = modes(fresh, aged, negative, positive, intervals="student")
    for one in learned.predict(aged):
        assert one.identified
        assert one.half_width < 0.05
        assert one.low < aligned[one.name].high
        assert aligned[one.name].low < one.high
    for one in learned.predict(fresh):  # of itself the fresh cell has lost nothing
        assert one.low < 0.0 < one.high


def test_a_table_of_modes_keeps_its_columns():
    grid = mode_grid({"LLI": 0.3, "LAM_NE": 0.1, "LAM_PE": 0.2}, count=64)
    assert isinstance(grid, pd.DataFrame)
    np.testing.assert_allclose(grid.max(), [0.3, 0.1, 0.2], rtol=0.05)
    # each third of each range holds a third of a balanced sequence
    counts = [np.histogram(grid[name], bins=4)[0] for name in MODES]
    assert np.abs(np.array(counts) - 16).max() <= 3
