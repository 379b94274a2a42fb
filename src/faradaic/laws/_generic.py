"""Laws that hold for any inputs: a constant, and a plane."""

from __future__ import annotations

from functools import cache
from typing import Any

from faradaic._core import ArgumentError

from ._law import Law, Parameter, Variable, law


@law(
    formula="y = y_0",
    variables=[],
    parameters=[Parameter("y0", None)],
    source="The response does not depend on the inputs: the smallest member of every hierarchy.",
    linear=["y0"],
)
def constant(y0: Any) -> Any:
    """Return ``y0``."""
    return y0


def _plane(*arguments: Any) -> Any:
    n = (len(arguments) - 1) // 2
    x, y0, slopes = arguments[:n], arguments[n], arguments[n + 1 :]
    return y0 + sum(slope * value for slope, value in zip(slopes, x, strict=True))


def linear(n_variables: int) -> Law:
    r"""Return the plane :math:`y = y_0 + \sum_i b_i x_i` in any number of variables of any unit.

    Parameters
    ----------
    n_variables : int
        At least 1.

    Raises
    ------
    ArgumentError
        ``n_variables`` is not a positive integer.

    Examples
    --------
    >>> plane = linear(2)
    >>> plane([[1.0, 2.0]], [10.0, 1.0, 0.5]).tolist(), plane.names
    ([12.0], ('y0', 'b1', 'b2'))
    """
    if not isinstance(n_variables, int) or isinstance(n_variables, bool) or n_variables < 1:
        raise ArgumentError(f"n_variables must be a positive integer, got {n_variables!r}.")
    return _linear(n_variables)


@cache
def _linear(n_variables: int) -> Law:
    slopes = [f"b{i + 1}" for i in range(n_variables)]
    return law(
        formula=r"y = y_0 + \sum_i b_i x_i",
        variables=[Variable(f"x{i + 1}") for i in range(n_variables)],
        parameters=[Parameter("y0", None), *(Parameter(name, None) for name in slopes)],
        source="The first-order expansion of any smooth response.",
        linear=["y0", *slopes],
        name=f"linear({n_variables})",
    )(_plane)
