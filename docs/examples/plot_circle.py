"""
How many parameters may I have?
===============================

*N* data identify at most *N* parameters. With more data than parameters there is a regression; with as many, an
interpolation; with fewer, a unique answer only with additional information. A circle has three parameters, and shows
all three cases.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import faradaic as fd
from faradaic.identifiability import Implicit, Known, Least, RelationDisplay

# %%
# The relation
# ------------
# A circle is no function y(x), but a relation between the columns. Every column is an observation; what is minimised
# are the distances from the curve, at right angles.

circle = Implicit(
    lambda x, y, x0, y0, r: (x - x0) ** 2 + (y - y0) ** 2 - r**2,
    bounds={"r": (0, np.inf)},
)


def points(angles, noise=0.0):
    off = noise * np.random.default_rng(0).normal(size=(2, len(angles)))
    x, y = 1.0 + 2.0 * np.cos(angles) + off[0], 0.5 + 2.0 * np.sin(angles) + off[1]
    return fd.read(pd.DataFrame({"x": x, "y": y}), x=["x"], y="y")


many = points(np.linspace(0, 2 * np.pi, 50, endpoint=False), noise=0.08)
three, two = points([0.4, 2.0, 4.2]), points([2.5, 5.5])

# %%
# Many points
# -----------
# More rows than parameters: least squares, with intervals.

regression = fd.identify(circle, many)
print(regression)

# %%
# Three points
# ------------
# As many rows as parameters: every row is met, and nothing is left to tell the scatter from.

interpolation = fd.identify(circle, three)
print(interpolation)

# %%
# Two points
# ----------
# Fewer rows: a family of circles. No parameter gets a number.

family = fd.identify(circle, two)
print(family)

# %%
# With one more piece of information, "the smallest radius", the answer is unique: the centre lies in the middle.

smallest = fd.identify(circle, two, Least("r"))
print(smallest)

# %%
# Side by side
# ------------

members = [fd.identify(circle, two, Known("x0", x0)) for x0 in (-1.2, -0.4, 1.8, 2.6)]
figure, axes = plt.subplots(1, 3, figsize=(9.6, 3.4), layout="constrained")
window = ((-2.2, 4.2), (-2.7, 3.7))
RelationDisplay.from_result(regression, window=window).plot(axes[0])
RelationDisplay.from_result(interpolation, window=window).plot(axes[1])
RelationDisplay.from_result(smallest, members, window=window).plot(axes[2])
titles = ("50 points: regression", "3 points: interpolation", "2 points and\nthe smallest radius")
for ax, title in zip(axes, titles, strict=True):
    ax.set_title(title)

# %%
# Combinations
# ------------
# Two offsets in one model: no number of rows tells them apart, and a fit that returns numbers for both makes them up.
# What the rows do determine is their sum.

x = np.linspace(0, 5, 20)
y = 3.0 + 2.0 * x + 0.1 * np.random.default_rng(1).normal(size=20)
line = fd.read(pd.DataFrame({"x": x, "y": y}), x=["x"], y="y")
print(fd.identify(lambda x, a, c, m: a + c + m * x, line))

# %%
# A law of too few temperatures
# -----------------------------
# The law of Vogel, Fulcher and Tammann has three parameters. Two temperatures do not tell them; the answer names what
# would.

T = np.array([280.0, 320.0])
table = pd.DataFrame({"T [K]": T, "k [mS/cm]": [2.4, 7.9]})
few = fd.read(table, x=["T [K]"], y="k [mS/cm]")
print(fd.identify(fd.laws.vogel_fulcher_tammann, few))

# %%
# A circuit
# ---------
# What a circuit hides is found from its structure, before any fit, and its combination gets an interval.

from faradaic.data import Spectrum
from faradaic.laws import Circuit

f, rng = np.logspace(-1, 5, 50), np.random.default_rng(0)
Z = Circuit("R0-p(R1,C1)")(f, [10.0, 90.0, 1e-4])
spectrum = Spectrum(f, Z + 0.005 * np.abs(Z) * (rng.normal(size=50) + 1j * rng.normal(size=50)))
found = fd.identify(Circuit("R0-R2-p(R1,C1)"), spectrum)
print(found)

# %%
# How well each is known:

shown = found.plot()
