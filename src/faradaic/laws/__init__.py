"""The known laws of electrochemistry: pure functions with named parameters, units, bounds, source and validity range.

A user's own law is one decorated function, see `law`. Everything is in SI. JAX is imported when a law is evaluated.
"""

from ._ageing import AGEING_FORMS as AGEING_FORMS
from ._ageing import YEAR as YEAR
from ._ageing import ageing_hierarchies as ageing_hierarchies
from ._ageing import ageing_law as ageing_law
from ._charge_transfer import butler_volmer as butler_volmer
from ._charge_transfer import butler_volmer_one_step as butler_volmer_one_step
from ._charge_transfer import tafel as tafel
from ._charge_transfer import tafel_slope as tafel_slope
from ._conductivity import casteel_amis as casteel_amis
from ._conductivity import casteel_amis_arrhenius as casteel_amis_arrhenius
from ._conductivity import casteel_amis_arrhenius_molality as casteel_amis_arrhenius_molality
from ._conductivity import casteel_amis_molality as casteel_amis_molality
from ._conductivity import flores2022 as flores2022
from ._conductivity import landesfeind2019 as landesfeind2019
from ._constants import FARADAY as FARADAY
from ._constants import GAS_CONSTANT as GAS_CONSTANT
from ._dimension import dimension as dimension
from ._dimension import same_dimension as same_dimension
from ._evaluate import padded_rows as padded_rows
from ._generic import constant as constant
from ._generic import linear as linear
from ._hierarchy import BUNDLED as BUNDLED
from ._hierarchy import Hierarchy as Hierarchy
from ._hierarchy import hierarchies as hierarchies
from ._hierarchy import named as named
from ._hierarchy import natural_transforms as natural_transforms
from ._law import Law as Law
from ._law import Parameter as Parameter
from ._law import Variable as Variable
from ._law import law as law
from ._marcus import marcus_hush as marcus_hush
from ._marcus import marcus_hush_chidsey as marcus_hush_chidsey
from ._marcus import marcus_hush_chidsey_zeng as marcus_hush_chidsey_zeng
from ._mass_transport import butler_volmer_limited as butler_volmer_limited
from ._mass_transport import tafel_limited as tafel_limited
from ._nernst import nernst as nernst
from ._potential import redlich_kister as redlich_kister
from ._rotating_disk import koutecky_levich as koutecky_levich
from ._rotating_disk import levich as levich
from ._rotating_disk import levich_diffusivity as levich_diffusivity
from ._rotating_disk import levich_slope as levich_slope
from ._temperature import arrhenius as arrhenius
from ._temperature import arrhenius_linear_energy as arrhenius_linear_energy
from ._temperature import vogel_fulcher_tammann as vogel_fulcher_tammann
from ._voltammetry import randles_sevcik as randles_sevcik
from ._voltammetry import randles_sevcik_diffusivity as randles_sevcik_diffusivity
from ._voltammetry import randles_sevcik_offset as randles_sevcik_offset
from ._voltammetry import randles_sevcik_slope as randles_sevcik_slope
from .circuits import Circuit as Circuit
