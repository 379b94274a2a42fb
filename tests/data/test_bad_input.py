"""Every kind of bad input gets one plain sentence: what was wrong, what came, what to do."""

import builtins
import importlib.util
import re
from functools import partial

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic._core import ArgumentError, ColumnError, InputError, OptionalImportError, UnitError
from faradaic.approximations import Polynomial
from faradaic.data import (
    Deterministic,
    Experiment,
    Stochastic,
    check_enough,
    parse_header,
    read,
    read_inputs,
    splits,
    stack,
)

GOOD = "T [K],c [mol/kg],k [mS/cm],error [mS/cm]\n300,1,5,0.1\n310,1,6,0.1\n320,1,7.5,0.2\n"
X, Y = ["T [K]"], "k [mS/cm]"


@pytest.fixture
def csv(tmp_path):
    def write(text, name="conductivity.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def sentence(caught, *parts):
    """The message is one sentence and has every part."""
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    for part in parts:
        assert part in text, text


def test_good_input_is_read(csv):
    assert len(read(csv(GOOD), x=X, y=Y)) == 3


def test_misspelt_column(csv):
    with pytest.raises(ColumnError) as caught:
        read(csv(GOOD), x=["T [k]"], y=Y)
    sentence(caught, "conductivity.csv has no column 'T [k]'", "did you mean 'T [K]'")


def test_missing_column_lists_what_there_is(csv):
    with pytest.raises(ColumnError) as caught:
        read(csv(GOOD), x=X, y="zzzzzz")
    sentence(caught, "no column 'zzzzzz'", "'T [K]', 'c [mol/kg]', 'k [mS/cm]' or 'error [mS/cm]'")


@pytest.mark.parametrize(("sigma", "groups"), [("eror [mS/cm]", None), (None, "conc [mol/kg]")])
def test_misspelt_sigma_and_groups(csv, sigma, groups):
    with pytest.raises(ColumnError) as caught:
        read(csv(GOOD), x=X, y=Y, sigma=sigma, groups=groups)
    sentence(caught, "no column", "did you mean")


def test_text_in_a_number_column(csv):
    text = GOOD + "330,1,bad,0.2\n340,1,worse,0.2\n"
    with pytest.raises(ColumnError) as caught:
        read(csv(text), x=X, y=Y)
    sentence(caught, "Row 5 of column 'k [mS/cm]' in conductivity.csv holds 'bad'", "not a number", "1 other row")


def test_row_numbers_count_blank_and_comment_lines(csv):
    """The number is the line that an editor shows."""
    text = "# remark\n" + GOOD.replace("310,", "\n310,") + "x,1,8,0.2\n"
    with pytest.raises(ColumnError) as caught:
        read(csv(text), x=X, y=Y)
    sentence(caught, "Row 7 of column 'T [K]'", "'x'")
    assert text.split("\n")[6].startswith("x,")


@pytest.mark.parametrize(
    ("value", "words"), [("nan", "no number (empty or NaN)"), ("", "no number"), ("inf", "inf, which is not finite")]
)
def test_nan_and_infinity(csv, value, words):
    with pytest.raises(ColumnError) as caught:
        read(csv(GOOD + f"330,1,{value},0.2\n"), x=X, y=Y)
    sentence(caught, "Row 5 of column 'k [mS/cm]'", words, "leave the row out")


def test_nan_in_a_frame_names_the_index():
    table = pd.DataFrame({"x": [1.0, np.nan, 3.0], "y": [1.0, 2.0, 3.0]}, index=["a", "b", "c"])
    with pytest.raises(ColumnError) as caught:
        read(table, x=["x"], y="y")
    sentence(caught, "Row b of column 'x'")


def test_row_numbers_in_a_spreadsheet(tmp_path):
    table = pd.DataFrame({"x": [1.0, 2.0, "three"], "y": [1.0, 2.0, 3.0]})
    table.to_excel(tmp_path / "t.xlsx", index=False)
    with pytest.raises(ColumnError) as caught:
        read(tmp_path / "t.xlsx", x=["x"], y="y")
    sentence(caught, "Row 4 of column 'x' in t.xlsx holds 'three'")


def test_dates_are_not_numbers():
    table = pd.DataFrame({"x": pd.date_range("2024-01-01", periods=3), "y": [1.0, 2.0, 3.0]})
    with pytest.raises(ColumnError) as caught:
        read(table, x=["x"], y="y")
    sentence(caught, "Column 'x'", "datetime", "convert them to numbers")


def test_unknown_unit(csv):
    with pytest.raises(UnitError) as caught:
        read(csv(GOOD.replace("mol/kg", "mol/kgg")), x=["c [mol/kgg]"], y=Y)
    sentence(caught, "Column 'c [mol/kgg]'", "the unit 'mol/kgg' is not known", "'mol/kg'")


def test_sigma_of_another_dimension(csv):
    with pytest.raises(UnitError) as caught:
        read(csv(GOOD.replace("error [mS/cm]", "error [K]")), x=X, y=Y, sigma="error [K]")
    sentence(caught, "'error [K]' (K) does not fit the response 'k [mS/cm]'", "give the standard errors in mS/cm")


@pytest.mark.parametrize("rows", [1, 2])
def test_fewer_than_three_rows_are_read_and_hold_no_landscape(csv, rows):
    data = read(csv("\n".join(GOOD.split("\n")[: rows + 1]) + "\n"), x=X, y=Y)
    assert len(data) == rows
    for verb in (
        check_enough,
        fd.explore,
        partial(fd.landscape, Polynomial()),
        partial(fd.learning_curve, Polynomial()),
    ):
        with pytest.raises(InputError) as caught:
            verb(data)
        sentence(caught, f"conductivity has only {rows} row", "at least 3 are needed")


def test_constant_response(csv):
    data = read(csv(GOOD), x=X, y="c [mol/kg]")
    for verb in (check_enough, partial(fd.fit, Polynomial(degree=0))):
        with pytest.raises(InputError) as caught:
            verb(data)
        sentence(caught, "The response 'c [mol/kg]' is 1 in every row")


def test_equal_deterministic_rows_that_disagree(csv):
    text = GOOD + "310,1,6.1,0.1\n"
    with pytest.raises(InputError) as caught:
        read(csv(text), x=X, y=Y, reliability="deterministic")
    sentence(caught, "Rows 3 and 5 have equal inputs but 'k [mS/cm]' is 6 and 6.1", "larger tolerance")
    # within a stated tolerance they agree, and as an experiment they are replicates
    assert len(read(csv(text), x=X, y=Y, reliability=Deterministic(0.2))) == 4
    assert len(read(csv(text), x=X, y=Y)) == 4


def test_stochastic_without_standard_errors(csv):
    with pytest.raises(ArgumentError) as caught:
        read(csv(GOOD), x=X, y=Y, reliability="stochastic")
    sentence(caught, "Stochastic data need their standard errors", "give sigma")


@pytest.mark.parametrize("value", ["0", "-0.1"])
def test_sigma_column_that_is_not_positive(csv, value):
    with pytest.raises(ColumnError) as caught:
        read(csv(GOOD.replace("7.5,0.2", f"7.5,{value}")), x=X, y=Y, sigma="error [mS/cm]")
    sentence(caught, "Row 4 of column 'error [mS/cm]'", value, "must be positive")


@pytest.mark.parametrize("sigma", [0, -1.0, float("nan"), float("inf"), True])
def test_sigma_that_is_not_positive(csv, sigma):
    with pytest.raises(ArgumentError) as caught:
        read(csv(GOOD), x=X, y=Y, sigma=sigma)
    sentence(caught, "sigma must be a positive number", repr(sigma))


@pytest.mark.parametrize(
    "make",
    [lambda: Experiment(-1.0), lambda: Stochastic(0.0), lambda: Deterministic(-1e-9), lambda: Experiment(np.nan)],
)
def test_reliability_numbers(make):
    with pytest.raises(ArgumentError, match="must be"):
        make()


def test_noise_given_twice_or_where_there_is_none(csv):
    with pytest.raises(ArgumentError) as caught:
        read(csv(GOOD), x=X, y=Y, reliability=Experiment(0.3), sigma=0.2)
    sentence(caught, "The noise is given twice", "give it once")
    with pytest.raises(ArgumentError) as caught:
        read(csv(GOOD), x=X, y=Y, reliability="deterministic", sigma=0.2)
    sentence(caught, "Deterministic data have no sigma")


def test_unknown_reliability(csv):
    with pytest.raises(ArgumentError) as caught:
        read(csv(GOOD), x=X, y=Y, reliability="measured")
    assert str(caught.value).startswith("reliability must be 'experiment', 'stochastic' or 'deterministic'")
    assert str(caught.value).endswith("got 'measured'.")


def test_missing_file(tmp_path):
    with pytest.raises(InputError) as caught:
        read(tmp_path / "nowhere.csv", x=X, y=Y)
    sentence(caught, "nowhere.csv' does not exist", "check the path")


def test_folder(tmp_path):
    with pytest.raises(InputError) as caught:
        read(tmp_path, x=X, y=Y)
    sentence(caught, "is a folder")


@pytest.mark.parametrize("text", ["", "\n\n", "   \n"])
def test_empty_file(csv, text):
    with pytest.raises(InputError) as caught:
        read(csv(text), x=X, y=Y)
    sentence(caught, "'conductivity.csv' is empty")


def test_header_only(csv):
    with pytest.raises(InputError) as caught:
        read(csv(GOOD.split("\n")[0] + "\n"), x=X, y=Y)
    sentence(caught, "has a header but no rows")


def test_no_header(csv):
    with pytest.raises(InputError) as caught:
        read(csv("1,2\n3,4\n5,6\n"), x=["1"], y="2")
    sentence(caught, "has no header row", "row 1 holds only numbers")


@pytest.mark.parametrize("name", ["table.docx", "table.mpr", "table"])
def test_unsupported_kind(csv, name):
    with pytest.raises(InputError) as caught:
        read(csv(GOOD, name), x=X, y=Y)
    sentence(caught, repr(name), "cannot be read", ".csv", ".parquet or .xlsx")


@pytest.mark.parametrize("name", ["t.parquet", "t.xlsx"])
def test_broken_binary_file(csv, name):
    with pytest.raises(InputError) as caught:
        read(csv(GOOD, name), x=X, y=Y)
    sentence(caught, f"{name!r} is not a readable")


def test_binary_file_that_calls_itself_csv(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(InputError) as caught:
        read(path, x=X, y=Y)
    sentence(caught, "'t.csv' is not text")


def test_row_with_too_many_fields(csv):
    with pytest.raises(InputError) as caught:
        read(csv(GOOD + "330,1,8,0.2,9,9\n"), x=X, y=Y)
    sentence(caught, "Row 5 of 'conductivity.csv' has 6 fields but the header has 4")


def test_rows_longer_than_the_header(csv):
    with pytest.raises(InputError) as caught:
        read(csv("x,y\n1,2,3\n2,3,4\n3,4,5\n"), x=["x"], y="y")
    sentence(caught, "Row 2 of 'conductivity.csv' has 3 fields but the header has 2")


def test_duplicated_columns(csv):
    with pytest.raises(ColumnError) as caught:
        read(csv("x,y,x\n1,2,3\n2,3,4\n3,4,5\n"), x=["x"], y="y")
    sentence(caught, "more than one column 'x'")
    with pytest.raises(ColumnError):
        read(pd.DataFrame([[1, 2, 3]] * 3, columns=["x", "y", "x"]), x=["x"], y="y")


def test_input_that_is_also_the_response(csv):
    with pytest.raises(ArgumentError) as caught:
        read(csv(GOOD), x=["T [K]", Y], y=Y)
    sentence(caught, "'k [mS/cm]' is both an input (x) and the response (y)")


def test_input_named_twice_or_not_at_all(csv):
    with pytest.raises(ArgumentError) as caught:
        read(csv(GOOD), x=["T [K]", " T [K]"], y=Y)
    sentence(caught, "x names 'T [K]' more than once")
    with pytest.raises(ArgumentError) as caught:
        read(csv(GOOD), x=[], y=Y)
    sentence(caught, "x names no column")


def test_groups_of_wrong_length_or_empty(csv):
    with pytest.raises(ArgumentError) as caught:
        read(csv(GOOD), x=X, y=Y, groups=[1, 2])
    sentence(caught, "one label for each of the 3 rows, got 2")
    with pytest.raises(ArgumentError) as caught:
        read(csv(GOOD), x=X, y=Y, groups=["a", None, "b"])
    sentence(caught, "no label for row 3")
    text = "x,y,cell\n1,2,a\n2,3,\n3,4,b\n"
    with pytest.raises(ColumnError) as caught:
        read(csv(text), x=["x"], y="y", groups="cell")
    sentence(caught, "Row 3 of the group column 'cell' is empty")


def test_fewer_groups_than_folds():
    table = pd.DataFrame({"x": range(9), "y": range(9), "cell": [0, 1, 2] * 3})
    data = read(table, x=["x"], y="y", groups="cell")
    with pytest.raises(ArgumentError) as caught:
        splits(data, folds=4)
    assert str(caught.value) == "4 folds are too many for 3 groups of cell; ask for at most 3 folds."


def test_one_group_only():
    table = pd.DataFrame({"x": range(9), "y": range(9), "cell": "a"})
    with pytest.raises(ArgumentError, match="at least 2 parts but has only 1 group of cell"):
        splits(read(table, x=["x"], y="y", groups="cell"))


@pytest.mark.parametrize("folds", [1, 0, -3, 2.5, "5", True])
def test_folds_that_are_no_number_of_folds(csv, folds):
    with pytest.raises(ArgumentError, match="folds must be a whole number of at least 2"):
        splits(read(csv(GOOD), x=X, y=Y), folds=folds)


def test_more_folds_than_rows_and_no_repeats(csv):
    data = read(csv(GOOD), x=X, y=Y)
    with pytest.raises(ArgumentError, match="4 folds need at least 4 rows, there are 3"):
        splits(data, folds=4)
    with pytest.raises(ArgumentError, match="repeats must be at least 1"):
        splits(data, repeats=0)


@pytest.mark.parametrize(("kind", "package"), [(".parquet", "pyarrow"), (".xlsx", "openpyxl")])
def test_missing_optional_package(csv, monkeypatch, kind, package):
    find, load = importlib.util.find_spec, builtins.__import__

    def without(name, *rest, **more):
        if name.split(".")[0] == package:
            raise ImportError(name)
        return load(name, *rest, **more)

    path = csv("anything", f"t{kind}")
    monkeypatch.setattr("faradaic.data._files.find_spec", lambda name: None if name == package else find(name))
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(OptionalImportError, match=re.escape("pip install 'faradaic[files]'")) as caught:
        read(path, x=X, y=Y)
    assert (caught.value.package, caught.value.extra) == (package, "files")


def test_something_that_is_no_table():
    with pytest.raises(InputError, match="A table is a path or a pandas DataFrame, got list"):
        read([[1, 2]], x=X, y=Y)


def test_inputs_of_another_table(csv):
    wanted = [parse_header("T [K]")]
    with pytest.raises(ColumnError, match=r"no column 'T \[K\]'"):
        read_inputs(pd.DataFrame({"Temp [K]": [1.0]}), wanted)
    with pytest.raises(UnitError, match=r"Column 'T \[V\]' of the DataFrame is in V, but 'T \[K\]' is needed"):
        read_inputs(pd.DataFrame({"T [V]": [1.0]}), wanted)
    with pytest.raises(ColumnError, match="several columns for 'T'"):
        read_inputs(pd.DataFrame({"T [degC]": [1.0], "T / K": [1.0]}), wanted)


def test_stacks_that_do_not_fit():
    volt = read(pd.DataFrame({"x": [1, 2, 3], "y [V]": [1, 2, 3]}), x=["x"], y="y [V]")
    other = read(pd.DataFrame({"x": [1, 2, 3], "y [A]": [1, 2, 3]}), x=["x"], y="y [A]")
    named = read(pd.DataFrame({"z": [1, 2, 3], "y [V]": [1, 2, 3]}), x=["z"], y="y [V]")
    with pytest.raises(UnitError, match="the same name but different dimensions"):
        stack(volt, other)
    with pytest.raises(ColumnError, match="give equal quantities equal names"):
        stack(volt, named)
    with pytest.raises(ArgumentError, match="at least one data set"):
        stack()
