"""A stack with a target: which rows a trend is judged by, and what is kept apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from faradaic._core import ArgumentError, InputError
from faradaic.data import Experiment, Stochastic, collapse, read, splits, stack


def made(x=(0.0, 1.0, 2.0, 3.0), **how):
    return read(pd.DataFrame({"x": x, "y [V]": np.arange(len(x)) * 1.0}), x=["x"], y="y [V]", **how)


MODEL = made(reliability="deterministic", name="model")
CELL = made(name="cell")
SAMPLED = made(reliability="stochastic", sigma=0.1, name="sampled")


def test_the_only_experiment_is_the_target():
    assert stack(MODEL, CELL).target == 1
    assert stack(CELL, MODEL, SAMPLED).target == 0
    assert stack(MODEL, SAMPLED).target is None
    assert stack(CELL, made(name="other")).target is None
    assert stack(CELL).target is None


def test_a_target_can_be_named_numbered_or_refused():
    assert stack(MODEL, SAMPLED, target="sampled").target == 1
    assert stack(CELL, made(name="other"), target=0).target == 0
    assert stack(MODEL, CELL, target="all").target is None
    for wrong in ("modell", 2, -1, True, 0.5):
        with pytest.raises(ArgumentError, match="target must be the name of one source \\('model' or 'cell'\\)"):
            stack(MODEL, CELL, target=wrong)
    with pytest.raises(ArgumentError, match="target must be the name"):
        stack(CELL, CELL, target="cell")


def test_rows_that_judge():
    both = stack(CELL, MODEL, SAMPLED)
    assert both.on_target.tolist() == [True] * 4 + [False] * 8
    assert both.judged.sources == CELL.sources
    assert both.judged.reliability == Experiment()
    assert both.judged.target is None
    np.testing.assert_array_equal(both.judged.X, CELL.X)
    assert CELL.judged is CELL
    # the order of the sources, and the target above them all
    assert [both.rank[i] for i in (0, 4, 8)] == [3, 1, 2]
    part = both.take([0, 5, 6, 9])
    assert (part.target, len(part.judged)) == (0, 1)
    pooled = stack(CELL, MODEL, target="all")
    assert pooled.judged is pooled
    assert both.fingerprint != stack(CELL, MODEL, SAMPLED, target="all").fingerprint


def test_only_the_target_is_split():
    groups = np.repeat(["a", "b", "c"], 4)
    cell = made(x=np.arange(12.0), groups=groups, name="cell")
    both = stack(made(x=np.arange(30.0), reliability="deterministic", name="model"), cell)
    alone, beside = splits(cell, folds=3, repeats=1), splits(both, folds=3, repeats=1)
    assert beside.kind == alone.kind == "leave-one-groups-out"
    np.testing.assert_array_equal(beside.fold[:, 30:], alone.fold)
    assert (beside.fold[:, :30] == -1).all()
    for fold in range(3):
        assert set(range(30)) <= set(beside.train(0, fold).tolist())
        assert (beside.test(0, fold) >= 30).all()
    # a measured row stays away from its replicates, not from the computed row of the same condition
    twice = made(x=[0.0, 0.0, 1.0, 1.0, 2.0, 2.0], name="cell")
    assert splits(stack(MODEL, twice)).n_folds == 3


def test_collapse_keeps_sources_apart():
    X, y = [[1.0], [1.0], [1.0], [1.0], [2.0], [2.0]], [1.0, 3.0, 5.0, 7.0, 9.0, 9.0]
    source, noise = [0, 0, 1, 1, 2, 2], [0.1, 0.1, np.nan, np.nan, 0.0, 0.0]
    small = collapse(X, y, noise_std=noise, source=source)
    assert small.source.tolist() == [0, 1, 2]
    assert small.y.tolist() == [2.0, 6.0, 9.0]
    np.testing.assert_allclose(small.noise_std, [0.1 / np.sqrt(2), np.nan, 0.0])
    assert small.weight.tolist() == [2.0, 2.0, 2.0]
    assert collapse(X, y).source is None
    assert len(collapse(X, y, source=source).y) == 3
    with pytest.raises(ArgumentError, match="positive for every row, or zero for every row"):
        collapse(X, y, noise_std=[0.1, 0.0, 0.1, 0.1, 0.1, 0.1], source=source)
    with pytest.raises(ArgumentError, match="source must have one entry"):
        collapse(X, y, source=[0, 1])


def test_stacking_again_rescales_and_keeps_the_rule():
    again = stack(stack(MODEL, SAMPLED), CELL)
    assert again.target == 2
    assert again.sources[1].reliability == Stochastic(0.1)


def test_accounts_of_different_worth_may_differ():
    frame = pd.DataFrame({"x": [0.0, 1.0, 2.0], "y [V]": [5.0, 6.0, 7.0]})
    finer = read(frame, x=["x"], y="y [V]", reliability="deterministic", name="finer")
    assert stack(MODEL, finer, target="finer").target == 1
    with pytest.raises(InputError, match="have equal inputs but"):
        stack(MODEL, finer)
