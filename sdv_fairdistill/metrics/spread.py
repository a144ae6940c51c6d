"""How far the groups' values of a number are apart; which column holds it stays out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import wasserstein_distance

from sdv_fairdistill.metrics.intervals import RESAMPLES, UNDEFINED, Interval, percentiles, resampled
from sdv_fairdistill.metrics.parity import LEAST_ROWS, Parity

__all__ = ['Spread']


@dataclass(frozen=True)
class Spread:
    """The largest Wasserstein distance between two groups' values, by :func:`scipy.stats.wasserstein_distance`.

    ``difference`` is taken between the values' ranks among reference rows (the share of them below, 0 to 1), so that
    neither the unit nor a few huge values decide; ``distance`` is that pair's distance in the number's own unit.

    Reference:
        Jiang et al., *Wasserstein Fair Classification*, UAI 2020 (demographic parity of a score).

    Attributes:
        groups: One line a group: ``rows``, ``mean`` and ``median`` (or NaN) and ``reason`` (why they are NaN).
        difference: Largest distance between two groups' ranks, 0 to 1, or NaN. 0 is parity.
        distance: The largest distance between two groups' values, in their unit, or NaN.
        difference_interval: 95 % of ``difference`` over resampled rows; NaN where none were drawn.
        notes: What is undefined or left out, and why, in words.

    Example:
        >>> spread = Spread.of([1, 2, 3, 11, 12, 13], list('aaabbb'), least_rows=1)
        >>> spread.difference, spread.distance
        (0.5, 10.0)
    """

    groups: pd.DataFrame
    difference: float
    distance: float
    difference_interval: Interval = UNDEFINED
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        values: Sequence[float] | np.ndarray | pd.Series,
        groups: Sequence[str] | np.ndarray | pd.Series,
        expected: Sequence[str] = (),
        reference: Sequence[float] | np.ndarray | pd.Series | None = None,
        least_rows: int = LEAST_ROWS,
        generator: np.random.Generator | None = None,
        resamples: int = RESAMPLES,
    ) -> Spread:
        """Compares a number between groups.

        Args:
            values: The number, a row each, ``(rows,)``, without NaN.
            groups: Name of every row's group, ``(rows,)``.
            expected: Groups to list even if no row is in them.
            reference: Values that the ranks are taken among; the values themselves if not given.
            least_rows: Rows that a group needs to be compared.
            generator: Draws resamples of the rows for the interval; None for no interval.
            resamples: How many to draw.
        """
        values, groups = np.asarray(values, dtype='float64'), np.asarray(groups, dtype=object)
        listed = Parity.of(np.ones(len(values)), groups, expected, least_rows)  # who is counted, and why not
        lines = listed.rates[['rows']].assign(mean=np.nan, median=np.nan, reason=listed.rates['reason'])
        names = lines.index[lines['reason'] == ''].tolist()
        for name in names:
            lines.loc[name, ['mean', 'median']] = np.mean(values[groups == name]), np.median(values[groups == name])
        if len(names) < 2:
            return cls(lines, np.nan, np.nan, notes=listed.notes)
        ranks = _ranks(values, values if reference is None else np.asarray(reference, dtype='float64'))
        pairs = [(groups == one, groups == other) for one, other in combinations(names, 2)]
        difference = max(wasserstein_distance(ranks[one], ranks[other]) for one, other in pairs)
        distance = max(wasserstein_distance(values[one], values[other]) for one, other in pairs)
        interval = UNDEFINED
        if generator is not None and resamples:
            interval = percentiles(_resampled(ranks, groups, names, generator, resamples), difference)
        return cls(lines, float(difference), float(distance), interval, listed.notes)


def _ranks(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """The share of reference rows below each value; an equal one counts half."""
    reference = np.sort(reference[~np.isnan(reference)])
    below, up_to = np.searchsorted(reference, values, 'left'), np.searchsorted(reference, values, 'right')
    return (below + up_to) / (2 * max(len(reference), 1))


def _resampled(
    ranks: np.ndarray, groups: np.ndarray, names: list[str], generator: np.random.Generator, resamples: int
) -> np.ndarray:
    """The largest distance in every resample: ``∫ |F_a − F_b|``, with the distribution functions as running sums."""
    kept = np.isin(groups, np.array(names, dtype=object))
    order = np.argsort(ranks[kept], kind='stable')
    ranks, groups = ranks[kept][order], groups[kept][order]

    def largest(drawn: np.ndarray) -> np.ndarray:
        below = []
        for name in names:
            counts = np.cumsum(drawn * (groups == name), axis=1)
            total = counts[:, -1:].astype('float64')
            below.append(np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)[:, :-1])
        steps = np.diff(ranks)
        return np.max([np.abs(one - other) @ steps for one, other in combinations(below, 2)], axis=0)

    return resampled(largest, len(ranks), generator, resamples)
