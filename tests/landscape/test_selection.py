"""The rules of choice on landscapes made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic._core import ArgumentError
from faradaic.approximations import Polynomial, RandomFeatures
from faradaic.data import Deterministic
from faradaic.landscape import Interpolating, OneStandardError, SmallestError

N = 16
SIGNS = np.where(np.arange(N) % 2, 1.0, -1.0)
# mean losses 4, 1.1, 1.0, 2 with scatter: of the loss itself large, of the difference between sizes 1 and 2 small
NOISE = 0.8 * SIGNS
LOSSES = np.stack([4.0 + NOISE, 1.1 + NOISE, 1.0 + NOISE, 2.0 + NOISE])
LOSSES[1] += 0.02 * SIGNS


def error_of_mean(values):
    return np.sqrt(N / (N - 1) * ((values - values.mean()) ** 2).sum()) / N


def test_standard_error_is_the_textbook_one(made):
    found = made(LOSSES, [1, 2, 3, 4])
    assert found.standard_error(LOSSES[2]) == pytest.approx(np.std(LOSSES[2], ddof=1) / np.sqrt(N))
    assert found.standard_error(LOSSES[2]) == pytest.approx(error_of_mean(LOSSES[2]))


def test_smallest_error(made):
    chosen = made(LOSSES, [1, 2, 3, 4]).select(SmallestError())
    assert (chosen.size, chosen.parameters) == (2, 3)
    assert chosen.test_error == pytest.approx(1.0)
    # the error of a root mean square, by the slope of the root
    assert chosen.standard_error == pytest.approx(error_of_mean(LOSSES[2]) / 2)
    tied = made(np.ones((3, N)), [5, 2, 9]).select(SmallestError())
    assert tied.parameters == 2


def test_paired_and_unpaired_rule_differ_as_they_should(made):
    found = made(LOSSES, [1, 2, 3, 4])
    # size 1 is worse by 0.1: five of the difference's standard errors, half of one of the loss's
    assert found.select(OneStandardError(paired=True)).size == 2
    assert found.select(OneStandardError(paired=False)).size == 1
    assert found.select().size == 2
    assert "no smaller size comes within one standard error" in found.select().reason
    reason = found.select(OneStandardError(paired=False)).reason
    assert reason == (
        "it has the fewest parameters within one standard error of the smallest test error, 1 V at 3 parameters"
    )


def test_the_rule_goes_by_parameters_and_not_by_place(made):
    close = LOSSES.copy()
    close[1] = close[2] + 0.1 * SIGNS + 0.01
    assert made(close, [1, 2, 3, 4]).select().parameters == 2
    shuffled = [3, 1, 0, 2]
    chosen = made(close[shuffled], np.array([1, 2, 3, 4])[shuffled]).select()
    assert chosen.parameters == 2


def test_more_parameters_are_never_chosen_over_the_best(made):
    same = np.stack([LOSSES[0], LOSSES[2], LOSSES[2] + 0.001 * SIGNS])
    assert made(same, [1, 3, 9]).select().parameters == 3


def test_rows_of_a_group_count_together(made):
    groups = np.repeat(np.arange(4), 4)
    losses = np.stack([np.repeat([1.0, 2.0, 3.0, 4.0], 4), np.full(N, 2.0)])
    grouped, single = made(losses, [1, 2], groups=groups), made(losses, [1, 2])
    assert grouped.standard_error(losses[0]) == pytest.approx(np.std([1, 2, 3, 4], ddof=1) / np.sqrt(4))
    assert single.standard_error(losses[0]) < grouped.standard_error(losses[0]) / 1.8
    # a difference of 0.5 with a standard error of 0.65 by groups, of 0.29 by rows
    assert grouped.select().size == 0
    assert single.select().size == 1


def test_failed_sizes_are_out(made):
    found = made(LOSSES, [1, 2, 3, 4], failed=[2])
    assert np.isnan(found.test_error[2])
    assert found.select().size == 1
    with pytest.raises(ArgumentError, match="No size of this landscape succeeded on every split"):
        made(LOSSES, [1, 2, 3, 4], failed=[0, 1, 2, 3]).select()


def test_interpolating(made):
    losses = np.array([4.0, 0.1, 1.0, 0.5])[:, None] * np.ones(N)
    found = made(losses, [2, 8, 15, 60], worst=[1.0, 0.2, 1e-9, 1e-9], reliability=Deterministic(1e-6))
    chosen = found.select()
    assert (chosen.parameters, chosen.interpolates) == (60, True)
    assert "of the sizes that meet every training row within 1e-06 V (2 of 4)" in chosen.reason
    assert not found.select(SmallestError()).interpolates
    # a looser tolerance may be asked for, in the unit of the response
    loose = found.select(Interpolating(tolerance=0.5))
    assert (loose.parameters, loose.interpolates) == (8, False)
    none = made(losses, [2, 8, 15, 60], worst=[1.0, 0.2, 0.1, 0.1], reliability=Deterministic(1e-6)).select()
    assert (none.parameters, none.interpolates) == (8, False)
    assert "no size meets every row within the tolerance of 1e-06 V" in none.reason


def test_a_selection_in_words(made):
    text = str(made(LOSSES, [1, 2, 3, 4]).select())
    assert text == (
        "polynomial of y in x, degree 2, 3 parameters (1 effective): test error 1 V ± 0.103, train error 1 V, noise "
        "floor unknown: no replicates and no stated sigma; chosen because no smaller size comes within one standard "
        "error of its test error. Regime: classical optimum."
    )


def test_what_is_chosen_is_fitted_with_the_landscapes_own_seed():
    x = np.linspace(0.0, 1.0, 15)
    data = fd.read(pd.DataFrame({"x": x, "y": np.sin(5 * x)}), x=["x"], y="y")
    found = fd.landscape(RandomFeatures(), data, sizes=[3, 6], seed=5, splits=3)
    design = found.select().design
    assert design.size == found.select().size
    again = fd.landscape(RandomFeatures(), data, sizes=[3, 6], seed=5, splits=3).select().design
    assert design.approximation.random_state == again.approximation.random_state
    assert fd.landscape(RandomFeatures(), data, sizes=[3], seed=6).select().design.approximation.random_state != (
        design.approximation.random_state
    )


def test_the_true_size_is_found():
    chosen = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        x = rng.uniform(-1, 1, 60)
        frame = pd.DataFrame({"x": x, "y": 1 - x + 2 * x**2 + 0.2 * rng.normal(size=60)})
        chosen.append(fd.landscape(Polynomial(), fd.read(frame, x=["x"], y="y"), sizes=range(6), seed=seed).select())
    parameters = [one.parameters for one in chosen]
    assert min(parameters) == 3
    assert parameters.count(3) >= 4
    assert np.median([one.test_error for one in chosen]) == pytest.approx(0.2, rel=0.15)
