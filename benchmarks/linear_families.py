"""Families that are linear in their parameters: shared factors against fits made one by one.

    python benchmarks/linear_families.py [--smoke]

One process and one core on both sides. The peers are scikit-learn's ``validation_curve`` over a pipeline of a
transformer and ``LinearRegression`` for (a) polynomials and splines of one feature on 50 splits, ``LinearRegression``
on each prefix of the columns for (b) every prefix of the terms of one total degree in three features, and refits for
(c) leave-one-out. For (a) two peers are shown: scikit-learn's own transformers, and one that makes our columns, so that
errors can be compared digit by digit (monomials of degree 60 are lost to rounding). LinearRegression cuts off singular
values below 1e-6 of the largest unless it is told not to (``tol``), as it is with our columns.
"""

from __future__ import annotations

import argparse
import time
import warnings
from math import comb

import numpy as np
import pandas as pd
from numpy.polynomial.legendre import legvander
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import PredefinedSplit, validation_curve
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, SplineTransformer

import faradaic as fd
from faradaic.approximations import Approximation, Polynomial, PolynomialTerms, Spline, leave_one_out
from faradaic.data import Dataset, Splits, splits


class Legendre(TransformerMixin, BaseEstimator):
    """Legendre polynomials of one feature scaled to [-1, 1] by the training rows."""

    def __init__(self, degree: int = 1) -> None:
        self.degree = degree

    def fit(self, X, y=None):
        self.low_, self.high_ = X.min(), X.max()
        return self

    def transform(self, X):
        return legvander((2.0 * X[:, 0] - self.low_ - self.high_) / (self.high_ - self.low_), self.degree)[:, 1:]


class Columns(TransformerMixin, BaseEstimator):
    """Our B-splines, by their own knots."""

    def __init__(self, n_basis: int = 4) -> None:
        self.n_basis = n_basis

    def fit(self, X, y=None):
        self.spline_ = Spline(n_basis=self.n_basis).fit(X, X[:, 0])
        return self

    def transform(self, X):
        return self.spline_._columns(X)[:, 1:]  # they sum to one, and the regression has an intercept


def table(n: int, features: int) -> Dataset:
    """Return a smooth function with noise."""
    rng = np.random.default_rng(features)
    X = rng.uniform(-1.0, 1.0, (n, features))
    frame = pd.DataFrame({f"x{j}": X[:, j] for j in range(features)})
    frame["y"] = np.sin(3.0 * X.sum(axis=1)) + 0.1 * rng.normal(size=n)
    return fd.read(frame, x=[f"x{j}" for j in range(features)], y="y")


def folds(made: Splits) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the same splits for scikit-learn."""
    parts = [PredefinedSplit(fold) for fold in made.fold]
    return [pair for part in parts for pair in part.split()]


def curve(data: Dataset, made: Splits, transformer, name: str, sizes: list[int]) -> tuple[float, np.ndarray]:
    """Return the time of ``validation_curve`` and the root mean square test error of each size."""
    whole = isinstance(transformer, Legendre | Columns)
    model = make_pipeline(transformer, LinearRegression(tol=1e-15 if whole else 1e-6))
    begin = time.perf_counter()
    _, test = validation_curve(
        model, data.X, data.y, param_name=f"{type(transformer).__name__.lower()}__{name}", param_range=sizes,
        cv=folds(made), scoring="neg_mean_squared_error",
    )  # fmt: skip
    return time.perf_counter() - begin, np.sqrt(-test.mean(axis=1))


def ours(family: Approximation, data: Dataset, made: Splits, sizes: list[int]) -> tuple[float, np.ndarray]:
    """Return the same of a landscape."""
    begin = time.perf_counter()
    found = fd.landscape(family, data, sizes=sizes, splits=made)
    seconds = time.perf_counter() - begin
    return seconds, np.sqrt((found.errors["test_error"] ** 2).mean(("repeat", "fold")).values)


def one_feature(smoke: bool) -> None:
    """(a) Polynomials of degree 0 to 60 and splines of 4 to 60 functions on 50 splits of 200 rows."""
    data = table(200, 1)
    made = splits(data, folds=5, repeats=1 if smoke else 10)
    most = 12 if smoke else 60
    cases = [
        ("polynomials", Polynomial(), list(range(1, most + 1)), Legendre(), PolynomialFeatures(include_bias=False), 0),
        ("splines", Spline(), list(range(4, most + 1)), Columns(), SplineTransformer(), -2),
    ]
    for name, family, sizes, alike, usual, shift in cases:
        ours(family, data, made, sizes[:2])
        seconds, error = ours(family, data, made, sizes)
        again, same = curve(data, made, alike, "n_basis" if name == "splines" else "degree", sizes)
        keyword = "n_knots" if name == "splines" else "degree"
        peer, theirs = curve(data, made, usual, keyword, [size + shift for size in sizes])
        print(
            f"(a) {name}, {len(sizes) * len(folds(made)):,} fits: ours {seconds:.3f} s; scikit-learn {peer:.2f} s, "
            f"{peer / seconds:.0f} times as long; with our columns {again:.2f} s, {again / seconds:.0f} times as long. "
            f"Least test error {error.min():.5f}, {theirs.min():.5f} and {same.min():.5f}; largest relative difference "
            f"from the peer with our columns {np.abs(error / same - 1).max():.1e}"
        )


def prefixes(smoke: bool) -> None:
    """(b) Every prefix of the terms of degree 12 in three features, 2,000 rows, 5 folds."""
    data, degree = table(300 if smoke else 2000, 3), 5 if smoke else 12
    made, sizes = splits(data, folds=5), list(range(1, comb(3 + degree, 3) + 1))
    ours(PolynomialTerms(), data, made, sizes[:2])
    seconds, error = ours(PolynomialTerms(), data, made, sizes)
    sample = sizes[:: 1 if smoke else 12]
    spent, theirs = 0.0, np.zeros(len(sample))
    for train, test in folds(made):
        model = PolynomialTerms(terms=sizes[-1]).fit(data.X[train], data.y[train])
        A, B = model._columns(data.X[train]), model._columns(data.X[test])
        for k, size in enumerate(sample):
            begin = time.perf_counter()
            fit = LinearRegression(tol=1e-15).fit(A[:, 1:size] if size > 1 else A[:, :1], data.y[train])
            fit.predict(A[:, 1:size] if size > 1 else A[:, :1])
            prediction = fit.predict(B[:, 1:size] if size > 1 else B[:, :1])
            spent += time.perf_counter() - begin
            theirs[k] += ((prediction - data.y[test]) ** 2).mean() / 5
    peer = spent * len(sizes) / len(sample)
    off = np.abs(error[[size - 1 for size in sample]] / np.sqrt(theirs) - 1).max()
    print(
        f"(b) {len(sizes)} prefixes, {len(data):,} rows, 5 folds: ours {seconds:.2f} s; LinearRegression on ready "
        f"columns {peer:.1f} s (every {1 if smoke else 12}th, scaled), {peer / seconds:.0f} times as long; "
        f"largest relative difference of a test error {off:.1e}"
    )


def rows_left_out(smoke: bool) -> None:
    """(c) Leave-one-out of all sizes against refits."""
    data, sizes = table(60 if smoke else 500, 1), [1, 3, 6, 10, 15]
    leave_one_out(Polynomial(), data.X, data.y, sizes)
    begin = time.perf_counter()
    found = leave_one_out(Polynomial(), data.X, data.y, sizes)
    seconds, off = time.perf_counter() - begin, 0.0
    begin = time.perf_counter()
    for i in range(len(data)):
        keep = np.arange(len(data)) != i
        for k, size in enumerate(sizes):
            prediction = make_pipeline(Legendre(size), LinearRegression()).fit(data.X[keep], data.y[keep])
            left = prediction.predict(data.X[[i]])[0] - data.y[i]
            off = max(off, abs(found.residual[k, i] - left))
    peer = time.perf_counter() - begin
    print(
        f"(c) leave-one-out of {len(data)} rows, {len(sizes)} sizes: ours {1e3 * seconds:.2f} ms; refits {peer:.2f} s, "
        f"{peer / seconds:,.0f} times as long; largest difference of a residual {off:.1e}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="small numbers, in seconds")
    smoke = parser.parse_args().smoke
    warnings.simplefilter("ignore")  # scikit-learn's, of monomials it cannot invert
    one_feature(smoke)
    prefixes(smoke)
    rows_left_out(smoke)


if __name__ == "__main__":
    main()
