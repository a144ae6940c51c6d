"""Repairs that models inherit: what a model says that learned repaired labels is as alike as the labels themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.stats import wasserstein_distance

from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.views import Evidence
from sdv_fairdistill.views.boosted import cross_scores
from sdv_fairdistill.views.notion import Relabelling

__all__ = ['inherited_repair', 'predicted_gap']

ROUNDS = 5  # of corrections at most, of several classes fewer; each costs a model of every class
ENOUGH = 0.04  # gap beyond chance at which nothing is corrected
LESS = 0.8  # of the least gap so far
WIDTH = 0.15  # around one half, where models decide: corrections fade out beyond, since they cost skill everywhere
LEAST_ROWS = 100  # of a group whose predictions count; the rates of fewer rows are chance
LEAST_SHARE = 0.02  # of the predictions of a class that counts
MIDDLE = 0.5  # what is learned of a row whose numeric label is missing
_TINY = 1e-12


def inherited_repair(
    notion: Relabelling,
    evidence: Evidence,
    tokens: np.ndarray,
    layout: Layout,
    relabel: Callable[[np.ndarray], np.ndarray],
    among: Evidence,
    real: np.ndarray,
) -> np.ndarray:
    """Repairs scores so that a model which learns labels of them predicts as the notion wants, for real people.

    What a model says is smoother than what it learned: where the favored rows of a group are few, or hard to tell from
    others, fewer of them are left above the threshold than the labels had. So a model learns labels drawn from the
    repaired scores and predicts real rows. While its predictions differ between groups, what the notion would change
    of *them* is added to the scores. The scores with the least gap are taken.

    Args:
        notion: The notion.
        evidence: What is known of the rows to repair.
        tokens: Token table ``(rows, columns)`` of them.
        layout: Roles of the columns.
        relabel: Gives the labels of rows whose scores are repaired so: classes, or ranks ``(rows,)``, NaN if missing.
        among: Groups ``(others,)`` and, if the notion reads it, likeness ``(others, groups)`` of real rows.
        real: Token table ``(others, columns)`` of these.

    Returns:
        Scores of the shape that the notion gives.
    """
    columns = [*layout.drawn, *layout.sensitive] if notion.reads_sensitive else list(layout.drawn)
    place = 'score' if notion.reads_sensitive else 'unaware'
    best = repaired = notion.repair_score(evidence)
    if len(_large(among.groups)) < 2:
        return best
    least = np.inf
    rounds = max(1, round(ROUNDS * min(1, 2 / repaired.shape[1])))
    for done in range(rounds + 1):
        target = np.nan_to_num(relabel(repaired), nan=MIDDLE)
        learned, theirs = cross_scores(tokens, target, columns, layout, repaired.shape[1], evidence.seed, real)
        gap = predicted_gap(theirs, among.groups)
        if gap < LESS * least:  # a lesser fall may be chance
            best, least = repaired, gap
        if gap <= ENOUGH or done == rounds:
            break
        wanted = notion.repair_score(replace(evidence, **{place: learned}), replace(among, **{place: theirs}))
        repaired = np.clip(repaired + _nearness(learned, wanted) * (wanted - learned), 0, 1)
        if repaired.shape[1] > 1:
            repaired /= np.maximum(repaired.sum(1, keepdims=True), _TINY)
    return best


def predicted_gap(score: np.ndarray, groups: np.ndarray) -> float:
    """Gives how far apart groups are in what is predicted, 0 if they are alike.

    Args:
        score: Class probabilities ``(rows, classes)``, or expected numbers ``(rows, 1)``.
        groups: Group of each row ``(rows,)``.

    Returns:
        Of classes, what the least rate at which a group is predicted one lacks of the largest, 0 to 1. Of numbers, the
        largest Wasserstein distance of a group's predictions from all, over their standard deviation. Each rate or
        distance counts as nearer to the others by its standard error, so that chance alone makes hardly any gap.

    Example:
        >>> score = np.array([[0.1, 0.9], [0.8, 0.2], [0.1, 0.9], [0.4, 0.6]]).repeat(10_000, axis=0)
        >>> round(predicted_gap(score, np.array([0, 0, 1, 1]).repeat(10_000)), 2)
        0.5
    """
    members = _large(groups)
    if len(members) < 2:
        return 0.0
    errors = np.array([len(rows) for rows in members]) ** -0.5
    if score.shape[1] == 1:
        spread = max(float(score.std()), _TINY)
        distances = np.array([wasserstein_distance(score[rows, 0], score[:, 0]) for rows in members])
        return max(0.0, float((distances / spread - errors).max()))
    predicted, gap = score.argmax(1), 0.0
    for number in range(1, 2) if score.shape[1] == 2 else range(score.shape[1]):
        share = (predicted == number).mean()
        if share >= LEAST_SHARE:
            rates = np.array([(predicted[rows] == number).mean() for rows in members])
            error = errors * np.sqrt(share * (1 - share))
            gap = max(gap, 1 - (rates + error).min() / max((rates - error).max(), _TINY))
    return float(gap)


def _large(groups: np.ndarray) -> list[np.ndarray]:
    """Gives the rows of each group that has enough of them."""
    members = (np.flatnonzero(groups == group) for group in np.unique(groups))
    return [rows for rows in members if len(rows) >= LEAST_ROWS]


def _nearness(learned: np.ndarray, wanted: np.ndarray) -> np.ndarray | float:
    """Gives the weight of corrections: of two classes, 1 where they cross one half, fading out with the distance."""
    if learned.shape[1] != 2:
        return 1.0
    low, high = np.minimum(learned, wanted), np.maximum(learned, wanted)
    return np.exp(-((np.maximum(np.maximum(low - 0.5, 0.5 - high), 0) / WIDTH) ** 2))
