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

    They fail at Python's own numbers and at Arrow's integers beyond 63 bits, and of dates as Python objects, or in a
    categorical or Arrow dtype, they make texts.
    """
    transformers = processor._hyper_transformer.field_transformers
    for name, values in table.items():
        formatter = processor.formatters.get(name)
        is_plain = isinstance(values.dtype, (np.dtype, pd.DatetimeTZDtype)) and values.dtype != object
        if isinstance(formatter, NumericalFormatter):
            keeps = values.dtype != object and 'uint64[pyarrow]' not in str(values.dtype)
        else:
            keeps = is_plain or not isinstance(transformers.get(name), DatetimeBinner)
        if formatter is not None and not keeps:
            del processor.formatters[name]
