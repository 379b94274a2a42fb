"""The catalogue: pinned, checked, cited; a local copy first, the network only on request."""

import functools
import hashlib
import http.server
import re
import threading
from dataclasses import replace

import numpy as np
import pytest

from faradaic._core import ArgumentError, InputError
from faradaic.data import CATALOGUE, Dataset, fetch, load, replicates, splits


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.name)
def test_entries_are_complete(entry):
    assert entry.licence
    assert re.match(r"10\.\d{4,5}/\S+$", entry.doi)
    assert entry.doi in entry.citation
    assert re.match(r"@(article|software)\{\w+,\n", entry.citation)  # curves that a package brings along have no paper
    assert entry.citation.count("{") == entry.citation.count("}")
    for file in entry.files:
        if not file.address:  # a table that was converted says from what
            assert re.search(r"github\.com/[\w.-]+/[\w.-]+ at .*[0-9a-f]{7}", entry.origin)
            assert re.match(r"[0-9a-f]{64}$", file.sha256)
            continue
        assert re.match(r"https://raw\.githubusercontent\.com/[\w.-]+/[\w.-]+/[0-9a-f]{40}/\S+$", file.address)
        assert re.match(r"[0-9a-f]{64}$", file.sha256)
        # several entries may read one set's files
        assert entry.name.split("_")[0] in file.path


def test_unknown_name():
    with pytest.raises(ArgumentError, match="no data set 'flores'; did you mean 'flores2022'"):
        load("flores")


@pytest.fixture
def served(tmp_path, monkeypatch):
    """One catalogue entry served from this machine, with an empty cache."""
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "data.csv").write_text("x,y\n1,2\n")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            return None

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path / "web"))
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    flores = CATALOGUE["flores2022"]
    file = replace(
        flores.files[0],
        address=f"http://127.0.0.1:{server.server_port}/data.csv",
        sha256=hashlib.sha256(b"x,y\n1,2\n").hexdigest(),
    )
    entry = replace(flores, files=(file,))
    monkeypatch.setattr("faradaic.data._catalogue.CATALOGUE", {"flores2022": entry})
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "cache" / name)
    monkeypatch.delenv("FARADAIC_DATA", raising=False)
    yield entry, tmp_path
    server.shutdown()
    server.server_close()
    thread.join()


def test_download_and_cache(served):
    _, folder = served
    (path,) = fetch("flores2022", progress=True)
    assert path == folder / "cache" / "faradaic" / "flores2022" / "HTE_dataset_PC_EMC_EC_LiPF6.csv"
    assert path.read_text() == "x,y\n1,2\n"
    (folder / "web" / "data.csv").unlink()  # the second time the network is not asked
    assert fetch("flores2022") == (path,)


def test_file_that_is_not_the_published_one(served):
    _, folder = served
    (folder / "web" / "data.csv").write_text("changed")
    with pytest.raises(InputError, match=r"could not be downloaded.*hash.*FARADAIC_DATA"):
        fetch("flores2022", progress=False)


def test_no_network(served, monkeypatch):
    entry, _ = served
    gone = replace(entry, files=(replace(entry.files[0], address="http://127.0.0.1:9/data.csv"),))
    monkeypatch.setattr("faradaic.data._catalogue.CATALOGUE", {"flores2022": gone})
    with pytest.raises(InputError, match=r"could not be downloaded from http://127\.0\.0\.1:9/data\.csv"):
        fetch("flores2022", progress=False)


def test_local_copy_comes_first(served, monkeypatch):
    entry, folder = served
    copy = folder / "local" / entry.files[0].path
    copy.parent.mkdir(parents=True)
    copy.write_text("x,y\n1,2\n")
    monkeypatch.setenv("FARADAIC_DATA", str(folder / "local"))
    assert fetch("flores2022") == (copy,)
    copy.write_text("something else")
    with pytest.raises(InputError, match="is not the published file"):
        fetch("flores2022")


def test_flores(literature):
    """Flores et al. 2022, 10.1039/D2DD00027J: counts of the published file, noise floor from its replicates."""
    path = literature("flores2022/HTE_dataset_PC_EMC_EC_LiPF6.csv")
    assert fetch("flores2022") == (path,)
    data = load("flores2022")
    assert isinstance(data, Dataset)
    assert [column.header for column in data.inputs] == ["T [K]", "c [mol/kg]", "r"]
    assert (len(data), data.group_column, len(data.group_labels)) == (3626, "composition", 85)
    found = replicates(data)
    assert len(found.X) == 849
    assert found.dof == 3626 - 849
    # 0.30 +- 0.01 mS/cm; measured 0.3019
    assert float(data.response.spread_from_si(found.std)) == pytest.approx(0.30, abs=0.01)
    assert splits(data, repeats=2).kind == "grouped 5-fold by composition, 2 repeats"


def test_calisol(literature):
    """de Blasio et al. 2024, 10.1038/s41597-024-03575-8: counts of the published file."""
    path = literature("calisol23/calisol23.xlsx")
    assert fetch("calisol23") == (path,)
    table = load("calisol23")
    solvents = table.columns[list(table.columns).index("solvent ratio type") + 1 :]
    assert len(table) == 13_825
    assert table["doi"].nunique() == 27
    assert len(solvents) == 38
    assert table["k [mS/cm]"].isna().sum() == 523
    # 14 spellings in the file, one of them with a blank in front (" LiBPFPB"): 13 salts
    assert table["salt"].nunique() == 13
    assert not table["salt"].str.contains(r"^\s|\s$").any()
    assert sorted(table["c units"].unique()) == ["mol/kg", "mol/l"]
    assert table.drop(columns=["doi", "salt", "c units", "solvent ratio type", "k [mS/cm]"]).notna().all(axis=None)


def test_clio(literature):
    """Dave et al. 2022, 10.1038/s41467-022-32938-1: 197 simulated rows, 125 published runs of 38 compositions."""
    paths = literature("clio2022/ECDMCEMC_optimization_march2021.csv"), literature("clio2022/AEM_training_data.csv")
    assert fetch("clio2022") == paths
    data = load("clio2022")
    assert isinstance(data, Dataset)
    assert [column.header for column in data.inputs] == ["c [mol/kg]", "w", "r"]
    assert [int((data.source == place).sum()) for place in (0, 1)] == [197, 121]
    assert (data.target, data.group_column) == (1, "composition")
    assert [type(source.reliability).__name__ for source in data.sources] == ["Deterministic", "Experiment"]
    runs = data.judged
    found = replicates(runs)
    assert (len(found.X), found.dof, len(np.unique(runs.groups))) == (38, 121 - 38, 38)
    # the failed run reads 0.05 mS/cm; the lowest that is kept is 2.4
    assert runs.y_user.min() > 2.0
    best = found.mean.argmax()
    # the paper's best blend, EC 0.39 and 0.93 mol/kg
    np.testing.assert_allclose(found.X[best], [0.93, 0.39, 1.0])
    assert float(data.response.from_si(found.mean[best])) == pytest.approx(13.84, abs=0.01)
    assert splits(data, folds=38).kind == "leave-one-composition-out"
    # one dimension, one unit: the simulated range of the published table
    simulated = data.y_user[data.source == 0]
    assert (simulated.min(), simulated.max()) == (pytest.approx(4.1847, abs=1e-4), pytest.approx(13.621, abs=1e-3))


def test_severson(literature):
    """Severson et al. 2019, 10.1038/s41560-019-0356-8: 124 cells, the published split, faulty records left out."""
    literature("severson2019/Qdlin_100V_x_99cycles.npz")
    data = load("severson2019")
    assert dict(data.sizes) == {"cell": 124, "cycle": 99, "voltage": 100, "fine_voltage": 1000}
    split = data["split"].to_series().value_counts()
    assert (split["train"], split["test1"], split["test2"]) == (41, 43, 40)
    assert data["life"].sel(cell="test1_22") == 148
    train = data.sel(cell=data["split"] == "train")
    faulty = train["Q"].isnull().any("voltage").to_series()
    assert faulty[faulty].index.tolist() == [("train_02", 12), ("train_09", 13), ("train_16", 73)]
    assert float(train["Q"].max()) < 1.2  # the cells hold 1.1 A h
    # the fine difference holds every tenth voltage of the coarse curves, to single precision
    coarse = data["Q"].sel(cycle=100) - data["Q"].sel(cycle=10)
    np.testing.assert_allclose(coarse, data["delta_q"][:, ::10], atol=1e-6)


def test_xjtu_and_weng(literature):
    literature("pinn4soh2024/xjtu_features.parquet")
    literature("weng2021_formation/correlation_data_2022_numeric.csv")
    xjtu = load("xjtu2024")
    assert (len(xjtu), xjtu["cell"].nunique()) == (23_297, 55)
    assert sorted(xjtu["batch"].unique()) == ["2C", "3C", "R2.5", "R3", "RW", "Sim"]
    assert load("weng2021_formation").shape == (39, 1236)


def test_a_converted_table_that_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("FARADAIC_DATA", str(tmp_path))
    with pytest.raises(InputError, match=r"petermattia/revisit-severson-et-al at .* FARADAIC_DATA names"):
        load("severson2019")
