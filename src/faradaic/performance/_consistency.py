"""Whether the spectra of a table can come from linear, causal and stationary systems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import number, plural
from faradaic.approximations import KramersKronig, kramers_kronig
from faradaic.data import Spectrum

from ._spectra import spectra_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class SpectraConsistency:
    """The linear Kramers-Kronig test of many spectra.

    Attributes
    ----------
    rows : tuple of int
        Places in the table of the spectra that were tested.
    tests : tuple of KramersKronig
    """

    rows: tuple[int, ...]
    tests: tuple[KramersKronig, ...]

    @property
    def failing(self) -> tuple[int, ...]:
        """Places in the table of the spectra that fail."""
        return tuple(row for row, test in zip(self.rows, self.tests, strict=True) if not test.consistent)

    def summary(self) -> str:
        """Return the verdict on all spectra, in words."""
        tested = f"{plural(len(self.rows), 'spectrum', 'spectra')} tested"
        if not self.failing:
            return f"Kramers-Kronig relations: nothing speaks against them in {tested}."
        worst = max((t for t in self.tests if not t.consistent), key=lambda one: one.systematic)
        row = self.rows[self.tests.index(worst)]
        return (
            f"Kramers-Kronig relations: {len(self.failing):,} of {tested} deviate by more than noise and 0.2 % of the "
            f"modulus, most of all row {row + 1}, by {number(100 * worst.systematic)} % around {number(worst.worst)} "
            "Hz: these systems drifted, or were driven beyond their linear range; an apparent trend may be theirs."
        )

    def __str__(self) -> str:
        return self.summary()


def consistency(table: pd.DataFrame, *, most: int = 200) -> SpectraConsistency:
    """Test the spectra of a table by the linear Kramers-Kronig relations.

    Parameters
    ----------
    table : DataFrame
        As `spectra_table` makes it.
    most : int
        Of more spectra than that so many are tested, evenly spread over the table.

    Raises
    ------
    InputError
        The table holds no spectra, or they have fewer than 10 frequencies.

    References
    ----------
    Boukamp 1995, 10.1149/1.2044210; see `faradaic.approximations.kramers_kronig`.

    Examples
    --------
    >>> from faradaic.laws.circuits import Circuit
    >>> from faradaic.performance import spectra_table
    >>> f = np.logspace(4, -1, 30)
    >>> noise = 1 + 1e-3 * np.random.default_rng(0).normal(size=(2, 30))
    >>> Z = Circuit("R0-p(R1,C1)")(f, [1.0, 2.0, 1e-3])
    >>> print(consistency(spectra_table([Spectrum(f, Z.real * noise[0] + 1j * Z.imag * noise[1])])))
    Kramers-Kronig relations: nothing speaks against them in 1 spectrum tested.
    """
    frequency, Z = spectra_of(table)
    rows = np.unique(np.linspace(0, len(Z) - 1, min(len(Z), most)).astype(int)).tolist()
    tests = tuple(kramers_kronig(Spectrum(frequency, Z[row], f"row {row + 1}")) for row in rows)
    return SpectraConsistency(tuple(rows), tests)
