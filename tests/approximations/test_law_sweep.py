"""Laws fitted to many splits in one search are those fitted alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic._core import ArgumentError, FitError
from faradaic.approximations import Design, Job, LawRegressor, Log, Reciprocal
from faradaic.approximations import _law_regressor as module
from faradaic.approximations._job import one_by_one
from faradaic.laws import (
    YEAR,
    Parameter,
    Variable,
    ageing_law,
    arrhenius,
    arrhenius_linear_energy,
    butler_volmer,
    butler_volmer_limited,
    butler_volmer_one_step,
    constant,
    law,
    vogel_fulcher_tammann,
)

T = np.linspace(260.0, 340.0, 28)[:, None]
ETA = np.linspace(-0.3, 0.3, 48)[:, None]
POWER, SIGMOIDAL = ageing_law("power", ["T"]), ageing_law("sigmoidal", ["T"])
TIMES = np.column_stack([np.tile(np.linspace(0.1, 3.0, 10) * YEAR, 3), np.repeat([283.0, 298.0, 318.0], 10)])
CASES = {
    "temperature": ((constant, arrhenius, vogel_fulcher_tammann), T, vogel_fulcher_tammann(T, [3.0, 600.0, 170.0])),
    "no more than Arrhenius": ((constant, arrhenius, arrhenius_linear_energy), T, arrhenius(T, [1e-9, 3e4])),
    "a bound": ((constant, arrhenius, vogel_fulcher_tammann), T, arrhenius(T, [3.0, 1.5e4])),
    "kinetics": (
        (butler_volmer_one_step(), butler_volmer(), butler_volmer_limited()),
        ETA,
        butler_volmer_limited()(ETA, [1.0, 0.4, 0.5, 50.0, 40.0]),
    ),
    "ageing": ((ageing_law("square_root", ["T"]), POWER, SIGMOIDAL), TIMES, SIGMOIDAL(TIMES, [0.2, 1.0, 0.3, 4e4])),
}


def jobs_of(X, y, count=6, seed=3, given="nothing"):
    rng = np.random.default_rng(0)
    y = y + 0.02 * np.abs(y).mean() * rng.normal(size=len(y))
    noise = rng.uniform(0.5, 1.5, len(y)) * 0.02 * np.abs(y).mean()
    fold, made = np.arange(len(y)) % count, []
    for k in range(count):
        out = fold == k
        more = {"sample_weight": {"sample_weight": 1.0 + fold[~out]}, "noise_std": {"noise_std": noise[~out]}}
        made.append(Job.of(X[~out], y[~out], at=X[out], seed=seed + k % 2, **more.get(given, {})))
    return made


def agree(model, sizes, jobs, rtol=1e-7):
    for job, together in zip(jobs, model.sweep(sizes, jobs), strict=True):
        alone = one_by_one(model.at_size, sizes, job)
        assert together.reasons == alone.reasons
        size = np.abs(np.nan_to_num(alone.prediction)).max()
        np.testing.assert_allclose(together.prediction, alone.prediction, rtol=rtol, atol=rtol * size)
        np.testing.assert_array_equal(together.effective, alone.effective)
        assert (together.seconds > 0).all()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("given", ["nothing", "sample_weight", "noise_std"])
def test_together_is_as_alone(case, given):
    laws, X, y = CASES[case]
    agree(LawRegressor(laws=laws), list(range(len(laws))), jobs_of(X, y, given=given))


@pytest.mark.parametrize("given", ["nothing", "noise_std"])
def test_so_it_is_by_logarithms(given):
    laws, X, y = CASES["temperature"]
    agree(LawRegressor(laws=laws, residuals="log"), [0, 1, 2], jobs_of(X, y, given=given))


def test_so_it_is_in_other_coordinates():
    X, y = T, arrhenius(T, [3.0, 1.5e4])
    agree(Design(LawRegressor(laws=(constant, arrhenius, vogel_fulcher_tammann))), [0, 1, 2], jobs_of(X, y))
    agree(Design(LawRegressor(), x=Reciprocal(), y=Log()), [0, 1], jobs_of(X, y))


def test_rows_that_leave_parameters_free_are_fitted_alone():
    laws, X, y = CASES["temperature"]
    # two temperatures do not tell three parameters, and two rows are fewer than them
    same = [Job.of(np.repeat(X[[0, 9]], 4, axis=0), np.repeat(y[[0, 9]], 4), at=X[:3]) for _ in range(3)]
    few = [Job.of(X[[0, 20]], y[[0, 20]], at=X[:3]) for _ in range(2)]
    agree(LawRegressor(laws=laws), [1, 2], [*same, *few])


def test_the_batch_is_used(monkeypatch):
    laws, X, y = CASES["temperature"]
    jobs = jobs_of(X, y)
    ends = [end for end in module._searched_together([LawRegressor(2, laws) for _ in jobs], jobs) if end is not None]
    assert len(ends) == len(jobs)
    done = []
    monkeypatch.setattr(module, "ends_together", lambda law, parts, **_: done.append(len(parts)) or [None] * len(parts))
    LawRegressor(laws=laws).sweep([1, 2], jobs)
    assert done == [3, 3, 3, 3]  # two seeds, two laws


def test_a_law_that_is_nowhere_finite_is_a_recorded_failure():
    @law(formula="", variables=[Variable("x")], parameters=[Parameter("a", None, start=1.0), Parameter("b", None)])
    def broken(x, a, b):
        import jax.numpy as jnp

        return jnp.log(-1.0 - (a * x + b) ** 2)

    x = np.linspace(1.0, 2.0, 12)[:, None]
    agree(LawRegressor(0, laws=(broken,)), [0], jobs_of(x, x[:, 0], count=3))
    with pytest.raises(FitError):
        LawRegressor(0, laws=(broken,)).fit(x, x[:, 0])


def test_arguments_are_checked_as_a_fit_does():
    laws, X, y = CASES["temperature"]
    jobs = jobs_of(X, y)
    for wrong, words in (
        ({"restarts": 0}, "restarts"),
        ({"residuals": "squared"}, "residuals"),
        ({"laws": ()}, "laws"),
    ):
        with pytest.raises(ArgumentError, match=words):
            LawRegressor(**{"laws": laws, **wrong}).sweep([0], jobs)
    assert LawRegressor(laws=laws).sweep([0, 1], []) == []


def test_a_landscape_is_the_same_whoever_fits():
    laws, X, y = CASES["kinetics"]
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"eta [V]": X[:, 0], "j [A/m**2]": y + 0.3 * rng.normal(size=len(y))})
    data = fd.read(table, x=["eta [V]"], y="j [A/m**2]")

    class Alone(LawRegressor):
        def sweep(self, sizes, jobs):
            return [one_by_one(self.at_size, sizes, job) for job in jobs]

    one, other = (fd.landscape(kind(laws=laws), data, sizes=[0, 1, 2], seed=1) for kind in (LawRegressor, Alone))
    np.testing.assert_allclose(one.test_error, other.test_error, rtol=1e-7)
    assert one.select().size == other.select().size
