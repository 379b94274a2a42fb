"""How far the responses may be trusted: measured, sampled, or computed."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Literal

from faradaic._core import ArgumentError

ReliabilityName = Literal["experiment", "stochastic", "deterministic"]


@dataclass(frozen=True)
class Experiment:
    """Measured values with scatter: regressed, with the noise stated, found from replicates, or fitted.

    Parameters
    ----------
    sigma : float, optional
        Standard deviation of one measurement, in the response's own unit, > 0. None: unknown.

    Examples
    --------
    >>> Experiment(sigma=0.3)
    Experiment(sigma=0.3)
    """

    sigma: float | None = None

    def __post_init__(self) -> None:
        _check_positive(self.sigma, "sigma")


@dataclass(frozen=True)
class Stochastic:
    """Sampled values (Monte Carlo, molecular dynamics) with a known standard error: regressed with weights.

    Parameters
    ----------
    standard_error : float, optional
        Standard error of every value, in the response's own unit, > 0. None: each row brings its own.
    """

    standard_error: float | None = None

    def __post_init__(self) -> None:
        _check_positive(self.standard_error, "standard_error")


@dataclass(frozen=True)
class Deterministic:
    """Values computed by a solver, exact to its tolerance: interpolated.

    Parameters
    ----------
    tolerance : float, optional
        Largest error of a value, in the response's own unit, >= 0. None: a millionth of the spread of the responses.
    """

    tolerance: float | None = None

    def __post_init__(self) -> None:
        value = self.tolerance
        if value is not None and not (math.isfinite(value) and value >= 0):
            raise ArgumentError(f"tolerance must be zero or a positive number, got {value!r}.")


Reliability = Experiment | Stochastic | Deterministic

_NAMED: dict[str, type[Reliability]] = {
    "experiment": Experiment,
    "stochastic": Stochastic,
    "deterministic": Deterministic,
}


def as_reliability(reliability: ReliabilityName | Reliability) -> Reliability:
    """Return the reliability object that a name stands for, or the object itself.

    Raises
    ------
    ArgumentError
        The name is not one of ``"experiment"``, ``"stochastic"`` and ``"deterministic"``.

    Examples
    --------
    >>> as_reliability("deterministic")
    Deterministic(tolerance=None)
    """
    if isinstance(reliability, Experiment | Stochastic | Deterministic):
        return reliability
    if not isinstance(reliability, str) or reliability not in _NAMED:
        raise ArgumentError(
            "reliability must be 'experiment', 'stochastic' or 'deterministic' "
            f"(or an object such as Experiment(sigma=0.3)), got {reliability!r}."
        )
    return _NAMED[reliability]()


def rescaled(reliability: Reliability, factor: float) -> Reliability:
    """Return the same reliability with its number in another unit, ``factor`` times the old one."""
    (field,) = fields(reliability)
    value = getattr(reliability, field.name)
    return reliability if value is None else replace(reliability, **{field.name: value * factor})


def _check_positive(value: float | None, name: str) -> None:
    if value is not None and not (math.isfinite(value) and value > 0):
        raise ArgumentError(f"{name} must be a positive number, or left out where it is unknown, got {value!r}.")
