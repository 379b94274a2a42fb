"""Laws evaluated for many rows: compiled once for each law and each of a few row counts, in double precision."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ._law import Law

Array = np.ndarray
# groups in one call of `groups_and_jacobians`
SMALLEST, LARGEST = 64, 1024


def value(law: Law, X: Array, theta: Array) -> Array:
    """Return the law at the rows, shape (n,)."""
    return _run(_compiled(law).value, X, theta)


def value_and_jacobian(law: Law, X: Array, theta: Array) -> tuple[Array, Array]:
    """Return the law (n,) and its derivatives with respect to the parameters (n, k)."""
    return _run(_compiled(law).value_and_jacobian, X, theta)


def values_and_jacobians(law: Law, X: Array, thetas: Array) -> tuple[Array, Array]:
    """Return the law for many sets of parameters (m, k): values (m, n) and derivatives by the parameters (m, n, k)."""
    import jax

    with jax.enable_x64(True):
        values, jacobians = _compiled(law).values_and_jacobians(_padded(X), thetas)
        return np.array(values)[:, : len(X)], np.array(jacobians)[:, : len(X)]


def groups_and_jacobians(law: Law, X: Array, thetas: Array) -> tuple[Array, Array]:
    """Return the law for many groups of rows (b, m, p), each with its parameters (b, k): (b, m) and (b, m, k).

    Groups are worked off 1024 at a time, the last of them filled up to 64, 256 or 1024: few programs are compiled.
    """
    import jax

    parts = []
    with jax.enable_x64(True):
        for first in range(0, len(X), LARGEST):
            rows, theta = X[first : first + LARGEST], thetas[first : first + LARGEST]
            spare = padded_rows(max(len(rows), SMALLEST)) - len(rows)
            if spare:
                rows, theta = (np.concatenate([one, np.repeat(one[-1:], spare, axis=0)]) for one in (rows, theta))
            found = _compiled(law).groups_and_jacobians(rows, theta)
            parts.append([np.asarray(one)[: len(one) - spare] for one in found])
    values, jacobians = (np.concatenate(one) for one in zip(*parts, strict=True))
    return values, jacobians


def gradient(law: Law, X: Array, theta: Array) -> Array:
    """Return the derivatives of the law with respect to its variables, shape (n, p)."""
    return _run(_compiled(law).gradient, X, theta)


def sensitivities(law: Law, X: Array, theta: Array) -> tuple[Array, Array, Array, Array]:
    """Return value (n,), gradient (n, p), and their derivatives with respect to the parameters (n, k), (n, p, k)."""
    return _run(_compiled(law).sensitivities, X, theta)


class _Compiled(NamedTuple):
    value: Callable[..., Any]
    value_and_jacobian: Callable[..., Any]
    values_and_jacobians: Callable[..., Any]
    groups_and_jacobians: Callable[..., Any]
    gradient: Callable[..., Any]
    sensitivities: Callable[..., Any]


@lru_cache(maxsize=256)
def _compiled(law: Law) -> _Compiled:
    import jax
    import jax.numpy as jnp

    n_variables, count = len(law.variables), law.count

    def one(x: Any, theta: Any) -> Any:
        result = law.function(*(x[i] for i in range(n_variables)), *(theta[j] for j in range(count)))
        return jnp.asarray(result, dtype=theta.dtype).reshape(())

    def with_jacobian(x: Any, theta: Any) -> Any:
        return one(x, theta), jax.jacfwd(one, argnums=1)(x, theta)

    def with_slopes(x: Any, theta: Any) -> Any:
        def both(t: Any) -> Any:
            return one(x, t), jax.jacfwd(one, argnums=0)(x, t)

        return *both(theta), *jax.jacfwd(both)(theta)

    rows = (0, None)
    return _Compiled(
        jax.jit(jax.vmap(one, rows)),
        jax.jit(jax.vmap(with_jacobian, rows)),
        jax.jit(jax.vmap(jax.vmap(with_jacobian, rows), (None, 0))),
        jax.jit(jax.vmap(jax.vmap(with_jacobian, rows), (0, 0))),
        jax.jit(jax.vmap(jax.jacfwd(one, argnums=0), rows)),
        jax.jit(jax.vmap(with_slopes, rows)),
    )


def padded_rows(n: int) -> int:
    """Return the row count that is compiled for: 16, 64, 256, ...; folds of different size then share it.

    Examples
    --------
    >>> [padded_rows(n) for n in (1, 16, 17, 849, 3626)]
    [16, 16, 64, 1024, 4096]
    """
    size = 16
    while size < n:
        size *= 4
    return size


def _run(function: Callable[..., Any], X: Array, theta: Array) -> Any:
    import jax

    n = len(X)
    with jax.enable_x64(True):
        result = function(_padded(X), theta)
        if isinstance(result, tuple):
            return tuple(np.array(part)[:n] for part in result)
        return np.array(result)[:n]


def _padded(X: Array) -> Array:
    n = len(X)
    filler = np.broadcast_to(X[-1:] if n else np.ones((1, X.shape[1])), (padded_rows(n) - n, X.shape[1]))
    return np.concatenate([X, filler])
