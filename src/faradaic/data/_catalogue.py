"""Public data sets by name: pinned addresses, checksums, licences and citations."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, overload

from faradaic._core import ArgumentError, InputError, joined, nearest

from . import _sets_ageing, _sets_impedance, _sets_knee, _sets_life, _sets_modes, _sets_surrogate
from ._dataset import Dataset
from ._entry import Entry as Entry
from ._entry import File as File
from ._read import read
from ._stack import stack

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

FOLDER_VARIABLE = "FARADAIC_DATA"
# a run below this share of the median of its composition has failed (no liquid in the cell)
FAILED = 0.5


_RAW = "https://raw.githubusercontent.com"

_FLORES = Entry(
    name="flores2022",
    title="Ionic conductivity of LiPF6 in EC, PC and EMC from high-throughput experiments",
    doi="10.1039/D2DD00027J",
    licence="MIT",
    citation="""@article{Flores2022,
  author = {Flores, Eibar and W{\\"o}lke, Christian and Yan, Peng and Winter, Martin and Vegge, Tejs and
            Cekic-Laskovic, Isidora and Bhowmik, Arghya},
  title = {Learning the laws of lithium-ion transport in electrolytes using symbolic regression},
  journal = {Digital Discovery},
  year = {2022},
  volume = {1},
  pages = {440--447},
  doi = {10.1039/D2DD00027J},
}""",
    files=(
        File(
            "flores2022/HTE_dataset_PC_EMC_EC_LiPF6.csv",
            f"{_RAW}/BIG-MAP/SR-electrolytes/f1e3155c650b8a239f027c43d82e350e0427a255/data/HTE_dataset_PC_EMC_EC_LiPF6.csv",
            "cc9c0c54e6f7352770b343ed272204c8751570a9708888c428776e37867cd904",
        ),
    ),
)

_CALISOL = Entry(
    name="calisol23",
    title="CALiSol-23: ionic conductivity of lithium salts in mixed solvents, from 27 papers",
    doi="10.1038/s41597-024-03575-8",
    licence="CC BY 4.0",
    citation="""@article{deBlasio2024,
  author = {de Blasio, Paolo and Elsborg, Jonas and Vegge, Tejs and Flores, Eibar and Bhowmik, Arghya},
  title = {{CALiSol-23}: Experimental electrolyte conductivity data for various {Li}-salts and solvent combinations},
  journal = {Scientific Data},
  year = {2024},
  volume = {11},
  pages = {750},
  doi = {10.1038/s41597-024-03575-8},
}""",
    files=(
        File(
            "calisol23/calisol23.xlsx",
            f"{_RAW}/Kyeongbin-Tom/calisol23-ionic-conductivity/4f7ac3b0b2203f1c3e9138a891d6456541d5bb87/data/calisol23.xlsx",
            "7113db95f632e80821262aa8de1d39d7e2a7cc978ebeb99c42a54deea0b8275a",
        ),
    ),
)

_CLIO = Entry(
    name="clio2022",
    title="Ionic conductivity of LiPF6 in EC, DMC and EMC: a robot's runs, and simulations by the Advanced Electrolyte "
    "Model",
    doi="10.1038/s41467-022-32938-1",
    licence="none stated",
    citation="""@article{Dave2022,
  author = {Dave, Adarsh and Mitchell, Jared and Burke, Sven and Lin, Hongyi and Whitacre, Jay and
            Viswanathan, Venkatasubramanian},
  title = {Autonomous optimization of non-aqueous {Li}-ion battery electrolytes via robotic experimentation and machine
           learning coupling},
  journal = {Nature Communications},
  year = {2022},
  volume = {13},
  pages = {5454},
  doi = {10.1038/s41467-022-32938-1},
}""",
    files=(
        File(
            "clio2022/ECDMCEMC_optimization_march2021.csv",
            f"{_RAW}/BattModels/Clio-NatCommData/2ba755d87abf60ac00bc55e874ddd9c7f3d64bcb/ECDMCEMC_optimization_march2021.csv",
            "65ea81d54929304db82d0d44fcd64c4a84ab698571321790222413972fe3c0e0",
        ),
        File(
            "clio2022/AEM_training_data.csv",
            f"{_RAW}/BattModels/Clio-NatCommData/2ba755d87abf60ac00bc55e874ddd9c7f3d64bcb/AEM_training_data.csv",
            "bf39056746964ee912eee5b557ba9873952016c7c47aff0dfcba74ce0f143dd7",
        ),
    ),
)

_Tables = Literal[
    "ampworks_dqdv", "aorfb_pnnl2024", "attia2020_capacity", "calisol23", "duquesnoy2020", "nrel_failure_databank",
    "weng2021_esoh", "weng2021_formation", "xjtu2024", "zhang2020",
]  # fmt: skip
_SETS = (_sets_ageing, _sets_impedance, _sets_knee, _sets_life, _sets_modes, _sets_surrogate)

CATALOGUE: Mapping[str, Entry] = MappingProxyType(
    {entry.name: entry for entry in (_FLORES, _CALISOL, _CLIO, *(entry for some in _SETS for entry in some.ENTRIES))}
)


def fetch(name: str, *, progress: bool = True) -> tuple[Path, ...]:
    """Return the files of a public data set, downloading them the first time.

    A copy in the folder that the environment variable ``FARADAIC_DATA`` names is used where there is one; otherwise the
    files come from their pinned address into the user's cache. The checksum is verified either way.

    Parameters
    ----------
    name : str
        Name in `CATALOGUE`.
    progress : bool
        Show a progress bar while downloading.

    Returns
    -------
    tuple of Path
        One for each file of the entry, in its order.

    Raises
    ------
    ArgumentError
        There is no such data set.
    InputError
        A file cannot be downloaded, or it is not the one that was published.
    """
    entry = find(name)
    folder = os.environ.get(FOLDER_VARIABLE)
    return tuple(_local(file, folder) or _downloaded(file, entry, progress) for file in entry.files)


def find(name: str) -> Entry:
    """Return the catalogue's entry of this name, or raise ArgumentError with the nearest names."""
    if name in CATALOGUE:
        return CATALOGUE[name]
    close = nearest(str(name), CATALOGUE) or list(CATALOGUE)
    raise ArgumentError(f"The catalogue has no data set {name!r}; did you mean {joined(map(repr, close), 'or')}?")


@overload
def load(name: Literal["flores2022", "clio2022"]) -> Dataset: ...
@overload
def load(name: _Tables) -> pd.DataFrame: ...
@overload
def load(name: Literal["severson2019"]) -> xr.Dataset: ...
@overload
def load(name: str) -> Dataset | pd.DataFrame | xr.Dataset: ...
def load(name: str) -> Dataset | pd.DataFrame | xr.Dataset:
    """Return a public data set, ready to use.

    Parameters
    ----------
    name : str
        * ``flores2022``: a `Dataset` of k [mS/cm] against T [K], c [mol/kg] and r (EC to PC), 3,626 rows, grouped
          by composition (r and c jointly).
        * ``calisol23``: a table of 13,825 rows with the columns ``doi``, ``k [mS/cm]`` (523 are missing), ``T [K]``,
          ``c``, ``salt``, ``c units`` (mol/kg or mol/l), ``solvent ratio type`` (w, v or mol), and the share of each of
          38 solvents. Its groups are the papers: rows of one ``doi`` are temperature series. The values of
          10.1007/s10008-002-0300-9 look a hundred times too low; they are given as published.
        * ``clio2022``: a stack of two sources of k [mS/cm] against c [mol/kg], w (mass fraction of EC in the solvent)
          and r (share of DMC in the linear carbonates DMC and EMC): 197 rows simulated by the Advanced Electrolyte
          Model, said to be exact, and 121 runs of a robot at 26 to 28 °C, the target, grouped by their 38
          compositions. Of the 125 published runs three repeat another one (the same identifier) and one failed: a run
          below half the median of its composition is left out.
        * ``severson2019``: an xarray.Dataset of 124 cells: ``Q`` [Ah] over (cell, cycle, voltage), ``delta_q`` [Ah]
          (cycle 100 less cycle 10) over (cell, fine_voltage), ``life`` [cycles] and ``split``. See
          `faradaic.performance.severson2019_cells`.
        * ``weng2021_esoh``: a table of 246 check-ups of 39 cells: ``Q [Ah]`` at ``cycle [cycles]``, ``T [degC]`` (where
          the source says room temperature, 25 is written) and ``formation``, baseline or fast.
        * ``weng2021_formation``: a table of 39 cells with 1,236 columns, the source's own.
        * ``xjtu2024``: a table of 23,297 charges of 55 cells in six batches: 16 features of the charge, ``capacity
          [Ah]``, ``cell``, ``batch``, and ``row``, which is not the cycle's number: the authors left cycles out.
        * ``attia2020_capacity``: a table of 35,313 cycles of 45 cells, five of each of nine protocols: ``cell``,
          ``protocol``, ``cycle``, ``Q [Ah]``.
        * ``ampworks_dqdv``: a table of four slow discharges, ``curve`` (fresh, aged, negative, positive), ``Q [Ah]``,
          ``V [V]``: a full cell before and after ageing, and its electrodes against lithium.
        * ``zhang2020``: a table of 1,657 spectra of seven cells: ``cell``, ``role`` (train or test), ``capacity
          [mAh]``, ``remaining life [cycles]`` where it is stated, and real and imaginary part at 60 frequencies.
        * ``duquesnoy2020``: a table of 880 simulated electrodes: ``Gap`` (as the authors transformed it), ``AM``,
          ``CBD`` (mass per cent), ``porous`` and ``Active_Surface`` (per cent), and ``split``: the authors' ``train``
          (352) and ``test`` (88), and ``validation`` (440 at other gaps).
        * ``nrel_failure_databank``: a table of 365 thermal runaways, the source's own columns, with format, capacity
          and energy of the cell. ``Cell-Description`` is the type of the cell.
        * ``aorfb_pnnl2024``: a table of 38,912 simulated states of a flow cell, the source's own columns; the
          electrical potential is missing in 7,844 and lies between -53 and 39 V where the solution ran off: filter
          first.

    Raises
    ------
    ArgumentError
        There is no such data set.
    InputError
        It cannot be downloaded or is not the published one.
    OptionalImportError
        A spreadsheet needs the extra ``files``.

    Examples
    --------
    >>> CATALOGUE["flores2022"].licence, CATALOGUE["calisol23"].doi
    ('MIT', '10.1038/s41597-024-03575-8')
    >>> data = load("flores2022")  # doctest: +SKIP
    """
    makers = {_FLORES.name: _flores, _CALISOL.name: _calisol, _CLIO.name: _clio}
    makers |= {name: maker for some in _SETS for name, maker in some.MAKERS.items()}
    return makers[find(name).name](*fetch(name))


def _flores(path: Path) -> Dataset:
    composition = ["r", "c [mol/kg]"]
    data = read(path, x=["T [K]", "c [mol/kg]", "r"], y="k [mS/cm]", groups=composition, name="Flores 2022")
    return replace(data, group_column="composition")


def _clio(runs: Path, simulated: Path) -> Dataset:
    import pandas as pd

    inputs, k = {"LiPF6_molality": "c [mol/kg]", "EC_mass_fraction": "w", "DMC_cosolvent_ratio": "r"}, "k [mS/cm]"
    names = {**inputs, "LiPF6_molalitt": "c [mol/kg]", "conductivity": k}  # the published header is misspelt
    x = list(inputs.values())
    measured, computed = (pd.read_csv(path).rename(columns=names) for path in (runs, simulated))
    measured = measured.drop_duplicates("GUID")
    measured = measured[measured[k] >= FAILED * measured.groupby(x)[k].transform("median")]
    model = read(computed, x=x, y=k, reliability="deterministic", groups=x, name="Advanced Electrolyte Model")
    robot = read(measured, x=x, y=k, groups=x, name="Dave 2022")
    return replace(stack(model, robot), group_column="composition")


def _calisol(path: Path) -> pd.DataFrame:
    from ._files import table

    frame = table(path).frame.reset_index(drop=True)
    frame = frame.rename(columns={"k": "k [mS/cm]", "T": "T [K]"}).drop(columns="", errors="ignore")
    words = ["doi", "salt", "c units", "solvent ratio type"]
    frame[words] = frame[words].apply(lambda column: column.str.strip())
    numbers = frame.columns.difference(words)
    frame[numbers] = frame[numbers].astype("float64")
    return frame


def _local(file: File, folder: str | None) -> Path | None:
    if not folder:
        return None
    path = Path(folder) / file.path
    if not path.is_file():
        return None
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != file.sha256:
        raise InputError(
            f"{path} is not the published file (SHA-256 {found[:12]}... instead of {file.sha256[:12]}...); "
            f"take it away, or unset {FOLDER_VARIABLE}, and it will be downloaded."
        )
    return path


def _downloaded(file: File, entry: Entry, progress: bool) -> Path:
    if not file.address:
        raise InputError(
            f"{file.path} is not there, and cannot be downloaded: it is {entry.origin}; save it below a folder that "
            f"the environment variable {FOLDER_VARIABLE} names."
        )
    import pooch
    from requests.exceptions import RequestException

    target = Path(pooch.os_cache("faradaic")) / file.path
    try:
        path = pooch.retrieve(
            file.address, f"sha256:{file.sha256}", fname=target.name, path=target.parent, progressbar=progress
        )
    except (OSError, RequestException, ValueError) as error:
        reason = str(error).split("\n")[0].rstrip(".")
        raise InputError(
            f"{target.name} could not be downloaded from {file.address} ({reason}); download it by hand and save it as "
            f"{file.path} below a folder that the environment variable {FOLDER_VARIABLE} names."
        ) from error
    return Path(path)
