"""A trend as a formula for others: NumPy text."""

from ._python import to_python as to_python
