"""Tables in and rows out, and what is said on the way; what is done with them stays out."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from sdv_fairdistill.helpers.files import complete

__all__ = ['READING', 'CommandError', 'output_path', 'read_csv', 'say', 'write_rows']

READING = (
    'A CSV file is read as pandas reads it: an empty field and texts such as NA, NaN, None and null are missing'
    ' (--only-empty-missing: the empty field alone), and digits are numbers, so that 00123 becomes 123.'
    ' An existing output file is replaced once the new one is complete.'
)


class CommandError(Exception):
    """Input that the command line cannot work with; shown as one line."""


def read_csv(path: Path, only_empty_missing: bool) -> pd.DataFrame:
    """Reads a table, and says which of its values are missing."""
    missing = {'keep_default_na': False, 'na_values': ['']} if only_empty_missing else {}
    try:
        table = pd.read_csv(path, low_memory=False, **missing)
    except ValueError as error:  # pandas' parser errors and wrong encodings
        raise CommandError(f'{path} cannot be read as CSV: {error}') from error
    if table.empty:
        raise CommandError(f'{path} has no rows below its header.')
    counts = table.isna().sum()
    if counts.any():
        say('Missing values: ' + ', '.join(f'{name} {count:,}' for name, count in counts[counts > 0].items()))
    return table


def output_path(path: Path, reading: Path | None = None) -> Path:
    """Checks before the work begins that a file can be written; follows links."""
    path = path.resolve() if path.is_file() else path.absolute()  # /dev/stdout stays what it is
    if path.is_dir():
        raise CommandError(f'{path} is a folder; give the name of a file.')
    if not path.parent.is_dir():
        raise CommandError(f'there is no folder {path.parent} to write {path.name} into; make it first.')
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise CommandError(f'{path} cannot be written: permission denied.')
    if reading is not None and path == reading.resolve():
        raise CommandError(f'{path} would be overwritten by its own output; give another name.')
    return path


def write_rows(rows: pd.DataFrame, path: Path) -> None:
    """Writes rows as CSV, compressed if the file's ending says so."""
    with complete(path) as partial:
        rows.to_csv(partial, index=False)
    if path.is_file():  # and not a pipe that the rows went into
        say(f'Wrote {len(rows):,} rows to {path}.')


def say(text: str) -> None:
    """Prints at once, whatever stdout is."""
    print(text, flush=True)
