"""Where the data are: a prediction outside says so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray
# facets of a hull grow steeply with the number of inputs; beyond, the box of the ranges is used, and said
HULL_INPUTS = 5
# how far outside, in ranges of the inputs, a point still counts as on the hull: rounding of converted units
SLACK = 1e-9


@dataclass(frozen=True, eq=False)
class Domain:
    """The convex hull of the inputs, as half spaces A z + b ≤ 0 in inputs scaled to their range.

    Attributes
    ----------
    low, high : arrays of shape (p,)
        Range of each input, SI.
    facets : array of shape (f, p + 1)
        Outward normals A and offsets b; empty for a box.
    kind : {"interval", "convex hull", "box"}
        What the domain is.
    """

    low: Array
    high: Array
    facets: Array
    kind: str

    @classmethod
    def of(cls, X: Array) -> Domain:
        """Return the domain of the rows ``X`` (n, p).

        Examples
        --------
        >>> import numpy as np
        >>> triangle = Domain.of(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
        >>> triangle.inside(np.array([[0.2, 0.2], [0.9, 0.9]])).tolist()
        [True, False]
        """
        from scipy.spatial import ConvexHull, QhullError

        low, high = X.min(0), X.max(0)
        p = X.shape[1]
        if p == 1:
            return cls(low, high, np.zeros((0, 2)), "interval")
        if p <= HULL_INPUTS:
            try:
                return cls(low, high, ConvexHull(_scaled(X, low, high)).equations, "convex hull")
            except QhullError:
                pass  # fewer than p + 1 rows, or all in one plane: they span no hull
        return cls(low, high, np.zeros((0, p + 1)), "box")

    def inside(self, X: Array) -> Array:
        """Return whether each row of ``X`` (n, p), SI, lies in the domain, shape (n,)."""
        X = np.asarray(X, dtype=np.float64)
        slack = SLACK * _span(self.low, self.high)
        low, high = self.low - slack, self.high + slack
        within = ((low <= X) & (high >= X)).all(1)
        if len(self.facets):
            Z = _scaled(X, self.low, self.high)
            within &= (Z @ self.facets[:, :-1].T + self.facets[:, -1] <= SLACK).all(1)
        return np.asarray(within)


def _span(low: Array, high: Array) -> Array:
    """Return the range of each input; of one that never varies, its size."""
    size = np.maximum(np.abs(low), np.abs(high))
    return np.where(high > low, high - low, np.where(size > 0, size, 1.0))


def _scaled(X: Array, low: Array, high: Array) -> Array:
    return (X - low) / _span(low, high)
