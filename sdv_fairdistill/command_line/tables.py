"""Tables out of files, of CSV or of Parquet by the file's ending; what their columns are is in ``roles``."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pandas as pd

from sdv_fairdistill.command_line.csv_files import read_csv, refuse_repeated
from sdv_fairdistill.command_line.files import CommandError, is_parquet, require_pyarrow, say
from sdv_fairdistill.command_line.form import OWN, Form

__all__ = ['READING', 'read_table', 'read_table_like']

READING = (
    'Files that end in .parquet or .pq are read and written as Parquet, all others as CSV. A CSV file is read as pandas'
    ' reads it: an empty field and texts such as NA, NaN, None and null are missing (--only-empty-missing: the empty'
    ' field alone), and digits are numbers, so that 00123 becomes 123. CSV files are written in utf-8, with commas.'
    ' An existing output file is replaced once the new one is complete.'
)


def read_table(path: Path, form: Form) -> pd.DataFrame:
    """Reads a table, and says which of its values are missing.

    Args:
        path: A Parquet file if its ending says so, else a CSV file.
        form: How a CSV file is written.

    Raises:
        CommandError: If it cannot be read, or has no rows or two columns of one name.
        OSError: If there is no such file, or no permission to read it.
    """
    table = _read(path, form)
    counts = table.isna().sum()
    if counts.any():
        say('Missing values: ' + ', '.join(f'{name} {count:,}' for name, count in counts[counts > 0].items()))
    return table


def read_table_like(path: Path, form: Form, real: pd.DataFrame) -> pd.DataFrame:
    """Reads more rows of a table: in the form in which this program writes, or else in that of the table.

    Args:
        path: Where they are.
        form: How the CSV file of the table itself is written.
        real: The table itself. Columns are named as there, whatever spaces are around their names.

    Raises:
        CommandError: As in :func:`read_table`.
        OSError: Likewise.
    """
    names = {name.strip(): name for name in real.columns}
    rows = read_table(path, _form_of(path, form, set(names)))
    renamed = [name if name in real.columns else names.get(name.strip(), name) for name in rows.columns]
    return rows.set_axis(renamed, axis=1) if len(set(renamed)) == len(renamed) else rows


def _form_of(path: Path, form: Form, names: set[str]) -> Form:
    """Gives our own form if the file reads so, with a column of one of the names."""
    own = replace(OWN, only_empty_missing=form.only_empty_missing)
    if is_parquet(path) or own == form or not path.is_file():
        return form
    try:
        found = {name.strip() for name in _read(path, own).columns}
    except CommandError:
        return form
    return own if found & names else form


def _read(path: Path, form: Form) -> pd.DataFrame:
    if path.is_dir():
        raise CommandError(f'{path} is a folder; give a file. In Python, fit_from_parquet reads folders of Parquet.')
    return _read_parquet(path) if is_parquet(path) else read_csv(path, form)


def _read_parquet(path: Path) -> pd.DataFrame:
    """Reads Parquet as pandas does; an index that has a name is a column, and decimal numbers are floats."""
    require_pyarrow(path)
    try:
        table = pd.read_parquet(path)
        table = table.reset_index(drop=None in table.index.names).rename(columns=str)
    except (FileNotFoundError, PermissionError, MemoryError):
        raise
    except Exception as error:  # a file of anything can fail in any way
        raise CommandError(f'{path} cannot be read as Parquet: {error}') from error
    refuse_repeated(path, table.columns)
    if table.empty:
        raise CommandError(f'{path} has no rows.')
    for name in table.select_dtypes('object'):
        present = table[name].dropna()
        if len(present) and isinstance(present.iloc[0], Decimal):
            table[name] = pd.to_numeric(table[name])
    return table
