"""A cell model by PyBaMM: what one discharge identifies, and which rate should be next."""

from __future__ import annotations

import importlib
import os
import warnings

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic.identifiability import Simulator

LEFT_OUT = "literature data:"  # counted and reported as what was left out, see tests/conftest.py
TRUTH = {"D_neg": 3.3e-14, "D_pos": 4e-15, "kappa": 1.0}
NAMES = {
    "D_neg": "Negative particle diffusivity [m2.s-1]",
    "D_pos": "Positive particle diffusivity [m2.s-1]",
    "kappa": "Electrolyte conductivity [S.m-1]",
}
NOISE = 1e-3  # V


@pytest.fixture(scope="module")
def discharge():
    """Return the function that makes the simulator of a discharge of the single-particle model at one rate."""
    os.environ["PYBAMM_DISABLE_TELEMETRY"] = "true"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pybamm = importlib.import_module("pybamm")
    except ImportError:
        return pytest.skip(f"{LEFT_OUT} the extra 'cells' (pybamm) is not installed")

    def made(rate):
        values = pybamm.ParameterValues("Chen2020")
        inputs = {long: pybamm.InputParameter(name) for name, long in NAMES.items()}
        values.update({**inputs, "Current function [A]": 5.0 * rate, "Lower voltage cut-off [V]": 0.5})
        solver = pybamm.IDAKLUSolver(atol=1e-9, rtol=1e-9, output_variables=["Voltage [V]"])
        simulation = pybamm.Simulation(pybamm.lithium_ion.SPM(), parameter_values=values, solver=solver)
        time = np.linspace(0.0, 3300.0 if rate == 1 else 1300.0, 41)

        def volts(**parameters):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                solution = simulation.solve([0.0, time[-1]], inputs=parameters, t_interp=time)
            out = np.full(len(time), np.nan)  # a discharge that ends early has no further rows
            entries = solution["Voltage [V]"].entries
            out[: len(entries)] = entries
            return out

        start = {"D_neg": 2.5e-14, "D_pos": 5e-15, "kappa": 1.0}
        bounds = {name: (0.1 * value, 10.0 * value) for name, value in start.items()}
        return Simulator(volts, start, bounds, log=list(start), step=0.01, rounding=1e-4)

    return made


def test_planted_diffusivities_are_recovered_and_the_electrolyte_is_not_felt(discharge):
    simulator = discharge(1.0)
    volts = simulator.function(**TRUTH)
    noisy = volts + NOISE * np.random.default_rng(0).normal(size=len(volts))
    data = fd.read(pd.DataFrame({"t [s]": np.arange(len(volts)), "V [V]": noisy}), x=["t [s]"], y="V [V]", sigma=NOISE)
    found = fd.identify(simulator, data, restarts=1, intervals="student")
    assert found.identified == ("D_neg", "D_pos")
    assert (found["kappa"].status, found.rank) == ("not felt", 2)  # the model has no electrolyte
    for name in found.identified:
        e = found[name]
        assert e.low < TRUTH[name] < e.high
        assert e.std < 0.2 * e.value
    best, other = found.next_experiment({"slow": discharge(0.05), "fast": discharge(2.0)})
    assert (best.name, best.rank) == ("fast", 2)
    assert np.isnan(best.relative["kappa"])
    for name in found.identified:
        assert best.relative[name] < other.relative[name] <= found[name].std / found[name].value
