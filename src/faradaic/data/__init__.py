"""What was observed, and how reliable it is: tables in, frozen data sets in SI out."""

from ._column import Column as Column
from ._column import parse_header as parse_header
from ._dataset import Dataset as Dataset
from ._dataset import Source as Source
from ._read import read as read
from ._reliability import Deterministic as Deterministic
from ._reliability import Experiment as Experiment
from ._reliability import Reliability as Reliability
from ._reliability import Stochastic as Stochastic
from ._replicates import Collapsed as Collapsed
from ._replicates import Replicates as Replicates
from ._replicates import collapse as collapse
from ._replicates import replicates as replicates
from ._splits import Splits as Splits
from ._splits import splits as splits
from ._stack import stack as stack
