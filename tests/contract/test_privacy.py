"""A synthesizer with privacy: what it refuses, what it says, and that nothing of a single row is in what it keeps."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from sdv.cag import FixedCombinations, Inequality, OneHotEncoding
from sdv.utils import load_synthesizer

from sdv_fairdistill import FairDistillSynthesizer
from sdv_fairdistill.__main__ import main
from sdv_fairdistill.errors import FairDistillError, PrivacyError
from sdv_fairdistill.plugin.versions import frame_of
from sdv_fairdistill.privacy import Ledger, Privacy, without_values
from sdv_fairdistill.privacy.stage import Proxy

ROWS = 2_000
COLUMNS = {
    'key': {'sdtype': 'id'},
    'name': {'sdtype': 'name', 'pii': True},
    'note': {'sdtype': 'unknown'},
    'sex': {'sdtype': 'categorical'},
    'town': {'sdtype': 'categorical'},
    'owner': {'sdtype': 'boolean'},
    'age': {'sdtype': 'numerical'},
    'wealth': {'sdtype': 'numerical'},
    'joined': {'sdtype': 'datetime', 'datetime_format': '%d.%m.%Y'},
    'seen': {'sdtype': 'datetime'},
    'income': {'sdtype': 'categorical'},
}
ROLES = {'sensitive_columns': ['sex'], 'target_column': 'income', 'favorable_value': 'high'}
PUBLIC = {
    'levels': {'sex': ['f', 'm'], 'income': ['low', 'high']},
    'bounds': {'age': (18, 90), 'seen': ('2020-01-01', '2020-12-31', '1s')},
}
ODD = {  # a row whose values nobody else has, each to be recognised in bytes
    'key': 'ODDKEY-7741',
    'name': 'Oddname Oddfellow',
    'note': 'oddnote 7741',
    'sex': 'f',
    'town': 'Oddtownville',
    'owner': True,
    'age': 89,
    'wealth': 777_123_456_789.25,
    'joined': '13.07.1781',
    'seen': pd.Timestamp('2020-05-05 05:05:05'),
    'income': 'high',
}


@pytest.fixture(autouse=True)
def no_more_rows_than_needed(monkeypatch):
    """Small proxies, for time: what is tested here does not depend on how many rows are learned."""
    monkeypatch.setattr('sdv_fairdistill.plugin.private.LEAST_LEARNED', 1)


def table_of(rows=ROWS, seed=0):
    generator = np.random.default_rng(seed)
    sex = generator.choice(['f', 'm'], rows)
    days = pd.to_timedelta(generator.integers(0, 3_000, rows), 'D')
    return pd.DataFrame(
        {
            'key': [f'K{number:06}' for number in range(rows)],
            'name': [f'Somebody {number}' for number in range(rows)],
            'note': [f'remark {number}' for number in range(rows)],
            'sex': sex,
            'town': generator.choice(['Ostby', 'Vik'], rows),
            'owner': generator.choice([True, False], rows),
            'age': generator.integers(18, 90, rows),
            'wealth': generator.lognormal(3, 1, rows).round(2),
            'joined': (pd.Timestamp('2001-03-01') + days).strftime('%d.%m.%Y'),
            'seen': pd.Timestamp('2020-01-01') + pd.to_timedelta(generator.integers(0, 10**7, rows), 's'),
            'income': np.where(generator.random(rows) < np.where(sex == 'm', 0.6, 0.3), 'high', 'low'),
        }
    )


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    """A private stage that takes a second."""
    from sdv_fairdistill.privacy.choosing import ProxyConfig

    short = ProxyConfig(parts=200, rounds=6, rounds_per_column=0.5, steps=60, last_steps=20, label_steps=5)
    monkeypatch.setattr('sdv_fairdistill.privacy.stage.ProxyConfig', lambda: short)


@pytest.fixture
def surer(monkeypatch):
    """No test of what is not there fails by the noise alone: at 7 standard deviations that is once in 10^12 counts."""
    for module in ('columns', 'counting'):
        monkeypatch.setattr(f'sdv_fairdistill.privacy.{module}.SURE', 7.0)


def fitted(tiny, table, privacy=None, columns=COLUMNS, constraints=(), **arguments):
    privacy = privacy or Privacy(epsilon=5.0, delta=1e-6, **PUBLIC)
    made = tiny.make(tiny.metadata(columns, 'key'), privacy=privacy, **{**ROLES, **arguments})
    if constraints:
        made.add_constraints(list(constraints))
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        made.fit({'table': table})
    return made


def proxied(tiny, table, privacy=None, columns=COLUMNS, constraints=(), **arguments):
    """The synthesizer after its private stage, and the proxy: all that a fit would see."""
    privacy = privacy or Privacy(epsilon=5.0, delta=1e-6, **PUBLIC)
    made = tiny.make(tiny.metadata(columns, 'key'), privacy=privacy, **{**ROLES, **arguments})
    if constraints:
        made.add_constraints(list(constraints))
    seen = []
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as monkeypatch:
        warnings.simplefilter('ignore')
        monkeypatch.setattr(
            'sdv_fairdistill.plugin.private.BaseSingleTableSynthesizer.fit', lambda _, data: seen.append(data)
        )
        made.fit({'table': table})
    return made, frame_of(seen[0])


@pytest.fixture(scope='module')
def odd_table():
    return pd.concat([table_of(), pd.DataFrame([ODD])], ignore_index=True)


class TestWhatIsKept:
    def test_nothing_of_a_single_row_is_in_the_file_or_the_samples(self, tiny, odd_table, surer):
        made = fitted(tiny, odd_table, notions=['demographic_parity'])
        rows = made.sample(2_000)['table']
        kept = cloudpickle.dumps(made) + rows.to_csv().encode()

        for value in ('ODDKEY', 'Oddname', 'oddnote', 'Oddtownville', '777123456789', 'K000017', 'remark 17'):
            assert value.encode() not in kept, value
        assert not rows['joined'].str.endswith('1781').any()
        for number in (ODD['wealth'], float(len(odd_table)), -5.951318e9):  # 1781 in seconds
            assert np.float64(number).tobytes() not in kept, number
        assert rows['wealth'].max() < 1e6

    def test_without_privacy_that_search_finds_the_row(self, tiny, odd_table):
        made = tiny.make(tiny.metadata(COLUMNS, 'key'), notions=['demographic_parity'], **ROLES)
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            made.fit({'table': odd_table.copy()})
        kept = cloudpickle.dumps(made)

        assert b'Oddtownville' in kept
        assert np.float64(ODD['wealth']).tobytes() in kept

    @pytest.mark.parametrize('least', [3_000, 500])
    def test_of_a_small_table_more_rows_are_learned_than_it_has(self, tiny, surer, monkeypatch, least):
        monkeypatch.setattr('sdv_fairdistill.plugin.private.LEAST_LEARNED', least)

        made, rows = proxied(tiny, table_of())

        assert len(rows) == max(least, made.get_privacy().rows)
        assert abs(made.get_privacy().rows - ROWS) < 300

    @pytest.mark.parametrize('is_private', [False, True])
    def test_of_a_proxy_the_label_is_drawn_first_however_many_rows_it_has(self, tiny, is_private):
        made = tiny.make(
            tiny.metadata(COLUMNS, 'key'), privacy=Privacy(5.0, 1e-6, **PUBLIC) if is_private else None, **ROLES
        )
        made._config = replace(made._config, last_rows=500)
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            made.fit({'table': table_of()})

        assert (made._model.student.positions[0] > 0) != is_private

    def test_every_column_comes_back_in_its_kind_of_dtype(self, tiny, surer):
        table = table_of()
        _, rows = proxied(tiny, table)

        assert list(rows) == list(table)
        assert rows['age'].dtype == np.int64
        assert rows['wealth'].dtype == np.float64
        assert rows['seen'].dtype.kind == 'M'
        assert pd.to_datetime(rows['joined'], format='%d.%m.%Y').notna().all()
        assert set(rows['sex']) <= {'f', 'm'}
        assert rows['age'].between(18, 90).all()

    def test_that_values_are_missing_at_all_is_not_told_by_one(self, tiny, surer):
        table = table_of()
        table.loc[0, ['age', 'wealth', 'town']] = None

        _, rows = proxied(tiny, table)
        assert rows['age'].dtype == np.int64
        assert rows.notna().all(axis=None)

    def test_many_missing_values_are_learned_unless_they_are_said_not_to_be(self, tiny, surer):
        table = table_of()
        table['wealth'] = table['wealth'].where(table['sex'] == 'f')
        public = {**PUBLIC, 'complete': ['wealth']}

        assert 0.3 < proxied(tiny, table)[1]['wealth'].isna().mean() < 0.7
        _, rows = proxied(tiny, table, Privacy(epsilon=5.0, delta=1e-6, **public))
        assert rows['wealth'].notna().all()


class TestTheGuarantee:
    def test_it_is_stated_and_adds_up(self, tiny):
        statement = proxied(tiny, table_of())[0].get_privacy()

        assert 4.5 < statement.epsilon <= 5.0
        assert statement.delta == 1e-6
        assert statement.spent['share'].sum() == pytest.approx(1)
        assert statement.public['age'] == 'from 18.0 to 90.0'
        assert statement.public['town'] == 'found, and paid for'
        assert abs(statement.rows - ROWS) < 300
        assert '(5, 1e-06)-differentially private' in statement.sentence
        assert 'times as likely' in str(statement)

    def test_a_second_fit_needs_a_new_budget(self, tiny):
        made, _ = proxied(tiny, table_of())
        with pytest.raises(PrivacyError, match='is spent'):
            made.fit({'table': table_of()})

    def test_releases_share_a_ledger(self, tiny):
        shared = Ledger(epsilon=6.0, delta=1e-6)
        bounds = {**PUBLIC['bounds'], 'wealth': (0, 1_000)}  # what the second has left might be too little to find them
        public = {**PUBLIC, 'bounds': bounds}
        first = proxied(tiny, table_of(), Privacy(5.0, 1e-6, ledger=shared, **public))[0]
        second = proxied(tiny, table_of(), Privacy(5.0, 1e-6, ledger=shared, **public))[0]

        assert first.get_privacy().epsilon > second.get_privacy().epsilon
        assert 5.5 < second.get_privacy().shared[0] <= 6.0
        with pytest.raises(PrivacyError, match='is spent'):
            proxied(tiny, table_of(), Privacy(5.0, 1e-6, ledger=shared, **public))

    def test_noise_never_comes_from_the_seed(self, tiny):
        first, second = (proxied(tiny, table_of(), seed=3)[1] for _ in range(2))
        assert first.to_csv() != second.to_csv()  # of thousands of noisy counts, all would have to be the same

    def test_without_privacy_there_is_no_guarantee(self, tiny):
        with pytest.raises(FairDistillError, match='made without privacy'):
            tiny.people().get_privacy()


class TestWhatIsRefused:
    def test_rows_kept_aside(self, tiny):
        with pytest.raises(FairDistillError, match='does not go with privacy'):
            tiny.people(holdout_share=0.2, privacy=Privacy(1.0))

    @pytest.mark.parametrize('verb', ['validate', 'preprocess', 'auto_assign_transformers', 'fit_processed_data'])
    def test_other_ways_to_the_real_rows(self, tiny, verb):
        made = tiny.make(tiny.metadata(COLUMNS, 'key'), privacy=Privacy(1.0, **PUBLIC), **ROLES)
        with pytest.raises(PrivacyError, match=f'{verb} would look at the real rows'):
            getattr(made, verb)({'table': table_of(20)})

    def test_metadata_with_values_in_them_unless_public(self, tiny):
        columns = {**COLUMNS, 'town': {'sdtype': 'ordinal', 'range_values': ['Ostby', 'Vik', 'Ny']}}
        with pytest.raises(FairDistillError, match=r"values of \['town'\].*public_metadata=True"):
            proxied(tiny, table_of(), columns=columns)

        made, _ = proxied(tiny, table_of(), Privacy(5.0, 1e-6, public_metadata=True, **PUBLIC), columns)
        assert made.get_privacy().public['town'] == '3 levels'
        stripped = without_values(tiny.metadata(columns, 'key')).to_dict()['tables']['table']['columns']
        assert stripped['town'] == {'sdtype': 'categorical'}

    def test_formats_of_dates_that_would_be_guessed(self, tiny):
        columns = {**COLUMNS, 'joined': {'sdtype': 'datetime'}}
        with pytest.raises(FairDistillError, match='datetime_format'):
            proxied(tiny, table_of(), columns=columns)

    def test_a_person_column_that_would_be_learned(self, tiny):
        with pytest.raises(FairDistillError, match="person_column='town' would be learned"):
            fitted(tiny, table_of(), Privacy(1.0, person_column='town', **PUBLIC))

    def test_no_error_shows_a_value(self, tiny, monkeypatch):
        def fails(column, *_):
            raise ValueError(f'cannot read {column.iloc[-1]!r}')

        monkeypatch.setattr('sdv_fairdistill.privacy.reading.level_places', fails)
        with pytest.raises(PrivacyError, match='What failed is not said') as caught:
            fitted(tiny, pd.DataFrame([ODD] * 5))
        assert caught.value.__suppress_context__
        assert 'Oddtownville' not in str(caught.value)


class TestConstraints:
    def test_fixed_combinations_and_inequalities_hold(self, tiny):
        table = table_of()
        table['old'] = table['age'] + np.random.default_rng(0).integers(1, 5, ROWS)
        columns = {**COLUMNS, 'old': {'sdtype': 'numerical'}}
        public = {**PUBLIC, 'bounds': {**PUBLIC['bounds'], 'old': (18, 99)}}
        constraints = [FixedCombinations(['town', 'owner']), Inequality('age', 'old')]
        made = fitted(tiny, table, Privacy(20.0, 1e-6, **public), columns, constraints, notions=['demographic_parity'])

        rows = made.sample(300)['table']
        assert (rows['age'] <= rows['old']).all()

    def test_one_that_the_proxy_cannot_meet_is_refused(self, tiny, monkeypatch):
        columns = {**COLUMNS, **{name: {'sdtype': 'numerical'} for name in ('a', 'b', 'c')}}
        table = table_of()
        hot = np.eye(3, dtype=int)[np.random.default_rng(0).integers(0, 3, ROWS)]
        table[['a', 'b', 'c']] = hot
        bounds = {**PUBLIC['bounds'], **dict.fromkeys(('a', 'b', 'c'), (0, 5))}
        draw = Proxy.draw

        def drawn_apart(self, rows, generator):  # noise itself might leave rows that are all alike, and all valid
            return draw(self, rows, generator).assign(
                **dict(zip('abc', generator.integers(0, 6, (3, rows)), strict=True))
            )

        monkeypatch.setattr(Proxy, 'draw', drawn_apart)
        public = {**PUBLIC, 'bounds': bounds}
        with pytest.raises(PrivacyError, match=r'The constraints hold in [1-3]% of the rows'):
            fitted(tiny, table, Privacy(5.0, 1e-6, **public), columns, [OneHotEncoding(['a', 'b', 'c'])])


PEOPLE = table_of(600).loc[:, ['sex', 'town', 'age', 'income']]
FIT = ['fit', 'people.csv', '--sensitive', 'sex', '--target', 'income', '--favorable', 'high']
GIVEN = ['--levels', 'sex=f|m', '--levels', 'income=low|high', '--bounds', 'age = 18:90']


class TestCommandLine:
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path, monkeypatch, small_fits):
        """A folder with a file of people, and fits of a second."""
        monkeypatch.chdir(tmp_path)
        PEOPLE.to_csv('people.csv', index=False)

    def test_a_fit_states_its_guarantee_and_tells_no_number_of_rows(self, capsys):
        options = ['--epsilon', '5', '--delta', '1e-6', '--out', 'model.pkl', '--synthetic', 'rows.csv']
        assert main([*FIT, *GIVEN, *options, '--save-metadata', 'metadata.json']) == 0

        said, rows = capsys.readouterr().out, pd.read_csv('rows.csv')
        assert '(5, 1e-06)-differentially private' in ' '.join(said.split())
        assert 'It does not hide what is public' in said
        noisy = load_synthesizer('model.pkl').get_privacy().rows
        assert f'Fitted about {noisy:,} rows' in said
        assert len(rows) == noisy
        assert set(rows['sex']) <= {'f', 'm'}
        assert rows['age'].between(18, 90).all()
        saved = json.loads(Path('metadata.json').read_text(encoding='utf-8'))
        told = {name for about in saved['tables']['people']['columns'].values() for name in about}
        assert told <= {'sdtype', 'pii', 'regex_format', 'computer_representation', 'datetime_format'}

    def test_values_are_the_levels_that_they_are_spelled_like(self, monkeypatch):
        people = PEOPLE.assign(income=np.where(PEOPLE['income'] == 'high', ' 1', '00'), town=PEOPLE['sex'] == 'f')
        people = people.astype({'income': object, 'town': object, 'age': float})
        people.loc[0, ['income', 'town', 'age']] = ['odd', None, 30.5]
        people.to_csv('people.csv', index=False)
        seen = []
        monkeypatch.setattr(FairDistillSynthesizer, 'fit', lambda made, data: seen.append((made, frame_of(data))))
        monkeypatch.setattr(FairDistillSynthesizer, 'get_privacy', lambda _: SimpleNamespace(rows=600))
        monkeypatch.setattr(FairDistillSynthesizer, 'save', lambda *_: None)
        levels = ['--levels', 'sex=f|m', '--levels', 'income=0|1', '--levels', 'town=true|false']
        assert main([*FIT[:-1], '1.0', *levels, '--epsilon', '5', '--bounds', 'age=18:90', '--out', 'model.pkl']) == 0

        [(made, table)] = seen
        assert table['income'].tolist()[1:] == (PEOPLE['income'] == 'high').astype(int).tolist()[1:]
        assert table['income'][0] == 'odd'
        assert table['town'].tolist()[1:] == (PEOPLE['sex'] == 'f').tolist()[1:]
        assert type(made.favorable_value) is int
        sdtypes = {name: about['sdtype'] for name, about in made.metadata.tables['people'].to_dict()['columns'].items()}
        assert sdtypes == {
            'sex': 'categorical',
            'town': 'categorical',
            'age': 'numerical',
            'income': 'categorical',
        }

    @pytest.mark.parametrize(
        ('options', 'expected'),
        [
            (['--levels', 'sex=f|m'], 'give --epsilon too'),
            (['--epsilon', 'much'], "invalid float value: 'much'"),
            (['--epsilon', '-1'], 'epsilon'),
            (['--epsilon', 'nan'], 'epsilon'),
            (['--epsilon', '1', '--delta', '2'], 'delta'),
            (['--epsilon', '1', '--levels', 'race=a|b'], 'names no column'),
            (['--epsilon', '1', '--levels', 'sex=f|m', '--levels', 'sex=f'], "names 'sex' again"),
            (['--epsilon', '1', '--levels', 'sex=f|f'], 'repeat one'),
            (['--epsilon', '1', '--bounds', 'age=18'], 'give LOW:HIGH'),
            (['--epsilon', '1', '--bounds', 'age=18:'], 'give LOW:HIGH'),
            (['--epsilon', '1', '--bounds', 'age=90:18'], 'the first must be below the second'),
            (['--epsilon', '1', '--levels', 'income=low|highest'], '--favorable high is none of the levels'),
            (['--epsilon', '1', '--holdout-share', '0.2'], 'does not go with privacy'),
        ],
    )
    def test_what_cannot_be_used_is_refused_in_one_line(self, capsys, options, expected):
        try:
            code = main([*FIT, *options, '--out', 'model.pkl'])
        except SystemExit as end:  # argparse
            code = end.code
        assert code == 2
        [line] = capsys.readouterr().err.splitlines()
        assert expected in line
        assert not Path('model.pkl').exists()


def test_people_with_many_rows_need_a_name_and_get_more_noise(tiny):
    table = table_of().assign(person=lambda rows: [f'p{number // 3}' for number in range(len(rows))])
    privacy = Privacy(20.0, 1e-6, rows_per_person=2, person_column='person', **PUBLIC)
    made, proxy = proxied(tiny, table, privacy)

    assert made.get_privacy().is_enforced
    assert abs(made.get_privacy().rows - ROWS * 2 / 3) < 300
    assert 'set of 2 rows' in made.get_privacy().sentence
    assert 'person' not in proxy


def test_misspelled_levels_are_told_by_a_noisy_count(tiny):
    public = {**PUBLIC, 'levels': {**PUBLIC['levels'], 'town': ['ostby', 'Vik']}}
    statement = proxied(tiny, table_of(), Privacy(5.0, 1e-6, **public))[0].get_privacy()

    assert len(statement.notes) == 1
    assert "Column 'town': about" in statement.notes[0]


def test_parquet_is_refused(tiny, tmp_path):
    from sdv_fairdistill.scale import fit_from_parquet

    with pytest.raises(FairDistillError, match='does not go with fit_from_parquet'):
        fit_from_parquet(tiny.people(privacy=Privacy(1.0)), tmp_path)
