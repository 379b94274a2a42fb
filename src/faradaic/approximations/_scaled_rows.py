"""Rows in standardised coordinates, and which of them are the most spread."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ._rows import Rows
from ._scaling import standard_scale

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Scaled:
    """Rows in standardised coordinates, with weights ``weight`` (n,) of mean one."""

    rows: Rows
    weight: Array
    x_mean: Array
    x_std: Array
    y_mean: float
    y_std: float
    X: Array
    y: Array
    _spread: list[Array] = field(default_factory=list)

    @classmethod
    def of(cls, rows: Rows) -> Scaled:
        """Standardise the rows."""
        w = rows.weight / rows.weight.mean()
        x_mean, x_std = standard_scale(rows.X, w)
        y_mean, y_std = (float(each) for each in standard_scale(rows.y, w))
        return cls(rows, w, x_mean, x_std, y_mean, y_std, (rows.X - x_mean) / x_std, (rows.y - y_mean) / y_std)

    def spread(self, number: int) -> Array:
        """Return what `spread_rows` does; fewer rows are the first of more."""
        if not self._spread or len(self._spread[0]) < number:
            self._spread[:] = [spread_rows(self.X, number)]
        return self._spread[0][:number]


def spread_rows(X: Array, number: int) -> Array:
    """Return ``number`` row indices that cover ``X``: each the farthest from those before (nested, deterministic)."""
    first = int(((X - X.mean(0)) ** 2).sum(1).argmin())
    picked = [first]
    distance = ((X - X[first]) ** 2).sum(1)
    while len(picked) < number:
        following = int(distance.argmax())
        picked.append(following)
        distance = np.minimum(distance, ((X - X[following]) ** 2).sum(1))
    return np.array(picked)
