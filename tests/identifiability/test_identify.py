"""The three cases, in one call: more rows than parameters, as many, and fewer."""

from __future__ import annotations

import re

import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import faradaic as fd
from faradaic import laws
from faradaic._core import ArgumentError, FitError
from faradaic.identifiability import Bound, Equality, Implicit, Known, Least, LeastNorm, Prior, Simulator

CIRCLE = Implicit(lambda x, y, x0, y0, r: (x - x0) ** 2 + (y - y0) ** 2 - r**2, bounds={"r": (0, np.inf)})
CENTRE, RADIUS = (1.0, -1.0), 2.0


def points(x, y, sigma=None):
    return fd.read(pd.DataFrame({"x": x, "y": y}), x=["x"], y="y", sigma=sigma)


def on_circle(angles, noise=0.0, seed=0, sigma=None):
    off = noise * np.random.default_rng(seed).normal(size=(2, len(angles)))
    x, y = CENTRE[0] + RADIUS * np.cos(angles) + off[0], CENTRE[1] + RADIUS * np.sin(angles) + off[1]
    return points(x, y, sigma)


def line(sigma=None, n=20, seed=0):
    x = np.linspace(0.0, 5.0, n)
    return points(x, 3.0 + 2.0 * x + 0.1 * np.random.default_rng(seed).normal(size=n), sigma)


def two_offsets(x, a, c, m):
    return a + c + m * x


class TestCircle:
    def test_many_noisy_points_are_fitted_at_right_angles(self):
        angles = np.linspace(0.0, 2 * np.pi, 50, endpoint=False)
        found = np.array([fd.identify(CIRCLE, on_circle(angles, 0.05, seed)).solution.theta for seed in range(40)])
        one = fd.identify(CIRCLE, on_circle(angles, 0.05))
        assert (one.case, one.rank, one.identified) == ("over-determined", 3, ("x0", "y0", "r"))
        truth = np.array([*CENTRE, RADIUS])
        std = np.array([e.std for e in one.estimates])
        assert (np.abs(found[0] - truth) < 3 * std).all()
        # unbiased: the mean of 40 is off by no more than chance, and scatters as one of them says
        assert (np.abs(found.mean(0) - truth) < 3.5 * std / np.sqrt(40)).all()
        np.testing.assert_allclose(found.std(0), std, rtol=0.35)

    def test_the_distance_is_geometric(self):
        from scipy.optimize import least_squares

        angles = np.linspace(0.0, 1.5, 30)  # an arc, of which the algebraic fit makes too small a circle
        data = on_circle(angles, 0.05, 3)
        x, y = data.X[:, 0], data.y
        best = least_squares(lambda p: np.hypot(x - p[0], y - p[1]) - p[2], [1.0, -1.0, 2.0], xtol=1e-15, ftol=1e-15)
        np.testing.assert_allclose(fd.identify(CIRCLE, data).solution.theta, best.x, rtol=1e-6)

    def test_three_points_are_met_exactly(self):
        found = fd.identify(CIRCLE, on_circle([0.3, 1.9, 4.0]))
        assert (found.case, found.rank) == ("exactly determined", 3)
        np.testing.assert_allclose(found.solution.theta, [*CENTRE, RADIUS], atol=1e-12)
        assert found.spectrum.condition > 1
        assert np.isnan(found["r"].low)
        assert "No interval: 3 rows and a rank of 3 leave nothing to tell the scatter from; add 1 row" in str(found)

    def test_two_points_leave_a_family(self):
        found = fd.identify(CIRCLE, points([0.0, 2.0], [0.0, 1.0]))
        assert (found.case, found.rank, found.count) == ("under-determined", 2, 3)
        assert found.free == ("x0", "y0", "r")
        assert all(np.isnan(e.value) for e in found.estimates)  # no number for what is not determined
        assert "Of x0, y0 and r the rows determine only 2 combinations" in str(found)
        assert "a family of answers with one free number" in str(found)
        # the family: centres on the perpendicular bisector, x0 + y0/2 = 5/4
        x0, y0, r = found.solution.theta
        assert 2 * x0 + y0 == pytest.approx(2.5)
        assert r == pytest.approx(np.hypot(x0, y0))
        direction = found.spectrum.free[:, 0]
        assert direction[1] / direction[0] == pytest.approx(-2.0)

    def test_two_points_and_the_smallest_radius(self):
        found = fd.identify(CIRCLE, points([0.0, 2.0], [0.0, 1.0]), Least("r"))
        assert found.identified == ("x0", "y0", "r")
        np.testing.assert_allclose(found.solution.theta, [1.0, 0.5, np.sqrt(5) / 2], atol=1e-12)
        assert "Known beside the rows: the smallest r." in str(found)

    @pytest.mark.parametrize("y", [[0.0, 0.5, 1.0], [0.0, 0.0, 0.0]])
    def test_three_points_on_a_line_are_said_and_not_fitted(self, y):
        found = fd.identify(CIRCLE, points([0.0, 1.0, 2.0], y))
        assert (found.case, found.rank) == ("under-determined", 2)
        assert all(np.isnan(e.value) for e in found.estimates)
        assert "No finite answer" in str(found)
        assert "The 3 points lie on a line" in str(found)
        assert found.next == ("a point off the line",)

    def test_a_known_number_takes_the_place_of_a_point(self):
        found = fd.identify(CIRCLE, points([0.0, 2.0], [0.0, 0.0]), [Known("r", 2.0), Bound("y0", lower=0.0)])
        np.testing.assert_allclose([found["x0"].value, found["y0"].value], [1.0, np.sqrt(3.0)], atol=1e-12)
        assert found["r"].status == "known"

    def test_an_equality_takes_the_place_of_a_point(self):
        found = fd.identify(CIRCLE, points([0.0, 2.0], [0.0, 1.0]), Equality(lambda x0, y0: x0 - y0))
        np.testing.assert_allclose(found.solution.theta, [2.5 / 3, 2.5 / 3, 2.5 / 3 * np.sqrt(2)], atol=1e-10)


class TestCombinations:
    def test_two_offsets_are_known_only_together(self):
        found = fd.identify(two_offsets, line())
        assert (found.rank, found.count, found.case) == (2, 3, "under-determined")
        assert found.identified == ("m",)
        assert [one.name for one in found.combinations] == ["a + c"]
        fit = stats.linregress(*line().X.T, line().y)
        t = stats.t.ppf(0.975, 18)
        one = found["a + c"]
        assert one.value == pytest.approx(fit.intercept)
        assert one.high - one.value == pytest.approx(t * fit.intercept_stderr)
        assert found["m"].high - found["m"].value == pytest.approx(t * fit.stderr, rel=1e-3)
        assert np.isnan(found["a"].value)
        assert "Of a and c the rows determine only a + c." in str(found)
        assert "no further row of this kind, since none feels it" in str(found)
        assert re.search("or knowing [ac] to ±", str(found))  # either is enough

    def test_least_norm_shares_what_is_left(self):
        found = fd.identify(two_offsets, line(), LeastNorm())
        assert found["a"].value == pytest.approx(found["c"].value, rel=1e-9)
        uneven = fd.identify(two_offsets, line(), LeastNorm({"a": 2.0}))
        assert uneven["a"].value == pytest.approx(4 * uneven["c"].value, rel=1e-7)
        assert "The intervals take the criterion for right." in str(found)

    def test_a_prior_closes_it_and_is_as_wide_as_it_says(self):
        found = fd.identify(two_offsets, line(sigma=0.1), Prior("a", 1.0, 0.5))
        assert found["a"].value == pytest.approx(1.0, abs=1e-9)
        assert found["a"].std == pytest.approx(0.5, rel=1e-6)
        assert found.case == "over-determined"

    @pytest.mark.parametrize(
        ("model", "formula"),
        [
            (lambda x, V, tau, C: V * jnp.exp(-x * C / tau), "tau/C"),
            (lambda x, R, C, k: k + jnp.exp(-x / (R * C)), "R*C"),
            (lambda x, a, b, c: a - 2 * b + c * x, "a - 2*b"),
            (lambda x, A, s, E: A * jnp.exp(s - E * x), "ln A + s"),
            (lambda x, a, b, c: a * b**2 * x + c, "a*b^2"),
        ],
    )
    def test_formulas_are_read_off(self, model, formula):
        x = np.linspace(0.2, 3.0, 25)
        truth = np.array([1.3, 0.7, 0.9])
        y = np.array([float(model(v, *truth)) for v in x]) + 0.001 * np.random.default_rng(1).normal(size=25)
        found = fd.identify(model, points(x, y), start={"C": 1.1} if formula == "tau/C" else None)
        assert found.rank == 2
        assert [one.name for one in found.combinations] == [formula]

    def test_what_no_row_feels_is_said(self):
        found = fd.identify(lambda x, a, b: a * x + 0.0 * b, line())
        assert found["b"].status == "not felt"
        assert "The rows do not feel b." in str(found)

    def test_an_offset_that_is_zero_is_felt(self):
        x = np.linspace(0.0, 4.0, 40)
        data = points(x, 2.0 * x, sigma=0.01)  # exact rows: the offset is rounding
        for found in (
            fd.identify(lambda x, a, b: a * x + b, data),
            fd.identify(laws.linear(1), data),
            fd.identify(Simulator(lambda a, b: a * x + b, {"a": 1.0, "b": 0.5}), data, restarts=1),
        ):
            offset = found.estimates[0] if "linear" in found.model else found["b"]
            assert found.rank == 2
            assert offset.low < 0.0 < offset.high

    def test_equal_conditions_count_once(self):
        data = points([1.0, 1.0, 1.0], [2.0, 2.1, 1.9])
        found = fd.identify(lambda x, a, m: a + m * x, data)
        assert (found.rows, found.distinct, found.rank) == (3, 1, 1)
        assert "3 rows at 1 condition count as 1." in str(found)
        assert found.combinations[0].name == "a + m"


class TestLaw:
    T = np.linspace(260.0, 360.0, 8)

    def data(self, T, sigma=0.02, seed=0, known=True):
        k = laws.vogel_fulcher_tammann(T[:, None], [100.0, 600.0, 180.0])
        noisy = k * (1 + sigma * np.random.default_rng(seed).normal(size=len(T)))
        frame = pd.DataFrame({"T [K]": T, "k [S/m]": noisy, "s [S/m]": sigma * k})
        return fd.read(frame, x=["T [K]"], y="k [S/m]", sigma="s [S/m]" if known else None)

    def test_two_temperatures_do_not_tell_three_parameters(self):
        found = fd.identify(laws.vogel_fulcher_tammann, self.data(np.array([280.0, 320.0]), known=False))
        assert (found.rank, found.count) == (2, 3)
        assert len(found.combinations) <= 2
        assert all(np.isnan(e.value) for e in found.estimates)
        assert "Of A, B and T0 the rows determine only 2 combinations" in str(found)
        assert any(one.startswith("a row at T = ") for one in found.next)
        assert any(one.startswith("knowing ") for one in found.next)

    def test_the_next_temperature_settles_it(self):
        found = fd.identify(laws.vogel_fulcher_tammann, self.data(np.array([280.0, 320.0])))
        candidates = np.array([280.0, 290.0, 300.0, 319.0, 320.0])
        third = found.next_conditions(1, candidates)[0, 0]
        assert third in (290.0, 300.0)  # what was measured already tells nothing of what is free
        again = fd.identify(laws.vogel_fulcher_tammann, self.data(np.array([280.0, third, 320.0])))
        assert again.rank == 3

    def test_next_conditions_are_d_optimal(self):
        found = fd.identify(lambda x, a, m: a + m * x, points([0.0, 0.4, 1.0], [1.0, 2.0, 3.1], sigma=0.1))
        assert found.next_conditions(2, [0.0, 0.3, 0.7, 1.0]).ravel().tolist() in ([1.0, 0.0], [0.0, 1.0])

    def test_profiles_know_that_a_parameter_may_end_at_its_bound(self):
        found = fd.identify(laws.vogel_fulcher_tammann, self.data(self.T, sigma=0.2, known=False))
        one = found.profile("T0")
        assert one.name == "T0"
        assert (np.diff(one.rise) > 0).all()
        assert one.shape == "open below"
        assert one.low == 0.0
        assert found["T0"].high < 260.0

    def test_a_linear_law_has_students_interval(self):
        T = np.linspace(280.0, 340.0, 6)
        y = 3.0 + 0.02 * T + 0.1 * np.random.default_rng(2).normal(size=6)
        data = fd.read(pd.DataFrame({"T": T, "y": y}), x=["T"], y="y")
        found = fd.identify(laws.linear(1), data)
        fit = stats.linregress(T, y)
        slope = found.estimates[1]
        assert slope.value == pytest.approx(fit.slope)
        assert slope.high - slope.value == pytest.approx(stats.t.ppf(0.975, 4) * fit.stderr)

    def test_smaller_models_are_ranked(self):
        x = np.linspace(0.1, 3.0, 30)
        y = 2.0 * np.exp(-x) + 0.02 * np.random.default_rng(3).normal(size=30)
        found = fd.identify(lambda x, a, k, b: a * jnp.exp(-k * x) + b, points(x, y, sigma=0.02))
        ranked = found.reduced_models()
        assert ranked[0].held == {"b": 0.0}
        assert ranked[0].p_value > 0.05
        worst = ranked[-1]
        assert worst.p_value < 1e-6
        assert {"a": 0.0} in [one.held for one in ranked]


class TestFailures:
    def test_a_refit_that_fails_ends_no_interval(self):
        x = np.linspace(0.1, 3.0, 30)
        data = points(x, 2.0 * x + 1.0 + 0.1 * np.random.default_rng(0).normal(size=30), sigma=0.1)
        sound = fd.identify(lambda x, m, b: m * x + b, data)["m"]
        edge = sound.value + 0.5 * (sound.high - sound.value)

        def broken(x, m, b):  # no number beyond the edge, which lies inside the interval
            return m * x + b + jnp.where(m > edge, jnp.nan, 0.0)

        found = fd.identify(broken, data, restarts=1)
        assert found["m"].low == pytest.approx(sound.low, rel=1e-3)
        assert np.isnan(found["m"].high)
        assert found.profile("m").shape == "open above"
        assert "An end of the interval of m is not known: the model is not finite" in str(found)


class TestSimulator:
    def test_a_function_of_the_parameters_by_differences_and_exactly(self):
        x = np.linspace(0.0, 4.0, 40)
        y = 2.0 * np.exp(-x / 1.5) + 0.01 * np.random.default_rng(0).normal(size=40)
        data = points(x, y, sigma=0.01)

        def run(amplitude, tau):
            return amplitude * np.exp(-x / tau)

        def run_exactly(amplitude, tau):
            return amplitude * jnp.exp(-jnp.asarray(x) / tau)

        start = {"amplitude": 1.0, "tau": 1.0}
        bounds = {"tau": (0.01, 100.0)}
        by_differences = fd.identify(Simulator(run, start, bounds), data)
        exactly = fd.identify(Simulator(run_exactly, start, bounds, step=None), data)
        for name, truth in (("amplitude", 2.0), ("tau", 1.5)):
            assert exactly[name].low < truth < exactly[name].high
            assert by_differences[name].value == pytest.approx(exactly[name].value, rel=1e-5)
            assert by_differences[name].high == pytest.approx(exactly[name].high, rel=1e-3)

    def test_a_product_is_found_by_differences(self):
        x = np.linspace(0.0, 4.0, 40)
        data = points(x, 2.0 * np.exp(-x / 1.5), sigma=0.01)
        found = fd.identify(
            Simulator(lambda R, C: 2.0 * np.exp(-x / (R * C)), {"R": 1.0, "C": 1.2}, log=["R", "C"]), data
        )
        assert [one.name for one in found.combinations] == ["R*C"]
        assert found["R*C"].value == pytest.approx(1.5, rel=1e-4)

    @pytest.mark.parametrize("size", [1e-14, 1e14])
    def test_units_change_nothing(self, size):
        x = np.linspace(0.0, 4.0, 40)
        data = points(x, 2.0 * np.exp(-x / 1.5), sigma=0.01)
        start = {"D": 1.1 * size, "L": 1.05e-5, "q": 1.1}

        def run(D, L, q):
            return 2.0 * q * np.exp(-x * (D / size) / (L / 1e-5) / 1.5)

        found = fd.identify(Simulator(run, start, log=["D", "L"]), data, restarts=2)
        assert found.free == ("D", "L")
        assert [one.name for one in found.combinations] == ["D/L"]
        assert found["D/L"].value == pytest.approx(1e5 * size, rel=1e-4)

    def test_a_sum_of_parameters_of_very_different_size(self):
        x = np.linspace(0.0, 1.0, 20)
        found = fd.identify(lambda x, a, c, m: 1e12 * a + c + m * x, points(x, 3.0 + x), start={"a": 1e-12})
        assert found.identified == ("m",)
        assert found.combinations[0].value == pytest.approx(3e-12)
        assert found.combinations[0].name == "a + 1e-12*c"

    def test_a_wrong_length_is_said(self):
        with pytest.raises(ArgumentError, match=r"one value for each of the 20 rows, got shape \(3,\)"):
            fd.identify(Simulator(lambda a: a * np.ones(3), {"a": 1.0}), line())


class TestSeveralOptima:
    def test_other_minima_are_told(self):
        x = np.linspace(0.0, 10.0, 60)
        y = np.cos(2.0 * x) + np.cos(3.1 * x) + 0.05 * np.random.default_rng(0).normal(size=60)
        found = fd.identify(lambda x, w: jnp.cos(w * x), points(x, y), start={"w": 2.0}, restarts=40)
        assert len(found.optima) > 1
        assert "Other minima that fit almost as well" in str(found)
        assert found.optima[0].squares <= found.optima[1].squares

    def test_a_minimum_that_a_profile_runs_into_is_taken(self):
        x = np.linspace(0.0, 10.0, 60)
        y = 2.0 * np.cos(2.5 * x) + 0.3 * np.random.default_rng(0).normal(size=60)

        # frequencies beyond what the rows can tell are aliases, and are bounded away
        model = Simulator(
            lambda a, w, p: a * jnp.cos(w * jnp.asarray(x) + p),
            {"a": 2.0, "w": 3.3, "p": 0.1},
            bounds={"w": (0.1, 6.0)},
            step=None,
        )
        # one search, from a frequency at which it ends in another minimum
        alone = fd.identify(model, points(x, y), restarts=1, intervals="student")
        found = fd.identify(model, points(x, y), restarts=1)
        assert alone.solution.squares > 100.0
        assert found.solution.squares == pytest.approx(3.957, rel=1e-3)
        assert abs(found["w"].value) == pytest.approx(2.5, abs=0.05)
        assert not any(one.better is not None for one in found.profiles)


class TestBadInput:
    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ({"level": 95}, "level must lie between 0 and 1, got 95"),
            ({"tolerance": 0}, "tolerance must be positive"),
            ({"restarts": 0}, "restarts must be a whole number"),
            ({"intervals": "bayes"}, "'profile' or 'student'"),
            ({"information": "least norm"}, "information must hold Known"),
            ({"information": Known("b", 1.0)}, "'b', which is no parameter; did you mean"),
            ({"information": [Least("a"), LeastNorm()]}, "Only one thing can be the least"),
            ({"information": Prior("a", 0.0, 1.0)}, "read the data with sigma="),
            ({"information": [Known("a", 1.0), Bound("a", 0.0, 2.0)]}, "a is known exactly already"),
            ({"information": [Known(n, 1.0) for n in "acm"]}, "Every parameter is known already"),
            ({"information": [Known("a", 1.0), Least("a")]}, "a is known already"),
            ({"start": {"q": 1.0}}, "start names 'q'"),
        ],
    )
    def test_arguments(self, change, says):
        with pytest.raises(ArgumentError, match=says):
            fd.identify(two_offsets, line(), **change)

    def test_models(self):
        with pytest.raises(ArgumentError, match="model must be a law"):
            fd.identify("arrhenius", line())
        with pytest.raises(ArgumentError, match="none is left for a parameter"):
            fd.identify(lambda x: x, line())
        with pytest.raises(ArgumentError, match=r"name its parameters.*got \*args"):
            fd.identify(lambda x, *p: x, line())
        with pytest.raises(ArgumentError, match="takes 2 inputs"):
            fd.identify(laws.casteel_amis_arrhenius, line())
        with pytest.raises(ArgumentError, match="positive std"):
            Prior("a", 0.0, 0.0)
        with pytest.raises(ArgumentError, match="must lie below"):
            Bound("a", 1.0, 1.0)

    def test_a_model_that_is_nowhere_finite(self):
        with pytest.raises(FitError, match="No search came to an end"):
            fd.identify(lambda x, a: a * jnp.log(-1.0 - x), line())

    def test_equalities_that_contradict_one_another(self):
        both = [Equality(lambda a, c: a - c), Equality(lambda a, c: a - c - 1.0)]
        with pytest.raises(FitError, match="no parameters satisfy the equalities"):
            fd.identify(two_offsets, line(), both)

    def test_questions_to_an_answer(self):
        found = fd.identify(two_offsets, line())
        with pytest.raises(ArgumentError, match="no parameter 'b'"):
            found["b"]
        with pytest.raises(ArgumentError, match="There is no profile of 'a'"):
            found.profile("a")
        with pytest.raises(ArgumentError, match="candidates must be finite rows of x"):
            found.next_conditions(1, [[np.nan]])
        with pytest.raises(ArgumentError, match="function of conditions"):
            fd.identify(CIRCLE, on_circle([0.0, 1.0, 2.0])).next_conditions()


def test_the_answer_as_numbers_holds_no_nan():
    import json

    found = fd.identify(two_offsets, line())
    text = json.dumps(found.to_dict(), allow_nan=False)
    again = json.loads(text)
    assert again["rank"] == 2
    assert again["estimates"][0] == {
        "name": "a", "status": "together", "value": None, "std": None, "low": None, "high": None, "unit": "",
    }  # fmt: skip


def test_pictures():
    import matplotlib.pyplot as plt

    from faradaic.identifiability import ProfileDisplay

    found = fd.identify(two_offsets, line())
    shown = found.plot()
    assert shown.names == ["a", "c", "m", "a + c"]
    assert [text.get_text() for text in shown.texts_] == ["left free", "left free"]
    one = ProfileDisplay(found.profile("m")).plot()
    assert one.ax_.get_xlabel() == "m"
    plt.close("all")
