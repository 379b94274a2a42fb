"""What is uncertain of a trend: intervals, parameters, where it holds, and where data are missing most."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError

from ._estimate import checked_level
from ._record import Record

if TYPE_CHECKING:
    import pandas as pd

    from ._calibration import Calibration
    from ._trend import Trend

Array = np.ndarray


class Intervals(Record):
    """The intervals of a `Trend`, which is the only class made of it."""

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
        low, high = interval(
            cast("Trend", self), Z, checked_level(level), of, beyond if beyond.any() else None, outside == "widen"
        )
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

        return values_and_stds(cast("Trend", self))

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

        return intervals(cast("Trend", self), checked_level(level))

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

        return next_points(cast("Trend", self), k, None if candidates is None else self._si(candidates))
