"""What all metrics here share: the face of an SDMetrics metric, and the shape of a breakdown."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from sdmetrics.single_table.base import SingleTableMetric

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.metrics.intervals import UNDEFINED, Interval
from sdv_fairdistill.metrics.parity import Parity
from sdv_fairdistill.metrics.schema import Schema
from sdv_fairdistill.metrics.single_table._question import Question, Settings, Table
from sdv_fairdistill.table.storage import check_storage

__all__ = ['FairnessMetric', 'beside_ratio', 'lines_of', 'part']


def part(score: float, interval: Interval = UNDEFINED, notes: Sequence[str] = (), **more: Any) -> dict[str, Any]:
    """Gives what a breakdown holds for one table."""
    return {'score': float(score), 'interval': tuple(map(float, interval)), 'notes': list(notes), **more}


def beside_ratio(found: dict[str, Any], parity: Parity) -> dict[str, Any]:
    """Adds to the part of a ratio of favorable rates what is read beside it, and says so where that is needed."""
    notes = [*found['notes'], *([parity.caution] if parity.caution else [])]
    more = {'unfavorable_ratio': parity.unfavorable_ratio, 'difference': parity.difference}
    return {**found, 'notes': notes, **more}


def lines_of(found: Parity | pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Gives rates, or another table by group, as ``{group: {'rows': …, 'rate': …, 'reason': …}}``."""
    table = found.rates if isinstance(found, Parity) else found
    return {str(group): line for group, line in table.to_dict(orient='index').items()}


class FairnessMetric(SingleTableMetric):
    """A metric of SDMetrics whose score is about groups of people, or about the use that goes with it.

    ``compute`` gives the score of the synthetic rows. ``compute_breakdown`` gives a dict with ``'score'``,
    ``'interval'`` (95 %), ``'notes'`` (what is undefined or left out, and why), figures by group with their rows and
    reasons, and under ``'real'`` the same of the real rows. A score that cannot be had is NaN, never 0: ``compute``
    then warns with the reason, and ``normalize`` gives NaN too.

    All metrics take the same keyword arguments beside the tables, those of :class:`Settings`, so that they can be given
    to :func:`sdmetrics.compute_metrics` together.
    """

    _DTYPES_TO_TYPES = SingleTableMetric._DTYPES_TO_TYPES | {'u': {'sdtype': 'numerical'}}  # for want of metadata
    _needed: tuple[str, ...] = ('sensitive_columns', 'target_column')

    @classmethod
    def compute(
        cls,
        real_data: Table,
        synthetic_data: Table,
        metadata: Any = None,
        table_name: str | None = None,
        **settings: Any,
    ) -> float:
        """Computes the score of the synthetic rows.

        Args:
            real_data: The real rows, as a DataFrame or as ``{table_name: DataFrame}``.
            synthetic_data: The synthetic rows, in the same form.
            metadata: SDV's metadata, or a dict of one table or with ``'tables'``; built from the real rows' dtypes if
                not given, which takes whole numbers for numbers.
            table_name: Name of the table, if there are several.
            **settings: See :class:`Settings`.

        Returns:
            The score, between ``min_value`` and ``max_value``, or NaN.

        Raises:
            RoleError: If a needed argument is missing or cannot be played by its column.
        """
        found = cls.compute_breakdown(real_data, synthetic_data, metadata, table_name, **settings)
        if math.isnan(found['score']):
            warnings.warn(f'{cls.name} is undefined: {"; ".join(found["notes"])}.', UserWarning, stacklevel=2)
        return found['score']

    @classmethod
    def compute_breakdown(
        cls,
        real_data: Table,
        synthetic_data: Table,
        metadata: Any = None,
        table_name: str | None = None,
        **settings: Any,
    ) -> dict[str, Any]:
        """Computes the score with its interval, the figures by group, and the same of the real rows.

        Args and Raises are those of :meth:`compute`.

        Returns:
            ``{'score': float, 'interval': (low, high), 'notes': [...], ..., 'real': {the same}}``.
        """
        given = Settings.of(settings)
        real, synthetic = _table(real_data, table_name), _table(synthetic_data, table_name)
        metadata = metadata.to_dict() if hasattr(metadata, 'to_dict') else metadata
        plain = [_plain(table, metadata, table_name) for table in (real, synthetic)]  # SDMetrics knows numpy's dtypes
        *_, metadata = cls._validate_inputs(*plain, metadata, table_name)
        single = next(iter(metadata['tables'].values())) if 'tables' in metadata else metadata
        tables = {'real': real, 'synthetic': synthetic}
        if given.holdout is not None:
            tables['holdout'] = _table(given.holdout, table_name)
        return cls._breakdown(Question.of(tables, single, given, cls._needed))

    @classmethod
    def _breakdown(cls, question: Question) -> dict[str, Any]:
        return {**cls._part(question, 'synthetic'), 'real': cls._part(question, 'real')}

    @classmethod
    def _part(cls, question: Question, name: str) -> dict[str, Any]:
        """Judges the table of that name: ``'real'`` or ``'synthetic'``."""
        raise NotImplementedError


def _table(given: Table, name: str | None) -> pd.DataFrame:
    if not isinstance(given, Mapping):
        return given
    if name is None and len(given) == 1:
        return next(iter(given.values()))
    if name not in given:
        raise FairDistillError(f'table_name={name!r} is not among the tables {list(given)}. Name one of them.')
    return given[name]


def _plain(table: pd.DataFrame, metadata: Any, name: str | None) -> pd.DataFrame:
    """Gives a table in numpy's dtypes, if the metadata describe it; what else is wrong is for SDMetrics to say."""
    tables = metadata.get('tables', {name: metadata}) if isinstance(metadata, Mapping) else {}
    single = tables.get(name, next(iter(tables.values()), {}))
    if not isinstance(table, pd.DataFrame) or 'columns' not in single:
        return table
    check_storage(table, single['columns'])
    return Schema.of(single).plain(table)
