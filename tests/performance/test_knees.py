"""Knees: sums against least squares, intervals that cover, verdicts, and the published numbers of Attia's cells."""

from __future__ import annotations

import time

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from scipy.optimize import curve_fit

from faradaic._core import ArgumentError, ColumnError
from faradaic.data import load
from faradaic.performance import Cell, cells_from, features, knee, knees, lifetime
from faradaic.performance._break_limits import free_rows, with_second
from faradaic.performance._breaks import Curves, Misfit, best_one, best_two, parabola, residuals

mpl.use("Agg")
T = np.linspace(0.0, 1.0, 150)


def walk(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    return np.cumsum(rng.normal(size=shape), axis=1) / np.sqrt(shape[1])


def correlated(rng: np.random.Generator, rho: float, shape: tuple[int, int]) -> np.ndarray:
    made = rng.normal(size=shape)
    for k in range(1, shape[1]):
        made[:, k] = rho * made[:, k - 1] + np.sqrt(1 - rho**2) * made[:, k]
    return made


def table_of(y: np.ndarray, t: np.ndarray = T, **options) -> pd.DataFrame:
    return knees([Cell(str(k), 1000 * t, 10 + one) for k, one in enumerate(y)], **options).table


@pytest.fixture(scope="module")
def some() -> tuple[Curves, list[np.ndarray], list[np.ndarray]]:
    """Curves of unequal length and spacing, with one and with two breaks."""
    rng = np.random.default_rng(0)
    cycles, Q = [], []
    for n in (30, 81, 200):
        for breaks in ((0.6,), (0.4, 0.7)):
            t = np.sort(rng.uniform(0, 1, n))
            cycles.append(1 + 500 * (t - t[0]))
            fall = sum(np.maximum(0, t - c) for c in breaks)
            Q.append(1.1 - 0.02 * t - 0.2 * fall + 2e-3 * rng.normal(size=n))
    return Curves.of(cycles, Q)[0], cycles, Q


def squares(cycle: np.ndarray, Q: np.ndarray, breaks: tuple[float, ...]) -> float:
    """Sum of squares with breaks at these shares of the record, of the capacity over its spread, by least squares."""
    t = (cycle - cycle[0]) / (cycle[-1] - cycle[0])
    A = np.stack([np.ones_like(t), t, *(np.maximum(0, t - c) for c in breaks)], axis=1)
    y = Q / np.ptp(Q)
    return float(((y - A @ np.linalg.lstsq(A, y, rcond=None)[0]) ** 2).sum())


class TestSums:
    def test_one_and_two_breaks_are_least_squares(self, some):
        curves, cycles, Q = some
        misfit = Misfit(curves)
        one = misfit.one(np.full((len(Q), 1), 0.43))[:, 0]
        two = misfit.two(np.full((len(Q), 1), 0.31), np.full((len(Q), 1), 0.58))[:, 0]
        for k in range(len(Q)):
            assert one[k] == pytest.approx(squares(cycles[k], Q[k], (0.43,)), rel=1e-9)
            assert two[k] == pytest.approx(squares(cycles[k], Q[k], (0.31, 0.58)), rel=1e-9)

    def test_the_best_breaks_are_the_best_of_a_fine_grid(self, some):
        curves, cycles, Q = some
        misfit = Misfit(curves)
        c, (a, b) = best_one(misfit), best_two(misfit)
        for k in range(len(Q)):
            places = np.linspace(curves.low[k], curves.high[k], 300)
            assert squares(cycles[k], Q[k], (c[k],)) <= min(squares(cycles[k], Q[k], (x,)) for x in places) * (1 + 1e-9)
            coarse = places[::12]
            pairs = [(x, y) for x in coarse for y in coarse if y - x >= curves.apart[k]]
            assert squares(cycles[k], Q[k], (a[k], b[k])) <= min(squares(cycles[k], Q[k], pair) for pair in pairs)

    def test_curve_fit_finds_the_same_break(self):
        rng = np.random.default_rng(1)
        cycle = np.arange(1.0, 401.0)
        Q = 1.1 - 1e-4 * cycle - 8e-4 * np.maximum(0, cycle - 250) + 1e-3 * rng.normal(size=400)

        def bacon_watts(x, level, mean, half, c):  # the transition as sharp as Fermín-Cueto et al. make it
            return level + mean * (x - c) + half * (x - c) * np.tanh((x - c) / 1e-8)

        theirs = curve_fit(bacon_watts, cycle, Q, p0=[1.0, -1e-4, -1e-4, 280.0])[0]
        row = knee(cycle, Q).table.iloc[0]
        assert row["knee [cycles]"] == pytest.approx(theirs[3], abs=0.5)
        before, after = theirs[1] - theirs[2], theirs[1] + theirs[2]
        assert row["slope before [%/cycle]"] == pytest.approx(100 * before / Q[0], rel=0.01)
        assert row["slope after [%/cycle]"] == pytest.approx(100 * after / Q[0], rel=0.01)

    def test_residuals_and_parabola(self, some):
        curves, cycles, Q = some
        rest, coefficients = residuals(curves, np.full((len(Q), 1), 0.43))
        assert (rest[~curves.there] == 0).all()
        assert (rest**2).sum(1) == pytest.approx(Misfit(curves).one(np.full((len(Q), 1), 0.43))[:, 0], rel=1e-9)
        assert coefficients.shape == (len(Q), 3)
        fits = [np.polynomial.Polynomial.fit(x, y / np.ptp(y), 2, full=True)[1][0][0] for x, y in zip(cycles, Q)]  # noqa: B905
        assert parabola(curves) == pytest.approx(np.array(fits), rel=1e-6)

    def test_the_best_second_break(self, some):
        curves, _, _ = some
        misfit = Misfit(curves)
        first = np.full((len(curves.t), 2), 0.3)
        first[:, 1] = 1.0  # no room behind it
        places = np.linspace(0.3 + curves.apart, curves.high, 500).T
        fine = misfit.pairs(first[:, :1], places)[:, 0].min(1)
        least = with_second(misfit, first)
        assert (least[:, 0] <= fine * (1 + 1e-4)).all()
        assert np.isinf(least[:, 1]).all()


class TestRowsThatNoiseLeaves:
    def test_white_noise_leaves_them_all_and_correlated_noise_few(self):
        rng = np.random.default_rng(2)
        n = 2000
        noise = np.stack([rng.normal(size=n), correlated(rng, 0.8, (1, n))[0]])
        white, red = free_rows(noise, np.full(2, n), 4)
        assert 0.6 * n < white < n - 3
        assert n / 9 * 0.6 < red < n / 9 * 1.5  # (1 + rho) / (1 - rho) = 9

    def test_slow_drift_under_white_noise_is_seen(self):
        rng = np.random.default_rng(3)
        drift = 0.8 * rng.normal(size=(1, 4000)) + 0.6 * correlated(rng, 0.9, (1, 4000))
        # long-run variance 0.64 + 0.36 * 19 = 7.5; neighbours alone would say 1.9
        assert 4000 / 7.5 * 0.6 < free_rows(drift, np.array([4000]), 4)[0] < 4000 / 7.5 * 1.7


class TestIntervals:
    @pytest.mark.parametrize("kind", ["white", "correlated", "walk"])
    def test_true_knees_and_onsets_are_covered(self, kind):
        rng = np.random.default_rng(4)
        m = 250
        made = {
            "white": lambda: rng.normal(size=(m, len(T))),
            "correlated": lambda: correlated(rng, 0.6, (m, len(T))),
            "walk": lambda: walk(rng, (m, len(T))),
        }[kind]
        a = rng.uniform(0.35, 0.6, m)
        b = a + rng.uniform(0.12, 0.3, m)
        one = -0.3 * T - 3 * np.maximum(0, T - b[:, None])
        two = -0.3 * T - 2 * np.maximum(0, T - a[:, None]) - 2 * np.maximum(0, T - b[:, None])
        for y, name, real in ((one, "knee", b), (two, "onset", a)):
            table = table_of(y + 0.01 * made())
            low, high = (1e-3 * table[f"{end} {name} [cycles]"].to_numpy() for end in ("low", "high"))
            told = table[f"{name} [cycles]"].notna().to_numpy()
            assert told.mean() > 0.9
            table, truth, low, high = table[told], real[told], low[told], high[told]
            assert (table["knee [cycles]"] >= table["low knee [cycles]"]).all()
            assert (table["knee [cycles]"] <= table["high knee [cycles]"]).all()
            # 95 %; three standard errors of a share of 250 are 0.041
            assert 0.909 <= ((low <= truth) & (truth <= high)).mean() <= 0.995

    def test_a_higher_level_is_wider_and_more_noise_too(self):
        rng = np.random.default_rng(5)
        y = -3 * np.maximum(0, T - 0.6) + 0.02 * rng.normal(size=(1, len(T)))

        def width(**options):
            row = table_of(options.pop("y", y), **options).iloc[0]
            return row["high knee [cycles]"] - row["low knee [cycles]"]

        assert width(level=0.5) < width(level=0.9) < width(level=0.99)
        noisy = -3 * np.maximum(0, T - 0.6) + 5 * (y + 3 * np.maximum(0, T - 0.6))
        assert width() < width(y=noisy)

    def test_without_noise_the_knee_is_exact(self):
        row = table_of(-1.0 * np.maximum(0, T - 0.6)[None]).iloc[0]
        assert row["knee [cycles]"] == pytest.approx(600.0, abs=0.01)
        assert row["high knee [cycles]"] - row["low knee [cycles]"] < 0.1


class TestVerdict:
    @pytest.mark.parametrize("made", ["white", "correlated"])
    def test_lines_with_noise_have_no_knee(self, made):
        rng = np.random.default_rng(6)
        noise = rng.normal(size=(250, 200)) if made == "white" else correlated(rng, 0.8, (250, 200))
        table = table_of(-0.5 * np.linspace(0, 1, 200) + 0.02 * noise, np.linspace(0, 1, 200))
        assert (table["verdict"] == "knee").mean() <= 0.01
        none = table[table["verdict"] == "no knee"]
        assert none.drop(columns=["cell", "verdict", "reason"]).isna().all(axis=None)
        assert (none["reason"] == "a straight line does as well").mean() > 0.9

    def test_even_a_random_walk_is_seldom_taken_for_a_knee(self):
        rng = np.random.default_rng(7)
        table = table_of(walk(rng, (300, 200)), np.linspace(0, 1, 200))
        assert (table["verdict"] == "knee").mean() <= 0.03  # one in a hundred, and two standard errors

    @pytest.mark.parametrize(
        ("curve", "reason"),
        [
            (-1.0 * np.minimum(T, 0.4), "its slope gets flatter, not steeper"),
            (-1.0 * T**2, "it bends evenly, as a parabola does"),
            (-1.0 * T, "a straight line does as well"),
            (np.where(T < 0.995, 0.0, -1.0), "only its first or last cycles lie off a line"),
            (0 * T, "a straight line does as well"),
        ],
    )
    def test_why_there_is_none(self, curve, reason):
        rng = np.random.default_rng(8)
        assert table_of((curve + 1e-3 * rng.normal(size=len(T)))[None])["reason"].tolist() == [reason]

    def test_a_curve_that_is_exactly_straight_or_flat(self):
        assert table_of(np.stack([-1.0 * T, 0 * T]))["verdict"].tolist() == ["no knee", "no knee"]

    def test_a_sharp_knee_has_no_onset_apart_from_it(self):
        rng = np.random.default_rng(16)
        table = table_of(-3 * np.maximum(0, T - 0.6) + 0.02 * rng.normal(size=(200, len(T))))
        assert (table["verdict"] == "knee").all()
        sharp = table[table["onset [cycles]"].isna()]
        assert len(sharp) >= 190
        assert sharp[["low onset [cycles]", "at onset [%]"]].isna().all(axis=None)
        assert sharp["reason"].str.startswith("one break does as well as two").all()
        one = knee(1000 * T, 10 - 3 * np.maximum(0, T - 0.6) + 0.02 * rng.normal(size=len(T)))
        assert "It is sharp: one break does as well as two" in one.summary()

    def test_elbows_of_a_rising_quantity(self):
        rng = np.random.default_rng(9)
        cycle = np.arange(1.0, 201.0)
        R = 0.02 + 1e-5 * cycle + 2e-4 * np.maximum(0, cycle - 140) + 1e-4 * rng.normal(size=200)
        found = knee(cycle, R, rising=True)
        row = found.table.iloc[0]
        assert row["verdict"] == "knee"
        assert row["low knee [cycles]"] < 140 < row["high knee [cycles]"]
        assert 0 < row["slope before [%/cycle]"] < row["slope after [%/cycle]"]
        assert found.summary().startswith("1 of 1 cell has an elbow.\nThe elbow lies at cycle 1")
        assert knee(cycle, R).table["verdict"].tolist() == ["no knee"]
        assert "No elbow, for its slope" in knee(cycle, -R + 1, rising=True).summary()


class TestInput:
    def test_cells_tables_and_files_say_the_same(self, tmp_path):
        rng = np.random.default_rng(10)
        cycle = np.arange(1.0, 121.0)
        frame = pd.DataFrame(
            {
                "cell": np.repeat(["a", "b"], 120),
                "cycle": np.tile(cycle, 2),
                "Q [Ah]": np.concatenate([1 - 2e-3 * np.maximum(0, cycle - c) for c in (60, 80)])
                + 1e-3 * rng.normal(size=240),
            }
        )
        frame.to_csv(tmp_path / "q.csv", index=False)
        cells = cells_from(frame, cell="cell", cycle="cycle", capacity="Q [Ah]")
        expected = knees(cells).table
        for source in (frame, tmp_path / "q.csv", frame.sample(frac=1.0, random_state=0)):
            got = knees(source).table.set_index("cell").loc[["a", "b"]].reset_index()
            pd.testing.assert_frame_equal(got, expected, rtol=1e-9)
        alone = knees(frame[frame["cell"] == "b"].drop(columns="cell"))
        assert alone.table["cell"].tolist() == ["cell"]
        assert knees(cells[1]).table["knee [cycles]"][0] == pytest.approx(alone.table["knee [cycles]"][0])

    def test_the_answer_does_not_depend_on_company_or_units(self, some):
        _, cycles, Q = some
        cells = [Cell(str(k), x, y) for k, (x, y) in enumerate(zip(cycles, Q, strict=True))]
        together = knees(cells).table
        for k, cell in enumerate(cells):
            pd.testing.assert_frame_equal(
                knees(cell).table, together.iloc[[k]].reset_index(drop=True), rtol=1e-6, check_dtype=False
            )
        other = knees([Cell(c.name, 3 * c.cycle, 1000 * c.capacity) for c in cells]).table
        assert other["knee [cycles]"].to_numpy() == pytest.approx(3 * together["knee [cycles]"].to_numpy(), nan_ok=True)
        assert other["at knee [%]"].to_numpy() == pytest.approx(together["at knee [%]"].to_numpy(), nan_ok=True)

    def test_gaps_and_short_records(self):
        rng = np.random.default_rng(11)
        cycle = np.arange(1.0, 201.0)
        Q = 1 - 3e-3 * np.maximum(0, cycle - 120) + 1e-3 * rng.normal(size=200)
        holes = np.where(rng.random(200) < 0.3, np.nan, Q)
        found = knees([Cell("full", cycle, Q), Cell("holes", cycle, holes), Cell("short", cycle[:19], Q[:19])])
        assert found.table["verdict"].tolist() == ["knee", "knee", "unknown"]
        assert found.table["knee [cycles]"][1] == pytest.approx(120, abs=2)
        assert "Unknown, for fewer than 20 measured cycles: short." in found.summary()

    def test_the_reference(self):
        rng = np.random.default_rng(12)
        cycle = np.arange(1.0, 201.0)
        Q = 1.05 - 3e-3 * np.maximum(0, cycle - 120) + 1e-4 * rng.normal(size=200)
        assert knee(cycle, Q).table["at knee [%]"][0] == pytest.approx(100.0, abs=0.1)
        assert knee(cycle, Q, reference=1.1).table["at knee [%]"][0] == pytest.approx(100 * 1.05 / 1.1, abs=0.1)

    @pytest.mark.parametrize(
        ("call", "error", "says"),
        [
            (lambda: knee(np.arange(19.0), np.ones(19)), ArgumentError, "needs 20 measured cycles .* got 19 at most"),
            (lambda: knee(np.arange(30.0), np.ones(30), level=95), ArgumentError, "level must lie between 0 and 1"),
            (lambda: knee(np.arange(30.0), np.ones(30), reference=-1), ArgumentError, "reference must be a positive"),
            (lambda: knee(np.arange(30.0), np.zeros(30)), ArgumentError, "has no capacity; give a reference"),
            (lambda: knees([]), ArgumentError, "Knees need cells"),
            (lambda: knees(pd.DataFrame({"cycle": [1], "Q": [1.0]})), ColumnError, "no column 'Q .Ah.'"),
            (lambda: knees(pd.DataFrame({"cycle": [1], "Q [Ah]": ["x"]})), ColumnError, "must hold numbers"),
        ],
    )
    def test_what_cannot_be_used(self, call, error, says):
        with pytest.raises(error, match=says):
            call()


def test_pictures_show_curves_knees_and_intervals():
    rng = np.random.default_rng(13)
    y = -0.12 * np.logaddexp(0, (T - 0.6) / 0.04) + 1e-3 * rng.normal(size=(3, len(T)))
    y[2] = 0.02 * rng.normal(size=len(T))
    drawn = knees([Cell(str(k), 1000 * T, 10 + one) for k, one in enumerate(y)]).plot()
    assert len(drawn.curves_) == 3
    assert [len(points.get_xdata()) for points in drawn.points_] == [2, 2]
    assert drawn.points_[1].get_xdata() == pytest.approx(600, abs=60)
    assert [text.get_text() for text in drawn.ax_.get_legend().get_texts()] == ["onset", "knee"]


def test_a_thousand_curves_take_less_than_five_seconds():
    rng = np.random.default_rng(14)
    cycle = np.arange(1.0, 1001.0)
    bends = rng.uniform(400, 900, (1000, 1))
    Q = 1.1 - 1e-4 * cycle - 5e-4 * np.maximum(0, cycle - bends) + 1e-3 * rng.normal(size=(1000, 1000))
    cells = [Cell(str(k), cycle, one) for k, one in enumerate(Q)]
    begin = time.process_time()
    found = knees(cells)
    assert time.process_time() - begin < 5.0
    inside = (found.table["low knee [cycles]"] <= bends[:, 0]) & (bends[:, 0] <= found.table["high knee [cycles]"])
    assert 0.92 <= inside.mean() <= 0.98


def test_attia_2020(literature):
    literature("attia2020/Qn.csv")
    table = load("attia2020_capacity")
    assert table.groupby("protocol")["cell"].nunique().tolist() == [5] * 9
    found = knees(table)
    assert len(found.found) == 45
    # published: 95.5 %, 97.7 % and 117 cycles; of the first cycle's capacity, in the mean
    assert found.table["at knee [%]"].mean() == pytest.approx(95.5, abs=0.3)
    assert found.table["at onset [%]"].mean() == pytest.approx(97.7, abs=0.3)
    apart = found.table["knee [cycles]"] - found.table["onset [cycles]"]
    assert apart.mean() == pytest.approx(117, abs=10)
    assert ((found.table["low knee [cycles]"] > 1) & (found.table["high onset [cycles]"] < 1176)).all()


def test_early_features_to_knees_by_the_route_of_lifetimes():
    # the slope of the first cycles is made to tell the knee
    rng = np.random.default_rng(15)
    cycle = np.arange(1.0, 301.0)
    cells = []
    for k in range(24):
        speed = rng.uniform(0.5, 2.0)
        Q = 1.1 - 2e-4 * speed * cycle - 2e-3 * np.maximum(0, cycle - 200 / speed**0.5) + 1e-4 * rng.normal(size=300)
        cells.append(Cell(str(k), cycle, Q))
    from faradaic.performance import fade_slope

    early = features([cell.up_to(60) for cell in cells], {"fade [Ah/cycle]": lambda cell: -fade_slope(cell, 1, 60)})
    told = early.merge(knees(cells).found[["cell", "knee [cycles]"]], on="cell")
    found = lifetime(told, life="knee [cycles]", outer=None)
    assert len(told) == 24
    assert found.learned
    assert found.exploration.error < 0.2 * found.baseline
