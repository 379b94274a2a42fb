"""
Bias, variance and noise
========================

The error on a new observation has three parts: what the approximation cannot bend to (bias), how much it follows the
sample at hand (variance), and the noise of the observation itself. The noise is known before the fit, from replicates
or from the stated reliability, and is never counted as bias. Here the truth is known too, so all three can be checked.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from numpy.polynomial.legendre import legvander

import faradaic as fd
from faradaic.approximations import Polynomial

# %%
# A known truth
# -------------
# Forty values of a made-up potential, with a stated noise of 0.1 V.

SIGMA = 0.1
x = np.linspace(-1, 1, 40)
truth = 3.2 + 0.3 * x + 0.4 * np.sin(3 * x)
rng = np.random.default_rng(2)
table = pd.DataFrame({"x": x, "E [V]": truth + rng.normal(0, SIGMA, len(x))})
data = fd.read(table, x=["x"], y="E [V]", sigma=SIGMA)

# %%
# Decompose
# ---------
# The optimum of the landscape stands in for the truth; responses are drawn around it with the stated noise, and every
# size is fitted to each draw. The optimum's own misfit is estimated from its test error, and would be added if it
# exceeded two of its standard errors.

found = fd.landscape(Polynomial(), data, sizes=range(9), splits=fd.data.splits(data, folds=10, repeats=3))
parts = found.decompose(rounds=200)
print(parts)

# %%
# Against the truth
# -----------------
# For polynomials both parts are known in closed form: with the projection H onto a degree, bias² is the mean of
# (f − Hf)², and the variance is σ² p/n.

bias2 = np.empty(9)
for degree in range(9):
    basis = legvander(x, degree)
    bias2[degree] = np.mean((truth - basis @ np.linalg.lstsq(basis, truth)[0]) ** 2)
variance = SIGMA**2 * parts.parameters / len(x)

figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
for name, estimate, exact, colour in (
    ("bias²", parts.bias2, bias2, "C0"),
    ("variance", parts.variance, variance, "C1"),
    ("total", parts.total, bias2 + variance + SIGMA**2, "0.3"),
):
    ax.plot(parts.parameters, exact, color=colour, label=f"{name}, truth")
    ax.plot(parts.parameters, estimate, "o", color=colour, label=f"{name}, estimate")
ax.axhline(parts.noise, color="C2", ls="--", label="noise σ²")
ax.set(yscale="log", ylim=(1e-4, 0.5), xlabel="number of parameters", ylabel="part of the squared error [V²]")
ax.legend(frameon=False, fontsize=8, ncols=2)
plt.show()

# %%
# Variance rises with every parameter, bias falls in steps, because the truth is nearly odd and every second term brings
# little. What lies below the noise of forty rows cannot be seen: from four parameters on the estimate of bias² is zero
# up to rounding; the truth is 6e-4 V² at four, below a tenth of the noise.

print(f"largest error of the variance: {np.abs(parts.variance / variance - 1).max():.0%}")
