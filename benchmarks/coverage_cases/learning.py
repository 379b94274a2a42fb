"""Coverage of learning curves: the error at two to four times as many rows or groups, and Flores 2022.

    python benchmarks/coverage_cases/learning.py [--smoke]

Synthetic cases know the truth: the expected error at N is the root-mean-square error of many fits to fresh data of N
rows, and the measured one is what a 10-fold cross-validation finds on one fresh data set whose folds train on N. On
Flores 2022 (needs FARADAIC_DATA) a curve of 40 compositions predicts what a grouped 10-fold over all 85 finds, where
76 or 77 train. Its first 40 compositions, in the order of the file, are no random sample of the 85 (the concentrations
come in turn), its random 40 are.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold

import faradaic as fd
from faradaic.approximations import Approximation, Design, GaussianProcess, Log, Polynomial, Reciprocal, SquareRoot
from faradaic.data import Dataset
from faradaic.landscape import fitted

LEVEL, FOLDS, REPEATS = 0.9, 10, 50
TRUTH_FITS, TRUTH_ROWS = 300, 400
NATURAL = (Reciprocal(), None, None)


@dataclass(frozen=True)
class Synthetic:
    """A design, how data are drawn (units, generator), and at how many units the error is asked for."""

    name: str
    design: Approximation
    draw: Callable[[int, np.random.Generator], Dataset]
    units: int
    asked: int


def wave(n: int, random: np.random.Generator, noise: float = 0.3) -> Dataset:
    """Return n rows of a damped sine with noise."""
    x = random.uniform(-1, 1, n)
    y = np.sin(5 * x) * np.exp(-x) + noise * random.normal(size=n)
    return fd.read(pd.DataFrame({"x": x, "y": y}), x=["x"], y="y")


def calm_wave(n: int, random: np.random.Generator) -> Dataset:
    """Return `wave` with a third of the noise."""
    return wave(n, random, 0.1)


def batches(n: int, random: np.random.Generator) -> Dataset:
    """Return n groups of six rows that lie close together and share an error of their own."""
    group = np.repeat(np.arange(n), 6)
    x = random.uniform(-1, 1, n)[group] + 0.05 * random.normal(size=6 * n)
    y = np.sin(5 * x) * np.exp(-x) + 0.1 * random.normal(size=6 * n) + 0.3 * random.normal(size=n)[group]
    return fd.read(pd.DataFrame({"x": x, "y": y, "batch": group}), x=["x"], y="y", groups="batch")


SYNTHETIC = (
    Synthetic("cubic of 40 noisy rows", Polynomial(degree=3), wave, 40, 80),
    Synthetic("cubic of 40 noisy rows", Polynomial(degree=3), wave, 40, 160),
    Synthetic("quintic of 40 rows", Polynomial(degree=5), calm_wave, 40, 120),
    Synthetic("quintic of 24 groups", Polynomial(degree=5), batches, 24, 72),
    Synthetic("Gaussian process of 30 rows", GaussianProcess(restarts=1), calm_wave, 30, 60),
)


def cases(smoke: bool) -> list[dict[str, Any]]:
    """Return one line for each case: level, nominal and measured coverage, relative width, repeats."""
    lines = []
    for one in SYNTHETIC[:1] if smoke else SYNTHETIC:
        lines += synthetic(one, repeats=5 if smoke else REPEATS, fits=20 if smoke else TRUTH_FITS)
    if not smoke and (Path(os.environ.get("FARADAIC_DATA", "absent")) / "flores2022").is_dir():
        lines += flores()
    return lines


def synthetic(one: Synthetic, *, repeats: int, fits: int) -> list[dict[str, Any]]:
    truth = expected(one, fits)
    tested = round(one.asked * FOLDS / (FOLDS - 1))
    hits, widths = {"expected": 0, "measured": 0}, {"expected": [], "measured": []}
    for repeat in range(repeats):
        random = np.random.default_rng([17, repeat])
        curve = fd.learning_curve(one.design, one.draw(one.units, random), seed=repeat)
        found = cross_validated(one.design, one.draw(tested, random), random)
        for of, value in (("expected", truth), ("measured", found)):
            _, low, high = curve.predict(one.asked, LEVEL, of=of, tested=tested)
            hits[of] += bool(low[0] <= value <= high[0])
            widths[of].append((high[0] - low[0]) / value)
    return [line(f"{one.name}: {of} error at {one.asked}", hits[of] / repeats, widths[of], repeats) for of in hits]


def expected(one: Synthetic, fits: int) -> float:
    """Return the root-mean-square error of many fits to fresh data."""
    random, squares = np.random.default_rng(3), 0.0
    for _ in range(fits):
        model, fresh = fitted(one.design, one.draw(one.asked, random)), one.draw(TRUTH_ROWS, random)
        squares += float(((model.predict(fresh.X) - fresh.y) ** 2).mean())
    return float(np.sqrt(squares / fits))


def cross_validated(design: Approximation, data: Dataset, random: np.random.Generator) -> float:
    unit = np.arange(len(data)) if data.groups is None else data.groups
    fold = (random.permutation(unit.max() + 1) % FOLDS)[unit]
    residual = np.empty(len(data))
    for k in range(FOLDS):
        test = fold == k
        residual[test] = fitted(design, data.take(~test)).predict(data.X[test]) - data.y[test]
    return float(np.sqrt((residual**2).mean()))


def flores() -> list[dict[str, Any]]:
    """Predict the error at 76 compositions from 40: the first 40 of the file, and 20 random sets of 40."""
    data = fd.data.load("flores2022")
    assert data.groups is not None
    first = {
        "RBF process of √κ": Design(GaussianProcess(kernel="rbf", centres=19), NATURAL, SquareRoot()),
        "Matérn 5/2 process of ln κ": Design(GaussianProcess(), NATURAL, Log()),
        "cubic of ln κ": Design(Polynomial(degree=3), NATURAL, Log()),
        "quadratic of ln κ": Design(Polynomial(degree=2), NATURAL, Log()),
    }
    lines = [
        _flores(f"Flores, first 40 compositions, {name}", design, data, [np.arange(40)])
        for name, design in first.items()
    ]
    drawn = [np.random.default_rng(seed).permutation(85)[:40] for seed in range(20)]
    random = ("cubic of ln κ", "quadratic of ln κ")
    return lines + [_flores(f"Flores, 40 random compositions, {one}", first[one], data, drawn) for one in random]


def _flores(name: str, design: Design, data: Dataset, subsets: Sequence[np.ndarray]) -> dict[str, Any]:
    residual = np.empty(len(data))
    for train, test in GroupKFold(FOLDS).split(data.X, groups=data.groups):
        residual[test] = fitted(design, data.take(train)).predict(data.X[test]) - data.y[test]
    value = float(np.sqrt((residual**2).mean())) / data.response.scale
    inside, widths = 0, []
    for groups in subsets:
        curve = fd.learning_curve(design, data.take(np.isin(data.groups, groups)))
        predicted, low, high = (float(one[0]) for one in curve.predict(76, LEVEL, tested=85))
        inside += low <= value <= high
        widths.append((high - low) / value)
    if len(subsets) == 1:
        name += f" (found {value:.3f}, predicted {predicted:.3f}, {low:.3f} to {high:.3f} mS/cm)"
    return line(name, inside / len(subsets), widths, len(subsets))


def line(case: str, measured: float, widths: Sequence[float], repeats: int) -> dict[str, Any]:
    """Return one line of the table; the width is that of the interval relative to the truth, median."""
    return {
        "case": case,
        "level": LEVEL,
        "nominal": LEVEL,
        "measured": measured,
        "width": float(np.median(widths)),
        "repeats": repeats,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true")
    print(pd.DataFrame(cases(parser.parse_args().smoke)).to_string(index=False, float_format="{:.3f}".format))


if __name__ == "__main__":
    main()
