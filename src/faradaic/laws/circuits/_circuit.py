"""A circuit: a frozen tree of elements with named parameters, evaluated for many frequencies and parameter sets."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError, joined, nearest
from faradaic.laws._law import Parameter

from ._evaluate import by_label, value, value_and_sensitivities
from ._parser import parse
from ._tree import Leaf, Node, leaves

Array = np.ndarray


@dataclass(frozen=True)
class Circuit:
    r"""An equivalent circuit, made from the usual string: ``-`` is series, ``p(,)`` parallel.

    The elements, the order of their parameters and their meaning are those of the package ``impedance``, so a list of
    its numbers can be used here as it is. Names of parameters are the label (``R0``) or the label with the name in the
    element (``CPE1_Q``, ``CPE1_alpha``).

    Parameters
    ----------
    text : str
        For example ``"R0-p(R1,CPE1)-W1"``. Elements: R, C, L, CPE, W, Wo, Ws, G, Zarc, HN; see `ELEMENTS`.

    Attributes
    ----------
    tree : Leaf, Series or Parallel
        The parsed circuit.

    Raises
    ------
    ArgumentError
        The text is not a circuit; the message points at the place.

    Examples
    --------
    >>> from faradaic.laws.circuits import Circuit
    >>> circuit = Circuit("R0-p(R1,CPE1)")
    >>> circuit.names
    ('R0', 'R1', 'CPE1_Q', 'CPE1_alpha')
    >>> circuit([1e6, 1e-6], [10.0, 90.0, 1e-5, 0.9]).real.round(1).tolist()
    [10.0, 100.0]
    """

    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", str(self.tree))

    @classmethod
    def from_tree(cls, tree: Node) -> Self:
        """Return the circuit of a tree."""
        return cls(str(tree))

    @cached_property
    def tree(self) -> Node:
        """The parsed circuit."""
        return parse(self.text)

    @cached_property
    def elements(self) -> tuple[Leaf, ...]:
        """The elements with their labels, in the order in which they are written."""
        return tuple(leaves(self.tree))

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters with names, units, bounds and usual values; the unit of Q is None, see `units`."""
        return tuple(
            dataclasses.replace(parameter, name=name)
            for leaf in self.elements
            for name, parameter in zip(leaf.names, leaf.element.parameters, strict=True)
        )

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in order."""
        return tuple(parameter.name for parameter in self.parameters)

    @cached_property
    def units(self) -> tuple[str, ...]:
        """Units of the parameters as text."""
        return tuple(unit for leaf in self.elements for unit in leaf.element.units)

    @cached_property
    def scaling(self) -> Array:
        """Power of each parameter when the impedance is multiplied by a number, shape (p,)."""
        return np.array([power for leaf in self.elements for power in leaf.element.scaling], dtype=np.float64)

    @cached_property
    def logarithmic(self) -> Array:
        """Which parameters are positive and are fitted through their logarithm, shape (p,)."""
        return np.array([parameter.log for parameter in self.parameters])

    @property
    def count(self) -> int:
        """Number of parameters."""
        return len(self.parameters)

    @property
    def bounds(self) -> tuple[Array, Array]:
        """Lower and upper bounds, each of shape (p,)."""
        return np.array([p.lower for p in self.parameters]), np.array([p.upper for p in self.parameters])

    def __call__(self, frequency: ArrayLike, theta: ArrayLike | Mapping[str, float]) -> Array:
        """Return the impedance.

        Parameters
        ----------
        frequency : array of shape (m,)
            Hz, positive.
        theta : array of shape (p,) or (..., p), or mapping
            One or many sets of parameters in the order of `names`, or one set by name.

        Returns
        -------
        array of shape (m,) or (..., m), complex
            ohm.

        Raises
        ------
        ArgumentError
            A shape does not fit, a frequency or a parameter that must be positive is not, or a name is unknown.
        """
        omega, theta = self._checked(frequency, theta)
        with np.errstate(over="ignore", divide="ignore"):  # an element at its limit is open or a short
            return np.asarray(value(np, self.tree, omega, by_label(self.tree, theta)))

    def function(self, frequency: Any, theta: Any) -> Any:
        """Return the same as a pure JAX function of arrays, for ``jit``, ``vmap`` and ``grad``; nothing is checked."""
        import jax.numpy as jnp

        return value(jnp, self.tree, 2 * jnp.pi * jnp.asarray(frequency), by_label(self.tree, jnp.asarray(theta)))

    def value_and_jacobian(self, frequency: ArrayLike, theta: ArrayLike | Mapping[str, float]) -> tuple[Array, Array]:
        """Return the impedance (..., m) and its derivatives by the parameters (..., m, p), complex."""
        z, sensitivities = self.value_and_sensitivities(frequency, theta)
        theta = self._checked(frequency, theta)[1]
        by_parameter = sensitivities / np.where(self.logarithmic, theta, 1.0)[..., None]
        return z, np.swapaxes(by_parameter, -1, -2)

    def value_and_sensitivities(
        self, frequency: ArrayLike, theta: ArrayLike | Mapping[str, float]
    ) -> tuple[Array, Array]:
        """Return the impedance (..., m) and its derivatives (..., p, m) by the coordinates of a fit.

        These are the logarithms of the positive parameters, and the exponents as they are.
        """
        return value_and_sensitivities(self.tree, *self._checked(frequency, theta))

    def as_theta(self, values: Mapping[str, float]) -> Array:
        """Return parameters by name as an array in the order of `names`, shape (p,).

        Raises
        ------
        ArgumentError
            A name is unknown or missing.
        """
        unknown = [name for name in values if name not in self.names]
        if unknown:
            alike = nearest(unknown[0], self.names)
            advice = f"did you mean {joined(alike, 'or')}" if alike else f"they are {joined(self.names)}"
            raise ArgumentError(f"The circuit {self.text} has no parameter {unknown[0]!r}; {advice}.")
        missing = [name for name in self.names if name not in values]
        if missing:
            raise ArgumentError(f"The circuit {self.text} also needs a value for {joined(missing)}.")
        return np.array([values[name] for name in self.names], dtype=np.float64)

    def _checked(self, frequency: ArrayLike, theta: ArrayLike | Mapping[str, float]) -> tuple[Array, Array]:
        frequency = np.asarray(frequency, dtype=np.float64)
        if frequency.ndim != 1 or not ((frequency > 0) & np.isfinite(frequency)).all():
            raise ArgumentError(
                f"frequency must be an array of shape (m,) of positive numbers in Hz, got shape {frequency.shape}"
                + ("." if frequency.ndim != 1 else f" with the lowest {frequency.min()!r}.")
            )
        theta = self.as_theta(theta) if isinstance(theta, Mapping) else np.asarray(theta, dtype=np.float64)
        if theta.ndim == 0 or theta.shape[-1] != self.count:
            raise ArgumentError(
                f"theta must hold the {self.count} parameters of {self.text} ({joined(self.names)}), "
                f"got shape {theta.shape}."
            )
        wrong = np.flatnonzero((~(theta > 0) & self.logarithmic).reshape(-1, self.count).any(axis=0))
        if len(wrong):
            raise ArgumentError(f"The parameter {self.names[wrong[0]]} of {self.text} must be positive.")
        return 2 * np.pi * frequency, theta

    def __str__(self) -> str:
        return self.text
