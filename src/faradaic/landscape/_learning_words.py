"""A learning curve in plain words: what more rows would bring, and where it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import joined, number, plural

from ._learning_fit import constant_error, far_worse
from ._measure import is_deterministic, shown

if TYPE_CHECKING:
    from ._learning_curve import LearningCurve

# a limit above this share of the error that is left is told from zero; below, "0" is within rounding of the draws
NOTHING = 0.05
# a limit whose interval begins within this factor of the noise floor may be the noise floor
TOUCHING = 1.02
# an exponent known worse than by this factor is not known
VAGUE = 4.0


def describe(curve: LearningCurve, level: float) -> str:
    """Return what was measured, what more units would bring, the limit, and what is not known."""
    lines = [_what(curve)]
    if not len(curve.draws):
        return "\n".join([*lines, _no_interval(curve), *_failed(curve)])
    lines += [_more(curve, level), *_not_identified(curve, level), _floor(curve, level)]
    return "\n".join([*lines, *_failed(curve)])


def _what(curve: LearningCurve) -> str:
    usable = np.flatnonzero(np.isfinite(curve.test_error))
    first, last = usable[0], usable[-1]
    inside = f" ({number(float(curve.rows[last]))} rows)" if curve.noun != "row" else ""
    return (
        f"{curve.label}: error on left-out {curve.noun}s {shown(float(curve.test_error[first]), curve.unit)} after "
        f"{plural(int(curve.sizes[first]), curve.noun)} and {shown(float(curve.test_error[last]), curve.unit)} after "
        f"{int(curve.sizes[last])}{inside}, {len(usable)} sizes, {curve.folds} folds, {curve.repeats} repeats."
    )


def _more(curve: LearningCurve, level: float) -> str:
    more = curve.units
    predicted = curve.predict([curve.units, curve.units + more], level, of="expected")
    now, then = (tuple(float(one[k]) for one in predicted) for k in (0, 1))
    ends = curve.parameter_interval(level)["a"]
    return (
        f"With all {plural(curve.units, curve.noun)} the error is {_ranged(now, curve.unit)}; "
        f"{plural(more, 'more ' + curve.noun)} would bring it to {_ranged(then, curve.unit)}; "
        f"more will not go below {_ranged((curve.a, *ends), curve.unit)}. In brackets: {number(100 * level)} % "
        f"intervals, for further {curve.noun}s of the same kind."
    )


def _ranged(ends: tuple[float, ...], unit: str) -> str:
    value, low, high = ends
    return f"{shown(value, unit)} ({number(max(low, 0.0), 2)} to {number(high, 2)})"


def _not_identified(curve: LearningCurve, level: float) -> list[str]:
    ends, lines = curve.parameter_interval(level), []
    if ends["a"][0] < NOTHING * float(np.nanmin(curve.test_error)):
        lines.append("The limit cannot be told from zero: these sizes do not show where the curve ends.")
    low, high = ends["gamma"]
    if high > VAGUE * low:
        lines.append(
            f"These sizes do not identify the exponent ({number(low, 2)} to {number(high, 2)}); the interval of the "
            f"error carries that."
        )
    return lines


def _floor(curve: LearningCurve, level: float) -> str:
    floor, smallest = curve.floor, float(np.nanmin(curve.test_error))
    if not floor.known:
        return f"Noise floor {floor.source}; how much of the limit is noise is not known."
    if is_deterministic(curve.data):
        return f"The data are exact to {shown(floor.value, curve.unit)}."
    what = f"the noise floor of {shown(floor.value, curve.unit)}"
    if floor.value > smallest:
        return f"The error already is as small as {what} allows: only better or repeated measurements help."
    if curve.parameter_interval(level)["a"][0] > TOUCHING * floor.value:
        return (
            f"The limit lies above {what}: more {curve.noun}s of the same kind will not close the gap; another design, "
            f"input or coordinate may."
        )
    return f"The limit may be {what} itself."


def _no_interval(curve: LearningCurve) -> str:
    if curve.a != curve.a:
        count = int(curve.used.sum())
        return f"{plural(count, 'size')} show no curve; it takes 3, and 4 for an interval."
    return (
        f"The curve through 3 sizes ends at {shown(curve.a, curve.unit)}; three errors fix its three numbers and leave "
        f"none to judge them by, so that no interval can be given. Ask for more sizes."
    )


def _failed(curve: LearningCurve) -> list[str]:
    return _far_worse(curve) + [
        f"No error at {plural(n, curve.noun)}, where a fit failed: {why}" for n, why in curve.failures.items()
    ]


def _far_worse(curve: LearningCurve) -> list[str]:
    """Say at which sizes nothing was learnt: those left out, those kept for want of others, and late ones."""
    worse = far_worse(curve.test_error, constant_error(curve.data.judged, curve.measure))
    late = worse & np.logical_or.accumulate((curve.test_error > 0) & ~worse)
    left, kept = worse & ~curve.used, worse & curve.used & ~late
    what, lines = "the design does far worse than a constant", []
    if left.any():
        upto = plural(int(curve.sizes[left][-1]), curve.noun)
        lines.append(f"Up to {upto} {what}: too few for its parameters, and no part of the curve.")
    if kept.any():
        lines.append(
            f"{_at(curve, kept)} {what}: too few for its parameters, and part of the curve only for want of other "
            f"sizes."
        )
    if late.any():
        lines.append(f"{_at(curve, late)} {what}, and with fewer it does better: it is unstable, and so is this curve.")
    return lines


def _at(curve: LearningCurve, sizes: np.ndarray) -> str:
    return f"At {joined([str(n) for n in curve.sizes[sizes]])} {curve.noun}s"
