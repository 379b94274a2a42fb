"""One name for a room and for its verb: `fd.landscape(...)` and `from faradaic.landscape import Landscape`."""

from __future__ import annotations

import inspect
import sys
from types import ModuleType
from typing import Any


def callable_room(name: str, verb: str) -> None:
    """Make calling a room the same as calling its verb.

    Importing a submodule binds its module to its name in the parent package, over anything of that name there.
    A function that shares a room's name would therefore vanish with the first import of the room. Here the two
    are one object: the module stays an ordinary module, and its class gains ``__call__``.

    Parameters
    ----------
    name : str
        The room, as its own ``__name__`` says.
    verb : str
        The function in the room that a call goes to. It is looked up at the call, so it may be defined later.

    Examples
    --------
    As the last line of a room's ``__init__.py``: ``callable_room(__name__, "landscape")``.

    >>> import sys, types
    >>> room = sys.modules["a_room"] = types.ModuleType("a_room")
    >>> room.double = lambda x: 2 * x
    >>> callable_room("a_room", "double")
    >>> room(21), room.double(21), isinstance(room, types.ModuleType)
    (42, 42, True)
    >>> del sys.modules["a_room"]
    """

    class CallableRoom(ModuleType):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            return getattr(self, verb)(*args, **kwargs)

        @property
        def __signature__(self) -> inspect.Signature:
            return inspect.signature(getattr(self, verb))

    sys.modules[name].__class__ = CallableRoom
