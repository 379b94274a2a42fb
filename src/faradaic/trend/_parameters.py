"""The parameters of a fitted law: values, standard deviations, intervals, and why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import IntervalError, joined, number, plural
from faradaic.approximations import Design, LawRegressor

from ._estimate import quantile_of
from ._spread import spread_of

if TYPE_CHECKING:
    from ._trend import Trend

Array = np.ndarray
# how nearly a direction must lie in what the data determine to count as determined
DETERMINED = 1e-6


def law_of(design: Design) -> LawRegressor | None:
    """Return the fitted law of a design, None for other families."""
    model = getattr(design, "approximation_", None)
    return model if isinstance(model, LawRegressor) else None


def values_and_stds(trend: Trend) -> dict[str, tuple[float, float, str]]:
    """Return value, standard deviation (NaN where it cannot be known) and unit of each parameter."""
    model = law_of(trend.design)
    if model is None:
        return {}
    # a parameter without a unit carries the response's, unless a variable of any unit has a share in it
    rest = "SI" if any(v.unit is None for v in model.law.variables) else trend.response.si_unit
    units = {p.name: rest if p.unit is None else "" if p.unit == "1" else p.unit for p in model.law.parameters}
    return {
        name: (float(value), float(std), units[name])
        for name, value, std in zip(model.parameters_, model.theta_, _stds(model), strict=True)
    }


def intervals(trend: Trend, level: float) -> dict[str, tuple[float, float, float, str]]:
    """Return value, lower and upper end, and unit of each parameter; see `Trend.parameter_interval`."""
    model = law_of(trend.design)
    if model is None:
        return {}
    if model.spread_ is None:
        raise IntervalError(_reason(trend, model))
    positive = np.array([p.log for p in model.law.parameters]) & (model.theta_ > 0)
    stretch = np.where(positive, model.theta_, 1.0)
    own = _stds(model) / stretch
    std, freedom, reason = spread_of(trend, own, lambda design: _coordinates(design, positive))
    if reason:
        raise IntervalError(reason)
    half = np.where(np.isnan(own), np.nan, quantile_of(level, freedom) * std)
    with np.errstate(over="ignore"):  # from a single degree of freedom a factor may be anything
        factor = np.exp(np.where(positive, half, 0.0))
    low = np.where(positive, model.theta_ / factor, model.theta_ - half)
    high = np.where(positive, model.theta_ * factor, model.theta_ + half)
    return {
        name: (value, float(low[k]), float(high[k]), unit)
        for k, (name, (value, _, unit)) in enumerate(values_and_stds(trend).items())
    }


def sentences(trend: Trend) -> list[str]:
    """Return the parameters with their 95 % intervals, one sentence each, and why there are none where that is so."""
    values = values_and_stds(trend)
    if not values:
        return []
    try:
        ends = intervals(trend, 0.95)
    except IntervalError as error:
        return [*(f"{name} = {number(value, 4)} {unit}".rstrip() + "." for name, (value, _, unit) in values.items()),
                str(error)]  # fmt: skip
    lines, model = [], law_of(trend.design)
    assert model is not None
    for name, (value, low, high, unit) in ends.items():
        said = f"95 %: {number(low)} to {number(high)}" if np.isfinite(low) else _unknown(model, name)
        lines.append(f"{name} = {number(value, 4)} {unit}".rstrip() + f" ({said}).")
    return lines


def _unknown(model: LawRegressor, name: str) -> str:
    """Return in words why a parameter has no interval: a bound holds it, or the data leave it free."""
    if name in model.held_:
        return "held at its bound; the other intervals take it for known"
    return "not determined by these data"


def _coordinates(design: Design, positive: Array) -> Array:
    model = law_of(design)
    assert model is not None
    with np.errstate(divide="ignore", invalid="ignore"):  # at a bound of zero: minus infinity, and so is the interval
        return np.where(positive, np.log(model.theta_), model.theta_)


def _stds(model: LawRegressor) -> Array:
    """Return standard deviations, NaN for parameters that a bound holds or that the data leave free."""
    if model.spread_ is None:
        return np.full(len(model.theta_), np.nan)
    std = np.linalg.norm(model.spread_, axis=1)
    moved = std > 0
    scaled = model.spread_[moved] / std[moved, None]
    # a parameter is determined if changing it alone changes what the data see: its axis lies in the covariance's range
    left, singular, _ = np.linalg.svd(scaled, full_matrices=False)
    basis = left[:, singular > DETERMINED * max(singular.max(initial=0.0), np.finfo(float).tiny)]
    determined = np.zeros(len(std), dtype=bool)
    determined[moved] = (basis**2).sum(1) > 1.0 - DETERMINED
    return np.where(determined, std, np.nan)


def _reason(trend: Trend, model: LawRegressor) -> str:
    count, parameters = len(trend.y), len(model.theta_)
    names = joined(model.parameters_)
    return (
        f"There is no interval of {names}: {plural(count, 'condition')} for {plural(parameters, 'parameter')} leave "
        f"nothing to tell the scatter from; state the noise, or add {plural(parameters + 1 - count, 'condition')} "
        f"at least."
    )
