"""Statistics of a charge: what the end of it tells of the capacity."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from faradaic._core import ArgumentError

Array = np.ndarray


def charge_statistics(
    time: ArrayLike,
    voltage: ArrayLike,
    current: ArrayLike,
    *,
    voltages: tuple[float, float] = (4.0, 4.2),
    currents: tuple[float, float] = (0.1, 0.5),
) -> dict[str, float]:
    """Return 16 statistics of the end of a charge at constant current and then constant voltage.

    Of the voltage while it rises through a window, and of the current while it falls through one: mean, standard
    deviation, kurtosis (normal: 0), skewness, charge, duration, slope from end to end, and the entropy −Σ p ln p of the
    samples' shares p, which grows with their number.

    Parameters
    ----------
    time, voltage, current : arrays of shape (n,)
        One charge, in s, V and A; positive current charges. At constant current first, then at constant voltage.
    voltages : (low, high)
        Window of the voltage while the current is constant, V.
    currents : (low, high)
        Window of the current while the voltage is constant, A.

    Returns
    -------
    dict from header (with its unit) to value
        In the order of the published table.

    Raises
    ------
    ArgumentError
        The arrays do not fit each other, or a window holds fewer than 3 samples.

    References
    ----------
    Wang et al. 2024, 10.1038/s41467-024-48779-z. The published table is not recomputed here, the raw charges are not
    public with it; its slope of the current is another one.

    Examples
    --------
    >>> t = np.arange(0.0, 600.0, 10.0)
    >>> U = np.minimum(3.9 + 0.001 * t, 4.2)
    >>> I = np.where(t < 300.0, 1.0, np.exp(-(t - 300.0) / 100.0))
    >>> found = charge_statistics(t, U, I)
    >>> len(found), round(found["voltage slope [V/s]"], 6), found["CC charge time [s]"]
    (16, 0.001, 190.0)
    """
    t, U, I = (np.asarray(each, dtype=np.float64) for each in (time, voltage, current))  # noqa: E741
    if t.ndim != 1 or t.shape != U.shape or t.shape != I.shape:
        lengths = f"{t.shape}, {U.shape} and {I.shape}"
        raise ArgumentError(f"time, voltage and current must be as long as each other, got {lengths}.")
    if not (np.isfinite([t, U, I]).all() and (np.diff(t) > 0).all()):
        raise ArgumentError("Times must increase, and all samples be finite; leave out the others.")
    top = U.max()
    # the voltage is constant from where it first reaches its top, to a thousandth of the window
    held = int(np.argmax(top - 1e-3 * (voltages[1] - voltages[0]) <= U))
    rising = (np.arange(len(t)) < held) & (voltages[0] <= U) & (voltages[1] >= U)
    falling = (np.arange(len(t)) >= held) & (currents[0] <= I) & (currents[1] >= I)
    parts = []
    for name, unit, what, rows, window in (
        ("voltage", "V", U, rising, f"{voltages[0]:g} to {voltages[1]:g} V"),
        ("current", "A", I, falling, f"{currents[0]:g} to {currents[1]:g} A"),
    ):
        if rows.sum() < 3:
            raise ArgumentError(
                f"Only {int(rows.sum())} samples of the {name} lie in its window, {window}; choose another window."
            )
        parts.append(_statistics(name, unit, t[rows], what[rows], I[rows]))
    return parts[0] | parts[1]


def _statistics(name: str, unit: str, t: Array, values: Array, current: Array) -> dict[str, float]:
    from scipy.stats import kurtosis, skew

    phase = "CC" if name == "voltage" else "CV"
    share = np.abs(values) / np.abs(values).sum()
    return {
        f"{name} mean [{unit}]": float(values.mean()),
        f"{name} std [{unit}]": float(values.std()),
        f"{name} kurtosis": float(kurtosis(values)),
        f"{name} skewness": float(skew(values)),
        f"{phase} Q [Ah]": float(np.trapezoid(current, t)) / 3600.0,
        f"{phase} charge time [s]": float(t[-1] - t[0]),
        f"{name} slope [{unit}/s]": float((values[-1] - values[0]) / (t[-1] - t[0])),
        f"{name} entropy": float(-(share * np.log(share)).sum()),
    }
