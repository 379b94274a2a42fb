"""Searches and evidences of many processes at once, against one at a time, dense formulas and SciPy."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from faradaic.approximations import Design, GaussianProcess, Job, Log, Value
from faradaic.approximations import _stack as stacks
from faradaic.approximations._evidence import IN_STEP, Problem
from faradaic.approximations._kernels import Covariance
from faradaic.approximations._marginal_likelihood import exact, on_centres
from faradaic.approximations._noise import Noise
from faradaic.approximations._quasi_newton import least
from faradaic.approximations._stack import Shape, Stack

KERNELS = ("rbf", "matern32", "matern52")


def data(n=40, p=2, seed=0, noise=0.1):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1.0, 1.0, size=(n, p)) * ([3.0, 0.1, 1.0][:p])
    return X, 4.0 + np.sin(X[:, 0]) + 3.0 * X[:, -1] ** 2 + noise * rng.normal(size=n)


def stack(kernel, n, p, m, k, most, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(k, n, p))
    made = Stack(Shape(kernel, n, p, m), X, np.sin(X.sum(2)), None if m is None else X[:, :m] + 0.01, most)
    return made, rng.uniform(0.5, 2.0, k), rng.uniform(0.5, 3.0, (k, p)), rng.uniform(0.01, 0.1, (k, n))


def flat(terms, q):
    return np.concatenate([[terms.value[q]], terms.gradient[q], terms.curvature[q].ravel()])


@pytest.mark.parametrize(("n", "m"), [(23, None), (23, 1), (23, 9), (23, 22), (210, None), (210, 60)])
@pytest.mark.parametrize("kernel", KERNELS)
def test_evidence_in_a_stack_is_that_of_one_process(kernel, n, m):
    made, amplitude, length, noise = stack(kernel, n, 3, m, 4, 4)
    found = made.terms(np.arange(4), amplitude, length, noise)
    for q in range(4):
        cov, X, y, own = Covariance(kernel, amplitude[q], length[q]), made.X[q], made.y[q], Noise(noise[q])
        alone = exact(cov, X, y, own) if m is None else on_centres(cov, X, y, made.Z[q], own)
        wanted = np.concatenate([[alone.value], alone.covariance, [alone.diagonal @ noise[q]]])
        got = np.concatenate([[found.value[q]], found.gradient[q]])
        np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9 * np.abs(wanted).max())


@pytest.mark.parametrize("m", [None, 1, 9])
@pytest.mark.parametrize("kernel", KERNELS)
def test_curvature_is_the_average_information_of_the_dense_covariance(kernel, m):
    made, amplitude, length, noise = stack(kernel, 23, 2, m, 2, 2)
    found = made.terms(np.arange(2), amplitude, length, noise, curved=True)

    def dense(q, theta):
        cov, X = Covariance(kernel, np.exp(theta[0]), np.exp(theta[1:3])), made.X[q]
        own = np.diag(np.exp(theta[3]) * noise[q])
        if m is None:
            return cov(X, X) + own
        Z = made.Z[q]
        return cov(X, Z) @ np.linalg.solve(cov(Z, Z) + 1e-10 * cov.amplitude * np.eye(m), cov(Z, X)) + own

    for q in range(2):
        theta = np.concatenate([[np.log(amplitude[q])], np.log(length[q]), [0.0]])
        C, steps = dense(q, theta), 1e-5 * np.eye(4)
        alpha = np.linalg.solve(C, made.y[q])
        u = np.array([(dense(q, theta + s) - dense(q, theta - s)) @ alpha / 2e-5 for s in steps])
        wanted = 0.5 * u @ np.linalg.solve(C, u.T)
        np.testing.assert_allclose(found.curvature[q], wanted, rtol=1e-5, atol=1e-5 * np.abs(wanted).max())


@pytest.mark.parametrize("m", [None, 7])
def test_evidence_does_not_depend_on_what_stands_beside_it(m):
    made, amplitude, length, noise = stack("matern52", 40, 2, m, 30, 30)
    every = made.terms(np.arange(30), amplitude, length, noise, curved=True)
    for some in (np.arange(1), np.array([5]), np.array([29, 3, 3, 7, 11])):
        few = made.terms(some, amplitude[some], length[some], noise[some], curved=True)
        for place, q in enumerate(some):
            np.testing.assert_array_equal(flat(few, place), flat(every, q))


def test_panels_of_rows_change_nothing_but_rounding(monkeypatch):
    for m in (None, 31):
        made, amplitude, length, noise = stack("matern52", 90, 3, m, 2, 2)
        whole = made.terms(np.arange(2), amplitude, length, noise)
        monkeypatch.setattr(stacks, "_TOGETHER", 16 * (m or 90))
        made, *_ = stack("matern52", 90, 3, m, 2, 2)
        assert (made.together, made.step) == (1, 16)
        cut = made.terms(np.arange(2), amplitude, length, noise)
        monkeypatch.undo()
        for q in range(2):
            np.testing.assert_allclose(flat(cut, q), flat(whole, q), rtol=1e-10, atol=1e-10)


def test_a_covariance_that_needs_more_jitter_gets_it_beside_one_that_does_not():
    X = np.linspace(0.0, 1.0, 60)[None, :, None].repeat(2, axis=0)
    y = np.sin(3.0 * X[:, :, 0])
    made = Stack(Shape("rbf", 60, 1, None), X, y, None, 2)
    length = np.array([[60.0], [0.02]])
    found = made.terms(np.arange(2), np.array([100.0, 1.0]), length, np.zeros((2, 60)))
    for q, amplitude in enumerate((100.0, 1.0)):
        alone = exact(Covariance("rbf", amplitude, length[q]), X[q], y[q], Noise(np.zeros(60)))
        assert found.value[q] == pytest.approx(alone.value, rel=1e-4)


def test_a_singular_covariance_has_no_evidence_and_spoils_no_other(monkeypatch):
    made, amplitude, length, noise = stack("matern52", 20, 2, None, 3, 3)
    whole = made.terms(np.arange(3), amplitude, length, noise)
    noise[1] = -10.0
    found = made.terms(np.arange(3), amplitude, length, noise)
    assert found.value[1] == -np.inf
    assert not flat(found, 1)[1:].any()
    for q in (0, 2):
        np.testing.assert_array_equal(flat(found, q), flat(whole, q))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), d=st.integers(1, 5), guide=st.sampled_from(["good", "flat", "steep"]))
def test_searches_end_where_those_of_scipy_do(seed, d, guide):
    rng = np.random.default_rng(seed)
    root, goal = rng.normal(size=(3, d, d)), rng.normal(size=(3, d))
    A = root @ root.transpose(0, 2, 1) + 0.1 * np.eye(d)
    lower, upper = np.full((3, d), -0.7), np.full((3, d), 0.9)

    def loss(x, which, curved=True):
        off = x - goal[which]
        bent = (A[which] @ off[:, :, None])[:, :, 0]
        curvature = {"good": A[which], "flat": 0.0 * A[which], "steep": 100.0 * A[which]}[guide]
        return 0.5 * (off * bent).sum(1) + (off**4).sum(1), bent + 4.0 * off**3, curvature

    found = least(loss, np.zeros((3, d)), lower, upper)
    for k in range(3):
        one = minimize(
            lambda x, k=k: [each[0] for each in loss(x[None], np.array([k]))[:2]], np.zeros(d), jac=True,
            method="L-BFGS-B", bounds=list(zip(lower[k], upper[k], strict=True)), options={"ftol": 1e-15, "gtol": 1e-9},
        )  # fmt: skip
        assert found.value[k] <= one.fun + 1e-8 * max(1.0, abs(one.fun))
        assert ((found.at[k] >= lower[k]) & (found.at[k] <= upper[k])).all()


def test_a_step_that_a_bound_turns_uphill_ends_no_search():
    # from the corner the Newton step leaves the box, and what is left of it inside climbs
    A = np.array([[[1.0, 0.99], [0.99, 1.0]]])
    goal = np.array([-2.0, 2.5])

    def loss(x, which, curved):
        bent = (A[which] @ (x - goal)[:, :, None])[:, :, 0]
        return 0.5 * ((x - goal) * bent).sum(1), bent, A[which]

    found = least(loss, np.array([[0.0, 0.0]]), np.array([[0.0, -5.0]]), np.array([[5.0, 5.0]]))
    np.testing.assert_allclose(found.at, [[0.0, 0.52]], atol=1e-5)


def test_a_search_steps_back_from_where_there_is_no_value():
    def loss(x, which, curved):
        with np.errstate(all="ignore"):
            value = np.where(x[:, 0] > 0, x[:, 0] - np.log(x[:, 0]), np.inf)
            return value, np.where(x > 0, 1.0 - 1.0 / x, 0.0), np.ones((len(x), 1, 1))

    found = least(loss, np.array([[0.05], [30.0], [-1.0]]), np.full((3, 1), -5.0), np.full((3, 1), 50.0))
    np.testing.assert_allclose(found.at[:2], 1.0, atol=1e-4)
    assert found.value[2] == np.inf


@pytest.mark.parametrize("noise", ["fitted", "none"])
@pytest.mark.parametrize("p", [1, 3])
def test_optima_are_as_high_as_those_of_scipy_polished(p, noise):
    X, y = data(45, p, noise=0.05)
    for centres in (4, 15, 45):
        model = GaussianProcess(centres, noise=noise).fit(X, y)
        Xs, ys = (X - model.x_mean_) / model.x_std_, (y - model.y_mean_) / model.y_std_
        fits = noise == "fitted" or centres < 45
        Z = None if centres == 45 else model.centre_points_
        one = Problem("matern52", Xs, ys, Z, np.ones(45) if fits else np.zeros(45), fits, None)
        options = {"ftol": 1e-14, "gtol": 1e-7}
        ends = [
            minimize(one, start, jac=True, method="L-BFGS-B", bounds=one.bounds, options=options)
            for start in one.starts(3)
        ]
        best = min(each.fun for each in ends)
        assert model.log_evidence_ >= -best - 1e-7 * abs(best)


def test_rows_that_are_nothing_but_noise_are_said_to_be():
    y = np.random.default_rng(2).normal(size=30)
    model = GaussianProcess().fit(data(30)[0], y)
    assert model.amplitude_ < 0.02
    assert model.noise_variance_ == pytest.approx(1.0, rel=0.05)


def jobs_of(kind):
    out = []
    for seed, n in ((0, 36), (1, 36), (2, 33), (3, 36)):
        X, y = data(n, 2, seed)
        extra = {
            "plain": {},
            "weights": {"sample_weight": np.linspace(0.5, 2.0, n)},
            "known noise": {"noise_std": np.linspace(0.05, 0.2, n)},
            "exact": {"noise_std": 0.0},
            "groups": {"groups": np.arange(n) // 4},
        }[kind]
        out.append(Job.of(X, y, at=data(9, 2, 50 + seed)[0], **extra))
    return out


@pytest.mark.parametrize("kind", ["plain", "weights", "known noise", "exact", "groups"])
def test_a_sweep_is_the_fits_one_by_one(kind):
    jobs, sizes = jobs_of(kind), [1, 5, 30, 36]
    if kind == "groups":  # made one by one, and slower
        jobs, sizes = jobs[:2], [5, 36]
    for job, found in zip(jobs, GaussianProcess().sweep(sizes, jobs), strict=True):
        assert not any(found.reasons)
        assert (found.seconds > 0).all()
        for k, size in enumerate(sizes):
            model = GaussianProcess(size).fit_rows(job.rows)
            np.testing.assert_array_equal(found.prediction[k], model._predict(job.at))
            assert found.effective[k] == model.effective_parameters_


@pytest.mark.parametrize(
    "family",
    [GaussianProcess(known=Value(4.0, at=[0.0, 0.0], std=0.1)), GaussianProcess(kernel="rbf", lengthscale=[1.0, 0.1])],
    ids=["known", "held"],
)
def test_a_sweep_of_what_is_known_is_the_fits_one_by_one(family):
    jobs = jobs_of("plain")[:2]
    for job, found in zip(jobs, family.sweep([6, 36], jobs), strict=True):
        for k, size in enumerate([6, 36]):
            np.testing.assert_array_equal(found.prediction[k], family.at_size(size).fit_rows(job.rows)._predict(job.at))


def test_a_sweep_of_many_rows_is_the_fits_one_by_one():
    X, y = data(IN_STEP + 30, 2)
    job = Job.of(X, y, at=X[:5])
    found = GaussianProcess(restarts=1).sweep([10, IN_STEP + 30], [job])[0]
    for k, size in enumerate([10, IN_STEP + 30]):
        np.testing.assert_array_equal(found.prediction[k], GaussianProcess(size, restarts=1).fit(X, y).predict(X[:5]))


def test_a_job_does_not_depend_on_the_jobs_and_sizes_beside_it():
    jobs = jobs_of("plain")
    every = GaussianProcess().sweep([1, 3, 12, 36], jobs)
    for some, sizes in (([2], [3, 36]), ([3, 0], [12]), ([1, 2], [36, 1])):
        for place, found in zip(some, GaussianProcess().sweep(sizes, [jobs[i] for i in some]), strict=True):
            for k, size in enumerate(sizes):
                np.testing.assert_array_equal(found.prediction[k], every[place].prediction[[1, 3, 12, 36].index(size)])


def test_a_sweep_in_other_coordinates_is_the_fits_one_by_one():
    design, jobs = Design(GaussianProcess(), y=Log()), jobs_of("plain")[:2]
    assert design.parts(40) == 2
    assert design.parts(IN_STEP + 1) == 8
    for job, found in zip(jobs, design.sweep([4, 20], jobs), strict=True):
        for k, size in enumerate([4, 20]):
            model = design.at_size(size).fit_rows(job.rows)
            np.testing.assert_allclose(found.prediction[k], model._predict(job.at), rtol=1e-13)


def test_one_fit_that_fails_in_a_sweep_leaves_the_others(monkeypatch):
    jobs = jobs_of("plain")[:2]
    settled = GaussianProcess._settle

    def failing(self, problem, theta, lost):
        if self.centres == 5:
            raise np.linalg.LinAlgError("singular")
        settled(self, problem, theta, lost)

    monkeypatch.setattr(GaussianProcess, "_settle", failing)
    for found in GaussianProcess().sweep([2, 5, 36], jobs):
        assert [bool(reason) for reason in found.reasons] == [False, True, False]
        assert "singular" in found.reasons[1]
        assert np.isnan(found.prediction[1]).all()
        assert np.isfinite(found.prediction[[0, 2]]).all()


def test_no_sweep_of_many_rows_ends_at_the_exact_process():
    assert GaussianProcess().sizes(3000, 2)[-1] == 3000
    assert GaussianProcess().sizes(3001, 2)[-1] == 1000
    assert GaussianProcess().sizes(20_000, 2, most=50)[-1] == 50


def test_few_centres_for_many_rows_make_no_square_matrix_of_the_rows():
    X, y = data(4000, 2)
    tracemalloc.start()
    try:
        model = GaussianProcess(8).fit(X, y)
        model.predict(X, return_std=True)
        model.leave_out()
        model.leave_out(np.arange(4000) // 100)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4000**2 * 8 / 10
