"""Columns of which nothing is learned: what stands in the proxy in the place of keys, names and the like."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

__all__ = ['stand_in']


def stand_in(name: str, dtype: Any, rows: int) -> pd.Series:
    """Gives values ``(rows,)`` that differ from each other and come from no row; only the kind of dtype is kept.

    Example:
        >>> stand_in('key', np.dtype(object), 2).tolist(), stand_in('key', np.dtype('int8'), 2).tolist()
        (['key-0', 'key-1'], [0, 1])
    """
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
        return pd.Series(np.arange(rows))
    return pd.Series([f'{name}-{number}' for number in range(rows)], dtype=object)
