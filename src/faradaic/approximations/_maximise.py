"""The hyper-parameter search of Gaussian processes that are too large, or too special, to run in step with others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.linalg import LinAlgError
from scipy.optimize import minimize

from faradaic._core import FitError

Array = np.ndarray


def smallest(
    loss: Callable[[Array], tuple[float, Array]],
    starts: Sequence[Array],
    bounds: Sequence[tuple[float, float]],
) -> tuple[Array, float]:
    """Return where a loss with its gradient is smallest, by L-BFGS inside ``bounds`` from each of the starts, and it.

    Raises
    ------
    FitError
        It could be evaluated from none of them.
    """
    found, reasons = [], []
    for start in starts:
        try:
            result = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 200})
        except LinAlgError as error:
            reasons.append(str(error))
            continue
        if np.isfinite(result.fun):
            found.append(result)
        else:
            reasons.append(str(result.message))
    if not found:
        raise FitError(f"the marginal likelihood could not be evaluated ({reasons[0]}).")
    best = min(found, key=lambda r: r.fun)
    return best.x, float(best.fun)
