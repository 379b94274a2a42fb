"""How long a landscape of networks takes, beside scikit-learn's validation curve, and what train errors they reach.

    python benchmarks/networks.py [--smoke] [--workers 2]

200 rows of sin(3a) + bc with noise 0.1; tanh networks of 1 to 64 units in one layer, 5 folds times 5 seeds, 175 fits;
two processes each, started before the clock. Ours is `faradaic.landscape`; the peer is `validation_curve` over an
`MLPRegressor` with L-BFGS on standardised inputs and response, on the same splits. Compared is the time until our
median train error is at or below the peer's at every width, (a) with the peer's usual tolerances, (b) with the peer
asked to converge (no penalty, tol 1e-9, 2,000 iterations); (c) our train error where there are more parameters than
rows. Our number of steps is an argument: the fewest that reach the peer's errors are those compared.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import validation_curve
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import faradaic as fd
from faradaic.approximations import Job, Network
from faradaic.data import Dataset, Splits, splits
from faradaic.landscape import Landscape

Array = np.ndarray
STEPS = (20, 40, 80, 300)
PEERS: dict[str, dict[str, Any]] = {
    "a: usual tolerances": {},
    "b: asked to converge": {"alpha": 0.0, "tol": 1e-9, "max_iter": 2000, "max_fun": 100_000},
}


def table(n: int) -> Dataset:
    """Return a smooth function of three inputs with noise."""
    rng = np.random.default_rng(0)
    X = rng.uniform(-1.0, 1.0, (n, 3))
    y = np.sin(3.0 * X[:, 0]) + X[:, 1] * X[:, 2] + 0.1 * rng.normal(size=n)
    return fd.read(pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], "y": y}), x=["a", "b", "c"], y="y")


def ours(data: Dataset, made: Splits, widths: Sequence[int], steps: int, workers: int) -> tuple[float, Landscape]:
    """Return the seconds of a landscape, and the landscape."""
    begin = time.perf_counter()
    found = fd.landscape(Network(iterations=steps), data, sizes=widths, splits=made, measure="absolute", n_jobs=workers)
    return time.perf_counter() - begin, found


def peer(
    data: Dataset, made: Splits, widths: Sequence[int], workers: int, more: dict[str, Any]
) -> tuple[float, Array, Array]:
    """Return the seconds of the validation curve, and its median train and test errors, one for each width."""
    net = MLPRegressor(activation="tanh", solver="lbfgs", random_state=0, **more)
    model = TransformedTargetRegressor(make_pipeline(StandardScaler(), net), transformer=StandardScaler())
    parts = [(made.train(r, f), made.test(r, f)) for r in range(made.n_repeats) for f in range(made.n_folds)]
    begin = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        train, test = validation_curve(
            model, data.X, data.y, param_name="regressor__mlpregressor__hidden_layer_sizes",
            param_range=[(width,) for width in widths], cv=parts, n_jobs=workers,
            scoring="neg_root_mean_squared_error",
        )  # fmt: skip
    return time.perf_counter() - begin, -np.median(train, axis=1), -np.median(test, axis=1)


def medians(found: Landscape) -> tuple[Array, Array]:
    """Return the median train and test errors of each width."""
    over = ("repeat", "fold")
    return tuple(found.errors[name].median(over).values for name in ("train_error", "test_error"))  # pyright: ignore[reportReturnType]


def row(label: str, seconds: float, errors: Array) -> str:
    return f"{label:<34}{seconds:>8.2f} s  " + "".join(f"{error:>10.1e}" for error in errors)


def compare(data: Dataset, made: Splits, widths: Sequence[int], workers: int, rounds: Sequence[int]) -> None:
    """Print the times and errors of both; what is compared is timed in turns, since other work may slow both."""
    print(f"{'median train error at width':<46}" + "".join(f"{width:>10}" for width in widths))
    runs = {steps: ours(data, made, widths, steps, workers) for steps in STEPS}
    for steps, (seconds, found) in runs.items():
        print(row(f"ours, at most {steps} steps", seconds, medians(found)[0]))
    last, most = runs[STEPS[-1]]
    print(row("  its test error", last, medians(most)[1]))
    for (name, more), turns in zip(PEERS.items(), rounds, strict=True):
        seconds, train, test = peer(data, made, widths, workers, more)
        print(row(f"peer, {name}", seconds, train))
        print(row("  its test error", seconds, test))
        if (medians(most)[0] > train).any():
            print("  not reached by ours")
            continue
        few = fewest(lambda steps, e=train: bool((medians(ours(data, made, widths, steps, workers)[1])[0] <= e).all()))
        theirs, mine = [seconds], [ours(data, made, widths, few, workers)[0]]
        for _ in range(turns - 1):
            theirs.append(peer(data, made, widths, workers, more)[0])
            mine.append(ours(data, made, widths, few, workers)[0])
        print(
            f"  {few} of our steps reach it: {np.mean(theirs):.2f} s against {np.mean(mine):.2f} s, "
            f"{np.sum(theirs) / np.sum(mine):.1f} times faster (means of {turns})"
        )
    interpolated(most, data)


def fewest(enough: Callable[[int], bool]) -> int:
    """Return the fewest steps that are enough; the train error of each fit falls from step to step."""
    low, high = 0, STEPS[-1]
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def interpolated(found: Landscape, data: Dataset) -> None:
    """Print the largest train error of the widths with more parameters than rows, of the spread of the response."""
    worst = found.errors["train_error"].max(("repeat", "fold")).values / data.y.std()
    best = found.errors["train_error"].min(("repeat", "fold")).values / data.y.std()
    for width, count, high, low in zip(found.sizes, found.parameters, worst, best, strict=True):
        if count > found.n_train:
            print(
                f"c: width {width}, {count} parameters, {found.n_train} of {len(data)} rows trained on: train error "
                f"of the spread from {low:.1e} to {high:.1e}"
            )


def alike(data: Dataset, made: Splits) -> None:
    """Check that fits made together are single fits, bit for bit."""
    parts = [made.train(r, f) for r in range(made.n_repeats) for f in range(made.n_folds)]
    jobs = [Job.of(data.X[part], data.y[part], at=data.X, seed=k) for k, part in enumerate(parts)]
    net = Network(iterations=30)
    for k, found in enumerate(net.sweep([4], jobs)):
        single = Network(4, iterations=30, random_state=k).fit(data.X[parts[k]], data.y[parts[k]])
        np.testing.assert_array_equal(found.prediction[0], single.predict(data.X))


def main() -> None:
    parser = argparse.ArgumentParser(description="Landscapes of networks beside a validation curve.")
    parser.add_argument("--smoke", action="store_true", help="three widths, three folds, one seed, one process")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    workers = 1 if arguments.smoke else arguments.workers
    data = table(200)
    widths = [1, 4, 64] if arguments.smoke else [1, 2, 4, 8, 16, 32, 64]
    made = splits(data, folds=3) if arguments.smoke else splits(data, folds=5, repeats=5)
    ours(data, made, widths, 2, workers)  # starts the workers of both, which import what they need
    peer(data, made, widths, workers, {"max_iter": 2})
    alike(data, made)
    print(f"{len(widths) * made.n_repeats * made.n_folds} fits, {workers} workers; nothing is compiled")
    compare(data, made, widths, workers, [1, 1] if arguments.smoke else [5, 2])
    other = table(143)
    again = splits(other, folds=3)
    times = [ours(other, again, [1, 4, 64], 60, workers)[0] for _ in range(2)]
    print(f"another data set, of 143 rows: {times[0]:.2f} s the first time, {times[1]:.2f} s the second")


if __name__ == "__main__":
    main()
