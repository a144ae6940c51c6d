"""Conditions as users spell them, read as the data has them; whether they can be met is asked in ``conditions``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from rdt import HyperTransformer

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.table.dates import DateType
from sdv_fairdistill.table.numbers import floats_of, is_narrow
from sdv_fairdistill.table.storage import check_names

__all__ = ['CLOSE', 'LARGE', 'UNMET', 'as_in_data', 'date_types', 'is_missing']

UNMET = 'Unable to sample any rows for the given conditions'  # SDV hides errors of sampling that do not say these words
LARGE = 2.0**51  # above it, float64 numbers, as which columns are learned, are no longer exact
CLOSE = 1e-12  # share of such a number by which it may be missed; it is then written as it was wanted


def date_types(table: pd.DataFrame, columns: Mapping[Any, Mapping[str, Any]]) -> dict[str, DateType]:
    """Learns how the columns of dates are stored; see :class:`DateType`.

    Args:
        table: The rows.
        columns: SDV's description of each column, by name.
    """
    dated = {str(name): about for name, about in columns.items() if about['sdtype'] == 'datetime'}
    return {
        str(name): DateType.of(column, dated[str(name)].get('datetime_format'))
        for name, column in table.items()
        if str(name) in dated
    }


def as_in_data(conditions: pd.DataFrame, transformer: HyperTransformer, dates: Mapping[str, DateType]) -> pd.DataFrame:
    """Gives conditions of which every value that the data have is spelled and typed as there.

    SDV compares drawn values with wanted ones by ``==``, so that a date spelled as text would never be met.

    Args:
        conditions: Wanted values, a row each.
        transformer: What transforms the columns.
        dates: How columns of dates are stored, those too that a constraint has replaced.

    Raises:
        FairDistillError: If two columns have the same name, or one has tuples.
    """
    problem = _problem(conditions)
    if problem:
        raise FairDistillError(f'{UNMET}: {problem}')
    result = {}
    for name, column in conditions.items():
        reader = transformer.field_transformers.get(name, dates.get(str(name)))
        result[name] = _spelled(_plain(column), getattr(reader, 'spelled', None))
    return pd.DataFrame(result, index=conditions.index, columns=conditions.columns)


def _problem(conditions: pd.DataFrame) -> str:
    try:
        check_names(conditions, 'known')
    except FairDistillError as error:
        return str(error)
    tuples = [name for name, column in conditions.items() if any(isinstance(value, tuple) for value in column)]
    if tuples:
        return (
            f'the wanted values of {tuples} are tuples, which SDV takes for those of several columns. Give them as'
            ' texts, here and before fitting.'
        )
    return ''


def _plain(column: pd.Series) -> pd.Series:
    """What pandas cannot group by, and levels that are known to the dtype but not wanted, in plain dtypes."""
    if is_narrow(column.dtype):
        return pd.Series(floats_of(column), index=column.index)
    if isinstance(column.dtype, (pd.ArrowDtype, pd.CategoricalDtype, pd.IntervalDtype)):
        return column.astype(object).where(column.notna().to_numpy(), None)
    return column


def _spelled(column: pd.Series, spell: Callable[[Any], Any] | None) -> pd.Series:
    if spell is None:
        return column
    places, values = pd.factorize(column.astype(object))
    spelled = [spell(value) for value in values]
    if all(type(new) is type(old) and new == old for new, old in zip(spelled, values, strict=True)):
        return column
    objects = np.array([*spelled, None], dtype=object)
    return pd.Series(objects[places], index=column.index, dtype=object)


def is_missing(value: Any) -> bool:
    """Tells whether a value is a missing one; a tuple is none."""
    return pd.api.types.is_scalar(value) and bool(pd.isna(value))
