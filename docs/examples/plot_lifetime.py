"""
How long will they last?
========================

Cells that will die early show it in their first cycles: the discharge curve Q(V) changes more between two of them
(Severson et al. 2019, 10.1038/s41560-019-0356-8). `lifetime` chooses, on cells whose life is known, how features tell
it, and says how well that does for cells that took no part.
"""

import matplotlib.pyplot as plt
import numpy as np

from faradaic.performance import Cell, features, lifetime, log_minimum, log_variance

# %%
# Forty made-up cells
# -------------------
# Each loses charge around 3.1 V at a rate of its own, and its life follows from the rate but for 12 % of scatter.

rng = np.random.default_rng(1)
voltage = np.linspace(3.6, 2.0, 200)
shape = 1.0 / (1.0 + np.exp((voltage - 3.2) / 0.05))
bump = np.exp(-(((voltage - 3.1) / 0.12) ** 2))


def cell(name, rate):
    cycles = np.array([2, 10, 50, 100])
    curves = np.array([1.08 * shape - rate * c / 100 * bump for c in cycles]) + 2e-5 * rng.normal(size=(4, 200))
    life = 30.0 / rate**0.75 * np.exp(0.12 * rng.normal())
    return Cell(name, cycles, curves[:, -1], voltage, curves, {"life": life})


cells = [cell(f"c{k}", rate) for k, rate in enumerate(np.exp(rng.uniform(np.log(0.005), np.log(0.05), 40)))]
table = features(cells, {"log var": log_variance, "log min": log_minimum})
table.head().round(2)

# %%
# The choice
# ----------
# Made on 32 cells; the error is that of cells that took no part in it, in ln life: a share of the life.

found = lifetime(table.head(32), outer=3)
print(found)

# %%
# Young cells
# -----------
# Their life is known here, but not to the trend. Intervals are those of new cells.

young = table.tail(8)
told = found.predict(young)
told.round(0)

# %%
# The picture
# -----------
# Dots: each known cell when it was left out. Bars: 90 % intervals of the young cells.

display = found.plot()
life = young["life [cycles]"].to_numpy()
low, middle, high = (told[f"{part}life [cycles]"].to_numpy() for part in ("low ", "", "high "))
display.ax_.errorbar(life, middle, yerr=[middle - low, high - middle], fmt="s", ms=4, color="#c1553b", lw=1)
plt.show()
