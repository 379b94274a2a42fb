"""Flores et al. 2022: the noise floor, and the chosen differentiable trend against tree ensembles, in one run.

    FARADAIC_DATA=... python benchmarks/flores2022.py [--workers 2]

Outer splits are scikit-learn's ``GroupKFold(10)`` by composition. Errors are over all left-out rows together, in mS/cm.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor, RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

import faradaic as fd
from faradaic.data import Dataset, collapse

FOLDS = GroupKFold(10)


def out_of_fold(data: Dataset, fit_predict) -> np.ndarray:
    """Return the prediction of every row (SI) by a model that has not seen its composition."""
    prediction = np.empty(len(data))
    for train, test in FOLDS.split(data.X, groups=data.groups):
        prediction[test] = fit_predict(data.take(train), data.X[test])
    return prediction


def trees(model):
    """Return a peer that sees all rows."""
    return lambda given, X: model.fit(given.X, given.y).predict(X)


def quartic(given: Dataset, X: np.ndarray) -> np.ndarray:
    """Predict by a quartic in ln κ over (1/T, c, r)."""
    model = make_pipeline(StandardScaler(), PolynomialFeatures(4), LinearRegression())
    return np.exp(model.fit(_activated(given.X), np.log(given.y)).predict(_activated(X)))


def plain_process(given: Dataset, X: np.ndarray) -> np.ndarray:
    """Predict by an RBF Gaussian process on replicate means, noise fitted, groups not told."""
    rows = collapse(given.X, given.y)
    scale = StandardScaler().fit(rows.X)
    kernel = ConstantKernel() * RBF(np.ones(3)) + WhiteKernel()
    model = GaussianProcessRegressor(kernel, normalize_y=True, random_state=0)
    return model.fit(scale.transform(rows.X), rows.y).predict(scale.transform(X))


def _activated(X: np.ndarray) -> np.ndarray:
    return np.column_stack([1.0 / X[:, 0], X[:, 1:]])


PEERS = {
    "random forest": trees(RandomForestRegressor(300, random_state=0, n_jobs=1)),
    "extra trees": trees(ExtraTreesRegressor(300, random_state=0, n_jobs=1)),
    "gradient boosting": trees(GradientBoostingRegressor(random_state=0)),
    "quartic in ln κ": quartic,
    "plain RBF process": plain_process,
}


def main() -> None:
    """Print the floor, the peers and the exploration."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    workers = parser.parse_args().workers
    data = fd.data.load("flores2022")
    unit = data.response.scale
    print(f"noise floor {fd.data.replicates(data).std / unit:.4f} mS/cm")
    for name, peer in PEERS.items():
        begin = time.perf_counter()
        residual = (out_of_fold(data, peer) - data.y) / unit
        _line(name, np.abs(residual).mean(), np.sqrt((residual**2).mean()), begin)
    begin = time.perf_counter()
    found = fd.explore(data, outer=FOLDS, n_jobs=workers)
    assert found.outer is not None
    _line("faradaic explore", found.outer.mae, found.outer.rmse, begin)
    print("chosen on the outer training sets:", dict(Counter(choice.label for choice in found.outer.choices)))
    print(found)


def _line(name: str, mae: float, rmse: float, begin: float) -> None:
    print(f"{name:20s} MAE {mae:.3f}  RMSE {rmse:.3f} mS/cm  {time.perf_counter() - begin:6.1f} s", flush=True)


if __name__ == "__main__":
    main()
