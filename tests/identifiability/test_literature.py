"""Published measurements: how well they identify what was published of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic import laws

PUBLISHED = {"10 % FEC": 0.2043, "EC:DEC": 0.2239, "DEC": 0.2601, "PC": 0.2093}  # eV
COLUMNS = {"10 % FEC": 0, "EC:DEC": 2, "DEC": 4, "PC": 6}


@pytest.mark.parametrize("electrolyte", COLUMNS)
def test_reorganisation_energies_of_lithium_deposition_are_identified(electrolyte, literature):
    # Boyle et al. 2020, 10.1021/acsenergylett.0c00031, as digitised by Chen et al. 2025, arXiv 2511.11631
    raw = pd.read_csv(literature("diffec/li_metal/Boyle_Figure_4a.csv"), skiprows=1).to_numpy(float)
    eta, current = raw[:, COLUMNS[electrolyte]], raw[:, COLUMNS[electrolyte] + 1]
    kept = ~np.isnan(eta)
    table = pd.DataFrame({"eta [V]": eta[kept], "j [mA/cm**2]": np.sign(eta[kept]) * current[kept]})
    data = fd.read(table, x=["eta [V]"], y="j [mA/cm**2]")
    found = fd.identify(laws.marcus_hush_chidsey(298.0), data, n_jobs=1, restarts=2)
    assert found.identified == ("j0", "lam")
    one = found.profile("lam")
    assert one.shape == "closed"
    assert one.low < PUBLISHED[electrolyte] < one.high
    # known to a tenth or a fifth: what two digits of a published value are worth
    assert 0.15 < (one.high - one.low) / found["lam"].value < 0.8
