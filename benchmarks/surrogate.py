"""Surrogates: of a porous-electrode model (needs the extra `cells`), and of three public tables.

    python benchmarks/surrogate.py [--smoke] [--run FOLDER] [--fresh 50] [--hard]
    FARADAIC_DATA=... python benchmarks/surrogate.py --data [--smoke]

The model is the full one (Doyle, Fuller & Newman) with the parameters of Chen et al. 2020, 20 points in each electrode,
the separator and each particle, one process; 200 simulations over five parameters: thickness and porosity of the
positive electrode, porosity of the negative one, radius of its particles, and the C-rate, 0.25 to 1 in its logarithm.
The negative electrode's thickness follows the positive one's capacity. `--hard` asks for 0.5 to 2 C and porosities from
0.25 on, where the electrolyte runs dry in some of the cells: a bend that 200 simulations do not resolve.

Printed are the leave-out error of each response and the error at `--fresh` other simulations (random ones, which took
no part); the time of one simulation (median) with and without building the model, against that of one answer of the
surrogate in batches of 10,000; Sobol' indices in closed form (where the chosen trend has one) and by Saltelli's
sampling; and an inverse design that is then simulated. `--smoke` takes 12 simulations of the single-particle model.

`--data`: the same calls on the calendered electrodes of Duquesnoy et al. 2020 (the published SISSO errors beside ours,
the choice made on training rows), on the Battery Failure Databank (energy of thermal runaway; the error is that of
types of cells that took no part, by real refits), and on a simulated flow cell (voltage in charge at a state of charge
of 0.25; values that are missing or outside 0 to 2 V left out: there the solution ran off).
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
import pandas as pd

import faradaic as fd
from faradaic.performance import Range, Surrogate, dfn, simulate, simulation_design, surrogate

POSITIVE, PORES = "Positive electrode thickness [um]", "Positive electrode porosity"
ENERGY, MARGIN = "energy density [Wh/L]", "plating margin [V]"


def ranges(hard: bool) -> list[Range]:
    return [
        Range(POSITIVE, 50.0, 80.0),
        Range("Negative electrode porosity", 0.25, 0.40),
        Range(PORES, 0.25 if hard else 0.30, 0.45),
        Range("Negative particle radius [um]", 3.0, 9.0),
        Range("C-rate", *((0.5, 2.0) if hard else (0.25, 1.0)), log=True),
    ]


def best_of(function: Any, times: int) -> float:
    spent = []
    for _ in range(times):
        begin = time.perf_counter()
        function()
        spent.append(time.perf_counter() - begin)
    return min(spent)


def porous_electrodes(given: argparse.Namespace) -> None:
    model = dfn(model="SPM", mesh=8) if given.smoke else dfn()
    n, fresh = (12, 4) if given.smoke else (200, given.fresh)
    design = simulation_design(ranges(given.hard), n)
    done = simulate(model, design, run=given.run, progress=True)
    print(done)
    begin = time.perf_counter()
    found = surrogate(done)
    print(f"{found}\nfitted in {time.perf_counter() - begin:.1f} s")
    kept = None if given.run is None else f"{given.run}-new"
    new = simulate(model, simulation_design(ranges(given.hard), fresh, "random", seed=1), run=kept, progress=True)
    X, Y = new.design.X[new.finished], new.Y[new.finished]
    off = found.predict(X) - Y
    print(f"\n{'of the spread / %':24s}{'left out':>10s}{f'{len(X)} new':>10s}{'worst new':>10s}")
    for k, part in enumerate(found.parts):
        new_error, worst = np.sqrt((off[:, k] ** 2).mean()), np.abs(off[:, k]).max()
        shares = (part.share, new_error / part.spread, worst / part.spread)
        print(f"{part.trend.response.header:24s}" + "".join(f"{100 * one:10.4f}" for one in shares))
    speed(found, model, design.table().iloc[0].to_dict(), np.median(done.seconds))
    indices(found)
    asked(found, model)


def speed(found: Surrogate, model: Any, point: dict[str, float], median: float) -> None:
    X = simulation_design(list(found.ranges), 10_000, "random", seed=2).X
    all_of_them = best_of(lambda: found.predict(X), 5) / len(X)
    alone = best_of(lambda: model(point), 5)
    print(f"\none simulation (build, discharge, charge): median {median:.3f} s, best of 5 alone {alone:.3f} s")
    each = f"{len(found.parts)} responses"
    print(f"one answer of the surrogate ({each}, batches of {len(X):,}, best of 5): {1e6 * all_of_them:.2f} us")
    print(f"faster by {median / all_of_them:,.0f} (median), {alone / all_of_them:,.0f} (best against best)")


def indices(found: Surrogate) -> None:
    print()
    for name in found.responses:
        closed, sampled = found.sobol(name), found.sobol(name, method="sampled", n=4096, seed=1)
        off = max(np.abs(closed.first - sampled.first).max(), np.abs(closed.total - sampled.total).max())
        print(f"{closed}\n  against 4,096 {'base' if closed.n == 0 else 'other base'} samples: within {off:.4f}")


def asked(found: Surrogate, model: Any) -> None:
    best = found.inverse({ENERGY: "max"}, {MARGIN: (0.0, None)}, held={"C-rate": 0.5})
    print(f"\nthe largest energy density without plating at C/2: {best}")
    truth = model(best.parameters)
    print("simulated there: " + "; ".join(f"{name} {value:.4g}" for name, value in truth.items()))


def rmse(off: Any) -> float:
    return float(np.sqrt((np.asarray(off) ** 2).mean()))


def electrodes() -> None:
    table = fd.data.load("duquesnoy2020")
    parts, x, y = dict(iter(table.groupby("split"))), ["Gap", "AM", "porous"], "Active_Surface"
    kinds: tuple[Any, ...] = ("experiment", "deterministic")
    tried = {kind: surrogate(parts["train"], x, y, reliability=kind) for kind in kinds}
    found = tried[min(tried, key=lambda kind: tried[kind].parts[0].error)]
    print("\nDuquesnoy et al. 2020, active surface / %, RMSE; published SISSO of three terms: train 0.4884, test 0.499")
    for kind, one in tried.items():
        print(f"{kind}: leave-out error on the training rows {one.parts[0].error:.4f}")
    for split in ("train", "test", "validation"):
        off = found.predict(parts[split][x].to_numpy())[:, 0] - parts[split][y]
        print(f"{split:12s}{len(parts[split]):5d} rows {rmse(off):8.4f}")
    print(found.sobol())
    print(found.inverse({y: "max"}))


def failures(smoke: bool) -> None:
    table = fd.data.load("nrel_failure_databank")
    y, by = "Corrected-Total-Energy-Yield-kJ", "Cell-Description"
    x = ["Cell-Capacity-Ah", "Pre-Test-Cell-Mass-g", "Pre-Test-State-of-Charge-%"]
    found = surrogate(table, x, y, reliability="experiment", groups=by)
    print(
        f"\nBattery Failure Databank, rows of one type of cell left out together\n{found.summary(0.1)}\n{found.sobol()}"
    )
    labels, Y = table[by], table[y].to_numpy()
    A = np.column_stack([np.ones(len(table)), table[x].to_numpy(float)])
    mean, line, process = (np.full(len(table), np.nan) for _ in range(3))
    for label in labels.unique()[: 3 if smoke else None]:
        out = (labels == label).to_numpy()
        mean[out], line[out] = Y[~out].mean(), A[out] @ np.linalg.lstsq(A[~out], Y[~out], rcond=None)[0]
        again = surrogate(table[~out], x, y, reliability="experiment", groups=by)
        process[out] = again.predict(table.loc[out, x].to_numpy(float))[:, 0]
    told = np.isfinite(mean)
    errors = {"mean of the other types": mean, "line": line, "Gaussian process, chosen and fitted anew": process}
    print("kJ, RMSE on types that took no part: " + ", ".join(
        f"{name} {rmse((said - Y)[told]):.1f}" for name, said in errors.items()))  # fmt: skip


def flow_cell(smoke: bool) -> None:
    table = fd.data.load("aorfb_pnnl2024")
    x, y = list(table.columns[:10]), "Electrical Potential"
    some = table[(table["discharge"] == 1) & (table["SOC Neg"] == 0.25)]
    kept: pd.DataFrame = some[some[y].between(0.0, 2.0)]
    kept = kept.head(120) if smoke else kept
    found = surrogate(kept, x, y)
    print(f"\nflow cell: {len(kept)} of {len(some)} simulations kept\n{found}\n{found.sobol()}")
    print(found.inverse({y: "min"}, held={"E0_neg": -1.0}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smoke", action="store_true", help="few simulations of the single-particle model, few rows")
    parser.add_argument("--run", metavar="FOLDER", help="keep finished simulations here, and go on with them")
    parser.add_argument("--fresh", type=int, default=50, help="simulations that take no part")
    parser.add_argument("--hard", action="store_true", help="up to 2 C and down to porosities of 0.25")
    parser.add_argument("--data", action="store_true", help="the public tables instead of the model")
    given = parser.parse_args()
    if not given.data:
        porous_electrodes(given)
        return
    electrodes()
    failures(given.smoke)
    flow_cell(given.smoke)


if __name__ == "__main__":
    main()
