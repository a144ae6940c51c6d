"""Choosing for each column the one before it that says most about it."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import mutual_info_score

from sdv_fairdistill.networks.links import Link
from sdv_fairdistill.table.layout import Layout

__all__ = ['find_links']

ORDERED_LEVELS = 8  # ranges of tokens of a number or date: counts of single bins would be noise
MOST_CELLS = 4_096  # pairs of levels: more are never seen often enough, and would take time
PRIOR_ROWS = 5.0  # rows a parent's level that occur as they do in all rows; few rows then say little


def find_links(tokens: np.ndarray, layout: Layout) -> tuple[Link, ...]:
    """Finds the parent of each drawn column: the column before it with the greatest gain of information.

    The gain is that of the Bayesian information criterion (Schwarz, 1978), so that a column on which none before it
    says more than chance would has no parent.

    Args:
        tokens: Drawn columns ``(rows, columns)``.
        layout: Says which columns are drawn, how many tokens they have and which are in order.
    """
    level_of = [_levels(layout, column) for column in layout.drawn]
    sizes = [int(levels.max()) + 1 for levels in level_of]
    leveled = [levels[column] for levels, column in zip(level_of, tokens.T, strict=True)]
    links = []
    for column in range(1, len(sizes)):
        best, counts = 0.0, None
        for before in range(column):
            if sizes[before] * sizes[column] > MOST_CELLS:
                continue
            pairs = np.bincount(
                leveled[before] * sizes[column] + leveled[column], minlength=sizes[before] * sizes[column]
            )
            pairs = pairs.reshape(sizes[before], sizes[column])
            gain = _information_gain(pairs)
            if gain > best:
                best, parent, counts = gain, before, pairs
        if counts is not None:
            links.append(Link(column, parent, level_of[column], level_of[parent], _log_ratio(counts)))
    return tuple(links)


def _levels(layout: Layout, column: int) -> np.ndarray:
    """Gives the level of each token of a column: ranges of a number's bins, beside its missing values."""
    cardinality = layout.cardinalities[column]
    if not layout.ordered[column]:
        return np.arange(cardinality)
    present = layout.bins_of(column)
    levels = np.arange(present) * min(ORDERED_LEVELS, present) // max(present, 1)
    return np.append(levels, levels.max(initial=-1) + 1) if present < cardinality else levels


def _information_gain(pairs: np.ndarray) -> float:
    """Gives how much more likely the rows are if two columns belong together, less what chance and size explain."""
    parents, levels = (int((pairs.sum(axis) > 0).sum()) for axis in (1, 0))
    information = mutual_info_score(None, None, contingency=pairs)
    return 2 * pairs.sum() * information - (parents - 1) * (levels - 1) * np.log(pairs.sum())


def _log_ratio(pairs: np.ndarray) -> np.ndarray:
    """Gives the log-ratios ``(parent's levels, levels)`` of counts of pairs, drawn towards 0 where counts are few."""
    shares = (pairs.sum(0) + 0.5) / (pairs.sum() + 0.5 * pairs.shape[1])
    beside = (pairs + PRIOR_ROWS * shares) / (pairs.sum(1, keepdims=True) + PRIOR_ROWS)
    return (np.log(beside) - np.log(shares)).astype(np.float32)
