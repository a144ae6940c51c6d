"""Several tables: keys match, the label's table is fair, the others are there, and what cannot be is said at once."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sdv.cag import FixedCombinations
from sdv.errors import InvalidDataError, VersionError
from sdv.metadata import Metadata
from sdv.single_table import CTGANSynthesizer, GaussianCopulaSynthesizer
from sdv.utils import load_synthesizer

from sdv_fairdistill import FairDistillSynthesizer, FairIndependentSynthesizer, evaluate
from sdv_fairdistill.errors import FairDistillError, RoleError
from sdv_fairdistill.plugin import saved

from .conftest import CONFIG

LEARNING = replace(  # the label
    CONFIG, teacher_features=24, dropout=0, batch=32, least_batch=32, student_steps=200, pool_batches=32
)

ROLES = {'sensitive_columns': ['sex'], 'target_column': 'credit', 'favorable_value': 'good'}
ID, CATEGORY, NUMBER = {'sdtype': 'id'}, {'sdtype': 'categorical'}, {'sdtype': 'numerical'}
PEOPLE = {'person': ID, 'town': ID, 'sex': CATEGORY, 'work': CATEGORY, 'age': NUMBER, 'credit': CATEGORY}
COLUMNS = {
    'towns': {'town': {**ID, 'regex_format': 'T[0-9]{4}'}, 'size': NUMBER, 'founded': {'sdtype': 'datetime'}},
    'people': PEOPLE,
    'loans': {'loan': ID, 'payer': ID, 'warrantor': ID, 'amount': NUMBER},
    'badges': {'person': ID, 'color': CATEGORY},
    'meetings': {'town': ID, 'loan': ID},
}
KEYS = {'towns': 'town', 'people': 'person', 'loans': 'loan', 'badges': 'person'}
RELATIONS = [
    ('towns', 'people', 'town'),
    ('people', 'loans', 'payer'),
    ('people', 'loans', 'warrantor'),
    ('people', 'badges', 'person'),
    ('towns', 'meetings', 'town'),
    ('loans', 'meetings', 'loan'),
]

# Loads a synthesizer, and writes the tables that it draws next.
OTHER_PROCESS = """
import sys
import pandas as pd
from sdv.utils import load_synthesizer
synthesizer = load_synthesizer(sys.argv[1])
draw = getattr(synthesizer, 'sample_scale', synthesizer.sample)
pd.to_pickle(draw(scale=0.5), sys.argv[2])
"""


def draw(synthesizer, scale=1.0):
    """Samples, by the verb of the installed SDV that takes a scale."""
    return getattr(synthesizer, 'sample_scale', synthesizer.sample)(scale=scale)


def draw_tables():
    """Towns, people who live there, loans that two of them stand for, badges, meetings in a town about a loan."""
    generator = np.random.default_rng(3)
    days = pd.Timestamp('1850-01-01') + pd.to_timedelta(generator.integers(0, 9_000, 20), 'D')
    names = [f'T{number:04}' for number in range(20)]
    towns = pd.DataFrame({'town': names, 'size': generator.lognormal(3, 1, 20), 'founded': days})
    sex = generator.choice(['female', 'male'], 300)
    people = pd.DataFrame(
        {
            'person': np.arange(300) + 5000,
            'town': pd.Series(generator.choice(names[:15], 300)).mask(generator.random(300) < 0.1),
            'sex': sex,
            'work': generator.choice(['none', 'part', 'full'], 300),
            'age': generator.integers(18, 80, 300),
            'credit': np.where(generator.random(300) < np.where(sex == 'male', 0.8, 0.2), 'good', 'bad'),
        }
    )
    loans = pd.DataFrame(
        {
            'loan': np.arange(450),
            'payer': generator.choice(people['person'][:200], 450),
            'warrantor': generator.choice(people['person'], 450),
            'amount': generator.integers(10, 500, 450),
        }
    )
    badges = pd.DataFrame({'person': people['person'][:220], 'color': generator.choice(['red', 'blue'], 220)})
    meetings = pd.DataFrame({'town': generator.choice(names, 80), 'loan': generator.choice(loans['loan'], 80)})
    return {'towns': towns, 'people': people, 'loans': loans, 'badges': badges, 'meetings': meetings}


def describe(columns=COLUMNS):
    tables = {
        name: {'columns': described, **({'primary_key': KEYS[name]} if name in KEYS else {})}
        for name, described in columns.items()
    }
    relationships = [
        {
            'parent_table_name': parent,
            'parent_primary_key': KEYS[parent],
            'child_table_name': child,
            'child_foreign_key': key,
        }
        for parent, child, key in RELATIONS
    ]
    return Metadata.load_from_dict({'tables': tables, 'relationships': relationships})


def make(metadata=None, label_table='people', tiny=True, **more):
    arguments = {**ROLES, 'notion': 'demographic_parity', 'epochs': 2, 'seed': 0, 'enable_gpu': False, **more}
    synthesizer = FairIndependentSynthesizer(metadata or describe(), label_table, **arguments)
    if tiny:
        synthesizer.fair_synthesizer._config = CONFIG
    return synthesizer


@pytest.fixture(scope='module')
def data():
    return draw_tables()


@pytest.fixture(scope='module')
def tables(data):
    """A synthesizer fitted to the tables; not to be fitted again, its dial left at 1."""
    synthesizer = make(epochs=20)
    synthesizer.fair_synthesizer._config = LEARNING
    synthesizer.fit(dict(data))
    return synthesizer


@pytest.fixture
def fresh(tables):
    """The same, as it was right after the fit."""
    tables.reset_sampling()
    yield tables
    tables.set_fairness(dial=1)


def share_ratio(people):
    shares = (people['credit'] == 'good').groupby(people['sex']).mean()
    return shares.min() / shares.max()


@pytest.mark.parametrize('scale', [0.3, 1.0, 2.5])
def test_every_key_refers_to_a_row_that_is_there(fresh, data, scale):
    drawn = draw(fresh, scale)

    assert {name: list(rows) for name, rows in drawn.items()} == {name: list(rows) for name, rows in data.items()}
    for name, rows in drawn.items():
        assert abs(len(rows) - scale * len(data[name])) < 1
    for parent, child, key in RELATIONS:
        keys = drawn[parent][KEYS[parent]]
        assert keys.is_unique
        assert drawn[child][key].dropna().isin(keys).all()
        assert abs(drawn[child][key].isna().mean() - data[child][key].isna().mean()) < 0.01
    assert drawn['badges']['person'].is_unique


def test_as_many_rows_refer_to_one_as_in_the_data(fresh, data):
    drawn = draw(fresh)

    for parent, child, key in RELATIONS:
        real, synthetic = (
            sorted(rows[child][key].value_counts().reindex(rows[parent][KEYS[parent]], fill_value=0))
            for rows in (data, drawn)
        )
        assert synthetic == real, (child, key)


def test_columns_keep_their_types(fresh, data):
    drawn = draw(fresh)

    assert {name: dict(rows.dtypes) for name, rows in drawn.items()} == {
        name: dict(rows.dtypes) for name, rows in data.items()
    }


def test_the_label_is_fair_at_the_dial_that_is_chosen(fresh, data):
    fair = share_ratio(draw(fresh, 3.0)['people'])
    fresh.set_fairness(dial=0)
    raw = share_ratio(draw(fresh, 3.0)['people'])

    assert share_ratio(data['people']) < 0.3
    assert raw < 0.5
    assert fair > 0.95


def test_the_sampled_tables_can_be_judged(fresh, data):
    judged = evaluate(data, draw(fresh), fresh.fair_synthesizer.get_metadata(), **ROLES)

    assert judged.table().loc['Label parity ratio'].tolist() == pytest.approx(
        [share_ratio(data['people']), 1], abs=0.03
    )
    assert len(fresh.fair_synthesizer.get_fair_representation(data['people'].head(7))) == 7


def test_a_fit_can_be_repeated(data):
    synthesizer, drawn = make(), []
    for _ in range(2):
        synthesizer.fit(dict(data))
        drawn.append(draw(synthesizer, 0.5))

    for name, rows in drawn[0].items():
        pd.testing.assert_frame_equal(drawn[1][name], rows)


def test_the_same_tables_come_after_a_reset_and_from_a_file(fresh, data, tmp_path):
    fresh.save(tmp_path / 'tables.pkl')
    first, second = draw(fresh, 0.5), draw(fresh, 0.5)
    fresh.reset_sampling()
    command = [sys.executable, '-c', OTHER_PROCESS, tmp_path / 'tables.pkl', tmp_path / 'drawn.pkl']
    variables = {**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONHASHSEED': '8'}  # another order of sets
    subprocess.run(command, check=True, timeout=300, env=variables, capture_output=True)
    others = (draw(fresh, 0.5), pd.read_pickle(tmp_path / 'drawn.pkl'))

    for name, rows in first.items():
        for other in others:
            pd.testing.assert_frame_equal(other[name], rows)
    assert not first['loans'].equals(second['loans'])
    assert not set(first['people']['person']) & set(second['people']['person'])


def test_a_file_of_another_major_version_says_so(tables, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(saved, 'version', lambda _: '9.0.0')
        tables.save(tmp_path / 'tables.pkl')

    with pytest.raises(VersionError, match=r'saved with SDV 9\.0\.0'):
        load_synthesizer(tmp_path / 'tables.pkl')


def test_what_is_set_holds_when_sdv_makes_a_synthesizer_anew(data):
    synthesizer = make(synthesizers={'loans': CTGANSynthesizer}, notions=['demographic_parity', 'unawareness'])
    synthesizer.set_table_parameters('loans', {'epochs': 3})
    synthesizer.set_fairness(notion='unawareness', dial=0.5)
    synthesizer.set_table_parameters('people', {'epochs': 2})
    synthesizer.add_constraints([FixedCombinations(column_names=['sex', 'work'], table_name='people')])
    kinds = {name: synthesizer.get_table_parameters(name)['synthesizer_name'] for name in COLUMNS}
    loans, people = (synthesizer.get_table_parameters(name)['synthesizer_parameters'] for name in ('loans', 'people'))

    assert kinds == {
        **dict.fromkeys(COLUMNS, 'GaussianCopulaSynthesizer'),
        'people': 'FairDistillSynthesizer',
        'loans': 'CTGANSynthesizer',
    }
    assert loans['epochs'] == 3
    assert {**people, **ROLES, 'notion': 'unawareness', 'dial': 0.5, 'epochs': 2, 'seed': 0} == people
    assert synthesizer.get_parameters()['parameters']['sensitive_columns'] == ['sex']


def test_constraints_of_the_labels_table_hold_beside_another_synthesizer(data):
    people = data['people'].assign(work=np.where(data['people']['sex'] == 'male', 'full', 'part'))
    synthesizer = make(tiny=False, synthesizers={'loans': CTGANSynthesizer})
    synthesizer.set_table_parameters('loans', {'epochs': 1, 'enable_gpu': False})
    synthesizer.add_constraints([FixedCombinations(column_names=['sex', 'work'], table_name='people')])
    synthesizer.fair_synthesizer._config = CONFIG
    synthesizer.fit({**data, 'people': people})
    drawn = draw(synthesizer)

    assert set(zip(drawn['people']['sex'], drawn['people']['work'], strict=True)) == {
        ('male', 'full'),
        ('female', 'part'),
    }
    assert drawn['loans']['payer'].isin(drawn['people']['person']).all()
    assert len(synthesizer.get_loss_values('loans')) == 1


def test_the_callers_random_numbers_are_left_alone_and_nothing_is_warned_of(tables, data):
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    tables.validate(dict(data))
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        draw(tables, 0.1)

    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002


CLASSES = {'an unknown table': {'house': CTGANSynthesizer}, 'ours': {'people': GaussianCopulaSynthesizer}}
REFUSED = {
    'no such table': ({'label_table': 'persons'}, FairDistillError, "'persons' is not in .*'towns', 'people'"),
    'no such argument': ({'sensitive_column': 'sex'}, FairDistillError, r"no arguments \['sensitive_column'\]"),
    'no such column': ({'sensitive_columns': ['gender']}, RoleError, "names 'gender', which is not in the metadata"),
    'a column of another table': ({'sensitive_columns': ['color']}, RoleError, "names 'color', which is not in"),
    'a foreign key': ({'sensitive_columns': ['town']}, RoleError, "names 'town', whose sdtype is 'id'"),
    'no such dial': ({'dial': 2}, FairDistillError, 'dial'),
    **{
        f'a class for {what}': ({'synthesizers': given}, FairDistillError, rf"names \['{next(iter(given))}'\]: it can")
        for what, given in CLASSES.items()
    },
    'no class': ({'synthesizers': {'towns': 'CTGAN'}}, FairDistillError, "'CTGAN' for the table 'towns': give a class"),
    'no class of a single table': (
        {'synthesizers': {'towns': FairIndependentSynthesizer}}, FairDistillError, 'give a class of sdv.single_table',
    ),
}  # fmt: skip


@pytest.mark.parametrize(('arguments', 'kind', 'message'), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused_at_once(arguments, kind, message):
    with pytest.raises(kind, match=message):
        make(tiny=False, **arguments)


def spoilt(data, **columns):
    return {**data, 'people': data['people'].assign(**columns)}


@pytest.mark.parametrize(
    ('change', 'kind', 'message'),
    [
        (lambda data: {**data, 'people': data['people'].head(90)}, InvalidDataError, 'payer'),
        (lambda data: {name: data[name] for name in data if name != 'towns'}, InvalidDataError, 'towns'),
        (lambda data: spoilt(data, credit='bad'), InvalidDataError, "'credit' .target_column. has the single value"),
        (lambda data: spoilt(data, work=[[]] * 300), FairDistillError, "'work' of the given data holds lists"),
    ],
    ids=['keys of rows that are not there', 'a table is missing', 'one label only', 'lists'],
)
def test_tables_that_cannot_be_learned_are_refused_before_any_is(data, monkeypatch, change, kind, message):
    for one in (FairDistillSynthesizer, GaussianCopulaSynthesizer):
        monkeypatch.setattr(one, '_fit', lambda *_: pytest.fail('work had begun'))

    with pytest.raises(kind, match=message):
        make().fit(change(data))
