"""Redlich-Kister potentials of insertion materials: how many parameters the data ask for, and how many they identify.

    FARADAIC_DATA=folder python benchmarks/redlich_kister.py [--smoke]

The digitised open-circuit potentials of Yao et al., with which they fitted Redlich-Kister expansions; the folder
`ocv_halfcell/diffthermo` holds them. Five of the files hold a capacity in mAh/g: it is divided by the theoretical one,
and where the potential rises along it (a charge) counted from the other end; Li_xFeSiO4 holds 1 + x. Nothing is fitted
to make a stoichiometry.

Printed is, for each material, for the size that is chosen (the fewest parameters within one standard error of the
smallest test error), and for that with the smallest test error: the number of parameters; how many combinations of
them the rows feel; how many of these they determine to within 100 % of their size, and how many parameters one by
one; and the test error. Last comes the number of parameters that the paper uses.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
import pandas as pd

import faradaic as fd
from faradaic.approximations import LawRegressor
from faradaic.landscape import SmallestError
from faradaic.laws import redlich_kister

FARADAY = 96485.33212 / 3600.0  # Ah/mol
# theoretical capacities, mAh/g, from molar masses in g/mol; Si up to Li15Si4, LMFP taken as LiMn0.5Fe0.5PO4
CAPACITY = {
    "LFP": 1e3 * FARADAY / 157.76, "LMP": 1e3 * FARADAY / 156.85, "LMFP": 1e3 * FARADAY / 157.30,
    "LTO": 3e3 * FARADAY / 459.09, "Si": 15e3 / 4 * FARADAY / 28.086,
}  # fmt: skip
MOST = 40
PUBLISHED = {
    "LFP": "4", "LMP": "5", "LixFeSiO4": "6", "LCO": "8", "LMFP": "9", "graphite": "9", "NMC": "5-6", "NCA": "5-6",
    "NCO": "5-6", "LMO": "5", "LTO": "4", "Si": "-",
}  # fmt: skip


def read(path: Path) -> tuple[fd.data.Dataset, str]:
    """Return the potentials against a stoichiometry, and what was taken for it."""
    x, volts = pd.read_csv(path, header=None).iloc[:, :2].to_numpy(dtype=np.float64).T
    taken = "as given"
    if path.stem in CAPACITY:
        x, taken = x / CAPACITY[path.stem], "capacity"
        if np.corrcoef(x, volts)[0, 1] > 0:
            x, taken = 1.0 - x, "1 - capacity"
    elif x.max() > 1.5:
        x, taken = x - 1.0, "x - 1"
    table = pd.DataFrame({"x": x, "U [V]": volts})
    return fd.read(table, x=["x"], y="U [V]", reliability="experiment"), taken


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="one material and few sizes")
    smoke = parser.parse_args().smoke
    folder = Path(os.environ["FARADAIC_DATA"]) / "ocv_halfcell" / "diffthermo"
    most = 10 if smoke else MOST
    family = LawRegressor(laws=tuple(redlich_kister(order) for order in range(most)))
    sizes = list(range(min(12, most))) + list(range(13, most, 2))
    heads = ("param", "rank", "<100 %", "single", "mV")
    twice = "".join(f"{head:>8s}" for head in heads * 2)
    print(f"{'':27s}{'chosen':>40s}{'smallest test error':>40s}")
    print(f"{'material':10s}{'rows':>5s}{'x':>12s}{twice}  published", flush=True)
    for path in sorted(folder.glob("*.csv"))[: 1 if smoke else None]:
        data, taken = read(path)
        landscape = fd.landscape(family, data, sizes=sizes, measure="absolute")
        line = f"{path.stem:10s}{len(data):5d}{taken:>12s}"
        for rule in (None, SmallestError()):
            choice = landscape.select(rule)
            counted, rank = landscape.identified[landscape.sizes.index(choice.size)]
            asked = fd.identify(redlich_kister(choice.size), data, restarts=1)
            single = sum(one.status == "identified" for one in asked.estimates)
            line += f"{counted:8.0f}{rank:8.0f}{asked.practical_rank:8d}{single:8d}{1e3 * choice.test_error:8.2f}"
        print(f"{line}  {PUBLISHED[path.stem]:>9s}", flush=True)


if __name__ == "__main__":
    main()
