"""The curve through measured errors, and the curves through errors drawn anew that give its intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from faradaic._core import generator
from faradaic.data import Dataset, replicates

from ._measure import Measure, NoiseFloor, is_deterministic
from ._power_law import fit_power_laws
from ._subsets import Pool, Scatter, scatter_of

Array = np.ndarray
# a + b n^-γ has three numbers: with one size more than that the curve can be wrong, and only then is it believed
NUMBERS = 3
DRAWS = 1500
# a design whose error is so many times that of a constant has not begun to learn
WORSE = 2.0
# share of the draws whose limit lies above the training error: so it is for least squares, but a regularised design
# that follows its rows less closely than it could may end below
TRUSTED = 0.5


@dataclass(frozen=True)
class Least:
    """The noise floor as a lower bound of the limit; zero where it is none."""

    value: float
    freedom: float

    @classmethod
    def of(cls, data: Dataset, floor: NoiseFloor) -> Least:
        # an exact response has a tolerance, not noise: a trend may well come closer than that
        if not floor.known or is_deterministic(data):
            return cls(0.0, np.inf)
        return cls(floor.value, np.inf if data.judged.noise_std is not None else float(replicates(data.judged).dof))

    def drawn(self, random: np.random.Generator, count: int) -> Array:
        if not np.isfinite(self.freedom):
            return np.full(count, self.value)
        return self.value * np.sqrt(self.freedom / random.chisquare(self.freedom, size=count))


def constant_error(data: Dataset, measure: Measure) -> float:
    """Return the root-mean-square error of the constant that suits the data best, in the shown unit."""
    if measure.name == "relative":
        constant = float(np.exp(np.log(data.y).mean()))
    elif measure.name == "standardised" and data.noise_std is not None:
        constant = float(np.average(data.y, weights=data.noise_std**-2.0))
    else:
        constant = float(data.y.mean())
    residual = measure.residual(np.full(len(data), constant), data.y, data.noise_std)
    return float(measure.scale(data) * np.sqrt((residual**2).mean()))


def far_worse(error: Array, constant: float) -> Array:
    """Return at which sizes the error is that of a design that has not learnt anything, (k,)."""
    return np.isfinite(error) & (error > WORSE * constant)


def learning(error: Array, constant: float) -> Array:
    """Return the sizes that a curve is fitted to, (k,): from the first at which the design has learnt something.

    With hardly more rows than parameters a design may do far worse than a constant; what errors do there is no part of
    a power law. The smallest sizes of that kind do not count as long as enough are left for an interval, nor do those
    at which a fit failed or was perfect. A size of that kind after a better one does count: what the design does
    there it may do again.
    """
    usable = np.isfinite(error) & (error > 0)
    places, better = np.flatnonzero(usable), np.flatnonzero(usable & ~far_worse(error, constant))
    first = [*better, len(error)][0]
    return usable & (np.arange(len(error)) >= min(first, *places[-(NUMBERS + 1) :][:1]))


def fit_curve(
    measured: dict[str, Any], pool: Pool, steps: Array, floor: Least, constant: float, seed: int
) -> dict[str, Any]:
    """Fit the curve, and as many curves to errors drawn anew."""
    error, losses = measured["test_error"], measured["losses"]
    usable = learning(error, constant)
    standard_error = np.full(len(steps), np.nan)
    nothing = np.zeros((0, NUMBERS))
    if not usable.any():
        return {
            "standard_error": standard_error, "a": np.nan, "b": np.nan, "gamma": np.nan, "draws": nothing,
            "scatter": np.zeros((2, 0, 0)), "used": usable,
        }  # fmt: skip
    sizes, points = steps[usable].astype(np.float64), error[usable]
    scatter = scatter_of(losses[usable], pool.rows.astype(np.float64), pool, sizes)
    standard_error[usable] = points * np.sqrt(np.diag(scatter.total))
    spread = _about_curve(scatter)
    a = b = gamma = np.nan
    draws = nothing
    least, loose = _limit(measured["train"][usable][-1], points, sizes[-1] / (pool.units - sizes[-1]))
    if len(points) >= NUMBERS:
        bound = min(max(least, floor.value), float(points.min()))
        law = fit_power_laws(sizes, points[None], spread, np.array([bound]), refine=True)
        a, b, gamma = float(law.a[0]), float(law.b[0]), float(law.gamma[0])
    if len(points) > NUMBERS:
        random = generator(seed, 29)
        values, vectors = np.linalg.eigh(scatter.total)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        moved = random.standard_normal((DRAWS, len(points))) @ root.T * tails(random, DRAWS, pool.units)
        # where the power law begins is not known either: each draw leaves out some of the smallest sizes, or none
        begin = random.integers(len(points) - NUMBERS, size=(DRAWS, 1))
        counting = np.where(np.arange(len(points)) >= begin, spread, np.inf)
        drawn = points * np.exp(moved)
        bounds = least * np.exp(loose * random.standard_normal(DRAWS)) * (random.random(DRAWS) < TRUSTED)
        bounds = np.minimum(np.maximum(bounds, floor.drawn(random, DRAWS)), drawn.min(1))
        again = fit_power_laws(sizes, drawn, counting, bounds)
        draws = np.column_stack([again.a, again.b, again.gamma])
    return {
        "standard_error": standard_error, "a": a, "b": b, "gamma": gamma, "draws": draws,
        "scatter": np.stack([scatter.tested, scatter.trained]), "used": usable,
    }  # fmt: skip


def _limit(train: Array, points: Array, overlap: float) -> tuple[float, float]:
    """Return the training error of the largest subsets (repeats, folds), and how far it is known (in its logarithm).

    A design that minimises its training error has more of it with more rows, and less of it than the error it will
    end at. A training error is a mean over units: from pool to pool it varies n/(G − n) times (``overlap``) as much as
    over the subsets of n units of one pool of G.
    """
    error = float(np.sqrt((train**2).mean()))
    if not error > 0:
        return 0.0, 0.0
    return min(error, float(points.min())), float(np.sqrt(overlap * (train**2).var(ddof=1)) / (2.0 * error**2))


def _about_curve(scatter: Scatter) -> Array:
    """Return the relative scatter of each point that it does not share with the others, shape (k,).

    What all points share moves the curve up or down as a whole; only the rest may weigh one point against another.
    """
    k = len(scatter.total)
    centred = np.eye(k) - 1.0 / k
    own = np.diag(centred @ scatter.total @ centred)
    return np.sqrt(np.maximum(own, 0.1 * own.mean()) if own.mean() > 0 else np.ones(k))


def tails(random: np.random.Generator, draws: int, units: int) -> Array:
    """Return factors (draws, 1) that turn normal draws into Student's t: the scatter is estimated from few units."""
    freedom = units - 1
    return np.sqrt(freedom / random.chisquare(freedom, size=(draws, 1)))
