"""Conditions: met by one draw instead of many that are thrown away, and refused at once if they cannot be met."""

from __future__ import annotations

import re
import time
import warnings

import numpy as np
import pandas as pd
import pytest
from sdv.errors import NotFittedError, SamplingError
from sdv.sampling import Condition, DataFrameCondition

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.plugin.versions import TAKES_FRAMES

MET = {
    'sensitive': {'sex': 'female'},
    'target': {'income': 'high'},
    'category': {'town': 'Vik'},
    'rare category': {'town': 'Ås'},
    'ordinal': {'grade': 'top'},
    'boolean': {'owner': True},
    'boolean, false': {'owner': False},
    'integer': {'age': 40},
    'integer as a float': {'age': 40.0},
    'float': {'wealth': 12.34},
    'date with a format': {'joined': '01.02.1970'},
    'date': {'seen': pd.Timestamp('1966-01-02 03:04:05')},
    'id that is no key': {'badge': 'b2'},
    'personal data': {'name': 'Somebody Else'},
    'unknown sdtype': {'note': 'noted'},
    'missing category': {'town': None},
    'missing boolean': {'owner': np.nan},
    'missing number': {'wealth': np.nan},
    'missing date': {'joined': None},
    'sensitive and target': {'sex': 'female', 'income': 'high'},
    'personal and sensitive': {'name': 'Somebody Else', 'sex': 'male'},
    'rare corner': {'sex': 'female', 'income': 'high', 'town': 'Ås', 'grade': 'top', 'owner': True, 'age': 33},
    'missing corner': {'town': None, 'owner': None, 'wealth': None, 'joined': None, 'sex': 'male'},
}
REFUSED = {
    'sensitive': ({'sex': 'other'}, "sex='other', but the data has 'male', 'female'"),
    'target': ({'income': 'middling'}, "income='middling', but the data has"),
    'category': ({'town': 'Nowhere'}, "town='Nowhere', but the data has 'Ostby', 'Vik', 'Ås'"),
    'ordinal': ({'grade': 'best'}, "grade='best', but the data has 'low', 'middle', 'top'"),
    'boolean': ({'owner': 'yes'}, "owner='yes', but the data has"),
    'id': ({'badge': 'b9'}, "badge='b9', but the data has"),
    'integer out of range': ({'age': 17}, 'age=17, but the nearest value known from the data is 18'),
    'half an integer': ({'age': 40.5}, 'age=40.5, but the nearest'),
    'integer as text': ({'age': '40'}, "age='40', but the nearest"),
    'no number': ({'age': 'old'}, 'could not convert'),
    'float out of range': ({'wealth': 1e9}, 'wealth=1000000000.0, but the nearest'),
    'date out of range': ({'joined': '01.01.2090'}, "joined='01.01.2090', but the nearest"),
    'no date': ({'joined': 'yesterday'}, 'does not match specified datetime format'),
    'missing, never seen': ({'sex': None}, "sex=None, but the data has 'male', 'female'"),
    'missing number, never seen': ({'age': np.nan}, 'age=nan, but the nearest'),
    'one of two': ({'sex': 'male', 'town': 'Nowhere'}, "town='Nowhere'"),
}


def meets(rows: pd.DataFrame, condition: dict) -> bool:
    """Whether every row has the wanted values."""
    wanted = (rows[name].isna() if pd.isna(value) else rows[name] == value for name, value in condition.items())
    return all(part.all() for part in wanted)


@pytest.mark.parametrize('condition', MET.values(), ids=MET)
def test_a_condition_is_met_by_one_draw(fitted, people, calls, condition):
    rows = fitted.sample_from_conditions([Condition(condition, num_rows=9)])['table']

    assert calls == [9]
    assert len(rows) == 9
    assert meets(rows, condition)
    assert type(rows.index) is pd.RangeIndex
    pd.testing.assert_index_equal(rows.columns, people.columns)
    pd.testing.assert_series_equal(rows.dtypes, people.dtypes)


@pytest.mark.parametrize(('condition', 'message'), REFUSED.values(), ids=REFUSED)
def test_a_condition_that_cannot_be_met_is_one_clear_error(fitted, calls, condition, message):
    begin = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        with pytest.raises(FairDistillError, match=re.escape(message)) as raised:
            fitted.sample_from_conditions([Condition(condition, num_rows=100)])

    assert time.process_time() - begin < 1
    assert calls == []
    assert str(raised.value).startswith('Unable to sample any rows for the given conditions: ')
    assert 'Condition on values' in str(raised.value)


def test_rows_vary_under_a_condition(fitted):
    rows = fitted.sample_from_conditions([Condition({'sex': 'female'}, num_rows=300)])['table']

    assert set(rows['income']) == {'high', 'low'}
    assert rows['age'].nunique() > 20
    assert rows[['age', 'wealth', 'town', 'seen']].duplicated().mean() < 0.05


def test_several_conditions_come_in_order(fitted, calls):
    frame = pd.DataFrame({'sex': ['male', 'female'], 'age': [30, 50]})
    conditions = [Condition({'town': 'Vik'}, num_rows=3), Condition({'town': 'Ostby'}, num_rows=2)]
    rows = fitted.sample_from_conditions([*conditions, DataFrameCondition(frame)])['table']

    assert calls == [5, 2]
    assert rows['town'][:5].tolist() == ['Vik'] * 3 + ['Ostby'] * 2
    pd.testing.assert_frame_equal(rows[['sex', 'age']][5:].reset_index(drop=True), frame)


@pytest.mark.skipif(TAKES_FRAMES, reason='SDV 1 writes to a file, not to a folder')
def test_rows_of_several_conditions_are_written_below_each_other(fitted, tmp_path):
    conditions = [Condition({'sex': 'male'}, num_rows=3), Condition({'town': 'Vik'}, num_rows=2)]
    rows = fitted.sample_from_conditions(conditions, output_folder_path=str(tmp_path))['table']

    assert len(rows) == 5
    assert pd.read_csv(tmp_path / 'table.csv')['person'].tolist() == rows['person'].tolist()


@pytest.mark.skipif(TAKES_FRAMES, reason='SDV 1 writes to a file, not to a folder')
def test_conditions_are_drawn_in_batches_and_written(fitted, calls, tmp_path):
    rows = fitted.sample_from_conditions(
        [Condition({'sex': 'male'}, num_rows=20)], batch_size=5, output_folder_path=str(tmp_path)
    )['table']

    assert calls == [5, 5, 5, 5]
    assert pd.read_csv(tmp_path / 'table.csv')['person'].tolist() == rows['person'].tolist()


def test_conditions_respect_the_dial_and_can_be_drawn_at_0(fitted):
    fitted.set_fairness(dial=0)
    try:
        rows = fitted.sample_from_conditions([Condition({'income': 'high', 'town': 'Vik'}, num_rows=30)])['table']
    finally:
        fitted.set_fairness(dial=1)

    assert meets(rows, {'income': 'high', 'town': 'Vik'})


@pytest.mark.parametrize(
    'columns',
    [
        ['sex'],
        ['income'],
        ['sex', 'town'],
        ['owner', 'grade'],
        ['age'],
        ['wealth'],
        ['joined'],
        ['seen'],
        ['name'],
        ['note', 'badge'],
        ['sex', 'age', 'wealth', 'town', 'joined', 'income'],
    ],
    ids=', '.join,
)
def test_remaining_columns_keep_the_known_ones(fitted, people, calls, columns):
    known = people[columns].head(12)
    rows = fitted.sample_remaining_columns(known)['table']

    pd.testing.assert_frame_equal(rows[columns], known)
    pd.testing.assert_index_equal(rows.columns, people.columns)
    assert calls == [12]
    assert sum(calls) == len(known)


def test_all_columns_can_be_known(fitted, people):
    known = people.drop(columns='person').head(4)

    pd.testing.assert_frame_equal(fitted.sample_remaining_columns(known)['table'].drop(columns='person'), known)


def test_remaining_columns_keep_the_index_as_elsewhere(fitted, ctgan, people):
    known = people[['sex']].head(4).set_axis([7, 3, 9, 1])
    rows, theirs = (synthesizer.sample_remaining_columns(known)['table'] for synthesizer in (fitted, ctgan))

    pd.testing.assert_frame_equal(rows[['sex']], theirs[['sex']])
    pd.testing.assert_frame_equal(rows[['sex']], known.sort_index())


@pytest.mark.parametrize(
    ('column', 'message'),
    [('nothing', "Unexpected column name 'nothing'"), ('person', 'Cannot conditionally sample.*primary key')],
)
def test_columns_that_take_no_condition_are_refused_as_elsewhere(fitted, ctgan, column, message):
    for synthesizer in (fitted, ctgan):
        with pytest.raises(ValueError, match=message):
            synthesizer.sample_from_conditions([Condition({column: 1})])
        with pytest.raises(ValueError, match=message):
            synthesizer.sample_remaining_columns(pd.DataFrame({column: [1]}))


@pytest.mark.parametrize(('rows', 'columns'), [(0, ['sex']), (3, [])])
def test_that_nothing_is_known_is_said(fitted, people, rows, columns):
    known = people.loc[:, columns].head(rows)
    with pytest.raises(FairDistillError, match=f'{rows} rows of {len(columns)} columns are known.*at least one'):
        fitted.sample_remaining_columns(known)


def test_conditions_need_a_fit(tiny):
    with pytest.raises(SamplingError, match='has not been fitted'):
        tiny.people().sample_from_conditions([Condition({'sex': 'male'})])
    with pytest.raises(NotFittedError):
        tiny.people().sample_remaining_columns(pd.DataFrame({'sex': ['male']}))


def test_a_stray_not_implemented_error_is_not_met_by_rejection(fitted, calls, monkeypatch):
    def refuse(*_):
        raise NotImplementedError('no such operation')

    monkeypatch.setattr(fitted._model, 'sample', refuse)
    with pytest.raises(FairDistillError) as raised:
        fitted.sample_from_conditions([Condition({'sex': 'male'}, num_rows=4)])
    assert 'no such operation' in str(raised.value.__cause__)
    assert calls == [4]


def test_unseen_combinations_of_sensitive_values_can_be_drawn(tiny):
    table = pd.DataFrame(
        {'sex': ['f', 'f', 'm'] * 20, 'race': ['a', 'b', 'a'] * 20, 'y': ['p', 'q', 'q', 'p', 'p', 'q'] * 10}
    )
    columns = {name: {'sdtype': 'categorical'} for name in table}
    synthesizer = tiny.fit(table, columns, sensitive_columns=['sex', 'race'], target_column='y')
    condition = {'sex': 'm', 'race': 'b', 'y': 'p'}

    assert meets(synthesizer.sample_from_conditions([Condition(condition, num_rows=6)])['table'], condition)


def test_a_numeric_target_takes_conditions(tiny, people):
    names = ['sex', 'age', 'wealth', 'town']
    columns = {name: tiny.columns[name] for name in names}
    synthesizer = tiny.fit(people[names].copy(), columns, sensitive_columns=['age'], target_column='wealth')

    for condition in ({'wealth': 20.25}, {'wealth': None, 'age': 30}, {'age': 44, 'town': None}):
        assert meets(synthesizer.sample_from_conditions([Condition(condition, num_rows=5)])['table'], condition)
