"""XJTU cells (Wang et al. 2024): capacity of a cell that was never seen from the end of each of its charges.

    FARADAIC_DATA=... python benchmarks/xjtu.py [--smoke] [--every 10]

The published split: of each batch the cells whose number holds a 4 or an 8 are the test. The published numbers
(10.1038/s41467-024-48779-z, mean MAPE of ten trainings) were reached on features that were scaled, for each cell alone,
to the range that they have over its *whole life*, the number of the charge among them, and after rows beyond three
standard deviations were left out: the test cell's future is in its inputs, and the scaled number of the charge is the
share of its life that has passed. Printed are errors under three conditions:

    charge      the 16 features of the charge alone
    so far      with their changes since the cell's first five charges, and the number of charges so far
    whole life  the published scaling of features and number, for comparison: no cell in use has it

Design and size are chosen on the training cells alone, thinned, by `faradaic.explore` with cells kept together; the
test cells are looked at once. Then the trend of batch 1 is asked on the other batches. Coverage is that of intervals
for new cells at the highest level that so few training cells allow.
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold

import faradaic as fd
from faradaic._core import IntervalError, OutsideDomainWarning
from faradaic.approximations import Components, Design, GaussianProcess, Inputs, Polynomial

PUBLISHED = {"2C": 0.70, "3C": 1.13, "R2.5": 0.86, "R3": 0.71, "RW": 1.05, "Sim": 0.63}
Y = "capacity [Ah]"
FIRST = 5
CONDITIONS = ("charge", "so far", "whole life")


def tables() -> dict[str, pd.DataFrame]:
    """Return the table under each of the three conditions."""
    table = fd.data.load("xjtu2024").replace([np.inf, -np.inf], np.nan).dropna().reset_index(drop=True)
    features = [name for name in table if name not in ("cell", "batch", "row", Y)]
    keys = table[["cell", "batch", Y]]
    charge = table[features]
    begin = table.groupby("cell")[features].transform(lambda column: column.iloc[:FIRST].median())
    change = (charge - begin).add_prefix("change of ")
    grouped = table.groupby("cell")[[*features, "row"]]
    low, high = grouped.transform("min"), grouped.transform("max")
    whole = (table[[*features, "row"]] - low) / (high - low)
    parts = {"charge": [charge], "so far": [charge, change, table["row"].rename("charges").astype(float)]}
    parts["whole life"] = [whole]
    return {name: pd.concat([keys, *columns], axis=1) for name, columns in parts.items()}


def is_test(table: pd.DataFrame) -> np.ndarray:
    return table["cell"].str.extract(r"-(\d+)$")[0].str.contains("4|8").to_numpy()


def designs(inputs: list[str]) -> list[Design]:
    """Return the candidates: lines, few components, and processes, of all inputs or of the changes alone."""
    alone = [j for j, name in enumerate(inputs) if name.startswith("change") or name == "charges"]
    sets = [tuple(range(len(inputs)))] + ([tuple(alone)] if alone else [])
    return [
        Design(Inputs(family, columns=columns))
        for columns in sets
        for family in (Polynomial(), Components(), GaussianProcess(restarts=1))
    ]


def trend_of(table: pd.DataFrame, every: int) -> tuple[fd.trend.Trend, str]:
    """Choose on the thinned rows of training cells, and fit the choice to them."""
    inputs = [name for name in table if name not in ("cell", "batch", Y)]
    thin = table.groupby("cell").nth(list(range(0, 5000, every)))
    data = fd.read(thin, x=inputs, y=Y, groups="cell", name="XJTU")
    found = fd.explore(data, designs(inputs), splits=GroupKFold(3), outer=None, measure="relative")
    return fd.fit(found, data), found.selection.label.split(" of ")[0] + f" {found.selection.size}"


def level_of(cells: int) -> float:
    """Return the highest level of intervals that so many cells allow, in steps of a tenth."""
    return min(0.9, np.floor(10 * (cells - 1) / (cells + 1)) / 10)


def judged(trend: fd.trend.Trend, table: pd.DataFrame, level: float) -> tuple[float, float, float]:
    """Return MAPE (%), coverage and share of rows outside the domain."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideDomainWarning)
        predicted = trend.predict(table)
        try:
            low, high = trend.interval(table, level, outside="widen")
        except IntervalError:
            low, high = trend.interval(table, level)
    observed = table[Y].to_numpy()
    told = np.isfinite(low)
    inside = ((low <= observed) & (observed <= high))[told]
    covered = float(inside.mean()) if told.any() else float("nan")
    return (
        float(100 * np.abs(predicted / observed - 1).mean()),
        covered,
        float((trend.where(table) == "outside").mean()),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=10, help="every so many charges of a cell are learned from")
    parser.add_argument("--smoke", action="store_true", help="one batch, few rows")
    given = parser.parse_args()
    every = 60 if given.smoke else given.every
    made, batches = tables(), list(PUBLISHED)[: 1 if given.smoke else None]
    print(
        f"{'batch':6s} {'condition':11s} {'MAPE %':>7s} {'published':>9s} {'covered':>8s} {'level':>6s} {'outside':>8s}"
    )
    first: dict[str, fd.trend.Trend] = {}
    for batch in batches:
        for condition in CONDITIONS:
            begin = time.perf_counter()
            table = made[condition][made[condition]["batch"] == batch]
            test = is_test(table)
            trend, label = trend_of(table[~test], every)
            first.setdefault(condition, trend)
            level = level_of(table[~test]["cell"].nunique())
            error, covered, outside = judged(trend, table[test], level)
            print(
                f"{batch:6s} {condition:11s} {error:7.2f} {PUBLISHED[batch]:9.2f} {covered:8.2f} {level:6.1f} "
                f"{outside:8.2f}  {label}, {time.perf_counter() - begin:.0f} s",
                flush=True,
            )
    print(f"trained on batch {batches[0]}, asked on others")
    for batch in list(PUBLISHED)[1:]:
        for condition in CONDITIONS[:2]:
            table = made[condition][made[condition]["batch"] == batch]
            error, covered, outside = judged(first[condition], table, level_of(6))
            print(f"{batch:6s} {condition:11s} {error:7.2f} {'':9s} {covered:8.2f} {level_of(6):6.1f} {outside:8.2f}")


if __name__ == "__main__":
    main()
