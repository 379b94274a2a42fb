"""Where the search for the parameters of a circuit starts: taken from the data, for many spectra at once.

Time constants are drawn over the window of frequencies, with exponents and the shares of parts inside a branch. For
each draw, how much of every part of the circuit the data hold is solved for, non-negative: the high-frequency
intercept, the widths of arcs and the low-frequency tail come out of this. The draws that leave least are the starts,
one from each of many groups: starts that are independent, so that several that end at one optimum say something.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from faradaic.laws.circuits import Circuit, Leaf, Parallel, Series

Array = np.ndarray
Node = Leaf | Series | Parallel

_SWEEPS = 6  # over the parts, after the unconstrained solution
_LEAST_SHARE = 1e-4  # of the modulus: a part that the data seem not to hold still has to be somewhere
_MOST_PAIRS = 300_000  # of spectra and draws that are judged at once
_FEWEST_DRAWS, _MOST_DRAWS = 200, 3000


@dataclass(frozen=True)
class _Window:
    low: float  # shortest and longest time constant that the frequencies can see, s
    high: float


def starts(circuit: Circuit, frequency: Array, Z: Array, weight: Array, number: int, random: Generator) -> Array:
    """Return starts, best first, shape (k, number, p).

    Parameters
    ----------
    circuit : Circuit
    frequency : array of shape (m,)
        Hz.
    Z, weight : arrays of shape (k, m)
        Spectra, and weights of their residuals.
    number : int
        Starts for each spectrum.
    random : numpy.random.Generator
    """
    omega = 2 * np.pi * frequency
    window = _Window(0.5 / omega.max(), 2.0 / omega.min())
    draws = int(np.clip(_MOST_PAIRS // len(Z), max(_FEWEST_DRAWS, 12 * number), max(_MOST_DRAWS, 12 * number)))
    drawn = np.concatenate(_drawn(circuit.tree, np.ones(draws), window, random), axis=1)
    parts = _parts(circuit)
    columns = []
    for part, place in parts:
        z = Circuit.from_tree(part)(frequency, drawn[:, place])
        columns.append(1.0 / z if isinstance(circuit.tree, Parallel) else z)
    if isinstance(circuit.tree, Parallel):  # branches add in their admittance; the residual is carried over
        target, weight = 1.0 / Z, weight * np.abs(Z) ** 2
    else:
        target = Z
    share, left = _shares(np.stack(columns, axis=1), target, weight)
    order = _best_of_groups(left, number)
    best = drawn[order]
    share = np.take_along_axis(share, order[:, :, None], axis=1)
    if isinstance(circuit.tree, Parallel):
        share = 1.0 / share
    for j, (_, place) in enumerate(parts):
        best[:, :, place] *= share[:, :, j, None] ** circuit.scaling[place]
    return best


def _best_of_groups(left: Array, number: int) -> Array:
    """Return the places of the best draw of each of ``number`` groups, best first, shape (k, number)."""
    k, draws = left.shape
    size = draws // number
    best = left[:, : size * number].reshape(k, number, size).argmin(axis=2) + size * np.arange(number)
    order = np.argsort(np.take_along_axis(left, best, axis=1), axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1)


def _parts(circuit: Circuit) -> list[tuple[Node, slice]]:
    """Return the parts whose sizes enter linearly, with the places of their parameters."""
    tree = circuit.tree
    parts, at = [], 0
    for part in (tree,) if isinstance(tree, Leaf) else tree.parts:
        count = Circuit.from_tree(part).count
        parts.append((part, slice(at, at + count)))
        at += count
    return parts


def _drawn(node: Node, size: Array, window: _Window, random: Generator) -> list[Array]:
    """Return parameters of a node of about this modulus, one array (draws, count) for each element."""
    if isinstance(node, Leaf):
        return [_drawn_element(node, size, window, random)]
    found = []
    for part in node.parts:
        spread = 0.25 if isinstance(node, Parallel) else 0.6
        found += _drawn(part, size * 10 ** random.normal(0.0, spread, len(size)), window, random)
    return found


def _drawn_element(leaf: Leaf, size: Array, window: _Window, random: Generator) -> Array:
    n = len(size)
    tau = np.exp(random.uniform(np.log(window.low), np.log(window.high), n))
    exponent = random.uniform(0.5, 1.0, (2, n))
    symbol = leaf.element.symbol
    if symbol == "L":  # inductance is what the highest frequencies show
        tau = np.where(random.random(n) < 0.7, window.low * 10 ** random.uniform(-1.5, 1.0, n), tau)
    columns = {
        "R": [size],
        "C": [tau / size],
        "L": [tau * size],
        "CPE": [tau ** exponent[0] / size, exponent[0]],
        "W": [size / np.sqrt(tau)],
        "Zarc": [size, tau, exponent[0]],
        "HN": [size, tau, exponent[0], exponent[1]],
    }.get(symbol, [size, tau])
    return np.column_stack(columns)


def _shares(columns: Array, target: Array, weight: Array) -> tuple[Array, Array]:
    """Return non-negative sizes (k, draws, parts) of columns (draws, parts, m) and what they leave (k, draws)."""
    draws, parts, m = columns.shape
    square = weight**2
    modulus = np.abs(columns).max(axis=2)
    gram = np.empty((len(target), draws, parts, parts))
    for i in range(parts):
        for j in range(i, parts):
            product = np.real(columns[:, i] * columns[:, j].conj())
            gram[:, :, i, j] = gram[:, :, j, i] = square @ product.T
    flat = columns.conj().reshape(draws * parts, m)
    right = np.real((square * target) @ flat.T).reshape(len(target), draws, parts)
    diagonal = np.einsum("kdpp->kdp", gram)
    least = _LEAST_SHARE * np.abs(target).max(axis=1)[:, None, None] / modulus
    ridged = gram.copy()
    ridged[..., np.arange(parts), np.arange(parts)] *= 1 + 1e-9  # two parts of one shape
    share = np.maximum(np.linalg.solve(ridged, right[..., None])[..., 0], least)
    for _ in range(_SWEEPS):
        for j in range(parts):
            residual = right[:, :, j] - np.einsum("kdp,kdp->kd", gram[:, :, j], share)
            share[:, :, j] = np.maximum(share[:, :, j] + residual / diagonal[:, :, j], least[:, :, j])
    left = np.einsum("kdp,kdpq,kdq->kd", share, gram, share) - 2 * np.einsum("kdp,kdp->kd", share, right)
    left = np.where(np.isfinite(left), left + (square * np.abs(target) ** 2).sum(axis=1)[:, None], np.inf)
    return share, left
