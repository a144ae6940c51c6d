"""Figures in words: one, a range of several, and one instead of another; which figures stays out."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

__all__ = ['instead', 'ranged', 'spelled']


def spelled(value: float, digits: int = 3) -> str:
    """Gives a number in words and digits; NaN is 'undefined'."""
    return 'undefined' if pd.isna(value) else f'{value:.{digits}f}'


def ranged(values: Sequence[float]) -> str:
    """Gives the smallest and the largest of the figures of several models, and how many have none.

    Example:
        >>> ranged([0.9, 0.25]), ranged([0.5, float('nan')]), ranged([float('nan')])
        ('0.250 to 0.900', '0.500 (of 2 models, 1 have none)', 'undefined')
    """
    known = [value for value in values if not pd.isna(value)]
    ends = dict.fromkeys(spelled(end) for end in (min(known), max(known))) if known else ['undefined']
    without = len(values) - len(known)
    missing = f' (of {len(values)} models, {without} have none)' if known and without else ''
    return ' to '.join(ends) + missing


def instead(value: float, other: float) -> str:
    """Gives a figure, and what it is instead of."""
    return f'{spelled(value)} instead of {spelled(other)}'
