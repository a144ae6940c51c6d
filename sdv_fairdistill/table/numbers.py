"""Numbers in whatever a column stores them, as float64; how they are cut into tokens stays out."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ['floats_of', 'is_narrow']

NARROW = 4  # bytes of a float up to which its decimal spelling is shorter than that of the float64 nearest to it


def floats_of(column: pd.Series) -> np.ndarray:
    """Gives a column's numbers ``(rows,)`` as float64; NaN is missing.

    A narrow float becomes the float64 that is spelled like it: ``float32(0.1)`` is 0.1 and not 0.10000000149011612, so
    that a column of cents is one. An integer beyond any float64 is infinite.

    Example:
        >>> floats_of(pd.Series([0.1, 2.5], dtype='float32')).tolist()
        [0.1, 2.5]
        >>> floats_of(pd.Series([1, None], dtype='Int64')).tolist()
        [1.0, nan]
    """
    if is_narrow(column.dtype):
        stored = column.to_numpy(dtype=_narrow_dtype(column.dtype), na_value=np.nan)
        distinct, places = np.unique(stored, return_inverse=True)
        return distinct.astype(str).astype(np.float64)[places]
    try:
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    except OverflowError:
        return np.array([_float(value) for value in column], dtype=np.float64)


def is_narrow(dtype: object) -> bool:
    """Tells whether a dtype is of floats of less than 64 bits: numpy's, nullable or Arrow's."""
    return pd.api.types.is_float_dtype(dtype) and _narrow_dtype(dtype).itemsize <= NARROW


def _narrow_dtype(dtype: object) -> np.dtype:
    return np.dtype(getattr(dtype, 'numpy_dtype', dtype))


def _float(value: object) -> float:
    if pd.isna(value):
        return np.nan
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf
