"""How closely each other column of a table goes with the group, one by one; all together, see ``Predictability``."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency

from sdv_fairdistill.metrics import Task
from sdv_fairdistill.metrics.association import corrected_v

__all__ = ['group_associations']

BINS = 10  # quantile bins of a number: deciles


def group_associations(table: pd.DataFrame, task: Task) -> pd.Series:
    """Gives Cramér's V between the group and each column but the target and the sensitive ones.

    Numbers and dates are cut at their deciles; a missing value is a level of its own. V is corrected for its bias in
    small tables (Bergsma 2013), so that a column that has nothing to do with the group comes out at about 0.

    Returns:
        A value from 0 (independent) to 1 (the column gives the group away) by column, largest first; NaN for a column
        or a group that is the same in every row.

    Example:
        >>> from sdv_fairdistill.datasets import load_german_credit
        >>> from sdv_fairdistill.metrics import Grouping, Schema
        >>> german = load_german_credit()
        >>> schema = Schema.of(german.metadata.to_dict()['tables']['german_credit'])
        >>> task = Task(schema, 'credit', 'good', Grouping.fit(german.table, ['sex']))
        >>> group_associations(german.table, task).head(2).round(2).to_dict()
        {'age': 0.28, 'housing': 0.23}
    """
    read = task.schema.read(table)
    groups, levels = task.grouping.of(read), task.schema.levels
    columns = {name: read[name] if name in levels else _deciles(read[name]) for name in _others(task)}
    values = {name: _cramer(column, groups) for name, column in columns.items()}
    return pd.Series(values, dtype='float64').sort_values(ascending=False, na_position='last')


def _others(task: Task) -> list[str]:
    """The columns but the target and the sensitive ones."""
    return [name for name in task.schema.columns if name != task.target and name not in task.sensitive]


def _deciles(column: pd.Series) -> pd.Series:
    if column.nunique() <= BINS:
        return column
    ends = np.unique(column.quantile(np.arange(1, BINS) / BINS))  # where most values are equal, fewer than nine
    return pd.Series(np.searchsorted(ends, column), index=column.index).where(column.notna())


def _cramer(column: pd.Series, groups: pd.Series) -> float:
    codes = pd.Series(pd.factorize(column)[0], index=column.index)  # what is missing is a level too, -1
    counts = pd.crosstab(codes, groups).to_numpy()
    if min(counts.shape) < 2:
        return np.nan
    return corrected_v(chi2_contingency(counts, correction=False).statistic / counts.sum(), counts.sum(), *counts.shape)
