"""A porous-electrode model as a function from parameters to what a cell delivers; PyBaMM solves it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from faradaic._core import ArgumentError, ColumnError, FitError, OptionalImportError, joined, nearest
from faradaic.data import Column, parse_header, parse_unit

RATE = "C-rate"
ENERGY, CAPACITY, POWER = "energy [Wh]", "capacity [Ah]", "mean power [W]"
DENSITY, VOLTAGE, MARGIN = "energy density [Wh/L]", "mean voltage [V]", "plating margin [V]"
SIDES = ("Negative", "Positive")
THICKNESS = "Negative electrode thickness [m]"
SURFACE = "Negative electrode surface potential difference at separator interface [V]"
OUTPUTS = ("Discharge energy [W.h]", "Discharge capacity [A.h]", "Voltage [V]", SURFACE)
CHARGE_ROWS = 401  # times of a charge at which the surface potential is looked at, beside its end
ModelName = Literal["DFN", "SPMe", "SPM"]


@dataclass(frozen=True)
class PorousElectrodes:
    """What a cell delivers in one constant-current discharge and how near one charge comes to plating; see `dfn`."""

    chemistry: str = "Chen2020"
    model: ModelName = "DFN"
    held: Mapping[str, float] = field(default_factory=dict)
    mesh: int = 20
    tolerance: float = 1e-6

    def __call__(self, parameters: Mapping[str, float]) -> dict[str, float]:
        """Return the responses (header to number) of parameters (header to number in the header's unit)."""
        pybamm = _imported()
        given = {**self.held, **parameters}
        rate = float(given.pop(RATE, 1.0))
        if not rate > 0:
            raise ArgumentError(f"The C-rate must be positive, got {rate:g}.")
        values = self._values(pybamm, given)
        ends = _ends(pybamm, values, _lithium(pybamm, self.chemistry))
        simulation = self._simulation(pybamm, values)
        hours = 1.02 / rate
        current = rate * ends["Q"]
        out = _solved(pybamm, simulation, current, ends["full"], hours, "Minimum voltage")
        energy, capacity = (float(out[name].entries[-1]) for name in OUTPUTS[:2])
        back = _solved(pybamm, simulation, -current, ends["empty"], hours, "Maximum voltage")
        return {
            ENERGY: energy,
            CAPACITY: capacity,
            POWER: energy / (capacity / current),
            VOLTAGE: energy / capacity,
            DENSITY: energy / (1e3 * _volume(values)),
            MARGIN: float(back[SURFACE].entries.min()),
        }

    def _values(self, pybamm: Any, given: Mapping[str, float]) -> Any:
        values = pybamm.ParameterValues(self.chemistry)
        names = {str(name): None for name in values}
        made = dict(_located(header, value, names) for header, value in given.items())
        for side in SIDES:
            pores, solid = f"{side} electrode porosity", f"{side} electrode active material volume fraction"
            if pores in made and solid not in made:  # what is not pore keeps its composition
                made[solid] = values[solid] * (1.0 - made[pores]) / (1.0 - values[pores])
        if THICKNESS not in made:  # the balance of the published cell is kept
            before = {side: _sites(values, side) for side in SIDES}
            values.update(made)
            after = {side: _sites(values, side) for side in SIDES}
            grown = after["Positive"] / before["Positive"] * before["Negative"] / after["Negative"]
            made = {THICKNESS: grown * values[THICKNESS]}
        values.update(made)
        return values

    def _simulation(self, pybamm: Any, values: Any) -> Any:
        model = getattr(pybamm.lithium_ion, self.model)({"calculate discharge energy": "true"})
        values.update({"Current function [A]": "[input]", **{_initial(side): "[input]" for side in SIDES}})
        solver = pybamm.IDAKLUSolver(rtol=self.tolerance, atol=1e-2 * self.tolerance, output_variables=list(OUTPUTS))
        points = dict.fromkeys(("x_n", "x_s", "x_p", "r_n", "r_p"), int(self.mesh))
        return pybamm.Simulation(model, parameter_values=values, var_pts=points, solver=solver)


def dfn(
    chemistry: str = "Chen2020",
    *,
    model: ModelName = "DFN",
    held: Mapping[str, float] | None = None,
    mesh: int = 20,
    tolerance: float = 1e-6,
) -> PorousElectrodes:
    """Return a porous-electrode model (Doyle, Fuller & Newman) as a function for `simulate`.

    It takes a dict of parameters and returns a dict of six responses: ``energy [Wh]``, ``capacity [Ah]``, ``mean power
    [W]`` and ``mean voltage [V]`` of a constant-current discharge from full to the lower cut-off; ``energy density
    [Wh/L]`` (electrodes, separator, and half of each current collector); and ``plating margin [V]``, the least
    potential of the negative electrode's surface against lithium, at the separator, in a charge at the same rate from
    empty to the upper cut-off. Below zero lithium may be plated.

    Parameters are those of PyBaMM by name, in any unit, e.g. ``"Positive electrode thickness [um]"``, and ``"C-rate"``
    (default 1), of the capacity that this very cell has between its cut-offs at rest. The lithium comes with the
    positive electrode: its inventory goes with that electrode's capacity, and so does the thickness of the negative
    electrode where it is not given. Where a porosity is given and the share of active material is not, what is not pore
    keeps its composition.

    Parameters
    ----------
    chemistry : str
        A set of parameters that PyBaMM ships.
    model : {"DFN", "SPMe", "SPM"}
        The full model, or the single-particle model with or without electrolyte.
    held : mapping of str to float, optional
        Parameters that all simulations share.
    mesh : int
        Points in each electrode, the separator and each particle.
    tolerance : float
        Relative tolerance of the solver (its absolute one is a hundredth of that).

    Returns
    -------
    PorousElectrodes

    Raises
    ------
    ArgumentError
        The model, the mesh or the tolerance makes no sense.

    References
    ----------
    Doyle, Fuller & Newman 1993, 10.1149/1.2221597; Chen et al. 2020 (parameters), 10.1149/1945-7111/ab9050; Sulzer et
    al. 2021 (PyBaMM), 10.5334/jors.309; Mohtat et al. 2019 (stoichiometries at the cut-offs),
    10.1016/j.jpowsour.2019.03.104.

    Examples
    --------
    >>> cell = dfn()
    >>> found = cell({"Positive electrode thickness [um]": 70, "C-rate": 1})  # doctest: +SKIP
    >>> round(found["energy [Wh]"], 1), round(found["plating margin [V]"], 3)  # doctest: +SKIP
    (16.2, -0.014)
    """
    if model not in ("DFN", "SPMe", "SPM"):
        raise ArgumentError(f"model must be 'DFN', 'SPMe' or 'SPM', got {model!r}.")
    if not (isinstance(mesh, int) and mesh >= 3 and 0 < tolerance < 1):
        raise ArgumentError(
            f"mesh must be a whole number from 3 and tolerance between 0 and 1, got {mesh!r} and {tolerance!r}."
        )
    return PorousElectrodes(chemistry, model, dict(held or {}), mesh, tolerance)


def _imported() -> Any:
    try:
        import pybamm
    except ImportError as error:
        raise OptionalImportError("pybamm", "cells") from error
    return pybamm


def _sites(values: Any, side: str) -> float:
    """Return how much lithium an electrode could hold, mol m⁻²."""
    solid = values[f"{side} electrode active material volume fraction"]
    return float(values[f"{side} electrode thickness [m]"] * solid * values[_greatest(side)])


def _initial(side: str) -> str:
    return f"Initial concentration in {side.lower()} electrode [mol.m-3]"


def _greatest(side: str) -> str:
    return f"Maximum concentration in {side.lower()} electrode [mol.m-3]"


def _located(header: str, value: float, names: Mapping[str, Any]) -> tuple[str, float]:
    """Return PyBaMM's name of a parameter and the value in its unit."""
    if header in names:
        return header, float(value)
    column = parse_header(header)
    for name in names:
        quantity, _, unit = name.partition(" [")
        if quantity == column.name:
            return name, _converted(column, value, unit.rstrip("]"), name)
    close = nearest(header, names)
    raise ColumnError(f"PyBaMM has no parameter {header!r}; did you mean {joined(map(repr, close), 'or')}?")


def _converted(column: Column, value: float, unit: str, name: str) -> float:
    """Return the value in PyBaMM's unit, which is written like ``m2.s-1``."""
    theirs = parse_unit(re.sub(r"([A-Za-z])(-?\d+)", r"\1**\2", unit).replace(".", "*"))
    if theirs.dimension != column.dimension:
        raise ColumnError(f"{column.header!r} does not have the dimension of PyBaMM's {name!r}; correct its unit.")
    return (float(column.to_si(value)) - theirs.offset) / theirs.scale


def _lithium(pybamm: Any, chemistry: str) -> float:
    """Return the lithium of a published cell as a share of its positive electrode's sites."""
    values, symbols = pybamm.ParameterValues(chemistry), pybamm.LithiumIonParameters()
    return float(values.evaluate(symbols.Q_Li_particles_init) / values.evaluate(symbols.p.Q_init))


def _ends(pybamm: Any, values: Any, share: float) -> dict[str, Any]:
    """Return the capacity (A h) between the cut-offs at rest, and both initial concentrations when full and empty."""
    symbols = pybamm.LithiumIonParameters()
    sites = {side: float(values.evaluate(getattr(symbols, side[0].lower()).Q_init)) for side in SIDES}
    amounts = {"Q_n": sites["Negative"], "Q_p": sites["Positive"], "Q_Li": share * sites["Positive"]}
    found = pybamm.lithium_ion.ElectrodeSOHSolver(values, symbols).solve(amounts)
    greatest = {side: float(values[_greatest(side)]) for side in SIDES}

    def initial(end: str) -> dict[str, float]:
        filled = {"Negative": float(found[f"x_{end}"]), "Positive": float(found[f"y_{end}"])}
        return {_initial(side): filled[side] * greatest[side] for side in SIDES}

    return {"Q": float(found["Q"]), "full": initial("100"), "empty": initial("0")}


def _solved(pybamm: Any, simulation: Any, current: float, initial: dict[str, float], hours: float, ending: str) -> Any:
    """Solve until a cut-off is met; a simulation that ends otherwise has failed."""
    inputs = {"Current function [A]": current, **initial}
    times = np.linspace(0.0, 3600.0 * hours, CHARGE_ROWS)
    try:
        solution = simulation.solve([0.0, times[-1]], t_interp=times, inputs=inputs)
    except pybamm.SolverError as error:
        raise FitError(f"the solver gave up ({str(error).splitlines()[0]})") from error
    if ending.lower() not in solution.termination.lower():
        raise FitError(f"it ended with {solution.termination}, not at the {ending.lower()}")
    return solution


def _volume(values: Any) -> float:
    """Return the volume of electrodes, separator and half of each current collector, m³."""
    area = values["Electrode width [m]"] * values["Electrode height [m]"]
    inner = sum(float(values[f"{side} electrode thickness [m]"]) for side in SIDES) + values["Separator thickness [m]"]
    collectors = sum(float(values[f"{side} current collector thickness [m]"]) for side in SIDES)
    return float(area * (inner + 0.5 * collectors))
