"""From what a cell shows to how it will do."""

from ._cell import Cell as Cell
from ._cell import cells_from as cells_from
