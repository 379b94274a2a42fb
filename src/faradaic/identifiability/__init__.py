"""Which parameters these data identify, and what would identify the rest."""

from ._combinations import Combination as Combination
from ._display import IdentifiabilityDisplay as IdentifiabilityDisplay
from ._display import ProfileDisplay as ProfileDisplay
from ._experiments import Experiment as Experiment
from ._identify import identify as identify
from ._information import Bound as Bound
from ._information import Equality as Equality
from ._information import Information as Information
from ._information import Known as Known
from ._information import Least as Least
from ._information import LeastNorm as LeastNorm
from ._information import Prior as Prior
from ._models import Implicit as Implicit
from ._models import Simulator as Simulator
from ._problem import ImplicitProblem as ImplicitProblem
from ._profile import Profile as Profile
from ._reduced import ReducedModel as ReducedModel
from ._relation_display import RelationDisplay as RelationDisplay
from ._result import Estimate as Estimate
from ._result import Identifiability as Identifiability
from ._sensitivity import Spectrum as Spectrum
from ._tafel import TafelRegion as TafelRegion
from ._tafel import tafel_region as tafel_region
