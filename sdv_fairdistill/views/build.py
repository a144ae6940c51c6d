"""From tokens to label views: the raw one first, then one for every notion asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import sdv_fairdistill.views.demographic_parity  # noqa: F401  (registers the notion)
from sdv_fairdistill.layout import Layout
from sdv_fairdistill.views.coupling import couple
from sdv_fairdistill.views.label_view import LabelView
from sdv_fairdistill.views.notion import NOTIONS
from sdv_fairdistill.views.score import label_score

__all__ = ['RAW', 'build_views']

RAW = 'raw'


def build_views(
    tokens: np.ndarray, layout: Layout, groups: np.ndarray, notions: Sequence[str], seed: int
) -> list[LabelView]:
    """Repairs the label of a token table.

    Args:
        tokens: Token table ``(rows, columns)``.
        layout: Roles of the columns.
        groups: Group of every row ``(rows,)``.
        notions: Names of the notions to repair for.
        seed: Seed of the label score.

    Returns:
        The raw view and, if there are a target and at least two groups, one view for each notion.
    """
    labels = np.zeros(len(tokens), dtype=np.int64) if layout.target is None else tokens[:, layout.target].astype(np.int64)
    views = [LabelView(RAW, labels)]
    if layout.target is None or groups.max() == 0:
        return views
    if layout.ordered[layout.target]:
        return views + [LabelView(n, NOTIONS[n]().repair_ordered(labels, groups, seed)) for n in notions]
    score = label_score(tokens, layout, seed)
    for name in notions:
        repaired = NOTIONS[name]().repair_score(score, groups)
        views.append(LabelView(name, labels, couple(score, repaired, labels).astype(np.float32)))
    return views
