"""Butler-Volmer, Tafel, limiting currents, rotating disk, peak currents and Nernst against their definitions."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import gamma

from faradaic import laws
from faradaic._core import ArgumentError

R, F = 8.314462618, 96485.33212
temperatures = st.floats(250.0, 400.0)
coefficients = st.floats(0.05, 2.0)
overpotentials = st.floats(-0.5, 0.5)
FACTORIES = [
    laws.butler_volmer,
    laws.butler_volmer_one_step,
    laws.butler_volmer_limited,
    laws.tafel,
    laws.tafel_limited,
    laws.marcus_hush,
    laws.marcus_hush_chidsey,
    laws.marcus_hush_chidsey_zeng,
]


@settings(max_examples=30, deadline=None)
@given(eta=overpotentials, a=coefficients, c=coefficients)
def test_butler_volmer_is_the_difference_of_two_rates(eta, a, c):
    f = F / (R * 310.0)
    anodic, cathodic = 3.0 * math.exp(a * f * eta), 3.0 * math.exp(-c * f * eta)
    found = laws.butler_volmer(310.0)([[eta]], [3.0, a, c])[0]
    assert found == pytest.approx(anodic - cathodic, rel=1e-12, abs=1e-14 * (anodic + cathodic))


def test_butler_volmer_keeps_its_digits_near_equilibrium():
    eta, f = 1e-9, F / (R * 298.15)
    found = laws.butler_volmer()([[eta]], [2.0, 0.7, 0.6])[0]
    assert found == pytest.approx(2.0 * math.expm1(1.3 * f * eta) * math.exp(-0.6 * f * eta), rel=1e-14)


def test_exchanging_anode_and_cathode_turns_the_curve_around():
    eta = np.linspace(-0.5, 0.5, 21)[:, None]
    two, limited = laws.butler_volmer(), laws.butler_volmer_limited()
    np.testing.assert_allclose(two(-eta, [2.0, 0.3, 0.8]), -two(eta, [2.0, 0.8, 0.3]), rtol=1e-13)
    turned = -limited(eta, [2.0, 0.8, 0.3, 50.0, 70.0])
    np.testing.assert_allclose(limited(-eta, [2.0, 0.3, 0.8, 70.0, 50.0]), turned, rtol=1e-13)


def test_one_step_is_two_coefficients_that_add_up_to_one():
    eta = np.linspace(-0.5, 0.5, 21)[:, None]
    one, two = laws.butler_volmer_one_step(320.0), laws.butler_volmer(320.0)
    np.testing.assert_allclose(one(eta, [2.0, 0.3]), two(eta, [2.0, 0.3, 0.7]), rtol=1e-13)


def test_tafel_is_butler_volmer_within_one_percent_where_it_is_valid():
    tafel, one = laws.tafel(), laws.butler_volmer_one_step()
    low = tafel.valid["eta"][0]
    assert low == pytest.approx(0.1183, abs=5e-5)  # "118 mV" in Bard and Faulkner
    eta = np.linspace(low, 0.6, 30)[:, None]
    ratio = tafel(eta, [2.0, 0.4]) / one(eta, [2.0, 0.4])
    assert ratio[0] == pytest.approx(1 / 0.99, rel=1e-12)
    assert ((ratio >= 1) & (ratio < 1.0102)).all()
    assert ratio[-1] == pytest.approx(1.0, rel=1e-9)


def test_tafel_slope_is_a_decade():
    b = laws.tafel_slope(0.5, 330.0)
    low, high = laws.tafel(330.0)([[0.2], [0.2 + b]], [1.0, 0.5])
    assert high / low == pytest.approx(10.0, rel=1e-12)
    assert laws.tafel_slope(0.5) == pytest.approx(0.11832, abs=5e-6)


@settings(max_examples=30, deadline=None)
@given(eta=overpotentials, a=coefficients, c=coefficients, j0=st.floats(1e-3, 1e3))
def test_limited_butler_volmer_solves_its_equation(eta, a, c, j0):
    f, j_la, j_lc = F / (R * 298.15), 40.0, 25.0

    def balance(j):
        anodic = j0 * (1 - j / j_la) * math.exp(a * f * eta)
        return anodic - j0 * (1 + j / j_lc) * math.exp(-c * f * eta) - j

    expected = brentq(balance, -j_lc * 1.0001, j_la * 1.0001, xtol=1e-13, rtol=1e-14)
    found = laws.butler_volmer_limited()([[eta]], [j0, a, c, j_la, j_lc])[0]
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-11)


def test_limits_by_transport_vanish_where_they_are_far_and_are_met_where_they_rule():
    eta = np.linspace(-0.3, 0.3, 13)[:, None]
    wide = laws.butler_volmer_limited()(eta, [2.0, 0.5, 0.4, np.inf, np.inf])
    np.testing.assert_allclose(wide, laws.butler_volmer()(eta, [2.0, 0.5, 0.4]), rtol=1e-12)
    np.testing.assert_allclose(laws.tafel_limited()(eta, [2.0, 0.5, np.inf]), laws.tafel()(eta, [2.0, 0.5]), rtol=1e-13)
    ends = laws.butler_volmer_limited()([[-2.0], [2.0]], [2.0, 0.5, 0.4, 60.0, 30.0])
    np.testing.assert_allclose(ends, [-30.0, 60.0], rtol=1e-12)
    assert laws.tafel_limited()([[2.0]], [2.0, 0.5, 60.0])[0] == pytest.approx(60.0, rel=1e-12)


def test_an_infinitely_fast_reaction_is_nernst_with_linear_profiles():
    """j0 large, coefficients 1/2: eta = (RT/F) ln[(1 + j/j_lc) / (1 - j/j_la)] for a couple of one electron."""
    j = np.linspace(-0.9, 0.9, 7)
    eta = R * 298.15 / F * np.log((1 + j / 1.0) / (1 - j / 1.0))
    found = laws.butler_volmer_limited()(eta[:, None], [1e9, 0.5, 0.5, 1.0, 1.0])
    np.testing.assert_allclose(found, j, atol=1e-8)


@pytest.mark.parametrize("factory", FACTORIES, ids=lambda each: each.__name__)
@pytest.mark.parametrize("temperature", [253.15, 393.15])
def test_two_volts_are_finite_with_all_derivatives(factory, temperature):
    law = factory(temperature)
    eta = np.concatenate([-np.geomspace(2.0, 1e-9, 30), [0.0], np.geomspace(1e-9, 2.0, 30)])[:, None]
    low, high = law.bounds
    extremes = [law.start]
    for j, name in enumerate(law.names):
        if name.startswith(("alpha", "lam")):
            extremes += [np.where(np.arange(law.count) == j, value, law.start) for value in (low[j], high[j])]
    for theta in extremes:
        for part in law.sensitivities(eta, theta):
            assert np.isfinite(part).all(), (law.name, theta)


@pytest.mark.parametrize("factory", FACTORIES[:2] + FACTORIES[5:], ids=lambda each: each.__name__)
def test_the_exchange_current_is_the_slope_at_equilibrium(factory):
    law = factory(315.0)
    theta = law.start.copy()
    theta[0] = 7.0
    assert law([[0.0]], theta)[0] == 0
    factor = theta[1] + theta[2] if law.name.startswith("butler_volmer(") else 1.0
    assert law.gradient([[0.0]], theta)[0, 0] == pytest.approx(7.0 * factor * F / (R * 315.0), rel=1e-13)


@settings(max_examples=20, deadline=None)
@given(ratio=st.floats(1e-6, 1e6), n=st.integers(1, 4))
def test_nernst(ratio, n):
    found = laws.nernst(n, 303.0)([[ratio]], [0.77])[0]
    assert found == pytest.approx(0.77 + R * 303.0 / (n * F) * math.log(ratio), rel=1e-12)


def test_nernst_in_millivolts_for_each_decade():
    potential = laws.nernst()([[1.0], [10.0]], [0.0])
    assert 1e3 * np.diff(potential)[0] == pytest.approx(59.16, abs=0.005)  # every textbook


def test_koutecky_levich_is_a_straight_line_of_reciprocals():
    omega = np.linspace(40.0, 400.0, 9)
    j = laws.koutecky_levich(omega[:, None], [80.0, 3.0])
    np.testing.assert_allclose(1 / j, 1 / 80.0 + 1 / (3.0 * np.sqrt(omega)), rtol=1e-13)
    np.testing.assert_allclose(
        laws.koutecky_levich(omega[:, None], [1e300, 3.0]), laws.levich(omega[:, None], [3.0]), rtol=1e-13
    )
    assert laws.koutecky_levich([[0.0]], [80.0, 3.0])[0] == 0


def test_the_levich_constant_follows_from_the_flow_at_a_rotating_disk():
    """(a/3)^(1/3) / Gamma(4/3) with the axial velocity -a omega^1.5 nu^-0.5 z^2, a = 0.51023 (Cochran 1934)."""
    derived = (0.51023 / 3) ** (1 / 3) / gamma(4 / 3)
    assert laws.levich_slope(1.0, 1.0, 1 / F) == pytest.approx(derived, rel=1e-3)
    assert laws.levich_slope(1.0, 1.0, 1 / F) == pytest.approx(0.620, rel=1e-12)
    assert round(derived, 3) == 0.620


def test_helpers_are_inverse_to_one_another():
    B = laws.levich_slope(7e-10, 1.1e-6, 5.0, electrons=4)
    assert laws.levich_diffusivity(B, 1.1e-6, 5.0, electrons=4) == pytest.approx(7e-10, rel=1e-12)
    for alpha in (None, 0.4):
        b = laws.randles_sevcik_slope(7e-10, 5.0, 2, alpha, 310.0)
        assert laws.randles_sevcik_diffusivity(b, 5.0, 2, alpha, 310.0) == pytest.approx(7e-10, rel=1e-12)


def test_randles_sevcik_in_the_units_of_the_textbooks():
    """2.69e5 n^1.5 (reversible) and 2.99e5 alpha^0.5 (irreversible) A cm mol^-1 (s/V)^0.5 at 25 °C."""
    reversible = laws.randles_sevcik_slope(1e-4, 1e6) * 1e-4  # D = 1 cm²/s, c = 1 mol/cm³, A/m² to A/cm²
    irreversible = laws.randles_sevcik_slope(1e-4, 1e6, alpha=1.0) * 1e-4
    assert reversible == pytest.approx(2.69e5, rel=2e-3)
    assert irreversible == pytest.approx(2.99e5, rel=2e-3)
    assert laws.randles_sevcik_slope(1e-9, 1.0, 2) / laws.randles_sevcik_slope(1e-9, 1.0) == pytest.approx(2**1.5)


@pytest.mark.parametrize(
    ("reversible", "alpha", "constant"),
    [(True, None, 0.4463), (False, 1.0, 0.4958)],
    ids=["reversible", "irreversible"],
)
def test_the_peaks_are_the_maxima_of_the_exact_currents(reversible, alpha, constant):
    """Linear sweep by the integral equations of Nicholson and Shain, solved here by a rule of first order."""
    step = 0.005
    t = np.arange(0, 3200) * step  # dimensionless time, starting 8 thermal voltages before the formal potential
    drive = np.exp(t - 8.0)
    # int_0^t chi(z) / sqrt(t - z) dz = g, with chi constant in each step
    kernel = 2 * (np.sqrt(t + step) - np.sqrt(t))
    chi = np.zeros(len(t))
    for n in range(len(t)):
        past = kernel[1 : n + 1][::-1] @ chi[:n]
        wanted = 1 / (1 + 1 / drive[n]) if reversible else 1.0
        # irreversible: chi = drive (1 - integral) up to a shift of the potential, which moves the peak only
        chi[n] = (wanted - past) / (kernel[0] + (0 if reversible else 1 / drive[n]))
    assert np.sqrt(np.pi) * chi.max() == pytest.approx(constant, rel=3e-3)  # the step: 0.5 %
    slope = laws.randles_sevcik_slope(1e-9, 1.0, alpha=alpha) / (F * math.sqrt(F * 1e-9 / (R * 298.15)))
    assert slope == pytest.approx(constant, rel=1e-12)


def test_names_lead_back():
    for factory in FACTORIES:
        assert laws.named(factory(310.0).name) is factory(310.0)
    assert laws.named(laws.nernst(2, 310.0).name) is laws.nernst(2, 310.0)
    assert laws.named("koutecky_levich") is laws.koutecky_levich
    with pytest.raises(ArgumentError, match="did you mean butler_volmer"):
        laws.named("butler_volmar")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        *[(lambda each=each: each(0.0), r"temperature must be positive \(in K\), got 0.0") for each in FACTORIES],
        (lambda: laws.butler_volmer("25"), "temperature must be positive"),
        (lambda: laws.butler_volmer(math.nan), "temperature must be positive"),
        (lambda: laws.nernst(0), "electrons must be a whole number of at least 1, got 0"),
        (lambda: laws.nernst(1.5), "electrons"),
        (lambda: laws.nernst(True), "electrons"),
        (lambda: laws.tafel_slope(0.0), "alpha must be positive"),
        (lambda: laws.levich_slope(-1e-9, 1e-6, 1.0), "diffusivity must be positive"),
        (lambda: laws.levich_slope(1e-9, 0.0, 1.0), "viscosity"),
        (lambda: laws.levich_diffusivity(1.0, 1e-6, 0.0), "concentration"),
        (lambda: laws.levich_diffusivity(math.inf, 1e-6, 1.0), "slope"),
        (lambda: laws.randles_sevcik_diffusivity(-1.0, 1.0), "slope must be positive"),
        (lambda: laws.randles_sevcik_slope(1e-9, 1.0, 1, -0.5), "alpha must be positive"),
    ],
)
def test_wrong_constants_are_told(call, words):
    with pytest.raises(ArgumentError, match=words):
        call()
