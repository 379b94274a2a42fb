"""The bundled examples load without a network, and the measured one is the published one."""

import csv

import numpy as np
import pytest

from faradaic._core import ArgumentError
from faradaic.data import EXAMPLES, Deterministic, Experiment, Stochastic, example

KINDS = {"experiment": Experiment, "stochastic": Stochastic, "deterministic": Deterministic}


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_load(name):
    data, described = example(name), EXAMPLES[name]
    assert isinstance(data.reliability, KINDS[name])
    assert tuple(column.header for column in data.inputs) == described.x
    assert (data.response.header, data.name) == (described.y, name)
    assert len(data) >= 10
    assert (data.y > 0).all()
    assert described.licence
    assert described.source


def test_noise_of_the_examples():
    assert example("experiment").noise_std is None
    assert (example("stochastic").noise_std > 0).all()
    assert not example("deterministic").noise_std.any()


def test_experiment_is_the_published_table(literature):
    """Ecker et al. 2015, 10.1149/2.0551509jes, as PyBaMM ships the values: equal to the last digit."""
    path = literature("ocv_halfcell/pybamm/measured_graphite_diffusivity_Ecker2015.csv")
    with path.open() as file:
        published = np.array([[float(value) for value in row] for row in csv.reader(file)])
    data = example("experiment")
    np.testing.assert_array_equal(np.column_stack([data.X, data.y]), published)


def test_unknown_example():
    with pytest.raises(ArgumentError, match="no example 'experimant'; did you mean 'experiment'"):
        example("experimant")
