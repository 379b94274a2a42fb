"""Replicates and collapsed rows, against pandas and against closed forms."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faradaic._core import ArgumentError
from faradaic.data import collapse, read, replicates, stack


def noisy(seed=0, conditions=200, most=6, sigma=0.3):
    rng = np.random.default_rng(seed)
    count = rng.integers(1, most, conditions)
    X = np.repeat(rng.integers(0, 50, (conditions, 2)) / 10 + rng.random((conditions, 2)), count, axis=0)
    y = X @ [2.0, -1.0] + rng.normal(0, sigma, len(X))
    order = rng.permutation(len(X))
    return pd.DataFrame({"a": X[order, 0], "b": X[order, 1], "y": y[order]})


def test_pooled_scatter_against_pandas():
    frame = noisy()
    found = replicates(read(frame, x=["a", "b"], y="y"))
    by = frame.groupby(["a", "b"])["y"]
    dof = int((by.count() - 1).sum())
    assert found.dof == dof
    assert found.std == pytest.approx(np.sqrt((by.var(ddof=0) * by.count()).sum() / dof), rel=1e-12)
    np.testing.assert_array_equal(found.count, by.count())
    np.testing.assert_allclose(found.mean, by.mean(), rtol=1e-13)
    np.testing.assert_array_equal(found.X, by.count().reset_index()[["a", "b"]])
    np.testing.assert_array_equal(found.X[found.condition], frame[["a", "b"]])


def test_pooled_scatter_finds_the_true_one():
    """chi2 with dof degrees of freedom: the relative standard error of s is 1/sqrt(2 dof)."""
    found = replicates(read(noisy(seed=1, conditions=3000), x=["a", "b"], y="y"))
    assert abs(found.std / 0.3 - 1) < 4 / np.sqrt(2 * found.dof)


def test_no_replicates():
    found = replicates(read(pd.DataFrame({"x": [1.0, 2, 3], "y": [1.0, 2, 4]}), x=["x"], y="y"))
    assert np.isnan(found.std)
    assert found.dof == 0


def test_a_simulation_is_no_replicate_of_a_measurement():
    """Their difference is bias, not scatter, and exact rows do not dilute the scatter."""
    frame = noisy()
    measured = read(frame, x=["a", "b"], y="y", name="lab")
    exact = frame.drop_duplicates(["a", "b"]).assign(y=lambda t: t["y"] + 100.0)
    model = read(exact, x=["a", "b"], y="y", reliability="deterministic", name="model")
    alone, both = replicates(measured), replicates(stack(measured, model))
    assert both.std == pytest.approx(alone.std, rel=1e-12)
    assert (both.dof, len(both.X)) == (alone.dof, len(alone.X))


def test_collapse_by_inverse_variance():
    small = collapse([[1.0], [1.0], [2.0]], [1.0, 4.0, 9.0], noise_std=[0.5, 1.0, 2.0])
    # weights 4 and 1
    np.testing.assert_allclose(small.y, [1.6, 9.0], rtol=1e-15)
    np.testing.assert_allclose(small.noise_std, [1 / np.sqrt(5), 2.0], rtol=1e-15)
    assert small.weight.tolist() == [2.0, 1.0]


def test_collapse_keeps_groups_apart():
    small = collapse([[1.0], [1.0], [1.0]], [1.0, 2.0, 4.0], groups=["b", "a", "b"])
    assert sorted(zip(small.groups.tolist(), small.y.tolist(), strict=True)) == [("a", 2.0), ("b", 2.5)]


def test_collapse_of_exact_data():
    small = collapse([[1.0], [1.0], [2.0]], [1.0, 1.0, 3.0], noise_std=np.zeros(3))
    assert small.noise_std.tolist() == [0.0, 0.0]


def test_collapse_of_tiny_noise():
    """Diffusivities have noise of 1e-170 in some units; the weights do not overflow."""
    small = collapse([[1.0], [1.0]], [1e-160, 3e-160], noise_std=[1e-170, 1e-170])
    np.testing.assert_allclose([small.y[0], small.noise_std[0]], [2e-160, 1e-170 / np.sqrt(2)], rtol=1e-14)


@pytest.mark.parametrize("noise", [[0.0, 1.0], [-1.0, 1.0], [np.nan, 1.0], [1.0]])
def test_collapse_rejects(noise):
    with pytest.raises(ArgumentError, match="noise_std must"):
        collapse([[1.0], [2.0]], [1.0, 2.0], noise_std=noise)


def test_collapse_rejects_shapes():
    with pytest.raises(ArgumentError, match="X must be"):
        collapse([1.0, 2.0], [1.0, 2.0])
    with pytest.raises(ArgumentError, match="groups must have one entry"):
        collapse([[1.0], [2.0]], [1.0, 2.0], groups=[1])


def test_close_numbers_of_any_size_stay_apart():
    """Equality is relative: 1e-14 and 2e-14 differ even beside 1."""
    assert len(collapse([[1e-14], [2e-14], [1.0]], [1.0, 2.0, 3.0]).y) == 3
    assert len(collapse([[0.0], [-0.0], [0.1 + 0.2], [0.3]], [1.0, 2.0, 3.0, 4.0]).y) == 2


@given(
    st.lists(
        st.tuples(
            st.integers(-3, 3),
            st.floats(-1e3, 1e3, allow_subnormal=False),
            st.floats(0.01, 100.0),
            st.integers(0, 2),
        ),
        min_size=1,
        max_size=40,
    ),
    st.booleans(),
)
def test_collapse_preserves_weighted_sums(rows, known):
    x, y, sigma, group = map(np.array, zip(*rows, strict=True))
    small = collapse(x[:, None].astype(float), y, noise_std=sigma if known else None, groups=group)
    before = 1 / sigma**2 if known else np.ones(len(y))
    after = 1 / small.noise_std**2 if known else small.weight
    scale = (before * np.abs(y)).sum() + 1e-300
    assert after.sum() == pytest.approx(before.sum(), rel=1e-12)
    assert abs((after * small.y).sum() - (before * y).sum()) <= 1e-12 * scale
    assert small.weight.sum() == len(y)
    np.testing.assert_array_equal(small.X[small.condition, 0], x)
    np.testing.assert_array_equal(small.groups[small.condition], group)


def test_collapse_is_n_log_n():
    rng = np.random.default_rng(0)
    seconds = []
    for n in (50_000, 400_000):
        X = rng.integers(0, n // 4, (n, 2)) / 7.0
        start = time.process_time()  # of this process: others on the machine do not count
        collapse(X, X[:, 0])
        seconds.append(time.process_time() - start)
    # 8 times the rows: about 9 times the time for n log n, 64 times for n squared
    assert seconds[1] / seconds[0] < 30
