"""Make ``deterministic.csv``: discharge capacity of a lithium-ion cell against C-rate and electrode thickness.

The cell is solved with PyBaMM's Doyle-Fuller-Newman model and the parameters of Chen et al. 2020
(10.1149/1945-7111/ab9050, LG M50, isothermal at 25 degC), from full charge down to 2.5 V. Both electrodes are
scaled together, so that the balance of the cell stays as published and 1/h is always the nominal areal capacity
in one hour. The moment of cut-off is found by the integrator's root finding, hence the capacity is as smooth as
the integration is accurate. The region stops short of the depletion of the electrolyte (beyond 2/h and 70 um
together), where the capacity falls steeply and the finite volumes would show.

    pip install pybamm==26.10.1.1 scipy pandas
    python benchmarks/make_examples/discharge_capacity.py            # writes the table (about two minutes)
    python benchmarks/make_examples/discharge_capacity.py --check    # and solves each point again, 100 times tighter
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")

import numpy as np
import pandas as pd
import pybamm
from scipy.stats import qmc

TARGET = Path(__file__).parents[2] / "src" / "faradaic" / "data" / "examples" / "deterministic.csv"
C_RATE = (0.2, 2.0)  # 1/h, spread evenly in the logarithm
THICKNESS = (40.0, 70.0)  # um, positive electrode
TOLERANCE = 1e-8  # relative and absolute, of the integrator
MESH = {"x_n": 40, "x_s": 20, "x_p": 40, "r_n": 30, "r_p": 30}
SEED = 2020


def design(interior: int = 48) -> np.ndarray:
    """Return the corners of the region and a Latin hypercube inside it, shape (4 + interior, 2)."""
    unit = qmc.LatinHypercube(d=2, optimization="random-cd", rng=SEED).random(interior)
    unit = np.vstack([[[0, 0], [0, 1], [1, 0], [1, 1]], unit])
    rate = np.exp(np.log(C_RATE[0]) + unit[:, 0] * np.log(C_RATE[1] / C_RATE[0]))
    thickness = THICKNESS[0] + unit[:, 1] * (THICKNESS[1] - THICKNESS[0])
    return np.column_stack([np.round(rate, 3), np.round(thickness, 2)])


def capacity(rate: float, thickness: float, tolerance: float = TOLERANCE) -> float:
    """Return the capacity delivered down to the cut-off voltage, in A h per m2 of electrode."""
    values = pybamm.ParameterValues("Chen2020")
    scale = thickness * 1e-6 / values["Positive electrode thickness [m]"]
    area = values["Electrode height [m]"] * values["Electrode width [m]"]
    current = rate * values["Nominal cell capacity [A.h]"] * scale
    values.update(
        {
            "Positive electrode thickness [m]": thickness * 1e-6,
            "Negative electrode thickness [m]": values["Negative electrode thickness [m]"] * scale,
            "Nominal cell capacity [A.h]": values["Nominal cell capacity [A.h]"] * scale,
            "Current function [A]": current,
        }
    )
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.DFN(),
        parameter_values=values,
        solver=pybamm.IDAKLUSolver(rtol=tolerance, atol=tolerance),
        var_pts=MESH,
    )
    solution = simulation.solve([0, 1.5 * 3600 / rate])
    if solution.termination != "event: Minimum voltage [V]":
        raise RuntimeError(f"the discharge at {rate}/h and {thickness} um ended by {solution.termination!r}.")
    return float(current * solution.t[-1] / 3600 / area)


def main() -> None:
    """Write the table; with ``--check`` also say how far the numbers move under a tighter tolerance."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="solve each point again with a hundredth of the tolerance")
    checked = parser.parse_args().check
    points = design()
    found = np.array([capacity(*point) for point in points])
    table = pd.DataFrame({"C-rate [1/h]": points[:, 0], "L_p [um]": points[:, 1], "Q [A*h/m**2]": np.round(found, 6)})
    table.to_csv(TARGET, index=False, lineterminator="\n")
    print(f"{len(table)} rows written to {TARGET}")
    if checked:
        tighter = np.array([capacity(*point, tolerance=TOLERANCE / 100) for point in points])
        print(f"largest change with tolerance {TOLERANCE / 100:.0e}: {np.abs(tighter - found).max():.1e} A h/m2")


if __name__ == "__main__":
    main()
