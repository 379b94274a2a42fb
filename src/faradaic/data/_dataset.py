"""The observations: immutable, in SI, with what is known of their noise and of which rows belong together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError, joined, shortened

from ._column import Column
from ._conditions import conditions
from ._reliability import Deterministic, Reliability

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_TOLERANCE = 1e-6  # of the spread of the responses, for a solver whose tolerance was not stated


@dataclass(frozen=True)
class Source:
    """Where rows come from and how reliable they are."""

    name: str
    reliability: Reliability


@dataclass(frozen=True, eq=False)
class Dataset:
    """A table of observations, made by `read`, `stack` or `example`.

    Attributes
    ----------
    X : array of shape (n, p)
        Inputs in SI, read-only.
    y : array of shape (n,)
        Response in SI, read-only.
    inputs : tuple of Column
        What the columns of ``X`` are.
    response : Column
        What ``y`` is.
    noise : array of shape (n,)
        Standard deviation of each response in SI; NaN where unknown, 0 for deterministic rows.
    source : int array of shape (n,)
        Each row's place in `sources`.
    sources : tuple of Source
        Name and reliability of each source.
    groups : int array of shape (n,), optional
        Rows of one group (a cell, a composition, a paper) never sit on both sides of a split.
    group_column : str, optional
        What the groups are, e.g. ``"composition"``.
    group_labels : tuple of str
        The label of each group code.
    ordered : bool
        The rows are a time series.
    target : int, optional
        Place in `sources` of the one that a trend shall predict, where the others are cheaper accounts of the same
        quantity; None: every row is a row of the one trend. See `stack`.
    """

    X: np.ndarray
    y: np.ndarray
    inputs: tuple[Column, ...]
    response: Column
    noise: np.ndarray
    source: np.ndarray
    sources: tuple[Source, ...]
    groups: np.ndarray | None = None
    group_column: str | None = None
    group_labels: tuple[str, ...] = field(default=(), repr=False)
    ordered: bool = False
    target: int | None = None

    def __post_init__(self) -> None:
        y = _frozen(self.y, np.float64)
        X = _frozen(self.X, np.float64)
        if X.shape != (len(y), len(self.inputs)):
            raise ArgumentError(f"X must have shape ({len(y)}, {len(self.inputs)}) as y and inputs say, got {X.shape}.")
        arrays = {"X": X, "y": y, "noise": _frozen(self.noise, np.float64), "source": _frozen(self.source, np.int64)}
        if self.groups is not None:
            arrays["groups"] = _frozen(self.groups, np.int64)
        for name, array in arrays.items():
            if len(array) != len(y):
                raise ArgumentError(f"{name} must have one entry for each of the {len(y)} rows, got {len(array)}.")
            object.__setattr__(self, name, array)
        if self.target is not None and not 0 <= self.target < len(self.sources):
            raise ArgumentError(f"target must be from 0 to {len(self.sources) - 1} or None, got {self.target!r}.")

    def __len__(self) -> int:
        return len(self.y)

    def __repr__(self) -> str:
        inputs = shortened(column.header for column in self.inputs)
        return f"<Dataset {self.name!r}: {len(self):,} rows, {self.response.header} against {inputs}>"

    @property
    def name(self) -> str:
        """The names of the sources."""
        return joined(source.name for source in self.sources)

    @property
    def n_features(self) -> int:
        """Number of inputs."""
        return self.X.shape[1]

    @property
    def reliability(self) -> Reliability:
        """The one reliability of all rows.

        Raises
        ------
        ArgumentError
            The sources differ in reliability.
        """
        kinds = list(dict.fromkeys(source.reliability for source in self.sources))
        if len(kinds) > 1:
            raise ArgumentError(
                f"The rows have {len(kinds)} reliabilities ({joined(kinds)}); look at sources and source instead."
            )
        return kinds[0]

    @property
    def deterministic(self) -> np.ndarray:
        """Whether each row was computed rather than measured or sampled, shape (n,)."""
        return np.array([isinstance(source.reliability, Deterministic) for source in self.sources])[self.source]

    @property
    def on_target(self) -> np.ndarray:
        """Whether each row is of the source that a trend shall predict, shape (n,); without a `target`, all are."""
        return np.ones(len(self), dtype=bool) if self.target is None else self.source == self.target

    @cached_property
    def judged(self) -> Dataset:
        """The rows by which a trend is judged: those of the `target`, as a data set of that source alone, or all."""
        if self.target is None:
            return self
        mine = self.take(self.on_target)
        source = np.zeros(len(mine), dtype=np.int64)
        return replace(mine, source=source, sources=(self.sources[self.target],), target=None)

    @property
    def rank(self) -> np.ndarray:
        """Rank of each row's source, shape (n,): the order of `sources`, but for the `target`, which is the highest."""
        return np.where(self.on_target, len(self.sources), self.source)

    @property
    def tolerance(self) -> float:
        """The error (SI) within which deterministic responses are exact; of several sources, the largest.

        Raises
        ------
        ArgumentError
            No row is deterministic.
        """
        stated = [source.reliability for source in self.sources if isinstance(source.reliability, Deterministic)]
        if not stated:
            raise ArgumentError("Only deterministic data have a tolerance; these are not.")
        default = DEFAULT_TOLERANCE * float(np.ptp(self.y))
        return max(default if one.tolerance is None else one.tolerance * self.response.scale for one in stated)

    @property
    def noise_std(self) -> np.ndarray | None:
        """Standard deviation of each response (SI), shape (n,), or None unless it is known for every row.

        Zero everywhere for deterministic data; among other sources a deterministic row counts with its tolerance.
        """
        if np.isnan(self.noise).any():
            return None
        exact = self.noise == 0
        if exact.any() and not exact.all():
            floor = self.tolerance or DEFAULT_TOLERANCE * float(np.ptp(self.y))
            return np.where(exact, floor, self.noise)
        return self.noise

    @cached_property
    def condition_groups(self) -> np.ndarray | None:
        """Codes of rows that must stay together, shape (n,): the groups, or else the replicates if there are any."""
        if self.groups is not None:
            return self.groups
        condition, first = conditions(self.X)
        return condition if len(first) < len(self) else None

    @property
    def y_user(self) -> np.ndarray:
        """The responses in the user's unit, shape (n,)."""
        return self.response.from_si(self.y)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the numbers, the columns and the reliabilities, in hexadecimal."""
        digest = hashlib.sha256()
        words = (self.inputs, self.response, self.sources, self.group_column, self.group_labels, self.ordered)
        digest.update(repr(words if self.target is None else (*words, self.target)).encode())
        for array in (self.X, self.y, self.noise, self.source, self.groups):
            digest.update(b"none" if array is None else np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def take(self, rows: ArrayLike) -> Dataset:
        """Return the data set of these rows (indices or a mask), in this order."""
        pick = np.asarray(rows)
        return replace(
            self,
            X=self.X[pick],
            y=self.y[pick],
            noise=self.noise[pick],
            source=self.source[pick],
            groups=None if self.groups is None else self.groups[pick],
        )

    def frame(self) -> pd.DataFrame:
        """Return the inputs, the response and the group labels as a table in the user's units and headers."""
        import pandas as pd

        columns = {column.header: column.from_si(values) for column, values in zip(self.inputs, self.X.T, strict=True)}
        columns[self.response.header] = self.y_user
        if self.groups is not None and self.group_column not in columns:
            labels = np.asarray(self.group_labels or range(int(self.groups.max(initial=-1)) + 1), dtype=object)
            columns[str(self.group_column)] = labels[self.groups]
        return pd.DataFrame(columns)


def _frozen(values: ArrayLike, dtype: type) -> np.ndarray:
    array = np.array(values, dtype=dtype)
    array.flags.writeable = False
    return array
