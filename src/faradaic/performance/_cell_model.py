"""The voltage of a full cell from the curves of its two electrodes, and where the search for their places begins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import least_squares

from faradaic._core import ArgumentError, FitError

from ._curve_table import mean_of_parts
from ._half_cell import HalfCell
from ._open_circuit import OpenCircuit

Array = np.ndarray
# share of its half-cell curve by which an electrode may go beyond it; the curve is continued straight there
BEYOND = 0.05
POINTS = 150  # means of equally many rows, to which a curve is reduced before it is fitted
SCREENED = 12  # two to this power of places are looked at
SEARCHED = 8  # of which so many are searched from
COARSE = 40  # points of the curve, to look at places
APART = 0.08  # starts that are closer than this in every lithiation count as one
NAMES: tuple[str, ...] = ("x0", "x100", "y0", "y100")


@dataclass(frozen=True, eq=False)
class Electrodes:
    """The two electrodes of a cell.

    Attributes
    ----------
    negative, positive : HalfCell

    Raises
    ------
    ArgumentError
        The two are exchanged.

    Examples
    --------
    >>> cell = Electrodes(HalfCell("n", [0.0, 1.0], [0.2, 0.1]), HalfCell("p", [0.0, 1.0], [4.2, 3.6]))
    >>> cell.voltage([0.0, 1.0], 0.0, 1.0, 1.0, 0.0).round(6).tolist()
    [3.4, 4.1]
    """

    negative: HalfCell
    positive: HalfCell

    def __post_init__(self) -> None:
        if np.median(self.negative.potential) >= np.median(self.positive.potential):
            raise ArgumentError(
                f"The potential of the negative electrode ({self.negative.name}) must lie below that of the positive "
                f"one ({self.positive.name}); are the two exchanged?"
            )

    @property
    def bounds(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Lowest and highest lithiation of the negative and of the positive electrode: a little beyond their curves."""
        made = []
        for cell in (self.negative, self.positive):
            first, last = (float(end) for end in cell.lithiation[[0, -1]])
            more = BEYOND * (last - first)
            made.append((first - more, last + more))
        return made[0], made[1]

    def voltage(self, share: ArrayLike, x0: float, x100: float, y0: float, y100: float) -> Array:
        """Return the voltage where a share of the charge between two states has gone in, shape of ``share``, V.

        Parameters
        ----------
        share : array
            0 in the discharged state, 1 in the charged one.
        x0, x100 : float
            Lithiation of the negative electrode in the discharged and in the charged state.
        y0, y100 : float
            Of the positive electrode.
        """
        s = np.asarray(share, dtype=np.float64)
        return self.positive.at(y0 + (y100 - y0) * s) - self.negative.at(x0 + (x100 - x0) * s)


def reduced_shares(curve: OpenCircuit, points: int) -> tuple[Array, Array]:
    """Return the shares of the charge and the voltages of a curve, reduced to so many points if it has over twice that.

    Means of now one row and now two would jump from one to the next where the curve is steep.
    """
    points = points if len(curve.charge) > 2 * points else len(curve.charge)
    return mean_of_parts(curve.charge, points) / curve.capacity, mean_of_parts(curve.voltage, points)


def located(electrodes: Electrodes, share: Array, voltage: Array, offset: bool) -> list[Array]:
    """Return places of the electrodes that fit a curve, best first: x0, x100, y0, y100 and, if asked, the offset.

    Many places are looked at, the best of them that differ are searched from by least squares.

    Raises
    ------
    FitError
        No search came to an end.
    """
    x, y = electrodes.bounds
    ends = np.array([x, x, y, y] + [(-np.inf, np.inf)] * offset).T

    def misfit(p: Array) -> Array:
        return electrodes.voltage(share, *p[:4]) + (p[4] if offset else 0.0) - voltage

    found = []
    for start in _screened(electrodes, share, voltage):
        begin = [*start, *[0.0] * offset]
        run = least_squares(misfit, begin, bounds=ends, x_scale=0.1, max_nfev=400, xtol=1e-11, ftol=1e-13, gtol=None)
        if run.status > 0 and np.isfinite(run.cost):
            found.append((float(run.cost), run.x))
    if not found:
        raise FitError("No place of the two electrodes was found that gives this curve.")
    return [places for _, places in sorted(found, key=lambda one: one[0])]


def _screened(electrodes: Electrodes, share: Array, voltage: Array) -> list[Array]:
    from scipy.stats import qmc

    U = qmc.Sobol(4, rng=np.random.default_rng(0)).random_base2(SCREENED)
    # of each electrode a lower and an upper lithiation, which differ
    x, y = np.sort(U[:, :2], axis=1), np.sort(U[:, 2:], axis=1)[:, ::-1]
    U = np.hstack([x, y])[(x[:, 1] - x[:, 0] > 0.05) & (y[:, 0] - y[:, 1] > 0.05)]
    first = np.repeat([cell.lithiation[0] for cell in (electrodes.negative, electrodes.positive)], 2)
    p = first + U * np.repeat([np.ptp(cell.lithiation) for cell in (electrodes.negative, electrodes.positive)], 2)
    some = np.linspace(0, len(share) - 1, min(COARSE, len(share))).astype(int)
    s = share[some]
    made = electrodes.positive.at(p[:, 2:3] + (p[:, 3:4] - p[:, 2:3]) * s) - electrodes.negative.at(
        p[:, :1] + (p[:, 1:2] - p[:, :1]) * s
    )
    # the root keeps a steep end from deciding alone
    error = np.sqrt(np.abs(made - voltage[some])).mean(axis=1)
    chosen: list[Array] = []
    for place in p[np.argsort(error, kind="stable")]:
        if all(np.abs(place - other).max() > APART for other in chosen):
            chosen.append(place)
        if len(chosen) == SEARCHED:
            break
    return chosen
