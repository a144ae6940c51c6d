"""Direct, indirect and spurious effect between two groups, from arrays: one-step estimates with their intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.model_selection import StratifiedKFold

from sdv_fairdistill.metrics.cross_fitting import cross_fitted
from sdv_fairdistill.metrics.intervals import CONFIDENCE
from sdv_fairdistill.metrics.learners import one_thread

__all__ = ['EFFECTS', 'Effects', 'two_group_effects']

TOTAL, DIRECT, INDIRECT, SPURIOUS = 'total variation', 'direct', 'indirect', 'spurious'
EFFECTS = (TOTAL, DIRECT, INDIRECT, SPURIOUS)
FOLDS = 5  # four fifths of the rows learn what is asked of the fifth
LEAST_CHANCE = 0.02  # of being in the other group, below which nobody comparable is there; the odds are at most 49
MOST_ALONE = 0.2  # share of the rows without anybody comparable beyond which an effect is undefined


@dataclass(frozen=True)
class Effects:
    """What a difference between two groups is made of.

    Attributes:
        values: The value of each of ``EFFECTS``; the last three add up to the first.
        low: Lower ends of their intervals; NaN if undefined, and so the next.
        high: Upper ends.
        alone: Share of the first group's rows with nobody comparable in the second, given the confounders and the
            mediators, and given the confounders alone.
        reasons: Why an effect is undefined, by name.
    """

    values: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]
    alone: tuple[float, float]
    reasons: dict[str, str]


@dataclass(frozen=True)
class _Mean:
    """A mean over the first group of what its rows would have in the second.

    Attributes:
        value: The mean.
        influence: Of every row on it ``(rows,)``.
        alone: Share of the first group's rows with nobody comparable.
        least: The mean if these had the least value there is.
        most: The mean if they had the largest.
    """

    value: float
    influence: np.ndarray
    alone: float
    least: float
    most: float


@one_thread
def two_group_effects(
    outcome: np.ndarray,
    second: np.ndarray,
    confounders: pd.DataFrame,
    mediators: pd.DataFrame,
    categorical: set[str],
    seed: int = 0,
    confidence: float = CONFIDENCE,
) -> Effects:
    r"""Splits the difference of means of the second and the first group.

    With :math:`x_0` the first group, :math:`x_1` the second, confounders :math:`Z` and mediators :math:`W`:

    .. math::
        E[Y \mid x_1] - E[Y \mid x_0] = (B - E[Y \mid x_0]) + (A - B) + (E[Y \mid x_1] - A), \quad
        A = E[E(Y \mid x_1, Z) \mid x_0], \quad B = E[E(Y \mid x_1, Z, W) \mid x_0]

    which are Ctf-DE, the indirect and the spurious effect of Zhang and Bareinboim (2018), these two with the sign
    that makes the sum. Both means are one-step (augmented inverse propensity) estimates, cross-fitted, so that errors
    of the boosted models enter as products alone; intervals come from their influence functions.

    Args:
        outcome: What is compared ``(rows,)``: 0 or 1, or a number.
        second: Whether each row is in the second group ``(rows,)``.
        confounders: Features ``(rows, …)``.
        mediators: Features ``(rows, …)``.
        categorical: Names of the features that are levels.
        seed: Decides folds and trees.
        confidence: Share of the runs in which an interval holds the truth.
    """
    outcome, second = outcome.astype(float), second.astype(bool)
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(second, second))
    given_both = _mean(outcome, second, pd.concat([confounders, mediators], axis=1), categorical, folds, seed)
    given_confounders = _mean(outcome, second, confounders, categorical, folds, seed)
    first = ~second
    means = {
        'first': _observed(outcome, first),
        'second': _observed(outcome, second),
        'both': given_both,
        'confounders': given_confounders,
    }
    pairs = {
        TOTAL: ('second', 'first'),
        DIRECT: ('both', 'first'),
        INDIRECT: ('confounders', 'both'),
        SPURIOUS: ('second', 'confounders'),
    }
    values, low, high, reasons = {}, {}, {}, {}
    width = norm.ppf((1 + confidence) / 2)
    for name, (more, less) in pairs.items():
        one, other = means[more], means[less]
        error = width * (one.influence - other.influence).std() / len(outcome) ** 0.5
        values[name] = one.value - other.value
        low[name] = one.least - other.most - error
        high[name] = one.most - other.least + error
        alone = max(one.alone, other.alone)
        if alone > MOST_ALONE:
            values[name] = low[name] = high[name] = np.nan
            reasons[name] = f'{alone:.0%} of the rows have nobody comparable in the other group'
    return Effects(values, low, high, (given_both.alone, given_confounders.alone), reasons)


def _observed(outcome: np.ndarray, members: np.ndarray) -> _Mean:
    mean = float(outcome[members].mean())
    return _Mean(mean, members * (outcome - mean) / members.mean(), 0.0, mean, mean)


def _mean(
    outcome: np.ndarray, second: np.ndarray, features: pd.DataFrame, categorical: set[str], folds: list, seed: int
) -> _Mean:
    """Estimates what the first group's rows would have in the second, given some features."""
    features = features.loc[:, features.nunique(dropna=False) > 1]
    if not features.shape[1]:  # the second group stands for the first as it is
        return _observed(outcome, second)
    everybody = np.ones(len(second), dtype=bool)
    expected = cross_fitted(features, outcome, second, categorical, folds, seed)
    chance = cross_fitted(features, second.astype(float), everybody, categorical, folds, seed)
    return _one_step(outcome, second, expected, chance)


def _one_step(outcome: np.ndarray, second: np.ndarray, expected: np.ndarray, chance: np.ndarray) -> _Mean:
    first, share = ~second, (~second).mean()
    kept = np.clip(chance, LEAST_CHANCE, 1)
    weight = second * (1 - kept) / kept
    weight = weight * first.sum() / max(weight.sum(), 1e-12)  # as many as they stand for
    value = expected[first].mean() + (weight * (outcome - expected)).sum() / first.sum()
    influence = (first * (expected - value) + weight * (outcome - expected)) / share
    lonely = first & (chance < LEAST_CHANCE)
    below, above = (expected[lonely] - outcome.min()).sum(), (outcome.max() - expected[lonely]).sum()
    return _Mean(
        float(value),
        influence,
        float(lonely.sum() / first.sum()),
        float(value - max(below, 0) / first.sum()),
        float(value + max(above, 0) / first.sum()),
    )
