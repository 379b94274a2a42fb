"""Families that are linear in their parameters: shared factors against fits made one by one.

    python benchmarks/linear_families.py [--smoke]

One process and one worker on both sides. (a) Polynomials of degree 0 to 60 and splines of 4 to 60 functions of one
feature, 200 rows, 50 splits: a landscape beside scikit-learn's ``validation_curve`` over a pipeline of a transformer
and ``LinearRegression``, once with scikit-learn's own transformers and once with one that makes our columns, with which
the test errors of all fits are compared. (b) Every prefix of the 455 terms of degree 12 in three features, 2,000 rows,
five splits: beside ``LinearRegression`` on ready columns. (c) Leave-one-out beside refits of all rows but one. (d)
Sizes beyond n, and forty responses to the same rows, beside our own fits made one by one.

``LinearRegression`` cuts off singular values below 1e-6 of the largest unless it is told not to (``tol``), as it is
with our columns; with monomials of a high degree it needs that, and its errors are then those of fewer parameters. The
last column is the largest relative difference of a test error (c: of a residual); above 1e-7 the script fails.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Sequence
from math import comb
from typing import Any

import numpy as np
import pandas as pd
from numpy.polynomial.legendre import legvander
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import PredefinedSplit, validation_curve
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, SplineTransformer

import faradaic as fd
from faradaic.approximations import (
    Approximation,
    Job,
    Polynomial,
    PolynomialTerms,
    RandomFeatures,
    Spline,
    leave_one_out,
)
from faradaic.data import Dataset, Splits, splits

AGREE = 1e-7  # of ill-conditioned fits no more digits are left: at degree 60 the condition number is up to 1e7
Array = np.ndarray


class Legendre(TransformerMixin, BaseEstimator):
    """Legendre polynomials of one feature scaled to [-1, 1] by the training rows."""

    def __init__(self, degree: int = 1) -> None:
        self.degree = degree

    def fit(self, X, y=None):
        self.low_, self.high_ = X.min(), X.max()
        return self

    def transform(self, X):
        u = (2.0 * X[:, 0] - self.low_ - self.high_) / (self.high_ - self.low_)
        # the regression has an intercept: a constant column would be one of rounding errors once it is centred
        return legvander(u, self.degree)[:, 1:] if self.degree else np.zeros((len(X), 1))


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


def curve(
    data: Dataset, made: Splits, transformer: Any, name: str, sizes: Sequence[int], tol: float
) -> tuple[float, Array]:
    """Return the time of ``validation_curve`` and the root mean square test error of every size and split."""
    model = make_pipeline(transformer, LinearRegression(tol=tol))
    begin = time.perf_counter()
    _, test = validation_curve(
        model, data.X, data.y, param_name=f"{type(transformer).__name__.lower()}__{name}", param_range=sizes,
        cv=folds(made), scoring="neg_mean_squared_error",
    )  # fmt: skip
    return time.perf_counter() - begin, np.sqrt(-test)


def ours(family: Approximation, data: Dataset, made: Splits, sizes: Sequence[int]) -> tuple[float, Array]:
    """Return the same of a landscape, the shorter time of two."""
    seconds = []
    for _ in range(2):
        begin = time.perf_counter()
        found = fd.landscape(family, data, sizes=sizes, splits=made)
        seconds.append(time.perf_counter() - begin)
    return min(seconds), found.errors["test_error"].values.reshape(len(sizes), -1)


def row(name: str, seconds: float, peer: float, error: float | None, least: Sequence[float] = ()) -> None:
    """Print one line of the table, and stop if what was reached is not the same."""
    smallest = " / ".join(f"{each:.5f}" for each in least)
    shown = "" if error is None else f"{error:.1e}"
    print(f"{name:66s} {seconds:9.4f} {peer:9.2f} {peer / seconds:9.0f}  {smallest:19s} {shown}", flush=True)
    if error is not None and not error < AGREE:
        raise SystemExit(f"{name}: a difference of {error:.1e}")


def least(errors: Array) -> float:
    """Return the smallest test error of a size, over all splits."""
    return float(np.sqrt((errors**2).mean(axis=1)).min())


def one_feature(smoke: bool) -> None:
    """(a) Polynomials and splines of one feature."""
    data = table(200, 1)
    made = splits(data, folds=5, repeats=1 if smoke else 10)
    most = 12 if smoke else 60
    cases = [
        ("polynomials", Polynomial(), range(most + 1), Legendre(), "degree", PolynomialFeatures(), "degree", 0),
        ("splines", Spline(), range(4, most + 1), Columns(), "n_basis", SplineTransformer(), "n_knots", -2),
    ]
    for name, family, every, alike, size, usual, keyword, shift in cases:
        sizes = list(every)
        seconds, errors = ours(family, data, made, sizes)
        peer, theirs = curve(data, made, usual, keyword, [size + shift for size in sizes], 1e-6)
        again, same = curve(data, made, alike, size, sizes, 1e-15)
        fits = f"(a) {errors.size:,} {name}"
        row(f"{fits}, validation_curve", seconds, peer, None, (least(errors), least(theirs)))
        off = float(np.abs(errors / same - 1).max())
        row(f"{fits}, validation_curve with our columns", seconds, again, off, (least(errors), least(same)))


def prefixes(smoke: bool) -> None:
    """(b) Every prefix of the terms of one total degree in three features."""
    data, degree, step = table(300 if smoke else 2000, 3), 5 if smoke else 12, 1 if smoke else 12
    made, sizes = splits(data, folds=5), list(range(1, comb(3 + degree, 3) + 1))
    seconds, errors = ours(PolynomialTerms(), data, made, sizes)
    spent, theirs = 0.0, np.zeros((len(sizes[::step]), 5))
    for fold, (train, test) in enumerate(folds(made)):
        model = PolynomialTerms(terms=sizes[-1]).fit(data.X[train], data.y[train])
        A, B = model._columns(data.X[train]), model._columns(data.X[test])
        for k, size in enumerate(sizes[::step]):
            begin = time.perf_counter()
            first = min(1, size - 1)  # the constant is the intercept's, but for the first prefix
            fit = LinearRegression(tol=1e-15).fit(A[:, first:size], data.y[train])
            fit.predict(A[:, first:size])
            prediction = fit.predict(B[:, first:size])
            spent += time.perf_counter() - begin
            theirs[k, fold] = np.sqrt(((prediction - data.y[test]) ** 2).mean())
    some = errors[::step]
    name = f"(b) {errors.size:,} prefixes, LinearRegression" + (f" of every {step}th, scaled" if step > 1 else "")
    off = float(np.abs(some / theirs - 1).max())
    row(name, seconds, spent * len(sizes) / len(some), off, (least(some), least(theirs)))


def rows_left_out(smoke: bool) -> None:
    """(c) Leave-one-out of several sizes against refits."""
    data, sizes = table(60 if smoke else 500, 1), [1, 3, 6, 10, 15]
    seconds = shortest(lambda: leave_one_out(Polynomial(), data.X, data.y, sizes), 5)
    found, left = leave_one_out(Polynomial(), data.X, data.y, sizes), np.empty((len(sizes), len(data)))
    begin = time.perf_counter()
    for i in range(len(data)):
        keep = np.arange(len(data)) != i
        for k, size in enumerate(sizes):
            model = make_pipeline(Legendre(size), LinearRegression()).fit(data.X[keep], data.y[keep])
            left[k, i] = model.predict(data.X[[i]])[0] - data.y[i]
    peer = time.perf_counter() - begin
    off = np.abs(found.residual - left).max() / np.abs(left).max()
    errors = [least(np.abs(each)[:, :]) for each in (found.residual, left)]
    row(f"(c) leave-one-out of {len(data)} rows at {len(sizes)} sizes, refits", seconds, peer, float(off), errors)


def beyond(smoke: bool) -> None:
    """(d) Sizes beyond n, and many responses to the same rows, against our own fits one by one."""
    rng, n = np.random.default_rng(0), 60 if smoke else 480
    X, at = rng.uniform(-1.0, 1.0, (n, 3)), rng.uniform(-1.0, 1.0, (n // 4, 3))
    y = np.sin(3.0 * X.sum(axis=1)) + 0.1 * rng.normal(size=(40, n))
    for family, name in ((Polynomial(), "polynomials"), (RandomFeatures(activation="cosine"), "random cosines")):
        sizes = [size for size in family.sizes(n, 3) if family.at_size(size).count(3) > n]
        job, label = Job.of(X, y[0], at=at), f"(d) {len(sizes)} {name} beyond {n} rows, one by one"
        compare(label, family, sizes, [job])
    jobs = [Job.of(X, one, at=at, seed=k) for k, one in enumerate(y)]
    sizes = [0, 1, 2, 3, 4] if smoke else [0, 1, 2, 3, 4, 5, 6, 7]
    compare(f"(d) 40 responses to {n} rows, {len(sizes)} polynomials, one by one", Polynomial(), sizes, jobs)


def compare(name: str, family: Approximation, sizes: Sequence[int], jobs: list[Job]) -> None:
    """Print how a sweep compares with one fit for each size and job."""
    seconds = shortest(lambda: family.sweep(sizes, jobs), 2)
    found, off = family.sweep(sizes, jobs), 0.0
    begin = time.perf_counter()
    alone = [[family.at_size(size).fit(job.rows.X, job.rows.y).predict(job.at) for size in sizes] for job in jobs]
    peer = time.perf_counter() - begin
    for one, other in zip(found, alone, strict=True):
        off = max(off, float((np.abs(one.prediction - other).max(axis=1) / np.abs(other).max(axis=1)).max()))
    row(name, seconds, peer, off)


def shortest(call: Callable[[], Any], repeats: int) -> float:
    """Return the shortest of several times."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return min(times)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="small numbers, in seconds")
    smoke = parser.parse_args().smoke
    warnings.simplefilter("ignore")  # scikit-learn's, of monomials it cannot invert
    ours(Polynomial(), table(30, 1), splits(table(30, 1), folds=3), [1])  # what is imported where it is used
    print(f"{'':66s} {'ours / s':>9s} {'peer / s':>9s} {'ratio':>9s}  {'least error of each':19s} difference")
    for part in (one_feature, prefixes, rows_left_out, beyond):
        part(smoke)


if __name__ == "__main__":
    main()
