"""Reads a CSV file in a given form, and says which form seems right if that is not it; Parquet is in ``tables``."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from pandas.errors import EmptyDataError

from sdv_fairdistill.command_line.files import CommandError
from sdv_fairdistill.command_line.form import SEPARATORS, Form, shown

__all__ = ['read_csv', 'refuse_repeated']

COMPRESSED = ('.gz', '.bz2', '.zip', '.xz', '.zst', '.tar', '.tgz')  # endings by which pandas unpacks
HEAD = 20  # lines that must have no more fields than the header, for another separator to seem right
FIRST = 1 << 20  # bytes that are looked at for what a file is
OTHER_FILES = {
    b'PAR1': 'it is a Parquet file. Give it the ending .parquet',
    b'PK\x03\x04': 'it is a workbook or another packed file. Save the table as CSV',
    b'\x1f\x8b': 'it is packed with gzip. Give it the ending .gz',
}
SINGLE_BYTE = ('cp1252', 'latin-1')  # what text that is not Unicode is written in most often


def read_csv(path: Path, form: Form) -> pd.DataFrame:
    """Reads a CSV file.

    Args:
        path: Where it is; a pipe will do.
        form: How it is written.

    Raises:
        CommandError: If it is not written so, or has no rows or two columns of one name.
        OSError: If there is no such file, or no permission to read it.
    """
    if form.separator == form.decimal:
        raise CommandError(f'--separator and --decimal are both {shown(form.separator)}: one of them must differ.')
    content = path if path.is_file() else path.read_bytes()  # what comes through a pipe can be read once only
    first = _first_bytes(path, content)
    try:
        problem = _other_file(first, form)
        table = None if problem else _parsed(path, content, form)
    except (CommandError, MemoryError):
        raise
    except UnicodeError:
        problem = _other_encoding(first, form)
    except EmptyDataError:
        problem = 'the file is empty'
    except Exception as error:  # a file of anything can fail in any way, packed ones above all
        problem = str(error)
    if problem:
        raise CommandError(f'{path} cannot be read as CSV: {problem}.')
    return table


def refuse_repeated(path: Path, names: Iterable[Any]) -> None:
    """Refuses a table with two columns of one name, of which pandas makes two names.

    Raises:
        CommandError: If it has.
    """
    names = pd.Series(list(names), dtype=object)
    repeated = names[names.duplicated()].unique().tolist()
    if repeated:
        raise CommandError(f'{path} has several columns of the same name: {repeated}. Give each a name of its own.')


def _parsed(path: Path, content: Path | bytes, form: Form) -> pd.DataFrame:
    names = _fields(content, form, lines=1)
    if len(names) == 1:
        _refuse_one_column(path, content, form, names[0])
    refuse_repeated(path, [name for name in names if name])
    missing = {'keep_default_na': False, 'na_values': ['']} if form.only_empty_missing else {}
    table = pd.read_csv(_opened(content), **form.arguments, **missing)
    if table.empty:
        raise CommandError(f'{path} has no rows below its header.')
    if not isinstance(table.index, pd.RangeIndex):  # pandas takes fields beyond the header for names of rows
        raise CommandError(f'{path} has more fields in its rows than names in its header. Name every column.')
    if _is_garbled(table, form.encoding):
        raise CommandError(f'{path} is text in utf-8, which --encoding {form.encoding} garbles. Leave --encoding out.')
    return table


def _opened(content: Path | bytes) -> Path | io.BytesIO:
    return content if isinstance(content, Path) else io.BytesIO(content)


def _fields(content: Path | bytes, form: Form, lines: int) -> list[str]:
    """The fields of the header; pandas fails if one of so many lines has more."""
    options = {'header': None, 'nrows': lines, 'dtype': str, 'keep_default_na': False}
    return pd.read_csv(_opened(content), **form.arguments, **options).iloc[0].fillna('').tolist()


def _refuse_one_column(path: Path, content: Path | bytes, form: Form, header: str) -> None:
    """Refuses a single column if another separator makes several; without one the table has no more."""
    counts = {}
    for separator in SEPARATORS:
        if separator in header and separator != form.separator:
            try:
                counts[separator] = len(_fields(content, replace(form, separator=separator, decimal='.'), HEAD))
            except ValueError:  # a line has more fields than the header
                continue
    if counts and max(counts.values()) > 1:
        likely = max(counts, key=counts.get)
        raise CommandError(
            f'{path} has a single column if {shown(form.separator)} separates the fields. {shown(likely)} seems right,'
            f' with {counts[likely]} columns: give --separator {shown(likely)}.'
        )


def _is_garbled(table: pd.DataFrame, encoding: str) -> bool:
    """Tells whether text in UTF-8 was read as something else: then all that is beyond ASCII is UTF-8 again."""
    if codecs.lookup(encoding).name.startswith('utf'):
        return False
    columns = [column.dropna().unique() for _, column in table.select_dtypes('object').items()]
    texts = [text for values in (table.columns, *columns) for text in values if isinstance(text, str)]
    beyond = [text for text in texts if not text.isascii()]
    try:
        return bool(beyond) and all(text.encode(encoding).decode() for text in beyond)
    except UnicodeError:
        return False


def _first_bytes(path: Path, content: Path | bytes) -> bytes:
    """The beginning of a file; nothing of one that pandas unpacks."""
    if isinstance(content, bytes):
        return content[:FIRST]
    if path.suffix.lower() in COMPRESSED:
        return b''
    with content.open('rb') as opened:
        return opened.read(FIRST)


def _other_file(first: bytes, form: Form) -> str:
    """Says what a file is that reads as text and is none: pandas ends a field where a NUL is."""
    for mark, problem in OTHER_FILES.items():
        if first.startswith(mark):
            return problem
    is_wide = codecs.lookup(form.encoding).name.startswith(('utf-16', 'utf-32'))  # there half of a comma is a NUL
    return _other_encoding(first, form) if first and is_wide != (b'\0' in first) else ''


def _other_encoding(first: bytes, form: Form) -> str:
    guesses = [name for name in _encodings(first) if name != form.encoding]
    advice = f'{" or ".join(guesses)} seems right: give --encoding {guesses[0]}' if guesses else 'give its --encoding'
    return f'it is not text in {form.encoding}; {advice}'


def _encodings(first: bytes) -> tuple[str, ...]:
    """The encodings that the beginning of a text may be in."""
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ('utf-16',)
    if b'\0' in first:
        return ('utf-16-le',) if first[1:2] == b'\0' else ('utf-16-be',) if first[:1] == b'\0' else ()
    try:
        codecs.getincrementaldecoder('utf-8')().decode(first)
    except UnicodeDecodeError:
        return SINGLE_BYTE
    return ('utf-8',) if first else ()
