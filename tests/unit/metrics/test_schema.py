"""A table is read the same way whatever pandas made of its columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sdv_fairdistill.metrics import Schema, keys_of

METADATA = {
    'primary_key': 'row',
    'alternate_keys': ['mail'],
    'columns': {
        'row': {'sdtype': 'id'},
        'mail': {'sdtype': 'categorical'},
        'name': {'sdtype': 'name', 'pii': True},
        'age': {'sdtype': 'numerical'},
        'born': {'sdtype': 'datetime', 'datetime_format': '%d.%m.%Y'},
        'seen': {'sdtype': 'datetime'},
        'owner': {'sdtype': 'boolean'},
        'grade': {'sdtype': 'ordinal'},
        'town': {'sdtype': 'categorical'},
    },
}


def test_keys_and_personal_data_describe_no_row():
    schema = Schema.of(METADATA)
    assert schema.columns == ('age', 'born', 'seen', 'owner', 'grade', 'town')
    assert schema.quantities == {'age', 'born', 'seen'}


@pytest.mark.parametrize(
    ('metadata', 'expected'),
    [({}, set()), ({'primary_key': ['a', 'b']}, {'a', 'b'}), ({'primary_key': 1, 'alternate_keys': ['c']}, {'1', 'c'})],
)
def test_keys_of_any_form(metadata, expected):
    assert keys_of(metadata) == expected


def test_dates_are_seconds_and_what_cannot_be_read_is_missing():
    table = pd.DataFrame(
        {
            'age': ['31', 'old'],
            'born': ['02.01.1970', '1970-01-02'],
            'seen': pd.to_datetime(['1970-01-01 00:01', None]),
            'owner': [True, None],
            'grade': [1, 2],
            'town': pd.Categorical(['Vik', None]),
            5: [0, 0],
        }
    )
    read = Schema.of(METADATA).read(table)
    assert read['age'].tolist()[0] == 31
    assert read['born'].tolist()[0] == 86_400
    assert read['seen'].tolist()[0] == 60
    assert read[['age', 'born', 'seen']].iloc[1].isna().all()
    assert list(read.columns) == list(Schema.of(METADATA).columns)


def test_dates_with_and_without_a_zone():
    schema = Schema((), (('seen', None),), ())
    zoned = pd.DataFrame({'seen': pd.to_datetime(['1970-01-01 01:00']).tz_localize('Europe/Paris')})
    assert schema.read(zoned)['seen'].tolist() == [0]


def test_infinity_is_no_number():
    assert Schema(('x',), (), ()).read(pd.DataFrame({'x': [np.inf, 1.0]}))['x'].isna().tolist() == [True, False]
