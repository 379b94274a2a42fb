"""The power law: exact curves are recovered, bounds hold, and no better curve exists within them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from faradaic.landscape._power_law import EXPONENTS, fit_power_laws

N = np.array([6.0, 9.0, 14.0, 21.0, 33.0, 50.0])


@pytest.mark.parametrize(("a", "b", "gamma"), [(0.2, 3.0, 0.7), (0.0, 1.0, 0.5), (1e-6, 4e-5, 1.3), (5.0, 100.0, 2.5)])
def test_an_exact_curve_is_recovered(a, b, gamma):
    found = fit_power_laws(N, (a + b * N**-gamma)[None], np.full(6, 0.1), refine=True)
    assert found.gamma[0] == pytest.approx(gamma, rel=1e-5)
    assert found.a[0] == pytest.approx(a, rel=1e-5, abs=1e-7 * b)
    assert found.b[0] == pytest.approx(b, rel=1e-4)
    np.testing.assert_allclose(found.at(np.array([100.0, 1000.0]))[0], a + b * np.array([100.0, 1000.0]) ** -gamma,
                               rtol=1e-4)  # fmt: skip


def test_no_curve_within_the_bounds_is_better():
    rng = np.random.default_rng(0)
    spread = rng.uniform(0.05, 0.2, 6)
    errors = (0.3 + 2.0 * N**-0.8) * np.exp(rng.normal(size=(12, 6)) * 0.3)
    least = np.where(np.arange(12) % 2, 0.25, 0.0)
    found = fit_power_laws(N, errors, spread, least, refine=True)
    assert (found.a >= least).all()
    assert (found.b >= 0).all()
    for row, bound, squares in zip(errors, least, found.squares, strict=True):

        def loss(p, row=row):
            return (((p[0] + p[1] * (N / 17.0) ** -p[2] - row) / (row * spread)) ** 2).sum()

        starts = [(0.3, 0.2, gamma) for gamma in (0.1, 0.5, 1.0, 2.0)]
        limits = [(bound, None), (0.0, None), EXPONENTS]
        best = min(minimize(loss, start, method="L-BFGS-B", bounds=limits).fun for start in starts)
        assert squares <= best * (1 + 1e-6) + 1e-12


def test_rising_errors_give_a_flat_curve():
    found = fit_power_laws(N, np.linspace(1.0, 2.0, 6)[None], np.ones(6))
    assert found.b[0] == 0.0
    assert found.reach(0.5)[0] == np.inf


def test_an_error_of_infinite_spread_does_not_count():
    exact = 0.1 + N**-1.0
    wrong = exact.copy()
    wrong[0] = 50.0
    found = fit_power_laws(N, wrong[None], np.array([np.inf, 1, 1, 1, 1, 1]), refine=True)
    assert found.a[0] == pytest.approx(0.1, rel=1e-5)


def test_reach_is_the_inverse_of_at():
    found = fit_power_laws(N, (0.2 + 3.0 * N**-0.7)[None], np.ones(6), refine=True)
    n = found.reach(0.5)
    assert found.at(n)[0, 0] == pytest.approx(0.5, rel=1e-9)
    assert found.reach(0.19)[0] == np.inf
