"""Make ``stochastic.csv``: diffusivity against temperature from a kinetic Monte Carlo simulation of lattice hops.

Independent walkers hop on a simple cubic lattice. Each of the six neighbours is reached with the rate
``nu exp(-E / k T)`` (attempt frequency nu, barrier E); the residence-time algorithm draws the waiting time before
each hop from the exponential distribution of the total rate and never rejects a hop (Bortz, Kalos and Lebowitz
1975, 10.1016/0021-9991(75)90060-1). The tracer diffusivity is the mean squared displacement in a window of fixed
length, divided by six times the length, averaged over consecutive windows of a walker and over walkers; its
standard error is the spread over walkers. The exact answer is known: ``D = a^2 nu exp(-E / k T)``.

    python benchmarks/make_examples/kinetic_monte_carlo.py           # seconds
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

TARGET = Path(__file__).parents[2] / "src" / "faradaic" / "data" / "examples" / "stochastic.csv"
ATTEMPT_FREQUENCY = 1e13  # 1/s
BARRIER = 0.30  # eV
JUMP_LENGTH = 3e-10  # m
BOLTZMANN = 8.617333262e-5  # eV/K, CODATA 2018
TEMPERATURES = np.linspace(280.0, 400.0, 13)  # K
WALKERS, WINDOWS, HOPS_PER_WINDOW = 200, 15, 40
SEED = 1975

STEPS = np.vstack([np.eye(3), -np.eye(3)]).astype(np.int64)


def rate(temperature: float) -> float:
    """Return the rate of a hop to one neighbour, 1/s."""
    return ATTEMPT_FREQUENCY * np.exp(-BARRIER / (BOLTZMANN * temperature))


def displacements(
    hop_rate: float, window: float, walkers: int, windows: int, random: np.random.Generator
) -> np.ndarray:
    """Return the displacement of each walker in each of consecutive windows, in jump lengths.

    Parameters
    ----------
    hop_rate : float
        Rate of a hop to one neighbour, 1/s.
    window : float
        Length of a window, s.
    walkers, windows : int
        How many of each.
    random : numpy.random.Generator
        Source of the waiting times and directions.

    Returns
    -------
    array of shape (walkers, windows, 3)
    """
    position = np.zeros((walkers, 3), dtype=np.int64)
    marks = np.zeros((walkers, windows + 1, 3), dtype=np.int64)  # position at the start of each window, and the end
    clock = np.zeros(walkers)
    passed = np.zeros(walkers, dtype=np.int64)  # windows whose end lies behind
    walking = np.arange(walkers)
    while walking.size:
        clock[walking] += random.exponential(1 / (6 * hop_rate), walking.size)
        late = walking[clock[walking] >= (passed[walking] + 1) * window]
        while late.size:  # the walker rests where it is until its clock says otherwise
            passed[late] += 1
            marks[late, passed[late]] = position[late]
            late = late[(passed[late] < windows) & (clock[late] >= (passed[late] + 1) * window)]
        walking = walking[passed[walking] < windows]
        position[walking] += STEPS[random.integers(6, size=walking.size)]
    return np.diff(marks, axis=1)


def diffusivity(temperature: float, random: np.random.Generator) -> tuple[float, float]:
    """Return the diffusivity at one temperature and its standard error, m2/s."""
    window = HOPS_PER_WINDOW / (6 * rate(temperature))
    moved = JUMP_LENGTH * displacements(rate(temperature), window, WALKERS, WINDOWS, random)
    per_walker = (moved**2).sum(axis=2).mean(axis=1) / (6 * window)
    return float(per_walker.mean()), float(per_walker.std(ddof=1) / np.sqrt(WALKERS))


def main() -> None:
    """Write the table and say how it compares with the exact answer."""
    seeds = np.random.SeedSequence(SEED).spawn(len(TEMPERATURES))
    found = np.array([diffusivity(t, np.random.default_rng(s)) for t, s in zip(TEMPERATURES, seeds, strict=True)])
    exact = JUMP_LENGTH**2 * np.array([rate(t) for t in TEMPERATURES])
    table = pd.DataFrame(
        {
            "T [K]": TEMPERATURES,
            "D [m**2/s]": [float(f"{d:.5g}") for d in found[:, 0]],
            "standard error [m**2/s]": [float(f"{e:.3g}") for e in found[:, 1]],
        }
    )
    table.to_csv(TARGET, index=False, lineterminator="\n")
    chi2 = float((((found[:, 0] - exact) / found[:, 1]) ** 2).mean())
    print(f"{len(table)} rows written to {TARGET}")
    relative = np.median(found[:, 1] / found[:, 0])
    print(f"relative standard error {relative:.3f}; chi2 per row against the exact D {chi2:.2f}")


if __name__ == "__main__":
    main()
