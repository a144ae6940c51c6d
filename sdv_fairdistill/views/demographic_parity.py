"""Demographic parity: the label's distribution is the same in every group."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.stats import rankdata

from sdv_fairdistill.views.notion import Notion, register

__all__ = ['DemographicParity']

KNOTS = 1001  # quantiles of a score; finer steps than any group's size can tell
PRIOR_ROWS = 10  # pooled rows mixed into a group's quantiles, so that a handful of people does not make a map
RAKES = 30  # rounds of raking for several classes; the rates agree to 1e-6 after about ten


@register
class DemographicParity(Notion):
    """Moves every group's scores to their common Wasserstein barycenter.

    Gordaliza et al. (2019), Chzhen et al. (2020). The order inside a group is kept, so that the accuracy lost is the
    least possible; the overall rate of each class stays.
    """

    name: ClassVar[str] = 'demographic_parity'

    def repair_score(self, score: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """See :meth:`Notion.repair_score`."""
        repaired = np.column_stack([_to_barycenter(column, groups) for column in score.T])
        repaired /= np.maximum(repaired.sum(1, keepdims=True), 1e-12)
        return _rake(repaired, groups, score.mean(0))

    def repair_ordered(self, labels: np.ndarray, groups: np.ndarray, seed: int) -> np.ndarray:
        """Maps every group's ranks to the pooled distribution; see :meth:`Notion.repair_ordered`."""
        order = np.random.default_rng(seed).permutation(len(labels))
        ranks = np.empty(len(labels))
        for group in np.unique(groups):
            rows = order[groups[order] == group]
            ranks[rows] = (rankdata(labels[rows], method='ordinal') - 0.5) / len(rows)
        pooled = np.sort(labels)
        return pooled[np.minimum((ranks * len(labels)).astype(int), len(labels) - 1)]


def _to_barycenter(score: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Maps one class's scores ``(rows,)`` to the barycenter of the groups' distributions."""
    levels = np.linspace(0, 1, KNOTS)
    pooled = np.quantile(score, levels)
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    trust = [len(rows) / (len(rows) + PRIOR_ROWS) for rows in members]
    quantiles = [t * np.quantile(score[rows], levels) + (1 - t) * pooled for rows, t in zip(members, trust, strict=True)]
    barycenter = sum(len(rows) / len(score) * own for rows, own in zip(members, quantiles, strict=True))
    repaired = np.empty_like(score)
    pooled_ranks = (rankdata(score) - 0.5) / len(score)
    for rows, t in zip(members, trust, strict=True):
        ranks = t * (rankdata(score[rows]) - 0.5) / len(rows) + (1 - t) * pooled_ranks[rows]
        repaired[rows] = np.interp(ranks, levels, barycenter)
    return repaired


def _rake(score: np.ndarray, groups: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Scales class probabilities until every group's class rates are the overall ones."""
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    score = score.copy()
    for _ in range(RAKES):
        for rows in members:
            score[rows] *= rates / np.maximum(score[rows].mean(0), 1e-12)
        score /= np.maximum(score.sum(1, keepdims=True), 1e-12)
    return score
