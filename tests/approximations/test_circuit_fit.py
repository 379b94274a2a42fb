"""Circuits fitted to spectra: against another implementation, coverage, poor starts, failures, and many at once."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from faradaic._core import ArgumentError, InputError
from faradaic.approximations import fit_circuit
from faradaic.laws.circuits import Circuit

CIRCUIT = Circuit("R0-p(R1,CPE1)-W1")
TRUTH = np.array([10.0, 90.0, 1e-4, 0.85, 5.0])
FREQUENCY = np.logspace(-2, 5, 50)


def noisy(circuit, theta, seed, *k, size=0.01, frequency=FREQUENCY):
    Z = circuit(frequency, theta)
    a, b = np.random.default_rng(seed).normal(size=(2, *k, len(frequency)))
    return Z + size * np.abs(Z) * (a + 1j * b)


class TestOneSpectrum:
    @pytest.mark.parametrize("weighting", ["modulus", "unit"])
    def test_the_optimum_and_its_covariance_are_those_of_minpack(self, weighting):
        Z = noisy(CIRCUIT, TRUTH, 0)
        fit = fit_circuit(CIRCUIT, FREQUENCY, Z, weighting)
        sigma = np.tile(np.abs(Z) if weighting == "modulus" else np.ones(len(Z)), 2)

        def stacked(f, *u):
            theta = np.where(CIRCUIT.logarithmic, np.exp(u), u)
            z = CIRCUIT(FREQUENCY, theta)
            return np.concatenate([z.real, z.imag])

        u, covariance = optimize.curve_fit(
            stacked, FREQUENCY, np.concatenate([Z.real, Z.imag]), sigma=sigma, xtol=1e-14, ftol=1e-14,
            p0=np.where(CIRCUIT.logarithmic, np.log(TRUTH), TRUTH),
        )  # fmt: skip
        np.testing.assert_allclose(fit.theta, np.where(CIRCUIT.logarithmic, np.exp(u), u), rtol=1e-5)
        # curve_fit differentiates by finite differences
        np.testing.assert_allclose(fit.covariance, covariance, rtol=1e-3, atol=1e-5 * np.abs(covariance).max())
        residuals = (stacked(None, *u) - np.concatenate([Z.real, Z.imag])) / sigma
        assert fit.chi_square == pytest.approx((residuals**2).sum(), rel=1e-8)
        assert fit.dof == 2 * len(Z) - 5
        assert fit.noise == pytest.approx(np.sqrt(fit.chi_square / fit.dof))

    def test_residuals_and_prediction_belong_together(self):
        Z = noisy(CIRCUIT, TRUTH, 1)
        fit = fit_circuit("R0-p(R1,CPE1)-W1", FREQUENCY, Z)
        np.testing.assert_allclose(fit.predict() - Z, fit.residuals)
        np.testing.assert_allclose(fit.predict([1.0, 10.0]), CIRCUIT([1.0, 10.0], fit.theta))
        assert fit.parameters["CPE1_alpha"] == fit.theta[3]
        assert fit.intervals["W1"] == (fit.lower[4], fit.upper[4])
        assert fit.agreeing >= 2
        assert not fit.failures
        for words in ["5 parameters", "CPE1_Q = ", "s**alpha/ohm", "95 %", "% of the modulus", "start"]:
            assert words in str(fit)

    def test_exact_data_give_back_the_truth(self):
        fit = fit_circuit(CIRCUIT, FREQUENCY, CIRCUIT(FREQUENCY, TRUTH))
        np.testing.assert_allclose(fit.theta, TRUTH, rtol=1e-6)
        assert fit.noise < 1e-6

    @pytest.mark.parametrize("weighting", ["modulus", "unit", "estimated"])
    def test_the_size_of_the_noise_is_estimated(self, weighting):
        random = np.random.default_rng(2)
        Z = CIRCUIT(FREQUENCY, TRUTH)
        size = 0.3 if weighting == "unit" else 0.01 * np.abs(Z)
        Z = Z + size * (random.normal(size=(20, 50)) + 1j * random.normal(size=(20, 50)))
        fit = fit_circuit(CIRCUIT, FREQUENCY, Z, weighting)
        expected = 0.3 if weighting == "unit" else 0.01
        # the mean of 20 estimates with 95 degrees of freedom scatters by 1.6 %
        assert np.mean(fit.noise) == pytest.approx(expected, rel=0.05)

    @settings(max_examples=5, deadline=None)
    @given(power=st.floats(-4, 4), shift=st.floats(-3, 3), seed=st.integers(0, 2**20))
    def test_other_units_of_ohm_and_of_time_change_nothing_else(self, power, shift, seed):
        Z = noisy(CIRCUIT, TRUTH, seed)
        fit = fit_circuit(CIRCUIT, FREQUENCY, Z)
        ohm, second = 10.0**power, 10.0**shift
        other = fit_circuit(CIRCUIT, FREQUENCY / second, Z * ohm)
        alpha = fit.theta[3]
        factor = np.array([ohm, ohm, second**alpha / ohm, 1.0, ohm / np.sqrt(second)])
        np.testing.assert_allclose(other.theta, fit.theta * factor, rtol=1e-4)
        assert other.chi_square == pytest.approx(float(fit.chi_square), rel=1e-6)


class TestCoverage:
    def test_intervals_of_all_parameters_hold_what_they_promise(self):
        repeats = 600
        fit = fit_circuit(CIRCUIT, FREQUENCY, noisy(CIRCUIT, TRUTH, 3, repeats))
        assert not fit.failures
        covered = ((fit.lower <= TRUTH) & (fit.upper >= TRUTH)).mean(axis=0)
        np.testing.assert_allclose(covered, 0.95, atol=0.03)

    def test_another_level(self):
        Z = noisy(CIRCUIT, TRUTH, 4, 300)
        wide = fit_circuit(CIRCUIT, FREQUENCY, Z)
        narrow = wide.at_level(0.5)
        assert (wide.upper > narrow.upper).all()
        np.testing.assert_allclose(narrow.at_level(0.95).lower, wide.lower)
        with pytest.raises(ArgumentError, match="level must lie between 0 and 1"):
            wide.at_level(1.0)
        covered = ((narrow.lower <= TRUTH) & (narrow.upper >= TRUTH)).mean(axis=0)
        np.testing.assert_allclose(covered, 0.5, atol=0.1)

    def test_reweighting_removes_the_bias_of_noise_in_the_weights(self):
        Z = noisy(CIRCUIT, TRUTH, 5, 40, size=0.1)
        measured, fitted = (fit_circuit(CIRCUIT, FREQUENCY, Z, w) for w in ("modulus", "estimated"))
        bias = [
            np.median(fit.predict() / CIRCUIT(FREQUENCY, TRUTH), axis=0).real.mean() - 1 for fit in (measured, fitted)
        ]
        assert bias[0] < -0.01
        assert abs(bias[1]) < 0.3 * abs(bias[0])


class TestStarts:
    @pytest.mark.parametrize("seed", range(10))
    def test_a_start_three_decades_off_does_no_harm(self, seed):
        random = np.random.default_rng(seed)
        start = np.where(CIRCUIT.logarithmic, TRUTH * 10 ** (3 * random.choice([-1.0, 1.0], 5)), 0.4)
        began = time.process_time()  # of the processor: what else runs on the machine does not count
        fit = fit_circuit(CIRCUIT, FREQUENCY, noisy(CIRCUIT, TRUTH, seed), start=start)
        assert time.process_time() - began < 1.0
        np.testing.assert_allclose(fit.theta, TRUTH, rtol=0.1)

    @pytest.mark.parametrize(
        ("text", "theta"),
        [
            ("L0-R0-p(R1,CPE1)-p(R2,C2)", [1e-6, 5.0, 20.0, 1e-4, 0.9, 40.0, 5e-2]),
            ("p(C0,R0-W1)", [1e-6, 50.0, 30.0]),
            ("R0-p(R1-Wo1,C1)", [5.0, 10.0, 30.0, 0.5, 2e-5]),
            ("R0-p(R1-Ws1,CPE1)", [5.0, 10.0, 30.0, 1.0, 2e-5, 0.9]),
            ("R0-Zarc1-G1", [5.0, 10.0, 1e-3, 0.8, 30.0, 1.0]),
            ("R0-HN1", [5.0, 10.0, 1e-2, 0.9, 0.7]),
            ("C1", [1e-3]),
        ],
    )
    def test_starts_come_from_the_data_for_every_element(self, text, theta):
        circuit = Circuit(text)
        fit = fit_circuit(circuit, FREQUENCY, noisy(circuit, theta, 7, size=1e-3))
        np.testing.assert_allclose(fit.theta, theta, rtol=0.1)
        assert ((fit.lower < fit.theta) & (fit.theta < fit.upper)).all()

    def test_a_start_by_name_and_one_for_each_spectrum(self):
        Z = noisy(CIRCUIT, TRUTH, 8, 2)
        plain = fit_circuit(CIRCUIT, FREQUENCY, Z)
        named = fit_circuit(CIRCUIT, FREQUENCY, Z, start=dict(zip(CIRCUIT.names, TRUTH, strict=True)))
        each = fit_circuit(CIRCUIT, FREQUENCY, Z, start=np.array([TRUTH, 2 * TRUTH]))
        for fit in (named, each):
            np.testing.assert_allclose(fit.theta, plain.theta, rtol=1e-4)

    def test_the_same_call_gives_the_same_numbers(self):
        Z = noisy(CIRCUIT, TRUTH, 9, 3)
        once, twice = (fit_circuit(CIRCUIT, FREQUENCY, Z) for _ in range(2))
        np.testing.assert_array_equal(once.theta, twice.theta)
        np.testing.assert_array_equal(once.covariance, twice.covariance)
        other = fit_circuit(CIRCUIT, FREQUENCY, Z, seed=1)
        np.testing.assert_allclose(other.theta, once.theta, rtol=1e-4)


class TestManySpectra:
    def test_many_at_once_are_the_same_as_one_by_one(self):
        Z = noisy(CIRCUIT, TRUTH, 10, 5)
        many = fit_circuit(CIRCUIT, FREQUENCY, Z)
        for i in range(5):
            one = fit_circuit(CIRCUIT, FREQUENCY, Z[i])
            np.testing.assert_allclose(many.theta[i], one.theta, rtol=1e-4)
            np.testing.assert_allclose(many.lower[i], one.lower, rtol=1e-3)
        assert many.theta.shape == (5, 5)
        assert many.covariance.shape == (5, 5, 5)
        assert len(many.stop) == 5
        assert "5 spectra" in str(many)
        assert "0 fits failed" in str(many)

    @pytest.mark.parametrize("weighting", ["modulus", "unit", "estimated"])
    def test_a_spectrum_that_cannot_be_fitted_is_counted_and_gives_no_number(self, weighting):
        Z = noisy(CIRCUIT, TRUTH, 11, 3)
        Z[1, 4] = np.nan
        fit = fit_circuit(CIRCUIT, FREQUENCY, Z, weighting)
        assert list(fit.failures) == [1]
        assert "not finite" in fit.failures[1]
        assert fit.failed.tolist() == [False, True, False]
        for values in (fit.theta, fit.lower, fit.upper, fit.residuals, fit.chi_square, fit.noise, fit.covariance):
            assert np.isnan(values[1]).all()
            assert np.isfinite(values[0]).all()
        assert np.isnan(fit.predict()[1]).all()
        assert fit.stop[1] == "not fitted"
        assert "1 failure: the spectrum holds a point that is zero or not finite" in str(fit)

    def test_all_of_them_fail(self):
        fit = fit_circuit(CIRCUIT, FREQUENCY, np.full(50, np.nan + 0j))
        assert fit.failed
        assert np.isnan(fit.theta).all()
        assert "the fit failed: the spectrum holds" in str(fit)

    def test_a_search_that_does_not_end_is_a_failure(self, monkeypatch):
        from faradaic.approximations import _circuit_problem

        search = _circuit_problem.batched_search
        monkeypatch.setattr(
            _circuit_problem, "batched_search", lambda *args, **kwargs: search(*args, **{**kwargs, "most": 1})
        )
        fit = fit_circuit(CIRCUIT, FREQUENCY, noisy(CIRCUIT, TRUTH, 12))
        assert fit.failures[0].startswith("no start of 16 converged; the best stopped after the most steps")
        assert np.isnan(fit.theta).all()

    def test_all_spectra_of_zhang_2020(self, literature):
        """1,358 spectra, whose imaginary part is stored with its sign turned; each fourteenth of them here."""
        stored = np.loadtxt(literature("zhang2020/EIS_data.txt"))
        assert stored.shape == (1358, 120)
        Z = (stored[:, :60] - 1j * stored[:, 60:])[::14]
        fit = fit_circuit("L0-R0-p(R1,CPE1)-p(R2,CPE2)-W1", np.geomspace(2e4, 0.02, 60), Z)
        assert not fit.failures
        assert np.median(fit.noise) < 0.01
        assert fit.noise.max() < 0.02


class TestOrder:
    UNITS = Circuit("R0-p(R1,CPE1)-p(R2,CPE2)-p(R3,CPE3)")
    SLOW_FIRST = np.array([5.0, 30.0, 2e-1, 0.9, 20.0, 1e-3, 0.85, 10.0, 1e-5, 0.9])

    def test_units_of_one_build_come_out_with_the_faster_first(self):
        Z = noisy(self.UNITS, self.SLOW_FIRST, 16, 20, size=1e-3)
        fit = fit_circuit(self.UNITS, FREQUENCY, Z)
        expected = self.SLOW_FIRST[[0, 7, 8, 9, 4, 5, 6, 1, 2, 3]]
        np.testing.assert_allclose(fit.theta, np.tile(expected, (20, 1)), rtol=0.2)
        width = np.sqrt(np.einsum("kpp->kp", fit.covariance))
        R = [0, 1, 4, 7]
        np.testing.assert_allclose(np.log(fit.upper / fit.theta)[:, R], 1.99 * width[:, R], rtol=0.01)

    def test_bounds_that_tell_them_apart_keep_them(self):
        Z = noisy(self.UNITS, self.SLOW_FIRST, 16, size=1e-3)
        fit = fit_circuit(self.UNITS, FREQUENCY, Z, bounds={"CPE1_Q": (1e-2, 10), "CPE3_Q": (1e-7, 1e-4)})
        np.testing.assert_allclose(fit.theta, self.SLOW_FIRST, rtol=0.2)


class TestBounds:
    def test_equal_bounds_hold_a_parameter(self):
        fit = fit_circuit(CIRCUIT, FREQUENCY, noisy(CIRCUIT, TRUTH, 13), bounds={"CPE1_alpha": (0.85, 0.85)})
        assert fit.theta[3] == 0.85
        assert fit.held.tolist() == [False, False, False, True, False]
        assert fit.dof == 2 * 50 - 4
        assert (fit.covariance[3] == 0).all()
        assert fit.lower[3] == fit.upper[3] == 0.85
        assert "CPE1_alpha = 0.850, held by its bound" in str(fit)

    def test_narrower_bounds_hold(self):
        fit = fit_circuit(CIRCUIT, FREQUENCY, noisy(CIRCUIT, TRUTH, 14), bounds={"R0": (0, 8.0), "R1": (50, np.inf)})
        assert fit.theta[0] == pytest.approx(8.0)
        assert fit.held[0]
        assert fit.theta[1] >= 50

    def test_what_the_data_do_not_determine_has_no_finite_interval(self):
        circuit = Circuit("R0-R2-p(R1,C1)")
        fit = fit_circuit(circuit, FREQUENCY, noisy(Circuit("R0-p(R1,C1)"), [10.0, 90.0, 1e-4], 15))
        assert (fit.lower[:2] == 0).all()
        assert np.isinf(fit.upper[:2]).all()
        assert np.isfinite(fit.upper[2:]).all()
        assert np.isinf(np.diag(fit.covariance)[:2]).all()
        assert fit.theta[0] + fit.theta[1] == pytest.approx(10.0, rel=0.05)
        assert "R0 and R2 are in series: only R0 + R2 is identified." in str(fit)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"frequency": FREQUENCY[:-1]}, InputError, "one frequency for each point"),
        ({"frequency": FREQUENCY[None]}, InputError, "must have shape"),
        ({"frequency": -FREQUENCY}, InputError, "positive and finite"),
        ({"Z": np.ones((2, 2, 50), dtype=complex)}, InputError, "must have shape"),
        ({"frequency": [1.0, 2.0], "Z": [1.0, 2.0]}, InputError, "too few for the 5 parameters"),
        ({"frequency": [], "Z": []}, InputError, "must have shape"),
        ({"weighting": "modulo"}, ArgumentError, "'modulus', 'unit' or 'estimated'"),
        ({"restarts": 0}, ArgumentError, "restarts"),
        ({"restarts": True}, ArgumentError, "restarts"),
        ({"seed": -1}, ArgumentError, "seed"),
        ({"seed": 0.5}, ArgumentError, "seed"),
        ({"start": [1.0, 2.0]}, ArgumentError, r"start must have shape \(5,\) or \(1, 5\)"),
        ({"start": [1.0, 2.0, 3.0, 0.5, -1.0]}, ArgumentError, "positive but for exponents"),
        ({"start": {"R0": 1.0}}, ArgumentError, "also needs a value for R1"),
        ({"bounds": {"r0": (0, 1)}}, ArgumentError, "bounds names 'r0'.*R0"),
        ({"bounds": {"R0": (2, 1)}}, ArgumentError, "bounds of R0"),
        ({"bounds": {"CPE1_alpha": (0, 2)}}, ArgumentError, "bounds of CPE1_alpha"),
        ({"circuit": "R0-Q1"}, ArgumentError, "unknown element"),
    ],
)
def test_wrong_arguments_are_told(change, error, words):
    arguments = {"circuit": CIRCUIT, "frequency": FREQUENCY, "Z": CIRCUIT(FREQUENCY, TRUTH), **change}
    with pytest.raises(error, match=words):
        fit_circuit(**arguments)


def test_a_spectrum_for_which_no_start_comes_to_an_end_is_a_failure():
    frequency, rng = np.logspace(-1, 5, 50), np.random.default_rng(2)
    Z = Circuit("R0-p(R1,C1)")(frequency, [10.0, 90.0, 1e-4])
    noise = rng.normal(size=(2, 50))
    # three units where there is one: two of them run into one another, or away
    fit = fit_circuit("R0-p(R1,C1)-p(R2,C2)-p(R3,C3)", frequency, Z + 0.005 * np.abs(Z) * (noise[0] + 1j * noise[1]))
    assert fit.failed
    assert "no start of 16 converged" in fit.failures[0]
    assert np.isnan(fit.theta).all()
