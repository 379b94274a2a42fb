"""Which designs an exploration tries, from the plain to the flexible, one rung after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from faradaic import laws
from faradaic.approximations import (
    CoKriging,
    Design,
    GaussianProcess,
    Identity,
    LawRegressor,
    Log,
    Network,
    Polynomial,
    RandomFeatures,
    Spline,
    SquareRoot,
    Transform,
    transform,
)
from faradaic.data import Dataset

from ._measure import Measure

# a tensor product of splines is swept up to so many inputs; beyond, its smallest member has too many parameters
SPLINE_INPUTS = 3


@dataclass(frozen=True)
class Rung:
    """Designs that are tried together.

    Attributes
    ----------
    name : str
        What they have in common.
    designs : callable
        Given the response transforms in order of success so far, the designs.
    """

    name: str
    designs: Callable[[Sequence[Transform]], Sequence[Design]]


def response_transforms(data: Dataset, measure: Measure) -> tuple[Transform, ...]:
    """Return the response coordinates worth trying: logarithm and square root where all responses are positive."""
    if not (data.y > 0).all():
        return (Identity(),)
    if measure.name == "relative":
        return (Log(),)
    return (Log(), SquareRoot(), Identity())


def ladder(data: Dataset, measure: Measure) -> tuple[Rung, ...]:
    """Return the rungs for a data set.

    1. known laws of the right dimensions, and polynomials, in each response coordinate;
    2. splines (up to three inputs) and Gaussian processes;
    3. networks, rougher Gaussian processes and random features, in the response coordinates that did best so far.

    Inputs are taken in their natural coordinate (`faradaic.laws.natural_transforms`).

    Of a stack with a target the first two rungs are one, and co-kriging stands on it: whether the other sources help
    is asked even where the target's own rows seem to be enough.
    """
    x = tuple(transform(name) for name in laws.natural_transforms(data.inputs))

    def plain(order: Sequence[Transform]) -> list[Design]:
        return [*_law_designs(data, measure), *(Design(Polynomial(), x, y) for y in order)]

    def smooth(order: Sequence[Transform]) -> list[Design]:
        splines = [Design(Spline(), x, y) for y in order[:2]] if data.n_features <= SPLINE_INPUTS else []
        return [*splines, *(Design(GaussianProcess(kernel="rbf"), x, y) for y in order)]

    def flexible(order: Sequence[Transform]) -> list[Design]:
        best = order[0]
        return [
            *(Design(GaussianProcess(kernel=kernel), x, best) for kernel in ("matern52", "matern32")),
            Design(Network(activation="tanh"), x, best),
            Design(Network(activation="softplus"), x, best),
            Design(RandomFeatures(), x, best),
        ]

    def fused(order: Sequence[Transform]) -> list[Design]:
        together = [*(Design(CoKriging(kernel="rbf"), x, y) for y in order), Design(CoKriging(), x, order[0])]
        return [*plain(order), *smooth(order), *together]

    last = Rung("flexible forms", flexible)
    if data.target is not None and len(data.sources) > 1:
        return (Rung("laws, smooth free forms and co-kriging", fused), last)
    return (Rung("laws and polynomials", plain), Rung("smooth free forms", smooth), last)


def _law_designs(data: Dataset, measure: Measure) -> list[Design]:
    residuals = "log" if measure.name == "relative" else "absolute"
    return [
        Design(LawRegressor(len(h.laws) - 1, h.laws, inputs=h.inputs, residuals=residuals))
        for h in laws.hierarchies(data.inputs, data.response)
    ]
