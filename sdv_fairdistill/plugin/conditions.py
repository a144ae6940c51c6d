"""Whether conditions can be met at all, asked before anything is drawn, and which drawn rows meet them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
from rdt import HyperTransformer
from sdv.cag._errors import ConstraintNotMetError

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.plugin.spelling import CLOSE, LARGE, UNMET, is_missing
from sdv_fairdistill.table.dates import DateType, read_dates

__all__ = ['UNMET', 'come_back', 'meeting', 'raise_if_unmet', 'unmet_conditions']

FLOAT_TOLERANCE = 0.01  # SDV's own: a float is met within 1 %
MOMENT, DAY = pd.Timedelta('1s'), pd.Timedelta('1D')  # by which SDV's constraints miss a date: they take logarithms
SHOWN = 8  # levels that a message lists


def unmet_conditions(
    conditions: pd.DataFrame, transformed: pd.DataFrame, transformer: HyperTransformer
) -> dict[str, str]:
    """Finds conditioned values that do not come back once they are transformed.

    A level that was never seen, or a number out of range, would be drawn in vain.

    Args:
        conditions: Wanted values, a row each.
        transformed: The same rows, transformed.
        transformer: What transformed them.

    Returns:
        For the first row with values that cannot be drawn, by column what was wanted and what there is instead.
    """
    kept = transformed.columns[transformed.isna().any()]
    if len(kept):  # a model cannot be given NaN
        return {name: f'{name} is missing, and only its default transformer can tell a model so' for name in kept}
    back = transformer.reverse_transform_subset(transformed.reset_index(drop=True))
    failing = np.flatnonzero(~come_back(conditions, back, {}))
    unmet = {}
    for column in back.columns.intersection(conditions.columns) if len(failing) else ():
        wanted, drawn = conditions[column].iloc[failing[0]], back[column].iloc[failing[0]]
        if not _same(wanted, drawn):
            unmet[column] = f'{column}={_show(wanted)}, but {_known(transformer, column, drawn)}'
    return unmet


def come_back(wanted: pd.DataFrame, back: pd.DataFrame, dates: Mapping[str, DateType]) -> np.ndarray:
    """Tells which rows are the same again ``(rows,)``, in the columns that both have: a float within 1 %.

    Dates that went through a constraint come back a little early or late, and those without a time then a day.
    """
    same = np.ones(len(wanted), dtype=bool)
    for column in back.columns.intersection(wanted.columns):
        if column in dates:
            same &= _same_dates(wanted[column], back[column], dates[column])
            continue
        pairs = zip(wanted[column], back[column], strict=True)
        same &= np.fromiter((one is other or _same(one, other) for one, other in pairs), bool, len(wanted))
    return same


def meeting(sampled: pd.DataFrame, known: pd.DataFrame, dates: Mapping[str, DateType]) -> pd.DataFrame:
    """Gives the drawn rows that have the values wanted of them: floats, dates and large integers exactly as wanted.

    Args:
        sampled: Drawn rows.
        known: Wanted values, a row each, under the same index.
        dates: How columns of dates are stored.
    """
    sampled = sampled[come_back(known, sampled[known.columns], dates)]
    known, written = known.loc[sampled.index], {}
    for name, wanted in known.items():
        drawn = sampled[name]
        if pd.api.types.is_float_dtype(drawn.dtype) or (name in dates and wanted.notna().all()):
            written[name] = wanted.astype(drawn.dtype)
        elif any(isinstance(value, (int, np.integer)) and abs(int(value)) > LARGE for value in wanted):
            written[name] = pd.array(wanted, dtype=drawn.dtype)
    return sampled.assign(**{str(name): values for name, values in written.items()}) if written else sampled


def raise_if_unmet(unmet: Mapping[str, str], columns: Collection[str]) -> None:
    """Refuses conditions that cannot be met.

    Args:
        unmet: What :func:`unmet_conditions` has found.
        columns: Columns of the user's table; others are made by constraints.

    Raises:
        ConstraintNotMetError: If a column of a constraint cannot be met.
        FairDistillError: If another cannot.
    """
    if any(str(name) not in columns for name in unmet):
        raise ConstraintNotMetError('; '.join(unmet.values()))
    if unmet:
        reasons = '; '.join(unmet.values())
        raise FairDistillError(f'{UNMET}: {reasons}. Condition on values that occur in the data or lie in its range.')


def _same(wanted: Any, drawn: Any) -> bool:
    if is_missing(wanted) or is_missing(drawn):
        return is_missing(wanted) and is_missing(drawn)
    if isinstance(wanted, (int, np.integer)) and isinstance(drawn, (int, np.integer)) and abs(int(wanted)) > LARGE:
        return abs(int(wanted) - int(drawn)) <= abs(int(wanted)) * CLOSE
    if isinstance(drawn, (float, np.floating)) and isinstance(wanted, (int, float, np.number)):
        return bool(abs(wanted - drawn) <= abs(wanted) * FLOAT_TOLERANCE)
    return bool(wanted == drawn)


def _same_dates(wanted: pd.Series, back: pd.Series, kind: DateType) -> np.ndarray:
    tolerance = MOMENT if kind.form is None or '%H' in kind.form or '%I' in kind.form else DAY
    first, second = (read_dates(part.reset_index(drop=True), kind.form, coerce=True) for part in (wanted, back))
    return (((first - second).abs() <= tolerance) | (first.isna() & second.isna())).to_numpy()


def _known(transformer: HyperTransformer, column: str, drawn: Any) -> str:
    levels = getattr(transformer.field_transformers.get(column), 'levels', None)
    if levels is None:
        return f'the nearest value known from the data is {_show(drawn)}'
    named = ', '.join(_show(level) for level in levels[:SHOWN])
    return f'the data has {named}{" and others" if len(levels) > SHOWN else ""}'


def _show(value: Any) -> str:
    return repr(value.item() if isinstance(value, np.generic) else value)
