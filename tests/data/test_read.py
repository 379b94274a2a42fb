"""Reading tables: every kind of file gives the same data set."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import faradaic
from faradaic.data import Deterministic, Experiment, Stochastic, parse_header, read, read_inputs

TABLE = pd.DataFrame(
    {
        "T [degC]": [0.0, 25.0, 50.0, 50.0],
        "c [mol/kg]": [0.5, 1.0, 1.5, 1.5],
        "k [mS/cm]": [3.25, 5.5, 8.125, 8.375],
        "error [S/m]": [0.01, 0.02, 0.03, 0.03],
        "cell": ["a", "a", "b", "b"],
    }
)
X = ["T [degC]", "c [mol/kg]"]
Y = "k [mS/cm]"


def same(one, other):
    np.testing.assert_array_equal(one.X, other.X)
    np.testing.assert_array_equal(one.y, other.y)
    assert one.inputs == other.inputs
    return True


def test_si_inside_user_units_outside():
    data = read(TABLE, x=X, y=Y, name="batch")
    np.testing.assert_allclose(data.X[:, 0], [273.15, 298.15, 323.15, 323.15], rtol=1e-15)
    np.testing.assert_allclose(data.X[:, 1], TABLE["c [mol/kg]"], rtol=0)
    np.testing.assert_allclose(data.y, [0.325, 0.55, 0.8125, 0.8375], rtol=1e-15)
    np.testing.assert_allclose(data.y_user, TABLE[Y], rtol=1e-15)
    pd.testing.assert_frame_equal(data.frame(), TABLE[[*X, Y]], rtol=1e-12)
    assert (len(data), data.n_features, data.name) == (4, 2, "batch")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_separators(tmp_path, separator, ending):
    path = tmp_path / "k.csv"
    path.write_bytes(TABLE.to_csv(sep=separator, index=False, lineterminator=ending).encode())
    assert same(read(path, x=X, y=Y), read(TABLE, x=X, y=Y))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodings(tmp_path, encoding):
    path = tmp_path / "k.txt"
    path.write_text(TABLE.rename(columns={"T [degC]": "T (°C)"}).to_csv(index=False), encoding=encoding)
    np.testing.assert_array_equal(read(path, x=["T (°C)"], y=Y).X[:, 0], read(TABLE, x=X, y=Y).X[:, 0])


def test_tsv_parquet_xlsx(tmp_path):
    TABLE.to_csv(tmp_path / "k.tsv", sep="\t", index=False)
    TABLE.to_parquet(tmp_path / "k.parquet")
    TABLE.to_excel(tmp_path / "k.xlsx", index=False)
    wanted = read(TABLE, x=X, y=Y)
    for kind in ("tsv", "parquet", "xlsx"):
        data = read(tmp_path / f"k.{kind}", x=X, y=Y)
        assert same(data, wanted)
        assert data.name == "k"


def test_decimal_commas(tmp_path):
    path = tmp_path / "k.csv"
    path.write_text("T [K];k [mS/cm]\n1,5;2,25\n2,5;3,5\n10;4\n")
    data = read(path, x=["T [K]"], y="k [mS/cm]")
    assert data.X.ravel().tolist() == [1.5, 2.5, 10.0]
    assert data.y_user.tolist() == [2.25, 3.5, 4.0]


def test_comments_blank_lines_and_index_column(tmp_path):
    """An unnamed index column (pandas' to_csv), remarks before the header and empty lines do no harm."""
    path = tmp_path / "k.csv"
    path.write_text("# measured on Monday\n,T [K],k [S/m]\n0,1,2\n\n1,2,3\n2,3,5\n\n")
    assert read(path, x=["T [K]"], y="k [S/m]").y.tolist() == [2.0, 3.0, 5.0]


def test_header_written_by_savetxt(tmp_path):
    path = tmp_path / "k.csv"
    np.savetxt(path, [[1, 2], [2, 3], [3, 5]], delimiter=",", header="T [K],k [S/m]")
    assert read(path, x=["T [K]"], y="k [S/m]").y.tolist() == [2.0, 3.0, 5.0]


def test_look_alike_letters_and_blanks():
    table = pd.DataFrame({" L [\u00b5m]": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 4.0]})
    assert read(table, x=["L [\u03bcm]"], y="y").X.ravel().tolist() == pytest.approx([1e-6, 2e-6, 3e-6])


def test_sigma_number_and_column():
    assert read(TABLE, x=X, y=Y).noise_std is None
    one = read(TABLE, x=X, y=Y, sigma=0.3)
    assert one.reliability == Experiment(0.3)
    np.testing.assert_allclose(one.noise_std, 0.03, rtol=1e-15)
    same_number = read(TABLE, x=X, y=Y, reliability=Experiment(sigma=0.3))
    np.testing.assert_array_equal(same_number.noise_std, one.noise_std)
    # the column's own unit counts: S/m beside a response in mS/cm
    column = read(TABLE, x=X, y=Y, reliability="stochastic", sigma="error [S/m]")
    np.testing.assert_array_equal(column.noise_std, TABLE["error [S/m]"])
    assert column.reliability == Stochastic()
    # without a unit it is the response's
    bare = read(TABLE.rename(columns={"error [S/m]": "error"}), x=X, y=Y, sigma="error")
    np.testing.assert_allclose(bare.noise_std, 0.1 * TABLE["error [S/m]"], rtol=1e-15)


def test_deterministic_has_no_noise_but_a_tolerance():
    table = TABLE.iloc[:3]
    data = read(table, x=X, y=Y, reliability="deterministic")
    assert not data.noise_std.any()
    assert data.tolerance == pytest.approx(1e-6 * (0.8125 - 0.325))
    assert read(table, x=X, y=Y, reliability=Deterministic(0.1)).tolerance == pytest.approx(0.01)


def test_groups():
    by_column = read(TABLE, x=X, y=Y, groups="cell")
    assert by_column.groups.tolist() == [0, 0, 1, 1]
    assert (by_column.group_column, by_column.group_labels) == ("cell", ("a", "b"))
    assert by_column.frame()["cell"].tolist() == ["a", "a", "b", "b"]
    jointly = read(TABLE, x=X, y=Y, groups=["cell", "c [mol/kg]"])
    assert jointly.groups.tolist() == [0, 1, 2, 2]
    assert (jointly.group_column, jointly.group_labels[1]) == ("cell and c", "a, 1.0")
    by_array = read(TABLE, x=X, y=Y, groups=np.array([7, 7, 3, 3]))
    assert by_array.groups.tolist() == [0, 0, 1, 1]
    assert by_array.group_labels == ("7", "3")


def test_inputs_of_another_table_in_other_units():
    columns = read(TABLE, x=X, y=Y).inputs
    other = pd.DataFrame({"c [mol/kg]": [1.0], "remark": ["new"], "T / K": [300.0]})
    assert read_inputs(other, columns).tolist() == [[300.0, 1.0]]


def test_bare_header_is_a_pure_number():
    assert parse_header("r").si_unit == "dimensionless"
    assert read(TABLE, x="c [mol/kg]", y=Y).X.shape == (4, 1)


def test_importing_the_room_imports_nothing_heavy():
    heavy = "{'pandas', 'pint', 'sklearn', 'scipy', 'pooch', 'requests'}"
    code = f"import sys, faradaic.data; print(*sorted({heavy} & set(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": str(Path(faradaic.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == ""


def test_large_table_is_fast(tmp_path):
    """100,000 rows in a few tenths of a second: no Python loop runs over rows."""
    rng = np.random.default_rng(0)
    pd.DataFrame(rng.random((100_000, 3)), columns=["a [K]", "b [V]", "y [A]"]).to_csv(tmp_path / "y.csv", index=False)
    start = time.perf_counter()
    data = read(tmp_path / "y.csv", x=["a [K]", "b [V]"], y="y [A]")
    assert len(data) == 100_000
    assert time.perf_counter() - start < 5.0  # measured 0.2 s; generous for a busy machine
