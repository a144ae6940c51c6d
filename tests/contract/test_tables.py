"""Tables of every shape and type: rows come out with the columns, types and values that went in."""

from __future__ import annotations

import warnings
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sdv.data_processing.data_processor import DataProcessor
from sdv.errors import InvalidDataError
from sdv.metadata import Metadata
from sdv.sampling import Condition
from sdv.single_table import CTGANSynthesizer

from sdv_fairdistill.errors import FairDistillError

CATEGORY, NUMBER, FLAG = {'sdtype': 'categorical'}, {'sdtype': 'numerical'}, {'sdtype': 'boolean'}
DATE, ID = {'sdtype': 'datetime'}, {'sdtype': 'id'}
COLUMNS = {'sex': CATEGORY, 'x': NUMBER, 'y': CATEGORY}
BOTH = {'sensitive_columns': ['sex'], 'target_column': 'y'}
DAYS = pd.date_range('1966-05-01', periods=60, freq='37h')


class Case(NamedTuple):
    """A table, its columns and the roles in it."""

    table: pd.DataFrame
    columns: dict[Any, dict] = COLUMNS
    roles: dict[str, Any] = BOTH
    primary_key: str | None = None


def base(rows: int = 60, **columns: Any) -> pd.DataFrame:
    """A sensitive column, a number, a label, and what a case replaces or adds."""
    numbers = np.random.default_rng(3).normal(size=rows).round(3)
    table = pd.DataFrame({'sex': np.resize(['f', 'm'], rows), 'x': numbers, 'y': np.resize(['p', 'q', 'q'], rows)})
    return table.assign(**columns)


def holes(rows: int = 60, **columns: Any) -> pd.DataFrame:
    """The same with missing values in every column."""
    table = base(rows, **columns)
    for place, name in enumerate(table):
        table[name] = table[name].mask(np.arange(rows) % 5 == place % 5)
    return table


def cycle(*values: Any, dtype: Any = None) -> pd.Series:
    """Sixty rows of values that repeat."""
    return pd.Series([values[row % len(values)] for row in range(60)], dtype=dtype)


PLAIN = {
    'one row': Case(base(1), roles={}),
    'two rows': Case(base(2), roles={}),
    'one number': Case(base()[['x']], {'x': NUMBER}, {}),
    'one category': Case(base()[['y']], {'y': CATEGORY}, {}),
    'one constant': Case(pd.DataFrame({'x': ['same'] * 60}), {'x': CATEGORY}, {}),
    'one missing column': Case(pd.DataFrame({'x': [np.nan] * 60}), {'x': NUMBER}, {}),
    'a key alone': Case(pd.DataFrame({'k': range(60)}), {'k': ID}, {}, 'k'),
    'personal data alone': Case(pd.DataFrame({'n': ['A B'] * 60}), {'n': {'sdtype': 'name', 'pii': True}}, {}),
}
SHAPES = {
    'two rows': Case(base(2)),
    'three rows': Case(base(3)),
    'nine rows': Case(base(9)),
    'sensitive and target only': Case(base()[['sex', 'y']], {'sex': CATEGORY, 'y': CATEGORY}),
    'sensitive only': Case(base()[['sex']], {'sex': CATEGORY}, {'sensitive_columns': ['sex']}),
    'target only': Case(base()[['y']], {'y': CATEGORY}, {'target_column': 'y'}),
    'key and sensitive': Case(base(k=range(60))[['k', 'sex']], {'k': ID, 'sex': CATEGORY},
                              {'sensitive_columns': ['sex']}, 'k'),
    'duplicate rows': Case(pd.concat([base(2)] * 30, ignore_index=True)),
    'constant column': Case(base(x=4.5)),
    'label equals the sensitive column': Case(base(y=np.resize(['f', 'm'], 60))),
    'index of text': Case(base().set_axis([f'row {row}' for row in range(60)])),
    'repeated index': Case(base().set_axis([0] * 60)),
    'odd names': Case(base().set_axis(['a.b', 'value#', 'y y'], axis=1),
                      {'a.b': CATEGORY, 'value#': NUMBER, 'y y': CATEGORY},
                      {'sensitive_columns': ['a.b'], 'target_column': 'y y'}),
    'integer names': Case(base().set_axis([0, 1, 2], axis=1), {0: CATEGORY, 1: NUMBER, 2: CATEGORY},
                          {'sensitive_columns': [0], 'target_column': 2}),
    'integer and text names': Case(base().set_axis([0, 'x', 2], axis=1), {0: CATEGORY, 'x': NUMBER, 2: CATEGORY},
                                   {'sensitive_columns': ['0'], 'target_column': '2'}),
}  # fmt: skip
TYPES = {
    'missing everywhere': Case(holes()),
    'missing flags and dates': Case(holes(b=cycle(True, False, dtype=object), d=DAYS),
                                    {**COLUMNS, 'b': FLAG, 'd': DATE}),
    'all missing number': Case(base(x=np.nan)),
    'all missing number of objects': Case(base(x=pd.Series([None] * 60, dtype=object))),
    'all missing category': Case(base(x=pd.Series([None] * 60, dtype=object)), {**COLUMNS, 'x': CATEGORY}),
    'all missing date': Case(base(x=pd.Series([pd.NaT] * 60)), {**COLUMNS, 'x': DATE}),
    'category dtype': Case(base().astype({'sex': 'category', 'y': 'category'})),
    'category dtype with missing': Case(holes().astype({'sex': 'category', 'y': 'category'})),
    'nullable dtypes': Case(
        holes(i=cycle(1, 2, None, dtype='Int64'), f=cycle(1.5, 2.5, None, dtype='Float64'),
              b=cycle(True, False, None, dtype='boolean'), s=cycle('u', None, dtype='string'),
              k=cycle(1, 2, 3, dtype='Int8')).convert_dtypes(),
        {**COLUMNS, 'i': NUMBER, 'f': NUMBER, 'b': FLAG, 's': CATEGORY, 'k': NUMBER}),
    'booleans': Case(base(sex=cycle(True, False), y=cycle(True, False, False)), {'sex': FLAG, 'x': NUMBER, 'y': FLAG},
                     {**BOTH, 'favorable_value': True}),
    'booleans as categories': Case(base(sex=cycle(True, False), y=cycle(1, 0, 0))),
    'small integers': Case(base(x=cycle(*range(7), dtype='int8'))),
    'huge integers': Case(base(x=np.random.default_rng(0).integers(-2**62, 2**62, 60))),
    'dates': Case(base(x=DAYS), {**COLUMNS, 'x': DATE}),
    'dates with a format': Case(base(x=DAYS.strftime('%Y/%m/%d')),
                                {**COLUMNS, 'x': {**DATE, 'datetime_format': '%Y/%m/%d'}}),
    'numbers as objects': Case(base(x=cycle(7, 12, None, dtype=object))),
    'missing dates with a zone': Case(base(x=DAYS.tz_localize('Asia/Tokyo')).pipe(
        lambda table: table.assign(x=table['x'].mask(table.index > 3))), {**COLUMNS, 'x': DATE}),
    'all missing dates with a zone': Case(base(x=pd.Series([pd.NaT] * 60, dtype='datetime64[ns, UTC]')),
                                          {**COLUMNS, 'x': DATE}),
    'dates with a zone': Case(base(x=DAYS.tz_localize('Europe/Oslo')), {**COLUMNS, 'x': DATE}),
    'mixed levels': Case(base(x=cycle(7, '7', None, 'ü', '', ' ', dtype=object)), {**COLUMNS, 'x': CATEGORY}),
    'a level a row': Case(base(x=[f'level {row}' for row in range(60)]), {**COLUMNS, 'x': CATEGORY}),
    'numeric key': Case(base(k=range(60)), {**COLUMNS, 'k': ID}, BOTH, 'k'),
    'key by a pattern': Case(base(k=[f'a{row:03}' for row in range(60)]),
                             {**COLUMNS, 'k': {**ID, 'regex_format': 'a[0-9]{3}'}}, BOTH, 'k'),
    'ids that are no key': Case(base(k=range(60), few=cycle('b1', 'b2')), {**COLUMNS, 'k': ID, 'few': ID}),
    'unknown': Case(base(k=range(60), note=cycle('u', 'v')),
                    {**COLUMNS, 'k': {'sdtype': 'unknown'}, 'note': {'sdtype': 'unknown'}}),
    'personal data': Case(base(mail='a@b.c', town=cycle('Ås', 'Vik')),
                          {**COLUMNS, 'mail': {'sdtype': 'email', 'pii': True},
                           'town': {'sdtype': 'city', 'pii': False}}),
}  # fmt: skip
ROLES = {
    'three classes': Case(base(y=cycle('p', 'q', 'r'))),
    'numeric target of two values': Case(base(y=cycle(1, 0, 0)), {**COLUMNS, 'y': NUMBER},
                                         {**BOTH, 'favorable_value': 1}),
    'numeric target of many values': Case(base(), roles={'sensitive_columns': ['sex'], 'target_column': 'x'}),
    'missing numeric target': Case(holes(), roles={'sensitive_columns': ['sex'], 'target_column': 'x'}),
    'numeric sensitive column': Case(base(), roles={'sensitive_columns': ['x'], 'target_column': 'y'}),
    'missing numeric sensitive column': Case(holes(), roles={'sensitive_columns': ['x'], 'target_column': 'y'}),
    'dates in both roles': Case(base(d=DAYS, e=DAYS[::-1]), {**COLUMNS, 'd': DATE, 'e': DATE},
                                {'sensitive_columns': ['d'], 'target_column': 'e'}),
    'several sensitive columns': Case(
        holes(race=cycle('a', 'b', 'c'), b=cycle(True, False, dtype=object)),
        {**COLUMNS, 'race': CATEGORY, 'b': FLAG},
        {'sensitive_columns': ['sex', 'race', 'b', 'x'], 'target_column': 'y', 'favorable_value': 'q'}),
    'ordinal roles': Case(base(sex=cycle('s', 'm', 'l'), y=cycle('low', 'high')),
                          {'sex': {'sdtype': 'ordinal', 'range_values': ['s', 'm', 'l']}, 'x': NUMBER,
                           'y': {'sdtype': 'ordinal', 'range_values': ['low', 'high']}}),
    'one name for a list of one': Case(base(), roles={'sensitive_columns': 'sex', 'target_column': 'y'}),
}  # fmt: skip


def check(tiny: Any, case: Case) -> None:
    """Fits, samples at three dials, and compares with what went in."""
    table, given = case.table, case.table.copy()
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', 'Some groups have fewer than 5 rows')
        synthesizer = tiny.fit(given, case.columns, case.primary_key, **case.roles)
    pd.testing.assert_frame_equal(given, table)
    for dial in (1, 0.5, 0):
        synthesizer.set_fairness(dial=dial)
        rows = synthesizer.sample(30)['table']
        assert type(rows.index) is pd.RangeIndex
        assert len(rows) == 30
        pd.testing.assert_index_equal(rows.columns, table.columns)
        pd.testing.assert_series_equal(rows.dtypes, table.dtypes)
        for name, column in case.columns.items():
            check_column(rows[name], table[name], column['sdtype'], name == case.primary_key)


def check_column(drawn: pd.Series, seen: pd.Series, sdtype: str, is_key: bool) -> None:
    """Missing only if missing was seen, levels and ranges as seen; nothing of what SDV invents but its uniqueness."""
    assert seen.isna().any() or not drawn.isna().any()
    assert not seen.isna().all() or drawn.isna().all()
    if is_key:
        assert drawn.is_unique
    if sdtype in ('categorical', 'boolean', 'ordinal'):
        assert set(drawn.dropna()) <= set(seen.dropna())
    if sdtype in ('numerical', 'datetime') and drawn.notna().any():
        assert drawn.dropna().between(seen.dropna().min(), seen.dropna().max()).all()


@pytest.mark.parametrize('case', PLAIN.values(), ids=PLAIN)
def test_a_plain_table(tiny, case):
    check(tiny, case)


@pytest.mark.parametrize('case', SHAPES.values(), ids=SHAPES)
def test_a_table_of_any_shape(tiny, case):
    check(tiny, case)


@pytest.mark.parametrize('case', TYPES.values(), ids=TYPES)
def test_columns_of_any_type(tiny, case):
    check(tiny, case)


@pytest.mark.parametrize('case', ROLES.values(), ids=ROLES)
def test_roles_of_any_type(tiny, case):
    check(tiny, case)


def test_a_missing_date_of_a_column_with_a_zone_can_be_drawn_alone(tiny):
    table = base(x=pd.Series(DAYS.tz_localize('Asia/Tokyo')).mask(np.arange(60) % 2 == 0))
    synthesizer = tiny.fit(table, {**COLUMNS, 'x': DATE}, **BOTH)
    rows = synthesizer.sample_from_conditions([Condition({'x': None}, num_rows=3)])['table']

    assert rows['x'].isna().all()
    assert rows['x'].dtype == table['x'].dtype


def test_keys_stay_unique_beside_alternate_keys(tiny):
    table = base(k=range(60), alternate=[f'a{row}' for row in range(60)])
    metadata = tiny.metadata({**COLUMNS, 'k': ID, 'alternate': ID}, 'k', alternate_keys=['alternate'])
    synthesizer = tiny.make(metadata, **BOTH)
    synthesizer.fit({'table': table})
    rows = synthesizer.sample(90, batch_size=25)['table']

    assert rows['k'].is_unique
    assert rows['alternate'].is_unique
    assert not rows.isna().any(axis=None)
    assert len(synthesizer.get_fair_representation(table[['sex', 'x']])) == 60


def test_integer_names_take_conditions_under_their_text_as_elsewhere(tiny):
    table = base().set_axis([0, 1, 2], axis=1)
    synthesizer = tiny.fit(table.copy(), {0: CATEGORY, 1: NUMBER, 2: CATEGORY}, sensitive_columns=[0], target_column=2)

    assert list(synthesizer.sample(5)['table']) == [0, 1, 2]
    assert isinstance(synthesizer.get_metadata(), Metadata)
    rows = synthesizer.sample_from_conditions([Condition({'0': 'f', '2': 'q'}, num_rows=4)])['table']
    assert rows['0'].tolist() == ['f'] * 4
    assert rows['2'].tolist() == ['q'] * 4


def test_a_table_that_is_not_the_metadatas_is_refused_as_elsewhere(tiny):
    synthesizer = tiny.make(tiny.metadata(COLUMNS), **BOTH)
    with pytest.raises(InvalidDataError, match=r"The columns \['extra'\] are not present in the metadata"):
        synthesizer.fit({'table': base(extra=1)})
    with pytest.raises(InvalidDataError, match=r"\['x'\] are not present in the data"):
        synthesizer.fit({'table': base()[['sex', 'y']]})
    with pytest.raises(ValueError, match='The fit dataframe is empty'):
        synthesizer.fit({'table': base().head(0)})


@pytest.mark.parametrize('value', [np.inf, -np.inf, 1e305])
@pytest.mark.parametrize('dtype', ['float64', 'Float64', object])
def test_infinite_numbers_are_refused_before_any_work(tiny, monkeypatch, value, dtype):
    worked = []
    monkeypatch.setattr(DataProcessor, 'prepare_for_fitting', lambda *_: worked.append('began'))
    numbers = pd.Series([value, None, *range(58)], dtype=dtype)
    with pytest.raises(FairDistillError, match=r"Column 'x' has 1 values that are infinite.*Replace them"):
        tiny.fit(base(x=numbers), COLUMNS, **BOTH)
    assert worked == []


DECIMALS = {
    'objects': cycle(*(Decimal(number) / 8 for number in range(9))),
    'with missing': cycle(Decimal('1.25'), None, Decimal('2.5')),
    'in Arrow': cycle(*(Decimal(number) / 8 for number in range(9)), dtype=pd.ArrowDtype(pa.decimal128(9, 3))),
}


@pytest.mark.parametrize('values', DECIMALS.values(), ids=DECIMALS)
def test_decimals_are_no_numbers_as_elsewhere(tiny, values):
    metadata = tiny.metadata(COLUMNS)
    for synthesizer in (tiny.make(metadata, **BOTH), CTGANSynthesizer(metadata, enable_gpu=False)):
        with pytest.raises(InvalidDataError, match=r"Invalid values found for numerical column 'x': \[Decimal"):
            synthesizer.fit({'table': base(x=values)})


def test_decimals_as_levels_come_back_as_they_are(tiny):
    table = base(x=DECIMALS['objects'])
    rows = tiny.fit(table, {**COLUMNS, 'x': CATEGORY}, **BOTH).sample(200)['table']

    assert {type(value) for value in rows['x']} == {Decimal}
    assert set(rows['x']) == set(table['x'])
