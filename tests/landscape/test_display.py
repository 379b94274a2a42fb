"""Displays of landscapes: their data and artists, without pixels."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic.approximations import Polynomial, RandomFeatures, Spline
from faradaic.data import Experiment
from faradaic.landscape import ComparisonDisplay, IdentifiedDisplay, LandscapeDisplay


@pytest.fixture(autouse=True)
def agg():
    mpl.use("Agg")
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_a_landscape_is_drawn_as_it_is(made):
    curve = np.array([3, 1, 2, 9, 4, 2.0])
    scatter = 1.0 + 0.1 * np.sin(np.arange(21.0))
    found = made(
        curve[:, None] ** 2 * scatter, [1, 4, 10, 20, 40, 80], reliability=Experiment(0.5), family=RandomFeatures()
    )
    display = found.plot()
    np.testing.assert_allclose(display.test_error, curve * np.sqrt(scatter.mean()))
    np.testing.assert_array_equal(display.parameters, [1, 4, 10, 20, 40, 80])
    assert (display.n_train, display.chosen, display.threshold, display.floor) == (20, 1, 3, pytest.approx(0.5))
    assert display.standard_error[1] == pytest.approx(found.select().standard_error)
    assert (display.ax_.get_xscale(), display.ax_.get_yscale()) == ("log", "log")
    assert display.ax_.get_xlabel() == "number of parameters"
    assert display.ax_.get_ylabel() == "error [V]"
    assert display.ax_.get_title() == "random tanh features of y in x"
    assert legend(display.ax_) == ["train", "test", "noise floor", "parameters = n", "chosen"]
    train, test, floor, line = display.lines_
    np.testing.assert_allclose(test.get_ydata(), display.test_error)
    assert list(floor.get_ydata()) == [display.floor, display.floor]
    assert list(line.get_xdata()) == [20, 20]
    assert [text.get_text() for text in display.ax_.texts] == ["interpolation\nthreshold"]
    assert len(train.get_xdata()) == 6
    display.figure_.canvas.draw()


def test_a_given_axis_is_used_and_what_is_not_there_is_not_drawn(made):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    found = made(np.array([2.0, 1.0, 1.5])[:, None] * np.ones(21), [1, 2, 3], failed=[2])
    display = LandscapeDisplay.from_landscape(found).plot(ax=ax, alpha=0.5)
    assert display.ax_ is ax
    assert np.isnan(display.test_error[2])
    assert len(display.lines_) == 2
    assert display.lines_[1].get_alpha() == 0.5
    assert display.ax_.texts == [] or len(display.ax_.texts) == 0
    display.figure_.canvas.draw()


def test_train_errors_of_rounding_size_do_not_stretch_the_axis():
    x = np.linspace(0, 1, 12)
    frame = pd.DataFrame({"x": x, "y": np.sin(5 * x)})
    data = fd.read(frame, x=["x"], y="y", reliability="deterministic")
    display = fd.landscape(Polynomial(), data, sizes=[1, 3, 10, 14]).plot()
    display.figure_.canvas.draw()
    assert min(display.train_error) < 1e-12
    assert display.lines_[0].get_ydata().min() >= display.test_error.min() * 1e-4


def test_a_comparison_is_drawn_best_first():
    rng = np.random.default_rng(0)
    x = rng.uniform(size=30)
    data = fd.read(pd.DataFrame({"x": x, "y [A]": np.sin(6 * x) + 0.1 * rng.normal(size=30)}), x=["x"], y="y [A]")
    found = fd.explore(data, [Polynomial(), Spline(), RandomFeatures()], outer=None, splits=3)
    display = found.plot()
    assert isinstance(display, ComparisonDisplay)
    assert sorted(display.labels) == sorted(one.label for one in found.selections)
    assert (np.diff(display.test_error) >= 0).all()
    assert np.isnan(display.floor)
    ticks = [tick.get_text() for tick in display.ax_.get_yticklabels()]
    assert ticks == [f"{label} ({p})" for label, p in zip(display.labels, display.parameters, strict=True)]
    assert display.ax_.get_xlabel() == "error [A] (parameters in brackets)"
    assert legend(display.ax_) == ["train", "test"]
    display.figure_.canvas.draw()


def test_identified_parameters_follow_the_diagonal_up_to_n():
    x = np.linspace(0.0, 1.0, 12)
    y = x + 0.1 * np.random.default_rng(0).normal(size=12)
    data = fd.read(pd.DataFrame({"x": x, "y": y}), x=["x"], y="y", reliability=Experiment(0.1))
    found = fd.landscape(RandomFeatures(random_state=0), data, sizes=[2, 4, 40], splits=4)
    counted, identified = found.identified.T
    np.testing.assert_array_equal(counted, found.parameters)
    np.testing.assert_array_equal(identified[:2], counted[:2])
    assert identified[2] == found.n_train == 9
    display = found.plot_identified(color="C2")
    assert isinstance(display, IdentifiedDisplay)
    diagonal, line, level = display.lines_
    np.testing.assert_array_equal(diagonal.get_xdata(), diagonal.get_ydata())
    np.testing.assert_array_equal(line.get_ydata(), identified)
    assert line.get_color() == "C2"
    assert list(level.get_ydata()) == [9, 9]
    assert legend(display.ax_) == ["all identified", "identified", "n", "chosen"]
    display.figure_.canvas.draw()


def test_identified_parameters_of_few_sizes_are_drawn_without_logarithms():
    data = fd.read(pd.DataFrame({"x": np.arange(30.0), "y": np.arange(30.0) % 7}), x=["x"], y="y")
    display = fd.landscape(Polynomial(), data, sizes=[1, 2, 3]).plot_identified()
    assert display.ax_.get_xscale() == "linear"
    assert len(display.lines_) == 2  # n is far away
