"""Wording shared by messages, summaries and reports."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, options: Iterable[str], most: int = 3) -> list[str]:
    """Return the options that look most like ``name``, best first.

    Examples
    --------
    >>> nearest("T [k]", ["c [mol/kg]", "T [K]", "r"])[0]
    'T [K]'
    """
    lower: dict[str, str] = {}
    for option in options:
        lower.setdefault(option.lower(), option)
    found = difflib.get_close_matches(name.lower(), list(lower), n=most, cutoff=0.4)
    return [lower[key] for key in found]


def plural(count: int, noun: str, many: str | None = None) -> str:
    """Return the count with its noun in the right number.

    Examples
    --------
    >>> plural(1, "row"), plural(3, "row")
    ('1 row', '3 rows')
    """
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def joined(words: Iterable[object], last: str = "and") -> str:
    """Return the words as a list in a sentence.

    Examples
    --------
    >>> joined(["T", "c", "r"])
    'T, c and r'
    """
    items = [str(word) for word in words]
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def shortened(words: Iterable[object], most: int = 12, last: str | None = None) -> str:
    """Return the words with commas (and ``last`` before the last); of more than ``most`` some, and how many there are.

    Examples
    --------
    >>> shortened("abc"), shortened(range(100))
    ('a, b, c', '0, 1, ..., 99 (100 in all)')
    """
    items = [str(word) for word in words]
    if len(items) <= most:
        return ", ".join(items) if last is None else joined(items, last)
    return f"{items[0]}, {items[1]}, ..., {items[-1]} ({len(items):,} in all)"


def number(value: float, digits: int = 3) -> str:
    """Return a number as it is read aloud: significant digits, no trailing noise.

    Examples
    --------
    >>> number(0.301858), number(13825.0), number(3.9e-14), number(float("inf"))
    ('0.302', '13,825', '3.9e-14', 'infinite')
    """
    if value != value:
        return "unknown"
    if value in (float("inf"), float("-inf")):
        return "infinite" if value > 0 else "minus infinite"
    if value == int(value) and abs(value) < 1e7:
        return f"{int(value):,}"
    if 1e-3 <= abs(value) < 1e5:
        decimals = max(0, digits - 1 - _exponent(value))
        return f"{value:,.{decimals}f}"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{exponent}"


def _exponent(value: float) -> int:
    return int(f"{value:e}".split("e")[1])
