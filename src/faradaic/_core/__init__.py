"""What every room stands on: errors in plain words, seeds, and the wording of messages."""

from ._errors import ArgumentError as ArgumentError
from ._errors import ColumnError as ColumnError
from ._errors import FaradaicError as FaradaicError
from ._errors import FitError as FitError
from ._errors import InputError as InputError
from ._errors import IntervalError as IntervalError
from ._errors import OptionalImportError as OptionalImportError
from ._errors import OutsideDomainWarning as OutsideDomainWarning
from ._errors import TrendFileError as TrendFileError
from ._errors import UnitError as UnitError
from ._errors import WorkerError as WorkerError
from ._identity import identity as identity
from ._memory import keep_freed_memory as keep_freed_memory
from ._paths import check_writable as check_writable
from ._paths import write_text as write_text
from ._progress import Progress as Progress
from ._random import generator as generator
from ._random import seed_of as seed_of
from ._text import joined as joined
from ._text import nearest as nearest
from ._text import number as number
from ._text import plural as plural
from ._workers import run_all as run_all
from ._workers import run_each as run_each
from ._workers import scheduler as scheduler
