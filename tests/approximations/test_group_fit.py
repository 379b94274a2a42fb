"""A law fitted to every group in one call: equal to SciPy and to fits made alone, and failures stay failures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import curve_fit

from faradaic._core import ArgumentError, InputError
from faradaic.approximations import LawRegressor, fit_groups
from faradaic.laws import Parameter, Variable, arrhenius, constant, law, linear, vogel_fulcher_tammann

T = np.linspace(270.0, 350.0, 9)


def series(count=20, noise=0.01, seed=0):
    rng = np.random.default_rng(seed)
    theta = np.column_stack([10 ** rng.uniform(-9, -7, count), rng.uniform(15e3, 40e3, count)])
    y = np.concatenate([arrhenius(T[:, None], one) for one in theta])
    y = y * (1.0 + noise * rng.normal(size=len(y)))
    return np.tile(T, count)[:, None], y, np.repeat(np.arange(count), len(T)), theta


class TestAgainstOthers:
    def test_scipy(self):
        X, y, groups, _ = series()
        fits = fit_groups(arrhenius, X, y, groups)
        for g in range(20):
            x, z = X[groups == g], y[groups == g]
            theta, covariance = curve_fit(
                lambda x, *p: arrhenius(x, p), x, z / z.max(), fits.theta[g] / [z.max(), 1.0] * [1.3, 1.01],
                jac=lambda x, *p: arrhenius.jacobian(x, p), x_scale="jac", bounds=(0, np.inf),
                ftol=1e-15, xtol=1e-15, gtol=1e-15,
            )  # fmt: skip
            np.testing.assert_allclose(fits.theta[g], theta * [z.max(), 1.0], rtol=1e-5)
            np.testing.assert_allclose(fits.std[g], np.sqrt(np.diag(covariance)) * [z.max(), 1.0], rtol=1e-4)

    @pytest.mark.parametrize("residuals", ["absolute", "log"])
    @pytest.mark.parametrize("stated", [False, True])
    def test_fits_made_alone(self, residuals, stated):
        X, y, groups, _ = series(count=6)
        noise = 0.01 * y if stated else None
        fits = fit_groups(arrhenius, X, y, groups, noise_std=noise, residuals=residuals)
        for g in range(6):
            mine = groups == g
            alone = LawRegressor(laws=(constant, arrhenius), inputs=("T",), residuals=residuals, random_state=0)
            alone.fit(X[mine], y[mine], noise_std=None if noise is None else noise[mine])
            np.testing.assert_allclose(fits.theta[g], alone.theta_, rtol=1e-5)
            np.testing.assert_allclose(fits.std[g], np.sqrt(np.diag(alone.covariance_)), rtol=1e-4)
            assert fits.rank[g] == alone.rank_

    def test_the_truth_without_noise(self):
        X, y, groups, theta = series(noise=0.0)
        fits = fit_groups(arrhenius, X, y, groups)
        np.testing.assert_allclose(fits.theta, theta, rtol=1e-7)
        assert (fits.rms < 1e-8 * np.abs(y).max()).all()
        assert (fits.agreeing >= 1).all()

    def test_a_law_that_is_linear(self):
        rng = np.random.default_rng(0)
        X, groups = rng.normal(size=(30, 2)), np.arange(30) % 3
        y = 1.0 + X @ [2.0, -3.0] + 0.1 * rng.normal(size=30)
        fits = fit_groups(linear(2), X, y, groups)
        for g in range(3):
            mine = groups == g
            columns = np.column_stack([np.ones(mine.sum()), X[mine]])
            found = sorted(np.linalg.lstsq(columns, y[mine], rcond=None)[0])
            np.testing.assert_allclose(sorted(fits.theta[g]), found, rtol=1e-7)

    def test_three_parameters_that_hardly_part(self):
        rng = np.random.default_rng(1)
        y = np.concatenate([vogel_fulcher_tammann(T[:, None], [one, 4e3, 160.0]) for one in rng.uniform(1, 5, 30)])
        y = y * (1 + 0.01 * rng.normal(size=len(y)))
        fits = fit_groups(
            vogel_fulcher_tammann, np.tile(T, 30)[:, None], y, np.repeat(np.arange(30), 9), residuals="log"
        )
        assert fits.failures == {}
        assert (np.abs(fits.theta[:, 2] - 160.0) < 3.0 * fits.std[:, 2]).mean() > 0.9


class TestGroups:
    def test_company_makes_no_difference(self):
        X, y, groups, _ = series(count=5)
        together = fit_groups(arrhenius, X, y, groups)
        for g in range(5):
            mine = groups == g
            np.testing.assert_allclose(fit_groups(arrhenius, X[mine], y[mine], groups[mine]).theta, together.theta[[g]])

    def test_groups_of_any_length_in_any_order(self):
        X, y, groups, theta = series(count=4, noise=0.0)
        some = np.random.default_rng(0).permutation(len(y))[:28]
        X, y, groups = np.vstack([X[some], X[:9], X[:9]]), np.concatenate([y[some], y[:9], y[:9]]), groups[some]
        fits = fit_groups(arrhenius, X, y, np.concatenate([groups, np.zeros(18, dtype=int)]))
        np.testing.assert_allclose(fits.theta, theta, rtol=1e-6)
        assert fits.rows.tolist()[0] == (groups == 0).sum() + 18

    def test_too_few_rows_are_a_failure(self):
        X, y, groups, _ = series(count=3)
        X, y, groups = np.vstack([X, X[:1], X[:1]]), np.append(y, y[[0, 0]]), np.append(groups, [9, 9])
        fits = fit_groups(arrhenius, X, y, groups)
        assert fits.failures == {9: "2 rows at too few conditions for the 2 parameters of arrhenius"}
        assert fits.failed.tolist() == [False, False, False, True]
        frame = fits.to_frame()
        assert frame["failure"].tolist()[:3] == ["", "", ""]
        assert frame.loc[3, ["A", "E", "rms"]].isna().all()
        assert "3 parameters" not in str(fits)
        assert "1 fit failed" in str(fits)

    def test_as_many_rows_as_parameters_have_no_spread(self):
        fits = fit_groups(arrhenius, T[:2, None], arrhenius(T[:2, None], [1e-8, 3e4]), [0, 0])
        assert np.isnan(fits.std).all()
        np.testing.assert_allclose(fits.theta, [[1e-8, 3e4]], rtol=1e-6)

    def test_a_parameter_on_its_bound_has_no_spread(self):
        @law(
            formula="a + b x", variables=[Variable("x", "1")], source="a test",
            parameters=[Parameter("a", "1", start=1.0), Parameter("b", "1", lower=0.0, start=1.0)],
        )  # fmt: skip
        def rising(x, a, b):
            return a + b * x

        x = np.linspace(0.0, 1.0, 8)
        fits = fit_groups(rising, x[:, None], 2.0 - x, np.zeros(8))
        assert fits.theta[0, 1] == 0.0
        assert np.isnan(fits.std[0, 1])
        assert fits.theta[0, 0] == pytest.approx(1.5)

    def test_a_law_that_is_nowhere_finite(self):
        X, y, groups, _ = series(count=2)
        fits = fit_groups(arrhenius, X * 0.0, y, groups)
        assert len(fits.failures) == 2


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"X": T}, "X must have shape"),
        ({"y": np.full(9, np.nan)}, "must be finite"),
        ({"groups": [1, 2]}, "X must have shape"),
        ({"residuals": "squared"}, "residuals must be"),
        ({"y": -T, "residuals": "log"}, "positive responses"),
        ({"restarts": 0}, "restarts must be"),
        ({"seed": -1}, "seed must be"),
        ({"noise_std": 0.0}, "noise_std must be positive"),
    ],
)
def test_bad_input(change, error):
    given = {"X": T[:, None], "y": T, "groups": np.zeros(9)} | change
    with pytest.raises((InputError, ArgumentError), match=error):
        fit_groups(arrhenius, given.pop("X"), given.pop("y"), given.pop("groups"), **given)
