"""Linear families at many sizes from shared factors: equal to fits made alone, and to leaving rows out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faradaic._core import ArgumentError
from faradaic.approximations import (
    Design,
    Job,
    Log,
    Polynomial,
    PolynomialTerms,
    RandomFeatures,
    Reciprocal,
    Slope,
    Spline,
    Value,
    leave_one_out,
)
from faradaic.approximations._factors import Factors
from faradaic.approximations._job import one_by_one
from faradaic.approximations._linear import LinearApproximation
from faradaic.approximations._nested import alike

FAMILIES = {
    "polynomial": (Polynomial(), [0, 1, 2, 5, 9, 14, 20, 40], 1),
    "polynomial of two": (Polynomial(), [0, 1, 2, 3, 5, 7], 2),
    "terms": (PolynomialTerms(), [1, 2, 7, 23, 30, 31, 60], 3),
    "spline": (Spline(), [1, 2, 3, 4, 7, 12, 20, 45], 1),
    "straight spline": (Spline(degree=1), [2, 5, 11], 1),
    "quantile spline": (Spline(knots="quantile"), [3, 6, 9], 1),
    "spline of two": (Spline(), [1, 2, 3, 4], 2),
    "rising spline": (Spline(monotone="increasing"), [3, 6], 1),
    "features": (RandomFeatures(), [1, 2, 5, 20, 29, 30, 31, 90], 2),
    "told polynomial": (Polynomial(known=Value(1.0, at=0.0)), [1, 3, 6], 1),
    "design": (Design(Polynomial(), x=Reciprocal(), y=Log()), [0, 1, 3, 6], 1),
    "told design": (Design(Polynomial(known=Slope(0.0, at=1.0)), y=Log()), [1, 3], 1),
}


def jobs_of(p, n=30, count=3, seed=0, weights=None, repeated=False):
    rng = np.random.default_rng(seed)
    X = rng.uniform(0.5, 2.0, (n + count, p))
    if repeated:
        X = X[rng.integers(4, size=n + count)]
    y = np.exp(np.sin(2.0 * X.sum(1))) + 0.1 * rng.uniform(size=n + count)
    made = []
    for j in range(count):
        rows = np.delete(np.arange(n + count), slice(j, j + 1 + j % 2))
        given = {}
        if weights == "sample_weight":
            given = {"sample_weight": rng.integers(1, 5, len(rows)).astype(float)}
        if weights == "noise_std":
            given = {"noise_std": rng.uniform(0.1, 1.0, len(rows))}
        made.append(Job.of(X[rows], y[rows], at=rng.uniform(0.4, 2.1, (7, p)), seed=j, **given))
    return made


def equal(found, alone, rtol):
    for one, other in zip(found, alone, strict=True):
        assert one.reasons == other.reasons
        np.testing.assert_allclose(one.effective, other.effective)
        scale = np.nanmax(np.abs(other.prediction), axis=1, keepdims=True)
        np.testing.assert_allclose(one.prediction / scale, other.prediction / scale, rtol=0, atol=rtol)
        assert (one.seconds > 0).all()


class Straight(LinearApproximation):
    """The first powers of the sum of the inputs, without a constant: the offset has a leverage of its own."""

    size_name = "powers"
    nested = True

    def __init__(self, powers=2, known=()):
        self.powers = powers
        self.known = known

    def count(self, n_features):
        return self.powers

    def sizes(self, n_rows, n_features, most=None):
        return [1, 2, 3]

    def _check(self, p):
        return None

    def _set_basis(self, rows):
        return None

    def _columns(self, X):
        return X.sum(axis=1)[:, None] ** np.arange(1, self.powers + 1)

    def _slope_columns(self, X, wrt):
        powers = np.arange(1, self.powers + 1)
        return powers * X.sum(axis=1)[:, None] ** (powers - 1)


class Overflowing(Straight):
    """Its second column is not finite."""

    def _columns(self, X):
        return super()._columns(X) * np.where(np.arange(1, self.powers + 1) > 1, np.inf, 1.0)


def held_refit(columns, y, root, keep):
    """Return the predictions at all rows of the least-norm fit to those that are kept, from columns that stay."""
    mean = np.average(y[keep], weights=root[keep] ** 2)
    c = np.linalg.pinv(columns[keep] * root[keep, None]) @ ((y[keep] - mean) * root[keep])
    return mean + columns @ c


class TestSweep:
    @pytest.mark.parametrize("name", FAMILIES)
    @pytest.mark.parametrize("weights", [None, "sample_weight", "noise_std"])
    def test_it_equals_fits_made_alone(self, name, weights):
        family, sizes, p = FAMILIES[name]
        jobs = jobs_of(p, weights=weights)
        equal(family.sweep(sizes, jobs), [one_by_one(family.at_size, sizes, job) for job in jobs], 1e-8)

    @pytest.mark.parametrize("name", ["polynomial", "terms", "spline", "features"])
    def test_rank_below_the_columns(self, name):
        family, sizes, p = FAMILIES[name]
        jobs = jobs_of(p, repeated=True)
        found = family.sweep(sizes, jobs)
        assert max(one.effective.max() for one in found) == 4  # there are four different rows
        equal(found, [one_by_one(family.at_size, sizes, job) for job in jobs], 1e-7)

    @pytest.mark.parametrize("name", ["polynomial", "spline", "features"])
    def test_jobs_alike_but_for_the_response(self, name):
        family, sizes, p = FAMILIES[name]
        first = jobs_of(p, count=1)[0]
        rng = np.random.default_rng(1)
        jobs = [Job.of(first.rows.X, rng.normal(size=len(first.rows.y)), at=first.at, seed=0) for _ in range(5)]
        equal(family.sweep(sizes, jobs), [one_by_one(family.at_size, sizes, job) for job in jobs], 1e-8)

    @given(st.integers(5, 40), st.integers(0, 10**6), st.sampled_from(["polynomial", "spline", "terms"]))
    def test_any_table(self, n, seed, name):
        family, sizes, p = FAMILIES[name]
        jobs = jobs_of(p, n=n, seed=seed, count=2)
        equal(family.sweep(sizes, jobs), [one_by_one(family.at_size, sizes, job) for job in jobs], 1e-6)

    @pytest.mark.parametrize("sizes", [[-1], [3, -1], [3, 2.5]])
    @pytest.mark.parametrize("family", [Polynomial(), PolynomialTerms(), Spline(), RandomFeatures()])
    def test_a_size_that_is_none_is_refused(self, family, sizes):
        with pytest.raises(ArgumentError):
            family.sweep(sizes, jobs_of(1, count=1))

    @pytest.mark.parametrize(
        ("family", "sizes"),
        [(Polynomial(), [9, 12]), (PolynomialTerms(), [90, 150, 250]), (RandomFeatures(scale=3.0), [120, 240])],
    )
    def test_interpolants_beyond_n_need_no_factors_of_their_own(self, family, sizes, monkeypatch):
        jobs = jobs_of(3, n=40, count=2, weights="sample_weight")
        alone = [one_by_one(family.at_size, sizes, job) for job in jobs]
        monkeypatch.setattr(Factors, "of", None)
        equal(family.sweep(sizes, jobs), alone, 1e-8)

    def test_responses_alike_in_all_else_share_their_factors_whatever_their_seeds(self):
        job = jobs_of(1, count=1)[0]
        jobs = [Job(job.rows, job.at, seed) for seed in range(4)]
        assert alike(jobs, random=False) == [[0, 1, 2, 3]]
        assert alike(jobs, random=True) == [[0], [1], [2], [3]]

    @pytest.mark.parametrize("name", ["polynomial", "spline", "features", "spline of two"])
    def test_a_job_does_not_hang_on_those_beside_it(self, name):
        family, sizes, p = FAMILIES[name]
        jobs = jobs_of(p)
        for one, job in zip(family.sweep(sizes, jobs), jobs, strict=True):
            np.testing.assert_allclose(one.prediction, family.sweep(sizes, [job])[0].prediction, rtol=1e-13)

    def test_features_of_a_width_are_the_first_of_every_larger_one_bit_by_bit(self):
        rng = np.random.default_rng(0)
        for p in (1, 2, 5):
            X = rng.normal(size=(37, p))
            large = RandomFeatures(width=200).fit(X, X[:, 0])._columns(X)
            for width in (1, 3, 8, 61):
                columns = RandomFeatures(width=width).fit(X, X[:, 0])._columns(X)
                np.testing.assert_array_equal(columns, large[:, :width])

    def test_a_failed_fit_is_recorded(self):
        found = Overflowing().sweep([1, 2], jobs_of(1, count=1))[0]
        assert found.reasons[0] == ""
        assert "not finite" in found.reasons[1]
        assert np.isfinite(found.prediction).all(axis=1).tolist() == [True, False]

    def test_nothing_to_do(self):
        assert Polynomial().sweep([1, 2], []) == []


class TestPolynomialTerms:
    def test_whole_degrees_are_polynomials(self):
        X = np.random.default_rng(0).uniform(size=(40, 3))
        y = np.cos(X.sum(1))
        terms, whole = PolynomialTerms(terms=20).fit(X, y), Polynomial(degree=3).fit(X, y)
        np.testing.assert_allclose(terms.predict(X), whole.predict(X), rtol=1e-12)
        assert terms.count(3) == whole.count(3) == 20

    def test_sizes_are_dense_around_n(self):
        sizes = PolynomialTerms().sizes(50, 3)
        assert {1, 49, 50, 51} <= set(sizes) or min(abs(s - 50) for s in sizes) == 0
        assert max(sizes) == 200

    @pytest.mark.parametrize("terms", [0, 2.5, "3"])
    def test_no_whole_number(self, terms):
        with pytest.raises((ArgumentError, ValueError)):
            PolynomialTerms(terms=terms).fit([[1.0], [2.0]], [1.0, 2.0])

    def test_too_many(self):
        with pytest.raises(ArgumentError, match="lower the terms"):
            PolynomialTerms(terms=60_000).fit([[1.0], [2.0]], [1.0, 2.0])


class TestLeaveOneOut:
    @pytest.mark.parametrize("weights", [None, "sample_weight", "noise_std"])
    @pytest.mark.parametrize("family", [Polynomial(), PolynomialTerms(), RandomFeatures()])
    def test_it_equals_refits(self, family, weights):
        job = jobs_of(1, n=20, count=1, weights=weights)[0]
        X, y, sizes = job.rows.X, job.rows.y, [1, 2, 4, 6]
        given = {weights: job.rows.weight if weights == "sample_weight" else job.rows.noise_std} if weights else {}
        found = leave_one_out(family, X, y, sizes, **given)
        for size, residual in zip(sizes, found.residual, strict=True):
            for i in range(len(y)):
                keep = np.arange(len(y)) != i
                member = family.at_size(size)
                if isinstance(family, RandomFeatures):  # its scales are not those of a span
                    columns = member.fit(X, y, **given)._columns(X)
                    w = np.ones(len(y)) if not weights else given[weights] ** (-2.0 if weights == "noise_std" else 1.0)
                    root = np.sqrt(w[keep])
                    c = np.linalg.lstsq(columns[keep] * root[:, None], y[keep] * root, rcond=None)[0]
                    prediction = columns[i] @ c
                else:
                    kept = {name: values[keep] for name, values in given.items()}
                    prediction = member.fit(X[keep], y[keep], **kept).predict(X[[i]])[0]
                assert residual[i] == pytest.approx(prediction - y[i], rel=1e-8, abs=1e-9)

    @pytest.mark.parametrize("grouped", [False, True])
    @pytest.mark.parametrize("weights", [None, "sample_weight", "noise_std"])
    @pytest.mark.parametrize("family", [Polynomial(), RandomFeatures(), Spline(), Straight()], ids=lambda f: f.label)
    def test_it_equals_refits_with_the_columns_held(self, family, weights, grouped):
        """Up to n and beyond it, with the offset worked out again each time."""
        job = jobs_of(2, n=18, count=1, seed=4, weights=weights)[0]
        X, y, n = job.rows.X, job.rows.y, len(job.rows.y)
        given = {weights: job.rows.weight if weights == "sample_weight" else job.rows.noise_std} if weights else {}
        groups = np.arange(n) % 9 if grouped else None
        sizes = {"powers": [1, 2], "n_basis": [1, 3, 7], "degree": [0, 2, 9], "width": [1, 5, 60]}[family.size_name]
        found = leave_one_out(family, X, y, sizes, **given, groups=groups)
        assert found.reasons == [""] * len(sizes)
        for size, residual in zip(sizes, found.residual, strict=True):
            columns = family.at_size(size).fit(X, y, **given)._columns(X)
            for held in range(9) if grouped else range(n):
                keep = (np.arange(n) if groups is None else groups) != held
                expected = held_refit(columns, y, job.rows.root_precision, keep)[~keep] - y[~keep]
                np.testing.assert_allclose(residual[~keep], expected, rtol=1e-8, atol=1e-10)

    def test_rows_fewer_than_columns_are_met_by_the_others_alone(self):
        """Of dependent columns the quotient is the refit's for every row that has a like among the others."""
        X = np.repeat(np.arange(3.0), 4)[:, None]
        y = np.random.default_rng(2).normal(size=12)
        found = leave_one_out(Polynomial(degree=5), X, y)
        others = (y.reshape(3, 4).sum(axis=1).repeat(4) - y) / 3
        np.testing.assert_allclose(found.residual[0], others - y, rtol=1e-10, atol=1e-13)

    def test_interpolants_of_refits(self):
        rng = np.random.default_rng(3)
        X, y = rng.uniform(-1.0, 1.0, (14, 1)), rng.normal(size=14)
        order = np.argsort(X[:, 0])[1:-1]  # without an end the scales are others
        found = leave_one_out(Polynomial(), X, y, [100])
        for i in order:
            keep = np.arange(14) != i
            prediction = Polynomial(degree=100).fit(X[keep], y[keep]).predict(X[[i]])[0]
            assert found.residual[0][i] == pytest.approx(prediction - y[i], rel=1e-8)

    @pytest.mark.parametrize("family", [Polynomial(degree=2), Straight()], ids=lambda f: f.label)
    def test_generalised_cross_validation(self, family):
        rng = np.random.default_rng(0)
        X, w = np.linspace(0.1, 1.0, 20)[:, None], rng.uniform(0.5, 2.0, 20)
        y = np.sin(4.0 * X[:, 0]) + 0.1 * rng.normal(size=20)
        smoother = np.column_stack([family.fit(X, unit, w).predict(X) for unit in np.eye(20)])
        rss = (w / w.mean()) @ (smoother @ y - y) ** 2
        found = leave_one_out(family, X, y, None, w)
        assert found.generalised[0] == pytest.approx(20 * rss / (20 - np.trace(smoother)) ** 2)

    def test_generalised_cross_validation_of_interpolants_is_none(self):
        X = np.linspace(0.0, 1.0, 12)[:, None]
        assert np.isnan(leave_one_out(Polynomial(), X, np.cos(X[:, 0]), [11, 30]).generalised).all()

    def test_a_row_that_decides_alone_has_none(self):
        X = np.array([[0.0], [0.0], [0.0], [1.0]])
        found = leave_one_out(Polynomial(degree=1), X, [1.0, 2.0, 3.0, 9.0])
        assert np.isnan(found.residual[0]).tolist() == [False, False, False, True]
        np.testing.assert_allclose(found.residual[0][:3], [1.5, 0.0, -1.5], atol=1e-12)
        assert found.reasons == ["some parameter hangs on 1 row of 4 alone"]

    def test_columns_that_overflow_are_said(self):
        X = np.random.default_rng(0).normal(size=(12, 2))
        found = leave_one_out(Overflowing(), X, X[:, 0], [1, 2])
        assert "not finite" in found.reasons[1]
        assert np.isnan(found.residual[1]).all()

    def test_weights_of_zero_and_a_single_group_are_refused(self):
        X = np.linspace(0.0, 1.0, 4)[:, None]
        with pytest.raises(ArgumentError, match="drop them before"):
            leave_one_out(Polynomial(), X, X[:, 0], None, [1.0, 1.0, 0.0, 1.0])
        with pytest.raises(ArgumentError, match="All rows would be left out together"):
            leave_one_out(Polynomial(), X, X[:, 0], groups=[1, 1, 1, 1])

    @pytest.mark.parametrize(
        "family", [Polynomial(known=Value(0.0, at=0.0)), Spline(monotone="increasing"), Design(Polynomial())]
    )
    def test_other_families_are_refused(self, family):
        with pytest.raises(ArgumentError, match="leave_one_out takes"):
            leave_one_out(family, np.zeros((3, 1)), np.zeros(3))
