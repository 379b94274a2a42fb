"""Designs of experiments, and batches of simulations that fail in parts, are stopped, and go on."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import faradaic
from faradaic._core import ArgumentError, UnitError
from faradaic.performance import Range, SimulationDesign, dfn, simulate, simulation_design

TWO = {"a": (0.0, 1.0), "L [um]": (50.0, 80.0)}


class TestDesign:
    @pytest.mark.parametrize("sampler", ["sobol", "latin hypercube", "random"])
    def test_points_lie_in_the_ranges_and_repeat(self, sampler):
        one, two = (simulation_design(TWO, 50, sampler, seed=3) for _ in range(2))
        assert one.X.shape == (50, 2)
        assert ((one.X >= [0, 50]) & (one.X <= [1, 80])).all()
        assert one.fingerprint == two.fingerprint
        assert one.fingerprint != simulation_design(TWO, 50, sampler, seed=4).fingerprint

    def test_a_longer_sobol_design_holds_the_shorter_one(self):
        short, long = (simulation_design(TWO, n, seed=1) for n in (20, 200))
        np.testing.assert_array_equal(long.X[:20], short.X)

    def test_a_latin_hypercube_has_one_point_in_each_stratum(self):
        made = simulation_design(TWO, 40, "latin hypercube")
        assert (np.sort(np.floor(40 * made.X[:, 0])) == np.arange(40)).all()

    def test_sobol_points_are_spread_more_evenly_than_random_ones(self):
        from scipy.stats import qmc

        spread = [qmc.discrepancy(simulation_design({"a": (0, 1), "b": (0, 1)}, 128, s).X) for s in ("sobol", "random")]
        assert spread[0] < 0.1 * spread[1]

    def test_a_logarithmic_range(self):
        made = simulation_design([Range("C-rate", 0.01, 100, log=True)], 1024)
        assert np.median(made.X) == pytest.approx(1.0, rel=0.02)

    @pytest.mark.parametrize(
        ("ranges", "n", "sampler", "says"),
        [
            ({}, 5, "sobol", "at least one parameter"),
            ([Range("a", 0, 1), Range("a", 0, 2)], 5, "sobol", "each once, got 'a' and 'a'"),
            (TWO, 0, "sobol", "n must be a positive whole number, got 0"),
            (TWO, 2.5, "sobol", "got 2.5"),
            (TWO, 5, "grid", "'sobol', 'latin hypercube' or 'random', got 'grid'"),
        ],
    )
    def test_bad_designs(self, ranges, n, sampler, says):
        with pytest.raises(ArgumentError, match=says):
            simulation_design(ranges, n, sampler)

    @pytest.mark.parametrize(
        ("low", "high", "log", "says"),
        [(1, 1, False, "the lower one first"), (0, np.inf, False, "finite"), (0.0, 1.0, True, "begins at 0")],
    )
    def test_bad_ranges(self, low, high, log, says):
        with pytest.raises(ArgumentError, match=says):
            Range("a", low, high, log)

    def test_an_unknown_unit(self):
        with pytest.raises(UnitError, match="furlongg"):
            Range("L [furlongg]", 0, 1)


def product(p: dict[str, float]) -> dict[str, float]:
    return {"y": p["a"] * p["L [um]"], "z [V]": p["a"]}


def moody(p: dict[str, float], limit: float) -> dict[str, float]:
    if p["a"] > limit:
        raise ValueError("the solver\n gave up")
    if p["a"] < 0.1:
        return {"y": float("nan")}
    return {"y": 1.0} if p["a"] < 0.5 else {"other": 1.0}


class TestSimulate:
    def test_a_row_for_each_simulation(self):
        design = simulation_design(TWO, 16)
        found = simulate(product, design)
        np.testing.assert_array_equal(found.Y[:, 0], design.X.prod(axis=1))
        assert found.table().columns.tolist() == ["a", "L [um]", "y", "z [V]"]
        assert "16 of 16 simulations finished" in str(found)

    def test_workers_make_no_difference(self):
        design = simulation_design(TWO, 8)
        np.testing.assert_array_equal(simulate(product, design, n_jobs=2).Y, simulate(product, design).Y)

    def test_failures_are_recorded_and_never_numbers(self):
        design = simulation_design(TWO, 64)
        found = simulate(partial(moody, limit=0.8), design)
        a = design.X[:, 0]
        first = int(np.flatnonzero((a >= 0.1) & (a <= 0.8))[0])
        kept = (a >= 0.1) & ((a < 0.5) if a[first] < 0.5 else (a >= 0.5)) & (a <= 0.8)
        np.testing.assert_array_equal(found.finished, kept)
        assert np.isnan(found.Y[~kept]).all()
        assert len(found.table()) == kept.sum()
        reasons = set(found.failures.values())
        assert "ValueError: the solver gave up" in reasons
        assert "y came out as nan" in reasons
        assert any("as before" in reason for reason in reasons)
        assert "simulations failed: ValueError" in str(found)

    @pytest.mark.parametrize(("made", "says"), [({}, "no response"), ("much", "ValueError"), (None, "TypeError")])
    def test_what_is_no_number(self, made, says):
        found = simulate(lambda p: made, simulation_design(TWO, 2))
        assert all(says in reason for reason in found.reasons)
        assert found.Y.shape == (2, 0)


class TestRun:
    def test_what_is_there_is_not_made_again(self, tmp_path):
        design = simulation_design(TWO, 6)
        calls = tmp_path / "calls"

        def counted(p):
            with calls.open("a") as file:
                file.write("x")
            return product(p)

        one = simulate(counted, design, run=tmp_path / "run")
        two = simulate(counted, design, run=tmp_path / "run")
        assert calls.read_text() == "x" * 6
        np.testing.assert_array_equal(one.Y, two.Y)
        (tmp_path / "run" / "000003.json").unlink()
        simulate(counted, design, run=tmp_path / "run")
        assert calls.read_text() == "x" * 7

    def test_failures_are_kept_too(self, tmp_path):
        design = simulation_design(TWO, 12)
        one = simulate(partial(moody, limit=0.2), design, run=tmp_path / "run")
        assert simulate(partial(moody, limit=0.2), design, run=tmp_path / "run").reasons == one.reasons

    @pytest.mark.parametrize(
        ("model", "design", "says"),
        [
            (partial(moody, limit=0.9), simulation_design(TWO, 4), "model differs"),
            (product, simulation_design(TWO, 4), "model differs"),
            (partial(moody, limit=0.8), simulation_design(TWO, 4, seed=1), "design differs"),
            (partial(moody, limit=0.8), simulation_design(TWO, 5), "design and count differ"),
        ],
    )
    def test_another_run_is_refused(self, model, design, says, tmp_path):
        simulate(partial(moody, limit=0.8), simulation_design(TWO, 4), run=tmp_path / "run")
        with pytest.raises(ArgumentError, match=says):
            simulate(model, design, run=tmp_path / "run")

    def test_an_object_counts_with_its_fields(self, tmp_path):
        class Scaled:
            def __init__(self, factor):
                self.factor = factor

            def __call__(self, p):
                return self.factor * p["a"]

            def again(self, p):
                return self(p)

        design = simulation_design(TWO, 3)
        for name, how in (("call", lambda one: one), ("method", lambda one: one.again)):
            simulate(how(Scaled(2.0)), design, run=tmp_path / name)
            assert simulate(how(Scaled(2.0)), design, run=tmp_path / name).Y[0, 0] == 2.0 * design.X[0, 0]
            with pytest.raises(ArgumentError, match="model differs"):
                simulate(how(Scaled(3.0)), design, run=tmp_path / name)

    def test_a_folder_with_something_else_is_refused(self, tmp_path):
        (tmp_path / "note.txt").write_text("mine")
        with pytest.raises(ArgumentError, match="something else than a run"):
            simulate(product, simulation_design(TWO, 4), run=tmp_path)

    def test_a_part_that_cannot_be_read_is_named(self, tmp_path):
        simulate(product, simulation_design(TWO, 4), run=tmp_path / "run")
        (tmp_path / "run" / "000002.json").write_text('{"responses"')
        with pytest.raises(ArgumentError, match=r"000002\.json"):
            simulate(product, simulation_design(TWO, 4), run=tmp_path / "run")

    def test_a_killed_process_goes_on(self, tmp_path, monkeypatch):
        """A process that is killed in the middle of a batch leaves what it has finished, and no half of anything."""
        (tmp_path / "slow_model.py").write_text(
            "import time\n\ndef model(p):\n    time.sleep(0.05)\n    return {'y': p['a'] * p['L [um]']}\n"
        )
        script = (
            "from slow_model import model\n"
            "from faradaic.performance import simulate, simulation_design\n"
            f"simulate(model, simulation_design({TWO!r}, 100), run='run')\n"
        )
        path = os.pathsep.join([str(tmp_path), str(Path(faradaic.__file__).parents[1])])
        process = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, env={**os.environ, "PYTHONPATH": path})
        run = tmp_path / "run"
        deadline = time.monotonic() + 60
        while len(list(run.glob("0*.json"))) < 5 and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        kept = {file: file.stat().st_mtime_ns for file in run.glob("0*.json")}
        assert 5 <= len(kept) < 100
        monkeypatch.syspath_prepend(str(tmp_path))
        model = importlib.import_module("slow_model").model
        design = simulation_design(TWO, 100)
        found = simulate(model, design, run=run)
        assert {file: file.stat().st_mtime_ns for file in kept} == kept
        np.testing.assert_array_equal(found.Y[:, 0], design.X.prod(axis=1))


@pytest.fixture(scope="module")
def slow() -> dict[str, float]:
    """The published cell at C/10, by the single-particle model."""
    pytest.importorskip("pybamm")
    return SPM({"C-rate": 0.1})


SPM = dfn(model="SPM", mesh=10)


class TestPorousElectrodes:
    """Needs PyBaMM (extra `cells`)."""

    def test_the_published_cell(self, slow):
        # Chen et al. 2020: 5 A h nominal; at C/10 the cell gives nearly the 5.15 A h that its stoichiometries hold
        assert slow["capacity [Ah]"] == pytest.approx(5.1, abs=0.1)
        assert slow["energy [Wh]"] == pytest.approx(slow["capacity [Ah]"] * slow["mean voltage [V]"], rel=1e-9)
        assert 3.5 < slow["mean voltage [V]"] < 3.8
        assert slow["plating margin [V]"] > 0

    def test_the_capacity_goes_with_the_positive_electrode(self, slow):
        thin = SPM({"C-rate": 0.1, "Positive electrode thickness [mm]": 0.0378})
        assert thin["capacity [Ah]"] == pytest.approx(0.5 * slow["capacity [Ah]"], rel=0.01)
        # both electrodes are half as thick, the separator and the collectors are not
        assert 0.5 * slow["energy density [Wh/L]"] < thin["energy density [Wh/L]"] < slow["energy density [Wh/L]"]

    def test_pores_take_the_place_of_active_material(self, slow):
        loose = SPM({"C-rate": 0.1, "Positive electrode porosity": 0.6675})
        assert loose["capacity [Ah]"] == pytest.approx(0.5 * slow["capacity [Ah]"], rel=0.01)

    def test_a_failed_simulation_has_its_reason(self):
        pytest.importorskip("pybamm")
        design = SimulationDesign((Range("Positive electrode porosity", 1.1, 1.2),), np.array([[1.2]]), "random", 0)
        found = simulate(SPM, design)
        assert not found.finished.any()
        assert "Q_Li" in found.reasons[0]

    @pytest.mark.parametrize(
        ("header", "value", "says"),
        [
            ("Positive electrode thicknes [um]", 1.0, "did you mean .*Positive electrode thickness"),
            ("Positive electrode thickness [V]", 1.0, "dimension of PyBaMM's 'Positive electrode thickness \\[m\\]'"),
            ("C-rate", 0.0, "The C-rate must be positive, got 0"),
        ],
    )
    def test_parameters_that_make_no_sense(self, header, value, says):
        pytest.importorskip("pybamm")
        with pytest.raises(ValueError, match=says):
            SPM({header: value})

    def test_a_unit_as_pybamm_writes_it(self):
        pytest.importorskip("pybamm")
        name = "Negative particle diffusivity"
        ours, theirs = (SPM({f"{name} [{unit}]": v}) for unit, v in (("cm**2/s", 2e-10), ("m2.s-1", 2e-14)))
        assert ours == pytest.approx(theirs, rel=1e-6)

    @pytest.mark.parametrize("wrong", [{"model": "P2D"}, {"mesh": 2}, {"tolerance": 0.0}])
    def test_bad_arguments(self, wrong):
        with pytest.raises(ArgumentError, match=r"must be"):
            dfn(**wrong)
