"""
Capacity from an impedance spectrum
===================================

A spectrum says much about a cell, but its points say it together, and cells differ. `health` tells a capacity from
spectra with errors and intervals of cells that were never seen; `input_ranking` asks how sure it is that one frequency
matters more than its neighbours (after Zhang et al. 2020, 10.1038/s41467-020-15235-7).
"""

import matplotlib.pyplot as plt
import numpy as np

import faradaic as fd
from faradaic.data import Spectrum
from faradaic.laws.circuits import Circuit
from faradaic.performance import circuit_features, consistency, health, input_ranking, spectra_table

# %%
# Twelve made-up cells
# --------------------
# The charge-transfer resistance of each grows while its capacity falls; contacts differ from cell to cell, and 0.3 % of
# noise lies on all spectra.

rng = np.random.default_rng(0)
circuit, frequency = Circuit("R0-p(R1,CPE1)"), np.logspace(4, -1, 26)
spectra, cells, capacity = [], [], []
for k in range(12):
    contact, own = rng.uniform(0.8, 1.4), rng.normal()
    for R in np.linspace(1.0, 3.0, 15) * rng.uniform(0.9, 1.1):
        Z = circuit(frequency, [contact, R, 2e-2, 0.85])
        noise = 3e-3 * (rng.normal(size=26) + 1j * rng.normal(size=26))
        spectra.append(Spectrum(frequency, Z * (1 + noise)))
        cells.append(f"c{k}")
        capacity.append(46.0 - 4.0 * R + 0.4 * own + 0.1 * rng.normal())

table = spectra_table(spectra, **{"cell": cells, "Q [mAh]": capacity})
print(consistency(table))

# %%
# From the spectrum, and from a circuit
# -------------------------------------
# Both are chosen on ten cells and judged on two that took no part.

known = table["cell"].isin([f"c{k}" for k in range(10)])
whole = health(table[known], "Q [mAh]", inputs=[c for c in table if " Z at " in c], outer=None)
print(whole.summary().splitlines()[2])
print(whole.judge(table[~known]))

by_circuit, failures = circuit_features(table, circuit)
few = health(by_circuit[known], "Q [mAh]", outer=None)
print(few.summary().splitlines()[2])
print(few.judge(by_circuit[~known]), f"{len(failures)} fits failed")

# %%
# The picture
# -----------
# Every row when its cell was left out.

few.plot()

# %%
# Which frequencies matter?
# -------------------------
# A Gaussian process with a length scale for each of 12 inputs, once for all cells and once for each of 8 drawings of
# cells. Where bars are well below one, another set of cells would have named other frequencies.

inputs = [c for c in table if " Z at " in c][1::4]
data = fd.read(table, x=inputs, y="Q [mAh]", groups="cell")
ranking = input_ranking(data, resamplings=8, rows=60)
print(ranking)
ranking.plot()
plt.show()
