"""One short name for everything that decides a result: equal for equal work, in every process."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import partial
from types import MethodType
from typing import Any


def identity(*parts: Any) -> str:
    """Return a SHA-256 in hexadecimal of numbers, text, arrays, containers, records, estimators and functions.

    Functions count with their code and what they enclose, partial functions with what they hold, methods with their
    object, objects that are called with the code of that, arrays with their bytes.

    Examples
    --------
    >>> from functools import partial
    >>> identity(partial(max, 1)) == identity(partial(max, 2))
    False
    >>> identity(1, "a", [2.0]) == identity(1, "a", [2.0]), identity(1) == identity(2)
    (True, False)
    """
    return hashlib.sha256(_words(parts).encode()).hexdigest()


def _words(value: Any) -> str:
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return repr(value)
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if isinstance(value, dict):
        return f"{kind}{{{', '.join(sorted(f'{_words(k)}: {_words(v)}' for k, v in value.items()))}}}"
    if isinstance(value, list | tuple):
        return f"{kind}[{', '.join(map(_words, value))}]"
    if isinstance(value, set | frozenset):
        return f"{kind}{{{', '.join(sorted(map(_words, value)))}}}"
    if hasattr(value, "tobytes") and hasattr(value, "dtype"):
        return f"{value.dtype}{getattr(value, 'shape', ())}{hashlib.sha256(value.tobytes()).hexdigest()}"
    return _callable(value, kind) or _object(value, kind)


def _callable(value: Any, kind: str) -> str:
    """Return the words of a class, a function or what stands for one; none for another object."""
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, partial):
        return f"{kind}{_words([value.func, value.args, value.keywords])}"
    if isinstance(value, MethodType):
        return f"{kind}{_words([value.__func__, value.__self__])}"
    inner = getattr(value, "__wrapped__", value)
    return _function(inner) if hasattr(inner, "__code__") else ""


def _object(value: Any, kind: str) -> str:
    called: Any = type(value).__call__ if callable(value) else None
    if hasattr(called, "__code__"):
        kind += _function(called)
    if hasattr(value, "get_params"):
        return f"{kind}({_words(value.get_params(deep=False))})"
    if is_dataclass(value):
        return f"{kind}({_words({f.name: getattr(value, f.name) for f in fields(value)})})"
    return f"{kind}({_words(vars(value)) if hasattr(value, '__dict__') else repr(value)})"


def _function(function: Callable[..., Any]) -> str:
    enclosed = [cell.cell_contents for cell in function.__closure__ or ()]  # pyright: ignore[reportFunctionMemberAccess]
    given = function.__defaults__, function.__kwdefaults__  # pyright: ignore[reportFunctionMemberAccess]
    return f"{function.__module__}.{function.__qualname__}({_code(function.__code__)}, {_words([enclosed, given])})"


def _code(code: Any) -> str:
    constants = [_code(one) if hasattr(one, "co_code") else _words(one) for one in code.co_consts]
    return f"{code.co_code.hex()} {code.co_names} {constants}"
