"""In what errors are counted, and the noise floor by each reliability."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic._core import ArgumentError
from faradaic.data import Deterministic, Experiment, Stochastic
from faradaic.landscape import Measure, noise_floor


def table(y, reliability="experiment", x=None, **options):
    frame = pd.DataFrame({"x": np.arange(float(len(y))) if x is None else x, "k [mS/cm]": y})
    frame = frame.assign(**options.pop("columns", {}))
    return fd.read(frame, x=["x"], y="k [mS/cm]", reliability=reliability, **options)


Y = np.array([1.0, 2.0, 4.0, 3.0])
WIDE = np.array([1.0, 30.0, 4.0, 500.0])


def test_choice_of_measure():
    assert Measure.suited_to(table(Y)).name == "absolute"
    assert Measure.suited_to(table(WIDE)).name == "relative"
    assert Measure.suited_to(table(WIDE * [1, 1, -1, 1])).name == "absolute"
    assert Measure.suited_to(table(WIDE * [1, 1, 0, 1])).name == "absolute"
    assert Measure.suited_to(table(WIDE, Experiment(0.3))).name == "relative"
    rows = table(Y, "stochastic", sigma="s", columns={"s": [0.1, 0.1, 0.2, 0.1]})
    assert Measure.suited_to(rows).name == "standardised"
    assert Measure.suited_to(table(Y, Stochastic(0.1))).name == "absolute"
    assert Measure.suited_to(table(Y, "deterministic")).name == "absolute"


def test_residuals():
    y, prediction, noise = np.array([1.0, 2.0, 4.0]), np.array([2.0, -1.0, 4.0]), np.array([0.5, 1.0, 2.0])
    np.testing.assert_allclose(Measure("absolute").residual(prediction, y, None), [1.0, -3.0, 0.0])
    np.testing.assert_allclose(Measure("standardised").residual(prediction, y, noise), [2.0, -3.0, 0.0])
    np.testing.assert_allclose(Measure("relative").residual(prediction, y, None), [np.log(2.0), np.nan, 0.0])


def test_units():
    data = table(Y)
    assert [Measure(name).unit(data) for name in ("absolute", "relative", "standardised")] == [
        "mS/cm",
        "in ln k",
        "standard errors",
    ]
    assert Measure("absolute").scale(data) == pytest.approx(10.0)
    assert Measure("relative").scale(data) == 1.0


def test_floor_of_stated_noise():
    floor = noise_floor(table(Y, Experiment(0.3)), Measure("absolute"))
    assert (floor.value, floor.source, floor.known) == (pytest.approx(0.3), "stated sigma", True)
    rows = table(Y, "stochastic", sigma="s", columns={"s": [0.1, 0.1, 0.2, 0.4]})
    assert noise_floor(rows, Measure("standardised")).value == 1.0
    assert noise_floor(rows, Measure("standardised")).source == "standard errors"
    assert noise_floor(rows, Measure("absolute")).value == pytest.approx(np.sqrt(0.22 / 4))
    relative = np.sqrt((np.array([0.1, 0.05, 0.05, 0.4 / 3]) ** 2).mean())
    assert noise_floor(rows, Measure("relative")).value == pytest.approx(relative)


def test_floor_of_replicates():
    data = table([1.0, 3.0, 5.0, 9.0, 7.0], x=[0.0, 0.0, 1.0, 1.0, 2.0])
    floor = noise_floor(data, Measure("absolute"))
    assert floor.value == pytest.approx(np.sqrt((1 + 1 + 4 + 4) / 2))
    assert floor.source == "replicates (2 degrees of freedom)"
    halves = [np.log(3.0) / 2, np.log(9 / 5) / 2]
    relative = np.sqrt(2 * (np.square(halves)).sum() / 2)
    assert noise_floor(data, Measure("relative")).value == pytest.approx(relative)
    one = table([1.0, 3.0, 5.0], x=[0.0, 0.0, 1.0])
    assert noise_floor(one, Measure("absolute")).source == "replicates (1 degree of freedom)"


def test_floor_of_computed_values():
    floor = noise_floor(table(Y, Deterministic(0.01)), Measure("absolute"))
    assert (floor.value, floor.source) == (pytest.approx(0.01), "tolerance of the solver")
    assert noise_floor(table(Y, "deterministic"), Measure("absolute")).value == pytest.approx(3e-6)


def test_floor_may_be_unknown():
    for name in ("absolute", "relative"):
        floor = noise_floor(table(Y), Measure(name))
        assert not floor.known
        assert floor.source == "unknown: no replicates and no stated sigma"


def test_mixed_sources_with_known_noise():
    data = fd.data.stack(table(Y, Experiment(0.3)), table(Y + 0.1, Stochastic(0.1)), target="all")
    floor = noise_floor(data, Measure("absolute"))
    assert (floor.value, floor.source) == (pytest.approx(np.sqrt(0.05)), "stated sigma")


@pytest.mark.parametrize("name", ["relative", "standardised"])
def test_a_measure_that_the_data_do_not_allow_is_refused(name):
    message = {"relative": "Relative errors need positive responses; row 3 holds -4", "standardised": "need the noise"}
    with pytest.raises(ArgumentError, match=message[name]):
        noise_floor(table(Y * [1, 1, -1, 1]), Measure(name))
    with pytest.raises(ArgumentError, match=message[name]):
        fd.landscape(fd.approximations.Polynomial(), table(Y * [1, 1, -1, 1]), measure=name, sizes=[0])
