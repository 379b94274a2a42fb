"""Equivalent circuits of impedance spectra: elements, circuits from the usual string, and what in them is redundant."""

from ._circuit import Circuit as Circuit
from ._elements import ELEMENTS as ELEMENTS
from ._elements import Element as Element
from ._redundancy import Redundancies as Redundancies
from ._redundancy import Redundancy as Redundancy
from ._redundancy import redundancies as redundancies
from ._tree import Leaf as Leaf
from ._tree import Parallel as Parallel
from ._tree import Series as Series
from ._units import exchangeable as exchangeable
from ._units import in_order as in_order
