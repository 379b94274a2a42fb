"""The command line: the same words as in Python."""

from ._main import main as main
