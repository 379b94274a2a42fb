"""Weighted residuals of many networks of one build, and where their training starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ._feed_forward import Array, Forward
from ._levenberg_marquardt import Minima, Point, levenberg_marquardt

# rows are filled up to a multiple, so that sets of a few rows more or less are trained together
_MULTIPLE = 8
# bytes of one batch: beyond the cache nothing is gained
_MOST_BYTES = 2**22
_HELD_BYTES = 2**25 - 2**16  # just below the largest block that glibc learns from


class Table(NamedTuple):
    """Standardised rows of one fit: inputs (n, p), response (n,), and the root of each row's weight (n,)."""

    X: Array
    y: Array
    root: Array


class Rows(NamedTuple):
    """Rows of b networks: inputs (b, p, n), response (b, n), root of the weight (b, n), root of the decay (b, count).

    A row that only fills up has the weight zero.
    """

    X: Array
    y: Array
    root: Array
    decay: Array

    @classmethod
    def of(cls, tables: Sequence[Table], n: int, penalty: float, count: int) -> Rows:
        """Fill tables up to ``n`` rows and stack them."""
        X, y, root = np.zeros((len(tables), tables[0].X.shape[1], n)), *np.zeros((2, len(tables), n))
        for k, table in enumerate(tables):
            m = len(table.y)
            X[k, :, :m], y[k, :m], root[k, :m] = table.X.T, table.y, table.root
        return cls(X, y, root, decay_of(tables, penalty, count))


def decay_of(tables: Sequence[Table], penalty: float, count: int) -> Array:
    """Return the roots of the decay of the weights, (tables, count); it does not hold the offset of the output."""
    decay = np.repeat(np.sqrt([[len(table.y) * penalty] for table in tables]), count, axis=1)
    decay[:, -1] = 0.0
    return decay


def floor_of(table: Table) -> float:
    """Return half the sum of squares at a root-mean-square residual of 1e-12 of the spread."""
    return 0.5 * len(table.y) * 1e-24


@dataclass(frozen=True)
class NetworkProblem:
    """A network's residuals; the penalty enters as further ones.

    ``by_rows``: the system has the size of the rows, and the Jacobian is never formed; for more parameters than rows.
    """

    layers: tuple[tuple[int, int], ...]
    activation: str
    penalised: bool
    by_rows: bool

    @property
    def count(self) -> int:
        """Weights and offsets."""
        return sum((i + 1) * o for i, o in self.layers)

    def settled(self, rows: Rows, theta: Array) -> Array:
        """Return the weights as they are."""
        return theta

    def linearised(self, rows: Rows, theta: Array) -> Point:
        """Return where b networks stand."""
        forward = Forward(rows.X.mT, theta, self.layers, self.activation)
        r = rows.root * (forward.output - rows.y)
        cost = 0.5 * (r[:, None, :] @ r[:, :, None])[:, 0, 0]
        if self.by_rows:
            xp = r.__array_namespace__()
            ones = xp.ones_like(r[:, None, :])
            inputs = (xp.concatenate([h, ones], axis=1) for h in forward.inputs)
            back = (r, *inputs, *forward.sensitivities(rows.root))
            return Point(cost, self.transposed(back, r), self._gram_of_rows(back), back)
        J = forward.jacobian(rows.root).mT
        gradient, gram = (J @ r[:, :, None])[:, :, 0], J @ J.mT
        if self.penalised:
            pull = rows.decay * theta
            cost = cost + 0.5 * (pull[:, None, :] @ pull[:, :, None])[:, 0, 0]
            xp = theta.__array_namespace__()
            gradient, gram = gradient + rows.decay * pull, gram + rows.decay[:, None, :] ** 2 * xp.eye(self.count)
        return Point(cost, gradient, gram)

    def _gram_of_rows(self, back: tuple[Array, ...]) -> Array:
        """Return JJᵀ (b, n, n), layer by layer."""
        depth = len(self.layers)
        block = back[depth] * back[-1]  # J of the output layer
        gram = block.mT @ block
        for h, delta in zip(back[1:depth], back[1 + depth : -1], strict=True):
            product = h.mT @ h
            product *= delta.mT @ delta
            gram += product
        return gram

    def transposed(self, back: tuple[Array, ...], v: Array) -> Array:
        """Return Jᵀ v of each network, (b, count)."""
        xp, depth = v.__array_namespace__(), len(self.layers)
        layers = zip(back[1 : 1 + depth], back[1 + depth :], strict=True)
        blocks = [(h @ (delta * v[:, None, :]).mT).reshape(len(v), -1) for h, delta in layers]
        return xp.concatenate(blocks, axis=1)


def random_start(layers: Sequence[tuple[int, int]], rng: np.random.Generator) -> Array:
    """Return random weights whose units bend inside the (standardised) data; the output starts small."""
    blocks = []
    for k, (i, o) in enumerate(layers):
        W = rng.normal(size=(i + 1, o)) / np.sqrt(max(i, 1))
        if k < len(layers) - 1:
            W[:i] *= 1.5
            W[i] = rng.uniform(-2.0, 2.0, size=o)
        else:
            W[i] = 0.0
        blocks.append(W.ravel())
    return np.concatenate(blocks)


def trained(
    layers: Sequence[tuple[int, int]],
    activation: str,
    penalty: float,
    tables: Sequence[Table],
    starts: Sequence[Sequence[Array]],
    iterations: int,
) -> list[Minima]:
    """Train a network to each table from each of its starts, and return where these trainings ended, table by table.

    Tables of nearly as many rows are trained in one batch, which does not change what becomes of each.
    """
    # Until one large block has been freed, glibc hands memory back after every step and pages it in anew at the next,
    # which takes as long as the work itself.
    np.empty(_HELD_BYTES, dtype=np.uint8)
    members = [(j, start) for j, some in enumerate(starts) for start in some]
    count = len(members[0][1])
    kind = [_kind(len(tables[j].y), count, penalty) for j, _ in members]
    parts, places = [], []
    for n, by_rows in sorted(set(kind)):
        problem = NetworkProblem(tuple(layers), activation, penalty > 0, by_rows)
        alike = [k for k, each in enumerate(kind) if each == (n, by_rows)]
        some = max(1, _MOST_BYTES // _bytes(problem, n))
        for k in range(0, len(alike), some):
            places += alike[k : k + some]
            chunk = [members[place] for place in alike[k : k + some]]
            given = [tables[j] for j, _ in chunk]
            floor = np.array([floor_of(table) for table in given])
            start = np.stack([each for _, each in chunk])
            rows = Rows.of(given, n, penalty, count)
            parts.append(levenberg_marquardt(problem, rows, start, floor, iterations=iterations))
    found = Minima.joined(parts).part(np.argsort(places))
    owner = np.array([j for j, _ in members])
    return [found.part(owner == j) for j in range(len(tables))]


def _kind(n: int, count: int, penalty: float) -> tuple[int, bool]:
    """Return what members of one batch have in common: the rows they are filled up to, and the system."""
    return -(-n // _MULTIPLE) * _MULTIPLE, penalty == 0 and count > n


def _bytes(problem: NetworkProblem, n: int) -> int:
    """Return about how much one member of a batch takes: Jacobian or sensitivities, and Gram matrices."""
    smaller = n if problem.by_rows else problem.count
    return 8 * (2 * smaller**2 + 2 * n * sum(i + o for i, o in problem.layers) + smaller * n)
