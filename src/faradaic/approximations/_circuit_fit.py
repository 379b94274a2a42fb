"""Circuits fitted to spectra, one or many in one call, with intervals and with failures that stay failures."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError, InputError, joined, plural
from faradaic.laws.circuits import Circuit

from ._batched_search import STOPS
from ._circuit_problem import Outcome, Problem, intervals, solved
from ._circuit_result import CircuitFit, Weighting

Array = np.ndarray

_LEVEL = 0.95
_BLANK = {"b": False, "i": 0, "c": np.nan + 0j}  # what stands where there is no result


def fit_circuit(
    circuit: Circuit | str,
    frequency: ArrayLike,
    Z: ArrayLike,
    weighting: Weighting = "modulus",
    start: ArrayLike | Mapping[str, float] | None = None,
    *,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    restarts: int = 16,
    seed: int = 0,
) -> CircuitFit:
    r"""Fit a circuit to one spectrum, or to many in one call.

    The weighted squares of the complex residuals are minimised by Levenberg and Marquardt's method in the logarithms of
    the positive parameters, for all spectra and starts at once. Starts come from the data; two must agree before the
    search ends. Units of one build, such as two ``p(R,CPE)``, come out with the faster first, unless bounds tell them
    apart. The size of the noise is estimated from the residuals in every weighting.

    Parameters
    ----------
    circuit : Circuit or str
        For example ``"R0-p(R1,CPE1)-W1"``.
    frequency : array of shape (m,)
        Hz, positive.
    Z : array of shape (m,) or (k, m), complex
        One or many spectra, ohm, with a negative imaginary part where the response is capacitive.
    weighting : {"modulus", "unit", "estimated"}
        ``"modulus"``: noise proportional to the measured modulus. ``"unit"``: equal noise at all frequencies.
        ``"estimated"``: noise proportional to the modulus of the fit, which is reweighted until it settles; the noise
        in the data then does not bias the weights.
    start : array of shape (p,) or (k, p), or mapping, optional
        First guess; it is followed beside the starts from the data, so a wrong one does no harm.
    bounds : mapping of name to (low, high), optional
        Narrower bounds; equal ones hold a parameter. Default: 0 to 1 for exponents, and six decades beyond what the
        data can show for the others.
    restarts : int
        Most starts that are followed for each spectrum.
    seed : int
        Seed of the time constants that are drawn for the starts.

    Returns
    -------
    CircuitFit
        With intervals of 95 %; `CircuitFit.at_level` gives others.

    Raises
    ------
    InputError
        The spectra have fewer rows than the circuit has parameters, or shapes that do not fit.
    ArgumentError
        An argument has a value outside what is accepted.

    References
    ----------
    Boukamp, Solid State Ionics 20 (1986) 31, 10.1016/0167-2738(86)90031-7 (complex least squares of circuits);
    Marquardt, SIAM J. Appl. Math. 11 (1963) 431, 10.1137/0111030 (the search);
    Zoltowski, J. Electroanal. Chem. 178 (1984) 11, 10.1016/S0022-0728(84)80019-4 (weighting by the modulus).

    Examples
    --------
    >>> import numpy as np
    >>> from faradaic.approximations import fit_circuit
    >>> from faradaic.laws.circuits import Circuit
    >>> circuit, frequency = Circuit("R0-p(R1,CPE1)"), np.logspace(-1, 5, 40)
    >>> Z = circuit(frequency, [10.0, 90.0, 1e-4, 0.85])
    >>> noise = np.random.default_rng(0).normal(size=(2, 40))
    >>> fit = fit_circuit(circuit, frequency, Z + 0.01 * np.abs(Z) * (noise[0] + 1j * noise[1]))
    >>> {name: round(float(value), 2) for name, value in fit.parameters.items()}
    {'R0': 10.01, 'R1': 89.72, 'CPE1_Q': 0.0, 'CPE1_alpha': 0.85}
    >>> bool(((fit.lower < [10.0, 90.0, 1e-4, 0.85]) & (fit.upper > [10.0, 90.0, 1e-4, 0.85])).all())
    True
    """
    began = time.perf_counter()
    circuit = Circuit(circuit) if isinstance(circuit, str) else circuit
    frequency, spectra, single = _checked(circuit, frequency, Z)
    _check_choices(weighting, restarts, seed)
    usable = np.asarray((np.isfinite(spectra) & (np.abs(spectra) > 0)).all(axis=1))
    given = _given(circuit, start, len(spectra))
    problem = Problem.made(circuit, frequency, spectra[usable], weighting, bounds)
    problem, outcome = solved(problem, None if given is None else given[usable], restarts, seed)
    return _gathered(problem, outcome, spectra, usable, single, began)


def _checked(circuit: Circuit, frequency: ArrayLike, Z: ArrayLike) -> tuple[Array, Array, bool]:
    frequency, Z = np.asarray(frequency, dtype=np.float64), np.asarray(Z, dtype=np.complex128)
    if frequency.ndim != 1 or Z.ndim not in (1, 2) or Z.shape[-1] != len(frequency) or not Z.size:
        raise InputError(
            f"frequency must have shape (m,) and Z (m,) or (k, m), got {frequency.shape} and {Z.shape}; "
            "give one frequency for each point of a spectrum."
        )
    if not ((frequency > 0) & np.isfinite(frequency)).all():
        raise InputError("frequency must be positive and finite, in Hz; leave out the other points.")
    if 2 * len(frequency) <= circuit.count:
        raise InputError(
            f"{plural(len(frequency), 'point')} give {2 * len(frequency)} rows, too few for the "
            f"{plural(circuit.count, 'parameter')} of {circuit}; measure more, or take a smaller circuit."
        )
    return frequency, np.atleast_2d(Z), Z.ndim == 1


def _check_choices(weighting: str, restarts: int, seed: int) -> None:
    if weighting not in get_args(Weighting):
        known = joined(map(repr, get_args(Weighting)), "or")
        raise ArgumentError(f"weighting must be {known}, got {weighting!r}.")
    if isinstance(restarts, bool) or not isinstance(restarts, int) or restarts < 1:
        raise ArgumentError(f"restarts must be a positive integer, got {restarts!r}.")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ArgumentError(f"seed must be an integer of at least 0, got {seed!r}.")


def _given(circuit: Circuit, start: ArrayLike | Mapping[str, float] | None, k: int) -> Array | None:
    if start is None:
        return None
    theta = circuit.as_theta(start) if isinstance(start, Mapping) else np.asarray(start, dtype=np.float64)
    if theta.shape not in ((circuit.count,), (k, circuit.count)):
        raise ArgumentError(
            f"start must have shape ({circuit.count},) or ({k}, {circuit.count}) for {joined(circuit.names)}, "
            f"got {theta.shape}."
        )
    if not (np.isfinite(theta).all() and (theta[..., circuit.logarithmic] > 0).all()):
        raise ArgumentError(f"start must be finite, and positive but for exponents; got {theta.tolist()}.")
    return np.broadcast_to(theta, (k, circuit.count))


def _gathered(
    problem: Problem, outcome: Outcome, spectra: Array, usable: Array, single: bool, began: float
) -> CircuitFit:
    """Put the results of the usable spectra at their places, and reasons at the places of the others."""
    k = len(spectra)
    failures = {int(i): "the spectrum holds a point that is zero or not finite" for i in np.flatnonzero(~usable)}
    stops = np.where(usable, "", "not fitted").astype(object)
    places = np.flatnonzero(usable)
    stops[places] = [STOPS[code] for code in outcome.found.stop]
    good = outcome.found.converged
    for place, code in zip(places[~good], outcome.found.stop[~good], strict=True):
        failures[int(place)] = f"no start of {int(outcome.starts.max())} converged; the best {STOPS[code]}"
    statistics = intervals(problem, outcome.found, _LEVEL)
    filled: dict[str, Array] = {}
    for name, value in statistics.items():
        whole = np.full((k, *value.shape[1:]), _BLANK.get(value.dtype.kind, np.nan), dtype=value.dtype)
        whole[places[good]] = value[good]
        filled[name] = whole[0] if single else whole
    counts = {"agreeing": np.zeros(k, dtype=int), "starts": np.zeros(k, dtype=int)}
    counts["agreeing"][places], counts["starts"][places] = outcome.agreeing, outcome.starts
    return CircuitFit(
        circuit=problem.circuit,
        frequency=problem.frequency,
        weighting=problem.weighting,
        level=_LEVEL,
        **filled,
        stop=tuple(map(str, stops)),
        **{name: value[0] if single else value for name, value in counts.items()},
        failures=dict(sorted(failures.items())),
        seconds=time.perf_counter() - began,
    )
