"""The rows to learn of a table that does not fit into memory: a uniform sample, and rows with what the sample lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sdv_fairdistill.table.dates import read_dates
from sdv_fairdistill.table.numbers import is_narrow

__all__ = ['Kinds', 'RowGroup', 'gather', 'lacking']


@dataclass(frozen=True)
class RowGroup:
    """The part of a Parquet file that is read at once.

    Attributes:
        file: The file.
        number: Its place in the file.
        rows: Number of rows.
    """

    file: Path
    number: int
    rows: int

    def read(self) -> pd.DataFrame:
        """Gives the rows, typed as ``pandas.read_parquet`` types them."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.file) as opened:
            return opened.read_row_group(self.number).to_pandas()


@dataclass(frozen=True)
class Kinds:
    """Columns whose rare values a sample may lack.

    Attributes:
        levels: Columns of levels.
        numbers: Numeric columns.
        dates: Columns of dates, with their format; None if it is not given.
    """

    levels: tuple[str, ...]
    numbers: tuple[str, ...]
    dates: tuple[tuple[str, str | None], ...]

    @classmethod
    def of(cls, columns: Mapping[str, Mapping[str, Any]]) -> Kinds:
        """Reads them from the columns of SDV's metadata; their names become texts."""
        columns = {str(name): about for name, about in columns.items()}
        sdtypes = {name: about['sdtype'] for name, about in columns.items()}
        return cls(
            tuple(name for name, sdtype in sdtypes.items() if sdtype in ('categorical', 'boolean', 'ordinal')),
            tuple(name for name, sdtype in sdtypes.items() if sdtype == 'numerical'),
            tuple((name, columns[name].get('datetime_format')) for name in sdtypes if sdtypes[name] == 'datetime'),
        )

    def ordered(self, rows: pd.DataFrame) -> dict[str, pd.Series]:
        """Gives the columns that have a smallest and a largest value, as numbers and dates; others are missing."""
        numbers = {name: pd.to_numeric(rows[name], errors='coerce') for name in self.numbers}
        dates = {name: read_dates(rows[name], form, coerce=True) for name, form in self.dates}
        return numbers | dates


def gather(
    part: RowGroup | pd.DataFrame, first: int, picked: np.ndarray, kinds: Kinds
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Takes the rows to learn out of one part of the table.

    Args:
        part: Where the rows are.
        first: Number of its first row in the whole table.
        picked: Numbers in the whole table of the rows that belong to the sample.
        kinds: Columns of which nothing may be lacking.

    Returns:
        The rows of the sample, and those of :func:`lacking`; the index has their numbers in the whole table.
    """
    rows = part.read() if isinstance(part, RowGroup) else part.rename(columns=str)
    texts = rows.select_dtypes('string').columns  # Dask's own type; SDV knows texts as objects
    rows = rows.astype(dict.fromkeys(texts, object)).set_axis(pd.RangeIndex(first, first + len(rows)))
    sample = rows.loc[picked]
    return sample, lacking(rows, sample, kinds)


def lacking(rows: pd.DataFrame, sample: pd.DataFrame, kinds: Kinds) -> pd.DataFrame:
    """Gives rows with what a sample lacks: each level, each smallest and largest value, and a missing value.

    Args:
        rows: Where to look; of several rows that would do the first is taken.
        sample: What is there already, with the same columns.
        kinds: Columns of which nothing may be lacking.
    """
    places: set[int] = set()
    for name in kinds.levels:
        column, known = (_comparable(part[name]) for part in (rows, sample))
        firsts = column.drop_duplicates()
        places.update(firsts.index[~firsts.isin(known)])
    there = kinds.ordered(sample)
    for name, values in kinds.ordered(rows).items():
        known = there[name].dropna()
        if values.notna().any():
            lowest, highest = values.idxmin(), values.idxmax()
            places.update([lowest] if known.empty or values[lowest] < known.min() else [])
            places.update([highest] if known.empty or values[highest] > known.max() else [])
        missing = rows.index[rows[name].isna()]
        if len(missing) and not sample[name].isna().any():
            places.add(missing[0])
    return rows.loc[sorted(places)]


def _comparable(column: pd.Series) -> pd.Series:
    """Gives floats of 16 bits and Arrow's dictionaries, which pandas does not compare, as objects."""
    is_dictionary = isinstance(column.dtype, pd.ArrowDtype) and str(column.dtype).startswith('dictionary')
    return column.astype(object) if is_dictionary or is_narrow(column.dtype) else column
