"""Families of approximations with a size axis, and the coordinates in which they see the data."""

from ._base import Approximation as Approximation
from ._circuit_fit import fit_circuit as fit_circuit
from ._circuit_result import CircuitFit as CircuitFit
from ._cokriging import CoKriging as CoKriging
from ._design import Design as Design
from ._gaussian_process import GaussianProcess as GaussianProcess
from ._known import Slope as Slope
from ._known import Value as Value
from ._known import told as told
from ._kramers_kronig import KramersKronig as KramersKronig
from ._kramers_kronig import kramers_kronig as kramers_kronig
from ._law_regressor import LawRegressor as LawRegressor
from ._network import Network as Network
from ._polynomial import Polynomial as Polynomial
from ._random_features import RandomFeatures as RandomFeatures
from ._spline import Spline as Spline
from ._symmetric import Symmetric as Symmetric
from ._transforms import Identity as Identity
from ._transforms import Log as Log
from ._transforms import Reciprocal as Reciprocal
from ._transforms import SquareRoot as SquareRoot
from ._transforms import Standardise as Standardise
from ._transforms import Transform as Transform
from ._transforms import transform as transform
