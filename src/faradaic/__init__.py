"""From a table of electrochemical observations to the approximation that the data support.

Eight verbs, `read`, `landscape`, `learning_curve`, `explore`, `identify`, `fit`, `load` and `cite`, and one room for
each step of the method: `data`, `laws`, `approximations`, `landscape`, `identifiability`, `trend` and `report`. A room
of application stands on them: `performance`. Each is imported when it is first used.

Examples
--------
>>> import faradaic as fd
>>> data = fd.read("conductivity.csv", x=["T [K]", "c [mol/kg]"], y="k [mS/cm]")  # doctest: +SKIP
>>> trend = fd.fit(fd.explore(data).selection, data)  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import approximations as approximations
    from . import data as data
    from . import identifiability as identifiability
    from . import laws as laws
    from . import performance as performance
    from . import report as report
    from . import trend as trend
    from .data import read as read
    from .identifiability import identify as identify
    from .landscape import explore as explore
    from .landscape import landscape as landscape
    from .landscape import learning_curve as learning_curve
    from .report import cite as cite
    from .trend import fit as fit
    from .trend import load as load

__version__ = "0.1.0"

__all__ = ["cite", "explore", "fit", "identify", "landscape", "learning_curve", "load", "read"]

# `landscape` is a room and a verb at once: the room's module can be called (see _core/_callable_room.py).
_ROOMS = frozenset({"approximations", "data", "identifiability", "landscape", "laws", "performance", "report", "trend"})
_VERBS = {
    "cite": "report",
    "explore": "landscape",
    "fit": "trend",
    "identify": "identifiability",
    "learning_curve": "landscape",
    "load": "trend",
    "read": "data",
}


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"{__name__}.{name}")
    if name in _VERBS:
        verb = getattr(import_module(f"{__name__}.{_VERBS[name]}"), name)
        globals()[name] = verb
        return verb
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*_ROOMS, *_VERBS, "__doc__", "__version__"})
