"""A relation between two columns, drawn as the curve on which it holds, with the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from faradaic._core import ArgumentError

from ._problem import ImplicitProblem, Reduced
from ._result import Identifiability

Array = np.ndarray
POINTS = 400  # along each axis, on which the relation is evaluated
MARGIN = 0.15  # of the range, that is shown beyond the curve


class RelationDisplay:
    """Rows of two columns and the curves F(x, y) = 0 of one or more answers.

    Parameters
    ----------
    rows : array of shape (n, 2)
    curves : sequence of (x, y, F)
        Axes (POINTS,) and values (POINTS, POINTS); the first is the answer, the others members of its family.
    names : (str, str)
        Of the axes.
    """

    def __init__(self, rows: Array, curves: Sequence[tuple[Array, Array, Array]], names: tuple[str, str]) -> None:
        self.rows, self.curves, self.names = np.asarray(rows), list(curves), names

    @classmethod
    def from_result(
        cls,
        result: Identifiability,
        family: Sequence[Identifiability] = (),
        window: tuple[tuple[float, float], tuple[float, float]] | None = None,
    ) -> Self:
        """Evaluate the relation of an answer, and of other answers to the same rows.

        Parameters
        ----------
        result : Identifiability
            Of an `Implicit` relation between two columns.
        family : sequence of Identifiability
            Drawn thinly beside it.
        window : ((low, high), (low, high)), optional
            What is shown of either column; default: the rows and as much again.

        Raises
        ------
        ArgumentError
            It is the answer to something else.
        """
        rows = _implicit(result).Z
        if rows.shape[1] != 2:
            raise ArgumentError(f"A picture has two axes and the relation is between {rows.shape[1]} columns.")
        if window is None:
            middle, half = 0.5 * (rows.min(0) + rows.max(0)), float(np.ptp(rows, axis=0).max()) * (0.5 + MARGIN)
            window = ((middle[0] - half, middle[0] + half), (middle[1] - half, middle[1] + half))
        x, y = (np.linspace(*ends, POINTS) for ends in window)
        data = result.data
        names = (data.inputs[0].header, data.response.header) if data is not None else ("x", "y")
        return cls(rows, [(x, y, _values(one, x, y)) for one in (result, *family)], names)

    def plot(self, ax: Any = None, **style: Any) -> Self:
        """Draw it with equal axes; ``style`` goes to the curve of the answer."""
        import matplotlib.pyplot as plt

        if ax is None:
            ax = plt.subplots(figsize=(3.6, 3.6), layout="constrained")[1]
        for x, y, F in self.curves[1:]:
            ax.contour(x, y, F, levels=[0.0], colors="0.75", linewidths=0.7)
        x, y, F = self.curves[0]
        self.curve_ = ax.contour(x, y, F, levels=[0.0], **{"colors": "C0", "linewidths": 1.8} | style)
        (self.points_,) = ax.plot(*self.rows.T, "o", color="C3", markersize=4, zorder=3)
        ax.set_aspect("equal")
        ax.set_xlabel(self.names[0])
        ax.set_ylabel(self.names[1])
        self.ax_, self.figure_ = ax, ax.figure
        return self


def _implicit(result: Identifiability) -> ImplicitProblem:
    if not isinstance(result.inner, ImplicitProblem) or result.solution is None:
        raise ArgumentError("Only an answer about a relation between columns, with a solution, has such a picture.")
    return result.inner


def _values(result: Identifiability, x: Array, y: Array) -> Array:
    import jax

    inner, at = _implicit(result), result.solution
    assert at is not None
    theta = result.problem.whole(at.theta) if isinstance(result.problem, Reduced) else at.theta
    with jax.enable_x64(True):
        X, Y = np.meshgrid(x, y)
        over_rows = jax.vmap(lambda a, b: inner.function(a, b, *theta))
        return np.array(over_rows(X.ravel(), Y.ravel())).reshape(X.shape)
