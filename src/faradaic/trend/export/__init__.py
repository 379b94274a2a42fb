"""A trend as a formula for others: NumPy text, functions of PyBaMM symbols, BPX files."""

from ._bpx import BpxFunction as BpxFunction
from ._bpx import to_bpx as to_bpx
from ._draws import draws as draws
from ._pybamm import PybammFunction as PybammFunction
from ._pybamm import to_pybamm as to_pybamm
from ._python import to_python as to_python
from ._table import Table as Table
