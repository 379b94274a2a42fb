"""What would settle what is open: another condition, or something known of a parameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.linalg import qr

from faradaic._core import joined, number
from faradaic.data import Dataset

from ._problem import ExplicitProblem, ImplicitProblem, Problem, Reduced
from ._sensitivity import Spectrum
from ._solve import Solution

Array = np.ndarray
ALONG, ANYWHERE = 201, 1000  # candidates along one input, and in more
FELT = 1e-6  # share of a row's sensitivity that lies along what is free: less is none


def sensitivities(inner: Problem, problem: Problem, theta: Array, X: Array) -> Array | None:
    """Return how a row at each of the conditions ``X`` (q, p), SI, would feel the free parameters, (q, k)."""
    if not isinstance(inner, ExplicitProblem):
        return None
    if isinstance(problem, Reduced):
        moving = [inner.names.index(name) for name in problem.names]
        return inner.sensitivities(X, problem.whole(theta))[:, moving]
    return inner.sensitivities(X, theta)


def candidates_of(X: Array) -> Array:
    """Return conditions all over the range of the rows ``X`` (n, p)."""
    low, high = X.min(axis=0), X.max(axis=0)
    if X.shape[1] == 1:
        return np.linspace(low, high, ALONG)
    return low + (high - low) * np.random.default_rng(0).uniform(size=(ANYWHERE, X.shape[1]))


def best_condition(S: Array, found: Spectrum) -> tuple[int, float]:
    """Return which candidate tells most, and how much: of its sensitivity, the share along what is free.

    Where something is free, the row that feels it most; else the one that enlarges the determinant of the information
    most (D-optimal), and by which factor.

    Parameters
    ----------
    S : array of shape (q, k)
        Sensitivities, in standard deviations of a row.
    found : Spectrum

    References
    ----------
    Atkinson, Donev & Tobias, *Optimum Experimental Designs*, 2007, chapter 11.
    """
    if found.free.shape[1]:
        along = np.linalg.norm(S @ found.free, axis=1)
        share = along / np.maximum(np.linalg.norm(S * found.scale, axis=1), 1e-300)
        place = int(np.argmax(np.where(share > FELT, along, 0.0)))
        return place, float(share[place])
    gain = 1.0 + (np.square(S @ found.root)).sum(axis=1)
    return int(gain.argmax()), float(gain.max())


def settle(
    data: Dataset | None, inner: Problem, problem: Problem, at: Solution, found: Spectrum, tolerance: float
) -> tuple[str, ...]:
    """Return in words the smallest additions that would settle what is left free."""
    if not found.free.shape[1]:
        return ()
    said: list[str] = []
    # Equals within rounding are told apart by their order, so that every machine names the same one.
    order = 1.0 - 1e-6 * np.arange(len(found.scale))
    pivots = qr(found.free.T / found.scale * order, mode="r", pivoting=True)[1]
    places = sorted(int(j) for j in pivots[: found.free.shape[1]])
    X = np.zeros((0, 1)) if data is None else candidates_of(data.X)
    S = sensitivities(inner, problem, at.theta, X)
    if data is not None and S is not None and np.isfinite(S).all():
        place, share = best_condition(S, found)
        if share > FELT:
            where = joined(
                f"{c.name} = {number(float(c.from_si(v)), 4)} {c.unit if c.unit != 'dimensionless' else ''}".strip()
                for c, v in zip(data.inputs, X[place], strict=True)
            )
            said.append(f"a row at {where}")
    names = [problem.names[j] for j in places]
    widths = [
        f"{name} to ±{number(tolerance * float(found.scale[j]), 2)}" for name, j in zip(names, places, strict=True)
    ]
    said.append(f"knowing {joined(widths)}")
    if len(said) == 1 and isinstance(inner, ImplicitProblem):
        said.insert(0, "another point, where it tells them apart")
    elif len(said) == 1 and S is not None:
        said.insert(0, "no further row of this kind, since none feels it")
    return tuple(said)


def informative(S: Array, found: Spectrum, count: int) -> Sequence[int]:
    """Return the ``count`` candidates that tell most, one after the other, each after those before it."""
    chosen: list[int] = []
    for _ in range(count):
        place = best_condition(S, _with(found, S[chosen]))[0]
        chosen.append(place)
    return chosen


def _with(found: Spectrum, rows: Array) -> Spectrum:
    """Return the spectrum with further rows (q, k), within what the equations of the known things allow."""
    if not len(rows):
        return found
    allowed = np.hstack([found.root, found.free])
    felt_before = np.diag(np.repeat([1.0, 0.0], [found.root.shape[1], found.free.shape[1]]))
    size, directions = np.linalg.eigh(felt_before + (rows @ allowed).T @ (rows @ allowed))
    felt = size > 1e-12 * size.max()
    turned = allowed @ directions
    return replace(found, rank=int(felt.sum()), root=turned[:, felt] / np.sqrt(size[felt]), free=turned[:, ~felt])
