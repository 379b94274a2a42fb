"""Exploration: the outer error is honest, the ladder stops where it should, and what failed is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupKFold

import faradaic as fd
from faradaic._core import ArgumentError, FitError
from faradaic.approximations import Approximation, Design, GaussianProcess, Log, Polynomial, RandomFeatures
from faradaic.data import Deterministic, Experiment
from faradaic.landscape import advice, verdict


class Memory(Approximation):
    """Knows the responses of rows whose first input it has seen, and says zero elsewhere: leaks show at once."""

    size_name = "span"

    def __init__(self, span=0.0):
        self.span = span

    def count(self, n_features):
        return 1

    def sizes(self, n_rows, n_features, most=None):
        return [0.0]

    def _fit(self, rows):
        self.seen_, self.means_ = np.unique(rows.X[:, 0]), None
        self.means_ = np.array([rows.y[rows.X[:, 0] == value].mean() for value in self.seen_])
        self.effective_parameters_ = 1.0

    def _predict(self, X):
        known = X[:, :1] == self.seen_
        return np.where(known.any(1), self.means_[known.argmax(1)], 0.0)

    def _predict_std(self, X):
        return self._predict(X), np.zeros(len(X))

    def _derivative(self, X, wrt):
        return np.zeros(len(X))


class Broken(Memory):
    def _fit(self, rows):
        raise FitError("it never works.")


def table(seed=0, n=30, sigma=0.2, truth=lambda x: 1.0 + 2.0 * x, reliability=None, **options):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1.0, 1.0, n)
    frame = pd.DataFrame({"x": x, "y [V]": truth(x) + sigma * rng.normal(size=n)})
    return fd.read(frame, x=["x"], y="y [V]", reliability=reliability or Experiment(sigma), **options)


def test_no_row_that_judges_took_part():
    data = table()
    found = fd.explore(data, [Memory()], outer=4, splits=3)
    np.testing.assert_allclose(found.outer.residual, -data.y)
    assert found.outer.rmse == pytest.approx(np.sqrt((data.y**2).mean()))
    assert found.outer.mae == pytest.approx(np.abs(data.y).mean())
    assert found.selection.train_error == 0.0
    assert found.error == found.outer.rmse
    assert len(found.outer.choices) == 4


@pytest.mark.parametrize("splitter", [3, GroupKFold(4)])
def test_no_group_is_on_both_sides(splitter):
    rng = np.random.default_rng(1)
    cell = np.repeat(np.arange(8.0), 5)
    frame = pd.DataFrame({"cell": cell, "t": rng.uniform(size=40), "y": cell**2 + 1 + rng.normal(size=40)})
    data = fd.read(frame, x=["cell", "t"], y="y", groups="cell")
    found = fd.explore(data, [Memory()], outer=splitter, splits=2)
    np.testing.assert_allclose(found.outer.residual, -data.y)
    # nearly all of the error is that of whole groups
    assert found.outer.between > 0.95
    assert "grouped 3-fold by cell" in found.outer.kind or "GroupKFold" in found.outer.kind
    scattered = fd.explore(fd.read(frame, x=["cell", "t"], y="y"), [Memory()], outer=3, splits=2)
    assert scattered.outer.rmse < 0.2 * found.outer.rmse
    assert np.isnan(scattered.outer.between)


def test_pure_noise_is_never_predicted():
    # choosing among many fits of noise makes the chosen error look small; the outer one must not
    ratios, chosen, designs = [], [], [Polynomial(), RandomFeatures(scale=3.0)]
    for seed in range(4):
        data = table(seed, sigma=1.0, truth=np.zeros_like)
        found = fd.explore(data, designs, outer=3, splits=3, seed=seed)
        chosen.append(found.selection.test_error / found.outer.rmse)
        ratios.append(found.outer.rmse / np.sqrt((data.y**2).mean()))
        assert found.outer.standard_error > 0
    assert min(ratios) > 0.9
    assert np.mean(ratios) > 1.0
    assert np.mean(chosen) < 1.0


def test_the_ladder_stops_at_the_noise():
    found = fd.explore(table(n=60), outer=3, splits=4)
    assert len(found.story) == 1
    assert found.story[0].startswith("After laws and polynomials the best is ")
    assert found.story[0].endswith("times the noise floor: as good as the noise allows, so it stopped.")
    assert not found.large
    assert found.selection.parameters == 2
    assert all("Network" not in type(one.design.approximation).__name__ for one in found.landscapes)
    assert 0.8 * 0.2 < found.error < 1.2 * 0.2


def test_an_error_large_against_the_noise_is_said():
    data = table(n=40, sigma=0.01, truth=lambda x: np.sign(x))
    found = fd.explore(data, [Polynomial()], outer=3, splits=3)
    assert found.large
    assert "times the noise floor: still large; the ladder ends here." in found.story[0]
    assert any(line.startswith("To do better: ") for line in verdict(found))
    assert advice(found) in found.summary()


def test_unknown_noise():
    found = fd.explore(table(reliability="experiment"), [Polynomial()], outer=None, splits=3)
    assert not found.large
    assert not found.floor.known
    text = found.summary()
    assert "No outer splits were made" in text
    assert "measure some conditions again" in text
    assert found.error == found.selection.test_error


@pytest.mark.parametrize(
    "tolerance",
    [None, 1e-4, 0.0],
)
def test_computed_data_are_interpolated(tolerance):
    data = table(n=25, sigma=0.0, truth=lambda x: np.exp(x), reliability=Deterministic(tolerance))
    designs = [Polynomial(), GaussianProcess(noise="none", restarts=1)]
    found = fd.explore(data, designs, outer=3, splits=4)
    assert found.selection.interpolates or tolerance == 0.0
    assert found.large == (not found.selection.interpolates)
    assert "The data are exact to" in found.summary()
    assert found.outer.rmse < 1e-3


def test_designs_that_fail_are_said_and_left_out():
    found = fd.explore(table(), [Broken(), Polynomial()], outer=None, splits=3)
    assert list(found.failures) == ["broken of y in x"]
    assert "it never works" in found.failures["broken of y in x"]
    assert len(found.landscapes) == 1
    assert "Left out: broken of y in x: " in found.summary()
    with pytest.raises(ArgumentError, match=r"No design could be fitted: .*it never works"):
        fd.explore(table(), [Broken()], outer=None, splits=3)


def test_the_same_seed_gives_the_same_on_one_and_two_workers():
    designs = [Polynomial(), RandomFeatures()]
    one, two, other = (
        fd.explore(table(), designs, outer=3, splits=3, seed=seed, n_jobs=jobs)
        for seed, jobs in ((2, 1), (2, 2), (3, 1))
    )
    np.testing.assert_array_equal(one.outer.residual, two.outer.residual)
    np.testing.assert_array_equal(one.best.test_error, two.best.test_error)
    assert one.summary() == two.summary()
    assert (one.outer.residual != other.outer.residual).any()


def test_the_best_design_wins_and_is_swept_in_full():
    data = table(n=40, sigma=0.05, truth=lambda x: np.exp(3 * x))
    found = fd.explore(
        data, [Polynomial(), Design(Polynomial(), y=None), GaussianProcess(restarts=1)], outer=None, splits=3
    )
    errors = [one.test_error for one in found.selections]
    winner = found.landscapes[int(np.argmin(errors))]
    assert found.best.label == winner.label
    assert set(winner.sizes) <= set(found.best.sizes) or len(found.best.sizes) > len(winner.sizes)
    assert found.unit == "V"


def test_bad_arguments():
    data = table()
    with pytest.raises(ArgumentError, match="designs is empty"):
        fd.explore(data, [])
    with pytest.raises(ArgumentError, match="splits of an exploration must be a number of folds or a splitter"):
        fd.explore(data, [Polynomial()], splits=fd.data.splits(data))
    few = table(groups=np.arange(30) % 2)
    with pytest.raises(ArgumentError, match="Outer splits need at least 3 rows or groups, there are 2"):
        fd.explore(few, [Polynomial()])
    with pytest.raises(ArgumentError, match="measure must be"):
        fd.explore(data, [Polynomial()], measure="odd")
    with pytest.raises(ArgumentError, match=r"No design could be fitted: .*the response holds -"):
        fd.explore(data, [Design(Polynomial(), y=Log())], outer=None, splits=3)
