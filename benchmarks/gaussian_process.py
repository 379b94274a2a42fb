"""Gaussian processes against scikit-learn's: one fit, rows left out, a landscape, and ten thousand rows.

    python benchmarks/gaussian_process.py [--smoke] [--before SRC]

Fits: six features with a length scale each, Matérn 5/2, fitted noise, on both sides as many starts as ours makes. Both
optima are judged by one likelihood, scikit-learn's own, without the prior that ours has on length scales. The peer's
rows are left out by fits with hyper-parameters held, of some rows, scaled to all of them where these are many; the
closed form is checked against the same fits. A landscape: all sizes on ten splits, in one sweep and one by one; with
``--before`` also by the package in another folder, in a process of its own. Ten thousand rows: time and memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

import faradaic as fd
from faradaic.approximations import GaussianProcess, Job

Array = np.ndarray
MOST_REFITS = 10


def truth(X: Array) -> Array:
    p = X.shape[1]
    return np.sin(3.0 * X @ (2.0 / (1.0 + np.arange(p))) / np.sqrt(p)) + 0.5 * X[:, 0] ** 2


def rows(n: int, p: int, seed: int = 0, noise: float = 0.1) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1.0, 1.0, size=(n, p))
    return X, truth(X) + noise * rng.normal(size=n)


def timed(call: Callable[[], Any], repeats: int = 1) -> tuple[float, Any]:
    """Return the shortest time of a call, and what it returned."""
    best, found = np.inf, None
    for _ in range(repeats):
        begin = time.perf_counter()
        found = call()
        best = min(best, time.perf_counter() - begin)
    return best, found


def peer(kernel: Any, restarts: int | None) -> GaussianProcessRegressor:
    """Return scikit-learn's process; ``restarts`` None: the kernel as it is."""
    if restarts is None:
        return GaussianProcessRegressor(kernel, optimizer=None, normalize_y=True)
    return GaussianProcessRegressor(kernel, normalize_y=True, n_restarts_optimizer=restarts, random_state=0)


def one_fit(n: int, p: int, repeats: int) -> None:
    X, y = rows(n, p)
    X = (X - X.mean(0)) / X.std(0)
    starts = 3 if n <= 200 else 1
    ours_s, ours = timed(lambda: GaussianProcess().fit(X, y), repeats)
    start = ConstantKernel(1.0) * Matern(np.ones(p), nu=2.5) + WhiteKernel(0.05)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        peer_s, theirs = timed(lambda: peer(start, starts - 1).fit(X, y), repeats)
    same = ConstantKernel(ours.amplitude_) * Matern(ours.lengthscale_, nu=2.5) + WhiteKernel(ours.noise_variance_)
    likelihood = peer(same, None).fit(X, y).log_marginal_likelihood_value_
    at = rows(500, p, 1)[0]
    scaled = (at - rows(n, p)[0].mean(0)) / rows(n, p)[0].std(0)
    errors = [np.sqrt(((each.predict(scaled) - truth(at)) ** 2).mean()) for each in (ours, theirs)]
    print(
        f"{n} rows, {p} features, {starts} start{'s' * (starts > 1)}: ours {ours_s:.3f} s, scikit-learn "
        f"{peer_s:.3f} s: {peer_s / ours_s:.1f} times; test error {errors[0]:.4f} and {errors[1]:.4f}; log likelihood "
        f"without the prior {likelihood:.4f} and {theirs.log_marginal_likelihood_value_:.4f} "
        f"({likelihood - theirs.log_marginal_likelihood_value_:+.4f})"
    )
    left_s, left = timed(ours.leave_out, 3)
    some = np.linspace(0, n - 1, min(MOST_REFITS, n)).astype(int)
    refit_s, _ = timed(lambda: [_without(theirs.kernel_, X, y, i) for i in some])
    refit_s *= n / len(some)
    refits = np.array([_without(same, X, y, i) for i in some])
    off = np.abs(left.prediction[some] - refits).max() / np.ptp(y)
    print(
        f"    with every row left out: ours {ours_s + left_s:.3f} s ({left_s:.4f} s for the rows), scikit-learn "
        f"{peer_s + refit_s:.2f} s (from {len(some)} fits): {(peer_s + refit_s) / (ours_s + left_s):.0f} times; "
        f"equal to scikit-learn's fits with our hyper-parameters to {off:.0e} of the range"
    )
    assert off < 1e-6


def _without(kernel: Any, X: Array, y: Array, i: int) -> float:
    kept = np.arange(len(y)) != i
    return float(peer(kernel, None).fit(X[kept], y[kept]).predict(X[i : i + 1])[0])


def table(n: int, p: int) -> fd.data.Dataset:
    X, y = rows(n, p, 1)
    names = [f"x{j}" for j in range(p)]
    return fd.read(pd.DataFrame(dict(zip(names, X.T, strict=True)) | {"y": y}), x=names, y="y")


def landscapes(cases: list[tuple[int, int]], folds: int) -> list[tuple[float, list[float]]]:
    """Return the seconds and the test errors of the landscape of each case, the second of two runs."""
    out = []
    for n, p in cases:
        data = table(n, p)
        seconds, found = timed(lambda data=data: fd.landscape(GaussianProcess(), data, splits=folds), 2)
        out.append((seconds, found.test_error.tolist()))
    return out


def sweep(n: int, p: int, splits: int) -> None:
    """Print the time of one sweep against that of its fits one by one, which must say the same."""
    jobs, sizes = [], GaussianProcess().sizes(n - n // splits, p)
    for seed in range(splits):
        X, y = rows(n - n // splits, p, seed)
        jobs.append(Job.of(X, y, at=X[:5]))
    swept_s, found = timed(lambda: GaussianProcess().sweep(sizes, jobs))
    alone_s, alone = timed(
        lambda: [[GaussianProcess(size).fit_rows(job.rows).predict(job.at) for size in sizes] for job in jobs]
    )
    for one, each in zip(found, alone, strict=True):
        np.testing.assert_array_equal(one.prediction, each)
    print(
        f"{len(sizes)} sizes on {splits} splits of {n} rows, {p} feature{'s' * (p > 1)}: swept {swept_s:.2f} s, one by "
        f"one {alone_s:.2f} s: {alone_s / swept_s:.1f} times, equal bit for bit"
    )


def against(before: str, cases: list[tuple[int, int]], folds: int) -> None:
    """Print the landscapes of this package against those of another."""
    code = (
        f"import sys, json; sys.path.insert(0, {os.path.dirname(os.path.abspath(__file__))!r})\n"
        f"from gaussian_process import landscapes; print(json.dumps(landscapes({cases!r}, {folds})))"
    )
    path = os.path.dirname(os.path.dirname(os.path.abspath(fd.__file__)))
    (old, new) = (
        json.loads(
            subprocess.run(
                [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": each}, capture_output=True, check=True
            ).stdout
        )
        for each in (before, path)
    )
    for (n, p), (old_s, old_error), (new_s, new_error) in zip(cases, old, new, strict=True):
        ratio = np.array(new_error) / np.array(old_error) - 1.0
        print(
            f"landscape of {n} rows, {p} feature{'s' * (p > 1)}, {len(ratio)} sizes on {folds} splits: before "
            f"{old_s:.2f} s, now {new_s:.2f} s: {old_s / new_s:.1f} times; the test error of "
            f"{(np.abs(ratio) < 1e-6).sum()} sizes is the same to 1e-6 ({np.median(np.abs(ratio)):.0e} in the "
            f"median), of the others it differs by {', '.join(f'{r:+.1e}' for r in ratio[np.abs(ratio) >= 1e-6])}"
        )


def many_rows(n: int, centres: int) -> None:
    """Print the time of a fit and the memory of the process until its end, in a process of its own."""
    code = (
        f"import sys; sys.path.insert(0, {os.path.dirname(os.path.abspath(__file__))!r})\n"
        f"from gaussian_process import one_of_many; one_of_many({n}, {centres})"
    )
    print(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout, end="")


def one_of_many(n: int, centres: int) -> None:
    (X, y), at = rows(n, 3), rows(500, 3, 1)[0]
    seconds, model = timed(lambda: GaussianProcess(centres).fit(X, y))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    error = np.sqrt(((model.predict(at) - truth(at)) ** 2).mean())
    print(
        f"{n:,} rows, 3 features, {centres} centres: {seconds:.1f} s, at most {megabytes:.0f} MB, the interpreter "
        f"included; test error {error:.4f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="small cases, in seconds")
    parser.add_argument("--before", metavar="SRC", help="a folder that holds another version of the package")
    given = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    if given.smoke:
        one_fit(60, 2, 1)
        sweep(24, 1, 5)
        many_rows(1000, 20)
        return
    for centres in (100, 300, 1000):  # first: a process counts as its own what its parent held
        many_rows(10_000, centres)
    one_fit(200, 6, 3)
    one_fit(1000, 6, 1)
    for n, p in ((20, 1), (60, 1), (60, 3)):
        sweep(n, p, 10)
    if given.before:
        against(given.before, [(20, 1), (60, 1), (60, 3), (150, 3)], 10)


if __name__ == "__main__":
    main()
