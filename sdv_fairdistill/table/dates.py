"""Dates in whatever a column stores or a user spells them, and back; how they are cut into tokens stays out."""

from __future__ import annotations

import warnings
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

import numpy as np
import pandas as pd
from pandas.core.tools.datetimes import guess_datetime_format

__all__ = ['DateType', 'holds_dates', 'is_date', 'read_dates']

EARLIEST, LATEST = pd.Timestamp.min.ceil('D'), pd.Timestamp.max.floor('D')
DATES = (date, np.datetime64, pd.Period)  # datetime and Timestamp are dates too


def is_date(value: Any) -> bool:
    """Tells whether a value is a date as such, and no text or number of one; NaT is none."""
    return isinstance(value, DATES) and not pd.isna(value)


def holds_dates(column: pd.Series) -> bool:
    """Tells whether a column holds dates as such, and no texts or numbers of them."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return holds_dates(column.cat.categories.to_series())
    if column.dtype == object:
        present = column[column.notna()]
        return len(present) > 0 and all(map(is_date, present.head(1000)))
    return pd.api.types.is_datetime64_any_dtype(column.dtype) or isinstance(column.dtype, pd.PeriodDtype)


def read_dates(column: pd.Series, form: str | None = None, coerce: bool = False) -> pd.Series:
    """Gives a column's dates as ``datetime64[ns]``, in the zone that they have; missing is NaT.

    Args:
        column: Dates of any dtype, texts, or numbers such as 20200131.
        form: The ``strftime`` format of texts and numbers; None for pandas to guess.
        coerce: Whether all are given in UTC, and what is no date as missing.

    Raises:
        ValueError: Unless coerced, if a value is no date of that format, or none that fits into 64 bits of nanoseconds.

    Example:
        >>> read_dates(pd.Series([20200131.0, None]), '%Y%m%d').tolist()
        [Timestamp('2020-01-31 00:00:00'), NaT]
        >>> read_dates(pd.Series([date(1969, 7, 20)], dtype=object)).dtype
        dtype('<M8[ns]')
    """
    if coerce:
        try:
            found = read_dates(column, form)
        except ValueError:
            return pd.to_datetime(column.astype(object), format=form, errors='coerce', utc=True)
        return found.dt.tz_localize('UTC') if found.dt.tz is None else found.dt.tz_convert('UTC')
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    if isinstance(column.dtype, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        zone = _zone(column.dtype)
        return column.astype('datetime64[ns]' if zone is None else pd.DatetimeTZDtype('ns', zone))
    numbers = ('integer', 'floating', 'mixed-integer-float')
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.infer_dtype(column, skipna=True) in numbers:
        column = _digits(column)
    objects = column.astype(object).where(column.notna().to_numpy(), None)
    if holds_dates(objects):
        return _of_objects(objects)
    return pd.to_datetime(objects, format=_portable(form)).astype(object).pipe(_of_objects)


@dataclass(frozen=True)
class DateType:
    """How a column stores its dates; of the dates themselves nothing.

    Attributes:
        dtype: The column's dtype.
        form: The ``strftime`` format of texts and numbers; None for dates as such.
        content: ``'text'``, ``'number'`` or ``'date'``.
        made_of: Class of the dates in a column of Python objects.
        zone: The zone of dates as such; None for those without.
        missing: What stands for a missing date in a column of Python objects.
        offset: How texts spell the zone: ``'+0200'``, ``'+02:00'`` or ``'Z'``.
        lacking: How many of the six digits of ``%f`` numbers leave out: 3 for those that end with milliseconds.
    """

    dtype: Any
    form: str | None
    content: str
    made_of: type | None = None
    zone: tzinfo | str | None = None
    missing: Any = None
    offset: str = '+0200'
    lacking: int = 0

    @classmethod
    def of(cls, column: pd.Series, form: str | None = None) -> DateType:
        """Learns it from a column; ``form`` is the format that the metadata give for it."""
        present = column[column.notna()]
        if len(present) == 0 and not pd.api.types.is_datetime64_any_dtype(column.dtype):
            return cls(column.dtype, form, 'text')
        if holds_dates(column):
            zone = read_dates(present.head(1000)).dt.tz
            made_of, missing = None, None
            if column.dtype == object:
                kinds = {type(value) for value in present}
                made_of = kinds.pop() if len(kinds) == 1 else pd.Timestamp
                missing = column[column.isna()].iloc[0] if len(present) < len(column) else None
            return cls(column.dtype, form, 'date', made_of, zone, missing)
        first = present.iloc[0]
        is_number = not isinstance(first, str)
        text = _digits(present.head(1)).iloc[0] if is_number else first
        form = form or guess_datetime_format(text)
        if is_number:
            return cls(column.dtype, form, 'number', lacking=_lacking(text, form))
        if not (form or '').endswith('%z'):
            return cls(column.dtype, form, 'text')
        return cls(
            column.dtype, form, 'text', offset='Z' if text[-1:] in 'Zz' else '+02:00' if text[-3:-2] == ':' else '+0200'
        )

    @classmethod
    def of_dtype(cls, dtype: Any, form: str | None) -> DateType:
        """Gives what can be said of a column from its dtype alone; Python objects are texts then."""
        if pd.api.types.is_datetime64_any_dtype(dtype):
            return cls(dtype, form, 'date', zone=_zone(dtype))
        return cls(dtype, form, 'number' if pd.api.types.is_numeric_dtype(dtype) else 'text')

    def plain(self, column: pd.Series) -> pd.Series:
        """Gives dates as ``datetime64[ns]``, and texts and numbers as Python's texts; missing is NaT or None."""
        if not holds_dates(column):
            column = _digits(column) if pd.api.types.is_numeric_dtype(column.dtype) else column
            if column.notna().any():
                return column.astype(object).where(column.notna().to_numpy(), None)
        return read_dates(column)

    def stored(self, plain: pd.Series) -> pd.Series:
        """Gives what :meth:`plain` has given in the column's own dtype."""
        if self.content == 'number':
            made = [None if pd.isna(value) else self._number(value) for value in plain]
            numbers = pd.Series(made, index=plain.index, dtype=object)
            return numbers.astype(float) if numbers.isna().any() and _is_integer(self.dtype) else self._typed(numbers)
        if self.content == 'date' and self.made_of is not None:
            made = [self.missing if pd.isna(value) else self._made(value) for value in plain]
            return pd.Series(made, index=plain.index, dtype=object)
        if self.offset != '+0200':
            plain = plain.map(self._with_offset, na_action='ignore')
        return self._typed(plain)

    def spelled(self, value: Any) -> Any:
        """Gives a date that a user spells in any way as the column has it; what is no date is given back as it is.

        Example:
            >>> days = DateType.of(pd.Series(['20.07.1969']), '%d.%m.%Y')
            >>> days.spelled(pd.Timestamp('1969-07-20')), days.spelled('1969-07-20'), days.spelled('some day')
            ('20.07.1969', '20.07.1969', 'some day')
        """
        if (not pd.api.types.is_scalar(value) and not is_date(value)) or pd.isna(value):
            return value
        try:
            found = self.moment(value)
        except ValueError:
            return value
        if self.content == 'date':
            return self._made(found)
        text = found.strftime(_portable(self.form)) if self.form else str(found)
        return self._number(text) if self.content == 'number' else self._with_offset(text)

    def moment(self, value: Any) -> pd.Timestamp:
        """Reads a date that a user spells in any way; one without a zone is in the column's.

        Raises:
            ValueError: If it is no date.
        """
        if is_date(value):
            found = pd.Timestamp(value.to_timestamp() if isinstance(value, pd.Period) else value)
        else:
            found = self._parsed(value)
        if self.content != 'date' or self.zone is None:
            return found
        return found.tz_localize(self.zone) if found.tz is None else found.tz_convert(self.zone)

    def _parsed(self, value: Any) -> pd.Timestamp:
        """Reads a text, or a number where the column has those, by the column's format or else by ISO 8601."""
        if self.content == 'number':
            with suppress(ValueError):
                value = _digits(pd.Series([value])).iloc[0]
        if not isinstance(value, str):
            raise ValueError(f'{value!r} is no date')
        if self.form:
            with suppress(ValueError):
                return pd.to_datetime(value, format=_portable(self.form))
        return pd.to_datetime(value, format='ISO8601')

    def _made(self, found: pd.Timestamp) -> Any:
        if isinstance(self.dtype, pd.PeriodDtype):
            return found.to_period(self.dtype.freq)
        if self.made_of is date:
            return found.date()
        if self.made_of is datetime:
            return found.to_pydatetime(warn=False)
        if self.made_of is np.datetime64:
            return found.to_datetime64()
        is_day = self.made_of is None and isinstance(self.dtype, pd.ArrowDtype) and self.dtype.type is date
        return found.date() if is_day else found

    def _number(self, text: Any) -> int:
        return _whole(text) // 10**self.lacking

    def _with_offset(self, text: str) -> str:
        """Spells the zone at the end of a text as the column does; strftime knows ``'+0200'`` alone."""
        if self.offset == 'Z':
            return f'{text[:-5]}Z' if text.endswith('+0000') else text
        return f'{text[:-2]}:{text[-2:]}' if self.offset == '+02:00' else text

    def _typed(self, plain: pd.Series) -> pd.Series:
        if isinstance(self.dtype, pd.PeriodDtype):
            return plain.dt.to_period(self.dtype.freq).astype(self.dtype)
        if isinstance(self.dtype, pd.DatetimeTZDtype) and plain.isna().all():
            return pd.Series([None] * len(plain), dtype=object)  # of NaT alone SDV and pandas lose the zone
        if pd.api.types.is_datetime64_any_dtype(self.dtype) and plain.dtype == object:
            plain = pd.to_datetime(plain)
        return plain.astype(self.dtype)


def _of_objects(objects: pd.Series) -> pd.Series:
    objects = objects.map(lambda value: value.to_timestamp() if isinstance(value, pd.Period) else value)
    zones = {getattr(value, 'tzinfo', None) is not None and str(value.tzinfo) for value in objects.dropna()}
    if len(zones) > 1:
        warnings.warn(
            f"Column '{objects.name}' has dates of several zones; they are read, and given back, in UTC.", stacklevel=2
        )
    found = pd.to_datetime(objects, utc=len(zones) > 1)
    return found.astype('datetime64[ns]' if found.dt.tz is None else pd.DatetimeTZDtype('ns', found.dt.tz))


def _zone(dtype: Any) -> Any:
    return getattr(getattr(dtype, 'pyarrow_dtype', dtype), 'tz', None)


def _digits(column: pd.Series) -> pd.Series:
    """Numbers such as 20200131, or 20200131.0 where values are missing, as texts."""
    return column.astype(object).map(lambda value: None if pd.isna(value) else str(_whole(value))).astype(object)


def _whole(value: Any) -> int:
    """A number, or the text of one, as an integer of any size: from 2 ** 53 on a float would not hold every digit."""
    try:
        return int(value)
    except ValueError:  # a text such as '20200131.0'
        return int(float(value))


def _lacking(text: str, form: str | None) -> int:
    """Tells how many digits a number ends before what strftime writes for it, if its format ends with a fraction."""
    if (form or '').endswith('%f'):
        with suppress(ValueError):
            form = _portable(form)
            return max(0, len(pd.to_datetime(text, format=form).strftime(form)) - len(text))
    return 0


def _is_integer(dtype: Any) -> bool:
    """Tells whether a dtype is of integers that cannot be missing."""
    return isinstance(dtype, np.dtype) and dtype.kind in 'iu'


def _portable(form: str | None) -> str | None:
    """The format without what only some systems know: ``%-d`` and ``%#d`` are ``%d`` in reading."""
    return form.replace('%#', '%').replace('%-', '%') if form else None
