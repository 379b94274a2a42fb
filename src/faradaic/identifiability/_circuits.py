"""What is special about circuits: what their structure hides, and simpler ones that fit as well."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import comb

import numpy as np

from faradaic._core import number
from faradaic.approximations import fit_circuit, kramers_kronig
from faradaic.data import Spectrum
from faradaic.laws.circuits import Circuit, Series, redundancies

from ._problem import CircuitProblem, Problem
from ._reduced import aicc

Array = np.ndarray
AS_GOOD = 2.0  # difference of Akaike's criterion up to which the rows do not tell two models apart
MOST_CIRCUITS = 50
FEWEST_POINTS = 10  # of a spectrum that can be tested by the relations of Kramers and Kronig


def structure(problem: Problem) -> tuple[str, ...]:
    """Return what no spectrum at all could tell of a circuit, and whether any circuit can give such a spectrum.

    In sentences; none for anything else.
    """
    if not isinstance(problem, CircuitProblem):
        return ()
    found = redundancies(problem.circuit)
    said = [one.sentence for one in found.found if one.kind != "limit"]
    if found.lost:
        said.append(f"The same spectra with fewer parameters: {found.simplified}.")
    if len(problem.Z) >= FEWEST_POINTS:
        said.append(kramers_kronig(Spectrum(problem.frequency, problem.Z)).verdict)
    return tuple(said)


def smaller(circuit: Circuit) -> Iterator[Circuit]:
    """Yield the circuits that lack some of the elements or units in series.

    Examples
    --------
    >>> [str(one) for one in smaller(Circuit("R0-p(R1,C1)-W1"))]
    ['R0', 'p(R1,C1)', 'W1', 'R0-p(R1,C1)', 'R0-W1', 'p(R1,C1)-W1']
    """
    parts = [str(part) for part in circuit.tree.parts] if isinstance(circuit.tree, Series) else []
    for count in range(1, len(parts)):
        if comb(len(parts), count) <= MOST_CIRCUITS:
            for some in combinations(parts, count):
                yield Circuit("-".join(some))


def simplest(problem: CircuitProblem) -> tuple[Circuit, float, float]:
    """Return the simplest circuit that fits as well, made by leaving out elements or units in series.

    Returns
    -------
    circuit : Circuit
        With the fewest parameters of those whose criterion of Akaike lies within 2 of the lowest.
    gained : float
        By how much its criterion is lower than that of the whole circuit.
    size : float
        Relative size of the residuals that it leaves.

    References
    ----------
    Burnham & Anderson, *Model Selection and Multimodel Inference*, 2002, section 2.6, 10.1007/b97636.
    """
    tried = {one: _criterion(problem, one) for one in (problem.circuit, *smaller(problem.circuit))}
    lowest = min(found[0] for found in tried.values())
    close = [one for one, found in tried.items() if found[0] <= lowest + AS_GOOD]
    best = min(close, key=lambda one: (one.count, tried[one][0]), default=problem.circuit)
    return best, tried[problem.circuit][0] - tried[best][0], tried[best][1]


def _criterion(problem: CircuitProblem, circuit: Circuit) -> tuple[float, float]:
    found = fit_circuit(circuit, problem.frequency, problem.Z)
    if found.failures:
        return float("inf"), float("nan")
    return aicc(problem, float(found.chi_square), circuit.count), float(found.noise)


def simpler(problem: Problem, wanted: bool) -> tuple[str, ...]:
    """Return the sentence that proposes a simpler circuit, where one is wanted and fits as well."""
    if not (wanted and isinstance(problem, CircuitProblem)) or redundancies(problem.circuit).lost:
        return ()  # what the structure hides has a simpler circuit of its own
    found, gained, size = simplest(problem)
    if found is problem.circuit:
        return ()
    by = f", Akaike's criterion {'lower' if gained > 0 else 'higher'} by {number(abs(gained))}"
    return (
        f"the reduced circuit {found}, which fits as well with {found.count} parameters (residuals of "
        f"{number(100 * size)} %{by if np.isfinite(gained) else ''})",
    )
