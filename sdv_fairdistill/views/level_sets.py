"""Scores whose distribution is the same in every group although they are functions of the other columns alone."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

__all__ = ['level_sets']

THRESHOLDS = 50  # with 100 the repaired scores of Adult move by .002
SMOOTHING = 0.01  # width of a step, in units of the score: the dual gets a gradient, and no tie is moved as one block
MOST_ROWS = 10_000  # that multipliers are found from; with more, repaired scores move by .001
PRIOR_ROWS = (
    10  # over a group's rows, times how far its scores are moved, is the gap that is left: small ones lean on all
)


def level_sets(
    score: np.ndarray, likeness: np.ndarray, strength: float = 1.0, among: tuple[np.ndarray, np.ndarray] | None = None
) -> np.ndarray:
    r"""Repairs a score that does not read the sensitive columns, so that its distribution is the same in every group.

    Among all rules that do not read them, the most accurate one with equal selection rates at a threshold :math:`t`
    selects where :math:`r(x) - t - \sum_k \lambda_k(t) q_k(x) / \pi_k > 0`, with :math:`q_k(x)` the probability of
    group :math:`k`, :math:`\pi_k` its share and :math:`\sum_k \lambda_k = 0` (Menon and Williamson, 2018). The
    multipliers minimise the convex dual :math:`E\,(r - t - \sum_k \lambda_k q_k / \pi_k)_+`, and the repaired score is
    the share of thresholds at which a row is selected (Gaucher, Schreuder and Chzhen, 2023; Divol and Gaucher, 2024).
    Multipliers of small groups are drawn towards 0.

    Args:
        score: Scores given the columns that are not sensitive ``(rows,)``, from 0 to 1.
        likeness: Probabilities of the groups given the same columns ``(rows, groups)``.
        strength: Share of each multiplier that is taken.
        among: Score and likeness of the rows among which groups shall be alike ``(others,)``, ``(others, groups)``;
            None for the same rows.

    Returns:
        Repaired scores ``(rows,)``, from 0 to 1: a function of score and likeness, so of the same columns.

    Example:
        >>> score, likeness = np.repeat([0.2, 0.8], 1000), np.repeat([[0.9, 0.1], [0.1, 0.9]], 1000, axis=0)
        >>> level_sets(score, likeness)[[0, -1]].round(1).tolist()
        [0.5, 0.5]
    """
    theirs, their_likeness = (score, likeness) if among is None else among
    shares = np.maximum(their_likeness.mean(0), 1e-12)
    contrasts, their_contrasts = _contrasts(likeness / shares), _contrasts(their_likeness / shares)
    pull = PRIOR_ROWS / (shares**2 * len(their_likeness))
    step = max(1, len(theirs) // MOST_ROWS)
    theirs, their_contrasts = theirs[::step], their_contrasts[::step]
    multipliers = np.zeros(contrasts.shape[1])
    repaired = np.zeros(len(score))
    for threshold in (np.arange(THRESHOLDS) + 0.5) / THRESHOLDS:
        multipliers = _dual_minimum(theirs - threshold, their_contrasts, pull, multipliers)
        repaired += expit((score - threshold - strength * (contrasts @ multipliers)) / SMOOTHING)
    return repaired / THRESHOLDS


def _contrasts(relative: np.ndarray) -> np.ndarray:
    """Gives each group's column less the last one's: the last multiplier is minus the sum of the others."""
    return relative[:, :-1] - relative[:, -1:]


def _dual_minimum(margin: np.ndarray, contrasts: np.ndarray, pull: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Gives the multipliers ``(groups - 1,)`` at which the mean of the smoothed positive parts is least.

    Args:
        margin: Score less threshold ``(rows,)``.
        contrasts: What each multiplier is taken times ``(rows, groups - 1)``.
        pull: Weight of the square of each group's multiplier ``(groups,)``.
        start: Where to begin.
    """

    def dual(multipliers: np.ndarray) -> tuple[float, np.ndarray]:
        margins = (margin - contrasts @ multipliers) / SMOOTHING
        last = -multipliers.sum()
        value = SMOOTHING * np.logaddexp(0, margins).mean() + 0.5 * (pull[:-1] @ multipliers**2 + pull[-1] * last**2)
        slope = pull[:-1] * multipliers - pull[-1] * last - (expit(margins) @ contrasts) / len(margins)
        return value, slope

    return minimize(dual, start, jac=True, method='L-BFGS-B').x
