"""Measures of fairness and of use, in a table and in models trained on it: no torch, no SDV, no reports.

The metrics of SDMetrics that are made of them are in ``metrics.single_table``, and can be imported from here too.
"""

from sdv_fairdistill.metrics import single_table
from sdv_fairdistill.metrics.association import Associations, association_matrix
from sdv_fairdistill.metrics.conditional import ConditionalParity
from sdv_fairdistill.metrics.decomposition import Decomposition, Paths, decompose_disparity
from sdv_fairdistill.metrics.downstream import Downstream, Task
from sdv_fairdistill.metrics.effects import EFFECTS
from sdv_fairdistill.metrics.grouping import Grouping
from sdv_fairdistill.metrics.intervals import Interval
from sdv_fairdistill.metrics.learners import LEARNERS
from sdv_fairdistill.metrics.parity import COMMON, LEAST_ROWS, Parity
from sdv_fairdistill.metrics.predictability import Predictability
from sdv_fairdistill.metrics.schema import Schema, keys_of
from sdv_fairdistill.metrics.single_table import *  # noqa: F403
from sdv_fairdistill.metrics.spread import Spread
from sdv_fairdistill.metrics.two_sample import TwoSample

__all__ = [
    'COMMON',
    'EFFECTS',
    'LEARNERS',
    'LEAST_ROWS',
    'Associations',
    'ConditionalParity',
    'Decomposition',
    'Downstream',
    'Grouping',
    'Interval',
    'Parity',
    'Paths',
    'Predictability',
    'Schema',
    'Spread',
    'Task',
    'TwoSample',
    'association_matrix',
    'decompose_disparity',
    'keys_of',
    'single_table',
]
__all__ += single_table.__all__
