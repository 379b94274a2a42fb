"""
A published data set, from landscape to slope
=============================================

The conductivities of Flores et al. (2022, https://doi.org/10.1039/D2DD00027J): 849 conditions of temperature, salt
molality and ratio of solvents, most of them measured several times. How good can a trend be, how many parameters
carry it, and in which direction does it point? This page shows results only if the data were there when it was built
(see :doc:`plot_replicates_flores`).
"""

import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import faradaic as fd
from faradaic.approximations import Design, GaussianProcess, Identity, Polynomial, Reciprocal, SquareRoot

folder = Path(os.environ.get("FARADAIC_DATA", "absent"))
here = all((folder / file.path).is_file() for file in fd.data.CATALOGUE["flores2022"].files)
if not here:
    print("The data were absent when this page was built: set FARADAIC_DATA and build it again.")

# %%
# Two designs
# -----------
# Both see √k against 1/T, c and r: the square root evens out a scatter that grows with the conductivity, and 1/T is the
# coordinate of an activated process. Splits keep each of the 85 compositions on one side.

if here:
    data = fd.data.load("flores2022")
    print(
        f"{len(data):,} rows, {len(np.unique(data.X, axis=0))} conditions, {len(np.unique(data.groups))} compositions"
    )
    coordinates = {"x": (Reciprocal(), Identity(), Identity()), "y": SquareRoot()}
    polynomial = fd.landscape(Design(Polynomial(), **coordinates), data, sizes=range(9))
    process = fd.landscape(Design(GaussianProcess(kernel="rbf"), **coordinates), data, sizes=[4, 8, 16, 32, 64, 128])
    figure, axes = plt.subplots(1, 2, figsize=(10.5, 4.2), sharey=True, layout="constrained")
    for ax, found in zip(axes, (polynomial, process), strict=True):
        found.plot(ax=ax)
        print(found.select(), end="\n\n")
    plt.show()

# %%
# The noise floor, from replicates, is the dashed line. The polynomial has an optimum, at a cubic or quartic, and then
# follows the errors of single compositions: the train error goes on falling and the test error rises. A Gaussian
# process takes as many parameters as the data support: beyond some thirty centres nothing changes.
#
# Neither reaches the floor, and the train errors say why: rows of one composition share an error of their own (of
# weighing, of filling the cell) that replicates within a composition do not show. More compositions would help; more
# repeats would not.
#
# The trend
# ---------

if here:
    selection = process.select()
    trend = fd.fit(selection, data)
    print(trend)
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.2), layout="constrained")
    trend.plot(ax=left)
    left.set_title(trend.label, fontsize=10)
    trend.plot_parity(ax=right)
    plt.show()

# %%
# Its slope
# ---------
# Ions move faster when it is warm, so the slope with temperature should be positive at every measured condition; the
# slope with molality has both signs, since viscosity wins over the number of ions at high concentration.

if here:
    for name in ("T", "c"):
        slope = trend.derivative(data.frame(), name)
        column = next(one for one in data.inputs if one.name == name)
        print(
            f"dk/d{name}: {slope.min():+.3f} to {slope.max():+.3f} {data.response.unit} per {column.unit}, "
            f"positive at {np.mean(slope > 0):.1%} of the rows"
        )
