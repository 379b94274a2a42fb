"""Ageing laws: planted laws found again, coverage of parameters and of years ahead, and what real cells say.

    FARADAIC_DATA=... python benchmarks/ageing.py [--smoke] [--tables 40]

Synthetic: 12 cells, 4 at each of 10, 25 and 45 °C, eight measurements over 540 days, an activation energy of 40 kJ/mol,
a scatter of the cells' loss of 5 % and of the rows of 0.2 % of capacity. Printed for each planted law, over as many
tables as asked for: how often it is chosen, with its conditions; how often the 90 % intervals of its parameters hold
the planted value, where it was chosen; and for 25 °C at the end of the record, at twice its length and at 10 years how
often the interval of the law holds the planted law, and that of a cell a measurement of a new cell, whatever law was
chosen, with the median width.

Real (FARADAIC_DATA): 39 NMC/graphite cells after two formation protocols at room temperature (taken as 25 °C) and 45 °C
(Weng et al. 2021), while they have more than 85 % of their first capacity; then the laws are asked for the rest of the
records, where knees come, of which no law knows. The six batches of 55 cells of Wang et al. 2024. The laws are asked
for the second half of each record from the first.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np
import pandas as pd

import faradaic as fd
from faradaic.laws import Law, ageing_law
from faradaic.performance import Ageing, ageing

DAYS = np.array([30.0, 60.0, 120.0, 180.0, 270.0, 360.0, 450.0, 540.0])
KELVIN = (283.15, 298.15, 318.15)
EACH, BETWEEN, NOISE, LEVEL = 4, 0.05, 0.002, 0.9
PLANTED = {
    "square_root": [0.04, 4e4],
    "linear": [0.06, 4e4],
    "square_root_linear": [0.03, 0.03, 4e4],
    "power": [0.05, 0.75, 4e4],
    "sigmoidal": [0.2, 1.0, 0.2, 4e4],
}
AHEAD = (540.0, 1080.0, 3652.5)


def planted(law: Law, theta: list[float], rng: np.random.Generator) -> pd.DataFrame:
    """Return a table of cells that follow the law, each with a rate of its own."""
    parts = []
    for number, kelvin in enumerate(np.repeat(KELVIN, EACH)):
        loss = (1 + BETWEEN * rng.normal()) * (1 - law(np.column_stack([86400 * DAYS, np.full(8, kelvin)]), theta))
        q = 1 - loss + NOISE * rng.normal(size=len(DAYS))
        parts.append(pd.DataFrame({"t [d]": DAYS, "T [K]": kelvin, "q": q, "cell": f"c{number}"}))
    return pd.concat(parts, ignore_index=True)


def study(form: str, tables: int) -> None:
    law, theta = ageing_law(form, ["T"]), PLANTED[form]
    at = pd.DataFrame({"t [d]": AHEAD, "T [K]": 298.15})
    true = law(np.column_stack([86400 * np.array(AHEAD), np.full(len(AHEAD), 298.15)]), theta)
    chosen, held, of_law, of_cell, widths = [], [], [], [], []
    begin = time.perf_counter()
    for seed in range(tables):
        rng = np.random.default_rng([seed, 5])
        found = ageing(planted(law, theta, rng), temperature="T [K]", level=LEVEL, outer=None, seed=seed)
        chosen.append(found.law.name)
        if found.law == law:
            held.append([one.low <= value <= one.high for one, value in zip(found.parameters, theta, strict=True)])
        told = found.predict(at)
        new = 1 - (1 + BETWEEN * rng.normal()) * (1 - true) + NOISE * rng.normal(size=len(AHEAD))
        of_law.append((told["low law"] <= true) & (true <= told["high law"]))
        of_cell.append((told["low cell"] <= new) & (new <= told["high cell"]))
        widths.append(told["high law"] - told["low law"])
    right = np.mean([name == law.name for name in chosen])
    seconds = (time.perf_counter() - begin) / tables
    print(f"\n{form}: chosen {100 * right:.0f} % of {tables} times, {seconds:.1f} s each")
    for name in sorted(set(chosen) - {law.name}):
        print(f"    instead {chosen.count(name)} times {name}")
    for name, share in zip(law.names, np.mean(held, axis=0) if held else (), strict=False):
        print(f"    {name:6s} in its interval {100 * share:.0f} % of {len(held)} times")
    for k, days in enumerate(AHEAD):
        print(
            f"    {days:6.0f} d: law {100 * np.mean(of_law, axis=0)[k]:.0f} %, "
            f"new cell {100 * np.mean(of_cell, axis=0)[k]:.0f} %, width of the law's {np.median(widths, axis=0)[k]:.4f}"
        )


def weng() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the check-ups of 39 cells while they have more than 85 %, and the later ones."""
    table = fd.data.load("weng2021_esoh")
    table["q"] = table["Q [Ah]"] / table.groupby("cell")["Q [Ah]"].transform("first")
    above = (table["q"] > 0.85).groupby(table["cell"]).cummin()
    return table[above], table[~above]


def show(found: Ageing) -> None:
    print(found)
    print(found.hindcast().to_string(index=False))


def real(smoke: bool) -> None:
    above, later = weng()
    for protocol, part in above.groupby("formation"):
        print(f"\nWeng 2021, {protocol} formation")
        found = ageing(part, time="cycle [cycles]", capacity="Q [Ah]", temperature="T [degC]", level=LEVEL)
        show(found)
        rest = later[later["formation"] == protocol]
        first = part["cycle [cycles]"].min()  # from where cycles count
        told = found.predict(rest.assign(**{"cycle [cycles]": rest["cycle [cycles]"] - first}))
        seen, said = rest["q"].to_numpy(), told["relative capacity"].to_numpy()
        covered = (told["low cell"].to_numpy() <= seen) & (seen <= told["high cell"].to_numpy())
        print(
            f"Below 85 %: {len(rest)} later check-ups have {np.mean(said - seen):.3f} less capacity than the law says; "
            f"{100 * covered.mean():.0f} % lie in the intervals; "
            f"marked outside: {100 * (told['domain'] == 'outside').mean():.0f} %."
        )
    if smoke:
        return
    cells = fd.data.load("xjtu2024").rename(columns={"row": "charge [cycles]"})
    for batch, part in cells.groupby("batch"):
        print(f"\nWang 2024, batch {batch}")
        show(ageing(part, time="charge [cycles]", capacity="capacity [Ah]"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smoke", action="store_true", help="one table of two laws, and the smaller real set")
    parser.add_argument("--tables", type=int, default=40)
    asked = parser.parse_args()
    for form in ("square_root", "power") if asked.smoke else PLANTED:
        study(form, 1 if asked.smoke else asked.tables)
    folder = os.environ.get("FARADAIC_DATA")
    if folder and (Path(folder) / "weng2021_formation").is_dir():
        real(asked.smoke)


if __name__ == "__main__":
    main()
