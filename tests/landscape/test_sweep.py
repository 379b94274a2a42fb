"""The sweep: what is kept of every fit, failures, seeds, workers and the n at which parameters = n lies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import TimeSeriesSplit

import faradaic as fd
from faradaic._core import ArgumentError, FitError, InputError
from faradaic.approximations import (
    Approximation,
    Design,
    GaussianProcess,
    Log,
    Network,
    Polynomial,
    RandomFeatures,
    Standardise,
    seeded,
)
from faradaic.data import Stochastic, splits
from faradaic.landscape import Measure, fitted
from faradaic.landscape._sweep import split_seed


def table(n=24, seed=0, **options):
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.0, 1.0, n)
    frame = pd.DataFrame({"x [mm]": x, "y [mV]": 2.0 + 3.0 * x - x**2 + 0.1 * rng.normal(size=n)})
    return fd.read(frame, x=["x [mm]"], y="y [mV]", **options)


class Fragile(Approximation):
    """A mean that cannot be had at one size."""

    size_name = "order"

    def __init__(self, order=0, broken=(2,)):
        self.order = order
        self.broken = broken

    def count(self, n_features):
        return self.order + 1

    def sizes(self, n_rows, n_features, most=None):
        return [0, 1, 2, 3]

    def _fit(self, rows):
        if self.order in self.broken:
            raise FitError(f"order {self.order} is out of order.")
        if self.order == 3:
            raise np.linalg.LinAlgError("singular")
        self.mean_ = float(rows.y.mean()) + self.order
        self.effective_parameters_ = 1.0

    def _predict(self, X):
        return np.full(len(X), self.mean_)

    def _predict_std(self, X):
        return self._predict(X), np.zeros(len(X))

    def _derivative(self, X, wrt):
        return np.zeros(len(X))


def test_every_number_is_that_of_a_fit_made_by_hand():
    data = table()
    made = splits(data, folds=3, repeats=2, seed=4)
    found = fd.landscape(Polynomial(), data, sizes=[0, 2], splits=made, seed=4)
    assert dict(found.errors.sizes) == {"size": 2, "repeat": 2, "fold": 3, "row": 24}
    assert found.parameters.tolist() == [1, 3]
    for k, degree in enumerate((0, 2)):
        residual = np.full((2, 24), np.nan)
        for r in range(2):
            for f in range(3):
                train, test = made.train(r, f), made.test(r, f)
                fit = Polynomial(degree=degree).fit(data.X[train], data.y[train])
                at = found.errors.isel(size=k, repeat=r, fold=f)
                own = fit.predict(data.X[train]) - data.y[train]
                # the response is in mV, the errors are shown in mV
                assert float(at["train_error"]) == pytest.approx(1e3 * np.sqrt((own**2).mean()), rel=1e-9)
                assert float(at["worst"]) == pytest.approx(np.abs(own).max(), rel=1e-9)
                assert float(at["effective"]) == degree + 1
                assert float(at["seconds"]) > 0
                residual[r, test] = fit.predict(data.X[test]) - data.y[test]
                test_error = 1e3 * np.sqrt((residual[r, test] ** 2).mean())
                assert float(at["test_error"]) == pytest.approx(test_error, rel=1e-9)
        np.testing.assert_allclose(found.errors["residual"].values[k], 1e3 * residual, rtol=1e-9)
        np.testing.assert_allclose(found.errors["prediction"].values[k], data.y + residual, rtol=1e-9)
        assert found.test_error[k] == pytest.approx(1e3 * np.sqrt((residual**2).mean()), rel=1e-9)
    assert (found.unit, found.label, found.n_train) == ("mV", "polynomial of y in x", 16)
    assert (found.errors["failure"] == "").all()


@pytest.mark.parametrize("family", [RandomFeatures(), Network(iterations=20), GaussianProcess(restarts=1)])
def test_the_same_seed_gives_the_same_landscape_on_one_and_two_workers(family):
    data = table()
    design = Design(family, x=Standardise())
    sizes = design.sizes(16, 1)[::4]
    one, two = (fd.landscape(design, data, sizes=sizes, seed=3, n_jobs=jobs) for jobs in (1, 2))
    for name in ("train_error", "test_error", "effective", "worst", "prediction", "residual", "failure"):
        np.testing.assert_array_equal(one.errors[name].values, two.errors[name].values)
    assert one.summary() == two.summary()


def test_another_seed_gives_other_splits_and_other_features():
    data = table()
    one, other = (fd.landscape(RandomFeatures(), data, sizes=[5], seed=seed) for seed in (0, 1))
    assert (one.splits.fold != other.splits.fold).any()
    assert (one.errors["prediction"].values != other.errors["prediction"].values).any()


def test_seed_reaches_the_family_inside_a_design():
    design = seeded(Design(RandomFeatures(random_state=0)), 17)
    assert design.approximation.random_state == 17
    assert seeded(Polynomial(), 17) is not None
    assert len({split_seed(0, repeat) for repeat in range(20)}) == 20


def test_a_failed_fit_is_recorded_with_its_reason_and_never_a_number():
    found = fd.landscape(Fragile(), table(), sizes=[0, 1, 2, 3], splits=3)
    assert found.failed.tolist() == [0, 0, 3, 3]
    assert set(found.errors["failure"].values[2].ravel()) == {"order 2 is out of order."}
    assert set(found.errors["failure"].values[3].ravel()) == {"LinAlgError: singular"}
    for values in (found.train_error, found.test_error):
        assert np.isfinite(values).tolist() == [True, True, False, False]
    for name in ("train_error", "test_error", "effective", "worst", "prediction", "residual"):
        assert np.isnan(found.errors[name].values[2:]).all()
    assert (found.errors["seconds"].values > 0).all()
    assert found.select().size == 0
    assert "6 fits failed: LinAlgError: singular; order 2 is out of order." in found.summary()


def test_a_size_that_fails_on_one_split_is_out():
    class OnceBroken(Fragile):
        def _fit(self, rows):
            super()._fit(rows)
            if self.order == 0 and data.y[0] not in rows.y:  # the split that leaves the first row out
                raise FitError("not this one")

    data = table()
    found = fd.landscape(OnceBroken(), data, sizes=[0, 1], splits=4)
    assert found.failed.tolist() == [1, 0]
    assert np.isnan(found.test_error[0])
    assert found.select().size == 1


def test_if_every_fit_fails_the_reason_is_said():
    with pytest.raises(ArgumentError, match="Every fit of this design failed: order 2 is out of order"):
        fd.landscape(Fragile(), table(), sizes=[2])


def test_a_bug_in_a_family_is_raised():
    class Wrong(Fragile):
        def _fit(self, rows):
            raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError, match="a bug"):
        fd.landscape(Wrong(), table(), sizes=[0])


def test_predictions_without_a_relative_error_fail():
    x = np.linspace(0.0, 1.0, 12)
    data = fd.read(pd.DataFrame({"x": x, "y": np.exp(-9 * x)}), x=["x"], y="y")
    found = fd.landscape(Polynomial(), data, sizes=[0, 1], measure="relative")
    assert found.failed.tolist() == [0, 12]
    assert set(found.errors["failure"].values[1].ravel()) == {
        "the fit predicts a value that is not positive, which has no relative error"
    }


def test_replicates_and_groups_decide_where_parameters_equal_n():
    frame = pd.DataFrame({"x": np.repeat(np.arange(10.0), 3), "y": np.random.default_rng(0).normal(size=30)})
    data = fd.read(frame, x=["x"], y="y")
    found = fd.landscape(RandomFeatures(), data, splits=5)
    assert found.n_train == 8
    assert found.parameters.max() >= 4 * 8
    assert 8 in found.parameters
    fit = fitted(Polynomial(degree=1), data)
    means = frame.groupby("x")["y"].mean()
    np.testing.assert_allclose(fit.predict(data.X[::3]), np.polyval(np.polyfit(means.index, means, 1), means.index))


def test_known_noise_becomes_weights():
    noise = np.where(np.arange(24) % 2, 0.01, 10.0)
    frame = table().frame().assign(s=noise)
    data = fd.read(frame, x=["x [mm]"], y="y [mV]", reliability="stochastic", sigma="s")
    good = np.arange(24) % 2 == 1
    fit, other = fitted(Polynomial(degree=1), data), Polynomial(degree=1).fit(data.X[good], data.y[good])
    np.testing.assert_allclose(fit.predict(data.X), other.predict(data.X), rtol=1e-4)


def test_time_series_are_trained_forwards_only():
    data = table(ordered=True)
    found = fd.landscape(Polynomial(), data, sizes=[0, 1], splits=3)
    tested = found.splits.fold[0] >= 0
    assert not tested[:6].any()
    assert np.isnan(found.errors["prediction"].values[:, 0, ~tested]).all()
    assert np.isfinite(found.errors["prediction"].values[:, 0, tested]).all()
    assert np.isfinite(found.test_error).all()
    assert np.isfinite(found.select().standard_error)
    same = fd.landscape(Polynomial(), table(), sizes=[0, 1], splits=TimeSeriesSplit(3))
    np.testing.assert_array_equal(same.test_error, found.test_error)


def test_bad_arguments():
    data = table()
    with pytest.raises(ArgumentError, match="sizes is empty"):
        fd.landscape(Polynomial(), data, sizes=[])
    with pytest.raises(ArgumentError, match="measure must be absolute, relative or standardised, got 'odd'"):
        fd.landscape(Polynomial(), data, measure="odd")
    with pytest.raises(ArgumentError, match="Standardised errors need the noise of every row"):
        fd.landscape(Polynomial(), data, sizes=[0], measure="standardised")
    with pytest.raises(ArgumentError, match="degree must be"):
        fd.landscape(Polynomial(), data, sizes=[-1])
    with pytest.raises(InputError, match=r"the response holds -\d"):
        fd.landscape(Design(Polynomial(), y=Log()), fd.read(data.frame() - 2.5, x=["x [mm]"], y="y [mV]"), sizes=[1])


def test_the_record_is_not_the_users_to_change():
    found = fd.landscape(Polynomial(), table(), sizes=[0, 1])
    found.to_xarray()["test_error"][:] = 0.0
    assert (found.test_error > 0).all()
    assert "seconds" in found.to_xarray()
    assert Stochastic(0.1) is not None
    assert Measure("absolute") == found.measure
