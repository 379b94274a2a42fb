"""The open-circuit potentials of an LG M50 cell, as published."""

from __future__ import annotations

import numpy as np

from ._half_cell import HalfCell

# stoichiometries at which the published formulae are taken: those of the measured points
NEGATIVE_RANGE = (0.0, 1.0)
POSITIVE_RANGE = (0.2488, 1.0)
POINTS = 400


def chen2020() -> tuple[HalfCell, HalfCell]:
    """Return graphite with silicon oxide and NMC 811 of an LG M50 cell: the published formulae.

    The cell works between 0.0279 and 0.9014 (negative) and 0.9084 and 0.2661 (positive), from 2.5 to 4.2 V, where the
    formulae meet the paper's points to some millivolts; nearer to the ends of the curves they do not. Stoichiometries
    are the paper's; there is no capacity.

    Returns
    -------
    negative, positive : HalfCell

    References
    ----------
    Chen et al. 2020, 10.1149/1945-7111/ab9050, equations 8 and 9.

    Examples
    --------
    >>> negative, positive = chen2020()
    >>> [round(float(positive.at(y) - negative.at(x)), 2) for x, y in ((0.0279, 0.9084), (0.9014, 0.2661))]
    [2.5, 4.19]
    """
    x, y = np.linspace(*NEGATIVE_RANGE, POINTS), np.linspace(*POSITIVE_RANGE, POINTS)
    graphite = (
        1.9793 * np.exp(-39.3631 * x)
        + 0.2482
        - 0.0909 * np.tanh(29.8538 * (x - 0.1234))
        - 0.04478 * np.tanh(14.9159 * (x - 0.2769))
        - 0.0205 * np.tanh(30.4444 * (x - 0.6103))
    )
    oxide = (
        -0.8090 * y
        + 4.4875
        - 0.0428 * np.tanh(18.5138 * (y - 0.5542))
        - 17.7326 * np.tanh(15.7890 * (y - 0.3117))
        + 17.5842 * np.tanh(15.9308 * (y - 0.3120))
    )
    return HalfCell("graphite, Chen 2020", x, graphite), HalfCell("NMC 811, Chen 2020", y, oxide)
