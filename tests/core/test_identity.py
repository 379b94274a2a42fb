"""Equal work has one name, other work another: what a resumed run stands on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest

from faradaic._core import identity
from faradaic.approximations import Polynomial


def power(x, p=2):
    return x**p


@dataclass
class Scaled:
    by: float

    def again(self, x):
        return self.by * x

    def __call__(self, x):
        return self.by * x


class Doubled(Scaled):
    def __call__(self, x):
        return 2 * self.by * x


def enclosing(a):
    return lambda x: a * x


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (partial(power, p=2), partial(power, p=3)),
        (partial(power, 1), partial(power, 2)),
        (Scaled(1.0).again, Scaled(2.0).again),
        (Scaled(1.0), Scaled(2.0)),
        (Scaled(1.0), Doubled(1.0)),
        (enclosing(1.0), enclosing(2.0)),
        (lambda x: x + 1, lambda x: x + 2),
        (Polynomial(1), Polynomial(2)),
        (np.zeros(2), np.zeros(3)),
        (Scaled, Doubled),
        ({"a": 1}, {"a": 2}),
    ],
)
def test_what_decides_a_result_decides_its_name(one, other):
    assert identity(one) == identity(one)
    assert identity(one) != identity(other)


def test_equal_work_made_twice_is_equal():
    assert identity(partial(power, p=2)) == identity(partial(power, p=2))
    assert identity(Scaled(1.0).again) == identity(Scaled(1.0).again)
    assert identity(enclosing(1.0)) == identity(enclosing(1.0))
    assert identity({"a": 1, "b": 2}) == identity({"b": 2, "a": 1})
