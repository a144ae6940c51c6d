"""Every dtype that pandas has for a value, in every role, through every verb: the right value, or one clear error."""

from __future__ import annotations

import datetime as dt
import warnings
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sdv.data_processing.data_processor import DataProcessor
from sdv.sampling import Condition
from sdv.utils import load_synthesizer

from sdv_fairdistill.errors import FairDistillError
from sdv_fairdistill.metrics import LabelParityRatio
from sdv_fairdistill.report import Case, Judge
from sdv_fairdistill.scale.gather import Kinds, gather
from sdv_fairdistill.scale.parquet import write
from sdv_fairdistill.views.score import LabelScore

ROWS = 120
NAMES = ('plain', 'group', 'label', 'reason')  # the same values in four orders, one for each role
ROLES = {'sensitive_columns': ['group'], 'target_column': 'label', 'admissible_columns': ['reason']}
LEVELS, NUMBER, FLAG, DATE = ({'sdtype': kind} for kind in ('categorical', 'numerical', 'boolean', 'datetime'))


class Kind(NamedTuple):
    """Values that differ, the dtype that holds them, and SDV's description of the column."""

    values: tuple
    dtype: Any
    about: dict[str, Any]
    parquet: Any = 'same'  # dtype as which the column comes back from Parquet; an error if None


def arrow(*arguments: Any) -> pd.ArrowDtype:
    return pd.ArrowDtype(pa.type_for_alias(arguments[0]) if isinstance(arguments[0], str) else arguments[0])


def named(form: str) -> dict[str, Any]:
    return {**DATE, 'datetime_format': form}


INTEGERS, FLOATS, TEXTS, FLAGS = (3, 1, 2), (1.25, 0.1, -2.5), ('b', 'a', 'c / d'), (True, False)
DAYS = (pd.Timestamp('1965-03-01'), pd.Timestamp('1970-01-01'), pd.Timestamp('2020-02-29'))
TIMES = tuple(day + pd.Timedelta('07:30:15') for day in DAYS)
ZONED = tuple(day.tz_localize('Asia/Tokyo') for day in DAYS)
PLAIN_DAYS = tuple(day.date() for day in DAYS)
TEXT_DAYS = tuple(day.strftime('%d.%m.%Y') for day in DAYS)
NUMBER_DAYS = tuple(int(day.strftime('%Y%m%d')) for day in DAYS)
BIG = tuple(10**19 + step * 10**15 for step in range(3))
LARGE = tuple(2**63 + step * 10**15 for step in range(3))

KINDS = {
    **{kind: Kind(INTEGERS, kind, NUMBER) for kind in ('int8', 'uint16', 'int64')},
    **{kind: Kind((*FLOATS, None), kind, NUMBER) for kind in ('float16', 'float32', 'float64')},
    **{kind: Kind((*INTEGERS, None), kind, NUMBER) for kind in ('Int8', 'UInt64', 'Int64')},
    **{kind: Kind((*FLOATS, None), kind, NUMBER) for kind in ('Float32', 'Float64')},
    **{f'arrow {kind}': Kind((*INTEGERS, None), arrow(kind), NUMBER) for kind in ('int8', 'uint64', 'int64')},
    **{f'arrow {kind}': Kind((*FLOATS, None), arrow(kind), NUMBER) for kind in ('float32', 'float64')},
    'python integers': Kind((*INTEGERS, None), object, NUMBER, 'Int64'),
    'python integers beyond 64 bits': Kind(BIG, object, NUMBER, None),
    'uint64 beyond 63 bits': Kind(LARGE, 'uint64', NUMBER),
    'arrow uint64 beyond 63 bits': Kind((*LARGE, None), arrow('uint64'), NUMBER),
    'python floats': Kind((*FLOATS, None), object, NUMBER, 'float64'),
    'bool': Kind(FLAGS, 'bool', FLAG),
    'boolean': Kind((*FLAGS, None), 'boolean', FLAG),
    'arrow bool': Kind((*FLAGS, None), arrow('bool'), FLAG),
    'python booleans': Kind((*FLAGS, None), object, FLAG, 'boolean'),
    'booleans as levels': Kind((*FLAGS, None), arrow('bool'), LEVELS),
    'integers as levels': Kind((*INTEGERS, None), 'Int64', LEVELS),
    'narrow floats as levels': Kind((*FLOATS, None), 'float32', LEVELS),
    'half floats as levels': Kind((*FLOATS, None), 'float16', LEVELS),
    'texts': Kind((*TEXTS, None), object, LEVELS),
    'string': Kind((*TEXTS, None), 'string', LEVELS),
    'arrow string': Kind((*TEXTS, None), arrow('string'), LEVELS, 'any'),
    'arrow large string': Kind((*TEXTS, None), arrow(pa.large_string()), LEVELS),
    'arrow dictionary': Kind((*TEXTS, None), arrow(pa.dictionary(pa.int32(), pa.string())), LEVELS, 'any'),
    'category': Kind((*TEXTS, None), pd.CategoricalDtype(['unused', *TEXTS]), LEVELS),
    'category of integers': Kind((*INTEGERS, None), pd.CategoricalDtype(INTEGERS), LEVELS, 'float64'),
    'intervals': Kind((pd.Interval(0, 1), pd.Interval(1, 2), None), 'category', LEVELS, None),
    'periods': Kind(tuple(pd.period_range('2020', periods=3, freq='M')), 'period[M]', LEVELS),
    'durations': Kind(tuple(pd.to_timedelta([1, 2, 3], 'D')), 'timedelta64[ns]', LEVELS),
    'dates as levels': Kind((*DAYS, None), arrow(pa.timestamp('us')), LEVELS),
    'days as levels': Kind((*PLAIN_DAYS, None), object, LEVELS),
    'decimals as levels': Kind((Decimal('1.50'), Decimal('2.25'), None), object, LEVELS),
    'bytes': Kind((b'a', b'b', None), object, LEVELS),
    '1 and text 1': Kind((1, '1', '(missing)', None), object, LEVELS, None),
    **{f'datetime64[{unit}]': Kind((*TIMES, None), f'datetime64[{unit}]', DATE, 'any') for unit in ('s', 'ns')},
    'datetime64[us, zone]': Kind((*ZONED, None), 'datetime64[us, Asia/Tokyo]', DATE),
    **{f'arrow timestamp {unit}': Kind((*TIMES, None), arrow(pa.timestamp(unit)), DATE) for unit in ('s', 'us', 'ns')},
    'arrow timestamp, zone': Kind((*ZONED, None), arrow(pa.timestamp('us', tz='Asia/Tokyo')), DATE),
    'arrow timestamp, zone, none missing': Kind(ZONED, arrow(pa.timestamp('ms', tz='Asia/Tokyo')), DATE),
    'arrow date32': Kind((*PLAIN_DAYS, None), arrow('date32'), DATE),
    'arrow date64': Kind((*PLAIN_DAYS, None), arrow('date64'), DATE),
    'timestamps as objects': Kind((*TIMES, None), object, DATE, 'any'),
    'zoned timestamps as objects': Kind(ZONED, object, DATE, 'any'),
    'days as objects': Kind((*PLAIN_DAYS, None), object, DATE),
    'days as objects, with a format': Kind((*PLAIN_DAYS, None), object, named('%Y-%m-%d')),
    'category of timestamps': Kind((*DAYS, None), 'category', DATE, 'any'),
    'period of months': Kind(tuple(pd.period_range('1969-11', periods=3, freq='M')), 'period[M]', DATE),
    'days as object': Kind((*TEXT_DAYS, None), object, named('%d.%m.%Y')),
    'days as string': Kind((*TEXT_DAYS, None), 'string', named('%d.%m.%Y')),
    'days as category': Kind((*TEXT_DAYS, None), 'category', named('%d.%m.%Y')),
    'days as arrow string': Kind((*TEXT_DAYS, None), arrow('string'), named('%d.%m.%Y'), 'any'),
    'times of day': Kind(('07:30:00', '12:00:00', None), object, named('%H:%M:%S')),
    'texts with a zone': Kind(tuple(f'{day}T01:00+02:00' for day in PLAIN_DAYS), object, named('%Y-%m-%dT%H:%M%z')),
    'days as int64': Kind(NUMBER_DAYS, 'int64', named('%Y%m%d')),
    'days as Int64': Kind((*NUMBER_DAYS, None), 'Int64', named('%Y%m%d')),
    'days as float64': Kind((*NUMBER_DAYS, None), 'float64', named('%Y%m%d')),
}  # fmt: skip
WRONG = {
    'lists': (pd.Series([[1], [2]] * 60), LEVELS, 'lists or other values that can change.*Convert them'),
    'tuples of lists': (pd.Series([([1],), ([2],)] * 60), LEVELS, 'lists or other values that can change'),
    'sparse numbers': (pd.Series([0.0, 1.0] * 60).astype('Sparse[float]'), NUMBER, 'sparse.to_dense'),
    'numbers in a category': (pd.Series([1, 2] * 60).astype('category'), NUMBER, 'holds no numbers other than'),
    'far dates': (pd.Series(np.array(['1500-01-01', '9999-12-31'] * 60, 'datetime64[s]')), DATE, 'between 1677.*2262'),
    'far days': (pd.Series([dt.date(2020, 1, 1), dt.date(9999, 12, 31)] * 60), DATE, 'between 1677.*2262'),
    'integers beyond any float': (pd.Series([1, 10**400] * 60, dtype=object), NUMBER, 'infinite or beyond'),
}  # fmt: skip
SPELLED = {
    'datetime64[ns]': ['1970-01-01 07:30:15', TIMES[1].to_pydatetime(), np.datetime64(TIMES[1])],
    'datetime64[us, zone]': ['1970-01-01', DAYS[1], ZONED[1].tz_convert('UTC')],
    'arrow timestamp, zone': ['1970-01-01', DAYS[1], ZONED[1].tz_convert('UTC')],
    'arrow date32': ['1970-01-01', DAYS[1], PLAIN_DAYS[1]],
    'days as objects': ['1970-01-01', DAYS[1], PLAIN_DAYS[1]],
    'days as object': ['1970-01-01', DAYS[1], PLAIN_DAYS[1], '1.1.1970'],
    'days as Int64': ['1970-01-01', DAYS[1], '19700101', 19700101.0],
    'days as levels': ['1970-01-01', DAYS[1]],
    'dates as levels': ['1970-01-01', PLAIN_DAYS[1]],
    'intervals': ['(1.0, 2.0]'],
    'narrow floats as levels': [0.1, np.float32(0.1)],
    'float32': [0.1, np.float32(0.1), np.float64(np.float32(0.1))],
    'Int64': [1.0, np.int8(1), True],
    'integers as levels': [1.0, np.int8(1)],
    'bool': [0, np.False_, 0.0],
}


def column_of(kind: Kind, turn: int) -> pd.Series:
    """Rows of the values in turn, in the kind's dtype; ``turn`` makes another order of them."""
    values = [kind.values[(row + turn * (row // len(kind.values))) % len(kind.values)] for row in range(ROWS)]
    return pd.Series(values, dtype=object).astype(kind.dtype)


def table_of(kind: Kind) -> pd.DataFrame:
    return pd.DataFrame({name: column_of(kind, turn) for turn, name in enumerate(NAMES)})


def present(kind: Kind) -> list:
    return column_of(kind, 0).dropna().astype(object).unique().tolist()


def described(kind: Kind) -> dict[str, dict[str, Any]]:
    return dict.fromkeys(NAMES, kind.about)


def is_of(column: pd.Series, seen: pd.Series) -> bool:
    """Whether a column has the dtype and values of another, and values are missing in it only if they are there."""
    values = set(seen.dropna().astype(object))
    is_missing_known = seen.isna().any() or not column.isna().any()
    return column.dtype == seen.dtype and is_missing_known and set(column.dropna().astype(object)) <= values


@pytest.fixture(scope='module')
def fits(tiny):
    """Gives a fitted synthesizer of each kind, fitted once, without the trees that would tell its labels' odds."""
    made = {}

    def shares(tokens: np.ndarray, layout: Any, *_: Any) -> LabelScore:
        counts = np.bincount(tokens[:, layout.target], minlength=layout.classes)
        return LabelScore(*[np.tile(counts / len(tokens), (len(tokens), 1))] * 2)

    def fit(name: str) -> Any:
        if name not in made:
            kind = KINDS[name]
            with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
                warnings.simplefilter('ignore')
                patch.setattr('sdv_fairdistill.views.build.label_score', shares)
                roles = {**ROLES, 'favorable_value': present(kind)[0], 'notion': 'conditional_parity'}
                synthesizer = tiny.make(tiny.metadata(described(kind)), **roles)
                synthesizer._config = replace(synthesizer._config, student_steps=4, pool_batches=1, mixture_rows=64)
                synthesizer.fit({'table': table_of(kind)})
            made[name] = synthesizer
        return made[name]

    return fit


every_kind = pytest.mark.parametrize('name', KINDS)


@every_kind
def test_rows_have_the_types_and_values_that_were_fitted(fits, name):
    table, rows = table_of(KINDS[name]), fits(name).sample(120)['table']

    assert [column for column in NAMES if not is_of(rows[column], table[column])] == []
    assert rows.nunique(dropna=False).tolist() == table.nunique(dropna=False).tolist()


@every_kind
def test_values_can_be_conditions_in_every_role(fits, name):
    kind, seen = KINDS[name], column_of(KINDS[name], 0)
    values = [present(kind)[0], present(kind)[-1], *([None] if None in kind.values else [])]
    for place, value in enumerate(values):
        wanted = {'plain': value, 'group': values[place - 1], 'label': values[place - 2]}
        rows = fits(name).sample_from_conditions([Condition(wanted, num_rows=2)])['table']
        assert len(rows) == 2
        for column, one in wanted.items():
            met = rows[column].isna() if one is None else [drawn == one for drawn in rows[column]]
            assert all(met), (column, one, rows[column].tolist())
            assert rows[column].dtype == seen.dtype


@every_kind
def test_remaining_columns_keep_what_is_known(fits, name):
    known = table_of(KINDS[name])[['plain', 'label']].iloc[[0, 3]]
    rows = fits(name).sample_remaining_columns(known)['table']

    pd.testing.assert_frame_equal(rows[['plain', 'label']].isna(), known.isna())
    pd.testing.assert_series_equal(rows[['plain', 'label']].dtypes, known.dtypes)
    for column in known:
        assert (rows[column].dropna().astype(object) == known[column].dropna().astype(object)).all()


@every_kind
def test_representation_and_saving(fits, name, tmp_path):
    table, synthesizer = table_of(KINDS[name]), fits(name)
    synthesizer.save(tmp_path / 'saved.pkl')
    loaded = load_synthesizer(tmp_path / 'saved.pkl')

    fair = synthesizer.get_fair_representation(table.drop(columns='label'))
    pd.testing.assert_frame_equal(fair, loaded.get_fair_representation(table))
    assert is_of(loaded.sample(20)['table']['plain'], table['plain'])


@every_kind
def test_labels_are_judged_by_group_in_every_dtype(name):
    kind = KINDS[name]
    table, favorable = table_of(kind), present(kind)[0]
    labelled = table[table['label'].notna()]
    desired = labelled['label'].map(lambda label: label == favorable).to_numpy(dtype=bool)
    shares = pd.Series(desired).groupby(pd.factorize(labelled['group'].astype(object))[0]).mean()
    given = {'sensitive_columns': 'group', 'target_column': 'label', 'favorable_value': favorable, 'resamples': 0}
    found = LabelParityRatio.compute_breakdown(table, table, {'columns': described(kind)}, **given)
    rates = [group['rate'] for group in found['rates']['label rate'].values()]

    assert len(rates) == table['group'].nunique(dropna=False)
    assert np.allclose(sorted(rates), sorted(shares))


@pytest.mark.parametrize('name', ['arrow timestamp, zone', 'arrow dictionary', 'Int64', 'days as objects', 'float16'])
def test_a_whole_report_is_made_in_odd_dtypes(name):
    kind = KINDS[name]
    table = table_of(kind)
    case = Case.of(table, {'copy': table}, {'columns': described(kind)}, ['group'], 'label', present(kind)[0])
    judge = Judge(case)

    assert judge.quality('copy') == pytest.approx(1)
    assert judge.diagnostic('copy') == pytest.approx(1)
    assert 0 <= judge.model('copy', 'logistic').auc <= 1
    assert set(judge.associations('copy').index) == {'plain', 'reason'}


@every_kind
def test_parquet_gives_back_or_refuses(name, tmp_path):
    kind = KINDS[name]
    table, file = table_of(kind)[['plain']], tmp_path / 'rows.parquet'
    if kind.parquet is None:
        with pytest.raises(FairDistillError, match='cannot be written as Parquet'):
            write(table, file)
        return
    write(table, file)
    back = pd.read_parquet(file)['plain']

    assert kind.parquet == 'any' or back.dtype == (table['plain'].dtype if kind.parquet == 'same' else kind.parquet)
    assert (back.isna() == table['plain'].isna()).all()
    assert (back.dropna().astype(object) == table['plain'].dropna().astype(object)).all()


@every_kind
def test_rows_that_a_sample_lacks_are_found_in_every_dtype(name):
    kind = KINDS[name]
    table = table_of(kind)
    sample, more = gather(table, 0, np.array([0]), Kinds.of(described(kind)))
    values = pd.concat([sample, more])['plain']

    if kind.about in (LEVELS, FLAG):
        assert values.nunique() == table['plain'].nunique()
    assert values.isna().any() == table['plain'].isna().any()


@pytest.mark.parametrize('name', SPELLED)
def test_a_value_may_be_spelled_in_other_ways(fits, name):
    kind, synthesizer = KINDS[name], fits(name)
    table, about = table_of(kind), {'columns': described(kind)}
    wanted = present(kind)[1]
    for spelled in SPELLED[name]:
        rows = synthesizer.sample_from_conditions([Condition({'plain': spelled}, num_rows=2)])['table']
        assert rows['plain'].astype(object).tolist() == [wanted] * 2, spelled
        case = Case.of(table, {}, about, ['group'], 'label', spelled, holdout=table)
        assert case.task.labels(case.task.schema.read(table)).sum() == (table['label'] == wanted).sum(), spelled


@pytest.mark.parametrize(('column', 'about', 'message'), WRONG.values(), ids=WRONG)
def test_what_cannot_be_learned_is_refused_before_any_work(tiny, monkeypatch, column, about, message):
    worked = []
    monkeypatch.setattr(DataProcessor, 'prepare_for_fitting', lambda *_: worked.append('began'))
    table = pd.DataFrame({'v': column, 'y': ['p', 'q', 'q'] * 40})
    with pytest.raises((FairDistillError, ValueError), match=message) as caught:
        tiny.fit(table, {'v': about, 'y': LEVELS}, target_column='y')

    assert "'v'" in str(caught.value)
    assert worked == []
