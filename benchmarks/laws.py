"""A law for every series of a table: one call against lmfit and SciPy one by one.

    FARADAIC_DATA=... python benchmarks/laws.py [--smoke]

Conductivity against temperature of every electrolyte of CALiSol-23 (rows that agree in paper, salt, concentration and
solvents, at five temperatures and more), by the Arrhenius and the Vogel–Fulcher–Tammann law. The peers get the same law
compiled by JAX, its Jacobian, and the best of the starts that ours begins with, which is more than most scripts give
them: ``lmfit.minimize`` (where it is installed) and ``scipy.optimize.curve_fit``. Residuals are compared series by
series. Without the public data, and with ``--smoke``, the series are drawn.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Callable

import numpy as np
from scipy.optimize import curve_fit

import faradaic as fd
from faradaic._core import generator
from faradaic.approximations import fit_groups
from faradaic.approximations._group_problem import GroupProblem
from faradaic.approximations._law_fit import drawn_starts
from faradaic.laws import Law, arrhenius, vogel_fulcher_tammann

Series = tuple[np.ndarray, np.ndarray, np.ndarray]


def drawn(count: int) -> Series:
    """Return Vogel–Fulcher–Tammann series with 1 % of noise."""
    rng = np.random.default_rng(0)
    T = np.tile(np.linspace(253.0, 333.0, 9), count)
    theta = np.column_stack([rng.uniform(0.5, 5.0, count), rng.uniform(2e3, 6e3, count), rng.uniform(120, 200, count)])
    k = np.concatenate([vogel_fulcher_tammann(T[:9, None], one) for one in theta])
    return T[:, None], k * (1 + 0.01 * rng.normal(size=len(k))), np.repeat(np.arange(count), 9)


def calisol() -> Series:
    """Return temperature (K), conductivity (S/m) and series of the rows that have enough temperatures."""
    table = fd.data.load("calisol23")
    table = table.rename(columns={"k [mS/cm]": "k", "T [K]": "T"})
    table = table[table["k"] > 0]
    series = table.groupby(
        [name for name in table.columns if name not in ("T", "k")], dropna=False, sort=False
    ).ngroup()
    temperatures = table["T"].groupby(series).transform("nunique")
    kept = (temperatures >= 5).to_numpy()
    return table.loc[kept, ["T"]].to_numpy(float), 0.1 * table.loc[kept, "k"].to_numpy(float), series[kept].to_numpy()


def peers(law: Law) -> dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]]:
    """Return functions of X (m, 1), y (m,) and a start (k,) that give parameters."""

    def by_scipy(X, y, start):
        low, high = law.bounds
        return curve_fit(
            lambda _, *theta: law(X, theta), X[:, 0], y, start, bounds=(low, high), x_scale="jac",
            jac=lambda _, *theta: law.jacobian(X, theta), xtol=1e-12, ftol=1e-12, gtol=1e-12, max_nfev=2000,
        )[0]  # fmt: skip

    found = {"SciPy": by_scipy}
    try:
        import lmfit
    except ImportError:
        return found

    def by_lmfit(X, y, start):
        given = lmfit.Parameters()
        for one, value in zip(law.parameters, start, strict=True):
            given.add(one.name, value=value, min=one.lower, max=one.upper)
        result = lmfit.minimize(lambda p: law(X, list(p.valuesdict().values())) - y, given, ftol=1e-12, xtol=1e-12)
        return np.array(list(result.params.valuesdict().values()))

    return found | {"lmfit": by_lmfit}


def compare(law: Law, series: Series, most: int) -> None:
    """Print seconds, ratios and residuals of one law."""
    X, y, groups = series
    fit_groups(law, X[groups == groups[0]], y[groups == groups[0]], groups[groups == groups[0]])
    begin = time.perf_counter()
    first = fit_groups(law, X, y, groups)
    compiled = time.perf_counter() - begin
    begin = time.perf_counter()
    ours = fit_groups(law, X, y, groups)
    seconds = time.perf_counter() - begin
    assert np.array_equal(first.theta, ours.theta, equal_nan=True)
    labels = ours.labels[:: max(1, len(ours.labels) // most)]
    print(
        f"{law.name}: {len(ours.labels):,} series, {len(y):,} rows: ours {seconds:.2f} s "
        f"({compiled - seconds:.1f} s more the first time), {len(ours.failures)} failures"
    )
    tried = np.vstack([law.start, drawn_starts(law, 48, generator(0, 53))])
    for name, peer in peers(law).items():
        spent, worse, failures, better = 0.0, 0.0, 0, 0
        for label in labels:
            rows = groups == label
            start = GroupProblem.of(law, X[None, rows], y[None, rows], np.ones((1, rows.sum())), False).starts(tried, 1)
            theta = np.where([p.log for p in law.parameters], np.exp(start[0][0, 0]), start[0][0, 0])
            begin = time.perf_counter()
            try:
                theirs = peer(X[rows], y[rows], theta)
                rms = np.sqrt(((law(X[rows], theirs) - y[rows]) ** 2).mean())
            except (RuntimeError, ValueError):
                failures, rms = failures + 1, np.inf
            spent += time.perf_counter() - begin
            mine = ours.rms[ours.labels == label][0]
            floor = 1e-9 * np.abs(y[rows]).max()  # an exact fit up to rounding is as good as another
            worse = max(worse, (mine - rms) / max(rms, floor)) if np.isfinite(rms) else worse
            better += mine < rms * (1 - 1e-6) - floor
        peer_seconds = spent * len(ours.labels) / len(labels)
        print(
            f"  {name:6s} {peer_seconds:7.1f} s ({len(labels)} series, scaled), {peer_seconds / seconds:.0f} times as "
            f"long, {failures} failures; our residual is larger by at most {max(worse, 0.0):.0e}, smaller in {better}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="small numbers, in seconds")
    smoke = parser.parse_args().smoke
    warnings.simplefilter("ignore")  # overflows on the peers' way
    public = not smoke and "FARADAIC_DATA" in os.environ
    series = calisol() if public else drawn(40 if smoke else 1000)
    for law in (arrhenius, vogel_fulcher_tammann):
        compare(law, series, 10 if smoke else 200)


if __name__ == "__main__":
    main()
