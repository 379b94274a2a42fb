"""The answer: a fitted approximation that knows its units, its quality and its domain."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError, OutsideDomainWarning, joined, nearest, number, plural
from faradaic.approximations import Design
from faradaic.data import Collapsed, Column, Dataset, collapse, parse_header, read_inputs

from ._domain import Domain
from ._estimate import checked_level
from ._exports import Exports
from ._quality import Quality

if TYPE_CHECKING:
    import pandas as pd

    from faradaic.approximations import Transform

    from ._arrhenius_display import ArrheniusDisplay
    from ._calibration import Calibration
    from ._display import ParityDisplay, TrendDisplay
    from ._estimate import Estimate
    from ._named_slopes import NamedSlope

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Trend(Exports):
    """A fitted trend, made by `faradaic.fit` or `faradaic.load`.

    Attributes
    ----------
    design : Design
        The fitted design (SI in, SI out).
    data : Dataset
        The rows it was fitted to.
    domain : Domain
        Where these conditions lie.
    quality : Quality
        How well it fits, and what was chosen for which reason.
    provenance : dict
        Versions, sources, and the fingerprint of the data. The seed is an argument of the design.
    """

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

    def __repr__(self) -> str:
        return f"<Trend: {self.label}, {plural(self.quality.parameters, 'parameter')}>"

    @property
    def label(self) -> str:
        """The design in words."""
        return self.design.describe([c.name for c in self.inputs], self.response.name)

    def predict(self, X: ArrayLike | pd.DataFrame | str | Path, return_std: bool = False) -> Any:
        """Return the trend at other conditions.

        Parameters
        ----------
        X : array of shape (n, p), DataFrame, or path to a table
            Inputs in the user's units, in the order of `inputs`. Columns of a table are found by their names; their
            units may differ and are converted.
        return_std : bool
            Also return the standard deviation of the trend (not of a new observation), where the design has one.

        Returns
        -------
        array of shape (n,), or a pair of them
            In the response's unit.

        Warns
        -----
        OutsideDomainWarning
            Once, with the number of rows that lie outside the domain of the data.

        Raises
        ------
        InputError
            The inputs have the wrong number of columns, a wrong unit, or values that are not finite.
        """
        Z = self._si(X)
        self._warn(~self.domain.inside(Z))
        if not return_std:
            return self.response.from_si(self.design.predict(Z))
        mean, std = self.design.predict(Z, return_std=True)
        return self.response.from_si(mean), self.response.spread_from_si(std)

    def table(
        self,
        X: ArrayLike | pd.DataFrame | str | Path,
        level: float | None = None,
        outside: Literal["refuse", "widen"] = "refuse",
    ) -> pd.DataFrame:
        """Return inputs, prediction, its standard deviation, and where each row lies, as a table.

        The column ``domain`` holds ``"inside"``, ``"edge"`` or ``"outside"``, see `where`; nothing is warned of. With
        a ``level``, two columns hold the interval of a new observation, see `interval`.
        """
        import pandas as pd

        Z = self._si(X)
        mean, std = self.design.predict(Z, return_std=True)
        columns = {c.header: c.from_si(Z[:, j]) for j, c in enumerate(self.inputs)}
        columns[self.response.header] = self.response.from_si(mean)
        columns[f"std of {self.response.header}"] = self.response.spread_from_si(std)
        if level is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", OutsideDomainWarning)
                low, high = self._interval(Z, level, "observation", outside)
            said = f"{number(100 * level)} % of {self.response.header}"
            columns |= {f"low {said}": low, f"high {said}": high}
        columns["domain"] = self.domain.where(Z)
        return pd.DataFrame(columns)

    def derivative(
        self,
        X: ArrayLike | pd.DataFrame | str | Path,
        wrt: str | int,
        in_coordinates: tuple[str | Transform, str | Transform] | None = None,
        level: float | None = None,
    ) -> Any:
        """Return the partial derivative with respect to one input, in the user's units or in other coordinates.

        Parameters
        ----------
        X : array of shape (n, p), DataFrame, or path
            As in `predict`.
        wrt : str or int
            The input: its name, its header, or its number from 0.
        in_coordinates : pair of str or Transform, optional
            The coordinate of the response and that of the input: ``("log", "reciprocal")`` is d ln y / d(1/x). The
            names are those of `faradaic.approximations.transform`. A coordinate is taken of the value in the user's
            unit, or in SI where that unit has a zero of its own (1/T of a T in °C is in 1/K).
        level : float, optional
            Also return the ends of the interval of this level, between 0 and 1.

        Returns
        -------
        slope : array of shape (n,)
        low, high : arrays of shape (n,)
            Where ``level`` is given.

        Raises
        ------
        IntervalError
            The data leave nothing to tell the spread from.

        Examples
        --------
        >>> import faradaic as fd
        >>> from faradaic.approximations import Design, Log, Polynomial, Reciprocal
        >>> data = fd.data.example("stochastic")
        >>> trend = fd.fit(Design(Polynomial(degree=1), x=Reciprocal(), y=Log()), data)
        >>> slope, low, high = trend.derivative([[300.0]], "T", in_coordinates=("log", "reciprocal"), level=0.95)
        >>> bool(low[0] < -0.30 / 8.617e-5 < high[0])  # the barrier behind these data is 0.30 eV
        True
        """
        from ._slopes import derivative

        j = self._input(wrt)
        Z = self._si(X)
        self._warn(~self.domain.inside(Z))
        if in_coordinates is None and level is None:
            return self.design.derivative(Z, j) * self.inputs[j].scale / self.response.scale
        return derivative(self, Z, j, in_coordinates, level)

    def activation_energy(
        self, X: Any = None, *, wrt: str | int | None = None, unit: Literal["kJ/mol", "J/mol", "eV"] = "kJ/mol"
    ) -> Estimate:
        """Return the activation energy −R ∂ln y/∂(1/T), for a law and for a free-form trend alike.

        Parameters
        ----------
        X : number, array of shape (n, p), DataFrame, or path, optional
            Conditions as in `predict`; temperatures alone where there is no other input. Default: the middle of the
            temperatures; with further inputs only where the energy is the same at all conditions.
        wrt : str or int, optional
            The temperature, where several inputs are one.
        unit : {"kJ/mol", "J/mol", "eV"}
            Of the energy.

        Returns
        -------
        Estimate
            With `interval`; printed with its 95 % interval.

        Raises
        ------
        ArgumentError
            No input is a temperature, or the trend is not positive where it is asked.

        Examples
        --------
        >>> import faradaic as fd
        >>> from faradaic.approximations import LawRegressor
        >>> from faradaic.laws import arrhenius
        >>> trend = fd.fit(LawRegressor(order=0, laws=[arrhenius]), fd.data.example("stochastic"))
        >>> low, high = trend.activation_energy(unit="eV").interval(0.95)
        >>> bool(low[0] < 0.30 < high[0])
        True
        """
        from ._named_slopes import ACTIVATION_ENERGY

        return self._named_slope(ACTIVATION_ENERGY, X, wrt, unit)

    def tafel_slope(
        self, X: Any = None, *, wrt: str | int | None = None, unit: Literal["V/decade", "mV/decade"] = "V/decade"
    ) -> Estimate:
        """Return ∂η/∂log10|j|, of a trend of the overpotential in the current or of the current in the overpotential.

        Negative where the overpotential falls with the magnitude of the current (a cathodic branch); arguments as in
        `activation_energy`.
        """
        from ._named_slopes import TAFEL_SLOPE

        return self._named_slope(TAFEL_SLOPE, X, wrt, unit)

    def entropy_coefficient(
        self, X: Any = None, *, wrt: str | int | None = None, unit: Literal["mV/K", "V/K"] = "mV/K"
    ) -> Estimate:
        """Return ∂U/∂T of a potential; arguments as in `activation_energy`."""
        from ._named_slopes import ENTROPY_COEFFICIENT

        return self._named_slope(ENTROPY_COEFFICIENT, X, wrt, unit)

    def thermodynamic_factor(self, X: Any = None, *, wrt: str | int | None = None) -> Estimate:
        """Return ∂ln a/∂ln c of an activity in a concentration; arguments as in `activation_energy`."""
        from ._named_slopes import THERMODYNAMIC_FACTOR

        return self._named_slope(THERMODYNAMIC_FACTOR, X, wrt, None)

    def logarithmic_slope(self, X: Any = None, *, wrt: str | int | None = None) -> Estimate:
        """Return ∂ln y/∂ln x of any positive quantities: an order of reaction, an exponent of a power law."""
        from ._named_slopes import LOGARITHMIC_SLOPE

        return self._named_slope(LOGARITHMIC_SLOPE, X, wrt, None)

    def _named_slope(self, what: NamedSlope, X: Any, wrt: str | int | None, unit: str | None) -> Estimate:
        from ._named_slopes import named_slope

        Z = None if X is None else self._si(X)
        if Z is not None:
            self._warn(~self.domain.inside(Z), stacklevel=4)
        return named_slope(self, what, Z, wrt, unit)

    def next_points(self, k: int = 1, candidates: ArrayLike | pd.DataFrame | str | Path | None = None) -> pd.DataFrame:
        """Return where the next rows would narrow the trend most, over its whole domain.

        Parameters
        ----------
        k : int
            Number of new rows, at least 1. They are chosen one after the other, each as if those before were measured.
        candidates : array of shape (m, p), DataFrame, or path, optional
            Conditions that can be had, as in `predict`; default: a set that fills the domain, and its ends.

        Returns
        -------
        DataFrame
            One row for each point: the inputs, and the standard deviation of the trend (the root of its mean square
            over the domain) before and after the new row, in the coordinate of the response in which it is fitted.

        Raises
        ------
        IntervalError
            The trend has no spread, or the noise of a new row is not known.

        Examples
        --------
        >>> import faradaic as fd
        >>> from faradaic.approximations import Design, Log, Polynomial, Reciprocal
        >>> data = fd.data.example("stochastic")
        >>> trend = fd.fit(Design(Polynomial(degree=1), x=Reciprocal(), y=Log()), data)
        >>> trend.next_points(2).columns.tolist()
        ['T [K]', 'std of ln D before', 'std of ln D after']
        """
        from ._next import next_points

        return next_points(self, k, None if candidates is None else self._si(candidates))

    def interval(
        self,
        X: ArrayLike | pd.DataFrame | str | Path,
        level: float = 0.95,
        of: Literal["observation", "mean"] = "observation",
        outside: Literal["refuse", "widen"] = "refuse",
    ) -> tuple[Array, Array]:
        """Return an interval at each row.

        Of an observation: calibrated on rows that the fit did not see (cross-validation+), so that a new observation
        falls into it with probability ``level``. With groups the promise is about *new groups*. Of the mean: where the
        trend itself lies, by the standard deviation of the fit; with groups, at least that of the jackknife over
        groups.

        Parameters
        ----------
        X : array of shape (n, p), DataFrame, or path
            As in `predict`.
        level : float
            Between 0 and 1.
        of : {"observation", "mean"}
            What lies in it.
        outside : {"refuse", "widen"}
            Outside the domain of the data: no interval (NaN), or one that is wider by the bend that the leave-out
            errors leave room for. Neither is calibrated there.

        Returns
        -------
        low, high : arrays of shape (n,)
            In the response's unit.

        Warns
        -----
        OutsideDomainWarning
            Once, with the number of rows that lie outside the domain of the data.

        Raises
        ------
        IntervalError
            There are too few rows or groups for this level (and how many more it takes), or the spread of the trend
            cannot be known.

        References
        ----------
        Barber, Candès, Ramdas & Tibshirani 2021, Ann. Statist. 49, 486, 10.1214/20-AOS1965.

        Examples
        --------
        >>> import faradaic as fd
        >>> from faradaic.approximations import Design, Log, Polynomial, Reciprocal
        >>> data = fd.data.example("stochastic")
        >>> trend = fd.fit(Design(Polynomial(degree=1), x=Reciprocal(), y=Log()), data)
        >>> low, high = trend.interval(data.frame(), level=0.9)
        >>> bool(((low < data.y_user) & (data.y_user < high)).mean() >= 0.9)
        True
        """
        return self._interval(self._si(X), level, of, outside)

    def _interval(self, Z: Array, level: float, of: str, outside: str) -> tuple[Array, Array]:
        from ._interval import interval

        if of not in ("observation", "mean"):
            raise ArgumentError(f"of must be 'observation' or 'mean', got {of!r}.")
        if outside not in ("refuse", "widen"):
            raise ArgumentError(f"outside must be 'refuse' or 'widen', got {outside!r}.")
        beyond = ~self.domain.inside(Z)
        then = "no interval is given there" if outside == "refuse" else "the interval is widened there"
        self._warn(beyond, then, stacklevel=4)
        low, high = interval(self, Z, checked_level(level), of, beyond if beyond.any() else None, outside == "widen")
        return self.response.from_si(low), self.response.from_si(high)

    def where(self, X: ArrayLike | pd.DataFrame | str | Path) -> Array:
        """Return where each row lies, shape (n,).

        ``"inside"`` the domain with data around it, at an ``"edge"`` (within the range of the data, but farther from
        any condition than these are from one another), or ``"outside"``.
        """
        return self.domain.where(self._si(X))

    def inside(self, X: ArrayLike | pd.DataFrame | str | Path) -> Array:
        """Return whether each row lies in the domain of the data, shape (n,)."""
        return self.domain.inside(self._si(X))

    @cached_property
    def calibration(self) -> Calibration:
        """The design fitted without each part of the data in turn, made when it is first needed and saved with it.

        Raises
        ------
        IntervalError
            Nothing can be left out, or one of the fits failed.
        """
        from ._calibration import calibrate

        return calibrate(self.design, self.data)

    @property
    def parameters(self) -> dict[str, tuple[float, float, str]]:
        """Value, standard deviation (NaN where it cannot be known) and unit of each parameter of a fitted law.

        Empty for a free-form trend, whose parameters mean nothing one by one.
        """
        from ._parameters import values_and_stds

        return values_and_stds(self)

    def parameter_interval(self, level: float = 0.95) -> dict[str, tuple[float, float, float, str]]:
        """Return value, lower and upper end of the interval, and unit of each parameter of a fitted law.

        Student's t with the degrees of freedom that the fit leaves (normal where the noise is declared); of the
        logarithm for positive parameters. With groups, at least by the jackknife over groups. Ends are NaN for a
        parameter that a bound holds or that these data do not determine. Empty for a free-form trend.

        Parameters
        ----------
        level : float
            Between 0 and 1.

        Raises
        ------
        IntervalError
            As many parameters as conditions, or more, and no declared noise: nothing is left to tell the scatter from.

        Examples
        --------
        >>> import numpy as np, pandas as pd
        >>> import faradaic as fd
        >>> from faradaic.approximations import LawRegressor
        >>> from faradaic.laws import arrhenius, constant
        >>> table = pd.DataFrame({"T [K]": [280.0, 300.0, 320.0, 340.0], "D [m2/s]": [1e-14, 2.1e-14, 3.7e-14, 7e-14]})
        >>> law = LawRegressor(order=1, laws=(constant, arrhenius), residuals="log")
        >>> trend = fd.fit(law, fd.read(table, x=["T [K]"], y="D [m2/s]"))
        >>> value, low, high, unit = trend.parameter_interval()["E"]
        >>> round(value), round(low), round(high), unit
        (25338, 22112, 28564, 'J/mol')
        """
        from ._parameters import intervals

        return intervals(self, checked_level(level))

    def summary(self) -> str:
        """Return what the trend is, how good it is and where it holds, in plain words."""
        from ._interval import promise
        from ._parameters import sentences

        lines = [f"{self.label}.", *self.quality.sentences()]
        lines += sentences(self)
        ranges = joined(
            f"{c.header} from {number(float(c.from_si(lo)))} to {number(float(c.from_si(hi)))}"
            for c, lo, hi in zip(self.inputs, self.domain.low, self.domain.high, strict=True)
        )
        lines.append(f"It holds inside the {self.domain.kind} of the data: {ranges}.")
        lines.append(promise(self))
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.summary()

    def save(self, path: str | Path) -> Path:
        """Write the trend to one file (JSON and arrays, no pickle); see `faradaic.load`.

        Raises
        ------
        TrendFileError
            The file cannot be written; nothing is left behind.
        """
        from ._file import save

        return save(self, path)

    def plot(self, ax: Any = None, **style: Any) -> TrendDisplay:
        """Draw the trend over its domain along its first input, with the data."""
        from ._display import TrendDisplay

        return TrendDisplay.from_trend(self).plot(ax=ax, **style)

    def plot_arrhenius(self, ax: Any = None, **style: Any) -> ArrheniusDisplay:
        """Draw the logarithm of the response against 1000/T, with the activation energy and its interval.

        Raises
        ------
        ArgumentError
            No input is a temperature, or the trend is not positive there.
        """
        from ._arrhenius_display import ArrheniusDisplay

        return ArrheniusDisplay.from_trend(self).plot(ax=ax, **style)

    def plot_parity(self, ax: Any = None, **style: Any) -> ParityDisplay:
        """Draw predicted against observed responses."""
        from ._display import ParityDisplay

        return ParityDisplay.from_trend(self).plot(ax=ax, **style)

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
