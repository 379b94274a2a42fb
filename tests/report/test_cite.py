"""What is cited is what was used, in BibTeX that a reader of BibTeX accepts."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic._core import ArgumentError
from faradaic.approximations import (
    Design,
    GaussianProcess,
    LawRegressor,
    Log,
    Network,
    Polynomial,
    RandomFeatures,
    Spline,
    Symmetric,
)
from faradaic.laws import BUNDLED, Parameter, Variable, arrhenius, law, redlich_kister
from faradaic.report import references
from faradaic.report._bibliography import ECKER, ENTRIES, SULZER

ENTRY = re.compile(r"^@(\w+)\{(\w+),$")


def keys(text: str) -> list[str]:
    return [found[2] for line in text.splitlines() if (found := ENTRY.match(line))]


def table(n=30, name="table", y="y", groups=False):
    x = np.linspace(0.1, 1.0, n)
    frame = pd.DataFrame({"x": x, y: 2 + np.sin(3 * x) + 0.01 * np.random.default_rng(0).normal(size=n)})
    frame["cell"] = np.arange(n) // 5
    return fd.read(frame, x=["x"], y=y, name=name, groups="cell" if groups else None)


FAMILIES = [
    (Polynomial(2), []),
    (RandomFeatures(5), ["RahimiRecht2007"]),
    (Network(2, iterations=20), ["Marquardt1963"]),
    (Spline(5), ["deBoor1978"]),
    (Spline(5, monotone="increasing"), ["deBoor1978", "PyaWood2015"]),
    (GaussianProcess(), ["RasmussenWilliams2006"]),
    (GaussianProcess(6), ["RasmussenWilliams2006", "QuinoneroCandelaRasmussen2005"]),
    (Design(Spline(5), y=Log()), ["deBoor1978"]),
    (Symmetric(Polynomial(2), about=0.5), ["Whitney1943"]),
]


@pytest.mark.parametrize(("model", "used"), FAMILIES, ids=lambda each: getattr(each, "label", ""))
def test_the_family_of_a_trend(model, used):
    assert keys(fd.cite(fd.fit(model, table()))) == ["faradaic", *used]


def test_data_of_the_catalogue_and_the_examples():
    assert keys(fd.cite(table(name="flores2022"))) == ["faradaic", "Flores2022"]
    assert keys(fd.cite(fd.fit(Polynomial(1), table(name="CALiSol-23, LiPF6")))) == ["faradaic", "deBlasio2024"]
    assert keys(fd.cite(fd.data.example("experiment"), fd.data.example("deterministic"))) == [
        "faradaic",
        "Ecker2015",
        "Sulzer2021",
    ]
    assert keys(fd.cite(table(name="experiment"))) == ["faradaic"]  # the name alone makes no example


def test_a_trend_from_a_file_still_knows_its_data(tmp_path):
    trend = fd.fit(Spline(5), fd.data.example("experiment"))
    assert fd.cite(fd.load(trend.save(tmp_path / "D.trend"))) == fd.cite(trend)
    assert keys(fd.cite(trend)) == ["faradaic", "Ecker2015", "deBoor1978"]


def test_a_law_is_cited_by_its_own_source():
    text = fd.cite(arrhenius)
    assert keys(text) == ["faradaic", "law_arrhenius"]
    assert arrhenius.source in text
    assert arrhenius.doi in text
    trend = fd.fit(LawRegressor(0, laws=(arrhenius,)), fd.data.example("stochastic"))
    assert keys(fd.cite(trend)) == ["faradaic", "law_arrhenius", "BranchColemanLi1999"]
    assert keys(fd.cite(redlich_kister(3))) == ["faradaic", "law_redlich_kister_3_298_15"]
    for one in BUNDLED:
        assert len(keys(fd.cite(one))) == 1 + bool(one.doi)
    assert keys(fd.cite(LawRegressor(1))) == ["faradaic"]  # a plane has no author

    @law(formula="y", variables=[Variable("x")], parameters=[Parameter("a", None)], source="A. Author, 2020")
    def mine(x, a):
        return a * x

    assert "note = {A. Author, 2020}" in fd.cite(mine)


def test_methods_of_an_exploration_and_of_what_came_of_it():
    data = table(groups=True)
    found = fd.explore(data, [Polynomial(), Spline()], splits=2, seed=0)
    text = fd.cite(found)
    assert {"Roberts2017", "VarmaSimon2006"} <= set(keys(text))
    assert ("Belkin2019" in keys(text)) == (found.best.regimes.threshold is not None)
    trend = fd.fit(found, data)
    assert "Roberts2017" in keys(fd.cite(trend))
    assert ("Breiman1984" in keys(text)) == ("within one standard error" in found.selection.reason)
    assert ("Breiman1984" in keys(fd.cite(trend))) == ("within one standard error" in found.selection.reason)
    assert "Roberts2017" in keys(fd.cite(found.best))
    assert set(keys(fd.cite(found.selection))) <= set(keys(text))


def test_lists_are_cited_once_each():
    trend = fd.fit(Spline(5), table())
    assert fd.cite([trend, trend], (trend,)) == fd.cite(trend)
    assert fd.cite(trend) == "\n\n".join(references(trend))


def test_something_else_is_refused():
    with pytest.raises(ArgumentError, match="got int"):
        fd.cite(3)


@pytest.mark.parametrize("entry", [*ENTRIES.values(), ECKER, SULZER, *references()[:1], *references(arrhenius)[1:]])
def test_entries_are_balanced_bibtex(entry):
    lines = entry.splitlines()
    assert ENTRY.match(lines[0])
    assert lines[-1] == "}"
    assert entry.count("{") == entry.count("}")
    assert re.search(r"^  title = \{", entry, re.MULTILINE)
    assert all(line.endswith((",", " and")) or line == "}" for line in lines)


def test_every_entry_has_a_key_of_its_own():
    every = [keys(entry)[0] for entry in [*ENTRIES.values(), ECKER, SULZER]]
    assert len(set(every)) == len(every)


def test_answers_of_the_room_for_performance():
    from faradaic.performance import health, knees

    cycle = np.arange(1.0, 200.0)
    rng = np.random.default_rng(0)
    curve = 1.0 - 1e-4 * cycle - 2e-3 * np.maximum(0, cycle - 120) + 1e-4 * rng.normal(size=cycle.size)
    found = knees(pd.DataFrame({"cell": "a", "cycle": cycle, "Q [Ah]": curve}))
    assert keys(fd.cite(found)) == ["faradaic", "FerminCueto2020"]
    R = rng.uniform(1.0, 2.0, 40)
    table = pd.DataFrame({"R [ohm]": R, "Q [mAh]": 10.0 - R + 0.05 * rng.normal(size=40)})
    told = health(table, "Q [mAh]", designs=[Spline(4)], outer=None)
    assert {"faradaic", "deBoor1978"} <= set(keys(fd.cite(told)))
    assert fd.cite(told) == fd.cite(told.exploration, told.trend)
