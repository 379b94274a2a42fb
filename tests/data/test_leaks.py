"""Rows that are trained on and tested on are found, and readings that agree by chance are not."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic._core import LeakWarning
from faradaic.data import leaks, shared_rows, splits


def table(n: int, seed: int, cell: str = "a") -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n), "y": rng.normal(size=n), "cell": cell})


def read(frame, groups=None):
    return fd.read(frame, x=["x", "z"], y="y", groups=groups, name="spectra")


def test_a_file_that_is_tested_against_itself():
    train = read(table(20, 0))
    with pytest.warns(LeakWarning, match="All 20 rows of spectra that are tested occur in the training rows"):
        assert leaks(train, train).tolist() == list(range(20))


def test_some_rows_are_shared():
    train, test = table(40, 0), table(20, 1)
    both = read(pd.concat([test, train.iloc[[3, 7, 11, 15]]]))
    with pytest.warns(LeakWarning, match="4 of 24 rows"):
        assert leaks(read(train), both).tolist() == [20, 21, 22, 23]


def test_equal_inputs_with_another_response_are_replicates():
    train = table(20, 0)
    again = train.assign(y=train["y"] + 0.1)
    assert len(shared_rows(read(train), read(again))) == 0


def test_a_group_that_stands_there_twice():
    one, other = table(10, 0), table(10, 1, "b")
    data = read(pd.concat([one, other, one.assign(cell="c")]), groups="cell")
    with pytest.warns(LeakWarning, match="10 rows of spectra stand in both a and c, equal in inputs and response"):
        splits(data)


def test_rounded_readings_that_agree_are_no_leak():
    rows = [table(10, seed, str(seed)).round(0) for seed in range(8)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        splits(read(pd.concat(rows), groups="cell"))


def test_without_groups_replicates_stay_together_and_nothing_is_said():
    one = table(10, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        splits(read(pd.concat([one, one])))
