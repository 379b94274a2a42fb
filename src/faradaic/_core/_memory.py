"""Memory that is freed is kept for the next step, instead of being handed back and paged in anew."""

from __future__ import annotations

import sys
from functools import cache

_TRIM, _MMAP = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of <malloc.h>
_BLOCK, _TOP = 2**25, 2**26


@cache
def keep_freed_memory() -> bool:
    """Let this process keep freed blocks of up to 32 MiB, 64 MiB in all, for its next arrays; do so once.

    Each step of a batched search frees arrays of some MiB and asks for them again. glibc hands such blocks back to the
    system until a large one was freed, and always where Dask started the process (it sets ``MALLOC_TRIM_THRESHOLD_``,
    which ends that learning): paging them in anew then takes as long as the work itself, and longer with every further
    process.

    Returns
    -------
    bool
        Whether the allocator took it; False where it is not glibc's.

    Examples
    --------
    >>> keep_freed_memory() in (True, False)
    True
    """
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    return bool(mallopt(_MMAP, _BLOCK)) and bool(mallopt(_TRIM, _TOP))
