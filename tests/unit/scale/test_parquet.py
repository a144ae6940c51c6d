"""Parquet files whose columns have the same types in every file."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.scale.parquet import agree, rows_in, write

DATES = pd.date_range('2020-01-01', periods=2, tz='Europe/Oslo')


def objects(*values):
    return pd.Series(values, dtype=object)


@pytest.mark.parametrize(
    ('one', 'other', 'expected'),
    [
        (pd.Series([1, 2]), pd.Series([3, 4]), 'int64'),
        (pd.Series([1, None], dtype='Int64'), pd.Series([3, 4], dtype='Int64'), 'Int64'),
        (pd.Series([1.0, np.nan]), pd.Series([3.0, 4.0]), 'float64'),
        (pd.Series([1.0, np.nan]), pd.Series([3, 4]), 'float64'),
        (objects(1, None), objects(3, 4), 'Int64'),
        (objects(True, None), objects(None, None), 'boolean'),
        (objects(None, None), objects(True, False), 'boolean'),
        (objects('a', None), objects(None, None), 'object'),
        (objects(None, None), objects(None, None), 'object'),
        (objects(Decimal('1.5'), None), objects(Decimal('100.25'), None), 'object'),
        (pd.Series(DATES), pd.Series([DATES[0], None]), 'datetime64[ns, Europe/Oslo]'),
        (pd.Series(['a', 'b'], dtype='category'), pd.Series(['b', 'b'], dtype=pd.CategoricalDtype(['a', 'b'])),
         'category'),
    ],
)  # fmt: skip
def test_a_column_has_one_type_in_all_files(tmp_path, one, other, expected):
    files = [tmp_path / 'part-0.parquet', tmp_path / 'part-1.parquet']
    for file, column in zip(files, (one, other), strict=True):
        write(pd.DataFrame({'x': column, 'y': [1, 2]}), file)
    agree(files)

    assert pq.read_schema(files[0]) == pq.read_schema(files[1])
    assert [str(pd.read_parquet(file)['x'].dtype) for file in (*files, tmp_path)] == [expected] * 3
    read = pd.read_parquet(tmp_path)['x'].astype(object)
    given = pd.concat([one, other]).astype(object)
    assert read.isna().tolist() == given.isna().tolist()
    assert read.dropna().tolist() == given.dropna().tolist()


def test_files_that_agree_are_not_written_again(tmp_path):
    files = [tmp_path / 'part-0.parquet', tmp_path / 'part-1.parquet']
    for file in files:
        write(pd.DataFrame({'x': [1, 2]}), file)
    before = [file.stat().st_mtime_ns for file in files]
    agree(files)

    assert [file.stat().st_mtime_ns for file in files] == before


def test_values_of_several_types_are_refused_and_leave_nothing(tmp_path):
    with pytest.raises(FairDistillError, match=r'(?s)cannot be written as Parquet.*level.*one type before fitting'):
        write(pd.DataFrame({'level': objects(7, 'seven')}), tmp_path / 'part.parquet')
    assert list(tmp_path.iterdir()) == []


def test_rows_are_counted_only_in_whole_files(tmp_path):
    file = tmp_path / 'part.parquet'
    assert rows_in(file) is None
    write(pd.DataFrame({'x': range(7)}), file)
    assert rows_in(file) == 7
    file.write_bytes(file.read_bytes()[:-9])
    assert rows_in(file) is None
