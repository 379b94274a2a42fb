"""How well a trend fits, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faradaic._core import number, plural
from faradaic.approximations import Design
from faradaic.data import Dataset

Array = np.ndarray


@dataclass(frozen=True)
class Quality:
    """What is known of a fit.

    Attributes
    ----------
    rows, conditions : int
        Rows it was fitted to, and distinct conditions among them.
    parameters : int
        Counted parameters.
    effective : float
        Effective parameters.
    rmse : float
        Root mean square of the training residuals, in the response's unit.
    unit : str
        The response's unit.
    reduced_chi2 : float
        χ²/(rows − effective parameters) with the known noise; NaN where the noise is unknown or zero.
    chi2_probability : float
        Probability of a χ² at least as large if trend and noise are right; NaN likewise.
    worst : float
        Largest training residual, in the response's unit.
    tolerance : float
        Tolerance of deterministic data in the response's unit; NaN for other data.
    selection : str
        The choice that led to this fit, in words; empty if the design was given.
    """

    rows: int
    conditions: int
    parameters: int
    effective: float
    rmse: float
    unit: str
    reduced_chi2: float
    chi2_probability: float
    worst: float
    tolerance: float
    selection: str

    def sentences(self) -> list[str]:
        """Return the same in plain words."""
        lines = [
            f"Fitted to {plural(self.rows, 'row')} ({plural(self.conditions, 'condition')}) with "
            f"{plural(self.parameters, 'parameter')} ({number(self.effective)} effective); training residuals "
            f"{number(self.rmse)} {self.unit}".rstrip()
            + " root mean square."
        ]
        if np.isfinite(self.reduced_chi2):
            fair = 0.01 < self.chi2_probability < 0.99
            says = "as large as" if fair else "larger than" if self.chi2_probability <= 0.01 else "smaller than"
            lines.append(
                f"Reduced chi-square {number(self.reduced_chi2)}: the scatter is {says} the stated standard errors say "
                f"(probability {number(self.chi2_probability, 2)})."
            )
        if np.isfinite(self.tolerance):
            meets = "meets" if self.worst <= self.tolerance else "does not meet"
            lines.append(
                f"It {meets} every row within the tolerance of {number(self.tolerance)} {self.unit}".rstrip()
                + f" (largest residual {number(self.worst)})."
            )
        if self.selection:
            lines.append(self.selection)
        return lines


def quality_of(design: Design, data: Dataset, conditions: int, selection: str) -> Quality:
    """Return the quality of a fitted design on its training data."""
    from scipy.stats import chi2

    residual = design.predict(data.X) - data.y
    noise = data.noise_std
    reduced, probability, tolerance = float("nan"), float("nan"), float("nan")
    dof = len(data) - design.effective_parameters_
    if noise is not None and noise.any() and dof > 0:
        total = float(((residual / noise) ** 2).sum())
        reduced, probability = total / dof, float(chi2.sf(total, dof))
    elif noise is not None and not noise.any():
        tolerance = data.tolerance / data.response.scale
    return Quality(
        rows=len(data),
        conditions=conditions,
        parameters=design.count(data.n_features),
        effective=float(design.effective_parameters_),
        rmse=float(np.sqrt((residual**2).mean())) / data.response.scale,
        unit=data.response.unit,
        reduced_chi2=reduced,
        chi2_probability=probability,
        worst=float(np.abs(residual).max()) / data.response.scale,
        tolerance=tolerance,
        selection=selection,
    )
