"""A stack with a target: judged by the target's rows alone, taught by all, and told whether the others helped."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic._core import ArgumentError
from faradaic.approximations import CoKriging, Design, GaussianProcess, Log, Polynomial
from faradaic.data import stack
from faradaic.landscape import Measure, noise_floor, verdict
from faradaic.landscape._verdict import cheaper_sources

DESIGNS = (GaussianProcess(kernel="rbf", restarts=1), CoKriging(kernel="rbf", restarts=1))


def cheap(x):
    return np.sin(9.0 * x) + 0.3 * x


def table(x, y, **more):
    return pd.DataFrame({"x": x, "y [V]": y, **more})


def sources(n=14, sigma=0.1, seed=0, model=cheap):
    """Return 25 computed rows and ``n`` measured ones, which are twice the former and a line."""
    rng = np.random.default_rng(seed)
    x, at = np.linspace(0, 1, 25), np.sort(rng.choice(np.linspace(0, 1, 25), n, replace=False))
    computed = fd.read(table(x, model(x)), x=["x"], y="y [V]", reliability="deterministic", name="model")
    y = 2.0 * cheap(at) + at + 5.0 + sigma * rng.normal(size=n)
    return computed, fd.read(table(at, y), x=["x"], y="y [V]", sigma=sigma, name="cell")


def test_ordinary_families_see_the_target_alone():
    computed, measured = sources()
    both = stack(computed, measured)
    for design in (Polynomial(), Design(GaussianProcess(kernel="rbf", restarts=1), y=Log())):
        alone = fd.landscape(design, measured, splits=4)
        beside = fd.landscape(design, both, splits=4, sizes=alone.sizes)
        np.testing.assert_array_equal(beside.test_error, alone.test_error)
        np.testing.assert_array_equal(beside.train_error, alone.train_error)
        assert beside.n_train == alone.n_train
        assert beside.select().standard_error == alone.select().standard_error
        residual = beside.errors["residual"].values
        assert np.isnan(residual[..., :25]).all()
        assert np.isfinite(residual[..., 25:]).all()


def test_measure_and_floor_are_those_of_the_target():
    computed, measured = sources()
    wide = stack(computed, measured)
    assert Measure.suited_to(wide) == Measure.suited_to(measured) == Measure("absolute")
    assert noise_floor(wide, Measure("absolute")) == noise_floor(measured, Measure("absolute"))
    assert noise_floor(wide, Measure("absolute")).value == pytest.approx(0.1)
    # the cheap rows are not positive, which hinders a relative error only where they are judged
    assert noise_floor(wide, Measure("relative")).known
    assert not (computed.y > 0).all()
    sampled = fd.read(
        table([0.0, 0.5, 1.0], [5.0, 6.0, 7.0], s=[0.1, 0.2, 0.3]), x=["x"], y="y [V]", reliability="stochastic",
        sigma="s", name="sampled",
    )  # fmt: skip
    assert Measure.suited_to(stack(computed, sampled, target="sampled")) == Measure("standardised")
    assert Measure.suited_to(stack(sampled, measured)) == Measure("absolute")


class Seen(Polynomial):
    """Keeps the rows that it was given."""

    models_sources = True
    rows: list = []  # noqa: RUF012

    def _fit(self, rows):
        Seen.rows.append((rows.X[:, 0].copy(), rows.source.copy(), rows.noise_std.copy(), rows.weight.copy()))
        super()._fit(_without_sources(rows))


def _without_sources(rows):
    from faradaic.approximations._rows import Rows

    return Rows(rows.X, rows.y, rows.weight, None, None)


def test_cheap_rows_are_always_in_training_and_sources_never_mix():
    computed, measured = sources(n=6)
    at = measured.X[:, 0]
    twice = fd.read(
        table(np.repeat(at, 2), np.repeat(measured.y, 2) + np.tile([0.1, -0.1], 6)), x=["x"], y="y [V]", name="cell"
    )
    Seen.rows.clear()
    found = fd.landscape(Seen(degree=0), stack(computed, twice), sizes=[0], splits=6)
    assert found.splits.kind == "leave-one-condition-out"
    assert len(Seen.rows) == 6
    for x, source, noise, weight in Seen.rows:
        np.testing.assert_array_equal(np.sort(x[source == 0]), np.linspace(0, 1, 25))
        assert (source == 1).sum() == 5
        # exact, and unknown with the weight of two replicates each
        assert not noise[source == 0].any()
        assert np.isnan(noise[source == 1]).all()
        np.testing.assert_array_equal(weight[source == 1], 2.0)


def test_co_kriging_needs_a_target():
    computed, measured = sources()
    pooled = stack(computed, measured, target="all")
    with pytest.raises(ArgumentError, match=r"Several sources \(model and cell\) and no target: say which"):
        fd.fit(CoKriging(), pooled)
    with pytest.raises(ArgumentError, match="several sources, and redrawing"):
        fd.landscape(CoKriging(kernel="rbf", restarts=1), stack(computed, measured), splits=3).decompose(rounds=2)


def test_landscape_of_co_kriging():
    computed, measured = sources(n=9)
    both = stack(computed, measured)
    found, alone = (fd.landscape(design, both) for design in reversed(DESIGNS))
    assert found.sizes == ["offset", "scale", "full"]
    assert found.splits.kind == "leave-one-out"
    assert found.test_error[2] < 0.5 * min(alone.test_error)
    assert found.n_train == 25
    assert found.regimes.threshold is None
    assert alone.n_train == 8
    assert "n = 25 training conditions" in found.summary()


def test_verdict_says_that_the_cheap_rows_helped():
    computed, measured = sources(n=9)
    found = fd.explore(stack(computed, measured), DESIGNS, splits=3, outer=3)
    text = found.summary()
    assert text.startswith("9 rows of y [V] against x (experiment), beside 25 rows of other sources.")
    assert "The 25 rows of model helped: they lowered the error of left-out rows of cell from" in text
    assert "co-kriging" in found.selection.label
    assert found.outer is not None
    assert np.isfinite(found.outer.residual).sum() == 9
    assert len(found.outer.choices) == 3


def test_verdict_says_that_they_did_not():
    computed, measured = sources(n=14, sigma=0.05, model=lambda x: np.random.default_rng(3).normal(size=len(x)))
    lines = verdict(fd.explore(stack(computed, measured), DESIGNS, outer=None))
    (line,) = [one for one in lines if "25 rows of model" in one]
    assert line.startswith(
        "Whether the 25 rows of model help cannot be said: the error of left-out rows of cell goes from"
    )


class Pooled(Polynomial):
    """Takes the rows of all sources for rows of the target."""

    models_sources = True

    def _fit(self, rows):
        super()._fit(_without_sources(rows))


def test_verdict_says_that_they_did_harm():
    computed, measured = sources(n=14)
    found = fd.explore(stack(computed, measured), [Polynomial(), Pooled()], outer=None)
    (line,) = [one for one in verdict(found) if "25 rows of model" in one]
    assert line.startswith("The 25 rows of model did not help: with them the error of left-out rows of cell goes from")


@pytest.mark.parametrize(
    ("usual", "one", "words"),
    [
        (1.5, 1.0, "Whether the 25 rows of model help cannot be said: "),  # 19 rows worse, one far better
        (0.5, 200.0, "Whether the 25 rows of model help cannot be said: "),
        (1.5, 150.0, "The 25 rows of model did not help: "),
        (0.5, 50.0, "The 25 rows of model helped: "),
    ],
)
def test_verdict_claims_nothing_where_ranks_and_errors_contradict(usual, one, words):
    def tried(way, losses):
        choice = SimpleNamespace(size=0, test_error=float(np.sqrt(losses.mean())), unit="V", label="a line")
        return SimpleNamespace(
            design=SimpleNamespace(models_sources=way),
            sizes=[0],
            row_losses=losses[None],
            clustered=lambda given: given,
            select=lambda: choice,
        )

    before, after = np.ones(20), np.full(20, usual)
    before[7], after[7] = 100.0, one
    both = stack(*sources())
    found = SimpleNamespace(data=both, landscapes=[tried(False, before), tried(True, after)])
    (line,) = cheaper_sources(found)
    assert line.startswith(words)
    assert ("by their ranks" in line) == ("cannot be said" in words)


def test_verdict_is_silent_where_there_is_nothing_to_compare():
    computed, measured = sources(n=9)
    both = stack(computed, measured)
    for data, designs in ((measured, DESIGNS[:1]), (both, DESIGNS[:1])):
        assert "model" not in fd.explore(data, designs, splits=3, outer=None).summary()


def test_default_ladder_offers_both_ways():
    computed, measured = sources(n=8)
    names = [
        type(design.approximation).__name__
        for rung in fd.landscape.ladder(stack(computed, measured), Measure("absolute"))[:1]
        for design in rung.designs([Log()])
    ]
    assert {"Polynomial", "Spline", "GaussianProcess", "CoKriging"} <= set(names)
    for data in (measured, stack(computed, measured, target="all")):
        rungs = fd.landscape.ladder(data, Measure("absolute"))
        assert len(rungs) == 3
        assert not any(isinstance(d.approximation, CoKriging) for rung in rungs for d in rung.designs([Log()]))


def test_learning_curve_counts_rows_of_the_target():
    computed, measured = sources(n=20)
    both = stack(computed, measured)
    how = {"sizes": [6, 10, 15], "folds": 4, "repeats": 2}
    alone, beside = (fd.learning_curve(Polynomial(degree=2), data, **how) for data in (measured, both))
    np.testing.assert_array_equal(beside.test_error, alone.test_error)
    taught = fd.learning_curve(CoKriging("full", "rbf", restarts=1), both, **how)
    assert (taught.test_error < 0.5 * alone.test_error).all()
