"""
What must fall, falls
=====================

A capacity that fades does not rise again, and without salt nothing conducts. With few noisy rows a free trend does
not know. It can be told: a sign of the slope or of the curvature, a value or a slope at a point, a symmetry. What is
told holds at every point and not only at the rows.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import faradaic as fd
from faradaic.approximations import GaussianProcess, Network, Slope, Spline, Symmetric, Value

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
# band is the 95 % interval of the trend by its own spread; where a constraint binds, that is approximate.

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
# The largest slope anywhere, in ampere-hours per cycle, and the distance from the truth. The coefficients of a
# constrained spline are checked without rounding, so "at most zero" is meant to the last bit.

for trend, shape in zip(trends, shapes, strict=True):
    largest = trend.derivative(grid, "cycles").max()
    distance = np.sqrt(np.mean((trend.predict(grid) - capacity(grid)) ** 2))
    print(f"{shape.label:26s} largest slope {largest:+.1e}, off the truth by {distance:.4f} Ah")
    if shape.monotone:
        assert largest <= 0

# %%
# No salt, no conduction
# ----------------------
# Eight made-up conductivities between 0.4 and 2 mol/L. That the conductivity is zero at zero concentration is known
# without any measurement. A spline and a network take it by construction, a Gaussian process is conditioned on it: its
# band closes there.


def conductivity(c):
    return 1.2 * (1 - np.exp(-c / 0.6))


def measured(n, low=0.0, seed=0):
    rng = np.random.default_rng(seed)
    c = np.sort(rng.uniform(low, 2, n))
    table = pd.DataFrame({"c [mol/L]": c, "kappa [S/m]": conductivity(c) + rng.normal(0, 0.06, n)})
    return fd.read(table, x=["c [mol/L]"], y="kappa [S/m]", sigma=0.06)


few = measured(8, low=0.4)
nothing = Value(0.0, at=0.0)
pairs = (
    (Spline(n_basis=5), Spline(n_basis=5, known=nothing)),
    (GaussianProcess(), GaussianProcess(known=nothing)),
    (Network(width=2, activation="softplus"), Network(width=2, activation="softplus", convex="concave", known=nothing)),
)
c = np.linspace(0, 2, 401)[:, None]
figure, axes = plt.subplots(1, 3, figsize=(10, 3.6), sharey=True, layout="constrained")
warnings.filterwarnings("ignore", message=".*outside the")  # the trends are asked outside the data on purpose
for ax, pair in zip(axes, pairs, strict=True):
    for family, colour in zip(pair, ("C7", "C0"), strict=True):
        trend = fd.fit(family, few)
        mean, std = trend.predict(c, return_std=True)
        ax.plot(c, mean, color=colour, label=trend.design.approximation.label + (", told" if family.known else ""))
        ax.fill_between(c.ravel(), mean - std, mean + std, color=colour, alpha=0.2, lw=0)
        print(f"{trend.predict([[0.1]])[0] - conductivity(0.1):+.3f} S/m off at 0.1 mol/L: {trend.label}")
    ax.plot(c, conductivity(c), "--", color="0.4", lw=1, label="truth")
    ax.plot(few.X * 1e-3, few.y, "o", color="k", ms=4)
    ax.set(xlabel="c [mol/L]", ylim=(-0.5, 1.6))
    ax.legend(frameon=False, fontsize=8, loc="lower right")
axes[0].set_ylabel("kappa [S/m]")
plt.show()

# %%
# Half of a parabola
# ------------------
# A response that is the same on both sides of a point, measured on one side only. `Symmetric` makes any family even (or
# odd) about the point; there is no kink, and the other side costs no parameter.

x = np.linspace(0, 1, 12)
table = pd.DataFrame({"x [m]": x, "y": np.cos(2 * x) + np.random.default_rng(1).normal(0, 0.03, 12)})
half = fd.read(table, x=["x [m]"], y="y", sigma=0.03)
even, tangent = fd.fit(Symmetric(Spline(n_basis=4)), half), fd.fit(Spline(n_basis=5, known=Slope(0.0, at=0.0)), half)
print(f"even spline at -1: {even.predict([[-1.0]])[0]:.3f}, at 1: {even.predict([[1.0]])[0]:.3f}")
print(f"spline with a known slope at 0: slope {tangent.derivative([[0.0]], 'x')[0]:.1e}")

# %%
# What a constraint buys
# ----------------------
# The landscapes of one design, free and told that the conductivity rises ever more slowly, with 5, 10, 20 and 40 rows;
# sigma is the noise of a row. The free spline has to stay small or it follows the noise. The constrained one may grow:
# its test error stays level, so its size stops being a choice that matters. The fewer the rows, the more a constraint
# is worth; with many rows the data say it themselves. (One draw of rows each: at the size that the landscape chooses
# for a free spline, a small one, the two differ by little.)

figure, axes = plt.subplots(1, 4, figsize=(11, 3.4), sharey=True, layout="constrained")
print(" n   free: size, off the truth    told: size, off the truth")
for ax, n in zip(axes, (5, 10, 20, 40), strict=True):
    rows = measured(n, seed=n)
    inside = np.linspace(rows.X.min(), rows.X.max(), 201)[:, None] * 1e-3
    line = f"{n:2d}"
    for shape, colour in (({}, "C7"), ({"monotone": "increasing", "convex": "concave"}, "C0")):
        found = fd.landscape(Spline(**shape), rows, sizes=[1, 2, 3, 4, 5, 6, 8, 10, 12], splits=5)
        chosen = found.select()
        trend = fd.fit(chosen, rows)
        off = np.sqrt(np.mean((trend.predict(inside) - conductivity(inside.ravel())) ** 2))
        line += f"{chosen.design.size:12d}{off:9.3f} S/m   "
        ax.semilogy(
            found.parameters, found.test_error, "o-", ms=3, color=colour, label=found.design.approximation.swept_label
        )
        ax.semilogy(found.parameters, found.train_error, ":", color=colour)
    print(line)
    ax.axhline(0.06, color="k", lw=0.8, ls="--")
    ax.set(title=f"{n} rows", xlabel="parameters", ylim=(0.01, 3))
axes[0].set_ylabel("test error (dotted: train) [S/m]")
axes[-1].legend(frameon=False, fontsize=8)
plt.show()
