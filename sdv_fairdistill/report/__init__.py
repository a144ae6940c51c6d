"""One report on synthetic rows: how fair they are, what that costs, and a page to hand over. No torch, no SDV."""

from sdv_fairdistill.report.case import Case
from sdv_fairdistill.report.fairness_report import FairnessReport
from sdv_fairdistill.report.judge import MODELS, Judge

__all__ = ['MODELS', 'Case', 'FairnessReport', 'Judge']
