"""A number that was learned, with its standard deviation and the interval that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faradaic._core import ArgumentError, IntervalError, number

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Estimate:
    """Values with their standard deviations, and how much is known of these.

    Attributes
    ----------
    name, unit : str
        What it is.
    value, std : arrays of shape (n,)
        Values and standard deviations, in ``unit``; NaN standard deviations where nothing is known of the spread.
    freedom : float
        Degrees of freedom of the standard deviations: infinite where the noise is declared, NaN where there is none.
    reason : str
        Why there is no interval, where there is none.

    Examples
    --------
    >>> import numpy as np
    >>> energy = Estimate("Ea", "kJ/mol", np.array([30.0]), np.array([1.0]), freedom=3.0)
    >>> low, high = energy.interval(0.95)
    >>> float(low[0]), float(high[0])  # 30 ± 3.18, Student with 3 degrees of freedom
    (26.8, 33.2)
    >>> print(energy)
    Ea = 30 kJ/mol (95 %: 26.8 to 33.2)
    """

    name: str
    unit: str
    value: Array
    std: Array
    freedom: float
    reason: str = ""

    def interval(self, level: float = 0.95) -> tuple[Array, Array]:
        """Return the ends of the intervals, each of shape (n,), by Student's t (normal where the noise is declared).

        Parameters
        ----------
        level : float
            Between 0 and 1.

        Raises
        ------
        IntervalError
            The data leave nothing to tell the spread from; the message is the reason.
        """
        if not np.isfinite(self.std).all() or np.isnan(self.freedom):
            raise IntervalError(self.reason or f"There is no interval of {self.name}: its spread cannot be known.")
        half = quantile_of(level, self.freedom) * self.std
        return self.value - half, self.value + half

    def lines(self) -> list[str]:
        """Return each value with its 95 % interval, one line each."""
        lines = [f"{self.name} = {number(float(value), 4)} {self.unit}".rstrip() for value in self.value]
        try:
            low, high = self.interval()
        except IntervalError:
            return [f"{line} (no interval)" for line in lines]
        ends = [f"95 %: {number(float(a))} to {number(float(b))}" for a, b in zip(low, high, strict=True)]
        return [f"{line} ({words})" for line, words in zip(lines, ends, strict=True)]

    def __str__(self) -> str:
        try:
            self.interval()
        except IntervalError as error:
            return "\n".join([*self.lines(), str(error)])
        return "\n".join(self.lines())


def quantile_of(level: float, freedom: float) -> float:
    """Return how many standard deviations an interval of this level reaches to either side."""
    from scipy.stats import t

    return float(t.ppf(0.5 * (1.0 + checked_level(level)), freedom))


def checked_level(level: float) -> float:
    """Return the level if it lies between 0 and 1."""
    if not (isinstance(level, int | float | np.number) and 0.0 < level < 1.0):
        raise ArgumentError(f"level must lie between 0 and 1, such as 0.95, got {level!r}.")
    return float(level)
