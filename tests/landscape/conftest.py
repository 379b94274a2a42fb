"""A landscape made by hand: any losses at any sizes, without a fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import faradaic as fd
from faradaic.approximations import Design, Polynomial
from faradaic.data import Splits
from faradaic.landscape import Landscape, Measure, noise_floor


def _made(losses, parameters, *, worst=None, reliability="experiment", groups=None, family=None, failed=()):
    """Return a landscape whose left-out rows have these squared residuals, shape (sizes, rows)."""
    losses = np.asarray(losses, dtype=float)
    s, n = losses.shape
    frame = pd.DataFrame({"x": np.arange(float(n)), "y [V]": np.linspace(1.0, 2.0, n)})
    data = fd.read(frame, x=["x"], y="y [V]", reliability=reliability, groups=groups)
    residual = np.sqrt(losses)[:, None, :]
    fits = {name: np.ones((s, 1, n)) for name in ("train_error", "test_error", "effective", "seconds")}
    fits["worst"] = np.ones((s, 1, n)) * np.reshape(0.0 if worst is None else worst, (-1, 1, 1))
    failure = np.full((s, 1, n), "", dtype=object)
    for k in failed:
        failure[k, 0, 0] = "it broke"
    errors = xr.Dataset(
        {name: (("size", "repeat", "fold"), values) for name, values in fits.items()}
        | {"failure": (("size", "repeat", "fold"), failure.astype(str))}
        | {
            "residual": (("size", "repeat", "row"), residual),
            "prediction": (("size", "repeat", "row"), data.y + residual),
        },
        coords={"size": list(range(s)), "parameters": ("size", np.asarray(parameters))},
    )
    splits = Splits(np.arange(n)[None], False, "leave-one-out")
    design = Design(family or Polynomial())
    measure = Measure("absolute")
    return Landscape(design, data, splits, measure, noise_floor(data, measure), errors, n - 1, 0)


@pytest.fixture
def made():
    """Return the function that makes a landscape of given squared residuals."""
    return _made
