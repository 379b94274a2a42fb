"""An impedance spectrum as it was measured: frozen, in Hz and ohm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from faradaic._core import InputError, number, plural

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Spectrum:
    """An impedance spectrum.

    Attributes
    ----------
    frequency : array of shape (m,)
        Hz, positive, in the order of the measurement.
    Z : array of shape (m,), complex
        ohm; the imaginary part is negative where the response is capacitive.
    source : str
        Where it comes from, for example the name of the file.
    meta : mapping of str to str
        What else is known, for example the instrument.

    Raises
    ------
    InputError
        Shapes do not fit, a frequency is not positive, or a number is not finite.

    Examples
    --------
    >>> spectrum = Spectrum([1e3, 1.0], [10 - 1j, 100 - 5j])
    >>> print(spectrum)
    2 points, 1 Hz to 1,000 Hz, modulus 10.0 ohm to 100 ohm
    """

    frequency: Array
    Z: Array
    source: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        frequency, Z = np.array(self.frequency, dtype=np.float64), np.array(self.Z, dtype=np.complex128)
        name = self.source or "The spectrum"
        if frequency.ndim != 1 or frequency.shape != Z.shape or not len(frequency):
            raise InputError(
                f"{name}: frequency and Z must have one shape (m,), got {frequency.shape} and {Z.shape}; "
                "give one frequency for each point."
            )
        wrong = ~(np.isfinite(frequency) & np.isfinite(Z))
        if wrong.any():
            raise InputError(f"{name}: point {int(wrong.argmax()) + 1} is not finite; leave it out.")
        if not (frequency > 0).all():
            place = int((frequency <= 0).argmax())
            raise InputError(
                f"{name}: point {place + 1} has the frequency {number(frequency[place])} Hz; it must be positive."
            )
        for array in (frequency, Z):
            array.setflags(write=False)
        object.__setattr__(self, "frequency", frequency)
        object.__setattr__(self, "Z", Z)
        object.__setattr__(self, "meta", dict(self.meta))

    def __len__(self) -> int:
        return len(self.frequency)

    def __str__(self) -> str:
        low, high = number(float(self.frequency.min())), number(float(self.frequency.max()))
        modulus = np.abs(self.Z)
        name = f"{self.source}: " if self.source else ""
        return (
            f"{name}{plural(len(self), 'point')}, {low} Hz to {high} Hz, "
            f"modulus {number(float(modulus.min()))} ohm to {number(float(modulus.max()))} ohm"
        )
