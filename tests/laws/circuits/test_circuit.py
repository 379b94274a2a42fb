"""Elements and circuits against the package `impedance`, closed forms, automatic differentiation and limits."""

import dataclasses
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faradaic._core import ArgumentError
from faradaic.laws import dimension
from faradaic.laws.circuits import ELEMENTS, Circuit, Leaf, Parallel, Series

FREQUENCY = np.logspace(-3, 6, 37)
EVERYTHING = "R0-L0-p(R1,C1)-p(R2-W2,CPE2)-W1-Wo1-Ws1-G1-Zarc1-HN1"


def drawn(circuit, random, *shape):
    theta = 10 ** random.uniform(-3, 2, (*shape, circuit.count))
    return np.where(circuit.logarithmic, theta, random.uniform(0.3, 1.0, theta.shape))


@st.composite
def trees(draw, depth=3):
    """Write a circuit of any shape, with labels that tell the elements apart."""
    number = iter(range(1000))

    def part(depth):
        if depth == 0 or draw(st.booleans()):
            return f"{draw(st.sampled_from(sorted(ELEMENTS)))}{next(number)}"
        parts = [part(depth - 1) for _ in range(draw(st.integers(2, 3)))]
        return f"p({','.join(parts)})" if draw(st.booleans()) else "-".join(parts)

    return part(depth)


class TestElements:
    @pytest.mark.parametrize("symbol", sorted(set(ELEMENTS) - {"HN"}))
    def test_they_are_those_of_the_package_impedance(self, symbol):
        elements = pytest.importorskip("impedance.models.circuits.elements")
        random = np.random.default_rng(0)
        theirs = elements.circuit_elements[symbol]
        circuit = Circuit(f"{symbol}1")
        assert circuit.count == theirs.num_params
        for theta in drawn(circuit, random, 20):
            expected = theirs(theta.tolist(), FREQUENCY.tolist())
            np.testing.assert_allclose(circuit(FREQUENCY, theta), expected, rtol=1e-12)

    def test_a_circuit_is_that_of_the_package_impedance(self):
        peer = pytest.importorskip("impedance.models.circuits")
        text = "R0-p(R1,CPE1)-p(R2-Wo2,C2)-Ws3"
        circuit = Circuit(text)
        theta = drawn(circuit, np.random.default_rng(1))
        theirs = peer.CustomCircuit(text, initial_guess=theta.tolist())
        with pytest.warns(UserWarning, match="based on initial parameters"):
            expected = theirs.predict(FREQUENCY, use_initial=True)
        np.testing.assert_allclose(circuit(FREQUENCY, theta), expected, rtol=1e-12)

    def test_havriliak_negami_contains_zarc_and_is_its_closed_form(self):
        random = np.random.default_rng(2)
        zarc = drawn(Circuit("Zarc1"), random)
        np.testing.assert_allclose(
            Circuit("HN1")(FREQUENCY, [*zarc, 1.0]), Circuit("Zarc1")(FREQUENCY, zarc), rtol=1e-12
        )
        R, tau, alpha, beta = 3.0, 0.2, 0.7, 0.6
        expected = R / (1 + (2j * np.pi * FREQUENCY * tau) ** alpha) ** beta
        np.testing.assert_allclose(Circuit("HN1")(FREQUENCY, [R, tau, alpha, beta]), expected, rtol=1e-12)

    def test_zarc_is_a_resistor_beside_a_constant_phase(self):
        R, Q, alpha = 40.0, 2e-4, 0.8
        np.testing.assert_allclose(
            Circuit("Zarc1")(FREQUENCY, [R, (R * Q) ** (1 / alpha), alpha]),
            Circuit("p(R1,CPE1)")(FREQUENCY, [R, Q, alpha]),
            rtol=1e-12,
        )

    def test_a_constant_phase_contains_capacitor_resistor_and_warburg(self):
        phase = Circuit("CPE1")
        np.testing.assert_allclose(phase(FREQUENCY, [2e-3, 1.0]), Circuit("C1")(FREQUENCY, [2e-3]), rtol=1e-12)
        np.testing.assert_allclose(phase(FREQUENCY, [0.2, 0.0]), np.full(len(FREQUENCY), 5.0), rtol=1e-12)
        warburg = Circuit("W1")(FREQUENCY, [1 / (np.sqrt(2) * 0.2)])
        np.testing.assert_allclose(phase(FREQUENCY, [0.2, 0.5]), warburg, rtol=1e-12)

    def test_finite_diffusion_at_its_ends(self):
        R, tau = 7.0, 1.0
        low, high = np.array([1e-6]), np.array([1e6])
        half_infinite = Circuit("W1")(high, [R / np.sqrt(2 * tau)])
        for symbol in ("Wo", "Ws"):
            np.testing.assert_allclose(Circuit(f"{symbol}1")(high, [R, tau]), half_infinite, rtol=1e-12)
        np.testing.assert_allclose(Circuit("Ws1")(low, [R, tau]), R, rtol=1e-5)
        blocked = R / 3 + 1 / (2j * np.pi * low * tau / R)
        np.testing.assert_allclose(Circuit("Wo1")(low, [R, tau]), blocked, rtol=1e-9)

    @pytest.mark.parametrize("element", ELEMENTS.values(), ids=ELEMENTS)
    def test_every_element_says_what_it_is(self, element):
        assert element.name
        assert element.latex
        assert element.doi.startswith("10.")
        assert len(element.units) == len(element.scaling) == element.count
        for parameter, unit in zip(element.parameters, element.units, strict=True):
            assert (dimension(parameter.unit) == dimension(unit)) if parameter.unit else unit == "s**alpha/ohm"

    @pytest.mark.parametrize("symbol", sorted(ELEMENTS))
    def test_the_sign_of_the_real_part_is_that_of_a_passive_element(self, symbol):
        circuit = Circuit(f"{symbol}1")
        for theta in drawn(circuit, np.random.default_rng(3), 20):
            z = circuit(FREQUENCY, theta)
            assert (z.real >= -1e-12 * np.abs(z)).all()


class TestDerivatives:
    def test_they_are_those_of_automatic_differentiation(self):
        import jax

        circuit, random = Circuit(EVERYTHING), np.random.default_rng(4)
        theta = drawn(circuit, random, 3)
        z, jacobian = circuit.value_and_jacobian(FREQUENCY, theta)
        with jax.enable_x64(True):

            def parts(t):
                again = circuit.function(FREQUENCY, t)
                return jax.numpy.stack([again.real, again.imag])

            along = jax.jit(lambda t, v: jax.jvp(parts, (t,), (v,)))
            for one, value, slopes in zip(theta, z, jacobian, strict=True):
                for direction in random.normal(size=(5, circuit.count)) * one:
                    again, slope = (np.asarray(part) for part in along(one, direction))
                    np.testing.assert_allclose(again[0] + 1j * again[1], value, rtol=1e-12)
                    size = np.abs(slopes * direction).sum(axis=1)
                    np.testing.assert_array_less(np.abs(slope[0] + 1j * slope[1] - slopes @ direction), 1e-12 * size)

    @settings(max_examples=25, deadline=None)
    @given(text=trees(), seed=st.integers(0, 2**31))
    def test_they_are_finite_differences_in_the_coordinates_of_a_fit(self, text, seed):
        circuit = Circuit(text)
        theta = drawn(circuit, np.random.default_rng(seed))
        theta = np.where(circuit.logarithmic, theta, np.minimum(theta, 0.95))
        z, sensitivities = circuit.value_and_sensitivities(FREQUENCY, theta)
        for j, logarithmic in enumerate(circuit.logarithmic):
            up, down, step = theta.copy(), theta.copy(), 1e-5
            up[j] = theta[j] * np.exp(step) if logarithmic else theta[j] + step
            down[j] = theta[j] * np.exp(-step) if logarithmic else theta[j] - step
            difference = (circuit(FREQUENCY, up) - circuit(FREQUENCY, down)) / (2 * step)
            # rounding of the difference is relative to z, truncation to the sensitivity
            assert (np.abs(difference - sensitivities[j]) <= 1e-7 * (np.abs(z) + np.abs(sensitivities[j]))).all()


class TestTree:
    @settings(max_examples=50, deadline=None)
    @given(text=trees())
    def test_text_and_tree_are_the_same_thing(self, text):
        circuit = Circuit(text)
        assert Circuit(str(circuit)) == circuit
        assert Circuit.from_tree(circuit.tree) == circuit
        assert pickle.loads(pickle.dumps(circuit)) == circuit

    @settings(max_examples=25, deadline=None)
    @given(text=trees(), seed=st.integers(0, 2**31), power=st.floats(-3, 3))
    def test_impedance_scales_as_the_parameters_say(self, text, seed, power):
        circuit, factor = Circuit(text), 10.0**power
        theta = drawn(circuit, np.random.default_rng(seed))
        scaled = circuit(FREQUENCY, theta * factor**circuit.scaling)
        np.testing.assert_allclose(scaled, factor * circuit(FREQUENCY, theta), rtol=1e-9)

    def test_a_tree_is_flat_and_frozen(self):
        tree = Circuit(" p( p(R0,R1) , R2-C2 )-L1 ").tree
        assert isinstance(tree, Series)
        branches = tree.parts[0]
        assert isinstance(branches, Parallel)
        assert [type(part) for part in branches.parts] == [Leaf, Leaf, Series]
        with pytest.raises(dataclasses.FrozenInstanceError):
            tree.parts = ()
        with pytest.raises(dataclasses.FrozenInstanceError):
            Circuit("R0").text = "R1"

    def test_names_and_units(self):
        circuit = Circuit("R_0-p(CPE1,Wo2)-HN3")
        assert circuit.names == (
            "R_0", "CPE1_Q", "CPE1_alpha", "Wo2_R", "Wo2_tau", "HN3_R", "HN3_tau", "HN3_alpha", "HN3_beta",
        )  # fmt: skip
        assert circuit.units[1:3] == ("s**alpha/ohm", "1")
        assert circuit.bounds[1].tolist() == [np.inf, np.inf, 1, np.inf, np.inf, np.inf, np.inf, 1, 1]
        assert [leaf.label for leaf in circuit.elements] == ["R_0", "CPE1", "Wo2", "HN3"]

    def test_many_sets_at_once_and_by_name(self):
        circuit = Circuit("R0-p(R1,C1)")
        theta = drawn(circuit, np.random.default_rng(5), 2, 3)
        z = circuit(FREQUENCY, theta)
        assert z.shape == (2, 3, len(FREQUENCY))
        np.testing.assert_array_equal(z[1, 2], circuit(FREQUENCY, theta[1, 2]))
        by_name = dict(zip(reversed(circuit.names), theta[0, 0][::-1], strict=True))
        np.testing.assert_array_equal(z[0, 0], circuit(FREQUENCY, by_name))

    @pytest.mark.parametrize(
        ("text", "place", "words"),
        [
            ("R0-Q1", 4, "unknown element 'Q1'"),
            ("R0-p(R1,CPE1", 13, r"expected ',' or '\)' for the p\( at character 4"),
            ("R0-", 4, "ends"),
            ("R0-p(R1)", 4, "one branch"),
            ("R0-p(R1,R0)", 9, "names 'R0' again"),
            ("R0)", 3, r"no '\(' was opened"),
            ("p R1", 1, r"write p\(R1,CPE1\)"),
            ("R0-p(R1,,C1)", 9, "expected an element"),
            ("R0--C1", 4, "expected an element"),
            ("R0 C1", 4, "expected '-' or the end"),
            ("R0-p(R1,C1)(", 12, "expected '-' or the end"),
            ("-R0", 1, "expected an element"),
            ("R0-p()", 6, "expected an element"),
            ("R0-CPR1", 4, "did you mean CPE"),
            ("p(" * 60 + "R1,R2)", 101, "nested too deep"),
        ],
    )
    def test_a_wrong_circuit_is_told_with_the_place(self, text, place, words):
        with pytest.raises(ArgumentError, match=words) as told:
            Circuit(text)
        assert f"at character {place} " in str(told.value)
        assert str(told.value).count("\n") == 0

    @settings(max_examples=200, deadline=None)
    @given(text=st.text(alphabet="RCLWp(),-_01 \tGxé", max_size=15))
    def test_any_text_is_a_circuit_or_an_argument_error(self, text):
        try:
            circuit = Circuit(text)
        except ArgumentError:
            return
        assert Circuit(str(circuit)) == circuit

    @pytest.mark.parametrize("text", ["", "   ", 3, None])
    def test_no_circuit_at_all(self, text):
        with pytest.raises(ArgumentError, match="circuit is"):
            Circuit(text)

    @pytest.mark.parametrize(
        ("frequency", "theta", "words"),
        [
            ([[1.0]], [1.0, 1.0], "shape"),
            ([0.0, 1.0], [1.0, 1.0], "positive numbers in Hz"),
            ([1.0, np.nan], [1.0, 1.0], "positive numbers in Hz"),
            ([1.0], [1.0], "2 parameters"),
            ([1.0], 1.0, "2 parameters"),
            ([1.0], [1.0, -1.0], "C1 of R0-C1 must be positive"),
            ([1.0], {"R0": 1.0, "c1": 1.0}, "no parameter 'c1'; did you mean C1"),
            ([1.0], {"R0": 1.0, "xyz": 1.0}, "they are R0 and C1"),
            ([1.0], {"R0": 1.0}, "needs a value for C1"),
        ],
    )
    def test_wrong_numbers_are_told(self, frequency, theta, words):
        with pytest.raises(ArgumentError, match=words):
            Circuit("R0-C1")(frequency, theta)


def test_the_room_does_not_import_jax():
    code = "import sys, faradaic.laws.circuits; sys.exit('jax' in sys.modules or 'impedance' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_element_is_a_jax_function():
    import jax

    with jax.enable_x64(True):
        z = jax.jit(ELEMENTS["G"].function)(FREQUENCY, 2.0, 3.0)
    np.testing.assert_allclose(z, ELEMENTS["G"](FREQUENCY, 2.0, 3.0), rtol=1e-12)
