"""
How good can any trend be?
==========================

Rows with equal inputs differ by noise alone. Their pooled scatter is the noise floor: no trend can predict a single
observation better than that, and it is known before anything is fitted.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import faradaic as fd

# %%
# A table with replicates
# -----------------------
# Forty compositions of a made-up electrolyte, each measured at five temperatures, three times, with a
# scatter of 0.2 mS/cm.

rng = np.random.default_rng(0)
composition, T, _ = (
    a.ravel() for a in np.meshgrid(np.arange(40), np.arange(263.15, 323.16, 15), np.arange(3), indexing="ij")
)
c = np.linspace(0.4, 2.0, 40)[composition]
kappa = 60 * c * np.exp(-0.9 * c) * np.exp(-1800 * (1 / T - 1 / 298.15)) * 0.4
table = pd.DataFrame(
    {
        "T [K]": T,
        "c [mol/kg]": c,
        "k [mS/cm]": kappa + rng.normal(0, 0.2, len(T)),
        "composition": [f"E{number:02d}" for number in composition],
    }
)
data = fd.read(table, x=["T [K]", "c [mol/kg]"], y="k [mS/cm]", groups="composition", reliability="experiment")
data

# %%
# The floor
# ---------
# Inside, everything is in SI units; the column knows the way back.

found = fd.data.replicates(data)
floor = float(data.response.spread_from_si(found.std))
print(f"{len(data)} rows, {len(found.count)} conditions")
print(f"noise floor {floor:.3f} mS/cm from {found.dof} degrees of freedom (truth: 0.2)")

# %%
# What stays together
# -------------------
# Replicates share a condition, and rows of one composition share whatever went wrong when it was mixed. A split keeps
# them on one side. Each column below is a row of the table, each colour the fold in which it is tested.

parts = fd.data.splits(data, folds=5, repeats=3, seed=0)
print(parts.kind)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), width_ratios=[1, 1.6], layout="constrained")
residual = data.response.spread_from_si(data.y - found.mean[found.condition])
left.hist(residual, bins=30, color="0.6")
left.axvspan(-floor, floor, color="C0", alpha=0.2, label="± noise floor")
left.set(xlabel="row − mean of its replicates (mS/cm)", ylabel="rows")
left.legend()
right.imshow(parts.fold, aspect="auto", cmap="tab10", interpolation="nearest")
right.set(xlabel="row of the table", ylabel="repeat", yticks=range(parts.n_repeats))
plt.show()
