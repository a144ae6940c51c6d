"""Files out, and what is said on the way; tables in are in ``tables``."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from sdv_fairdistill.helpers.files import complete

__all__ = ['CommandError', 'is_parquet', 'output_path', 'require_pyarrow', 'rows_path', 'say', 'write_rows']

PARQUET = ('.parquet', '.pq')  # endings of Parquet files; all other tables are CSV


class CommandError(Exception):
    """Input that the command line cannot work with; shown as one line."""


def is_parquet(path: Path) -> bool:
    """Tells a Parquet file by its ending."""
    return path.suffix.lower() in PARQUET


def require_pyarrow(path: Path) -> None:
    """Checks that Parquet can be read and written.

    Raises:
        CommandError: If the package for it is missing.
    """
    if find_spec('pyarrow') is None:
        raise CommandError(f"{path} is Parquet, which needs the package pyarrow: pip install 'sdv-fairdistill[dask]'")


def output_path(path: Path, *reading: Path) -> Path:
    """Checks before the work begins that a file can be written, and is none of those read; follows links."""
    path = path.resolve() if path.is_file() else path.absolute()  # /dev/stdout stays what it is
    if path.is_dir():
        raise CommandError(f'{path} is a folder; give the name of a file.')
    if not path.parent.is_dir():
        raise CommandError(f'there is no folder {path.parent} to write {path.name} into; make it first.')
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise CommandError(f'{path} cannot be written: permission denied.')
    if path in [each.resolve() for each in reading]:
        raise CommandError(f'{path} would be overwritten by its own output; give another name.')
    return path


def rows_path(path: Path, *reading: Path) -> Path:
    """Checks before the work begins that rows can be written; see :func:`output_path`."""
    if is_parquet(path):
        require_pyarrow(path)
    return output_path(path, *reading)


def write_rows(rows: pd.DataFrame, path: Path) -> None:
    """Writes rows as Parquet or CSV, as the file's ending says; CSV compressed if it says so."""
    if is_parquet(path):
        from sdv_fairdistill.scale.parquet import write

        write(rows, path)
    else:
        with complete(path) as partial:
            rows.to_csv(partial, index=False)
    if path.is_file():  # and not a pipe that the rows went into
        say(f'Wrote {len(rows):,} rows to {path}.')


def say(text: str) -> None:
    """Prints at once, whatever stdout is."""
    print(text, flush=True)
