"""
What a cell has lost, and what a window cannot tell
===================================================

A cell that lost 12 % of its lithium, 5 % of its graphite and 8 % of its oxide: the losses are found again from two slow
charges, with intervals. From the upper part of the charge alone some of them cannot be told, and are named.
"""

import matplotlib.pyplot as plt
import numpy as np

from faradaic.performance import CurveNoise, OpenCircuit, align, chen2020, modes, synthetic_curves

# %%
# A fresh cell and an aged one
# ----------------------------
# The electrodes are those of an LG M50 cell [Chen et al. 2020]. Curves of real cells are off by some tenths of a
# millivolt from point to point, and by a millivolt over long stretches, because half-cell curves are not perfect.

graphite, oxide = chen2020()
share = np.linspace(0.0, 1.0, 400)
V = oxide.at(0.9084 - 0.6423 * share) - graphite.at(0.0279 + 0.8735 * share)
new = align(OpenCircuit("new", 5.0 * share, V), graphite, oxide, intervals="student")

planted = {"LLI": 0.12, "LAM_NE": 0.05, "LAM_PE": 0.08}
curves = synthetic_curves(new, [[0.0, 0.0, 0.0], list(planted.values())], window=(2.6, 4.15))
curves = curves.with_noise(CurveNoise(drift=1e-3, scatter=2e-4, length=0.1), seed=0)
fresh, aged = curves.curve(0), curves.curve(1)

# %%
# The losses
# ----------
# Both curves are fitted together, with the losses as parameters.

found = modes(fresh, aged, graphite, oxide, intervals="student")
print(found)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
found.aged.plot(left)
found.plot(right)
right.plot([100 * v for v in planted.values()], [2, 1, 0], "k|", ms=22, mew=2, label="planted")
right.legend(frameon=False)

# %%
# A window
# --------
# Above 3.95 V the graphite stays on its last plateau: its capacity leaves no trace there.

part = modes(fresh, aged, graphite, oxide, window=(3.95, 4.15), intervals="student")
print(part)
part.plot()

# %%
# Errors that go together
# -----------------------
# What is left is not noise: neighbours err together, and 300 points are worth few. Intervals that took them for
# independent would be several times too narrow.

display = found.aged.plot().plot_residual()
print(f"drift {1e3 * found.noise.drift:.2f} mV over {found.noise.length:.2f} of the graphite's lithiation")
plt.show()
