"""Demographic parity: the label's distribution is the same in every group."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sdv_fairdistill.views.notion import Evidence, Notion, register
from sdv_fairdistill.views.quantiles import to_barycenter, to_pooled

__all__ = ['DemographicParity']

RAKES = 30  # rounds of raking for several classes; the rates agree to 1e-6 after about ten


@register
class DemographicParity(Notion):
    """Moves every group's scores to their common Wasserstein barycenter.

    Gordaliza et al. (2019), Chzhen et al. (2020). The order inside a group is kept, so that the accuracy lost is the
    least possible; the overall rate of each class stays.
    """

    name: ClassVar[str] = 'demographic_parity'

    def repair_score(self, evidence: Evidence) -> np.ndarray:
        """See :meth:`Notion.repair_score`."""
        score, groups = evidence.score, evidence.groups
        repaired = np.column_stack([to_barycenter(column, groups) for column in score.T])
        repaired /= np.maximum(repaired.sum(1, keepdims=True), 1e-12)
        return _rake(repaired, groups, score.mean(0))

    def repair_ordered(self, evidence: Evidence) -> np.ndarray:
        """Maps every group's ranks to the pooled distribution; see :meth:`Notion.repair_ordered`."""
        return to_pooled(evidence.labels, evidence.groups, np.random.default_rng(evidence.seed), evidence.missing)


def _rake(score: np.ndarray, groups: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Scales class probabilities until every group's class rates are the overall ones."""
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    score = score.copy()
    for _ in range(RAKES):
        for rows in members:
            score[rows] *= rates / np.maximum(score[rows].mean(0), 1e-12)
        score /= np.maximum(score.sum(1, keepdims=True), 1e-12)
    return score
