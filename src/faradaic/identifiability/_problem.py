"""A question as numbers: weighted residuals of the rows, and how they hang on the parameters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from faradaic._core import ArgumentError
from faradaic.laws import Circuit, Law, Parameter

from ._models import Implicit, Simulator

Array = np.ndarray
# relative rounding of residuals and sensitivities: of exact derivatives, and of central differences of a simulator
ROUNDING, DIFFERENCES = 1e-9, 1e-5
MOST_STEPS = 60  # of Newton's method from a row to its foot on the curve


@dataclass(frozen=True, eq=False)
class Problem(ABC):
    """Residuals r(θ) of m rows, each divided by its standard deviation where that is known.

    Attributes
    ----------
    parameters : tuple of Parameter
    known_noise : bool
        Whether the residuals are in standard deviations.
    """

    parameters: tuple[Parameter, ...]
    known_noise: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(p.name for p in self.parameters)

    @property
    def bounds(self) -> tuple[Array, Array]:
        """Lower and upper ends, each (k,)."""
        return np.array([p.lower for p in self.parameters]), np.array([p.upper for p in self.parameters])

    @property
    def start(self) -> Array:
        """Where the search begins, (k,)."""
        return np.array([p.start for p in self.parameters])

    @cached_property
    def log(self) -> Array:
        """Which parameters are searched in their logarithm, (k,)."""
        return np.array([p.log for p in self.parameters])

    @property
    def rounding(self) -> float:
        """How well the residuals and their derivatives are known, relative to their size."""
        return ROUNDING

    @property
    @abstractmethod
    def rows(self) -> int:
        """Number of residuals."""

    @abstractmethod
    def both(self, theta: Array) -> tuple[Array, Array]:
        """Return the residuals (m,) and their derivatives by the parameters (m, k); not finite where there are none."""


@dataclass(frozen=True, eq=False)
class ExplicitProblem(Problem):
    """r = (f(x; θ) − y) / σ."""

    law: Law
    X: Array
    y: Array
    precision: Array

    @property
    def rows(self) -> int:
        return len(self.y)

    def both(self, theta: Array) -> tuple[Array, Array]:
        with np.errstate(all="ignore"):
            value, jacobian = self.law.value_and_jacobian(self.X, theta)
            return self.precision * (value - self.y), self.precision[:, None] * jacobian

    def sensitivities(self, X: Array, theta: Array) -> Array:
        """Return the derivatives at other conditions, for a row as noisy as those at hand are on the whole, (q, k)."""
        return self.law.value_and_jacobian(X, theta)[1] * np.sqrt((self.precision**2).mean())


@lru_cache(maxsize=128)
def _relation(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a relation and its derivatives for many rows; compiled once, however often it is asked about."""
    import jax

    def one(z: Any, theta: Any) -> Any:
        return function(*z, *theta)

    def everything(z: Any, theta: Any) -> Any:
        return one(z, theta), jax.grad(one)(z, theta), jax.grad(one, argnums=1)(z, theta)

    return jax.jit(jax.vmap(everything, (0, None)))


@dataclass(frozen=True, eq=False)
class ImplicitProblem(Problem):
    """r = the signed distance of each row from the curve F(z; θ) = 0, at right angles."""

    function: Callable[..., Any]
    Z: Array
    std: float

    @property
    def rows(self) -> int:
        return len(self.Z)

    def _at(self, Z: Array, theta: Array) -> tuple[Array, Array, Array]:
        """Return F (m,), its derivatives by the columns (m, p), and by the parameters (m, k)."""
        import jax

        with jax.enable_x64(True):
            return tuple(np.array(part) for part in _relation(self.function)(Z, theta))  # pyright: ignore[reportReturnType]

    def both(self, theta: Array) -> tuple[Array, Array]:
        foot, size = self.Z, float(np.abs(self.Z - self.Z.mean(0)).max()) or 1.0
        with np.errstate(all="ignore"):
            for _ in range(MOST_STEPS):
                F, across, along = self._at(foot, theta)
                steep = (across**2).sum(1)
                # the point of the tangent at the foot that is closest to the row
                left = (F + (across * (self.Z - foot)).sum(1)) / steep
                moved = self.Z - left[:, None] * across
                still = np.abs(moved - foot).max() <= 1e-14 * size
                foot = moved
                if still or not np.isfinite(foot).all():
                    break
            root = np.sqrt(steep)
            return left * root / self.std, along / root[:, None] / self.std


@dataclass(frozen=True, eq=False)
class SimulatorProblem(Problem):
    """r = (simulated − y) / σ."""

    simulator: Simulator
    y: Array
    precision: Array

    @property
    def rows(self) -> int:
        return len(self.y)

    @property
    def rounding(self) -> float:
        usual = ROUNDING if self.simulator.step is None else DIFFERENCES
        return self.simulator.rounding or usual

    def _run(self, theta: Array) -> Array:
        value = simulated(self.simulator, self.names, theta)
        if value.shape != self.y.shape:
            raise ArgumentError(
                f"The simulator must return one value for each of the {len(self.y)} rows, got shape {value.shape}."
            )
        return value

    @cached_property
    def _compiled(self) -> Callable[..., Any]:
        import jax

        def run(theta: Any) -> Any:
            return self.simulator.function(**dict(zip(self.names, theta, strict=True)))

        return jax.jit(lambda theta: (run(theta), jax.jacfwd(run)(theta)))

    def both(self, theta: Array) -> tuple[Array, Array]:
        if self.simulator.step is None:
            import jax

            with jax.enable_x64(True):
                value, jacobian = (np.array(part) for part in self._compiled(theta))
        else:
            value, jacobian = self._run(theta), np.empty((len(self.y), len(theta)))
            lower, upper = self.bounds
            # a parameter that the search takes to zero still moves by a share of its start
            size = np.where(self.log, 0.0, 1e-2 * np.abs(self.start))
            for j, one in enumerate(theta):
                step = self.simulator.step * (max(abs(one), size[j]) or 1.0)
                ends = np.repeat(theta[None], 2, axis=0)
                ends[:, j] = np.clip([one - step, one + step], lower[j], upper[j])
                jacobian[:, j] = (self._run(ends[1]) - self._run(ends[0])) / (ends[1, j] - ends[0, j])
        return self.precision * (value - self.y), self.precision[:, None] * jacobian


@dataclass(frozen=True, eq=False)
class CircuitProblem(Problem):
    """r = (Z(f; θ) − Z) / |Z|, the real parts and then the imaginary ones."""

    circuit: Circuit
    frequency: Array
    Z: Array

    @property
    def rows(self) -> int:
        return 2 * len(self.Z)

    def both(self, theta: Array) -> tuple[Array, Array]:
        with np.errstate(all="ignore"):
            value, jacobian = self.circuit.value_and_jacobian(self.frequency, theta)
            size = np.abs(self.Z)
            r, J = (value - self.Z) / size, jacobian / size[:, None]
        return np.concatenate([r.real, r.imag]), np.vstack([J.real, J.imag])


@dataclass(frozen=True, eq=False)
class Reduced(Problem):
    """A problem with some parameters held, and rows added: what is known beside the data.

    Attributes
    ----------
    inner : Problem
    held : dict of str to float
        Parameters that do not move; they are none of the ``parameters`` of this problem.
    priors : sequence of (name, mean, std)
    """

    inner: Problem
    held: dict[str, float]
    priors: Sequence[tuple[str, float, float]] = ()

    @property
    def rows(self) -> int:
        return self.inner.rows + len(self.priors)

    @property
    def rounding(self) -> float:
        return self.inner.rounding

    @cached_property
    def _free(self) -> Array:
        return np.array([name not in self.held for name in self.inner.names])

    def whole(self, theta: Array) -> Array:
        """Return all parameters of the inner problem, from those that are free."""
        out = np.array([self.held.get(name, np.nan) for name in self.inner.names])
        out[self._free] = theta
        return out

    def both(self, theta: Array) -> tuple[Array, Array]:
        r, J = self.inner.both(self.whole(theta))
        J = J[:, self._free]
        if not self.priors:
            return r, J
        names = list(self.names)
        more, rows = [], np.zeros((len(self.priors), len(names)))
        for i, (name, mean, std) in enumerate(self.priors):
            j = names.index(name)
            more.append((theta[j] - mean) / std)
            rows[i, j] = 1.0 / std
        return np.concatenate([r, more]), np.vstack([J, rows])


def simulated(simulator: Simulator, names: Sequence[str], theta: Array) -> Array:
    """Return what a simulator predicts of its rows for the parameters ``theta`` (k,) of these names."""
    named = dict(zip(names, map(float, theta), strict=True))
    return np.asarray(simulator.function(**named), dtype=np.float64)


def implicit_problem(model: Implicit, Z: Array, std: float, known: bool) -> ImplicitProblem:
    """Return the problem of a relation between the columns of ``Z`` (m, p)."""
    return ImplicitProblem(model.parameters(Z.shape[1]), known, model.function, Z, std)
