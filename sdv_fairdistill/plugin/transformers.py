"""Which columns SDV's data processor gives to learn and which it invents, and formatters that cannot be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from rdt.transformers import BaseTransformer
from sdv.data_processing import DataProcessor
from sdv.data_processing.numerical_formatter import NumericalFormatter

from sdv_fairdistill.encoding import LEARNED, DatetimeBinner
from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.table.dates import holds_dates

__all__ = ['learned_columns', 'require_columns', 'without_failing_formatters']


def learned_columns(processor: DataProcessor) -> dict[Any, dict[str, Any]]:
    """Gives SDV's description of each column whose values are learned; those of the others are invented."""
    transformers = processor._hyper_transformer.get_config()['transformers']
    return {
        name: processor.metadata.columns[name]
        for name, sdtype in processor.get_sdtypes().items()
        if sdtype in LEARNED or not getattr(transformers.get(name), 'is_generator', lambda: True)()
    }


def require_columns(
    table: pd.DataFrame,
    names: Iterable[str],
    transformers: Mapping[Any, BaseTransformer | None],
    target: str | None,
) -> None:
    """Checks that rows have every column that was learned; nothing is learned of columns that are invented.

    Args:
        table: The rows.
        names: The columns of the table that was fitted.
        transformers: The fitted transformer of each column, or None.
        target: The target column, which may be missing.

    Raises:
        FairDistillError: If a column is missing.
    """
    needless = {str(name) for name, transformer in transformers.items() if transformer and transformer.is_generator()}
    needless.add(target)
    missing = [name for name in names if name not in table and name not in needless]
    if missing:
        raise FairDistillError(
            f'The rows lack the columns {missing} that were fitted. Give them too; a value may be missing.'
        )


def without_failing_formatters(processor: DataProcessor, table: pd.DataFrame) -> None:
    """Takes away SDV's formatters of what they fail at, or make texts of, where a transformer gives the type back.

    They fail at Python's own numbers and at Arrow's integers beyond 63 bits. Of dates as Python objects, or in a
    categorical or Arrow dtype, they make texts, and texts of dates with a zone they spell in their own way.
    """
    transformers = processor._hyper_transformer.field_transformers
    for name, values in table.items():
        formatter = processor.formatters.get(name)
        if formatter is None:
            continue
        if isinstance(formatter, NumericalFormatter):
            fails = values.dtype == object or 'uint64[pyarrow]' in str(values.dtype)
        else:
            is_binned = isinstance(transformers.get(name), DatetimeBinner)
            fails = is_binned and (_is_respelled(values) or str(formatter.datetime_format).endswith('%z'))
        if fails:
            del processor.formatters[name]


def _is_respelled(dates: pd.Series) -> bool:
    is_usual = isinstance(dates.dtype, (np.dtype, pd.DatetimeTZDtype)) and dates.dtype != object
    return holds_dates(dates) and not is_usual
