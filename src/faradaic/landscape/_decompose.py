"""Bias², variance and noise of every size, by refitting responses simulated from the optimum."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from faradaic._core import ArgumentError, InputError, generator, number, run_all
from faradaic.approximations import Design, Job, seeded
from faradaic.data import Collapsed, Dataset, collapse, replicates

from ._sweep import fitted, sizes_of_tasks, split_seed

if TYPE_CHECKING:
    from ._landscape import Landscape

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Decomposition:
    r"""What the expected squared error of each size consists of, in the response's unit squared.

    .. math:: E[(y - \hat f)^2] = (f - E\hat f)^2 + \mathrm{Var}\,\hat f + \sigma^2

    The noise σ² is known *before* the split: from the stated reliability or from replicates, never from the same
    residuals as the bias. Variance and bias come from refitting responses drawn around a reference trend at the
    measured conditions, y* = f₀ + σε: the variance is that of the refits, bias² the squared distance of their mean
    from f₀ (the part of it that is only scatter of the mean is taken off). The reference f₀ is the landscape's own
    optimum. What even that misses cannot be seen this way; ``misfit`` says how much of the optimum's test error is
    explained by neither noise, variance nor bias, and is added to the bias² of every size if it exceeds two of its
    standard errors.

    Attributes
    ----------
    parameters : int array of shape (s,)
    bias2, variance : array of shape (s,)
        NaN where refits failed.
    noise : float
        σ².
    misfit, misfit_error : float
        Unexplained part of the optimum's squared test error, and its standard error.
    noise_source : str
        Where σ² comes from.
    unit : str
        Unit of the response.

    References
    ----------
    Geman, Bienenstock & Doursat 1992, 10.1162/neco.1992.4.1.1; Efron & Tibshirani, *An Introduction to the
    Bootstrap*, 1993, chapter 6 (parametric bootstrap).
    """

    parameters: Array
    bias2: Array
    variance: Array
    noise: float
    misfit: float
    misfit_error: float
    noise_source: str
    unit: str

    @property
    def total(self) -> Array:
        """Expected squared error of a new observation, shape (s,)."""
        return self.bias2 + self.variance + self.noise

    def summary(self) -> str:
        """Return the decomposition as a table in words."""
        unit = f"({self.unit})²" if self.unit else ""
        lines = [f"noise σ² = {number(self.noise)} {unit} from {self.noise_source}"]
        rows = zip(self.parameters, self.bias2, self.variance, self.total, strict=True)
        lines += [
            f"{int(p):>6} parameters: bias² {number(b)}, variance {number(v)}, total {number(t)}" for p, b, v, t in rows
        ]
        lines.append(f"not explained at the optimum: {number(self.misfit)} ± {number(self.misfit_error)}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.summary()


def decompose(landscape: Landscape, *, rounds: int, n_jobs: int | None) -> Decomposition:
    """Decompose the error of every size of a landscape.

    Raises
    ------
    ArgumentError
        The noise is unknown: no replicates and no stated reliability; or the data are deterministic; or the design
        learns from other sources as well, whose share in bias and variance redrawn responses do not show.
    """
    if landscape.design.models_sources:
        raise ArgumentError(
            f"{landscape.label} learns from several sources, and redrawing the responses of one would not tell its "
            "variance; decompose a design of the target's rows alone."
        )
    data = landscape.data.judged
    if rounds < 2:
        raise ArgumentError(f"rounds must be at least 2, got {rounds!r}.")
    noise, source = _noise(data)
    selection = landscape.select()
    rows = collapse(data.X, data.y, noise_std=data.noise_std, groups=data.groups)
    own = noise if len(noise) == len(rows.y) else np.full(len(rows.y), noise[0])
    std = rows.noise_std if rows.noise_std is not None else own / np.sqrt(rows.weight)
    with threadpool_limits(1):
        reference = fitted(seeded(selection.design, split_seed(landscape.seed, 0)), data).predict(rows.X)
    draws = generator(landscape.seed, 11).normal(size=(rounds, len(rows.y))) * std
    tasks = [
        partial(_refits, landscape.design, [landscape.sizes[k] for k in sizes], rows, reference + draws, landscape.seed)
        for sizes in sizes_of_tasks(landscape.design, len(landscape.sizes))
    ]
    refits = [one for some in run_all(tasks, n_jobs) for one in some]
    share = rows.weight / rows.weight.sum()
    variance = np.array([np.nan if f is None else share @ f.var(axis=0, ddof=1) for f in refits])
    distance = np.array([np.nan if f is None else share @ (f.mean(0) - reference) ** 2 for f in refits])
    bias2 = np.maximum(distance - variance / rounds, 0.0)
    sigma2 = float((noise**2).mean())
    misfit, error = _misfit(landscape, selection.size, sigma2, bias2, variance)
    if misfit > 2.0 * error:
        bias2 = bias2 + misfit
    unit = 1.0 / data.response.scale**2
    return Decomposition(
        parameters=landscape.parameters,
        bias2=bias2 * unit,
        variance=variance * unit,
        noise=sigma2 * unit,
        misfit=misfit * unit,
        misfit_error=error * unit,
        noise_source=source,
        unit=data.response.unit,
    )


def _noise(data: Dataset) -> tuple[Array, str]:
    """Return the standard deviation of each row (SI) and where it is from."""
    stated = data.noise_std
    if stated is not None and stated.any():
        return stated, "the stated reliability"
    if stated is not None:
        raise ArgumentError("Deterministic data have no noise to split off; look at the leave-out error instead.")
    found = replicates(data)
    if not found.dof:
        raise ArgumentError(
            "The noise is unknown, so bias and noise cannot be told apart; state sigma in read, or measure replicates."
        )
    return np.full(len(data), found.std), f"replicates ({found.dof} degrees of freedom)"


def _refits(design: Design, sizes: list[Any], rows: Collapsed, responses: Array, seed: int) -> list[Array | None]:
    """Return the predictions of refits of each size to each response, (rounds, m), or None if one failed."""
    spread = {"sample_weight": rows.weight} if rows.noise_std is None else {"noise_std": rows.noise_std}
    jobs = [
        Job.of(rows.X, y, **spread, groups=rows.groups, at=rows.X, seed=split_seed(seed, k))
        for k, y in enumerate(responses)
    ]
    try:
        with threadpool_limits(1):
            found = np.stack([one.prediction for one in design.sweep(sizes, jobs)], axis=1)
    except InputError:  # a redrawn response has no such transform
        return [None] * len(sizes)
    return [one if np.isfinite(one).all() else None for one in found]


def _misfit(landscape: Landscape, size: Any, sigma2: float, bias2: Array, variance: Array) -> tuple[float, float]:
    """Return what noise, bias² and variance leave of the optimum's mean squared test error, SI, and its error."""
    place = landscape.sizes.index(size)
    tested = (landscape.splits.fold >= 0).any(0)
    prediction = landscape.errors["prediction"].values[place][:, tested]
    losses = ((prediction - landscape.data.y[tested]) ** 2).mean(0)
    return float(losses.mean() - sigma2 - bias2[place] - variance[place]), landscape.standard_error(losses)
