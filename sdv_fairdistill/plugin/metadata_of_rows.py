"""SDV's metadata of rows and their labels as scikit-learn hands them over; what SDV detects is in ``detection``."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sdv.metadata import Metadata

__all__ = ['metadata_of_rows']


def metadata_of_rows(name: str, table: pd.DataFrame, label: str, metadata: Any = None) -> Metadata:
    """Gives metadata in which numbers are numbers, dates are dates, and all else is levels.

    Args:
        name: Name of the table, if there are no metadata of it.
        table: Rows without their labels.
        label: Name of the column of labels.
        metadata: SDV's metadata of the rows without labels, to be used instead.
    """
    if metadata is not None:
        described = metadata.to_dict()
        next(iter(described['tables'].values()))['columns'][label] = {'sdtype': 'categorical'}
        return Metadata.load_from_dict(described)
    columns = {str(column): {'sdtype': _sdtype(values)} for column, values in table.items()}
    columns[label] = {'sdtype': 'categorical'}
    return Metadata.load_from_dict({'tables': {name: {'columns': columns}}})


def _sdtype(values: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(values.dtype):
        return 'categorical'
    if pd.api.types.is_numeric_dtype(values.dtype):
        return 'numerical'
    return 'datetime' if pd.api.types.is_datetime64_any_dtype(values.dtype) else 'categorical'
