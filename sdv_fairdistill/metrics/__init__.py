"""Measures of fairness and of use, in a table and in models trained on it: no torch, no SDV, no reports."""

from sdv_fairdistill.metrics.downstream import Downstream, Task
from sdv_fairdistill.metrics.grouping import Grouping
from sdv_fairdistill.metrics.parity import LEAST_ROWS, Parity
from sdv_fairdistill.metrics.schema import Schema, keys_of

__all__ = ['LEAST_ROWS', 'Downstream', 'Grouping', 'Parity', 'Schema', 'Task', 'keys_of']
