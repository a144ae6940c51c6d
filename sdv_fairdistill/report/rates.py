"""Rates and ROC curves by group as tables; where they come from stays out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import roc_curve

from sdv_fairdistill.metrics import Downstream, Parity

__all__ = ['rate_table', 'roc_table']

POINTS = 101  # of a curve: no eye sees more, and single rows cannot be read off


def rate_table(parity: Parity, **labels: str) -> pd.DataFrame:
    """Gives a line a group, with Wilson's 95 % interval of its rate.

    Args:
        parity: Rates by group.
        labels: Columns to put before the others, the same in every line.

    Returns:
        The labels, then ``Group``, ``Rows``, ``Rate``, ``Low``, ``High`` and ``Reason`` (why the rate is undefined).

    Example:
        >>> rate_table(Parity.of([1, 0] * 6, ['a'] * 12, expected=['a', 'b']), Data='real').round(2)
           Data Group  Rows  Rate   Low  High   Reason
        0  real     a    12   0.5  0.25  0.75
        1  real     b     0   NaN   NaN   NaN  no rows
    """
    rates = parity.rates.reset_index()
    table = pd.DataFrame(
        {
            'Group': rates['group'],
            'Rows': rates['rows'],
            'Rate': rates['rate'],
            'Low': rates['low'],
            'High': rates['high'],
            'Reason': rates['reason'],
        }
    )
    for place, (name, value) in enumerate(labels.items()):
        table.insert(place, name, value)
    return table


def roc_table(found: Downstream, **labels: str) -> pd.DataFrame:
    """Gives each group's ROC curve, of the groups whose true and false positive rates are both defined.

    Args:
        found: A model, with its predictions.
        labels: Columns to put before the others, the same in every line.

    Returns:
        The labels, then ``Group``, ``fpr``, ``tpr`` and ``threshold``, a line a point.
    """
    parts = []
    for group, rows in found.predictions.groupby('group', sort=False):
        rates = [parity.rates['rate'].get(group, np.nan) for parity in (found.true_positive, found.false_positive)]
        if np.isnan(rates).any():
            continue
        curve = roc_curve(rows['actual'].astype(bool), rows['score'])
        kept = np.unique(np.linspace(0, len(curve[0]) - 1, POINTS).round().astype(int))
        below = np.flatnonzero(curve[2] >= 0.5)[-1]  # the model's own threshold stays
        kept = np.union1d(kept, [below])
        points = {name: values[kept] for name, values in zip(('fpr', 'tpr', 'threshold'), curve, strict=True)}
        parts.append(pd.DataFrame({**labels, 'Group': group, **points}))
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype='object') for name in (*labels, 'Group', 'fpr', 'tpr', 'threshold')})
    return pd.concat(parts, ignore_index=True).sort_values('Group', kind='stable')
