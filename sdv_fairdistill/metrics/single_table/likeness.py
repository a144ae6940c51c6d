"""Metrics of how alike two tables are as a whole: all pairs of columns, and whether a model tells rows apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from sdmetrics.goal import Goal

from sdv_fairdistill.metrics.association import Associations
from sdv_fairdistill.metrics.single_table._base import FairnessMetric, part
from sdv_fairdistill.metrics.single_table._question import Question
from sdv_fairdistill.metrics.two_sample import TwoSample

__all__ = ['AssociationSimilarity', 'TwoSampleAUC']

NO_SECOND_SAMPLE = 'there are no held-out rows, so no second sample of real rows to compare: give holdout'
NO_HOLDOUT = 'there are no held-out rows: the synthetic rows were told from those that the synthesizer learned from'


class AssociationSimilarity(FairnessMetric):
    """1 less the mean difference of associations over all pairs of columns, 0 to 1: 1 is as in the real rows.

    Numbers go by Spearman's rank correlation, levels by Cramér's V, and one with the other by the correlation ratio of
    ranks (see :func:`~sdv_fairdistill.metrics.association_matrix`). The breakdown has every pair under ``'pairs'``, the
    most different first; undefined ones are last and have their reason. Its ``'real'`` compares the held-out rows: that
    is what chance leaves. There is no interval. A synthesizer that makes groups alike changes associations on purpose.

    Example:
        >>> import pandas as pd
        >>> real = pd.DataFrame({'age': range(40), 'wage': range(40)})
        >>> AssociationSimilarity.compute(real, real.assign(wage=[*range(1, 40, 2), *range(0, 40, 2)]))
        0.46...
    """

    name = 'AssociationSimilarity'
    goal = Goal.MAXIMIZE
    min_value = 0.0
    max_value = 1.0
    _needed = ()

    @classmethod
    def _breakdown(cls, question: Question) -> dict[str, Any]:
        found = cls._part(question, 'synthetic')
        if 'holdout' in question.tables:
            return {**found, 'real': cls._part(question, 'holdout')}
        return {**found, 'real': part(np.nan, notes=[NO_SECOND_SAMPLE], pairs=[])}

    @classmethod
    def _part(cls, question: Question, name: str) -> dict[str, Any]:
        real, other = (question.schema.read(question.tables[kind]) for kind in ('real', name))
        found = Associations.of(real, other, question.schema, question.settings.seed)
        return part(found.similarity, notes=found.notes, pairs=found.pairs.to_dict(orient='records'))


class TwoSampleAUC(FairnessMetric):
    """How well a cross-validated model tells synthetic rows from real ones: AUC, 0 to 1, 0.5 is not at all.

    The real rows are ``holdout``; without them those that the synthesizer learned from, and the breakdown says so. Its
    ``'real'`` tells the held-out rows from the other real ones, which should not be possible. ``normalize`` gives 1 at
    an AUC of 0.5 or below and 0 at 1. A label that was repaired on purpose counts like any other column; see
    :class:`~sdv_fairdistill.metrics.TwoSample`, which can leave it out.

    Example:
        >>> import pandas as pd
        >>> real = pd.DataFrame({'age': range(80), 'sex': ['f', 'm'] * 40})
        >>> TwoSampleAUC.compute(real[::2], real.assign(sex='x'), holdout=real[1::2])
        1.0
    """

    name = 'TwoSampleAUC'
    goal = Goal.MINIMIZE
    min_value = 0.0
    max_value = 1.0
    _needed = ()

    @classmethod
    def normalize(cls, raw_score: float) -> float:
        """Gives 1 for an AUC of 0.5 or less, 0 for an AUC of 1, and NaN for NaN."""
        better = super().normalize(raw_score)
        return better if better != better else min(1.0, 2 * better)

    @classmethod
    def _breakdown(cls, question: Question) -> dict[str, Any]:
        found = cls._part(question, 'synthetic')
        if question.test == 'holdout':
            return {**found, 'real': cls._part(question, 'real')}
        return {**found, 'notes': [NO_HOLDOUT, *found['notes']], 'real': part(np.nan, notes=[NO_SECOND_SAMPLE])}

    @classmethod
    def _part(cls, question: Question, name: str) -> dict[str, Any]:
        asked = question.settings
        real, other = (question.schema.read(question.tables[kind]) for kind in (question.test, name))
        found = TwoSample.of(real, other, question.schema, question.leave_out, asked.learner, asked.seed)
        return part(found.auc, found.interval, found.notes, rows=found.rows, features=list(found.features))
