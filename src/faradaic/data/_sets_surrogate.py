"""Entries of the catalogue of which surrogates are made, and how their tables are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import OptionalImportError

from ._entry import Entry, File

if TYPE_CHECKING:
    import pandas as pd

_ELECTRODES = (
    "https://raw.githubusercontent.com/MarcDuquesnoy/Battery_Combining_Learning/"
    "8dcd2a4010c42f09b182180f983c83d324997163/Data%20Driven/data"
)
_FAILURES = (
    "https://raw.githubusercontent.com/HU-Qiqi/thermal-runaway-severity-prediction/"
    "805746bcae226a7df5cb5ec82893df8e64a01a5b/data"
)

DUQUESNOY = Entry(
    name="duquesnoy2020",
    title="880 calendered NMC electrodes simulated in three dimensions: active surface, tortuosities and contacts",
    doi="10.1016/j.jpowsour.2020.229103",
    licence="CC BY-NC-SA 4.0",
    citation="""@article{Duquesnoy2020,
  author = {Duquesnoy, Marc and Lombardo, Teo and Chouchane, Mehdi and Primo, Emiliano N. and Franco, Alejandro A.},
  title = {Data-driven assessment of electrode calendering process by combining experimental results, in silico
           mesostructures generation and machine learning},
  journal = {Journal of Power Sources},
  year = {2020},
  volume = {480},
  pages = {229103},
  doi = {10.1016/j.jpowsour.2020.229103},
}""",
    files=(
        File(
            "duquesnoy2020/sisso_train.dat",
            f"{_ELECTRODES}/train.dat",
            "48eef5ab8d137f234c72c06e8691e78d051013314e1b103e2fdd39a5cb2b16f7",
        ),
        File(
            "duquesnoy2020/sisso_test.dat",
            f"{_ELECTRODES}/test.dat",
            "6fde78eb09126849034b9b2e16563dfdb2d9c0860931739d0f04fba9b4878130",
        ),
        File(
            "duquesnoy2020/Electrode_Structures_Validation.csv",
            f"{_ELECTRODES}/Electrode_Structures_Validation.csv",
            "8985c9dd7859d87694efdb4a10a725670d74c3da3ad6f3b0a257503bfdea744e",
        ),
    ),
)

FAILURES = Entry(
    name="nrel_failure_databank",
    title="Battery Failure Databank, revision 2: 365 calorimetries of thermal runaway of 30 types of cells",
    doi="10.1016/j.jpowsour.2021.230645",
    licence="none stated",
    citation="""@article{Walker2022,
  author = {Walker, William Q. and Cooper, Kylie and Hughes, Peter and Doemling, Ian and Akhnoukh, Mina and
            Taylor, Sydney and Darst, Jacob and Billman, Julia and Sharp, Matthew and Petrushenko, David and
            Owen, Rhodri and Pham, Martin and Heenan, Thomas and Rack, Alexander and Magdsyuk, Oxana and
            Connolley, Thomas and Brett, Dan and Shearing, Paul and Finegan, Donal and Darcy, Eric},
  title = {The effect of cell geometry and trigger method on the risks associated with thermal runaway of lithium-ion
           batteries},
  journal = {Journal of Power Sources},
  year = {2022},
  volume = {524},
  pages = {230645},
  doi = {10.1016/j.jpowsour.2021.230645},
}""",
    files=(
        File(
            "nrel_failure_databank/BatteryFailureDatabankV2.xlsx",
            f"{_FAILURES}/BatteryFailureDatabankV2.xlsx",
            "23e1829c35c978ad03a2ef5f76079b3810d658b788ae846aa146b4b7be831088",
        ),
    ),
)

FLOW_CELL = Entry(
    name="aorfb_pnnl2024",
    title="Simulated aqueous organic flow cell of 780 cm2: voltage of 1,024 anolytes over the state of charge",
    doi="10.1021/acsenergylett.4c00493",
    licence="none stated",
    citation="""@article{Fu2024,
  author = {Fu, Yucheng and Howard, Amanda and Zeng, Chao and Stinis, Panos},
  title = {Physics-guided continual learning for predicting emerging aqueous organic redox flow battery material
           performance},
  journal = {ACS Energy Letters},
  year = {2024},
  doi = {10.1021/acsenergylett.4c00493},
}""",
    files=(
        File(
            "aorfb_pnnl2024/id780_cell_dataset.parquet",
            "",
            "d23d5e233ca3e04e4f5a7090779025897bac32024356e0a3fa79098cedc1cb56",
        ),
    ),
    origin="the sheet of 'DataProcessing/ID 780 Cell Dataset.xlsx' of github.com/pnnl/PGCL-for-AORFB at f7fb4d0",
)


def _duquesnoy(train: Path, test: Path, validation: Path) -> pd.DataFrame:
    import pandas as pd

    parts = {
        "train": pd.read_csv(train, sep=r"\s+", index_col=0),
        "test": pd.read_csv(test, sep=r"\s+"),
        "validation": pd.read_csv(validation),
    }
    # the first two hold the gap as the authors' preprocessing turned it into a thickness removed; so does this
    parts["validation"]["Gap"] = 185.53059 * np.exp(-parts["validation"]["Gap"] / 38.122) - 6.51726
    kept = ["Gap", "AM", "CBD", "porous", "Active_Surface"]
    joined = pd.concat([one[kept].assign(split=name) for name, one in parts.items()], ignore_index=True)
    return joined.astype(dict.fromkeys(kept, np.float64))


def _failures(path: Path) -> pd.DataFrame:
    import pandas as pd

    if find_spec("openpyxl") is None:
        raise OptionalImportError("openpyxl", "files")
    sheets = ["Fractional-Calorimetry-Data", "Cell-Characteristics"]
    trials, cells = pd.read_excel(path, sheet_name=sheets, header=2, engine="openpyxl").values()
    cells = cells[["Cell-Description", "Cell-Format", "Cell-Capacity-Ah", "Cell-Energy-Wh"]]
    cells = cells.dropna(subset=["Cell-Description"]).drop_duplicates("Cell-Description")
    trials = trials.loc[:, [name for name in trials.columns if not str(name).startswith("Unnamed")]]
    merged = trials.merge(cells, on="Cell-Description", how="left")
    for name in ("Cell-Capacity-Ah", "Cell-Energy-Wh"):
        merged[name] = pd.to_numeric(merged[name], errors="coerce")
    return merged


def _flow_cell(path: Path) -> pd.DataFrame:
    import pandas as pd

    return pd.read_parquet(path)


ENTRIES = (DUQUESNOY, FAILURES, FLOW_CELL)
MAKERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {DUQUESNOY.name: _duquesnoy, FAILURES.name: _failures, FLOW_CELL.name: _flow_cell}
)
