"""The choice of one size, and the evidence for it in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from faradaic._core import ArgumentError, number, plural
from faradaic.approximations import Design, seeded

from ._measure import NoiseFloor, is_deterministic, shown
from ._sweep import split_seed

if TYPE_CHECKING:
    from ._landscape import Landscape

Array = np.ndarray
# of the mean loss: sizes closer than this are equal (a parameter that ends on a bound changes nothing but the rounding)
ROUNDING = 1e-9


class Rule(Protocol):
    """A strategy that picks one size of a landscape."""

    def pick(self, landscape: Landscape) -> tuple[int, str]:
        """Return the place of the chosen size and the reason in words."""
        ...


@dataclass(frozen=True)
class SmallestError:
    """The size of smallest test error."""

    def pick(self, landscape: Landscape) -> tuple[int, str]:
        """Return the place of the smallest test error."""
        best = _smallest(landscape, np.isfinite(landscape.test_error))
        return best, "it has the smallest test error of all sizes"


@dataclass(frozen=True)
class OneStandardError:
    """The fewest parameters whose test error is within one standard error of the smallest.

    Parameters
    ----------
    paired : bool, default True
        Compare sizes by the standard error of the *difference* of their losses on the same left-out rows, which is
        smaller than that of either alone since all sizes meet the same noise. False: the standard error of the
        smallest test error itself (Breiman et al. 1984).

    References
    ----------
    Breiman, Friedman, Olshen & Stone, *Classification and Regression Trees*, 1984, section 3.4.3.
    Hastie, Tibshirani & Friedman, *The Elements of Statistical Learning*, 2009, section 7.10,
    10.1007/978-0-387-84858-7.
    """

    paired: bool = True

    def pick(self, landscape: Landscape) -> tuple[int, str]:
        """Return the place of the fewest parameters within one standard error of the smallest test error."""
        losses = landscape.row_losses
        possible = np.isfinite(landscape.test_error)
        best = _smallest(landscape, possible)
        for k in np.argsort(landscape.parameters, kind="stable"):
            if not possible[k] or k == best:
                if k == best:
                    break
                continue
            against = losses[k] - losses[best] if self.paired else losses[best]
            near = ROUNDING * losses[best].mean()
            if (losses[k] - losses[best]).mean() <= landscape.standard_error(against) + near:
                return int(k), (
                    f"it has the fewest parameters within one standard error of the smallest test error, "
                    f"{shown(landscape.test_error[best], landscape.unit)} at "
                    f"{plural(int(landscape.parameters[best]), 'parameter')}"
                )
        return best, "no smaller size comes within one standard error of its test error"


@dataclass(frozen=True)
class Interpolating:
    """Among sizes that meet every training row within the tolerance, the one of smallest leave-out error.

    Parameters
    ----------
    tolerance : float, optional
        Largest training residual in the response's own unit; default: the data's tolerance.
    """

    tolerance: float | None = None

    def pick(self, landscape: Landscape) -> tuple[int, str]:
        """Return the place of the best interpolant."""
        data = landscape.data.judged
        tolerance = data.tolerance if self.tolerance is None else self.tolerance * data.response.scale
        worst = landscape.errors["worst"].max(("repeat", "fold")).values
        meets = np.isfinite(landscape.test_error) & (worst <= tolerance)
        stated = f"{number(tolerance / data.response.scale)} {data.response.unit}".strip()
        if not meets.any():
            best = _smallest(landscape, np.isfinite(landscape.test_error))
            return best, (
                f"no size meets every row within the tolerance of {stated}; it has the smallest leave-out error"
            )
        return _smallest(landscape, meets), (
            f"of the sizes that meet every training row within {stated} ({int(meets.sum())} of {len(meets)}) it has "
            f"the smallest leave-out error"
        )


@dataclass(frozen=True, eq=False)
class Selection:
    """The chosen optimum of one landscape.

    Attributes
    ----------
    design : Design
        The design at the chosen size, unfitted, with the seed of the landscape's first repeat.
    label : str
        The design in words, with the data's names.
    size : object
        The chosen size.
    parameters : int
        Counted parameters.
    effective : float
        Effective parameters (mean over the splits).
    train_error, test_error, standard_error : float
        Errors of the chosen size and the standard error of the test error, in ``unit``.
    unit : str
        Unit of the errors.
    floor : NoiseFloor
        The error of a perfect trend.
    interpolates : bool
        Whether it meets every training row within the tolerance (deterministic data only).
    reason : str
        Why this size.
    regime : str
        The regime in which it lies.
    """

    design: Design
    label: str
    size: Any
    parameters: int
    effective: float
    train_error: float
    test_error: float
    standard_error: float
    unit: str
    floor: NoiseFloor
    interpolates: bool
    reason: str
    regime: str

    def summary(self) -> str:
        """Return the choice and its evidence in plain words."""
        floor = (
            f"noise floor {shown(self.floor.value, self.unit)} ({self.floor.source})"
            if self.floor.known
            else f"noise floor {self.floor.source}"
        )
        return (
            f"{self.label}, {self.design.size_name} {self.size}, {plural(self.parameters, 'parameter')} "
            f"({number(self.effective)} effective): test error {shown(self.test_error, self.unit)} "
            f"± {number(self.standard_error)}, train error {shown(self.train_error, self.unit)}, {floor}; chosen "
            f"because {self.reason}. Regime: {self.regime}."
        )

    def __str__(self) -> str:
        return self.summary()


def select(landscape: Landscape, rule: Rule | None) -> Selection:
    """Apply a rule, by default the one that the reliability of the data calls for."""
    exact = is_deterministic(landscape.data)
    rule = rule or (Interpolating() if exact else OneStandardError())
    place, reason = rule.pick(landscape)
    size = landscape.sizes[place]
    losses = landscape.row_losses[place]
    test = float(landscape.test_error[place])
    design = seeded(landscape.design.at_size(size), split_seed(landscape.seed, 0))
    design = design.for_rows(landscape.n_train, len(np.unique(landscape.data.judged.X, axis=0)))
    names = [column.name for column in landscape.data.inputs]
    worst = landscape.errors["worst"].max(("repeat", "fold")).values[place]
    return Selection(
        design=design,
        label=design.describe(names, landscape.data.response.name),
        size=size,
        parameters=int(landscape.parameters[place]),
        effective=float(landscape.effective[place]),
        train_error=float(landscape.train_error[place]),
        test_error=test,
        standard_error=landscape.standard_error(losses) / (2.0 * test) if test > 0 else 0.0,
        unit=landscape.unit,
        floor=landscape.floor,
        interpolates=bool(exact and worst <= landscape.data.judged.tolerance),
        reason=reason,
        regime=landscape.regimes.of(place),
    )


def describe(landscape: Landscape) -> str:
    """Return a landscape in plain words: what was swept, the choice, the regimes, what failed."""
    fits = landscape.errors["failure"]
    failed = int((fits != "").sum())
    lines = [
        f"{landscape.label}: {plural(len(landscape.sizes), 'size')} from "
        f"{plural(int(landscape.parameters.min()), 'parameter')} to {int(landscape.parameters.max()):,}, "
        f"{plural(fits.size, 'fit')} ({landscape.splits.kind}), n = {landscape.n_train:,} training conditions.",
        landscape.select().summary(),
        landscape.regimes.text,
    ]
    if failed:
        reasons: Sequence[str] = sorted({str(r) for r in fits.values.ravel() if r})
        lines.append(f"{plural(failed, 'fit')} failed: {'; '.join(reasons[:3])}.")
    return "\n".join(lines)


def _smallest(landscape: Landscape, possible: Array) -> int:
    if not possible.any():
        raise ArgumentError("No size of this landscape succeeded on every split; sweep other sizes or designs.")
    order = np.lexsort((landscape.parameters, np.where(possible, landscape.test_error, np.inf)))
    return int(order[0])
