"""The metric of how much the other columns tell about the sensitive ones."""

from __future__ import annotations

from typing import Any

from sdmetrics.goal import Goal

from sdv_fairdistill.metrics.predictability import Predictability
from sdv_fairdistill.metrics.single_table._base import FairnessMetric, lines_of, part
from sdv_fairdistill.metrics.single_table._question import Question

__all__ = ['GroupPredictability']


class GroupPredictability(FairnessMetric):
    """How well a cross-validated model tells the groups apart by all other columns: AUC, 0 to 1, 0.5 is chance.

    With more than two groups each is told from all others, and the group told apart best counts (see
    :class:`~sdv_fairdistill.metrics.Predictability`). A high score means that leaving the sensitive columns out does
    not hide them. ``normalize`` gives 1 at chance or below and 0 at an AUC of 1.

    Example:
        >>> import pandas as pd
        >>> real = pd.DataFrame({'sex': ['f'] * 50 + ['m'] * 50, 'height': range(100)})
        >>> mixed = real.assign(height=[*range(0, 100, 2), *range(0, 100, 2)])
        >>> found = GroupPredictability.compute_breakdown(real, mixed, sensitive_columns=['sex'])
        >>> found['score'] < 0.6 < 0.9 < found['real']['score']
        True
    """

    name = 'GroupPredictability'
    goal = Goal.MINIMIZE
    min_value = 0.0
    max_value = 1.0
    _needed = ('sensitive_columns',)

    @classmethod
    def normalize(cls, raw_score: float) -> float:
        """Gives 1 for an AUC of 0.5 or less, 0 for an AUC of 1, and NaN for NaN."""
        better = super().normalize(raw_score)
        return better if better != better else min(1.0, 2 * better)

    @classmethod
    def _part(cls, question: Question, name: str) -> dict[str, Any]:
        read, asked = question.schema.read(question.tables[name]), question.settings
        found = Predictability.of(
            read,
            question.schema,
            question.grouping.of(read),
            question.roles.sensitive,
            question.grouping.names,
            asked.learner,
            asked.seed,
            asked.least_rows,
            asked.resamples,
        )
        groups = {'one against the rest': lines_of(found.groups)}
        return part(found.auc, found.interval, found.notes, rates=groups, features=list(found.features))
