"""Entries of the catalogue on degradation modes: open-circuit curves of cells and of their electrodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ._entry import Entry, File

if TYPE_CHECKING:
    import pandas as pd

_FOLDER = "src/ampworks/datasets/resources/dqdv"
_RAW = "https://raw.githubusercontent.com/NatLabRockies/ampworks"
# the revision in which these files were first published, and the one in which that of the positive electrode was
_FIRST = f"{_RAW}/0c796e18224193afcb053c1380d18a5056b83543/{_FOLDER}"
_LATER = f"{_RAW}/97fabed318fd70504e653df2b7df5e5aa2ee2255/{_FOLDER}"
CURVES = ("fresh", "aged", "negative", "positive")

AMPWORKS = Entry(
    name="ampworks_dqdv",
    title="Slow discharges of a fresh and an aged NMC/graphite cell, and of both electrodes against lithium",
    doi="10.11578/dc.20250313.2",
    licence="BSD-3-Clause",
    citation="""@software{Randall2025,
  author = {Randall, Corey R.},
  title = {ampworks: Battery data analysis tools in {Python} [{SWR}-25-39]},
  year = {2025},
  doi = {10.11578/dc.20250313.2},
}""",
    files=(
        File(
            "ocv_halfcell/ampworks_dqdv/cell1_rough.csv",
            f"{_FIRST}/cell1_rough.csv",
            "09afb7b4c53b6875adc9479b53e6042f83a844eff3f03dd224ba0326d51bd49b",
        ),
        File(
            "ocv_halfcell/ampworks_dqdv/cell2_rough.csv",
            f"{_FIRST}/cell2_rough.csv",
            "241b7f0bccf85bcecae56cd44ec683196a271619266f2aa47694f8c836600c65",
        ),
        File(
            "ocv_halfcell/ampworks_dqdv/gr_smooth.csv",
            f"{_FIRST}/gr_smooth.csv",
            "1841ee9e5213d9bfc504c6ca299f4a899b579d372c46e181e061fd9e20a6964c",
        ),
        File(
            "ocv_halfcell/ampworks_dqdv/nmc_smooth.csv",
            f"{_LATER}/nmc_smooth.csv",
            "ad82f77002328f7d1cf4f5c48ffdcc935fb7f45182e3c3b2522d3190df56bb29",
        ),
    ),
)


def _ampworks(*paths: Path) -> pd.DataFrame:
    import pandas as pd

    parts = [
        pd.read_csv(path)[["Ah", "Volts"]].rename(columns={"Ah": "Q [Ah]", "Volts": "V [V]"}).assign(curve=name)
        for name, path in zip(CURVES, paths, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)[["curve", "Q [Ah]", "V [V]"]]


ENTRIES = (AMPWORKS,)
MAKERS: Mapping[str, Callable[..., Any]] = MappingProxyType({AMPWORKS.name: _ampworks})
