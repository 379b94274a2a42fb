"""Discharges with exported functions against discharges with the original ones; needs the extra `cells`.

    python benchmarks/pybamm_export.py [--smoke]

Trends are fitted to 300 samples of the open-circuit potential of graphite (Chen et al. 2020, J. Electrochem. Soc. 167,
080534) and of its diffusivity (Ecker et al. 2015, J. Electrochem. Soc. 162, A1836) as PyBaMM ships them, exported as
functions of PyBaMM symbols and as BPX, and put in place of the originals. Printed is the largest difference of the
cell's voltage over the discharge.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pybamm

import faradaic as fd
from faradaic.approximations import Approximation, Design, GaussianProcess, Log, Network, Polynomial, Spline

OCP, DIFFUSIVITY = "Negative electrode OCP [V]", "Negative particle diffusivity [m2.s-1]"
CHEN, ECKER = pybamm.ParameterValues("Chen2020"), pybamm.ParameterValues("Ecker2015")
TEMPERATURE, POINTS = 298.15, np.linspace(0.005, 0.995, 300)
SECONDS = {1.0: 3400.0, 0.5: 7000.0}


def sampled(function, *more: float) -> np.ndarray:
    symbol = pybamm.StateVector(slice(0, len(POINTS)))
    return function(symbol, *(pybamm.Scalar(value) for value in more)).evaluate(y=POINTS).ravel()


def fitted(model: Approximation, y: np.ndarray, name: str) -> fd.trend.Trend:
    data = fd.read(pd.DataFrame({"x": POINTS, name: y}), x=["x"], y=name, reliability="deterministic")
    return fd.fit(model, data)


def volts(model, values, rate: float) -> np.ndarray:
    values = values.copy()
    values["Current function [A]"] = rate * values["Nominal cell capacity [A.h]"]
    solver = pybamm.IDAKLUSolver(atol=1e-8, rtol=1e-8)
    solution = pybamm.Simulation(model, parameter_values=values, solver=solver).solve([0, SECONDS[rate]])
    return solution["Voltage [V]"](np.linspace(0, SECONDS[rate], 341))


def cases(smoke: bool):
    log_polynomial = Design(Polynomial(9), y=Log())
    yield "spline of 80", Spline(80), log_polynomial
    if not smoke:
        yield "Gaussian process", GaussianProcess(), Design(GaussianProcess(), y=Log())
        yield "network of 12", Network(12), Design(Network(4), y=Log())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="one family, the single-particle model and 1C only")
    smoke = parser.parse_args().smoke
    warnings.simplefilter("ignore")
    potential, diffusivity = sampled(CHEN[OCP]), sampled(ECKER[DIFFUSIVITY], TEMPERATURE)
    original = CHEN.copy()
    original[DIFFUSIVITY] = ECKER[DIFFUSIVITY]
    models = {"SPMe": pybamm.lithium_ion.SPMe} | ({} if smoke else {"DFN": pybamm.lithium_ion.DFN})
    rates = [1.0] if smoke else [1.0, 0.5]
    reference = {(name, rate): volts(make(), original, rate) for name, make in models.items() for rate in rates}
    print(f"{'trend':18s} {'as':8s} {'model':5s} {'C-rate':>6s} {'max |dV| / mV':>14s} {'seconds':>8s}")
    for label, of_potential, of_diffusivity in cases(smoke):
        U, D = fitted(of_potential, potential, "U [V]"), fitted(of_diffusivity, diffusivity, "D [m**2/s]")
        for form, replaced in exported(U, D).items():
            values = original.copy()
            values.update(replaced)
            for (name, rate), wanted in reference.items():
                start = time.perf_counter()
                worst = 1e3 * np.abs(volts(models[name](), values, rate) - wanted).max()
                print(f"{label:18s} {form:8s} {name:5s} {rate:6.1f} {worst:14.4f} {time.perf_counter() - start:8.1f}")


def exported(U: fd.trend.Trend, D: fd.trend.Trend) -> dict[str, dict]:
    """Return the two functions in each form in which PyBaMM can read them."""
    symbols = {OCP: U.to_pybamm(), DIFFUSIVITY: D.to_pybamm(arguments=["x", None])}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cell.json"
        U.to_bpx(path, into=base(), field="Negative electrode / OCP [V]")
        D.to_bpx(path, into=json.loads(path.read_text()), field="Negative electrode / Diffusivity [m2.s-1]")
        read = pybamm.ParameterValues.create_from_bpx(path)
    return {"symbols": symbols, "bpx": {OCP: read[OCP], DIFFUSIVITY: read[DIFFUSIVITY]}}


def base() -> dict:
    """Return a BPX document to put the functions into."""
    electrode = {
        "Particle radius [m]": 5.86e-6, "Thickness [m]": 85.2e-6, "Diffusivity [m2.s-1]": 3.3e-14, "OCP [V]": 0.2,
        "Conductivity [S.m-1]": 215.0, "Surface area per unit volume [m-1]": 383959.0, "Porosity": 0.25,
        "Transport efficiency": 0.125, "Reaction rate constant [mol.m-2.s-1]": 6.7e-6,
        "Maximum concentration [mol.m-3]": 33133.0, "Minimum stoichiometry": 0.03, "Maximum stoichiometry": 0.9,
        "Entropic change coefficient [V.K-1]": 0.0,
    }  # fmt: skip
    cell = {
        "Electrode area [m2]": 0.1027, "Number of electrode pairs connected in parallel to make a cell": 1,
        "Lower voltage cut-off [V]": 2.5, "Upper voltage cut-off [V]": 4.2, "Nominal cell capacity [A.h]": 5.0,
        "Reference temperature [K]": TEMPERATURE, "External surface area [m2]": 5.3e-3, "Volume [m3]": 2.4e-5,
        "Specific heat capacity [J.K-1.kg-1]": 1000.0, "Density [kg.m-3]": 2000.0,
    }  # fmt: skip
    return {
        "Header": {"BPX": "1.1.0", "Model": "DFN"},
        "Parameterisation": {
            "Cell": cell,
            "Electrolyte": {
                "Cation transference number": 0.26, "Conductivity [S.m-1]": 0.95, "Diffusivity [m2.s-1]": 1.8e-10
            },
            "Negative electrode": electrode,
            "Positive electrode": {**electrode, "OCP [V]": 4.0},
            "Separator": {"Thickness [m]": 12e-6, "Porosity": 0.47, "Transport efficiency": 0.32},
        },
    }  # fmt: skip


if __name__ == "__main__":
    main()
