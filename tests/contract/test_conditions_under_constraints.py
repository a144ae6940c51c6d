"""Conditions on some or all columns of a constraint: all rows asked for, or one error at once."""

from __future__ import annotations

import copy
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sdv.cag import FixedCombinations, FixedIncrements, Inequality, OneHotEncoding, Range
from sdv.sampling import Condition, DataFrameCondition

from sdv_fairdistill.errors import FairDistillError

SIZE = 150
ROWS = 7


def dates(days: np.ndarray) -> pd.Series:
    return pd.Series(pd.Timestamp('1968-01-01') + pd.to_timedelta(days, 'D'))


def numbers(dtype: str, missing: bool = False) -> pd.DataFrame:
    low = np.resize(np.arange(40), SIZE).astype(float)
    table = pd.DataFrame({'low': low, 'middle': low + np.resize([2, 3, 7], SIZE)})
    table['high'] = table['middle'] + np.resize([1, 4, 6, 9], SIZE)
    if missing:
        table.loc[[3, 50], 'middle'] = np.nan
    return table.astype(dtype)


def texts_of(table: pd.DataFrame, form: str) -> pd.DataFrame:
    return table.apply(lambda column: dates(column.to_numpy()).dt.strftime(form))


def moments() -> pd.DataFrame:
    return numbers('int64').apply(lambda column: dates(column.to_numpy()))


PLACES = pd.DataFrame(
    {'land': ['no', 'no', 'se', 'dk'], 'town': ['Oslo', 'Vik', 'Lund', 'Odense'], 'zip': [1, 2, 3, 4]}
)
HOT = pd.DataFrame(np.eye(3, dtype=int), columns=['a', 'b', 'c'])
NUMERIC, DATE, LEVELS = {'sdtype': 'numerical'}, {'sdtype': 'datetime'}, {'sdtype': 'categorical'}
DAY = {'sdtype': 'datetime', 'datetime_format': '%Y-%m-%d'}
INEQUALITY, RANGE = Inequality('low', 'middle'), Range('low', 'middle', 'high')
CASES: dict[str, tuple[Any, pd.DataFrame, dict]] = {
    'inequality, int64': (INEQUALITY, numbers('int64'), NUMERIC),
    'inequality, float64': (INEQUALITY, numbers('float64') / 4, NUMERIC),
    'inequality, Int64': (INEQUALITY, numbers('Int64'), NUMERIC),
    'inequality, a missing value': (INEQUALITY, numbers('float64', missing=True), NUMERIC),
    'inequality, moments': (INEQUALITY, moments(), DATE),
    'inequality, dates as texts': (INEQUALITY, texts_of(numbers('int64'), '%Y-%m-%d'), DAY),
    'inequality, strict': (Inequality('low', 'middle', strict_boundaries=True), numbers('int64'), NUMERIC),
    'range, int64': (RANGE, numbers('int64'), NUMERIC),
    'range, float64': (RANGE, numbers('float64') / 4, NUMERIC),
    'range, moments': (RANGE, moments(), DATE),
    'fixed increments': (FixedIncrements('low', 5), 5 * numbers('int64'), NUMERIC),
    'fixed combinations': (FixedCombinations(['land', 'town', 'zip']), PLACES, LEVELS),
    'one hot': (OneHotEncoding(['a', 'b', 'c']), HOT, NUMERIC),
}
CONSTRAINED = {'inequality': ['low', 'middle'], 'fixed increments': ['low']}
ASKED = [
    pytest.param(name, columns, more, id=f'{name}: {"+".join(columns)}{" and others" if more else ""}')
    for name, (_, values, _) in CASES.items()
    for size in range(1, len(values.columns) + 1)
    for columns in combinations(CONSTRAINED.get(name.split(',')[0], values.columns), size)
    for more in ([{}] if size > 1 else [{}, {'label': 'p', 'sex': 'f'}])
]


@pytest.fixture(scope='module')
def fitted(tiny):
    """Gives the fitted synthesizer and the table of a case; each is fitted once."""
    made: dict[str, Any] = {}

    def get(name: str) -> tuple[Any, pd.DataFrame]:
        if name not in made:
            constraint, values, about = CASES[name]
            values = values.iloc[np.resize(np.arange(len(values)), SIZE)].reset_index(drop=True)
            table = values.assign(sex=np.resize(['f', 'm'], SIZE), label=np.resize(['p', 'q', 'q', 'p', 'q'], SIZE))
            described = {**dict.fromkeys(values, about), 'sex': LEVELS, 'label': LEVELS}
            synthesizer = tiny.make(tiny.metadata(described), sensitive_columns=['sex'], target_column='label')
            synthesizer.add_constraints([copy.deepcopy(constraint)])  # SDV learns into the one that it is given
            synthesizer.fit({'table': table.copy()})
            made[name] = synthesizer, table
        return made[name]

    return get


@pytest.mark.parametrize(('name', 'columns', 'more'), ASKED)
def test_all_rows_asked_for_are_given(fitted, monkeypatch, name, columns, more):
    synthesizer, table = fitted(name)
    wanted = {**table.loc[17, list(columns)].to_dict(), **more}
    draw, calls = synthesizer._sample, []
    monkeypatch.setattr(synthesizer, '_sample', lambda *given: calls.append(given[0]) or draw(*given))

    rows = synthesizer.sample_from_conditions([Condition(wanted, num_rows=ROWS)])['table']

    assert len(rows) == ROWS
    for column, value in wanted.items():
        assert (rows[column] == value).all(), column
    pd.testing.assert_series_equal(rows.dtypes, table.dtypes)
    synthesizer.validate_constraints(rows)
    assert calls[-1] == ROWS  # one draw of what is wanted, after one of rows to learn from, and none thrown away
    assert len(calls) <= 2


@pytest.mark.parametrize('name', CASES)
def test_known_rows_that_differ_are_completed_in_one_go(fitted, monkeypatch, name):
    synthesizer, table = fitted(name)
    known = table[[table.columns[0], 'sex']].iloc[5:65]
    draw, calls = synthesizer._sample, []
    monkeypatch.setattr(synthesizer, '_sample', lambda *given: calls.append(given[0]) or draw(*given))

    rows = synthesizer.sample_remaining_columns(known)['table']

    pd.testing.assert_frame_equal(rows[known.columns], known)
    synthesizer.validate_constraints(rows)
    assert calls[-1] == len(known)
    assert len(calls) <= 2


@pytest.mark.parametrize('column', ['low', 'middle'])
def test_rows_vary_under_a_condition_on_one_of_two(fitted, column):
    synthesizer, _ = fitted('inequality, int64')
    other = 'middle' if column == 'low' else 'low'

    rows = synthesizer.sample_from_conditions([Condition({column: 20}, num_rows=100)])['table']

    # The differences are 2, 3 and 7, drawn by a network that has hardly learned.
    assert rows[other].nunique() > 2
    assert (rows['middle'] - rows['low']).between(0, 7).all()


IMPOSSIBLE = {
    'above all': ('inequality, int64', {'middle': -1}),
    'no room left': ('range, int64', {'low': 5, 'high': 5_000}),
    'too low for the others': ('range, int64', {'high': 0}),
    'broken': ('inequality, int64', {'low': 20, 'middle': 10}),
    'two are hot': ('one hot', {'a': 1, 'b': 1}),
    'none is hot': ('one hot', {'a': 0, 'b': 0, 'c': 0}),
    'no such town there': ('fixed combinations', {'land': 'se', 'town': 'Oslo'}),
    'no such land': ('fixed combinations', {'land': 'fi'}),
    'no increment': ('fixed increments', {'low': 7}),
}


@pytest.mark.parametrize(('name', 'condition'), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_is_impossible_fails_at_once(fitted, monkeypatch, name, condition):
    synthesizer, _ = fitted(name)
    draw, calls = synthesizer._sample, []
    monkeypatch.setattr(synthesizer, '_sample', lambda *given: calls.append(given) or draw(*given))

    with pytest.raises(Exception, match=r'Unable to sample any rows|Sampling terminated') as raised:
        synthesizer.sample_from_conditions([Condition(condition, num_rows=5)])

    reasons = f'{raised.value} {raised.value.__cause__}'
    assert 'the constraint on' in reasons or 'not valid for the given constraints' in reasons
    assert all(given[1:] in ((), (None,)) for given in calls)  # rows to learn from at most, none under the condition


def test_one_impossible_row_among_others_is_named(fitted):
    synthesizer, _ = fitted('inequality, int64')
    frame = pd.DataFrame({'middle': [10, 20, -7]})

    with pytest.raises(FairDistillError, match=r"none of .* can be given \{'middle': -7\}"):
        synthesizer.sample_from_conditions([DataFrameCondition(frame)])


def test_a_constraint_that_throws_rows_away_is_asked_first(tiny):
    values = numbers('int64')
    table = values.assign(sex=np.resize(['f', 'm'], SIZE), label=np.resize(['p', 'q', 'q', 'p', 'q'], SIZE))
    described = {**dict.fromkeys(values, NUMERIC), 'sex': LEVELS, 'label': LEVELS}
    synthesizer = tiny.make(tiny.metadata(described), sensitive_columns=['sex'], target_column='label')
    synthesizer.add_constraints(
        [Inequality('low', 'middle'), Inequality('middle', 'high')]
    )  # the second shares a column
    synthesizer.fit({'table': table})

    rows = synthesizer.sample_from_conditions([Condition({'middle': 20}, num_rows=ROWS)])['table']

    assert len(rows) == ROWS
    assert ((rows['low'] <= 20) & (rows['middle'] == 20) & (rows['high'] >= 20)).all()
    with pytest.raises(Exception, match='Sampling terminated'):
        synthesizer.sample_from_conditions([Condition({'middle': 20, 'high': 10}, num_rows=ROWS)])
