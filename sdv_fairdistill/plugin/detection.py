"""Metadata as SDV detects them from rows, and columns that it may have taken for what they are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sdv.metadata import Metadata

from sdv_fairdistill.encoding import LEARNED

__all__ = ['Doubt', 'detect', 'doubts', 'with_sdtype']

ROWS_A_VALUE = 10  # rows, on average, that share each of few values: what names a person is not shared by so many
FEW_LEVELS = 10  # levels that are few in any table, as SDV itself has it
MOSTLY_DISTINCT = 0.5  # share of the rows with a value of their own, above which levels are texts rather than kinds


@dataclass(frozen=True)
class Doubt:
    """A column that SDV may have taken for what it is not.

    Attributes:
        column: Its name.
        holds: What it holds, in words.
        taken_for: What it was taken for, in words.
        instead: The sdtype that it may have in truth.
        is_drawn: Whether its values are drawn word for word; if not, they are invented.
    """

    column: str
    holds: str
    taken_for: str
    instead: str
    is_drawn: bool = False


def detect(name: str, table: pd.DataFrame) -> Metadata:
    """Gives the metadata of one table as SDV detects them.

    Args:
        name: Name of the table.
        table: Its rows.

    Raises:
        InvalidMetadataError: If SDV knows no sdtype for a column.
    """
    return Metadata.detect_from_dataframes({name: table}, infer_keys='primary_only')


def with_sdtype(metadata: Metadata, column: str, sdtype: str) -> Metadata:
    """Gives metadata of one table in which a column has another sdtype, and is no key.

    Args:
        metadata: Those there are.
        column: Name of the column.
        sdtype: One of SDV's.
    """
    described = metadata.to_dict()
    table = next(iter(described['tables'].values()))
    table['columns'][column] = {'sdtype': sdtype}
    if sdtype not in LEARNED and sdtype != 'id':
        table['columns'][column]['pii'] = True
    if table.get('primary_key') == column:
        del table['primary_key']
    return Metadata.load_from_dict(described)


def doubts(table: pd.DataFrame, described: Mapping[str, Any]) -> list[Doubt]:
    """Finds columns that SDV may have taken for what they are not.

    A number, or one of few values, that is taken for personal data or for a key is invented and not learned, such as a
    postcode. Texts that nearly all differ are drawn word for word if they are taken for levels.

    Args:
        table: The rows; columns are named by texts.
        described: SDV's description of the table, as detected: ``{'columns': {name: {'sdtype': …}}, …}``.

    Example:
        >>> table = pd.DataFrame({'state': ['NY', 'CA'] * 50, 'age': range(100)})
        >>> [doubt.column for doubt in doubts(table, detect('people', table).to_dict()['tables']['people'])]
        ['state', 'age']
    """
    key = described.get('primary_key')
    found: list[Doubt] = []
    for name, about in described['columns'].items():
        values = table[name].dropna()
        distinct = values.nunique()
        if name == key or about['sdtype'] not in (*LEARNED, 'id'):
            taken_for = 'the primary key' if name == key else f'personal data ({about["sdtype"]})'
            found += _invented(name, values, distinct, taken_for)
        elif about['sdtype'] in ('categorical', 'id') and distinct > max(FEW_LEVELS, MOSTLY_DISTINCT * len(values)):
            holds = f'{distinct:,} values in {len(values):,} rows'
            found.append(Doubt(name, holds, f'levels ({about["sdtype"]})', 'unknown', is_drawn=True))
    return found


def _invented(name: str, values: pd.Series, distinct: int, taken_for: str) -> list[Doubt]:
    are_few = 0 < distinct * ROWS_A_VALUE <= len(values)
    if pd.api.types.is_numeric_dtype(values.dtype):
        is_code = are_few and bool((values == values.round()).all())
        return [Doubt(name, 'numbers', taken_for, 'categorical' if is_code else 'numerical')]
    if are_few:
        return [Doubt(name, f'only {distinct:,} different values', taken_for, 'categorical')]
    return []
