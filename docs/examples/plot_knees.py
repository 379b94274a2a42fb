"""
Where does the fade get steeper?
================================

Many cells fade slowly, and then quickly. The knee point is where a line with one break bends, its onset the first
break of a line with two (Bacon-Watts and double Bacon-Watts, Fermín-Cueto et al. 2020, 10.1016/j.egyai.2020.100006).
Both come with intervals, and with the verdict "no knee" where there is none.
"""

import matplotlib.pyplot as plt
import numpy as np

from faradaic.performance import Cell, knees

# %%
# Six made-up cells
# -----------------
# Three bend gradually around a cycle of their own, one bends sharply, one fades along a line, and one bends evenly: its
# slope grows from cycle to cycle, at no place more than at another.

rng = np.random.default_rng(0)
cycle = np.arange(1.0, 801.0)


def noisy(capacity):
    return capacity + 5e-4 * rng.normal(size=len(cycle))


cells = [
    Cell(f"gradual {k}", cycle, noisy(1.1 - 5e-5 * cycle - 8e-4 * 40 * np.logaddexp(0, (cycle - at) / 40)))
    for k, at in enumerate((450, 550, 650), start=1)
]
cells += [
    Cell("sharp", cycle, noisy(1.1 - 5e-5 * cycle - 8e-4 * np.maximum(0, cycle - 500))),
    Cell("straight", cycle, noisy(1.1 - 2e-4 * cycle)),
    Cell("even", cycle, noisy(1.1 - 3.5e-7 * cycle**2)),
]

found = knees(cells)
print(found)

# %%
# The table
# ---------
# One row for each cell; what a cell does not have is NaN. The knee of a gradual bend is less sure than that of a sharp
# one, though both curves carry the same noise: a broken line misses the bend, and the interval counts what it misses.

found.table.round(1)

# %%
# The picture
# -----------
# Squares are knees, circles onsets, bars 95 % intervals. A sharp bend has no onset apart from its knee: a second break
# makes the line no better.

found.plot()
plt.show()
