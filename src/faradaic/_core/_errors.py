"""One small hierarchy of errors; each message says what was wrong, what came, and what to do."""

from __future__ import annotations


class FaradaicError(Exception):
    """Base of every error that this package raises on purpose."""


class InputError(FaradaicError, ValueError):
    """The data or the arguments cannot be used as they came (exit code 2 on the command line)."""


class ArgumentError(InputError):
    """An argument has a value outside what the function accepts."""


class ColumnError(InputError):
    """A column is missing, misspelt, or holds something that is not a finite number."""


class UnitError(InputError):
    """A unit is unknown or has the wrong dimension."""


class TrendFileError(InputError):
    """A ``.trend`` file is truncated, foreign, or newer than this version can read."""


class FitError(FaradaicError, RuntimeError):
    """One fit failed; a sweep records the reason and goes on."""


class IntervalError(FaradaicError, ValueError):
    """No interval can be given; the message says why, and what would change that."""


class WorkerError(FaradaicError, RuntimeError):
    """The processes that do the work were lost again and again."""


class OptionalImportError(FaradaicError, ImportError):
    """A package of an optional extra is not installed.

    Parameters
    ----------
    package : str
        The missing package, as it is imported.
    extra : str
        The extra of ``faradaic`` that brings it.
    """

    def __init__(self, package: str, extra: str) -> None:
        self.package, self.extra = package, extra
        super().__init__(
            f"This needs the package {package!r}, which is not installed; "
            f"install it with: pip install 'faradaic[{extra}]'."
        )


class OutsideDomainWarning(UserWarning):
    """A prediction was asked for outside the domain of the data."""


class LeakWarning(UserWarning):
    """Rows that are tested occur in training."""
