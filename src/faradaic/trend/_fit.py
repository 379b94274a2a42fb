"""`fit`: from a choice and the data to the trend."""

from __future__ import annotations

from functools import cache
from typing import Any

from sklearn.base import clone

from faradaic._core import ArgumentError
from faradaic.approximations import Approximation, Design
from faradaic.data import Dataset, check_enough, collapse
from faradaic.landscape import Exploration, Selection, fitted

from ._domain import Domain
from ._quality import quality_of
from ._trend import Trend


def fit(what: Selection | Exploration | Approximation, data: Dataset) -> Trend:
    """Fit the chosen design, or one that is given, to all rows.

    Of a stack with a target (`faradaic.data.stack`) the quality and the domain of the trend are those of the target's
    rows, and only a family that tells sources apart is fitted to the others as well.

    Parameters
    ----------
    what : Selection, Exploration, or Approximation
        What `Landscape.select` or `faradaic.explore` returned, or a family or `Design` at the wanted size.
    data : Dataset
        The observations.

    Returns
    -------
    Trend

    Raises
    ------
    FitError
        The fit did not succeed; the message is the reason.
    InputError
        There is only one row, or the response never changes.
    ArgumentError
        ``what`` is none of these.

    Examples
    --------
    >>> import faradaic as fd
    >>> from faradaic.approximations import Design, Log, Polynomial, Reciprocal
    >>> data = fd.data.example("stochastic")
    >>> trend = fd.fit(Design(Polynomial(degree=1), x=Reciprocal(), y=Log()), data)
    >>> trend.label
    'polynomial of ln D in 1/T'
    """
    selection = what.selection if isinstance(what, Exploration) else what
    words = ""
    if isinstance(selection, Selection):
        design, words = selection.design, selection.summary()
    elif isinstance(selection, Approximation):
        design = selection if isinstance(selection, Design) else Design(selection)
    else:
        raise ArgumentError(f"fit takes a selection, an exploration, or an approximation, got {type(what).__name__}.")
    check_enough(data, fewest=2)  # so few that there is no interval are said to be
    model = fitted(clone(design), data)
    judged = data.judged
    conditions = len(collapse(judged.X, judged.y, noise_std=judged.noise_std, groups=judged.groups).y)
    return Trend(
        design=model,  # pyright: ignore[reportArgumentType]
        data=data if model.models_sources else judged,
        domain=Domain.of(judged.X, judged.groups),
        quality=quality_of(model, judged, conditions, words),  # pyright: ignore[reportArgumentType]
        provenance=_provenance(data),
    )


def _provenance(data: Dataset) -> dict[str, Any]:
    import faradaic

    return {
        "faradaic": faradaic.__version__,
        "versions": dict(_versions()),
        "data": data.fingerprint,
        "sources": [f"{source.name}: {source.reliability!r}" for source in data.sources],
    }


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    """Return what the numbers depend on; reading it from disk takes longer than a small fit."""
    from importlib.metadata import version

    return tuple((name, version(name)) for name in ("numpy", "scipy", "scikit-learn", "jax"))
