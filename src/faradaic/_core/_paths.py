"""Output files: known to be writable before the work starts, and written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from ._errors import ArgumentError


def check_writable(path: str | Path) -> Path:
    """Return the path if a file can be written there; nothing is left behind.

    Called before long work starts, so that its result has a place to go.

    Parameters
    ----------
    path : path
        Where a file will be written; one that exists is replaced.

    Raises
    ------
    ArgumentError
        It is a folder, its folder does not exist, or nothing may be written there.

    Examples
    --------
    >>> check_writable("no/r.html")
    Traceback (most recent call last):
        ...
    faradaic._core._errors.ArgumentError: Cannot write 'no/r.html': there is no folder 'no'; make it or choose another.
    """
    import tempfile

    target = Path(path)
    try:
        if target.is_dir():
            raise ArgumentError(f"Cannot write {str(path)!r}: it is a folder; give the path of a file.")
        if not target.parent.is_dir():
            raise ArgumentError(
                f"Cannot write {str(path)!r}: there is no folder {str(target.parent)!r}; make it or choose another."
            )
        if target.exists() and not os.access(target, os.W_OK):
            raise ArgumentError(f"Cannot write {str(path)!r}: the file is write-protected; choose another path.")
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except (OSError, ValueError) as error:
        if isinstance(error, ArgumentError):
            raise
        raise _refused(path, error) from error
    os.close(handle)
    Path(name).unlink()
    return target


def write_text(path: str | Path, text: str) -> Path:
    """Write a text file (UTF-8) that appears whole or not at all.

    Raises
    ------
    ArgumentError
        It cannot be written; nothing is left behind.
    """
    import tempfile

    target = check_writable(path)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        temporary.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        temporary.replace(target)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)
    return target


def _refused(path: str | Path, error: OSError | ValueError) -> ArgumentError:
    reason = getattr(error, "strerror", None) or str(error)
    return ArgumentError(f"Cannot write {str(path)!r}: {reason[0].lower()}{reason[1:]}; choose another path.")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
