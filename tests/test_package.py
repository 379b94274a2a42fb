"""The package as a whole: what an import costs, what it changes, and who may import whom."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import subprocess
import sys
import textwrap
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import faradaic

PACKAGE = Path(faradaic.__file__).parent
ROOT = Path(__file__).parents[1]
ROOMS = ["data", "laws", "approximations", "landscape", "identifiability", "trend", "performance", "report"]
VERBS = ["cite", "read", "landscape", "learning_curve", "explore", "identify", "fit", "load"]

# Who stands on whom: each line may import from the lines below it, never from its own line or from above.
FLOORS = [
    ["cli"],
    ["report"],
    ["structure", "mesostructure", "performance", "control", "dynamics"],
    ["trend"],
    ["identifiability", "landscape"],
    ["approximations"],
    ["laws", "data"],
    ["_core"],
]
FLOOR = {room: len(FLOORS) - height for height, rooms in enumerate(FLOORS) for room in rooms}
ALONE = {"laws": {"_core"}}  # pure functions: they stand on nothing else of ours

# What the general rooms must not know about.
DOMAIN_WORDS = (
    "anode|arrhenius|battery|cathode|conductivity|diffusivity|electrochemistry|electrode|electrolyte|faraday|impedance|"
    "kelvin|lithium|overpotential|porosity|solvent|stoichiometry|tafel|temperature|voltage"
)


def in_a_fresh_python(code: str) -> str:
    """Run ``code`` in a new interpreter that sees this package; return what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


class TestImport:
    def test_it_takes_less_than_a_second(self):
        code = "import time; start = time.perf_counter(); import faradaic; print(time.perf_counter() - start)"
        assert min(float(in_a_fresh_python(code)) for _ in range(3)) < 1.0

    def test_it_loads_nothing_heavy(self):
        loaded = set(in_a_fresh_python("import faradaic, sys; print(*sys.modules)").split())
        heavy = {"numpy", "scipy", "pandas", "xarray", "sklearn", "jax", "matplotlib", "pint", "typer", "rich"}
        assert not loaded & heavy

    def test_the_rooms_change_no_global_state(self):
        code = f"""
            import importlib, json, locale, logging, os, random, signal, warnings
            import joblib, matplotlib, numpy, pandas, pint, scipy, sklearn, xarray
            import jax

            def state():
                return {{
                    "numpy errors": numpy.geterr(),
                    "numpy printing": str(numpy.get_printoptions()),
                    "numpy random": str(numpy.random.get_state()),
                    "random": hash(random.getstate()),
                    "warnings": len(warnings.filters),
                    "logging": [logging.root.level, len(logging.root.handlers), logging.raiseExceptions],
                    "jax": {{k: str(v) for k, v in jax.config.values.items()}},
                    "matplotlib": [str(dict(matplotlib.rcParams)), matplotlib.get_backend()],
                    "pandas": pandas.get_option("display.max_rows"),
                    "pint": id(pint.get_application_registry().get()),
                    "sklearn": str(sklearn.get_config()),
                    "xarray": str(xarray.get_options()),
                    "environment": dict(os.environ),
                    "folder": os.getcwd(),
                    "locale": locale.setlocale(locale.LC_ALL),
                    "interrupt": str(signal.getsignal(signal.SIGINT)),
                }}

            import sklearn.model_selection, scipy.optimize, scipy.spatial, scipy.interpolate, jax.numpy
            before = state()
            import faradaic
            for room in {present(ROOMS)!r}:
                importlib.import_module("faradaic." + room)
            after = state()
            print(json.dumps([name for name in before if before[name] != after[name]]))
        """
        assert json.loads(in_a_fresh_python(code)) == []


class TestPublicNames:
    def test_dir_lists_the_verbs_and_the_rooms(self):
        public = {name for name in dir(faradaic) if not name.startswith("__")}
        assert public == {*VERBS, *ROOMS}

    def test_verbs_can_be_called(self):
        assert all(callable(getattr(faradaic, verb)) for verb in VERBS)

    def test_rooms_are_modules(self):
        assert [getattr(faradaic, room).__name__ for room in ROOMS] == [f"faradaic.{room}" for room in ROOMS]

    def test_another_name_is_an_attribute_error(self):
        with pytest.raises(AttributeError, match="has no attribute 'reed'"):
            faradaic.reed  # noqa: B018

    def test_the_version_stands_in_one_place(self):
        assert re.fullmatch(r"\d+\.\d+\.\d+", faradaic.__version__)
        assert "version =" not in (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("[tool", 1)[0]

    @pytest.mark.parametrize("room", ROOMS)
    def test_a_room_names_what_it_offers(self, room):
        # `from ._x import Y as Y` and nothing by accident: no star, no private name, no module of someone else.
        tree = ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                assert all(alias.name == alias.asname for alias in node.names), ast.unparse(node)


ORDERS = {
    "the verb first": "import P; assert P.landscape(2) == 4; from P.landscape import Landscape",
    "the room first": "import P.landscape; assert P.landscape(2) == 4; P.landscape.Landscape",
    "a class from the room first": "from P.landscape import Landscape; import P; assert P.landscape(2) == 4",
    "the verb from the package": "from P import landscape; assert landscape(2) == 4; landscape.Landscape",
    "the verb from the room": "from P.landscape import landscape; import P; assert P.landscape(2) == landscape(2) == 4",
    "the room under another name": "import P.landscape as room; assert room(2) == 4 and room.Landscape",
    "a private file first": "import P.landscape._thing; assert P.landscape(2) == 4",
    "by importlib": "import importlib, P; importlib.import_module('P.landscape'); assert P.landscape(2) == 4",
    "loaded again": "import importlib as i, P; assert i.reload(P.landscape)(2) == 4; P.landscape.Landscape",
    "the package loaded again": "import importlib, P.landscape; importlib.reload(P); assert P.landscape(2) == 4",
}


class TestRoomThatIsAlsoAVerb:
    """`faradaic.landscape` is a room and a verb; the order of imports must not matter."""

    @pytest.fixture
    def package(self, tmp_path, monkeypatch) -> Iterator[str]:
        name = f"p{uuid.uuid4().hex}"
        room = tmp_path / name / "landscape"
        room.mkdir(parents=True)
        front = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
        (tmp_path / name / "__init__.py").write_text(front, encoding="utf-8")
        (room / "_thing.py").write_text("class Landscape: ...\ndef landscape(x: int) -> int: return 2 * x\n")
        (room / "__init__.py").write_text(
            "from faradaic._core._callable_room import callable_room\n"
            "from ._thing import Landscape as Landscape\n"
            "from ._thing import landscape as landscape\n"
            "callable_room(__name__, 'landscape')\n"
        )
        monkeypatch.syspath_prepend(str(tmp_path))
        yield name
        for module in [module for module in sys.modules if module.split(".")[0] == name]:
            del sys.modules[module]

    @pytest.mark.parametrize("statements", ORDERS.values(), ids=ORDERS)
    def test_every_order_of_imports(self, package, statements):
        exec(statements.replace("P", package), {})

    def test_it_shows_the_signature_of_its_verb(self, package):
        import inspect

        room = importlib.import_module(f"{package}.landscape")
        assert str(inspect.signature(room)) == "(x: int) -> int"
        assert inspect.ismodule(room)

    @pytest.mark.parametrize(
        "statements",
        [
            "import faradaic as fd; assert callable(fd.landscape); from faradaic.landscape import Landscape",
            "import faradaic.landscape; assert callable(faradaic.landscape); faradaic.landscape.Landscape",
            "from faradaic.landscape import Landscape; import faradaic as fd; assert callable(fd.landscape)",
            "import faradaic as fd; fd.fit; fd.load; assert callable(fd.landscape) and fd.landscape.Landscape",
        ],
    )
    def test_the_real_one(self, statements):
        in_a_fresh_python(statements)


@dataclass(frozen=True)
class Import:
    file: str
    line: int
    source: str  # the room that imports
    target: str  # the absolute dotted name that is imported
    names: tuple[str, ...]

    @property
    def room(self) -> str:
        return self.target.split(".")[1] if "." in self.target else ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.target} ({', '.join(self.names)})"


def present(rooms: list[str]) -> list[str]:
    return [room for room in rooms if (PACKAGE / room / "__init__.py").is_file()]


def imports() -> list[Import]:
    """Every import of the package's own modules, wherever in a file it stands."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ["faradaic", *path.relative_to(PACKAGE).with_suffix("").parts]
        if len(parts) == 2:  # the package's own front: it names the rooms lazily
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                targets = [(alias.name, ()) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = parts[: len(parts) - node.level] if node.level else []
                targets = [(".".join([*base, *filter(None, [node.module])]), tuple(a.name for a in node.names))]
            else:
                continue
            for target, names in targets:
                if target == "faradaic":  # `from faradaic import data` names a room
                    found += [Import(str(path), node.lineno, parts[1], f"faradaic.{n}", ()) for n in names]
                elif target.startswith("faradaic."):
                    found.append(Import(str(path), node.lineno, parts[1], target, names))
    return [one for one in found if one.room != one.source]


def words_of_code(tree: ast.AST) -> Iterator[str]:
    """Every identifier and every text in the code, docstrings apart."""
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            named = field in {"arg", "asname", "attr", "id", "name"}
            text = isinstance(node, ast.Constant) and field == "value" and id(node) not in documentation
            if isinstance(value, str) and (named or text):
                yield value


class TestFloorPlan:
    def test_there_are_imports_to_read(self):
        assert any(one.source == "approximations" and one.room == "_core" for one in imports())

    def test_every_folder_is_a_room_of_the_plan(self):
        folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
        assert folders <= set(FLOOR)

    def test_imports_point_downwards_only(self):
        # Rooms on one floor do not import one another either: the applications least of all.
        wrong = [str(one) for one in imports() if FLOOR[one.source] <= FLOOR.get(one.room, 99)]
        assert not wrong

    def test_laws_stand_on_the_core_alone(self):
        wrong = [str(one) for one in imports() if one.room not in ALONE.get(one.source, {one.room})]
        assert not wrong

    def test_no_room_reads_the_private_files_of_another(self):
        def private(one: Import) -> bool:  # the core is no room: it is private to the package as a whole
            return one.room != "_core" and any(
                part.startswith("_") for part in [*one.target.split(".")[2:], *one.names]
            )

        assert not [str(one) for one in imports() if private(one)]

    @pytest.mark.parametrize("room", ["landscape", "approximations"])
    def test_general_rooms_name_no_domain_quantity(self, room):
        # Names and texts of the code; an explanation in a docstring may give an example.
        found = []
        for path in sorted((PACKAGE / room).rglob("*.py")):
            words = words_of_code(ast.parse(path.read_text(encoding="utf-8")))
            found += [f"{path.name}: {word}" for word in words if re.search(DOMAIN_WORDS, word.lower())]
        assert not found


class TestReadme:
    TEXT = (ROOT / "README.md").read_text(encoding="utf-8")

    def test_its_python_example_runs(self, tmp_path, monkeypatch, capsys):
        rng = np.random.default_rng(0)
        T, c, r = (grid.ravel() for grid in np.meshgrid([263.15, 293.15, 323.15], [0.5, 1.0, 1.5], [0.2, 0.5, 0.8]))
        T, c, r = (np.repeat(values, 2) for values in (T, c, r))
        k = 10 * c * np.exp(-0.9 * c) * (1 + r) * np.exp(-1800 * (1 / T - 1 / 298.15)) + rng.normal(0, 0.05, len(T))
        composition = [f"{a}-{b}" for a, b in zip(c, r, strict=True)]
        table = pd.DataFrame({"T [K]": T, "c [mol/kg]": c, "r": r, "k [mS/cm]": k, "composition": composition})
        table.to_csv(tmp_path / "conductivity.csv", index=False)
        monkeypatch.chdir(tmp_path)
        # One design instead of the whole ladder: tested is that the words of the example are right.
        one = [faradaic.approximations.Polynomial(degree=1)]
        monkeypatch.setattr(faradaic, "explore", partial(faradaic.explore, designs=one, outer=None))
        exec(re.search(r"```python\n(.*?)```", self.TEXT, re.DOTALL)[1], {})  # type: ignore[index]
        assert capsys.readouterr().out.strip()
        assert (tmp_path / "conductivity.trend").is_file()

    def test_its_links_lead_somewhere(self):
        links = re.findall(r"\]\(([^)#:]+)\)", self.TEXT)
        assert not [link for link in links if not (ROOT / link).exists()]


class TestSource:
    def test_nothing_is_pickled_evaluated_or_printed(self):
        forbidden = re.compile(r"^\s*(import pickle|from pickle|print\()|\b(eval|exec)\(|except\s*:", re.MULTILINE)
        found = [str(path) for path in PACKAGE.rglob("*.py") if forbidden.search(path.read_text(encoding="utf-8"))]
        assert not found

    def test_no_file_is_too_long_to_read(self):
        long = {path.name: n for path in PACKAGE.rglob("*.py") if (n := len(path.read_bytes().splitlines())) > 400}
        assert not long

    def test_one_command_runs_the_tests_everywhere(self):
        # What the README tells a reader is what the continuous integration runs.
        command = "python -m pytest -n 2"
        for name in ["README.md", "CONTRIBUTING.md", ".ci/run"]:
            assert command in (ROOT / name).read_text(encoding="utf-8"), name
