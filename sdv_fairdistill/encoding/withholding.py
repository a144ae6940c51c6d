"""Keeping rare levels and extreme values out of a table, before anything is learned of it."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from sdv_fairdistill.encoding.binned import BinnedTransformer
from sdv_fairdistill.encoding.datetime_binner import DatetimeBinner
from sdv_fairdistill.encoding.quantile_binner import QuantileBinner
from sdv_fairdistill.errors import FairDistillError, RoleError

__all__ = ['LEARNED', 'withhold']

NUMBERS = ('datetime', 'numerical')
LEARNED = ('boolean', 'categorical', 'id', 'ordinal', *NUMBERS)  # sdtypes whose values are learned; others are invented
MUCH = 0.05  # share of a column's rows that are changed, above which a warning says so
SHOWN = 5  # levels that a message lists


def withhold(
    table: pd.DataFrame,
    columns: Mapping[str, Mapping[str, Any]],
    fixed: Collection[str],
    least: int,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Gives a table of which no level, and no extreme value, belongs to fewer than so many rows.

    A row of a rare level gets the level of another row, drawn at random, so that the kept levels keep their
    proportions. (A level of its own for all rare ones would have to be written as one of the kept ones in the end: the
    same rows, at the cost of a token.) Numbers and dates are winsorised: the outermost ones are moved to the value that
    so many rows reach. That a value is missing is never withheld: it names no value.

    Args:
        table: The rows; left as they are.
        columns: SDV's description of each column that is learned, by name.
        fixed: Columns whose levels must not change, those of groups and labels.
        least: The fewest rows.
        generator: Draws the levels.

    Returns:
        The rows, with the index, dtypes and columns of the table.

    Raises:
        RoleError: If a column whose levels must not change has rare ones.
        FairDistillError: If nothing is left of a column.
    """
    table = table.copy(deep=False)
    for name in table.columns.intersection(list(columns)):
        column, sdtype = table[name], columns[name]['sdtype']
        if sdtype in NUMBERS:
            binner = QuantileBinner() if sdtype == 'numerical' else DatetimeBinner(columns[name].get('datetime_format'))
            table[name] = _withhold_extremes(column, binner, least)
        else:
            rare = _rare_rows(column, least)
            if name in fixed and rare.any():
                raise RoleError(
                    f"Column '{name}' has levels with fewer than {least} rows ({_some(column[rare])}), which"
                    ' min_category_count withholds; but groups and labels are not changed unseen. Join them with'
                    ' others in the data, leave their rows out, or ask for a smaller count.'
                )
            table[name] = _withhold_levels(column, rare, least, generator)
    return table


def _rare_rows(column: pd.Series, least: int) -> np.ndarray:
    """Tells which rows (rows,) have a level that fewer than so many rows have; a missing value is none."""
    level = pd.factorize(column.astype(object).to_numpy())[0]
    counts = np.bincount(level[level >= 0], minlength=1)
    return (level >= 0) & (counts[level] < least)


def _withhold_levels(column: pd.Series, rare: np.ndarray, least: int, generator: np.random.Generator) -> pd.Series:
    if not rare.any():
        return column
    donors = np.flatnonzero(~rare & column.notna().to_numpy())
    if not len(donors):
        raise FairDistillError(
            f"Column '{column.name}' has no level with {least} rows or more, so that min_category_count={least} leaves"
            " nothing of it. Leave it out, tell SDV what it is (a key, personal data, or sdtype 'unknown': such values"
            ' are invented), or ask for a smaller count.'
        )
    if rare.mean() > MUCH:
        warnings.warn(
            f"Column '{column.name}': {rare.mean():.0%} of its rows have levels with fewer than {least} rows; each of"
            ' them gets the level of another row, drawn at random (min_category_count).',
            stacklevel=2,
        )
    kept = column.copy()
    kept.iloc[np.flatnonzero(rare)] = column.iloc[generator.choice(donors, rare.sum())].array
    if isinstance(column.dtype, pd.CategoricalDtype):
        kept = kept.cat.remove_categories(column[rare].unique().tolist())  # the dtype is saved too
    return kept


def _withhold_extremes(column: pd.Series, binner: BinnedTransformer, least: int) -> pd.Series:
    values = binner.floats(column)
    finite = np.flatnonzero(np.isfinite(values))
    order = finite[np.argsort(values[finite], kind='stable')]
    if 0 < len(order) < least:
        raise FairDistillError(
            f"Column '{column.name}' has values in {len(order)} rows only, so that min_category_count={least} leaves"
            ' nothing of it. Leave it out, or ask for a smaller count.'
        )
    if not len(order):
        return column
    ends = order[[least - 1, -least]] if len(order) >= 2 * least else order[[len(order) // 2] * 2]
    kept = column.copy()
    for end, beyond in zip(ends, (values < values[ends[0]], values > values[ends[1]]), strict=True):
        kept.iloc[np.flatnonzero(beyond & np.isfinite(values))] = column.iloc[end]
    return kept


def _some(levels: pd.Series) -> str:
    distinct = levels.astype(object).unique()
    more = f' and {len(distinct) - SHOWN} more' if len(distinct) > SHOWN else ''
    return f'{", ".join(repr(level) for level in distinct[:SHOWN])}{more}'
