"""An ageing law in words: the choice, its parameters, and what the data do not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from faradaic._core import joined, number, plural

from ._ageing_rows import conditions_in_words

if TYPE_CHECKING:
    from faradaic.laws import Law

    from ._ageing_result import Ageing, AgeingParameter

_FORM = {
    "square_root": "square root of {t}",
    "linear": "linear in {t}",
    "square_root_linear": "square root plus linear in {t}",
    "power": "power of {t}",
    "sigmoidal": "sigmoidal in {t}",
}
_LOSS = {
    "square_root": "k √τ",
    "linear": "k τ",
    "square_root_linear": "(k √τ + m τ)",
    "power": "k τ^p",
    "sigmoidal": "L tanh(k τ^p / L)",
}
_STRESS = {"T": "Arrhenius", "U": "Tafel", "s": "exponential in the state of charge"}
_PARAMETER_OF = {"T": ("Ea", "activation energy"), "U": ("alpha", "Tafel coefficient"), "s": ("b", "exponent")}
_OPEN = {"together": "only together with others", "not felt": "by no row"}


def law_in_words(law: Law, time: str) -> str:
    """Return the law in words, e.g. 'square root of t, Arrhenius'."""
    form = _form(law)
    rates = [_STRESS[name] for name in law.valid if name in _STRESS]
    return ", ".join([_FORM[form].format(t=time), *rates])


def _form(law: Law) -> str:
    return law.name.removeprefix("ageing(").split(",")[0]


def _if_it_went_on(law: Law) -> str:
    return {"sigmoidal": " if it did not level off", "square_root_linear": ", without the linear part"}.get(
        _form(law), ""
    )


def sentences(found: Ageing) -> list[str]:
    """Return the summary, one statement a line."""
    cells = found.chosen.cells
    lines = [
        f"{plural(len(found.rows.data), 'row')} of {plural(cells, 'cell')}: {conditions_in_words(found.rows)}.",
        *_choice(found),
        *(_parameter(found, one) for one in found.parameters),
        *_not_chosen(found),
        _scatter(found),
        _reach(found),
        *_few_times(found),
        *_rivals(found),
        *found.notes,
    ]
    return lines


def _choice(found: Ageing) -> list[str]:
    one, time = found.exploration, found.rows.time.name
    chosen = one.selection
    told, rates = "", joined(name for name in found.law.names if name in ("k", "m"))
    varying = joined(list(found.law.valid)[1:])
    factor = f" ({rates} with {varying})" if varying else ""
    if one.outer is not None:
        told = (
            f"; choosing again without them, cells that took no part are missed by {number(one.outer.rmse, 2)} "
            f"± {number(one.outer.standard_error, 1)}"
        )
    return [
        f"Chosen law: {law_in_words(found.law, time)}, q = 1 - {_LOSS[_form(found.law)]}{factor} with τ = "
        f"{time} / {found.rows.reference}, {plural(found.law.count, 'parameter')}; "
        f"left-out cells are missed by {number(chosen.test_error, 2)} (root mean square, relative capacity){told}."
    ]


def _parameter(found: Ageing, one: AgeingParameter) -> str:
    scale, unit = (1e3, " kJ/mol") if one.unit == "J/mol" else (1.0, "")
    value = f"{one.name} = {number(one.value / scale)}{unit}"
    meaning = {
        "k": f", the loss after {found.rows.reference} at the reference conditions" + _if_it_went_on(found.law),
        "m": f", the linear part of the loss after {found.rows.reference}",
        "p": ", the exponent of time",
        "L": ", the loss at which it ends",
    }.get(one.name, "")
    if one.status in _OPEN:
        return f"{value}{meaning}, but the rows determine it {_OPEN[one.status]}: it is not identified."
    said = f"{value} ({number(one.low / scale)} to {number(one.high / scale)}){meaning}"
    if one.name == "p" and one.low <= 0.5 <= one.high:
        said += "; one half lies within"
    return f"{said}{'; vague' if one.status == 'vague' else ''}."


def _not_chosen(found: Ageing) -> list[str]:
    """Say which conditions were there and are not in the law: nothing is claimed of them."""
    lines = []
    for name, column in zip(found.rows.variables[1:], found.rows.data.inputs[1:], strict=True):
        if name not in found.law.valid:
            parameter, words = _PARAMETER_OF[name]
            lines.append(
                f"{column.name} varies, but laws with it do not miss left-out cells by less than the law without, "
                f"beyond chance: no {words} ({parameter}) is claimed."
            )
    return lines


def _scatter(found: Ageing) -> str:
    one = found.chosen
    return (
        f"Cells lose {number(100 * one.between, 2)} % more or less than the law says (standard deviation), and rows "
        f"scatter by {number(one.within, 2)} about their cell's curve. Intervals are at {number(100 * found.level)} % "
        f"and come from the differences between cells ({plural(len(one.draws), 'fit')} with random weights of them)."
    )


def _reach(found: Ageing) -> str:
    time = found.rows.time
    last = number(float(time.from_si(found.rows.data.X[:, 0].max())))
    return (
        f"The law is supported up to {last} {time.unit}".rstrip()
        + " and within the conditions above; beyond, predictions are marked 'outside'."
    )


def _few_times(found: Ageing) -> list[str]:
    """Warn of a shape with as many parameters as there are times: it bends through them whatever the truth."""
    times = len(np.unique(np.round(found.rows.data.X[:, 0] / found.rows.per, 2)))
    shape = found.law.count - len(found.law.valid) + 1
    if times > shape:
        return []
    return [
        f"There are rows at {plural(times, 'time')} only and the law has {plural(shape, 'parameter')} of time: how it "
        f"goes on is not tested."
    ]


def _rivals(found: Ageing) -> list[str]:
    if not found.rivals:
        return ["Every other law misses left-out cells by more, beyond chance."]
    names = "; ".join(sorted(law_in_words(one.law, found.rows.time.name) for one in found.rivals))
    far = found.rows.data.X[[found.rows.data.X[:, 0].argmax()]].copy()
    far[:, 0] *= 3.0
    ends = np.array([one.mean(far)[0] for one in (found.chosen, *found.rivals)])
    return [
        f"The data do not tell it from {plural(len(found.rivals), 'other law')}: {names}. At three times the longest "
        f"record, under its conditions, they say {number(float(ends.min()))} to {number(float(ends.max()))}; intervals "
        f"outside span them all."
    ]
