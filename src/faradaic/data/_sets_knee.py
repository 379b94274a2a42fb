"""Entries of the catalogue on knees, and how their tables are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ._entry import Entry, File

if TYPE_CHECKING:
    import pandas as pd

REPEATS = 5  # cells of each protocol, one below the other

ATTIA = Entry(
    name="attia2020_capacity",
    title="45 LFP/graphite cells, fast-charged by nine protocols to the end of their lives: capacity of every cycle",
    doi="10.1038/s41586-020-1994-5",
    licence="none stated",
    citation="""@article{Attia2020,
  author = {Attia, Peter M. and Grover, Aditya and Jin, Norman and Severson, Kristen A. and Markov, Todor M. and
            Liao, Yang-Hung and Chen, Michael H. and Cheong, Bryan and Perkins, Nicholas and Yang, Zi and
            Herring, Patrick K. and Aykol, Muratahan and Harris, Stephen J. and Braatz, Richard D. and
            Ermon, Stefano and Chueh, William C.},
  title = {Closed-loop optimization of fast-charging protocols for batteries with machine learning},
  journal = {Nature},
  year = {2020},
  volume = {578},
  pages = {397--402},
  doi = {10.1038/s41586-020-1994-5},
}""",
    files=(
        File("attia2020/Qn.csv", "", "2a64f82e03630428c49285a8a8e4c8474f13d8287598e943803aa991b2d4e63f"),
        File("attia2020/validation_pols.csv", "", "ab669ad6bbf4032e0faffb6a386c1a05a3757a545a6bc56e09127f2174b31eef"),
    ),
    origin="one of the tables Qn.csv and validation_pols.csv of github.com/chueh-ermon/"
    "battery-fast-charging-optimization at 0068fd0136bcd65884f5cd94b2b967c1ba73a668",
)


def _attia(capacities: Path, protocols: Path) -> pd.DataFrame:
    import pandas as pd

    Q = np.loadtxt(capacities, delimiter=",")
    steps = pd.read_csv(protocols, encoding="utf-8-sig").to_numpy(np.float64)
    parts = []
    for k, row in enumerate(Q):
        cycles = np.flatnonzero(row)  # a record ends where zeros fill the table
        kind = k // REPEATS
        part = {"cell": f"{kind + 1}-{k % REPEATS + 1}", "protocol": "-".join(f"{step:g}C" for step in steps[kind])}
        parts.append(pd.DataFrame(part | {"cycle": cycles + 1.0, "Q [Ah]": row[cycles]}))
    return pd.concat(parts, ignore_index=True)


ENTRIES = (ATTIA,)
MAKERS: Mapping[str, Callable[..., Any]] = MappingProxyType({ATTIA.name: _attia})
