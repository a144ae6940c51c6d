"""Public names of the package; everything heavy (torch, scikit-learn) waits in the modules that use it.

``import sdv`` comes before anything of this package: SDV looks for add-ons at the end of its own import and finds this
one there, so both ``import sdv`` first and ``import sdv_fairdistill`` first end with the synthesizer in
``sdv.single_table``.
"""

import sdv  # noqa: F401

from sdv_fairdistill import datasets
from sdv_fairdistill.synthesizer import FairDistillSynthesizer

__all__ = ['FairDistillSynthesizer', '__version__', 'datasets']

__version__ = '0.1.0'
