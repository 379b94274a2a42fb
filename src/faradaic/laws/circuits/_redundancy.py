"""What in a circuit no spectrum can tell apart, found from its tree alone, before any fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from faradaic._core import joined, plural

from ._circuit import Circuit
from ._generic_rank import Rank, generic_rank, without
from ._merge import Merged, is_harmonic, merged, reciprocal
from ._tree import Leaf, Node, Parallel, Series, leaves

Kind = Literal["merge", "surplus", "exchange", "limit"]


@dataclass(frozen=True)
class Redundancy:
    """One thing that no spectrum tells.

    Attributes
    ----------
    kind : {"merge", "surplus", "exchange", "limit"}
        ``"merge"``: elements of one kind beside each other, of which one combination is identified. ``"surplus"``:
        elements of several kinds with more parameters than the impedance has. ``"exchange"``: units of one shape,
        identified but for their order. ``"limit"``: identified, except where an exponent reaches a value at which two
        elements become one kind.
    parameters : tuple of str
        Names of the parameters that take part.
    identified : str
        What stays identified of them.
    sentence : str
        The same as a plain sentence.
    lost : int
        Parameters too many, 0 for an exchange and a limit.
    """

    kind: Kind
    parameters: tuple[str, ...]
    identified: str
    sentence: str
    lost: int


@dataclass(frozen=True)
class Redundancies:
    """All that was found in a circuit.

    Attributes
    ----------
    circuit : Circuit
    found : tuple of Redundancy
    simplified : Circuit
        A circuit that reaches the same spectra with `lost` parameters fewer.
    """

    circuit: Circuit
    found: tuple[Redundancy, ...]
    simplified: Circuit

    @property
    def lost(self) -> int:
        """Parameters that can be left out without losing a spectrum."""
        return sum(one.lost for one in self.found)

    def summary(self) -> str:
        """Return what was found in words."""
        if not self.found:
            return f"{self.circuit}: every parameter is identified by its structure."
        too_many = plural(self.lost, "parameter") if self.lost else "no parameter"
        lines = [f"{self.circuit}: {too_many} too many."]
        lines += [f"  {one.sentence}" for one in self.found]
        if self.lost:
            lines.append(f"  The same spectra with {plural(self.simplified.count, 'parameter')}: {self.simplified}.")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.summary()


def redundancies(circuit: Circuit | str) -> Redundancies:
    """Find what in a circuit no spectrum can tell apart; nothing is measured or fitted.

    Elements of one kind beside each other are merged by rule. What is left is tried at random points: the rank of the
    sensitivities is then the number of combinations that are identified at all.

    Parameters
    ----------
    circuit : Circuit or str

    Returns
    -------
    Redundancies

    Raises
    ------
    ArgumentError
        The text is not a circuit.

    References
    ----------
    Walter and Pronzato, Identification of Parametric Models from Experimental Data, Springer 1997 (structural
    identifiability).

    Examples
    --------
    >>> from faradaic.laws.circuits import redundancies
    >>> print(redundancies("R0-p(R1,C1)-R2"))
    R0-p(R1,C1)-R2: 1 parameter too many.
      R0 and R2 are in series: only R0 + R2 is identified.
      The same spectra with 3 parameters: R0-p(R1,C1).
    """
    circuit = Circuit(circuit) if isinstance(circuit, str) else circuit
    tree, groups = merged(circuit.tree)
    found = [_of_merged(group) for group in groups]
    tree, surplus = _without_surplus(tree)
    found += [*surplus, *_exchanges(tree), *_limits(tree)]
    return Redundancies(circuit, tuple(found), Circuit.from_tree(tree))


def _of_merged(group: Merged) -> Redundancy:
    identified = reciprocal(group.value) if is_harmonic(group.value) else group.value
    # a group that met at several levels is neither in series nor in parallel as a whole
    mixed = "(" in identified
    how = "in series and in parallel" if mixed else f"in {group.where}"
    sentence = f"{joined(group.names)} are {how}: only {identified} is identified."
    return Redundancy("merge", group.names, identified, sentence, len(group.names) - 1)


def _without_surplus(tree: Node) -> tuple[Node, list[Redundancy]]:
    """Leave out elements that add no spectrum, until the rank is full."""
    rank = generic_rank(tree)
    found: list[Redundancy] = []
    while rank.lost:
        names = [name for leaf in leaves(tree) for name in leaf.names]
        loose = tuple(name for name, one in zip(names, rank.loose, strict=True) if one)
        smaller = _smaller(tree, loose, rank.rank)
        number = len(loose) - rank.lost
        identified = f"{plural(number, 'combination')} of {joined(loose)}"
        verb = "is" if number == 1 else "are"
        sentence = f"{joined(loose)} are more than the impedance shows: only {number} of their combinations {verb} "
        sentence += "identified"
        if smaller is None:
            found.append(Redundancy("surplus", loose, identified, f"{sentence}.", rank.lost))
            break
        tree, left_out, next_rank = smaller
        sentence += f", and without {left_out} the circuit reaches the same spectra."
        found.append(Redundancy("surplus", loose, identified, sentence, rank.count - next_rank.count))
        rank = next_rank
    return tree, found


def _smaller(tree: Node, loose: tuple[str, ...], rank: int) -> tuple[Node, str, Rank] | None:
    """Return the tree without the last element that can go, its label, and the new rank; None if none can."""
    for leaf in reversed(list(leaves(tree))):
        left = without(tree, leaf.label) if set(leaf.names) & set(loose) else None
        if left is None:
            continue
        left = merged(left)[0]
        again = generic_rank(left)
        if again.rank == rank:
            return left, leaf.label, again
    return None


def _shape(node: Node) -> str:
    """Return a text that two units share if they differ in their labels only."""
    if isinstance(node, Leaf):
        return "p(CPE,R)" if node.element.symbol == "Zarc" else node.element.symbol
    parts = sorted(map(_shape, node.parts))
    return "-".join(parts) if isinstance(node, Series) else f"p({','.join(parts)})"


def _exchanges(node: Node) -> list[Redundancy]:
    if isinstance(node, Leaf):
        return []
    found = [one for part in node.parts for one in _exchanges(part)]
    alike: dict[str, list[Node]] = {}
    for part in node.parts:
        alike.setdefault(_shape(part), []).append(part)
    for units in alike.values():
        if len(units) > 1:
            names = tuple(name for unit in units for leaf in leaves(unit) for name in leaf.names)
            sentence = (
                f"{joined(units)} have one shape: they are identified only up to exchange; "
                "order them, for example by their time constants."
            )
            identified = f"{joined(units)}, in any order"
            found.append(Redundancy("exchange", names, identified, sentence, 0))
    return found


def _limits(node: Node) -> list[Redundancy]:
    """Find a constant phase element beside what it becomes at one exponent."""
    if isinstance(node, Leaf):
        return []
    found = [one for part in node.parts for one in _limits(part)]
    parts = [part for part in node.parts if isinstance(part, Leaf)]
    in_series = isinstance(node, Series)
    assert isinstance(node, Series | Parallel)
    for phase in parts:
        for other in parts:
            if phase.element.symbol != "CPE" or other.element.symbol not in ("C", "W"):
                continue
            Q, alpha = phase.names
            at, of_other = ("1", other.label) if other.element.symbol == "C" else ("0.5", f"1/(sqrt(2) {other.label})")
            combination = f"{Q} + {of_other}"
            if in_series:
                inverse = f"1/{other.label}" if other.element.symbol == "C" else f"sqrt(2) {other.label}"
                combination = f"1/{Q} + {inverse}"
            sentence = f"At {alpha} = {at}, {other} and {phase} are one kind: only {combination} is identified there."
            found.append(Redundancy("limit", (*other.names, *phase.names), combination, sentence, 0))
    return found
