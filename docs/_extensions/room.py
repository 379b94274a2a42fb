"""A directive that documents one room: its public names, in the order in which its ``__init__.py`` gives them.

The names are read from the source (``from ._x import Y as Y``), so the pages cannot fall behind the package.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any, get_args

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

PACKAGE = Path(__file__).parents[2] / "src" / "faradaic"


def public_names(room: str) -> list[str]:
    source = PACKAGE.joinpath(*room.split("."), "__init__.py")
    if not source.is_file():
        return []
    names = []
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            names += [alias.asname for alias in node.names if alias.asname]
    return names


def is_law(value: object) -> bool:
    return hasattr(value, "formula") and hasattr(value, "parameters")


def summary(value: Any) -> str:
    """Return the first sentence of what a value says about itself."""
    if isinstance(value, UnionType):
        return "One of " + ", ".join(f"`{part.__name__}`" for part in get_args(value)) + "."
    if isinstance(value, Mapping):
        return "Entries: " + ", ".join(f"``{key!r}``" for key in value) + "."
    documented = value.function if is_law(value) and not inspect.isclass(value) else value
    if not (inspect.isclass(documented) or inspect.isroutine(documented)):
        named = [str(getattr(item, "name", "")) for item in value] if isinstance(value, tuple) else []
        return (
            "A tuple: " + ", ".join(f"``{name}``" for name in named) + "." if all(named) and named else f"``{value!r}``"
        )
    text = inspect.getdoc(documented) or ""
    return " ".join(text.split("\n\n")[0].split())


def table(rows: list[list[str]], header: bool = False) -> list[str]:
    lines = [".. list-table::", *(["   :header-rows: 1"] if header else []), ""]
    for row in rows:
        lines += [f"   {'* -' if number == 0 else '  -'} {cell}" for number, cell in enumerate(row)]
    return [*lines, ""]


def law_lines(name: str, law: Any) -> list[str]:
    """Return the lines that document one law: its formula, its parameters, and where it comes from."""
    rows = [
        [f"``{one.name}``", one.unit or "of the response", *(f"{v:g}" for v in (one.lower, one.upper, one.start))]
        for one in law.parameters
    ]
    rows.insert(0, ["parameter", "unit", "lower", "upper", "start"])
    variables = [
        f"``{one.name}`` ({one.unit or 'any unit'}; {one.valid[0]:g} to {one.valid[1]:g})" for one in law.variables
    ]
    source = f"{law.source} https://doi.org/{law.doi}" if law.doi else law.source
    body = [inspect.getdoc(law.function) or "", "", ".. math::", "", f"   {law.formula}", ""]
    body += [
        "Variables: " + ", ".join(variables) + "." if variables else "No variables.",
        "",
        *table(rows, header=True),
    ]
    body += [f"Source: {source}", ""]
    indented = [f"   {line}" if line else "" for text in body for line in text.split("\n")]
    return [f".. py:data:: {name}", "", *indented]


def in_parts(value: type) -> bool:
    """Return whether a class is written in several files of its room, its methods in bases that nobody imports."""
    bases = value.__mro__[1:-1]
    room = value.__module__.rpartition(".")[0]
    return all(base.__module__.startswith(f"{room}.") for base in bases) and any(
        base.__name__ not in public_names(room.rpartition(".")[2]) for base in bases
    )


def entry(name: str, value: Any) -> list[str]:
    """Return the lines that document one public name."""
    if inspect.isclass(value):
        return [f".. autoclass:: {name}", *(["   :inherited-members:"] if in_parts(value) else []), ""]
    if inspect.isroutine(value):
        return [f".. autofunction:: {name}", ""]
    if is_law(value):
        return law_lines(name, value)
    return [f".. py:data:: {name}", "", f"   {summary(value)}", ""]


def has_a_page_of_its_own(value: object, module: ModuleType) -> bool:
    """Return whether a name comes from a room inside the room, which documents it."""
    inside, _, rest = getattr(value, "__module__", "").removeprefix(f"{module.__name__}.").partition(".")
    return bool(rest) and not inside.startswith("_") and (PACKAGE / module.__name__.split(".")[1] / inside).is_dir()


def room_lines(module: ModuleType, names: list[str]) -> list[str]:
    values = {name: getattr(module, name) for name in names}
    overview = table([[f":py:obj:`{name} <{module.__name__}.{name}>`", summary(values[name])] for name in names])
    own = {name: value for name, value in values.items() if not has_a_page_of_its_own(value, module)}
    entries = [line for name, value in own.items() for line in entry(name, value)]
    return [f".. py:currentmodule:: {module.__name__}", "", *overview, *entries]


class Room(SphinxDirective):
    """``.. room:: data``, or ``.. room:: laws.circuits`` for a room inside a room."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        room = self.arguments[0]
        names = public_names(room)
        if not names:
            return [nodes.paragraph(text="This room is not part of this version.")]
        self.env.note_dependency(str(PACKAGE.joinpath(*room.split("."), "__init__.py")))
        lines = room_lines(importlib.import_module(f"faradaic.{room}"), names)
        container = nodes.container()
        self.state.nested_parse(StringList(lines, source=f"faradaic.{room}"), self.content_offset, container)
        return container.children


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("room", Room)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
