"""Splits: what is tested is never trained on, and what belongs together stays together."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import GroupKFold, KFold, RepeatedKFold, ShuffleSplit, TimeSeriesSplit

from faradaic._core import ArgumentError
from faradaic.data import read, splits


def data(n=60, x=None, **more):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"x": np.arange(n) if x is None else x, "y": rng.random(n)})
    return read(frame, x=["x"], y="y", **more)


def check_partition(made, n):
    for repeat in range(made.n_repeats):
        tests = [made.test(repeat, fold) for fold in range(made.n_folds)]
        np.testing.assert_array_equal(np.sort(np.concatenate(tests)), np.arange(n))
        for fold, test in enumerate(tests):
            assert len(test)
            np.testing.assert_array_equal(np.union1d(test, made.train(repeat, fold)), np.arange(n))
            assert not np.intersect1d(test, made.train(repeat, fold)).size


def test_random_folds():
    made = splits(data(), repeats=3)
    check_partition(made, 60)
    assert (made.kind, made.n_folds, made.n_repeats, made.ordered) == ("5-fold, 3 repeats", 5, 3, False)
    assert len({tuple(row) for row in made.fold}) == 3


def test_small_data_are_left_out_one_at_a_time():
    made = splits(data(20), repeats=4)
    check_partition(made, 20)
    assert (made.kind, made.fold.shape) == ("leave-one-out", (1, 20))
    assert splits(data(21)).n_folds == 5
    assert splits(data(20), folds=4).kind == "4-fold"


def test_replicates_stay_together():
    made = splits(data(60, x=np.arange(60) % 12), folds=4, repeats=2)
    check_partition(made, 60)
    assert made.kind == "4-fold with replicates kept together, 2 repeats"
    for row in made.fold:
        assert (row.reshape(5, 12) == row[:12]).all()


def test_groups_stay_together():
    made = splits(data(60, groups=np.arange(60) // 6), repeats=2)
    check_partition(made, 60)
    assert made.kind == "grouped 5-fold by groups, 2 repeats"
    for row in made.fold:
        assert (row.reshape(10, 6) == row[::6, None]).all()


def test_few_groups_are_left_out_one_at_a_time():
    made = splits(data(60, groups=np.arange(60) % 3), repeats=5)
    assert (made.kind, made.n_folds, made.n_repeats) == ("leave-one-groups-out", 3, 1)


def test_time_series_look_back_only():
    made = splits(data(ordered=True), repeats=3)
    assert (made.kind, made.ordered, made.n_repeats) == ("5 forward splits in time order", True, 1)
    for fold in range(5):
        train, test = made.train(0, fold), made.test(0, fold)
        assert train.max() < test.min()
    for fold, (train, test) in enumerate(TimeSeriesSplit(5).split(np.empty((60, 1)))):
        np.testing.assert_array_equal(made.train(0, fold), train)
        np.testing.assert_array_equal(made.test(0, fold), test)


def test_time_series_of_groups():
    """Groups follow one another as they first appear, and none is on both sides."""
    groups = np.repeat([3, 1, 2, 0, 4, 5], 10)
    made = splits(data(60, ordered=True, groups=groups), folds=3)
    for fold in range(3):
        assert not np.intersect1d(groups[made.train(0, fold)], groups[made.test(0, fold)]).size
        assert made.train(0, fold).max() < made.test(0, fold).min()


def test_too_short_for_time_splits():
    with pytest.raises(ArgumentError, match="9 folds are too many for 6 rows in time order; ask for at most 5"):
        splits(data(6, ordered=True), folds=9)


def test_splitter_objects_are_used_as_they_are():
    groups = np.random.default_rng(0).integers(0, 17, 60)
    grouped = data(60, groups=groups)
    made = splits(grouped, folds=GroupKFold(10))
    for fold, (train, test) in enumerate(GroupKFold(10).split(grouped.X, groups=grouped.groups)):
        np.testing.assert_array_equal(made.train(0, fold), train)
        np.testing.assert_array_equal(made.test(0, fold), test)
    assert "GroupKFold(n_splits=10" in made.kind
    assert splits(data(), folds=KFold(4, shuffle=True), repeats=3).fold.shape == (3, 60)
    assert splits(data(), folds=KFold(4), repeats=3).fold.shape == (1, 60)
    forward = splits(data(ordered=True), folds=TimeSeriesSplit(3))
    np.testing.assert_array_equal(forward.fold, splits(data(ordered=True), folds=3).fold)
    with pytest.raises(ArgumentError, match="cannot split 60 rows"):
        splits(grouped, folds=GroupKFold(40))


def test_splitter_objects_that_would_leak():
    with pytest.raises(ArgumentError, match=r"KFold.* puts rows that belong together \(groups\) on both sides"):
        splits(data(60, groups=np.arange(60) // 6), folds=KFold(4, shuffle=True))
    with pytest.raises(ArgumentError, match=r"puts rows that belong together \(replicates\) on both sides"):
        splits(data(60, x=np.arange(60) % 12), folds=KFold(7))
    for odd in (ShuffleSplit(3, random_state=0), RepeatedKFold(random_state=0), TimeSeriesSplit(3, gap=2)):
        with pytest.raises(ArgumentError, match="does not test every row once and train on all the others"):
            splits(data(), folds=odd)


def test_same_seed_same_splits():
    one = data(60, groups=np.arange(60) // 3)
    np.testing.assert_array_equal(splits(one, repeats=3, seed=7).fold, splits(one, repeats=3, seed=7).fold)
    assert (splits(one, seed=7).fold != splits(one, seed=8).fold).any()
    # a repeat does not depend on how many there are
    np.testing.assert_array_equal(splits(one, repeats=3).fold[:2], splits(one, repeats=2).fold)


@given(
    st.lists(st.integers(0, 9), min_size=25, max_size=60).filter(lambda x: len(set(x)) > 2),
    st.booleans(),
    st.integers(2, 3),
    st.integers(0, 5),
)
def test_splits_partition_and_never_separate(codes, as_groups, folds, seed):
    codes = np.array(codes)
    one = data(len(codes), groups=codes) if as_groups else data(len(codes), x=codes)
    made = splits(one, folds=folds, repeats=2, seed=seed)
    check_partition(made, len(codes))
    for row in made.fold:
        for code in np.unique(codes):
            assert len(np.unique(row[codes == code])) == 1
