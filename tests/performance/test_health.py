"""State of health: errors and intervals of new cells, copies, rankings of inputs, and published numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic._core import ArgumentError, ColumnError, LeakWarning
from faradaic.approximations import Components, Polynomial
from faradaic.performance import health, health_designs, input_ranking, zhang2020

Q = "Q [mAh]"


def table_of(cells: int, rows: int = 12, seed: int = 0, own: float = 0.3, inputs: int = 4) -> pd.DataFrame:
    """Return rows of which Q falls in the first input; each cell is off by an amount of its own."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(1.0, 2.0, (cells * rows, inputs))
    cell = np.repeat(np.arange(cells), rows)
    y = 40.0 - 5.0 * X[:, 0] + own * rng.normal(size=cells)[cell] + 0.1 * rng.normal(size=len(X))
    made = pd.DataFrame(X, columns=[f"R{j} [ohm]" for j in range(inputs)])
    return made.assign(**{Q: y, "cell": [f"c{k}" for k in cell]})


QUICK = [Polynomial(), Components()]


def test_errors_are_those_of_new_cells():
    found = health(table_of(20), Q, designs=[Components()], outer=None)
    assert found.learned
    # own 0.3 and noise 0.1 together; rows of one cell taken apart would say 0.1 for many rows
    assert found.exploration.error == pytest.approx(np.hypot(0.3, 0.1), rel=0.4)
    assert found.baseline == pytest.approx(5.0 / np.sqrt(12), rel=0.1)  # of a uniform resistance
    judged = found.judge(table_of(20, seed=1))
    assert judged["rmse"] == pytest.approx(np.hypot(0.3, 0.1), rel=0.4)
    assert judged["r2"] > 0.9
    assert judged["rows"] == 240


def test_intervals_hold_for_new_cells():
    covered = [
        health(table_of(20, seed=seed), Q, designs=[Components()], outer=None).judge(table_of(20, seed=seed + 100))
        for seed in range(8)
    ]
    # 160 new cells at 90 %: the standard error is 0.024, and cross-validation+ errs to the safe side
    assert 0.83 < np.mean([one["coverage"] for one in covered]) < 0.98


def test_the_mean_is_not_beaten_by_noise():
    table = table_of(8)
    table[Q] = np.random.default_rng(2).permutation(table[Q].to_numpy())
    found = health(table, Q, designs=[Components()], outer=None)
    assert not found.learned
    assert "no more than that" in found.summary()


def test_rows_that_were_trained_on_are_told():
    table = table_of(8)
    found = health(table, Q, designs=QUICK[1:], outer=None)
    with pytest.warns(LeakWarning, match="10 of 10|All 10 rows"):
        found.judge(table.head(10))


def test_designs_follow_the_number_of_inputs():
    assert [len(health_designs(n)) for n in (1, 3, 20, 120)] == [2, 7, 3, 2]


def test_the_picture():
    display = health(table_of(8), Q, designs=QUICK[1:], outer=4).plot()
    observed, predicted = display.points_[0].get_data()
    assert display.scale == "linear"
    assert np.sqrt(np.mean((observed - predicted) ** 2)) < 1.0


@pytest.mark.parametrize(
    ("change", "arguments", "error", "says"),
    [
        (lambda t: t.drop(columns=Q), {}, ColumnError, "There is no column 'Q \\[mAh\\]'"),
        (lambda t: t, {"inputs": ["R9 [ohm]"]}, ColumnError, "did you mean"),
        (lambda t: t, {"level": 90}, ArgumentError, "level must lie between 0 and 1"),
        (lambda t: t[["cell", Q]], {}, ArgumentError, "no column of numbers beside"),
    ],
)
def test_bad_tables(change, arguments, error, says):
    with pytest.raises(error, match=says):
        health(change(table_of(6)), Q, outer=None, **arguments)


class TestRanking:
    def data(self, **more):
        return fd.read(table_of(8, inputs=4, own=0.0, **more), x=[f"R{j} [ohm]" for j in range(4)], y=Q, groups="cell")

    def test_the_input_that_matters_comes_first_and_surely(self):
        found = input_ranking(self.data(), resamplings=6, rows=60)
        assert found.table["input"][0] == "R0 [ohm]"
        assert found.table["first"][0] > 0.8
        assert "R0 [ohm] comes first" in found.summary()

    def test_twins_take_turns(self):
        frame = table_of(8, own=0.0)
        frame["R1 [ohm]"] = frame["R0 [ohm]"] + 0.02 * np.random.default_rng(3).normal(size=len(frame))
        frame[Q] = 40 - 2.5 * (frame["R0 [ohm]"] + frame["R1 [ohm]"])
        data = fd.read(frame, x=[f"R{j} [ohm]" for j in range(4)], y=Q, groups="cell")
        found = input_ranking(data, resamplings=10, rows=60)
        assert set(found.table["input"][:2]) == {"R0 [ohm]", "R1 [ohm]"}

    def test_few_cells(self):
        with pytest.raises(ArgumentError, match="at least 3 cells"):
            input_ranking(fd.read(table_of(2), x=["R0 [ohm]"], y=Q, groups="cell"))


class TestZhang:
    """Zhang et al. 2020, 10.1038/s41467-020-15235-7."""

    @pytest.fixture(scope="class")
    @staticmethod
    def published(literature):
        literature("zhang2020/EIS_data.txt")
        return zhang2020()

    def test_the_table(self, published):
        table = published[1]
        assert table.groupby("cell").size().to_dict() == {
            "35C02": 299, "train1": 200, "train2": 250, "train3": 229, "train4": 81, "train5": 299, "train6": 299
        }  # fmt: skip
        assert table["remaining life [cycles]"].notna().sum() == 525 + 127

    def test_the_linear_process_tells_35C02(self, published):
        model, table = published
        life = "remaining life [cycles]"
        test = table[(table["role"] == "test") & table[life].notna()]
        y, said = test[life].to_numpy(), model.predict(test.filter(regex="^(Re|Im) Z").to_numpy())
        assert 1 - ((said - y) ** 2).sum() / ((y - y.mean()) ** 2).sum() == pytest.approx(0.750, abs=0.005)

    def test_components_do_better_and_the_intervals_hold(self, published):
        table, life = published[1], "remaining life [cycles]"
        spectra = list(table.filter(regex="^(Re|Im) Z"))
        known = table[(table["role"] == "train") & table[life].notna()]
        found = health(known, life, inputs=spectra, outer=None, level=0.8)
        judged = found.judge(table[table["role"] == "test"])
        assert judged["r2"] > 0.80
        assert judged["coverage"] > 0.8

    def test_a_training_file_that_is_the_test_file(self, published):
        """The authors' training file at 35 degC is byte for byte that of the test cell."""
        table = published[1]
        test = table[table["role"] == "test"].copy()
        spectra = list(test.filter(regex="^(Re|Im) Z"))
        found = health(test.assign(cell=np.arange(len(test)) // 60), "capacity [mAh]", inputs=spectra, outer=None)
        with pytest.warns(LeakWarning, match="All 299 rows"):
            found.judge(test)
