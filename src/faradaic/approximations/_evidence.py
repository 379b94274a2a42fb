"""The hyper-parameters of Gaussian processes: what is maximised, from where, inside which bounds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.linalg import LinAlgError

from faradaic._core import FitError

from ._conditioned import Conditioned, Facts
from ._kernels import Array, Covariance, KernelName
from ._marginal_likelihood import SINGULAR, exact, on_centres
from ._maximise import smallest
from ._noise import Groups, Noise
from ._quasi_newton import Ends, least
from ._stack import Shape, Stack

# bounds of log s², log l, log σ², log τ², log λ in standardised coordinates
AMPLITUDE, LENGTH, NOISE, SHARED, REACH = (-7.0, 7.0), (-4.0, 6.0), (-18.0, 3.0), (-18.0, 3.0), (-2.0, 6.0)
# weak log-normal prior on each length scale: without it a dozen rows let one run to its bound
LENGTH_PRIOR_STD = np.sqrt(3.0)
# up to so many rows searches run in step; beyond, what an evaluation computes outweighs what it takes to start one
IN_STEP = 200


class Problem:
    """The negative log evidence of one data set as a function of (log s², log l[, log σ²][, log τ², log λ])."""

    def __init__(
        self,
        kernel: KernelName,
        X: Array,
        y: Array,
        Z: Array | None,
        diagonal: Array,
        fits: bool,
        groups: Groups | None,
        facts: Facts | None = None,
    ) -> None:
        self.kernel: KernelName = kernel
        self.facts = facts
        self.X, self.y, self.Z = X, y, Z
        self.diagonal, self.fits_noise, self.groups = diagonal, fits, groups
        self.p = X.shape[1]
        self.prior_mean = np.log(2.0) + 0.5 * np.log(self.p)
        self.bounds = [AMPLITUDE] + [LENGTH] * self.p
        self.bounds += [NOISE] if fits else []
        self.bounds += [SHARED, REACH] if groups is not None else []

    @property
    def shape(self) -> Shape:
        """What it has in common with problems that it can be stacked with."""
        n, p = self.X.shape
        return Shape(self.kernel, n, p, None if self.Z is None else len(self.Z))

    @property
    def plain(self) -> bool:
        """Whether the noise is independent from row to row and nothing is known beforehand."""
        return self.groups is None and self.facts is None

    @property
    def in_step(self) -> bool:
        """Whether its searches run in step with others."""
        return self.plain and len(self.y) <= IN_STEP

    def at(self, theta: Array) -> tuple[Covariance, Noise]:
        """Return the covariance and the noise that the numbers stand for."""
        cov = covariance(self.kernel, float(np.exp(theta[0])), np.exp(theta[1 : self.p + 1]), self.facts)
        diagonal = self.diagonal * np.exp(theta[self.p + 1]) if self.fits_noise else self.diagonal
        if self.groups is None:
            return cov, Noise(diagonal)
        return cov, Noise(diagonal, self.groups, float(np.exp(theta[-2])), float(np.exp(theta[-1])))

    @cached_property
    def _alone(self) -> Stacked:
        return Stacked([self], np.zeros(1, dtype=int))

    def __call__(self, theta: Array) -> tuple[float, Array]:
        """Return the negative log evidence (with the prior of the length scales) and its gradient."""
        if self.plain:
            values, gradients, _ = self._alone(theta[None], np.zeros(1, dtype=int))
            if not np.isfinite(values[0]):
                raise LinAlgError(SINGULAR)
            return float(values[0]), gradients[0]
        cov, noise = self.at(theta)
        y = self.y - cov.mean(self.X)
        if self.Z is None:
            evidence = exact(cov, self.X, y, noise)
        else:
            evidence = on_centres(cov, self.X, y, self.Z, noise)
        off = theta[1 : self.p + 1] - self.prior_mean
        value, gradient = evidence.value, evidence.covariance.copy()
        if isinstance(cov, Conditioned):
            known, pulled = cov.evidence(self.X, -evidence.response)
            value, gradient = value + known, gradient + pulled
        gradient[1:] -= off / LENGTH_PRIOR_STD**2
        if self.fits_noise:
            gradient = np.append(gradient, evidence.diagonal @ noise.diagonal)
        gradient = np.append(gradient, evidence.shared)
        return -(value - 0.5 * float(off @ off) / LENGTH_PRIOR_STD**2), -gradient

    def starts(self, number: int) -> list[Array]:
        """Return so many starts: in turn a medium, a short and a long length scale, the same for every feature."""
        lengths, noises = [1.0, 0.3, 3.0], [0.05, 0.3, 0.005]
        out = []
        for k in range(number):
            theta = [0.0] + [np.log(lengths[k % 3] * (1.0 + k // 3) * np.sqrt(self.p))] * self.p
            theta += [np.log(noises[k % 3])] if self.fits_noise else []
            theta += [np.log(noises[k % 3]), np.log(2.0)] if self.groups is not None else []
            out.append(np.clip(theta, *np.transpose(self.bounds)))
        return out

    def only_noise(self) -> Array:
        """Return what says that the rows are nothing but noise: an optimum that no search from elsewhere may find."""
        theta = [AMPLITUDE[0]] + [self.prior_mean] * self.p + ([0.0] if self.fits_noise else [])
        return np.clip(theta, *np.transpose(self.bounds))

    def best(self, number: int) -> tuple[Array, float]:
        """Return the numbers of largest evidence found from so many starts, and the negative log evidence there.

        Raises
        ------
        FitError
            It could be evaluated from none of them.
        """
        if not self.in_step:
            return smallest(self, self.starts(number), self.bounds)
        found = searched([self], number)[0]
        if isinstance(found, FitError):
            raise found
        return found


class Stacked:
    """The searches of several problems with equally many hyper-parameters as one loss; see `least`.

    ``problem`` (k,) says which problem each search belongs to.
    """

    def __init__(self, problems: Sequence[Problem], problem: Array) -> None:
        self.problem, self.fits_noise = problem, problems[0].fits_noise
        self.p, self.prior_mean = problems[0].p, problems[0].prior_mean
        shapes = [one.shape for one in problems]
        kinds = sorted(set(shapes), key=shapes.index)
        self.kind = np.array([kinds.index(shape) for shape in shapes])
        self.place = np.zeros(len(problems), dtype=int)
        self.stacks: list[tuple[Stack, Array]] = []
        for number, shape in enumerate(kinds):
            own = np.flatnonzero(self.kind == number).tolist()
            self.place[own] = np.arange(len(own))
            X, y, diagonal = (np.stack([getattr(problems[i], name) for i in own]) for name in ("X", "y", "diagonal"))
            Z = None if shape.centres is None else np.stack([problems[i].Z for i in own])  # pyright: ignore
            most = int((self.kind[problem] == number).sum())
            self.stacks.append((Stack(shape, X, y, Z, most), diagonal))

    def __call__(self, theta: Array, which: Array, curved: bool = False) -> tuple[Array, Array, Array]:
        """Return the negative log evidence, its gradient and curvature of the searches ``which`` (q,) at ``theta``."""
        problem, d = self.problem[which], theta.shape[1]
        value, gradient, curvature = np.full(len(theta), np.inf), np.zeros(theta.shape), np.zeros((len(theta), d, d))
        amplitude, length = np.exp(theta[:, 0]), np.exp(theta[:, 1 : self.p + 1])
        factor = np.exp(theta[:, self.p + 1]) if self.fits_noise else np.ones(len(theta))
        for number, (stack, diagonal) in enumerate(self.stacks):
            own = np.flatnonzero(self.kind[problem] == number)
            if not len(own):
                continue
            place = self.place[problem[own]]
            noise = diagonal[place] * factor[own, None]
            terms = stack.terms(place, amplitude[own], length[own], noise, curved=curved)
            value[own], gradient[own], curvature[own] = -terms.value, -terms.gradient[:, :d], terms.curvature[:, :d, :d]
        off, lengths = theta[:, 1 : self.p + 1] - self.prior_mean, np.arange(1, self.p + 1)
        gradient[:, lengths] += off / LENGTH_PRIOR_STD**2
        curvature[:, lengths, lengths] += 1.0 / LENGTH_PRIOR_STD**2
        return value + 0.5 * (off * off).sum(1) / LENGTH_PRIOR_STD**2, gradient, curvature


def searched(problems: Sequence[Problem], number: int) -> list[tuple[Array, float] | FitError]:
    """Do what `Problem.best` does for problems whose searches run in step; an error stands where it would be raised."""
    out: list[tuple[Array, float] | FitError] = [_UNEVALUATED] * len(problems)
    dimensions = np.array([len(one.bounds) for one in problems])
    for d in np.unique(dimensions):
        own = np.flatnonzero(dimensions == d).tolist()
        some = [problems[i] for i in own]
        ends = _from_all(some, np.array([one.starts(number) for one in some]))
        rival = np.array([one.only_noise() for one in some])
        value = Stacked(some, np.arange(len(some)))(rival, np.arange(len(some)))[0]
        for k in np.flatnonzero(np.isfinite(ends.value)):
            out[own[k]] = ends.at[k], float(ends.value[k])
        better = np.flatnonzero(value < ends.value).tolist()
        if len(better) and some[0].fits_noise:
            again = _from_all([some[k] for k in better], rival[better, None])
            for k, at, least_value in zip(better, again.at, again.value, strict=True):
                out[own[k]] = at, float(least_value)
    return out


def _from_all(problems: Sequence[Problem], starts: Array) -> Ends:
    """Return the best ends of searches from ``starts`` (problems, number, d)."""
    k, number, d = starts.shape
    bounds = np.repeat([one.bounds for one in problems], number, axis=0)
    loss = Stacked(problems, np.repeat(np.arange(k), number))
    found = least(loss, starts.reshape(-1, d), bounds[:, :, 0], bounds[:, :, 1])
    best = number * np.arange(k) + found.value.reshape(k, number).argmin(1)
    return Ends(found.at[best], found.value[best])


_UNEVALUATED = FitError(f"the marginal likelihood could not be evaluated ({SINGULAR}).")


def covariance(kernel: KernelName, amplitude: float, lengthscale: Array, facts: Facts | None) -> Covariance:
    """Return the covariance function, conditioned on what is known, if anything is."""
    plain = Covariance(kernel, amplitude, lengthscale)
    return plain if facts is None else Conditioned.on(plain, facts)
