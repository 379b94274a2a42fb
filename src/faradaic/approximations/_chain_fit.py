"""The hyper-parameters of one level of a chain, given the levels below."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._chain import Lower, Step, step_evidence
from ._evidence import AMPLITUDE, LENGTH, LENGTH_PRIOR_STD, NOISE, REACH, SHARED
from ._kernels import Array, Covariance, KernelName
from ._maximise import smallest
from ._noise import Groups, Noise

# bounds of the ratio ρ in standardised responses
_RATIO = (-20.0, 20.0)
# prior variance of a level's offset, in squared standard deviations of its responses: next to nothing is said of it
OFFSET = 100.0


@dataclass(frozen=True, eq=False)
class LevelRows:
    """The standardised rows of one level and what is known of their noise.

    ``diagonal`` (n,) is the known variance of each row or, where ``fits``, what a fitted variance is multiplied with;
    ``quiet`` says that this variance should be small, since the rows are said to be exact.
    """

    X: Array
    y: Array
    diagonal: Array
    fits: bool
    groups: Groups | None = None
    quiet: bool = False

    def noise(self, variance: float, shared: float, length: float) -> Noise:
        """Return the noise with the fitted numbers in their places."""
        diagonal = self.diagonal * variance if self.fits else self.diagonal
        return Noise(diagonal) if self.groups is None else Noise(diagonal, self.groups, shared, length)


class StepProblem:
    """The negative log evidence of a level as a function of ([ρ,][log s², log l,][log σ²][, log τ², log λ]).

    Parameters
    ----------
    rows : LevelRows
    lower : Lower
        What the levels below say at these rows.
    kernel : str
    ratio : float or None
        A ratio that is given; None: fitted.
    free : bool
        Whether the level has a process δ of its own.
    """

    def __init__(self, rows: LevelRows, lower: Lower, kernel: KernelName, ratio: float | None, free: bool) -> None:
        self.rows, self.lower, self.ratio = rows, lower, ratio
        self.kernel: KernelName = kernel
        self.p = rows.X.shape[1]
        self.prior_mean = np.log(2.0) + 0.5 * np.log(self.p)
        bounds = {
            "ratio": [_RATIO] if ratio is None else [],
            "process": [AMPLITUDE] + [LENGTH] * self.p if free else [],
            "noise": [NOISE] if rows.fits else [],
            "shared": [SHARED, REACH] if rows.groups is not None else [],
        }
        self.bounds = [each for part in bounds.values() for each in part]
        ends = np.cumsum([len(part) for part in bounds.values()])
        self.places = dict(zip(bounds, (slice(a, b) for a, b in zip([0, *ends], ends, strict=False)), strict=True))

    def at(self, theta: Array) -> tuple[Step, Noise]:
        """Return the step and the noise that the numbers stand for."""
        ratio, process, noise, shared = (theta[place] for place in self.places.values())
        own = Covariance(self.kernel, float(np.exp(process[0])), np.exp(process[1:])) if len(process) else None
        step = Step(self.ratio if self.ratio is not None else float(ratio[0]), own, OFFSET)
        variance = float(np.exp(noise[0])) if len(noise) else 0.0
        return step, self.rows.noise(variance, *(np.exp(shared).tolist() if len(shared) else (0.0, 1.0)))

    def __call__(self, theta: Array) -> tuple[float, Array]:
        """Return the negative log evidence (with the prior of the length scales) and its gradient."""
        step, noise = self.at(theta)
        found = step_evidence(step, self.rows.X, self.rows.y, self.lower, noise)
        value, process = found.value, found.process.copy()
        if len(process):
            off = theta[self.places["process"]][1:] - self.prior_mean
            value -= 0.5 * float(off @ off) / LENGTH_PRIOR_STD**2
            process[1:] -= off / LENGTH_PRIOR_STD**2
        parts = (
            [found.ratio] if self.ratio is None else [],
            process,
            [found.diagonal @ noise.diagonal] if self.rows.fits else [],
            found.shared,
        )
        return -value, -np.concatenate(parts)

    def starts(self, number: int) -> list[Array]:
        """Return starts: the ratio by least squares, what it leaves as δ and noise, over a range of length scales.

        In turn the ratio is that beside a δ that is constant and beside one that is linear in the inputs: a slow
        discrepancy of large amplitude and a fast one of small amplitude are different optima.
        """
        out = []
        for k in range(number):
            ratio, spread = self._regression(linear=k % 2 == 1)
            length = (1.0, 3.0, 0.3)[k % 3] * (1.0 + k // 3) * np.sqrt(self.p)
            noise = (1e-6, 1e-3, 1e-2)[k % 3] if self.rows.quiet else (0.05, 0.3, 0.005)[k % 3]
            parts = {
                "ratio": [ratio],
                "process": [np.log(spread)] + [np.log(length)] * self.p,
                "noise": [np.log(noise * spread)],
                "shared": [np.log(noise * spread), np.log(2.0)],
            }
            taken = [parts[name] for name, place in self.places.items() if place.stop > place.start]
            theta = np.concatenate([np.asarray(each, dtype=np.float64) for each in taken]) if taken else np.zeros(0)
            out.append(np.clip(theta, [low for low, _ in self.bounds], [high for _, high in self.bounds]))
        return out

    def _regression(self, *, linear: bool) -> tuple[float, float]:
        """Return the ratio by least squares, and the variance of what it leaves."""
        m, n = self.lower.mean, len(self.rows.y)
        columns = [np.ones((n, 1)), self.rows.X] if linear and n > self.p + 1 else [np.ones((n, 1))]
        if self.ratio is not None:
            ratio = self.ratio
        else:
            ratio = float(np.linalg.lstsq(np.column_stack([m, *columns]), self.rows.y, rcond=None)[0][0])
            ratio = float(np.clip(ratio, *_RATIO))
        return ratio, max(float(np.var(self.rows.y - ratio * m)), 1e-4)

    def best(self, number: int) -> tuple[Array, float]:
        """Return the numbers of largest evidence found from so many starts, and the negative log evidence there."""
        if self.bounds:
            return smallest(self, self.starts(number), self.bounds)
        return np.zeros(0), float(self(np.zeros(0))[0])
