"""Packages of the extra ``cells``, and a cell in BPX to put functions into."""

from __future__ import annotations

import importlib
import os
import warnings
from typing import Any

import pytest

LEFT_OUT = "literature data:"  # counted and reported as what was left out, see tests/conftest.py


def package(name: str) -> Any:
    os.environ["PYBAMM_DISABLE_TELEMETRY"] = "true"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ImportError:
        return pytest.skip(f"{LEFT_OUT} the extra 'cells' ({name}) is not installed")


@pytest.fixture(scope="session")
def pybamm() -> Any:
    return package("pybamm")


@pytest.fixture(scope="session")
def bpx() -> Any:
    return package("bpx")


GRAPHITE = (
    "1.9793*exp(-39.3631*x) + 0.2482 - 0.0909*tanh(29.8538*(x - 0.1234)) - 0.04478*tanh(14.9159*(x - 0.2769))"
    " - 0.0205*tanh(30.4444*(x - 0.6103))"
)
NMC = (
    "-0.809*x + 4.4875 - 0.0428*tanh(18.5138*(x - 0.5542)) - 17.7326*tanh(15.789*(x - 0.3117))"
    " + 17.5842*tanh(15.9308*(x - 0.312))"
)


@pytest.fixture
def cell() -> dict[str, Any]:
    """Return a cell in BPX with numbers close to those of Chen et al. 2020, J. Electrochem. Soc. 167, 080534."""
    negative = {
        "Particle radius [m]": 5.86e-6, "Thickness [m]": 85.2e-6, "Diffusivity [m2.s-1]": 3.3e-14,
        "OCP [V]": GRAPHITE, "Entropic change coefficient [V.K-1]": 0.0, "Conductivity [S.m-1]": 215.0,
        "Surface area per unit volume [m-1]": 383959.0, "Porosity": 0.25, "Transport efficiency": 0.125,
        "Reaction rate constant [mol.m-2.s-1]": 6.7e-6, "Maximum concentration [mol.m-3]": 33133.0,
        "Minimum stoichiometry": 0.0263, "Maximum stoichiometry": 0.9106,
    }  # fmt: skip
    positive = {
        "Particle radius [m]": 5.22e-6, "Thickness [m]": 75.6e-6, "Diffusivity [m2.s-1]": 4e-15,
        "OCP [V]": NMC, "Entropic change coefficient [V.K-1]": 0.0, "Conductivity [S.m-1]": 0.18,
        "Surface area per unit volume [m-1]": 382184.0, "Porosity": 0.335, "Transport efficiency": 0.1939,
        "Reaction rate constant [mol.m-2.s-1]": 3.5e-5, "Maximum concentration [mol.m-3]": 63104.0,
        "Minimum stoichiometry": 0.2638, "Maximum stoichiometry": 0.8538,
    }  # fmt: skip
    return {
        "Header": {"BPX": "1.1.0", "Title": "a cell close to the LG M50", "Model": "DFN"},
        "Parameterisation": {
            "Cell": {
                "Electrode area [m2]": 0.1027, "Number of electrode pairs connected in parallel to make a cell": 1,
                "Lower voltage cut-off [V]": 1.0, "Upper voltage cut-off [V]": 4.5, "Nominal cell capacity [A.h]": 5.0,
                "Reference temperature [K]": 298.15, "External surface area [m2]": 5.31e-3, "Volume [m3]": 2.42e-5,
                "Specific heat capacity [J.K-1.kg-1]": 1000.0, "Density [kg.m-3]": 2000.0,
            },
            "Electrolyte": {
                "Cation transference number": 0.2594, "Conductivity [S.m-1]": 0.95, "Diffusivity [m2.s-1]": 1.77e-10,
            },
            "Negative electrode": negative,
            "Positive electrode": positive,
            "Separator": {"Thickness [m]": 12e-6, "Porosity": 0.47, "Transport efficiency": 0.3222},
        },
        "State": {
            "Initial conditions": {
                "Initial state-of-charge": 1.0, "Initial temperature [K]": 298.15,
                "Initial electrolyte concentration [mol.m-3]": 1000.0,
            },
            "Thermal environment": {"Ambient temperature [K]": 298.15},
        },
    }  # fmt: skip
