"""Was anything learned? The whole procedure again, on responses that were shuffled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError, FitError, generator, number, plural, run_all
from faradaic.data import Dataset
from faradaic.landscape import explore

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class PermutationTest:
    """Errors of a whole procedure on the responses as they are, and on shuffled ones.

    Attributes
    ----------
    error : float
        Outer error of the procedure, in ``unit``.
    shuffled : array of shape (k,)
        The same on shuffled responses; NaN where the procedure failed.
    unit : str
    p_value : float
        Probability of so small an error, or a smaller one, if the inputs tell nothing: (1 + number of shuffles that
        are as good) / (1 + k). Shuffles that failed count as as good.
    label : str
        What was chosen on the responses as they are.
    failures : tuple of str
        Reasons of shuffles that failed.
    """

    error: float
    shuffled: Array
    unit: str
    p_value: float
    label: str
    failures: tuple[str, ...] = ()

    def learned(self, level: float = 0.05) -> bool:
        """Return whether chance would do so well with a probability of at most ``level``."""
        return self.p_value <= level

    def summary(self) -> str:
        """Return the verdict in words."""
        usual = float(np.nanmedian(self.shuffled)) if np.isfinite(self.shuffled).any() else float("nan")
        verdict = "something was learned" if self.learned() else "nothing was learned that chance would not do as well"
        lost = f" ({plural(len(self.failures), 'shuffle')} failed)" if self.failures else ""
        return (
            f"Error {number(self.error)} {self.unit}".rstrip()
            + f" by {self.label}, {number(usual)} on shuffled responses (median of {len(self.shuffled)}{lost}): "
            f"p = {number(self.p_value, 2)}, {verdict}."
        )

    def __str__(self) -> str:
        return self.summary()


def permutation_test(
    data: Dataset,
    designs: Sequence[Any],
    *,
    permutations: int = 99,
    within: ArrayLike | None = None,
    seed: int = 0,
    n_jobs: int | None = None,
    **exploring: Any,
) -> PermutationTest:
    """Ask whether a procedure that chooses among designs and features learned anything at all.

    The procedure, `faradaic.explore` with outer splits, sees responses shuffled among the rows, again and again; the
    choice of design, size and features is made anew each time. What it reaches there is what chance gives.

    Parameters
    ----------
    data : Dataset
        One row for each group, or no groups: rows of one group cannot be shuffled apart.
    designs : sequence of Approximation or Design
        As in `faradaic.explore`.
    permutations : int
        How many shuffles; the smallest p-value is 1/(1 + permutations).
    within : array of shape (n,), optional
        Labels; responses are shuffled among rows of one label only. The question is then whether the inputs tell more
        than the label does.
    seed : int
        Same seed, same result.
    n_jobs : int, optional
        Workers.
    **exploring
        Arguments of `faradaic.explore`: splits, outer, measure.

    Returns
    -------
    PermutationTest

    Raises
    ------
    ArgumentError
        A group has several rows, or the numbers make no sense.
    FitError
        The procedure failed on the responses as they are.

    References
    ----------
    Ojala & Garriga 2010, J. Mach. Learn. Res. 11, 1833; Phipson & Smyth 2010, 10.2202/1544-6115.1585 (the added one).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> import faradaic as fd
    >>> from faradaic.approximations import Polynomial
    >>> x = np.linspace(0.0, 1.0, 12)
    >>> data = fd.read(pd.DataFrame({"x": x, "y": 2.0 * x}), x=["x"], y="y", sigma=0.1)
    >>> permutation_test(data, [Polynomial()], permutations=9, outer=3, splits=3).p_value
    0.1
    """
    if isinstance(permutations, bool) or not isinstance(permutations, int) or permutations < 1:
        raise ArgumentError(f"permutations must be a whole number of at least 1, got {permutations!r}.")
    if data.groups is not None and len(np.unique(data.groups)) < len(data):
        raise ArgumentError("Rows of one group cannot be shuffled apart; keep one row for each group.")
    labels = np.zeros(len(data)) if within is None else np.asarray(within)
    if labels.shape != (len(data),):
        raise ArgumentError(f"within must hold one label for each of the {len(data)} rows, got shape {labels.shape}.")
    if exploring.get("outer", 5) is None:
        raise ArgumentError("The test judges by outer splits; give outer a number of at least 2.")
    options: dict[str, Any] = {"seed": seed, "n_jobs": 1} | exploring
    found = explore(data, designs, **options)
    assert found.outer is not None
    if found.outer.failures:
        raise FitError(f"the procedure failed on the responses as they are: {found.outer.failures[0]}")
    tasks = [
        partial(_shuffled_error, _shuffled(data, labels, generator(seed, 11, k)), designs, options)
        for k in range(permutations)
    ]
    done = run_all(tasks, n_jobs)
    reasons = tuple(one for one in done if isinstance(one, str))
    errors = np.array([np.nan if isinstance(one, str) else one for one in done])
    as_good = int((errors <= found.outer.rmse).sum()) + len(reasons)
    return PermutationTest(
        error=found.outer.rmse,
        shuffled=errors,
        unit=found.unit,
        p_value=(1 + as_good) / (1 + permutations),
        label=found.selection.label,
        failures=reasons,
    )


def _shuffled(data: Dataset, labels: Array, rng: np.random.Generator) -> Dataset:
    order = np.arange(len(data))
    for label in np.unique(labels):
        mine = np.flatnonzero(labels == label)
        order[mine] = rng.permutation(mine)
    return replace(data, y=data.y[order], noise=data.noise[order])


def _shuffled_error(data: Dataset, designs: Sequence[Any], options: dict[str, Any]) -> float | str:
    try:
        found = explore(data, designs, **options)
    except (FitError, ArgumentError) as error:
        return str(error)
    assert found.outer is not None
    return found.outer.failures[0] if found.outer.failures else found.outer.rmse
