"""Designs of experiments: where in the ranges of some parameters a simulation is to be run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from faradaic._core import ArgumentError, identity, joined, number
from faradaic.data import parse_header

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray
Sampler = Literal["sobol", "latin hypercube", "random"]


@dataclass(frozen=True)
class Range:
    """A parameter and where it may lie.

    Attributes
    ----------
    header : str
        Its name with its unit, e.g. ``"Positive electrode thickness [um]"``.
    low, high : float
        In that unit.
    log : bool
        Spread evenly in the logarithm.

    Raises
    ------
    ArgumentError
        The ends are not finite and in order or, with ``log``, not positive.
    UnitError
        The unit is not known.
    """

    header: str
    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        parse_header(self.header)
        if not (np.isfinite([self.low, self.high]).all() and self.low < self.high):
            raise ArgumentError(
                f"The range of {self.header!r} must be two finite numbers, the lower one first, got {self.low!r} and "
                f"{self.high!r}."
            )
        if self.log and not self.low > 0:
            raise ArgumentError(
                f"{self.header!r} is to be spread in its logarithm, but its range begins at {number(self.low)}; "
                "begin above zero, or leave log out."
            )

    def at(self, share: Array) -> Array:
        """Return the values at shares (0 to 1, any shape) of the way from one end to the other."""
        if self.log:
            return np.exp(np.log(self.low) + share * np.log(self.high / self.low))
        return self.low + share * (self.high - self.low)


@dataclass(frozen=True, eq=False)
class SimulationDesign:
    """Where to simulate; made by `simulation_design`.

    Attributes
    ----------
    ranges : tuple of Range
        One for each parameter.
    X : array of shape (n, p)
        The values, a row for each simulation, in the units of the ranges.
    sampler : str
    seed : int
    """

    ranges: tuple[Range, ...]
    X: Array
    sampler: str
    seed: int

    def __len__(self) -> int:
        return len(self.X)

    @property
    def headers(self) -> list[str]:
        """Names of the parameters with their units."""
        return [one.header for one in self.ranges]

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of parameters, ranges and values."""
        return identity(self.ranges, self.X)

    def table(self) -> pd.DataFrame:
        """Return the values as a table, a column for each parameter."""
        import pandas as pd

        return pd.DataFrame(self.X, columns=self.headers)

    def __repr__(self) -> str:
        return f"<SimulationDesign: {len(self):,} simulations over {joined(self.headers)}, {self.sampler}>"


def simulation_design(
    ranges: Mapping[str, tuple[float, float]] | Sequence[Range],
    n: int,
    sampler: Sampler = "sobol",
    *,
    seed: int = 0,
) -> SimulationDesign:
    """Spread ``n`` simulations over the ranges of some parameters.

    Parameters
    ----------
    ranges : mapping of header to (low, high), or sequence of Range
        The parameters with their units; a `Range` may be spread in the logarithm.
    n : int
        Number of simulations.
    sampler : {"sobol", "latin hypercube", "random"}
        Scrambled Sobol' points (of which a longer design with the same seed holds the shorter one), a Latin hypercube,
        or independent uniform points.
    seed : int
        Same seed, same design.

    Returns
    -------
    SimulationDesign

    Raises
    ------
    ArgumentError
        There is no range, one is given twice, or ``n`` is no positive number.

    References
    ----------
    Sobol' 1967, 10.1016/0041-5553(67)90144-9; Owen 1998 (scrambling), 10.1006/jcom.1998.0487; McKay, Beckman & Conover
    1979 (Latin hypercubes), 10.1080/00401706.1979.10489755.

    Examples
    --------
    >>> made = simulation_design([Range("L [um]", 50, 80), Range("C-rate", 0.1, 10, log=True)], 8)
    >>> made.X.shape, bool((made.X[:, 1] < 1).sum() == 4)
    ((8, 2), True)
    """
    found = tuple(Range(h, *ends) for h, ends in ranges.items()) if isinstance(ranges, Mapping) else tuple(ranges)
    headers = [one.header for one in found]
    if not found or len(set(headers)) < len(headers):
        raise ArgumentError(f"Give at least one parameter, each once, got {joined(map(repr, headers)) or 'none'}.")
    if isinstance(n, bool) or not (isinstance(n, int | np.integer) and n >= 1):
        raise ArgumentError(f"n must be a positive whole number, got {n!r}.")
    share = _spread(len(found), int(n), sampler, seed)
    return SimulationDesign(
        found, np.column_stack([one.at(share[:, j]) for j, one in enumerate(found)]), sampler, int(seed)
    )


def _spread(p: int, n: int, sampler: Sampler, seed: int) -> Array:
    from scipy.stats import qmc

    rng = np.random.default_rng(seed)
    if sampler == "sobol":  # drawn by powers of two, as the sequence is balanced, and cut
        return qmc.Sobol(p, seed=rng).random_base2(int(np.ceil(np.log2(n))))[:n]
    if sampler == "latin hypercube":
        return qmc.LatinHypercube(p, seed=rng).random(n)
    if sampler == "random":
        return rng.random((n, p))
    raise ArgumentError(f"sampler must be {joined(map(repr, get_args(Sampler)), 'or')}, got {sampler!r}.")
