"""The answer: values, slopes, uncertainty and domain of the fitted trend."""

from ._arrhenius_display import ArrheniusDisplay as ArrheniusDisplay
from ._calibration import Calibration as Calibration
from ._display import ParityDisplay as ParityDisplay
from ._display import TrendDisplay as TrendDisplay
from ._domain import Domain as Domain
from ._estimate import Estimate as Estimate
from ._exports import Exports as Exports
from ._file import load as load
from ._fit import fit as fit
from ._quality import Quality as Quality
from ._trend import Trend as Trend
from .export import BpxFunction as BpxFunction
from .export import PybammFunction as PybammFunction
