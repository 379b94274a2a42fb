"""A trend of a stack: holds all rows where it learned from all, and promises only for its target."""

from __future__ import annotations

import numpy as np
import pandas as pd

import faradaic as fd
from faradaic.approximations import CoKriging, Design, Log, Polynomial
from faradaic.data import stack


def sources():
    x, at = np.linspace(0, 1, 21), np.array([0.1, 0.1, 0.3, 0.5, 0.7, 0.7, 0.9])
    computed = pd.DataFrame({"x": x, "y [mV]": 1e3 * (2 + np.sin(7 * x))})
    measured = pd.DataFrame({"x": at, "y [V]": 5 + 2 * np.sin(7 * at) + at + 0.02 * np.cos(91 * np.arange(7))})
    return (
        fd.read(computed, x=["x"], y="y [mV]", reliability="deterministic", name="model"),
        fd.read(measured, x=["x"], y="y [V]", sigma=0.02, name="cell"),
    )


def test_trend_of_all_sources(tmp_path):
    computed, measured = sources()
    both = stack(computed, measured)
    trend = fd.fit(Design(CoKriging(kernel="rbf"), y=Log()), both)
    assert len(trend.data) == 28
    np.testing.assert_array_equal(trend.X[:, 0], [0.1, 0.3, 0.5, 0.7, 0.9])
    assert (trend.quality.rows, trend.quality.conditions) == (7, 5)
    assert (trend.domain.low, trend.domain.high) == (0.1, 0.9)
    x = np.linspace(0.1, 0.9, 30)
    np.testing.assert_allclose(trend.predict(x) / 1e3, 5 + 2 * np.sin(7 * x) + x, atol=0.15)
    again = fd.load(trend.save(tmp_path / "both.trend"))
    assert again.data.target == 1
    np.testing.assert_array_equal(again.predict(x), trend.predict(x))
    np.testing.assert_array_equal(again.predict(x, return_std=True)[1], trend.predict(x, return_std=True)[1])
    np.testing.assert_array_equal(again.derivative(x, "x"), trend.derivative(x, "x"))


def test_calibration_leaves_out_rows_of_the_target_only():
    both = stack(*sources())
    calibration = fd.fit(CoKriging(kernel="rbf", restarts=1), both).calibration
    assert (calibration.clusters, calibration.unit, len(calibration.models)) == (5, "condition", 5)
    assert (calibration.part[:21] == -1).all()
    assert np.isfinite(calibration.residual[21:]).all()
    assert np.abs(calibration.residual[21:]).max() < 0.8  # of a response that goes from 3 to 7.2
    # each of the models has learned from all computed rows
    assert all((model.approximation_.level_ == 0).sum() == 21 for model in calibration.models)


def test_trend_of_the_target_alone_keeps_its_rows_alone():
    computed, measured = sources()
    trend = fd.fit(Polynomial(degree=1), stack(computed, measured))
    assert len(trend.data) == 7
    assert trend.data.sources == stack(computed, measured).judged.sources
