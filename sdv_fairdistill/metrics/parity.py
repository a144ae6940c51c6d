"""How often something happens in each group, and how far the groups are apart; what happens, and to whom, stays out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from fairlearn.metrics import MetricFrame, selection_rate

from sdv_fairdistill.metrics.intervals import (
    RESAMPLES,
    UNDEFINED,
    Interval,
    percentiles,
    resampled_rates,
    wilson,
)

__all__ = ['COMMON', 'LEAST_ROWS', 'Parity']

LEAST_ROWS = 10  # one row more or less moves a rate over fewer rows by more than .1
COMMON = 0.5  # of two rates, the ratio is larger than that of what is left to 1 if they are above a half on average
NO_UNFAVORABLE = 'the unfavorable rate is 0 in every group, so that it has no ratio'


@dataclass(frozen=True)
class Parity:
    """A rate in every group, with the smallest ratio and the largest difference between two groups.

    Ratio and difference compare the groups whose rate is defined; every other group is named, with its reason, in
    ``rates`` and in ``notes``. With fewer than two such groups they are NaN.

    Attributes:
        rates: One line a group: ``rows`` (how many the rate is over), ``rate`` (0 to 1, or NaN), ``low`` and ``high``
            (Wilson's 95 % interval of the rate) and ``reason`` (why they are NaN, else empty).
        ratio: Smallest rate over largest, 0 to 1, or NaN. 1 is parity; the four-fifths rule asks for .8.
        difference: Largest rate minus smallest, 0 to 1, or NaN. 0 is parity.
        notes: What is undefined or left out, and why, in words.
        ratio_interval: 95 % of ``ratio`` over resampled rows; NaN where none were drawn or it is undefined. Chance sets
            groups further apart, so that near parity most resamples lie below ``ratio``: the interval is widened to
            hold it, and need not hold 1.
        difference_interval: The same for ``difference``, which near parity most resamples lie above.
        overall: The rate over all rows of these groups, 0 to 1, or NaN.
        unfavorable_ratio: Smallest over largest of the unfavorable rates, 1 − rate: 0 to 1, or NaN; 1 is parity. Where
            most rows are favorable, ``ratio`` is near 1 whatever happens to the others, and this is not.
        unfavorable_ratio_interval: 95 % of ``unfavorable_ratio`` over resampled rows.

    Example:
        >>> parity = Parity.of([1, 0, 0, 0, 1, 1, 0, 0], ['a'] * 4 + ['b'] * 4, least_rows=1)
        >>> parity.ratio, parity.difference
        (0.5, 0.25)
        >>> parity = Parity.of([1, 0, 1], ['a', 'a', 'b'], expected=['a', 'b', 'c'], least_rows=2)
        >>> parity.rates[['rows', 'rate', 'reason']]
               rows  rate                             reason
        group
        a         2   0.5
        b         1   NaN  1 row, fewer than the 2 needed
        c         0   NaN                            no rows
        >>> parity.ratio
        nan
        >>> parity = Parity.of([1] * 17 + [0] * 3, ['a'] * 10 + ['b'] * 10)
        >>> parity.ratio, round(parity.difference, 3), parity.unfavorable_ratio, parity.common
        (0.7, 0.3, 0.0, True)
    """

    rates: pd.DataFrame
    ratio: float
    difference: float
    notes: tuple[str, ...] = ()
    ratio_interval: Interval = UNDEFINED
    difference_interval: Interval = UNDEFINED
    overall: float = np.nan
    unfavorable_ratio: float = np.nan
    unfavorable_ratio_interval: Interval = UNDEFINED

    @property
    def common(self) -> bool:
        """Whether most rows are favorable, so that ``ratio`` can flatter; False where ``overall`` is undefined."""
        return self.overall > COMMON

    @property
    def unfavorable_reason(self) -> str:
        """Why ``unfavorable_ratio`` is undefined although groups can be compared; empty if it is not."""
        return NO_UNFAVORABLE if np.isnan(self.unfavorable_ratio) and not np.isnan(self.difference) else ''

    @property
    def caution(self) -> str:
        """What to read beside ``ratio`` where most rows are favorable, in words; empty where they are not.

        Example:
            >>> Parity.of([1] * 17 + [0] * 3, ['a'] * 10 + ['b'] * 10).caution.partition(': ')[2]
            'smallest unfavorable rate over the largest 0.000, difference of rates 0.300'
        """
        if not self.common or np.isnan(self.difference):
            return ''
        ratio = self.unfavorable_reason or f'smallest unfavorable rate over the largest {self.unfavorable_ratio:.3f}'
        return (
            f'{self.overall:.3f} of the rows are favorable, and where most are, a ratio of favorable rates can flatter:'
            f' {ratio}, difference of rates {self.difference:.3f}'
        )

    @classmethod
    def of(
        cls,
        happens: Sequence[bool] | np.ndarray | pd.Series,
        groups: Sequence[str] | np.ndarray | pd.Series,
        expected: Sequence[str] = (),
        least_rows: int = LEAST_ROWS,
        generator: np.random.Generator | None = None,
        resamples: int = RESAMPLES,
    ) -> Parity:
        """Compares a rate between groups, by fairlearn's :class:`~fairlearn.metrics.MetricFrame`.

        Args:
            happens: Whether it happens, a row each, ``(rows,)``.
            groups: Name of every row's group, ``(rows,)``.
            expected: Groups to list even if no row is in them.
            least_rows: Rows that a group needs for its rate to count.
            generator: Draws resamples of the rows for the intervals of ratio and difference; None for no intervals.
            resamples: How many to draw.
        """
        happens, groups = np.asarray(happens).astype(bool), np.asarray(groups, dtype=object)
        rates = _empty_rates(groups, expected, least_rows)
        counted = np.isin(groups, rates.index[rates['reason'] == ''].to_numpy(dtype=object))
        notes = _left_out(rates, least_rows)
        if not counted.any():
            return cls(rates, np.nan, np.nan, (*notes, 'no group has a rate'))
        happens, groups = happens[counted], groups[counted]
        frame = MetricFrame(
            metrics=selection_rate,
            y_true=happens,
            y_pred=happens,
            sensitive_features=pd.Series(groups, name='group'),
        )
        rates.loc[frame.by_group.index, 'rate'] = frame.by_group.astype('float64')
        for group, happened in pd.Series(happens).groupby(groups).sum().items():
            rates.loc[group, ['low', 'high']] = wilson(happened, rates.loc[group, 'rows'])
        overall = float(happens.mean())
        if len(frame.by_group) < 2:
            alone = f"only the group '{frame.by_group.index[0]}' has a rate"
            return cls(rates, np.nan, np.nan, (*notes, alone), overall=overall)
        difference = float(frame.difference(method='between_groups'))
        unfavorable = float(_ratios(1 - frame.by_group.to_numpy(dtype='float64')))
        ratio = np.nan
        if frame.by_group.max() > 0:
            ratio = float(frame.ratio(method='between_groups'))
        else:
            notes = (*notes, 'the rate is 0 in every group, so that there is no ratio')
        of_ratio, of_difference, of_unfavorable = _intervals(
            happens, groups, (ratio, difference, unfavorable), generator, resamples
        )
        return cls(rates, ratio, difference, notes, of_ratio, of_difference, overall, unfavorable, of_unfavorable)


def _empty_rates(groups: np.ndarray, expected: Sequence[str], least_rows: int) -> pd.DataFrame:
    """Every group with its rows, no rate yet, and why it will have none."""
    rows = pd.Series(groups).value_counts()
    names = [*expected, *sorted(set(rows.index) - set(expected))]
    rates = pd.DataFrame({'rows': rows.reindex(names, fill_value=0), 'rate': np.nan, 'low': np.nan, 'high': np.nan})
    rates['reason'] = [_reason(count, least_rows) for count in rates['rows']]
    return rates.rename_axis('group')


def _intervals(
    happens: np.ndarray,
    groups: np.ndarray,
    figures: tuple[float, float, float],
    generator: np.random.Generator | None,
    resamples: int,
) -> tuple[Interval, Interval, Interval]:
    """Intervals of the ratio, of the difference and of the ratio of unfavorable rates."""
    if generator is None or not resamples:
        return UNDEFINED, UNDEFINED, UNDEFINED
    places, names = pd.factorize(groups)
    rates = resampled_rates(happens, places, len(names), generator, resamples)
    drawn = (_ratios(rates), rates.max(axis=1) - rates.min(axis=1), _ratios(1 - rates))
    return tuple(percentiles(values, figure) for values, figure in zip(drawn, figures, strict=True))


def _ratios(rates: np.ndarray) -> np.ndarray:
    """Smallest rate over largest, ``(..., groups)`` to ``(...)``; NaN where all are 0."""
    smallest, largest = rates.min(axis=-1), rates.max(axis=-1)
    return np.divide(smallest, largest, out=np.full(largest.shape, np.nan), where=largest > 0)


def _reason(rows: int, least_rows: int) -> str:
    if rows == 0:
        return 'no rows'
    return '' if rows >= least_rows else f'{rows} {"row" if rows == 1 else "rows"}, fewer than the {least_rows} needed'


def _left_out(rates: pd.DataFrame, least_rows: int) -> tuple[str, ...]:
    small = rates.loc[rates['reason'] != '', 'rows']
    if small.empty:
        return ()
    named = ', '.join(f'{name} ({rows})' for name, rows in small.items())
    return (f'groups with fewer than {least_rows} rows are left out: {named}',)
