"""Spectra from files: the instruments' formats against a reading of their columns by hand, tables, and bad files."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import faradaic as fd
from faradaic._core import ArgumentError, InputError, OptionalImportError
from faradaic.data import Spectrum, read_impedance

FREQUENCY = np.geomspace(1e5, 1e-2, 15)
Z = 10 + 90 / (1 + 0.01j * 2 * np.pi * FREQUENCY)
POINTS = list(zip(FREQUENCY, Z, strict=True))


def lines(rows, separator="\t"):
    return "".join(separator.join(f"{value:.17g}" for value in row) + "\n" for row in rows)


def gamry():
    rows = lines([(i, i, f, z.real, z.imag, 1, abs(z), 0, 0, 0, 9) for i, (f, z) in enumerate(POINTS)])
    return "EXPLAIN\nTAG\tEISPOT\nZCURVE\tTABLE\n\tPt\tTime\tFreq\n\t#\ts\tHz\n" + rows


def biologic():
    rows = lines([(f, z.real, -z.imag) for f, z in POINTS])
    return (
        "EC-Lab ASCII FILE\nNb header lines : 4\n\nfreq/Hz\tRe(Z)/Ohm\t-Im(Z)/Ohm\tcycle\n".replace("\tcycle", "\t")
        + rows
    )


def zplot():
    rows = lines([(f, 1, 1, 1, z.real, z.imag, 0, 0, 3) for f, z in POINTS])
    return "ZPLOT2 ASCII\n  End Comments\n" + rows


def autolab():
    rows = lines([(f, 0, 0, 0, z.real, z.imag, 0, 0, 0) for f, z in POINTS], ",")
    return '"Z60W Data File: Version 1.1"\n0,2\n"  Freq (Hz)    Ampl"\n' + rows


def parstat():
    rows = lines(
        [
            (3.5, -0.1, 10, 0, 0, 0, 0, 0),
            *((3.5, 0.1, 1, f, z.real, z.imag, 0, 0) for f, z in POINTS),
        ]
    )
    return "Potential (V)\tCurrent (A)\tElapsed Time (s)\tFrequency (Hz)\tZre (ohms)\tZim (ohms)\t|Vac| (V)\n" + rows


def chinstruments():
    return "Freq/Hz, Z'/ohm, Z''/ohm\n\n" + lines([(f, z.real, z.imag) for f, z in POINTS], ",")


WRITTEN = {
    "gamry": ("a.DTA", gamry),
    "biologic": ("a.mpt", biologic),
    "zplot": ("a.z", zplot),
    "autolab": ("a.txt", autolab),
    "parstat": ("b.txt", parstat),
    "chinstruments": ("c.txt", chinstruments),
}


class TestInstruments:
    @pytest.mark.parametrize("instrument", WRITTEN)
    def test_one_spectrum_is_the_same_in_every_format(self, tmp_path, instrument):
        pytest.importorskip("impedance")
        name, write = WRITTEN[instrument]
        path = tmp_path / name
        path.write_text(write())
        spectrum = read_impedance(path)
        np.testing.assert_allclose(spectrum.frequency, FREQUENCY, rtol=1e-14)
        np.testing.assert_allclose(spectrum.Z, Z, rtol=1e-14)
        assert spectrum.meta == {"instrument": instrument}
        assert spectrum.source == name
        np.testing.assert_array_equal(read_impedance(path, instrument=instrument).Z, spectrum.Z)

    @pytest.mark.parametrize(
        ("file", "separator", "places", "sign", "points"),
        [
            ("exampleData.csv", ",", (0, 1, 2), 1, 66),
            ("exampleDataGamry.DTA", None, (2, 3, 4), 1, 72),
            ("exampleDataBioLogic.mpt", None, (0, 1, 2), -1, 43),
            ("exampleDataZPlot.z", None, (0, 4, 5), 1, 21),
            ("exampleDataAutolab.txt", ",", (0, 4, 5), 1, 41),
            ("exampleDataParstat.txt", None, (3, 4, 5), 1, 31),
            ("test_data.txt", None, (0, 1, 2), -1, 67),
        ],
    )
    def test_the_examples_of_the_instruments(self, literature, file, separator, places, sign, points):
        """Seven files, seven spectra: each against its own columns, since no two of them hold the same one."""
        pytest.importorskip("impedance")
        path = literature(f"eis_examples/{file}")
        rows = [line for line in path.read_text(encoding="latin-1").splitlines() if line.strip()]
        table = np.array([[row.split(separator)[i] for i in places] for row in rows[-points:]], dtype=float)
        spectrum = read_impedance(path)
        assert len(spectrum) == points
        np.testing.assert_allclose(spectrum.frequency, table[:, 0], rtol=1e-14)
        np.testing.assert_allclose(spectrum.Z, table[:, 1] + 1j * sign * table[:, 2], rtol=1e-14)

    @pytest.mark.parametrize(
        "instrument", ["gamry", "biologic", "zplot", "autolab", "parstat", "versastudio", "powersuite"]
    )
    def test_another_file_is_told_plainly(self, tmp_path, instrument):
        pytest.importorskip("impedance")
        path = tmp_path / "a.txt"
        path.write_text("this,is\nno;spectrum\n")
        with pytest.raises(InputError, match=f"'a.txt' is not a readable file of {instrument}; export it again"):
            read_impedance(path, instrument=instrument)

    def test_a_file_without_points(self, tmp_path):
        pytest.importorskip("impedance")
        path = tmp_path / "a.DTA"
        path.write_text("EXPLAIN\nZCURVE\tTABLE\n\tPt\n\t#\n")
        with pytest.raises(InputError, match="holds no point"):
            read_impedance(path)

    def test_without_the_package_the_extra_is_named(self, tmp_path, monkeypatch):
        from faradaic.data import _read_impedance

        monkeypatch.setattr(_read_impedance, "find_spec", lambda name: None)
        path = tmp_path / "a.DTA"
        path.write_text(gamry())
        with pytest.raises(OptionalImportError, match=r"faradaic\[cells\]") as told:
            read_impedance(path)
        assert (told.value.package, told.value.extra) == ("impedance", "cells")
        table = tmp_path / "a.csv"
        table.write_text("1,2,-3\n")
        assert read_impedance(table).Z.tolist() == [2 - 3j]


class TestTables:
    @pytest.mark.parametrize(
        ("header", "factors"),
        [
            ("", (1, 1, 1)),
            ("# freq,Re(Z),Im(Z)\n", (1, 1, 1)),
            ("freq/Hz,Re(Z)/Ohm,-Im(Z)/Ohm\n", (1, 1, -1)),
            ("Frequency [kHz],Zreal [mohm],Zimag [mohm]\n", (1e3, 1e-3, 1e-3)),
            ("f (Hz),Z' (Ω),-Z'' (Ω)\n", (1, 1, -1)),
            ("frequency(mHz),Z'(kOhm),Z''(kOhm)\n", (1e-3, 1e3, 1e3)),
            ("FREQ,RE,IM\n", (1, 1, 1)),
        ],
    )
    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    def test_headers_state_sign_and_unit(self, tmp_path, header, factors, separator):
        path = tmp_path / "a.txt"
        rows = [(f / factors[0], z.real / factors[1], z.imag / factors[2]) for f, z in POINTS]
        path.write_text(header.replace(",", separator) + lines(rows, separator), encoding="utf-8")
        spectrum = read_impedance(path)
        np.testing.assert_allclose(spectrum.frequency, FREQUENCY, rtol=1e-14)
        np.testing.assert_allclose(spectrum.Z, Z, rtol=1e-14)

    def test_other_columns_and_another_order(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_text("time/s,-Im(Z)/Ohm,freq/Hz,Re(Z)/Ohm,note\n0,3,10,2,ok\n1,4,1,2.5,late\n")
        spectrum = read_impedance(path)
        assert spectrum.frequency.tolist() == [10, 1]
        assert spectrum.Z.tolist() == [2 - 3j, 2.5 - 4j]

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("freq/Hz,Re(Z)/Ohm\n1,2\n", "no column for the imaginary part; call the columns"),
            ("a,b,c,d\n1,2,3,4\n", "no column for the frequency, real part and imaginary part"),
            ("1,2\n", "no column for the frequency"),
            ("freq/Hz,Re(Z)/Ohm,Im(Z)/furlong\n1,2,3\n", "unit that is not known"),
            ("freq/Hz,Re(Z) (ohm cm2),Im(Z) (ohm cm2)\n1,2,3\n", "unit that is not known"),
            ("freq/Hz,Re(Z)/Ohm,Im(Z)/Ohm\n", "holds no row of numbers"),
            ("freq/Hz,Re(Z)/Ohm,Im(Z)/Ohm\n1,2,\n", "without a number for the imaginary part"),
            ("freq/Hz,Re(Z)/Ohm,Im(Z)/Ohm\n1,2\n", "without a number for the imaginary part"),
            ("1,2,3\nx,2,3\n", "without a number for the frequency"),
            ("0,2,3\n", "point 1 has the frequency 0 Hz"),
            ("1,2,nan\n", "point 1 is not finite"),
            ("", "is empty"),
            ("\x00\x01", "not text"),
        ],
    )
    def test_a_bad_table_is_told_plainly(self, tmp_path, text, words):
        path = tmp_path / "a.csv"
        path.write_text(text)
        with pytest.raises(InputError, match=words) as told:
            read_impedance(path)
        assert "a.csv" in str(told.value)

    def test_no_file(self, tmp_path):
        with pytest.raises(InputError, match="does not exist"):
            read_impedance(tmp_path / "none.csv")
        with pytest.raises(InputError, match="is a folder"):
            read_impedance(tmp_path)
        with pytest.raises(ArgumentError, match="'gamry'"):
            read_impedance(tmp_path, instrument="Gamry")


class TestSpectrum:
    def test_it_is_frozen(self):
        spectrum = Spectrum(FREQUENCY, Z, "cell", {"instrument": "table"})
        with pytest.raises(dataclasses.FrozenInstanceError):
            spectrum.Z = Z
        with pytest.raises(ValueError, match="read-only"):
            spectrum.Z[0] = 0
        assert str(spectrum) == "cell: 15 points, 0.0100 Hz to 100,000 Hz, modulus 10.0 ohm to 100.0 ohm"

    def test_it_does_not_hold_the_arrays_it_was_given(self):
        mine = Z.copy()
        spectrum = Spectrum(FREQUENCY, mine)
        mine[0] = 0
        assert spectrum.Z[0] == Z[0]

    @pytest.mark.parametrize(
        ("frequency", "impedance", "words"),
        [
            ([1.0], [1.0, 2.0], "one shape"),
            ([], [], "one shape"),
            ([[1.0]], [[1.0]], "one shape"),
            ([1.0, -2.0], [1.0, 2.0], "point 2 has the frequency -2 Hz"),
            ([1.0, np.inf], [1.0, 2.0], "point 2 is not finite"),
        ],
    )
    def test_wrong_numbers_are_told(self, frequency, impedance, words):
        with pytest.raises(InputError, match=words):
            Spectrum(frequency, impedance)

    @given(
        frequency=st.lists(st.floats(1e-6, 1e9), min_size=1, max_size=20),
        seed=st.integers(0, 2**31),
    )
    def test_a_table_that_is_written_is_read_as_it_was(self, tmp_path_factory, frequency, seed):
        a, b = np.random.default_rng(seed).normal(size=(2, len(frequency)))
        path = tmp_path_factory.mktemp("table") / "a.csv"
        path.write_text(lines(zip(frequency, a, b, strict=True), ","))
        spectrum = fd.data.read_impedance(path)
        assert spectrum.frequency.tolist() == frequency
        assert spectrum.Z.tolist() == (a + 1j * b).tolist()
