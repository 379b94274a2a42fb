"""Records of cyclers: the Battery Data Format by its headers, by the package, and what is made of them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from faradaic._core import ArgumentError, ColumnError, InputError, OptionalImportError
from faradaic.performance import delta_q, knees, read_cycler, read_records

MACHINE = {
    "Test Time / s": "test_time_second",
    "Voltage / V": "voltage_volt",
    "Current / A": "current_ampere",
    "Cycle Count / 1": "cycle_count",
}


def records(cycles: int = 3, points: int = 200) -> pd.DataFrame:
    """Cycles of one hour's charge at 1 A, a rest, and a discharge at 1 A for an hour less 180 s for each cycle."""
    parts, start = [], 0.0
    for n in range(1, cycles + 1):
        charge, rest, discharge = 3600.0, 600.0, 3600.0 - 180.0 * (n - 1)
        t = np.linspace(0, charge, points)
        u = np.linspace(0, discharge, points)
        parts.append(pd.DataFrame({"t": start + t, "V": 3.0 + t / charge, "I": 1.0, "n": n}))
        parts.append(pd.DataFrame({"t": start + charge + np.array([1.0, rest]), "V": 3.95, "I": 0.0, "n": n}))
        after = start + charge + rest + 1.0
        parts.append(pd.DataFrame({"t": after + u, "V": 3.9 - 0.9 * u / discharge, "I": -1.0, "n": n}))
        start = after + discharge + 1.0
    made = pd.concat(parts, ignore_index=True)
    return made.rename(columns=dict(zip("tVIn", MACHINE, strict=True)))


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "Lab__A1__20260101_001.bdf.csv"
    records().to_csv(path, index=False)
    return path


class TestCells:
    def test_capacity_is_the_current_over_the_time(self, file):
        cell = read_cycler(file)
        assert cell.name == "Lab__A1__20260101_001"
        assert cell.cycle.tolist() == [1, 2, 3]
        assert cell.capacity == pytest.approx([1.0, 0.95, 0.9], rel=1e-12)
        assert cell.curves is None

    def test_curves_are_what_had_left_when_the_voltage_fell_so_far(self, file):
        at = np.array([4.2, 3.9, 3.45, 3.0])
        cell = read_cycler(file, voltage=at, name="a")
        assert cell.curves[0] == pytest.approx([0.0, 0.0, 0.5, 1.0], abs=0.01)  # one interval is 0.005 A h
        assert cell.curves[2] == pytest.approx([0.0, 0.0, 0.45, 0.9], abs=0.01)
        assert delta_q(cell, 3, 1) == pytest.approx([0.0, 0.0, -0.05, -0.1], abs=0.01)
        assert np.isnan(read_cycler(file, voltage=[2.9]).curves).all()  # no discharge went so far

    def test_a_pulse_that_lets_the_voltage_rise_counts_once(self):
        table = records(1)
        out = table["Current / A"] < 0
        table.loc[table.index[out][100:105], "Voltage / V"] += 0.2
        cell = read_cycler(table, voltage=[3.2])
        assert cell.curves[0, 0] == pytest.approx(7 / 9, abs=0.01)

    def test_the_sign_of_the_current_is_converted_once_and_checked(self):
        table = records()
        table["Current / A"] *= -1
        with pytest.raises(InputError, match=r"voltage of the DataFrame falls .* give positive='discharge'"):
            read_cycler(table)
        assert read_cycler(table, positive="discharge").capacity == pytest.approx([1.0, 0.95, 0.9])
        with pytest.raises(InputError, match="give positive='charge'"):
            read_cycler(records(), positive="discharge")

    def test_a_cycle_without_a_discharge_has_no_capacity(self):
        table = records()
        last = (table["Cycle Count / 1"] == 3) & (table["Current / A"] < 0)
        assert np.isnan(read_cycler(table[~last], voltage=[3.5]).capacity[2])

    def test_from_the_record_to_the_knee(self):
        rng = np.random.default_rng(0)
        parts, start = [], 0.0
        for n in range(1, 61):
            length = 3600 * (1 - 2e-3 * n - 0.02 * max(0, n - 40) + 1e-3 * rng.normal())
            t = np.linspace(0, length, 12)
            row = {"Test Time / s": start + t, "Voltage / V": 4 - t / length, "Current / A": -1.0, "Cycle Count / 1": n}
            parts.append(pd.DataFrame(row))
            start += length + 1
        row = knees(read_cycler(pd.concat(parts))).table.iloc[0]
        assert row["verdict"] == "knee"
        assert row["knee [cycles]"] == pytest.approx(40, abs=1)

    @pytest.mark.parametrize(
        ("change", "error", "says"),
        [
            (
                lambda t: t.drop(columns="Cycle Count / 1"),
                ColumnError,
                "There is no column 'Cycle Count / 1' in the Data",
            ),
            (lambda t: t.assign(**{"Voltage / V": "high"}), ColumnError, "'Voltage / V' .* row 0 does not"),
            (lambda t: t.iloc[::-1], InputError, "must not run backwards"),
            (lambda t: t[t["Current / A"] >= 0], InputError, "No cycle of the DataFrame has a discharge"),
        ],
    )
    def test_what_cannot_be_used(self, change, error, says):
        with pytest.raises(error, match=says):
            read_cycler(change(records()))
        with pytest.raises(ArgumentError, match="positive must be"):
            read_cycler(records(), positive="yes")  # type: ignore[arg-type]


class TestFiles:
    def test_the_format_is_known_by_either_of_its_headers(self, file, tmp_path):
        expected = records()
        pd.testing.assert_frame_equal(read_records(file), expected, check_dtype=False)
        for name in ("m.bdf.parquet", "m.csv", "m.bdf"):
            path = tmp_path / name
            other = expected.rename(columns=MACHINE)
            other.to_parquet(path) if name.endswith("parquet") else other.to_csv(path, index=False)
            pd.testing.assert_frame_equal(read_records(path), expected, check_dtype=False)

    def test_a_missing_file(self, tmp_path):
        for path in (tmp_path / "no.csv", tmp_path / "no.mpt"):
            with pytest.raises(InputError, match="does not exist"):
                read_records(path)
        with pytest.raises(InputError, match="is a folder"):
            read_records(tmp_path)

    def test_another_file_needs_the_extra(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "bdf", None)
        for name in ("a.mpt", "a.csv"):
            (tmp_path / name).write_text("x,y\n1,2\n", encoding="utf-8")
            with pytest.raises(OptionalImportError, match=r"pip install 'faradaic\[cells\]'"):
                read_records(tmp_path / name)

    def test_the_package_reads_the_same(self, file, tmp_path):
        bdf = pytest.importorskip("bdf", exc_type=ImportError)
        theirs = bdf.read(str(file))
        ours = read_records(file)
        assert ours.columns.tolist() == theirs.columns.tolist()
        assert ours.to_numpy() == pytest.approx(theirs.to_numpy())
        # headers that one maker of cyclers writes
        maker = ["Test_Time(s)", "Voltage(V)", "Current(A)", "Cycle_Index"]
        records().set_axis(maker, axis=1).to_excel(tmp_path / "a.xlsx", index=False)
        assert read_cycler(tmp_path / "a.xlsx").capacity == pytest.approx([1.0, 0.95, 0.9])

    def test_what_the_package_cannot_read_is_said_in_one_sentence(self, tmp_path):
        pytest.importorskip("bdf", exc_type=ImportError)
        (tmp_path / "a.csv").write_text("x,y\n1,2\n", encoding="utf-8")
        with pytest.raises(InputError, match=r"'a.csv' cannot be read as a record of a cycler \(.*'Test Time / s'"):
            read_records(tmp_path / "a.csv")
