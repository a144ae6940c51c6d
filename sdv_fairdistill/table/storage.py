"""Whether a table's columns are named and stored in a way that can be worked with; asked before any work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.table.dates import EARLIEST, LATEST, read_dates

__all__ = ['check_names', 'check_storage']

LEVELS = ('boolean', 'categorical', 'ordinal')


def check_names(table: Any, kind: str = 'given') -> None:
    """Checks that no two columns have the same name, as text.

    Args:
        table: The rows, of pandas or of Dask.
        kind: What they are called in the message.

    Raises:
        FairDistillError: If some have.
    """
    names = pd.Series([str(name) for name in table.columns], dtype=object)
    if not names.is_unique:
        repeated = names[names.duplicated()].unique().tolist()
        raise FairDistillError(
            f'The {kind} data have several columns of the same name: {repeated}. Names are compared as texts, so that 1'
            " and '1' are one. Give each column a name of its own."
        )


def check_storage(table: Any, columns: Mapping[Any, Mapping[str, Any]], kind: str = 'given') -> None:
    """Checks the names of columns, and their dtypes against their sdtypes.

    Args:
        table: The rows; what is no table is left to others to refuse.
        columns: SDV's description of each column, by name.
        kind: What the rows are called in messages.

    Raises:
        FairDistillError: If two columns have the same name, or a column can be neither learned nor given back as it is.
    """
    if not isinstance(table, pd.DataFrame):
        return
    check_names(table, kind)
    described = {str(name): about for name, about in columns.items()}
    for label, column in table.items():
        about = described.get(str(label), {})
        problem = _problem(column, about.get('sdtype'), about.get('datetime_format'))
        if problem:
            raise FairDistillError(f"Column '{label}' of the {kind} data {problem}")


def _problem(column: pd.Series, sdtype: str | None, form: str | None) -> str:
    if sdtype == 'numerical' and isinstance(column.dtype, pd.CategoricalDtype):
        return (
            "is numerical in the metadata, but its dtype 'category' holds no numbers other than those seen. Convert it"
            " with astype(float), or give it sdtype 'categorical'."
        )
    if sdtype in ('numerical', 'datetime') and isinstance(column.dtype, pd.SparseDtype):
        return f'is stored as {column.dtype}, which SDV cannot check. Convert it with .sparse.to_dense().'
    if sdtype in LEVELS and column.dtype == object and not _are_hashable(column):
        return (
            'holds lists or other values that can change, which are no levels. Convert them to texts or tuples, or give'
            " the column sdtype 'unknown'."
        )
    if sdtype == 'datetime' and pd.api.types.infer_dtype(column, skipna=True) != 'string':
        try:
            read_dates(column, form)
        except (TypeError, ValueError) as error:
            return (
                f'cannot be read as dates ({error}). Give dates, or texts of them, between {EARLIEST.date()} and'
                f' {LATEST.date()}; others can be left missing.'
            )
    return ''


def _are_hashable(values: pd.Series) -> bool:
    try:
        set(values)
    except TypeError:
        return False
    return True
