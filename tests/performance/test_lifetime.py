"""Early life prediction: choice, intervals of new cells, what is said of too little, and published numbers."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic._core import ArgumentError, ColumnError
from faradaic.approximations import Components, Design, Log, Polynomial
from faradaic.performance import (
    Cell,
    early_class,
    features,
    group_means,
    lifetime,
    lifetime_designs,
    permutation_test,
    severson2019,
    severson2019_cells,
)

LIFE = "life [cycles]"


def table_of(n: int, seed: int = 0, noise: float = 0.1) -> pd.DataFrame:
    """Return cells whose ln life is a line in the first of three features, with scatter."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    life = np.exp(6.5 - 0.4 * X[:, 0] + noise * rng.normal(size=n))
    made = pd.DataFrame(X, columns=["log var", "Q2 [Ah]", "skew"]).assign(cell=[f"c{k}" for k in range(n)])
    return made.assign(**{LIFE: life})


QUICK = [Design(Polynomial(), y=Log()), Design(Components(), y=Log())]


def test_it_finds_the_feature_and_knows_its_error():
    found = lifetime(table_of(40), outer=4)
    assert found.learned
    # the scatter of ln life is 0.1: with 40 cells the outer error is that within a third
    assert found.exploration.outer.rmse == pytest.approx(0.1, abs=0.035)
    assert found.baseline == pytest.approx(np.hypot(0.4, 0.1), rel=0.3)
    assert "the features tell more" in found.summary()
    slope = found.trend.design.predict(found.trend.data.X[:1])  # finite, in cycles
    assert 100 < slope[0] < 5000


def test_features_that_tell_nothing_are_said_to():
    table = table_of(30)
    table[LIFE] = np.random.default_rng(1).permutation(table[LIFE])
    found = lifetime(table, designs=QUICK, outer=4)
    assert not found.learned
    assert "the features tell no more than that" in found.summary()


def test_intervals_hold_for_new_cells():
    # 25 tables of 30 cells, 40 new cells each: 1,000 intervals at 90 %
    covered = []
    for seed in range(25):
        found = lifetime(table_of(30, seed), designs=QUICK[:1], outer=None, level=0.9)
        new = table_of(40, seed + 1000)
        said = found.predict(new)
        inside = (said[f"low {LIFE}"] <= new[LIFE]) & (new[LIFE] <= said[f"high {LIFE}"])
        covered.append(inside[said["domain"] != "outside"].mean())
    # the standard error over tables is about 0.01; cross-validation+ errs to the safe side
    assert 0.87 < np.mean(covered) < 0.96


def test_a_choice_of_one_feature_has_the_domain_of_that_feature():
    table = table_of(40, noise=0.01)
    found = lifetime(table, designs=lifetime_designs(3)[:1], outer=None)
    assert found.inputs == ["log var"]
    assert found.trend.domain.kind == "interval"
    far = table.assign(skew=99.0)
    assert (found.predict(far)["domain"] != "outside").all()


def test_cells_without_a_life_are_left_out_and_predicted():
    table = table_of(24)
    gone = table.copy()
    gone.loc[::6, LIFE] = np.nan
    found = lifetime(gone, designs=QUICK[:1], outer=None)
    assert len(found.exploration.data) == 20
    said = found.predict(gone[gone[LIFE].isna()])
    assert said["cell"].tolist() == ["c0", "c6", "c12", "c18"]
    np.testing.assert_allclose(np.log(said[LIFE]), np.log(table[LIFE][::6]), atol=0.4)
    assert (said[f"low {LIFE}"] < said[LIFE]).all()


def test_the_picture_shows_each_cell_left_out():
    found = lifetime(table_of(20), designs=QUICK[:1], outer=4)
    display = found.plot()
    observed, predicted = display.points_[0].get_data()
    np.testing.assert_array_equal(observed, found.exploration.data.y_user)
    np.testing.assert_allclose(np.log(predicted / observed), found.exploration.outer.residual)
    assert (
        lifetime(table_of(20), designs=QUICK[:1], outer=None).plot().title.startswith("each cell left out of the fit")
    )


def test_many_features_are_left_to_families_that_choose():
    assert [design.approximation.label for design in lifetime_designs(1236)] == ["elastic net", "partial least squares"]


@pytest.mark.parametrize(
    ("change", "arguments", "error", "says"),
    [
        (lambda t: t.drop(columns=LIFE), {}, ColumnError, "There is no column 'life \\[cycles\\]'"),
        (lambda t: t.assign(**{LIFE: np.nan}), {}, ArgumentError, "is empty; it must hold the life of some cells"),
        (lambda t: t.assign(**{LIFE: 0.0}), {}, ArgumentError, "must be positive"),
        (lambda t: t[["cell", LIFE]], {}, ArgumentError, "no column of numbers beside 'life"),
        (lambda t: t, {"inputs": ["log vra"]}, ColumnError, "did you mean 'log var'"),
        (lambda t: t.head(2), {}, ValueError, "at least 3 are needed"),
    ],
)
def test_bad_tables(change, arguments, error, says):
    with pytest.raises(error, match=says):
        lifetime(change(table_of(12)), outer=None, **arguments)


class TestPermutation:
    def data(self, seed: int, slope: float) -> fd.data.Dataset:
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(24, 6))
        frame = pd.DataFrame(X, columns=list("abcdef")).assign(y=slope * X[:, 0] + rng.normal(size=24))
        return fd.read(frame, x=list("abcdef"), y="y")

    options: ClassVar = {"designs": [Components()], "outer": 3, "splits": 3}

    def test_something_is_learned_where_there_is_something(self):
        found = permutation_test(self.data(0, 2.0), permutations=19, **self.options)
        assert found.p_value == 1 / 20
        assert found.learned()
        assert "something was learned" in str(found)

    def test_nothing_is_learned_where_there_is_nothing(self):
        # p-values of five sets of noise: uniform, so that all below 0.15 has a probability of 8e-5
        p = [permutation_test(self.data(seed, 0.0), permutations=19, **self.options).p_value for seed in range(5)]
        assert max(p) > 0.15

    def test_within_labels_a_label_is_no_news(self):
        # the response is its label and scatter, and so is the input: only the label is learned
        rng = np.random.default_rng(0)
        label = np.repeat([0, 1], 12)
        frame = pd.DataFrame({"a": label + 0.1 * rng.normal(size=24), "y": 3.0 * label + 0.1 * rng.normal(size=24)})
        data = fd.read(frame, x=["a"], y="y")
        options = {"designs": [Polynomial()], "outer": 3, "splits": 3, "permutations": 19}
        assert permutation_test(data, **options).learned()
        assert not permutation_test(data, within=label, **options).learned()

    def test_the_same_seed_gives_the_same_numbers(self):
        one, two = (permutation_test(self.data(0, 1.0), permutations=4, seed=3, **self.options) for _ in range(2))
        np.testing.assert_array_equal(one.shuffled, two.shuffled)

    @pytest.mark.parametrize(
        ("more", "says"),
        [
            ({"permutations": 0}, "permutations must be a whole number"),
            ({"within": [1, 2]}, "one label for each of the 24 rows"),
            ({"outer": None}, "judges by outer splits"),
        ],
    )
    def test_bad_arguments(self, more, says):
        with pytest.raises(ArgumentError, match=says):
            permutation_test(self.data(0, 1.0), **(self.options | more))

    def test_rows_of_one_group_are_not_shuffled_apart(self):
        frame = table_of(12).assign(cell=np.repeat(["a", "b", "c"], 4))
        data = fd.read(frame, x=["skew"], y=LIFE, groups="cell")
        with pytest.raises(ArgumentError, match="cannot be shuffled apart"):
            permutation_test(data, [Polynomial()])


class TestMeansOfGroups:
    def test_intervals_are_those_of_student(self):
        from scipy.stats import ttest_1samp

        rng = np.random.default_rng(0)
        table = pd.DataFrame({"g": np.repeat(["a", "b"], 8), "y": rng.normal(10, 2, 16)})
        for mean, label in zip(group_means(table, ["g"], "y", level=0.9), "ab", strict=True):
            values = table.loc[table["g"] == label, "y"]
            interval = ttest_1samp(values, 0.0).confidence_interval(0.9)
            assert (mean.low, mean.high) == pytest.approx((interval.low, interval.high))

    def test_one_cell_has_no_interval(self):
        (mean,) = group_means(pd.DataFrame({"g": ["a"], "y": [1.0]}), ["g"], "y")
        assert mean.mean == 1.0
        assert np.isnan([mean.std, mean.low, mean.high]).all()

    @pytest.mark.parametrize(
        ("by", "y", "level", "says"),
        [(["gg"], "y", 0.9, "did you mean 'g'"), (["g"], "y", 1.0, "level"), (["g"], "z", 0.9, "must hold a number")],
    )
    def test_bad_input(self, by, y, level, says):
        table = pd.DataFrame({"g": ["a", "b"], "y": [1.0, 2.0], "z": [1.0, np.nan]})
        with pytest.raises(ValueError, match=says):
            group_means(table, by, y, level)

    def test_weng(self, literature):
        """Weng et al. 2021, 10.1016/j.joule.2021.09.015: cycles to 70 % of the four groups, mean ± std."""
        literature("weng2021_formation/correlation_data_2022_numeric.csv")
        table = fd.data.load("weng2021_formation")
        means = group_means(table, ["is_room_temp_aging", "is_baseline_formation"], "cycles_to_70_pct")
        found = {one.group: (one.count, round(one.mean), round(one.std)) for one in means}
        assert found == {(1, 1): (10, 359, 26), (1, 0): (10, 467, 43), (0, 1): (9, 380, 34), (0, 0): (10, 491, 46)}
        assert all(one.low < one.mean < one.high for one in means)
        # formation protocols differ at either temperature, beyond the intervals of their means
        ends = {one.group: (one.low, one.high) for one in means}
        assert ends[1, 1][1] < ends[1, 0][0]
        assert ends[0, 1][1] < ends[0, 0][0]


def test_a_preset_needs_lives():
    with pytest.raises(ArgumentError, match="Cell 'a' has no 'life' among its conditions"):
        severson2019("variance").fit([Cell("a", [10, 100], [1.0, 1.0])])
    with pytest.raises(ArgumentError, match="'variance', 'discharge' and 'full', got 'all'"):
        severson2019("all")
    with pytest.raises(ArgumentError, match="split must be"):
        severson2019_cells("test3")


def test_too_few_cells_on_one_side():
    def curves(k: int) -> list:
        return [[0.0, 0.5, 1.0], [0.0, 0.49 - 0.01 * k, 1.0]]

    cells = [Cell(str(k), [4, 5], [1.0, 1.0], [3.6, 3.0, 2.0], curves(k), {"life": 500 + k}) for k in range(9)]
    with pytest.raises(ArgumentError, match="Only 1 cells lie on one side of 500 cycles"):
        early_class(cells[1:] + cells[:1], limit=500)
    with pytest.raises(ArgumentError, match="needs a 'life'"):
        early_class([Cell("x", [4, 5], [1.0, 1.0], [3.6, 3.0, 2.0], curves(0)), *cells])


@pytest.fixture(scope="module")
def severson(literature) -> dict[str, list[Cell]]:
    literature("severson2019/Qdlin_100V_x_99cycles.npz")
    cells = severson2019_cells()
    return {split: [c for c in cells if c.conditions["split"] == split] for split in ("train", "test1", "test2")}


def rmse(predicted, table: pd.DataFrame) -> float:
    kept = (table["cell"] != "test1_22").to_numpy()  # the literature leaves it out
    return float(np.sqrt(((np.asarray(predicted) - table[LIFE])[kept] ** 2).mean()))


class TestSeverson:
    """Severson et al. 2019, 10.1038/s41560-019-0356-8, split as by Attia et al. 2021, 10.1149/1945-7111/ac2704."""

    def test_the_variance_model(self, severson):
        model = severson2019("variance")
        trend = model.fit(severson["train"])
        # published for the elastic net of one input; plain least squares gives 103.57, 138.33 and 195.87
        for split, published in (("train", 103.6), ("test1", 138.4), ("test2", 196.0)):
            table = features(severson[split], model.features)
            assert rmse(trend.table(table)[LIFE], table) == pytest.approx(published, abs=0.1), split

    def test_the_variance_model_by_least_squares(self, severson):
        model = severson2019("variance")
        tables = {split: features(severson[split], model.features) for split in severson}
        data = fd.read(tables["train"], x=["log var"], y=LIFE, groups="cell")
        trend = fd.fit(Design(Polynomial(degree=1), y=Log()), data)
        errors = [rmse(trend.table(table)[LIFE], table) for table in tables.values()]
        assert errors == pytest.approx([103.57, 138.33, 195.87], abs=0.01)

    def test_the_discharge_model(self, severson):
        # published by Severson et al.: 76, 91 and 173 cycles, of an elastic net with another penalty and raw features
        model = severson2019("discharge")
        trend = model.fit(severson["train"])
        tables = [features(severson[split], model.features) for split in ("train", "test1")]
        errors = [rmse(trend.table(table)[LIFE], table) for table in tables]
        assert errors[0] < 76
        assert errors[1] == pytest.approx(91, abs=2)

    def test_the_own_choice(self, severson):
        # made on the 41 training cells alone; the outer splits are left to benchmarks/lifetime.py
        which = severson2019("discharge").features
        found = lifetime(features(severson["train"], which), outer=None, level=0.9)
        assert found.exploration.selection.label.startswith("partial least squares")
        covered, widths, errors = [], [], {}
        for split in ("test1", "test2"):
            table = features(severson[split], which)
            said = found.predict(table)
            low, high = said[f"low {LIFE}"], said[f"high {LIFE}"]
            covered.append((low <= table[LIFE]) & (table[LIFE] <= high))
            widths.append((high - low) / table[LIFE])
            errors[split] = rmse(said[LIFE], table)
        assert errors["test1"] <= 100  # the best published pair of one model is 100 and 176
        # 176 is not reached: 183.0 was measured at the one look. Kept as it is, below the 196 of the variance model
        assert errors["test2"] == pytest.approx(183.0, abs=1.0)
        assert np.concatenate(covered).mean() == pytest.approx(0.90, abs=0.06)
        assert np.median(np.concatenate(widths)) < 0.55  # measured 0.48

    def test_after_five_cycles(self, severson):
        # published: 4.9 % of the test cells on the wrong side; here 11 % of the 83
        made = early_class(severson["train"])
        assert made.left_out_error < 0.15
        assert made.error([*severson["test1"], *severson["test2"]]) < 0.15
