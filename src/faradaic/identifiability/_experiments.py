"""Which of some experiments would tell most: what each would add to the information that there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.linalg import null_space

from faradaic._core import ArgumentError, joined, number

from ._combinations import free_of, zero_of
from ._models import Simulator
from ._next import sensitivities
from ._problem import Problem, Reduced, SimulatorProblem, simulated
from ._sensitivity import Spectrum, spectrum

Array = np.ndarray


@dataclass(frozen=True)
class Experiment:
    """What would be known of the parameters after one more experiment, at the present estimate.

    Attributes
    ----------
    name : str
    rank, practical_rank : int
        Combinations that would be felt, and those that would be known to within the tolerance.
    gain : float
        Factor by which the standard deviation of a combination would shrink, the geometric mean over all that are
        felt (D-optimality); infinite where a combination would be felt that is not felt now.
    relative : dict of str to float
        Standard deviation of each parameter as a share of its size; NaN where it would still not be determined, or
        where nothing tells the scatter.
    """

    name: str
    rank: int
    practical_rank: int
    gain: float
    relative: dict[str, float] = field(repr=False)

    def __str__(self) -> str:
        known = [f"{name} ±{number(100 * each, 2)} %" for name, each in self.relative.items() if np.isfinite(each)]
        first = f"{self.name}: rank {self.rank}, {self.practical_rank} of them within the tolerance"
        return f"{first}; {joined(known)}." if known else f"{first}."


def ranked(
    experiments: Mapping[str, Any],
    inner: Problem,
    problem: Problem,
    theta: Array,
    jacobian: Array,
    found: Spectrum,
    sigma: float,
    tolerance: float,
) -> tuple[Experiment, ...]:
    """Return the experiments, the one that would tell most first.

    Parameters
    ----------
    experiments : dict of str to Simulator or array of shape (q, p)
        Each predicts its own rows from the same parameters; or conditions, SI, of a model that is a function of them.
    inner, problem : Problem
        Without and with what is known beside the rows.
    theta : array of shape (k,)
        The estimate.
    jacobian : array of shape (m, k)
        Of the rows that there are.
    found : Spectrum
        Its spectrum.
    sigma, tolerance : float
        Standard deviation of a residual, and the relative standard deviation above which a parameter counts as vague.

    References
    ----------
    Atkinson, Donev & Tobias, *Optimum Experimental Designs*, 2007, chapter 11.
    """
    # what the equations among the known things forbid, the spectrum has left out
    allowed = np.hstack([found.root, found.free]) / found.scale[:, None]
    H = null_space(allowed.T).T / found.scale
    made = []
    for name, one in experiments.items():
        S = _sensitivities(name, one, inner, problem, theta)
        after = spectrum(np.vstack([jacobian, S]), H, found.scale, problem.rounding)
        information = float(np.log(after.singular[: after.rank]).sum())
        made.append((-after.rank, -information, _experiment(name, problem.names, found, after, sigma, tolerance)))
    return tuple(one for *_, one in sorted(made, key=lambda each: each[:2]))


def _sensitivities(name: str, one: Any, inner: Problem, problem: Problem, theta: Array) -> Array:
    """Return how the rows of an experiment would feel the parameters that are asked for, (q, k)."""
    if not isinstance(one, Simulator):
        S = sensitivities(inner, problem, theta, one)
        if S is None:
            raise ArgumentError(f"{name} must be a Simulator: this model is no function of conditions.")
    elif not isinstance(inner, SimulatorProblem):
        raise ArgumentError(f"{name} is a Simulator, and the model is none; give the conditions of its rows.")
    elif set(one.start) != set(inner.names):
        raise ArgumentError(
            f"{name} must have the parameters {joined(inner.names)}, got {joined(list(one.start))}; build it with the "
            f"same ones."
        )
    else:
        whole = problem.whole(theta) if isinstance(problem, Reduced) else theta
        rows = simulated(one, inner.names, whole)
        noise = np.full(len(rows), np.sqrt((inner.precision**2).mean()))  # as noisy as those at hand on the whole
        S = SimulatorProblem(inner.parameters, inner.known_noise, one, rows, noise).both(whole)[1]
        S = S[:, [inner.names.index(each) for each in problem.names]]
    if not np.isfinite(S).all():
        raise ArgumentError(f"{name} has no finite prediction at the estimate; leave it out, or shorten it.")
    return S


def _experiment(
    name: str, names: Sequence[str], found: Spectrum, after: Spectrum, sigma: float, tolerance: float
) -> Experiment:
    with np.errstate(invalid="ignore"):
        relative = sigma * np.linalg.norm(after.root, axis=1) / after.scale
    relative[free_of(after.relative_free, zero_of(after.blur))] = np.nan
    if after.rank > found.rank:
        gain = float("inf")
    else:
        shrunk = np.log(after.singular[: after.rank]) - np.log(found.singular[: found.rank])
        gain = float(np.exp(shrunk.mean())) if after.rank else 1.0
    return Experiment(
        name=name,
        rank=after.rank,
        practical_rank=after.practical(sigma, tolerance) if sigma > 0 else after.rank,
        gain=gain,
        relative=dict(zip(names, map(float, relative), strict=True)),
    )
