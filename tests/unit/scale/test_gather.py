"""The rows that a sample lacks, against a plain look at every value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdv_fairdistill.scale.gather import Kinds, RowGroup, gather, lacking

KINDS = Kinds(('town',), ('age',), (('seen', '%d.%m.%Y'),))
DAYS = ['31.01.1999', '02.02.1960', '01.03.2024']
ROWS = st.lists(
    st.tuples(
        st.sampled_from(['a', 'b', 'c', None]), st.sampled_from([1.5, -7, 30, None]), st.sampled_from([*DAYS, None])
    ),
    min_size=1,
    max_size=30,
)


def table(rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=['town', 'age', 'seen']).astype({'age': float})


@given(ROWS, st.data())
def test_with_them_nothing_is_lacking(rows, data):
    rows = table(rows)
    sample = rows.loc[sorted(data.draw(st.sets(st.sampled_from(list(rows.index)))))]
    more = lacking(rows, sample, KINDS)
    both = pd.concat([sample, more])

    assert not set(more.index) & set(sample.index)
    assert len(more) <= 4 + 3 + 3
    assert set(both['town'].dropna()) == set(rows['town'].dropna())
    assert [both[name].isna().any() for name in both] == [rows[name].isna().any() for name in rows]
    assert both['age'].agg(['min', 'max']).equals(rows['age'].agg(['min', 'max']))
    dates = [pd.to_datetime(each['seen'], format='%d.%m.%Y').agg(['min', 'max']) for each in (both, rows)]
    assert dates[0].equals(dates[1])
    assert lacking(rows, both, KINDS).empty


def test_a_sample_that_lacks_nothing_is_left_alone():
    rows = table([('a', 1, DAYS[0]), ('b', 2, DAYS[1]), ('a', 1, DAYS[0]), ('b', 2, DAYS[1])])
    assert lacking(rows, rows.head(2), KINDS).empty
    assert lacking(rows, rows.head(1), KINDS).index.tolist() == [1]


def test_rows_have_their_numbers_in_the_whole_table(tmp_path):
    rows = table([('a', 1, None), ('a', 2, None), ('b', 3, None), ('a', 2, None)])
    rows.to_parquet(tmp_path / 'rows.parquet', row_group_size=2)
    sample, more = gather(RowGroup(tmp_path / 'rows.parquet', 1, 2), 102, np.array([103]), KINDS)

    assert sample.index.tolist() == [103]
    assert more.index.tolist() == [102]
    assert sample['age'].tolist() == [2]


@pytest.mark.parametrize('sdtype', ['categorical', 'boolean', 'ordinal'])
def test_kinds_are_read_from_metadata(sdtype):
    kinds = Kinds.of(
        {
            'key': {'sdtype': 'id'},
            'x': {'sdtype': sdtype},
            'age': {'sdtype': 'numerical'},
            'seen': {'sdtype': 'datetime', 'datetime_format': '%Y'},
            'mail': {'sdtype': 'email', 'pii': True},
        }
    )
    assert kinds == Kinds(('x',), ('age',), (('seen', '%Y'),))
