"""The models of Severson et al. 2019, and the cells they were made for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import ArgumentError, joined, number
from faradaic.approximations import Design, ElasticNet, Log
from faradaic.data import read

from ._cell import Cell
from ._features import (
    CELL,
    LIFE,
    Cycles,
    Feature,
    capacity_at,
    capacity_gain,
    fade_intercept,
    fade_slope,
    features,
    log_kurtosis,
    log_minimum,
    log_skewness,
    log_variance,
)

if TYPE_CHECKING:
    from faradaic.trend import Trend

VARIANCE: Mapping[str, Feature] = MappingProxyType({"log var": log_variance})
SHAPE: Mapping[str, Callable[..., float]] = MappingProxyType(
    {"log min": log_minimum, "log var": log_variance, "log skew": log_skewness, "log kurt": log_kurtosis}
)
CAPACITY: Mapping[str, Feature] = MappingProxyType({"Q2 [Ah]": capacity_at, "Qmax-Q2 [Ah]": capacity_gain})
DISCHARGE: Mapping[str, Feature] = MappingProxyType({**SHAPE, **CAPACITY})
FULL: Mapping[str, Feature] = MappingProxyType(
    {
        "log min": log_minimum,
        "log var": log_variance,
        "fade slope [Ah/cycle]": fade_slope,
        "fade intercept [Ah]": fade_intercept,
        "Q2 [Ah]": capacity_at,
    }
)


def curve_shape(late: Cycles, early: Cycles) -> dict[str, Feature]:
    """Return minimum, variance, skewness and kurtosis (log10) of ΔQ(V) between other cycles than 100 and 10.

    Parameters
    ----------
    late, early : float, or (first, last)
        As in `delta_q`; the headers name them.

    Examples
    --------
    >>> list(curve_shape((91, 100), (21, 30)))[0]
    'log min 91-100 from 21-30'
    """
    words = " from ".join("-".join(map(number, each if isinstance(each, tuple) else (each,))) for each in (late, early))
    return {f"{name} {words}": partial(of, late=late, early=early) for name, of in SHAPE.items()}


@dataclass(frozen=True)
class LifetimePreset:
    """A published model of cycle life: its features, and the design that is fitted to them.

    Attributes
    ----------
    name : str
        What the paper calls it.
    features : mapping from header to function
        See `faradaic.performance.features`.
    design : Design
        Of the life in these features.
    lacking : tuple of str
        Features of the published model that a `Cell` does not hold, and that are therefore left out.
    doi : str
    """

    name: str
    features: Mapping[str, Feature]
    design: Design
    lacking: tuple[str, ...] = ()
    doi: str = "10.1038/s41560-019-0356-8"

    def fit(self, cells: Sequence[Cell]) -> Trend:
        """Return the model fitted to these cells, a trend of ``life [cycles]`` with intervals for new cells.

        Raises
        ------
        ArgumentError
            A cell has no ``"life"`` among its conditions, or lacks what a feature needs.
        FitError
            The fit did not succeed.
        """
        from faradaic.trend import fit

        missing = [cell.name for cell in cells if "life" not in cell.conditions]
        if missing:
            raise ArgumentError(f"Cell {missing[0]!r} has no 'life' among its conditions; leave it out of the fit.")
        table = features(cells, self.features)
        return fit(self.design, read(table, list(self.features), LIFE, groups=CELL, name="Severson 2019"))


def severson2019(name: str = "variance") -> LifetimePreset:
    """Return a model of Severson et al. 2019: log life, linear in features of cycles 2 to 100, by an elastic net.

    Parameters
    ----------
    name : {"variance", "discharge", "full"}
        * ``variance``: log10 var ΔQ(V) alone.
        * ``discharge``: minimum, variance, skewness and kurtosis of ΔQ(V), the capacity of cycle 2, and how much it
          rose after.
        * ``full``: minimum and variance of ΔQ(V), slope and intercept of the capacity from cycle 2 to 100, and the
          capacity of cycle 2; the paper adds charge time, temperature and internal resistance, which the public
          curves do not hold (see `LifetimePreset.lacking`).

    Raises
    ------
    ArgumentError
        There is no such model.

    References
    ----------
    Severson et al. 2019, 10.1038/s41560-019-0356-8; the penalty is chosen by four-fold cross-validation as in
    Attia et al. 2021, 10.1149/1945-7111/ac2704.

    Examples
    --------
    >>> list(severson2019("variance").features), len(severson2019("full").lacking)
    (['log var'], 4)
    """
    made = {"variance": VARIANCE, "discharge": DISCHARGE, "full": FULL}
    if name not in made:
        raise ArgumentError(f"The models of Severson et al. are {joined(map(repr, made))}, got {name!r}.")
    lacking = (
        "mean charge time of the first five cycles",
        "integral of the temperature over cycles 2 to 100",
        "smallest internal resistance",
        "change of the internal resistance from cycle 2 to 100",
    )
    design = Design(ElasticNet(inputs=len(made[name])), y=Log())
    return LifetimePreset(name, made[name], design, lacking if name == "full" else ())


def severson2019_cells(split: str | None = None, *, fine: bool = True) -> list[Cell]:
    """Return the 124 cells of Severson et al. 2019, with curves of cycles 2 to 100.

    Parameters
    ----------
    split : {"train", "test1", "test2"}, optional
        Only these; default: all, in this order (41, 43 and 40 cells).
    fine : bool
        Curves at 1,000 voltages instead of 100. The public curves are given at 100; between them they are drawn
        straight, and cycle 100 is cycle 10 plus the difference that is given at all 1,000, so that `delta_q` of cycles
        100 and 10 is the published one.

    Returns
    -------
    list of Cell
        Conditions are ``"life"`` (cycles to 80 % of the nominal capacity) and ``"split"``. Four records that reach
        31 A h and one whose curve turns back are NaN. The cell ``test1_22`` reached its end after 148 cycles; the
        literature leaves it out of errors.

    Raises
    ------
    ArgumentError
        There is no such split.
    InputError
        The data are not there; the message says where they are from.

    Examples
    --------
    >>> cells = severson2019_cells("train")  # doctest: +SKIP
    """
    from faradaic.data import load

    if split not in (None, "train", "test1", "test2"):
        raise ArgumentError(f"split must be 'train', 'test1', 'test2' or None, got {split!r}.")
    data = load("severson2019")
    if split is not None:
        data = data.sel(cell=data["split"] == split)
    cycles, coarse, voltage = (data[name].to_numpy() for name in ("cycle", "voltage", "fine_voltage"))
    made = []
    for place, name in enumerate(data["cell"].to_numpy()):
        curves = data["Q"].to_numpy()[place]
        capacity = curves[:, -1]
        if fine:
            # voltages fall; both ends of the fine grid that lie beyond the coarse one keep its last value
            curves = np.array([np.interp(-voltage, -coarse, row) for row in curves])
            late, early = (int(np.flatnonzero(cycles == cycle)[0]) for cycle in (100, 10))
            curves[late] = curves[early] + data["delta_q"].to_numpy()[place]
        conditions = {"life": float(data["life"][place]), "split": str(data["split"].to_numpy()[place])}
        made.append(Cell(str(name), cycles, capacity, voltage if fine else coarse, curves, conditions))
    return made
