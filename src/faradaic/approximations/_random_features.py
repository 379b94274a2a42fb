"""Random features: a network whose inner weights are drawn, not trained."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar, Literal

import numpy as np

from faradaic._core import ArgumentError, generator, seed_of

from ._base import Array, counts_to_sweep, swept_sizes
from ._known import listed
from ._linear import LinearApproximation
from ._rows import Rows
from ._scaling import scaled, standard_scale

_ACTIVATIONS = ("tanh", "relu", "cosine")


class RandomFeatures(LinearApproximation):
    """A linear combination of ``width`` random features, of least norm beyond n.

    Feature 0 is the constant; feature i is ``activation(scale (w_i · z / √p + b_i))`` of the p standardised inputs z,
    with ``w_i`` standard normal and ``b_i`` standard normal, for the cosine uniform over one period. The features
    are nested: with one seed the first w features are the same at every width. On noisy data the test error
    peaks near width = n and descends again beyond: the simplest model of double descent.

    Parameters
    ----------
    width : int
        Number of features with the constant, and of parameters; 1 and above.
    activation : {"tanh", "relu", "cosine"}
        Shape of a feature.
    scale : float
        How quickly the features vary over the data, above 0. Smooth features of one input are soon
        numerically dependent: a larger scale, or "relu", keeps more of them apart.
    random_state : int, RandomState, Generator or None
        Seed of the inner weights; None means 0.
    known : Value, Slope, or sequence of them
        Values and slopes at points that hold exactly; each takes one parameter away.

    References
    ----------
    Rahimi, Recht: Random features for large-scale kernel machines, NIPS 20 (2007).
    Belkin, Hsu, Ma, Mandal: PNAS 116, 15849 (2019), https://doi.org/10.1073/pnas.1903070116

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(0.0, 1.0, 20)[:, None]
    >>> fit = RandomFeatures(width=40, activation="cosine", scale=10.0).fit(x, np.sin(6.0 * x.ravel()))
    >>> bool(np.abs(fit.predict(x) - np.sin(6.0 * x.ravel())).max() < 1e-6)
    True
    """

    size_name: ClassVar[str] = "width"
    beyond_n: ClassVar[bool] = True
    nested: ClassVar[bool] = True

    def __init__(
        self,
        width: int = 10,
        activation: Literal["tanh", "relu", "cosine"] = "tanh",
        scale: float = 1.0,
        random_state: Any = 0,
        known: Any = (),
    ) -> None:
        self.width = width
        self.activation = activation
        self.scale = scale
        self.random_state = random_state
        self.known = known

    @property
    def label(self) -> str:
        """The family in words."""
        return f"random {self.activation} features"

    def count(self, n_features: int) -> int:
        """Return the width, one outer weight for each feature and the constant, less what is known."""
        return max(int(self.width) - len(listed(self.known)), 0)

    def sizes(self, n_rows: int, n_features: int, most: int | None = None) -> list[Any]:
        """Return the widths worth sweeping; see `Approximation.sizes`."""
        most = 4 * n_rows if most is None else most
        counts = counts_to_sweep(n_rows, most)
        return swept_sizes([count + len(listed(self.known)) for count in counts], counts, n_rows, most)

    def _check(self, p: int) -> None:
        if not isinstance(self.width, Integral) or self.width < 1:
            raise ArgumentError(f"width must be a whole number of 1 and above, got {self.width!r}.")
        if self.activation not in _ACTIVATIONS:
            raise ArgumentError(f"activation must be one of {_ACTIVATIONS}, got {self.activation!r}.")
        if not (np.isfinite(self.scale) and self.scale > 0):
            raise ArgumentError(f"scale must be a positive number, got {self.scale!r}.")

    def _set_basis(self, rows: Rows) -> None:
        p, seed = rows.X.shape[1], seed_of(self.random_state)
        self._check(p)
        self.centre_, self.scale_ = standard_scale(rows.X, rows.weight)
        drawn = int(self.width) - 1
        self.inner_ = generator(seed, 0).standard_normal((drawn, p)) * (self.scale / np.sqrt(p))
        if self.activation == "cosine":
            self.shift_ = generator(seed, 1).uniform(0.0, 2.0 * np.pi, drawn)
        else:
            self.shift_ = generator(seed, 1).standard_normal(drawn) * self.scale

    def _arguments(self, X: Array) -> Array:
        # feature by feature, not as a product of matrices, whose rounding depends on the width: the rank of nearly
        # dependent columns hangs on it, and a size has to have the same one alone and as part of a larger size
        u, arguments = scaled(X, self.centre_, self.scale_), np.tile(self.shift_, (len(X), 1))
        for j, weights in enumerate(self.inner_.T):
            arguments += u[:, j, None] * weights
        return arguments

    def _columns(self, X: Array) -> Array:
        a = self._arguments(X)
        if self.activation == "tanh":
            features = np.tanh(a)
        elif self.activation == "relu":
            features = np.maximum(a, 0.0)
        else:
            features = np.cos(a)
        return np.column_stack([np.ones(len(X)), features])

    def _slope_columns(self, X: Array, wrt: int) -> Array:
        a = self._arguments(X)
        if self.activation == "tanh":
            slopes = 1.0 - np.tanh(a) ** 2
        elif self.activation == "relu":
            slopes = np.where(a > 0, 1.0, 0.0)
        else:
            slopes = -np.sin(a)
        return np.column_stack([np.zeros(len(X)), slopes * (self.inner_[:, wrt] / self.scale_[wrt])])
