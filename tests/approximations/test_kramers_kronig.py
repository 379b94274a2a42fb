"""The linear Kramers–Kronig test: spectra that obey the relations pass, those that drift or are not causal do not."""

import numpy as np
import pytest

from faradaic._core import ArgumentError, InputError
from faradaic.approximations import kramers_kronig
from faradaic.data import Spectrum, read_impedance
from faradaic.laws.circuits import Circuit

FREQUENCY = np.geomspace(1e5, 1e-2, 60)
SOUND = {
    "R0-p(R1,CPE1)-W1": [10.0, 90.0, 1e-4, 0.85, 5.0],
    "R0-p(R1,C1)-p(R2,C2)": [10.0, 50.0, 1e-5, 50.0, 1e-2],
    "L0-R0-p(R1,CPE1)-p(R2,CPE2)-W1": [5e-7, 0.3, 0.2, 0.03, 0.7, 0.4, 0.5, 0.9, 0.1],
    "R0-p(R1-Wo1,CPE1)": [5.0, 20.0, 30.0, 1.0, 1e-5, 0.9],
    "R0-G1": [5.0, 20.0, 0.1],
    "R0-C1": [5.0, 1e-2],
    "R0-p(R1,L1)-p(R2,C2)": [5.0, 20.0, 1.0, 50.0, 1e-4],
}


def noisy(Z, size, seed):
    a, b = np.random.default_rng(seed).normal(size=(2, len(Z)))
    return Z + size * np.abs(Z) * (a + 1j * b)


def drifting(growth):
    """R0 and R1 grow from point to point of the sweep."""
    circuit, theta = Circuit("R0-p(R1,CPE1)-W1"), np.array(SOUND["R0-p(R1,CPE1)-W1"])
    late = np.linspace(0, 1, len(FREQUENCY))
    return np.array(
        [
            circuit([f], theta * [1 + growth * t, 1 + growth * t, 1, 1, 1])[0]
            for f, t in zip(FREQUENCY, late, strict=True)
        ]
    )


class TestSound:
    @pytest.mark.parametrize("size", [1e-3, 1e-2])
    @pytest.mark.parametrize("text", SOUND)
    def test_a_circuit_with_noise_passes_and_the_residuals_are_the_noise(self, text, size):
        Z = Circuit(text)(FREQUENCY, SOUND[text])
        found = [kramers_kronig(Spectrum(FREQUENCY, noisy(Z, size, seed))) for seed in range(4)]
        assert all(one.consistent for one in found)
        assert all(one.verdict.startswith("Consistent with the Kramers-Kronig relations") for one in found)
        # 4 spectra of about 100 degrees of freedom scatter by 4 %
        assert np.mean([one.noise for one in found]) == pytest.approx(size, rel=0.12)

    @pytest.mark.parametrize("text", SOUND)
    def test_an_exact_circuit_leaves_next_to_nothing(self, text):
        found = kramers_kronig(Spectrum(FREQUENCY, Circuit(text)(FREQUENCY, SOUND[text])))
        assert found.consistent
        assert np.abs(found.residuals).max() < 1e-3

    def test_false_alarms_are_rare(self):
        Z = Circuit("R0-p(R1,CPE1)-W1")(FREQUENCY, SOUND["R0-p(R1,CPE1)-W1"])
        alarms = [
            not kramers_kronig(Spectrum(FREQUENCY, noisy(Z, 0.01, seed)), tolerance=0.0).consistent
            for seed in range(30)
        ]
        assert sum(alarms) == 0

    def test_the_order_of_the_points_does_not_count(self):
        Z = noisy(Circuit("R0-G1")(FREQUENCY, SOUND["R0-G1"]), 0.01, 0)
        places = np.random.default_rng(0).permutation(len(Z))
        once, twice = (kramers_kronig(Spectrum(FREQUENCY[p], Z[p])) for p in (slice(None), places))
        np.testing.assert_allclose(twice.residuals, once.residuals[places], atol=1e-12)
        assert twice.standard_errors == pytest.approx(once.standard_errors)

    def test_ohm_and_second_do_not_count(self):
        Z = noisy(Circuit("R0-G1")(FREQUENCY, SOUND["R0-G1"]), 0.01, 0)
        once, twice = kramers_kronig(Spectrum(FREQUENCY, Z)), kramers_kronig(Spectrum(1e3 * FREQUENCY, 1e-4 * Z))
        np.testing.assert_allclose(twice.residuals, once.residuals, atol=1e-9)


class TestNotSound:
    @pytest.mark.parametrize("size", [0.0, 1e-3])
    @pytest.mark.parametrize("growth", [0.1, 0.2, 0.5])
    def test_a_system_that_drifts_fails(self, growth, size):
        found = kramers_kronig(Spectrum(FREQUENCY, noisy(drifting(growth), size, 1)))
        assert not found.consistent
        assert "drifted" in str(found)

    def test_large_noise_hides_a_small_drift_but_not_a_large_one(self):
        small, large = (kramers_kronig(Spectrum(FREQUENCY, noisy(drifting(g), 0.01, 2))) for g in (0.05, 0.5))
        assert small.consistent
        assert not large.consistent

    @pytest.mark.parametrize("text", ["R0-p(R1,CPE1)-W1", "R0-p(R1,C1)-p(R2,C2)", "R0-G1"])
    def test_one_that_answers_before_it_is_asked_fails(self, text):
        Z = Circuit(text)(FREQUENCY, SOUND[text])
        for wrong in (Z.conj(), Z.real + 1.2j * Z.imag, 1.2 * Z.real + 1j * Z.imag):
            found = kramers_kronig(Spectrum(FREQUENCY, noisy(wrong, 1e-3, 3)))
            assert not found.consistent
            assert found.systematic > found.noise

    def test_the_place_is_told(self):
        Z = Circuit("R0-p(R1,CPE1)-W1")(FREQUENCY, SOUND["R0-p(R1,CPE1)-W1"])
        bump = 1 + 0.05 * np.exp(-((np.log10(FREQUENCY) - 2) ** 2) / 0.1)
        found = kramers_kronig(Spectrum(FREQUENCY, noisy(Z.real * bump + 1j * Z.imag, 1e-3, 4)))
        assert not found.consistent
        assert 10 < found.worst < 1000


class TestNumberOfUnits:
    def test_the_published_rule_ends_too_early_at_sharp_arcs(self):
        """An exact Gerischer element: mu falls below 0.85 with few units, whose model is coarse."""
        spectrum = Spectrum(FREQUENCY, Circuit("R0-G1")(FREQUENCY, SOUND["R0-G1"]))
        ours, published = (kramers_kronig(spectrum, choice=choice) for choice in ("information", "mu"))
        assert published.mu <= 0.85
        assert published.units < 10 < ours.units
        assert not published.consistent
        assert ours.consistent

    def test_where_arcs_are_broad_the_two_agree(self):
        Z = noisy(Circuit("R0-p(R1,CPE1)-W1")(FREQUENCY, SOUND["R0-p(R1,CPE1)-W1"]), 0.01, 5)
        for choice in ("information", "mu"):
            found = kramers_kronig(Spectrum(FREQUENCY, Z), choice=choice)
            assert found.consistent
            assert found.noise == pytest.approx(0.01, rel=0.2)

    def test_a_model_of_most_degrees_of_freedom_says_so(self, literature):
        pytest.importorskip("impedance")
        found = kramers_kronig(read_impedance(literature("eis_examples/exampleDataParstat.txt")))
        assert found.units + 3 > 0.75 * len(found.residuals)
        assert "the test says little" in str(found)

    def test_the_spectra_of_zhang_2020(self, literature):
        stored = np.loadtxt(literature("zhang2020/EIS_data.txt"))[::100]
        frequency = np.geomspace(2e4, 0.02, 60)
        found = [kramers_kronig(Spectrum(frequency, row[:60] - 1j * row[60:])) for row in stored]
        assert np.mean([one.consistent for one in found]) > 0.9
        assert np.median([one.noise for one in found]) < 0.003
        # with the sign as it is stored none passes
        assert not any(kramers_kronig(Spectrum(frequency, row[:60] + 1j * row[60:])).consistent for row in stored[::4])


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"spectrum": [1.0]}, ArgumentError, "faradaic.data.Spectrum, got list"),
        ({"choice": "best"}, ArgumentError, "'information' or 'mu'"),
        ({"tolerance": -1.0}, ArgumentError, "tolerance"),
        ({"spectrum": Spectrum(FREQUENCY[:9], np.ones(9))}, InputError, "at least 10 points"),
        ({"spectrum": Spectrum(np.ones(20), np.ones(20))}, InputError, "different frequencies"),
        ({"spectrum": Spectrum(FREQUENCY, 0 * FREQUENCY)}, InputError, "zero modulus"),
    ],
)
def test_wrong_arguments_are_told(change, error, words):
    arguments = {"spectrum": Spectrum(FREQUENCY, np.ones(60)), **change}
    with pytest.raises(error, match=words):
        kramers_kronig(**arguments)
