"""
Few measurements, many simulations
==================================

Four expensive values of a function that swings, and eleven values of a cheap model of it that is wrong nearly
everywhere. Neither says much alone. Co-kriging learns how the one follows from the other, and what is left.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import faradaic as fd
from faradaic.approximations import CoKriging, GaussianProcess


def expensive(x):
    return (6 * x - 2) ** 2 * np.sin(12 * x - 4)


def cheap(x):
    return 0.5 * expensive(x) + 10 * (x - 0.5) - 5


# %%
# The data
# --------
# The benchmark of Forrester, Sóbester and Keane (2007). ``stack`` joins the two tables, the cheapest first; its
# ``target`` says which of them is the truth. (With one experiment among simulations it would be the experiment.)


def table(f, x, name):
    return fd.read(pd.DataFrame({"x": x, "y": f(x)}), x=["x"], y="y", reliability="deterministic", name=name)


few, many = np.array([0.0, 0.4, 0.6, 1.0]), np.linspace(0, 1, 11)
data = fd.data.stack(table(cheap, many, "cheap"), table(expensive, few, "expensive"), target="expensive")
print(data, "- target:", data.sources[data.target].name)

# %%
# Alone and together
# ------------------
# A family that does not tell sources apart is fitted to the rows of the target alone; ``CoKriging`` to all, with
# :math:`f_\mathrm{expensive}(x) = \rho\, f_\mathrm{cheap}(x) + c + \delta(x)`. The truth is ρ = 2 and a straight line.

alone = fd.fit(GaussianProcess(kernel="rbf", noise="none"), data)
together = fd.fit(CoKriging(kernel="rbf"), data)
x = np.linspace(0, 1, 301)
for trend in (alone, together):
    error = np.sqrt(np.mean((trend.predict(x) - expensive(x)) ** 2))
    print(f"{trend.label:30s} misses the truth by {error:.2f} (root mean square)")
print(f"ratio found: {together.design.approximation_.ratio_[0]:.2f}")

_, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4), layout="constrained", sharey=True)
for ax, trend in ((left, alone), (right, together)):
    mean, std = trend.predict(x, return_std=True)
    ax.plot(x, expensive(x), color="0.4", ls="--", label="truth")
    ax.plot(x, mean, color="C0", label="trend")
    ax.fill_between(x, mean - 2 * std, mean + 2 * std, color="C0", alpha=0.2, lw=0, label="± 2 standard deviations")
    ax.plot(few, expensive(few), "o", color="k", label="expensive rows")
    ax.set(xlabel="x", title=trend.label)
right.plot(many, cheap(many), "s", mfc="none", color="C1", label="cheap rows")
left.set_ylabel("y")
right.legend(fontsize=8)
plt.show()

# %%
# Did the cheap rows help?
# ------------------------
# Only rows of the target are ever left out: the cheap ones are there in training, as they will be in use. Twelve
# measured values with scatter, and the two ways of learning from them side by side; ``explore`` offers both by default
# when it is given such a stack. The size of co-kriging is the form of the discrepancy: an offset, a scale, or a
# process of its own. Without the last the model's error stays in the trend.

at = np.linspace(0, 1, 12)
measured = pd.DataFrame({"x": at, "y": expensive(at) + 0.3 * np.random.default_rng(3).normal(size=12)})
both = fd.data.stack(table(cheap, many, "model"), fd.read(measured, x=["x"], y="y", sigma=0.3, name="cell"))
designs = [GaussianProcess(kernel="rbf", restarts=1), CoKriging(kernel="rbf", restarts=1)]
found = fd.explore(both, designs, outer=None)
print(found)

display = found.best.plot()
display.ax_.set_title(found.best.label, fontsize=10)
plt.show()
