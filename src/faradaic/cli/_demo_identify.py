"""`faradaic demo identify`: one circle, from many points, from three, and from two and the smallest radius."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ._say import command_line, console, say_json, say_paragraphs

if TYPE_CHECKING:
    from faradaic.data import Dataset
    from faradaic.report import Inquiry

CENTRE, RADIUS, NOISE = (1.0, 0.5), 2.0, 0.08
WINDOW = ((-2.2, 4.2), (-2.7, 3.7))
MEMBERS = (-1.2, -0.4, 1.8, 2.6)  # abscissae of other centres on the family of circles through two points


def inquiries(seed: int = 0) -> list[Inquiry]:
    """Return the three cases of the method, asked about a circle."""
    import faradaic as fd
    from faradaic.identifiability import Implicit, Known, Least
    from faradaic.report import Inquiry

    circle = Implicit(_circle, bounds={"r": (0.0, np.inf)})
    many, three, two = (
        _points(np.linspace(0, 2 * np.pi, 50, endpoint=False), NOISE, seed),
        _points(np.array([0.4, 2.0, 4.2]), 0.0, seed),
        _points(np.array([2.5, 5.5]), 0.0, seed),
    )
    family = tuple(fd.identify(circle, two, Known("x0", x0)) for x0 in MEMBERS)
    return [
        Inquiry(fd.identify(circle, many), "Many points: regression", window=WINDOW),
        Inquiry(fd.identify(circle, three), "Three points: interpolation", window=WINDOW),
        Inquiry(fd.identify(circle, two), "Two points: no unique answer", family, WINDOW),
        Inquiry(fd.identify(circle, two, Least("r")), "Two points and the smallest radius", family, WINDOW),
    ]


def _circle(x: Any, y: Any, x0: Any, y0: Any, r: Any) -> Any:
    return (x - x0) ** 2 + (y - y0) ** 2 - r**2


def _points(angle: Any, noise: float, seed: int) -> Dataset:
    import pandas as pd

    from faradaic.data import read

    off = noise * np.random.default_rng(seed).normal(size=(2, len(angle)))
    x = CENTRE[0] + RADIUS * np.cos(angle) + off[0]
    y = CENTRE[1] + RADIUS * np.sin(angle) + off[1]
    return read(pd.DataFrame({"x": x, "y": y}), x=["x"], y="y", name=f"{len(angle)} points")


def demo_identify(report: Path, seed: int, *, as_json: bool, quiet: bool) -> None:
    """Ask, print and write the page."""
    from faradaic.report import write_inquiry

    asked = inquiries(seed)
    title = "faradaic: a circle from many points, from three, and from two"
    path = write_inquiry(report, asked, command=command_line(), title=title)
    if as_json:
        say_json(
            {
                "inquiries": [{"title": one.title} | one.result.to_dict() for one in asked],
                "command": command_line(),
                "written": {"report": str(path)},
            }
        )
        return
    if quiet:
        return
    out = console()
    for one in asked:
        say_paragraphs(out, one.heading, one.lines)
        out.print()
    out.print(f"Wrote the report: {path}")
