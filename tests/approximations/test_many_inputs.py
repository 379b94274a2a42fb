"""Families for many inputs: components, the elastic net, and families of some inputs only."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.linear_model import ElasticNetCV, LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from faradaic._core import ArgumentError
from faradaic.approximations import Components, Design, ElasticNet, Inputs, Job, Log, Polynomial, Spline


@pytest.fixture
def table() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    curves = rng.normal(size=(40, 3)) @ rng.normal(size=(3, 25)) + 0.05 * rng.normal(size=(40, 25))
    return curves, 2.0 + curves[:, 3] - 0.5 * curves[:, 20] + 0.1 * rng.normal(size=40)


@pytest.mark.parametrize("standardised", [False, True])
@pytest.mark.parametrize("components", [1, 3, 6])
def test_partial_least_squares_is_that_of_scikit_learn(table, components, standardised):
    X, y = table
    ours = Components(components, standardised=standardised).fit(X, y).predict(X)
    theirs = PLSRegression(components, scale=standardised).fit(X, y).predict(X)
    np.testing.assert_allclose(ours, np.ravel(theirs), rtol=1e-9)


@pytest.mark.parametrize("components", [1, 4])
def test_principal_components_are_those_of_scikit_learn(table, components):
    X, y = table
    ours = Components(components, kind="pca", standardised=False).fit(X, y).predict(X)
    theirs = make_pipeline(PCA(components), LinearRegression()).fit(X, y).predict(X)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


@pytest.mark.parametrize("kind", ["pls", "pca"])
def test_all_components_are_least_squares(kind):
    rng = np.random.default_rng(1)
    X, w = rng.normal(size=(30, 4)), rng.uniform(0.2, 3.0, 30)
    y = X @ [1.0, -2.0, 0.5, 3.0] + rng.normal(size=30)
    model = Components(4, kind=kind).fit(X, y, w)
    plain = Polynomial(degree=1).fit(X, y, w)
    np.testing.assert_allclose(model.predict(X), plain.predict(X), rtol=1e-9)
    np.testing.assert_allclose(model.predict(X, return_std=True)[1], plain.predict(X, return_std=True)[1], rtol=1e-9)
    assert model.conditional_ == (kind == "pls")


def test_components_that_do_not_exist_are_left_out():
    X = np.outer(np.arange(6.0), [1.0, 2.0, -1.0])
    model = Components(5).fit(X, X[:, 0] ** 2)
    assert model.rank_ == 2
    assert model.count(3) == 4
    assert Components(0).fit(X, X[:, 0]).predict(X[:1])[0] == pytest.approx(2.5)


@pytest.mark.parametrize("kind", ["pls", "pca"])
def test_a_sweep_of_components_is_their_fits(table, kind):
    X, y = table
    (found,) = Components(kind=kind).sweep([0, 1, 4, 20], [Job.of(X[:30], y[:30], at=X[30:])])
    alone = [Components(k, kind=kind).fit(X[:30], y[:30]).predict(X[30:]) for k in (0, 1, 4, 20)]
    np.testing.assert_allclose(found.prediction, alone, rtol=1e-8)


@pytest.mark.parametrize(("arguments", "says"), [({"components": 1.5}, "whole number"), ({"kind": "ica"}, "'pls'")])
def test_components_refuses(table, arguments, says):
    with pytest.raises(ArgumentError, match=says):
        Components(**arguments).fit(*table)


def test_elastic_net_is_that_of_scikit_learn():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(40, 25))
    y = X[:, 3] - 0.5 * X[:, 20] + 0.3 * rng.normal(size=40)
    mixtures = [0.1, 0.5, 0.9, 1.0]
    ours = ElasticNet(inputs=25, mixtures=mixtures).fit(X, y)
    theirs = make_pipeline(StandardScaler(), ElasticNetCV(l1_ratio=mixtures, cv=4, alphas=100)).fit(X, y)
    # the penalty of scikit-learn is chosen from the same hundred; coordinate descent stops within its tolerance
    assert ours.penalty_ == pytest.approx(theirs[-1].alpha_)
    assert ours.mixture_ == theirs[-1].l1_ratio_
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=2e-3)


@pytest.mark.parametrize("inputs", [1, 2, 5])
def test_elastic_net_keeps_no_more_inputs_than_it_may(table, inputs):
    X, y = table
    model = ElasticNet(inputs=inputs).fit(X, y)
    assert 1 <= np.count_nonzero(model.weights_) <= inputs
    assert model.effective_parameters_ == 1 + np.count_nonzero(model.weights_)


def test_a_sweep_of_elastic_nets_is_their_fits(table):
    X, y = table
    (found,) = ElasticNet().sweep([1, 3, 25], [Job.of(X[:30], y[:30], at=X[30:])])
    alone = [ElasticNet(inputs=k).fit(X[:30], y[:30]).predict(X[30:]) for k in (1, 3, 25)]
    np.testing.assert_array_equal(found.prediction, alone)
    assert found.reasons == ["", "", ""]


def test_elastic_net_keeps_groups_together():
    # the response is one number for each group, and the inputs name the group: only within groups is it predictable
    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(8), 5)
    X = np.eye(8)[groups] + 0.01 * rng.normal(size=(40, 8))
    y = rng.normal(size=8)[groups]
    apart = ElasticNet(inputs=8).fit(X, y)
    together = ElasticNet(inputs=8).fit(X, y, groups=groups)
    assert np.abs(together.weights_).sum() < 0.3 * np.abs(apart.weights_).sum()


def test_elastic_net_of_one_row_is_the_mean():
    model = ElasticNet().fit([[1.0, 2.0]], [3.0])
    assert np.isnan(model.penalty_)
    assert model.predict([[7.0, 8.0]]).tolist() == [3.0]


@pytest.mark.parametrize("arguments", [{"inputs": 0}, {"folds": 1}, {"mixtures": (0.0,)}, {"mixtures": ()}])
def test_elastic_net_refuses(table, arguments):
    with pytest.raises(ArgumentError, match=next(iter(arguments))):
        ElasticNet(**arguments).fit(*table)


@pytest.mark.parametrize("family", [Polynomial(degree=2), Spline(n_basis=4), Components(2)])
def test_a_family_of_some_inputs_is_the_family_of_these(table, family):
    X, y = table
    some = Inputs(family, columns=(3, 20)).fit(X, y)
    lone = family.fit(X[:, [3, 20]], y)
    np.testing.assert_array_equal(some.predict(X), lone.predict(X[:, [3, 20]]))
    np.testing.assert_array_equal(some.derivative(X, 20), lone.derivative(X[:, [3, 20]], 1))
    assert not some.derivative(X, 0).any()
    assert some.count(25) == family.count(2)
    assert some.sizes(40, 25) == family.sizes(40, 2)
    _, slope, covariance = some.value_and_slope(X, 0)
    assert not slope.any()
    np.testing.assert_allclose(covariance[:, 0, 0], some.predict(X, return_std=True)[1] ** 2)


def test_a_design_names_the_inputs_that_are_seen():
    design = Design(Inputs(Polynomial(degree=1), columns=(1,)), y=Log())
    assert design.describe(["slope", "log var"], "life") == "polynomial of ln life in log var"


@pytest.mark.parametrize("columns", [(), (0, 0), (25,), (-1,)])
def test_columns_that_do_not_exist(table, columns):
    with pytest.raises(ArgumentError, match="columns must name inputs from 0 to 24, each once"):
        Inputs(Polynomial(), columns=columns).fit(*table)


def test_a_trend_of_some_inputs_survives_its_file(tmp_path, table):
    import pandas as pd

    import faradaic as fd

    X, y = table
    frame = pd.DataFrame(X[:, :3], columns=["a", "b", "c"]).assign(y=y)
    data = fd.read(frame, x=["a", "b", "c"], y="y")
    for family in (Components(2), ElasticNet(inputs=2)):
        trend = fd.fit(Inputs(family, columns=(2, 0)), data)
        low, high = trend.interval(frame, level=0.9)
        again = fd.load(trend.save(tmp_path / "x.trend"))
        np.testing.assert_array_equal(again.predict(frame), trend.predict(frame))
        np.testing.assert_array_equal(again.interval(frame, level=0.9), (low, high))
