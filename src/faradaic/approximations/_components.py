"""Linear trends in a few components of many inputs: principal components, and partial least squares."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any, ClassVar, Literal

import numpy as np

from faradaic._core import ArgumentError

from ._base import Array, swept_sizes
from ._job import Job, Swept
from ._linear import LinearApproximation
from ._rows import Rows
from ._scaling import standard_scale

_KINDS = ("pls", "pca")
# a direction that carries less than this share of the largest one is rounding
_ROUNDING = 1e-10


class Components(LinearApproximation):
    """A linear trend in ``components`` directions of the inputs, for inputs that are many and move together.

    Partial least squares takes the directions in which inputs and response vary together, one after the other;
    principal components are those in which the inputs vary most, whatever the response. With as many components as
    inputs both are plain least squares.

    Parameters
    ----------
    components : int
        Number of directions, 0 and above; the trend has one parameter more. Directions that do not exist (fewer inputs,
        or fewer rows less one) are left out.
    kind : {"pls", "pca"}
        How the directions are found. Those of partial least squares are fitted to the response as well, so that the
        data move more than ``components + 1`` parameters, and the standard deviation, which takes the directions for
        known, is a lower bound.
    standardised : bool
        Whether each input is divided by its standard deviation first. Leave it for inputs of different kinds; points of
        one curve, which have one unit, are better left as they are: their spread says where the curve moves.
    known : tuple
        Stays empty: nothing can be known beside the rows.

    References
    ----------
    Wold, Sjöström & Eriksson: PLS-regression, Chemom. Intell. Lab. Syst. 58, 109 (2001),
    https://doi.org/10.1016/S0169-7439(01)00155-1
    Hastie, Tibshirani & Friedman: The Elements of Statistical Learning (2009), section 3.5,
    https://doi.org/10.1007/978-0-387-84858-7

    Examples
    --------
    >>> import numpy as np
    >>> t = np.linspace(0.0, 1.0, 12)
    >>> X = np.outer(t, [1.0, 2.0, 3.0])
    >>> Components(components=1).fit(X, 5.0 * t).predict(X[-1:]).round(9).tolist()
    [5.0]
    """

    size_name: ClassVar[str] = "components"
    shares_sizes: ClassVar[bool] = True

    def __init__(
        self,
        components: int = 1,
        kind: Literal["pls", "pca"] = "pls",
        standardised: bool = True,
        known: Any = (),
    ) -> None:
        self.components = components
        self.kind = kind
        self.standardised = standardised
        self.known = known

    @property
    def label(self) -> str:
        """The family in words."""
        return "partial least squares" if self.kind == "pls" else "principal components"

    def count(self, n_features: int) -> int:
        """Return one weight for each component, and the mean."""
        return min(int(self.components), n_features) + 1

    def sizes(self, n_rows: int, n_features: int, most: int | None = None) -> list[Any]:
        """Return the numbers of components worth sweeping; see `Approximation.sizes`."""
        most = n_rows if most is None else min(most, n_rows)
        highest = max(min(n_features, n_rows - 1, most - 1), 0)
        numbers = list(range(highest + 1))
        return swept_sizes(numbers, [k + 1 for k in numbers], n_rows, most)

    def _check(self, p: int) -> None:
        if not isinstance(self.components, Integral) or self.components < 0:
            raise ArgumentError(f"components must be a whole number of 0 and above, got {self.components!r}.")
        if self.kind not in _KINDS:
            raise ArgumentError(f"kind must be 'pls' or 'pca', got {self.kind!r}.")
        if self.known:
            raise ArgumentError("Components cannot be told values or slopes; use a polynomial or a spline.")

    def _set_basis(self, rows: Rows) -> None:
        self._check(rows.X.shape[1])
        precision = rows.root_precision
        self.centre_, scale = standard_scale(rows.X, precision**2)
        self.scale_ = scale if self.standardised else np.ones_like(scale)
        Z = (rows.X - self.centre_) / self.scale_ * precision[:, None]
        if self.kind == "pls":
            y = (rows.y - np.average(rows.y, weights=precision**2)) * precision
            self.directions_ = pls_directions(Z, y, int(self.components))
        else:
            self.directions_ = _principal(Z, int(self.components))
        self.conditional_ = self.kind == "pls"

    def sweep(self, sizes: Sequence[Any], jobs: Sequence[Job]) -> list[Swept]:
        """Find the directions of each job once: those of fewer components are the first of more."""
        made = []
        for job in jobs:
            found, widest = Swept.empty(len(sizes), len(job.at)), None
            for k, size in enumerate(sizes):
                with found.recording(k):
                    if widest is None:
                        widest = self.at_size(max(sizes))
                        widest._set_basis(job.rows)
                    model = self.at_size(size)
                    model.n_features_in_ = job.rows.X.shape[1]
                    model.centre_, model.scale_ = widest.centre_, widest.scale_
                    model.directions_ = widest.directions_[:, : int(size)]
                    model._solve(job.rows, model._columns(job.rows.X))
                    found.prediction[k], found.effective[k] = model._predict(job.at), model.effective_parameters_
            found.seconds[:] = found.seconds.mean() if len(sizes) else 0.0
            made.append(found)
        return made

    def _columns(self, X: Array) -> Array:
        return np.column_stack([np.ones(len(X)), (X - self.centre_) / self.scale_ @ self.directions_])

    def _slope_columns(self, X: Array, wrt: int) -> Array:
        row = np.append(0.0, self.directions_[wrt] / self.scale_[wrt])
        return np.tile(row, (len(X), 1))


def pls_directions(Z: Array, y: Array, number: int) -> Array:
    """Return up to ``number`` directions of partial least squares for one response, shape (p, k).

    Parameters
    ----------
    Z : array of shape (n, p)
        Centred inputs, times the square root of the rows' weights.
    y : array of shape (n,)
        Centred response, likewise.

    Examples
    --------
    >>> import numpy as np
    >>> pls_directions(np.array([[1.0, 0.0], [-1.0, 0.0]]), np.array([2.0, -2.0]), 5).tolist()
    [[1.0], [0.0]]
    """
    left, weights, loadings = Z.copy(), [], []
    first = np.linalg.norm(Z) * np.linalg.norm(y)
    for _ in range(min(number, *Z.shape)):
        along = left.T @ y
        size = np.linalg.norm(along)
        if not size > _ROUNDING * first:
            break
        weight = along / size
        score = left @ weight
        loading = left.T @ score / (score @ score)
        left = left - np.outer(score, loading)
        weights.append(weight)
        loadings.append(loading)
    if not weights:
        return np.zeros((Z.shape[1], 0))
    W, P = np.array(weights).T, np.array(loadings).T
    return np.linalg.solve((P.T @ W).T, W.T).T


def _principal(Z: Array, number: int) -> Array:
    _, singular, right = np.linalg.svd(Z, full_matrices=False)
    kept = (singular > _ROUNDING * singular[:1].sum())[:number]
    rows = right[:number][kept]
    # the sign of a singular vector means nothing: the largest entry is made positive, so that results repeat
    largest = np.abs(rows).argmax(axis=1)
    return (rows * np.sign(rows[np.arange(len(rows)), largest])[:, None]).T
