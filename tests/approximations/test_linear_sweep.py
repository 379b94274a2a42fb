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
from faradaic.approximations._job import one_by_one

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

    @pytest.mark.parametrize("family", [Polynomial(), PolynomialTerms(), Spline(), RandomFeatures()])
    def test_a_size_that_is_none_is_refused(self, family):
        with pytest.raises(ArgumentError):
            family.sweep([-1], jobs_of(1, count=1))

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

    def test_splines_with_their_knots_held(self):
        job = jobs_of(1, n=25, count=1)[0]
        X, y = job.rows.X, job.rows.y
        found = leave_one_out(Spline(), X, y, [4, 7])
        columns = Spline(n_basis=7).fit(X, y)._columns(X)
        for i in range(len(y)):
            keep = np.arange(len(y)) != i
            c = np.linalg.lstsq(columns[keep], y[keep], rcond=None)[0]
            assert found.residual[1][i] == pytest.approx(columns[i] @ c - y[i], rel=1e-7, abs=1e-9)

    def test_interpolants_beyond_n(self):
        rng = np.random.default_rng(3)
        X, y = rng.uniform(-1.0, 1.0, (12, 2)), rng.normal(size=12)
        found = leave_one_out(RandomFeatures(), X, y, [60])
        member = RandomFeatures(width=60).fit(X, y)
        for i in range(12):
            keep = np.arange(12) != i
            A, mean = member._columns(X), y[keep].mean()
            c = np.linalg.pinv(A[keep]) @ (y[keep] - mean)
            assert found.residual[0][i] == pytest.approx(mean + A[i] @ c - y[i], rel=1e-8)

    def test_generalised_cross_validation(self):
        X = np.linspace(0.0, 1.0, 20)[:, None]
        y = np.sin(4.0 * X[:, 0]) + 0.1 * np.random.default_rng(0).normal(size=20)
        found = leave_one_out(Polynomial(), X, y, [0, 2, 19])
        rss = ((Polynomial(degree=2).fit(X, y).predict(X) - y) ** 2).sum()
        assert found.generalised[1] == pytest.approx(20 * rss / 17**2)
        assert np.isinf(found.generalised[2])

    def test_a_row_that_decides_alone_has_none(self):
        X = np.array([[0.0], [0.0], [0.0], [1.0]])
        found = leave_one_out(Polynomial(degree=1), X, [1.0, 2.0, 3.0, 9.0])
        assert np.isnan(found.residual[0]).tolist() == [False, False, False, True]
        np.testing.assert_allclose(found.residual[0][:3], [1.5, 0.0, -1.5], atol=1e-12)

    def test_reasons_where_there_are_none(self):
        X = np.repeat(np.arange(3.0), 4)[:, None]
        assert "rank 3 of 6" in leave_one_out(Polynomial(degree=5), X, X[:, 0]).reasons[0]
        weights = np.arange(1.0, 13.0)
        rng = np.random.default_rng(0)
        Z = rng.normal(size=(12, 3))
        assert "no weights" in leave_one_out(RandomFeatures(width=50), Z, Z[:, 0], None, weights).reasons[0]

    @pytest.mark.parametrize(
        "family", [Polynomial(known=Value(0.0, at=0.0)), Spline(monotone="increasing"), Design(Polynomial())]
    )
    def test_other_families_are_refused(self, family):
        with pytest.raises(ArgumentError, match="leave_one_out takes"):
            leave_one_out(family, np.zeros((3, 1)), np.zeros(3))
