"""How far one new observation scatters about a trend: an amount, or a share of the response."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faradaic.data import Dataset

Array = np.ndarray
# the share of the leave-out error that counts as scatter even where the trend's own spread seems to explain it all
LEAST = 0.1
# gain of the logarithm of the likelihood above which errors that grow with the response are scatter in shares of it
MARGIN = 3.0


def stated_noise(data: Dataset, value: Array) -> Array | None:
    """Return the standard deviation of a new row where the response is ``value`` (m,), SI; None if none is stated.

    The share of the response or the amount that it is in the data, whichever varies less.
    """
    known = data.noise_std
    if known is None or not known.any():
        return None
    share = known / np.maximum(np.abs(data.y), np.finfo(np.float64).tiny)
    if share.std() / share.mean() < known.std() / known.mean():
        return np.median(share) * np.abs(value)
    return np.full(len(value), np.median(known))


@dataclass(frozen=True)
class Scatter:
    """Standard deviation of a new observation about the trend, seen from leave-out errors.

    Attributes
    ----------
    size : float
        In the coordinate of the response, or as a share of it.
    relative : bool
        Whether it is a share.
    """

    size: float
    relative: bool

    @classmethod
    def of(cls, residual: Array, variance: Array, value: Array | None, clusters: int) -> Scatter:
        """Tell amount from share by the likelihood of normal errors.

        Parameters
        ----------
        residual, variance : arrays of shape (m,)
            Leave-out residuals, and the variance of the trend there.
        value : array of shape (m,) or None
            What was predicted there; None: no share makes sense.
        clusters : int
            How many of the residuals are independent.

        Examples
        --------
        >>> import numpy as np
        >>> value = np.geomspace(1.0, 100.0, 30)
        >>> error = np.resize([0.1, -0.1], 30)
        >>> Scatter.of(error * value, np.zeros(30), value, 30)
        Scatter(size=0.1, relative=True)
        >>> Scatter.of(error, np.zeros(30), value, 30)
        Scatter(size=0.1, relative=False)
        """
        amount = cls(_size(residual, variance), False)
        if value is None or not (np.all(value > 0) or np.all(value < 0)) or not residual.any():
            return amount
        size = np.abs(value)
        gain = 0.5 * np.log((residual**2).mean() / ((residual / size) ** 2).mean()) - np.log(size).mean()
        return cls(_size(residual / size, variance / size**2), True) if clusters * gain > MARGIN else amount

    def at(self, value: Array) -> Array:
        """Return the standard deviation where the trend is ``value`` (m,), shape (m,)."""
        return self.size * np.abs(value) if self.relative else np.full(len(value), self.size)


def _size(residual: Array, variance: Array) -> float:
    squares = float((residual**2).mean())
    return float(np.sqrt(max(squares - float(variance.mean()), LEAST * squares)))
