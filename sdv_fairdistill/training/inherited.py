"""Repairs that models inherit: what a model says that learned repaired labels is as alike as the labels themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import wasserstein_distance

from sdv_fairdistill.table.layout import Layout
from sdv_fairdistill.views import Evidence
from sdv_fairdistill.views.boosted import MANY, Boosted, Quick, cross_scores
from sdv_fairdistill.views.notion import Relabelling

__all__ = ['Heirs', 'as_sure_as', 'inherited_repair', 'predicted_gap']

ROUNDS = 5  # of corrections at most, of several classes fewer; each costs a model of every class
ENOUGH = 0.04  # gap beyond chance at which nothing is corrected
NEARLY = 0.1  # the same of two classes among many people, where evening rates out closes what is left
LESS = 0.8  # of the least gap so far
WIDTH = 0.15  # around one half, where models decide: corrections fade out beyond, since they cost skill everywhere
LEAST_ROWS, LEAST_PART = 100, 0.01  # of a group whose predictions count; the rates of fewer rows are chance
LEAST_SHARE = 0.02  # of the predictions of a class that counts
STEPS, STEPS_AMONG_MANY = 5, 4  # of evening rates out, each but the first costs a model; many tell rates better
GAIN = 1.5  # over the number of the step: a model follows only a part of what its labels are moved
PROBE = 0.05  # by which scores are moved to see how rates would follow
MODEL = 0.005  # standard error of a rate from one model to the next, beside that of the people
USUAL = 0.1  # standard deviation of moves before anything is known: where rates hardly follow, they stay small
MIDDLE = 0.5  # what is learned of a row whose numeric label is missing
STEEPEST = 50.0  # times that log-odds may be stretched
_TINY = 1e-12
_EDGE = 1e-6


@dataclass(frozen=True)
class Heirs:
    """Models that learn repaired labels, and what they predict of real rows.

    Attributes:
        tokens: Token table ``(rows, columns)`` of the rows whose labels are repaired.
        columns: Columns that the models read.
        layout: Roles of the columns.
        relabel: Gives the labels of these rows if they are repaired to some scores: classes, or ranks ``(rows,)``, NaN
            if missing; each number of a draw gives others.
        real: Token table ``(others, columns)`` of the real rows.
        seed: Decides what is random.
    """

    tokens: np.ndarray
    columns: Sequence[int]
    layout: Layout
    relabel: Callable[[np.ndarray, int], np.ndarray]
    real: np.ndarray
    seed: int

    @property
    def are_many(self) -> bool:
        """Whether the real rows are many: their rates are then known well."""
        return len(self.real) >= MANY

    @property
    def quick(self) -> Quick:
        """How the models learn."""
        return Quick.among(len(self.real))

    def scores(self, repaired: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Gives what models of one half say of the other, and all of real rows; each ``(rows, outputs)``."""
        target, outputs = np.nan_to_num(self.relabel(repaired, 0), nan=MIDDLE), repaired.shape[1]
        return cross_scores(self.tokens, target, self.columns, self.layout, outputs, self.seed, self.real, self.quick)

    def favors(self, repaired: np.ndarray, draw: int) -> np.ndarray:
        """Gives what a model of all rows, whose labels are one draw, says of real rows ``(others,)``."""
        labels = self.relabel(repaired, draw)
        model = Boosted(self.tokens, labels, self.columns, self.layout, 2, self.seed + draw, self.quick)
        return model.of(self.real)[:, 1]


def inherited_repair(notion: Relabelling, evidence: Evidence, heirs: Heirs, among: Evidence) -> np.ndarray:
    """Repairs scores so that a model which learns labels of them predicts as the notion wants, for real people.

    What a model says is smoother than what it learned: where the favored rows of a group are few, or hard to tell from
    others, fewer of them are left above the threshold than the labels had. So a model learns labels drawn from the
    repaired scores and predicts real rows. While its predictions differ between groups, what the notion would change
    of *them* is added to the scores. The scores with the least gap are taken; what is left of two classes' gap is
    closed by one number a group.

    Args:
        notion: The notion.
        evidence: What is known of the rows to repair.
        heirs: The models.
        among: Groups ``(others,)`` and, if the notion reads it, likeness ``(others, groups)`` of real rows.

    Returns:
        Scores of the shape that the notion gives.
    """
    if len(_large(among.groups)) < 2:
        return notion.repair_score(evidence)
    repaired, theirs = _least_gap(notion, evidence, heirs, among)
    if repaired.shape[1] != 2:
        return repaired
    score = theirs[:, 1]
    if len(_large(among.groups)) > 2:
        repaired = as_sure_as(evidence.score if notion.reads_sensitive else evidence.unaware, repaired)
        score = heirs.favors(repaired, STEPS)
    if not notion.reads_sensitive:
        return _evened(repaired, heirs, evidence.likeness, among.likeness, among.groups, score)
    groups = np.eye(1 + max(evidence.groups.max(), among.groups.max()))
    return _evened(repaired, heirs, groups[evidence.groups], groups[among.groups], among.groups, score)


def _least_gap(notion: Relabelling, evidence: Evidence, heirs: Heirs, among: Evidence) -> tuple[np.ndarray, np.ndarray]:
    """Gives the scores, among those corrected more and more often, whose heirs treat groups most alike.

    Returns:
        The scores, and what their heirs say of real rows.
    """
    place = 'score' if notion.reads_sensitive else 'unaware'
    best = repaired = notion.repair_score(evidence)
    least = np.inf
    enough = NEARLY if repaired.shape[1] == 2 and heirs.are_many else ENOUGH
    rounds = max(1, round(ROUNDS * min(1, 2 / repaired.shape[1])))
    for done in range(rounds + 1):
        learned, theirs = heirs.scores(repaired)
        gap = predicted_gap(theirs, among.groups)
        if gap < LESS * least:  # a lesser fall may be chance
            best, of_best, least = repaired, theirs, gap
        if gap <= enough or done == rounds:
            break
        wanted = notion.repair_score(replace(evidence, **{place: learned}), replace(among, **{place: theirs}))
        repaired = np.clip(repaired + _nearness(learned, wanted) * (wanted - learned), 0, 1)
        if repaired.shape[1] > 1:
            repaired /= np.maximum(repaired.sum(1, keepdims=True), _TINY)
    return best, of_best


def as_sure_as(before: np.ndarray, repaired: np.ndarray) -> np.ndarray:
    """Stretches log-odds so that the rarer class is the likelier one in as many rows as before a repair.

    A repaired score is less sure of itself, and models that learn it predict the rarer class less often: with nine age
    groups on Adult, the favorable one in .13 of the rows for .19. By chance alone the least and the largest of several
    rates are then further apart, and no skill is won: between sex and race the least over the largest rate was .77 in
    the mean of six copies, and .82 with as many favored as before the repair, at the same accuracy. Between two groups
    it is hardly chance that parts rates, and .002 of accuracy is lost; there scores stay as they are.

    Args:
        before: Probabilities of two classes ``(rows, 2)`` before the repair.
        repaired: The same after it ``(rows, 2)``.

    Returns:
        Probabilities ``(rows, 2)``, whose means are those from before; those that were repaired, if they are sure
        enough or stretching would bring the mean no nearer.

    Example:
        >>> score = np.linspace(0.05, 0.6, 12)
        >>> before, repaired = (np.column_stack([1 - favors, favors]) for favors in (score, 0.8 * score))
        >>> surer = as_sure_as(before, repaired)[:, 1]
        >>> [(int((favors > 0.5).sum()), round(float(favors.mean()), 3)) for favors in (score, 0.8 * score, surer)]
        [(2, 0.325), (0, 0.26), (2, 0.325)]
    """
    rarer = int(before.mean(0).argmin())
    score, share, wanted = repaired[:, rarer], (before[:, rarer] > 0.5).mean(), before[:, rarer].mean()
    odds = logit(np.clip(score, _EDGE, 1 - _EDGE))
    odds = odds - np.quantile(odds, 1 - share)

    def surplus(times: float) -> float:
        return float(expit(times * odds).mean() - wanted)

    flat, steep = surplus(1.0), surplus(STEEPEST)
    if (score > 0.5).mean() >= share or (flat * steep > 0 and abs(flat) <= abs(steep)):
        return repaired
    surer = expit((STEEPEST if flat * steep >= 0 else brentq(surplus, 1.0, STEEPEST)) * odds)
    return np.column_stack([1 - surer, surer] if rarer else [surer, 1 - surer])


def _evened(
    repaired: np.ndarray,
    heirs: Heirs,
    likeness: np.ndarray,
    of_real: np.ndarray,
    groups: np.ndarray,
    score: np.ndarray,
) -> np.ndarray:
    """Moves scores near one half, by one number a group, until a model favors real people of all groups as often.

    The rates of one model are noisy, so each step learns from labels drawn anew, and steps become smaller: stochastic
    approximation (Robbins and Monro 1951). Moves are the likeliest ones, given rates with their standard errors and how
    these follow, where small moves are likelier than large ones. If all rates are as near to the common one as chance
    explains at first, nothing is moved.

    Args:
        repaired: Probabilities of two classes ``(rows, 2)``.
        heirs: The models.
        likeness: How likely each row is to be of each group ``(rows, groups)``.
        of_real: The same of real rows ``(others, groups)``.
        groups: Groups of the real rows ``(others,)``.
        score: What models that learned labels of these probabilities say of them ``(others,)``.
    """
    near = np.exp(-(((repaired[:, 1] - 0.5) / WIDTH) ** 2))
    moves, members = np.zeros(likeness.shape[1]), _large(groups)
    sizes = np.array([len(rows) for rows in members])

    def moved() -> np.ndarray:
        favors = np.clip(repaired[:, 1] + near * (likeness @ moves), 0, 1)
        return np.column_stack([1 - favors, favors])

    def rates(score: np.ndarray) -> np.ndarray:
        return np.array([(score[rows] > 0.5).mean() for rows in members])

    for done in range(STEPS_AMONG_MANY if heirs.are_many else STEPS):
        if done:
            score = heirs.favors(moved(), done)
        share = (score > 0.5).mean()
        lacking, chance = share - rates(score), np.sqrt(share * (1 - share) / sizes)
        if not done and (np.abs(lacking) <= chance).all():
            return repaired
        up, down = (np.column_stack([rates(score + by * part) for part in of_real.T]) for by in (PROBE, -PROBE))
        slopes = (up - down) / (2 * PROBE)
        unsure = np.hypot(chance, MODEL)[:, None]
        given = np.vstack([slopes / unsure, np.eye(len(moves)) / USUAL])
        step = np.linalg.lstsq(given, np.append(lacking / unsure[:, 0], np.zeros(len(moves))), rcond=None)[0]
        moves += min(1, GAIN / (done + 1)) * step
    return moved()


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
    return [rows for rows in members if len(rows) >= max(LEAST_ROWS, LEAST_PART * len(groups))]


def _nearness(learned: np.ndarray, wanted: np.ndarray) -> np.ndarray | float:
    """Gives the weight of corrections: of two classes, 1 where they cross one half, fading out with the distance."""
    if learned.shape[1] != 2:
        return 1.0
    low, high = np.minimum(learned, wanted), np.maximum(learned, wanted)
    return np.exp(-((np.maximum(np.maximum(low - 0.5, 0.5 - high), 0) / WIDTH) ** 2))
