"""Values of a column as numbers or places of levels, row by row, and back; nothing is learned from one row for another.

Whatever cannot be read counts as missing, in silence: a message would tell of a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sdv_fairdistill.table.numbers import floats_of
from sdv_fairdistill.table.values import level_index

__all__ = [
    'DAY',
    'Spelling',
    'hashable',
    'level_places',
    'moments',
    'numbers',
    'spellings',
    'write_dates',
    'write_levels',
    'write_numbers',
]

DAY = 86_400.0  # seconds
LARGEST_WHOLE = 2.0**63  # below it a whole number fits into 64 bits

Spelling = tuple[
    str, str, Any
]  # type and text of a value, then the value: 1 and True are equal and spelled differently
NANOSECONDS = 1e9  # in a second, the unit of moments


def level_places(column: pd.Series, levels: Sequence[Any]) -> np.ndarray:
    """Gives the place ``(rows,)`` of each value among the levels; one more for missing, two more for unknown ones."""
    missing = column.isna().to_numpy()
    places = level_index(levels).get_indexer(level_index(hashable(column)))
    places = np.where(places < 0, len(levels) + 1, places)
    return np.where(missing, len(levels), places)


def hashable(column: pd.Series) -> pd.Series:
    """Gives the values ``(rows,)`` as Python objects, those that cannot be levels as texts."""
    objects = column.astype(object)
    odd = objects.map(lambda value: isinstance(value, (list, dict, set))).to_numpy(dtype=bool)
    return objects.where(~odd, objects.map(str)) if odd.any() else objects


def spellings(column: pd.Series) -> tuple[np.ndarray, list[Spelling]]:
    """Gives the cell ``(rows,)`` of each value, -1 for missing, where equal values of two spellings are two cells.

    How a value is spelled depends on no other row. One missing value makes all whole numbers of a column floats, so
    whole numbers are integers here whatever they are stored as.

    Example:
        >>> cells, found = spellings(pd.Series([True, 1, 1.0, None, '1'], dtype=object))
        >>> cells.tolist(), [value for *_, value in found]
        ([0, 1, 1, -1, 2], [True, 1, '1'])
    """
    cells: dict[Spelling, int] = {}
    missing = column.isna().to_numpy()
    values = [_plain(value) for value in hashable(column)]
    places = [
        -1 if gone else cells.setdefault((type(value).__name__, repr(value), value), len(cells))
        for value, gone in zip(values, missing, strict=True)
    ]
    return np.array(places, dtype=np.int64), list(cells)


def _plain(value: Any) -> Any:
    """Gives a number as Python's, a whole one as an integer; whatever else as it is."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (float, np.floating)):
        return int(value) if float(value).is_integer() and abs(value) < LARGEST_WHOLE else float(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    return str(value) if isinstance(value, np.str_) else value


def numbers(column: pd.Series) -> np.ndarray:
    """Gives the values ``(rows,)`` of a column of numbers as float64; NaN is missing or no number."""
    if column.dtype == object or isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object).map(_number)
    return floats_of(column)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return np.nan


def moments(column: pd.Series, form: str | None) -> np.ndarray:
    """Gives the values ``(rows,)`` of a column of dates in seconds since 1970, in UTC; NaN is missing or no date."""
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        texts = column.astype(object).map(_digits if pd.api.types.is_numeric_dtype(column.dtype) else str)
        texts = texts.where(column.notna().to_numpy(), None)
        column = pd.to_datetime(texts, format=form, errors='coerce', utc=True)
    plain = column.dt.tz_convert('UTC').dt.tz_localize(None) if getattr(column.dt, 'tz', None) else column
    stamps = plain.astype('datetime64[ns]').to_numpy()
    return np.where(np.isnat(stamps), np.nan, stamps.astype(np.int64) / NANOSECONDS)


def _digits(value: Any) -> str:
    return str(int(value)) if np.isfinite(value) else ''


def write_levels(values: np.ndarray, dtype: Any, levels: Sequence[Any]) -> pd.Series:
    """Gives levels ``(rows,)`` in the column's kind of dtype; None is missing. No level is taken from the data."""
    if isinstance(dtype, pd.CategoricalDtype):
        return pd.Series(pd.Categorical(values, categories=list(levels), ordered=dtype.ordered))
    plain = pd.Series(values, dtype=object).infer_objects()
    return _as_kind(plain, dtype)


def write_numbers(values: np.ndarray, dtype: Any, whole: bool) -> pd.Series:
    """Gives numbers ``(rows,)`` in the kind of dtype of the column: whole ones as integers, if none is missing."""
    plain = pd.Series(values)
    if whole and not np.isnan(values).any():
        plain = plain.astype(np.int64)
    elif whole and pd.api.types.is_extension_array_dtype(dtype):
        plain = plain.astype('Int64')
    return _as_kind(plain, dtype)


def write_dates(seconds: np.ndarray, dtype: Any, form: str | None) -> pd.Series:
    """Gives dates ``(rows,)`` as the column stores them: as such, as texts, or as numbers of the format."""
    missing = np.isnan(seconds)
    stamps = np.where(missing, 0, seconds).round().astype(np.int64).astype('datetime64[s]').astype('datetime64[ns]')
    plain = pd.Series(stamps).mask(missing)
    if pd.api.types.is_datetime64_any_dtype(dtype):
        zone = getattr(getattr(dtype, 'pyarrow_dtype', dtype), 'tz', None)
        return plain if zone is None else plain.dt.tz_localize('UTC').dt.tz_convert(zone)
    if form.endswith('%z'):
        plain = plain.dt.tz_localize('UTC')
    texts = plain.dt.strftime(form).astype(object)
    if pd.api.types.is_numeric_dtype(dtype):
        return pd.to_numeric(texts.where(~missing, np.nan))
    return _as_kind(texts.where(~missing, None), dtype)


def _as_kind(plain: pd.Series, dtype: Any) -> pd.Series:
    """Gives nullable and Arrow's dtypes back, which tell nothing of values; numpy's are those of what was drawn."""
    if not pd.api.types.is_extension_array_dtype(dtype) or isinstance(dtype, pd.CategoricalDtype):
        return plain
    try:
        return plain.astype(dtype)
    except (TypeError, ValueError, ArithmeticError):
        return plain
