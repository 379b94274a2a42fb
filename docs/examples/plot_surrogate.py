"""
A model that answers at once
============================

How thick and how porous should an electrode be? A model tells what one electrode does; a surrogate of a few dozen
simulations tells it everywhere, says how far it may be trusted, and finds the best one.
"""

import matplotlib.pyplot as plt
import numpy as np

from faradaic.performance import Range, simulate, simulation_design, surrogate

# %%
# The model
# ---------
# A cell of which the electrolyte is all that limits it: it gives its capacity as long as lithium gets through the pores
# in time, and loses voltage to the same pores. Any function from a dict to a dict will do; ``dfn()`` is the full model,
# with PyBaMM behind it.

FARADAY, SITES, DIFFUSIVITY, CONDUCTIVITY, SALT = 96485.0, 50e3, 3e-10, 1.0, 1000.0


def cell(p):
    thickness, pores, rate = p["thickness [um]"] * 1e-6, p["porosity"], p["C-rate"]
    areal = FARADAY * SITES * 0.6 * (1 - pores) * thickness / 3600  # A h/m²
    current = rate * areal
    limit = 4 * FARADAY * DIFFUSIVITY * pores**1.5 * SALT / (0.6 * thickness)
    given = areal / np.hypot(1, current / limit)
    voltage = 3.7 - current * thickness / (2 * CONDUCTIVITY * pores**1.5) - 0.05 * np.arcsinh(current / 20)
    return {
        "energy [Wh/L]": given * voltage / (2 * thickness + 40e-6) / 1000,
        "power [W/L]": current * voltage / (2 * thickness + 40e-6) / 1000,
    }


# %%
# Sixty simulations, and sixty more
# ---------------------------------
# The rate is spread evenly in its logarithm. With ``run="folder"`` each simulation would be kept as it is finished.
# Sixty are said to be too few; a Sobol' design that is twice as long holds them and as many more.

ranges = [Range("thickness [um]", 40, 120), Range("porosity", 0.25, 0.5), Range("C-rate", 0.2, 2, log=True)]
for n in (60, 120):
    found = surrogate(simulate(cell, simulation_design(ranges, n)))
    print(found, end="\n\n")

# %%
# Every row is predicted by the others. The error is stated against the spread of the response.

fig, axes = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
for ax, name in zip(axes, found.responses, strict=True):
    found.plot(name, ax=ax)
plt.show()

# %%
# What matters
# ------------
# Sobol' indices: the share of the variance that each parameter makes alone, and with the others.

fig, axes = plt.subplots(1, 2, figsize=(9, 2.6), layout="constrained")
for ax, name in zip(axes, found.responses, strict=True):
    found.sobol(name).plot(ax=ax)
plt.show()

# %%
# The best electrode for each rate
# --------------------------------
# Thick electrodes hold more and give it more slowly. The curve asks the surrogate for the largest energy at each rate;
# the crosses are the model itself at these answers.

rates = np.geomspace(0.22, 1.8, 6)
best = [found.inverse({"energy": "max"}, held={"C-rate": rate}) for rate in rates]
energy = np.array([one.responses["energy [Wh/L]"] for one in best])
std = np.array([one.std["energy [Wh/L]"] for one in best])
truth = [cell(one.parameters)["energy [Wh/L]"] for one in best]

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
left.plot(rates, energy, color="C0", label="surrogate")
left.fill_between(rates, energy - 2 * std, energy + 2 * std, color="C0", alpha=0.2, lw=0, label="± 2 std")
left.plot(rates, truth, "kx", label="model")
left.set(xlabel="C-rate", ylabel="largest energy / Wh/L")
left.legend(fontsize=8)
right.plot(rates, [one.parameters["thickness [um]"] for one in best], "o-", color="C1")
right.set(xlabel="C-rate", ylabel="best thickness / µm")
plt.show()

# %%
# A limit changes the answer: at least 500 W/L from one and the same electrode. The answer says how sure it is, and
# where it lies among the simulations.

print(found.inverse({"energy": "max"}, {"power": (500, None)}))
