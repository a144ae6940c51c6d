"""Rates by group as one table, each with its interval; where the rates come from stays out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sdv_fairdistill.metrics import Parity

__all__ = ['Z', 'rate_table', 'wilson']

Z = 1.959963984540054  # of a 95 % interval


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
    low, high = wilson(rates['rate'].to_numpy(), rates['rows'].to_numpy())
    table = pd.DataFrame(
        {
            'Group': rates['group'],
            'Rows': rates['rows'],
            'Rate': rates['rate'],
            'Low': low,
            'High': high,
            'Reason': rates['reason'],
        }
    )
    for place, (name, value) in enumerate(labels.items()):
        table.insert(place, name, value)
    return table


def wilson(rate: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gives the ends of Wilson's 95 % interval of a share.

    Args:
        rate: Shares ``(groups,)``, 0 to 1; NaN stays NaN.
        rows: Rows that each is over ``(groups,)``.
    """
    rows = np.where(rows > 0, rows, np.nan).astype('float64')
    middle = (rate + Z**2 / (2 * rows)) / (1 + Z**2 / rows)
    half = Z / (1 + Z**2 / rows) * np.sqrt(rate * (1 - rate) / rows + Z**2 / (4 * rows**2))
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)
