"""Which experiment comes next: what each would add, against doing it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic._core import ArgumentError
from faradaic.identifiability import Equality, Known, Prior, Simulator

SHORT, LONG = np.linspace(0.0, 1.0, 20), np.linspace(0.0, 6.0, 20)
START, TRUTH = {"a": 1.0, "k": 1.0, "b": 0.5}, {"a": 2.0, "k": 0.7, "b": 0.3}


def decay(t):
    return Simulator(lambda a, k, b: a * np.exp(-k * t) + b, START, log=["a", "k"])


def measured(t, sigma=0.001, seed=0):
    y = decay(t).function(**TRUTH) + 0.001 * np.random.default_rng(seed).normal(size=len(t))
    return fd.read(pd.DataFrame({"t": t, "y": y}), x=["t"], y="y", sigma=sigma)


def test_what_is_foretold_is_what_comes():
    found = fd.identify(decay(SHORT), measured(SHORT), restarts=1, intervals="student")
    best, second = found.next_experiment({"again": decay(SHORT), "long": decay(LONG)})
    assert (best.name, second.name) == ("long", "again")
    # the same rows once more: every standard deviation shrinks by the square root of two
    assert second.gain == pytest.approx(np.sqrt(2.0), rel=1e-6)
    for e in found.estimates:
        assert second.relative[e.name] == pytest.approx(e.std / abs(e.value) / np.sqrt(2.0), rel=1e-6)
    both = np.concatenate([SHORT, LONG])
    done = fd.identify(decay(both), measured(both, seed=1), restarts=1, intervals="student")
    for e in done.estimates:
        assert best.relative[e.name] == pytest.approx(e.std / abs(e.value), rel=0.1)
    assert "long: rank 3, 3 of them within the tolerance" in str(best)


def test_what_lifts_the_rank_comes_first():
    def at(t, other):
        return Simulator(lambda R, C, q: q * np.exp(-t / (R * C)) + other * R, dict.fromkeys("RCq", 1.0), log="RC")

    y = np.exp(-LONG) + 0.01 * np.random.default_rng(2).normal(size=20)
    data = fd.read(pd.DataFrame({"t": LONG, "y": y}), x=["t"], y="y", sigma=0.01)
    found = fd.identify(at(LONG, 0.0), data, restarts=1, intervals="student")
    assert found.free == ("R", "C")
    best, second = found.next_experiment({"more": at(np.repeat(LONG, 100), 0.0), "step": at(LONG, 1.0)})
    assert (best.name, best.rank, best.gain) == ("step", 3, float("inf"))
    assert (second.name, second.rank) == ("more", 2)
    assert np.isnan([second.relative[name] for name in "RC"]).all()
    assert np.isfinite(list(best.relative.values())).all()


def test_conditions_of_a_function_and_what_is_known():
    table = pd.DataFrame({"x": [0.0, 0.4, 1.0], "y": [1.0, 2.0, 3.1]})
    data = fd.read(table, x=["x"], y="y", sigma=0.1)
    line = {"inside": [[0.5]], "far": [[3.0], [4.0]]}
    assert [e.name for e in fd.identify(lambda x, a, m: a + m * x, data).next_experiment(line)] == ["far", "inside"]
    # two offsets and a prior on one: the third is known as badly as the prior says, whatever is measured
    found = fd.identify(lambda x, a, c, m: a + c + m * x, data, Prior("a", 1.0, 0.5))
    for one in found.next_experiment(line):
        assert one.relative["a"] * found["a"].value == pytest.approx(0.5, rel=1e-6)
    held = fd.identify(lambda x, a, c, m: a + c + m * x, data, Known("a", 1.0))
    assert set(held.next_experiment(line)[0].relative) == {"c", "m"}


def test_an_equation_keeps_its_direction_out_of_the_next_conditions():
    table = pd.DataFrame({"x": [0.0, 0.4, 1.0], "y": [1.0, 2.0, 3.1]})
    data = fd.read(table, x=["x"], y="y", sigma=0.1)
    tied = fd.identify(lambda x, a, m, c: a + m * x + c * x**2, data, Equality(lambda m, c: c - 0.1 * m))
    # with c tied to m the model has two parameters, for which the ends are best, one after the other
    assert sorted(tied.next_conditions(4, [0.0, 0.3, 0.7, 1.0]).ravel().tolist()) == [0.0, 0.0, 1.0, 1.0]
    assert tied.next_experiment({"ends": [[0.0], [1.0]], "middle": [[0.5], [0.5]]})[0].name == "ends"


def test_nothing_tells_the_scatter():
    data = fd.read(pd.DataFrame({"x": [0.0, 1.0], "y": [1.0, 2.0]}), x=["x"], y="y")
    one = fd.identify(lambda x, a, m: a + m * x, data).next_experiment({"end": [1.0]})[0]
    assert np.isnan(list(one.relative.values())).all()
    assert one.gain > 1.0


def test_bad_experiments():
    found = fd.identify(decay(SHORT), measured(SHORT), restarts=1, intervals="student")
    with pytest.raises(ArgumentError, match="other must have the parameters a, k and b, got a"):
        found.next_experiment({"other": Simulator(lambda a: a * SHORT, {"a": 1.0})})
    with pytest.raises(ArgumentError, match="rows must be a Simulator"):
        found.next_experiment({"rows": [[1.0]]})
    with pytest.raises(ArgumentError, match="no finite prediction"):
        found.next_experiment({"late": Simulator(lambda a, k, b: np.full(3, np.nan), START)})
    line = fd.read(pd.DataFrame({"x": [0.0, 1.0], "y": [1.0, 2.0]}), x=["x"], y="y")
    answer = fd.identify(lambda x, a, m: a + m * x, line)
    with pytest.raises(ArgumentError, match="is a Simulator, and the model is none"):
        answer.next_experiment({"run": decay(SHORT)})
    with pytest.raises(ArgumentError, match="end must be finite rows of x"):
        answer.next_experiment({"end": [[np.nan]]})


def test_rounding_says_what_counts_as_the_same():
    def noisy(a, c):
        return a * SHORT + c * (SHORT + 1e-3 * SHORT**2)  # told apart by less than a solver's error

    data = fd.read(pd.DataFrame({"t": SHORT, "y": 2.0 * SHORT}), x=["t"], y="y", sigma=0.01)
    start = {"a": 1.0, "c": 0.5}
    assert fd.identify(Simulator(noisy, start), data, restarts=1, intervals="student").rank == 2
    rough = fd.identify(Simulator(noisy, start, rounding=1e-2), data, restarts=1, intervals="student")
    assert (rough.rank, rough.free) == (1, ("a", "c"))
    with pytest.raises(ArgumentError, match=r"rounding must lie between 0 and 0\.1"):
        Simulator(noisy, start, rounding=1.0)
