"""The verdict on a data set in plain words: how good, how sure, and what would have to change to do better."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import joined, number, plural, shortened

from ._measure import is_deterministic, shown

if TYPE_CHECKING:
    from ._explore import Exploration
    from ._landscape import Landscape
    from ._selection import Selection

Array = np.ndarray
# a difference counts where chance would make it less often than this
TELLING = 0.05


def verdict(exploration: Exploration) -> list[str]:
    """Return the verdict, one statement a line."""
    chosen = exploration.selection
    lines = [_what(exploration), *_how_good(exploration)]
    lines.append(
        f"Best approximation: {chosen.label}, {chosen.design.size_name} {chosen.size}, "
        f"{plural(chosen.parameters, 'parameter')} ({number(chosen.effective)} effective), "
        f"train error {shown(chosen.train_error, chosen.unit)}, test error {shown(chosen.test_error, chosen.unit)}; "
        f"chosen because {chosen.reason}. Regime: {chosen.regime}."
    )
    lines.append(_how_sure(exploration))
    lines += cheaper_sources(exploration)
    lines += exploration.story
    lines.append(exploration.best.regimes.text)
    lines.append(advice(exploration))
    lines += [f"Left out: {label}: {reason}" for label, reason in exploration.failures.items()]
    return lines


def _what(exploration: Exploration) -> str:
    data = exploration.data.judged
    groups = ""
    if data.groups is not None:
        groups = f" in {plural(len(set(data.groups.tolist())), 'group')} by {data.group_column}"
    kinds = sorted({type(source.reliability).__name__.lower() for source in data.sources})
    inputs = shortened(column.header for column in data.inputs)
    others = len(exploration.data) - len(data)
    beside = f", beside {plural(others, 'row')} of other sources" if others else ""
    what = f"{data.response.header} against {inputs} ({' and '.join(kinds)})"
    return f"{plural(len(data), 'row')}{groups} of {what}{beside}."


def _how_good(exploration: Exploration) -> list[str]:
    floor, unit = exploration.floor, exploration.unit
    if is_deterministic(exploration.data):
        meets = "meets" if exploration.selection.interpolates else "does not meet"
        return [
            f"The data are exact to {shown(floor.value, unit)}; the chosen trend {meets} every row within that and "
            f"misses rows that were left out by {shown(exploration.error, unit)} (root mean square)."
        ]
    if not floor.known:
        return [f"Noise floor {floor.source}: how good a trend can be is not known."]
    return [f"No trend can do better than {shown(floor.value, unit)}, the noise floor, from {floor.source}."]


def _how_sure(exploration: Exploration) -> str:
    outer = exploration.outer
    if outer is None:
        return "No outer splits were made: the test error took part in choosing and is on the optimistic side."
    labels = Counter(choice.label for choice in outer.choices)
    label, times = labels.most_common(1)[0]
    same = f"{times} of {len(outer.choices)} times the choice was {label}"
    ratio = ""
    if exploration.floor.known and not is_deterministic(exploration.data):
        ratio = f", {number(outer.rmse / exploration.floor.value)} times the noise floor"
    failed = f"; {len(outer.failures)} outer splits failed: {outer.failures[0]}" if outer.failures else ""
    return (
        f"Error on rows that took no part in choosing: {shown(outer.rmse, exploration.unit)} "
        f"± {number(outer.standard_error)} root mean square, {shown(outer.mae, exploration.unit)} mean absolute"
        f"{ratio} ({outer.kind}; {same}{failed})."
    )


def cheaper_sources(exploration: Exploration) -> list[str]:
    """Return whether the other sources of a stack helped: the best design with them against the best without.

    The two are compared on the same left-out rows, those of the splits used to choose, by Wilcoxon's signed-rank test
    of the mean squared residuals of what is independent (a group, a condition, or a row): a few rows that are missed by
    far shall not decide. Where the ranks say one thing and the errors another, nothing is claimed.

    References
    ----------
    Demsar 2006, *Statistical comparisons of classifiers over multiple data sets*, JMLR 7, 1 (why by ranks).
    """
    data = exploration.data
    if data.target is None:
        return []
    tried = [(one, one.select()) for one in exploration.landscapes]
    alone, together = (
        min((pair for pair in tried if pair[0].design.models_sources is way), key=_test_error, default=None)
        for way in (False, True)
    )
    if alone is None or together is None:
        return []
    difference = alone[0].clustered(_losses(*together) - _losses(*alone))
    names = joined(source.name for place, source in enumerate(data.sources) if place != data.target)
    rows = f"the {plural(int((~data.on_target).sum()), 'row')} of {names}"
    before, after = (shown(choice.test_error, choice.unit) for _, choice in (alone, together))
    errors = f"from {before} ({alone[1].label}) to {after} ({together[1].label})"
    what = f"the error of left-out rows of {data.judged.name}"
    if _chance(difference) > TELLING:
        return [f"Whether {rows} help cannot be said: {what} goes {errors}, which may be chance."]
    helped = _signed_ranks(difference) < 0
    if helped != (together[1].test_error < alone[1].test_error):
        return [
            f"Whether {rows} help cannot be said: {what} goes {errors}, but by their ranks with them left-out rows are "
            f"missed by {'less' if helped else 'more'}."
        ]
    if helped:
        return [f"T{rows[1:]} helped: they lowered {what} {errors}."]
    return [f"T{rows[1:]} did not help: with them {what} goes {errors}."]


def _chance(difference: Array) -> float:
    """Return the probability of ranks at least as one-sided as those of these differences, were their sign chance."""
    from scipy.stats import wilcoxon

    return float(wilcoxon(difference).pvalue) if difference.any() else 1.0


def _signed_ranks(difference: Array) -> float:
    """Return the sum of the ranks of these differences by size, each with the sign of its difference."""
    from scipy.stats import rankdata

    told = difference[difference != 0]
    return float((np.sign(told) * rankdata(np.abs(told))).sum())


def _test_error(pair: tuple[Landscape, Selection]) -> float:
    return pair[1].test_error


def _losses(one: Landscape, choice: Selection) -> Array:
    return one.row_losses[one.sizes.index(choice.size)]


def advice(exploration: Exploration) -> str:
    """Return what would have to change to do better."""
    chosen, floor, outer = exploration.selection, exploration.floor, exploration.outer
    if is_deterministic(exploration.data):
        if exploration.error <= floor.value:
            return "To do better: nothing is left to gain within the solver's tolerance."
        return "To do better: add simulations where left-out rows are missed most, or tighten the solver."
    if not floor.known:
        return "To do better: measure some conditions again, so that the noise floor is known."
    if not exploration.large:
        return "To do better: nothing but better or repeated measurements helps; the error is that of the noise."
    if outer is not None and outer.between > 0.5:
        return (
            f"To do better: {number(100 * outer.between, 2)} % of the squared error beyond the noise is common to all "
            f"rows of a group, so more groups (or better control of what sets them apart) help, and more repeats "
            f"inside them do not."
        )
    if chosen.train_error < 0.7 * chosen.test_error:
        return "To do better: the train error is far below the test error, so more data or a known law would help."
    return (
        "To do better: train and test error are alike and both large, so the trend lacks something: another input, "
        "another coordinate, or another law."
    )
