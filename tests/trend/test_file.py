"""A trend in one file: what is written is what is read, and nothing else is taken for a trend."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import faradaic as fd
from faradaic import laws
from faradaic._core import ArgumentError, TrendFileError
from faradaic.approximations import (
    CoKriging,
    Design,
    GaussianProcess,
    LawRegressor,
    Log,
    Network,
    Polynomial,
    PolynomialTerms,
    RandomFeatures,
    Reciprocal,
    Slope,
    Spline,
    SquareRoot,
    Standardise,
    Symmetric,
    Value,
)
from faradaic.data import Deterministic, Experiment, Stochastic
from faradaic.trend import Trend
from faradaic.trend._file import FAMILIES

FAMILY = st.one_of(
    st.builds(Polynomial, degree=st.integers(0, 5)),
    st.builds(Spline, n_basis=st.integers(2, 6), monotone=st.sampled_from([None, "increasing"])),
    st.builds(RandomFeatures, width=st.integers(1, 40), activation=st.sampled_from(["tanh", "relu", "cosine"])),
    st.builds(
        Network,
        width=st.integers(0, 8),
        depth=st.integers(1, 2),
        activation=st.sampled_from(["tanh", "softplus", "gelu", "sine"]),
        penalty=st.sampled_from([0.0, 1e-3]),
        iterations=st.just(10),
    ),
    st.builds(
        GaussianProcess,
        centres=st.sampled_from([4, 1000]),
        kernel=st.sampled_from(["rbf", "matern32", "matern52"]),
        noise=st.sampled_from(["fitted", "none"]),
        restarts=st.just(1),
    ),
    st.builds(CoKriging, discrepancy=st.sampled_from(["offset", "full"]), restarts=st.just(1)),
    st.builds(
        Symmetric,
        st.sampled_from([Polynomial(2), Spline(4), GaussianProcess(restarts=1)]),
        kind=st.sampled_from(["even", "odd"]),
        about=st.sampled_from([0.0, 30.0]),
    ),
    st.builds(PolynomialTerms, terms=st.integers(1, 9)),
    st.builds(LawRegressor, order=st.integers(0, 1), residuals=st.sampled_from(["absolute", "log"])),
)
TRANSFORM = st.sampled_from([None, Reciprocal(), Log(), SquareRoot(), Standardise()])
RELIABILITY = st.sampled_from([Experiment(), Experiment(0.1), Stochastic(0.2), Deterministic(1e-3)])


def table(reliability="experiment", seed=0, groups=None):
    rng = np.random.default_rng(seed)
    T, c = rng.uniform(0.0, 60.0, 14), rng.uniform(0.2, 2.0, 14)
    frame = pd.DataFrame({"T [°C]": T, "c [mol/kg]": c, "k [mS/cm]": 2.0 + 0.05 * T * c + 0.1 * rng.normal(size=14)})
    return fd.read(frame, x=["T [°C]", "c [mol/kg]"], y="k [mS/cm]", reliability=reliability, groups=groups)


AT = np.array([[25.0, 1.0], [40.0, 0.5], [10.0, 1.9]])


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(family=FAMILY, x=st.tuples(TRANSFORM, TRANSFORM), y=TRANSFORM, reliability=RELIABILITY, grouped=st.booleans())
@pytest.mark.filterwarnings("ignore::faradaic._core.OutsideDomainWarning")
def test_what_is_saved_comes_back_bit_for_bit(tmp_path, family, x, y, reliability, grouped):
    groups = np.arange(14) // 3 if grouped else None
    if isinstance(family, LawRegressor) and family.residuals == "log":
        y = None  # a transformed response may be negative
    trend = fd.fit(Design(family, x, y), table(reliability, groups=groups))
    summary = trend.summary()  # may calibrate, which is then saved as well
    path = trend.save(tmp_path / "a.trend")
    again = fd.load(path)
    assert again.summary() == summary
    for before, after in zip(trend.predict(AT, return_std=True), again.predict(AT, return_std=True), strict=True):
        np.testing.assert_array_equal(before, after)
    for wrt in range(2):
        np.testing.assert_array_equal(trend.derivative(AT, wrt), again.derivative(AT, wrt))
    np.testing.assert_array_equal(trend.inside(AT), again.inside(AT))
    assert (again.inputs, again.response, again.provenance) == (trend.inputs, trend.response, trend.provenance)
    assert repr(again.design) == repr(trend.design)
    # saved once more it is the same file
    first, second = (zipfile.ZipFile(p).read("trend.json") for p in (path, again.save(tmp_path / "b.trend")))
    assert first == second


def test_what_is_known_is_saved(tmp_path):
    known = (Value(2.0, at=(np.inf, 0.0)), Slope(0.0, at=(350.0, None), wrt=0))
    design = Design(Spline(5, known=known), x=(Reciprocal(), None), y=Log())
    trend = fd.fit(design, table())
    again = fd.load(trend.save(tmp_path / "a.trend"))
    assert again.design.approximation.known == known
    assert again.design.approximation_.known == trend.design.approximation_.known
    at = [[350.0, 1.0]]
    np.testing.assert_array_equal(again.design.predict(at), trend.design.predict(at))


def test_every_public_family_can_be_saved():
    families = {
        "Polynomial",
        "PolynomialTerms",
        "Spline",
        "RandomFeatures",
        "Network",
        "GaussianProcess",
        "CoKriging",
        "LawRegressor",
        "Components",
        "ElasticNet",
    }
    assert families | {"Design", "Inputs", "Symmetric"} == set(FAMILIES)


@pytest.fixture
def saved(tmp_path):
    return fd.fit(Polynomial(degree=1), table()).save(tmp_path / "k.trend")


def test_a_file_holds_json_and_plain_arrays(saved):
    with zipfile.ZipFile(saved) as archive:
        assert sorted(archive.namelist()) == ["arrays.npz", "trend.json"]
        content = json.loads(archive.read("trend.json"))
        arrays = np.load(io.BytesIO(archive.read("arrays.npz")), allow_pickle=False)
        assert all(arrays[name].dtype != object for name in arrays.files)
    assert content["format"] == 2
    assert content["provenance"]["faradaic"] == fd.__version__


def test_a_truncated_file(saved):
    whole = saved.read_bytes()
    for share in (0.0, 0.1, 0.5, 0.9, 0.99):
        saved.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(TrendFileError, match=r"is not a trend file, or it is truncated .*save the trend again"):
            fd.load(saved)


def test_a_damaged_file_is_never_read_as_another_trend(saved):
    whole = saved.read_bytes()
    rng = np.random.default_rng(0)
    trend = fd.load(saved)
    for place in rng.integers(0, len(whole), 150):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        saved.write_bytes(bytes(damaged))
        try:
            again = fd.load(saved)
        except TrendFileError:
            continue
        # a byte that no reader looks at (a time stamp)
        np.testing.assert_array_equal(again.predict(AT), trend.predict(AT))


def test_foreign_files(tmp_path):
    path = tmp_path / "other.trend"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(TrendFileError, match="is not a trend file"):
        fd.load(path)
    for content in (b"", b"T,k\n300,1\n", b"\x80\x04pickle", bytes(range(256)) * 20):
        path.write_bytes(content)
        with pytest.raises(TrendFileError, match="is not a trend file"):
            fd.load(path)
    for text in ("[1, 2]", "{}", "not json", '{"format": "1"}', '{"format": 2}', '{"format": 2, "data": {}}'):
        pack(path, text)
        with pytest.raises(TrendFileError):
            fd.load(path)


def pack(path, text):
    arrays = io.BytesIO()
    np.savez(arrays, a=np.ones(2))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("trend.json", text)
        archive.writestr("arrays.npz", arrays.getvalue())


def changed(saved, **edits):
    """Return the file with parts of its JSON replaced."""
    with zipfile.ZipFile(saved) as archive:
        content, arrays = json.loads(archive.read("trend.json")), archive.read("arrays.npz")
    content.update(edits)
    with zipfile.ZipFile(saved, "w") as archive:
        archive.writestr("trend.json", json.dumps(content))
        archive.writestr("arrays.npz", arrays)
    return saved


def test_an_older_format(saved):
    with pytest.raises(TrendFileError, match=r"has the old format 1; fit and save the trend again"):
        fd.load(changed(saved, format=1))


def test_a_newer_format(saved):
    with pytest.raises(TrendFileError, match=r"has format 3 and this version reads up to 2; install a newer faradaic"):
        fd.load(changed(saved, format=3))


@pytest.mark.parametrize(
    "design",
    [
        {"family": "Forest", "arguments": {"items": {}}, "learned": {"items": {}}},
        {"family": "Polynomial"},
        {"transform": "cube", "constants": {}},
        {"array": "a999"},
        {},
        {"set": []},
        7,
    ],
)
def test_parts_that_are_unknown(saved, design):
    with pytest.raises(TrendFileError):
        fd.load(changed(saved, design=design)).predict(AT)


def test_a_missing_file(tmp_path):
    with pytest.raises(TrendFileError, match=r"There is no file '.*nowhere.trend'; give the path"):
        fd.load(tmp_path / "nowhere.trend")
    with pytest.raises(TrendFileError, match="There is no file"):
        fd.load(tmp_path)


def test_an_unwritable_path_leaves_nothing(tmp_path, monkeypatch):
    trend = fd.fit(Polynomial(degree=1), table())
    with pytest.raises(
        TrendFileError, match=r"Cannot write '.*gone.*': No such file or directory; choose another path"
    ):
        trend.save(tmp_path / "gone" / "k.trend")
    folder = tmp_path / "folder.trend"
    folder.mkdir()
    with pytest.raises(TrendFileError, match="Cannot write"):
        trend.save(folder)
    assert list(tmp_path.iterdir()) == [folder]
    assert list(folder.iterdir()) == []

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(zipfile.ZipFile, "writestr", full)
        with pytest.raises(TrendFileError, match="No space left on device"):
            trend.save(tmp_path / "k.trend")
    assert list(tmp_path.iterdir()) == [folder]


def test_an_old_file_stays_whole_when_a_new_one_cannot_be_written(saved, monkeypatch):
    before = saved.read_bytes()
    trend = fd.load(saved)
    monkeypatch.setattr(zipfile.ZipFile, "writestr", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(TrendFileError):
        trend.save(saved)
    assert saved.read_bytes() == before


def test_what_cannot_be_saved_is_refused(tmp_path):
    trend = fd.fit(RandomFeatures(width=3, random_state=np.random.default_rng(0)), table())
    with pytest.raises(ArgumentError, match="A Generator cannot be saved in a trend"):
        trend.save(tmp_path / "k.trend")
    assert list(tmp_path.iterdir()) == []


def test_an_array_of_objects_is_never_pickled(tmp_path):
    trend = fd.fit(Polynomial(degree=1), table())
    trend.design.feature_names_in_ = np.array(["T", "c"], dtype=object)
    with pytest.raises(ArgumentError, match="A ndarray cannot be saved in a trend"):
        trend.save(tmp_path / "k.trend")


@laws.law(
    formula=r"k = a + b T c",
    variables=[laws.Variable("T", "K"), laws.Variable("c", "mol/kg")],
    parameters=[laws.Parameter("a", "S/m", start=1.0), laws.Parameter("b", None, start=1.0)],
    response_unit="S/m",
    linear=["a", "b"],
)
def my_own(T, c, a, b):
    return a + b * T * c


def test_a_users_law_is_asked_for(tmp_path):
    trend = fd.fit(LawRegressor(0, [my_own], inputs=["T", "c"]), table())
    path = trend.save(tmp_path / "own.trend")
    with pytest.raises(
        TrendFileError, match=r"uses the law 'my_own', which does not ship with faradaic; pass it in load"
    ):
        fd.load(path)
    with pytest.raises(TrendFileError, match=r"\(given: arrhenius\)"):
        fd.load(path, laws=[laws.arrhenius])
    again = fd.load(path, laws=[my_own])
    np.testing.assert_array_equal(again.predict(AT), trend.predict(AT))
    assert again.parameters == trend.parameters
    assert isinstance(again, Trend)


def test_a_bundled_law_comes_back_by_its_name(tmp_path):
    data = fd.data.example("stochastic")
    hierarchy = laws.hierarchies(data.inputs, data.response)[0]
    trend = fd.fit(LawRegressor(1, hierarchy.laws, inputs=hierarchy.inputs, residuals="log"), data)
    again = fd.load(trend.save(tmp_path / "D.trend"))
    assert again.summary() == trend.summary()
    assert again.design.approximation_.law.name == "arrhenius"
