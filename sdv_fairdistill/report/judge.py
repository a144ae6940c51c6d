"""Everything that is measured in a case, each figure once and when it is asked for; what is made of it stays out."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sdmetrics.reports import DiagnosticReport, QualityReport

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.metrics import (
    LEARNERS,
    Associations,
    Decomposition,
    Downstream,
    Parity,
    Paths,
    Predictability,
    TwoSample,
)
from sdv_fairdistill.metrics.decomposition import decomposed
from sdv_fairdistill.report.association import group_associations
from sdv_fairdistill.report.case import REAL, Case

__all__ = ['MODELS', 'Judge']

# The models that are trained on every table, by name: the learner, and whether it is blind to the sensitive columns.
MODELS: dict[str, tuple[str, bool]] = {
    name: (learner, blind) for learner in LEARNERS for name, blind in ((learner, False), (f'{learner}, blind', True))
}


@dataclass(frozen=True)
class Judge:
    """Measures the tables of a case. Every verb takes ``'real'`` or the name of a copy.

    Attributes:
        case: The tables and roles.
        paths: The columns between sensitive ones and label; None without a causal graph.
    """

    case: Case
    paths: Paths | None = None
    _found: dict[tuple, Any] = field(default_factory=dict, repr=False)

    def label(self, kind: str) -> Parity:
        """How often each group has the desired label in the table itself."""
        case = self.case
        return self._once(
            ('label', kind),
            lambda: case.task.label_parity(case.table(kind), generator=np.random.default_rng(case.seed)),
        )

    def model(self, kind: str, name: str) -> Downstream:
        """How a model of :data:`MODELS` that learned from the table treats the held-out rows."""
        case, (learner, blind) = self.case, MODELS[name]
        leave_out = case.roles.sensitive if blind else ()
        return self._once(
            ('model', kind, name),
            lambda: Downstream.of(
                case.learned(kind), case.holdout, case.task, leave_out=leave_out, seed=case.seed, learner=learner
            ),
        )

    def quality(self, kind: str) -> float:
        """SDMetrics' quality score, 0 to 1, against the real rows.

        For ``'real'`` it is that of the held-out rows against the others: two real samples, so that it is less than 1.
        """
        return float(self._sdmetrics(QualityReport, kind).get_score())

    def quality_parts(self, kind: str) -> dict[str, float]:
        """The two scores whose mean that is: ``'Column Shapes'`` and ``'Column Pair Trends'``; NaN is undefined."""
        properties = self._sdmetrics(QualityReport, kind).get_properties()
        return dict(zip(properties['Property'], properties['Score'].astype(float), strict=True))

    def diagnostic(self, kind: str) -> float:
        """SDMetrics' diagnostic score, 0 to 1: are the rows valid; of the held-out rows for ``'real'``."""
        return float(self._sdmetrics(DiagnosticReport, kind).get_score())

    def pairs(self, kind: str) -> Associations:
        """How alike all pairs of columns go together, against the real rows; of the held-out rows for ``'real'``."""
        return self._once(('pairs', kind), lambda: self._pairs(kind))

    def two_sample(self, kind: str) -> TwoSample:
        """How well a model tells the rows from the held-out ones; for ``'real'`` the other real rows."""
        read, case = self.case.task.schema.read, self.case
        return self._once(
            ('two samples', kind),
            lambda: TwoSample.of(read(case.holdout), read(case.learned(kind)), case.task.schema, seed=case.seed),
        )

    def predictability(self, kind: str) -> Predictability:
        """How well a model tells a row's group from its other columns, without the label."""
        return self._once(('group', kind), lambda: self._predictability(kind))

    def associations(self, kind: str) -> pd.Series:
        """How closely each other column goes with the group; see :func:`group_associations`."""
        return self._once(('columns', kind), lambda: group_associations(self.case.table(kind), self.case.task))

    def label_effects(self, kind: str) -> Decomposition:
        """What the difference of groups in the table itself is made of; needs ``paths``."""
        task = self.case.task
        return self._once(
            ('label effects', kind),
            lambda: self._effects((read := task.known(self.case.table(kind))), task.labels(read).astype(float)),
        )

    def model_effects(self, kind: str) -> Decomposition:
        """The same of what boosting that learned from the table predicts of the held-out rows."""
        chosen = self.model(kind, 'boosting').predictions['chosen'].to_numpy(dtype=float)
        read = self.case.task.known(self.case.holdout)
        if len(chosen) != len(read) or len(np.unique(chosen)) < 2:
            raise FairDistillError('the model predicts the same for everybody, or nothing: there is no difference.')
        return self._once(('model effects', kind), lambda: self._effects(read, chosen))

    def _effects(self, read: pd.DataFrame, outcome: np.ndarray) -> Decomposition:
        task, case = self.case.task, self.case
        groups = task.grouping.of(read).to_numpy()
        rates = self.label(REAL).rates['rate'].dropna()
        reference = rates.idxmax() if len(rates) and rates.idxmax() in set(groups) else None
        return decomposed(read, task.schema, outcome, groups, self.paths, reference, seed=case.seed)

    def _once(self, key: tuple, work: Callable[[], Any]) -> Any:
        if key not in self._found:
            self._found[key] = work()
        return self._found[key]

    def _predictability(self, kind: str) -> Predictability:
        task = self.case.task
        read = task.schema.read(self.case.table(kind))
        leave_out = (*task.sensitive, task.target)
        groups, seed = task.grouping.of(read), self.case.seed
        return Predictability.of(read, task.schema, groups, leave_out, task.grouping.names, seed=seed)

    def _pairs(self, kind: str) -> Associations:
        schema = self.case.task.schema
        real, other = (schema.read(table) for table in self._beside_real(kind))
        return Associations.of(real, other, schema, self.case.seed)

    def _beside_real(self, kind: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Real rows, and those to compare with them: a copy's, or for ``'real'`` the held-out ones."""
        case = self.case
        return (case.train, case.holdout) if kind == REAL else (case.real, case.copies[kind])

    def _sdmetrics(self, report: type[QualityReport | DiagnosticReport], kind: str) -> QualityReport | DiagnosticReport:
        return self._once((report, kind), lambda: self._generated(report(), kind))

    def _generated(self, report: QualityReport | DiagnosticReport, kind: str) -> QualityReport | DiagnosticReport:
        case = self.case
        with np.errstate(all='ignore'), warnings.catch_warnings():
            warnings.filterwarnings('ignore', 'ks_2samp: Exact calculation')  # of a p-value, which no score uses
            tables = ({case.name: case.task.schema.plain(table)} for table in self._beside_real(kind))
            report.generate(*tables, case.metadata, verbose=False)
        return report
