"""Entries of the catalogue on impedance spectra of cells over their life."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ._entry import Entry, File

if TYPE_CHECKING:
    import pandas as pd

_AT = (
    "https://raw.githubusercontent.com/Battery-Degradation-Rolston-Lab/LIB-EIS-ML/"
    "c9bff9079b5f5dacdf5d50cb1fa8a528b5183c6f/battery_gpytorch_rtx4060/battery_gpytorch/data/"
)
# rows of each training cell, in the order of the file: where capacity or cycle starts anew
CELLS = {"train1": 200, "train2": 250, "train3": 229, "train4": 81, "train5": 299, "train6": 299}
POINTS, HIGHEST, LOWEST = 60, 20_000.0, 0.02

ZHANG = Entry(
    name="zhang2020",
    title="1,657 impedance spectra of seven LCO/graphite coin cells at 25, 35 and 45 degC, capacity and remaining life",
    doi="10.1038/s41467-020-15235-7",
    licence="none stated",
    citation="""@article{Zhang2020,
  author = {Zhang, Yunwei and Tang, Qiaochu and Zhang, Yao and Wang, Jiabin and Stimming, Ulrich and Lee, Alpha A.},
  title = {Identifying degradation patterns of lithium ion batteries from impedance spectroscopy using machine
           learning},
  journal = {Nature Communications},
  year = {2020},
  volume = {11},
  pages = {1706},
  doi = {10.1038/s41467-020-15235-7},
}""",
    files=(
        File("zhang2020/EIS_data.txt", _AT + "EIS_data.txt",
             "59576acc6d7134d5f767a992fb5c42cc4b8e067ad799a6e416da7e23ef2b19af"),
        File("zhang2020/Capacity_data.txt", _AT + "Capacity_data.txt",
             "58769c23c5bb949fe105cd337c48cbb771ba6973049dde1366927704984a4462"),
        File("zhang2020/EIS_data_35C02.txt", _AT + "EIS_data_35.txt",
             "26f9d467d3353979a0ffa4cfc5b322e9bb08771cfed36be67da14577834f6a74"),
        File("zhang2020/capacity35C02.txt", _AT + "Capacity_data_35.txt",
             "71fde3bd058fc4b0e94b4b35a5938b0d3052a495053e390e02c3398447b2b1f5"),
        File("zhang2020/EIS_data_RUL.txt", _AT + "EIS_data_RUL.txt",
             "b277b9677bb2bac08a11b8a367b2e0d2815942984013590340d96f1f090b5e01"),
        File("zhang2020/RUL.txt", _AT + "RUL.txt",
             "da84765b4c0123af24028ed8963a1db905eb8d869d4ccb8247f9ae3dac14ddb2"),
        File("zhang2020/rul35C02.txt", _AT + "rul35C02.txt",
             "b0dab4c32c9062a48c71590a6c4ab96c7580a6edc345578d9a971e7ed244dadb"),
    ),
)  # fmt: skip


def _zhang(*paths: Path) -> pd.DataFrame:
    import pandas as pd

    X, Q, T, q, living, life, test_life = (np.loadtxt(path) for path in paths)
    # a spectrum whose remaining life is stated is one of the training spectra, to the last digit
    place = {row.tobytes(): k for k, row in enumerate(X)}
    left = np.full(len(X), np.nan)
    left[[place[row.tobytes()] for row in living]] = life
    frequency = np.logspace(np.log10(HIGHEST), np.log10(LOWEST), POINTS)
    # the authors store the negative imaginary part
    headers = [f"{part} Z at {f:.5g} Hz [ohm]" for part in ("Re", "Im") for f in frequency]
    both = np.vstack([X, T]) * np.repeat([1.0, -1.0], POINTS)
    names = [name for name, count in CELLS.items() for _ in range(count)] + ["35C02"] * len(T)
    known = np.concatenate([left, test_life, np.full(len(T) - len(test_life), np.nan)])
    first = pd.DataFrame(
        {
            "cell": names,
            "role": ["train"] * len(X) + ["test"] * len(T),
            "capacity [mAh]": np.concatenate([Q, q]),
            "remaining life [cycles]": known,
        }
    )
    return pd.concat([first, pd.DataFrame(both, columns=headers)], axis=1)


ENTRIES = (ZHANG,)
MAKERS: Mapping[str, Callable[..., Any]] = MappingProxyType({ZHANG.name: _zhang})
