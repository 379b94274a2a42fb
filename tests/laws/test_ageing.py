"""Ageing laws: closed forms, nestedness, derivatives, what holds of every law, and the way back from a name."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faradaic import laws
from faradaic._core import ArgumentError, UnitError
from faradaic.approximations import LawRegressor
from faradaic.laws import AGEING_FORMS, YEAR, ageing_hierarchies, ageing_law

R, F = 8.314462618, 96485.33212
EVERY = [ageing_law(form, some) for form in AGEING_FORMS for some in ((), ("T", "U"), ("T", "s"))]
RANGES = {"t": (0.02 * YEAR, 3 * YEAR), "T": (270.0, 330.0), "U": (0.08, 0.3), "s": (0.0, 1.0)}


def rows(law, n, random):
    return np.column_stack([random.uniform(*RANGES[v.name], n) for v in law.variables])


def parameters(law, random):
    low, high = law.bounds
    return np.clip(law.start * (1 + 0.3 * random.uniform(-1, 1, law.count)), low, high)


def test_closed_forms():
    t = np.array([0.0, 0.25, 1.0, 4.0])
    X = (YEAR * t)[:, None]
    np.testing.assert_allclose(ageing_law("square_root")(X, [0.04]), 1 - 0.04 * np.sqrt(t), rtol=1e-14)
    np.testing.assert_allclose(ageing_law("linear")(X, [0.04]), 1 - 0.04 * t, rtol=1e-14)
    np.testing.assert_allclose(
        ageing_law("square_root_linear")(X, [0.04, 0.01]), 1 - 0.04 * np.sqrt(t) - 0.01 * t, rtol=1e-14
    )
    np.testing.assert_allclose(ageing_law("power")(X, [0.04, 0.7]), 1 - 0.04 * t**0.7, rtol=1e-14)


def test_the_sigmoidal_law_is_that_of_gasper():
    """q = 1 - 2 L [1/2 - 1/(1 + exp((a t)^p))], with t in days there."""
    L, a, p = 0.25, 1 / 300.0, 1.2
    days = np.array([1.0, 50.0, 300.0, 2000.0])
    theirs = 1 - 2 * L * (0.5 - 1 / (1 + np.exp((a * days) ** p)))
    k = L / 2 * (a * YEAR / 86400) ** p
    np.testing.assert_allclose(ageing_law("sigmoidal")(86400 * days[:, None], [k, p, L]), theirs, rtol=1e-12)


def test_rates_follow_arrhenius_tafel_and_the_state_of_charge():
    X = np.array([[YEAR, 318.15, 0.08], [YEAR, 298.15, 0.123]])
    loss = 1 - ageing_law("square_root", ["T", "U"])(X, [0.03, 5e4, 0.4])
    expected = 0.03 * np.exp(-5e4 / R * (1 / 318.15 - 1 / 298.15)) * np.exp(0.4 * F * (0.123 - 0.08) / (R * 318.15))
    np.testing.assert_allclose(loss, [expected, 0.03], rtol=1e-13)
    without = 1 - ageing_law("square_root", ["U"])(X[:1, [0, 2]], [0.03, 0.4])
    np.testing.assert_allclose(without, 0.03 * np.exp(0.4 * F * 0.043 / (R * 298.15)), rtol=1e-13)
    charged = 1 - ageing_law("linear", ["s"])([[YEAR, 1.0], [YEAR, 0.5]], [0.03, 1.2])
    np.testing.assert_allclose(charged, [0.03 * np.exp(0.6), 0.03], rtol=1e-13)


@pytest.mark.parametrize(
    ("small", "large", "theta", "lifted"),
    [
        ("square_root", "power", [0.04], [0.04, 0.5]),
        ("linear", "power", [0.04], [0.04, 1.0]),
        ("linear", "square_root_linear", [0.04], [0.0, 0.04]),
        ("square_root", "square_root_linear", [0.04], [0.04, 0.0]),
        ("power", "sigmoidal", [0.04, 0.7], [0.04, 0.7, 1e9]),
    ],
)
def test_each_form_contains_the_one_before(small, large, theta, lifted):
    X = np.column_stack([np.linspace(0.0, 3.0, 7) * YEAR, np.linspace(280.0, 320.0, 7)])
    for stresses, more in (((), []), (("T",), [4e4])):
        some = X[:, : 1 + len(stresses)]
        wanted = ageing_law(small, stresses)(some, [*theta, *more])
        np.testing.assert_allclose(ageing_law(large, stresses)(some, [*lifted, *more]), wanted, rtol=1e-13)
    no_effect = ageing_law(small, ["T"])(X, [*theta, 0.0])
    np.testing.assert_allclose(no_effect, ageing_law(small)(X[:, :1], theta), rtol=1e-14)


def test_hierarchies_are_nested_and_cover_every_choice_of_conditions():
    found = ageing_hierarchies(["U", "T"], per=100.0, unit="cycle")
    assert len(found) == 8
    assert {tuple(chain[-1].valid) for _, chain in found} == {("t",), ("t", "T"), ("t", "U"), ("t", "T", "U")}
    for _, chain in found:
        counts = [law.count for law in chain]
        assert counts == sorted(set(counts))
        LawRegressor(0, laws=chain).sizes(10, len(chain[0].valid))  # takes them as a hierarchy


@pytest.mark.parametrize("law", EVERY, ids=lambda law: law.name)
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_derivatives_agree_with_finite_differences(law, seed):
    random = np.random.default_rng(seed)
    X, theta = rows(law, 5, random), parameters(law, random)
    jacobian = law.jacobian(X, theta)
    for j in range(law.count):
        step = 1e-6 * abs(theta[j])
        up, down = theta.copy(), theta.copy()
        up[j], down[j] = theta[j] + step, theta[j] - step
        difference = (law(X, up) - law(X, down)) / (2 * step)
        np.testing.assert_allclose(jacobian[:, j], difference, rtol=1e-5, atol=1e-9 / step)
    for i in range(len(law.variables)):
        step = 1e-6 * np.abs(X[:, i]).max()
        up, down = X.copy(), X.copy()
        up[:, i], down[:, i] = X[:, i] + step, X[:, i] - step
        difference = (law(up, theta) - law(down, theta)) / (2 * step)
        np.testing.assert_allclose(law.gradient(X, theta)[:, i], difference, rtol=1e-4, atol=1e-9 / step)


@pytest.mark.parametrize("law", EVERY, ids=lambda law: law.name)
def test_the_fresh_cell_has_all_its_capacity_and_no_slope_in_any_parameter(law):
    X = rows(law, 3, np.random.default_rng(0))
    X[:, 0] = 0.0
    value, jacobian = law.value_and_jacobian(X, law.start)
    assert (value == 1.0).all()
    assert (jacobian == 0.0).all()


@pytest.mark.parametrize("law", EVERY, ids=lambda law: law.name)
def test_every_law_is_found_by_its_name_and_says_where_it_comes_from(law):
    assert laws.named(law.name) is law
    assert law.source
    assert law.doi == "10.1149/1945-7111/abdde1"
    assert (law.bounds[0] <= law.start).all()
    assert (law.start <= law.bounds[1]).all()
    again = pickle.loads(pickle.dumps(law))
    assert again == law
    X = rows(law, 3, np.random.default_rng(1))
    np.testing.assert_array_equal(again(X, law.start), law(X, law.start))


@pytest.mark.parametrize("law", EVERY, ids=lambda law: law.name)
def test_linear_parameters_are_linear(law):
    random = np.random.default_rng(1)
    X, theta = rows(law, 9, random), parameters(law, random)
    shift = np.where(np.isin(law.names, law.linear), 0.02, 0.0)
    np.testing.assert_allclose(law(X, theta + shift), law(X, theta) + law.jacobian(X, theta) @ shift, rtol=1e-11)


def test_the_reference_of_time_only_scales_the_rate():
    t = np.linspace(0.0, 900.0, 6)[:, None]
    hundred, thousand = (ageing_law("power", per=per, unit="cycle") for per in (100.0, 1000.0))
    np.testing.assert_allclose(hundred(t, [0.02, 0.8]), thousand(t, [0.02 * 10**0.8, 0.8]), rtol=1e-13)
    assert hundred is not thousand


@pytest.mark.parametrize("form", AGEING_FORMS)
def test_planted_parameters_are_found_again(form):
    law = ageing_law(form, ["T"])
    t, T = (one.ravel() for one in np.meshgrid(np.linspace(0.1, 3, 8) * YEAR, [283.15, 298.15, 318.15]))
    theta = {"square_root_linear": [0.02, 0.03], "power": [0.05, 0.8], "sigmoidal": [0.2, 1.1, 0.3]}.get(form, [0.05])
    X = np.column_stack([t, T])
    found = LawRegressor(0, laws=(law,)).fit(X, law(X, [*theta, 4.5e4]))
    np.testing.assert_allclose(found.theta_, [*theta, 4.5e4], rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ageing_law("cubic"), ArgumentError, "square_root, linear"),
        (lambda: ageing_law("power", ["C"]), ArgumentError, "among T, U and s"),
        (lambda: ageing_law("power", ["T", "T"]), ArgumentError, "each once"),
        (lambda: ageing_law("power", per=0.0), ArgumentError, "positive"),
        (lambda: ageing_law("power", unit="fortnight"), UnitError, "SI symbols"),
        (lambda: laws.named("ageing(cubic, T, 1.0 s)"), ArgumentError, "No law is called"),
    ],
)
def test_wrong_arguments_are_told(call, error, words):
    with pytest.raises(error, match=words):
        call()
