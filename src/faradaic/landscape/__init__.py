"""How train and test error change with the number of parameters, and which optimum is best."""

from faradaic._core._callable_room import callable_room

from ._decompose import Decomposition as Decomposition
from ._display import ComparisonDisplay as ComparisonDisplay
from ._display import LandscapeDisplay as LandscapeDisplay
from ._explore import Exploration as Exploration
from ._explore import explore as explore
from ._identified_display import IdentifiedDisplay as IdentifiedDisplay
from ._ladder import Rung as Rung
from ._ladder import ladder as ladder
from ._landscape import Landscape as Landscape
from ._landscape import landscape as landscape
from ._learning_curve import LearningCurve as LearningCurve
from ._learning_curve import learning_curve as learning_curve
from ._learning_display import LearningCurveDisplay as LearningCurveDisplay
from ._measure import Measure as Measure
from ._measure import NoiseFloor as NoiseFloor
from ._measure import noise_floor as noise_floor
from ._outer import OuterError as OuterError
from ._regimes import Regimes as Regimes
from ._selection import Interpolating as Interpolating
from ._selection import OneStandardError as OneStandardError
from ._selection import Rule as Rule
from ._selection import Selection as Selection
from ._selection import SmallestError as SmallestError
from ._subsets import check_unordered as check_unordered
from ._sweep import fitted as fitted
from ._verdict import advice as advice
from ._verdict import verdict as verdict

callable_room(__name__, "landscape")
