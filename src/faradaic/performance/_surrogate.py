"""A surrogate: responses of a slow model as trends that answer at once and say how far they may be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError, ColumnError, joined, nearest, number, plural
from faradaic.data import Dataset, Reliability, read, read_inputs, read_table

from ._interpolant import Interpolant, interpolant
from ._inverse import Goal, InverseDesign, Limit, inverse_design
from ._ranges import Range
from ._sensitivity import Method, Sensitivity, sensitivity
from ._simulate import Simulations

if TYPE_CHECKING:
    import pandas as pd

    from ._surrogate_display import SurrogateDisplay

Array = np.ndarray
WITHIN = 0.005  # of the spread of a response: what is called good enough


@dataclass(frozen=True, eq=False)
class Surrogate:
    """Responses of a model as functions of its parameters; made by `surrogate`.

    Attributes
    ----------
    parts : tuple of Interpolant
        One for each response.
    ranges : tuple of Range
        Of each parameter: those of the design, or else of the table.
    dropped : int
        Rows that have no response, and were left out.
    """

    parts: tuple[Interpolant, ...]
    ranges: tuple[Range, ...]
    dropped: int = 0

    @property
    def headers(self) -> list[str]:
        """The parameters with their units."""
        return [one.header for one in self.ranges]

    @property
    def responses(self) -> list[str]:
        """The responses with their units."""
        return [one.trend.response.header for one in self.parts]

    def __getitem__(self, response: str) -> Interpolant:
        """Return the part that tells a response, by its header or its name."""
        for one in self.parts:
            if response in (one.trend.response.header, one.trend.response.name):
                return one
        close = nearest(str(response), self.responses) or self.responses
        raise ColumnError(f"The surrogate tells no {response!r}; did you mean {joined(map(repr, close), 'or')}?")

    def predict(self, X: ArrayLike | pd.DataFrame | str | Path, return_std: bool = False) -> Any:
        """Return the responses at other parameters.

        Parameters
        ----------
        X : array of shape (n, p), DataFrame, or path to a table
            In the units of `headers` and in their order; columns of a table are found by name and converted.
        return_std : bool
            Also return their standard deviations, stretched as the leave-out errors ask (`Interpolant.stretch`).

        Returns
        -------
        array of shape (n, r), or a pair of them
            In the units of `responses`. Where a row lies is told by `table`.

        Raises
        ------
        InputError
            There are not as many columns, or a value is not finite.
        """
        Z = self.to_si(X)
        if not return_std:
            return np.column_stack([one.trend.response.from_si(one.trend.design.predict(Z)) for one in self.parts])
        both = [(one, *one.trend.design.predict(Z, return_std=True)) for one in self.parts]
        mean = np.column_stack([one.trend.response.from_si(y) for one, y, _ in both])
        return mean, np.column_stack([one.stretch * one.trend.response.spread_from_si(std) for one, _, std in both])

    def table(self, X: ArrayLike | pd.DataFrame | str | Path) -> pd.DataFrame:
        """Return parameters, responses, their standard deviations, and where each row lies.

        ``domain`` is ``"inside"`` the hull of the simulations with some around it, at an ``"edge"`` (farther from any
        than they are from one another), or ``"outside"``.
        """
        import pandas as pd

        Z = self.to_si(X)
        mean, std = self.predict(X, return_std=True)
        columns = {c.header: c.from_si(Z[:, j]) for j, c in enumerate(self.parts[0].trend.inputs)}
        columns |= {header: mean[:, k] for k, header in enumerate(self.responses)}
        columns |= {f"std of {header}": std[:, k] for k, header in enumerate(self.responses)}
        return pd.DataFrame(columns | {"domain": self.parts[0].trend.domain.where(Z)})

    def good(self, within: float = WITHIN) -> bool:
        """Return whether every response misses left-out rows by at most this share of its spread."""
        return all(one.share <= within for one in self.parts)

    def sobol(
        self, response: str | None = None, *, method: Method = "analytic", n: int = 4096, seed: int = 0
    ) -> Sensitivity:
        """Return Sobol' indices of one response: which share of its variance is due to each parameter.

        The parameters are taken as independent and uniform over their `ranges` (those spread in the logarithm: in
        their logarithm).

        Parameters
        ----------
        response : str, optional
            Default: the only one.
        method : {"analytic", "sampled"}
            In closed form, where the response is told by a squared-exponential process of the response itself, and
            else sampled; or by Saltelli's sampling of the surrogate in any case.
        n : int
            Base samples, a power of two; ``n (p + 2)`` evaluations.
        seed : int

        Returns
        -------
        Sensitivity
        """
        return sensitivity(self._one(response), self.ranges, method, n, seed)

    def inverse(
        self,
        goal: Mapping[str, Goal],
        limits: Mapping[str, Limit] | None = None,
        *,
        held: Mapping[str, float] | None = None,
        region: Literal["ranges", "hull"] = "ranges",
        seed: int = 0,
    ) -> InverseDesign:
        """Return the parameters that come nearest to what is wanted; see `inverse_design`.

        Examples
        --------
        >>> from faradaic.performance import simulate, simulation_design, surrogate
        >>> design = simulation_design({"a": (0, 1), "b": (0, 1)}, 32)
        >>> found = surrogate(simulate(lambda p: {"y": p["a"] + p["b"], "z": p["a"] * p["b"]}, design))
        >>> best = found.inverse({"y": "max"}, {"z": (None, 0.5)})
        >>> best.feasible, round(best.responses["y"], 2)
        (True, 1.5)
        """
        return inverse_design(self, goal, limits or {}, held or {}, region, seed)

    def summary(self, within: float = WITHIN) -> str:
        """Return how good it is for each response, and whether that is enough."""
        rows = len(self.parts[0].observed)
        lines = [f"{plural(rows, 'row')} over {joined(self.headers)}."]
        if self.dropped:
            lines.append(f"{plural(self.dropped, 'row')} without a response {'was' if self.dropped == 1 else 'were'} "
                         "left out.")  # fmt: skip
        lines += [one.sentence() for one in self.parts]
        poor = [one.trend.response.name for one in self.parts if one.share > within]
        limit = f"{number(100 * within)} % of the spread"
        if poor:
            lines.append(f"Not good enough: {joined(poor)} {'miss' if len(poor) > 1 else 'misses'} {limit}; "
                         "simulate more, or narrow the ranges.")  # fmt: skip
        else:
            lines.append(f"Good enough: within {limit}.")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.summary()

    def plot(self, response: str | None = None, ax: Any = None, **style: Any) -> SurrogateDisplay:
        """Draw what the surrogate says of each row that was left out against what the model said."""
        from ._surrogate_display import SurrogateDisplay

        return SurrogateDisplay.from_interpolant(self._one(response)).plot(ax=ax, **style)

    def _one(self, response: str | None) -> Interpolant:
        if response is not None:
            return self[response]
        first, *others = self.parts
        if others:
            raise ArgumentError(f"Say which response is meant: {joined(map(repr, self.responses), 'or')}.")
        return first

    def to_si(self, X: ArrayLike | pd.DataFrame | str | Path) -> Array:
        """Return parameters in SI, shape (n, p); see `predict`."""
        inputs = self.parts[0].trend.inputs
        if isinstance(X, str | Path) or hasattr(X, "columns"):
            return read_inputs(X, inputs)  # pyright: ignore[reportArgumentType]
        values = np.asarray(X, dtype=np.float64)
        if values.ndim != 2 or values.shape[1] != len(inputs) or not np.isfinite(values).all():
            raise ArgumentError(
                f"X must hold finite numbers, a column for each of {joined(self.headers)}, got shape {values.shape}."
            )
        return np.column_stack([column.to_si(values[:, j]) for j, column in enumerate(inputs)])


def surrogate(
    table: Simulations | pd.DataFrame | str | Path,
    x: Sequence[str] | None = None,
    y: Sequence[str] | str | None = None,
    *,
    log: Sequence[str] = (),
    ranges: Sequence[Range] | None = None,
    reliability: Literal["deterministic", "experiment"] | Reliability = "deterministic",
    groups: str | Sequence[str] | None = None,
) -> Surrogate:
    """Learn responses of a model from simulations, as Gaussian processes with a length scale for each parameter.

    Simulations are exact, so that they are interpolated: every row is met, and the error is that of rows left out, in
    closed form. Of each response the covariance and, where it is positive, its logarithm are chosen by that error.

    Parameters
    ----------
    table : Simulations, DataFrame or path
        From `simulate`, or a table with a row for each simulation. Rows without a number for a response are left out
        and counted; equal rows count once.
    x, y : sequences of str, optional
        Headers of parameters and responses. Default, for `Simulations`: all of them.
    log : sequence of str
        Parameters to be seen in their logarithm, beside those that the design spread so.
    ranges : sequence of Range, optional
        Where the parameters may lie; default: those of the design, or else of the table.
    reliability : {"deterministic", "experiment"} or Reliability
        ``"experiment"``: the responses scatter; the scatter is fitted and the rows are not met.
    groups : str or sequence of str, optional
        Header(s) of columns whose equal rows are left out together.

    Returns
    -------
    Surrogate

    Raises
    ------
    InputError
        The table cannot be used: a column is missing, a parameter is no number, too few rows are left.
    FitError
        A response could not be fitted.

    References
    ----------
    Sacks, Welch, Mitchell & Wynn 1989, Design and Analysis of Computer Experiments, 10.1214/ss/1177012413; Dubrule 1983
    (leave-out), 10.1007/BF01033232.

    Examples
    --------
    >>> import numpy as np
    >>> from faradaic.performance import simulate, simulation_design
    >>> design = simulation_design({"a": (0, 1), "b": (0, 1)}, 32)
    >>> found = surrogate(simulate(lambda p: np.sin(3 * p["a"]) * p["b"], design))
    >>> found.good(within=0.005), found.sobol().first.shape
    (True, (2,))
    """
    frame, x, y, given = _asked(table, x, y)
    limits, ranges = {one.header: one for one in ranges or given}, ranges or given
    logged = {one.header for one in ranges if one.log} | set(log)
    unknown = [name for name in {*log, *limits} if name not in x]
    if unknown:
        raise ArgumentError(f"{joined(map(repr, unknown))} is not among the parameters {joined(map(repr, x))}.")
    parts: list[Interpolant] = []
    dropped = 0
    for header in y:
        rows = _known(frame, x, header, groups)
        dropped += len(frame) - len(rows)
        data = read(rows, x, header, reliability=reliability, groups=groups, name="simulations")
        _check(data, [name in logged for name in x])
        parts.append(interpolant(data, [name in logged for name in x]))
    observed = parts[0].trend
    found = [
        limits.get(h) or Range(h, *(float(v) for v in c.from_si(np.array([lo, hi]))), log=h in logged)
        for h, c, lo, hi in zip(x, observed.inputs, observed.domain.low, observed.domain.high, strict=True)
    ]
    return Surrogate(tuple(parts), tuple(found), dropped)


def _check(data: Dataset, log: Sequence[bool]) -> None:
    if len(data) < data.n_features + 2:
        raise ArgumentError(
            f"{plural(len(data), 'row')} with {data.response.header!r} are too few for "
            f"{plural(data.n_features, 'parameter')}; simulate at least {data.n_features + 2}, better ten for each."
        )
    for column, values, logged in zip(data.inputs, data.X.T, log, strict=True):
        if logged and not (values > 0).all():
            lowest = number(float(column.from_si(values.min())))
            raise ArgumentError(f"{column.header!r} is to be seen in its logarithm, but its lowest value is {lowest}.")


def _asked(
    table: Simulations | pd.DataFrame | str | Path, x: Sequence[str] | None, y: Sequence[str] | str | None
) -> tuple[pd.DataFrame, list[str], list[str], tuple[Range, ...]]:
    if isinstance(table, Simulations):
        if not table.finished.any():
            raise ArgumentError(f"Every simulation failed, the first one so: {table.reasons[0]}.")
        x, y = x or table.design.headers, y or table.responses
        frame, given = table.table(), tuple(one for one in table.design.ranges if one.header in x)
    else:
        frame, given = read_table(table) if isinstance(table, str | Path) else table, ()
    if not x or not y:
        raise ArgumentError("Name at least one parameter (x) and one response (y).")
    return frame, [x] if isinstance(x, str) else list(x), [y] if isinstance(y, str) else list(y), given


def _known(frame: pd.DataFrame, x: Sequence[str], header: str, groups: str | Sequence[str] | None) -> pd.DataFrame:
    """Return the rows that have the response, equal ones once."""
    if header not in frame.columns:
        return frame  # `read` says what is wrong
    some = frame[frame[header].notna()]
    if not len(some):
        raise ArgumentError(f"The column {header!r} is empty: no simulation has this response.")
    together = [groups] if isinstance(groups, str) else list(groups or ())
    columns = [name for name in (*x, header, *together) if name in frame.columns]
    return some.drop_duplicates(columns)
