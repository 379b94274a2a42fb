"""Flores et al. 2022: the noise floor, and the chosen differentiable trend against tree ensembles, in one run.

    FARADAIC_DATA=... python benchmarks/flores2022.py [--workers 2]

Outer splits are scikit-learn's ``GroupKFold(10)`` by composition, compositions numbered by (r, c): the order decides
which fold each goes to, and moves every RMSE by about 0.02. Errors are over all left-out rows together, in mS/cm. They
are printed once more without the five compositions of 0.59 mol/kg, which differ from all others in the same way (a
shared batch, by the look of it): models that copy neighbours in c profit from it, smooth ones cannot.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import replace

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
BATCH = (0.589, 0.594)


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
    r, c = data.X[:, 2], data.X[:, 1]
    data = replace(data, groups=np.unique(np.column_stack([r, c]), axis=0, return_inverse=True)[1].ravel())
    apart = (c < BATCH[0]) | (c > BATCH[1])
    unit = data.response.scale
    print(f"noise floor {fd.data.replicates(data).std / unit:.4f} mS/cm")
    for name, peer in PEERS.items():
        begin = time.perf_counter()
        residual = (out_of_fold(data, peer) - data.y) / unit
        _line(name, residual, apart, begin)
    begin = time.perf_counter()
    found = fd.explore(data, outer=FOLDS, n_jobs=workers)
    assert found.outer is not None
    _line("faradaic explore", found.outer.residual, apart, begin)
    print("chosen on the outer training sets:", dict(Counter(choice.label for choice in found.outer.choices)))
    print(found)


def _line(name: str, residual: np.ndarray, apart: np.ndarray, begin: float) -> None:
    seconds = time.perf_counter() - begin
    numbers = [(np.abs(e).mean(), np.sqrt((e**2).mean())) for e in (residual, residual[apart])]
    both = "   without 0.59 mol/kg: ".join(f"MAE {mae:.3f} RMSE {rmse:.3f}" for mae, rmse in numbers)
    print(f"{name:20s} {both}   {seconds:6.1f} s", flush=True)


if __name__ == "__main__":
    main()
