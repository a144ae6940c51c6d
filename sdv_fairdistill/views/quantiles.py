"""Moving distributions of groups to a common one, inside strata: for scores and for ordered labels."""

from __future__ import annotations

import numpy as np

__all__ = ['respread', 'to_barycenter', 'to_pooled']

KNOTS = 1001  # quantiles of a score; finer steps than any group's size can tell
SAME = 1e-12  # between scores that are one but for rounding, which depends on the order in which groups are added up
PRIOR_ROWS = 10  # pooled rows mixed into a group's quantiles, so that a handful of people does not make a map


def to_barycenter(
    score: np.ndarray, groups: np.ndarray, among: tuple[np.ndarray, np.ndarray] | None = None
) -> np.ndarray:
    """Maps scores to the Wasserstein barycenter of the groups' distributions; order in a group is kept.

    Args:
        score: Scores ``(rows,)``.
        groups: Their groups ``(rows,)``.
        among: Scores and groups of the rows whose distributions these are ``(others,)``; None for the same rows.

    Returns:
        Scores ``(rows,)``.
    """
    levels = np.linspace(0, 1, KNOTS)
    theirs, their_groups = (score, groups) if among is None else among
    pooled, pooled_curve = np.sort(theirs), np.quantile(theirs, levels)
    members = {group: np.sort(theirs[their_groups == group]) for group in np.unique(their_groups)}
    trust = {group: len(own) / (len(own) + PRIOR_ROWS) for group, own in members.items()}
    curves = {
        group: trust[group] * np.quantile(own, levels) + (1 - trust[group]) * pooled_curve
        for group, own in members.items()
    }
    barycenter = sum(len(members[group]) / len(theirs) * curve for group, curve in curves.items())
    repaired = np.empty_like(score)
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        ranks = _ranks(score[rows], pooled)
        if group in members:
            ranks = trust[group] * _ranks(score[rows], members[group]) + (1 - trust[group]) * ranks
        repaired[rows] = np.interp(ranks, levels, barycenter)
    return repaired


def _ranks(score: np.ndarray, sample: np.ndarray) -> np.ndarray:
    """Gives the share of an ascending sample that is below each score, ties counted by half."""
    return (np.searchsorted(sample, score, 'left') + np.searchsorted(sample, score, 'right')) / 2 / len(sample)


def respread(repaired: np.ndarray, like: np.ndarray, share: float) -> np.ndarray:
    """Moves repaired scores ``(rows,)`` a part of the way to the spread of others ``(rows,)``; their order is kept.

    What makes scores alike narrows them, and labels drawn from narrow scores are noise below every model's threshold.

    Args:
        repaired: Scores, alike in all groups.
        like: Scores as they were.
        share: How far to go, 0 to 1.
    """
    levels = np.linspace(0, 1, KNOTS)
    wider = np.interp(repaired, *_increasing(np.quantile(repaired, levels), np.quantile(like, levels)))
    return (1 - share) * repaired + share * wider


def _increasing(knots: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gives distinct ones of ascending knots, each with the mean of its values; those that rounding parts are one."""
    is_new = np.diff(knots, prepend=-np.inf) > SAME
    place = np.cumsum(is_new) - 1
    return knots[is_new], np.bincount(place, values) / np.bincount(place)


def to_pooled(labels: np.ndarray, groups: np.ndarray, generator: np.random.Generator, missing: int = -1) -> np.ndarray:
    """Maps ordered labels of every group to the labels of all rows, rank by rank; ties in random order.

    A missing label has no rank. In every group as large a share is missing as in all rows: where it was more, some of
    them, chosen at random, get a label of their own group at random; where it was less, some rows lose theirs.

    Args:
        labels: Labels ``(rows,)``.
        groups: Group of each row ``(rows,)``.
        generator: Draws what is random.
        missing: The label that stands for a missing one; -1 if there is none.

    Returns:
        Labels ``(rows,)``.

    Example:
        >>> to_pooled(np.array([1, 2, 3, 4]), np.array([0, 0, 1, 1]), np.random.default_rng(0)).tolist()
        [2, 4, 2, 4]
    """
    present = labels != missing
    pooled = np.sort(labels[present])
    repaired = np.full_like(labels, missing)
    order, chance = generator.permutation(len(labels)), generator.random(len(labels))
    for group in np.unique(groups):
        rows = order[groups[order] == group]
        rows = rows[np.argsort(present[rows], kind='stable')]  # those that are missing first, to stay so
        rows = rows[int(len(rows) * (1 - present.mean()) + chance[rows[0]]) :]
        own, lacks = labels[rows], ~present[rows]
        known = pooled if lacks.all() else own[~lacks]
        own[lacks] = known[(chance[rows[lacks]] * len(known)).astype(int)]
        ranked = rows[np.lexsort((chance[rows], own))]
        repaired[ranked] = pooled[(2 * np.arange(len(rows)) + 1) * len(pooled) // (2 * max(len(rows), 1))]
    return repaired
