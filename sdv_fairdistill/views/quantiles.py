"""Moving distributions of groups to a common one, inside strata: for scores and for ordered labels."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

__all__ = ['to_barycenter', 'to_pooled']

KNOTS = 1001  # quantiles of a score; finer steps than any group's size can tell
PRIOR_ROWS = 10  # pooled rows mixed into a group's quantiles, so that a handful of people does not make a map


def to_barycenter(score: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Maps scores ``(rows,)`` to the Wasserstein barycenter of the groups' distributions; order in a group is kept."""
    levels = np.linspace(0, 1, KNOTS)
    pooled = np.quantile(score, levels)
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    trust = [len(rows) / (len(rows) + PRIOR_ROWS) for rows in members]
    quantiles = [
        own * np.quantile(score[rows], levels) + (1 - own) * pooled for rows, own in zip(members, trust, strict=True)
    ]
    barycenter = sum(len(rows) / len(score) * curve for rows, curve in zip(members, quantiles, strict=True))
    repaired = np.empty_like(score)
    pooled_ranks = (rankdata(score) - 0.5) / len(score)
    for rows, own in zip(members, trust, strict=True):
        ranks = own * (rankdata(score[rows]) - 0.5) / len(rows) + (1 - own) * pooled_ranks[rows]
        repaired[rows] = np.interp(ranks, levels, barycenter)
    return repaired


def to_pooled(labels: np.ndarray, groups: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Maps ordered labels ``(rows,)`` of every group to the labels of all rows, rank by rank; ties in random order."""
    order = generator.permutation(len(labels))
    ranks = np.empty(len(labels))
    for group in np.unique(groups):
        rows = order[groups[order] == group]
        ranks[rows] = (rankdata(labels[rows], method='ordinal') - 0.5) / len(rows)
    pooled = np.sort(labels)
    return pooled[np.minimum((ranks * len(labels)).astype(int), len(labels) - 1)]
