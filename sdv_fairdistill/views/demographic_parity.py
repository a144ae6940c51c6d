"""Demographic parity: the label's distribution is the same in every group."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sdv_fairdistill.views.notion import Evidence, Relabelling, register
from sdv_fairdistill.views.quantiles import respread, to_barycenter

__all__ = ['DemographicParity']

RAKES = 30  # rounds of raking for several classes; the rates agree to 1e-6 after about ten
SPREAD = 0.3  # part of the way back to the spread of the score


@register
class DemographicParity(Relabelling):
    """Moves every group's scores to their common Wasserstein barycenter.

    Gordaliza et al. (2019), Chzhen et al. (2020). The order inside a group is kept, so that the accuracy lost is the
    least possible; the overall rate of each class stays.
    """

    name: ClassVar[str] = 'demographic_parity'
    reads_sensitive: ClassVar[bool] = True

    def repair_score(self, evidence: Evidence, among: Evidence | None = None) -> np.ndarray:
        """See :meth:`Relabelling.repair_score`."""
        score, groups = evidence.score, evidence.groups
        among = evidence if among is None else among
        moved = [
            respread(to_barycenter(column, groups, (other, among.groups)), column, SPREAD)
            for column, other in zip(score.T, among.score.T, strict=True)
        ]
        repaired = np.column_stack(moved)
        if score.shape[1] == 1:
            return repaired
        repaired /= np.maximum(repaired.sum(1, keepdims=True), 1e-12)
        return _rake(repaired, groups, score.mean(0))


def _rake(score: np.ndarray, groups: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Scales class probabilities until every group's class rates are the overall ones."""
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    score = score.copy()
    for _ in range(RAKES):
        for rows in members:
            score[rows] *= rates / np.maximum(score[rows].mean(0), 1e-12)
        score /= np.maximum(score.sum(1, keepdims=True), 1e-12)
    return score
