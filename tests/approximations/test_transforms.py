from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from faradaic._core import ArgumentError, InputError
from faradaic.approximations import Identity, Log, Reciprocal, SquareRoot, Standardise, transform

ALL = [Identity(), Reciprocal(), Log(), SquareRoot(), Standardise(mean=3.0, scale=2.5)]
positive = arrays(np.float64, st.integers(1, 8), elements=st.floats(1e-6, 1e6))


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
@given(values=positive)
def test_inverse_takes_back_what_forward_did(each, values):
    # ln is ill-conditioned relative to its value near 1, so a small absolute part is allowed
    np.testing.assert_allclose(each.inverse(each.forward(values)), values, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
@given(values=positive)
def test_slope_is_the_finite_difference_of_forward(each, values):
    values = np.maximum(values, 0.1)  # below, the rounding of the subtracted mean takes over
    step = 1e-5 * values
    numeric = (each.forward(values + step) - each.forward(values - step)) / (2.0 * step)
    np.testing.assert_allclose(each.slope(values), numeric, rtol=1e-7)


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
@given(values=positive)
def test_curvature_is_the_finite_difference_of_the_slope(each, values):
    step = 1e-5 * values
    numeric = (each.slope(values + step) - each.slope(values - step)) / (2.0 * step)
    np.testing.assert_allclose(each.curvature(values), numeric, rtol=1e-7)


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_every_transform_is_found_by_its_name(each):
    assert type(transform(each.name)) is type(each)


def test_unknown_name_lists_the_choices():
    with pytest.raises(ArgumentError, match="'cube'; choose identity, reciprocal, log, square_root or standardise"):
        transform("cube")


def test_square_root_stays_monotone_below_zero():
    z = np.linspace(-2.0, 2.0, 41)
    assert (np.diff(SquareRoot().inverse(z)) > 0).all()
    # z = -√-x there
    np.testing.assert_allclose(SquareRoot().curvature([-4.0]), 0.25 / 8.0)


@pytest.mark.parametrize(
    ("each", "values", "words"),
    [
        (Log(), [1.0, 2.0, -1.3, -4.0], r"k holds -1\.3 in row 3 and 1 more .* takes positive values only; correct"),
        (Log(), [0.0], "k holds 0 in row 1 .* positive values only"),
        (SquareRoot(), [1.0, -2.0], "k holds -2 in row 2 .* values of zero and above only"),
        (Reciprocal(), [1.0, 0.0], "k holds 0 in row 2 .* other than zero"),
        (Reciprocal(), [1.0, -1.0], "k holds values on both sides of zero, from -1 to 1"),
    ],
)
def test_values_outside_the_domain_are_named(each, values, words):
    with pytest.raises(InputError, match=words):
        each.check(values, "k")


def test_standardise_takes_its_constants_from_the_values():
    values = np.random.default_rng(0).normal(300.0, 5.0, 50)
    z = Standardise().fitted(values).forward(values)
    np.testing.assert_allclose([z.mean(), z.std()], [0.0, 1.0], atol=1e-12)
    assert Standardise().fitted(np.full(5, 0.1)).scale == 1.0
    with pytest.raises(ArgumentError, match="scale must be positive"):
        Standardise(scale=0.0)
