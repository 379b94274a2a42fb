"""Spectra as features: there and back, circuits against the truth, relaxation times, and what fails Kramers-Kronig."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from faradaic._core import ArgumentError, ColumnError, InputError
from faradaic.data import Spectrum
from faradaic.laws.circuits import Circuit
from faradaic.performance import circuit_features, consistency, relaxation_features, spectra_of, spectra_table

F = np.logspace(4, -1, 40)
CIRCUIT = Circuit("R0-p(R1,CPE1)")


def made(resistances, noise=0.0, seed=0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    spectra = []
    for R in resistances:
        Z = CIRCUIT(F, [1.0, R, 1e-3, 0.9])
        off = noise * (rng.normal(size=F.size) + 1j * rng.normal(size=F.size))
        spectra.append(Spectrum(F, Z * (1.0 + off)))
    return spectra_table(spectra, cell=[f"c{k}" for k in range(len(spectra))])


def test_there_and_back():
    table = made([2.0, 3.0])
    frequency, Z = spectra_of(table)
    np.testing.assert_allclose(frequency, F, rtol=1e-4)
    np.testing.assert_array_equal(Z[1], CIRCUIT(F, [1.0, 3.0, 1e-3, 0.9]))
    in_milliohm = table.rename(columns=lambda name: name.replace("[ohm]", "[mohm]"))
    np.testing.assert_allclose(spectra_of(in_milliohm)[1], Z * 1e-3)


def test_the_circuit_is_found_in_each_row():
    found, failures = circuit_features(made([2.0, 3.0, 5.0], 1e-3), CIRCUIT)
    assert not failures
    assert found["cell"].tolist() == ["c0", "c1", "c2"]
    np.testing.assert_allclose(found["R1 [ohm]"], [2.0, 3.0, 5.0], rtol=0.01)
    np.testing.assert_allclose(found["CPE1_alpha"], 0.9, rtol=0.01)


def test_a_spectrum_that_cannot_be_fitted_is_no_number():
    table = made([2.0, 3.0])
    table.loc[1, table.columns[3]] = np.nan
    found, failures = circuit_features(table, CIRCUIT)
    assert list(failures) == [1]
    assert np.isnan(found["R1 [ohm]"][1])
    assert relaxation_features(table).iloc[1, 1:].isna().all()


def test_relaxation_times_lie_where_the_circuit_has_them():
    tau = 1e-2
    Z = Circuit("R0-p(R1,C1)")(F, [1.0, 4.0, tau / 4.0])
    found = relaxation_features(spectra_table([Spectrum(F, Z)]), times=30, penalty=1e-6)
    weights = found.filter(like="tau")
    times = np.array([float(name.split()[3]) for name in weights])
    mean = np.exp((weights.to_numpy()[0] * np.log(times)).sum() / weights.to_numpy().sum())
    assert mean == pytest.approx(tau, rel=0.1)
    assert weights.to_numpy().sum() == pytest.approx(4.0, rel=0.02)
    assert found["R at inf Hz [ohm]"][0] == pytest.approx(1.0, rel=0.02)
    with pytest.raises(ArgumentError, match="at least 2 times"):
        relaxation_features(spectra_table([Spectrum(F, Z)]), times=1)


def test_a_drifting_spectrum_is_named():
    good = made([2.0, 2.5], 2e-3)
    assert not consistency(good).failing
    drifted = CIRCUIT(F, [1.0, 2.0, 1e-3, 0.9]) * (1.0 + 0.3 * np.linspace(0, 1, F.size) ** 4)
    rows = pd.concat([good, spectra_table([Spectrum(F, drifted)], cell=["bad"])], ignore_index=True)
    found = consistency(rows)
    assert found.failing == (2,)
    assert "1 of 3 spectra tested deviate" in found.summary()
    assert "most of all row 3" in found.summary()
    assert len(consistency(rows, most=2).rows) == 2


def test_bad_tables():
    with pytest.raises(ColumnError, match="each frequency needs both"):
        spectra_of(made([2.0]).drop(columns="Im Z at 10000 Hz [ohm]"))
    with pytest.raises(InputError, match=r"Spectrum 2 .* has other frequencies than the first"):
        spectra_table([Spectrum(F, 1.0 + 0j * F), Spectrum(2 * F, 1.0 + 0j * F)])
    with pytest.raises(InputError, match="at least one spectrum"):
        spectra_table([])
