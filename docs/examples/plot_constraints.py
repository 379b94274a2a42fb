"""
What must fall, falls
=====================

A capacity that fades does not rise again. With few noisy rows a free trend does, somewhere between them. A spline can
be told that it must fall, or fall more and more slowly; this then holds at every point and not only at the rows.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import faradaic as fd
from faradaic.approximations import Spline

# %%
# Eighteen noisy capacities
# -------------------------
# A made-up cell: a square-root loss and a linear one, 3 Ah at the start, measured to 0.02 Ah.


def capacity(cycles):
    return 3.0 * (1 - 4e-3 * np.sqrt(cycles) - 4e-5 * cycles)


rng = np.random.default_rng(2)
cycles = np.sort(rng.uniform(0, 1000, 18))
cycles[[0, -1]] = 0, 1000
table = pd.DataFrame({"cycles": cycles, "Q [A*h]": capacity(cycles) + rng.normal(0, 0.02, 18)})
data = fd.read(table, x=["cycles"], y="Q [A*h]", sigma=0.02)

# %%
# The same eight functions, three times
# -------------------------------------
# Eight functions are too many for these rows, which is the point: the constraint has to do what the data cannot. The
# band is one standard deviation of the trend; where a constraint binds, it is a lower bound.

shapes = (
    Spline(n_basis=8),
    Spline(n_basis=8, monotone="decreasing"),
    Spline(n_basis=8, monotone="decreasing", convex="convex"),
)
trends = [fd.fit(shape, data) for shape in shapes]
grid = np.linspace(0, 1000, 2001)
figure, axes = plt.subplots(1, 3, figsize=(10, 3.6), sharey=True, layout="constrained")
for ax, trend, shape in zip(axes, trends, shapes, strict=True):
    trend.plot(ax=ax)
    ax.plot(grid, capacity(grid), "--", color="0.4", lw=1, label="truth")
    ax.set_title(shape.label, fontsize=10)
    ax.legend(frameon=False, fontsize=8)
plt.show()

# %%
# The slope has one sign
# ----------------------
# The largest slope anywhere, and the distance from the truth. The coefficients of a constrained spline are checked
# without rounding, so "at most zero" is meant to the last bit.

for trend, shape in zip(trends, shapes, strict=True):
    largest = trend.derivative(grid, "cycles").max()
    distance = np.sqrt(np.mean((trend.predict(grid) - capacity(grid)) ** 2))
    print(f"{shape.label:26s} largest slope {largest:+.1e} Ah per cycle, off the truth by {distance:.4f} Ah")
    if shape.monotone:
        assert largest <= 0

# %%
# What it does to the landscape
# -----------------------------
# The free spline must stay small or it follows the noise. The constrained one may grow: its test error stays level from
# three functions on, so their number stops being a choice that matters.

figure, axes = plt.subplots(1, 2, figsize=(10, 3.8), sharey=True, layout="constrained")
for ax, shape in zip(axes, (shapes[0], shapes[2]), strict=True):
    found = fd.landscape(shape, data, sizes=range(1, 13))
    found.plot(ax=ax)
    print(found.select())
plt.show()
