"""The answer: a fitted approximation that knows its units, its quality and its domain."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import OutsideDomainWarning, number, plural, shortened

from ._exports import Exports
from ._interval_methods import Intervals
from ._slope_methods import Slopes

if TYPE_CHECKING:
    import pandas as pd

    from ._arrhenius_display import ArrheniusDisplay
    from ._display import ParityDisplay, TrendDisplay

Array = np.ndarray


class Trend(Slopes, Intervals, Exports):
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

    def __repr__(self) -> str:
        return f"<Trend: {self.label}, {plural(self.quality.parameters, 'parameter')}>"

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

    def summary(self) -> str:
        """Return what the trend is, how good it is and where it holds, in plain words."""
        from ._interval import promise
        from ._known import known_sentences
        from ._parameters import sentences

        lines = [f"{self.label}.", *self.quality.sentences()]
        lines += [*known_sentences(self), *sentences(self)]
        ranges = shortened(
            (
                f"{c.header} from {number(float(c.from_si(lo)))} to {number(float(c.from_si(hi)))}"
                for c, lo, hi in zip(self.inputs, self.domain.low, self.domain.high, strict=True)
            ),
            last="and",
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
