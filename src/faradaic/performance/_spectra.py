"""Impedance spectra as features: the spectrum itself, parameters of a circuit, a distribution of relaxation times."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError, ColumnError, InputError, number, plural
from faradaic.data import Spectrum

if TYPE_CHECKING:
    import pandas as pd

    from faradaic.laws.circuits import Circuit

Array = np.ndarray
_HEADER = re.compile(r"^(Re|Im) Z at ([0-9.eE+-]+) Hz \[(m?ohm|Ω|mΩ)\]$")
SAME_FREQUENCY = 1e-3  # instruments state frequencies with as many digits


def spectra_table(spectra: Sequence[Spectrum], **columns: ArrayLike) -> pd.DataFrame:
    """Return spectra as a table, one row for each, with further columns such as the cell or the capacity.

    Parameters
    ----------
    spectra : sequence of Spectrum
        At the same frequencies.
    **columns : arrays of shape (n,)
        Further columns by header; write ``**{"Q [mAh]": ...}`` where it is no name.

    Returns
    -------
    DataFrame
        The further columns, then ``Re Z at 17.8 Hz [ohm]`` for every frequency, then ``Im Z at ...``.

    Raises
    ------
    InputError
        There is no spectrum, or frequencies differ.

    Examples
    --------
    >>> one = Spectrum([100.0, 1.0], [1 - 1j, 2 - 3j])
    >>> spectra_table([one], cell=["a"]).columns.tolist()[:3]
    ['cell', 'Re Z at 100 Hz [ohm]', 'Re Z at 1 Hz [ohm]']
    """
    import pandas as pd

    if not len(spectra):
        raise InputError("A table of spectra needs at least one spectrum.")
    frequency = spectra[0].frequency
    for place, one in enumerate(spectra):
        if len(one) != len(frequency) or (np.abs(one.frequency / frequency - 1.0) > SAME_FREQUENCY).any():
            raise InputError(
                f"Spectrum {place + 1} ({one.source or 'without a name'}) has other frequencies than the first; "
                "measure all at the same, or interpolate them before."
            )
    Z: Any = np.array([one.Z for one in spectra])
    made = pd.DataFrame(np.hstack([Z.real, Z.imag]), columns=headers_of(frequency))
    for place, (header, values) in enumerate(columns.items()):
        made.insert(place, header, np.asarray(values))
    return made


def headers_of(frequency: Array) -> list[str]:
    """Return the headers of the columns of spectra at these frequencies, Hz."""
    return [f"{part} Z at {f:.5g} Hz [ohm]" for part in ("Re", "Im") for f in frequency]


def spectra_of(table: pd.DataFrame) -> tuple[Array, Array]:
    """Return the frequencies and the spectra of a table that `spectra_table` made.

    Returns
    -------
    frequency : array of shape (m,)
        Hz.
    Z : array of shape (n, m), complex
        ohm.

    Raises
    ------
    ColumnError
        There are no such columns, or a frequency has a real part only, or an imaginary part only.

    Examples
    --------
    >>> frequency, Z = spectra_of(spectra_table([Spectrum([100.0, 1.0], [1 - 1j, 2 - 3j])]))
    >>> frequency.tolist(), Z.tolist()
    ([100.0, 1.0], [[(1-1j), (2-3j)]])
    """
    found: dict[str, dict[float, Array]] = {"Re": {}, "Im": {}}
    for header in table.columns:
        match = _HEADER.match(str(header))
        if match:
            scale = 1e-3 if match[3].startswith("m") else 1.0
            found[match[1]][float(match[2])] = scale * table[header].to_numpy(dtype=np.float64)
    if not found["Re"] or found["Re"].keys() != found["Im"].keys():
        raise ColumnError(
            f"The table has {plural(len(found['Re']), 'column')} such as 'Re Z at 17.8 Hz [ohm]' and "
            f"{len(found['Im'])} such as 'Im Z at 17.8 Hz [ohm]'; each frequency needs both."
        )
    frequency = np.array(list(found["Re"]))
    Z = np.column_stack([found["Re"][f] for f in found["Re"]]) + 1j * np.column_stack(
        [found["Im"][f] for f in found["Re"]]
    )
    return frequency, Z


def circuit_features(
    table: pd.DataFrame, circuit: Circuit | str, **options: Any
) -> tuple[pd.DataFrame, Mapping[int, str]]:
    """Return the parameters of a circuit fitted to each spectrum of a table.

    Parameters
    ----------
    table : DataFrame
        As `spectra_table` makes it.
    circuit : Circuit or str
        Such as ``"R0-p(R1,CPE1)-W1"``.
    **options
        For `faradaic.approximations.fit_circuit`.

    Returns
    -------
    features : DataFrame
        Columns that are no spectrum, and one for each parameter with its unit; NaN where a fit failed. The Q of a
        constant-phase element is a plain number: its unit, s^alpha/ohm, differs from row to row.
    failures : mapping of int to str
        The reason of each row whose fit failed.

    Raises
    ------
    ColumnError
        The table holds no spectra.

    References
    ----------
    Boukamp 1986, 10.1016/0167-2738(86)90031-7.

    Examples
    --------
    >>> from faradaic.laws.circuits import Circuit
    >>> f = np.logspace(4, -1, 30)
    >>> made = [Spectrum(f, Circuit("R0-p(R1,C1)")(f, [1.0, R, 1e-3])) for R in (2.0, 3.0)]
    >>> features, failures = circuit_features(spectra_table(made, cell=["a", "b"]), "R0-p(R1,C1)")
    >>> features.columns.tolist(), features["R1 [ohm]"].round(6).tolist(), dict(failures)
    (['cell', 'R0 [ohm]', 'R1 [ohm]', 'C1 [F]'], [2.0, 3.0], {})
    """
    from faradaic.approximations import fit_circuit

    frequency, Z = spectra_of(table)
    found = fit_circuit(circuit, frequency, Z, **options)
    made = _others(table)
    for name, unit, values in zip(found.circuit.names, found.circuit.units, found.theta.T, strict=True):
        plain = unit in ("", "dimensionless", "1") or "alpha" in unit  # s^alpha/ohm is another unit in each row
        made[name if plain else f"{name} [{unit}]"] = values
    return made, found.failures


def relaxation_features(table: pd.DataFrame, *, times: int = 24, penalty: float = 1e-2) -> pd.DataFrame:
    """Return the distribution of relaxation times of each spectrum of a table.

    Z = R∞ + Σ_k R_k / (1 + i ω τ_k) with R_k ≥ 0 at fixed times τ_k, by least squares relative to the modulus with a
    penalty on (R_k)², which keeps neighbouring times from taking turns.

    Parameters
    ----------
    table : DataFrame
        As `spectra_table` makes it.
    times : int
        Relaxation times, equally far from one another in ln τ between 1/ω of the highest and of the lowest frequency.
    penalty : float
        Weight of the penalty, >= 0, against residuals relative to the modulus and R_k relative to the largest modulus.

    Returns
    -------
    DataFrame
        Columns that are no spectrum, then ``R at inf Hz [ohm]`` and ``R at tau 0.0012 s [ohm]`` for each time.

    Raises
    ------
    ColumnError
        The table holds no spectra.
    ArgumentError
        A number is out of its range.

    References
    ----------
    Boukamp & Rolle 2017, Solid State Ionics 302, 12, 10.1016/j.ssi.2016.10.009.

    Examples
    --------
    >>> from faradaic.laws.circuits import Circuit
    >>> f = np.logspace(4, -1, 30)
    >>> made = spectra_table([Spectrum(f, Circuit("R0-p(R1,C1)")(f, [1.0, 2.0, 1e-3]))])
    >>> found = relaxation_features(made, times=12, penalty=1e-4)
    >>> float(found.filter(like="tau").sum(axis=1).iloc[0].round(1))
    2.0
    """
    from scipy.optimize import nnls

    if times < 2 or not penalty >= 0:
        raise ArgumentError(f"There must be at least 2 times and a penalty of at least 0, got {times} and {penalty}.")
    frequency, Z = spectra_of(table)
    omega = 2.0 * np.pi * frequency
    tau = np.logspace(np.log10(1.0 / omega.max()), np.log10(1.0 / omega.min()), times)
    kernel = np.hstack([np.ones((len(omega), 1)), 1.0 / (1.0 + 1j * np.outer(omega, tau))])
    held = np.sqrt(penalty) * np.eye(times + 1)[1:]
    found = np.full((len(Z), times + 1), np.nan)
    for row in np.flatnonzero(np.isfinite(Z).all(axis=1) & (np.abs(Z) > 0).all(axis=1)):
        weight, most = 1.0 / np.abs(Z[row]), np.abs(Z[row]).max()
        A = kernel * weight[:, None]
        b = Z[row] * weight
        system = np.vstack([A.real, A.imag, held / most])
        found[row] = nnls(system, np.concatenate([b.real, b.imag, np.zeros(times)]))[0]
    made = _others(table)
    made["R at inf Hz [ohm]"] = found[:, 0]
    for place, t in enumerate(tau):
        made[f"R at tau {number(float(t))} s [ohm]"] = found[:, place + 1]
    return made


def _others(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that are no spectrum."""
    return table[[c for c in table.columns if not _HEADER.match(str(c))]].copy()
