"""A result for machines: plain dictionaries of plain numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from faradaic.landscape import Landscape, Selection
    from faradaic.report import Finding
    from faradaic.trend import Trend


def record(finding: Finding) -> dict[str, Any]:
    """Return one finding as a dictionary; errors are in ``unit``."""
    import faradaic
    from faradaic.landscape import verdict
    from faradaic.report import design_labels

    one, trend = finding.exploration, finding.trend
    labels = design_labels(one.landscapes)
    return {
        "faradaic": faradaic.__version__,
        "data": {
            "sources": [{"name": s.name, "reliability": repr(s.reliability)} for s in one.data.sources],
            "rows": len(one.data),
            "inputs": [column.header for column in one.data.inputs],
            "response": one.data.response.header,
            "groups": one.data.group_column,
            "fingerprint": one.data.fingerprint,
        },
        "headline": finding.headline,
        "verdict": verdict(one),
        "unit": one.unit,
        "error": one.error,
        "large": one.large,
        "floor": {"value": one.floor.value, "source": one.floor.source},
        "selection": _choice(one.selection.label, one.selection),
        "outer": _outer(finding),
        "regimes": _regimes(one.best),
        "designs": [_choice(label, s) for label, s in zip(labels, one.selections, strict=True)],
        "failures": dict(one.failures),
        "trend": {
            "rmse": trend.quality.rmse,
            "worst": trend.quality.worst,
            "reduced_chi2": trend.quality.reduced_chi2,
            "chi2_probability": trend.quality.chi2_probability,
            "parameters": {
                name: {"value": value, "std": std, "unit": unit}
                for name, (value, std, unit) in trend.parameters.items()
            },
            "parameter_intervals": _intervals(trend),
            "words": trend.summary().splitlines(),
        },
        "learning_curve": _curve(finding),
        "seed": one.seed,
        "seconds": finding.seconds,
    }


def _intervals(trend: Trend) -> dict[str, Any] | None:
    from faradaic._core import IntervalError

    try:
        ends = trend.parameter_interval(0.95)
    except IntervalError:
        return None
    return {name: {"low": low, "high": high, "level": 0.95} for name, (_, low, high, _) in ends.items()}


def _curve(finding: Finding) -> dict[str, Any] | None:
    curve = finding.curve
    if curve is None:
        return None
    return {
        "of": curve.noun,
        "sizes": curve.sizes.tolist(),
        "train_error": curve.train_error.tolist(),
        "test_error": curve.test_error.tolist(),
        "standard_error": curve.standard_error.tolist(),
        "a": curve.a,
        "b": curve.b,
        "gamma": curve.gamma,
        "words": curve.summary(),
    }


def _choice(label: str, choice: Selection) -> dict[str, Any]:
    return {
        "label": label,
        "size_name": choice.design.size_name,
        "size": choice.size,
        "parameters": choice.parameters,
        "effective": choice.effective,
        "train_error": choice.train_error,
        "test_error": choice.test_error,
        "standard_error": choice.standard_error,
        "regime": choice.regime,
        "reason": choice.reason,
        "interpolates": choice.interpolates,
    }


def _outer(finding: Finding) -> dict[str, Any] | None:
    outer = finding.exploration.outer
    if outer is None:
        return None
    return {
        "rmse": outer.rmse,
        "mae": outer.mae,
        "standard_error": outer.standard_error,
        "between": outer.between,
        "kind": outer.kind,
        "choices": [_choice(choice.label, choice) for choice in outer.choices],
    }


def _regimes(best: Landscape) -> dict[str, Any]:
    regimes = best.regimes
    threshold = regimes.threshold
    return {
        "text": regimes.text,
        "n": best.n_train,
        "optimum": int(best.parameters[regimes.optimum]),
        "threshold": None if threshold is None else int(best.parameters[threshold]),
        "second_descent": regimes.second_descent,
        "far_enough": regimes.far_enough,
        "sizes": [
            {"parameters": int(p), "regime": name, "train_error": train, "test_error": test}
            for p, name, train, test in zip(
                best.parameters, regimes.names, best.train_error, best.test_error, strict=True
            )
        ],
    }
