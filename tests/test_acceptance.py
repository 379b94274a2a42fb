"""What the package must show on its own bundled examples."""

from __future__ import annotations

import numpy as np
import pytest

import faradaic as fd
from faradaic import laws
from faradaic.approximations import Design, GaussianProcess, LawRegressor, Log, Polynomial, Reciprocal, Spline
from faradaic.data import splits
from faradaic.landscape import OneStandardError

EV = 96485.33212  # J/mol
BARRIER = 0.30  # eV, put into the simulation


def hierarchy(data):
    return next(found for found in laws.hierarchies(data.inputs, data.response) if "arrhenius" in str(found.laws))


def test_the_barrier_of_the_monte_carlo_example_is_found():
    data = fd.data.example("stochastic")
    found = hierarchy(data)
    order = [law.name for law in found.laws].index("arrhenius")
    trend = fd.fit(LawRegressor(order, found.laws, inputs=found.inputs), data)
    value, std, unit = trend.parameters["E"]
    assert unit == "J/mol"
    assert abs(value / EV - BARRIER) <= 3.0 * std / EV
    assert std / EV < 0.003
    assert 0.3 < trend.quality.reduced_chi2 < 2.0
    assert f"Reduced chi-square {trend.quality.reduced_chi2:.3f}"[:22] in trend.summary()


def test_the_barrier_is_the_slope_of_the_free_form_too():
    data = fd.data.example("stochastic")
    trend = fd.fit(Design(Polynomial(degree=1), x=Reciprocal(), y=Log()), data)
    k_B, T = 8.617333262e-5, np.array([[300.0], [380.0]])
    slope = trend.derivative(T, "T") / trend.predict(T) * k_B * T[:, 0] ** 2
    np.testing.assert_allclose(slope, BARRIER, atol=0.006)


@pytest.fixture(scope="module")
def interpolant():
    data = fd.data.example("deterministic")
    return data, fd.fit(GaussianProcess(kernel="matern52", noise="none"), data)


def test_the_interpolant_of_the_deterministic_example_meets_every_point(interpolant):
    data, trend = interpolant
    residual = trend.predict(data.frame()) - data.y_user
    assert np.abs(residual).max() <= data.tolerance / data.response.scale
    assert trend.quality.worst <= trend.quality.tolerance
    assert "It meets every row within the tolerance" in trend.summary()


def leave_out_errors():
    """Return the leave-out error of the best interpolant and of the best regression, in the user's unit."""
    data = fd.data.example("deterministic")
    made = splits(data, folds=5)
    exact = [GaussianProcess(kernel=kernel, noise="none") for kernel in ("rbf", "matern52")]
    best = min(fd.landscape(one, data, sizes=[len(data)], splits=made).test_error[0] for one in exact)
    regressions = []
    for family in (Polynomial(), Spline()):
        sizes = family.sizes(40, 2, most=40)
        regressions.append(fd.landscape(family, data, sizes=sizes, splits=made).select(OneStandardError()).test_error)
    return best, min(regressions)


@pytest.mark.xfail(
    strict=True,
    reason="a sextic in both inputs misses left-out points by 0.0015 A h/m², every interpolant tried by 0.002 to 0.02",
)
def test_the_interpolant_leaves_out_a_fifth_of_the_best_regression():
    interpolant, regression = leave_out_errors()
    assert interpolant < regression / 5.0
