"""Seeds: the same seed gives the same numbers on one worker or on twenty."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.random import Generator, RandomState


def generator(seed: int, *key: int) -> Generator:
    """Return the random generator that belongs to ``seed`` and a place in the work.

    The place (``key``, e.g. repeat and fold) takes part in the seed, so the numbers do not depend on the
    order or the process in which the work is done.

    Examples
    --------
    >>> from faradaic._core import generator
    >>> bool((generator(0, 1, 2).random(3) == generator(0, 1, 2).random(3)).all())
    True
    """
    import numpy as np

    return np.random.default_rng(np.random.SeedSequence([seed, *key]))


def seed_of(random_state: int | RandomState | np.random.Generator | None) -> int:
    """Turn what scikit-learn calls a ``random_state`` into one integer seed."""
    import numpy as np

    if random_state is None:
        return 0
    if isinstance(random_state, numbers.Integral):
        return int(random_state)
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**31))
    return int(random_state.randint(2**31 - 1))  # pyright: ignore[reportAttributeAccessIssue]
