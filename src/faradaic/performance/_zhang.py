"""The model of Zhang et al. 2020: remaining life of a cell from its impedance spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import ArgumentError
from faradaic.data import load

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray
LIFE, CAPACITY = "remaining life [cycles]", "capacity [mAh]"


@dataclass(frozen=True, eq=False)
class LinearProcess:
    """A Gaussian process with a linear kernel and no mean, as published.

    Attributes
    ----------
    mean, std : arrays of shape (120,)
        Of all training spectra, by which inputs are standardised.
    weights : array of shape (120,)
        Cycles.
    """

    mean: Array
    std: Array
    weights: Array

    def predict(self, X: Array) -> Array:
        """Return the remaining life of spectra (n, 120), cycles."""
        return (X - self.mean) / self.std @ self.weights


def zhang2020() -> tuple[LinearProcess, pd.DataFrame]:
    """Return the published model of remaining life, fitted, and the whole table.

    The process k(x, x') = a² x·x' of zero mean, with noise, is linear regression whose prior and noise are fitted by
    the evidence (`sklearn.linear_model.BayesianRidge`). The paper does not say by what spectra are standardised:
    with mean and standard deviation of all 1,358 training spectra, and the life as it is, the published R² of cell
    35C02 (0.75) comes out.

    Returns
    -------
    model : LinearProcess
    table : DataFrame
        As ``fd.data.load("zhang2020")``: columns ``cell``, ``role``, ``capacity [mAh]``, ``remaining life [cycles]``
        (empty where not stated) and the spectra.

    Raises
    ------
    InputError
        The data are not there; the message says where they are from.

    References
    ----------
    Zhang et al. 2020, 10.1038/s41467-020-15235-7.

    Examples
    --------
    >>> model, table = zhang2020()  # doctest: +SKIP
    """
    from sklearn.linear_model import BayesianRidge

    table: Any = load("zhang2020")
    spectra = [c for c in table.columns if c.startswith(("Re Z", "Im Z"))]
    if len(spectra) != 120:
        raise ArgumentError(f"The table must hold 120 columns of spectra, got {len(spectra)}.")
    trained = table[table["role"] == "train"]
    X = trained[spectra].to_numpy()
    mean, std = X.mean(axis=0), X.std(axis=0)
    known = trained[LIFE].notna().to_numpy()
    none = dict.fromkeys(("alpha_1", "alpha_2", "lambda_1", "lambda_2"), 0.0)
    fitted = BayesianRidge(fit_intercept=False, max_iter=10_000, tol=1e-8, **none).fit(
        (X[known] - mean) / std, trained[LIFE][known].to_numpy()
    )
    return LinearProcess(mean, std, fitted.coef_), table
