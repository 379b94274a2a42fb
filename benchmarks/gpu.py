"""The training steps of networks on a GPU through JAX, beside the same code on the CPU in NumPy.

    python benchmarks/gpu.py [--device gpu|cpu] [--smoke]

Batches of networks are trained by the functions that `Network` is trained by, once on NumPy arrays and once on arrays
of JAX in float64, compiled: a few steps to noisy data (few, since rounding grows from step to step as long as there is
no optimum), and up to the optimum of data that a network of the same width gives. Weights after the steps and
predictions at the optimum must agree to 1e-8; both times are printed. JAX compiles each shape once, which is timed
apart. Without a GPU it says so and does nothing; ``--device cpu`` makes the comparison on the CPU.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np

from faradaic.approximations._feed_forward import Forward, layers_of
from faradaic.approximations._levenberg_marquardt import State, advance, begin
from faradaic.approximations._network_problem import NetworkProblem, Rows, Table, random_start

TOLERANCE = 1e-8
Array = np.ndarray


@dataclass(frozen=True)
class Batch:
    """Networks of one width to train: their problem, rows, starts, and the number of steps."""

    width: int
    problem: NetworkProblem
    rows: Rows
    start: Array
    steps: int

    @classmethod
    def of(cls, width: int, members: int, n: int, steps: int) -> Batch:
        """Make ``members`` data sets of n rows of a smooth function with noise."""
        tables = []
        for k in range(members):
            rng = np.random.default_rng([n, k])
            X = rng.uniform(-1.7, 1.7, (n, 3))
            y = np.sin(1.7 * X[:, 0]) + 0.3 * X[:, 1] * X[:, 2] + 0.1 * rng.normal(size=n)
            tables.append(Table(X, (y - y.mean()) / y.std(), np.ones(n)))
        layers = tuple(layers_of(3, width, 1))
        start = np.stack([random_start(layers, np.random.default_rng([width, k])) for k in range(members)])
        count = start.shape[1]
        problem = NetworkProblem(layers, "tanh", penalised=False, by_rows=count > n)
        return cls(width, problem, Rows.of(tables, n, 0.0, count), start, steps)

    def solvable(self, steps: int) -> Batch:
        """Return the batch with responses that a network near the start gives."""
        truth = self.start + 0.1 * np.random.default_rng(0).normal(size=self.start.shape)
        return replace(self, rows=self.rows._replace(y=self.predicted(truth)), steps=steps)

    def predicted(self, theta: Array) -> Array:
        return Forward(self.rows.X.mT, theta, self.problem.layers, self.problem.activation).output


@dataclass(frozen=True)
class Comparison:
    """Largest difference of what a device and the CPU give, relative to the largest number, and the seconds of each."""

    label: str
    difference: float
    cpu: float
    device: float
    compilation: float

    def __str__(self) -> str:
        return (
            f"{self.label:<52} CPU {self.cpu:8.3f} s, device {self.device:8.3f} s ({self.cpu / self.device:.2f} times "
            f"as fast; compiled in {self.compilation:.1f} s), difference {self.difference:.1e}"
        )


def stepped(batch: Batch, step: Callable[..., State], rows: Rows, start: Any) -> tuple[float, Array]:
    """Return the seconds of all steps, and the weights after them."""
    floor = 0.0 * rows.y[:, 0]
    state = begin(batch.problem, rows, start, floor)
    began = time.perf_counter()
    for _ in range(batch.steps):
        state = step(batch.problem, rows, state, floor)
    theta = np.asarray(state.theta)  # waits for the device
    return time.perf_counter() - began, theta


def compare(batch: Batch, device: Any, optimum: bool = False) -> Comparison:
    """Train a batch on the CPU and on a device."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        cpu, ours = stepped(batch, advance, batch.rows, batch.start)
    with jax.enable_x64(True), jax.default_device(device):
        rows, start = jax.tree.map(jax.numpy.asarray, batch.rows), jax.numpy.asarray(batch.start)
        step = jax.jit(advance, static_argnums=0)
        first, _ = stepped(batch, step, rows, start)
        seconds, theirs = stepped(batch, step, rows, start)
    a, b = (batch.predicted(ours), batch.predicted(theirs)) if optimum else (ours, theirs)
    members, count = batch.start.shape
    what = "to the optimum" if optimum else f"{batch.steps} steps"
    return Comparison(
        f"{members} networks of width {batch.width}, {count} weights, {what}",
        float(np.abs(a - b).max() / np.abs(a).max()), cpu, seconds, max(first - seconds, 0.0),
    )  # fmt: skip


def comparisons(device: Any, smoke: bool) -> list[Comparison]:
    """Compare small and large systems, of the parameters and of the rows, and an optimum."""
    members, n = (3, 40) if smoke else (500, 160)
    widths = (2, 12) if smoke else (4, 16, 64)
    found = [compare(Batch.of(width, members, n, steps=5), device) for width in widths]
    return [*found, compare(Batch.of(2, members, n, steps=5).solvable(steps=60), device, optimum=True)]


def device_of(platform: str) -> Any:
    """Return the first device of a platform, if there is one."""
    try:
        return jax.devices(platform)[0]
    except RuntimeError:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description="Networks trained on a GPU, beside the CPU.")
    parser.add_argument("--device", choices=["gpu", "cpu"], default="gpu")
    parser.add_argument("--smoke", action="store_true", help="small batches")
    arguments = parser.parse_args()
    device = device_of(arguments.device)
    if device is None:
        print("Skipped: JAX sees no GPU here. With --device cpu the comparison is made on the CPU.")
        return
    print(f"device: {device.device_kind}")
    found = comparisons(device, arguments.smoke)
    for one in found:
        print(one)
    if not all(one.difference <= TOLERANCE for one in found):
        sys.exit(f"The device and the CPU differ by more than {TOLERANCE:g}.")


if __name__ == "__main__":
    main()
