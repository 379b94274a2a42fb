"""Open-circuit curves of a cell as it would be after losses: a grid of degradation modes, and what each looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError, generator, plural

from ._align import Alignment
from ._cell_model import Electrodes
from ._curve_noise import CurveNoise
from ._modes import MODES
from ._open_circuit import OpenCircuit

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray
FINE = 4000  # lithiations at which a voltage is looked for
SHARES = 201  # of the charge, at which curves are given


@dataclass(frozen=True, eq=False)
class SyntheticCurves:
    """Open-circuit curves of one cell after different losses; made by `synthetic_curves`.

    Attributes
    ----------
    modes : DataFrame of m rows
        ``LLI``, ``LAM_NE``, ``LAM_PE``.
    capacity : array of shape (m,)
        Charge between the two voltages, A h.
    share : array of shape (k,)
        Of the charge, 0 to 1.
    voltage : array of shape (m, k)
        V at these shares.
    along : array of shape (m, k)
        Lithiation of the negative electrode there, along which errors go together.
    window : (float, float)
        The two voltages.
    left_out : int
        Losses with which the cell cannot reach the two voltages.
    """

    modes: pd.DataFrame
    capacity: Array
    share: Array
    voltage: Array
    along: Array
    window: tuple[float, float]
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.capacity)

    def __repr__(self) -> str:
        low, high = self.window
        return f"<SyntheticCurves: {plural(len(self), 'curve')} from {low:g} to {high:g} V>"

    def curve(self, row: int) -> OpenCircuit:
        """Return one of them."""
        return OpenCircuit(f"synthetic {row}", self.capacity[row] * self.share, self.voltage[row])

    def with_noise(self, noise: CurveNoise, seed: int = 0) -> SyntheticCurves:
        """Return the same curves with errors drawn at random, of each its own."""
        random = generator(seed, 57)
        errors = np.array([noise.draw(along, random) for along in self.along])
        return SyntheticCurves(
            self.modes, self.capacity, self.share, self.voltage + errors, self.along, self.window, self.left_out
        )


def mode_grid(
    most: float | Mapping[str, float] = 0.3, *, count: int = 256, seed: int = 0, least: float = 0.0
) -> pd.DataFrame:
    """Return losses that fill a box evenly: a scrambled Sobol sequence.

    A regular grid of three losses with ten steps takes a thousand curves; a low-discrepancy sequence covers the same
    box with some hundred, at which no loss takes the same value twice.

    Parameters
    ----------
    most : float or dict
        Largest loss of each mode, or of each by name.
    count : int
        Number of combinations, best a power of two.
    seed : int
    least : float
        Smallest loss; a little below zero lets a learned inverse see both sides of no loss.

    Returns
    -------
    DataFrame
        ``LLI``, ``LAM_NE``, ``LAM_PE``.

    Raises
    ------
    ArgumentError
        A loss is not below 1, or there are fewer than two combinations.

    Examples
    --------
    >>> grid = mode_grid(0.2, count=4)
    >>> grid.shape, bool((grid.to_numpy() < 0.2).all())
    ((4, 3), True)
    """
    import pandas as pd
    from scipy.stats import qmc

    ends = np.array([float(most[name]) if isinstance(most, Mapping) else float(most) for name in MODES])
    if not ((ends < 1.0) & (ends > least)).all() or count < 2:
        raise ArgumentError(f"Losses must lie between {least:g} and 1 and be at least 2, got up to {most} and {count}.")
    # a sequence is drawn up to the next power of two, at which it is balanced, and cut
    points = qmc.Sobol(len(MODES), rng=np.random.default_rng(seed)).random_base2(int(np.ceil(np.log2(count))))[:count]
    return pd.DataFrame(least + points * (ends - least), columns=list(MODES))


def synthetic_curves(
    fresh: Alignment,
    modes: pd.DataFrame | ArrayLike,
    *,
    window: tuple[float, float] | None = None,
    shares: int = SHARES,
) -> SyntheticCurves:
    """Return the open-circuit curves of a cell after losses, between two voltages.

    The losses shrink the electrodes and the lithium of the aligned fresh cell; where it then is at the two voltages
    follows from its half-cell curves. Losses with which it does not reach them are left out and counted.

    Parameters
    ----------
    fresh : Alignment
        Of the cell before.
    modes : DataFrame or array of shape (m, 3)
        ``LLI``, ``LAM_NE``, ``LAM_PE``, each below 1, such as `mode_grid` makes.
    window : (float, float), optional
        Default: the ends of the fresh curve.
    shares : int
        Points of each curve.

    Returns
    -------
    SyntheticCurves

    Raises
    ------
    ArgumentError
        Losses make no sense, or no curve reaches the voltages.

    References
    ----------
    Dubarry & Beck 2020, 10.1016/j.jpowsour.2020.228806; Dubarry, Truchot & Liaw 2012, 10.1016/j.jpowsour.2012.07.016.

    Examples
    --------
    >>> from faradaic.performance import HalfCell, OpenCircuit, align
    >>> x = np.linspace(0.0, 1.0, 100)
    >>> graphite = HalfCell("n", x, 0.1 + 0.8 * np.exp(-30 * x) - 0.04 * np.tanh(20 * (x - 0.5)) - 0.02 * x)
    >>> oxide = HalfCell("p", x, 4.4 - 0.6 * x - 0.4 * x**2 - 0.4 * np.exp(-30 * (1 - x)))
    >>> Q = np.linspace(0.0, 2.0, 200)
    >>> cell = OpenCircuit("fresh", Q, oxide.at(0.95 - 0.35 * Q) - graphite.at(0.03 + 0.4 * Q))
    >>> made = synthetic_curves(align(cell, graphite, oxide, intervals="student"), [[0.0, 0.0, 0.0], [0.1, 0.0, 0.0]])
    >>> made.capacity.round(2).tolist()
    [2.0, 1.77]
    """
    import pandas as pd

    given: Any = modes
    losses = np.asarray(given[list(MODES)] if isinstance(modes, pd.DataFrame) else given, dtype=np.float64)
    if losses.ndim != 2 or losses.shape[1] != len(MODES) or not np.isfinite(losses).all() or (losses >= 1.0).any():
        raise ArgumentError(f"Losses need three finite columns below 1, LLI, LAM_NE and LAM_PE, got {losses.shape}.")
    ends = fresh.curve.voltage[[0, -1]] if window is None else window
    low, high = float(ends[0]), float(ends[1])
    if not low < high:
        raise ArgumentError(f"A window needs a lower and a higher voltage, got {low:g} and {high:g} V.")
    before = fresh.place.capacities(fresh.place.minima[0])
    before = {name: fresh.curve.capacity * value for name, value in before.items()}
    share = np.linspace(0.0, 1.0, shares)
    made = [_curve(fresh.place.electrodes, before, one, (low, high), share) for one in losses]
    kept = [k for k, one in enumerate(made) if one is not None]
    if not kept:
        raise ArgumentError(
            f"With none of these losses the cell reaches both {low:g} and {high:g} V; narrow the window."
        )
    there: list[Any] = [made[k] for k in kept]
    return SyntheticCurves(
        pd.DataFrame(losses[kept], columns=list(MODES)),
        np.array([one[0] for one in there]),
        share,
        np.array([one[1] for one in there]),
        np.array([one[2] for one in there]),
        (low, high),
        len(losses) - len(kept),
    )


def _curve(
    electrodes: Electrodes, before: Mapping[str, float], losses: Array, window: tuple[float, float], share: Array
) -> tuple[float, Array, Array] | None:
    """Return capacity, V, and lithiation of the negative electrode after losses; None where a voltage is missed."""
    Cn, Cp = before["Cn"] * (1.0 - losses[1]), before["Cp"] * (1.0 - losses[2])
    inventory = before["inventory"] * (1.0 - losses[0])
    within, there = electrodes.bounds
    x = np.linspace(*within, FINE)
    y = (inventory - x * Cn) / Cp
    x = x[(y >= there[0]) & (y <= there[1])]
    if len(x) < 2:
        return None

    def voltage(at: Array) -> Array:
        return electrodes.positive.at((inventory - at * Cn) / Cp) - electrodes.negative.at(at)

    V = np.maximum.accumulate(voltage(x))
    if V[0] > window[0] or V[-1] < window[1]:
        return None
    start, end = np.interp(window, V, x)
    along = start + (end - start) * share
    return float((end - start) * Cn), voltage(along), along
