"""The slopes of a trend, plain and by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from numpy.typing import ArrayLike

from ._record import Record

if TYPE_CHECKING:
    import pandas as pd

    from faradaic.approximations import Transform

    from ._estimate import Estimate
    from ._named_slopes import NamedSlope
    from ._trend import Trend


class Slopes(Record):
    """The slopes of a `Trend`, which is the only class made of it."""

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
        return derivative(cast("Trend", self), Z, j, in_coordinates, level)

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
        return named_slope(cast("Trend", self), what, Z, wrt, unit)
