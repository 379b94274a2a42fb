"""Entries of the catalogue on how long cells last, and how their tables are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ._entry import Entry, File

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

# a curve that lies this share of the cell's capacity off the cell's median curve is a fault of the record: four of them
# reach 31 A h, one turns back on itself, and no other comes near
FAULTY = 0.3

SEVERSON = Entry(
    name="severson2019",
    title="124 LFP/graphite cells, fast-charged to the end of their lives: discharge curves of cycles 2 to 100",
    doi="10.1038/s41560-019-0356-8",
    licence="CC BY 4.0",
    citation="""@article{Severson2019,
  author = {Severson, Kristen A. and Attia, Peter M. and Jin, Norman and Perkins, Nicholas and Jiang, Benben and
            Yang, Zi and Chen, Michael H. and Aykol, Muratahan and Herring, Patrick K. and Fraggedakis, Dimitrios and
            Bazant, Martin Z. and Harris, Stephen J. and Chueh, William C. and Braatz, Richard D.},
  title = {Data-driven prediction of battery cycle life before capacity degradation},
  journal = {Nature Energy},
  year = {2019},
  volume = {4},
  pages = {383--391},
  doi = {10.1038/s41560-019-0356-8},
}""",
    files=(
        File(
            "severson2019/Qdlin_100V_x_99cycles.npz",
            "",
            "78ddd67ea5a6f04894e14716d58382c9a12b5e4b8e96b122c23df979d777b2fa",
        ),
        File(
            "severson2019/deltaQ_100_10.parquet",
            "",
            "e350597fbbe2541c09ede585c1edf64e2b9a73f4b9aeb4c828cc48f97bee0da5",
        ),
        File(
            "severson2019/cycle_lives.csv",
            "",
            "5d89f5dc55b95f30f7e8d096378fe0f480c83b8b8490080d5ac991a2e237da7c",
        ),
    ),
    origin="converted to single precision from the folder data of github.com/petermattia/revisit-severson-et-al at "
    "3a77c7d513126e921896315038d0f8f2645e440d",
)

WENG = Entry(
    name="weng2021_formation",
    title="39 NMC/graphite cells after two formation protocols: features of formation and cycles to 80, 70 and 50 %",
    doi="10.1016/j.joule.2021.09.015",
    licence="none stated",
    citation="""@article{Weng2021,
  author = {Weng, Andrew and Mohtat, Peyman and Attia, Peter M. and Sulzer, Valentin and Lee, Suhak and Less, Greg and
            Stefanopoulou, Anna},
  title = {Predicting the impact of formation protocols on battery lifetime immediately after manufacturing},
  journal = {Joule},
  year = {2021},
  volume = {5},
  pages = {2971--2992},
  doi = {10.1016/j.joule.2021.09.015},
}""",
    files=(
        File(
            "weng2021_formation/correlation_data_2022_numeric.csv",
            "",
            "d478ef7f82af0dbcff33b1f58005bccaa141c0481933ae0e81258e9235a8c7b2",
        ),
    ),
    origin="the numeric columns of data/correlation_data_2022.csv of github.com/wengandrew/fast-formation at "
    "50664e9a5ab3a9a86baf01566c3d0463b4171bee",
)

XJTU = Entry(
    name="xjtu2024",
    title="23,297 charges of 55 NCM cells in six batches: 16 features of the charge, and the capacity",
    doi="10.1038/s41467-024-48779-z",
    licence="none stated",
    citation="""@article{Wang2024,
  author = {Wang, Fujin and Zhai, Zhi and Zhao, Zhibin and Di, Yi and Chen, Xuefeng},
  title = {Physics-informed neural network for lithium-ion battery degradation stable modeling and prognosis},
  journal = {Nature Communications},
  year = {2024},
  volume = {15},
  pages = {4332},
  doi = {10.1038/s41467-024-48779-z},
}""",
    files=(
        File(
            "pinn4soh2024/xjtu_features.parquet",
            "",
            "573af39dc65c375d37227da5894c97474db8f8a3272bae76078e58f0dcb66b53",
        ),
    ),
    origin="the tables of the folder 'data/XJTU data' of github.com/wang-fujin/PINN4SOH at revision bf7a931, one below "
    "the other",
)


def _severson(curves: Path, delta: Path, lives: Path) -> xr.Dataset:
    import pandas as pd
    import xarray as xr

    life = pd.read_csv(lives).set_index("cell_id")
    fine = pd.read_parquet(delta).set_index("cell_id").loc[life.index]
    with np.load(curves, allow_pickle=False) as kept:
        Q = xr.DataArray(
            kept["Q"].astype(np.float64),
            dims=("cell", "voltage", "cycle"),
            coords={"cell": kept["cell_id"], "voltage": kept["V"].astype(np.float64), "cycle": kept["cycles"]},
        )
    Q = Q.sel(cell=life.index.to_numpy()).transpose("cell", "cycle", "voltage")
    usual = Q.median("cycle")
    off = abs(Q - usual).max("voltage") / usual.isel(voltage=-1)
    made = xr.Dataset(
        {
            "Q": Q.where(off <= FAULTY),
            "delta_q": (("cell", "fine_voltage"), fine.to_numpy(np.float64)),
            "life": ("cell", life["cycle_life"].to_numpy(np.float64)),
            "split": ("cell", life["split"].to_numpy(str)),
        },
        coords={"fine_voltage": fine.columns.to_numpy(np.float64)},
    )
    for name, unit in (("Q", "Ah"), ("delta_q", "Ah"), ("life", "cycles"), ("voltage", "V"), ("fine_voltage", "V")):
        made[name].attrs["units"] = unit
    return made


def _weng(path: Path) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(path)


def _xjtu(path: Path) -> pd.DataFrame:
    import pandas as pd

    table = pd.read_parquet(path).rename(columns={"capacity": "capacity [Ah]"})
    table["cell"] = table["cell"].astype(str)
    table.insert(1, "batch", table["cell"].str.split("_").str[0])
    numbers = table.columns.difference(["cell", "batch", "row"])
    table[numbers] = table[numbers].astype(np.float64)
    return table


ENTRIES = (SEVERSON, WENG, XJTU)
MAKERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {SEVERSON.name: _severson, WENG.name: _weng, XJTU.name: _xjtu}
)
