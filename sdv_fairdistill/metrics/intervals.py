"""How sure a figure is: Wilson's interval of a rate and percentiles over resampled rows; the figures stay out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import binomtest, norm, rankdata

__all__ = [
    'CONFIDENCE',
    'RESAMPLES',
    'UNDEFINED',
    'Interval',
    'auc_interval',
    'delong',
    'percentiles',
    'resampled_rates',
    'wilson',
]

Interval = tuple[float, float]

CONFIDENCE = 0.95
RESAMPLES = 500  # the 2.5 % point then rests on 12 resamples
UNDEFINED: Interval = (np.nan, np.nan)
MOST_UNDEFINED = 0.05  # share of resamples without a figure above which the others are no fair picture
CELLS = 4_000_000  # counts held at a time: 32 MB


def wilson(happened: int, rows: int, confidence: float = CONFIDENCE) -> Interval:
    """Gives Wilson's score interval of a rate, by :func:`scipy.stats.binomtest`; undefined without rows.

    Reference:
        Wilson, *Probable inference, the law of succession, and statistical inference*, JASA 22, 1927.

    Example:
        >>> low, high = wilson(5, 10)
        >>> round(low, 3), round(high, 3)
        (0.237, 0.763)
    """
    if not rows:
        return UNDEFINED
    found = binomtest(int(happened), int(rows)).proportion_ci(confidence, method='wilson')
    return float(found.low), float(found.high)


def percentiles(values: np.ndarray, figure: float = np.nan, confidence: float = CONFIDENCE) -> Interval:
    """Gives the percentile interval of a resampled figure (Efron and Tibshirani, 1993).

    It is undefined if more than 5 % of the resamples have no figure: the others would be a picked sample.

    Args:
        values: The figure in every resample, ``(resamples,)``; NaN where it is undefined.
        figure: What the interval is widened to hold, if need be: a gap between the farthest of several groups is larger
            in most resamples than in the rows themselves, since chance sets groups further apart.
        confidence: Share of the resamples inside.
    """
    missing = np.isnan(values)
    if not values.size or missing.mean() > MOST_UNDEFINED:
        return UNDEFINED
    low, high = np.quantile(values[~missing], [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(np.fmin(low, figure)), float(np.fmax(high, figure))


def resampled_rates(
    happens: np.ndarray, places: np.ndarray, groups: int, generator: np.random.Generator, resamples: int
) -> np.ndarray:
    """Draws rows with replacement and gives every group's rate in each resample.

    Only how many rows fall into each pair of group and outcome matters, and those counts are multinomial: they are
    drawn at once, whatever the number of rows.

    Args:
        happens: Whether it happens, ``(rows,)``.
        places: Number of every row's group, ``(rows,)``.
        groups: How many groups there are.
        generator: Draws the resamples.
        resamples: How many to draw.

    Returns:
        Rates, ``(resamples, groups)``, NaN where a resample has no row of the group.
    """
    counts = np.bincount(2 * places + happens, minlength=2 * groups)
    if not counts.sum():
        return np.full((resamples, groups), np.nan)
    drawn = generator.multinomial(counts.sum(), counts / counts.sum(), size=resamples).reshape(-1, groups, 2)
    rows = drawn.sum(axis=-1)
    return np.divide(drawn[..., 1], rows, out=np.full(rows.shape, np.nan), where=rows > 0)


def resampled(
    figure: Callable[[np.ndarray], np.ndarray], rows: int, generator: np.random.Generator, resamples: int
) -> np.ndarray:
    """Draws rows with replacement and gives a figure of each resample, ``(resamples,)``.

    Args:
        figure: Takes how often every row was drawn, ``(some resamples, rows)``, and gives ``(some resamples,)``.
        rows: How many rows there are to draw from.
        generator: Draws the resamples.
        resamples: How many to draw.
    """
    if not rows or not resamples:
        return np.empty(0)
    found, step = [], max(1, CELLS // rows)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        drawn = generator.integers(rows, size=(size, rows)) + rows * np.arange(size)[:, None]
        found.append(figure(np.bincount(drawn.ravel(), minlength=size * rows).reshape(size, rows)))
    return np.concatenate(found)


def auc_interval(
    actual: np.ndarray, score: np.ndarray, generator: np.random.Generator, resamples: int = RESAMPLES
) -> Interval:
    """Gives the percentile interval of the area under the ROC curve; undefined where the rows have one label only.

    Args:
        actual: Whether the label is the desired one, ``(rows,)``.
        score: What a model thinks of it, ``(rows,)``.
        generator: Draws the resamples.
        resamples: How many to draw.
    """
    order = np.argsort(score, kind='stable')
    actual, score = actual[order], score[order]
    starts = np.flatnonzero(np.r_[True, score[1:] != score[:-1]]) if len(score) else np.empty(0, dtype=int)

    def auc(drawn: np.ndarray) -> np.ndarray:
        """The share of pairs of a positive and a negative that are in the right order; a tie counts half."""
        positive = np.add.reduceat(drawn * actual, starts, axis=1).astype('float64')
        negative = np.add.reduceat(drawn * ~actual, starts, axis=1).astype('float64')
        right = (positive * (np.cumsum(negative, axis=1) - negative / 2)).sum(axis=1)
        pairs = positive.sum(axis=1) * negative.sum(axis=1)
        return np.divide(right, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)

    return percentiles(resampled(auc, len(score), generator, resamples))


def delong(actual: np.ndarray, score: np.ndarray, confidence: float = CONFIDENCE) -> tuple[float, Interval]:
    """Gives the area under the ROC curve and DeLong's interval of it, without resamples.

    Args:
        actual: Whether the label is the desired one, ``(rows,)``; at least two rows are of each kind.
        score: What a model thinks of it, ``(rows,)``.
        confidence: Share of samples whose interval holds the true area.

    Reference:
        DeLong, DeLong and Clarke-Pearson, *Comparing the areas under two or more correlated receiver operating
        characteristic curves*, Biometrics 44, 1988.

    Example:
        >>> area, (low, high) = delong(np.arange(100) % 2 == 0, np.r_[np.zeros(50), np.ones(50)])
        >>> area, round(low, 3), round(high, 3)
        (0.5, 0.401, 0.599)
    """
    everywhere, positive, negative = rankdata(score), score[actual], score[~actual]
    above = (everywhere[actual] - rankdata(positive)) / len(negative)  # share of negatives below each positive
    below = 1 - (everywhere[~actual] - rankdata(negative)) / len(positive)
    area = float(above.mean())
    spread = norm.ppf((1 + confidence) / 2) * np.sqrt(
        np.var(above, ddof=1) / len(positive) + np.var(below, ddof=1) / len(negative)
    )
    return area, (float(max(0.0, area - spread)), float(min(1.0, area + spread)))
