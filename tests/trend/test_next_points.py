"""Where the next row should be: refits in closed form, invariants, and the ends of a line."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic._core import ArgumentError, IntervalError
from faradaic.approximations import (
    CoKriging,
    Design,
    GaussianProcess,
    LawRegressor,
    Log,
    Network,
    Polynomial,
    RandomFeatures,
    Reciprocal,
    Spline,
    Symmetric,
)
from faradaic.laws import arrhenius
from faradaic.trend._next import filling

X1 = np.array([0.0, 0.3, 0.5, 1.1, 1.4, 2.0, 2.6, 3.0])


def table(x, y, **options):
    frame = pd.DataFrame({f"x{j + 1} [mm]": column for j, column in enumerate(np.atleast_2d(x.T))} | {"y [mV]": y})
    return fd.read(frame, x=[c for c in frame if c != "y [mV]"], y="y [mV]", **options)


def wavy(x, seed=0, noise=0.1):
    return 3.0 + np.sin(x.reshape(len(x), -1).sum(1)) + noise * np.random.default_rng(seed).normal(size=len(x))


FAMILIES = {
    "polynomial": Polynomial(degree=2),
    "spline": Spline(n_basis=5),
    "random features": RandomFeatures(width=4),
    "process": GaussianProcess(restarts=1),
    "process on centres": GaussianProcess(centres=5, restarts=1),
    "network": Network(width=1),
    "even": Symmetric(Polynomial(degree=2), about=1.5),
    "odd": Symmetric(GaussianProcess(restarts=1), about=1.5, kind="odd", value=3.0),
    "logarithm": Design(Polynomial(degree=2), y=Log()),
    "process of the logarithm": Design(GaussianProcess(restarts=1), y=Log()),
}


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_covariance_is_that_of_the_standard_deviation(family):
    model = Design(family) if not isinstance(family, Design) else family
    model = model.fit(X1[:, None], wavy(X1))
    new = np.linspace(-0.2, 3.3, 7)[:, None]
    joint = model.covariance(new, new)
    np.testing.assert_allclose(np.sqrt(np.diag(joint)), model.predict(new, return_std=True)[1], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(joint, joint.T, atol=1e-12)
    assert np.linalg.eigvalsh(joint).min() > -1e-10 * np.trace(joint)
    np.testing.assert_allclose(model.covariance(new[:2], new), joint[:2], atol=1e-12)


def test_covariance_of_a_law_and_of_a_design_without_spread():
    T = np.linspace(280.0, 340.0, 6)[:, None]
    law = LawRegressor(order=0, laws=(arrhenius,), residuals="log")
    noise = 0.02 * np.random.default_rng(0).normal(size=6)
    fit = law.fit(T, np.exp(-3.0 - 2000.0 / T.ravel() + noise))
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance(T, T))), fit.predict(T, return_std=True)[1], rtol=1e-9)
    exact = Polynomial(degree=5).fit(T, np.ones(6))
    assert np.isnan(exact.covariance(T, T)).all()
    forgotten = GaussianProcess(restarts=1).fit(X1[:, None], wavy(X1))
    forgotten.forget_spread()
    assert np.isnan(forgotten.covariance(X1[:, None], X1[:, None])).all()


class TestOracles:
    def test_a_polynomial_is_what_a_refit_in_closed_form_says(self):
        """s² c(u)ᵀ(AᵀA + c(x)c(x)ᵀ)⁻¹c(u), averaged over the domain, for every candidate."""
        y = wavy(X1)
        trend = fd.fit(Polynomial(degree=2), table(X1[:, None], y))
        candidates = np.linspace(0.0, 3.0, 13)
        A, Q = np.vander(X1, 3), np.vander(candidates, 3)
        U = np.vander(trend.inputs[0].from_si(filling(trend.domain, trend.X)).ravel(), 3)
        residual = y - A @ np.linalg.lstsq(A, y)[0]
        s2 = residual @ residual / (8 - 3)
        rows, expected = list(A), []
        for _ in range(3):
            after = [
                np.sqrt(
                    s2 * np.einsum("ij,jk,ik->i", U, np.linalg.inv(np.transpose([*rows, q]) @ [*rows, q]), U).mean()
                )
                for q in Q
            ]
            expected.append((candidates[np.argmin(after)], min(after)))
            rows.append(Q[np.argmin(after)])
        found = trend.next_points(3, candidates[:, None])
        np.testing.assert_allclose(found.to_numpy()[:, [0, 2]], expected, rtol=1e-8)
        np.testing.assert_allclose(found["std of y [mV] before"][1:], found["std of y [mV] after"][:-1])

    def test_a_process_is_what_the_same_process_with_one_row_more_says(self):
        data = table(X1[:, None], wavy(X1), sigma=0.1)
        trend = fd.fit(GaussianProcess(restarts=1), data)
        family = trend.design.approximation_
        inputs, response = trend.inputs[0], trend.response
        cov = family._covariance()
        noise = (response.spread_to_si(0.1) / family.y_std_) ** 2
        scale = lambda x: (inputs.to_si(np.asarray(x))[:, None] - family.x_mean_) / family.x_std_  # noqa: E731
        domain = (filling(trend.domain, trend.X) - family.x_mean_) / family.x_std_
        candidates = np.array([0.1, 0.8, 1.7, 2.3, 2.9])
        after = []
        for extra in candidates:
            Z = scale([*X1, extra])
            K = cov(Z, Z) + noise * np.eye(len(Z))
            k = cov(domain, Z)
            variance = cov.variance(domain) - np.einsum("ij,jk,ik->i", k, np.linalg.inv(K), k)
            after.append(float(response.spread_from_si(family.y_std_ * np.sqrt(variance.mean()))))
        found = trend.next_points(1, candidates[:, None])
        assert found.iloc[0, 0] == pytest.approx(candidates[np.argmin(after)])
        assert found.iloc[0, 2] == pytest.approx(min(after), rel=1e-6)

    def test_a_line_is_learned_from_its_ends(self):
        x = np.array([1.0, 1.4, 2.0, 2.2, 3.0])
        found = fd.fit(Polynomial(degree=1), table(x[:, None], wavy(x))).next_points(4)
        assert sorted(found["x1 [mm]"].round(9)) == [1.0, 1.0, 3.0, 3.0]

    def test_a_plane_is_learned_from_its_corners(self):
        rng = np.random.default_rng(1)
        X = np.vstack([[[0, 0], [0, 2], [2, 0], [2, 2]], rng.uniform(0.3, 1.7, (12, 2))])
        found = fd.fit(Polynomial(degree=1), table(X, wavy(X))).next_points(4)
        assert set(found.iloc[:, :2].to_numpy().round(9).ravel()) == {0.0, 2.0}
        assert len(found.iloc[:, :2].drop_duplicates()) == 4

    def test_a_process_goes_where_the_gap_is(self):
        x = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 2.6, 2.8, 3.0])
        trend = fd.fit(GaussianProcess(), table(x[:, None], np.sin(4 * x), reliability="deterministic"))
        assert 1.2 < trend.next_points().iloc[0, 0] < 2.4


class TestUse:
    def test_more_rows_narrow_further_and_never_widen(self):
        found = fd.fit(Spline(n_basis=5), table(X1[:, None], wavy(X1))).next_points(5)
        before, after = (found[f"std of y [mV] {when}"].to_numpy() for when in ("before", "after"))
        assert (after < before).all()
        np.testing.assert_allclose(after[:-1], before[1:])

    def test_points_lie_inside_and_candidates_may_come_in_other_units(self):
        rng = np.random.default_rng(0)
        X = rng.normal(size=(40, 3))
        trend = fd.fit(GaussianProcess(restarts=1), table(X, wavy(X)))
        found = trend.next_points(3)
        assert trend.inside(found.iloc[:, :3].to_numpy()).all()
        given = pd.DataFrame({"x1 [m]": [1e-3, 0.0], "x2 [m]": [0.0, 0.0], "x3 [m]": [0.0, 5e-4]})
        chosen = trend.next_points(1, given).iloc[0, :3].to_numpy()
        assert chosen.tolist() in ([1.0, 0.0, 0.0], [0.0, 0.0, 0.5])

    def test_a_thin_hull_is_filled_all_the_same(self):
        t = np.linspace(0, 1, 30)
        X = np.column_stack([t, t + 1e-4 * np.sin(50 * t), t**2])
        trend = fd.fit(Polynomial(degree=1), table(X, wavy(X)))
        points = filling(trend.domain, trend.X)
        assert len(points) == 256
        assert trend.domain.inside(points).all()

    def test_a_relative_noise_stays_relative(self):
        data = fd.data.example("stochastic")
        found = fd.fit(Design(Polynomial(degree=1), x=Reciprocal(), y=Log()), data).next_points(2)
        assert set(found["T [K]"].round(6)) <= {float(data.X.min()), float(data.X.max())}
        law = LawRegressor(order=0, laws=(arrhenius,), residuals="log")
        by_law = fd.fit(law, data).next_points()
        assert (by_law.iloc[:, 2] < by_law.iloc[:, 1]).all()

    def test_a_stack_asks_for_rows_of_its_target(self):
        x, at = np.linspace(0, 1, 20), np.array([0.0, 0.1, 0.2, 0.3, 0.8, 1.0])
        columns = lambda u, y: pd.DataFrame({"x": u, "y [V]": y})  # noqa: E731
        cheap = fd.read(columns(x, np.sin(9 * x)), x=["x"], y="y [V]", reliability="deterministic", name="model")
        y = 2 * np.sin(9 * at) + at + 0.05 * np.random.default_rng(0).normal(size=6)
        dear = fd.read(columns(at, y), x=["x"], y="y [V]", name="cell")
        trend = fd.fit(CoKriging(restarts=1), fd.data.stack(cheap, dear))
        grid = np.linspace(0, 1, 9)[:, None]
        joint = trend.design.covariance(grid, grid)
        np.testing.assert_allclose(np.sqrt(np.diag(joint)), trend.design.predict(grid, return_std=True)[1], rtol=1e-6)
        found = trend.next_points(2)
        assert (found.iloc[:, 2] < found.iloc[:, 1]).all()

    def test_bad_questions(self):
        trend = fd.fit(Polynomial(degree=1), table(X1[:, None], wavy(X1)))
        for k in (0, 1.5, True):
            with pytest.raises(ArgumentError, match="k must be a whole number of at least 1"):
                trend.next_points(k)
        with pytest.raises(ArgumentError, match="candidates holds no row"):
            trend.next_points(1, np.zeros((0, 1)))
        with pytest.raises(ArgumentError, match="The inputs must have the 1 column"):
            trend.next_points(1, [[1.0, 2.0]])

    def test_a_trend_without_spread_says_why(self):
        trend = fd.fit(Polynomial(degree=7), table(X1[:, None], wavy(X1)))
        with pytest.raises(IntervalError, match="has no spread that a new row could narrow"):
            trend.next_points()

    def test_an_exact_trend_learns_nothing_where_it_was_measured(self):
        trend = fd.fit(GaussianProcess(), table(X1[:, None], np.sin(X1), reliability="deterministic"))
        found = trend.next_points(2)
        assert not np.isin(found.iloc[:, 0].round(6), X1).any()
