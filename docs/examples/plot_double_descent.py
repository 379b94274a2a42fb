"""
Double descent
==============

A trend with as many parameters as the data have rows can just pass through every one of them, in one way only, and
noise is amplified. Beyond, there are many ways, the shortest is taken, and the error falls again. A landscape that
ends before parameters = n shows only the first half.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import faradaic as fd
from faradaic.approximations import Network, RandomFeatures


def observed(n, slopes, seed):
    """Return n rows of a made-up response, an S-shaped curve, with a noise of 0.3 V."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, (n, len(slopes)))
    names = [f"x{j + 1}" for j in range(len(slopes))]
    table = pd.DataFrame(X, columns=names)
    table["U [V]"] = np.tanh(2 * X @ np.array(slopes)) + rng.normal(0, 0.3, n)
    return fd.read(table, x=names, y="U [V]", sigma=0.3)


# %%
# Random features
# ---------------
# A layer of tanh units that are drawn and not trained: linear least squares, of least norm beyond n, so every fit is
# exact. A hundred rows with five inputs, five folds, four repeats: each fit sees 80 rows.

data = observed(100, [1.0, -0.8, 0.6, 0.4, 0.2], seed=0)
splits = fd.data.splits(data, folds=5, repeats=4, seed=0)
features = fd.landscape(RandomFeatures(activation="tanh"), data, splits=splits)
print(features.regimes.text)

# %%
# The regimes have names, size by size:

for place, regime in enumerate(features.regimes.names):
    p, train, test = features.parameters[place], features.train_error[place], features.test_error[place]
    print(f"{p:4d} parameters: train {train:8.2g}  test {test:8.3g} V  {regime}")

# %%
# The train error falls to rounding at parameters = n and stays there (the picture ends four decades below the test
# error); the test error peaks there and comes down. The peak is sharp: two features more or fewer make an order of
# magnitude.

features.plot()
plt.show()

# %%
# The second descent ends above the classical optimum here, so the classical optimum is chosen:

print(features.select())

# %%
# A trained network
# -----------------
# The same with a tanh network, all of whose weights are trained by Levenberg–Marquardt to the training optimum. Thirty
# rows with three inputs, of which each fit sees 24; one hidden unit more is five parameters more.

small = observed(30, [1.0, -0.7, 0.4], seed=1)
splits = fd.data.splits(small, folds=5, repeats=4, seed=0)
network = fd.landscape(Network(activation="tanh"), small, splits=splits)
print(network.regimes.text)
network.plot()
plt.show()

# %%
# An optimiser that stops early would leave the train error high and hide the peak. How these trainings ended is kept
# on the fitted network:

trained = Network(width=10).fit(small.X, small.y)
print(f"{trained.iterations_} steps: {trained.stop_reason_}")
