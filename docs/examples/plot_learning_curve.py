"""
What would more measurements bring?
===================================

A learning curve shows the error on left-out data against how much was trained on. Fitted by a + b n\\ :sup:`−γ` it says
what further measurements would bring and where they would stop to help; its interval says how far forty samples can
know that. Where the next sample should be is a second question, answered by the trend itself.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import faradaic as fd
from faradaic.approximations import Design, Log, Polynomial, Reciprocal

# %%
# Forty compositions
# ------------------
# Conductivities of a made-up electrolyte: each composition is mixed once, with an error of a few per cent of its own,
# and measured at five temperatures. More temperatures of the same mixture are cheap and teach little; what counts is
# the number of compositions.


def campaign(compositions, seed):
    rng = np.random.default_rng(seed)
    c, r = rng.uniform(0.3, 2.0, compositions), rng.uniform(0.1, 0.9, compositions)
    batch = np.exp(rng.normal(0, 0.03, compositions))
    number = np.repeat(np.arange(compositions), 5)
    T = np.tile(np.arange(263.15, 323.16, 15), compositions)
    c, r, batch = c[number], r[number], batch[number]
    k = (
        24
        * c
        * np.exp(-(0.9 + 0.4 * r) * c**1.2)
        * (1 + r)
        * np.exp(-(1400 + 500 * r * c) * (1 / T - 1 / 298.15))
        * batch
    )
    k = k * np.exp(rng.normal(0, 0.005, len(T)))
    return pd.DataFrame({"T [K]": T, "c [mol/kg]": c, "r": r, "k [mS/cm]": k, "composition": number})


def read(table):
    return fd.read(table, x=["T [K]", "c [mol/kg]", "r"], y="k [mS/cm]", groups="composition")


data = read(campaign(40, seed=0))
design = Design(Polynomial(degree=2), x=(Reciprocal(), None, None), y=Log())

# %%
# The curve
# ---------
# Whole compositions are left out and whole compositions are trained on, several random subsets of each size. The last
# sentence but one of the summary is the one to plan by.

curve = fd.learning_curve(design, data)
print(curve)

# %%
# Was it right?
# -------------
# Here the next campaigns can be had for nothing. Fresh campaigns of 60, 90 and 120 compositions, each judged by its
# own curve's largest training set, are what the curve of the first forty should have foreseen.

display = curve.plot()
for compositions in (60, 90, 120):
    fresh = read(campaign(compositions, seed=compositions))
    later = fd.learning_curve(design, fresh, sizes=[0.8 * compositions], repeats=2)
    found, n = float(later.test_error[0]), int(later.sizes[0])
    value, low, high = (float(one[0]) for one in curve.predict(n, level=0.95, tested=compositions))
    print(f"trained on {n}: found {found:.3f}, predicted {value:.3f} ({low:.3f} to {high:.3f}) mS/cm")
    display.ax_.plot(n, found, "D", ms=7, mfc="none", mec="k", label="later campaigns" if n == 48 else None)
display.ax_.legend(frameon=False, fontsize=8)
plt.show()

# %%
# Where should the next samples be?
# ---------------------------------
# The trend knows where it is uncertain, and by how much a row at any point would narrow it everywhere. The points it
# asks for lie at the edges of the domain, where a polynomial is held by one side only.

trend = fd.fit(design, data)
wanted = trend.next_points(4)
print(wanted.round(4))

figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
c, r = np.meshgrid(np.linspace(0.3, 2.0, 80), np.linspace(0.1, 0.9, 80))
plane = pd.DataFrame({"T [K]": 298.15, "c [mol/kg]": c.ravel(), "r": r.ravel()})
table = trend.table(plane)
relative = (table["std of k [mS/cm]"] / table["k [mS/cm]"]).to_numpy() * 100
relative[table["domain"] == "outside"] = np.nan
shades = ax.contourf(c, r, relative.reshape(c.shape), levels=12, cmap="cividis")
figure.colorbar(shades, label="standard deviation of the trend at 298 K (%)")
ax.plot(data.X[:, 1], data.X[:, 2], "o", ms=4, color="white", mec="0.3", label="measured")
ax.plot(wanted["c [mol/kg]"], wanted["r"], "D", ms=9, color="#c8502d", mec="white", label="next points", clip_on=False)
ax.set(xlabel="c [mol/kg]", ylabel="r")
ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.13), ncols=2, frameon=False)
plt.show()
