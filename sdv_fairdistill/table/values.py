"""Which of a column's values a user means, in whatever dtype it is stored or spelling it is given; no tokens."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Number
from typing import Any

import numpy as np
import pandas as pd

from sdv_fairdistill.table.dates import DateType, is_date, read_dates
from sdv_fairdistill.table.numbers import floats_of, is_narrow

__all__ = ['level_index', 'place_of', 'rows_with']


def level_index(values: Sequence[Any] | pd.Series | np.ndarray) -> pd.Index:
    """Makes an index of Python objects, the one form in which levels are compared: 1 and 1.0 are one, '1' another."""
    objects = values.astype(object) if isinstance(values, (pd.Series, np.ndarray)) else list(values)
    return pd.Index(objects, dtype=object, tupleize_cols=False)


def place_of(levels: Sequence[Any] | np.ndarray, wanted: Any) -> int | None:
    """Finds the one level that a value means.

    It means the level that equals it. Where none does, a date means the level of that date, a text also the level that
    is a date or an interval, say, and spelled so; a number the one narrow float that is spelled like it. A text never
    means a number, nor a number a text: both can be levels of one column.

    Args:
        levels: The levels, which differ from each other.
        wanted: The value; no missing one.

    Returns:
        Its place among the levels; None if there is none, or more than one.

    Example:
        >>> place_of([np.float32(0.1), pd.Timestamp('2020-02-02'), 1], '2020-02-02')
        1
        >>> place_of([1, '1'], '1'), place_of([1, 2], '1')
        (1, None)
    """
    try:
        found = int(level_index(levels).get_indexer(level_index([wanted]))[0])
    except TypeError:  # what cannot be hashed is no level
        return None
    if found >= 0:
        return found
    alike = [place for place, level in enumerate(levels) if _is_meant(level, wanted)]
    return alike[0] if len(alike) == 1 else None


def rows_with(column: pd.Series, wanted: Any, sdtype: str = 'categorical', form: str | None = None) -> np.ndarray:
    """Tells which rows (rows,) hold the value that a user means; none where it is missing.

    Args:
        column: The column, in any dtype.
        wanted: The value; no missing one.
        sdtype: SDV's sdtype of the column.
        form: The ``strftime`` format of its dates, if it has any.

    Example:
        >>> rows_with(pd.Series([True, None, False], dtype='boolean'), np.True_).tolist()
        [True, False, False]
        >>> rows_with(pd.Series(['31.1.2020', '1.2.2020']), pd.Timestamp('2020-02-01'), 'datetime', '%d.%m.%Y').tolist()
        [False, True]
    """
    if sdtype == 'numerical':
        return floats_of(column) == _number(column, wanted)
    if sdtype == 'datetime':
        try:
            return (read_dates(column, form) == DateType.of(column, form).moment(wanted)).to_numpy(dtype=bool)
        except (TypeError, ValueError):  # no dates of that format: only what is spelled alike is alike
            pass
    present = column.notna().to_numpy()
    places, levels = pd.factorize(level_index(column[present]))
    held = np.zeros(len(column), dtype=bool)
    place = place_of(levels, wanted)
    held[present] = places == (-1 if place is None else place)
    return held


def _number(column: pd.Series, wanted: Any) -> float:
    """The number that a user means, as the column's dtype stores it; NaN for a text or a date."""
    if isinstance(wanted, str) or is_date(wanted):
        return np.nan
    stored = pd.Series([wanted])
    return floats_of(stored.astype(column.dtype) if is_narrow(column.dtype) else stored)[0]


def _is_meant(level: Any, wanted: Any) -> bool:
    if is_date(level) and (is_date(wanted) or isinstance(wanted, str)):
        stored = DateType.of(pd.Series([level], dtype=object))
        return bool(stored.spelled(wanted) == level)
    if isinstance(level, (float, np.floating)) and isinstance(wanted, (float, np.floating)):
        with np.errstate(over='ignore'):
            narrow = [(kind(level), kind(wanted)) for kind in (np.float16, np.float32)]
        return any(
            one == other and (float(one) == float(level) or float(other) == float(wanted)) for one, other in narrow
        )
    return isinstance(wanted, str) and not isinstance(level, (str, bytes, Number)) and str(level) == wanted
