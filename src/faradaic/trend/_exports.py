"""What a trend hands on: text, functions, files, and trends that could as well have been."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, overload

if TYPE_CHECKING:
    from ._trend import Trend
    from .export import BpxFunction, PybammFunction

Outside = Literal["clamp", "extend", "raise"]
Arguments = Sequence[str | int | None] | None


class Exports:
    """The exports of a `Trend`, which is the only class made of it."""

    def to_python(
        self,
        *,
        outside: Outside = "clamp",
        units: Literal["user", "SI"] = "user",
        name: str | None = None,
    ) -> str:
        """Return the source text of a Python function that predicts as this trend does and needs NumPy alone.

        The text holds every number, and says in the docstring what it is: units, range, data and version.

        Parameters
        ----------
        outside : {"clamp", "extend", "raise"}
            Outside the range of the data, input by input: move the input to the nearer end, go on with the formula, or
            raise a ValueError.
        units : {"user", "SI"}
            Units of the inputs and of the result: those of the table, or SI.
        name : str, optional
            Of the function; default: that of the response.

        Returns
        -------
        str
            A module with one function of as many arguments as there are inputs, numbers or arrays.

        Raises
        ------
        ArgumentError
            A choice is none of these, or the fitted law is no formula of single values.

        Examples
        --------
        >>> import faradaic as fd
        >>> from faradaic.approximations import Design, Log, Polynomial, Reciprocal
        >>> trend = fd.fit(Design(Polynomial(degree=1), x=Reciprocal(), y=Log()), fd.data.example("stochastic"))
        >>> print(trend.to_python().splitlines()[-1].strip()[:14])
        return np.exp(
        """
        from .export import to_python

        return to_python(cast("Trend", self), outside=outside, units=units, name=name)

    @overload
    def to_pybamm(
        self, *, outside: Outside = "clamp", arguments: Arguments = None, samples: None = None, seed: int = 0
    ) -> PybammFunction: ...

    @overload
    def to_pybamm(
        self, *, outside: Outside = "clamp", arguments: Arguments = None, samples: int, seed: int = 0
    ) -> tuple[PybammFunction, ...]: ...

    def to_pybamm(
        self,
        *,
        outside: Outside = "clamp",
        arguments: Arguments = None,
        samples: int | None = None,
        seed: int = 0,
    ) -> Any:
        """Return the trend as a function of PyBaMM symbols, SI in and SI out, for `pybamm.ParameterValues`.

        Parameters
        ----------
        outside : {"clamp", "extend", "raise"}
            Outside the range of the data, input by input: move the input to the nearer end, go on with the formula, or
            refuse. A number outside is refused at once; a symbol gets the value infinity there, at which the solver
            stops. `PybammFunction.event` gives an event that ends the simulation at the edge instead.
        arguments : sequence of str, int or None, optional
            The name (or number) of the input that PyBaMM passes in each place, None for one that the trend does not
            use: a diffusivity gets the stoichiometry and the temperature, ``arguments=["x", None]``. Default: the
            inputs in their order.
        samples : int, optional
            Return so many functions instead, drawn from the uncertainty of the trend; see `draws`.
        seed : int
            Of the draws.

        Returns
        -------
        PybammFunction, or a tuple of them
            Its ``source`` is the same as the text of a Python module; its ``error`` says how well it equals the trend.

        Raises
        ------
        OptionalImportError
            PyBaMM is not installed (when the function is called).
        ArgumentError
            A choice is none of these, or the trend has too many parameters for a formula.
        IntervalError
            There is no spread to draw from.

        Examples
        --------
        >>> import faradaic as fd
        >>> from faradaic.approximations import Design, Log, Polynomial
        >>> trend = fd.fit(Design(Polynomial(degree=3), y=Log()), fd.data.example("experiment"))
        >>> D = trend.to_pybamm(arguments=["x", None])
        >>> D.name, D.inputs, D.outside
        ('D [m**2/s]', ('x [dimensionless]',), 'clamp')
        >>> values["Negative particle diffusivity [m2.s-1]"] = D  # doctest: +SKIP
        """
        from .export import to_pybamm

        if samples is None:
            return to_pybamm(cast("Trend", self), outside=outside, arguments=arguments)
        return tuple(one.to_pybamm(outside=outside, arguments=arguments) for one in self.draws(samples, seed))

    def to_bpx(
        self,
        path: str | Path | None = None,
        *,
        into: str | Path | dict[str, Any] | None = None,
        field: str | None = None,
        form: Literal["auto", "expression", "table"] = "auto",
        outside: Literal["extend", "clamp"] = "extend",
        tolerance: float = 1e-4,
    ) -> BpxFunction:
        """Return the trend of one input as a function of the Battery Parameter eXchange format; write it into a file.

        Parameters
        ----------
        path : path, optional
            Where the BPX file with this trend in it is written; it appears whole, and only if it is valid.
        into : path or dict, optional
            The BPX file that it is put into, as a file or as its content; neither is changed.
        field : str, optional
            The parameter in it, e.g. ``"Negative electrode / OCP [V]"``; its unit must be the trend's.
        form : {"auto", "expression", "table"}
            An expression of ``+ - * / **``, exp and tanh, or a table; "auto" takes the expression where there is one of
            up to 400 operations.
        outside : {"extend", "clamp"}
            Outside the range of the data: go on, or stay at the end's value (a table then, with level ends).
        tolerance : float
            Of the table between its points, as a share of the range of the response; of each value where all have one
            sign and differ more than tenfold.

        Returns
        -------
        BpxFunction
            With the ``value`` that stands in the file and the ``error`` that was measured.

        Raises
        ------
        OptionalImportError
            The package bpx is not installed; it is needed for writing into a file.
        UnitError
            The parameter has another unit.
        InputError
            The trend has several inputs, or the file is not valid BPX before or after; nothing is written.

        References
        ----------
        Battery Parameter eXchange (BPX), https://github.com/FaradayInstitution/BPX

        Examples
        --------
        >>> import faradaic as fd
        >>> from faradaic.approximations import Design, Log, Polynomial
        >>> trend = fd.fit(Design(Polynomial(degree=1), y=Log()), fd.data.example("experiment"))
        >>> trend.to_bpx().value[:4], sorted(trend.to_bpx(form="table").value)
        ('exp(', ['x', 'y'])
        """
        from .export import to_bpx

        return to_bpx(
            cast("Trend", self), path, into=into, field=field, form=form, outside=outside, tolerance=tolerance
        )

    def draws(self, count: int = 20, seed: int = 0) -> tuple[Trend, ...]:
        """Return trends that could as well have been: this one with parameters drawn from their uncertainty.

        At the rows they spread, on the whole, as ``interval(of="mean")`` says: as the standard deviation of the trend,
        wider where rows of a group err together or length scales were fitted to few rows, and with the tails of
        Student's t where the noise was estimated. Linear families are drawn by the covariance of their parameters, a
        network by its linear response, a Gaussian process by its posterior, and a law is fitted again to what it says
        at the rows with noise drawn anew. A draw of a constrained spline may leave the constraint by as much as it
        moves.

        Parameters
        ----------
        count : int
            How many.
        seed : int
            The same seed gives the same draws.

        Raises
        ------
        IntervalError
            There is no spread (the data leave no degree of freedom and do not state their noise), a refit of a law
            failed, or a process has length scales too short for its domain to be told at a few hundred points.

        Examples
        --------
        >>> import faradaic as fd
        >>> from faradaic.approximations import Polynomial
        >>> trend = fd.fit(Polynomial(degree=2), fd.data.example("stochastic"))
        >>> len({round(float(one.predict([300.0])[0] / 1e-13), 6) for one in trend.draws(5)})
        5
        """
        from .export import draws

        return draws(cast("Trend", self), count, seed)
