"""What the rows determine where they do not determine the parameters: combinations, as sparse as can be written.

The rows determine the row space of their sensitivities. Its reduced echelon form is sparse, and where its numbers are
the same all over the parameter space, in the parameters or in their logarithms, the combination is a formula:
``a + c``, ``tau/C``. Where they are not, the rows determine so many functions of these parameters, and no simple
formula says which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np

from faradaic._core import joined, number, plural

Array = np.ndarray
CONSTANT = 1e-5  # spread of a coefficient over the parameter space up to which it is one number
ZERO, LARGEST_ZERO = 1e-7, 1e-3  # relative size of a coefficient that is none, and the most that rounding may make it
FEWEST_POINTS = 3  # of the parameter space that show a coefficient to be one number; fewer show the estimate
MOST_DENOMINATOR = 12
MOST_MIXED = 5  # parameters of a combination for which each may be taken as it is or in its logarithm


@dataclass(frozen=True, eq=False)
class Coordinate:
    """A way to look at a parameter in which combinations may be simple."""

    forward: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    unit: Callable[[Array], Array]  # what counts as one of it, for a parameter of this size
    written: str


AS_IT_IS = Coordinate(lambda v: v, np.ones_like, lambda size: size, "{}")
LOGARITHM = Coordinate(np.log, lambda v: 1.0 / v, np.ones_like, "ln {}")
RECIPROCAL = Coordinate(lambda v: 1.0 / v, lambda v: -1.0 / v**2, lambda size: 1.0 / size, "1/{}")


@dataclass(frozen=True, eq=False)
class Combination:
    """One function of some parameters that the rows determine, while they do not determine each of these.

    Attributes
    ----------
    names : tuple of str
        The parameters in it.
    coefficients : array of shape (len(names),)
        Of the parameters in their coordinates.
    coordinates : tuple of Coordinate
    formula : str
        ``"a + c"``, ``"tau/C"``, ``"1/R1 + 1/R2"``; empty where the coefficients hold at the estimate only.
    """

    names: tuple[str, ...]
    coefficients: Array
    coordinates: tuple[Coordinate, ...]
    formula: str

    @property
    def is_product(self) -> bool:
        """Whether it is a product of powers."""
        return all(one is LOGARITHM for one in self.coordinates)

    def value(self, theta: Array) -> float:
        """Return its value for these parameters, in the order of ``names``."""
        if self.is_product:
            sign = np.prod(np.where((theta < 0) & (self.coefficients % 2 == 1), -1.0, 1.0))
            return float(sign * np.exp(self.coefficients @ np.log(np.abs(theta))))
        return float(sum(c * one.forward(v) for c, one, v in self._parts(theta)))

    def gradient(self, theta: Array) -> Array:
        """Return the derivatives of `value` by these parameters."""
        slope = np.array([c * one.slope(v) for c, one, v in self._parts(theta)])
        return slope * self.value(theta) if self.is_product else slope

    def _parts(self, theta: Array) -> list[tuple[float, Coordinate, Array]]:
        return [(float(c), one, v) for c, one, v in zip(self.coefficients, self.coordinates, theta, strict=True)]


def zero_of(blur: float) -> float:
    """Return the size below which a relative coefficient is none, where directions are known to within ``blur``."""
    return float(np.clip(blur, ZERO, LARGEST_ZERO))


def free_of(free: Array, zero: float = ZERO) -> Array:
    """Return which parameters (k,) move in one of the directions (k, d), in relative changes, that no row feels."""
    size = np.abs(free)
    return (size > zero * np.maximum(size.max(axis=0, initial=0.0), 1e-300)).any(axis=1)


def components(free: Array, zero: float = ZERO) -> list[list[int]]:
    """Return the groups of parameters that are left free together, from directions (k, d) in relative changes."""
    echelon = reduced(free.T, zero)
    groups: list[set[int]] = []
    for row in echelon:
        own = set(np.flatnonzero(row).tolist())
        for other in [group for group in groups if group & own]:
            own |= other
            groups.remove(other)
        groups.append(own)
    return sorted(sorted(group) for group in groups)


def reduced(matrix: Array, zero: float = ZERO) -> Array:
    """Return the reduced echelon form of a matrix, without its zero rows; what is below ``zero`` is none.

    Examples
    --------
    >>> reduced(np.array([[2.0, 2.0, 0.0], [1.0, 1.0, 3.0]])).tolist()
    [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    rows = np.array(matrix, dtype=np.float64)
    size = np.abs(rows).max(initial=0.0)
    done = 0
    for column in range(rows.shape[1]):
        if done == len(rows):
            break
        pivot = done + int(np.abs(rows[done:, column]).argmax())
        if abs(rows[pivot, column]) <= zero * size:
            continue
        rows[[done, pivot]] = rows[[pivot, done]]
        rows[done] /= rows[done, column]
        for other in range(len(rows)):
            if other != done:
                rows[other] -= rows[other, column] * rows[done]
        done += 1
    out = rows[:done]
    out[np.abs(out) < zero] = 0.0
    return out


def combinations(
    names: Sequence[str], group: list[int], points: list[tuple[Array, Array]], scale: Array, blur: float = 0.0
) -> list[Combination]:
    """Return what the rows determine of a group of parameters that are left free together.

    Parameters
    ----------
    names : sequence of str
    group : list of int
        Places of the parameters.
    points : list of (theta, free directions)
        The estimate and other points of the parameter space, with what is free there, in the parameters' own units.
    scale : array of shape (k,)
        Size of each parameter: what is small is judged in relative changes.
    blur : float
        How well the directions are known.
    """
    own, size, zero = [(theta[group], free[group]) for theta, free in points], scale[group], zero_of(blur)
    constant, members = max(CONSTANT, zero), [names[j] for j in group]
    if len(group) == int(np.linalg.matrix_rank(_unit(own[0][1] / size[:, None]), tol=zero)):
        return []
    for coordinates in _coordinates(own) if len(points) >= FEWEST_POINTS else ():
        forms = [_row_space(theta, free, coordinates, size, zero) for theta, free in own]
        if any(form.shape != forms[0].shape for form in forms):
            continue
        spread = max(float(np.abs(form - forms[0]).max()) for form in forms)
        whole = float(np.abs(forms[0] - np.round(forms[0])).max()) <= constant
        rooted = LOGARITHM in coordinates and not whole and not (own[0][0] > 0).all()  # a root of a negative number
        if spread <= constant and not rooted:
            rows = _in_own_units(forms[0], coordinates, size)
            return [_named(row, members, coordinates, constant) for row in rows]
    plain = (AS_IT_IS,) * len(group)
    local = _in_own_units(_row_space(*own[0], plain, size, zero), plain, size)
    return [Combination(tuple(members), row, plain, "") for row in local]


def _coordinates(points: list[tuple[Array, Array]]) -> Iterator[tuple[Coordinate, ...]]:
    """Yield the coordinates to try: all as they are, in logarithms, or reciprocal; and mixtures, if there are few."""
    count = len(points[0][0])
    thetas = np.array([theta for theta, _ in points])
    positive: Array = np.all(thetas > 0, axis=0)
    negative: Array = np.all(thetas < 0, axis=0)
    yield (AS_IT_IS,) * count
    if np.logical_or(positive, negative).all():
        yield (LOGARITHM,) * count
        yield (RECIPROCAL,) * count
    if count <= MOST_MIXED:
        for mixture in product([AS_IT_IS, LOGARITHM], repeat=count):
            wrong = any(one is LOGARITHM and not good for one, good in zip(mixture, positive, strict=True))
            if len(set(mixture)) > 1 and not wrong:
                yield mixture


def _row_space(theta: Array, free: Array, coordinates: Sequence[Coordinate], size: Array, zero: float) -> Array:
    """Return the echelon form of what is orthogonal to the free directions, for relative changes of the coordinates."""
    slopes = [float(one.slope(v) / one.unit(s)) for one, v, s in zip(coordinates, theta, size, strict=True)]
    left, singular, _ = np.linalg.svd(_unit(free * np.array(slopes)[:, None]), full_matrices=True)
    rank = int((singular > zero).sum())
    return reduced(left[:, rank:].T, zero)


def _in_own_units(rows: Array, coordinates: Sequence[Coordinate], size: Array) -> Array:
    """Return an echelon form for relative changes as one for the coordinates themselves: first coefficients stay 1."""
    units = np.array([float(one.unit(s)) for one, s in zip(coordinates, size, strict=True)])
    first = (rows != 0).argmax(axis=1)
    return rows / units * units[first][:, None]


def _unit(free: Array) -> Array:
    length = np.linalg.norm(free, axis=0)
    return free[:, length > 0] / length[length > 0]


def _named(row: Array, names: Sequence[str], coordinates: Sequence[Coordinate], constant: float) -> Combination:
    used = [int(j) for j in np.flatnonzero(row)]
    weights = np.array([_nice(float(row[j]), constant) for j in used])
    own = tuple(coordinates[j] for j in used)
    some = tuple(names[j] for j in used)
    made = Combination(some, weights, own, "")
    terms = list(zip(some, weights, own, strict=True))
    formula = _product([(n, w) for n, w, _ in terms]) if made.is_product else _sum(terms)
    return Combination(some, weights, own, formula)


def _nice(value: float, constant: float) -> float:
    """Return the simple fraction next to a number, if it is one to rounding."""
    close = float(Fraction(value).limit_denominator(MOST_DENOMINATOR))
    return close if abs(close - value) <= constant * abs(value) else value


def _sum(parts: Sequence[tuple[str, float, Coordinate]]) -> str:
    text = ""
    for name, weight, coordinate in parts:
        size = "" if abs(weight) == 1 else f"{abs(weight):.4g}*"
        sign = ("-" if weight < 0 else "") if not text else (" - " if weight < 0 else " + ")
        text += f"{sign}{size}{coordinate.written.format(name)}"
    return text


def _product(parts: Sequence[tuple[str, float]]) -> str:
    above, below = ([(n, abs(w)) for n, w in parts if np.sign(w) == sign] for sign in (1.0, -1.0))

    def text(factors: list[tuple[str, float]]) -> str:
        return "*".join(name if power == 1 else f"{name}^{power:.4g}" for name, power in factors)

    if not below:
        return text(above)
    bottom = text(below) if len(below) == 1 else f"({text(below)})"
    return f"{text(above) or '1'}/{bottom}"


def sentence(group: Sequence[str], found: Sequence[Combination], theta: Array, free: Array) -> str:
    """Return in words what the rows say of parameters that they leave free together.

    Parameters
    ----------
    group : sequence of str
        Their names.
    found : sequence of Combination
        What is determined of them.
    theta : array of shape (len(group),)
        One of the answers.
    free : array of shape (len(group), d)
        How they move together and no row feels it, in their own units.

    Examples
    --------
    >>> one = Combination(("a", "c"), np.ones(2), (AS_IT_IS, AS_IT_IS), "a + c")
    >>> sentence(["a", "c"], [one], np.ones(2), np.array([[1.0], [-1.0]]))
    'Of a and c the rows determine only a + c.'
    """
    who = joined(group)
    if not found:
        return f"The rows do not feel {who}."
    formulas = [one.formula for one in found if one.formula]
    if len(formulas) == len(found):
        return f"Of {who} the rows determine only {joined(formulas)}."
    text = f"Of {who} the rows determine only {plural(len(found), 'combination')}, not one of them alone"
    size = np.abs(free).max(axis=1)
    moves = reduced((free / size[:, None]).T)
    if len(moves) > 1:
        return f"{text}: a family of answers with {len(moves)} free numbers."
    moves = moves * size / size[0]
    moved = [f"{name} by {number(float(m))}" for name, m in zip(group[1:], moves[0][1:], strict=True) if m]
    near = joined([f"{name} = {number(float(v))}" for name, v in zip(group, theta, strict=True)])
    return (
        f"{text}: a family of answers with one free number. One of them is {near}; from there, when {group[0]} moves "
        f"by 1, {joined(moved)}."
    )


def around(
    theta: Array, start: Array, bounds: tuple[Array, Array], count: int, random: np.random.Generator
) -> Iterator[Array]:
    """Yield points of the parameter space about an estimate, within the bounds."""
    size = np.where(start != 0, np.abs(start), 1.0)
    for _ in range(count):
        z = 0.3 * random.standard_normal(len(theta))
        yield np.clip(np.where(theta != 0, theta * np.exp(z), size * z), *bounds)
