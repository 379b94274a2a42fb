"""
Ninety per cent of what?
========================

An interval of 90 % holds nine of ten new observations: further rows of the cells that were measured, or rows of new
cells? With groups, `Trend.interval` means new groups. Two more that need care: an activation energy from four
temperatures, and a question outside the data.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import faradaic as fd
from faradaic.approximations import Design, LawRegressor, Log, Polynomial, Reciprocal
from faradaic.laws import arrhenius, constant

# %%
# Twelve cells
# ------------
# Each loses capacity at a rate of its own, of which its first cycles tell with some error. Sixty cycles of each are
# measured to 0.3 %. The same rows are read twice, with the cells as groups and without.

rng = np.random.default_rng(4)
cycle = np.arange(1, 61) / 60


def fleet(cells):
    rate = rng.normal(1, 0.25, cells)
    seen = rate + 0.05 * rng.normal(size=cells)
    capacity = 1 - 0.2 * np.outer(rate, cycle) + 0.003 * rng.normal(size=(cells, 60))
    cell = np.repeat(np.arange(cells), 60)
    return pd.DataFrame({"life": np.tile(cycle, cells), "early fade": seen[cell], "Q": capacity.ravel(), "cell": cell})


def promised(table, groups):
    data = fd.read(table, x=["life", "early fade"], y="Q", groups=groups)
    return fd.fit(Polynomial(degree=3), data)


def share_inside(trend, later):
    later = later[trend.inside(later[["life", "early fade"]])]
    low, high = trend.interval(later[["life", "early fade"]], level=0.9)
    return np.mean((low <= later["Q"]) & (later["Q"] <= high))


# %%
# Both promise 90 %. Two hundred new cells are the judge. A cubic can follow twelve cells, so that rows of a cell that
# was seen are predicted well; that says nothing of the next cell.

table, later = fleet(12), fleet(200)
trends = {"rows": promised(table, None), "cells": promised(table, "cell")}
for trend in trends.values():
    print(trend.summary().splitlines()[-1])

figure, axes = plt.subplots(1, 2, figsize=(10, 3.9), sharey=True, layout="constrained")
fade = table.groupby("cell")["early fade"].first()
at = pd.DataFrame({"life": 1.0, "early fade": np.linspace(fade.min(), fade.max(), 101)})
for ax, (name, trend) in zip(axes, trends.items(), strict=True):
    low, high = trend.interval(at, level=0.9)
    ax.fill_between(at["early fade"], low, high, color="C0", alpha=0.3, lw=0, label="90 % interval")
    ax.plot(at["early fade"], trend.predict(at), color="C0")
    for cells, style in ((later, {"color": "0.6", "label": "new cells"}), (table, {"color": "k", "label": "seen"})):
        ax.plot("early fade", "Q", ".", data=cells[cells["life"] == 1.0], **style)
    ax.set(
        title=f"promised to new {name}: {share_inside(trend, later):.0%} of new cells inside",
        xlabel="early fade",
        xlim=(fade.min() - 0.02, fade.max() + 0.02),
        ylim=(0.66, 0.94),
    )
axes[0].set_ylabel("capacity at the last cycle")
axes[0].legend(frameon=False, loc="lower left")
plt.show()

# %%
# One draw of twelve cells may be lucky. Twelve draws, each judged by fifty new cells of its own:

counts = {None: [], "cell": []}
for _ in range(12):
    table, later = fleet(12), fleet(50)
    for groups, shares in counts.items():
        shares.append(share_inside(promised(table, groups), later))
for groups, shares in counts.items():
    print(f"groups={groups!r}: {np.mean(shares):.0%} of the rows of new cells inside the 90 % interval")

# %%
# Four temperatures
# -----------------
# A diffusivity of 0.25 eV, with a scatter of 15 %. Two degrees of freedom are left, so the interval reaches 4.3
# standard deviations to either side and not 1.96. The band is that of the trend itself.

T = np.array([280.0, 300.0, 320.0, 340.0])
D = 1e-8 * np.exp(-0.25 / (8.617333e-5 * T) + 0.15 * rng.normal(size=4))
few = fd.read(pd.DataFrame({"T [K]": T, "D [m2/s]": D}), x=["T [K]"], y="D [m2/s]")
law = LawRegressor(order=1, laws=(constant, arrhenius), residuals="log")
trend = fd.fit(law, few)
energy = trend.activation_energy(unit="eV")
print(energy)
print(f"standard deviation {energy.std[0]:.3f} eV, degrees of freedom {energy.freedom:.0f}")
trend.plot_arrhenius()
plt.show()

# %%
# What four rows cannot carry, and what two temperatures cannot tell, is said and not made up:

two = few.take(np.array([0, 3]))
for ask in (lambda: trend.interval([[300.0]]), lambda: fd.fit(law, two).parameter_interval()):
    try:
        ask()
    except ValueError as error:
        print(error)

# %%
# Outside the data
# ----------------
# A conductivity that bends in an Arrhenius picture, measured between 300 and 360 K, where a straight line does well, is
# asked for at 260 K. Every such row is marked. The interval is refused there, unless one insists: then it is widened by
# the bend that the errors of left-out rows leave room for. It is wide on purpose, and no calibration stands behind it.


def conductivity(T):
    return 100 * np.exp(-900 / (T - 160))


T = np.linspace(300, 360, 25)
k = conductivity(T) * np.exp(0.03 * rng.normal(size=25))
warm = fd.read(pd.DataFrame({"T [K]": T, "k [S/m]": k}), x=["T [K]"], y="k [S/m]")
trend = fd.fit(Design(Polynomial(degree=1), x=Reciprocal(), y=Log()), warm)
print(trend.table(pd.DataFrame({"T [K]": [330.0, 260.0]}), level=0.9).round(3).to_string(index=False))

grid = np.linspace(250, 370, 241)
warnings.filterwarnings("ignore", message=".*outside the")  # asked for on purpose
low, high = trend.interval(grid, level=0.9, outside="widen")
figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
ax.fill_between(1000 / grid, low, high, color="C0", alpha=0.15, lw=0, label="widened")
inside = trend.inside(grid)
ax.fill_between(1000 / grid, low, high, where=inside, color="C0", alpha=0.35, lw=0, label="90 % interval")
ax.semilogy(1000 / grid, trend.predict(grid), color="C0")
ax.plot(1000 / grid, conductivity(grid), "k--", lw=1, label="truth")
ax.plot(1000 / T, k, ".", color="k")
ax.set(xlabel="1000 K / T", ylabel="k [S/m]")
ax.legend(frameon=False)
plt.show()
