"""A number with an interval, or the reason why there is none."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from faradaic._core import ArgumentError, joined, nearest, number
from faradaic.identifiability import Estimate

UNFELT = {"not felt": "no point of the curve feels it", "together": "the curve tells it only together with others"}


@dataclass(frozen=True)
class Told:
    """What a curve says of one quantity.

    Attributes
    ----------
    name : str
    value, low, high : float
        With the ends of its interval, in `unit`; NaN where the curve leaves it open.
    unit : str
        Empty for a pure number.
    why : str
        Why it is open; empty where it is identified.

    Examples
    --------
    >>> print(Told("LLI", 0.12, 0.1, 0.14))
    LLI = 0.12 (0.1 to 0.14)
    >>> print(Told("LAM_PE", why="no point of the curve feels it"))
    LAM_PE is open: no point of the curve feels it
    """

    name: str
    value: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    unit: str = ""
    why: str = ""

    @property
    def identified(self) -> bool:
        """Whether the curve determines it."""
        return not self.why

    @property
    def half_width(self) -> float:
        """Half the width of the interval, in `unit`."""
        return 0.5 * (self.high - self.low)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready record."""
        return {"identified": self.identified, **asdict(self)}

    def __str__(self) -> str:
        if self.why:
            return f"{self.name} is open: {self.why}"
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.name} = {number(self.value, 4)}{unit} ({number(self.low, 4)} to {number(self.high, 4)})"


class Answers:
    """What a curve says of several quantities, by name.

    Attributes
    ----------
    quantities : tuple of Told
    """

    quantities: tuple[Told, ...]

    def __getitem__(self, name: str) -> Told:
        known = {one.name: one for one in self.quantities}
        if name not in known:
            close = nearest(name, list(known)) or list(known)
            raise ArgumentError(f"There is no quantity {name!r} here; did you mean {joined(close, 'or')}?")
        return known[name]

    @property
    def identified(self) -> tuple[str, ...]:
        """Quantities that are determined."""
        return tuple(one.name for one in self.quantities if one.identified)

    @property
    def open(self) -> tuple[str, ...]:
        """Quantities that are left open."""
        return tuple(one.name for one in self.quantities if not one.identified)


def told(
    one: Estimate, name: str, rivals: list[float], tolerance: float, *, factor: float = 1.0, unit: str = ""
) -> Told:
    """Return an estimate as a number, or as open.

    Parameters
    ----------
    one : Estimate
    name : str
    rivals : list of float
        Values at other places that fit as well; the interval is widened to hold them.
    tolerance : float
        Half a width of the interval, in units of the estimate, above which it counts as open.
    factor : float
        From the units of the estimate to ``unit``.

    Examples
    --------
    >>> told(Estimate("a", "identified", 1.0, 0.1, 0.8, 1.2), "a", [1.9], 0.4).why
    'other places of the electrodes fit as well, and its interval of ± 0.55 is wider than ± 0.40'
    """
    if one.status in UNFELT:
        return Told(name, unit=unit, why=UNFELT[one.status])
    if not np.isfinite([one.low, one.high]).all():
        missing = [end for end, at in (("lower", one.low), ("upper", one.high)) if not np.isfinite(at)]
        return Told(name, unit=unit, why=f"its interval has no {' and no '.join(missing)} end")
    low, high = min(one.low, *rivals, one.high), max(one.high, *rivals, one.low)
    half = 0.5 * (high - low)
    if half > tolerance:
        other = "other places of the electrodes fit as well, and " if half > 0.51 * (one.high - one.low) else ""
        width, limit = (f"± {number(factor * one, 2)}{' ' * bool(unit)}{unit}" for one in (half, tolerance))
        return Told(name, unit=unit, why=f"{other}its interval of {width} is wider than {limit}")
    return Told(name, factor * one.value, factor * low, factor * high, unit)
