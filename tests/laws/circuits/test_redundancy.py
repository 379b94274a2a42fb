"""Redundant circuits are named with what stays identified; sound ones are left alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faradaic._core import ArgumentError
from faradaic.laws.circuits import ELEMENTS, Circuit, Leaf, Parallel, Series, redundancies
from faradaic.laws.circuits._tree import Node, leaves, parallel, series

SYMBOLS = ["R", "R", "C", "CPE", "CPE", "W", "Wo", "Ws", "G", "L", "Zarc", "HN"]
MERGEABLE = {"R", "C", "L", "W"}


class Numbering:
    """Labels that no other element has."""

    def __init__(self):
        self.last = 0

    def leaf(self, symbol):
        self.last += 1
        return Leaf(ELEMENTS[symbol], f"{symbol}{self.last}")


def shape(node):
    if isinstance(node, Leaf):
        return "p(CPE,R)" if node.element.symbol == "Zarc" else node.element.symbol
    return type(node).__name__[0] + str(sorted(map(shape, node.parts)))


def grown(random, numbering, kind, depth):
    """Draw a tree whose siblings all differ in shape, and in which no CPE stands beside what it can become."""
    parts = []
    for _ in range(random.integers(2, 4)):
        if depth and random.random() < 0.45:
            part = grown(random, numbering, Series if kind is Parallel else Parallel, depth - 1)
        else:
            part = numbering.leaf(random.choice(SYMBOLS))
        symbols = {shape(one) for one in [*parts, part]}
        if len(symbols) == len(parts) + 1 and not ("CPE" in symbols and symbols & {"C", "W"}):
            parts.append(part)
    join = series if kind is Series else parallel
    return join(parts)


def smallest_singular_value(circuit, seed):
    """Of the sensitivities relative to the impedance, columns of unit length; the largest of a few points counts."""
    random, best = np.random.default_rng(seed), 0.0
    frequency = np.logspace(-4, 3.5, 60)
    for _ in range(4):
        theta = 10 ** random.uniform(-0.8, 0.8, circuit.count)
        theta = np.where(circuit.logarithmic, theta, random.uniform(0.5, 0.97, circuit.count))
        z, slopes = circuit.value_and_sensitivities(frequency, theta)
        matrix = np.hstack([(slopes / z).real, (slopes / z).imag])
        matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
        singular = np.linalg.svd(matrix, compute_uv=False)
        best = max(best, singular[-1] / singular[0])
        if best > 1e-8:
            break
    return best


def sound(random):
    """Draw a circuit of full rank; those of a hidden redundancy are thrown away by the rank."""
    while True:
        tree = grown(random, Numbering(), Series, depth=2)
        circuit = Circuit.from_tree(tree)
        if circuit.count <= 10 and smallest_singular_value(circuit, 1) > 1e-10:
            return circuit


def changed(node, at, change):
    """Return the tree with ``change`` applied to its element number ``at``."""
    if isinstance(node, Leaf):
        return change(node) if at == 0 else node
    parts = []
    for part in node.parts:
        count = len(list(leaves(part)))
        parts.append(changed(part, at, change) if 0 <= at < count else part)
        at -= count
    return series(parts) if isinstance(node, Series) else parallel(parts)


def relabelled(node, numbering):
    if isinstance(node, Leaf):
        return numbering.leaf(node.element.symbol)
    parts = [relabelled(part, numbering) for part in node.parts]
    return series(parts) if isinstance(node, Series) else parallel(parts)


def planted(circuit, kind, random):
    """Plant a redundancy of a kind; return the circuit and the labels that must be named together."""
    numbering = Numbering()
    numbering.last = 100
    tree: Node = circuit.tree
    found = list(leaves(tree))
    at = int(random.integers(len(found)))
    a, b = "", ""
    if kind in {"R in series", "R in parallel", "C in parallel", "C in series", "L in series", "W in series"}:
        symbol, where = kind.split(" in ")
        one, other = numbering.leaf(symbol), numbering.leaf(symbol)
        join = series if where == "series" else parallel
        tree = changed(tree, at, lambda leaf: join([one, leaf, other]))
        a, b = one.label, other.label
    elif kind == "exchange":
        one, other = (
            parallel([numbering.leaf("R"), numbering.leaf("C")]), parallel([numbering.leaf("R"), numbering.leaf("C")]),
        )  # fmt: skip
        tree = changed(tree, at, lambda leaf: series([one, leaf, other]))
        a, b = next(leaves(one)).label, next(leaves(other)).label
    elif kind == "limit":
        one, other = numbering.leaf("C"), numbering.leaf("CPE")
        tree = changed(tree, at, lambda leaf: parallel([one, leaf, other]))
        a, b = one.label, f"{other.label}_alpha"
    elif kind == "surplus":
        R0, R1, R2, C2 = (numbering.leaf(symbol) for symbol in ("R", "R", "R", "C"))
        tree = changed(tree, at, lambda leaf: series([R0, parallel([R1, series([R2, C2])]), leaf]))
        a, b = R1.label, C2.label
    return Circuit.from_tree(tree), (a, b)


PLANTED = {
    "R in series": "merge",
    "R in parallel": "merge",
    "C in series": "merge",
    "C in parallel": "merge",
    "L in series": "merge",
    "W in series": "merge",
    "exchange": "exchange",
    "limit": "limit",
    "surplus": "surplus",
}


def named(found, labels):
    return any(set(labels) <= set(one.parameters) for one in found)


class TestFiveHundred:
    def test_every_planted_redundancy_is_named(self):
        random = np.random.default_rng(0)
        missed = []
        for i in range(500):
            kind = list(PLANTED)[i % len(PLANTED)]
            circuit, labels = planted(sound(random), kind, random)
            report = redundancies(circuit)
            alike = [one for one in report.found if one.kind == PLANTED[kind]]
            # what stands beside a surplus may be merged into it, and then it is named there
            if not named(alike, labels) and not (kind == "surplus" and report.lost and named(report.found, labels[:1])):
                missed.append((kind, str(circuit)))
            if PLANTED[kind] in ("merge", "surplus"):
                assert report.simplified.count <= circuit.count - 1
        assert not missed

    def test_sound_circuits_raise_no_alarm(self):
        random = np.random.default_rng(1)
        alarms = []
        for _ in range(500):
            circuit = sound(random)
            assert smallest_singular_value(circuit, 2) > 1e-11  # at other points than it was drawn with
            if redundancies(circuit).found:
                alarms.append(str(circuit))
        assert len(alarms) <= 5, alarms

    def test_nothing_lies_between_rounding_errors_and_the_smallest_sensitivity(self):
        random = np.random.default_rng(2)
        drawn = [Circuit.from_tree(grown(random, Numbering(), Series, 2)) for _ in range(200)]
        smallest = np.array([smallest_singular_value(circuit, 3) for circuit in drawn])
        redundant = np.array([redundancies(circuit).lost > 0 for circuit in drawn])
        assert redundant.any()  # hidden ones, without elements of one kind beside each other
        assert (smallest[redundant] < 1e-13).all()
        assert (smallest[~redundant] > 1e-10).all()


@pytest.mark.parametrize(
    ("text", "identified", "simplified", "lost"),
    [
        ("R0-R2-p(R1,C1)", "R0 + R2", "R0-p(R1,C1)", 1),
        ("p(R1,R2,C1)", "1/R1 + 1/R2", "p(R1,C1)", 1),
        ("C1-R1-C2", "1/C1 + 1/C2", "C1-R1", 1),
        ("p(C1,R1,C2)", "C1 + C2", "p(C1,R1)", 1),
        ("L1-R1-L2", "L1 + L2", "L1-R1", 1),
        ("p(L1,R1,L2)", "1/L1 + 1/L2", "p(L1,R1)", 1),
        ("R0-W1-W2", "W1 + W2", "R0-W1", 1),
        ("R0-p(W1,W2)", "1/W1 + 1/W2", "R0-W1", 1),
        ("R0-p(R1,R2)-C3", "R0 + 1/(1/R1 + 1/R2)", "R0-C3", 2),
        ("p(R1-R2,R3,C1)", "1/(R1 + R2) + 1/R3", "p(R1,C1)", 2),
        ("R0-p(R1,R2-C2)", "3 combinations of R0, R1, R2 and C2", "R0-p(R1,C2)", 1),
        ("p(C0,C1-p(C2,R1))", "3 combinations of C0, C1, C2 and R1", "p(C0,C1-R1)", 1),
        ("R0-p(R1,Zarc1)", "2 combinations of R1, Zarc1_R and Zarc1_tau", "R0-Zarc1", 1),
        ("R0-p(R1,C1)-p(R2,C2)", "p(R1,C1) and p(R2,C2), in any order", "R0-p(R1,C1)-p(R2,C2)", 0),
        ("R0-p(R1,CPE1)-Zarc2", "p(R1,CPE1) and Zarc2, in any order", "R0-p(R1,CPE1)-Zarc2", 0),
        ("R0-Wo1-Wo2", "Wo1 and Wo2, in any order", "R0-Wo1-Wo2", 0),
        ("R0-p(C1,CPE1)", "CPE1_Q + C1", "R0-p(C1,CPE1)", 0),
        ("R0-C1-CPE1", "1/CPE1_Q + 1/C1", "R0-C1-CPE1", 0),
        ("R0-p(W1,CPE1)", "CPE1_Q + 1/(sqrt(2) W1)", "R0-p(W1,CPE1)", 0),
        ("R0-W1-CPE1", "1/CPE1_Q + sqrt(2) W1", "R0-W1-CPE1", 0),
    ],
)
def test_what_stays_identified(text, identified, simplified, lost):
    report = redundancies(text)
    assert [one.identified for one in report.found] == [identified]
    assert (str(report.simplified), report.lost) == (simplified, lost)
    if report.found[0].kind in ("merge", "limit"):
        assert identified in str(report)
    assert str(report).count("\n") == (2 if lost else 1)


@pytest.mark.parametrize(
    "text", ["R0", "R0-p(R1,CPE1)-W1", "R0-p(R1-p(R2,C2),C1)", "L0-R0-p(R1-Wo1,CPE1)", "R0-HN1-Zarc2"]
)
def test_usual_circuits_are_sound(text):
    report = redundancies(text)
    assert not report.found
    assert report.simplified == Circuit(text)
    assert str(report).endswith("every parameter is identified by its structure.")


class TestWhatIsSaidIsTrue:
    """At random parameters, the impedance depends on the named combination alone."""

    @settings(max_examples=20, deadline=None)
    @given(seed=st.integers(0, 2**31), moved=st.floats(0.2, 0.8))
    def test_of_the_limits(self, seed, moved):
        random, frequency = np.random.default_rng(seed), np.logspace(-3, 4, 9)
        Q, C, W = 10 ** random.uniform(-2, 2, 3)
        for text, theta, other in [
            ("p(C1,CPE1)", [C, Q, 1.0], [C * moved, Q + C * (1 - moved), 1.0]),
            ("C1-CPE1", [C, Q, 1.0], [C / moved, 1 / (1 / Q + (1 - moved) / C), 1.0]),
            ("p(W1,CPE1)", [W, Q, 0.5], [W / moved, Q + (1 - moved) / (np.sqrt(2) * W), 0.5]),
            ("W1-CPE1", [W, Q, 0.5], [W * moved, 1 / (1 / Q + np.sqrt(2) * W * (1 - moved)), 0.5]),
        ]:
            circuit = Circuit(text)
            np.testing.assert_allclose(circuit(frequency, theta), circuit(frequency, other), rtol=1e-9)

    @settings(max_examples=20, deadline=None)
    @given(seed=st.integers(0, 2**31))
    def test_of_several_levels_and_of_an_exchange(self, seed):
        random, frequency = np.random.default_rng(seed), np.logspace(-3, 4, 9)
        R0, R1, R2, C3 = 10 ** random.uniform(-2, 2, 4)
        np.testing.assert_allclose(
            Circuit("R0-p(R1,R2)-C3")(frequency, [R0, R1, R2, C3]),
            Circuit("R0-C3")(frequency, [R0 + 1 / (1 / R1 + 1 / R2), C3]),
            rtol=1e-12,
        )
        units = Circuit("p(R1,C1)-p(R2,C2)")
        np.testing.assert_allclose(units(frequency, [R1, C3, R2, R0]), units(frequency, [R2, R0, R1, C3]), rtol=1e-12)

    def test_of_a_surplus(self):
        """R0-p(R1,R2-C2) is R0'-p(R1',C2') for every choice of its parameters."""
        from faradaic.approximations import fit_circuit

        frequency = np.logspace(-3, 3, 30)
        big = Circuit("R0-p(R1,R2-C2)")
        theta = 10 ** np.random.default_rng(3).uniform(-1, 1, (5, 4))
        fit = fit_circuit(redundancies(big).simplified, frequency, big(frequency, theta))
        assert not fit.failures
        assert fit.noise.max() < 1e-6


def test_not_a_circuit():
    with pytest.raises(ArgumentError, match="unknown element"):
        redundancies("Q1")
