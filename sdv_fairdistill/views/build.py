"""From tokens to label views: the raw one first, then one for every notion asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import sdv_fairdistill.views.conditional_parity
import sdv_fairdistill.views.demographic_parity
import sdv_fairdistill.views.unawareness  # noqa: F401  (each registers its notion)
from sdv_fairdistill.groups import Groups
from sdv_fairdistill.layout import Layout
from sdv_fairdistill.views.coupling import couple
from sdv_fairdistill.views.label_view import LabelView
from sdv_fairdistill.views.notion import NOTIONS, Evidence, Reads
from sdv_fairdistill.views.score import LabelScore, label_score

__all__ = ['RAW', 'build_views']

RAW = 'raw'
STRATUM_BINS = 4  # quantile bins of a numeric admissible column


def build_views(
    tokens: np.ndarray, layout: Layout, groups: Groups, combination: np.ndarray, notions: Sequence[str], seed: int
) -> list[LabelView]:
    """Repairs the label of a token table.

    Args:
        tokens: Token table ``(rows, columns)``.
        layout: Roles of the columns.
        groups: The groups.
        combination: Combination of sensitive values of every row ``(rows,)``.
        notions: Names of the notions to repair for.
        seed: Seed of the label score.

    Returns:
        The raw view and, if there are a target and at least two groups, one view for each notion.
    """
    labels = np.zeros(len(tokens), dtype=np.int64)
    if layout.target is not None:
        labels = tokens[:, layout.target].astype(np.int64)
    views = [LabelView(RAW, labels)]
    if layout.target is None or groups.count < 2:
        return views
    repairs = [NOTIONS[name]() for name in notions]
    is_ordered = layout.ordered[layout.target]
    if is_ordered:
        score = LabelScore(np.zeros((len(labels), 0)), np.zeros((len(labels), 0)))
    else:
        with_blind = any(notion.reads is Reads.COLUMNS for notion in repairs)
        score = label_score(tokens, layout, groups, with_blind, seed)
    evidence = Evidence(labels, score.own, score.blind, groups.group_of[combination], _strata(tokens, layout), seed)
    for notion in repairs:
        if is_ordered:
            views.append(LabelView(notion.name, notion.repair_ordered(evidence), None, notion.reads))
            continue
        probabilities = couple(score.own, notion.repair_score(evidence), labels).astype(np.float32)
        views.append(LabelView(notion.name, labels, probabilities, notion.reads))
    return views


def _strata(tokens: np.ndarray, layout: Layout) -> np.ndarray:
    """Gives the stratum ``(rows,)`` of each row: its combination of admissible values, numbers in quantile bins."""
    if not layout.admissible:
        return np.zeros(len(tokens), dtype=np.int64)
    values = tokens[:, layout.admissible].copy()
    for place, column in enumerate(layout.admissible):
        if layout.ordered[column]:
            shares = np.bincount(values[:, place], minlength=layout.cardinalities[column]) / len(tokens)
            middle = np.cumsum(shares) - shares / 2
            values[:, place] = np.minimum(middle * STRATUM_BINS, STRATUM_BINS - 1)[values[:, place]]
    return np.unique(values, axis=0, return_inverse=True)[1].reshape(-1)
