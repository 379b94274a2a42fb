"""Laws of electrochemistry as a family: a nested hierarchy of laws is its size axis."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise
from numbers import Integral
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.random import Generator, RandomState
from sklearn.utils.validation import check_is_fitted

from faradaic._core import ArgumentError, generator, joined, plural, seed_of
from faradaic.laws import Law, constant, linear

from ._base import Approximation, Array
from ._job import Job, Swept, seeded
from ._law_fit import Near, fit_law
from ._law_sweep import TOGETHER, Prepared, ends_together
from ._linear import noise_freedom, noise_variance
from ._rows import Rows
from ._slope import from_factor


class LawRegressor(Approximation):
    """A law out of a nested hierarchy, its parameters fitted by weighted least squares within their bounds.

    Parameters
    ----------
    order : int
        Position in the hierarchy, from 0.
    laws : sequence of Law, optional
        The hierarchy, by strictly increasing number of parameters, e.g. one of `faradaic.laws.hierarchies`.
        Default: a constant, then a plane in all inputs.
    inputs : sequence of str or None, optional
        The variable of the laws that each column of X holds, in the order of the columns; None for a column that
        no law uses. Default: the variables of the last law in their own order.
    residuals : {"absolute", "log"}
        What is squared: the difference of the responses, or of their logarithms (equal relative scatter; a known
        ``noise_std`` is carried over to the logarithm).
    restarts : int
        Searches at most from different starts, for laws that are not linear in their parameters; 1 and above.
    random_state : int, Generator, RandomState or None
        Seed of the starts; None means 0.

    Attributes
    ----------
    law_ : str
        Name of the fitted law.
    parameters_ : list of str
        Names of its parameters.
    theta_ : array of shape (k,)
        Their values, SI.
    spread_ : array of shape (k, rank) or None
        Factor of their covariance, ``spread_ @ spread_.T``, zero for parameters held by a bound; None where the noise
        cannot be known (it was not stated and no degree of freedom is left).
    held_ : list of str
        Parameters that ended on a bound (positive ones: so near to zero that they no longer matter).
    squares_ : float
        Weighted sum of squared residuals; with known noise this is chi squared.
    restarts_, agreeing_ : int
        Searches that were run (0: solved directly), and how many of them ended at the best cost.
    effective_parameters_ : float
        Numerical rank of the weighted, scaled sensitivities of the parameters that no bound holds.

    Examples
    --------
    >>> import numpy as np
    >>> from faradaic.laws import arrhenius, constant, vogel_fulcher_tammann
    >>> T = np.linspace(280.0, 400.0, 13)[:, None]
    >>> D = arrhenius(T, [9e-7, 28.9e3])
    >>> trend = LawRegressor(order=1, laws=(constant, arrhenius, vogel_fulcher_tammann)).fit(T, D)
    >>> trend.law_, trend.parameters_, trend.theta_.round(10).tolist()
    ('arrhenius', ['A', 'E'], [9e-07, 28900.0])
    >>> trend.derivative([[300.0]], 0) / trend.predict([[300.0]]) * 8.314462618 * 300.0**2
    array([28900.])
    """

    size_name: ClassVar[str] = "order"
    theta_: Array
    spread_: Array | None
    law_: str

    def __init__(
        self,
        order: int = 1,
        laws: Sequence[Law] | None = None,
        inputs: Sequence[str | None] | None = None,
        residuals: Literal["absolute", "log"] = "absolute",
        restarts: int = 6,
        random_state: int | Generator | RandomState | None = None,
    ) -> None:
        self.order = order
        self.laws = laws
        self.inputs = inputs
        self.residuals = residuals
        self.restarts = restarts
        self.random_state = random_state

    @property
    def label(self) -> str:
        """The law at the present order."""
        laws = self.laws or (constant,)
        place = self.order if isinstance(self.order, Integral) and 0 <= self.order < len(laws) else -1
        name = laws[place].name.replace("_", " ") if self.laws is not None else ("constant", "plane")[bool(self.order)]
        return f"{name} law" + (", relative residuals" if self.residuals == "log" else "")

    @property
    def swept_label(self) -> str:
        """The hierarchy by its largest law."""
        largest = "a plane" if self.laws is None else self.laws[-1].name.replace("_", " ")
        return f"laws up to {largest}" + (", relative residuals" if self.residuals == "log" else "")

    @property
    def law(self) -> Law:
        """The fitted law; call it with `theta_`."""
        check_is_fitted(self)
        return next(law for law in self._hierarchy(self.n_features_in_) if law.name == self.law_)

    @property
    def covariance_(self) -> Array | None:
        """Covariance of the parameters, shape (k, k); see `spread_`."""
        check_is_fitted(self)
        return None if self.spread_ is None else self.spread_ @ self.spread_.T

    def count(self, n_features: int) -> int:
        """Return the number of parameters of the law at the present order."""
        return self._member(n_features).count

    def sizes(self, n_rows: int, n_features: int, most: int | None = None) -> list[Any]:
        """Return the orders whose law has at most ``most`` parameters (default ``n_rows``); the smallest always."""
        most = n_rows if most is None else most
        counts = [law.count for law in self._hierarchy(n_features)]
        return [order for order, count in enumerate(counts) if count <= most or order == 0]

    def _hierarchy(self, n_features: int) -> tuple[Law, ...]:
        if self.laws is None:
            return constant, linear(n_features)
        laws = tuple(self.laws)
        wrong = [one for one in laws if not isinstance(one, Law)]
        if not laws or wrong:
            raise ArgumentError(f"laws must be laws made with faradaic.laws, at least one, got {self.laws!r}.")
        counts = [law.count for law in laws]
        if any(b <= a for a, b in pairwise(counts)):
            raise ArgumentError(f"laws must come by strictly increasing number of parameters, got counts {counts}.")
        return laws

    def _member(self, n_features: int) -> Law:
        hierarchy = self._hierarchy(n_features)
        if not isinstance(self.order, Integral) or not 0 <= self.order < len(hierarchy):
            raise ArgumentError(
                f"order must be a position in the hierarchy of {plural(len(hierarchy), 'law')}, "
                f"0 to {len(hierarchy) - 1}, got {self.order!r}."
            )
        return hierarchy[self.order]

    def _columns(self, law: Law, n_features: int) -> list[int]:
        held = self.inputs if self.inputs is not None else list(self._hierarchy(n_features)[-1].valid)
        if len(held) != n_features:
            raise ArgumentError(
                f"The laws take {plural(len(held), 'input')} ({joined(map(str, held))}), but X has "
                f"{plural(n_features, 'column')}; choose other columns, or say with inputs what each column holds."
            )
        missing = [name for name in law.valid if name not in held]
        if missing:
            raise ArgumentError(f"No column holds {joined(missing)}, which {law.name} needs; inputs says {list(held)}.")
        return [list(held).index(name) for name in law.valid]

    def parts(self, n_rows: int) -> int:
        """Return 2 for small tables, whose fits are searched together; see `Approximation.parts`."""
        return 2 if n_rows <= TOGETHER else super().parts(n_rows)

    def sweep(self, sizes: Sequence[Any], jobs: Sequence[Job]) -> list[Swept]:
        """Fit each law to the rows of all jobs in one search; see `Approximation.sweep`."""
        found = [Swept.empty(len(sizes), len(job.at)) for job in jobs]
        for k, size in enumerate(sizes):
            begin = time.perf_counter()
            members = [seeded(self.at_size(size), job.seed) for job in jobs]
            ends = _searched_together(members, jobs)
            share = (time.perf_counter() - begin) / max(len(jobs), 1)
            for model, job, end, one in zip(members, jobs, ends, found, strict=True):
                one.seconds[k] += share
                with one.recording(k):
                    model.n_features_in_ = job.rows.X.shape[1]
                    model._fit(job.rows, end)
                    with np.errstate(over="ignore", invalid="ignore"):
                        one.prediction[k], one.effective[k] = model._predict(job.at), model.effective_parameters_
        return found

    def _prepared(self, rows: Rows) -> tuple[Law, list[int], Prepared]:
        """Return the law, the columns that it sees, and its rows; raises for arguments that make no sense."""
        if self.residuals not in ("absolute", "log"):
            raise ArgumentError(f"residuals must be 'absolute' or 'log', got {self.residuals!r}.")
        if not isinstance(self.restarts, Integral) or self.restarts < 1:
            raise ArgumentError(f"restarts must be a whole number of at least 1, got {self.restarts!r}.")
        n_features = rows.X.shape[1]
        law = self._member(n_features)
        columns = self._columns(law, n_features)
        log = self.residuals == "log"
        if log and rows.y.min() <= 0:
            raise ArgumentError(f"residuals='log' needs positive responses, got {rows.y.min():g}; use 'absolute'.")
        precision = rows.root_precision
        if log and rows.noise_std is not None and not rows.exact:
            precision = precision * rows.y
        return law, columns, Prepared(rows.X[:, columns], rows.y, precision)

    def _fit(self, rows: Rows, near: Near | None = None) -> None:
        law, columns, given = self._prepared(rows)
        random, log = generator(seed_of(self.random_state), int(self.order)), self.residuals == "log"
        fit = fit_law(law, *given, log=log, restarts=int(self.restarts), random=random, near=near)
        self.law_, self.parameters_, self.columns_ = law.name, list(law.names), columns
        self.theta_, self.held_ = fit.linear.coefficients, list(fit.held)
        self.restarts_, self.agreeing_ = fit.restarts, fit.agreeing
        self.squares_, self.rank_ = fit.linear.squares, fit.linear.rank
        self.effective_parameters_ = float(fit.linear.rank)
        variance = noise_variance(rows, fit.linear)
        self.freedom_ = noise_freedom(rows, fit.linear.rank)
        self.spread_ = None if np.isnan(variance) else np.sqrt(variance) * fit.linear.root

    def forget_spread(self) -> None:
        """Drop the covariance of the parameters; see `Approximation.forget_spread`."""
        super().forget_spread()
        self.spread_ = None

    def _predict(self, X: Array) -> Array:
        return self.law(X[:, self.columns_], self.theta_)

    def _predict_std(self, X: Array) -> tuple[Array, Array]:
        mean, jacobian = self.law.value_and_jacobian(X[:, self.columns_], self.theta_)
        if self.spread_ is None:
            return mean, np.full(len(mean), np.nan)
        return mean, np.linalg.norm(jacobian @ self.spread_, axis=1)

    def _covariance_between(self, A: Array, B: Array) -> Array:
        if self.spread_ is None:
            return super()._covariance_between(A, B)
        a, b = (self.law.value_and_jacobian(X[:, self.columns_], self.theta_)[1] @ self.spread_ for X in (A, B))
        return a @ b.T

    def _derivative(self, X: Array, wrt: int) -> Array:
        if wrt not in self.columns_:
            return np.zeros(len(X))
        return self.law.gradient(X[:, self.columns_], self.theta_)[:, self.columns_.index(wrt)]

    def _value_and_slope(self, X: Array, wrt: int) -> tuple[Array, Array, Array]:
        value, gradient, jacobian, mixed = self.law.sensitivities(X[:, self.columns_], self.theta_)
        slope, slope_jacobian = np.zeros(len(X)), np.zeros_like(jacobian)
        if wrt in self.columns_:
            place = self.columns_.index(wrt)
            slope, slope_jacobian = gradient[:, place], mixed[:, place]
        if self.spread_ is None:
            return value, slope, np.full((len(X), 2, 2), np.nan)
        return value, slope, from_factor(np.stack([jacobian, slope_jacobian], axis=1) @ self.spread_)


def _searched_together(members: Sequence[LawRegressor], jobs: Sequence[Job]) -> list[Near | None]:
    """Return where the search of each job's rows ended; None where a fit is sooner made alone, or has to be."""
    ends: list[Near | None] = [None] * len(jobs)
    alike: dict[int, list[int]] = {}
    given = [model._prepared(job.rows) for model, job in zip(members, jobs, strict=True)]
    for place, (model, job, (law, _, rows)) in enumerate(zip(members, jobs, given, strict=True)):
        direct = len(law.linear) == law.count and model.residuals == "absolute"
        if not direct and law.count <= len(rows.y) <= TOGETHER:
            alike.setdefault(job.seed, []).append(place)
    for places in alike.values():
        if len(places) > 1:
            model, law = members[places[0]], given[places[0]][0]
            random, log = generator(seed_of(model.random_state), int(model.order)), model.residuals == "log"
            shared: dict[str, Any] = {"log": log, "restarts": int(model.restarts), "random": random}
            for place, end in zip(places, ends_together(law, [given[p][2] for p in places], **shared), strict=True):
                ends[place] = end
    return ends
