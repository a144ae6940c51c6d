"""SDMetrics' own fairness metric, asked for every group; it trains XGBoost, which is optional."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
from sdmetrics.goal import Goal
from sdmetrics.single_table import EqualizedOddsImprovement

from sdv_fairdistill.metrics.single_table._base import FairnessMetric, part
from sdv_fairdistill.metrics.single_table._question import Question
from sdv_fairdistill.table.naming import names_of
from sdv_fairdistill.table.values import rows_with

__all__ = ['WorstEqualizedOddsImprovement']

NO_XGBOOST = "XGBoost is not installed: pip install 'sdmetrics[xgboost]'"
NO_HOLDOUT = 'it needs held-out rows: give holdout'


class WorstEqualizedOddsImprovement(FairnessMetric):
    """The smallest :class:`sdmetrics.single_table.EqualizedOddsImprovement` over all values of the sensitive columns.

    That metric compares one sensitive value with the rest: ``(EO_synthetic − EO_real) / 2 + 0.5``, where ``EO`` is 1
    minus the larger gap in true or false positive rates on the held-out rows. 0 to 1; 0.5 is no change. It is asked for
    each value of each sensitive column of levels. Where it does not apply (numbers; fewer than 5 rows with or without
    the favorable label in a group; no such held-out row, which SDMetrics would score as a rate of 0) the value is
    listed under ``'values'`` with the reason. Without XGBoost the score is NaN.
    """

    name = 'WorstEqualizedOddsImprovement'
    goal = Goal.MAXIMIZE
    min_value = 0.0
    max_value = 1.0
    _needed = ('sensitive_columns', 'target_column', 'favorable_value')

    @classmethod
    def _breakdown(cls, question: Question) -> dict[str, Any]:
        obstacles = [] if find_spec('xgboost') else [NO_XGBOOST]
        obstacles += [] if 'holdout' in question.tables else [NO_HOLDOUT]
        if obstacles:
            return part(np.nan, notes=obstacles, values={})
        known = question.tables['real']
        values = {
            f'{column} = {name}': _asked(question, column, value)
            for column in question.roles.sensitive
            for value, name in _values(known[column], column in question.schema.quantities)
        }
        scores = [found['score'] for found in values.values() if not np.isnan(found['score'])]
        notes = [f'{name}: {note}' for name, found in values.items() for note in found['notes']]
        return part(min(scores, default=np.nan), notes=notes, values=values)


def _values(column: pd.Series, is_number: bool) -> list[tuple[Any, str]]:
    """The levels of a column with their names, the missing one last; of a number nothing but its name."""
    if is_number:
        return [(None, str(None))]
    levels = column.dropna().astype(object).unique().tolist()
    missing = [(None, str(None))] if column.isna().any() else []
    return [*zip(levels, names_of(levels, [str(None)]), strict=True), *missing]


def _asked(question: Question, column: str, value: Any) -> dict[str, Any]:
    """What SDMetrics says of one value, or why it says nothing."""
    roles, columns = question.roles, list(question.schema.columns)
    reason = _obstacle(question, column, value)
    if reason:
        return part(np.nan, notes=[reason])
    real, synthetic, holdout = (
        question.schema.plain(question.tables[name].loc[question.tables[name][roles.target].notna(), columns])
        for name in ('real', 'synthetic', 'holdout')
    )
    metadata = {'columns': {str(name): found for name, found in question.single['columns'].items() if name in columns}}
    try:
        found = EqualizedOddsImprovement.compute_breakdown(
            real, synthetic, holdout, metadata, None, roles.target, roles.favorable, column, value
        )
    except (TypeError, ValueError) as error:  # how SDMetrics says that it does not apply
        return part(np.nan, notes=[str(error)])
    return part(found.pop('score'), **found)


def _obstacle(question: Question, column: str, value: Any) -> str:
    if column in question.schema.quantities:
        return 'SDMetrics compares values, not numbers'
    if question.roles.target in question.schema.quantities:
        return 'SDMetrics asks for a categorical label'
    task, holdout = question.task(), question.tables['holdout']
    holdout = holdout[holdout[question.roles.target].notna()]
    inside = holdout[column].isna() if pd.isna(value) else rows_with(holdout[column], value)
    counts = pd.crosstab(inside, task.labels(question.schema.read(holdout)))
    if counts.shape == (2, 2) and (counts > 0).all(axis=None):
        return ''
    return 'this value or the rest has no held-out row with, or none without, the favorable label'
