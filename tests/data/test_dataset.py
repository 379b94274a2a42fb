"""The frozen data set, and stacks of several sources."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from faradaic._core import ArgumentError, InputError
from faradaic.data import Dataset, Deterministic, Experiment, Source, Stochastic, read, stack


def table(n=6, **more):
    return pd.DataFrame({"T [K]": 300.0 + np.arange(n), "U [V]": np.arange(n) ** 2.0, **more})


def made(frame=None, **more):
    return read(table() if frame is None else frame, x=["T [K]"], y="U [V]", **more)


def test_nothing_can_be_changed():
    data = made(groups=[0, 0, 1, 1, 2, 2])
    for array in (data.X, data.y, data.noise, data.source, data.groups):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.y = np.zeros(6)


def test_the_users_frame_is_not_tied_to_it():
    frame = table()
    data = made(frame)
    frame.loc[0, "U [V]"] = 99
    assert data.y[0] == 0


def test_take():
    data = made(groups=list("aabbcc"), sigma=0.1)
    part = data.take([4, 1])
    assert part.X.ravel().tolist() == [304.0, 301.0]
    assert part.groups.tolist() == [2, 0]
    assert (part.inputs, part.reliability, len(part.noise_std)) == (data.inputs, data.reliability, 2)
    assert len(data.take(data.y > 3)) == 4


def test_fingerprint_tells_data_apart():
    data = made()
    assert data.fingerprint == made().fingerprint
    assert len(data.fingerprint) == 64
    others = [made(sigma=0.1), made(ordered=True), made(table(7)), made(groups=range(6)), data.take([1, 0, 2, 3, 4, 5])]
    assert len({data.fingerprint, *(other.fingerprint for other in others)}) == 6


def test_condition_groups():
    assert made().condition_groups is None
    twice = made(pd.concat([table(), table()]))
    assert twice.condition_groups.tolist() == [*range(6), *range(6)]
    assert made(groups=[5, 5, 5, 1, 1, 1]).condition_groups.tolist() == [0, 0, 0, 1, 1, 1]


def test_equal_across_units():
    """25 degC and 298.15 K are one condition, whatever the last binary digit of the conversion says."""
    celsius = pd.DataFrame({"T [degC]": np.linspace(-30, 60, 50), "U [V]": np.arange(50.0)})
    kelvin = pd.DataFrame({"T [K]": np.linspace(-30, 60, 50) + 273.15, "U [V]": np.arange(50.0)})
    both = stack(read(celsius, x=["T [degC]"], y="U [V]"), read(kelvin, x=["T [K]"], y="U [V]"))
    assert len(np.unique(both.condition_groups)) == 50


def test_shapes_are_checked():
    data = made()
    with pytest.raises(ArgumentError, match="X must have shape"):
        dataclasses.replace(data, X=data.X.T)
    with pytest.raises(ArgumentError, match="noise must have one entry for each of the 6 rows, got 5"):
        dataclasses.replace(data, noise=np.zeros(5))


def test_only_deterministic_data_have_a_tolerance():
    with pytest.raises(ArgumentError, match="Only deterministic data have a tolerance"):
        _ = made().tolerance


def test_stack_keeps_each_rows_reliability():
    first = made(sigma=0.5, name="cell")
    second = read(
        pd.DataFrame({"U [mV]": [500.0, 1500.0, 2500.0], "T [degC]": [0.0, 10.0, 20.0]}),
        x=["T [degC]"],
        y="U [mV]",
        reliability=Stochastic(10.0),
        name="walkers",
    )
    third = made(table(4), reliability=Deterministic(1e-3), name="model")
    both = stack(first, second, third)
    assert both.response.unit == "V"
    assert both.sources == (
        Source("cell", Experiment(0.5)),
        Source("walkers", Stochastic(0.01)),  # 10 mV, now in volt
        Source("model", Deterministic(1e-3)),
    )
    assert both.source.tolist() == [0] * 6 + [1] * 3 + [2] * 4
    np.testing.assert_allclose(both.X[6:9, 0], [273.15, 283.15, 293.15], rtol=1e-15)
    np.testing.assert_allclose(both.y[6:9], [0.5, 1.5, 2.5], rtol=1e-15)
    np.testing.assert_allclose(both.noise, [0.5] * 6 + [0.01] * 3 + [0.0] * 4, rtol=1e-15)
    # beside noisy rows a deterministic one is as good as its tolerance, so that weights stay finite
    np.testing.assert_allclose(both.noise_std[9:], 1e-3, rtol=1e-15)
    with pytest.raises(ArgumentError, match="3 reliabilities"):
        _ = both.reliability
    assert stack(first, first).reliability == Experiment(0.5)
    assert both.name == "cell, walkers and model"


def test_stack_with_unknown_noise():
    assert stack(made(), made(sigma=0.1)).noise_std is None


def test_stack_orders_columns_by_name():
    frame = pd.DataFrame({"a": [1.0, 2, 3], "b": [4.0, 5, 6], "y": [1.0, 2, 4]})
    both = stack(read(frame, x=["a", "b"], y="y"), read(frame, x=["b", "a"], y="y"))
    np.testing.assert_array_equal(both.X[:3], both.X[3:])


def test_stack_groups():
    one = made(table(cell=list("aabbcc")), groups="cell")
    two = made(table(cell=list("ccddee")), groups="cell")
    shared = stack(one, two)
    assert shared.groups.tolist() == [0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4]
    assert shared.group_labels == ("a", "b", "c", "d", "e")
    assert shared.group_column == "cell"
    # a source without groups: each condition is a group of its own
    alone = stack(one, made())
    assert len(np.unique(alone.groups)) == 3 + 6
    # another column of groups: the same label is another group
    papers = made(table(paper=list("aabbcc")), groups="paper")
    assert len(np.unique(stack(one, papers).groups)) == 6


def test_deterministic_sources_must_agree():
    other = table()
    other.loc[2, "U [V]"] = 4.5
    with pytest.raises(InputError, match="Rows 2 and 8 have equal inputs"):
        stack(made(reliability="deterministic"), made(other, reliability="deterministic"))


def test_repr_is_readable():
    assert repr(made(name="cell 7")) == "<Dataset 'cell 7': 6 rows, U [V] against T [K]>"
    assert isinstance(made(), Dataset)
