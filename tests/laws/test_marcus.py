"""Marcus-Hush and Marcus-Hush-Chidsey against their definitions, adaptive quadrature, limits and symmetries."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import erfc

from faradaic import laws
from faradaic.laws._chidsey import relative_rate

R, F = 8.314462618, 96485.33212
THERMAL = R * 298.15 / F
ETA = np.array([1e-6, 1e-3, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.4, 2.0])
LAMBDA = [0.02, 0.035, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.0, 2.0, 5.0, 10.0]


def log_rate(theta, width):
    """Return ln k(theta) by adaptive quadrature of the definition, scaled by the maximum of the integrand."""

    def exponent(x):
        return -((x + width - theta) ** 2) / (4 * width) - np.logaddexp(0.0, -x)

    grid = np.linspace(-60.0, 60.0, 4001) * max(1.0, np.sqrt(width) / 4)
    grid = np.sort(np.concatenate([grid, theta - width + np.linspace(-14, 14, 2001) * np.sqrt(width)]))
    values = exponent(grid)
    largest = values.max()
    inside = grid[values > largest - 40]
    ends = np.linspace(inside[0] - 0.1, inside[-1] + 0.1, 25)
    parts = [quad(lambda x: np.exp(exponent(x) - largest), a, b, epsabs=0, epsrel=1e-12)[0] for a, b in pairwise(ends)]
    return largest + np.log(sum(parts))


def integrated(eta, lam, thermal=THERMAL):
    """Return the current over j0."""
    width = lam / thermal
    net = [-np.expm1(-e / thermal) * np.exp(log_rate(e / thermal, width) - log_rate(0.0, width)) for e in eta]
    return np.array(net)  # k(-theta) = exp(-theta) k(theta), which a test of its own shows for the definition


@pytest.mark.parametrize("lam", LAMBDA)
def test_chidsey_is_its_integral(lam):
    found = laws.marcus_hush_chidsey()(ETA[:, None], [1.0, lam])
    np.testing.assert_allclose(found, integrated(ETA, lam), rtol=1e-12)


@pytest.mark.parametrize("temperature", [253.15, 393.15])
def test_chidsey_at_other_temperatures(temperature):
    thermal = R * temperature / F
    for lam in (0.02, 0.25, 1.0):
        found = laws.marcus_hush_chidsey(temperature)(ETA[:, None], [1.0, lam])
        np.testing.assert_allclose(found, integrated(ETA, lam, thermal), rtol=1e-12)


def test_detailed_balance_of_the_definition():
    for theta, width in ((0.7, 2.0), (5.0, 8.0), (20.0, 8.0), (30.0, 40.0)):
        assert log_rate(-theta, width) + theta == pytest.approx(log_rate(theta, width), abs=1e-11)


@cache
def compiled_rate():
    import jax

    return jax.jit(lambda u, width: relative_rate(u, width, 0.8))


@settings(max_examples=40, deadline=None)
@given(u=st.floats(0.0, 80.0), width=st.floats(0.8, 400.0))
def test_the_two_symmetries_that_reach_large_overpotentials(u, width):
    """k(u) + k(2 width - u) = sqrt(4 pi width), here over k(0)."""
    import jax

    rate = compiled_rate()
    with jax.enable_x64(True):
        there, whole = float(rate(u, width)), float(rate(1e4, width))
        other = 2 * width - u
        back = float(rate(abs(other), width)) * (np.exp(other) if other < 0 else 1.0)
    assert there + back == pytest.approx(whole, rel=1e-11)


@pytest.mark.parametrize("factory", [laws.marcus_hush, laws.marcus_hush_chidsey, laws.marcus_hush_chidsey_zeng])
def test_the_current_is_odd(factory):
    law = factory()
    np.testing.assert_allclose(law(-ETA[:, None], [3.0, 0.3]), -law(ETA[:, None], [3.0, 0.3]), rtol=1e-15)


def test_marcus_hush_is_butler_volmer_with_a_moving_coefficient():
    eta, lam = np.linspace(-0.6, 0.6, 25), 0.35
    alpha = 0.5 - eta / (4 * lam)
    expected = 2.0 * (np.exp(alpha * eta / THERMAL) - np.exp(-(1 - alpha) * eta / THERMAL))
    np.testing.assert_allclose(laws.marcus_hush()(eta[:, None], [2.0, lam]), expected, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("factory", [laws.marcus_hush, laws.marcus_hush_chidsey])
def test_a_large_reorganisation_energy_is_butler_volmer_with_one_half(factory):
    """The difference falls as 1/lambda: the exponent of Marcus-Hush differs by eta^2 F / (4 lambda R T)."""
    eta = np.linspace(-0.1, 0.1, 9)[:, None]
    symmetric = laws.butler_volmer()(eta, [1.0, 0.5, 0.5])
    for lam in (1.0, 3.0, 10.0):
        found = factory()(eta, [1.0, lam])
        np.testing.assert_allclose(found, symmetric, rtol=1.01 * 0.1**2 / (4 * lam * THERMAL))


def test_small_overpotentials_do_not_tell_the_laws_apart():
    eta = np.array([[-1e-3], [1e-3]])
    expected = laws.butler_volmer()(eta, [1.0, 0.5, 0.5])
    for factory in (laws.marcus_hush, laws.marcus_hush_chidsey):
        # 1 mV: the cubic terms of the expansions, (F eta / R T)^2 (1/24 + 1/(4 Lambda)) = 9e-5 at 0.3 eV
        np.testing.assert_allclose(factory()(eta, [1.0, 0.3]), expected, rtol=1e-4)


def test_chidsey_saturates_where_marcus_hush_falls():
    eta = np.linspace(0.0, 2.0, 201)[:, None]
    metal, parabola = (factory()(eta, [1.0, 0.4]) for factory in (laws.marcus_hush_chidsey, laws.marcus_hush))
    assert (np.diff(metal) > -1e-12 * metal.max()).all()
    assert metal[-1] == pytest.approx(metal[-60], rel=1e-9)  # exp(2 Lambda - theta) = 5e-11 at 1.41 V
    width = 0.4 / THERMAL
    assert np.log(metal[-1]) == pytest.approx(0.5 * np.log(4 * np.pi * width) - log_rate(0.0, width), abs=1e-12)
    assert eta[parabola.argmax(), 0] == pytest.approx(0.4, abs=0.011)  # the inverted region
    # at an overpotential of lambda the anodic rate is half of what it becomes, exactly by symmetry
    half = laws.marcus_hush_chidsey()([[0.4]], [1.0, 0.4])[0]
    assert half / -np.expm1(-width) == pytest.approx(0.5 * metal[-1], rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(eta=st.floats(-2.0, 2.0), lam=st.floats(0.021, 9.9), chidsey=st.booleans())
def test_derivatives_against_finite_differences(eta, lam, chidsey):
    law = (laws.marcus_hush_chidsey if chidsey else laws.marcus_hush)()
    value, gradient, jacobian, _ = law.sensitivities([[eta]], [2.0, lam])
    h = 2e-6
    slope = (law([[eta + h]], [2.0, lam]) - law([[eta - h]], [2.0, lam])) / (2 * h)
    # of the difference: rounding of two values, and h^2 / 6 times the third derivative, at most value / THERMAL^3
    size = 1e-9 * abs(value[0]) / h + 1e-8
    assert gradient[0, 0] == pytest.approx(slope[0], rel=1e-6, abs=size * 1e-4)
    k = 1e-5 * lam
    by_lam = (law([[eta]], [2.0, lam + k]) - law([[eta]], [2.0, lam - k])) / (2 * k)
    assert jacobian[0, 1] == pytest.approx(by_lam[0], rel=1e-5, abs=1e-9 * abs(value[0]) / k + 1e-8)


@pytest.mark.parametrize("multiple", [1.0, 2.0, 3.0, 4.0, 5.0])
def test_derivatives_where_the_symmetries_take_over(multiple):
    """At odd multiples of lambda a step back begins, at even ones the rest is zero."""
    law, lam, j0 = laws.marcus_hush_chidsey(), 0.125, 2.0
    eta, h = multiple * lam, 1e-5
    value, gradient, jacobian, mixed = law.sensitivities([[eta - h], [eta], [eta + h]], [j0, lam])
    _, down, *_ = law.sensitivities([[eta]], [j0, lam - h])
    _, up, *_ = law.sensitivities([[eta]], [j0, lam + h])
    assert gradient[1, 0] == pytest.approx((value[2] - value[0]) / (2 * h), rel=1e-5, abs=1e-9 * value[1] / h)
    assert mixed[1, 0, 1] == pytest.approx((up - down)[0, 0] / (2 * h), rel=1e-5, abs=1e-9 * value[1] / h)
    assert mixed[1, 0, 1] == pytest.approx(
        (jacobian[2, 1] - jacobian[0, 1]) / (2 * h), rel=1e-5, abs=1e-9 * value[1] / h
    )


def test_derivatives_are_continuous_through_equilibrium():
    law = laws.marcus_hush_chidsey()
    _, gradient, jacobian, mixed = law.sensitivities([[-1e-12], [0.0], [1e-12]], [2.0, 0.3])
    for part in (gradient, mixed):
        np.testing.assert_allclose(part[0], part[1], rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(part[2], part[1], rtol=1e-9, atol=1e-9)
    assert gradient[1, 0] == pytest.approx(2.0 / THERMAL, rel=1e-13)
    np.testing.assert_allclose(jacobian[1], 0.0, atol=1e-15)


def test_the_error_of_the_closed_form_is_what_its_docstring_says():
    """In percent, over a grid that is fine enough for the digits given."""
    law = laws.marcus_hush_chidsey_zeng()
    eta = np.concatenate([np.geomspace(1e-3, 2.0, 60), np.linspace(0.05, 1.0, 40)])
    rate, current = {}, {}
    for lam in (0.02, 0.03, 0.035, 0.05, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 1.0):
        width = lam / THERMAL
        ratio = law(eta[:, None], [1.0, lam]) / integrated(eta, lam)
        at_zero = 0.5 * np.sqrt(np.pi * width) * erfc((width - np.sqrt(1 + np.sqrt(width))) / (2 * np.sqrt(width)))
        current[lam] = 100 * (ratio - 1)
        rate[lam] = 100 * (ratio * at_zero / np.exp(log_rate(0.0, width)) - 1)  # as the authors compare them
    assert max(abs(rate[lam]).max() for lam in (0.2, 0.3, 0.4)) < 5
    assert min(rate[lam].min() for lam in rate if lam < 0.2) == pytest.approx(-8.9, abs=0.05)
    assert max(rate[lam].max() for lam in rate if lam < 0.2) == pytest.approx(11.7, abs=0.1)
    assert rate[1.0].max() == pytest.approx(26, abs=0.5)
    assert rate[1.0].argmax() == 0  # the smallest overpotential
    assert current[0.3].max() == pytest.approx(3.8, abs=0.05)
    assert max(current[lam].max() for lam in current if lam < 0.3) == pytest.approx(22, abs=0.5)
    assert current[1.0].min() == pytest.approx(-28, abs=0.5)
