"""Learning curves: subsets, errors by hand, scatter of known size, coverage where the truth is known, plain words."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic._core import ArgumentError, FitError, IntervalError
from faradaic.approximations import Approximation, Design, Log, Polynomial, RandomFeatures, Spline
from faradaic.landscape import LearningCurveDisplay
from faradaic.landscape._learning_fit import constant_error, learning
from faradaic.landscape._subsets import pool_of, scatter_of, usual_sizes

SIGMA = 0.2
SOME = [4, 6, 8, 11, 16]


def level(n=40, seed=0, each=1, between=0.0, **options):
    """A constant with noise, in groups of ``each`` rows that share an error of their own."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(n), each)
    y = 5.0 + SIGMA * rng.normal(size=n * each) + between * rng.normal(size=n)[group]
    frame = pd.DataFrame({"x [mm]": rng.uniform(size=n * each), "y [mV]": y, "cell": group})
    return fd.read(frame, x=["x [mm]"], y="y [mV]", groups="cell" if each > 1 else None, **options)


class Fragile(Approximation):
    """A mean that cannot be had from fewer rows than it asks for."""

    size_name = "rows"

    def __init__(self, rows=10):
        self.rows = rows

    def count(self, n_features):
        return 1

    def sizes(self, n_rows, n_features, most=None):
        return [self.rows]

    def _fit(self, rows):
        if len(rows.y) < self.rows:
            raise FitError(f"it takes {self.rows} rows.")
        self.mean_ = float(rows.y.mean())
        self.effective_parameters_ = 1.0
        self.freedom_ = float(len(rows.y) - 1)

    def _predict(self, X):
        return np.full(len(X), self.mean_)

    def _predict_std(self, X):
        return self._predict(X), np.zeros(len(X))

    def _derivative(self, X, wrt):
        return np.zeros(len(X))


class Unstable(Fragile):
    """A mean that is far off for some numbers of rows."""

    def _fit(self, rows):
        super()._fit(rows)
        self.mean_ += 9.0 * (len(rows.y) in (12, 16))


class TestSubsets:
    def test_groups_stay_whole_and_subsets_are_nested(self):
        data = level(12, each=3)
        pool = pool_of(data, folds=4, repeats=3, seed=1)
        assert (pool.units, pool.noun, pool.most) == (12, "group", 9)
        for r in range(3):
            tested = np.concatenate([pool.test(r, f) for f in range(4)])
            assert sorted(tested.tolist()) == list(range(36))
            for f in range(4):
                held = set(data.groups[pool.test(r, f)].tolist())
                before: set[int] = set()
                for size in (2, 5, 9):
                    rows = pool.train(r, f, size)
                    groups = set(data.groups[rows].tolist())
                    assert len(groups) == size
                    assert len(rows) == 3 * size
                    assert not groups & held
                    assert before <= groups
                    before = groups

    def test_replicates_count_as_one_condition(self):
        x = np.repeat(np.arange(20.0), 2)
        data = fd.read(pd.DataFrame({"x": x, "y": np.sin(x)}), x=["x"], y="y")
        assert (pool := pool_of(data, folds=5, repeats=2, seed=0)).noun == "condition"
        assert (pool.units, len(pool.train(0, 0, 3))) == (20, 6)

    def test_sizes_begin_where_the_parameters_can_be_told(self):
        data = level(60)
        pool = pool_of(data, folds=5, repeats=2, seed=0)
        assert usual_sizes(pool, Design(Polynomial(degree=0)), data)[0] == 12
        assert usual_sizes(pool, Design(Polynomial(degree=8)), data)[0] == 18
        assert usual_sizes(pool, Design(RandomFeatures(width=500)), data)[0] == 12
        assert usual_sizes(pool, Design(Polynomial(degree=40)), data)[-1] == 48

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"folds": 1}, "folds must be a whole number of at least 2, got 1"),
            ({"repeats": 1}, "repeats must be a whole number of at least 2, got 1"),
            ({"folds": 30}, "in 30 folds needs at least 60 rows, there are 40"),
            ({"sizes": [4, 40]}, "sizes must be numbers of training rows from 1 to 32"),
        ],
    )
    def test_bad_arguments(self, options, message):
        with pytest.raises(ArgumentError, match=message):
            fd.learning_curve(Polynomial(), level(), **options)

    def test_a_time_series_has_no_random_subsets(self):
        with pytest.raises(ArgumentError, match="A time series has no random subsets"):
            fd.learning_curve(Polynomial(), level(ordered=True))
        with pytest.raises(ArgumentError, match="takes an approximation, a selection or an exploration, got str"):
            fd.learning_curve("polynomial", level())


def test_scatter_of_known_size_is_found():
    """Losses 1 + α_unit + τ_subset + ε, many times: the estimated variances are right on average."""
    data, n, repeats, folds = level(40), 32, 4, 5
    sd_unit, sd_subset, sd_rest = 0.5, 0.3, 0.4
    found = []
    for seed in range(200):
        pool = pool_of(data, folds=folds, repeats=repeats, seed=seed)
        rng = np.random.default_rng(seed)
        subset = rng.normal(size=(repeats, folds)) * sd_subset
        loss = 10.0 + sd_unit * rng.normal(size=40) + np.take_along_axis(subset, pool.fold, 1)
        loss = loss + sd_rest * rng.normal(size=(repeats, 40))
        scatter = scatter_of(loss[None], np.ones(40), pool, np.array([n]))
        found.append((scatter.tested[0, 0], scatter.trained[0, 0]))
    tested, trained = np.mean(found, axis=0) * 4.0 * 100.0  # of the squares, times the mean loss squared
    own = sd_unit**2 + (sd_rest**2 + sd_subset**2) / repeats
    assert tested == pytest.approx(own / 40, rel=0.05)
    assert trained == pytest.approx(sd_subset**2 * (n**2 / (40**2 - n**2) + 1 / 20), rel=0.15)


class TestCurve:
    def test_every_error_is_that_of_fits_made_by_hand(self):
        data = level(20, each=2, between=0.1)
        curve = fd.learning_curve(Polynomial(degree=0), data, sizes=[4, 9, 16], repeats=2, seed=5)
        pool = pool_of(data, folds=5, repeats=2, seed=5)
        y = data.y_user
        for k, n in enumerate((4, 9, 16)):
            squares, train = [], []
            for r in range(2):
                for f in range(5):
                    rows, test = pool.train(r, f, n), pool.test(r, f)
                    squares += ((y[test] - y[rows].mean()) ** 2).tolist()
                    train.append(y[rows].var())
            assert curve.test_error[k] == pytest.approx(np.sqrt(np.mean(squares)), rel=1e-9)
            assert curve.train_error[k] == pytest.approx(np.sqrt(np.mean(train)), rel=1e-9)
        assert (curve.units, curve.noun, curve.unit, curve.rows.tolist()) == (20, "group", "mV", [8, 18, 32])

    def test_the_same_seed_gives_the_same_curve_on_one_and_two_workers(self):
        design = Design(RandomFeatures(width=3))
        more = {"repeats": 2, "sizes": [*SOME, 20]}
        one, two = (fd.learning_curve(design, level(), seed=3, n_jobs=jobs, **more) for jobs in (1, 2))
        np.testing.assert_array_equal(one.test_error, two.test_error)
        np.testing.assert_array_equal(one.draws, two.draws)
        assert one.summary() == two.summary()
        assert (fd.learning_curve(design, level(), seed=4, **more).test_error != one.test_error).any()

    def test_a_choice_is_taken_with_its_size(self):
        data = level(30)
        found = fd.explore(data, [Polynomial()], outer=None, splits=3)
        given = (found, found.selection, found.selection.design)
        curves = [fd.learning_curve(one, data, repeats=2, folds=3, sizes=SOME) for one in given]
        assert len({curve.summary() for curve in curves}) == 1
        assert curves[0].design.size == found.selection.size

    def test_intervals_are_nested_and_of_the_expected_error_narrower(self):
        curve = fd.learning_curve(Polynomial(degree=1), level(60), repeats=2)
        value, low, high = curve.predict([50, 100, 400], level=0.9)
        _, lower, higher = curve.predict([50, 100, 400], level=0.99)
        _, inner_low, inner_high = curve.predict([50, 100, 400], level=0.9, of="expected")
        assert (lower <= low).all()
        assert (high <= higher).all()
        assert ((inner_high - inner_low) < (high - low)).all()
        assert ((low <= value) & (value <= high)).all()
        _, few_low, few_high = curve.predict(100, level=0.9, tested=10)
        assert few_high[0] - few_low[0] > high[1] - low[1]
        np.testing.assert_allclose(curve.at([50, 100, 400]), value)

    def test_rows_for_an_error(self):
        curve = fd.learning_curve(Polynomial(degree=1), level(60, seed=1), repeats=2)
        goal = float(curve.at(45)[0])
        n, low, high = curve.rows_for(goal, level=0.5)
        assert n == pytest.approx(45, rel=1e-6)
        assert low <= high
        assert curve.rows_for(1e-3 * goal)[0] == np.inf
        with pytest.raises(ArgumentError, match=r"error must be positive, got -1"):
            curve.rows_for(-1)

    def test_bad_questions(self):
        curve = fd.learning_curve(Polynomial(degree=0), level(), repeats=2)
        for n in (0, [5, -2], [np.nan]):
            with pytest.raises(ArgumentError, match="n must be one or more positive numbers"):
                curve.predict(n)
        with pytest.raises(ArgumentError, match="level must lie between 0 and 1, got 95"):
            curve.predict(10, level=95)
        with pytest.raises(ArgumentError, match="of must be 'measured' or 'expected', got 'mean'"):
            curve.predict(10, of="mean")
        with pytest.raises(ArgumentError, match="tested must be at least 2, got 1"):
            curve.predict(10, tested=1)

    def test_sizes_too_small_for_the_parameters_are_no_part_of_the_curve(self):
        rng = np.random.default_rng(0)
        x = rng.uniform(-1, 1, 60)
        frame = pd.DataFrame({"x": x, "y": np.sin(4 * x) + 0.1 * rng.normal(size=60)})
        data = fd.read(frame, x=["x"], y="y")
        curve = fd.learning_curve(Polynomial(degree=5), data, sizes=[6, 7, 16, 24, 34, 48], repeats=2)
        assert curve.used.tolist() == [False, False, True, True, True, True]
        assert curve.test_error[1] > 2 * data.y.std() > curve.test_error[2]
        assert "Up to 7 rows the design does far worse than a constant" in curve.summary()
        # four sizes are kept all the same, since with fewer there is no interval
        few = fd.learning_curve(Polynomial(degree=5), data, sizes=[6, 7, 8, 48], repeats=2)
        assert few.used.all()
        _, low, high = few.predict(96)
        assert low[0] < few.test_error[-1] < high[0]
        assert few.test_error[1] > 2 * data.y.std() > few.test_error[2]
        assert "At 6 and 7 rows the design does far worse than a constant: too few" in few.summary()
        assert "Up to" not in few.summary()

    def test_a_late_blow_up_drops_no_good_size_before_it(self):
        error = np.array([0.752, 0.742, 0.801, 0.651, 1.174, 4.682, 3.047, 0.537])
        assert learning(error, 1.008).all()
        assert learning(np.array([9.0, np.nan, 5.0, *error]), 1.008).tolist() == [False] * 3 + [True] * 8
        assert learning(np.array([9.0, 8.0, 7.0, 6.0, 5.0]), 1.0).tolist() == [False] + [True] * 4

    def test_a_late_blow_up_is_named(self):
        curve = fd.learning_curve(Unstable(1), level(), sizes=[4, 8, 12, 16, 32], repeats=2)
        assert curve.used.all()
        assert "At 12 and 16 rows the design does far worse than a constant, and with fewer it does better" in str(
            curve
        )
        assert "Up to" not in str(curve)

    @pytest.mark.parametrize("measure", ["absolute", "relative", "standardised"])
    def test_the_error_of_a_constant_is_that_of_the_design_that_is_one(self, measure):
        data = level(30, sigma=SIGMA)
        design = Design(Polynomial(degree=0), y=Log() if measure == "relative" else None)
        found = fd.learning_curve(design, data, sizes=[24], repeats=2, measure=measure)
        assert constant_error(data, found.measure) == pytest.approx(found.test_error[0], rel=0.1)

    def test_relative_errors_have_no_unit_of_the_response(self):
        curve = fd.learning_curve(Design(Polynomial(degree=0), y=Log()), level(), measure="relative", repeats=2)
        assert curve.unit == "in ln y"
        assert curve.test_error[-1] == pytest.approx(SIGMA / 5.0, rel=0.5)


class TestTooLittle:
    def test_a_size_at_which_a_fit_failed_has_no_number(self):
        curve = fd.learning_curve(Fragile(12), level(), sizes=[8, 12, 16, 20, 32], repeats=2)
        assert np.isnan(curve.test_error).tolist() == [True, False, False, False, False]
        assert curve.failures == {8: "it takes 12 rows."}
        assert len(curve.draws)
        assert "No error at 8 rows, where a fit failed: it takes 12 rows." in curve.summary()

    def test_three_sizes_give_a_curve_without_an_interval(self):
        curve = fd.learning_curve(Fragile(12), level(), sizes=[8, 12, 20, 32], repeats=2)
        assert np.isfinite(curve.a)
        for ask in (lambda: curve.predict(50), curve.parameter_interval, lambda: curve.rows_for(1.0)):
            with pytest.raises(IntervalError, match=r"errors of at least 4 sizes .* there are 3 \(1 more failed\)"):
                ask()
        assert "no interval can be given" in curve.summary()
        assert np.isfinite(curve.at(50)).all()

    def test_two_sizes_give_errors_alone(self):
        curve = fd.learning_curve(Polynomial(degree=0), level(), sizes=[8, 16], repeats=2)
        assert np.isnan(curve.a)
        assert np.isfinite(curve.test_error).all()
        assert "2 sizes show no curve" in curve.summary()

    def test_nothing_but_failures_is_an_error(self):
        with pytest.raises(FitError, match="a fit failed at every size: it takes 99 rows"):
            fd.learning_curve(Fragile(99), level(), repeats=2)


class TestTruth:
    def test_the_error_of_a_mean_is_inside_as_often_as_promised(self):
        # the mean of n rows misses a new row by σ √(1 + 1/n) and nothing else; 24 repeats of a 90 % interval hold
        # the truth fewer than 17 times once in a thousand sets
        n = 120
        truth = SIGMA * np.sqrt(1 + 1 / n)
        inside = 0
        for seed in range(24):
            data = level(24, seed=seed)
            curve = fd.learning_curve(Polynomial(degree=0), data, folds=3, repeats=2, sizes=SOME, seed=seed)
            _, low, high = curve.predict(n, level=0.9, of="expected")
            inside += bool(low[0] <= truth <= high[0])
        assert inside >= 17

    def test_the_limit_of_a_known_floor_is_not_passed(self):
        curve = fd.learning_curve(Polynomial(degree=1), level(60, sigma=SIGMA, seed=3), repeats=2)
        assert curve.floor.value == pytest.approx(SIGMA)
        assert curve.a >= min(SIGMA, curve.test_error.min()) * (1 - 1e-12)
        assert "The limit may be the noise floor of 0.200 mV itself." in curve.summary()

    def test_a_design_that_cannot_bend_ends_above_the_floor(self):
        rng = np.random.default_rng(0)
        x = np.linspace(0, 1, 80)
        frame = pd.DataFrame({"x": x, "y [V]": np.sin(9 * x) + 0.05 * rng.normal(size=80)})
        curve = fd.learning_curve(Polynomial(degree=1), fd.read(frame, x=["x"], y="y [V]", sigma=0.05), repeats=2)
        assert curve.parameter_interval()["a"][0] > 0.2
        assert "The limit lies above the noise floor of 0.0500 V: more rows of the same kind will not" in str(curve)

    def test_exact_data_have_no_floor_to_end_at(self):
        x = np.linspace(0, 1, 60)
        data = fd.read(pd.DataFrame({"x": x, "y": np.sin(20 * x)}), x=["x"], y="y", reliability="deterministic")
        curve = fd.learning_curve(Spline(n_basis=20), data, repeats=2)
        assert curve.parameter_interval()["a"][0] < 0.5 * curve.test_error.min()
        assert "The data are exact to" in curve.summary()


class TestDisplay:
    @pytest.fixture(autouse=True)
    def agg(self):
        mpl.use("Agg")
        yield
        import matplotlib.pyplot as plt

        plt.close("all")

    def test_a_curve_is_drawn_as_it_is(self):
        curve = fd.learning_curve(Polynomial(degree=1), level(60, sigma=SIGMA), repeats=2)
        display = curve.plot()
        assert isinstance(display, LearningCurveDisplay)
        np.testing.assert_array_equal(display.lines_[0].get_ydata(), curve.test_error)
        value, low, high = curve.predict(display.grid, of="expected")
        np.testing.assert_array_equal(display.lines_[2].get_ydata(), value)
        np.testing.assert_array_equal(display.low, low)
        np.testing.assert_array_equal(display.high, high)
        assert display.limit == (curve.a, *curve.parameter_interval()["a"])
        texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
        assert texts == [
            "training rows", "a + b/n^γ", "95 % interval", "noise floor", "all 60 rows",
            "left-out rows (± 1 standard error)", "limit a",
        ]  # fmt: skip
        assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("training rows n", "error [mV]")
        display.figure_.canvas.draw()

    def test_what_is_not_known_is_not_drawn(self):
        import matplotlib.pyplot as plt

        _, ax = plt.subplots()
        display = fd.learning_curve(Polynomial(degree=0), level(), sizes=[8, 16], repeats=2).plot(ax=ax)
        assert display.ax_ is ax
        assert len(display.grid) == 0
        texts = [text.get_text() for text in ax.get_legend().get_texts()]
        assert texts == ["training rows", "all 40 rows", "left-out rows (± 1 standard error)"]
        three = fd.learning_curve(Polynomial(degree=0), level(), sizes=[8, 16, 32], repeats=2).plot()
        assert len(three.grid)
        assert len(three.low) == 0
        three.figure_.canvas.draw()
