"""One page that holds the whole answer: the verdict in words, pictures, numbers, and how it was made."""

from faradaic._core import check_writable as check_writable
from faradaic._core import write_text as write_text

from ._figures import Picture as Picture
from ._figures import pictures as pictures
from ._html import Finding as Finding
from ._html import render as render
from ._html import write_report as write_report
from ._inquiry import Inquiry as Inquiry
from ._inquiry import write_inquiry as write_inquiry
from ._knees_page import write_knees as write_knees
from ._modes import write_modes as write_modes
from ._references import cite as cite
from ._references import references as references
from ._surrogate_page import SurrogateFinding as SurrogateFinding
from ._surrogate_page import write_surrogate as write_surrogate
from ._tables import design_labels as design_labels
