"""The record behind a trend: what was fitted to what, and how inputs of any unit find their way in."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError, OutsideDomainWarning, joined, nearest, plural
from faradaic.approximations import Design
from faradaic.data import Collapsed, Column, Dataset, collapse, parse_header, read_inputs

from ._domain import Domain
from ._quality import Quality

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Record:
    """The fields of a `Trend`, which is the only class made of it."""

    design: Design
    data: Dataset
    domain: Domain
    quality: Quality
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[Column, ...]:
        """The inputs, with the user's units."""
        return self.data.inputs

    @property
    def response(self) -> Column:
        """The response, with the user's unit."""
        return self.data.response

    @property
    def X(self) -> Array:
        """The conditions it was fitted to (of a stack, those of its target), SI, shape (m, p)."""
        return self._conditions.X

    @property
    def y(self) -> Array:
        """The mean response at each of these conditions, SI, shape (m,)."""
        return self._conditions.y

    @cached_property
    def _conditions(self) -> Collapsed:
        rows = self.data.judged
        return collapse(rows.X, rows.y, noise_std=rows.noise_std, groups=rows.groups)

    @property
    def label(self) -> str:
        """The design in words."""
        return self.design.describe([c.name for c in self.inputs], self.response.name)

    def _si(self, X: ArrayLike | pd.DataFrame | str | Path) -> Array:
        if isinstance(X, str | Path) or hasattr(X, "columns"):
            return read_inputs(X, self.inputs)  # pyright: ignore[reportArgumentType]
        values = np.asarray(X, dtype=np.float64)
        if values.ndim < 2 and len(self.inputs) == 1:
            values = values.reshape(-1, 1)
        if values.ndim != 2 or values.shape[1] != len(self.inputs):
            wanted = joined(c.header for c in self.inputs)
            raise ArgumentError(
                f"The inputs must have the {plural(len(self.inputs), 'column')} {wanted}, got shape {values.shape}."
            )
        if not np.isfinite(values).all():
            row = int(np.flatnonzero(~np.isfinite(values).all(1))[0])
            raise ArgumentError(f"The inputs hold a value that is not finite in row {row + 1}; correct it or drop it.")
        return np.column_stack([c.to_si(values[:, j]) for j, c in enumerate(self.inputs)])

    def _input(self, wrt: str | int) -> int:
        names = [c.name for c in self.inputs]
        if not isinstance(wrt, str):
            if 0 <= int(wrt) < len(names):
                return int(wrt)
            raise ArgumentError(f"wrt must be an input number from 0 to {len(names) - 1}, got {wrt!r}.")
        for j, column in enumerate(self.inputs):
            if wrt in (column.name, column.header, parse_header(column.header).name):
                return j
        close = nearest(wrt, names) or names
        raise ArgumentError(f"There is no input {wrt!r}; did you mean {joined(close, 'or')}?")

    def _warn(self, outside: Array, then: str = "the trend is not supported there", stacklevel: int = 3) -> None:
        if outside.any():
            count = int(outside.sum())
            warnings.warn(
                f"{plural(count, 'row')} of {len(outside):,} {'lies' if count == 1 else 'lie'} outside the "
                f"{self.domain.kind} of the data; {then}.",
                OutsideDomainWarning,
                stacklevel=stacklevel,
            )
