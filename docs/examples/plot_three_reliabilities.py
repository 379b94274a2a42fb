"""
Measured, sampled, computed
===========================

The three bundled tables, one of each reliability. What a good trend is differs: an experiment is regressed, a Monte
Carlo result is weighted by its standard errors and checked against them, a solver's output is interpolated.
"""

import matplotlib.pyplot as plt

import faradaic as fd
from faradaic import laws
from faradaic.approximations import Design, GaussianProcess, LawRegressor, Log, Polynomial, SquareRoot


def pictures(landscape, trend):
    """Draw a landscape beside its trend."""
    _, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4), layout="constrained")
    landscape.plot(ax=left)
    trend.plot(ax=right)
    right.set_title(trend.label, fontsize=10)
    plt.show()


# %%
# An experiment
# -------------
# Lithium diffusivity in graphite against stoichiometry, measured by Ecker et al. 2015: 23 rows over two and a half
# decades, no replicates, so nobody can say how good a trend may be. A Gaussian process of ln D, whose size is its
# number of centres.

data = fd.data.example("experiment")
found = fd.landscape(Design(GaussianProcess(kernel="rbf"), y=Log()), data)
trend = fd.fit(found.select(), data)
print(trend)
pictures(found, trend)

# %%
# From seven centres on the error of a left-out row is about one in ln D, a factor of three, and further centres change
# nothing. The band is the interval in which 95 % of further measurements will lie.
#
# A Monte Carlo computation
# -------------------------
# Diffusivity against temperature from hopping on a lattice, with a standard error for every row. A hierarchy of laws is
# the size axis: constant, Arrhenius, Vogel–Fulcher–Tammann. Errors are counted in standard errors, so one is the floor.

data = fd.data.example("stochastic")
hierarchy = laws.hierarchies(data.inputs, data.response)[0]
print(hierarchy.name, [law.name for law in hierarchy.laws])
found = fd.landscape(LawRegressor(0, hierarchy.laws, inputs=hierarchy.inputs), data)
trend = fd.fit(found.select(), data)
pictures(found, trend)

# %%
# The barrier put into the simulation was 0.30 eV, and thirteen rows are too few for an interval of new rows at 95 %, so
# that the band is that of the trend itself. Reduced χ² near one says that the law leaves nothing but the scatter
# that the standard errors announce.

print(trend.activation_energy(unit="eV"))
print(f"reduced chi-square {trend.quality.reduced_chi2:.2f}, probability {trend.quality.chi2_probability:.2f}")

# %%
# A deterministic computation
# ---------------------------
# Discharge capacity from a porous-electrode model: no noise, so a trend must pass through every row within the solver's
# tolerance, and only rows that were left out can judge it.

data = fd.data.example("deterministic")
design = Design(Polynomial(), y=SquareRoot())
found = fd.landscape(design, data, sizes=range(11), splits=len(data))
interpolant = found.select()
trend = fd.fit(interpolant, data)
print(trend)
pictures(found, trend)

# %%
# A regression of few terms, as one would make it of measured capacities, misses left-out rows by nine times as much.
# With more terms than rows the polynomial meets the rows too, but swings between them: to meet every row is not enough,
# and the leave-out error decides.

quartic = found.test_error[list(found.parameters).index(15)]
beyond = found.test_error[found.parameters > len(data)].min()
print("left-out rows are missed by")
for words, error in (
    ("the interpolant", interpolant.test_error),
    ("a quartic, 15 terms", quartic),
    ("more terms than rows", beyond),
):
    print(f"  {words:22s}{error:.1e} A h/m²")
