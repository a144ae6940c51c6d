"""How a table's columns are read for judging — numbers, dates, levels; which rows and which roles stays out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sdv_fairdistill.errors import RoleError
from sdv_fairdistill.table.dates import holds_dates, read_dates
from sdv_fairdistill.table.numbers import floats_of, is_narrow

__all__ = ['Schema', 'keys_of']

LEVEL_SDTYPES = ('boolean', 'categorical', 'ordinal')


@dataclass(frozen=True)
class Schema:
    """The columns that describe a row. Keys and columns of personal data, which are invented anew, are not among them.

    Attributes:
        numerical: Columns of numbers.
        datetimes: Columns of dates, each with its format; None where the metadata give none.
        levels: Categorical, boolean and ordinal columns.

    Example:
        >>> schema = Schema.of({'columns': {'age': {'sdtype': 'numerical'}, 'sex': {'sdtype': 'categorical'}}})
        >>> schema.columns
        ('age', 'sex')
        >>> schema.read(pd.DataFrame({'age': ['31', 'unknown'], 'sex': ['f', 'm'], 'name': ['Ann', 'Bob']}))
            age sex
        0  31.0   f
        1   NaN   m
    """

    numerical: tuple[str, ...]
    datetimes: tuple[tuple[str, str | None], ...]
    levels: tuple[str, ...]

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> Schema:
        """Reads the metadata of one table, in the form SDMetrics takes: ``{'columns': {name: {'sdtype': …}}, …}``."""
        keys = keys_of(metadata)
        columns = {str(name): column for name, column in metadata['columns'].items() if str(name) not in keys}
        sdtypes = {name: column['sdtype'] for name, column in columns.items()}
        return cls(
            numerical=tuple(name for name, sdtype in sdtypes.items() if sdtype == 'numerical'),
            datetimes=tuple(
                (name, columns[name].get('datetime_format')) for name, sdtype in sdtypes.items() if sdtype == 'datetime'
            ),
            levels=tuple(name for name, sdtype in sdtypes.items() if sdtype in LEVEL_SDTYPES),
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns, numbers first, then dates, then levels."""
        return (*self.numerical, *(name for name, _ in self.datetimes), *self.levels)

    @property
    def dates(self) -> frozenset[str]:
        """Names of the columns of dates."""
        return frozenset(name for name, _ in self.datetimes)

    @property
    def quantities(self) -> frozenset[str]:
        """Names of the columns that are read as numbers, dates among them."""
        return frozenset(self.columns) - frozenset(self.levels)

    def read(self, table: pd.DataFrame) -> pd.DataFrame:
        """Gives the table with these columns only, in this order.

        Args:
            table: Rows as SDV takes or gives them.

        Returns:
            Numbers as float64, dates as seconds since 1970 in float64, levels as object; what cannot be read is NaN.
        """
        table = table.rename(columns=str)
        columns = {name: _numbers(table[name]) for name in self.numerical}
        columns |= {name: _seconds(table[name], form) for name, form in self.datetimes}
        columns |= {name: _levels(table[name]) for name in self.levels}
        return pd.DataFrame(columns, index=table.index)

    def value(self, name: str, value: Any) -> Any:
        """Gives what :meth:`read` makes of a value of a column.

        Raises:
            RoleError: If it cannot be read, so that its rows count as missing.
        """
        found = self.read(pd.DataFrame({column: [value] for column in self.columns}, dtype=object))[name].iloc[0]
        if pd.api.types.is_scalar(found) and pd.isna(found):
            raise RoleError(
                f"The value {value!r} of column '{name}' cannot be read as a number or as a date between 1678 and 2261."
                " Correct the column, or give it sdtype 'categorical' in the metadata."
            )
        return found

    def plain(self, table: pd.DataFrame) -> pd.DataFrame:
        """Gives a table whose columns are of numpy's dtypes, for those who know no others.

        Args:
            table: Rows as SDV takes or gives them; columns of the schema that are of numpy's dtypes stay as they are.
        """
        forms, changed = dict(self.datetimes), {}
        for name in table.columns.intersection(list(self.columns)):
            column = table[name]
            is_numpy = isinstance(column.dtype, np.dtype)
            if name in forms and (holds_dates(column) or pd.api.types.is_numeric_dtype(column.dtype)):
                is_plain = is_numpy and column.dtype.kind == 'M'
                changed[name] = (
                    column if is_plain else read_dates(column, forms[name], coerce=True).dt.tz_localize(None)
                )
            elif name in self.numerical and (not is_numpy or column.dtype == object or is_narrow(column.dtype)):
                changed[name] = pd.Series(floats_of(column), index=table.index)
            elif not is_numpy:
                changed[name] = _levels(column)
        return table.assign(**changed)


def keys_of(metadata: Mapping[str, Any]) -> set[str]:
    """Gives the names of a table's key columns, from the metadata of one table in the form SDMetrics takes."""
    named = [metadata.get('primary_key'), metadata.get('sequence_key'), *metadata.get('alternate_keys', [])]
    parts = [key if isinstance(key, (list, tuple)) else [key] for key in named if key is not None]
    return {str(part) for key in parts for part in key}


def _numbers(column: pd.Series) -> pd.Series:
    column = pd.to_numeric(column, errors='coerce') if column.dtype == object else column
    is_number = pd.api.types.is_numeric_dtype(column.dtype)
    values = floats_of(column) if is_number else pd.to_numeric(column.astype(object), errors='coerce').astype('float64')
    return pd.Series(values, index=column.index, name=column.name).replace([np.inf, -np.inf], np.nan)


def _seconds(column: pd.Series, form: str | None) -> pd.Series:
    return (read_dates(column, form, coerce=True) - pd.Timestamp(0, tz='UTC')).dt.total_seconds()


def _levels(column: pd.Series) -> pd.Series:
    objects = pd.Series(floats_of(column), index=column.index) if is_narrow(column.dtype) else column
    objects = objects.astype(object)
    return objects.where(objects.notna(), np.nan) if objects.hasnans else objects
