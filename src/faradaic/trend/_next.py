"""Where the next rows should be: the points that narrow the trend most over its whole domain."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import ArgumentError, IntervalError, generator
from faradaic.approximations import CoKriging, GaussianProcess, Identity, LawRegressor

from ._domain import Domain
from ._scatter import stated_noise

if TYPE_CHECKING:
    import pandas as pd

    from ._trend import Trend

Array = np.ndarray
# points over which the spread is averaged, and most that are tried to find so many inside a hull
POINTS, TRIED = 256, 2**14
# directions in which the outermost rows are sought: the corners of the domain, where new rows often help most
DIRECTIONS = 64
# a row whose spread is so small against the mean teaches nothing: an exact row would be there already
NOTHING = 1e-12


def next_points(trend: Trend, k: int, candidates: Array | None) -> pd.DataFrame:
    r"""Return the ``k`` points of largest expected reduction of the mean variance of the trend over its domain.

    With the covariance c of the trend and the variance σ² of a new row at x, the variance at u becomes

    .. math:: c(u, u) - \frac{c(u, x)^2}{c(x, x) + \sigma^2(x)}

    whatever is measured there: exactly for a design that is linear in its parameters and for a Gaussian process with
    its present hyper-parameters, to first order for laws and networks. It is averaged over the domain in the
    coordinate of the response in which the design is fitted, where the noise is alike everywhere.

    Parameters
    ----------
    trend : Trend
    k : int
    candidates : array of shape (m, p), optional
        SI.

    References
    ----------
    Cohn 1996, 10.1016/0893-6080(95)00137-9; Atkinson, Donev & Tobias, *Optimum Experimental Designs, with SAS*,
    Oxford 2007, chapter 10 (V-optimality).
    """
    import pandas as pd

    if isinstance(k, bool) or not isinstance(k, Integral) or k < 1:
        raise ArgumentError(f"k must be a whole number of at least 1, got {k!r}.")
    domain = filling(trend.domain, trend.X)
    tried = np.unique(np.vstack([domain, outermost(trend.X)]), axis=0) if candidates is None else candidates
    if not len(tried):
        raise ArgumentError("candidates holds no row; give at least one, or leave it out.")
    own, across, spread = _covariances(trend, tried, domain)
    noise = _noise_of_a_row(trend, tried) ** 2
    picked, mean = [], [float(spread.mean())]
    for _ in range(int(k)):
        gain = _gain(np.diag(own) + noise, across, spread)
        best = int(gain.argmax())
        if not gain[best] > 0:
            raise ArgumentError("No candidate narrows the trend: it is exact at all of them; give others.")
        scale = own[best, best] + noise[best]
        column, row = own[:, best].copy(), across[best].copy()
        spread = np.maximum(spread - row**2 / scale, 0.0)
        across, own = across - np.outer(column, row) / scale, own - np.outer(column, column) / scale
        picked.append(best)
        mean.append(float(spread.mean()))
    name, unit = _coordinate(trend)
    columns = {c.header: c.from_si(tried[picked, j]) for j, c in enumerate(trend.inputs)}
    columns[f"std of {name} before"] = np.sqrt(mean[:-1]) / unit
    columns[f"std of {name} after"] = np.sqrt(mean[1:]) / unit
    return pd.DataFrame(columns)


def _gain(total: Array, across: Array, spread: Array) -> Array:
    """Return by how much each candidate lowers the mean variance, shape (m,)."""
    worth = total > NOTHING * spread.mean()
    return np.where(worth, (across**2).mean(1) / np.where(worth, total, 1.0), 0.0)


def filling(domain: Domain, X: Array) -> Array:
    """Return `POINTS` points that fill the domain of the rows ``X`` evenly, shape (q, p)."""
    from scipy.stats import qmc

    p = len(domain.low)
    # the first point of the sequence is the corner of the box
    box = domain.low + (domain.high - domain.low) * qmc.Halton(p, scramble=False).random(TRIED + 1)[1:]
    inside = box[domain.inside(box)][:POINTS]
    if len(inside) == POINTS:
        return inside
    # a hull that fills little of its box: mixtures of rows lie in it
    share = generator(0, 41).dirichlet(np.full(len(X), 1.0), size=POINTS - len(inside))
    return np.vstack([inside, share @ X])


def outermost(X: Array) -> Array:
    """Return the rows that lie outermost in some direction, of inputs scaled to their range."""
    span = np.ptp(X, axis=0)
    Z = (X - X.min(0)) / np.where(span > 0, span, 1.0)
    p = X.shape[1]
    directions = np.vstack([np.eye(p), -np.eye(p), generator(0, 43).standard_normal((DIRECTIONS, p))])
    return X[np.unique((Z @ directions.T).argmax(0))]


def _covariances(trend: Trend, tried: Array, domain: Array) -> tuple[Array, Array, Array]:
    """Return the covariance among candidates (m, m), with the domain (m, q), and the variance over it (q,)."""
    design = trend.design
    at_tried, at_domain = (design.y_.slope(design.predict(points)) for points in (tried, domain))
    own = design.covariance(tried, tried) * np.outer(at_tried, at_tried)
    across = design.covariance(tried, domain) * np.outer(at_tried, at_domain)
    spread = (design.predict(domain, return_std=True)[1] * at_domain) ** 2
    if not all(np.isfinite(each).all() for each in (own, across, spread)):
        raise IntervalError(
            f"{trend.label} has no spread that a new row could narrow: its noise is not known and no row is left over "
            f"to tell it from. Choose fewer parameters, state sigma in read, or add rows."
        )
    return own, across, spread


def _noise_of_a_row(trend: Trend, points: Array) -> Array:
    """Return the standard deviation of a new row at each point, in the coordinate of the response, shape (m,).

    Known noise is carried over as the share of the response or as the amount that it is in the data, whichever varies
    less; else it is what the rows leave about the trend.
    """
    data, design = trend.data.judged, trend.design  # of a stack, a new row of the source that it is about
    if data.noise_std is not None and not data.noise_std.any():
        return np.zeros(len(points))
    value = design.predict(points)
    stated = stated_noise(data, value)
    if stated is not None:
        return stated * np.abs(design.y_.slope(value))
    std, logarithmic = _estimated_noise(trend)
    if not logarithmic:
        return np.full(len(points), std)
    return std * np.abs(value * design.y_.slope(value))


def _estimated_noise(trend: Trend) -> tuple[float, bool]:
    """Return the standard deviation of a row about the trend, and whether it is that of the response's logarithm."""
    rows, family = trend._conditions, trend.design.approximation_
    if isinstance(family, GaussianProcess):
        # the fitted variance is that of a row of mean weight; a row of a new group brings the groups' error as well
        variance = family.noise_variance_ * rows.weight.mean() + family.shared_variance_
        return float(family.y_std_ * np.sqrt(variance)), False
    if isinstance(family, CoKriging):
        return float(family.noise_std_[-1]), False
    logarithmic = isinstance(family, LawRegressor) and family.residuals == "log"

    def coordinate(y: Array) -> Array:
        return np.log(y) if logarithmic else trend.design.y_.forward(y)

    left = len(rows.y) - trend.design.effective_parameters_
    if not left > 1e-9:
        raise IntervalError(
            "The noise of a new row is not known: no row is left over to tell it from. State sigma in read, or add "
            "rows."
        )
    residual = coordinate(trend.design.predict(rows.X)) - coordinate(rows.y)
    return float(np.sqrt(rows.weight @ residual**2 / left)), logarithmic


def _coordinate(trend: Trend) -> tuple[str, float]:
    """Return the coordinate of the response in words, and its unit in SI."""
    transform = trend.design.y_
    if isinstance(transform, Identity):
        return trend.response.header, trend.response.scale
    name = transform.symbol(trend.response.name)
    return (name if transform.name == "log" else f"{name} (SI)"), 1.0
