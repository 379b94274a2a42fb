"""`identify`: which parameters these rows identify, and what would identify the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from faradaic._core import ArgumentError, generator
from faradaic.data import Dataset, Spectrum
from faradaic.laws import Circuit, Law

from ._answer import Answer
from ._information import Information, listed
from ._models import Implicit, Simulator
from ._question import Question, informed
from ._result import Identifiability


def identify(
    model: Law | Circuit | Implicit | Simulator | Any,
    data: Dataset | Spectrum,
    information: Information | Sequence[Information] | None = None,
    *,
    start: Mapping[str, float] | None = None,
    level: float = 0.95,
    tolerance: float = 1 / 3,
    intervals: Literal["profile", "student"] = "profile",
    restarts: int = 6,
    seed: int = 0,
    n_jobs: int | None = None,
) -> Identifiability:
    """Say which parameters of a model these rows identify, which only together, and what would settle the rest.

    More rows than the parameters that they feel: least squares, of the response, or of the distances at right angles
    for a relation. As many: the solution. Fewer: no unique answer but with ``information``.

    Parameters
    ----------
    model : Law, function, Circuit, Implicit or Simulator
        A law of `faradaic.laws`; a function ``f(x, ..., a, b, ...)`` of the inputs and then the parameters, written
        with ``jax.numpy``; an equivalent circuit; a relation between the columns; or a function of the parameters that
        predicts all rows.
    data : Dataset or Spectrum
        From `faradaic.read`, one row is enough to ask; or from `faradaic.data.read_impedance` for a circuit, with
        residuals relative to the modulus.
    information : Known, Prior, Bound, Equality, Least, LeastNorm, or sequence of them, optional
        What is known beside the rows.
    start : dict of str to float, optional
        Where the search begins, of a function; default 1 for each.
    level : float
        Of the intervals, between 0 and 1.
    tolerance : float
        Relative standard deviation above which a parameter counts as vague; a third: not three standard deviations
        away from zero.
    intervals : {"profile", "student"}
        By profiles where the model is not linear in its parameters, or by Student's t alone.
    restarts : int
        Searches from different starts, 1 and above.
    seed : int
        Of the starts.
    n_jobs : int, optional
        Workers for the profiles; default what ``joblib.parallel_config`` says, else 1.

    Returns
    -------
    Identifiability

    Raises
    ------
    ArgumentError
        An argument makes no sense with the others.
    FitError
        No start gave a finite answer, or what is known contradicts itself.

    References
    ----------
    Bates & Watts, *Nonlinear Regression Analysis and Its Applications*, 1988, 10.1002/9780470316757.
    Raue et al. 2009, Bioinformatics 25, 1923, 10.1093/bioinformatics/btp358.

    Examples
    --------
    >>> import pandas as pd
    >>> import faradaic as fd
    >>> table = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0], "y": [3.1, 4.9, 7.1, 8.9]})
    >>> found = fd.identify(lambda x, a, c, m: a + c + m * x, fd.read(table, x=["x"], y="y"))
    >>> found.rank, found.identified, found.combinations[0].name
    (2, ('m',), 'a + c')
    >>> print(found.summary().splitlines()[1])
    Of a and c the rows determine only a + c.
    """
    _check(level, tolerance, intervals, restarts)
    question = Question.of(model, data, start)
    known = listed(information, question.problem.names)
    problem, equations, criterion = informed(question.problem, known)
    return Answer(question, problem, known, equations, criterion, level, tolerance).given(
        intervals, restarts, generator(seed, 41), n_jobs
    )


def _check(level: float, tolerance: float, intervals: str, restarts: int) -> None:
    if not 0.0 < level < 1.0:
        raise ArgumentError(f"level must lie between 0 and 1, got {level!r}.")
    if not tolerance > 0:
        raise ArgumentError(f"tolerance must be positive, got {tolerance!r}.")
    if intervals not in ("profile", "student"):
        raise ArgumentError(f"intervals must be 'profile' or 'student', got {intervals!r}.")
    if not (isinstance(restarts, int | np.integer) and restarts >= 1):
        raise ArgumentError(f"restarts must be a whole number of at least 1, got {restarts!r}.")
