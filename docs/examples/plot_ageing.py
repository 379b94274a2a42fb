"""
How will it age?
================

Twelve made-up cells are stored at three temperatures for eighteen months. Which law does their capacity follow, what is
the activation energy, and what can be said of ten years?
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from faradaic.laws import ageing_law
from faradaic.performance import AgeingDisplay, ageing

# %%
# The cells
# ---------
# They lose 4 % with the square root of the first year at 25 °C, with an activation energy of 40 kJ/mol. Each cell has a
# rate of its own, 3 % more or less, and each check-up errs by 0.1 % of capacity.

rng = np.random.default_rng(1)
days = np.array([30, 90, 180, 270, 360, 450, 540])
law = ageing_law("square_root", ["T"])
parts = []
for number, celsius in enumerate(np.repeat([10.0, 25.0, 45.0], 4)):
    loss = 1 - law(np.column_stack([86400 * days, np.full(len(days), celsius + 273.15)]), [0.04, 40e3])
    q = 1 - loss * (1 + 0.03 * rng.normal()) + 0.001 * rng.normal(size=len(days))
    parts.append(pd.DataFrame({"t [d]": days, "T [degC]": celsius, "q": q, "cell": f"cell {number + 1}"}))
table = pd.concat(parts, ignore_index=True)

# %%
# The law
# -------
# Square root, power law, sigmoidal, linear, and square root plus linear, each with and without the temperature, are
# compared by their error on cells that were left out.

found = ageing(table, temperature="T [degC]", outer=None)
print(found)

# %%
# Ten years
# ---------
# Beyond the record the prediction is marked, and its interval spans all laws that the cells do not tell apart.

years = pd.DataFrame({"t [yr]": [1.0, 3.0, 10.0], "T [degC]": 25.0})
print(found.predict(years).round(4).to_string(index=False))

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
found.plot(left)
AgeingDisplay.from_ageing(found, until=3650).plot(right)
left.set_title("the record")
right.set_title("ten years: the dotted line is where the record ends")
plt.show()
