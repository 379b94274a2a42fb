"""The Gaussian process against scikit-learn, dense linear algebra, finite differences and simulated truths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import multivariate_normal
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern

from faradaic._core import ArgumentError, FitError
from faradaic.approximations import GaussianProcess, Job
from faradaic.approximations import _stack as stacks
from faradaic.approximations._evidence import IN_STEP
from faradaic.approximations._gaussian_process import hyperparameters
from faradaic.approximations._kernels import Covariance
from faradaic.approximations._marginal_likelihood import JITTERS, exact, on_centres, posterior, variance
from faradaic.approximations._noise import Groups, Noise
from faradaic.approximations._scaled_rows import spread_rows

KERNELS = ("rbf", "matern32", "matern52")


def problem(n=24, p=2, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    y = np.sin(1.5 * X[:, 0]) + X.sum(1) / 3 + 0.1 * rng.normal(size=n)
    return X, y, 0.02 + 0.1 * rng.uniform(size=n)


def peer(kernel, amplitude, lengthscale, noise):
    """Return scikit-learn's process with the same covariance, our jitter included, and nothing optimised."""
    shape = RBF(lengthscale) if kernel == "rbf" else Matern(lengthscale, nu={"matern32": 1.5, "matern52": 2.5}[kernel])
    own = ConstantKernel(amplitude) * shape
    return GaussianProcessRegressor(own, alpha=noise + JITTERS[0] * amplitude, optimizer=None)


@pytest.mark.parametrize("kernel", KERNELS)
def test_exact_process_is_that_of_scikit_learn(kernel):
    X, y, noise = problem()
    cov = Covariance(kernel, 1.7, np.array([0.8, 1.9]))
    theirs = peer(kernel, 1.7, cov.lengthscale, noise).fit(X, y)
    assert exact(cov, X, y, Noise(noise)).value == pytest.approx(theirs.log_marginal_likelihood_value_, rel=1e-8)
    at = np.random.default_rng(1).normal(size=(15, 2)) * 2
    post = posterior(cov, X, y, None, Noise(noise))
    mean, std = theirs.predict(at, return_std=True)
    k = cov(at, post.centres)
    np.testing.assert_allclose(k @ post.weights, mean, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(np.sqrt(variance(cov.variance(at), post, k)), std, rtol=1e-7)
    smoother = cov(X, X) @ np.linalg.inv(cov(X, X) + np.diag(noise))
    assert post.effective == pytest.approx(np.trace(smoother), rel=1e-6)


def test_fitted_hyperparameters_explain_the_data_as_well_as_scikit_learns():
    X, y, _ = problem(n=40)
    ours = GaussianProcess(kernel="rbf").fit(X, y)
    X, y = (X - X.mean(0)) / X.std(0), (y - y.mean()) / y.std()
    theirs = peer("rbf", ours.amplitude_, ours.lengthscale_, ours.noise_variance_).fit(X, y)
    prior = -0.5 * float(((np.log(ours.lengthscale_) - np.log(2) - 0.5 * np.log(2)) ** 2).sum()) / 3.0
    assert ours.log_evidence_ == pytest.approx(theirs.log_marginal_likelihood_value_ + prior, rel=1e-6)


def groups_of(X, n_groups=5):
    return Groups.of(np.arange(len(X)) % n_groups, X)


def evidence(theta, X, y, kernel, Z, grouped, own):
    """Return the log evidence at log (s², l1, l2, rows' noise factor, τ², λ)."""
    cov = Covariance(kernel, float(np.exp(theta[0])), np.exp(theta[1:3]))
    shared = (groups_of(X), float(np.exp(theta[4])), float(np.exp(theta[5]))) if grouped else (None,)
    noise = Noise(own * np.exp(theta[3]), *shared)
    found = exact(cov, X, y, noise) if Z is None else on_centres(cov, X, y, Z, noise)
    parts = (found.covariance, [found.diagonal @ noise.diagonal], found.shared)
    return found.value, np.concatenate(parts)


@pytest.mark.parametrize("grouped", [False, True], ids=["alone", "groups"])
@pytest.mark.parametrize("centres", [None, 7], ids=["exact", "centres"])
@pytest.mark.parametrize("kernel", KERNELS)
def test_gradients_against_central_differences(kernel, centres, grouped):
    X, y, own = problem(n=22)
    Z = None if centres is None else X[:centres] + 0.01
    theta = np.array([0.4, -0.2, 0.5, 0.3, -1.0, 0.2])[: 6 if grouped else 4]
    gradient = evidence(theta, X, y, kernel, Z, grouped, own)[1]
    step = 1e-5
    for j in range(len(theta)):
        shift = step * (np.arange(len(theta)) == j)
        ahead, behind = (evidence(theta + s, X, y, kernel, Z, grouped, own)[0] for s in (shift, -shift))
        assert gradient[j] == pytest.approx((ahead - behind) / (2 * step), rel=1e-5, abs=1e-5)


def test_gradient_counts_the_jitter_where_it_stands_in_for_noise():
    # a smooth kernel on exact data: most eigenvalues of K lie below the jitter, and it grows with the amplitude
    X = np.linspace(-1, 1, 25)[:, None]
    y, nothing = np.sin(2 * X[:, 0]), Noise(np.zeros(25))

    def value(log_amplitude):
        return exact(Covariance("rbf", float(np.exp(log_amplitude)), np.array([1.5])), X, y, nothing)

    step = 1e-3
    numeric = (value(step).value - value(-step).value) / (2 * step)
    assert value(0.0).covariance[0] == pytest.approx(numeric, rel=1e-3)


def test_derivative_to_each_rows_noise():
    X, y, own = problem(n=18)
    cov, step = Covariance("matern52", 1.2, np.array([1.0, 2.0])), 1e-6
    for Z in (None, X[:6]):

        def value(noise, Z=Z):
            groups = (groups_of(X), 0.3, 1.5)
            return (
                exact(cov, X, y, Noise(noise, *groups))
                if Z is None
                else on_centres(cov, X, y, Z, Noise(noise, *groups))
            )

        for i in (0, 7):
            shift = step * (np.arange(len(y)) == i)
            numeric = (value(own + shift).value - value(own - shift).value) / (2 * step)
            assert value(own).diagonal[i] == pytest.approx(numeric, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("grouped", [False, True], ids=["alone", "groups"])
def test_few_centres_give_the_evidence_of_their_own_covariance_and_all_rows_the_exact_one(grouped):
    X, y, own = problem()
    cov = Covariance("matern32", 1.1, np.array([0.7, 1.1]))
    noise = Noise(own, groups_of(X), 0.4, 1.0) if grouped else Noise(own)
    for m in (3, 8, 16):
        Z = X[:m]
        low_rank = cov(X, Z) @ np.linalg.solve(cov(Z, Z), cov(Z, X)) + noise.dense()
        wanted = multivariate_normal(np.zeros(len(y)), low_rank).logpdf(y)
        assert on_centres(cov, X, y, Z, noise).value == pytest.approx(wanted, abs=1e-5)
    true = exact(cov, X, y, noise)
    assert on_centres(cov, X, y, X, noise).value == pytest.approx(true.value, abs=1e-5)
    np.testing.assert_allclose(on_centres(cov, X, y, X, noise).covariance, true.covariance, rtol=1e-4, atol=1e-4)
    at = np.random.default_rng(2).normal(size=(9, 2))
    full, sparse = posterior(cov, X, y, None, noise), posterior(cov, X, y, X, noise)
    np.testing.assert_allclose(cov(at, X) @ sparse.weights, cov(at, X) @ full.weights, atol=1e-6)
    np.testing.assert_allclose(
        variance(cov.variance(at), sparse, cov(at, X)), variance(cov.variance(at), full, cov(at, X)), atol=1e-6
    )
    assert sparse.effective == pytest.approx(full.effective, abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(
    labels=st.lists(st.integers(0, 4), min_size=1, max_size=12),
    shared=st.floats(1e-3, 10.0),
    length=st.floats(0.2, 20.0),
    data=st.data(),
)
def test_noise_algebra_is_that_of_the_dense_matrix(labels, shared, length, data):
    n = len(labels)
    X = data.draw(arrays(float, (n, 2), elements=st.floats(-3, 3)))
    own = data.draw(arrays(float, n, elements=st.floats(0.05, 5.0)))
    B = data.draw(arrays(float, (n, 3), elements=st.floats(-2, 2)))
    for noise in (Noise(own), Noise(own, Groups.of(np.array(labels), X), shared, length)):
        N = np.diag(own)
        if noise.groups is not None:
            squares = ((X[:, None] - X[None]) ** 2).sum(-1)
            together = np.equal.outer(labels, labels)
            N = N + together * shared * np.exp(-0.5 * squares / length**2)
        inverse = np.linalg.inv(N)
        np.testing.assert_allclose(noise.dense(), N, rtol=1e-12)
        np.testing.assert_allclose(noise.solve(B), inverse @ B, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(noise.solve(B[:, 0]), inverse @ B[:, 0], rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(noise.whiten(B).T @ noise.whiten(B), B.T @ inverse @ B, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(noise.inverse_diagonal(), np.diag(inverse), rtol=1e-7)
        assert noise.log_determinant() == pytest.approx(np.linalg.slogdet(N)[1], rel=1e-9, abs=1e-9)
        if noise.groups is not None:
            blocks = noise.inverse_blocks()
            for rows, block in zip(noise.groups.rows, blocks, strict=True):
                held = rows[rows >= 0]
                np.testing.assert_allclose(
                    block[: len(held), : len(held)], inverse[np.ix_(held, held)], rtol=1e-6, atol=1e-8
                )


@pytest.mark.parametrize(
    ("kernel", "centres"), [("rbf", 1000), ("matern52", 1000), ("matern32", 1000), ("matern52", 12)]
)
def test_derivative_is_that_of_the_prediction(kernel, centres):
    X, y, _ = problem(n=30)
    X = X * [5.0, 0.01] + [300.0, 1.0]
    trend = GaussianProcess(centres, kernel).fit(X, y)
    at = X[:7] + np.array([0.4, 0.0007])
    for j in range(2):
        shift = 1e-5 * X[:, j].std() * (np.arange(2) == j)
        numeric = (trend.predict(at + shift) - trend.predict(at - shift)) / (2 * shift[j])
        np.testing.assert_allclose(trend.derivative(at, j), numeric, rtol=1e-5, atol=1e-6 * np.abs(numeric).max())


@pytest.mark.parametrize("kernel", KERNELS)
def test_exact_data_are_met(kernel):
    rng = np.random.default_rng(3)
    X = rng.uniform(size=(40, 2))
    y = 1e3 * np.exp(X[:, 0]) * np.cos(3 * X[:, 1])
    for trend in (
        GaussianProcess(kernel=kernel, noise="none").fit(X, y),
        GaussianProcess(kernel=kernel).fit(X, y, noise_std=0.0),
    ):
        mean, std = trend.predict(X, return_std=True)
        assert np.abs(mean - y).max() < 1e-6 * np.ptp(y)
        assert std.max() < 1e-3 * np.ptp(y)
        assert trend.noise_variance_ == 0.0


def test_known_noise_of_each_row_decides_its_weight():
    x = np.linspace(0, 3, 15)[:, None]
    y = np.sin(x[:, 0])
    y[7] += 2.0
    noise = np.full(15, 0.02)
    noise[7] = 4.0
    trusting = GaussianProcess(kernel="rbf").fit(x, y, noise_std=np.full(15, 0.02))
    knowing = GaussianProcess(kernel="rbf").fit(x, y, noise_std=noise)
    assert abs(knowing.predict(x[7:8])[0] - np.sin(x[7, 0])) < 0.03
    assert abs(trusting.predict(x[7:8])[0] - np.sin(x[7, 0])) > 1.0


def test_weight_two_is_half_the_known_variance():
    X, y, own = problem(n=20)
    noise, weight = np.sqrt(own), np.where(np.arange(20) < 5, 4.0, 1.0)
    # a weight of all rows alone leaves the scales of the inputs, so that the two are the same fit
    weighted = GaussianProcess(restarts=1).fit(X, y, np.full(20, 4.0), noise_std=noise)
    known = GaussianProcess(restarts=1).fit(X, y, noise_std=noise / 2.0)
    np.testing.assert_allclose(weighted.predict(X), known.predict(X), rtol=1e-6)
    mean, std = GaussianProcess(restarts=1).fit(X, y, weight, noise_std=noise).predict(X, return_std=True)
    other, other_std = (
        GaussianProcess(restarts=1).fit(X, y, noise_std=noise / np.sqrt(weight)).predict(X, return_std=True)
    )
    np.testing.assert_allclose(mean, other, atol=0.05)
    np.testing.assert_allclose(std, other_std, rtol=0.1)


def test_fitted_noise_and_spread_are_calibrated():
    # truth drawn from the prior, so that the posterior should be right: z-scores of the trend have variance 1
    scores, noises = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        X = rng.uniform(-3, 3, size=(70, 1))
        K = Covariance("matern52", 1.0, np.array([1.0]))(X, X)
        truth = np.linalg.cholesky(K + 1e-9 * np.eye(70)) @ rng.normal(size=70)
        trend = GaussianProcess(restarts=1).fit(X[:45], truth[:45] + 0.2 * rng.normal(size=45))
        mean, std = trend.predict(X[45:], return_std=True)
        scores.append((truth[45:] - mean) / std)
        noises.append(hyperparameters(trend)["noise"])
    assert 0.75 < np.sqrt(np.mean(np.square(scores))) < 1.3
    assert np.mean(noises) == pytest.approx(0.2, rel=0.1)


def grouped_data(seed, of_group, n_groups=12, each=8):
    """Rows of a group share an offset and a slope; with ``of_group`` the second input is the group's own."""
    rng = np.random.default_rng(seed)
    n = n_groups * each
    groups = np.repeat(np.arange(n_groups), each)
    own, free = rng.uniform(-2, 2, n_groups)[groups], rng.uniform(-2, 2, n)
    X = np.column_stack([rng.uniform(-1, 1, n), own if of_group else free])
    shared = 0.25 * rng.normal(size=n_groups)[groups] + 0.1 * rng.normal(size=n_groups)[groups] * X[:, 0]
    at = np.column_stack([rng.uniform(-1, 1, 200), rng.uniform(-2, 2, 200)])
    truth = [np.sin(2 * Z[:, 0]) + 0.5 * Z[:, 1] for Z in (X, at)]
    return X, truth[0] + shared + 0.05 * rng.normal(size=n), groups, at, truth[1]


@pytest.mark.parametrize("centres", [1000, 30], ids=["exact", "centres"])
@pytest.mark.parametrize(("of_group", "better"), [(False, 0.6), (True, 0.9)], ids=["crossed", "nested"])
def test_errors_shared_by_a_group_are_not_taken_for_the_trend(centres, of_group, better):
    ratios, scores = [], []
    for seed in range(4):
        X, y, groups, at, truth = grouped_data(seed, of_group)
        alone = GaussianProcess(centres, restarts=1).fit(X, y)
        trend = GaussianProcess(centres, restarts=1).fit(X, y, groups=groups)
        mean, std = trend.predict(at, return_std=True)
        ratios.append(np.sqrt(((mean - truth) ** 2).mean() / ((alone.predict(at) - truth) ** 2).mean()))
        scores.append((mean - truth) / std)
        found = hyperparameters(trend)
        assert 0.1 < found["shared"] < 0.7
        assert found["noise"] == pytest.approx(0.05, rel=0.4)
    assert np.exp(np.mean(np.log(ratios))) < better  # measured: 0.46 and 0.8; 1 would say that groups bring nothing
    assert 0.2 < np.sqrt(np.mean(np.square(scores))) < 1.5


def test_groups_of_single_rows_change_nothing():
    X, y, _ = problem()
    plain, single = GaussianProcess(restarts=1).fit(X, y), GaussianProcess(restarts=1).fit(X, y, groups=np.arange(24))
    np.testing.assert_array_equal(plain.predict(X), single.predict(X))
    assert single.shared_variance_ == 0.0


def test_sizes_and_counts():
    family = GaussianProcess()
    for n, p in ((3, 1), (40, 2), (849, 3)):
        sizes = family.sizes(n, p)
        assert sizes == sorted(set(sizes))
        assert (sizes[0], sizes[-1]) == (1, n)
        assert [family.at_size(s).count(p) for s in sizes] == [s + p + 2 for s in sizes]
    assert family.sizes(50, 2, most=20)[-1] == 20


def test_centres_are_nested_and_spread():
    X = np.random.default_rng(5).normal(size=(50, 3))
    few, many = spread_rows(X, 8), spread_rows(X, 20)
    np.testing.assert_array_equal(many[:8], few)
    assert len(set(many.tolist())) == 20


def test_more_centres_follow_the_data_more_closely():
    rng = np.random.default_rng(6)
    x = rng.uniform(0, 6, (60, 1))
    y = np.sin(2 * x[:, 0]) + 0.05 * rng.normal(size=60)
    errors = [np.sqrt(((GaussianProcess(m).fit(x, y).predict(x) - y) ** 2).mean()) for m in (1, 4, 12, 60)]
    assert errors[0] > errors[1] > errors[2] > 0.9 * errors[3]
    assert errors[3] < 0.06
    effective = [GaussianProcess(m).fit(x, y).effective_parameters_ for m in (1, 4, 12)]
    assert effective == sorted(effective)
    assert effective[-1] <= 13.0


def test_the_same_rows_give_the_same_fit():
    X, y, _ = problem()
    np.testing.assert_array_equal(GaussianProcess().fit(X, y).predict(X), GaussianProcess().fit(X, y).predict(X))


@pytest.mark.parametrize("n", [24, IN_STEP + 1], ids=["in step", "alone"])
def test_a_failed_search_is_a_fit_error(monkeypatch, n):
    monkeypatch.setattr(stacks, "JITTERS", (np.nan,))
    X, y, _ = problem(n)
    with pytest.raises(FitError, match="could not be evaluated \\(the covariance stays singular"):
        GaussianProcess().fit(X, y)
    job = Job.of(X, y, at=X[:2])
    found = GaussianProcess().sweep([3, n], [job])[0]
    assert all("could not be evaluated" in reason for reason in found.reasons)
    assert np.isnan(found.prediction).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kernel": "cubic"}, "kernel must be matern32, matern52 or rbf, got 'cubic'"),
        ({"noise": "some"}, "noise must be 'fitted' or 'none', got 'some'"),
        ({"centres": 0}, "centres must be a whole number from 1, got 0"),
        ({"centres": 2.5}, "centres must be a whole number from 1, got 2.5"),
        ({"restarts": 0}, "restarts must be at least 1 or None, got 0"),
    ],
)
def test_bad_arguments(arguments, message):
    X, y, _ = problem()
    with pytest.raises(ArgumentError, match=message):
        GaussianProcess(**arguments).fit(X, y)


def test_hyper_parameters_that_are_given_are_held():
    x = np.random.default_rng(0).random((20, 2)) * [10.0, 0.1]
    y = 5.0 * np.sin(x[:, 0]) + x[:, 1]
    for model in (GaussianProcess(lengthscale=[3.0, 0.2], amplitude=4.0), GaussianProcess(lengthscale=2.0)):
        found = hyperparameters(model.fit(x, y))
        np.testing.assert_allclose(found["lengthscale"], np.broadcast_to(model.lengthscale, 2), rtol=1e-12)
        if model.amplitude:
            np.testing.assert_allclose(found["amplitude"], model.amplitude, rtol=1e-12)
    for wrong in (
        {"lengthscale": -1.0},
        {"lengthscale": [1.0, 2.0, 3.0]},
        {"amplitude": 0.0},
        {"amplitude": [1.0, 2.0]},
    ):
        with pytest.raises(ArgumentError, match="must be a positive number"):
            GaussianProcess(**wrong).fit(x, y)


def test_held_hyperparameters_give_the_same_process():
    x, y = np.random.default_rng(0).uniform(0, 3, size=(30, 2)), np.zeros(30)
    y += np.sin(x[:, 0]) + 0.1 * x[:, 1]
    first = GaussianProcess(noise="none").fit(x, y)
    again = first.held().fit(x, y)
    np.testing.assert_allclose(again.predict(x + 0.01), first.predict(x + 0.01), rtol=1e-7)
    np.testing.assert_allclose(again.lengthscale_, first.lengthscale_, rtol=1e-9)
