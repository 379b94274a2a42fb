"""Which parameters of a cell one discharge identifies, and which discharge should be next; needs the extra `cells`.

    python benchmarks/pybamm_identify.py [--smoke] [--profiles]

The cell is that of Chen et al. 2020, J. Electrochem. Soc. 167, 080534, as PyBaMM ships it; measured is the voltage of
a 1C discharge with a noise of 1 mV, simulated with these parameters (the planted truth), and asked for are both
particle diffusivities, both exchange-current densities (as factors of the published functions), the conductivity of
the electrolyte (likewise) and the thicknesses of both electrodes, all in their logarithm and started 30 % off.

Two models: the single-particle model (SPM), which has no electrolyte, so that no row can feel its conductivity; and
the one with electrolyte (SPMe), which has. A thickness shapes the mesh and cannot be an input of a built model: each
pair of thicknesses is built once and kept. `--profiles` adds profiles of the five other parameters, the thicknesses
known.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np
import pandas as pd
import pybamm

import faradaic as fd
from faradaic.identifiability import Identifiability, Simulator

NOISE = 1e-3  # V
CHEN = pybamm.ParameterValues("Chen2020")
NAMES = {
    "D_neg": "Negative particle diffusivity [m2.s-1]",
    "D_pos": "Positive particle diffusivity [m2.s-1]",
    "j0_neg": "Negative electrode exchange-current density [A.m-2]",
    "j0_pos": "Positive electrode exchange-current density [A.m-2]",
    "kappa": "Electrolyte conductivity [S.m-1]",
    "L_neg": "Negative electrode thickness [m]",
    "L_pos": "Positive electrode thickness [m]",
}
FACTORS, THICKNESSES = ("j0_neg", "j0_pos", "kappa"), ("L_neg", "L_pos")
TRUTH = {name: 1.0 if name in FACTORS else float(CHEN[long]) for name, long in NAMES.items()}
OFF = dict(zip(TRUTH, (1.3, 0.7, 0.7, 1.3, 0.7, 1.05, 0.95), strict=True))  # thicknesses are known to a few per cent
START = {name: OFF[name] * value for name, value in TRUTH.items()}
SECONDS = {"C/10": 33000.0, "C/2": 6600.0, "1C": 3300.0, "2C": 1300.0}
RATES = {"C/10": 0.1, "C/2": 0.5, "1C": 1.0, "2C": 2.0}
ROWS = 330


class Discharge:
    """The voltages of a discharge at one rate, of given parameters."""

    def __init__(self, model: Callable[[], Any], rate: str, rows: int = ROWS) -> None:
        self.rate, self.time = rate, np.linspace(0.0, SECONDS[rate], rows + 1)[1:]
        self._built = lru_cache(maxsize=8)(partial(_built, model, RATES[rate]))

    def __call__(self, **parameters: float) -> np.ndarray:
        parameters = TRUTH | parameters
        simulation = self._built(*(parameters[name] for name in THICKNESSES))
        inputs = {name: parameters[name] for name in NAMES if name not in THICKNESSES}
        out = np.full(len(self.time), np.nan)  # of parameters far off, with which the discharge ends early or fails
        try:
            solution = simulation.solve([0.0, self.time[-1]], inputs=inputs, t_interp=np.append(0.0, self.time))
        except pybamm.SolverError:
            return out
        volts = solution["Voltage [V]"].entries[1:]
        out[: len(volts)] = volts[: len(out)]
        return out

    def simulator(self, names: list[str]) -> Simulator:
        """Return the same as a question about some of the parameters."""
        start = {name: START[name] for name in names}
        return Simulator(self, start, log=names, step=0.01, rounding=1e-4)

    def measured(self, seed: int) -> fd.data.Dataset:
        """Return the discharge of the true parameters with noise."""
        volts = self() + NOISE * np.random.default_rng(seed).normal(size=len(self.time))
        table = pd.DataFrame({"t [s]": self.time, "V [V]": volts})
        return fd.read(table, x=["t [s]"], y="V [V]", sigma=NOISE)


def _built(model: Callable[[], Any], rate: float, negative: float, positive: float) -> Any:
    values = CHEN.copy()
    inputs: dict[str, Any] = {NAMES[name]: _scaled(name) for name in FACTORS}
    inputs |= {NAMES[name]: pybamm.InputParameter(name) for name in ("D_neg", "D_pos")}
    inputs |= {NAMES["L_neg"]: negative, NAMES["L_pos"]: positive}
    ampere = rate * values["Nominal cell capacity [A.h]"]
    # the cut-off is far below, so that parameters nearby have all rows
    values.update({**inputs, "Current function [A]": ampere, "Lower voltage cut-off [V]": 0.5})
    solver = pybamm.IDAKLUSolver(atol=1e-9, rtol=1e-9, output_variables=["Voltage [V]"])
    return pybamm.Simulation(model(), parameter_values=values, solver=solver)


def _scaled(name: str) -> Callable[..., Any]:
    published = CHEN[NAMES[name]]
    return lambda *arguments: pybamm.InputParameter(name) * published(*arguments)


class Both:
    """Two discharges as one."""

    def __init__(self, *parts: Discharge) -> None:
        self.parts = parts

    def __call__(self, **parameters: float) -> np.ndarray:
        return np.concatenate([part(**parameters) for part in self.parts])


def asked(model: Callable[[], Any], names: list[str], rates: list[str], rows: int, **how: Any) -> Identifiability:
    """Return the answer from one or more discharges; the seed of the noise is that of the rate."""
    parts = [Discharge(model, rate, rows) for rate in rates]
    tables = [part.measured(list(RATES).index(part.rate)) for part in parts]
    frame = pd.DataFrame(
        {"t [s]": np.concatenate([t.X[:, 0] for t in tables]), "V [V]": np.concatenate([t.y for t in tables])}
    )
    data = fd.read(frame, x=["t [s]"], y="V [V]", sigma=NOISE)
    start = {name: START[name] for name in names}
    simulator = Simulator(Both(*parts), start, log=names, step=0.01, rounding=1e-4)
    return fd.identify(simulator, data, tolerance=0.1, restarts=1, **{"intervals": "student"} | how)


def shown(found: Identifiability) -> None:
    """Print each parameter against the planted truth."""
    heads = "".join(f"{head:>11s}" for head in ("truth", "estimate", "low", "high"))
    print(f"{'parameter':9s}{heads} {'std':>8s}  status, truth inside")
    for e in found.estimates:
        inside = "yes" if e.low <= TRUTH[e.name] <= e.high else "no" if np.isfinite(e.value) else "–"
        print(
            f"{e.name:9s} {TRUTH[e.name]:10.4g} {e.value:10.4g} {e.low:10.4g} {e.high:10.4g} "
            f"{100 * e.std / e.value:6.2f} %  {e.status}, {inside}"
        )
    for group in found.sentences_of_groups:
        print(group)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="the single-particle model and two candidates only")
    parser.add_argument("--profiles", action="store_true", help="profiles, with both thicknesses known")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    models = {"SPM": pybamm.lithium_ion.SPM} | ({} if options.smoke else {"SPMe": pybamm.lithium_ion.SPMe})
    rows, names = 60 if options.smoke else ROWS, list(NAMES)
    candidates = ["C/2", "2C"] if options.smoke else ["C/10", "C/2", "1C", "2C"]
    for label, model in models.items():
        begin = time.perf_counter()
        found = asked(model, names, ["1C"], rows)
        print(f"\n{label}, 1C, {rows} rows of 1 mV, {time.perf_counter() - begin:.0f} s")
        print(found.summary().splitlines()[0])
        shown(found)
        ranked = found.next_experiment({rate: Discharge(model, rate, rows).simulator(names) for rate in candidates})
        print(f"\n{'then':12s} {'rank':>4s} {'to 10 %':>7s} {'gain':>6s}  relative standard deviations / %")
        print(f"{'':33s}" + "".join(f"{name:>8s}" for name in names))
        now = {e.name: e.std / abs(e.value) for e in found.estimates}
        line = "".join(f"{100 * now[name]:8.2f}" for name in names)
        print(f"{'nothing':12s} {found.rank:4d} {found.practical_rank:7d} {1.0:6.2f}  {line}")
        for one in ranked:
            line = "".join(f"{100 * one.relative[name]:8.2f}" for name in names)
            print(f"{one.name:12s} {one.rank:4d} {one.practical_rank:7d} {one.gain:6.2f}  {line}")
        if not options.smoke:
            done = asked(model, names, ["1C", ranked[0].name], rows)
            print(f"\n{label}, 1C and {ranked[0].name}, as measured\n{done.summary().splitlines()[0]}")
            shown(done)
    if options.profiles:
        some = [name for name in names if name not in THICKNESSES]
        begin = time.perf_counter()
        found = asked(pybamm.lithium_ion.SPMe, some, ["1C"], rows, intervals="profile")
        print(f"\nSPMe, both thicknesses known, by profiles, {time.perf_counter() - begin:.0f} s")
        shown(found)


if __name__ == "__main__":
    main()
