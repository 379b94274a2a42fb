"""Sobol' indices of a trend: in closed form for a squared-exponential process, else by Saltelli's sampling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.special import erf

from faradaic._core import ArgumentError, number
from faradaic.approximations import GaussianProcess, Identity
from faradaic.trend import Trend

from ._interpolant import Interpolant
from ._legendre import sobol_by_legendre
from ._ranges import Range

if TYPE_CHECKING:
    from ._surrogate_display import SensitivityDisplay

Array = np.ndarray
Method = Literal["analytic", "sampled"]
# share of the variance that rounding may take: beyond, the closed form is not used
ROUNDING = 1e-5


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Which share of a response's variance is due to each parameter.

    Attributes
    ----------
    response : str
    parameters : tuple of str
    first : array of shape (p,)
        Of the parameter alone.
    total : array of shape (p,)
        With all its interactions.
    std : float
        Standard deviation of the response over the ranges, in its unit.
    method : {"analytic", "sampled"}
        How it was found.
    n : int
        Base samples; 0 in closed form.
    """

    response: str
    parameters: tuple[str, ...]
    first: Array
    total: Array
    std: float
    method: Method
    n: int

    def summary(self) -> str:
        """Return the parameters in order of their total index, in words."""
        how = "in closed form" if self.method == "analytic" else f"from {self.n:,} base samples"
        order = np.argsort(-self.total)
        told = "; ".join(
            f"{self.parameters[j]} {number(float(self.total[j]))} (alone {number(float(self.first[j]))})" for j in order
        )
        return f"Share of the variance of {self.response}, {how}: {told}."

    def __str__(self) -> str:
        return self.summary()

    def plot(self, ax: Any = None, **style: Any) -> SensitivityDisplay:
        """Draw the indices as bars."""
        from ._surrogate_display import SensitivityDisplay

        return SensitivityDisplay(self).plot(ax=ax, **style)


def sensitivity(part: Interpolant, ranges: Sequence[Range], method: Method, n: int, seed: int) -> Sensitivity:
    """Return Sobol' indices of a trend; see `Surrogate.sobol`.

    Raises
    ------
    ArgumentError
        The method is not known, or ``n`` is no power of two.

    References
    ----------
    Sobol' 2001, 10.1016/S0378-4754(00)00270-6; Oakley & O'Hagan 2004 (of a Gaussian process, in closed form),
    10.1111/j.1467-9868.2004.05304.x; Saltelli et al. 2010 (sampling), 10.1016/j.cpc.2009.09.018.
    """
    if method not in ("analytic", "sampled"):
        raise ArgumentError(f"method must be 'analytic' or 'sampled', got {method!r}.")
    if isinstance(n, bool) or not (isinstance(n, int | np.integer) and n >= 2 and n & (n - 1) == 0):
        raise ArgumentError(f"n must be a power of two, such as 4096, got {n!r}.")
    found = _of_process(part.trend, ranges) if method == "analytic" and _is_closed(part.trend) else None
    closed = found is not None
    first, total, variance = _sampled(part.trend, ranges, int(n), seed) if found is None else found
    return Sensitivity(
        part.trend.response.header,
        tuple(one.header for one in ranges),
        first,
        total,
        float(np.sqrt(variance)),
        "analytic" if closed else "sampled",
        0 if closed else int(n),
    )


def _is_closed(trend: Trend) -> bool:
    design: Any = trend.design
    process = design.approximation_
    return isinstance(process, GaussianProcess) and process.kernel == "rbf" and isinstance(design.y_, Identity)


def _of_process(trend: Trend, ranges: Sequence[Range]) -> tuple[Array, Array, float] | None:
    """Return the indices of the mean of a squared-exponential process, and its variance over the box.

    None where rounding spoils the closed form and an expansion does not end.
    """
    design: Any = trend.design
    process = design.approximation_
    ends = np.array(
        [
            transform.forward(column.to_si(np.array([one.low, one.high])))
            for transform, column, one in zip(design.x_, trend.inputs, ranges, strict=True)
        ]
    )
    ends = (ends - process.x_mean_[:, None]) / process.x_std_[:, None]
    centres, _, weights = process.expansion()
    bumps = centres, process.amplitude_ * weights, process.lengthscale_, *np.sort(ends, axis=1).T
    found, rounding = _closed(*bumps)
    if not rounding < ROUNDING:
        found = sobol_by_legendre(*bumps)
    if found is None:
        return None
    first, total, variance = found
    return first, total, variance * float(trend.response.spread_from_si(process.y_std_)) ** 2


def sobol_of_gaussians(
    centres: Array, weights: Array, lengthscale: Array, low: Array, high: Array
) -> tuple[Array, Array, float]:
    """Return first-order and total indices, and the variance, of Σ_j w_j exp(−Σ_d (x_d − z_jd)²/2l_d²) over a box.

    With the means A of products of two bumps, one average each, and B of the product itself, along each parameter,
    the variance of the mean over all parameters but i is wᵀ((B_i − A_i) ∘ Π_{d≠i} A_d) w, and the mean of the variance
    along i is wᵀ((B_i − A_i) ∘ Π_{d≠i} B_d) w; nothing large is taken from anything large.

    Parameters
    ----------
    centres : array of shape (m, p)
    weights : array of shape (m,)
    lengthscale, low, high : arrays of shape (p,)

    Examples
    --------
    >>> first, total, variance = sobol_of_gaussians(
    ...     np.array([[0.2, 0.4]]), np.ones(1), np.array([0.5, 1e3]), np.zeros(2), np.ones(2)
    ... )
    >>> first.round(6).tolist(), total.round(6).tolist()
    ([1.0, 0.0], [1.0, 0.0])
    """
    return _closed(centres, weights, lengthscale, low, high)[0]


def _closed(
    centres: Array, weights: Array, lengthscale: Array, low: Array, high: Array
) -> tuple[tuple[Array, Array, float], float]:
    """Return what `sobol_of_gaussians` does, and how large its rounding errors may be as a share of the variance."""
    p = centres.shape[1]
    apart, together = [], []
    for d in range(p):
        z, length, a, b = centres[:, d], lengthscale[d], low[d], high[d]
        root = np.sqrt(2.0) * length
        mean = length * np.sqrt(np.pi / 2.0) * (erf((b - z) / root) - erf((a - z) / root)) / (b - a)
        middle, off = 0.5 * (z[:, None] + z), z[:, None] - z
        both = erf((b - middle) / length) - erf((a - middle) / length)
        both *= 0.5 * np.sqrt(np.pi) * length / (b - a) * np.exp(-0.25 * (off / length) ** 2)
        apart.append(np.outer(mean, mean))
        together.append(both)

    def product(factors: list[Array], i: int) -> Array:
        return np.prod([one for d, one in enumerate(factors) if d != i] or [np.ones((len(weights),) * 2)], axis=0)

    variance = float(weights @ (np.prod(together, axis=0) - np.prod(apart, axis=0)) @ weights)
    own = [together[i] - apart[i] for i in range(p)]
    first = np.array([weights @ (own[i] * product(apart, i)) @ weights for i in range(p)])
    total = np.array([weights @ (own[i] * product(together, i)) @ weights for i in range(p)])
    rounding = float(np.finfo(float).eps * (np.abs(weights) @ np.prod(together, axis=0) @ np.abs(weights)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return (first / variance, total / variance, variance), rounding / variance if variance > 0 else np.inf


def _sampled(trend: Trend, ranges: Sequence[Range], n: int, seed: int) -> tuple[Array, Array, float]:
    from scipy.stats import sobol_indices, uniform

    said: list[Array] = []

    def evaluate(share: Array) -> Array:
        X = [c.to_si(one.at(share[d])) for d, (c, one) in enumerate(zip(trend.inputs, ranges, strict=True))]
        made = trend.response.from_si(trend.design.predict(np.column_stack(X)))
        said.append(made)
        return made[None]

    found = sobol_indices(func=evaluate, n=n, dists=[uniform()] * len(ranges), random_state=np.random.default_rng(seed))
    variance = float(np.var(said[0]))
    return np.ravel(found.first_order), np.ravel(found.total_order), variance
