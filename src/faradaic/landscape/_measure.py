"""In what an error is measured, and the noise floor in the same measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from faradaic._core import ArgumentError, joined, number, plural
from faradaic.data import Dataset, Deterministic, replicates

Array = np.ndarray
MeasureName = Literal["absolute", "relative", "standardised"]
# a response that spans more decades than this is judged by its logarithm: else its largest values decide alone
DECADES_FOR_RELATIVE = 2.0


@dataclass(frozen=True)
class Measure:
    """How the residual of a prediction is counted.

    Parameters
    ----------
    name : {"absolute", "relative", "standardised"}
        ŷ − y in the response's unit; ln(ŷ/y); or (ŷ − y)/σ with the known noise of each row.

    Examples
    --------
    >>> import numpy as np
    >>> float(Measure("relative").residual(np.array([2.0]), np.array([1.0]), None)[0])
    0.6931471805599453
    """

    name: MeasureName

    def __post_init__(self) -> None:
        names = ("absolute", "relative", "standardised")
        if self.name not in names:
            raise ArgumentError(f"measure must be {joined(names, 'or')}, got {self.name!r}.")

    @classmethod
    def suited_to(cls, data: Dataset) -> Measure:
        """Return the measure that the data call for.

        Known noise that differs from row to row: standardised. A positive response over more than two decades:
        relative. Else absolute.
        """
        data = data.judged
        noise = data.noise_std
        if noise is not None and noise.any() and np.ptp(noise) > 1e-9 * noise.max():
            return cls("standardised")
        low = float(data.y.min())
        if low > 0 and np.log10(data.y.max() / low) > DECADES_FOR_RELATIVE:
            return cls("relative")
        return cls("absolute")

    def check(self, data: Dataset) -> None:
        """Raise ArgumentError if the data (of a stack with a target, its rows) have no errors in this measure."""
        data = data.judged
        if self.name == "relative" and not (data.y > 0).all():
            row = int(np.argmin(data.y > 0))
            raise ArgumentError(
                f"Relative errors need positive responses; row {row + 1} holds {number(float(data.y_user[row]))}. "
                "Take absolute errors, or leave the row out."
            )
        if self.name == "standardised" and (data.noise_std is None or not data.noise_std.any()):
            raise ArgumentError("Standardised errors need the noise of every row; the data do not state it.")

    def residual(self, prediction: Array, y: Array, noise: Array | None) -> Array:
        """Return the residuals; NaN where a prediction has none (not positive under "relative")."""
        if self.name == "relative":
            with np.errstate(invalid="ignore", divide="ignore"):
                return np.where(prediction > 0, np.log(np.where(prediction > 0, prediction, 1.0) / y), np.nan)
        if self.name == "standardised":
            if noise is None or not noise.any():
                raise ArgumentError("Standardised errors need the noise of every row; the data do not state it.")
            return (prediction - y) / noise
        return prediction - y

    def scale(self, data: Dataset) -> float:
        """Return the factor from the residual's SI value to what is shown."""
        return 1.0 / data.response.scale if self.name == "absolute" else 1.0

    def unit(self, data: Dataset) -> str:
        """Return the unit in which errors are shown."""
        units = {"absolute": data.response.unit, "relative": f"in ln {data.response.name}"}
        return units.get(self.name, "standard errors")


@dataclass(frozen=True)
class NoiseFloor:
    """How good any trend can be: the root-mean-square error of the perfect one, in the shown measure.

    ``value`` is NaN where neither replicates nor a stated reliability tell.
    """

    value: float
    source: str

    @property
    def known(self) -> bool:
        """Whether there is a number."""
        return self.value == self.value


def noise_floor(data: Dataset, measure: Measure) -> NoiseFloor:
    """Return the noise floor from the stated reliability, else from replicates; of a stack, that of its target.

    Raises
    ------
    ArgumentError
        The data have no errors in this measure.

    Examples
    --------
    >>> import pandas as pd
    >>> from faradaic.data import read
    >>> table = pd.DataFrame({"x": [0.0, 0.0, 1.0, 1.0], "y [V]": [1.0, 3.0, 5.0, 7.0]})
    >>> data = read(table, x=["x"], y="y [V]")
    >>> noise_floor(data, Measure.suited_to(data)).source
    'replicates (2 degrees of freedom)'
    """
    data = data.judged
    measure.check(data)
    if data.deterministic.all():
        return NoiseFloor(_shown(data, measure, np.full(len(data), data.tolerance)), "tolerance of the solver")
    noise = data.noise_std
    if noise is not None:
        kinds = {type(source.reliability).__name__ for source in data.sources}
        return NoiseFloor(
            _shown(data, measure, noise), "standard errors" if kinds == {"Stochastic"} else "stated sigma"
        )
    if measure.name == "relative":
        logs = np.log(data.y)
        found = replicates(data)
        means = np.bincount(found.condition, logs) / found.count
        residual = logs - means[found.condition]
        value = float(np.sqrt(residual @ residual / found.dof)) if found.dof else float("nan")
    else:
        found = replicates(data)
        value = found.std * measure.scale(data)
    if not found.dof:
        return NoiseFloor(float("nan"), "unknown: no replicates and no stated sigma")
    return NoiseFloor(value, f"replicates ({plural(found.dof, 'degree')} of freedom)")


def _shown(data: Dataset, measure: Measure, noise: Array) -> float:
    if measure.name == "standardised":
        return 1.0
    each = noise / np.abs(data.y) if measure.name == "relative" else noise * measure.scale(data)
    return float(np.sqrt((each**2).mean()))


def is_deterministic(data: Dataset) -> bool:
    """Whether every row by which a trend is judged was computed."""
    return all(isinstance(source.reliability, Deterministic) for source in data.judged.sources)


def shown(value: float, unit: str) -> str:
    """Return an error with its unit."""
    text = number(value)
    return f"{text} {unit.removesuffix('s') if text == '1' and unit == 'standard errors' else unit}".strip()
