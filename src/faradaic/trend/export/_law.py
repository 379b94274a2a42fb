"""A law as a formula: its JAX function is traced once, and the few operations that it is made of are read off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from faradaic._core import ArgumentError
from faradaic.laws import Law

from ._expression import Expression, apply, binary, dot, number, where

Array = np.ndarray
_SAME = {"broadcast_in_dim", "reshape", "squeeze", "copy", "stop_gradient", "copy_p"}
_BINARY = {"add": "+", "add_any": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**"}
_NAMED = {
    **{name: name for name in ("exp", "log", "log1p", "expm1", "tanh", "sinh", "cosh", "sin", "cos", "sqrt", "erf")},
    "abs": "abs",
    "sign": "sign",
    "max": "maximum",
    "min": "minimum",
    "lt": "<",
    "le": "<=",
    "and": "and",
    "or": "or",
    "not": "not",
}
_OTHER: dict[str, Callable[..., Expression]] = {
    "neg": lambda a: -a,
    "gt": lambda a, b: apply("<", b, a),
    "ge": lambda a, b: apply("<=", b, a),
    "rsqrt": lambda a: 1.0 / apply("sqrt", a),
    "square": lambda a: a**2.0,
    "exp2": lambda a: apply("exp", a * float(np.log(2.0))),
    "logistic": lambda a: 1.0 / (1.0 + apply("exp", -a)),
    "select_n": lambda condition, no, yes: where(condition, yes, no),
}


def law_expression(law: Law, variables: Sequence[Expression], theta: Array) -> Expression:
    """Return the law of these variables at the parameters ``theta`` (k,).

    Raises
    ------
    ArgumentError
        The law's function does something that is no formula of one row: it works on arrays of two axes, solves or
        loops. A sum over nodes of a fixed rule is a formula.

    Examples
    --------
    >>> from faradaic.laws import arrhenius
    >>> from faradaic.trend.export._expression import variable
    >>> from faradaic.trend.export._unroll import evaluate
    >>> formula = law_expression(arrhenius, [variable(0)], np.array([1e-9, 3e4]))
    >>> bool(np.isclose(evaluate(formula, np.array([[300.0]]))[0], arrhenius([[300.0]], [1e-9, 3e4])[0], rtol=1e-14))
    True
    """
    import jax

    with jax.enable_x64(True):
        one = jax.ShapeDtypeStruct((), np.float64)
        closed = jax.make_jaxpr(law.function)(*([one] * (len(variables) + len(theta))))
    known = [*variables, *(number(value) for value in theta)]
    return _read(closed.jaxpr, closed.consts, known, law.name)[0]


def _read(jaxpr: Any, constants: Sequence[Any], arguments: Sequence[Expression], name: str) -> list[Expression]:
    known: dict[Any, Expression] = dict(zip(jaxpr.invars, arguments, strict=True))
    known.update(zip(jaxpr.constvars, (_constant(value, name) for value in constants), strict=True))

    def of(atom: Any) -> Expression:
        return _constant(atom.val, name) if hasattr(atom, "val") else known[atom]

    for step in jaxpr.eqns:
        operands = [of(atom) for atom in step.invars]
        known.update(zip(step.outvars, _step(step, operands, name), strict=True))
    return [of(atom) for atom in jaxpr.outvars]


def _step(step: Any, operands: list[Expression], name: str) -> list[Expression]:
    kind = step.primitive.name
    inner = step.params.get("jaxpr") or step.params.get("call_jaxpr")
    if inner is not None and kind not in ("scan", "while", "cond"):
        closed = hasattr(inner, "consts")
        return _read(inner.jaxpr if closed else inner, inner.consts if closed else (), operands, name)
    if any(len(getattr(out.aval, "shape", ())) > 1 for out in step.outvars):
        raise _refused(name, kind)
    if kind == "convert_element_type":
        return [_converted(step, operands[0], name)]
    if kind == "reduce_sum":
        return [_total(operands[0], step.invars[0].aval.shape)]
    if kind in _SAME:
        return operands[:1]
    if kind in _BINARY:
        return [binary(_BINARY[kind], *operands)]
    if kind == "integer_pow":
        return [binary("**", operands[0], float(step.params["y"]))]
    if kind in _NAMED:
        return [apply(_NAMED[kind], *operands)]
    if kind in _OTHER:
        return [_OTHER[kind](*operands)]
    raise _refused(name, kind)


def _converted(step: Any, operand: Expression, name: str) -> Expression:
    """Return a value in another type of number, if that leaves it what it is."""
    old, new = np.dtype(step.invars[0].aval.dtype), np.dtype(step.params["new_dtype"])
    if old.kind == "f" and new.kind in "iu":
        raise _refused(name, "rounding to whole numbers")
    if old.kind == "f" and new.kind == "f" and new.itemsize < old.itemsize:
        raise _refused(name, f"rounding to {new}")
    if old.kind != "b" and new.kind == "b":
        return apply("not", apply("and", apply("<=", operand, 0.0), apply("<=", 0.0, operand)))
    return operand


def _total(values: Expression, shape: tuple[int, ...]) -> Expression:
    # One value for every place was never spread out: all that is done place by place does without.
    count = int(np.prod(shape))
    return values * float(count) if values.size is None else dot(values, np.ones(count))


def _constant(value: Any, name: str) -> Expression:
    array = np.asarray(value)
    if array.size == 1:
        return number(float(array.reshape(())))
    if array.ndim != 1:
        raise _refused(name, "an array of several axes")
    return number(array)


def _refused(name: str, what: str) -> ArgumentError:
    return ArgumentError(
        f"The law {name!r} cannot be written as a formula: it uses {what!r}; use arithmetic, powers, exp, log, tanh, "
        "sqrt, trigonometric functions, maximum, minimum, where, and sums over vectors of numbers."
    )
