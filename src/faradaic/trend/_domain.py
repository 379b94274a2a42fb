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
    points : array of shape (m, p)
        The conditions, scaled to their range.
    reach : float
        How far from its nearest condition, in these scaled inputs, a point still has data around it: √p times the
        distance that 19 of 20 conditions keep to the nearest one of another group.
    """

    low: Array
    high: Array
    facets: Array
    kind: str
    points: Array
    reach: float

    @classmethod
    def of(cls, X: Array, groups: Array | None = None) -> Domain:
        """Return the domain of the rows ``X`` (n, p); rows of one of the ``groups`` (n,) are not each other's data.

        Examples
        --------
        >>> import numpy as np
        >>> triangle = Domain.of(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
        >>> triangle.inside(np.array([[0.2, 0.2], [0.9, 0.9]])).tolist()
        [True, False]
        >>> gap = Domain.of(np.array([[0.0], [1.0], [2.0], [3.0], [9.0], [10.0], [11.0], [12.0]]))
        >>> gap.where(np.array([[1.5], [6.0], [13.0]])).tolist()
        ['inside', 'edge', 'outside']
        """
        from scipy.spatial import ConvexHull, QhullError

        low, high = X.min(0), X.max(0)
        points = _scaled(X, low, high)
        reach = np.sqrt(X.shape[1]) * _spacing(points, groups)
        points, p = np.unique(points, axis=0), X.shape[1]
        if p == 1:
            return cls(low, high, np.zeros((0, 2)), "interval", points, reach)
        if p <= HULL_INPUTS:
            try:
                return cls(low, high, ConvexHull(points).equations, "convex hull", points, reach)
            except QhullError:
                pass  # fewer than p + 1 rows, or all in one plane: they span no hull
        return cls(low, high, np.zeros((0, p + 1)), "box", points, reach)

    @property
    def constant(self) -> Array:
        """Which inputs have one and the same value in all data, shape (p,): of these no slope can be known."""
        return self.high <= self.low

    def where(self, X: Array) -> Array:
        """Return where each row of ``X`` (n, p), SI, lies, shape (n,).

        ``"inside"``: data around it; ``"edge"``: within the range of the data, but farther from any condition than
        conditions are from one another; ``"outside"``: beyond them.
        """
        from scipy.spatial import KDTree

        X = np.asarray(X, dtype=np.float64)
        distance = KDTree(self.points).query(_scaled(X, self.low, self.high))[0]
        near = np.where(distance <= self.reach + SLACK, "inside", "edge")
        return np.where(self.inside(X), near, "outside")

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


def _spacing(points: Array, groups: Array | None) -> float:
    """Return the distance that 19 of 20 rows keep to the nearest row of another condition, or of another group."""
    from scipy.spatial import KDTree

    if groups is None:
        distinct = np.unique(points, axis=0)
        nearest = KDTree(distinct).query(distinct, k=2)[0][:, 1]  # infinite for a single condition
        return float(np.quantile(nearest, 0.95, method="inverted_cdf"))
    codes = np.unique(groups)
    if len(codes) < 2:
        return np.inf
    nearest = np.empty(len(points))
    for code in codes:
        own = groups == code
        nearest[own] = KDTree(points[~own]).query(points[own])[0]
    return float(np.quantile(nearest, 0.95))
