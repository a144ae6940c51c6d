"""Public names of the package; everything heavy (torch, scikit-learn) waits in the modules that use it.

``import sdv`` comes before anything of this package: SDV looks for add-ons at the end of its own import and finds this
one there, so both ``import sdv`` first and ``import sdv_fairdistill`` first end with the synthesizer in
``sdv.single_table``. What judges rows, and what is about several tables, is imported when it is first
asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import sdv  # noqa: F401

from sdv_fairdistill import datasets
from sdv_fairdistill.helpers.old_names import keep_old_names
from sdv_fairdistill.synthesizer import FairDistillSynthesizer

if TYPE_CHECKING:
    from sdv_fairdistill.classifier import FairLabelClassifier
    from sdv_fairdistill.evaluation import compare, evaluate, evaluate_fairness
    from sdv_fairdistill.multi_table import FairIndependentSynthesizer
    from sdv_fairdistill.report import FairnessReport

__all__ = [
    'FairDistillSynthesizer',
    'FairIndependentSynthesizer',
    'FairLabelClassifier',
    'FairnessReport',
    '__version__',
    'compare',
    'datasets',
    'evaluate',
    'evaluate_fairness',
]

__version__ = '0.1.0'

_WAITING = {  # the module of each name that is imported when it is first asked for
    'FairIndependentSynthesizer': 'multi_table',
    'FairLabelClassifier': 'classifier',
    'FairnessReport': 'report',
    'compare': 'evaluation',
    'evaluate': 'evaluation',
    'evaluate_fairness': 'evaluation',
}

keep_old_names()


def __getattr__(name: str) -> Any:
    if name not in _WAITING:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    globals()[name] = value = getattr(import_module(f'{__name__}.{_WAITING[name]}'), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
