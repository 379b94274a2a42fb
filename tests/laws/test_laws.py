"""Each law against its closed form, its published numbers, finite differences and a change of units."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faradaic import laws
from faradaic._core import ArgumentError
from faradaic.laws import dimension

R, F = 8.314462618, 96485.33212
KINETICS = [
    laws.tafel(),
    laws.tafel_limited(),
    laws.marcus_hush(),
    laws.marcus_hush_chidsey(),
    laws.marcus_hush_chidsey_zeng(310.0),
    laws.nernst(2),
    laws.levich,
    laws.koutecky_levich,
]
ALL = [*laws.BUNDLED, laws.linear(3), laws.redlich_kister(0), laws.redlich_kister(5), *KINETICS]
# Somewhere inside the range of validity of every law.
RANGES = {"T": (250.0, 330.0), "r": (0.1, 1.0), "x": (0.05, 0.95), "x1": (-2, 2), "x2": (-2, 2), "x3": (-2, 2)}
RANGES |= {"eta": (-0.4, 0.4), "ratio": (0.1, 10.0), "omega": (10.0, 500.0), "v": (0.01, 0.5)}
CONCENTRATION = {"mol/m**3": (200.0, 2500.0), "mol/kg": (0.2, 2.5)}


def rows(law, n, random):
    columns = [CONCENTRATION.get(v.unit) or RANGES[v.name] for v in law.variables]
    return np.column_stack([random.uniform(low, high, n) for low, high in columns]) if columns else np.empty((n, 0))


def parameters(law, random):
    """Values spread around the start, inside the bounds."""
    low, high = law.bounds
    spread = np.where(law.start == 0, 0.1 * np.minimum(high, 1.0), 0.3 * np.abs(law.start))
    return np.clip(law.start + spread * random.uniform(-1, 1, law.count), low, high)


def test_arrhenius_closed_form():
    T = np.array([250.0, 300.0, 350.0])
    expected = 2e-3 * np.exp(-4e4 / (R * T))
    np.testing.assert_allclose(laws.arrhenius(T[:, None], [2e-3, 4e4]), expected, rtol=1e-14)


def test_vogel_fulcher_tammann_contains_arrhenius_and_is_zero_below_its_temperature():
    T = np.linspace(240, 340, 11)[:, None]
    np.testing.assert_allclose(
        laws.vogel_fulcher_tammann(T, [3.0, 2e4 / R, 0.0]), laws.arrhenius(T, [3.0, 2e4]), rtol=1e-13
    )
    frozen, jacobian = laws.vogel_fulcher_tammann.value_and_jacobian([[150.0], [149.0]], [3.0, 600.0, 150.0])
    assert (frozen == 0).all()
    assert (jacobian == 0).all()


def test_activation_energy_is_linear_in_temperature():
    E, E1 = 2e4, -60.0
    T = np.linspace(250, 350, 21)[:, None]
    law = laws.arrhenius_linear_energy
    slope = law.gradient(T, [5.0, E, E1])[:, 0] / law(T, [5.0, E, E1])  # d ln y / dT
    np.testing.assert_allclose(R * T[:, 0] ** 2 * slope, E + E1 * (T[:, 0] - 298.15), rtol=1e-12)
    np.testing.assert_allclose(law(T, [5.0, E, 0.0]), laws.arrhenius(T, [5.0, E]), rtol=1e-13)


@pytest.mark.parametrize(("law", "scale"), [(laws.casteel_amis, 1e3), (laws.casteel_amis_molality, 1.0)])
def test_casteel_amis_has_its_maximum_where_it_says(law, scale):
    theta = [1.2, 1.1 * scale, 0.9, -0.2 / scale**2]
    assert law([[1.1 * scale]], theta)[0] == pytest.approx(1.2, rel=1e-14)
    assert law.gradient([[1.1 * scale]], theta)[0, 0] == pytest.approx(0.0, abs=1e-15 / scale)
    value, jacobian = law.value_and_jacobian([[0.0]], theta)
    assert value[0] == 0
    assert (jacobian == 0).all()


def test_casteel_amis_arrhenius_at_the_reference_temperature():
    theta = [1.2, 1100.0, 0.9, -2e-7]
    c = np.linspace(100, 3000, 7)
    with_temperature = laws.casteel_amis_arrhenius(np.column_stack([c, np.full(7, 298.15)]), [*theta, 2e4])
    np.testing.assert_allclose(with_temperature, laws.casteel_amis(c[:, None], theta), rtol=1e-14)


def test_landesfeind_in_the_units_of_the_paper():
    """mS/cm and mol/L with the constants of Table II for EC:EMC 3:7; 1 mol/L at 25 °C gives 9.13 mS/cm."""
    p1, p2, p3, p4, p5, p6 = 5.21e-1, 2.28e2, -1.06, 3.53e-1, -3.59e-3, 1.48e-3
    c, T = np.meshgrid([0.1, 0.5, 1.0, 2.0, 3.0], [263.15, 298.15, 323.15])
    hot = np.exp(1000 / T)
    paper = p1 * (1 + (T - p2)) * c * (1 + p3 * np.sqrt(c) + p4 * (1 + p5 * hot) * c) / (1 + c**4 * p6 * hot)
    ours = laws.landesfeind2019(np.column_stack([1e3 * c.ravel(), T.ravel()]), laws.landesfeind2019.start)
    np.testing.assert_allclose(10 * ours, paper.ravel(), rtol=1e-12)
    assert paper[1, 2] == pytest.approx(9.13, abs=0.005)


def test_flores_in_the_units_of_the_paper():
    T, c, r = 293.15, 1.1, 0.6
    paper = -5.11 * c - 0.04 * T - 0.35 * c**2.5 * r**0.5 + 0.000273 * T**2 * c**0.25
    assert 10 * laws.flores2022([[T, c, r]], laws.flores2022.start)[0] == pytest.approx(paper, rel=1e-13)


def test_redlich_kister_is_nernst_at_order_zero_and_has_its_published_terms():
    x = np.linspace(0.05, 0.95, 7)
    nernst = 3.4 + R * 298.15 / F * np.log((1 - x) / x)
    np.testing.assert_allclose(laws.redlich_kister(0)(x[:, None], [3.4]), nernst, rtol=1e-14)
    z = 2 * x - 1
    theta = np.array([3.4, 2e4, -1e4, 5e3])
    terms = [z, z**2 - 2 * x * (1 - x), z**3 - 4 * x * (1 - x) * z]
    expected = nernst + sum(A / F * term for A, term in zip(theta[1:], terms, strict=True))
    np.testing.assert_allclose(laws.redlich_kister(3)(x[:, None], theta), expected, rtol=1e-13)
    # at half filling the even terms are not singular, and an order contains the one before
    assert np.isfinite(laws.redlich_kister(4).jacobian([[0.5]], np.ones(5))).all()
    np.testing.assert_allclose(laws.redlich_kister(4)(x[:, None], [*theta, 0.0]), expected, rtol=1e-13)


def test_redlich_kister_is_the_derivative_of_an_excess_energy():
    """U - U_ideal = -(1/F) d/dx [x (1-x) sum_k A_k (2x-1)^k], here by central differences."""
    theta, x, h = np.array([0.0, 2e4, -1e4, 5e3, 3e3]), np.linspace(0.1, 0.9, 9), 1e-5

    def excess(x):
        return x * (1 - x) * sum(A * (2 * x - 1) ** k for k, A in enumerate(theta[1:]))

    ideal = laws.redlich_kister(0)(x[:, None], [0.0])
    found = laws.redlich_kister(4)(x[:, None], theta) - ideal
    np.testing.assert_allclose(found, -(excess(x + h) - excess(x - h)) / (2 * h) / F, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("law", ALL, ids=lambda law: law.name)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_derivatives_agree_with_finite_differences(law, seed):
    random = np.random.default_rng(seed)
    X, theta = rows(law, 5, random), parameters(law, random)
    value, jacobian = law.value_and_jacobian(X, theta)
    size = np.abs(value).max() + 1e-300
    for j in range(law.count):
        step = 1e-6 * max(abs(theta[j]), 1e-6 * min(1.0, law.bounds[1][j]))
        up, down = theta.copy(), theta.copy()
        up[j], down[j] = theta[j] + step, theta[j] - step
        difference = (law(X, up) - law(X, down)) / (2 * step)
        # rounding of the difference of two values of this size, and truncation of second order
        np.testing.assert_allclose(jacobian[:, j], difference, rtol=1e-5, atol=1e-9 * size / step + 1e-300)
    for i in range(len(law.variables)):
        step = 1e-6 * np.abs(X[:, i]).max()
        up, down = X.copy(), X.copy()
        up[:, i], down[:, i] = X[:, i] + step, X[:, i] - step
        difference = (law(up, theta) - law(down, theta)) / (2 * step)
        np.testing.assert_allclose(law.gradient(X, theta)[:, i], difference, rtol=1e-4, atol=1e-8 * size / step)


@pytest.mark.parametrize("law", ALL, ids=lambda law: law.name)
def test_linear_parameters_are_linear(law):
    random = np.random.default_rng(1)
    X, theta = rows(law, 9, random), parameters(law, random)
    linear = np.isin(law.names, law.linear)
    shift = np.where(linear, 0.1 * np.abs(theta) + 0.1, 0.0)
    jacobian = law.jacobian(X, theta)
    np.testing.assert_allclose(law.jacobian(X, theta + shift)[:, linear], jacobian[:, linear], rtol=1e-12)
    np.testing.assert_allclose(law(X, theta + shift), law(X, theta) + jacobian @ shift, rtol=1e-11)


@pytest.mark.parametrize("law", [law for law in ALL if law.name != "linear(3)"], ids=lambda law: law.name)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_a_change_of_units_changes_nothing(law, seed):
    """Other units of m, kg, s, K, with those of mol and A such that R and F keep their numbers."""
    random = np.random.default_rng(seed)
    log = dict(zip(("m", "kg", "s", "K"), random.uniform(-1, 1, 4), strict=True))
    if law.name not in ("arrhenius", "vogel_fulcher_tammann", "flores2022"):
        log["K"] = 0.0  # the law has a temperature of its own
    if law.name == "landesfeind2019":
        log["kg"] = 2 * log["s"] + log["m"]  # so that mol/m**3 stays
    log["mol"] = log["kg"] + 2 * log["m"] - 2 * log["s"] - log["K"]
    log["A"] = log["mol"] - log["s"]

    def scale(unit, response=0.7):
        return np.exp(
            response if unit is None else np.dot(dimension(unit), [log[b] for b in ("m", "kg", "s", "A", "K", "mol")])
        )

    X, theta = rows(law, 6, random), parameters(law, random)
    X_new = X * [scale(v.unit) for v in law.variables]
    theta_new = theta * [scale(p.unit) for p in law.parameters]
    expected = law(X, theta) * scale(law.response_unit)
    np.testing.assert_allclose(law(X_new, theta_new), expected, rtol=1e-9, atol=1e-11 * np.abs(expected).max())


@pytest.mark.parametrize("law", ALL, ids=lambda law: law.name)
def test_every_law_says_where_it_comes_from(law):
    assert law.source
    assert law.formula
    assert law.doi.startswith("10.") or law.name.startswith(("constant", "linear", "levich", "koutecky"))
    assert laws.named(law.name) is law
    assert (law.bounds[0] <= law.start).all()
    assert (law.start <= law.bounds[1]).all()


@pytest.mark.parametrize("law", ALL, ids=lambda law: law.name)
def test_copies_and_pickles_are_the_same_law(law):
    assert copy.deepcopy(law) is law
    again = pickle.loads(pickle.dumps(law))
    assert again == law
    assert hash(again) == hash(law)
    X = rows(law, 3, np.random.default_rng(0))
    np.testing.assert_array_equal(again(X, law.start), law(X, law.start))


def test_double_precision_without_touching_the_global_setting():
    import jax.numpy as jnp

    before = jnp.ones(1).dtype
    assert laws.arrhenius([[300.0]], [1.0, 3e4]).dtype == np.float64
    assert jnp.ones(1).dtype == before


def test_importing_laws_does_not_import_jax():
    code = "import sys, faradaic.laws; sys.exit('jax' in sys.modules or 'sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_rows_and_many_rows():
    assert laws.arrhenius(np.empty((0, 1)), [1.0, 3e4]).shape == (0,)
    assert laws.constant(np.empty((3, 0)), [2.0]).tolist() == [2.0] * 3
    T = np.linspace(250, 350, 1000)[:, None]
    np.testing.assert_array_equal(laws.arrhenius(T, [1.0, 3e4])[:10], laws.arrhenius(T[:10], [1.0, 3e4]))


def test_outside_the_range_of_validity():
    X = [[300.0, 1.0, 0.5], [300.0, 3.0, 0.5], [200.0, 1.0, 0.5], [np.nan, 1.0, 0.5]]
    assert laws.flores2022.outside(X).tolist() == [False, True, True, True]
    assert laws.constant.outside(np.empty((2, 0))).tolist() == [False, False]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: laws.arrhenius([300.0], [1.0, 2.0]), "one column for each variable"),
        (lambda: laws.arrhenius([[300.0]], [1.0]), "2 parameters"),
        (lambda: laws.redlich_kister(-1), "at least 0"),
        (lambda: laws.redlich_kister(2, -3.0), "positive"),
        (lambda: laws.linear(0), "positive integer"),
        (lambda: laws.named("arhenius"), "did you mean arrhenius"),
        (lambda: laws.Parameter("a", "1", lower=0, upper=1, start=2), "within its bounds"),
        (lambda: laws.Parameter("a", "1", lower=-1, start=1, log=True), "logarithm"),
        (lambda: laws.Variable("T", "K", valid=(5, 1)), r"\(low, high\)"),
    ],
)
def test_wrong_arguments_are_told(call, words):
    with pytest.raises(ArgumentError, match=words):
        call()


def test_a_users_law_must_name_its_arguments():
    decorate = laws.law(formula="y = a x", variables=[laws.Variable("x")], parameters=[laws.Parameter("a", None)])
    with pytest.raises(ArgumentError, match=r"\(x, a\), got \(a, x\)"):
        decorate(lambda a, x: a * x)
    with pytest.raises(ArgumentError, match="b"):
        laws.law(formula="y = a", variables=[], parameters=[laws.Parameter("a", None)], linear=["b"])(lambda a: a)
