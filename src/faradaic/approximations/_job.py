"""Many fits in one call: all sizes of one family on many sets of rows, and what they predict."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.linalg import LinAlgError
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator

from faradaic._core import FitError

from ._rows import Rows

Array = np.ndarray
# what may go wrong in a fit that is the fit's own fault; anything else is a bug and is raised
FIT_FAILURES = (FitError, LinAlgError, FloatingPointError, OverflowError)
Seeded = TypeVar("Seeded", bound=BaseEstimator)


@dataclass(frozen=True, eq=False)
class Job:
    """Rows to train on, points to predict, and the seed of what is random.

    Attributes
    ----------
    rows : Rows
        Checked rows, those of weight zero left out.
    at : array of shape (m, p)
        Where predictions are asked for.
    seed : int
        Becomes every ``random_state`` of the family.
    """

    rows: Rows
    at: Array
    seed: int = 0

    @classmethod
    def of(
        cls,
        X: Array,
        y: Array,
        sample_weight: ArrayLike | None = None,
        *,
        at: Array,
        seed: int = 0,
        noise_std: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        source: ArrayLike | None = None,
    ) -> Job:
        """Check the rows as `Approximation.fit` does; they are finite already."""
        return cls(Rows.checked(X, y, sample_weight, noise_std, groups, source), at, seed)


@dataclass(frozen=True, eq=False)
class Swept:
    """What the fits of s sizes to the rows of one job say.

    Attributes
    ----------
    prediction : array of shape (s, m)
        At the job's points; NaN where the fit failed.
    effective : array of shape (s,)
        Effective parameters.
    seconds : array of shape (s,)
        Time of each fit and its predictions; of fits made together, an equal share.
    reasons : list of str
        Why a fit failed; empty where it did not.
    """

    prediction: Array
    effective: Array
    seconds: Array
    reasons: list[str]

    @classmethod
    def empty(cls, sizes: int, points: int) -> Swept:
        """Return a record to be filled in."""
        return cls(np.full((sizes, points), np.nan), np.full(sizes, np.nan), np.zeros(sizes), [""] * sizes)

    @contextmanager
    def recording(self, k: int) -> Iterator[None]:
        """Time the fit of size number ``k``, and keep the reason if it fails."""
        begin = time.perf_counter()
        try:
            yield
        except FIT_FAILURES as error:
            self.prediction[k], self.effective[k] = np.nan, np.nan
            self.reasons[k] = failure(error)
        finally:
            self.seconds[k] += time.perf_counter() - begin


def failure(error: Exception) -> str:
    """Return the reason of a failed fit in words."""
    return str(error) if isinstance(error, FitError) else f"{type(error).__name__}: {error}"


def seeded(design: Seeded, seed: int) -> Seeded:
    """Return the design with every ``random_state`` in it set to ``seed``."""
    names = [name for name in design.get_params(deep=True) if name.split("__")[-1] == "random_state"]
    return design.set_params(**dict.fromkeys(names, seed)) if names else design


def one_by_one(at_size: Callable[[Any], Any], sizes: Sequence[Any], job: Job) -> Swept:
    """Fit every size to the rows of one job, one after the other."""
    found = Swept.empty(len(sizes), len(job.at))
    for k, size in enumerate(sizes):
        with found.recording(k):
            model = seeded(at_size(size), job.seed).fit_rows(job.rows)
            with np.errstate(over="ignore", invalid="ignore"):
                found.prediction[k], found.effective[k] = model._predict(job.at), model.effective_parameters_
    return found
