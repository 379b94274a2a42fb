"""The answer: which parameters the rows identify, which only together, and which not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from faradaic._core import ArgumentError, joined, nearest, number, plural
from faradaic.data import Dataset

from ._experiments import Experiment, ranked
from ._models import Simulator
from ._next import candidates_of, informative, sensitivities
from ._problem import Problem
from ._profile import Profile
from ._reduced import ReducedModel, reduced_models
from ._sensitivity import Spectrum
from ._solve import Solution

if TYPE_CHECKING:
    from ._display import IdentifiabilityDisplay

Array = np.ndarray
Status = Literal["identified", "vague", "together", "not felt", "known"]


@dataclass(frozen=True)
class Estimate:
    """One parameter, or one combination of some.

    Attributes
    ----------
    name : str
    status : {"identified", "vague", "together", "not felt", "known"}
        Determined by the rows; determined, but not to within the tolerance; only together with others; felt by no row;
        known beforehand.
    value, std : float
        In `unit`; NaN where the rows do not determine it, the standard deviation also where nothing tells the scatter.
    low, high : float
        Interval at the level of the question; infinite where it is open, NaN where there is none.
    unit : str
    """

    name: str
    status: Status
    value: float = float("nan")
    std: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    unit: str = ""

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit and self.unit not in ("1", "dimensionless") else ""
        said = f"{self.name} = {number(self.value, 5)}{unit}"
        if self.status == "known":
            return f"{said} (known)"
        if np.isnan(self.low) or np.isnan(self.high):
            return said
        ends = [
            number(end, 4) if np.isfinite(end) else ("no lower end" if k == 0 else "no upper end")
            for k, end in enumerate((self.low, self.high))
        ]
        return f"{said} ({ends[0]} to {ends[1]})"


@dataclass(frozen=True, eq=False)
class Identifiability:
    """Which parameters of a model the rows identify; made by `faradaic.identify`.

    Attributes
    ----------
    model : str
        In words.
    rows, distinct : int
        Rows, and how many of them differ in their conditions.
    count, rank, practical_rank : int
        Parameters asked for (known ones left out), combinations of them that the rows feel, and those that they
        determine to within `tolerance` of their size.
    case : {"over-determined", "exactly determined", "under-determined"}
        More rows than the rank, as many, or fewer rows or a smaller rank than there are parameters.
    estimates : tuple of Estimate
        One for each parameter, in order.
    combinations : tuple of Estimate
        What the rows determine of the parameters that they do not determine one by one.
    groups : tuple of tuple of str
        Parameters that are left free together.
    sentences_of_groups : tuple of str
    spectrum : Spectrum or None
    solution : Solution or None
        None where there is no answer.
    optima : tuple of Solution
        All distinct minima that were found, best first.
    profiles : tuple of Profile
    sigma, freedom : float
        Standard deviation of a residual, and the degrees of freedom behind it (infinite: it was stated).
    level, tolerance : float
    information : tuple of str
        What was known beside the rows, in words.
    reason : str
        Why there is no answer, or no interval.
    notes : tuple of str
        What is worth knowing beside.
    next : tuple of str
        What would settle what is open.
    data : Dataset or None
        The rows; None for a spectrum.
    problem, inner : Problem or None
        The residuals as numbers, with and without what is known beside the rows.
    """

    model: str
    rows: int
    distinct: int
    count: int
    rank: int
    practical_rank: int
    case: Literal["over-determined", "exactly determined", "under-determined"]
    estimates: tuple[Estimate, ...]
    combinations: tuple[Estimate, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    sentences_of_groups: tuple[str, ...] = ()
    spectrum: Spectrum | None = field(default=None, repr=False)
    solution: Solution | None = field(default=None, repr=False)
    optima: tuple[Solution, ...] = field(default=(), repr=False)
    profiles: tuple[Profile, ...] = field(default=(), repr=False)
    sigma: float = float("nan")
    freedom: float = float("nan")
    level: float = 0.95
    tolerance: float = 1 / 3
    information: tuple[str, ...] = ()
    reason: str = ""
    notes: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    data: Dataset | None = field(default=None, repr=False)
    problem: Problem | None = field(default=None, repr=False)
    inner: Problem | None = field(default=None, repr=False)

    @property
    def identified(self) -> tuple[str, ...]:
        """Parameters that the rows (and what is known) determine."""
        return tuple(e.name for e in self.estimates if e.status in ("identified", "vague"))

    @property
    def free(self) -> tuple[str, ...]:
        """Parameters that they do not determine."""
        return tuple(e.name for e in self.estimates if e.status in ("together", "not felt"))

    def __getitem__(self, name: str) -> Estimate:
        found = {one.name: one for one in (*self.estimates, *self.combinations)}
        if name not in found:
            close = nearest(name, list(found)) or list(found)
            raise ArgumentError(f"There is no parameter {name!r}; did you mean {joined(close, 'or')}?")
        return found[name]

    @property
    def correlation(self) -> Array:
        """Correlation of the estimates, shape (k, k); NaN for what is not determined."""
        if self.spectrum is None:
            return np.full((self.count, self.count), np.nan)
        covariance = self.spectrum.root @ self.spectrum.root.T
        std = np.sqrt(np.diag(covariance))
        with np.errstate(divide="ignore", invalid="ignore"):
            return covariance / np.outer(std, std)

    def profile(self, name: str) -> Profile:
        """Return the profile of a parameter.

        Raises
        ------
        ArgumentError
            There is none: the question was asked without, or the parameter is not determined.
        """
        for one in self.profiles:
            if one.name == name:
                return one
        raise ArgumentError(f"There is no profile of {name!r}; ask with intervals='profile' for a parameter that the "
                            f"rows determine.")  # fmt: skip

    def summary(self) -> str:
        """Return the answer in plain words."""
        lines = [self._head(), *self.sentences_of_groups]
        if self.information:
            lines.append(f"Known beside the rows: {joined(self.information)}.")
        shown = [*(e for e in self.estimates if not np.isnan(e.value)), *self.combinations]
        lines += [f"{one}." for one in shown if not np.isnan(one.value)]
        vague = [e.name for e in self.estimates if e.status == "vague"]
        if vague:
            lines.append(
                f"Felt, but not known to within {number(100 * self.tolerance)} % of "
                f"{'its' if len(vague) == 1 else 'their'} size: {joined(vague)}."
            )
        if any(not np.isnan(one.low) for one in shown):
            lines.append(f"In brackets: {number(100 * self.level)} % intervals.")
        lines += [line for line in (self.reason, *self.notes) if line]
        if self.next:
            lines.append(f"What would settle it: {'; or '.join(self.next)}.")
        return "\n".join(lines)

    def _head(self) -> str:
        same = f" ({self.distinct} different)" if self.distinct < self.rows else ""
        of = f"rank {self.rank} of {self.count}"
        practical = (
            f", {self.practical_rank} of them to within {number(100 * self.tolerance)} %"
            if self.practical_rank < self.rank
            else ""
        )
        return (
            f"{self.model}: {plural(self.rows, 'row')}{same} and {plural(self.count, 'parameter')}, {self.case}, "
            f"{of}{practical}."
        )

    def __str__(self) -> str:
        return self.summary()

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as numbers and words, for JSON; what is not known is None."""

        def plain(value: float) -> float | None:
            return float(value) if np.isfinite(value) else None

        def one(e: Estimate) -> dict[str, Any]:
            numbers = {key: plain(getattr(e, key)) for key in ("value", "std", "low", "high")}
            return {"name": e.name, "status": e.status, **numbers, "unit": e.unit}

        return {
            "model": self.model,
            "rows": self.rows,
            "distinct": self.distinct,
            "parameters": self.count,
            "rank": self.rank,
            "practical_rank": self.practical_rank,
            "case": self.case,
            "level": self.level,
            "estimates": [one(e) for e in self.estimates],
            "combinations": [one(e) for e in self.combinations],
            "singular_values": [] if self.spectrum is None else [plain(s) for s in self.spectrum.singular],
            "reason": self.reason,
            "notes": list(self.notes),
            "next": list(self.next),
        }

    def next_conditions(self, count: int = 1, candidates: Any = None) -> Array:
        """Return the conditions at which further rows would tell most, one after the other.

        While something is left free, those that feel it most; then those that enlarge the determinant of the
        information most (D-optimal), at the present estimate.

        Parameters
        ----------
        count : int
            How many.
        candidates : array of shape (q, p), optional
            Conditions to choose from, in the user's units; default: all over the range of the rows.

        Returns
        -------
        array of shape (count, p)
            In the user's units.

        Raises
        ------
        ArgumentError
            The model is no function of conditions, there is no answer to start from, or the candidates do not fit.

        References
        ----------
        Atkinson, Donev & Tobias, *Optimum Experimental Designs*, 2007, chapter 11.
        """
        problem, inner, at, found = self.problem, self.inner, self.solution, self.spectrum
        if problem is None or inner is None or at is None or found is None:
            raise ArgumentError("There is no answer to start from, so that no condition is better than another.")
        if not (isinstance(count, int | np.integer) and count >= 1):
            raise ArgumentError(f"count must be a whole number from 1, got {count!r}.")
        if self.data is None:
            raise ArgumentError("Only a model that is a function of conditions can say where the next row should be.")
        columns = self.data.inputs
        X = candidates_of(self.data.X) if candidates is None else self._conditions("candidates", candidates)
        S = sensitivities(inner, problem, at.theta, X)
        if S is None:
            raise ArgumentError("Only a model that is a function of conditions can say where the next row should be.")
        best = X[list(informative(S, found, int(count)))]
        return np.column_stack([c.from_si(best[:, j]) for j, c in enumerate(columns)])

    def next_experiment(self, experiments: Mapping[str, Any]) -> tuple[Experiment, ...]:
        """Return what each of some experiments would add, at the present estimate; the best comes first.

        Those come first with which most combinations are felt, and among these the one that enlarges the determinant of
        the information most (D-optimal).

        Parameters
        ----------
        experiments : dict of str to Simulator, or to array of shape (q, p)
            By name. For a `Simulator`: others with the same parameters, each of which predicts its own rows, as many
            as it likes. For a model that is a function of conditions: rows of these, in the user's units. Further
            rows are taken to be as noisy as those at hand.

        Returns
        -------
        tuple of Experiment

        Raises
        ------
        ArgumentError
            There is no answer to start from, or an experiment does not fit the model.

        References
        ----------
        Atkinson, Donev & Tobias, *Optimum Experimental Designs*, 2007, chapter 11.

        Examples
        --------
        >>> import pandas as pd
        >>> import faradaic as fd
        >>> table = pd.DataFrame({"x": [0.0, 0.5, 1.0], "y": [1.1, 2.4, 4.1]})
        >>> found = fd.identify(lambda x, a, m: a + m * x, fd.read(table, x=["x"], y="y", sigma=0.1))
        >>> [one.name for one in found.next_experiment({"middle": [[0.5]], "end": [[1.0]]})]
        ['end', 'middle']
        """
        problem, inner, at, found = self.problem, self.inner, self.solution, self.spectrum
        if self.data is None or problem is None or inner is None or at is None or found is None:
            raise ArgumentError("There is no answer to start from, so that no experiment is better than another.")
        asked = {
            name: one if isinstance(one, Simulator) else self._conditions(name, one)
            for name, one in experiments.items()
        }
        return ranked(asked, inner, problem, at.theta, at.jacobian, found, self.sigma, self.tolerance)

    def _conditions(self, name: str, given: Any) -> Array:
        """Return conditions in SI, (q, p), from the user's units."""
        columns = () if self.data is None else self.data.inputs
        X = np.asarray(given, dtype=np.float64)
        X = X[:, None] if X.ndim == 1 and len(columns) == 1 else X
        if X.ndim != 2 or X.shape[1] != len(columns) or not np.isfinite(X).all():
            raise ArgumentError(
                f"{name} must be finite rows of {joined(c.header for c in columns)}, got shape {X.shape}."
            )
        return np.column_stack([c.to_si(X[:, j]) for j, c in enumerate(columns)])

    def reduced_models(self) -> tuple[ReducedModel, ...]:
        """Return this model and those with one parameter held, best first; see `ReducedModel`."""
        if self.problem is None or self.solution is None:
            raise ArgumentError("There is no answer to start from, so that no smaller model can be compared with it.")
        return reduced_models(self.problem, self.solution, self.rank)

    def plot(self, ax: Any = None, **style: Any) -> IdentifiabilityDisplay:
        """Draw each parameter's relative uncertainty and what is left free."""
        from ._display import IdentifiabilityDisplay

        return IdentifiabilityDisplay.from_result(self).plot(ax=ax, **style)
