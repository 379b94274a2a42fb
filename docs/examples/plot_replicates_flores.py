"""
The noise floor of a published data set
=======================================

Flores et al. (2022, https://doi.org/10.1039/D2DD00027J) measured the conductivity of LiPF₆ in mixtures of ethylene
carbonate, propylene carbonate and ethyl methyl carbonate, most conditions several times. The data are public but no
part of this package; `fd.data.load("flores2022")` downloads them once, or reads the copy below the folder that the
environment variable `FARADAIC_DATA` names. This page shows results only if that copy was there when it was built.
"""

import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import faradaic as fd

# %%
# Load
# ----

folder = Path(os.environ.get("FARADAIC_DATA", "absent"))
here = all((folder / file.path).is_file() for file in fd.data.CATALOGUE["flores2022"].files)
if here:
    data = fd.data.load("flores2022")
    print(data)
else:
    print("The data were absent when this page was built: set FARADAIC_DATA and build it again.")

# %%
# The floor, and where it comes from
# ----------------------------------
# The pooled standard deviation is one number. Drawn condition by condition, the scatter grows with the conductivity: a
# good part of it is a relative error, and a logarithm of the response would even it out.

if here:
    found = fd.data.replicates(data)
    in_user_unit = data.response.spread_from_si
    print(f"{len(data):,} rows, {len(found.count):,} conditions")
    print(f"noise floor {float(in_user_unit(found.std)):.3f} mS/cm from {found.dof:,} degrees of freedom")

    squares = np.bincount(found.condition, (data.y - found.mean[found.condition]) ** 2)
    several = found.count > 1
    scatter = in_user_unit(np.sqrt(squares[several] / (found.count[several] - 1)))
    figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
    ax.semilogy(data.response.from_si(found.mean[several]), scatter, ".", ms=3, color="0.5")
    ax.axhline(in_user_unit(found.std), color="C0", label="pooled: the noise floor")
    ax.set(xlabel="mean conductivity of a condition (mS/cm)", ylabel="standard deviation (mS/cm)")
    ax.legend()
    plt.show()
