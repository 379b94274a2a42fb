"""Circuits: what their structure hides, what a spectrum tells, and simpler ones that fit as well."""

from __future__ import annotations

import numpy as np
import pytest

import faradaic as fd
from faradaic._core import ArgumentError
from faradaic.data import Spectrum
from faradaic.identifiability import Known
from faradaic.laws import Circuit

FREQUENCY = np.logspace(-1, 5, 50)


def spectrum(circuit="R0-p(R1,C1)", theta=(10.0, 90.0, 1e-4), noise=0.005, seed=1):
    Z = Circuit(circuit)(FREQUENCY, theta)
    e = np.random.default_rng(seed).normal(size=(2, len(FREQUENCY)))
    return Spectrum(FREQUENCY, Z + noise * np.abs(Z) * (e[0] + 1j * e[1]))


def test_two_resistors_in_series_are_known_as_their_sum():
    found = fd.identify(Circuit("R0-R2-p(R1,C1)"), spectrum())
    assert (found.rank, found.count, found.case) == (3, 4, "under-determined")
    assert found.free == ("R0", "R2")
    both = found["R0 + R2"]
    assert both.low < 10.0 < both.high
    assert both.high - both.low < 0.1
    text = str(found)
    assert "Of R0 and R2 the rows determine only R0 + R2." in text
    assert "R0 and R2 are in series: only R0 + R2 is identified." in text
    assert "The same spectra with fewer parameters: R0-p(R1,C1)." in text
    assert "Consistent with the Kramers-Kronig relations" in text
    # the sum has the interval that the one resistor of the sound circuit has
    sound = fd.identify(Circuit("R0-p(R1,C1)"), spectrum(), intervals="student")["R0"]
    assert both.std == pytest.approx(sound.std, rel=1e-3)


def test_two_resistors_in_parallel_are_known_as_a_sum_of_reciprocals():
    found = fd.identify(Circuit("R0-p(R1,R2,C1)"), spectrum())
    one = found["1/R1 + 1/R2"]
    assert one.low < 1 / 90.0 < one.high


def test_what_is_known_of_one_tells_the_other():
    found = fd.identify(Circuit("R0-R2-p(R1,C1)"), spectrum(), Known("R2", 4.0))
    assert found.free == ()
    assert found["R0"].low < 6.0 < found["R0"].high


def test_three_units_where_there_is_one():
    found = fd.identify(Circuit("R0-p(R1,C1)-p(R2,C2)-p(R3,C3)"), spectrum(), intervals="student")
    assert found.count == 7
    assert found.practical_rank == 3
    assert any(one.startswith("the reduced circuit R0-p(R1,C1), which fits as well") for one in found.next)
    assert "identified only up to exchange" in str(found)


def test_a_sound_circuit_has_profiles():
    truth = (10.0, 90.0, 1e-4, 0.9)
    found = fd.identify(Circuit("R0-p(R1,CPE1)"), spectrum("R0-p(R1,CPE1)", truth))
    assert found.case == "over-determined"
    assert found.freedom == 2 * len(FREQUENCY) - 4
    assert {one.shape for one in found.profiles} == {"closed"}
    for one, value in zip(found.estimates, truth, strict=True):
        assert one.low < value < one.high


def test_a_circuit_belongs_to_a_spectrum():
    table = fd.data.example("stochastic")
    for model, data in ((Circuit("R0-C1"), table), (fd.laws.arrhenius, spectrum())):
        with pytest.raises(ArgumentError, match="A circuit belongs to a spectrum and a spectrum to a circuit"):
            fd.identify(model, data)
    with pytest.raises(ArgumentError, match="function of conditions"):
        fd.identify(Circuit("R0-p(R1,C1)"), spectrum(), intervals="student").next_conditions()
