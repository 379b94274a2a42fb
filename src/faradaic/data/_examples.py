"""Three small data sets that come with the package, one of each reliability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from types import MappingProxyType

from faradaic._core import ArgumentError, joined, nearest

from ._dataset import Dataset
from ._read import read
from ._reliability import ReliabilityName


@dataclass(frozen=True)
class Example:
    """A bundled data set.

    Attributes
    ----------
    name : str
        Also the name of its file, without the extension.
    title : str
        What it is, in words.
    x : tuple of str
        Headers of the inputs.
    y : str
        Header of the response.
    reliability : str
    sigma : str or None
        Header of the standard errors.
    source : str
        Where the numbers come from.
    doi : str or None
    licence : str
    """

    name: str
    title: str
    x: tuple[str, ...]
    y: str
    reliability: ReliabilityName
    sigma: str | None
    source: str
    doi: str | None
    licence: str

    @property
    def file(self) -> str:
        """The name of the table, below ``faradaic/data/examples``."""
        return f"{self.name}.csv"


_EXPERIMENT = Example(
    name="experiment",
    title="Measured lithium diffusivity in graphite against stoichiometry",
    x=("x [dimensionless]",),
    y="D [m**2/s]",
    reliability="experiment",
    sigma=None,
    source="Ecker et al. 2015, J. Electrochem. Soc. 162, A1836, as PyBaMM ships the values",
    doi="10.1149/2.0551509jes",
    licence="BSD-3-Clause (PyBaMM)",
)
_STOCHASTIC = Example(
    name="stochastic",
    title="Lithium diffusivity against temperature from lattice-hopping kinetic Monte Carlo",
    x=("T [K]",),
    y="D [m**2/s]",
    reliability="stochastic",
    sigma="standard error [m**2/s]",
    source="computed for this package; the script that makes it is benchmarks/make_examples",
    doi=None,
    licence="MIT",
)
_DETERMINISTIC = Example(
    name="deterministic",
    title="Discharge capacity against C-rate and electrode thickness from a porous-electrode model",
    x=("C-rate [1/h]", "L_p [um]"),
    y="Q [A*h/m**2]",
    reliability="deterministic",
    sigma=None,
    source="computed for this package with PyBaMM's DFN; the script that makes it is benchmarks/make_examples",
    doi=None,
    licence="MIT",
)

EXAMPLES: Mapping[str, Example] = MappingProxyType(
    {one.name: one for one in (_EXPERIMENT, _STOCHASTIC, _DETERMINISTIC)}
)


def example(name: str) -> Dataset:
    """Return a bundled data set; no network is needed.

    Parameters
    ----------
    name : {"experiment", "stochastic", "deterministic"}
        The kind of observations.

    Raises
    ------
    ArgumentError
        There is no such example.

    References
    ----------
    Ecker et al. 2015, 10.1149/2.0551509jes (experiment).

    Examples
    --------
    >>> data = example("experiment")
    >>> len(data), data.response.header, data.reliability
    (23, 'D [m**2/s]', Experiment(sigma=None))
    """
    if name not in EXAMPLES:
        close = nearest(str(name), EXAMPLES) or list(EXAMPLES)
        raise ArgumentError(f"There is no example {name!r}; did you mean {joined(map(repr, close), 'or')}?")
    one = EXAMPLES[name]
    with as_file(files("faradaic.data") / "examples" / one.file) as path:
        return read(path, x=list(one.x), y=one.y, reliability=one.reliability, sigma=one.sigma, name=one.name)
