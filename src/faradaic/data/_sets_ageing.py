"""Entries of the catalogue on how capacity fades, and how their tables are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ._entry import Entry, File
from ._sets_life import WENG

if TYPE_CHECKING:
    import pandas as pd

# the source says "room temperature" and gives no number
ROOM, HOT = 25.0, 45.0  # °C
_REVISION = "50664e9a5ab3a9a86baf01566c3d0463b4171bee"

WENG_ESOH = Entry(
    name="weng2021_esoh",
    title="Capacities of 39 NMC/graphite cells at check-ups between cycles 3 and 471, at room temperature and 45 °C",
    doi=WENG.doi,
    licence=WENG.licence,
    citation=WENG.citation,
    files=(
        File(
            "weng2021_formation/summary_esoh_table_weng2021.csv",
            f"https://raw.githubusercontent.com/wengandrew/fast-formation/{_REVISION}/data/"
            "summary_esoh_table_weng2021.csv",
            "dc8d9b8ed0ad49a3db13bf6e4bd39408134c2d1bb5f7eaaf2199638b75a6dc04",
        ),
        *WENG.files,
    ),
    origin=WENG.origin,
)


def _weng_esoh(capacities: Path, cells: Path) -> pd.DataFrame:
    import pandas as pd

    table = pd.read_csv(capacities)
    known = pd.read_csv(cells, usecols=["cellid", "is_room_temp_aging", "is_baseline_formation"]).set_index("cellid")
    table = table[table["cellid"].isin(known.index)].sort_values(["cellid", "cycle_number"], ignore_index=True)
    of = known.loc[table["cellid"]].astype(bool).reset_index(drop=True)
    return pd.DataFrame(
        {
            "cell": table["cellid"].map("cell {:02d}".format),
            "formation": of["is_baseline_formation"].map({True: "baseline", False: "fast"}),
            "T [degC]": of["is_room_temp_aging"].map({True: ROOM, False: HOT}),
            "cycle [cycles]": table["cycle_number"].astype(float),
            "Q [Ah]": table["Qfull"].astype(float),
        }
    )


ENTRIES = (WENG_ESOH,)
MAKERS: Mapping[str, Callable[..., Any]] = MappingProxyType({WENG_ESOH.name: _weng_esoh})
