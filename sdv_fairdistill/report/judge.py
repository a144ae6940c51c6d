"""Everything that is measured in a case, each figure once and when it is asked for; what is made of it stays out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sdmetrics.reports import DiagnosticReport, QualityReport

from sdv_fairdistill.metrics import Downstream, Parity
from sdv_fairdistill.report.association import group_associations, group_auc
from sdv_fairdistill.report.case import REAL, Case

__all__ = ['MODELS', 'Judge']

# The models that are trained on every table, by name: whether the sensitive columns are kept from them.
MODELS: dict[str, bool] = {'all columns': False, 'without sensitive columns': True}


@dataclass(frozen=True)
class Judge:
    """Measures the tables of a case. Every verb takes ``'real'`` or the name of a copy.

    Attributes:
        case: The tables and roles.
    """

    case: Case
    _found: dict[tuple, Any] = field(default_factory=dict, repr=False)

    def label(self, kind: str) -> Parity:
        """How often each group has the desired label in the table itself."""
        return self._once(('label', kind), lambda: self.case.task.label_parity(self.case.table(kind)))

    def model(self, kind: str, name: str) -> Downstream:
        """How a model of :data:`MODELS` that learned from the table treats the held-out rows."""
        leave_out = self.case.roles.sensitive if MODELS[name] else ()
        case = self.case
        return self._once(
            ('model', kind, name),
            lambda: Downstream.of(case.learned(kind), case.holdout, case.task, leave_out=leave_out, seed=case.seed),
        )

    def quality(self, kind: str) -> float:
        """SDMetrics' quality score, 0 to 1, against the real rows.

        For ``'real'`` it is that of the held-out rows against the others: two real samples, so that it is less than 1.
        """
        return self._once(('quality', kind), lambda: self._sdmetrics(QualityReport(), kind))

    def diagnostic(self, kind: str) -> float:
        """SDMetrics' diagnostic score, 0 to 1: are the rows valid; of the held-out rows for ``'real'``."""
        return self._once(('diagnostic', kind), lambda: self._sdmetrics(DiagnosticReport(), kind))

    def group_auc(self, kind: str) -> float:
        """How well a model tells a row's group from its other columns; see :func:`group_auc`."""
        task, seed = self.case.task, self.case.seed
        return self._once(('group', kind), lambda: group_auc(self.case.table(kind), task, seed))

    def associations(self, kind: str) -> pd.Series:
        """How closely each other column goes with the group; see :func:`group_associations`."""
        return self._once(('columns', kind), lambda: group_associations(self.case.table(kind), self.case.task))

    def _once(self, key: tuple, work: Callable[[], Any]) -> Any:
        if key not in self._found:
            self._found[key] = work()
        return self._found[key]

    def _sdmetrics(self, report: QualityReport | DiagnosticReport, kind: str) -> float:
        case = self.case
        real, other = (case.train, case.holdout) if kind == REAL else (case.real, case.copies[kind])
        with np.errstate(all='ignore'):
            report.generate({case.name: real}, {case.name: other}, case.metadata, verbose=False)
        return float(report.get_score())
